"""What is run, how often, and when a run is stopped: decided from the times of the first round, by rules that the page states."""

REPETITIONS = ((5, 5), (20, 3))  # (longest run of a round in seconds, repetitions); beyond the last, one
PATIENCE = 15  # seconds every run may take
BEHIND = 2  # a peer may take so many times longer than the fastest before it; then it is stopped
HOPELESS = 3  # a peer that took so many times longer than the fastest is not repeated, unless it is quick to run
QUICK = 3  # seconds on the wall


def repetitions(longest, most):
    """How often a round whose longest run takes so many seconds deserves to be run, if there is time."""
    return min(most, next((count for seconds, count in REPETITIONS if longest <= seconds), 1))


def stopped_after(walls, limit):
    """Seconds that the next run of a peer may take. @param walls  those of the peers before it in this case and round"""
    return min(limit, max(PATIENCE, BEHIND * min(walls))) if walls else limit


def hopeless(rows, ours):
    """Of the rows of a round: the peers that cannot be the fastest any more and are not quick to run, as (tool, threads)."""
    totals = {(row["tool"], row["threads"]): row["total"] for row in rows if row["tool"] != ours and row.get("total")}
    slow = {(row["tool"], row["threads"]) for row in rows if row["wall"] > QUICK}
    return {key for key, total in totals.items() if key in slow and total > HOPELESS * min(totals.values())}


def behind(summaries, ours):
    """Of the summaries of a case, {(tool, threads): summary}: the peers that were stopped, or far slower than the fastest and not quick.

    @return {tool: True when it is behind}; tools that have not been measured are not in it
    """
    best = {}
    for (tool, _), item in summaries.items():
        if tool != ours and (item["total"] is not None or item["status"] == "limit"):
            best[tool] = min(best.get(tool, float("inf")), item["total"] or float("inf"))
    return {tool: total > max(QUICK, HOPELESS * min(best.values())) for tool, total in best.items()}


def plan(rounds, seconds, most):
    """How often each case is measured in all, so that what is still to do fits into what is left.

    @param rounds   {case: (seconds of the longest run, seconds of a round, rounds done)} of what will be repeated
    @param seconds  what is left
    @return {case: repetitions, those done included}
    """
    counts = {case: max(done, repetitions(longest, most)) for case, (longest, _, done) in rounds.items()}

    def further(case):
        return (counts[case] - rounds[case][2]) * rounds[case][1]

    while sum(map(further, counts)) > seconds and any(counts[case] > rounds[case][2] for case in counts):
        counts[max((case for case in counts if counts[case] > rounds[case][2]), key=further)] -= 1
    return counts

"""Measure the cases, tools and thread counts asked for, interleaved, and write CSV, tables and plots. Called by `run`.

Every case is measured once before any is repeated; every run is written as soon as it has ended, and a measurement that is interrupted leaves its page.
"""
import argparse
import datetime
import fnmatch
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import time

import cases
import report
import schedule
import tools

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICK = {"reps": 2, "limit": 20.0, "minutes": 2.5}  # unless asked for otherwise
PUBLISH = {"reps": 5, "limit": 150.0, "minutes": 26.0}
PATIENT = {"reps": 5, "limit": 300.0, "minutes": math.inf}
USUAL = (tools.OURS, "quimb", "tenpy", "tenpy-sz", "aer", "aer-own-svd")  # the peers that were fastest in some case
HEAVY = (tools.OURS, "quimb", "tenpy", "tenpy-sz")  # those that are fastest from MaxDim 256 on


def arguments():
    parser = argparse.ArgumentParser(prog="bench/peers/run", description=__doc__)
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cases", default="*", help="names or patterns, separated by commas (all)")
    parser.add_argument("--tools", help=f"of {', '.join([tools.OURS, *tools.PEERS])} (as each case says)")
    parser.add_argument("--threads", help="thread counts, separated by commas (1 and all, as each case says)")
    parser.add_argument("--reps", type=int, help="interleaved repetitions of what is short (5; --quick 2)")
    parser.add_argument("--limit", type=float, help="seconds for one run; beyond it is reported as > limit (300; --publish 150; --quick 20)")
    parser.add_argument("--minutes", type=float,
                        help="the repetitions that fit are planned after the first round; past this time no run begins (unlimited; "
                        "--publish 26; --quick 2.5)")
    parser.add_argument("--quick", action="store_true", help="small cases only, under three minutes")
    parser.add_argument("--publish", action="store_true", help="write into docs/ instead of the build directory, in 26 minutes")
    parser.add_argument("--report-only", action="store_true", help="measure nothing, write tables and plots again")
    parser.add_argument("--commit", help="what the program was built from (git describe of this tree)")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    return parser.parse_args()


def chosen(names, patterns):
    return [name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in patterns.split(","))]


def thread_counts(text):
    cores = len(os.sched_getaffinity(0))
    counts = {cores if word == "all" else int(word) for word in text.split(",")}
    return sorted(count for count in counts if 1 <= count <= cores)


def largest_difference(one, other):
    """Largest difference of any <X>, <Y>, <Z>; None when one is missing."""
    if not one or not other:
        return None
    return max(abs(a - b) for mine, theirs in zip(one, other) for a, b in zip(mine, theirs))


def show(case, tool, threads, rep, result):
    total = result.get("total")
    said = f"{total:.3f} s" if result["status"] == "ok" else result["status"] + " " + result.get("reason", "")
    print(f"    {case.name:20} rep {rep}  {tool:12} {threads} threads  {said}", flush=True)


def contenders_of(bench, case, options, behind):
    """What to measure: what was asked for, else what the case says.

    @param behind  {tool: case} of peers that were far behind in an easier case
    @return [(tool, threads)], and {tool: why not} of the absent
    """
    usual = HEAVY if case.heavy else [tools.OURS, *tools.PEERS] if case.full else USUAL
    names = case.tools or [name for name in (tools.OURS, *tools.PEERS) if name in usual]
    asked = chosen([tools.OURS, *tools.PEERS], options.tools) if options.tools else names
    every = thread_counts(options.threads or "1,all")

    def counts(tool):
        if options.threads or case.kind == "rows":
            return every
        if tool == tools.OURS:
            return every[-1:] if case.heavy else every
        return every if case.full else every[:1]

    reasons = {tool: bench.missing(case, tool) for tool in asked}
    absent = {tool: reason for tool, reason in reasons.items() if reason not in (None, tools.NOT_ASKED)}
    absent |= {tool: f"{schedule.HOPELESS} times slower than the fastest in {behind[tool]}" for tool in asked
               if reasons[tool] is None and tool in behind and not options.tools}
    # By threads, so that a peer's best comes early: what follows is stopped when it takes much longer.
    present = sorted(((tool, threads) for tool in asked if tool not in absent and reasons[tool] is None for threads in counts(tool)),
                     key=lambda item: (item[0] != tools.OURS, item[1]))
    return present, absent


class Measured:
    """One case on its way: its circuits, the exact values, who takes part and what has come out."""

    def __init__(self, bench, case, options, behind):
        self.bench, self.case, self.options = bench, case, options
        self.circuits = cases.write_circuits(case, bench.work / "circuits")
        self.contenders, self.absent = contenders_of(bench, case, options, behind)
        self.exact, self.vector = bench.exact(case, self.circuits, max(thread_counts("all")))
        self.out, self.states, self.infidelities, self.rounds = set(), {}, {}, []

    def round(self, results):
        """Every contender once, in an order that turns from round to round; each run is in the results as soon as it has ended."""
        rep, rows, walls = len(self.rounds), [], []
        if rep == 0:
            results.replace(self.described([{"tool": tool, "threads": 0, "rep": 0, "status": "absent", "reason": reason}
                                            for tool, reason in self.absent.items()]))
        turn = rep % max(len(self.contenders), 1)
        for tool, threads in self.contenders[turn:] + self.contenders[:turn]:
            left = self.options.deadline - time.perf_counter()
            if (tool, threads) in self.out or left <= 0:
                continue
            limit = schedule.stopped_after(walls if tool != tools.OURS else [], self.options.limit)
            result = self.bench.measure(self.case, self.circuits, tool, threads, rep == 0, min(limit, left),
                                        self.vector if tool not in self.infidelities else None)
            show(self.case, tool, threads, rep, result)
            if result["status"] != "ok":
                self.out.add((tool, threads))
            elif tool != tools.OURS:
                walls.append(result["wall"])
            self.infidelities.setdefault(tool, result.get("infidelity"))
            self.states.setdefault((tool, threads), result.pop("xyz", None))
            result.setdefault("limit", self.bench.allowed)
            rows.append({"tool": tool, "threads": threads, "rep": rep, "load1": os.getloadavg()[0]} | result)
            results.replace(self.described(rows[-1:]))
        if rep == 0:
            self.out |= schedule.hopeless(rows, tools.OURS)
            self.warn(rows)
        self.rounds.append(rows)

    def described(self, rows):
        """The same rows with what identifies them, and the differences of their results."""
        mine = next((xyz for (tool, _), xyz in sorted(self.states.items()) if tool == tools.OURS), None)
        for row in rows:
            xyz = self.states.get((row["tool"], row["threads"]))
            row |= {"date": self.options.date, "session": self.options.session, "commit": self.options.commit, "case": self.case.name,
                    "qubits": self.case.qubits, "max_dim": self.case.max_dim, "cutoff": self.case.cutoff, "count": self.case.count,
                    "diff_ours": None if row["tool"] == tools.OURS else largest_difference(xyz, mine),
                    "diff_exact": largest_difference(xyz, self.exact), "infidelity": self.infidelities.get(row["tool"])}
        return rows

    def warn(self, rows):
        """Names a peer that is further from us than truncation explains: 4 sqrt(2 eps) of ours, and 1e-4 for many small errors that add up."""
        eps = max((row.get("error") or 0 for row in rows if row["tool"] == tools.OURS), default=0)
        allowed = 1e-4 + 4 * (2 * eps) ** 0.5
        for tool in sorted({row["tool"] for row in rows if (row["diff_ours"] or 0) > allowed}):
            print(f"    {self.case.name}: {tool} differs from bondflow by more than truncation explains ({allowed:.1e})", flush=True)

    def cost(self):
        """(seconds of the longest run, seconds of a round, rounds done), from the last round, of what would be repeated."""
        walls = [row["wall"] for row in self.rounds[-1] if (row["tool"], row["threads"]) not in self.out]
        return max(walls, default=0), sum(walls), len(self.rounds)


def behind_in_easier(case, listed, results):
    """{tool: case} of the peers that were far behind in a case that is easier than this one, or easier than that one, and so on."""
    found, known, here = {}, set(), case
    while here.easier:
        here = next(other for other in listed if other.name == here.easier)
        rows = [row for row in results.rows if row["case"] == here.name]
        late = schedule.behind(report.summarised(rows), tools.OURS)
        found |= {tool: here.name for tool, is_behind in late.items() if is_behind and tool not in known}
        known |= set(late)
    return found


def measure_all(bench, wanted, listed, results, options):
    """The first round of every case, then further rounds of all cases in turn, as many as the time allows."""
    begun, measured = time.perf_counter(), []
    for case in wanted:
        if time.perf_counter() > options.deadline:
            print(f"    {case.name}: left out, the time is over", flush=True)
            continue
        measured.append(Measured(bench, case, options, behind_in_easier(case, listed, results)))
        measured[-1].round(results)
    for _ in range(1, options.reps):
        # Planned again for every pass: a first run does more, as it also gives the state or the evolution alone.
        counts = schedule.plan({item.case.name: item.cost() for item in measured}, options.deadline - time.perf_counter(), options.reps)
        numbers = list(counts.values())
        print(f"==> {(time.perf_counter() - begun) / 60:.1f} minutes. Repetitions planned: "
              + ", ".join(f"{number} of {numbers.count(number)} cases" for number in sorted(set(numbers), reverse=True)), flush=True)
        for item in measured:
            if len(item.rounds) < counts[item.case.name] and time.perf_counter() < options.deadline:
                item.round(results)
    print(f"==> Measured in {(time.perf_counter() - begun) / 60:.1f} minutes", flush=True)


def versions(bench):
    """Versions of what was compared, by virtual environment."""
    found = {}
    for place in ("venv", "venv-matcha"):
        python = bench.work / place / "bin" / "python"
        if python.exists():
            text = subprocess.run([python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
                                  capture_output=True, text=True, check=True).stdout
            found[place] = {item["name"]: item["version"] for item in json.loads(text)}
    return found


def settle(options):
    """The numbers nobody has given."""
    for name, value in (QUICK if options.quick else PUBLISH if options.publish else PATIENT).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    now = datetime.datetime.now(datetime.timezone.utc)
    options.date, options.session = f"{now:%Y-%m-%d}", f"{now:%H:%M:%S}"
    options.deadline = time.perf_counter() + 60 * options.minutes
    options.commit = options.commit or subprocess.run(["git", "-C", ROOT, "describe", "--always"], capture_output=True,
                                                      text=True, check=False).stdout.strip()


def interrupted(number, frame):
    raise KeyboardInterrupt


def main():
    options = arguments()
    every = cases.cases()
    listed = [case for case in every if case.quick or not options.quick]
    names = chosen([case.name for case in listed if options.cases != "*" or not case.costly], options.cases)
    if options.list:
        print("\n".join(f"{case.name:22} {case.qubits:4} qubits, MaxDim {case.max_dim:5}  {case.title}" for case in listed))
        return 0
    if not names:
        print(f"bench/peers/run: error: no case matches '{options.cases}', expected one of --list", file=sys.stderr)
        return 2
    settle(options)
    bench = tools.Bench(options.program, options.work, options.limit)
    results = report.Results(ROOT / "docs" if options.publish else bench.work / "report")
    signal.signal(signal.SIGTERM, interrupted)
    code = 0
    if not options.report_only:
        results.about(versions(bench))
        try:
            measure_all(bench, [case for case in listed if case.name in names], every, results, options)
        except KeyboardInterrupt:
            print("==> Interrupted; the page has what was measured before", flush=True)
            code = 130
    report.write(results, every)
    print(f"==> {results.page}")
    return code


if __name__ == "__main__":
    sys.exit(main())

"""Results as CSV, and from the CSV the page docs/benchmarks.md with its plots."""
import csv
import json
import os
import pathlib
import platform
import statistics

import schedule
import tools

FIELDS = ("date", "session", "commit", "case", "qubits", "max_dim", "cutoff", "count", "tool", "threads", "rep", "status", "reason", "evolve",
          "measure", "total", "cpu", "wall", "load", "peak_mib", "baseline_mib", "bond", "error", "diff_ours", "diff_exact", "infidelity",
          "limit", "load1", "blas")
MEMORY_MARGIN = 30  # MiB above the leanest peer that are allowed
NO_BREAK = "\u00a0"  # a space at which tables do not break a line
SAME_ERROR = 1.001  # errors that differ by less are equal,
SMALL_ERROR = 1e-10  # and those are that differ by less than this
MEASURES = (("infidelity", "infidelity"), ("diff_exact", "largest error of a value"), ("error", "1-F est."))  # the first that both have
NUMBERS = {"qubits", "max_dim", "count", "threads", "rep", "bond"}
TEXTS = {"date", "session", "commit", "case", "tool", "status", "reason", "blas"}


class Results:
    """The measurements of one folder: benchmarks/results.csv, benchmarks/about.json, and the page beside them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "benchmarks"
        self.page = pathlib.Path(folder) / "benchmarks.md"
        self.table, self.facts = self.folder / "results.csv", self.folder / "about.json"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rows = []
        if self.table.exists():
            with open(self.table, encoding="utf-8", newline="") as file:
                self.rows = [row for row in map(self._read, csv.DictReader(file)) if row["tool"] in tools.TITLES]

    @staticmethod
    def _read(row):
        def value(name, text):
            if name in TEXTS:
                return text
            return None if text in ("", None) else int(float(text)) if name in NUMBERS else float(text)

        return {name: value(name, row.get(name, "")) for name in FIELDS}

    def replace(self, rows):
        """New rows join those of the same case and commit, and push out those of another commit; the file is written at once."""
        new = {(row["case"], row["commit"]) for row in rows}
        self.rows = [row for row in self.rows if all(row["case"] != case or row["commit"] == commit for case, commit in new)]
        self.rows += [{name: row.get(name) for name in FIELDS} for row in rows]
        whole = self.table.with_suffix(".part")
        with open(whole, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            for row in self.rows:
                writer.writerow({name: short(value) for name, value in row.items()})
        whole.replace(self.table)

    def about(self, versions):
        """What was compared where: processor, cores, versions. No names of machines."""
        model = "unknown processor"
        if pathlib.Path("/proc/cpuinfo").exists():
            lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
            fields = {line.split(":")[0].strip(): line.split(":", 1)[1].strip() for line in lines if ":" in line}
            model = f"{fields.get('model name', model)} (family {fields.get('cpu family')}, model {fields.get('model')})"
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        facts = {"processor": model, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory), "kernel": platform.release(),
                 "python": platform.python_version(), "versions": versions}
        self.facts.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def short(value):
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else value


def summarised(rows):
    """{(tool, threads): median and spread of each number} of the rows of one case."""
    groups = {}
    for row in rows:
        groups.setdefault((row["tool"], row["threads"]), []).append(row)
    return {key: summary(group) for key, group in groups.items()}


def summary(group):
    good = [row for row in group if row["status"] == "ok"]
    first = dict(group[0])
    bad = next((row for row in group if row["status"] != "ok"), None)
    if bad:
        first |= {"status": bad["status"], "reason": bad["reason"], "limit": bad["limit"]}
    for name in ("evolve", "measure", "total", "cpu", "wall", "peak_mib", "baseline_mib", "bond", "error", "diff_exact", "infidelity"):
        values = [row[name] for row in good if row[name] is not None]
        first[name] = statistics.median(values) if values else None
    totals = [row["total"] for row in good if row["total"] is not None]
    first |= {"reps": len(totals), "low": min(totals, default=None), "high": max(totals, default=None),
              "by_rep": {(row["session"], row["rep"]): row["total"] for row in good}}
    return first


def ratio(theirs, ours):
    """Median over repetitions of their time over ours, pair by pair: numbers of one repetition of one session only."""
    pairs = [theirs["by_rep"][rep] / ours["by_rep"][rep] for rep in theirs["by_rep"] if rep in ours["by_rep"]]
    return statistics.median(pairs) if pairs else None


def fastest(summaries, ours):
    """Our fastest run or that of the peers, by median. @return its summary, or None"""
    done = [item for (tool, _), item in summaries.items() if (tool == tools.OURS) == ours and item["total"] is not None]
    return min(done, key=lambda item: item["total"], default=None)


def hardest_peer(summaries, mine):
    """The peer with the smallest ratio to ours; where all were stopped, that with the smallest lower bound.

    @return (its summary or None, the ratio or None, whether this is a lower bound)
    """
    peers = [item for (tool, _), item in summaries.items() if tool != tools.OURS] if mine else []
    done = [(ratio(item, mine), item) for item in peers]
    done = [pair for pair in done if pair[0] is not None]
    stopped = [(item["limit"] / mine["total"], item) for item in peers if item["total"] is None and item["status"] == "limit"]
    times, theirs = min(done or stopped, key=lambda pair: pair[0], default=(None, None))
    return theirs, times, not done and bool(stopped)


def errors(mine, theirs):
    """By the best measure that both have. @return (its name, ours, theirs), or None"""
    for name, title in MEASURES:
        if mine[name] is not None and theirs[name] is not None:
            return title, mine[name], theirs[name]
    return None


def no_larger(ours, theirs):
    return ours <= SAME_ERROR * theirs + SMALL_ERROR


def at_equal_error(theirs, mine, family):
    """Their time over ours with a MaxDim for which our error is no larger than theirs.

    @param family  our fastest summaries of cases that differ from this one in MaxDim only
    @return (ratio, MaxDim), or None where no measured MaxDim is large enough
    """
    found = errors(mine, theirs)
    if no_larger(found[1], found[2]):
        times = ratio(theirs, mine)
        return (times, mine["max_dim"]) if times else None
    enough = [item for item in family if (pair := errors(item, theirs)) and pair[0] == found[0] and no_larger(*pair[1:])]
    best = min(enough, key=lambda item: item["total"], default=None)
    return (theirs["total"] / best["total"], best["max_dim"]) if best else None


def hardest_at_equal_error(summaries, mine, family):
    """Over all peers whose error is known.

    @return (ratio, MaxDim, the peer's summary); None where there is none, or where the hardest has a smaller error than we at any MaxDim
    """
    found = []
    for (tool, _), item in summaries.items():
        if tool != tools.OURS and item["total"] is not None and errors(mine, item):
            pair = at_equal_error(item, mine, family)
            found.append((*pair, item) if pair else (ratio(item, mine) or float("inf"), None, item))
    times, max_dim, item = min(found, key=lambda entry: entry[0], default=(None, None, None))
    return (times, max_dim, item) if max_dim else None


def seconds(value):
    if value is None:
        return "–"
    said = f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.3f} s" if value < 1 else f"{value:.2f} s" if value < 100 else f"{value:.0f} s"
    return said.replace(" ", NO_BREAK)


def number(value, form=".1e"):
    return "–" if value is None else f"{value:{form}}"


CASE_COLUMNS = ("program", "threads", "evolve", "measure", "both (smallest – largest)", "CPU", "reps", "times ours", "peak MiB (before the run)",
                "bond", "1-F est.", "differs from ours", "error", "infidelity")


def row_of(cells):
    return f"| {' | '.join(cells)} |"


def table(columns, rows):
    return [row_of(columns), "|---" * len(columns) + "|", *map(row_of, rows)]


def case_row(tool, threads, item, ours):
    """@param ours  our summary with as many threads, or with all"""
    title = f"**{tools.TITLES[tool]}**" if tool == tools.OURS else tools.TITLES[tool]
    if item["total"] is None:
        stopped = item["status"] == "limit"
        said = f"> {seconds(item['limit'])}" if stopped else ": ".join(filter(None, (item["status"], item["reason"])))
        times = f"> {times_of(item['limit'] / ours['total'])}" if stopped and ours else ""
        return [title, str(threads or "–"), "", "", said, "", "", times, *[""] * 6]
    times = ratio(item, ours) if ours and tool != tools.OURS else None
    base = f" ({item['baseline_mib']:.0f})" if item["baseline_mib"] else ""
    return [title, str(threads), seconds(item["evolve"]), seconds(item["measure"]),
            f"{seconds(item['total'])} ({seconds(item['low'])} – {seconds(item['high'])})", seconds(item["cpu"]), str(item["reps"]),
            "–" if times is None else times_of(times), f"{item['peak_mib']:.0f}{base}", number(item["bond"], ".0f"), number(item["error"]),
            number(item["diff_ours"]), number(item["diff_exact"]), number(item["infidelity"])]


def case_lines(summaries):
    """The table of one case, fastest first."""
    order = sorted(summaries.items(), key=lambda item: (item[1]["total"] is None, item[1]["total"] or item[1]["limit"] or 1e9, item[0]))
    mine = {threads: item for (tool, threads), item in summaries.items() if tool == tools.OURS and item["total"] is not None}
    return table(CASE_COLUMNS, [case_row(tool, threads, item, mine.get(threads, fastest(summaries, True))) for (tool, threads), item in order])


def times_of(value):
    return f"{value:.1f}x" if value < 100 else f"{value:.0f}x"


def leanest_peer(summaries):
    return min((item["peak_mib"] for (tool, _), item in summaries.items() if tool != tools.OURS and item["peak_mib"]), default=None)


class Verdict:
    """One line of the table at the top: who is the fastest, at which error, and what has to be explained."""

    def __init__(self, case, summaries, family):
        self.case = case
        self.mine = fastest(summaries, True)
        self.theirs, self.times, self.bound = hardest_peer(summaries, self.mine)
        self.equal = hardest_at_equal_error(summaries, self.mine, family) if self.mine else None
        self.leanest = leanest_peer(summaries)

    def faults(self):
        """What the remark of a case must explain: a peer that is faster, a target missed, memory above the leanest peer's."""
        found = []
        times = min(self.times, self.equal[0]) if self.equal and self.times else self.times
        if self.mine is None:
            found.append("not done")
        elif times is not None and times < max(self.case.target, 1) and not (self.bound and times >= 1):
            found.append("not won" if times < 1 else f"below the target of {self.case.target:g}x")
        elif self.bound and times < self.case.target:
            found.append(f"no peer was given the time to show whether the target of {self.case.target:g}x is reached")
        if self.mine and self.leanest and self.mine["peak_mib"] > self.leanest + MEMORY_MARGIN:
            found.append(f"more than {MEMORY_MARGIN} MiB above the leanest peer")
        return found

    def error(self):
        """Ours beside that of the fastest peer, in words."""
        pair = errors(self.mine, self.theirs) if self.mine and self.theirs else None
        if pair is None:
            return "–"
        title, ours, theirs = pair
        if not no_larger(ours, theirs):
            return f"larger: {ours:.1e}, theirs {theirs:.1e} ({title})"
        word = "equal" if no_larger(theirs, ours) else "smaller"
        return f"{word} ({title})"

    def at_equal_error(self):
        if self.equal is None:
            return "–"
        times, max_dim, peer = self.equal
        if max_dim == self.case.max_dim and peer is self.theirs:
            return times_of(times)
        other = [] if peer["tool"] == self.theirs["tool"] else [tools.TITLES[peer["tool"]]]
        other += [] if max_dim == self.case.max_dim else [f"MaxDim {max_dim}"]
        return f"{times_of(times)} ({', '.join(other)})" if other else times_of(times)

    def cells(self):
        won = self.times is None or self.times >= 1
        ours, theirs = seconds(self.mine and self.mine["total"]), "–"
        if self.theirs:
            theirs = f"> {seconds(self.theirs['limit'])}" if self.bound else seconds(self.theirs["total"])
        peer = f"{tools.TITLES[self.theirs['tool']]}, {self.theirs['threads']} thr." if self.theirs else "–"
        times = "–" if self.times is None else f"> {times_of(self.times)}" if self.bound else times_of(self.times)
        target = "–" if not self.case.target else f"{self.case.target:g}x" + (", **missed**" if any("target of" in fault or fault == "not won" for fault in self.faults()) else "")
        return [self.case.name, f"**{ours}**" if won else ours, peer, theirs if won else f"**{theirs}**", times, self.error(), self.at_equal_error(),
                target, f"{number(self.mine and self.mine['peak_mib'], '.0f')}{NO_BREAK}/{NO_BREAK}{number(self.leanest, '.0f')}"]


def remark_lines(verdicts, remarks):
    """Why a case is not won, misses its target or takes much memory, as far as remarks.json knows."""
    lines = []
    for verdict in verdicts:
        faults, name = verdict.faults(), verdict.case.name
        if faults:
            if name not in remarks:
                print(f"    {name}: {', '.join(faults)}; remarks.json does not say why")
            lines.append(f"- **{name}**, {', '.join(faults)}." + (f" {remarks[name]}" if name in remarks else ""))
    return ["What is not won, or misses its target, and why:", "", *lines, ""] if lines else []


def families(done):
    """{family: its cases}, ours alone included, by MaxDim."""
    found = {}
    for case in done:
        if case.family:
            found.setdefault(case.family, []).append(case)
    return {name: sorted(members, key=lambda case: case.max_dim) for name, members in found.items()}


def equal_error_lines(members, by_case, ours):
    """Every peer at every MaxDim beside the quickest of our runs whose state is as near to the exact one."""
    rows = []
    for case in members:
        for tool in tools.PEERS:
            items = [item for (name, _), item in by_case[case.name].items() if name == tool and item["total"] is not None]
            theirs = min(items, key=lambda item: item["total"], default=None)
            if theirs is None or theirs["infidelity"] is None:
                continue
            enough = [item for item in ours if item["infidelity"] is not None and no_larger(item["infidelity"], theirs["infidelity"])]
            mine = min(enough, key=lambda item: item["total"], default=None)
            rows.append([tools.TITLES[tool], str(case.max_dim), number(theirs["infidelity"], ".3e"), seconds(theirs["total"])]
                        + ([str(mine["max_dim"]), number(mine["infidelity"], ".3e"), seconds(mine["total"]),
                            times_of(theirs["total"] / mine["total"])] if mine else ["–"] * 4))
    if not rows:
        return []
    return ["## At equal or smaller error", "",
            f"{members[0].title}, {members[0].qubits} qubits. Beside every peer the quickest run of bondflow whose infidelity is no larger (by more than 0.1 %), at "
            "whatever MaxDim that takes.", "",
            *table(("peer", "MaxDim", "infidelity", "time", "bondflow's MaxDim", "infidelity", "time", "ratio"), rows), ""]


def machine_lines(results):
    if not results.facts.exists():
        return []
    facts = json.loads(results.facts.read_text(encoding="utf-8"))
    packages = {name: version for place in reversed(facts["versions"].values()) for name, version in place.items()}  # the first counts
    named = [f"{name} {packages[name]}" for name in ("qiskit-aer", "quimb", "physics-tenpy", "mqt-yaqs", "qmatchatea", "numpy",
                                                     "numba") if name in packages]
    dates = sorted({row["date"] for row in results.rows})
    commits = sorted({row["commit"] for row in results.rows if row["commit"]})
    blas = {}  # the programs by what they use
    for tool in tools.TITLES:
        used = next((row["blas"] for row in results.rows if row["tool"] == tool and row["blas"]), None)
        blas.setdefault(used, []).append(tools.TITLES[tool])
    lines = [f"Measured {' and '.join(dates)} on {facts['cores']} cores of an {facts['processor']}, {facts['memory_gib']} GiB; "
             f"bondflow at {', '.join(commits)}; Python {facts['python']}, {', '.join(named)}.", "",
             "BLAS in use:", "", *[f"- {'; '.join(names)}: {used}" for used, names in blas.items() if used]]
    return lines


def load_line(results):
    """How busy the machine was: on a busy one processor time says more than the clock."""
    loads = [row["load1"] for row in results.rows if row["load1"] is not None]
    if not loads:
        return []
    cores = json.loads(results.facts.read_text(encoding="utf-8"))["cores"] if results.facts.exists() else os.cpu_count()
    if statistics.median(loads) <= cores + 1:
        return []
    return [f"**The machine was shared with other work**: load average {min(loads):.0f} to {max(loads):.0f} on {cores} cores, so that times on "
            "the clock are longer than they need be and spread widely; processor time (CPU, case by case) is the steadier number.", ""]


def rules():
    """How often, and for how long at most."""
    lengths = ", ".join(f"{count} where no run takes longer than {longest} s" for longest, count in schedule.REPETITIONS)
    return (f"Repetitions, interleaved: {lengths}, else one; the time given may allow fewer. A peer is stopped after {schedule.BEHIND} times what the "
            f"fastest before it took, {schedule.PATIENCE} s at least: \"> 15 s\" and \"> 10x\" are lower bounds. A peer {schedule.HOPELESS} times slower than "
            "the fastest is not repeated, unless it is quick to run, and is not asked in harder cases of its kind.")


def write(results, all_cases, pictures=True):
    """The page, and its plots if wanted."""
    here = pathlib.Path(__file__).resolve().parent
    remarks = json.loads((here / "remarks.json").read_text(encoding="utf-8"))
    by_case = {case.name: summarised([row for row in results.rows if row["case"] == case.name]) for case in all_cases}
    done = [case for case in all_cases if by_case[case.name]]
    drawn = []
    if pictures:
        import plots

        drawn = plots.draw(results.folder, done, by_case)
    kin = families(done)
    ours = {name: [item for case in members if (item := fastest(by_case[case.name], True))] for name, members in kin.items()}
    verdicts = [Verdict(case, by_case[case.name], ours.get(case.family, [])) for case in done if not case.ours_only]
    lines = ["# Side by side", "", "<!-- Written by bench/peers/run; change that, not this. -->", "",
             "Same circuits, same MaxDim and Cutoff, same cores. How it is measured and how to read it: "
             "[bench/peers/README.md](../bench/peers/README.md). All numbers: [results.csv](benchmarks/results.csv).", ""]
    lines += machine_lines(results)
    lines += ["", "## In short", "",
              "Times are medians, of evolution and all ⟨X⟩, ⟨Y⟩, ⟨Z⟩ together, or of the whole job for tables of rows and shots; each program with the thread "
              "count that suits it best. The ratio is the median over runs side by side. At equal error: the ratio to the peer that is hardest to beat once our "
              "MaxDim is as large as it takes for an error no larger than that peer's. MiB: peak memory of the whole process, ours / the leanest peer's.", "",
              rules(), "", *load_line(results)]
    lines += table(("case", "bondflow", "fastest peer", "its time", "ratio", "our error", "at equal error", "target", "MiB"),
                   [verdict.cells() for verdict in verdicts]) + [""]
    lines += remark_lines(verdicts, remarks)
    lines += [f"![{title}](benchmarks/{name})\n" for name, title in drawn]
    for name, members in kin.items():
        if members[0].exact is True:
            lines += equal_error_lines(members, by_case, ours[name])
    lines += ["## Case by case", ""]
    for case in done:
        lines += [f"### {case.name}", "", f"{case.title}; {case.qubits} qubits, MaxDim {case.max_dim}, Cutoff {case.cutoff:g}.", "",
                  *case_lines(by_case[case.name]), ""]
    results.page.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")

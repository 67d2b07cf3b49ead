"""Results as CSV, and from the CSV the page docs/benchmarks.md with its plots."""
import csv
import json
import os
import pathlib
import platform
import statistics

import plots
import tools

FIELDS = ("date", "session", "commit", "case", "qubits", "max_dim", "cutoff", "count", "tool", "threads", "rep", "status", "reason", "evolve",
          "measure", "total", "cpu", "wall", "load", "peak_mib", "baseline_mib", "bond", "error", "diff_ours", "diff_exact", "infidelity",
          "limit", "load1", "blas")
MEMORY_MARGIN = 30  # MiB above the leanest peer that are allowed
LEAST_CPU = 0.5  # seconds; below it the start of the process is most of what is counted
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
                self.rows = [self._read(row) for row in csv.DictReader(file)]

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
        with open(self.table, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            for row in self.rows:
                writer.writerow({name: short(value) for name, value in row.items()})

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
        first |= {"status": bad["status"], "reason": bad["reason"]}
    for name in ("evolve", "measure", "total", "cpu", "wall", "peak_mib", "baseline_mib", "bond", "error", "infidelity"):
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


def best_of_ours(summaries):
    ok = [item for (tool, _), item in summaries.items() if tool == tools.OURS and item["total"] is not None]
    return min(ok, key=lambda item: item["total"], default=None)


def hardest_peer(summaries, mine):
    """The peer with the smallest ratio to ours. @return (its summary, the ratio), or (None, None)"""
    found = [(ratio(item, mine), item) for (tool, _), item in summaries.items() if tool != tools.OURS] if mine else []
    found = [(times, item) for times, item in found if times is not None]
    return min(found, key=lambda pair: pair[0])[::-1] if found else (None, None)


def seconds(value):
    if value is None:
        return "–"
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.3f} s" if value < 1 else f"{value:.2f} s" if value < 100 else f"{value:.0f} s"


def number(value, form=".1e"):
    return "–" if value is None else f"{value:{form}}"


def case_lines(case, summaries):
    """The table of one case, fastest first."""
    lines = ["| program | threads | evolve | measure | both (smallest – largest) | CPU | reps | times ours | peak MiB (before the run) | bond | 1-F est. | differs from ours | error | infidelity |",
             "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"]
    order = sorted(summaries.items(), key=lambda item: (item[1]["total"] is None, item[1]["total"] or 0, item[0]))
    for (tool, threads), item in order:
        title = tools.TITLES[tool]
        if item["total"] is None:
            said = f"> {item['limit']:.0f} s" if item["status"] == "limit" else ": ".join(filter(None, (item["status"], item["reason"])))
            lines.append(f"| {title} | {threads or '–'} | | | {said} | | | | | | | | | |")
            continue
        ours = summaries.get((tools.OURS, threads))
        times = ratio(item, ours) if ours and tool != tools.OURS and ours["total"] is not None else None
        base = f" ({item['baseline_mib']:.0f})" if item["baseline_mib"] else ""
        lines.append(
            f"| {'**' + title + '**' if tool == tools.OURS else title} | {threads} | {seconds(item['evolve'])} | "
            f"{seconds(item['measure'])} | {seconds(item['total'])} ({seconds(item['low'])} – {seconds(item['high'])}) | {seconds(item['cpu'])} | {item['reps']} | "
            f"{number(times, '.1f')} | {item['peak_mib']:.0f}{base} | {number(item['bond'], '.0f')} | {number(item['error'])} | "
            f"{number(item['diff_ours'])} | {number(item['diff_exact'])} | {number(item['infidelity'])} |")
    return lines


def leanest_peer(summaries):
    return min((item["peak_mib"] for (tool, _), item in summaries.items() if tool != tools.OURS and item["peak_mib"]), default=None)


def verdict(case, summaries, remarks):
    """What the remark of a case must explain: a peer that is faster, a target missed, memory above the leanest peer's."""
    mine = best_of_ours(summaries)
    _, times = hardest_peer(summaries, mine)
    leanest = leanest_peer(summaries)
    found = []
    if mine is None:
        found.append("not done")
    elif times is not None and times < max(case.target, 1):
        found.append("not won" if times < 1 else f"below the target of {case.target:g}x")
    if mine and leanest and mine["peak_mib"] > leanest + MEMORY_MARGIN:
        found.append(f"more than {MEMORY_MARGIN} MiB above the leanest peer")
    if found and case.name not in remarks:
        print(f"    {case.name}: {', '.join(found)}; remarks.json does not say why")
    return found


def summary_line(case, summaries, remarks):
    mine = best_of_ours(summaries)
    theirs, times = hardest_peer(summaries, mine)
    found = verdict(case, summaries, remarks)
    remark = ". ".join([f"**{', '.join(found)}**", remarks[case.name]] if found and case.name in remarks else
                       [f"**{', '.join(found)}**"] if found else [])
    leanest = leanest_peer(summaries)
    peer = f"{tools.TITLES[theirs['tool']]}, {theirs['threads']} thr." if theirs else "–"
    cpu = [min((item["cpu"] for (tool, threads), item in summaries.items()
                if (tool == tools.OURS) == who and threads == 1 and item["cpu"]), default=None) for who in (True, False)]
    work = f"{cpu[1] / cpu[0]:.1f}x" if all(cpu) and cpu[0] > LEAST_CPU else "–"
    target = f"{case.target:g}x" if case.target else "–"
    return (f"| {case.name} | {seconds(mine and mine['total'])} | {peer} | {seconds(theirs and theirs['total'])} | "
            f"{'–' if times is None else format(times, '.1f') + 'x'} | {work} | {target} | {number(mine and mine['peak_mib'], '.0f')} | "
            f"{number(leanest, '.0f')} | {remark} |")


def machine_lines(results):
    if not results.facts.exists():
        return []
    facts = json.loads(results.facts.read_text(encoding="utf-8"))
    packages = {name: version for place in facts["versions"].values() for name, version in place.items()}
    named = [f"{name} {packages[name]}" for name in ("qiskit-aer", "quimb", "physics-tenpy", "mqt-yaqs", "qmatchatea", "numpy",
                                                     "numba") if name in packages]
    dates = sorted({row["date"] for row in results.rows})
    commits = sorted({row["commit"] for row in results.rows if row["commit"]})
    blas = {}
    for row in results.rows:
        if row["blas"] and row["tool"] not in blas:
            blas[row["tool"]] = row["blas"]
    lines = [f"Measured {' and '.join(dates)} on {facts['cores']} cores of an {facts['processor']}, {facts['memory_gib']} GiB; "
             f"bondflow at {', '.join(commits)}; Python {facts['python']}, {', '.join(named)}.", "",
             "BLAS in use: " + "; ".join(f"{tools.TITLES[tool]}: {what}" for tool, what in blas.items()) + "."]
    return lines


def load_line(results):
    """How busy the machine was: on a busy one the CPU ratio says more than the clock."""
    loads = [row["load1"] for row in results.rows if row["load1"] is not None]
    if not loads:
        return []
    cores = json.loads(results.facts.read_text(encoding="utf-8"))["cores"] if results.facts.exists() else os.cpu_count()
    if statistics.median(loads) <= cores + 1:
        return []
    return [f"**The machine was shared with other work**: load average {min(loads):.0f} to {max(loads):.0f} on {cores} cores, so that times on "
            "the clock are longer than they need be and spread widely; the CPU ratio is the steadier number.", ""]


def write(results, all_cases):
    """The page and its plots."""
    here = pathlib.Path(__file__).resolve().parent
    remarks = json.loads((here / "remarks.json").read_text(encoding="utf-8"))
    by_case = {case.name: summarised([row for row in results.rows if row["case"] == case.name]) for case in all_cases}
    done = [case for case in all_cases if by_case[case.name]]
    drawn = plots.draw(results.folder, done, by_case)
    lines = ["# Side by side", "", "<!-- Written by bench/peers/run; change that, not this. -->", "",
             "Same circuits, same MaxDim and Cutoff, same cores. How it is measured and how to read it: "
             "[bench/peers/README.md](../bench/peers/README.md). All numbers: [results.csv](benchmarks/results.csv).", ""]
    lines += machine_lines(results)
    lines += ["", "## In short", "", "Evolution and all ⟨X⟩, ⟨Y⟩, ⟨Z⟩, medians; each program with the thread count that suits it best; the ratio is the median over runs side by side. "
              "CPU ratio: processor time of the most frugal peer over ours, one thread each, the start of bondflow counted and that of "
              "the peers not, from 0.5 s on. Peak memory of the whole process.", "", *load_line(results),
              "| case | bondflow | fastest peer | its time | ratio | CPU ratio | target | MiB | leanest peer's MiB | remark |",
              "|---|---|---|---|---|---|---|---|---|---|"]
    lines += [summary_line(case, by_case[case.name], remarks) for case in done]
    lines += [""] + [f"![{title}](benchmarks/{name})\n" for name, title in drawn]
    lines += ["## Case by case", ""]
    for case in done:
        rule = f"MaxDim {case.max_dim}, Cutoff {case.cutoff:g}"
        lines += [f"### {case.name}", "", f"{case.title}; {case.qubits} qubits, {rule}.", ""]
        lines += case_lines(case, by_case[case.name]) + [""]
    results.page.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")

"""Measure the cases, tools and thread counts asked for, interleaved, and write CSV, tables and plots. Called by `run`."""
import argparse
import datetime
import fnmatch
import json
import math
import os
import pathlib
import subprocess
import sys
import time

import cases
import report
import tools

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICK_SECONDS = 150
PUBLISH = {"reps": 3, "limit": 60.0, "case_seconds": 30.0, "minutes": 25.0}  # unless asked for otherwise
USUAL = (tools.OURS, "aer", "aer-own-svd", "quimb", "tenpy")  # the peers that were fastest in some case
HEAVY = (tools.OURS, "aer", "quimb", "tenpy")
HOPELESS = 3  # a peer that took so many times longer than the fastest one is not repeated


def arguments():
    parser = argparse.ArgumentParser(prog="bench/peers/run", description=__doc__)
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cases", default="*", help="names or patterns, separated by commas (all)")
    parser.add_argument("--tools", help=f"of {', '.join([tools.OURS, *tools.PEERS])} (as each case says)")
    parser.add_argument("--threads", help="thread counts, separated by commas (1 and all, as each case says)")
    parser.add_argument("--reps", type=int, help="interleaved repetitions (5; --publish 3)")
    parser.add_argument("--limit", type=float, help="seconds for one run; beyond it is reported as > limit (300; --publish 60)")
    parser.add_argument("--case-seconds", type=float, help="a case begins no new repetition after this many seconds (3600; --publish 30)")
    parser.add_argument("--minutes", type=float, help="no new run begins after this many minutes (unlimited; --publish 25)")
    parser.add_argument("--quick", action="store_true", help="small cases only, under three minutes")
    parser.add_argument("--publish", action="store_true", help="write into docs/ instead of the build directory, in 25 minutes")
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


def measure_case(bench, case, circuits, contenders, exact, options):
    """All repetitions of one case. The order of the tools turns from repetition to repetition.

    @return rows for the CSV, and {(tool, threads): xyz}
    """
    rows, states, out, told, aside = [], {}, set(), set(), 0.0
    start = time.perf_counter()
    for rep in range(options.reps):
        if rep and time.perf_counter() - start - aside > options.case_seconds:
            break
        turn = rep % len(contenders)
        for tool, threads in contenders[turn:] + contenders[:turn]:
            if (tool, threads) in out or time.perf_counter() > options.deadline:
                continue
            result = bench.measure(case, circuits, tool, threads, rep == 0, min(options.limit, options.deadline - time.perf_counter()),
                                   None if tool in told else exact)
            aside += result.pop("aside", 0.0)
            told.add(tool)
            show(case, tool, threads, rep, result)
            if result["status"] != "ok":
                out.add((tool, threads))
            states.setdefault((tool, threads), result.pop("xyz", None))
            result["limit"] = bench.allowed
            rows.append({"tool": tool, "threads": threads, "rep": rep, "load1": os.getloadavg()[0]} | result)
        if rep == 0:
            out |= hopeless(rows)
    return rows, states


def hopeless(rows):
    """The peers that cannot be the fastest any more."""
    totals = {(row["tool"], row["threads"]): row["total"] for row in rows if row["tool"] != tools.OURS and row.get("total")}
    return {key for key, total in totals.items() if total > HOPELESS * min(totals.values())}


def contenders_of(bench, case, options):
    """(tool, threads) to measure: what was asked for, else what the case says."""
    usual = list(tools.PEERS) if case.full or case.tools else HEAVY if case.heavy else USUAL
    asked = chosen([tools.OURS, *tools.PEERS], options.tools) if options.tools else [tools.OURS, *[tool for tool in tools.PEERS if tool in usual]]
    every = thread_counts(options.threads or "1,all")

    def counts(tool):
        if options.threads or case.full or case.kind == "rows":
            return every
        return every[-1:] if case.heavy else every if tool == tools.OURS else every[:1]

    present = [tool for tool in asked if not bench.missing(case, tool)]
    absent = [tool for tool in asked if bench.missing(case, tool) not in (None, "not asked")]
    return [(tool, threads) for tool in present for threads in counts(tool)], absent


def described(rows, case, states, exact, options):
    """The same rows with what identifies them, and the differences of their results."""
    mine = next((xyz for (tool, _), xyz in sorted(states.items()) if tool == tools.OURS), None)
    infidelities = {row["tool"]: row["infidelity"] for row in rows if "infidelity" in row}
    now = datetime.datetime.now(datetime.timezone.utc)
    for row in rows:
        xyz = states.get((row["tool"], row["threads"]))
        row |= {"date": f"{now:%Y-%m-%d}", "session": f"{now:%H:%M:%S}", "commit": options.commit, "case": case.name, "qubits": case.qubits, "max_dim": case.max_dim,
                "cutoff": case.cutoff, "count": case.count,
                "diff_ours": None if row["tool"] == tools.OURS else largest_difference(xyz, mine),
                "diff_exact": largest_difference(xyz, exact), "infidelity": infidelities.get(row["tool"])}
    return rows


def disagreement(rows):
    """A peer that is further from us than truncation explains: 4 sqrt(2 sum eps) of ours, and 1e-4 for
    many small errors that add up."""
    eps = max((row.get("error") or 0 for row in rows if row["tool"] == tools.OURS), default=0)
    allowed = 1e-4 + 4 * (2 * eps) ** 0.5
    return sorted({row["tool"] for row in rows if (row.get("diff_ours") or 0) > allowed}), allowed


def run_case(bench, case, options):
    circuits = cases.write_circuits(case, bench.work / "circuits")
    contenders, missing = contenders_of(bench, case, options)
    absent = [{"tool": tool, "threads": 0, "rep": 0, "status": "absent", "reason": bench.missing(case, tool)} for tool in missing]
    xyz, vector = bench.exact(case, circuits, max(thread_counts("all")))
    rows, states = measure_case(bench, case, circuits, contenders, vector, options) if contenders else ([], {})
    rows = described(rows + absent, case, states, xyz, options)
    different, allowed = disagreement(rows)
    for tool in different:
        print(f"    {case.name}: {tool} differs from bondflow by more than truncation explains ({allowed:.1e})", flush=True)
    return rows


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
    quick = {"reps": 2, "limit": 20.0, "case_seconds": 15.0, "minutes": QUICK_SECONDS / 60}
    defaults = {"reps": 5, "limit": 300.0, "case_seconds": 3600.0, "minutes": math.inf}
    for name, value in (quick if options.quick else PUBLISH if options.publish else defaults).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.deadline = time.perf_counter() + 60 * options.minutes


def main():
    options = arguments()
    listed = [case for case in cases.cases() if case.quick or not options.quick]
    names = chosen([case.name for case in listed if options.cases != "*" or not case.costly], options.cases)
    if options.list:
        print("\n".join(f"{case.name:22} {case.qubits:4} qubits, MaxDim {case.max_dim:5}  {case.title}" for case in listed))
        return 0
    if not names:
        print(f"bench/peers/run: error: no case matches '{options.cases}', expected one of --list", file=sys.stderr)
        return 2
    settle(options)
    options.commit = options.commit or subprocess.run(["git", "-C", ROOT, "describe", "--always"], capture_output=True,
                                                      text=True, check=False).stdout.strip()
    bench = tools.Bench(options.program, options.work, options.limit)
    folder = ROOT / "docs" if options.publish else bench.work / "report"
    results = report.Results(folder)
    for case in [] if options.report_only else [case for case in listed if case.name in names]:
        if time.perf_counter() > options.deadline:
            print(f"    {case.name}: left out, the time is over")
            continue
        results.replace(run_case(bench, case, options))
    if not options.report_only:
        results.about(versions(bench))
    report.write(results, cases.cases())
    print(f"==> {results.page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The plots of docs/benchmarks.md, as SVG that is the same for the same numbers."""
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

import tools  # noqa: E402

plt.rcParams |= {"svg.hashsalt": "bondflow", "svg.fonttype": "path", "font.size": 10, "axes.grid": True, "grid.alpha": 0.35,
                 "grid.linewidth": 0.6, "axes.axisbelow": True, "figure.facecolor": "white", "axes.spines.top": False,
                 "axes.spines.right": False}
STYLE = {"bondflow": ("#d1495b", "o"), "aer": ("#30638e", "s"), "aer-our-blas": ("#1b9aaa", "s"),
         "aer-own-svd": ("#7fa7c9", "s"), "quimb": ("#edae49", "^"),
         "tenpy": ("#66a182", "D"), "yaqs": ("#8d6a9f", "v"), "matcha": ("#7a7a7a", "P")}


def best(summaries, tool):
    """The thread count that suits a tool best in one case."""
    ok = [item for (name, _), item in summaries.items() if name == tool and item["total"] is not None]
    return min(ok, key=lambda item: item["total"], default=None)


def save(figure, path):
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def line(axes, tool, x, y):
    colour, mark = STYLE[tool]
    axes.plot(x, y, color=colour, marker=mark, markersize=5, linewidth=2.2 if tool == tools.OURS else 1.3,
              label=tools.TITLES[tool], zorder=3 if tool == tools.OURS else 2)


def plain_ticks(axis, values):
    axis.set_major_locator(matplotlib.ticker.FixedLocator(values))
    axis.set_major_formatter(matplotlib.ticker.FixedFormatter([str(value) for value in values]))
    axis.set_minor_locator(matplotlib.ticker.NullLocator())


def against_bond(folder, family, members, by_case):
    figure, axes = plt.subplots(figsize=(6.4, 4.2))
    for tool in STYLE:
        points = [(case.max_dim, best(by_case[case.name], tool)) for case in members]
        points = [(dim, item["total"]) for dim, item in points if item]
        if points:
            line(axes, tool, *zip(*points))
    axes.set(xscale="log", yscale="log", xlabel="MaxDim", ylabel="seconds, evolution and measurement",
             title=f"{members[0].title}, {members[0].qubits} qubits")
    plain_ticks(axes.xaxis, [case.max_dim for case in members])
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    name = f"time_bond_{members[0].qubits}.svg"
    save(figure, folder / name)
    return name, f"Time against bond dimension, {members[0].qubits} qubits"


def against_error(folder, members, by_case):
    """Of the programs whose state is known; of their observables where no state is."""
    known = any(item["infidelity"] is not None for case in members for item in by_case[case.name].values())
    name, label = ("infidelity", "infidelity, 1 − |⟨exact|ψ⟩|²") if known else ("diff_exact", "largest error of any ⟨X⟩, ⟨Y⟩, ⟨Z⟩")
    figure, axes = plt.subplots(figsize=(6.4, 4.2))
    for tool in STYLE:
        points = [best(by_case[case.name], tool) for case in members]
        points = [(item["total"], item[name]) for item in points if item and item[name]]
        if points:
            line(axes, tool, *zip(*points))
    axes.set(xscale="log", yscale="log", xlabel="seconds, evolution and measurement",
             ylabel=label, title=f"{members[0].title}, {members[0].qubits} qubits: left and low is better")
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    save(figure, folder / "time_error.svg")
    return "time_error.svg", "Time against error, where a state vector gives the exact values"


def against_cores(folder, case, by_case):
    """Speed of one case by threads, each program's own run with one thread being 1."""
    figure, axes = plt.subplots(figsize=(6.4, 4.2))
    counts = set()
    for tool in STYLE:
        points = sorted((threads, item["total"]) for (name, threads), item in by_case[case.name].items()
                        if name == tool and item["total"] is not None)
        if len(points) > 1 and points[0][0] == 1:
            line(axes, tool, [threads for threads, _ in points], [time for _, time in points])
            counts |= {threads for threads, _ in points}
    axes.set(xlabel="cores", ylabel="seconds, evolution and measurement", yscale="log",
             title=f"{case.title}, {case.qubits} qubits, MaxDim {case.max_dim}")
    plain_ticks(axes.xaxis, sorted(counts))
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    save(figure, folder / "time_cores.svg")
    return "time_cores.svg", "Time against cores"


def rows_per_second(folder, case, by_case):
    figure, axes = plt.subplots(figsize=(6.4, 2.6))
    found = [(tool, best(by_case[case.name], tool)) for tool in reversed(STYLE)]
    found = [(tool, case.count / item["total"]) for tool, item in found if item]
    bars = axes.barh([tools.TITLES[tool] for tool, _ in found], [rate for _, rate in found],
                     color=[STYLE[tool][0] for tool, _ in found])
    axes.bar_label(bars, fmt="%.1f", padding=3)
    axes.set(xlabel="rows per second", title=f"{case.title}, {case.qubits} qubits")
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.12)
    save(figure, folder / "rows.svg")
    return "rows.svg", "Rows per second"


def draw(folder, done, by_case):
    """All plots there are numbers for. @return [(file, title)]"""
    drawn, families = [], {}
    for case in done:
        if case.family:
            families.setdefault(case.family, []).append(case)
    for family, members in families.items():
        if len(members) > 1 and members[0].exact is False:
            drawn.append(against_bond(folder, family, members, by_case))
        if len(members) > 1 and members[0].exact is True:
            drawn.append(against_error(folder, members, by_case))
    both = [case for case in done if len({threads for (tool, threads), item in by_case[case.name].items()
                                          if tool == tools.OURS and item["total"] is not None}) > 1]
    if both:
        heaviest = max(both, key=lambda case: best(by_case[case.name], tools.OURS)["total"])
        drawn.append(against_cores(folder, heaviest, by_case))
    for case in done:
        if case.kind == "rows" and any(item["total"] for item in by_case[case.name].values()):
            drawn.append(rows_per_second(folder, case, by_case))
    return drawn

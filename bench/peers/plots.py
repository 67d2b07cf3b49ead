"""The plots of docs/benchmarks.md, as SVG that is the same for the same numbers."""
import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

import tools  # noqa: E402

plt.rcParams |= {"svg.hashsalt": "bondflow", "svg.fonttype": "path", "font.size": 10, "axes.grid": True, "grid.alpha": 0.35,
                 "grid.linewidth": 0.6, "axes.axisbelow": True, "figure.facecolor": "white", "axes.spines.top": False,
                 "axes.spines.right": False}
# Colours of Okabe and Ito, which colour-blind readers tell apart; variants of one program share its colour and differ in line and mark.
STYLE = {"bondflow": ("#d55e00", "o", "-"), "quimb": ("#000000", "^", "-"), "tenpy": ("#009e73", "D", "-"), "tenpy-sz": ("#009e73", "d", "--"),
         "aer": ("#0072b2", "s", "-"), "aer-our-blas": ("#0072b2", "X", ":"), "aer-own-svd": ("#56b4e9", "s", "--"),
         "yaqs": ("#cc79a7", "v", "-"), "matcha": ("#7a7a7a", "P", "-")}
SIZE = (6.4, 4.2)


def best(summaries, tool):
    """The thread count that suits a tool best in one case."""
    ok = [item for (name, _), item in summaries.items() if name == tool and item["total"] is not None]
    return min(ok, key=lambda item: item["total"], default=None)


def save(figure, path):
    figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def line(axes, tool, x, y):
    colour, mark, dashes = STYLE[tool]
    axes.plot(x, y, color=colour, marker=mark, linestyle=dashes, markersize=5.5, linewidth=2.4 if tool == tools.OURS else 1.3,
              label=tools.TITLES[tool], zorder=3 if tool == tools.OURS else 2)


def plain_ticks(axis, values):
    axis.set_major_locator(matplotlib.ticker.FixedLocator(values))
    axis.set_major_formatter(matplotlib.ticker.FixedFormatter([str(value) for value in values]))
    axis.set_minor_locator(matplotlib.ticker.NullLocator())


def seconds_ticks(axis):
    """0.1, 1, 10 and so on as they are said; where there are few of these, steps between them, too."""
    low, high = axis.get_view_interval()
    axis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1,) if high > 100 * low else (1, 2, 5)))
    axis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(matplotlib.ticker.NullFormatter())


def titled(case, *more):
    return ", ".join([case.title[0].upper() + case.title[1:], f"{case.qubits} qubits", *more])


def finished(figure, axes, folder, name):
    axes.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False)
    save(figure, folder / name)


def against_bond(folder, members, by_case):
    figure, axes = plt.subplots(figsize=SIZE)
    for tool in STYLE:
        points = [(case.max_dim, best(by_case[case.name], tool)) for case in members]
        points = [(dim, item["total"]) for dim, item in points if item]
        if points:
            line(axes, tool, *zip(*points))
    axes.set(xscale="log", yscale="log", xlabel="MaxDim", ylabel="seconds, evolution and measurement", title=titled(members[0]))
    plain_ticks(axes.xaxis, [case.max_dim for case in members])
    seconds_ticks(axes.yaxis)
    name = f"time_bond_{members[0].qubits}.svg"
    finished(figure, axes, folder, name)
    return name, f"Time against bond dimension, {members[0].qubits} qubits"


def against_error(folder, members, by_case):
    """Of the programs whose state is known; of their observables where no state is."""
    known = any(item["infidelity"] is not None for case in members for item in by_case[case.name].values())
    name, label = ("infidelity", "infidelity, 1 − |⟨exact|ψ⟩|²") if known else ("diff_exact", "largest error of any ⟨X⟩, ⟨Y⟩, ⟨Z⟩")
    figure, axes = plt.subplots(figsize=SIZE)
    for tool in STYLE:
        points = [(case.max_dim, best(by_case[case.name], tool)) for case in members]
        points = [(item["total"], item[name], dim) for dim, item in points if item and item[name]]
        if points:
            line(axes, tool, *list(zip(*points))[:2])
        for time, error, dim in points if tool == tools.OURS else []:
            axes.annotate(str(dim), (time, error), xytext=(-7, -4), textcoords="offset points", ha="right", va="top", fontsize=8)
    axes.set(xscale="log", yscale="log", xlabel="seconds, evolution and measurement", ylabel=label, title=titled(members[0]))
    axes.margins(0.1)
    seconds_ticks(axes.xaxis)
    axes.text(1.03, 0.02, "Marks are MaxDim\n" + ", ".join(str(case.max_dim) for case in members) + ".\nLeft and low is better.",
              transform=axes.transAxes, fontsize=8, va="bottom")
    finished(figure, axes, folder, "time_error.svg")
    return "time_error.svg", "Time against error, where a state vector gives the exact values"


def against_cores(folder, case, by_case):
    """Of one case, the programs that ran on one core and on more."""
    figure, axes = plt.subplots(figsize=SIZE)
    counts = set()
    for tool in STYLE:
        points = sorted((threads, item["total"]) for (name, threads), item in by_case[case.name].items()
                        if name == tool and item["total"] is not None)
        if len(points) > 1 and points[0][0] == 1:
            line(axes, tool, [threads for threads, _ in points], [time for _, time in points])
            counts |= {threads for threads, _ in points}
    axes.set(xlabel="cores", ylabel="seconds, evolution and measurement", yscale="log", title=titled(case, f"MaxDim {case.max_dim}"))
    plain_ticks(axes.xaxis, sorted(counts))
    seconds_ticks(axes.yaxis)
    finished(figure, axes, folder, "time_cores.svg")
    return "time_cores.svg", "Time against cores"


def rows_per_second(folder, case, by_case):
    figure, axes = plt.subplots(figsize=(6.4, 2.6))
    found = [(tool, best(by_case[case.name], tool)) for tool in reversed(STYLE)]
    found = [(tool, case.count / item["total"]) for tool, item in found if item]
    bars = axes.barh([tools.TITLES[tool] for tool, _ in found], [rate for _, rate in found],
                     color=[STYLE[tool][0] for tool, _ in found])
    axes.bar_label(bars, labels=[f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}" for _, rate in found], padding=3)
    axes.set(xlabel="rows per second", title=titled(case))
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.12)
    save(figure, folder / "rows.svg")
    return "rows.svg", "Rows per second"


def draw(folder, done, by_case):
    """All plots there are numbers for. @return [(file, title)]"""
    drawn, families = [], {}
    for case in done:
        if case.family and not case.ours_only:
            families.setdefault(case.family, []).append(case)
    for members in families.values():
        if len(members) > 1:
            drawn.append((against_error if members[0].exact is True else against_bond)(folder, members, by_case))
    full = [case for case in done if case.full and sum(tool == tools.OURS and item["total"] is not None
                                                       for (tool, _), item in by_case[case.name].items()) > 1]
    if full:
        drawn.append(against_cores(folder, max(full, key=lambda case: case.max_dim), by_case))
    for case in done:
        if case.kind == "rows" and any(item["total"] for item in by_case[case.name].values()):
            drawn.append(rows_per_second(folder, case, by_case))
    return drawn

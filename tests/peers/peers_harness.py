"""bench/peers without the peers: when runs are stopped and repeated, what the page says of given numbers, the exact values of the circuits."""
import cmath
import contextlib
import importlib.util
import io
import json
import math
import pathlib
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers" / part) for part in ("", "adapters")]

import cases
import report
import schedule


def there_is(module):
    return importlib.util.find_spec(module) is not None


def measured(case, tool, total, rep=0, threads=1, **more):
    """A row as compare.py makes it."""
    values = {"date": "2026-01-02", "session": "12:00:00", "commit": "abc", "case": case.name, "qubits": case.qubits, "max_dim": case.max_dim,
              "cutoff": case.cutoff, "count": case.count, "tool": tool, "threads": threads, "rep": rep, "status": "ok", "total": total, "wall": total,
              "peak_mib": 100.0, "limit": 60.0, "load1": 1.0}
    return values | more


class Page:
    """The page of some rows, written into a folder of its own."""

    def __init__(self, *groups, pictures=False):
        with tempfile.TemporaryDirectory() as folder:
            results = report.Results(folder)
            for rows in groups:
                results.replace(rows)
            results = report.Results(folder)  # what the file keeps
            self.rows = results.rows
            with contextlib.redirect_stdout(io.StringIO()) as said:
                report.write(results, cases.cases(), pictures)
            self.said, self.text = said.getvalue(), results.page.read_text(encoding="utf-8").replace("\u00a0", " ")
            self.pictures = {path.name: path.read_text(encoding="utf-8") for path in results.folder.glob("*.svg")}

    def short(self, case):
        """The cells of a case in the table at the top."""
        return next([cell.strip() for cell in line.split("|")[1:-1]] for line in self.text.splitlines() if line.startswith(f"| {case.name} |"))


def named(name):
    return next(case for case in cases.cases() if case.name == name)


class Schedule(unittest.TestCase):
    def test_repetitions_fall_with_length(self):
        self.assertEqual([schedule.repetitions(seconds, 5) for seconds in (0.1, 5, 5.1, 20, 21, 500)], [5, 5, 3, 3, 1, 1])
        self.assertEqual(schedule.repetitions(0.1, 2), 2)

    def test_plan_fits(self):
        rounds = {"short": (1, 4, 1), "middle": (10, 30, 1), "long": (50, 100, 1)}
        self.assertEqual(schedule.plan(rounds, 1000, 5), {"short": 5, "middle": 3, "long": 1})
        for seconds in (0, 10, 20, 50, 75):
            counts = schedule.plan(rounds, seconds, 5)
            self.assertLessEqual(sum((counts[name] - 1) * rounds[name][1] for name in rounds), seconds)
            self.assertGreaterEqual(min(counts.values()), 1)
        self.assertEqual(schedule.plan(rounds, -5, 5), {"short": 1, "middle": 1, "long": 1})
        self.assertEqual(schedule.plan({}, 10, 5), {})
        later = {"short": (1, 4, 3), "slower now": (30, 30, 2)}
        self.assertEqual(schedule.plan(later, 5, 5), {"short": 4, "slower now": 2})

    def test_a_slow_peer_is_stopped(self):
        self.assertEqual(schedule.stopped_after([], 150), 150)
        self.assertEqual(schedule.stopped_after([1.0, 9.0], 150), schedule.PATIENCE)
        self.assertEqual(schedule.stopped_after([40.0, 50.0], 150), 80)
        self.assertEqual(schedule.stopped_after([100.0], 150), 150)

    def test_hopeless(self):
        rows = [{"tool": tool, "threads": 1, "total": total, "wall": total + 1} for tool, total in
                (("bondflow", 0.1), ("quimb", 1.0), ("tenpy", 2.9), ("aer", 4.0), ("yaqs", 1.9))]
        self.assertEqual(schedule.hopeless(rows, "bondflow"), {("aer", 1)})

    def test_behind(self):
        summaries = {("bondflow", 1): {"total": 0.1, "status": "ok"}, ("quimb", 1): {"total": 5.0, "status": "ok"},
                     ("aer", 1): {"total": None, "status": "limit"}, ("aer", 2): {"total": 6.0, "status": "ok"},
                     ("tenpy", 1): {"total": 50.0, "status": "ok"}, ("yaqs", 1): {"total": None, "status": "limit"},
                     ("matcha", 0): {"total": None, "status": "absent"}}
        self.assertEqual(schedule.behind(summaries, "bondflow"), {"quimb": False, "aer": False, "tenpy": True, "yaqs": True})


class Tables(unittest.TestCase):
    def test_ratio_is_the_median_over_pairs(self):
        case = named("ghz-500")
        rows = [measured(case, "bondflow", ours, rep) for rep, ours in enumerate((1.0, 2.0, 4.0))]
        rows += [measured(case, "aer", theirs, rep) for rep, theirs in enumerate((12.0, 10.0, 12.0))]  # 12, 5, 3; of medians: 6
        self.assertEqual(Page(rows).short(case)[1:5], ["**2.00 s**", "Aer, LAPACK SVD, 1 thr.", "12.00 s", "5.0x"])

    def test_a_stopped_peer_gives_a_lower_bound(self):
        case = named("ghz-500-shots")
        rows = [measured(case, "bondflow", 0.5), measured(case, "aer", None, status="limit", limit=15.0)]
        page = Page(rows)
        self.assertEqual(page.short(case)[3:5], ["> 15.00 s", "> 30.0x"])
        self.assertEqual(page.short(case)[7], "20x")
        self.assertNotIn("What is not won", page.text)
        rows[1]["limit"] = 5.0  # 10x shown, 20x asked for
        self.assertIn("missed", Page(rows).short(case)[7])

    def test_a_lost_case_and_a_fat_one_are_named(self):
        case = named("mqt-qft-100")
        page = Page([measured(case, "bondflow", 2.0, peak_mib=200.0), measured(case, "aer", 1.0)])
        self.assertEqual(page.short(case)[1:5], ["2.00 s", "Aer, LAPACK SVD, 1 thr.", "**1.00 s**", "0.5x"])
        self.assertIn(f"- **{case.name}**, not won, more than 30 MiB above the leanest peer.", page.text)

    def test_equal_error_costs_a_larger_bond(self):
        small, more, large = named("brickwork-20-64"), named("brickwork-20-68"), named("brickwork-20-128")
        groups = [[measured(small, "bondflow", 1.0, infidelity=0.0796), measured(small, "quimb", 6.0, infidelity=0.0788),
                   measured(small, "tenpy", 5.0, infidelity=0.0796)],
                  [measured(more, "bondflow", 1.5, infidelity=0.0700)], [measured(large, "bondflow", 9.0, infidelity=0.001)]]
        page = Page(*groups)
        self.assertEqual(page.short(small)[4:7], ["5.0x", "equal (infidelity)", "4.0x (quimb, MaxDim 68)"])
        self.assertIn("| quimb | 64 | 7.880e-02 | 6.00 s | 68 | 7.000e-02 | 1.50 s | 4.0x |", page.text)
        without = Page([row for row in groups[0] if row["tool"] != "tenpy"])
        self.assertEqual(without.short(small)[5:7], ["larger: 8.0e-02, theirs 7.9e-02 (infidelity)", "–"])

    def test_rows_join_those_of_the_same_commit_only(self):
        case, other = named("ghz-500"), named("qft-60")
        page = Page([measured(case, "bondflow", 1.0, commit="old"), measured(other, "bondflow", 1.0, commit="old")],
                    [measured(case, "bondflow", 2.0)], [measured(case, "bondflow", 3.0, 1)])
        self.assertEqual([(row["case"], row["commit"], row["total"]) for row in page.rows],
                         [("qft-60", "old", 1.0), ("ghz-500", "abc", 2.0), ("ghz-500", "abc", 3.0)])

    def test_remarks_belong_to_cases(self):
        remarks = json.loads((pathlib.Path(report.__file__).parent / "remarks.json").read_text(encoding="utf-8"))
        self.assertLessEqual(set(remarks), {case.name for case in cases.cases()})

    @unittest.skipUnless(there_is("matplotlib"), "no matplotlib")
    def test_plots_are_svg(self):
        rows = [[measured(case, tool, total * case.max_dim, threads=threads, infidelity=0.1 / case.max_dim)
                 for tool, total in (("bondflow", 0.01), ("quimb", 0.1)) for threads in (1, 2)]
                for case in (named("brickwork-20-16"), named("brickwork-20-64"), named("brickwork-30-64"), named("brickwork-30-128"),
                             named("feature-rows-100"))]
        pictures = Page(*rows, pictures=True).pictures
        self.assertEqual(set(pictures), {"time_error.svg", "time_bond_30.svg", "time_cores.svg", "rows.svg"})
        for text in pictures.values():
            xml.etree.ElementTree.fromstring(text)


class Circuits(unittest.TestCase):
    def test_names_and_kin(self):
        listed = cases.cases()
        names = [case.name for case in listed]
        self.assertEqual(len(names), len(set(names)))
        for case in listed:
            if case.easier:
                self.assertLess(names.index(case.easier), names.index(case.name))

    def test_exact_values(self):
        for gates, exact in ((cases.ghz(5), cases.ghz_exact(5)), (cases.qft(5), cases.qft_exact(5))):
            for one, other in zip(values_of(5, gates), exact):
                for a, b in zip(one, other):
                    self.assertAlmostEqual(a, b, 12)

    @unittest.skipUnless(there_is("numpy"), "no NumPy")
    def test_to_and_fro_keeps_the_order_on_every_qubit(self):
        import worker

        gates = [(qubits, index) for index, (_, qubits, _) in enumerate(cases.brickwork(9, 6) + cases.feature_map(9, 2, 3))]
        turned = worker.to_and_fro(gates)
        self.assertEqual(sorted(index for _, index in turned), list(range(len(gates))))
        for qubit in range(9):
            order = [[index for qubits, index in listed if qubit in qubits] for listed in (gates, turned)]
            self.assertEqual(*order)

    @unittest.skipUnless(there_is("numpy"), "no NumPy")
    def test_lost_fidelity(self):
        import worker

        self.assertAlmostEqual(worker.lost([0.5, 0.5, 0.2]), 0.8, 14)
        self.assertAlmostEqual(worker.lost([1e-20] * 3) / 3e-20, 1, 12)
        self.assertLessEqual(worker.lost([1.0, 0.5]), 1)


def values_of(n, gates):
    """<X>, <Y>, <Z> by a state vector of plain lists: the exact values once more, another way."""
    state = [1.0 + 0j] + [0j] * (2**n - 1)  # qubit q is bit q of the index
    for name, qubits, parameters in gates:
        bit = [1 << q for q in qubits]
        if name == "h":
            state = [(state[i & ~bit[0]] + (-1 if i & bit[0] else 1) * state[i | bit[0]]) / math.sqrt(2) for i in range(2**n)]
        elif name == "cx":
            state = [state[i ^ bit[1]] if i & bit[0] else state[i] for i in range(2**n)]
        elif name == "cu1":
            state = [value * cmath.exp(1j * parameters[0]) if i & bit[0] and i & bit[1] else value for i, value in enumerate(state)]
        elif name == "swap":
            state = [state[i ^ bit[0] ^ bit[1]] if bool(i & bit[0]) != bool(i & bit[1]) else state[i] for i in range(2**n)]
        else:
            raise ValueError(name)
    found = []
    for q in range(n):
        off = sum(state[i].conjugate() * state[i ^ (1 << q)] for i in range(2**n) if not i & (1 << q))
        found.append([2 * off.real, 2 * off.imag, sum(abs(value) ** 2 * (-1 if i & (1 << q) else 1) for i, value in enumerate(state))])
    return found


if __name__ == "__main__":
    unittest.main()

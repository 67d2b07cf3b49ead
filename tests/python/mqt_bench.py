#!/usr/bin/env python3
"""Every algorithm of MQT Bench, target-independent level, exported by Qiskit and run by circuit_xyz_exp.

    mqt_bench.py PATH/circuit_xyz_exp             near 8 qubits, against the state vector
    mqt_bench.py --wide quick PATH/...            some at 100 qubits, against what is known of them
    mqt_bench.py --table FILE PATH/...            both, all of them, as docs/mqt_bench.md

with build/python/bin/python, which scripts/python makes. Exit code 0: all that can be exported runs and agrees to 1e-10; 1: something
does not; 77: MQT Bench is not installed.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

try:
    import numpy as np
    from mqt.bench import BenchmarkLevel, get_benchmark
    from mqt.bench.benchmarks import get_available_benchmark_names
    from qiskit import qasm2, qasm3
    from qiskit.quantum_info import Statevector

    import against
except ImportError as missing:
    print(f"{missing}: nothing was compared")
    sys.exit(77)

NARROW = 8
WIDEST_VECTOR = 17  # qubits of a state vector that is compared with
WIDE = 100
WIDE_QUICK = ("bv", "dj", "ghz", "qft", "qftentangled", "wstate")
WIDE_SECONDS = 20
WIDE_MAX_DIM = 256

LANGUAGES = (("OpenQASM 2", qasm2.dumps), ("OpenQASM 3", qasm3.dumps))


def make(name, qubits, most):
    """The smallest circuit of an algorithm with at least so many qubits, or ValueError with the last reason why there is none."""
    for size in range(qubits, most + 1):
        try:
            return get_benchmark(benchmark=name, level=BenchmarkLevel.INDEP, circuit_size=size)
        except ValueError as error:
            reason = str(error)
    raise ValueError(reason)


def exports(circuit):
    """(language, text or None, why not) of both languages."""
    for language, dumps in LANGUAGES:
        try:
            yield language, dumps(circuit), ""
        except Exception as error:  # pylint: disable=broad-except # whatever an exporter stumbles over
            # Qiskit writes no angles that are arrays of one number; a gate resolved into its parts has none.
            try:
                yield language, dumps(circuit.decompose(reps=3)), ""
            except Exception:  # pylint: disable=broad-except
                yield language, None, f"not exported: {str(error).strip(chr(39) + chr(34))}"


def is_dynamic(circuit):
    return any(op in circuit.count_ops() for op in ("if_else", "while_loop", "for_loop", "switch_case", "reset")) or any(
        instruction.operation.name != "measure" and measured.intersection(instruction.qubits)
        for instruction, measured in with_measured(circuit))


def with_measured(circuit):
    """Every instruction with the qubits measured before it, barriers left out."""
    measured = set()
    for instruction in circuit.data:
        if instruction.operation.name == "barrier":
            continue
        yield instruction, set(measured)
        if instruction.operation.name == "measure":
            measured.update(instruction.qubits)


def narrow(program, name):
    """One row of the table near 8 qubits: what was compared, and what is wrong."""
    row = {"name": name, "problems": [], "compared": [], "left": []}
    try:
        circuit = make(name, NARROW, WIDEST_VECTOR)
    except ValueError as error:
        row["left"].append(f"MQT Bench makes none with {NARROW} to {WIDEST_VECTOR} qubits: {error}")
        return row
    row.update(qubits=circuit.num_qubits, operations=circuit.size(), dynamic=is_dynamic(circuit))
    if not row["dynamic"]:
        expected = against.exact(Statevector(circuit.remove_final_measurements(inplace=False)).data)
    for language, text, reason in exports(circuit):
        if text is None:
            row["left"].append(f"{language}: {reason}")
            continue
        problem = against.trajectory(program, text, circuit) if row["dynamic"] else against.difference(program, text, expected)
        if problem:
            row["problems"].append(f"{language}: {problem}\n{text}")
        else:
            row["compared"].append(language)
    return row


def known_wide(name, xyz):
    """What is wrong with the values at 100 qubits where they are known, or None."""
    n = len(xyz)
    expected = np.zeros((n, 3))
    if name == "ghz":
        pass
    elif name == "wstate":
        expected[:, 2] = 1 - 2 / n
    elif name == "qft":  # of |0...0>
        expected[:, 0] = 1
    elif name == "bv":  # the secret, and the ancilla in |-> or |1>: every qubit is in a basis state
        return None if np.allclose(np.abs(xyz).max(axis=1), 1, atol=against.TOLERANCE) else "some qubit is not in a basis state"
    elif name == "graphstate":  # every vertex has neighbours
        pass
    else:
        return None
    worst = np.abs(xyz - expected).max()
    return None if worst <= against.TOLERANCE else f"off by {worst:.3g}"


def too_long(_signal, _frame):
    raise TimeoutError(f"not within {WIDE_SECONDS} s")


def planned(program, text, folder):
    """What circuit_plan says about a circuit."""
    circuit, plan = os.path.join(folder, "circuit.qasm"), os.path.join(folder, "plan.json")
    with open(circuit, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run([os.path.join(os.path.dirname(program), "circuit_plan"), "--max-dim", str(WIDE_MAX_DIM), "--json", plan, circuit],
                   capture_output=True, check=True, timeout=WIDE_SECONDS)
    with open(plan, encoding="utf-8") as file:
        bound = json.load(file)["bound"]
    beyond = "a bond may exceed it" if bound["beyond_max_dim"] else "no bond exceeds it"
    return f"circuit_plan: {beyond}, {bound['seconds']['total']:.0f} s at most"


def wide(program, name):
    """One row of the table at 100 qubits."""
    row = {"name": name, "problems": []}
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(WIDE_SECONDS)
    try:
        circuit = make(name, WIDE, WIDE + 4)
        text = next((text for _, text, _ in exports(circuit) if text), None)
    except Exception as error:  # pylint: disable=broad-except # not all algorithms are written for so many
        row["end"] = f"MQT Bench makes none: {str(error).splitlines()[0][:80]}"
        return row
    finally:
        signal.alarm(0)
    row.update(qubits=circuit.num_qubits, operations=circuit.size())
    if text is None:
        row["end"] = "Qiskit does not export it"
        return row
    with tempfile.TemporaryDirectory() as folder:
        summary = os.path.join(folder, "summary.json")
        began = time.perf_counter()
        try:
            xyz = against.run(program, text, "--max-dim", str(WIDE_MAX_DIM), "--summary", summary, seconds=WIDE_SECONDS)
        except subprocess.TimeoutExpired:
            row["end"] = f"not done in {WIDE_SECONDS} s; {planned(program, text, folder)}"
            return row
        except ValueError as error:
            row["end"] = f"refused: {error}"
            return row
        row["seconds"] = time.perf_counter() - began
        with open(summary, encoding="utf-8") as file:
            told = json.load(file)
    row.update(bond=told["largest_bond"], loss=told["error"]["sum_eps"])
    row["end"] = "right" if row["loss"] < 1e-9 else f"cut at bond {WIDE_MAX_DIM}"
    problem = known_wide(name, xyz) if row["end"] == "right" else None
    if name in WIDE_QUICK and row["end"] != "right":
        problem = row["end"]
    if problem:
        row["problems"].append(problem)
    if name == "qft" and row["bond"] > 64:
        row["problems"].append(f"bond {row['bond']}, at most 64 are needed")
    return row


def table_of_narrow(rows):
    yield "| algorithm | qubits | operations | compared | not compared |"
    yield "|---|---|---|---|---|"
    for row in rows:
        compared = ", ".join(row["compared"]) + (" (trajectories)" if row.get("dynamic") and row["compared"] else "")
        yield f"| {row['name']} | {row.get('qubits', '–')} | {row.get('operations', '–')} | {compared or '–'} | {'; '.join(row['left'])} |"


def table_of_wide(rows):
    yield "| algorithm | qubits | operations | time | largest bond | sum of eps | result |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        took = f"{row['seconds']:.2f} s" if "seconds" in row else "–"
        loss = f"{row['loss']:.1e}" if "loss" in row else "–"
        yield (f"| {row['name']} | {row.get('qubits', '–')} | {row.get('operations', '–')} | {took} | {row.get('bond', '–')} | {loss} "
               f"| {row['end']} |")


def page(narrow_rows, wide_rows):
    return "\n".join([
        "# MQT Bench", "", "<!-- Written by tests/python/mqt_bench.py --table; change that, not this. -->", "",
        "Every algorithm of [MQT Bench](https://pypi.org/project/mqt-bench/) 2.3.0 at the target-independent level, exported by Qiskit.", "",
        f"## Near {NARROW} qubits, against the state vector", "",
        f"The smallest instance with {NARROW} qubits or more, at most {WIDEST_VECTOR}. All ⟨X⟩, ⟨Y⟩, ⟨Z⟩ agree to {against.TOLERANCE:g} at cutoff "
        "1e-30. Circuits with measured bits: each of eight seeds ends in one of the trajectories that the state vector has.", "",
        *table_of_narrow(narrow_rows), "",
        f"## At {WIDE} qubits", "",
        f"Defaults, but bonds of at most {WIDE_MAX_DIM} and {WIDE_SECONDS} s; time on the clock with start and reading. \"right\": the sum of "
        "discarded weights is below 1e-9. \"cut\": bonds wanted to grow beyond; the sum of eps says how far the state is off.", "",
        *table_of_wide(wide_rows), ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wide", choices=("quick", "all"), help="instead at 100 qubits: the quick ones, or all")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these algorithms")
    parser.add_argument("--table", metavar="FILE", help="write a page about all")
    parser.add_argument("program")
    options = parser.parse_args()
    names = options.only or get_available_benchmark_names()
    rows, wide_rows = [], []
    if not options.wide:
        rows = [tell(narrow(options.program, name)) for name in names]
    if options.wide or options.table:
        wide_names = WIDE_QUICK if options.wide == "quick" else names
        wide_rows = [tell(wide(options.program, name)) for name in wide_names]
    if options.table:
        with open(options.table, "w", encoding="utf-8") as file:
            file.write(page(rows, wide_rows))
    failures = sum(1 for row in rows + wide_rows if row["problems"])
    print(f"{len(rows) + len(wide_rows)} circuits, {failures} failures")
    return 1 if failures else 0


def tell(row):
    shown = row.get("end") or ", ".join(row["compared"] + row["left"])
    print(f"{row['name']}: {shown}", *[f"FAILED: {problem}" for problem in row["problems"]], sep="\n  ", flush=True)
    return row


if __name__ == "__main__":
    sys.exit(main())

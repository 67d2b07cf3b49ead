"""What every adapter does alike: read a job, warm up, run, weigh the process, write the result as JSON.

A job (JSON file named on the command line): circuits (OpenQASM 2 files), qubits, max_dim, cutoff, threads, variant, kind, shots,
split (measure the evolution alone, too), vector (where the final state goes, or null) and out (where the result goes). An adapter
gives `prepare(job, circuit)`, outside the clock, and `simulate(job, prepared)`, which returns seconds and numbers, and under "state" a
function that gives the final state as a vector, the first qubit being the slow index: called last, so that it weighs nothing.
"""
import json
import math
import sys
import time

import numpy as np

PAULIS = (np.array([[0, 1], [1, 0]], dtype=complex), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1]).astype(complex))


def memory_peak_mib():
    """Largest resident memory of this process since it was started; unlike getrusage it knows nothing of the parent."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def loaded(path):
    from qiskit import qasm2

    return qasm2.load(path, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)


def merged(circuit):
    """The circuit with every run of gates on one pair merged to one unitary, by Qiskit's own passes.

    The programs compared do not merge for themselves, people who care do; one-qubit gates vanish into their neighbours.
    """
    from qiskit.transpiler import PassManager
    from qiskit.transpiler.passes import Collect1qRuns, Collect2qBlocks, ConsolidateBlocks

    return PassManager([Collect2qBlocks(), Collect1qRuns(), ConsolidateBlocks(force_consolidate=True)]).run(circuit)


def without_first_flips(circuit):
    """The bits that X gates before anything else make of |0..0>, and the circuit without these gates."""
    bits, begun, rest = [0] * circuit.num_qubits, set(), circuit.copy_empty_like()
    for instruction in circuit.data:
        qubits = [circuit.find_bit(q).index for q in instruction.qubits]
        if instruction.operation.name == "x" and qubits[0] not in begun:
            bits[qubits[0]] ^= 1
        else:
            begun.update(qubits)
            rest.append(instruction)
    return bits, rest


def matrices(circuit):
    """[(qubits, matrix)] of a circuit; the first qubit of a pair is the slow index of the matrix."""
    listed = []
    for instruction in circuit.data:
        qubits = tuple(circuit.find_bit(q).index for q in instruction.qubits)
        matrix = np.asarray(instruction.operation.to_matrix(), dtype=complex)
        if len(qubits) == 2:  # Qiskit's first qubit is the fast index
            matrix = matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
        listed.append((qubits, matrix))
    return listed


def to_and_fro(gates):
    """The same gates layer by layer, layers alternately from left to right and from right to left.

    Programs that keep one orthogonality centre then move it by one site from gate to gate.
    """
    level, keyed = {}, []
    for index, (qubits, matrix) in enumerate(gates):
        here = max(level.get(q, 0) for q in qubits) + (len(qubits) == 2)
        for q in qubits:
            level[q] = here
        place = min(qubits) if here % 2 else -min(qubits)
        keyed.append(((here, len(qubits) == 1, place if len(qubits) == 2 else index), (qubits, matrix)))
    return [gate for _, gate in sorted(keyed, key=lambda item: item[0])]


def xyz_of_density(rho):
    """<X>, <Y>, <Z> of a 2 x 2 density matrix of any trace."""
    trace = (rho[0, 0] + rho[1, 1]).real
    return [2 * rho[1, 0].real / trace, 2 * rho[1, 0].imag / trace, (rho[0, 0] - rho[1, 1]).real / trace]


def lost(discarded):
    """1 - the product of 1 - eps over the weights eps that single truncations discard: what fidelity is lost, as far as they tell."""
    return max(0.0, -math.expm1(sum(math.log1p(-min(eps, 1 - 1e-16)) for eps in discarded)))


def first_qubit_slow(vector):
    """Of a state vector as Qiskit orders it."""
    vector = np.asarray(vector)
    return vector.reshape((2,) * (vector.size.bit_length() - 1)).transpose().reshape(-1)


def contracted(sites):
    """The vector of a matrix product state: arrays left x 2 x right, in the order of the qubits."""
    vector = np.ones((1, 1), dtype=complex)
    for site in sites:
        vector = (vector @ site.reshape(site.shape[0], -1)).reshape(-1, site.shape[2])
    return vector.reshape(-1)


def blas_kernels():
    """The BLAS libraries of this process, each with the kernels it chose: "0.3.15 Prescott"."""
    import threadpoolctl

    found = {(info["filepath"].split("site-packages/")[-1].split("/")[0] or "system", f"{info['version']} {info.get('architecture', '?')}")
             for info in threadpoolctl.threadpool_info() if info["user_api"] == "blas"}
    return ", ".join(f"{where.removesuffix('.libs')}: OpenBLAS {what}" for where, what in sorted(found))


def clocked(function, *arguments):
    """@return seconds, and what the function returned"""
    start = time.perf_counter()
    value = function(*arguments)
    return time.perf_counter() - start, value


def warm_up_circuit():
    """Two steps of exp(-i 0.1 (XX + YY + ZZ)) on four qubits: a circuit for programs that keep Sz, too."""
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', "qreg q[4];", "x q[1];", "x q[3];"]
    for pair in 2 * ("q[0],q[1]", "q[2],q[3]", "q[1],q[2]"):
        both = pair.split(",")
        lines += [f"rxx(0.2) {pair};", f"rzz(0.2) {pair};"] + [f"sdg {q};" for q in both]
        lines += [f"rxx(0.2) {pair};"] + [f"s {q};" for q in both]
    return "\n".join(lines) + "\n"


def warm_up(job, prepare, simulate):
    """A run on four qubits, so that compilers and caches are not on the clock."""
    path = job["out"] + ".warm-up.qasm"
    with open(path, "w", encoding="ascii") as file:
        file.write(warm_up_circuit())
    small = dict(job, circuits=[path], qubits=4, shots=2, vector=None)
    simulate(small, [prepare(small, path)])


def main(prepare, simulate):
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    baseline = memory_peak_mib()
    warm_up(job, prepare, simulate)
    load, prepared = clocked(lambda: [prepare(job, path) for path in job["circuits"]])
    with open(job["out"] + ".begun", "w", encoding="ascii"):
        pass  # its time tells for how long a run that was stopped had been on the clock
    start = time.process_time()
    result = simulate(job, prepared)
    state = result.pop("state", None)
    result = {"cpu": time.process_time() - start} | result
    result |= {"load": load, "baseline_mib": baseline, "peak_mib": memory_peak_mib(), "blas": blas_kernels()}
    if job["vector"] and state:
        result["aside"], vector = clocked(state)
        np.save(job["vector"], vector)
    bad = [value for site in result.get("xyz") or [] for value in site if not math.isfinite(value)]
    if bad:
        result["status"] = "not finite"
    with open(job["out"], "w", encoding="utf-8") as file:
        json.dump(result, file)

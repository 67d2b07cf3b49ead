"""Qiskit Aer, method matrix_product_state. Variants: "lapack" and "own" choose the SVD.

The clock is Aer's own (seconds in its C++ core), but for tables of rows, where the clock on the wall counts, as for everybody.
"""
import re
import time

import numpy as np
from qiskit.quantum_info import Pauli
from qiskit_aer import AerSimulator

import worker


def prepare(job, path):
    return worker.merged(worker.loaded(path))


def simulator(job, log=False):
    threads = job["threads"]
    rows = job["kind"] == "rows"
    return AerSimulator(
        method="matrix_product_state", matrix_product_state_max_bond_dimension=job["max_dim"],
        matrix_product_state_truncation_threshold=job["cutoff"], mps_lapack=job["variant"] == "lapack",
        mps_omp_threads=1 if rows else threads, mps_parallel_threshold=2, max_parallel_threads=threads,
        max_parallel_experiments=threads if rows else 1, mps_sample_measure_algorithm="mps_probabilities",
        mps_log_data=log, chop_threshold=1e-30 if log else 1e-8, max_memory_mb=-1)  # it logs nothing smaller


def with_all_paulis(circuit, qubits):
    measured = circuit.copy()
    for q in qubits:
        for pauli in "XYZ":
            measured.save_expectation_value(Pauli(pauli), [q], label=f"{pauli}{q}")
    return measured


def run(backend, circuits, **options):
    result = backend.run(circuits, **options).result()
    if not result.success:
        raise RuntimeError(result.status)
    return result


def read(result, index, n):
    data = result.data(index)
    return [[float(np.real(data[f"{pauli}{q}"])) for pauli in "XYZ"] for q in range(n)]


def logged(experiment):
    """Largest bond, and the loss of fidelity, from the discarded values Aer writes to its log."""
    log = str(experiment.metadata.get("MPS_log_data", ""))
    dims = [int(d) for group in re.findall(r"BD=\[([^\]]*)\]", log) for d in group.split()]
    dropped = [float(value) for value in re.findall(r"discarded_value=([-+0-9.eE]+)", log)]
    return max(dims, default=0), worker.lost(dropped)


def state(job, circuit):
    """By one more run: what the measured runs ask for leaves no vector."""
    saved = circuit.copy()
    saved.save_statevector()
    return worker.first_qubit_slow(run(simulator(job), saved).data(0)["statevector"])


def simulate(job, prepared):
    n = job["qubits"]
    if job["kind"] == "shots":
        circuit = prepared[0].copy()
        circuit.measure_all()
        seconds, result = worker.clocked(lambda: run(simulator(job), circuit, shots=job["shots"]))
        return {"evolve": None, "measure": None, "total": seconds, "samples": sum(result.get_counts().values())}
    circuits = [with_all_paulis(circuit, range(n)) for circuit in prepared]
    if job["kind"] == "rows":
        seconds, result = worker.clocked(lambda: run(simulator(job), circuits))
        return {"evolve": None, "measure": None, "total": seconds, "xyz": read(result, 0, n)}
    out = {"evolve": None, "measure": None, "state": lambda: state(job, prepared[0])}
    start = time.process_time()
    result = run(simulator(job), circuits[0])
    out |= {"cpu": time.process_time() - start, "total": result.results[0].time_taken, "xyz": read(result, 0, n)}
    if job["split"]:
        evolution = prepared[0].copy()
        evolution.save_amplitudes([0])  # cheap, and needs every gate: Aer leaves out what no result depends on
        alone = run(simulator(job, log=True), evolution).results[0]
        out["bond"], out["error"] = logged(alone)
        out["evolve"] = min(alone.time_taken, out["total"])
        out["measure"] = out["total"] - out["evolve"]
    return out


if __name__ == "__main__":
    worker.main(prepare, simulate)

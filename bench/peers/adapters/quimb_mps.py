"""quimb: CircuitMPS, or CircuitPermMPS when gates join distant qubits; gates to and fro; one sweep to measure."""
from concurrent.futures import ProcessPoolExecutor
import time

import numpy as np
import quimb.tensor as qtn

import worker


def prepare(job, path):
    return worker.to_and_fro(worker.matrices(worker.merged(worker.loaded(path))))


def evolve(job, gates):
    distant = any(abs(qubits[0] - qubits[-1]) > 1 for qubits, _ in gates)
    options = {"max_bond": job["max_dim"], "cutoff": job["cutoff"], "cutoff_mode": "rsum2"}
    kind = qtn.CircuitPermMPS if distant else qtn.CircuitMPS
    circuit = kind(job["qubits"], gate_opts=options)
    for qubits, matrix in gates:
        circuit.apply_gate_raw(matrix, qubits)
    return circuit


def measure(circuit):
    """<X>, <Y>, <Z> of every qubit, the centre moved once along the chain."""
    order = getattr(circuit, "qubits", range(circuit.N))
    state = circuit._psi.copy()
    info = dict(circuit.gate_opts["info"])
    xyz = [None] * circuit.N
    for site, qubit in enumerate(order):
        state.canonicalize_(site, info=info)
        tensor = state[site]
        ket = np.moveaxis(tensor.data, tensor.inds.index(state.site_ind(site)), 0).reshape(2, -1)
        xyz[qubit] = worker.xyz_of_density(ket @ ket.conj().T)
    return xyz


def state(circuit):
    """The sites stand in the order of the qubits: no circuit this is asked of has distant gates."""
    psi = circuit._psi.copy()
    psi.permute_arrays("lpr")
    first, *others, last = psi.arrays
    return worker.contracted([first[np.newaxis], *others, last[..., np.newaxis]])


def one(job, gates):
    seconds_evolve, circuit = worker.clocked(evolve, job, gates)
    seconds_measure, xyz = worker.clocked(measure, circuit)
    return {"evolve": seconds_evolve, "measure": seconds_measure, "total": seconds_evolve + seconds_measure, "xyz": xyz,
            "bond": circuit._psi.max_bond(), "error": float(circuit.error_estimate()), "state": lambda: state(circuit)}


def row(arguments):
    result = one(*arguments)
    return result["xyz"], result["bond"], worker.memory_peak_mib()


def rows(job, prepared):
    """The rows of a table, one after the other or in as many processes as there are threads."""
    work = [(job, gates) for gates in prepared]
    if job["threads"] == 1 or len(work) == 1:
        seconds, results = worker.clocked(lambda: [row(item) for item in work])
        return {"evolve": None, "measure": None, "total": seconds, "xyz": results[0][0], "bond": max(r[1] for r in results)}
    with ProcessPoolExecutor(job["threads"]) as pool:
        list(pool.map(row, [work[0]] * job["threads"]))  # the processes start before the clock
        seconds, results = worker.clocked(lambda: list(pool.map(row, work, chunksize=4)))
    extra = (job["threads"]) * max(r[2] for r in results)
    return {"evolve": None, "measure": None, "total": seconds, "xyz": results[0][0], "bond": max(r[1] for r in results),
            "children_mib": extra}


def shots(job, prepared):
    start = time.perf_counter()
    circuit = evolve(job, prepared[0])
    samples = sum(1 for _ in circuit.sample(job["shots"], seed=1))
    return {"evolve": None, "measure": None, "total": time.perf_counter() - start, "samples": samples}


def simulate(job, prepared):
    if job["kind"] == "rows":
        return rows(job, prepared)
    if job["kind"] == "shots":
        return shots(job, prepared)
    return one(job, prepared[0])


if __name__ == "__main__":
    worker.main(prepare, simulate)

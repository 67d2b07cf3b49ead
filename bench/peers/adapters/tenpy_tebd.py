"""TeNPy: its TEBD bond update (TEBDEngine.update_bond) fed with the gates of the circuit. Neighbouring qubits only."""
import warnings

import numpy as np
import tenpy.linalg.np_conserved as npc
from tenpy.algorithms.tebd import TEBDEngine
from tenpy.models.spins import SpinChain
from tenpy.networks.mps import MPS
from tenpy.networks.site import SpinHalfSite

import worker


def prepare(job, path):
    return worker.to_and_fro(worker.matrices(worker.merged(path)))


def engine_of(job):
    """A TEBD engine on |0..0>; its Hamiltonian is never used."""
    n = job["qubits"]
    model = SpinChain({"L": n, "S": 0.5, "conserve": None, "bc_MPS": "finite"})
    site = SpinHalfSite(conserve=None)
    state = MPS.from_product_state([site] * n, ["up"] * n, bc="finite", dtype=complex)
    return TEBDEngine(state, model, {"trunc_params": {"chi_max": job["max_dim"], "trunc_cut": job["cutoff"] ** 0.5,
                                                      "svd_min": None, "chi_min": 1}})


def evolve(job, gates):
    engine = engine_of(job)
    engine._trunc_err_bonds = [engine._trunc_err_bonds[0].__class__() for _ in range(job["qubits"] + 1)]
    for qubits, matrix in gates:
        if len(qubits) == 1:
            engine.psi.apply_local_op(qubits[0], npc.Array.from_ndarray_trivial(matrix, labels=["p", "p*"]), unitary=True)
            continue
        left, right = min(qubits), max(qubits)
        if right - left != 1:
            raise NotImplementedError("gates on distant qubits")
        tensor = matrix.reshape(2, 2, 2, 2)
        if qubits[0] > qubits[1]:
            tensor = tensor.transpose(1, 0, 3, 2)
        engine.update_bond(right, npc.Array.from_ndarray_trivial(tensor, labels=["p0", "p1", "p0*", "p1*"]))
    return engine


def measure(engine):
    operators = [npc.Array.from_ndarray_trivial(matrix, labels=["p", "p*"]) for matrix in worker.PAULIS]
    values = [engine.psi.expectation_value([operator]) for operator in operators]
    return [[float(np.real(axis[q])) for axis in values] for q in range(engine.psi.L)]


def state(psi):
    return worker.contracted([psi.get_B(q).transpose(["vL", "p", "vR"]).to_ndarray() for q in range(psi.L)])


def simulate(job, prepared):
    warnings.simplefilter("ignore")
    seconds_evolve, engine = worker.clocked(evolve, job, prepared[0])
    seconds_measure, xyz = worker.clocked(measure, engine)
    return {"evolve": seconds_evolve, "measure": seconds_measure, "total": seconds_evolve + seconds_measure, "xyz": xyz,
            "bond": max(engine.psi.chi, default=1), "error": float(sum(error.eps for error in engine._trunc_err_bonds)),
            "state": lambda: state(engine.psi)}


if __name__ == "__main__":
    worker.main(prepare, simulate)

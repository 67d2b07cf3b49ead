"""TeNPy: its TEBD bond update (update_bond) fed with the gates of the circuit. Neighbouring qubits only.

Variants: "" keeps no charges; "sz" conserves Sz, so that tensors are sparse in blocks, for circuits whose merged gates all do.
"""
import warnings

import numpy as np
import tenpy.linalg.np_conserved as npc
from tenpy.algorithms.tebd import TEBDEngine
from tenpy.models.spins import SpinChain
from tenpy.networks.mps import MPS
from tenpy.networks.site import SpinHalfSite
from tenpy.tools import optimization

import worker

ROUNDING = 1e-13  # of a merged gate: what is no larger and changes Sz is zero


def prepare(job, path):
    """The initial bits of the qubits, and the gates."""
    bits, circuit = worker.without_first_flips(worker.loaded(path))
    return bits, worker.to_and_fro(worker.matrices(worker.merged(circuit)))


class Sites:
    """Arrays of TeNPy from matrices whose basis is |0>, |1>: spin up and down, in the order of the site."""

    def __init__(self, conserve):
        self.site = SpinHalfSite(conserve=conserve)
        self.order = [self.site.state_index(label) for label in ("up", "down")]

    def gate(self, matrix, labels):
        """Of a matrix on one or two sites. Raises ValueError when it does not conserve what the site does."""
        legs = len(labels) // 2
        tensor = np.zeros((2,) * (2 * legs), dtype=complex)
        tensor[np.ix_(*[self.order] * (2 * legs))] = matrix.reshape((2,) * (2 * legs))
        charges = [self.site.leg] * legs + [self.site.leg.conj()] * legs
        return npc.Array.from_ndarray(tensor, charges, dtype=complex, cutoff=ROUNDING, labels=labels)


def engine_of(job, sites, bits):
    """A TEBD engine on a product state; its Hamiltonian is never used."""
    n = job["qubits"]
    model = SpinChain({"L": n, "S": 0.5, "conserve": sites.site.conserve, "bc_MPS": "finite"})
    state = MPS.from_product_state([sites.site] * n, [("up", "down")[bit] for bit in bits], bc="finite", dtype=complex)
    options = {"trunc_params": {"chi_max": job["max_dim"], "trunc_cut": job["cutoff"] ** 0.5, "svd_min": None, "chi_min": 1}}
    engine = TEBDEngine(state, model, options)
    engine._trunc_err_bonds = [engine._trunc_err_bonds[0].__class__() for _ in range(n + 1)]
    return engine


def evolve(job, sites, bits, gates):
    """@return the engine, and the weights it has discarded, of each update"""
    engine, discarded = engine_of(job, sites, bits), []
    for qubits, matrix in gates:
        if len(qubits) == 1:
            engine.psi.apply_local_op(qubits[0], sites.gate(matrix, ["p", "p*"]), unitary=True)
            continue
        left, right = min(qubits), max(qubits)
        if right - left != 1:
            raise NotImplementedError("gates on distant qubits")
        tensor = matrix.reshape(2, 2, 2, 2)
        if qubits[0] > qubits[1]:
            tensor = tensor.transpose(1, 0, 3, 2)
        discarded.append(engine.update_bond(right, sites.gate(tensor, ["p0", "p1", "p0*", "p1*"])).eps)
    return engine, discarded


def measure(engine):
    """<X>, <Y>, <Z> of every site; with a conserved Sz the first two are zero."""
    psi = engine.psi
    columns = [np.real(psi.expectation_value(name)) if name in psi.sites[0].opnames else np.zeros(psi.L)
               for name in ("Sigmax", "Sigmay", "Sigmaz")]
    return [[float(column[q]) for column in columns] for q in range(psi.L)]


def state(psi):
    return worker.contracted([psi.get_B(q).transpose(["vL", "p", "vR"]).to_ndarray() for q in range(psi.L)])


def simulate(job, prepared):
    warnings.simplefilter("ignore")
    optimization.set_level("skip_arg_checks")
    sites = Sites("Sz" if job["variant"] == "sz" else "None")
    bits, gates = prepared[0]
    seconds_evolve, (engine, discarded) = worker.clocked(evolve, job, sites, bits, gates)
    seconds_measure, xyz = worker.clocked(measure, engine)
    return {"evolve": seconds_evolve, "measure": seconds_measure, "total": seconds_evolve + seconds_measure, "xyz": xyz,
            "bond": max(engine.psi.chi, default=1), "error": worker.lost(discarded), "state": lambda: state(engine.psi)}


if __name__ == "__main__":
    worker.main(prepare, simulate)

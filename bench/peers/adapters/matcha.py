"""Quantum Matcha TEA: run_simulation with NumPy in double precision; gates in the order of the file.

Its cut_ratio compares single singular values with the largest; the square root of our Cutoff is the nearest it has.
"""
import contextlib
import os
import tempfile

import numpy as np
from qmatchatea import QCBackend, QCConvergenceParameters, QCIO, QCOperators, run_simulation
from qmatchatea.utils.qk_utils import qk_transpilation_params
from qtealeaves.observables import TNObservables, TNObsLocal

import worker


def prepare(job, path):
    circuit = worker.merged(worker.loaded(path))
    if any(abs(qubits[0] - qubits[-1]) > 1 for qubits, _ in worker.matrices(circuit)):
        raise NotImplementedError("gates on distant qubits")
    return circuit


def run(job, circuit, observables, operators):
    limits = QCConvergenceParameters(max_bond_dimension=job["max_dim"], cut_ratio=job["cutoff"] ** 0.5, svd_ctrl="A")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(None):
        return run_simulation(circuit.copy(), convergence_parameters=limits, operators=operators, observables=observables,
                              io_info=QCIO(inPATH=os.path.join(folder, "in/"), outPATH=os.path.join(folder, "out/")),
                              transpilation_parameters=qk_transpilation_params(linearize=False),
                              backend=QCBackend(precision="Z", device="cpu"))


def simulate(job, prepared):
    observables, operators = TNObservables(), QCOperators()
    for name in "XYZ":  # known to QCOperators
        observables += TNObsLocal(name, name)
    seconds, result = worker.clocked(run, job, prepared[0], observables, operators)
    columns = [np.real(result.observables[name]) for name in "XYZ"]
    return {"evolve": None, "measure": None, "total": float(result.computational_time or seconds), "clock": seconds,
            "xyz": [[float(column[q]) for column in columns] for q in range(job["qubits"])]}


if __name__ == "__main__":
    worker.main(prepare, simulate)

"""The exact state, and its <X>, <Y>, <Z>: Qiskit Aer's state vector in double precision."""
import numpy as np
from qiskit import qasm2
from qiskit.quantum_info import Pauli
from qiskit_aer import AerSimulator

import worker


def prepare(job, path):
    circuit = qasm2.load(path, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    for q in range(circuit.num_qubits):
        for pauli in "XYZ":
            circuit.save_expectation_value(Pauli(pauli), [q], label=f"{pauli}{q}")
    circuit.save_statevector()
    return circuit


def simulate(job, prepared):
    backend = AerSimulator(method="statevector", max_parallel_threads=job["threads"])
    seconds, result = worker.clocked(lambda: backend.run(prepared[0]).result())
    data = result.data(0)
    xyz = [[float(np.real(data[f"{pauli}{q}"])) for pauli in "XYZ"] for q in range(job["qubits"])]
    return {"total": seconds, "xyz": xyz, "state": lambda: worker.first_qubit_slow(data["statevector"])}


if __name__ == "__main__":
    worker.main(prepare, simulate)

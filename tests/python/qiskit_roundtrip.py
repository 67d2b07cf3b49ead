#!/usr/bin/env python3
"""Random circuits over Qiskit's gate set, exported as OpenQASM 2 and 3, run by circuit_xyz_exp, compared with Qiskit's state vector;
a fifth as many with measurements, resets and conditions, of which each seed must end in one of their trajectories.

    build/python/bin/python tests/python/qiskit_roundtrip.py [--circuits N] [--seed S] PATH/circuit_xyz_exp

scripts/python makes build/python.

Exit code 0: all <X>, <Y>, <Z> agree to 1e-10; 1: some do not, their circuits are printed; 77: Qiskit is not installed.
"""
import argparse
import random
import sys
from concurrent.futures import ThreadPoolExecutor

try:
    import qiskit.circuit.library as library
    from qiskit import QuantumCircuit, qasm2, qasm3
    from qiskit.quantum_info import Statevector

    import against
except ImportError:
    print("Qiskit is not installed: nothing was compared")
    sys.exit(77)

# Constructor, number of parameters.
GATES = [(name, parameters) for parameters, names in {
    0: "IGate XGate YGate ZGate HGate SGate SdgGate TGate TdgGate SXGate SXdgGate CXGate CYGate CZGate CHGate CSGate CSdgGate "
       "CSXGate SwapGate iSwapGate DCXGate ECRGate CCXGate CCZGate CSwapGate RCCXGate C3XGate C3SXGate RC3XGate C4XGate",
    1: "RXGate RYGate RZGate PhaseGate U1Gate CRXGate CRYGate CRZGate CPhaseGate CU1Gate RXXGate RYYGate RZZGate RZXGate",
    2: "RGate U2Gate XXPlusYYGate XXMinusYYGate",
    3: "UGate U3Gate CU3Gate",
    4: "CUGate"}.items() for name in names.split()]


def random_gate(generator, free, nested=True):
    """A gate on at most `free` qubits: of the library, controlled, inverted, or a small circuit made a gate."""
    kind = generator.randrange(10) if nested else 9
    if kind == 0 and free >= 2:
        gate = random_gate(generator, free - 1, False)
        return gate.control(1, ctrl_state=generator.randrange(2))
    if kind == 1:
        return random_gate(generator, free, False).inverse()
    if kind == 2 and free >= 2:
        width = generator.randrange(2, min(free, 3) + 1)
        body = QuantumCircuit(width, name=f"block_{generator.randrange(10**9)}")
        for _ in range(3):
            add_gate(generator, body, False)
        return body.to_gate()
    if kind == 3 and free >= 3:
        controls = generator.randrange(2, min(free, 6))
        return generator.choice([library.MCXGate(controls), library.MCPhaseGate(generator.uniform(-3, 3), controls)])
    while True:
        name, parameters = generator.choice(GATES)
        quarter = generator.random() < 0.2
        angles = [generator.randrange(-4, 5) * 1.5707963267948966 if quarter else generator.uniform(-6, 6) for _ in range(parameters)]
        gate = getattr(library, name)(*angles)
        if gate.num_qubits <= free:
            return gate


def add_gate(generator, circuit, nested=True):
    gate = random_gate(generator, circuit.num_qubits, nested)
    circuit.append(gate, generator.sample(range(circuit.num_qubits), gate.num_qubits))


def random_circuit(generator):
    circuit = QuantumCircuit(generator.randrange(1, 11))
    for qubit in range(circuit.num_qubits):
        circuit.ry(generator.uniform(-3, 3), qubit)
    for _ in range(generator.randrange(1, 30)):
        add_gate(generator, circuit)
    return circuit


def random_dynamic(generator):
    """Gates, some under a condition on measured bits, measurements and resets in between."""
    qubits = generator.randrange(1, 6)
    circuit = QuantumCircuit(qubits, 3)
    for qubit in range(qubits):
        circuit.ry(generator.uniform(-3, 3), qubit)
    for _ in range(4):
        for _ in range(3):
            add_gate(generator, circuit, False)
        kind = generator.randrange(4)
        if kind == 0:
            circuit.reset(generator.randrange(qubits))
        else:
            circuit.measure(generator.randrange(qubits), generator.randrange(3))
            condition = (circuit.cregs[0], generator.randrange(8)) if kind == 1 else (circuit.clbits[generator.randrange(3)], kind - 2)
            with circuit.if_test(condition):
                add_gate(generator, circuit, False)
    for qubit in range(qubits):  # so that no measurement is the last thing that happens to its qubit
        circuit.ry(generator.uniform(-3, 3), qubit)
    return circuit


def exported(circuit):
    """(language, text) in every language that can say it: OpenQASM 2 has conditions on whole registers only."""
    for language, dumps in (("OpenQASM 2", qasm2.dumps), ("OpenQASM 3", qasm3.dumps)):
        try:
            yield language, dumps(circuit)
        except qasm2.QASM2ExportError:
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--circuits", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("program")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)

    def check(number):
        circuit = random_circuit(random.Random(options.seed * 1000003 + number))
        expected = against.exact(Statevector(circuit).data)
        return [f"circuit {number}, {language}: {problem}\n{text}\n" for language, text in exported(circuit)
                if (problem := against.difference(options.program, text, expected))]

    def check_dynamic(number):
        circuit = random_dynamic(random.Random(options.seed * 1000003 + number))
        return [f"circuit {number} with measured bits, {language}: {problem}\n{text}\n" for language, text in exported(circuit)
                if (problem := against.trajectory(options.program, text, circuit, seeds=3))]

    dynamic = options.circuits // 5
    with ThreadPoolExecutor(2) as pool:
        problems = [problem for found in pool.map(check, range(options.circuits)) for problem in found]
        problems += [problem for found in pool.map(check_dynamic, range(dynamic)) for problem in found]
    for problem in problems:
        print(problem)
    print(f"{options.circuits} circuits and {dynamic} with measured bits, {len(problems)} failures")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

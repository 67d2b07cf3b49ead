"""What the tests with Qiskit share: running circuit_xyz_exp, and the exact values."""
import csv
import io
import os
import subprocess
import tempfile

import numpy as np
from qiskit.circuit import Clbit
from qiskit.circuit.classical import expr
from qiskit.quantum_info import Operator, Statevector

TOLERANCE = 1e-10


def run(program, text, *options, seconds=None):
    """<X>, <Y>, <Z> of every qubit as rows; ValueError with the message when the program refuses or fails."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "circuit.qasm")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([program, "--quiet", *options, path], capture_output=True, text=True, check=False, timeout=seconds)
    if done.returncode != 0:
        raise ValueError(done.stderr.strip().replace(folder + "/", ""))
    return np.array([[float(row[letter]) for letter in "xyz"] for row in csv.DictReader(io.StringIO(done.stdout))])


def exact(amplitudes):
    """The same from a state vector in Qiskit's order: qubit q is bit q of the index."""
    rows = []
    for qubit in range(len(amplitudes).bit_length() - 1):
        zero, one = np.moveaxis(amplitudes.reshape(-1, 2, 1 << qubit), 1, 0)
        coherence = 2 * np.vdot(zero, one)
        rows.append([coherence.real, coherence.imag, np.vdot(zero, zero).real - np.vdot(one, one).real])
    return np.array(rows)


def difference(program, text, expected):
    """What is wrong with the program's answer to a circuit, or None."""
    try:
        got = run(program, text, "--cutoff", "1e-30")
    except ValueError as error:
        return str(error)
    if got.shape != expected.shape:
        return f"{len(got)} qubits, {len(expected)} expected"
    worst = np.abs(got - expected).max(initial=0.0)
    return None if worst <= TOLERANCE else f"off by {worst:.3g}"


def value(expression, bits):
    """A classical condition of Qiskit, given the bits so far."""
    if isinstance(expression, tuple):
        target, wanted = expression
        return (bits[target] if isinstance(target, Clbit) else register_value(target, bits)) == int(wanted)
    if isinstance(expression, expr.Value):
        return int(expression.value)
    if isinstance(expression, expr.Var):
        return bits[expression.var] if isinstance(expression.var, Clbit) else register_value(expression.var, bits)
    if isinstance(expression, expr.Cast):
        return value(expression.operand, bits)
    if isinstance(expression, expr.Unary):
        return int(not value(expression.operand, bits))
    left, right = value(expression.left, bits), value(expression.right, bits)
    return {"EQUAL": left == right, "NOT_EQUAL": left != right, "BIT_XOR": left ^ right, "BIT_AND": left & right,
            "BIT_OR": left | right, "LOGIC_AND": left and right, "LOGIC_OR": left or right}[expression.op.name]


def register_value(register, bits):
    return sum(bits[bit] << k for k, bit in enumerate(register))


def collapse(state, qubit, outcome):
    """Probability of an outcome, and the state after it."""
    parts = state.copy().reshape(-1, 2, 1 << qubit)
    parts[:, 1 - outcome] = 0
    probability = np.vdot(parts, parts).real
    return probability, parts.reshape(-1) / np.sqrt(probability) if probability > 1e-14 else None


def branches(circuit, number, state, bits, qubits):
    """Final states of all trajectories from operation `number` on. A measurement whose qubit and bit nobody uses again is none:
    the program leaves it to the end, and prints the state before it."""
    for at in range(number, len(circuit.data)):
        step = circuit.data[at]
        name = step.operation.name
        on = [qubits[qubit] for qubit in step.qubits]
        if name == "barrier":
            continue
        if name == "measure":
            if is_last(circuit, at):
                continue
            for outcome in (0, 1):
                probability, after = collapse(state, on[0], outcome)
                if after is not None:
                    yield from branches(circuit, at + 1, after, bits | {step.clbits[0]: outcome}, qubits)
            return
        if name == "reset":
            for outcome in (0, 1):
                _, after = collapse(state, on[0], outcome)
                if after is not None:
                    if outcome:
                        after = np.flip(after.reshape(-1, 2, 1 << on[0]), axis=1).reshape(-1)
                    yield from branches(circuit, at + 1, after, bits, qubits)
            return
        if name == "if_else":
            body = step.operation.blocks[0 if value(step.operation.condition, bits) else -1]
            if not value(step.operation.condition, bits) and len(step.operation.blocks) == 1:
                continue
            for inner in body.data:
                places = [on[body.find_bit(qubit).index] for qubit in inner.qubits]
                state = Statevector(state).evolve(Operator(inner.operation), places).data
            continue
        state = Statevector(state).evolve(Operator(step.operation), on).data
    yield state


def is_last(circuit, at):
    step = circuit.data[at]
    later = [other for other in circuit.data[at + 1:] if other.operation.name != "barrier"]
    return not any(set(step.qubits) & set(other.qubits) or set(step.clbits) & set(other.clbits) for other in later)


def trajectory(program, text, circuit, seeds=8):
    """What is wrong with runs of a circuit with measured bits, or None: each must end in the state of one of its trajectories."""
    zero = np.zeros(1 << circuit.num_qubits, dtype=complex)
    zero[0] = 1
    qubits = {qubit: k for k, qubit in enumerate(circuit.qubits)}
    ends = [exact(state) for state in branches(circuit, 0, zero, {bit: 0 for bit in circuit.clbits}, qubits)]
    for seed in range(seeds):
        try:
            got = run(program, text, "--cutoff", "1e-30", "--seed", str(seed))
        except ValueError as error:
            return str(error)
        worst = min(np.abs(got - end).max() for end in ends)
        if not worst <= TOLERANCE:
            return f"seed {seed}: {worst:.3g} from the nearest of {len(ends)} trajectories"
    return None

#!/usr/bin/env python3
"""Write the example circuits of this folder. Same output on every run: the only random numbers come from a fixed seed."""
import math
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
N = 100


def write(name, comment, lines, mark):
    """The file `name`: a header of `comment` lines after the mark that starts a comment, then `lines`."""
    header = [f"{mark} {line}".rstrip() for line in comment.strip().splitlines()]
    (HERE / name).write_text("\n".join(header + lines) + "\n", encoding="ascii")


def openqasm(body, bits=False):
    declarations = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{N}];"]
    if bits:
        declarations.append(f"creg c[{N}];")
    return declarations + body


def bonds():
    """Neighbouring pairs: (0,1), (2,3) .. then (1,2), (3,4) .."""
    return list(range(0, N - 1, 2)) + list(range(1, N - 1, 2))


def feature_map():
    """H on all; 8 times Rz(a_i) on every qubit and exp(-i b_i/2 XX) on every bond."""
    reps = 8
    a = [0.3 + 0.7 * math.sin(i + 1) for i in range(N)]
    b = [0.9 + 0.2 * math.cos(0.5 * i) for i in range(N - 1)]
    about = f"""
Feature map of a projected quantum kernel: H on all of {N} qubits, then {reps} times Rz(a_i) on every qubit and
XXPhase(b_i) = exp(-i b_i/2 X X) on every bond (i, i+1), even bonds first. a_i = 0.3 + 0.7 sin(i+1), b_i = 0.9 + 0.2 cos(i/2), radians.
{{language}}
The circuit is made of matchgates, so its exact values are known (free fermions). Expect, site: <X>, <Y>, <Z>
   0:  0.590939612113   0.184526536702   0.506475300711
  49:  0.960190891680  -0.049972027399   0.077491824991
  99:  0.996854227800   0.036987829473  -0.034233858188
to 5e-6 with --cutoff 1e-12 (largest bond about 25, well under a second), to 1e-8 with --cutoff 1e-16.
"""
    gates, qasm = [], []
    for i in range(N):
        gates.append(f"0,{i},-1,0")
    qasm.append("h q;")
    for _ in range(reps):
        for i in range(N):
            gates.append(f"2,{i},-1,{a[i] / math.pi!r}")
            qasm.append(f"rz({a[i]!r}) q[{i}];")
        for i in bonds():
            gates.append(f"3,{i},{i + 1},{b[i] / math.pi!r}")
            qasm.append(f"rxx({b[i]!r}) q[{i}],q[{i + 1}];")
    write("feature_map_100.gates", about.format(language="A line is code,q0,q1,angle: 0 H, 2 Rz, 3 XXPhase; angles in half-turns."),
          gates, "#")
    write("feature_map_100.qasm", about.format(language="The same circuit as feature_map_100.gates, in OpenQASM 2."), openqasm(qasm), "//")


def feature_map_rows():
    """The template of a feature table: angles depend on the columns of a row."""
    reps = 5
    about = f"""
Template of projected quantum features: one circuit of {N} qubits for each row x of a table with {N} columns.
H on every qubit, then {reps} times Rz(gamma x_i) on every qubit and RXX(pi gamma^2 (1 - x_i)(1 - x_j)) on every bond (i, j = i + 1), even
bonds first; gamma = 1. Rz(a) = exp(-i a/2 Z), RXX(a) = exp(-i a/2 X X).
A line is code,q0,q1,angle: 0 H, 2 Rz, 3 XXPhase; angles in half-turns, $k is column k of the row.
With x from a normal distribution the largest bond is 15 to 21 at --cutoff 1e-12. Run it with --params TABLE.
The same in OpenQASM 3, with the number of repetitions, gamma and the range of RXX to choose: feature_map_rows.qasm.
"""
    gates = [f"0,{i},-1,0" for i in range(N)]
    for _ in range(reps):
        gates += [f"2,{i},-1,${i}/pi" for i in range(N)]
        gates += [f"3,{i},{i + 1},(1-${i})*(1-${i + 1})" for i in bonds()]
    write("feature_map_rows.gates", about, gates, "#")
    about = f"""
Template of projected quantum features: one circuit of {N} qubits for each row x of a table with {N} columns.
H on every qubit, then reps times Rz(gamma x_i) on every qubit and RXX(pi gamma^2 (1 - x_i)(1 - x_j)) on every pair with
j - i = 1 .. d. Rz(a) = exp(-i a/2 Z), RXX(a) = exp(-i a/2 X X). Change reps, gamma and d below.
With x from a normal distribution the largest bond is 15 to 21 at --cutoff 1e-12. Run it with --params TABLE.
"""
    program = f"""
OPENQASM 3.0;
include "stdgates.inc";
const int n = {N};
const int reps = {reps};
const int d = 1;
const float gamma = 1.0;
input array[float[64], n] x;
qubit[n] q;

h q;
for int rep in [1:reps] {{
  for int i in [0:n - 1]
    rz(gamma * x[i]) q[i];
  for int distance in [1:d]
    for int start in [0:2 * distance - 1]               // pairs of one start do not overlap
      for int i in [start:2 * distance:n - 1 - distance]
        rxx(pi * gamma ** 2 * (1 - x[i]) * (1 - x[i + distance])) q[i], q[i + distance];
}}
"""
    write("feature_map_rows.qasm", about, program.strip().splitlines(), "//")


def kicked_ising():
    """Self-dual kicked Ising chain: |+..+>, then t times ZZ and Z, then the kick X."""
    steps = 7
    generator = random.Random(7)
    fields = [generator.uniform(0.1, 0.7) for _ in range(N)]
    about = f"""
Kicked Ising chain at its self-dual point: {N} qubits in |+>, then {steps} times
exp(-i (pi/4 Z Z)) on every bond, exp(-i h_j Z) and the kick exp(-i pi/4 X) on every qubit, h_j random.
The chain is dual-unitary: exactly {steps} bits of entanglement across every bond far from the ends, all 2^{steps} = {2 ** steps} Schmidt
values equal, whatever the fields. Expect largest bond {2 ** steps} and <X> = <Y> = <Z> = 0 on every qubit to rounding.
A --max-dim below {2 ** steps} cuts through equal values: with --max-dim {2 ** steps // 2} the largest discarded weight is 0.5.
"""
    body = ["h q;"]
    for _ in range(steps):
        body += [f"rzz(pi/2) q[{i}],q[{i + 1}];" for i in bonds()]
        body += [f"rz({2 * fields[j]!r}) q[{j}];" for j in range(N)]
        body.append("rx(pi/2) q;")
    write("kicked_ising_100.qasm", about, openqasm(body), "//")


def ghz():
    """(|0..0> + |1..1>)/sqrt 2."""
    about = f"""
Greenberger-Horne-Zeilinger state (|0..0> + |1..1>)/sqrt 2 of {N} qubits, measured at the end.
Expect <X> = <Y> = <Z> = 0 for every qubit, bond 2 everywhere, nothing discarded. The measurements stand for a file from another program:
they are accepted at the end and change nothing, expectation values are those before measuring.
"""
    body = ["h q[0];"] + [f"cx q[{i}],q[{i + 1}];" for i in range(N - 1)] + ["barrier q;", "measure q -> c;"]
    write("ghz_100.qasm", about, openqasm(body, bits=True), "//")


def brickwork():
    """Random one-qubit gates and CZ in a brickwork."""
    depth = 10
    generator = random.Random(2024)
    about = f"""
Random brickwork: {depth} layers, each a random u3 on every qubit of {N} and then CZ on every second bond, even and odd layers in turn.
Hard for its size: each of the {depth // 2} CZ on a bond doubles its Schmidt rank, nothing is small, so bonds in the bulk reach exactly
2^{depth // 2} = {2 ** (depth // 2)}. Expect largest bond {2 ** (depth // 2)} and a discarded weight of rounding size with --cutoff 1e-12.
"""
    body = []
    for layer in range(depth):
        for i in range(N):
            theta = math.acos(1 - 2 * generator.random())
            phi, lam = (generator.uniform(-math.pi, math.pi) for _ in range(2))
            body.append(f"u3({theta!r},{phi!r},{lam!r}) q[{i}];")
        body += [f"cz q[{i}],q[{i + 1}];" for i in range(layer % 2, N - 1, 2)]
    write("brickwork_100.qasm", about, openqasm(body), "//")


if __name__ == "__main__":
    feature_map()
    feature_map_rows()
    kicked_ising()
    ghz()
    brickwork()

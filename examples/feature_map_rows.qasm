// Template of projected quantum features: one circuit of 100 qubits for each row x of a table with 100 columns.
// H on every qubit, then reps times Rz(gamma x_i) on every qubit and RXX(pi gamma^2 (1 - x_i)(1 - x_j)) on every pair with
// j - i = 1 .. d. Rz(a) = exp(-i a/2 Z), RXX(a) = exp(-i a/2 X X). Change reps, gamma and d below.
// With x from a normal distribution the largest bond is 15 to 21 at --cutoff 1e-12. Run it with --params TABLE.
OPENQASM 3.0;
include "stdgates.inc";
const int n = 100;
const int reps = 5;
const int d = 1;
const float gamma = 1.0;
input array[float[64], n] x;
qubit[n] q;

h q;
for int rep in [1:reps] {
  for int i in [0:n - 1]
    rz(gamma * x[i]) q[i];
  for int distance in [1:d]
    for int start in [0:2 * distance - 1]               // pairs of one start do not overlap
      for int i in [start:2 * distance:n - 1 - distance]
        rxx(pi * gamma ** 2 * (1 - x[i]) * (1 - x[i + distance])) q[i], q[i + distance];
}

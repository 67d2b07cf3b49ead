#!/usr/bin/env bash
# One worker against two, interleaved: a brickwork of random u3 and cz on 30 qubits (or as given).
#   bench/scaling.sh [MAX_DIM [DEPTH [REPETITIONS]]]     BUILD_DIR chooses the build; the machine should be quiet
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
program=$BUILD_DIR/bin/circuit_xyz_exp
max_dim=${1:-256} depth=${2:-20} repetitions=${3:-5}
scratch scaling

awk -v n=30 -v depth="$depth" 'BEGIN {
    srand(1); pi = 3.14159265358979
    printf "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", n
    for (layer = 0; layer < depth; layer++) {
        for (q = 0; q < n; q++)
            printf "u3(%.15g,%.15g,%.15g) q[%d];\n", atan2(sqrt(1 - (c = 1 - 2 * rand()) ^ 2), c), 2 * pi * rand(), 2 * pi * rand(), q
        for (q = layer % 2; q + 1 < n; q += 2)
            printf "cx q[%d],q[%d];\nrz(%.15g) q[%d];\ncx q[%d],q[%d];\nrx(%.15g) q[%d];\ncx q[%d],q[%d];\n", q, q + 1, 2 * pi * rand(), q + 1, q + 1, q, 2 * pi * rand(), q, q, q + 1
    }
}' >circuit.qasm

for repetition in $(seq "$repetitions"); do
    for workers in 1 2; do
        STARPU_NCPU=$workers "$program" --quiet --max-dim "$max_dim" --out "$workers.csv" --summary "$workers.json" circuit.qasm
        # The first one is the run's; those after it are predictions.
        sed -n 's/.*"evolve": \([0-9.e+-]*\).*/\1/p' "$workers.json" | sed -n 1p >>"$workers.times"
    done
    cmp 1.csv 2.csv
    echo "repetition $repetition: evolve $(tail -n 1 1.times) s on one worker, $(tail -n 1 2.times) s on two" >&2
done
paste 1.times 2.times | awk '{ print $1 / $2 }' | sort -g |
    awk -v m="$max_dim" '{ ratio[NR] = $1 } END { printf "n=30 MaxDim=%d: two workers are %.2f times as fast as one (median of %d; %.2f to %.2f), same bytes\n", m, ratio[int((NR + 1) / 2)], NR, ratio[1], ratio[NR] }'

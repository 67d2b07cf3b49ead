#!/usr/bin/env bash
# Prediction against run: time and memory of circuit_xyz_exp beside what a plan with the run's own bonds says (--summary has both).
#   bench/plan.sh [REPETITIONS]     BUILD_DIR chooses the build; the machine should be quiet. Rates are measured anew at the start.
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
bin=$BUILD_DIR/bin
repetitions=${1:-5}
scratch plan
export BONDFLOW_RATES=$scratch/rates.json

# brickwork QUBITS LAYERS: random u3 and cz.
brickwork() {
    awk -v n="$1" -v layers="$2" 'BEGIN {
        srand(1); pi = 3.14159265358979
        printf "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", n
        for (l = 0; l < layers; l++) {
            for (q = 0; q < n; q++)
                printf "u3(%.15g,%.15g,%.15g) q[%d];\n", atan2(sqrt(1 - (c = 1 - 2 * rand()) ^ 2), c), 2 * pi * rand(), 2 * pi * rand(), q
            for (q = l % 2; q + 1 < n; q += 2) printf "cz q[%d],q[%d];\n", q, q + 1
        } }'
}
brickwork 30 20 >brickwork_30.qasm
brickwork 100 20 >brickwork_100_deep.qasm
cp "$root"/examples/*.qasm "$root"/examples/*.gates .
"$bin/circuit_plan" --calibrate ghz_100.qasm >/dev/null

printf 'circuit,workers,max_dim,bond,bound,predicted_s,measured_s,ratio,memory_ratio,at_most_s\n'
# one CIRCUIT MAX_DIM: a line for one worker and one for two, the medians of the repetitions.
one() {
    for workers in 1 2; do
        for i in $(seq "$repetitions"); do
            STARPU_NCPU=$workers "$bin/circuit_xyz_exp" --quiet --max-dim "$2" --out x.csv --summary "$i.json" "$1"
        done
        python3 - "$1" "$workers" "$2" "$repetitions" <<'PYTHON'
import json, statistics, sys
circuit, workers, max_dim, repetitions = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
runs = [json.load(open(f"{i}.json"))["prediction"] for i in range(1, repetitions + 1)]
first = runs[0]
measured = statistics.median(r["measured"]["total"] for r in runs)
predicted = first["true_bonds"]["total"]
memory = first["true_bonds"]["memory_bytes"] / statistics.median(r["measured"]["memory_bytes"] for r in runs)
print(f"{circuit},{workers},{max_dim},{first['measured']['largest_bond']},{first['bound']['largest_bond']},{predicted:.4g},{measured:.4g},"
      f"{predicted / measured:.2f},{memory:.2f},{first['bound']['total']:.3g}")
PYTHON
    done
}
for max_dim in 64 128 256; do one brickwork_30.qasm "$max_dim"; done
for max_dim in 64 128 256; do one brickwork_100_deep.qasm "$max_dim"; done
for circuit in kicked_ising_100.qasm feature_map_100.gates ghz_100.qasm brickwork_100.qasm; do one "$circuit" 1024; done

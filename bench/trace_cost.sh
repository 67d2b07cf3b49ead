#!/usr/bin/env bash
# What --trace costs: the same circuit with and without it, run in turn, and the median of the ratios of neighbours.
#   bench/trace_cost.sh [TASKS [GRAIN_US [PAIRS]]]     BUILD_DIR chooses the build; the machine should be quiet.
# On a busy one the processor time (user and system) says more than the wall clock.
# GRAIN_US 1 makes every gate a task, the worst case; 200 is the default of a run.
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
tasks=${1:-100000} grain=${2:-1} pairs=${3:-7}
scratch trace

# A brickwork whose bonds are full after a few layers; about 8 gates share a task of 200 us.
awk -v gates="$(awk -v t="$tasks" -v g="$grain" 'BEGIN { print g < 20 ? t : t * g / 25 }')" 'BEGIN {
    srand(1); n = 100
    printf "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", n
    for (layer = 0; made < gates; layer++)
        for (q = layer % 2; q + 1 < n; q += 2) {
            made++
            printf "ry(%.6f) q[%d];\nrz(%.6f) q[%d];\nrzz(%.6f) q[%d],q[%d];\n", 6 * rand(), q, 6 * rand(), q + 1, 6 * rand(), q, q + 1
        }
}' >circuit.qasm

once() { # NAME [OPTIONS]
    local name=$1
    shift
    TIMEFORMAT='%U %S'
    { time "$BUILD_DIR/bin/circuit_xyz_exp" --quiet --tasks always --max-dim 12 --grain-us "$grain" --out "$name.csv" \
        --summary "$name.json" "$@" circuit.qasm; } 2>cpu
    # The first one is the run's; those after it are predictions.
    sed -n 's/.*"evolve": \([0-9.e+-]*\).*/\1/p' "$name.json" | sed -n 1p >"$name.wall"
    awk '{ print $1 + $2 }' cpu >"$name.cpu"
}
once warm
for pair in $(seq "$pairs"); do
    # Neighbours in time, the order changing from pair to pair.
    if [ $((pair % 2)) -eq 0 ]; then
        once without
        once with --trace run
    else
        once with --trace run
        once without
    fi
    cmp with.csv without.csv
    for clock in wall cpu; do
        paste "with.$clock" "without.$clock" | awk '{ print $1 / $2 }' >>"ratios.$clock"
    done
    echo "pair $pair: $(cat without.wall) s without, $(cat with.wall) s with --trace;" \
        "processor $(cat without.cpu) s, $(cat with.cpu) s" >&2
done
"$BUILD_DIR/bin/trace_report" run | sed -n 2p
for clock in wall cpu; do
    sort -g "ratios.$clock" | awk -v g="$grain" -v c="$clock" '{ r[NR] = $1 }
        END { printf "grain %s us, %s time: --trace costs %+.2f %% (median of %d pairs; %+.2f to %+.2f), same bytes\n", g,
            c == "wall" ? "wall" : "processor", 100 * (r[int((NR + 1) / 2)] - 1), NR, 100 * (r[1] - 1), 100 * (r[NR] - 1) }'
done
du -sk run | awk '{ printf "trace: %.1f MB\n", $1 / 1000 }'

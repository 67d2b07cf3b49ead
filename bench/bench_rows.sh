#!/usr/bin/env bash
# Speed of many rows (circuit_xyz_exp --params): rows per second with 1 and 2 workers, start-up, overhead of a row, memory, idle
# share of uneven rows. Prints; never fails on a time.
#   bench/bench_rows.sh [BUILD_DIR]        REPEAT=5 measurements of each, interleaved, medians
BUILD_DIR=${1:-${BUILD_DIR-}}
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
export LC_ALL=C OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
xyz=$BUILD_DIR/bin/circuit_xyz_exp
table=$BUILD_DIR/bench/rows_table
peak=$BUILD_DIR/bench/rows_peak
repeat=${REPEAT:-5}
for program in "$xyz" "$table" "$peak"; do
    [ -x "$program" ] || die "$program is missing: scripts/build makes it"
done
scratch rows

# feature_map QUBITS REPS: the feature map as a gate list, range 1, gamma 1.
feature_map() {
    awk -v n="$1" -v reps="$2" 'BEGIN {
        for (i = 0; i < n; i++) printf "0,%d,-1,0\n", i
        for (r = 0; r < reps; r++) {
            for (i = 0; i < n; i++) printf "2,%d,-1,$%d / pi\n", i, i
            for (p = 0; p < 2; p++) for (i = p; i + 1 < n; i += 2) printf "3,%d,%d,(1 - $%d) * (1 - $%d)\n", i, i + 1, i, i + 1 } }'
}

# median NUMBERS...
median() {
    printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# rate FILE: rows/s of the closing summary; cost FILE: ms a row and worker.
rate() {
    sed -n 's/.* rows in .* s: \([0-9.]*\) rows\/s.*/\1/p' "$1"
}
cost() {
    sed -n 's/.* rows\/s, \([0-9.]*\) ms a row and worker.*/\1/p' "$1"
}

echo "== n = 100, reps 5, gamma 1, Cutoff 1e-12, x ~ N(0,1): rows by one process"
feature_map 100 5 >map.gates
"$table" map.npy 300 100 1
for workers in 1 2; do
    STARPU_NCPU=$workers "$xyz" --quiet --params map.npy --out warm.npy map.gates
done
rates1=() rates2=() costs1=() costs2=()
for _ in $(seq "$repeat"); do
    for workers in 1 2; do
        STARPU_NCPU=$workers "$xyz" --params map.npy --out out.npy map.gates 2>log
        declare -n rates=rates$workers costs=costs$workers
        rates+=("$(rate log)")
        costs+=("$(cost log)")
    done
done
grep 'largest bond' log
r1=$(median "${rates1[@]}")
r2=$(median "${rates2[@]}")
echo "1 worker:  $r1 rows/s, $(median "${costs1[@]}") ms a row   (each: ${costs1[*]})"
cpu=()
for _ in $(seq "$repeat"); do
    STARPU_NCPU=1 "$peak" "$xyz" --params map.npy --out out.npy map.gates 2>log
    cpu+=("$(sed -n 's/^cpu //p' log | awk '{ print 1e3 * $1 / 300 }')")
done
echo "processor time of the whole program with 1 worker: $(median "${cpu[@]}") ms a row   (each: ${cpu[*]})"
echo "2 workers: $r2 rows/s, $(median "${costs2[@]}") ms a row and worker   (each: ${costs2[*]})"
awk -v a="$r1" -v b="$r2" 'BEGIN { printf "2 workers over 1: %.2fx\n", b / a }'

echo "== start-up: one row of the same job, whole process"
"$table" one.npy 1 100 1
times=()
for _ in $(seq "$repeat"); do
    begin=$(date +%s%N)
    "$xyz" --quiet --params one.npy --out one_out.npy map.gates
    times+=("$((($(date +%s%N) - begin) / 1000000))")
done
echo "alone: $(median "${times[@]}") ms to the end of the first row and of the program   (each: ${times[*]})"

echo "== overhead: 10^6 rows of two qubits"
printf '1,0,-1,$0\n3,0,1,$1\n' >tiny.gates
"$table" tiny.npy 1000000 2 1
for workers in 1 2; do
    begin=$(date +%s%N)
    STARPU_NCPU=$workers "$peak" "$xyz" --params tiny.npy --out tiny_out.npy tiny.gates 2>log
    awk -v ns="$(($(date +%s%N) - begin))" -v w=$workers -v cost="$(cost log)" -v peak="$(sed -n 's/^peak //p' log)" 'BEGIN {
        printf "%d worker(s): %.2f us a row (%.2f us of them inside the row, per worker), largest resident size %.0f MiB\n",
            w, ns / 1e9, 1e3 * cost, peak / 1024 }'
done

echo "== uneven rows: a tilted kicked Ising chain in one row of a hundred, a product state in the others; 3 ranks of one worker"
awk -v n=24 -v reps=7 'BEGIN {
    for (i = 0; i < n; i++) printf "0,%d,-1,0\n", i
    for (r = 0; r < reps; r++) {
        for (p = 0; p < 2; p++) for (i = p; i + 1 < n; i += 2) printf "4,%d,%d,$%d * (0.4 + 0.02 * $%d)\n", i, i + 1, n, i
        for (i = 0; i < n; i++) printf "1,%d,-1,0.3 + 0.05 * $%d\n2,%d,-1,0.2\n", i, i, i } }' >uneven.gates
"$table" light.npy 10000 25 1 24 1000000
"$table" heavy.npy 40 25 1 24 1
for kind in light heavy; do
    STARPU_NCPU=1 "$peak" "$xyz" --params $kind.npy --out $kind.out.npy uneven.gates 2>log
    echo "$kind rows: $(sed -n 's/^cpu //p' log | awk -v n="$([ $kind = light ] && echo 10000 || echo 40)" '{ printf "%.3g", 1e3 * $1 / n }') ms of processor time each"
done
"$table" uneven.npy 20000 25 1 24 100
STARPU_NCPU=1 mpi 3 "$xyz" --params uneven.npy --out uneven_out.npy uneven.gates 2>log
grep -v '^StarPU' log

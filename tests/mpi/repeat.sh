#!/usr/bin/env bash
# repeat.sh RANKS: 20 runs with messages above any eager limit (bond 64: 128 KiB a site) end, with the same numbers.
. "$(dirname "$0")/lib.sh"
ranks=$1
brickwork 14 13 >c.qasm
run --max-dim 64 --summary s.json c.qasm
wanted 0 'alone'
cp out alone.csv
MPI_LIMIT=30
for k in $(seq 20); do
    mpi "$ranks" "$XYZ" --quiet --max-dim 64 c.qasm
    wanted 0 "run $k"
    cmp -s out alone.csv || fail "run $k: the numbers differ"
    [ "$failures" -eq 0 ] || break
done
finish

#!/usr/bin/env bash
# Recording changes no byte of a result, and records every task, gate and message once.
. "$(dirname "$0")/lib.sh"
brickwork 24 12 >circuit.qasm
common=(--quiet --max-dim 16 --grain-us 30 circuit.qasm)

timeout 60 "$XYZ" --tasks always --out plain.csv --summary plain.json "${common[@]}" </dev/null || fail 'the plain run fails'
updates=$("$JSON_GET" plain.json plan updates)

run --trace run1 --out run1.csv "${common[@]}"
wanted 0 'alone'
cmp -s run1.csv plain.csv || fail 'alone: --trace changes the result'
facts run1
whole 'alone'
holds 'alone' ranks 1 gates "$updates" messages 0 sites 24
[ "$(fact tasks)" = "$("$JSON_GET" plain.json plan tasks_rank0)" ] || fail "alone: $(fact tasks) tasks, the summary counts others"

for ranks in 2 3; do
    mpi "$ranks" "$XYZ" --trace "run$ranks" --out "run$ranks.csv" "${common[@]}"
    wanted 0 "$ranks ranks"
    cmp -s "run$ranks.csv" plain.csv || fail "$ranks ranks: --trace changes the result"
    facts "run$ranks"
    whole "$ranks ranks"
    holds "$ranks ranks" ranks "$ranks" gates "$updates"
    [ "$(fact messages)" -gt 0 ] || fail "$ranks ranks: no message recorded"
done

# Rows: a task for every few rows, each row once, on any number of ranks.
printf 'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float a;\ninput float b;\nqubit[6] q;\n' >rows.qasm
for q in 0 1 2 3 4 5; do printf 'ry(a) q[%d];\n' $q; done >>rows.qasm
for q in 0 1 2 3 4; do printf 'rzz(b) q[%d],q[%d];\n' $q $((q + 1)); done >>rows.qasm
awk 'BEGIN { print "a,b"; for (i = 0; i < 300; i++) printf "%.3f,%.3f\n", i / 50, i / 70 }' >table.csv
run --quiet --params table.csv --out plain.csv rows.qasm
wanted 0 'rows'
for ranks in 1 3; do
    rm -rf "rows$ranks.csv"
    mpi "$ranks" "$XYZ" --quiet --params table.csv --trace "rows$ranks" --out "rows$ranks.csv" rows.qasm
    wanted 0 "rows, $ranks ranks"
    cmp -s "rows$ranks.csv" plain.csv || fail "rows, $ranks ranks: --trace changes the result"
    facts "rows$ranks"
    whole "rows, $ranks ranks"
    holds "rows, $ranks ranks" rows 300 messages 0
done

# A folder that holds an older trace is taken over, ranks that are no more included; anything else is left alone.
run --quiet --trace run3 --out run1.csv "${common[@]}"
facts run3
whole 'over an older trace'
[ "$(ls run3 | wc -l)" -eq 2 ] || fail "over an older trace: $(ls run3)"
mkdir other
printf 'precious\n' >other/keep.csv
printf 'precious\n' >file
run --trace other "${common[@]}"
refused 2 'other: holds keep\.csv' 'a folder of something else'
run --trace file "${common[@]}"
refused 2 'file: a folder is needed' 'a file'
run --trace absent/run "${common[@]}"
refused 5 'absent/run: cannot be created' 'no place'
run --trace '' "${common[@]}"
refused 2 'trace.*name of a folder' 'no name'
mpi 3 "$XYZ" --trace other "${common[@]}"
refused 2 'other: holds keep\.csv' 'a folder of something else, 3 ranks'
[ "$(cat other/keep.csv file)" = "$(printf 'precious\nprecious')" ] || fail 'a refused --trace changed a file'
finish

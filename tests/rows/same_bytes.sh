#!/usr/bin/env bash
# The same bytes for 1-3 ranks, 1-2 workers, light and heavy rows, and every format holds the same numbers.
. "$(dirname "$0")/lib.sh"
rows=120
feature_map 24 5 >map.gates
"$ROWS_TOOL" table table.npy $rows 24 7
options=(--params table.npy --observables xyz,xx:1-3,entropy,bonddim)
for end in npy h5; do
    run --quiet "${options[@]}" --out reference.$end map.gates
    wanted 0 "reference.$end"
    [ ! -s out ] && [ ! -s err ] || fail "--quiet, but: $(cat out err)"
done
for workers in 1 2; do
    for ranks in 1 2 3; do
        export STARPU_NCPU=$workers
        for end in npy h5; do
            rm -f r.*
            mpi "$ranks" "$XYZ" "${options[@]}" --out r.$end map.gates
            what="$ranks ranks, $workers workers, $end"
            wanted 0 "$what"
            same r.$end reference.$end "$what"
            [ ! -s out ] || fail "$what: wrote on stdout"
            [ "$(grep -c "^$rows rows in" err)" -eq 1 ] || fail "$what: the closing summary: $(cat err)"
        done
    done
done

# A row is evolved inside one task, or its gates are tasks: every row light, most rows heavy, every row heavy.
for bond in 1 8 1000; do
    for ranks in 1 2; do
        export STARPU_NCPU=2
        mpi "$ranks" "$XYZ" "${options[@]}" --heavy-bond $bond --summary s.json --out r.npy map.gates
        what="--heavy-bond $bond, $ranks ranks"
        wanted 0 "$what"
        same r.npy reference.npy "$what"
        heavy=$("$JSON_GET" s.json rows heavy)
        case $bond in
        1) [ "$heavy" -eq $rows ] || fail "$what: $heavy heavy rows" ;;
        8) [ "$heavy" -gt 0 ] || fail "$what: no heavy row" ;;
        1000) [ "$heavy" -eq 0 ] || fail "$what: $heavy heavy rows" ;;
        esac
    done
done
export STARPU_NCPU=1

# CSV and JSON: the numbers of the .npy, with 17 digits.
rm -f r.*
run --quiet "${options[@]}" --out r.csv map.gates
wanted 0 'CSV'
columns=$((24 * 3 + 23 + 22 + 21 + 23 + 23))
[ "$(head -n 1 r.csv | tr , '\n' | wc -l)" -eq $((columns + 1)) ] || fail "CSV header: $(head -n 1 r.csv)"
head -n 1 r.csv | grep -q '^row,x0,y0,z0,x1,' || fail "CSV header: $(head -n 1 r.csv | head -c 100)"
tail -n +2 r.csv | cut -d, -f1 | cmp -s - <(seq 0 $((rows - 1))) || fail 'CSV rows'
# values FILE.npy COLUMNS: one row a line, 17 digits.
values() {
    tail -c +129 "$1" | od -An -v -t f8 -w$((8 * $2))
}
near() {
    awk -v tolerance="$1" '{ n = NF / 2; for (k = 1; k <= n; k++) { d = $k - $(k + n); if (!(d <= tolerance && d >= -tolerance)) bad++ } }
        END { exit bad || NR == 0 }'
}
tail -n +2 r.csv | cut -d, -f2- | tr , ' ' | paste -d ' ' - <(values reference.npy $columns) | near 1e-14 || fail 'CSV numbers'
run --quiet "${options[@]}" --out r.json map.gates
wanted 0 'JSON'
"$JSON_GET" r.json data >json.data
tr -d '[] ' <json.data | tr ',' '\n' | paste -d ' ' - <(values reference.npy $columns | tr -s ' ' '\n' | sed '/^$/d') | near 1e-14 ||
    fail 'JSON numbers'

# --classical puts the table before the features.
run --quiet "${options[@]}" --classical --out r.npy map.gates
wanted 0 '--classical'
values r.npy $((columns + 24)) | awk '{ for (k = 25; k <= NF; k++) printf "%s ", $k; print "" }' |
    paste -d ' ' - <(values reference.npy $columns) | near 0 || fail '--classical: features'
values r.npy $((columns + 24)) | awk '{ for (k = 1; k <= 24; k++) printf "%s ", $k; print "" }' |
    paste -d ' ' - <(values table.npy 24) | near 0 || fail '--classical: inputs'

# --operators spin: a half for each operator.
run --quiet --params table.npy --observables xyz,zz:1 --out pauli.npy map.gates
run --quiet --params table.npy --observables xyz,zz:1 --operators spin --out spin.npy map.gates
wanted 0 '--operators spin'
values spin.npy 95 | awk '{ for (k = 1; k <= NF; k++) printf "%.17g ", $k * (k <= 72 ? 2 : 4); print "" }' |
    paste -d ' ' - <(values pauli.npy 95) | near 1e-15 || fail '--operators spin'

# One row is the circuit alone: the same numbers as without a table.
values table.npy 24 | head -n 1 >x
awk 'NR == FNR { for (k = 1; k <= NF; k++) x[k - 1] = $k; next }
    { line = $0; while (match(line, /\$[0-9]+/)) line = substr(line, 1, RSTART - 1) "(" x[substr(line, RSTART + 1, RLENGTH - 1)] ")" substr(line, RSTART + RLENGTH)
      print line }' x map.gates >one.gates
run --quiet --out one.csv one.gates
wanted 0 'one circuit'
tail -n +2 one.csv | cut -d, -f2- | tr ',\n' '  ' | awk '{ print }' |
    paste -d ' ' - <(values reference.npy $columns | head -n 1 | awk '{ for (k = 1; k <= 72; k++) printf "%s ", $k }') | near 1e-7 || fail 'a row differs from its circuit'
finish

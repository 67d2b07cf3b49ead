#!/usr/bin/env bash
# --summary and --ledger: valid, complete, and consistent with each other and with the run.
. "$(dirname "$0")/lib.sh"
brickwork 14 10 >c.qasm

# get KEY...: a value of s.json.
get() {
    "$JSON_GET" s.json "$@" || fail "json_get s.json $*"
}
# equal WHAT A B: the same text.
equal() {
    [ "$2" = "$3" ] || fail "$1: $2, expected $3"
}
# close WHAT A B: the same number up to rounding.
close() {
    awk -v a="$2" -v b="$3" 'BEGIN { d = a - b; if (d < 0) d = -d; s = b < 0 ? -b : b; exit !(d <= 1e-12 * (1 + s)) }' ||
        fail "$1: $2, expected $3"
}

run --summary s.json --ledger l.csv --max-dim 16 --cutoff 1e-10 --seed 12 c.qasm
wanted 0 'run with summary and ledger'
get >/dev/null
if command -v python3 >/dev/null; then
    python3 -m json.tool s.json >/dev/null || fail 'python cannot read the summary'
fi
equal program "$(get program)" circuit_xyz_exp
[ -n "$(get version)" ] || fail 'no version'
get runtime | grep -q StarPU || fail "runtime: $(get runtime)"
equal circuit "$(get circuit)" c.qasm
equal ranks "$(get ranks)" 1
equal cutoff "$(get options cutoff)" 1e-10
equal max_dim "$(get options max_dim)" 16
equal min_dim "$(get options min_dim)" 1
equal precision "$(get options precision)" double
equal operators "$(get options operators)" pauli
equal seed "$(get options seed)" 12
equal qubits "$(get plan qubits)" 14
equal gates "$(get plan gates)" "$(grep -c '^[uc][3r]' c.qasm)"
equal 'largest bond' "$(get largest_bond)" 16
get state_hash | grep -qE '^[0-9a-f]{16}$' || fail "hash: $(get state_hash)"
grep -q "$(get state_hash)" err || fail 'the hash on stderr is another one'
for phase in start evolve measure total; do
    awk -v t="$(get seconds "$phase")" 'BEGIN { exit !(t >= 0 && t < 60) }' || fail "seconds $phase: $(get seconds "$phase")"
done

# The ledger has one line per update, every line tells of a gate, and its totals are those of the summary.
equal 'ledger header' "$(head -n 1 l.csv)" 'update,line,bond,chi_before,chi_after,eps,eps_max_dim,method,fallbacks,type,sectors'
equal updates "$(get plan updates)" "$(($(wc -l <l.csv) - 1))"
close 'sum of eps' "$(get error sum_eps)" "$(awk -F, 'NR > 1 { s += $6 } END { printf "%.17g", s }' l.csv)"
close 'distance bound' "$(get error distance_bound)" "$(awk -F, 'NR > 1 { s += sqrt($6) } END { printf "%.17g", s }' l.csv)"
close 'fidelity' "$(get error fidelity_estimate)" "$(awk -F, 'BEGIN { f = 1 } NR > 1 { f *= 1 - $6 } END { printf "%.17g", f }' l.csv)"
close 'largest eps' "$(get error max_eps)" "$(awk -F, 'NR > 1 && $6 > m { m = $6 } END { printf "%.17g", m }' l.csv)"
awk -v e="$(get error sum_eps)" 'BEGIN { exit !(e > 1e-6) }' || fail "nothing was truncated: $(get error sum_eps)"
awk -F, 'NR > 1 { if ($1 != NR - 2 || $2 < 4 || $3 < 0 || $3 > 12 || $5 > 16 || NF != 11) bad = 1; chi[$3] = $5 }
    END { printf "["; for (b = 0; b < 13; b++) printf "%s%d", b ? "," : "", chi[b]; print "]"; exit bad }' l.csv >bonds || fail 'ledger lines'
equal 'bond dimensions' "$(get bond_dimensions)" "$(cat bonds)"
equal 'methods add up' "$("$JSON_GET" s.json methods | tr '{,}' '\n\n\n' | grep -v fallbacks | awk -F: '{ s += $2 } END { print s }')" "$(get plan updates)"

# The summary repeats: all but times is the same in a second run; a state that differs has another hash.
cp s.json first.json
run --summary s.json --max-dim 16 --cutoff 1e-10 --seed 12 c.qasm
equal 'hash repeats' "$(get state_hash)" "$("$JSON_GET" first.json state_hash)"
equal 'errors repeat' "$(get error)" "$("$JSON_GET" first.json error)"
run --summary s.json --max-dim 15 --cutoff 1e-10 c.qasm
[ "$(get state_hash)" != "$("$JSON_GET" first.json state_hash)" ] || fail 'another state has the same hash'

# A pipe given as --summary or --ledger is written to or refused, never replaced by a file.
for option in --summary --ledger; do
    mkfifo "pipe$option"
    timeout 20 cat "pipe$option" >piped &
    reader=$!
    run "$option" "./pipe$option" c.qasm
    [ -p "pipe$option" ] || fail "$option replaced a pipe by a file"
    [ "$code" -eq 0 ] || kill "$reader" 2>/dev/null || true # what was written, it still reads
    wait "$reader" 2>/dev/null || true
    [ "$code" -ne 0 ] || [ -s piped ] || fail "$option: nothing arrived in the pipe"
done
finish

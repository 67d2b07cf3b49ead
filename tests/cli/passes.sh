#!/usr/bin/env bash
# --passes, --order and --qubits: what they refuse, that none of them changes a value, and that they do something.
. "$(dirname "$0")/lib.sh"
: "${PLAN:?path of circuit_plan}"

# Gates between any two of 9 qubits; two qubits are measured on the way and what follows depends on the outcomes.
awk 'function r() { s = (s * 16807) % 2147483647; return s / 2147483647 * 6.28318530717958 }
    BEGIN { s = 20261122; n = 9; print "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[9] q;\nbit[2] c;"
        for (g = 0; g < 60; g++) {
            a = int(r() / 6.28318530717959 * n); b = (a + 1 + int(r() / 6.28318530717959 * (n - 1))) % n
            printf "U(%.12f, %.12f, %.12f) q[%d];\n", r(), r(), r(), a
            printf g % 3 == 0 ? "crx(%.12f) q[%d], q[%d];\n" : g % 3 == 1 ? "cp(%.12f) q[%d], q[%d];\n" : "cry(%.12f) q[%d], q[%d];\n", r(), a, b
            if (g % 7 == 3) printf "swap q[%d], q[%d];\n", b, (b + 4) % n
            if (g == 25) print "c[0] = measure q[2];\nif (c[0]) ry(0.9) q[7];"
            if (g == 40) print "c[1] = measure q[6];\nif (c == 1) crx(1.3) q[1], q[8];" } }' >dynamic.qasm

# difference FILE FILE: the largest difference of their numbers; infinite unless both have the same lines.
difference() {
    [ "$(wc -l <"$1")" -eq "$(wc -l <"$2")" ] || { echo inf; return; }
    paste -d, "$1" "$2" | awk -F, 'NR > 1 { if (NF != 8 || $1 != $5) m = "inf"
        for (k = 2; k <= 4; k++) { d = $k - $(k + 4); if (d < 0) d = -d; if (m != "inf" && d > m) m = d } } END { print m + 0 > 1e300 || m == "inf" ? "inf" : m + 0 }'
}
# agrees WHAT FILE FILE: to 1e-9: a cutoff of 1e-20 moves a state by at most 1e-10 a gate, and only where a weight is that small.
agrees() {
    awk -v d="$(difference "$2" "$3")" 'BEGIN { exit !(d != "inf" && d <= 1e-9) }' || fail "$1: off by $(difference "$2" "$3")"
}
updates() {
    "$JSON_GET" s.json plan updates
}

# Whatever is done to the circuit: the same outcomes, the same values.
outcomes=
for seed in 1 5 12; do
    run --cutoff 1e-20 --seed "$seed" --summary s.json dynamic.qasm
    wanted 0 "seed $seed"
    cp out first
    bits=$("$JSON_GET" s.json trajectories bits c)
    outcomes="$outcomes $bits"
    [ "$("$JSON_GET" s.json largest_bond)" -ge 8 ] || fail "seed $seed: too little entanglement to test anything"
    for options in '--passes none' '--passes all' '--passes fuse' '--passes commute,look-ahead' '--passes no-fuse' '--passes no-commute' \
        '--passes no-look-ahead' '--passes no-cone' '--passes no-fuse,no-look-ahead' '--order given' '--order spectral' '--order rcm' \
        '--order auto' '--passes none --order spectral' '--passes no-fuse --order auto' '--qubits 0-8'; do
        # shellcheck disable=SC2086 # two words each
        run --cutoff 1e-20 --seed "$seed" $options --summary s.json dynamic.qasm
        wanted 0 "$options"
        agrees "seed $seed, $options" first out
        [ "$("$JSON_GET" s.json trajectories bits c)" = "$bits" ] || fail "seed $seed, $options: other outcomes"
    done
done
[ "$(tr ' ' '\n' <<<"$outcomes" | sort -u | wc -l)" -gt 2 ] || fail "all seeds have the outcomes$outcomes: nothing was tested"

# The passes do what their names say: without them there are more updates; a list names those that are on.
awk 'BEGIN { print "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[12];"
    for (l = 0; l < 3; l++) for (q = 0; q < 12; q++) { b = (5 * q + 3) % 12
        printf "ry(%f) q[%d];\ncz q[%d],q[%d];\nrzz(0.3) q[%d],q[%d];\n", q + l, q, q, b == q ? (q + 6) % 12 : b, q, (q + 1) % 12 } }' >plain.qasm
run --cutoff 1e-20 --summary s.json plain.qasm
wanted 0 'the plain circuit'
cp out first
all=$(updates)
for passes in none no-fuse no-look-ahead; do
    run --cutoff 1e-20 --passes "$passes" --summary s.json plain.qasm
    agrees "--passes $passes" first out
    [ "$(updates)" -gt "$all" ] || fail "--passes $passes: $(updates) updates, no more than the $all of all passes"
    count=$(updates)
    case $passes in none) list=cone,no-cone ;; no-fuse) list=look-ahead,cone,commute ;; *) list=all,no-look-ahead ;; esac
    run --cutoff 1e-20 --passes "$list" --summary s.json plain.qasm
    [ "$(updates)" = "$count" ] || fail "--passes $list is not --passes $passes: $(updates) updates, not $count"
done

# A chain whose qubits are numbered at random: placing them takes swaps away, and auto takes the best of the three.
awk 'BEGIN { print "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[23];"
    for (q = 0; q < 23; q++) printf "ry(%f) q[%d];\n", q, q
    for (k = 0; k < 22; k++) printf "crx(0.7) q[%d],q[%d];\n", 7 * k % 23, 7 * (k + 1) % 23 }' >chain.qasm
run --summary s.json chain.qasm
cp out first
given=$(updates)
for order in spectral rcm auto; do
    run --order "$order" --summary s.json chain.qasm
    wanted 0 "--order $order"
    agrees "--order $order" first out
    [ "$(updates)" -eq 22 ] || fail "--order $order: $(updates) updates for a chain of 22"
done
[ "$given" -gt 44 ] || fail "the chain is no test of --order: $given updates as given"

# --qubits: the lines of the whole run, in the order of the list, from fewer gates.
brickwork 16 4 >wide.qasm
run --cutoff 1e-20 --summary s.json wide.qasm
cp out whole
all=$(updates)
run --cutoff 1e-20 --qubits 9,0-2 --summary s.json wide.qasm
wanted 0 'four qubits'
{ sed -n 1p whole && for q in 9 0 1 2; do grep "^$q," whole; done; } >chosen
agrees '--qubits 9,0-2' chosen out
pruned=$(updates)
[ "$pruned" -lt "$all" ] || fail "--qubits: $pruned updates, no fewer than $all"
run --cutoff 1e-20 --qubits 9,0-2 --passes no-cone --summary s.json wide.qasm
agrees '--qubits without the cone' chosen out
[ "$(updates)" -eq "$all" ] || fail "--passes no-cone left out gates: $(updates) of $all updates"
timeout 60 "$PLAN" --qubits 9,0-2 --json p.json wide.qasm >text 2>err || fail "circuit_plan --qubits: $(cat err)"
[ "$("$JSON_GET" p.json operations two_site)" -eq "$pruned" ] || fail "circuit_plan --qubits: $("$JSON_GET" p.json operations two_site) updates, not $pruned"
grep -q 'light cone' text || fail "circuit_plan does not tell of the light cone: $(head -n 3 text)"
run --qubits 4 --out one.json wide.qasm
[ "$("$JSON_GET" one.json site)" = '[4]' ] || fail "JSON of one qubit: $(cat one.json)"

# Refusals: one line that says what is wrong, exit code 2, no numbers.
for list in '' ',' '3,' ',3' 7-3 -1 3- a 1.5 '0 1' 99999999999999999999; do
    refuse 2 'no qubit and no range of qubits' "--qubits '$list'" "--qubits=$list" wide.qasm
done
refuse 2 'qubits 0 to 15' 'a qubit that is not there' --qubits 16 wide.qasm
refuse 2 'qubits 0 to 15' 'a range beyond the last' --qubits 10-16 wide.qasm
refuse 2 'qubit 3 is listed twice' 'a qubit twice' --qubits 3,1-4 wide.qasm
refuse 2 'without --params' '--qubits with rows' --qubits 3 --params x.csv wide.qasm
refuse 2 'with --observables xyz' '--qubits with pairs' --qubits 3 --observables zz wide.qasm
for list in '' ',' 'fuse,' ',fuse' no- no-no-fuse fuze ALL 'fuse commute' all,zone; do
    refuse 2 'none of all, none, fuse, commute, look-ahead, cone' "--passes '$list'" "--passes=$list" wide.qasm
done
for order in '' Given best given,rcm; do
    refuse 2 'one of given, spectral, rcm, auto' "--order '$order'" "--order=$order" wide.qasm
done
finish

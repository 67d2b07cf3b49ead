#!/usr/bin/env bash
# circuit_plan: what it says about circuits whose facts are known, its JSON and pictures, and what it refuses.
. "$(dirname "$0")/lib.sh"
: "${PLAN:?path of circuit_plan}"
circuit_xyz_exp=$XYZ
XYZ=$PLAN # for run()
export BONDFLOW_RATES=$scratch/rates.json

# get KEY...: a value of p.json.
get() {
    "$JSON_GET" p.json "$@" || fail "json_get p.json $*"
}
# equal WHAT A B: the same text.
equal() {
    [ "$2" = "$3" ] || fail "$1: $2, expected $3"
}
# holds WHAT EXPRESSION: an arithmetic condition.
holds() {
    awk "BEGIN { exit !($2) }" || fail "$1: $2"
}
# rejects CODE PATTERN WHAT ARGUMENTS...: exit code, one line that matches, nothing on standard output.
rejects() {
    local expected=$1 pattern=$2 what=$3
    shift 3
    run "$@"
    refused "$expected" "$pattern" "$what"
}

# A brickwork: 12 layers of 20 and 19 updates; bonds double every second layer.
awk 'BEGIN { print "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[40];"
    for (l = 0; l < 12; l++) { for (q = 0; q < 40; q++) printf "u3(%f,%f,0.3) q[%d];\n", 1 + q / 10, l / 5, q
        for (q = l % 2; q + 1 < 40; q += 2) printf "cz q[%d],q[%d];\n", q, q + 1 } }' >b.qasm
run --json p.json b.qasm
wanted 0 'a brickwork'
for word in '^circuit ' '^operations  234 two-site updates' '^layers      12; width 19 to 20, median 20' '^bonds       bound 64' \
    'no bond can exceed --max-dim 1024' 'limited by' '^launch      .*circuit_xyz_exp b.qasm --out xyz.csv$'; do
    grep -Eq -e "$word" out || fail "the text lacks /$word/: $(head -c 2000 out)"
done
[ ! -s err ] || fail "something on stderr: $(cat err)"
equal qubits "$(get circuit qubits)" 40
equal gates "$(get circuit gates)" 714
equal updates "$(get operations two_site)" 234
equal swaps "$(get operations routing_swaps)" 0
equal rank2 "$(get operations schmidt_ranks 2)" 234
equal layers "$(get layers count)" 12
equal widths "$(get layers widths)" '[20,19,20,19,20,19,20,19,20,19,20,19]'
equal largest "$(get bound largest_bond)" 64
get bound bonds_final | tr -d "[]" | awk -F, '{ for (b = 1; b < 40; b++) { m = b < 40 - b ? b : 40 - b; if ($b != 2 ^ (m < 6 ? m : 6)) exit 1 } exit NF != 39 }' ||
    fail "bonds: $(get bound bonds_final)"
equal beyond "$(get bound beyond_max_dim)" null
equal chain "$(get bound longest_chain operations)" 12
equal probe "$(get probe)" null
equal cone "$(get light_cone)" null
for key in kernel_seconds flops useful_workers; do holds "$key" "$(get bound $key) > 0"; done
for key in start evolve total row; do holds "seconds $key" "$(get bound seconds $key) > 0"; done
for key in rank state whole_state workspace measure; do holds "memory $key" "$(get bound memory_bytes $key) > 0"; done
equal split "$(get advice split)" sites
[ "$(get machine rates)" = measured ] || fail "rates: $(get machine rates)"
run --json - b.qasm
cp out p.json
equal 'JSON on standard output, rates from the file' "$(get machine rates)" cached
echo broken >rates.json
run --json p.json b.qasm
equal 'a broken file of rates' "$code $(get machine rates)" '0 measured'
run --json p.json --calibrate b.qasm
equal 'calibrated again' "$(get machine rates)" measured

# A bond that may exceed MaxDim, at the first gate that doubles 8 to 16: layer 6, site 7 or wherever the chain allows it first.
run --json p.json --max-dim 10 b.qasm
wanted 0 'a small MaxDim'
grep -q 'a bond may exceed --max-dim 10 from operation .* (line ' out || fail "no word of MaxDim: $(cat out)"
equal 'largest bond' "$(get bound largest_bond)" 10
line=$(get bound beyond_max_dim line)
sed -n "${line}p" b.qasm | grep -q '^cz' || fail "line $line of b.qasm is no cz"

# A probe tells the bonds of a run, an unfinished one says where it stopped.
run --json p.json --probe 60 --max-dim 10 b.qasm
equal 'probe complete' "$(get probe complete)" true
grep -q 'max-dim 10 cuts at operation' out || fail 'the probe does not say where MaxDim cuts'
timeout 60 "$circuit_xyz_exp" --quiet --max-dim 10 --summary s.json --out x.csv b.qasm
equal 'bonds of the probe and of the run' "$(get probe prediction bonds_final)" "$("$JSON_GET" s.json bond_dimensions)"
equal 'bonds of bound and run' "$("$JSON_GET" s.json prediction bound largest_bond)" 10
holds 'prediction beside the run' "$("$JSON_GET" s.json prediction true_bonds total) > 0 && \
    $("$JSON_GET" s.json prediction measured memory_bytes) > 1e6"
run --json p.json --probe 1e-4 b.qasm
equal 'short probe' "$(get probe complete)" false
holds 'short probe' "$(get probe operations) < 234"

# Launches, rows, the command to copy.
run --json p.json -np 4 --workers 3 --cutoff 1e-9 'b.qasm'
equal 'ranks and workers' "$(get launch ranks) $(get launch workers)" '4 3'
get advice command | grep -q -- '--cutoff 1e-9 b.qasm' || fail "command: $(get advice command)"
get advice command | grep -q -- '-np 4\|workers\|json' && fail "command: $(get advice command)"
cat >t.qasm <<'END'
OPENQASM 3.0;
include "stdgates.inc";
input array[float[64], 6] x;
qubit[6] q;
for int i in [0:5] { ry(x[i]) q[i]; }
for int i in [0:4] { cp(x[i]) q[i], q[i + 1]; }
END
run --json p.json t.qasm
equal 'a template' "$code $(get circuit inputs) $(get operations schmidt_ranks 2) $(get launch rows)" '0 6 5 0'
run --json p.json --rows 1000 t.qasm
equal 'rows' "$(get launch rows) $(get advice split)" '1000 rows'
holds 'seconds of the job' "$(get bound seconds job) > $(get bound seconds row)"
grep -q -- '--params TABLE' out || fail "no --params in: $(tail -n 1 out)"
printf 'a,b,c,d,e,f\n0.1,0.2,0,0.4,0.5,0.6\n1,1,1,1,1,1\n' >rows.csv
run --json p.json --params rows.csv --out f.npy t.qasm
equal 'rows of a table' "$(get launch rows) $(get advice split)" '2 rows'
grep -q 'with the inputs of the first row' out || fail "not the first row: $(head -n 1 out)"
[ ! -e f.npy ] || fail 'a plan wrote results'

# Light cone: qubit 0 of a brickwork of 12 layers sees a triangle, 1 1 2 2 3 3 4 4 5 5 6 operations; far gates are swaps that walk.
run --json p.json --observe 0 b.qasm
equal 'light cone' "$(get light_cone operations) $(get light_cone sites)" '36 12'
printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[12];\nh q[0];\ncx q[0],q[11];\n' >far.qasm
run --json p.json far.qasm
equal 'routing swaps' "$(get operations routing_swaps)" 10

# Pictures: dot reads them, with as many boxes as there are operations in view.
run --dot p.dot --observe 3,7-9 b.qasm
wanted 0 '--dot'
equal 'boxes' "$(grep -c 'shape=record' p.dot)" 234
run --dot p.dot --view 2-5,10-19 b.qasm
equal 'boxes in view' "$(grep -c 'shape=record' p.dot)" 18
timeout=$(command -v timeout)
mkdir -p none
printf '#!/bin/sh\nexit 3\n' >none/dot
chmod +x none/dot
code=0
PATH=$scratch/none:$PATH "$timeout" 60 "$PLAN" --quiet --svg p.svg b.qasm >out 2>err || code=$?
[ "$code" -eq 5 ] && grep -q 'dot failed' err && [ ! -e p.svg ] || fail "a failing dot: $code $(cat err)"
code=0
PATH=$scratch/empty "$timeout" 60 "$PLAN" --quiet --svg p.svg b.qasm >out 2>err || code=$?
[ "$code" -eq 5 ] && grep -q 'not installed' err && [ ! -e p.svg ] || fail "dot missing: $code $(cat err)"
if command -v dot >/dev/null; then
    for circuit in b.qasm far.qasm t.qasm; do
        run --svg p.svg --dot p.dot "$circuit"
        wanted 0 "--svg $circuit"
        tail -n 1 p.svg | grep -q '</svg>' || fail "--svg $circuit: no whole picture"
        [ "$(grep -c 'class="node"' p.svg)" -ge "$(grep -c 'shape=record' p.dot)" ] || fail "--svg $circuit: boxes are missing"
        dot -Kneato -n2 -Tplain p.dot >plain 2>complaints || fail "dot cannot read the map of $circuit: $(cat complaints)"
        [ ! -s complaints ] || fail "dot complains: $(head -n 3 complaints)"
    done
fi

# Large: planned in little memory, warned about, never refused. 200 000 gates on 1000 qubits, bonds that want 2^20.
awk 'BEGIN { for (l = 0; l < 134; l++) { for (q = 0; q < 1000; q++) printf "1,%d,-1,0.%d\n", q, 100 + (q * 7 + l) % 900
    for (q = l % 2; q + 1 < 1000; q += 2) printf "7,%d,%d,0\n", q, q + 1 } }' >large.gates
code=0
(ulimit -v 3000000 && timeout 60 "$PLAN" --max-dim 1048576 --json p.json --dot p.dot large.gates) >out 2>err || code=$?
wanted 0 'a large circuit'
grep -q 'WARNING: memory may reach' out || fail "no warning: $(tail -n 3 out)"
equal 'does not fit' "$(get advice fits)" false
holds 'a MaxDim that fits' "$(get advice fitting_max_dim) >= 2"
grep -q 'note: the picture shows layers' err || fail "no note about the picture: $(cat err)"
[ "$(grep -c 'shape=record' p.dot)" -le 1500 ] || fail 'the picture is too large'

# What is refused.
rejects 2 'no circuit' 'no circuit'
rejects 2 'absent.qasm' 'absent circuit' absent.qasm
printf 'OPENQASM 2.0;\nqreg q[2];\ncnot q[0],q[1];\n' >bad.qasm
rejects 2 'bad.qasm:3:1' 'bad circuit' bad.qasm
for value in 0 -1 x ''; do
    rejects 2 'np' "-np '$value'" -np "$value" b.qasm
    rejects 2 'workers' "--workers '$value'" --workers "$value" b.qasm
    rejects 2 'rows' "--rows '$value'" --rows "$value" b.qasm
done
rejects 2 'probe' '--probe -1' --probe -1 b.qasm
for value in 40 x 0- 3-1 0,,1 -1 ''; do
    rejects 2 'observe' "--observe '$value'" --observe "$value" b.qasm
done
for value in x 3 5-2 0-3,4 0-3,9-4 0-3,0-3x -1-2; do
    rejects 2 'view' "--view '$value'" --view "$value" --dot p.dot b.qasm
done
run --quiet --view 50-60 --dot p.dot b.qasm
wanted 2 'a view of layers that are not there'
rejects 2 'rows.*--params' '--rows and --params' --rows 5 --params rows.csv t.qasm
rejects 2 'absent.csv' 'absent table' --params absent.csv t.qasm
rejects 2 'frobnicate' 'unknown option' --frobnicate b.qasm
for option in json dot svg; do
    run --quiet --$option absent/file b.qasm
    wanted 5 "--$option in an absent directory"
done
code=0
timeout 60 "$PLAN" b.qasm >/dev/full 2>err || code=$?
wanted 5 'stdout on a full disk'
run --help
wanted 0 '--help'
grep -q -- '--probe' out || fail '--help does not speak of --probe'
[ "$(grep -c '^Exit codes' out)" -eq 1 ] || fail '--help: the exit codes of another program'
finish

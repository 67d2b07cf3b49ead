#!/usr/bin/env bash
# circuit_sample: counts, shots, amplitudes, marginals, their files and formats; which bit stands where; what is refused.
. "$(dirname "$0")/lib.sh"
XYZ=${SAMPLE:?path of circuit_sample} # what run starts
cat >bell.qasm <<'E'
OPENQASM 2.0;
include "qelib1.inc";
qreg q[3];
creg c[2];
x q[0];
h q[1];
cx q[1],q[2];
measure q[0] -> c[1];
measure q[1] -> c[0];
E
sed '/measure/d' bell.qasm >free.qasm
printf '0,0,-1,0\n3,0,1,0.3\n' >two.gates

# strings WANTED WHAT: the bit strings that the last run counted.
strings() {
    [ "$(sed 1d out | cut -d, -f1 | sort | tr '\n' ' ')" = "$1 " ] || fail "$2: $(cat out err)"
}

# Every qubit, qubit 0 on the right: x on qubit 0, a Bell pair on 1 and 2.
run --quiet --shots 4000 --seed 5 free.qasm
wanted 0 'counts'
[ "$(sed 1q out)" = bits,count ] || fail "header: $(sed 1q out)"
strings '001 111' 'every qubit'
[ "$(sed 1d out | awk -F, '{ n += $2 } END { print n }')" = 4000 ] || fail "counts: $(cat out)"
awk -F, 'NR > 2 && $2 > last { exit 1 } { last = $2 }' out || fail "order: $(cat out)"
[ ! -s err ] || fail "--quiet, but: $(cat err)"
run --quiet --shots 4000 --seed 5 --bit-0 left free.qasm
strings '100 111' '--bit-0 left'

# The circuit's own bits: c[1] is qubit 0, which is 1. A list of qubits goes before; its first one is bit 0.
run --quiet --shots 100 bell.qasm
strings '10 11' 'measured bits'
run --quiet --shots 100 --qubits 0,2 bell.qasm
strings '01 11' '--qubits'

# Measured on the way: a coin, whose outcome is kept in c[0], decides about qubits 1 and 2, which are read at the end.
cat >coin.qasm <<'E'
OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
bit[3] c;
h q[0];
c[0] = measure q[0];
cx q[0], q[1];
if (c[0]) x q[2];
h q[0];
c[1] = measure q[1];
c[2] = measure q[2];
E
run --shots 200 --seed 3 --counts=d.csv --memory=d0.csv coin.qasm
wanted 0 'trajectories'
cp d.csv out
strings '000 111' 'trajectories'
grep -q 'each of 200 shots is a run of its own' err || fail "trajectories are not told: $(cat err)"
awk -F, 'NR > 1 && ($2 < 60 || $2 > 140) { exit 1 }' d.csv || fail "trajectories: $(cat d.csv)"
run --quiet --shots 50 --seed 3 --memory coin.qasm
cmp -s out <(head -n 51 d0.csv) || fail '50 trajectories are not the first of 200'
run --quiet --shots 200 --seed 3 --tasks always --memory coin.qasm
cmp -s out d0.csv || fail 'trajectories one after the other are others'
run --quiet --amplitudes 000 coin.qasm
refused 2 'every shot has a state of its own' 'amplitudes of trajectories'

# All results at once, each in its file; counts are those of the shots.
run --shots 3000 --seed 8 --counts=c.csv --memory=m.csv --amplitudes 001,111,000 --amplitudes-out a.csv --marginals 2,0 \
    --marginals-out p.csv --summary s.json --ledger l.csv free.qasm
wanted 0 'all results'
[ ! -s out ] || fail "all results: wrote on stdout"
[ "$(wc -l <m.csv)" -eq 3001 ] || fail "shots: $(wc -l <m.csv) lines"
[ "$(sed 1d m.csv | sort | uniq -c | awk '{ print $2 "," $1 }')" = "$(sed 1d c.csv | sort)" ] || fail 'counts are not those of the shots'
[ "$(sed 1q a.csv)" = bits,re,im,probability,log2_probability ] || fail "amplitudes: $(sed 1q a.csv)"
awk -F, '$1 == "000" && ($4 != 0 || $5 != "-inf") { exit 1 }
    ($1 == "111" || $1 == "001") && ($4 < .4999999999 || $4 > .5000000001) { exit 1 }' a.csv || fail "amplitudes: $(cat a.csv)"
awk -F, 'NR > 1 { want = $1 ~ /^1/ ? .5 : 0; if ($2 - want > 1e-12 || want - $2 > 1e-12) exit 1 }' p.csv || fail "marginals: $(cat p.csv)"
[ "$("$JSON_GET" s.json sampling shots)" = 3000 ] || fail "summary: $("$JSON_GET" s.json sampling shots) shots"
[ "$("$JSON_GET" s.json options seed)" = 8 ] || fail 'summary: seed'
[ "$(grep -c '^3000 shots of 3 bits, 2 different' err)" -eq 1 ] || fail "the shots are not told: $(cat err)"

# Fewer shots are the first of more; the seed matters; counts read back as strings of amplitudes.
run --quiet --shots 1000 --seed 8 --memory free.qasm
cmp -s out <(head -n 1001 m.csv) || fail '1000 shots are not the first of 3000'
run --quiet --shots 1000 --seed 9 --memory free.qasm
! cmp -s out <(head -n 1001 m.csv) || fail 'another seed, the same shots'
run --quiet --amplitudes c.csv free.qasm
wanted 0 'strings from a file'
[ "$(wc -l <out)" -eq 3 ] || fail "strings from a file: $(cat out)"

# Packed bits: NumPy's header and one byte a shot; HDF5's magic; JSON.
run --quiet --shots 1000 --seed 8 --memory=m.npy free.qasm
[ "$(wc -c <m.npy)" -eq 1128 ] || fail ".npy: $(wc -c <m.npy) bytes"
head -c 128 m.npy | grep -aq "'descr': '|u1'.*'shape': (1000, 1)" || fail '.npy: header'
[ "$(tail -c 1000 m.npy | od -An -v -tu1 -w1 | awk '{ print $1 == 7 ? "111" : $1 == 1 ? "001" : "?" }')" = "$(sed 1d m.csv | head -n 1000)" ] ||
    fail '.npy: other shots'
run --quiet --shots 1000 --seed 8 --memory=m.h5 free.qasm
[ "$(head -c 8 m.h5 | od -An -tx1 | tr -d ' ')" = 894844460d0a1a0a ] || fail '.h5: no HDF5 file'
run --quiet --shots 3000 --seed 8 --counts=c.json free.qasm
for string in 001 111; do
    [ "$("$JSON_GET" c.json "$string")" = "$(awk -F, -v s=$string '$1 == s { print $2 }' c.csv)" ] || fail ".json: $(cat c.json)"
done
run --quiet --amplitudes 000 --amplitudes-out a.json free.qasm
"$JSON_GET" a.json probability >/dev/null || fail "amplitudes as JSON: $(cat a.json)"
run --quiet --shots 10 two.gates
wanted 0 'a gate list'

# reject PATTERN WHAT ARGUMENTS...: bad input.
reject() {
    run "${@:3}"
    refused 2 "$1" "$2"
}
reject 'circuit' 'no circuit'
for value in 0 -1 abc '' 1.5; do
    reject 'shots' "--shots '$value'" --shots "$value" free.qasm
done
reject '^circuit_sample: error: --counts x\.xls: .*\.csv' 'a format there is not' --counts=x.xls free.qasm
reject '^circuit_sample: error: --amplitudes-out x\.xls: .*\.csv' 'a format there is not' --amplitudes 010 --amplitudes-out x.xls free.qasm
reject '4 characters, expected 3' 'a string too long' --amplitudes 0101 free.qasm
reject 'string 2: .*2 characters, expected 3' 'a string too short' --amplitudes 010,01 free.qasm
printf '010\n011\n0x1\n' >bad.txt
reject "bad.txt:3: character 2 is 'x'" 'a file of strings' --amplitudes bad.txt free.qasm
printf '\n' >empty.txt
reject 'empty.txt: no bit strings' 'a file without strings' --amplitudes empty.txt free.qasm
reject 'absent.txt' 'no such file of strings' --amplitudes absent.txt free.qasm
for option in --qubits --marginals; do
    reject 'qubit 3 does not exist.*0 to 2' "$option: no such qubit" $option 1,3 free.qasm
    reject 'qubit 1 is listed twice' "$option: twice" $option 1,0-2 free.qasm
    for list in '' , 1, 2-1 -1 a 0-99999999999999999999 1-; do
        reject "$option: ('|qubit .*does not exist)" "$option '$list'" "$option=$list" free.qasm
    done
done
printf '0,30,-1,0\n' >wide.gates
reject '25 qubits, at most 24' 'a marginal of too many qubits' --marginals 0-24 wide.gates
reject 'both go to standard output' 'two results for stdout' --counts --memory free.qasm
reject 'only with --marginals' 'a file for what is not wanted' --marginals-out p.csv free.qasm
reject 'csv, .npy or .h5' 'shots as JSON' --memory=m.json free.qasm
reject '\.csv or \.json' 'counts as NumPy' --counts=c.npy free.qasm
reject 'c\.xls' 'counts of unknown format' --counts=c.xls free.qasm
reject 'bit-0' '--bit-0' --bit-0 middle free.qasm

# A file that cannot be written is found out before the work; what was there stays.
run --counts=absent/c.csv free.qasm
refused 5 'absent' 'counts into no folder'
printf 'precious\n' >keep.csv
run --counts=keep.csv --memory=absent/m.csv free.qasm
refused 5 'absent' 'shots into no folder'
[ "$(cat keep.csv)" = precious ] || fail 'the existing file was changed'
set -- keep*
[ $# -eq 1 ] || fail "left files behind: $*"
finish

#!/usr/bin/env bash
# What circuit_xyz_exp writes: format, order, number of digits, options that change it.
. "$(dirname "$0")/lib.sh"

# One qubit per axis: |+>, Rx(1/2)|0> = -Y, Rx(1)|0> = -Z, T H|0> at 45 degrees.
printf '# axes\n0,0,-1,0\n1,1,-1,0.5\n1,2,-1,1\n0,3,-1,0\n6,3,-1,0\n' >axes.gates
run axes.gates
wanted 0 'axes'
[ "$(head -n 1 out)" = 'site,x,y,z' ] || fail "header is $(head -n 1 out)"
[ "$(wc -l <out)" -eq 5 ] || fail "$(wc -l <out) lines for 4 qubits"
# near FILE TOLERANCE "site x y z ...": every expected value is there, sites in order.
near() {
    awk -F, -v tolerance="$2" -v wanted="$3" 'BEGIN { n = split(wanted, w, " ") }
        NR > 1 { if ($1 != NR - 2 || NF != 4) bad = 1
            for (k = 1; k <= 4; k++) { d = $k - w[4 * (NR - 2) + k]; if (!(d <= tolerance && d >= -tolerance)) bad = 1 } }
        END { exit bad || 4 * (NR - 1) != n }' "$1"
}
near out 1e-15 '0 1 0 0 1 0 -1 0 2 0 0 -1 3 0.70710678118654752 0.70710678118654752 0' || fail "axes: $(cat out)"

# Numbers carry 17 significant digits: printing them again so changes nothing.
digits() {
    awk -F, 'NR > 1 { for (k = 2; k <= NF; k++) if (sprintf("%.17g", $k) != $k && sprintf("%.16e", $k) != $k) { print "not 17 digits: " $k; bad = 1 } }
        END { exit bad || NR < 2 }' "$1"
}
brickwork 12 7 >random.qasm
run random.qasm
wanted 0 'random circuit'
digits out || fail 'digits'
cp out first.csv
run random.qasm
cmp -s out first.csv || fail 'two runs differ'

# Swaps and long-range gates move qubits about inside; the answer keeps the order of the file.
printf '1,0,-1,1\n5,0,3,0\n7,1,2,0\n5,3,1,0\n' >moved.gates
run moved.gates
near out 1e-15 '0 0 0 1 1 0 0 -1 2 0 0 1 3 0 0 1' || fail "qubit order: $(cat out)"

# --sites adds qubits in |0>.
run --sites 6 axes.gates
wanted 0 '--sites 6'
[ "$(tail -n 2 out | cut -d, -f2- | sort -u | sed 's/-0\b/0/g; s/e[-+]00//g; s/\.0*\b//g')" = '0,0,1' ] || fail "--sites: $(tail -n 2 out)"
[ "$(tail -n 1 out | cut -d, -f1)" = 5 ] || fail "--sites: last site $(tail -n 1 out)"

# Spin operators are exactly half the Pauli operators.
run --operators spin random.qasm
wanted 0 '--operators spin'
[ "$(head -n 1 out)" = 'site,x,y,z' ] || fail "spin header is $(head -n 1 out)"
paste -d, first.csv out | awk -F, 'NR > 1 { for (k = 2; k <= 4; k++) if ($k != 2 * $(k + 4)) bad = 1 } END { exit bad || NR != 13 }' ||
    fail 'spin values are not half the Pauli values'
run --operators pauli random.qasm
cmp -s out first.csv || fail '--operators pauli is not the default'

# --out: the same bytes, nothing on stdout, written beside and renamed.
printf 'old\n' >result.csv
ln result.csv old.csv
run --out result.csv random.qasm
wanted 0 '--out'
cmp -s result.csv first.csv || fail '--out differs from stdout'
[ ! -s out ] || fail '--out still writes on stdout'
[ "$(cat old.csv)" = old ] || fail '--out wrote into the existing file instead of replacing it'
ls -A >files
[ "$(grep -c result files)" -eq 1 ] || fail "--out left files behind: $(grep result files)"
[ "$(stat -c %a result.csv)" = "$(: >plain && stat -c %a plain)" ] || fail "--out: mode $(stat -c %a result.csv)"

# The other formats hold the same numbers.
run --out result.json random.qasm
wanted 0 '--out .json'
"$JSON_GET" result.json x | tr -d '[]' | tr ',' '\n' >json.x
awk -F, 'NR > 1 { print $2 }' first.csv | paste -d, - json.x | awk -F, '$1 != $2 { bad = 1 } END { exit bad || NR != 12 }' || fail 'JSON numbers'
run --out result.npy random.qasm
wanted 0 '--out .npy'
[ "$(head -c 6 result.npy | tail -c 5)" = NUMPY ] || fail 'no NumPy file'
[ "$(wc -c <result.npy)" -eq $((128 + 12 * 3 * 8)) ] || fail "NumPy file of $(wc -c <result.npy) bytes"
tail -c +129 result.npy | od -An -v -t f8 -w24 | awk '{ print $1 "," $2 "," $3 }' >npy.csv
awk -F, 'NR > 1 { print $2 "," $3 "," $4 }' first.csv | paste -d, - npy.csv |
    awk -F, '{ for (k = 1; k <= 3; k++) { d = $k - $(k + 3); if (d > 1e-15 || d < -1e-15) bad = 1 } } END { exit bad || NR != 12 }' || fail 'NumPy numbers'
run --out result.h5 random.qasm
wanted 0 '--out .h5'
[ "$(head -c 4 result.h5 | tail -c 3)" = HDF ] || fail 'no HDF5 file'

# Reading from stdin and from a pipe.
code=0
timeout 60 "$XYZ" - <random.qasm >out 2>err || code=$?
wanted 0 'circuit on stdin'
cmp -s out first.csv || fail 'stdin differs'
code=0
timeout 60 "$XYZ" <(cat random.qasm) >out 2>err || code=$?
wanted 0 'circuit on a pipe'
cmp -s out first.csv || fail 'pipe differs'
sed 's/$/\r/' random.qasm >dos.qasm
run dos.qasm
wanted 0 'DOS line ends'
cmp -s out first.csv || fail 'DOS line ends differ'

# stderr tells the story, --quiet silences it; progress stays off a file unless asked for.
run random.qasm
[ -s err ] || fail 'no closing summary on stderr'
grep -qE '[0-9a-f]{16}' err || fail 'no state hash on stderr'
grep -q $'\r' err && fail 'progress line on a file'
run --quiet random.qasm
wanted 0 '--quiet'
[ ! -s err ] || fail "--quiet: $(head -n 3 err)"
cmp -s out first.csv || fail '--quiet changes the numbers'
run --progress off --seed 7 random.qasm
wanted 0 '--progress off --seed'

for option in --help --usage --version; do
    run "$option"
    wanted 0 "$option"
    [ -s out ] || fail "$option says nothing"
    [ ! -s err ] || fail "$option writes on stderr"
done
# Zeros have no sign, in any format: <X>, <Y>, <Z> of a GHZ state are all 0, and so are those of a row.
printf 'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float t;\nqubit[5] q;\nrx(t) q[0];\nh q[0];\nfor int i in [0:3] { cx q[i], q[i + 1]; }\n' >ghz.qasm
printf 't\n0\n' >zero.csv
for out in csv json npy; do
    run --set t=0 --observables xyz,entropy --out "ghz.$out" ghz.qasm
    wanted 0 "zeros, $out"
done
! grep -Eq -- '(^|[^e0-9])-0(\.0)?([^.0-9]|$)' ghz.csv ghz.json || fail 'a result says -0'
! tail -c 160 ghz.npy | od -An -v -tx8 | grep -q 8000000000000000 || fail 'a zero in .npy has a sign'
run --params zero.csv --out rows.csv ghz.qasm
wanted 0 'zeros of a row'
! grep -Eq -- ',-0(,|$)' rows.csv || fail 'a row says -0'
run --help
for option in observables grain-us window cutoff max-dim min-dim precision operators out summary sites progress quiet ledger seed factor; do
    grep -q -e "--$option" out || fail "--help does not tell --$option"
done
finish

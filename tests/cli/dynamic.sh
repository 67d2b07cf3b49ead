#!/usr/bin/env bash
# Measured bits, inputs given by --set, trajectories, notes: what the program says and writes.
. "$(dirname "$0")/lib.sh"

printf 'OPENQASM 3;\ninput float a;\ninput array[float, 2] b;\nqubit[3] q;\nbit[2] c;\nbit d;\n@note\n@again\n' >set.qasm
printf 'rx(a) q[0];\ncx q[0], q[1];\nc[0] = measure q[0];\nif (c[0]) ry(b[1]) q[2];\nrx(b[0]) q[1];\nd = measure q[1];\n' >>set.qasm

# A trajectory: the same for a seed and shot, its bits in the summary and on stderr, the unmeasured one as -.
run --set a=1.2 --set b=0.1,0.3 --seed 4 --shot 9 --summary s.json set.qasm
wanted 0 'one trajectory'
cp out first
grep -q '^circuit_xyz_exp: note: set.qasm:7: annotations are ignored$' err || fail "no note about annotations: $(cat err)"
[ "$(grep -c 'annotations' err)" -eq 1 ] || fail 'the note is said more than once'
c=$("$JSON_GET" s.json trajectories bits c)
grep -q "^shot 9: c = $c, d = -\$" err || fail "bits on stderr: $(grep shot err)"
[ "$c" = 00 ] || [ "$c" = 01 ] || fail "c is $c"
[ "$("$JSON_GET" s.json trajectories first_shot)" = 9 ] || fail 'first_shot'
run --set 'b[1]=0.3' --set a=1.2 --set 'b[0]=0.1' --seed 4 --shot 9 --tasks always set.qasm
wanted 0 'the same trajectory by tasks'
cmp -s out first || fail 'seed and shot do not decide the values'

# Different shots differ, and their mean is that of --trajectories.
for shot in 0 1 2 3 4 5 6 7; do
    run --set a=1.2 --set b=0.1,0.3 --seed 4 --shot "$shot" set.qasm
    sed -n 's/^0,[^,]*,[^,]*,//p' out
done >z
[ "$(sort -u z | wc -l)" -eq 2 ] || fail "qubit 0 has $(sort -u z | wc -l) values in 8 shots"
run --set a=1.2 --set b=0.1,0.3 --seed 4 --trajectories 8 --summary s.json set.qasm
wanted 0 '8 trajectories'
mean=$(awk '{ s += $1 } END { printf "%.6f", s / NR }' z)
error=$(awk '{ s += $1; t += $1 * $1 } END { m = s / NR; printf "%.6f", sqrt((t / NR - m * m) / (NR - 1)) }' z)
[ "$(sed -n 's/^0,[^,]*,[^,]*,//p' out | awk '{ printf "%.6f", $1 }')" = "$mean" ] || fail "mean of 8 shots is not $mean: $(cat out)"
[ "$("$JSON_GET" s.json trajectories standard_error z | tr -d '[]' | awk -F, '{ printf "%.6f", $1 }')" = "$error" ] || fail "standard error is not $error"
[ "$("$JSON_GET" s.json trajectories count)" = 8 ] || fail 'count'
cp out side
run --set a=1.2 --set b=0.1,0.3 --seed 4 --trajectories 8 --tasks always set.qasm
wanted 0 '8 trajectories one after the other'
cmp -s out side || fail 'means of trajectories one after the other are others'

refused_with() { # PATTERN WHAT ARGUMENTS...
    local pattern=$1 what=$2
    shift 2
    run "$@"
    grep -v ': note: ' err >err2 || true
    mv err2 err
    refused 2 "$pattern" "$what"
}
refused_with 'inputs a, b\[0\], b\[1\].*--set.*--params' 'no input set' set.qasm
refused_with 'input b\[0\] has no value' 'one input missing' --set a=1 --set 'b[1]=2' set.qasm
refused_with 'name=value' 'no value' --set a set.qasm
refused_with 'no such input, expected a' 'unknown input' --set a=1 --set z=2 set.qasm
refused_with '3 values for 2 inputs' 'too many values' --set a=1 --set b=1,2,3 set.qasm
refused_with 'set twice' 'set twice' --set a=1 --set b=1,2 --set 'b[0]=1' set.qasm
refused_with 'a number' 'no number' --set a=x --set b=1,2 set.qasm
refused_with 'a number' 'an empty value' --set a= --set b=1,2 set.qasm
refused_with 'a number' 'not a number' --set a=nan --set b=1,2 set.qasm
printf 'OPENQASM 3;\nqubit q;\nh q;\n' >plain.qasm
refused_with 'no inputs' 'nothing to set' --set a=1 plain.qasm
refused_with 'trajectories' 'no trajectories' --trajectories 0 plain.qasm
refused_with 'ledger' 'a ledger of several' --trajectories 2 --ledger l.csv plain.qasm
refused_with 'not with --params' 'rows' --trajectories 2 --params x.csv --out y.csv plain.qasm
printf 'a,b[0],b[1]\n1,2,3\n' >rows.csv
refused_with 'measures or resets' 'rows of measured bits' --params rows.csv --out rows_out.csv set.qasm
[ ! -e rows_out.csv ] || fail 'refused rows left a file'

# Final measurements are not performed, several trajectories of nothing are worth a warning.
printf 'OPENQASM 2.0;\nqreg q[1];\ncreg c[1];\nh q[0];\nmeasure q[0] -> c[0];\n' >final.qasm
run --seed 3 --trajectories 2 final.qasm
wanted 0 'final measurement'
grep -q 'warning: nothing is measured on the way' err || fail 'no warning'
awk -F, 'NR == 2 && ($2 < 0.999 || $4 > 1e-9 || $4 < -1e-9) { exit 1 }' out || fail "the final measurement was performed: $(cat out)"
finish

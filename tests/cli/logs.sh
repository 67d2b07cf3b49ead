#!/usr/bin/env bash
# --log-level, --log-file, --quiet: who hears what, on stderr and in the file.
. "$(dirname "$0")/lib.sh"
brickwork 6 4 >good.qasm
sed 's/crx/cnot/' good.qasm >bad.qasm

# heard LEVEL...: the levels that occur in the file, in order, without the values of their lines.
heard() { sed -E 's/^[^ ]+ [^ ]+ ([a-z]+): .*/\1/' run.log | sort -u | tr '\n' ' '; }

run good.qasm
wanted 0 'a run'
cp out first.csv
cp err first.err
grep -q '^StarPU' err || fail "no line about StarPU: $(cat err)"
grep -q '^state [0-9a-f]*$' err || fail "no state: $(cat err)"
for level in error warning note; do
    run --log-level "$level" good.qasm
    wanted 0 "--log-level $level"
    [ ! -s err ] || fail "--log-level $level says $(cat err)"
    cmp -s out first.csv || fail "--log-level $level changes the result"
done
run --log-level debug good.qasm
[ "$(grep -c '^circuit_xyz_exp: debug: ' err)" -ge 2 ] || fail "--log-level debug: $(cat err)"
[ "$(grep -vc ': debug: ' err)" -eq "$(wc -l <first.err)" ] || fail '--log-level debug says other things, too'

# The file: what stderr hears at this level, each line with its time, after what was there; --quiet does not matter.
run --quiet --log-file run.log good.qasm
wanted 0 '--log-file'
[ ! -s out ] && fail 'no result with --log-file'
[ ! -s err ] || fail "--quiet --log-file says $(cat err)"
lines=$(wc -l <run.log)
[ "$lines" -ge "$(wc -l <first.err)" ] || fail "$lines lines in the file, $(wc -l <first.err) on stderr"
bad=$(grep -Evc '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z circuit_xyz_exp: [a-z]+: .' run.log || true)
[ "$bad" -eq 0 ] || fail "$bad lines of another form: $(cat run.log)"
[ "$(heard)" = 'info ' ] || fail "levels in the file: $(heard)"
grep -q ": info: $(tail -n 1 first.err)\$" run.log || fail 'the state is not in the file'
run --log-level debug --quiet --log-file run.log good.qasm
[ "$(heard)" = 'debug info ' ] || fail "levels in the file with --log-level debug: $(heard)"
grep -q 'debug: .*--log-level debug --quiet --log-file run.log good.qasm' run.log || fail 'the command line is not in the file'
[ "$(wc -l <run.log)" -gt "$((2 * lines))" ] ||
    fail 'the second run did not add to the file'

# A failure is one line on stderr and the same one in the file.
rm run.log
run --quiet --log-file run.log bad.qasm
refused 2 "bad.qasm:[0-9]+:[0-9]+: .*cnot" 'a bad circuit with a log'
[ "$(heard)" = 'error ' ] || fail "levels in the file after a failure: $(heard)"
[ "circuit_xyz_exp: $(cut -d' ' -f3- run.log)" = "$(cat err)" ] || fail "stderr says $(cat err), the file $(cat run.log)"

# A file that cannot be written ends the run before it begins; one that cannot be written to any more does not.
run --log-file absent/run.log good.qasm
refused 5 'log-file absent/run.log: ' 'a log in an absent folder'
run --log-level loud good.qasm
refused 2 'log-level loud.*error, warning, note, info, debug' 'a level that does not exist'
if [ -w /dev/full ]; then
    run --quiet --log-file /dev/full good.qasm
    wanted 0 'a log on a full disk'
    [ "$(grep -c 'warning: --log-file /dev/full' err)" -eq 1 ] || fail "a log on a full disk says $(cat err)"
    cmp -s out first.csv || fail 'a log on a full disk changes the result'
fi

# Progress: off where nobody looks, a line with the time left where it is asked for.
run --progress on good.qasm
grep -Eq '^gates [0-9]+/[0-9]+ .*ETA [0-9]+:[0-9]{2}$' err || fail "--progress on: $(cat err)"
run --progress on --quiet good.qasm
[ ! -s err ] || fail "--progress on --quiet says $(cat err)"
finish

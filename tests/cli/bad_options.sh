#!/usr/bin/env bash
# Bad options and surroundings: the right exit code, one message, no numbers, nothing overwritten.
. "$(dirname "$0")/lib.sh"
brickwork 4 3 >good.qasm

refuse 2 'circuit|argument|usage' 'no circuit'
refuse 2 'argument|one circuit|usage|extra' 'two circuits' good.qasm good.qasm
refuse 2 'frobnicate' 'unknown option' --frobnicate good.qasm
refuse 2 'Z|option' 'unknown short option' -Z good.qasm
refuse 2 'cutoff|argument' 'option without its value' good.qasm --cutoff
for value in -1 nan inf abc '' 1e-12x 1 2 -0.0000001; do
    refuse 2 'cutoff' "--cutoff '$value'" --cutoff "$value" good.qasm
done
for value in 0 -5 1.5 abc '' 99999999999999999999 3x; do
    refuse 2 'max-dim' "--max-dim '$value'" --max-dim "$value" good.qasm
done
for value in 0 -1 abc; do
    refuse 2 'min-dim' "--min-dim '$value'" --min-dim "$value" good.qasm
done
refuse 2 'min-dim' 'min-dim above max-dim' --min-dim 10 --max-dim 5 good.qasm
for value in 0 -1 abc 3; do
    refuse 2 'sites|qubit' "--sites $value" --sites "$value" good.qasm
done
refuse 2 'operators' '--operators' --operators half good.qasm
refuse 2 'precision' '--precision' --precision quadruple good.qasm
refuse 2 'observables.*expected' '--observables of no such name' --observables xyz,energy good.qasm
refuse 2 'factor' '--factor' --factor magic good.qasm
refuse 2 'progress' '--progress' --progress maybe good.qasm
refuse 2 'seed' '--seed' --seed abc good.qasm

# What later versions will do is refused by name, never ignored.
refuse 2 'table.csv|--out' '--params with no such table' --params table.csv good.qasm
refuse 2 'checkpoint.*not in this version' '--checkpoint' --checkpoint dir good.qasm
refuse 2 'resume.*--params' '--resume without --params' --resume good.qasm

# Outputs that cannot be written: exit code 5, found out before the work is done or after it, but never half a file.
for place in absent/x.csv good.qasm/x.csv /proc/none/x.csv; do
    run --out "$place" good.qasm
    refused 5 "${place%/*}" "--out $place"
done
mkdir folder.csv
run --out folder.csv good.qasm
refused 5 'folder\.csv' '--out is a directory'
[ "$(ls -A folder.csv)" = '' ] || fail 'left a file in the directory'
run --out result.xls good.qasm
refused 2 'result\.xls.*csv' '--out of unknown format'
run --summary absent/s.json good.qasm
wanted 5 '--summary in an absent directory'
run --ledger absent/l.csv good.qasm
wanted 5 '--ledger in an absent directory'
if [ -w /dev/full ]; then
    code=0
    timeout 60 "$XYZ" good.qasm >/dev/full 2>err || code=$?
    wanted 5 'stdout on a full disk'
    grep -q 'standard output: .*No space left' err || fail "stdout on a full disk: $(cat err)"
    run --summary /dev/full good.qasm
    wanted 5 '--summary on a full disk'
    grep -q '/dev/full: .*No space left' err || fail "--summary on a full disk: $(cat err)"
fi
code=0
timeout 60 "$XYZ" good.qasm >&- 2>err || code=$?
wanted 5 'stdout closed'

# A pipe given as --out is written to or refused, never replaced by a file.
mkfifo pipe.csv
timeout 20 cat pipe.csv >piped &
reader=$!
run --out pipe.csv good.qasm
[ -p pipe.csv ] || fail '--out replaced a pipe by a file'
[ "$code" -eq 0 ] || [ "$code" -eq 5 ] || [ "$code" -eq 2 ] || fail "--out pipe.csv: exit code $code"
[ "$code" -eq 0 ] || kill "$reader" 2>/dev/null || true # what was written, it still reads
wait "$reader" 2>/dev/null || true
[ "$code" -ne 0 ] || [ "$(wc -l <piped)" -eq 5 ] || fail "--out pipe.csv: $(wc -l <piped) lines arrived"

# The scheduler's name is StarPU's business, but a typing error must not pass silently.
export STARPU_SCHED=no-such-scheduler
refuse 2 'no-such-scheduler' 'unknown STARPU_SCHED' good.qasm
finish

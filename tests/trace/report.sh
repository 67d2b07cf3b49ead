#!/usr/bin/env bash
# trace_report on real runs: its numbers agree with each other, its Paje files with the format and with ViTE.
. "$(dirname "$0")/lib.sh"
: "${TRACE_REPORT:?path of trace_report}" "${MAKE_TRACE:?path of make_trace}" "${PAJE_CHECK:?path of paje_check}"
brickwork 24 12 >circuit.qasm

# between WHAT LOW VALUE HIGH
between() { awk -v l="$2" -v x="$3" -v h="$4" 'BEGIN { exit !(l <= x && x <= h) }' || fail "$1: $3 is not in $2..$4"; }
json() { "$JSON_GET" report.json "$@"; }

for ranks in 1 3; do
    mpi "$ranks" "$XYZ" --quiet --max-dim 16 --grain-us 30 --trace run --out out.csv --summary summary.json circuit.qasm
    wanted 0 "$ranks ranks"
    code=0
    "$TRACE_REPORT" run --json report.json --paje run.paje --html run.html --text >out 2>err || code=$?
    wanted 0 "trace_report, $ranks ranks"
    [ ! -s err ] || fail "trace_report, $ranks ranks: $(cat err)"
    grep -q 'critical path' out || fail "$ranks ranks: no critical path in the text"
    [ "$(json ranks)" = "$ranks" ] || fail "$ranks ranks: the report counts $(json ranks)"
    [ "$(json gates)" = "$("$JSON_GET" summary.json plan updates)" ] || fail "$ranks ranks: $(json gates) gates"
    [ "$(json largest_bond)" = "$("$JSON_GET" summary.json largest_bond)" ] || fail "$ranks ranks: largest bond $(json largest_bond)"
    [ "$(json complete)" = true ] || fail "$ranks ranks: not complete"
    # A chain is no longer than the run or the work; busy and idle fill the workers' time.
    between 'critical path' 0 "$(json critical_path_seconds)" "$(json seconds)"
    between 'idle share' 0 "$(json idle share)" 1
    total=$(awk -v b="$(json work_seconds)" -v s="$(json seconds)" -v w="$(json workers)" -v i="$(json idle share)" \
        'BEGIN { print b / (s * w) + i }')
    between 'busy and idle' 0.999999 "$total" 1.000001
    causes=0
    for cause in critical_gate no_ready_task message submission synchronisation scheduling end; do
        causes=$(awk -v a="$causes" -v b="$(json idle $cause)" 'BEGIN { printf "%.15g", a + b }')
    done
    between 'causes of idleness' 0 "$(awk -v c="$causes" -v s="$(json seconds)" -v w="$(json workers)" -v i="$(json idle share)" \
        'BEGIN { d = c - i * s * w; printf "%.15g", d < 0 ? -d : d }')" 1e-7
    "$PAJE_CHECK" run.paje >check 2>&1 || fail "$ranks ranks: $(cat check)"
    # The page is whole, draws, asks for nothing from elsewhere, and has no number that is none.
    [ "$(grep -c '^<svg' run.html)" -ge 5 ] || fail "$ranks ranks: $(grep -c '^<svg' run.html) figures in the page"
    [ "$(grep -o '<svg' run.html | wc -l)" -eq "$(grep -o '</svg>' run.html | wc -l)" ] || fail 'a figure is not closed'
    grep -Eiq 'https?:|src=|href=|@import|url\(|[^a-z](nan|inf)[^a-z]' run.html && fail "$ranks ranks: the page has what it should not"
    tail -n 1 run.html | grep -q '</html>' || fail 'the page is cut off'
    if command -v vite >/dev/null; then
        QT_QPA_PLATFORM=offscreen timeout 60 vite -e run.svg run.paje >vite.log 2>&1 </dev/null || fail "vite: $(tail -n 3 vite.log)"
        grep -q '^0 errors and 0 warnings' vite.log || fail "vite, $ranks ranks: $(cat vite.log)"
        grep -Eq 'define_|!!!' vite.log && fail "vite complains: $(cat vite.log)"
        [ -s run.svg ] || fail 'vite drew nothing'
    else
        echo 'no vite here: its part is left out (scripts/setup --dev installs it)'
    fi
done

# A hundred thousand tasks: within the memory that leaves a million below 1 GiB.
"$MAKE_TRACE" large 100000 4 4 || fail 'no large trace'
(ulimit -v 250000 && timeout 60 "$TRACE_REPORT" large --text >out 2>err </dev/null) || fail "a large trace: $(cat err)"
grep -q '^100000 tasks' out || fail "a large trace: $(head -n 3 out)"
rm -rf large

# A disk that is full: what did not fit is counted, the rest can be read.
if [ "$(id -u)" -eq 0 ] && mkdir full && mount -t tmpfs -o size=400k tmpfs full 2>/dev/null; then
    run --max-dim 16 --grain-us 1 --trace full/run --out out.csv circuit.qasm
    wanted 0 'a full disk'
    lost=$(sed -n 's/.*the trace lacks \([0-9]*\) records.*/\1/p' err)
    code=0
    "$TRACE_REPORT" full/run --json report.json >out 2>err || code=$?
    wanted 0 'a trace from a full disk'
    [ "${lost:-0}" -gt 0 ] && [ "$(json dropped)" = "$lost" ] || fail "a full disk: ${lost:-no} records lost, the report says $(json dropped)"
    umount full
fi

# What is no trace, or a damaged one: one line, exit code 2.
bad() {
    local what=$1 pattern=$2
    shift 2
    code=0
    timeout 60 "$TRACE_REPORT" "$@" >out 2>err </dev/null || code=$?
    refused 2 "$pattern" "$what"
}
bad 'no argument' 'no trace: name the folder'
bad 'a missing folder' 'absent/run\.json: cannot be read' absent
bad 'a file' 'circuit\.qasm/run\.json: cannot be read' circuit.qasm
bad 'two traces' 'one trace a report' run run
mkdir empty
bad 'an empty folder' 'empty/run\.json: cannot be read' empty
spoil() {
    rm -rf spoiled
    cp -r run spoiled
}
spoil; truncate -s 100000 spoiled/rank1.trace
bad 'a file that is cut off' 'rank1\.trace: cut off' spoiled
spoil; truncate -s 100 spoiled/rank1.trace
bad 'a file that is almost gone' 'rank1\.trace: 100 bytes' spoiled
spoil; truncate -s -262144 spoiled/rank2.trace
bad 'a chunk cut off' 'rank2\.trace: cut off' spoiled
spoil; rm spoiled/rank2.trace
bad 'a missing rank' 'rank2\.trace: cannot be read' spoiled
spoil; cp circuit.qasm spoiled/rank0.trace; truncate -s 8192 spoiled/rank0.trace
bad 'a foreign file' 'rank0\.trace: not a trace' spoiled
spoil; printf '\377' | dd of=spoiled/rank0.trace bs=1 seek=8 conv=notrunc 2>/dev/null
bad 'another version' 'rank0\.trace: a trace of version 255' spoiled
for at in 4096 4100 4112 4128 4129 4160; do
    spoil; printf '\377\377\377\377' | dd of=spoiled/rank1.trace bs=1 seek=$at conv=notrunc 2>/dev/null
    code=0
    timeout 60 "$TRACE_REPORT" spoiled >out 2>err </dev/null || code=$?
    case $code in 0) ;; 2) refused 2 'rank1\.trace: damaged' "damage at byte $at" ;; *) fail "damage at byte $at: exit code $code" ;; esac
done
cp run/run.json other.json
spoil; sed 's/"version": 1/"version": 9/' other.json >spoiled/run.json
bad 'run.json of another version' 'run\.json: a trace of version 9' spoiled
spoil; head -c 50 other.json >spoiled/run.json
bad 'half a run.json' 'run\.json:[0-9]+:[0-9]+: not JSON' spoiled
spoil; sed 's/"run": "[0-9a-f]*"/"run": "00000000deadbeef"/' other.json >spoiled/run.json
bad 'files of two runs' 'belongs to another run' spoiled
code=0
"$TRACE_REPORT" run --json absent/x.json >out 2>err || code=$?
refused 5 'absent/x\.json' 'unwritable --json'
finish

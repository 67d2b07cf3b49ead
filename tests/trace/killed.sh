#!/usr/bin/env bash
# A run that is killed, or fails, leaves a trace that can be read.
. "$(dirname "$0")/lib.sh"
brickwork 40 400 >circuit.qasm

# Enough has been recorded when the file has grown beyond its first chunks; then kill, however far it is.
kill_alone() {
    "$XYZ" --quiet --max-dim 32 --grain-us 20 --trace killed --out killed.csv circuit.qasm >out 2>err </dev/null &
    local pid=$! tries=0
    while [ "$(stat -c %s killed/rank0.trace 2>/dev/null || echo 0)" -lt 1000000 ] && [ "$tries" -lt 500 ]; do
        tries=$((tries + 1))
        sleep 0.02
    done
    kill -9 "$pid"
    wait "$pid" 2>/dev/null && fail 'the run ended before it was killed'
    return 0
}
kill_alone
facts killed
# The last moments of each thread may be missing, so a task may be there without its insertion.
holds 'killed' complete 0 repeated 0 disorder 0 overlaps 0
[ "$(fact tasks)" -gt 100 ] || fail "killed: only $(fact tasks) tasks"

# A run that fails ends its trace in order.
if [ -n "${LAPACK_FAULT-}" ]; then
    code=0
    LD_PRELOAD=$LAPACK_FAULT timeout 60 "$XYZ" --quiet --factor gesdd --trace failed circuit.qasm >out 2>err </dev/null || code=$?
    wanted 4 'a failing run'
    facts failed
    holds 'failed' complete 0 repeated 0 not_run 0 disorder 0
fi
finish

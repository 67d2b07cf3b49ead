#!/usr/bin/env bash
# --summary and --ledger: valid, complete, and consistent with the run.
. "$(dirname "$0")/lib.sh"
brickwork 14 10 >c.qasm

get() {
    "$JSON_GET" "$@" || fail "json_get $*"
}
run --summary s.json --ledger l.csv --max-dim 16 --cutoff 1e-10 c.qasm
wanted 0 'run with summary and ledger'
get s.json
if command -v python3 >/dev/null; then
    python3 -m json.tool s.json >/dev/null || fail 'python cannot read the summary'
fi
cp s.json first.json
cat s.json
head -n 3 l.csv
finish

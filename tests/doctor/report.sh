#!/usr/bin/env bash
# The report as such: every layer is there, text and JSON agree, exit codes, bad usage, and it ends in time whatever is broken.
. "$(dirname "$0")/lib.sh"
brickwork 8 4 >good.qasm
printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[4];\nh q[9];\n' >bad.qasm

# text ARGUMENTS...: the report for people, in ./out.
text() {
    code=0
    timeout 60 "$DOCTOR" "$@" >out 2>err </dev/null || code=$?
}
text good.qasm
[ "$code" -le 1 ] || fail "exit code $code: $(cat err)"
for layer in 'L1 model' 'L2 decomposition' 'L3 memory' 'L4 tensor operations' 'L5 concurrency' 'L6 distributed compute' \
    'L7 orchestration'; do
    grep -qx "$layer" out || fail "no heading '$layer'"
done
[ ! -s err ] || fail "on stderr: $(cat err)"
if grep -q "$(printf '\033')" out; then fail 'colour, and this is no terminal'; fi
tail -n 1 out | grep -Eq '^(OK|WARN|FAIL): [0-9]+ checks in [0-9.]+ s, ' || fail "the last line: $(tail -n 1 out)"
[ "$(awk 'length > 200' out | wc -l)" -eq 0 ] || fail 'a line is too long'

doctor -- good.qasm
for check in circuit width memory pages numa bandwidth blas kernels speed cores workers binding blas-threads clock starpu scheduler \
    models start ranks alike messages launch tools; do
    of "$check" verdict >/dev/null || fail "no check $check"
    grep -Eq "^  (ok|warn|fail) +$check " out || fail "the text does not have $check"
done
total=$(($("$JSON_GET" json counts ok) + $("$JSON_GET" json counts warn) + $("$JSON_GET" json counts fail)))
[ "$total" -eq 23 ] || fail "$total checks counted, expected 23"
[ "$("$JSON_GET" json program)" = bondflow_doctor ] || fail 'no program in the JSON'

# Without a circuit nothing is said about circuits; quickly, nothing is measured.
doctor -- --quick
for check in circuit width bandwidth speed clock start messages; do
    if of "$check" verdict >/dev/null 2>&1; then fail "--quick without a circuit has $check"; fi
done

# The first thing to mend is the worst: a failure, whatever warnings there are.
doctor STARPU_SCHED=no-such PATH=/nowhere -- --quick
[ "$("$JSON_GET" json first)" = scheduler ] || fail "first: $("$JSON_GET" json first)"
[ "$("$JSON_GET" json verdict)" = fail ] || fail 'the verdict is not fail'
code=0
STARPU_SCHED=no-such timeout 60 "$DOCTOR" --quick >out 2>err </dev/null || code=$?
[ "$code" -eq 1 ] || fail "exit code $code of the text, expected 1"
tail -n 1 out | grep -q '^FAIL: .*`scheduler`: unset STARPU_SCHED' || fail "the last line: $(tail -n 1 out)"

# Bad usage: exit code 2, one line, nothing on stdout.
usage() {
    local pattern=$1
    shift
    text "$@"
    refused 2 "$pattern" "$*"
}
usage 'unknown option' --absent
usage 'max-dim' --max-dim 0
usage 'named already' good.qasm bad.qasm
usage 'bad\.qasm:4:' bad.qasm
usage 'absent\.qasm' absent.qasm
if [ -w /dev/full ]; then
    for form in '' --json; do
        code=0
        timeout 60 "$DOCTOR" --quick $form >/dev/full 2>err </dev/null || code=$?
        wanted 5 "a report on a full disk, '$form'"
        grep -q 'written' err || fail "a report on a full disk, '$form': $(cat err)"
    done
fi
text --help
grep -q 'Exit codes' out || fail '--help says nothing about exit codes'

# Everything broken at once: still a report, and no abort.
mkdir -p empty
code=0
timeout 60 env -i BONDFLOW_SYSROOT="$PWD/empty" STARPU_SCHED=no-such STARPU_NCPU=99999 PATH=/nowhere HWLOC_XMLFILE=/absent \
    STARPU_HOME=/proc/absent STARPU_USE_NUMA=1 OMP_NUM_THREADS=999 SLURM_JOB_ID=1 SLURM_NTASKS=7 \
    "$DOCTOR" --json good.qasm >json 2>err </dev/null || code=$?
[ "$code" -eq 1 ] || fail "everything broken: exit code $code: $(head -c 300 err)"
[ "$("$JSON_GET" json counts fail)" -ge 4 ] || fail "everything broken: $("$JSON_GET" json counts)"
finish

#!/usr/bin/env bash
# sched_tune: what it finds, what it survives, what it leaves behind. Most of it with a stand-in for the program, which hangs, dies
# and answers wrongly on demand.
. "$(dirname "$0")/../cli/lib.sh"
: "${TUNE:?path of sched_tune}"
fake=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/fake.sh
mkdir tmp home
export TMPDIR=$scratch/tmp STARPU_HOME=$scratch/home FAKE_LOG=$scratch/fake.log FAKE_SLEEP=4$$.5
unset STARPU_SCHED STARPU_NCPU STARPU_CALIBRATE

# tune ARGUMENTS...: as run() of lib.sh.
tune() {
    code=0
    timeout 100 "$TUNE" "$@" >out 2>err </dev/null || code=$?
}
# clean WHAT: nothing is left, neither processes nor files.
clean() {
    [ "$(ls -A tmp)" = '' ] || fail "$1: left files: $(ls -A tmp)"
    [ "$(ls -A home)" = '' ] || fail "$1: touched the user's StarPU home: $(ls -AR home)"
    ! pgrep -f "sleep $FAKE_SLEEP" >/dev/null || { fail "$1: left processes"; pkill -f "sleep $FAKE_SLEEP"; }
}

# A setting that is much faster is found, with the line to copy, quoted; the command's own result file is not touched.
tune --sched lws,prio --workers 1 --csv t.csv --json t.json -- "$fake" --out mine.csv "it's a file.gates"
wanted 0 'two settings'
grep -q '^Recommended, .* times faster than the reference' out || fail "nothing recommended: $(cat out)"
grep -qF "STARPU_SCHED=prio STARPU_NCPU=1 $fake --out mine.csv 'it'\\''s a file.gates'" out || fail "the line to copy: $(cat out)"
grep -Eq '^lws .* reference$' out || fail "no reference: $(cat out)"
grep -q '12.5 %' out || fail "no idle share: $(cat out)"
grep -q 'the same in all runs' out || fail 'results are not said to be the same'
[ ! -e mine.csv ] || fail "the command's own result file was written"
[ "$(wc -l <t.csv)" -eq 3 ] || fail "$(wc -l <t.csv) lines of CSV"
[ "$(head -n 1 t.csv | tr ',' '\n' | wc -l)" -eq "$(tail -n 1 t.csv | tr ',' '\n' | wc -l)" ] || fail 'CSV: header and lines differ'
"$JSON_GET" t.json recommended | grep -q STARPU_SCHED=prio || fail "JSON recommends $("$JSON_GET" t.json recommended)"
grep -q 'prio 1 0' fake.log || fail 'the runs do not use frozen models'
clean 'two settings'

# With fewer rounds than can tell anything it says so, and what there is.
tune --sched lws,prio --workers 1 --rounds 3 -- "$fake" c.gates
grep -q '^Too few rounds to tell: 3 done, 6 are' out || fail "three rounds: $(cat out)"
grep -q 'STARPU_SCHED=lws' out || fail 'three rounds: another setting is given'
! grep -q Recommended out || fail 'three rounds: something is recommended'

# Runs that hang, refuse to end, fail or crash are lines of the table, and are gone.
export FAKE_SLOW=0.01
tune --sched lws,ws,dm,peager,pheft,heteroprio --workers 1 --rounds 1 --timeout 1s -- "$fake" c.gates
wanted 0 'bad settings'
for line in 'ws .* not done after 1 s, killed' 'dm .* not done after 1 s, killed' 'peager .* exit code 4: fake: error: it cannot' \
    'pheft .* killed by signal 11' 'heteroprio .* wrote no result'; do
    grep -Eq "^$line" out || fail "no line like '$line': $(cat out)"
done
clean 'bad settings'

# The reference itself fails: no numbers pretended.
tune --sched peager,lws --workers 1 --rounds 2 -- "$fake" c.gates
wanted 5 'a reference that fails'
grep -q 'it cannot' err || fail "a reference that fails: $(cat err)"
grep -q '^No recommendation' out || fail "a reference that fails: $(cat out)"
clean 'a reference that fails'

# Another result under another setting: the loudest failure, with both settings and the evidence.
tune --sched lws,prio,random --workers 1 --rounds 2 -- "$fake" c.gates
wanted 4 'different results'
grep -q 'FAIL: different results: .* random, 1 worker' err || fail "different results: $(cat err)"
[ ! -s out ] || fail 'different results: a table nevertheless'
[ -s tmp/*/result.csv ] || fail 'different results: no evidence'
rm -r tmp/*

# A budget that does not hold for all drops the slower ones and says so.
FAKE_SLOW=0.4 tune --sched prio,lws,eager,dmda --workers 1 --budget 4s -- "$fake" c.gates
wanted 0 'a small budget'
grep -Eq 'note: the budget of 4 s .* go after round' err || fail "a small budget: $(cat err)"
grep -Eq '^lws .* (dropped|slower)' out || fail "a small budget: $(cat out)"

# Interrupted: the table so far, and nothing left; in the middle of a hanging run, too.
for sched in lws,prio lws,ws; do
    FAKE_SLOW=0.05 timeout 100 "$TUNE" --sched $sched --workers 1 --rounds 150 -- "$fake" c.gates >out 2>err </dev/null &
    job=$!
    sleep 2
    pkill -INT -P "$job" -x sched_tune || fail 'interrupted: no such process'
    code=0
    wait "$job" || code=$?
    wanted 0 "interrupted ($sched)"
    grep -q 'interrupted' err || fail "interrupted: $(cat err)"
    grep -q '^lws' out || fail "interrupted: no table: $(cat out)"
    clean "interrupted ($sched)"
done

# Refusals, before anything runs.
# no CODE PATTERN WHAT ARGUMENTS...
no() {
    local expected=$1 pattern=$2 what=$3
    shift 3
    rm -f fake.log
    tune "$@"
    refused "$expected" "$pattern" "$what"
    [ ! -e fake.log ] || fail "$what: something ran"
}
no 2 'no command' 'no command' --sched lws
no 2 'sched.*nosuch.*lws' 'an unknown scheduler' --sched lws,nosuch -- "$fake" c.gates
no 2 'resume' 'a command that resumes' -- "$fake" --resume c.gates
no 2 'standard input' 'a circuit from standard input' -- "$fake" -
no 2 'workers' 'no workers' --workers 0 -- "$fake" c.gates
no 2 'list' 'an empty value' --sched lws,,prio -- "$fake" c.gates
no 2 'budget.*10m' 'a bad budget' --budget soon -- "$fake" c.gates
no 2 'svg' 'a plot of another kind' --plot p.pdf -- "$fake" c.gates
no 2 'frobnicate' 'an unknown option' --frobnicate -- "$fake" c.gates
no 5 'absent' 'a bad path for the table' --csv absent/t.csv -- "$fake" c.gates
code=0
env PATH=/nonexistent "$TUNE" --plot p.svg -- "$fake" c.gates >out 2>err </dev/null || code=$?
refused 2 'gnuplot.*install' 'no gnuplot'
tune --sched lws --rounds 1 -- no-such-program-here c.gates
wanted 2 'a command that does not exist'
grep -q 'no-such-program-here cannot be started' err || fail "a command that does not exist: $(cat err)"
clean 'refusals'
if [ -w /dev/full ]; then
    code=0
    timeout 60 "$TUNE" --sched lws --workers 1 --rounds 1 -- "$fake" c.gates >/dev/full 2>err || code=$?
    wanted 5 'a table on a full disk'
fi

# The picture shows every setting.
if command -v gnuplot >/dev/null; then
    tune --sched lws,prio --workers 1 --rounds 2 --plot p.svg -- "$fake" c.gates
    wanted 0 'a plot'
    grep -q '</svg>' p.svg && grep -q 'prio, 1 worker' p.svg && grep -q 'lws, 1 worker' p.svg || fail 'the plot lacks something'
    clean 'a plot'
fi

# The real program: alone and on two ranks, with windows; many rows.
brickwork 12 6 >c.qasm
tune --sched lws,prio --workers 1 --ranks 1,2 --window 8,64 --rounds 1 --time work -- "$XYZ" --out x.npy c.qasm
wanted 0 'circuit_xyz_exp'
[ "$(grep -Ec '^(lws|prio) +1 +[12] +(8|64) ' out)" -eq 8 ] || fail "circuit_xyz_exp: $(cat out) $(cat err)"
grep -q 'the same in all runs, byte for byte (.*, state [0-9a-f]\{16\})' out || fail 'circuit_xyz_exp: no state'
printf '1,0,-1,$0\n7,0,1,0\n' >t.gates
printf 'a\n0.5\n0.25\n0.125\n' >t.csv
tune --sched lws,eager --workers 1 --rounds 1 -- "$XYZ" --params t.csv --out x.h5 t.gates
wanted 0 'many rows'
clean 'circuit_xyz_exp'
finish

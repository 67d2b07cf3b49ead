#!/usr/bin/env bash
# Signals end a job politely; --resume goes on only with the same job, and says what differs.
. "$(dirname "$0")/lib.sh"
feature_map 20 5 >map.gates
"$ROWS_TOOL" table table.npy 3000 20 11
options=(--params table.npy)
run --quiet "${options[@]}" --out reference.npy map.gates
wanted 0 'reference'

# polite SIGNAL RANKS TARGET: the signal goes to the program, one rank or mpirun once the first rows are marked; exit code 0 and a
# hint, then the rest.
polite() {
    local what="SIG$1 to $3, $2 ranks" target
    rm -f r.*
    start "$2" "${options[@]}" --out r.npy map.gates
    begun r.npy
    for _ in $(seq 500); do
        [ -e r.npy.progress ] && [ "$(marked r.npy)" -eq 0 ] || break
        sleep 0.01
    done
    target=$job
    [ "$3" != rank ] || target=$(ranks_of "$job" | tail -n 1 | awk '{ print $NF }')
    kill "-$1" "$target" 2>/dev/null || true
    ended "$job" 60
    wanted 0 "$what"
    [ -e r.npy.progress ] || { fail "$what: had ended before"; return 0; }
    grep -q 'resume with the same command and --resume' err || fail "$what: no hint: $(cat err)"
    [ ! -e r.npy ] || fail "$what: a result of an unfinished job"
    mpi "$((3 - $2 % 3))" "$XYZ" --quiet "${options[@]}" --resume --out r.npy map.gates
    wanted 0 "$what, resumed"
    same r.npy reference.npy "$what, resumed"
}
polite TERM 1 program
polite INT 1 program
polite USR1 1 program
polite USR1 2 mpirun
polite TERM 3 rank
polite INT 2 rank

# An interrupted job for the refusals: some rows done, most not.
rm -f r.*
start 1 --quiet "${options[@]}" --out r.npy map.gates
begun r.npy
for _ in $(seq 500); do
    [ -e r.npy.progress ] && [ "$(marked r.npy)" -eq 0 ] || break
    sleep 0.01
done
kill -USR1 "$job"
ended "$job" 60
[ -e r.npy.progress ] || fail 'the job ended before it could be interrupted'
done_before=$(marked r.npy)

# refuse_resume RANKS PATTERN WHAT ARGUMENTS...: exit 2, the message says what differs, nothing is touched.
refuse_resume() {
    local ranks=$1 pattern=$2 what=$3
    shift 3
    cp r.npy.progress before.progress
    cp r.npy.partial before.partial
    mpi "$ranks" "$XYZ" --quiet --out r.npy "$@"
    refused 2 "$pattern" "$what, $ranks ranks"
    cmp -s r.npy.progress before.progress && cmp -s r.npy.partial before.partial || fail "$what: the interrupted job was touched"
}
sed 's/^3,0,1,.*/3,0,1,0.25/' map.gates >other.gates
refuse_resume 2 'template|circuit' 'another template' "${options[@]}" --resume other.gates
refuse_resume 1 'option.*cutoff|cutoff' 'another cutoff' "${options[@]}" --resume --cutoff 1e-10 map.gates
refuse_resume 1 'observables|columns' 'other observables' "${options[@]}" --resume --observables xyz,zz:1 map.gates
refuse_resume 1 'operators' 'other operators' "${options[@]}" --resume --operators spin map.gates
refuse_resume 1 'bad_rows|bad-rows|status' 'another policy' "${options[@]}" --resume --bad-rows skip map.gates
"$ROWS_TOOL" table other.npy 3000 20 12
refuse_resume 3 'table' 'another table' --params other.npy --resume map.gates
"$ROWS_TOOL" table longer.npy 3001 20 11
refuse_resume 1 'table|rows' 'a longer table' --params longer.npy --resume map.gates
refuse_resume 2 '--resume' 'without --resume' "${options[@]}" map.gates
mpi 1 "$XYZ" --quiet "${options[@]}" --resume --out never.npy map.gates
refused 2 'resume' 'nothing to resume'

# What cannot change a number does not matter.
[ "$(marked r.npy)" -eq "$done_before" ] || fail 'refused runs changed the marks'
mpi 2 "$XYZ" "${options[@]}" --resume --heavy-bond 4 --progress off --out r.npy map.gates
wanted 0 'resumed after the refusals'
grep -q "$done_before done before" err || fail "rows done before ($done_before): $(cat err)"
same r.npy reference.npy 'resumed after the refusals'
finish

#!/usr/bin/env bash
# interrupt.sh MOMENTS: a job of 2000 rows is killed at random moments (one rank, all ranks, mpirun), resumed on 1, 2 and 3 ranks,
# killed again now and then, and ends with the bytes of an uninterrupted run. BONDFLOW_TEST_SEED repeats the moments.
. "$(dirname "$0")/lib.sh"
moments=$1
seed=${BONDFLOW_TEST_SEED:-$(date +%s)}
echo "seed $seed (repeat with BONDFLOW_TEST_SEED); on a loaded machine the same moments fall elsewhere"
RANDOM=$seed
feature_map 20 5 >map.gates
"$ROWS_TOOL" table table.npy 2000 20 "$seed"
options=(--quiet --params table.npy --observables xyz,zz:1,entropy --classical)

# uninterrupted END: the reference, and how long it works on the rows in $took.
took=100000
uninterrupted() {
    local begin
    start 1 "${options[@]}" --out "reference.$1" map.gates
    begun "reference.$1"
    begin=$(date +%s%N)
    ended "$job" 60
    wanted 0 "uninterrupted run to $1"
    begin=$((($(date +%s%N) - begin) / 1000000))
    took=$((begin < took ? begin : took))
}
uninterrupted npy
uninterrupted h5
echo "an uninterrupted run works for $took ms on one worker"

# strike WHOM: kill now.
strike() {
    local ranks
    ranks=($(ranks_of "$job"))
    case $1 in
    one) kill -9 "${ranks[RANDOM % ${#ranks[@]}]}" 2>/dev/null || true ;;
    all) kill -9 "${ranks[@]}" 2>/dev/null || true ;;
    mpirun) kill -9 "$job" 2>/dev/null || true ;;
    esac
    ended "$job" 30
    gone "${ranks[@]}"
}

whom=(one all mpirun)
ends=(npy h5)
lost=0
for moment in $(seq "$moments"); do
    victim=${whom[moment % 3]}
    end=${ends[RANDOM % 2]}
    ranks=$((2 + RANDOM % 2))
    [ "$victim" != all ] || ranks=$((1 + RANDOM % 3)) # alone, without mpirun: only as "all"
    rm -f result.*
    resume=()
    for attempt in 1 2; do
        start "$ranks" "${options[@]}" ${resume[@]+"${resume[@]}"} --out "result.$end" map.gates
        [ $((RANDOM % 8)) -eq 0 ] || begun "result.$end" # one in eight may fall before the first file
        sleep "$(awk -v u=$RANDOM -v took=$took 'BEGIN { printf "%.3f", u / 32768 * took / 1000 }')"
        strike "$victim"
        [ -e "result.$end.progress" ] || break
        resume=(--resume)
        [ $((RANDOM % 3)) -eq 0 ] || break # one in three is killed twice
    done
    what="moment $moment: $victim of $ranks ranks killed, $end"
    if [ -e "result.$end" ] && [ ! -e "result.$end.progress" ]; then
        echo "$what: had ended before"
    else
        [ ! -e "result.$end" ] || [ ! -e "result.$end.partial" ] || fail "$what: a result beside an unfinished run"
        done=0
        [ ! -e "result.$end.progress" ] || done=$(marked "result.$end")
        again=$((1 + moment % 3))
        mpi "$again" "$XYZ" "${options[@]}" ${resume[@]+"${resume[@]}"} --out "result.$end" map.gates
        wanted 0 "$what, resumed on $again"
        echo "$what: $done rows were done, resumed on $again ranks"
        [ "$done" -eq 0 ] || lost=$((lost + 1))
    fi
    same "result.$end" "reference.$end" "$what"
done
echo "$lost of $moments moments fell between the first and the last row"
finish

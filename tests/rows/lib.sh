# Shared by the shell tests of many rows; source it. Needs ROWS_TOOL besides what mpi/lib.sh needs.
. "$(dirname "${BASH_SOURCE[0]}")/../mpi/lib.sh"
: "${ROWS_TOOL:?path of rows_tool}"

# feature_map QUBITS REPS: the template as a gate list, range 1; angles in half-turns, the row is x.
feature_map() {
    awk -v n="$1" -v reps="$2" 'BEGIN {
        for (i = 0; i < n; i++) printf "0,%d,-1,0\n", i
        for (r = 0; r < reps; r++) {
            for (i = 0; i < n; i++) printf "2,%d,-1,$%d / pi\n", i, i
            for (p = 0; p < 2; p++) for (i = p; i + 1 < n; i += 2) printf "3,%d,%d,(1 - $%d) * (1 - $%d)\n", i, i + 1, i, i + 1 } }'
}

# numbers FILE: the bytes that must be the same whatever happened on the way.
numbers() {
    case $1 in
    *.h5)
        "$ROWS_TOOL" dump "$1" /features
        "$ROWS_TOOL" dump "$1" /status 2>/dev/null || true
        ;;
    *) cat "$1" ;;
    esac
}

# same FILE REFERENCE WHAT: the same numbers, and nothing of the way there is left.
same() {
    [ -f "$1" ] || { fail "$3: no result"; return 0; }
    numbers "$1" >got.bytes
    numbers "$2" >wanted.bytes
    [ -s wanted.bytes ] || fail "$3: the reference is empty"
    cmp -s got.bytes wanted.bytes || fail "$3: the numbers differ"
    [ ! -e "$1.partial" ] && [ ! -e "$1.progress" ] || fail "$3: left files behind: $(echo "$1".p*)"
}

# start RANKS ARGUMENTS...: the program in the background, its ranks in a process group of their own; 1 rank runs without mpirun.
start() {
    local ranks=$1
    shift
    set -m
    if [ "$ranks" -eq 1 ]; then
        "$XYZ" "$@" >out 2>err </dev/null &
    else
        $MPIRUN --quiet -np "$ranks" "$XYZ" "$@" >out 2>err </dev/null &
    fi
    job=$!
    set +m
}

# ranks_of JOB: process ids of the ranks.
ranks_of() {
    local children
    children=$(pgrep -P "$1" || true)
    echo "${children:-$1}"
}

# ended JOB SECONDS: wait for the job; its exit code in $code. A job that hangs is killed and is a failure.
ended() {
    local limit=$(($(date +%s) + $2))
    while kill -0 "$1" 2>/dev/null && [ "$(date +%s)" -lt "$limit" ]; do sleep 0.05; done
    if kill -0 "$1" 2>/dev/null; then
        fail "hangs: $(tail -n 1 err)"
        kill -9 -- "-$1" 2>/dev/null || true
    fi
    code=0
    wait "$1" 2>/dev/null || code=$?
}

# gone PID...: wait until these processes have ended (a rank outlives its mpirun by a moment).
gone() {
    local limit=$(($(date +%s) + 20)) pid
    for pid in "$@"; do
        while kill -0 "$pid" 2>/dev/null && [ "$(date +%s)" -lt "$limit" ]; do sleep 0.05; done
        kill -0 "$pid" 2>/dev/null && fail "process $pid outlives the job"
    done
    return 0
}

# marked FILE: number of rows that FILE.progress says are done; its first line ends with where the marks are.
marked() {
    local at
    at=$(head -n 1 "$1.progress" | grep -o '[0-9]*$' | sed 's/^0*//')
    tail -c "+$((at + 1))" "$1.progress" | tr -d '\0' | wc -c
}

# begun FILE: wait until the job has created its files.
begun() {
    local limit=$(($(date +%s) + 30))
    while [ ! -e "$1.progress" ] && kill -0 "$job" 2>/dev/null && [ "$(date +%s)" -lt "$limit" ]; do sleep 0.01; done
}

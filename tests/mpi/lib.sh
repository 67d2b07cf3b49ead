# Shared by the shell tests of several ranks; source it. Needs MPIRUN (with its flags) besides what cli/lib.sh needs.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
: "${MPIRUN:?mpirun and its flags}"

# mpi RANKS PROGRAM ARGUMENTS...: output in ./out and ./err, exit code in $code; a run that hangs is killed and gives 124.
# mpirun's own remarks on failed ranks are switched off: what is left on stderr is ours.
mpi() {
    local ranks=$1
    shift
    code=0
    timeout --kill-after=5 "${MPI_LIMIT:-60}" $MPIRUN --quiet -np "$ranks" "$@" >out 2>err </dev/null || code=$?
    [ "$code" -ne 124 ] || fail "hangs: $ranks ranks, STARPU_SCHED=${STARPU_SCHED-}, STARPU_NCPU=${STARPU_NCPU-}: $*"
}

#!/usr/bin/env bash
# L6, and what several ranks do to L5: each rank is examined, the worst one is heard.
. "$(dirname "$0")/../mpi/lib.sh"
. "$(dirname "$0")/lib.sh"

# ranks N [VAR=VALUE...] -- ARGUMENTS...
ranks() {
    local n=$1 before=()
    shift
    while [ "$1" != -- ]; do before+=("$1"); shift; done
    shift
    code=0
    timeout --kill-after=5 90 env "${before[@]}" $MPIRUN --quiet -np "$n" "$DOCTOR" --json "$@" >json 2>err </dev/null || code=$?
    [ "$code" -ne 124 ] || fail "hangs: ${before[*]} $n ranks: $*"
    "$JSON_GET" json findings >/dev/null || fail "no report: $n ranks ${before[*]}: $(head -c 300 err)"
}

ranks 2 --
[ "$("$JSON_GET" json ranks)" -eq 2 ] || fail 'not two ranks'
of ranks said | grep -q '; 2 ranks, 2 on this machine' || fail "ranks: $(of ranks said)"
sees alike ok 'all ranks run the same'
of messages said | grep -Eq 'latency [0-9.]+ us .*bandwidth [0-9.]+ GB/s' || fail "messages: $(of messages said)"
[ "$(of start verdict)" = ok ] || fail "start: $(of start said)"

# More ranks than cores.
ranks 3 HWLOC_SYNTHETIC='core:2 pu:1' -- --quick
sees workers fail '3 ranks x 1 worker = 3 on 2 cores' 'mpirun -np 2'
# 4 ranks x 4 workers each on 4 cores.
ranks 4 HWLOC_SYNTHETIC='core:4 pu:1' STARPU_NCPU=4 -- --quick
sees workers fail '4 ranks x 4 workers = 16 on 4 cores' 'unset STARPU_NCPU'
# Room for the thread that carries messages, and none.
ranks 2 HWLOC_SYNTHETIC='core:8 pu:1' -- --quick
sees ranks ok '2 ranks, 2 on this machine$'
sees binding ok 'no two ranks on one'
ranks 4 HWLOC_SYNTHETIC='core:8 pu:1' -- --quick
sees ranks warn 'no core is left for the thread' 'mpirun -np 2 --map-by slot:PE=4'
# A job that is told to use 24 BLAS threads in each of its ranks.
ranks 4 HWLOC_SYNTHETIC='core:24 pu:1' OPENBLAS_NUM_THREADS=24 STARPU_NCPU=1 -- --quick
sees blas-threads warn '4 x 1 x 24 = 96 threads on 24 cores'

# Something is wrong on one rank only: that rank's line is the one shown.
code=0
timeout 90 $MPIRUN --quiet -np 1 "$DOCTOR" --json --quick : -np 1 env STARPU_SCHED=no-such "$DOCTOR" --json --quick \
    >json 2>err </dev/null || code=$?
sees scheduler fail 'no-such'
[ "$(of scheduler rank)" -eq 1 ] || fail "scheduler: rank $(of scheduler rank), expected 1"
# Ranks with different kernels compute different last digits.
chosen=$(of kernels values kernels)
if [ "$chosen" != Prescott ]; then
    code=0
    timeout 90 $MPIRUN --quiet -np 1 "$DOCTOR" --json --quick : -np 1 env OPENBLAS_CORETYPE=Prescott "$DOCTOR" --json --quick \
        >json 2>err </dev/null || code=$?
    sees alike fail 'Prescott' 'OPENBLAS_CORETYPE'
fi
finish

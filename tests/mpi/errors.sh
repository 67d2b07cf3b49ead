#!/usr/bin/env bash
# Under mpirun all ranks end together, with the right exit code and one message.
. "$(dirname "$0")/lib.sh"
brickwork 6 4 >good.qasm
printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[4];\nh q[9];\n' >bad.qasm

# mpi_refuse CODE PATTERN WHAT ARGUMENTS...
mpi_refuse() {
    local expected=$1 pattern=$2 what=$3 ranks
    shift 3
    for ranks in 2 3; do
        printf 'precious\n' >keep.csv
        mpi "$ranks" "$XYZ" --out keep.csv "$@"
        refused "$expected" "$pattern" "$what, $ranks ranks"
        [ "$(cat keep.csv)" = precious ] || fail "$what: the existing --out file was changed"
    done
}
mpi_refuse 2 'bad\.qasm:4:' 'bad circuit' bad.qasm
mpi_refuse 2 'absent\.qasm' 'missing file' absent.qasm
mpi_refuse 2 'cutoff' 'bad option' --cutoff -1 good.qasm
mpi_refuse 2 'not in this version' 'refused option' --checkpoint saved good.qasm
mpi 2 "$XYZ" --out absent/x.csv good.qasm
refused 5 'absent' 'unwritable --out'
STARPU_SCHED=no-such-scheduler
export STARPU_SCHED
mpi_refuse 2 'no-such-scheduler' 'unknown scheduler' good.qasm
unset STARPU_SCHED

# One copy of the help, not one per rank.
run --help
cp out help
mpi 3 "$XYZ" --help
wanted 0 '--help'
cmp -s out help || fail '--help under mpirun is not one copy of it'

# A numerical failure: LAPACK's SVDs report that they did not converge, and no other method is allowed.
if [ -n "${LAPACK_FAULT-}" ]; then
    code=0
    LD_PRELOAD=$LAPACK_FAULT timeout 60 "$XYZ" --quiet --factor gesdd good.qasm >out 2>err </dev/null || code=$?
    refused 4 'factorisation.*update 0 .*line [0-9]+.*sites' 'numerical failure, alone'
    for ranks in 1 2 3; do
        printf 'precious\n' >keep.csv
        mpi "$ranks" -x LD_PRELOAD="$LAPACK_FAULT" "$XYZ" --quiet --factor gesdd --out keep.csv good.qasm
        refused 4 'factorisation.*update [0-9]+ .*line [0-9]+.*sites' "numerical failure, $ranks ranks"
        [ "$(cat keep.csv)" = precious ] || fail 'numerical failure: the existing --out file was changed'
    done
fi
finish

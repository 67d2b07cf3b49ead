#!/usr/bin/env bash
# L4: which BLAS, which of its kernels, how fast, how many threads.
. "$(dirname "$0")/lib.sh"
doctor --
sees blas ok 'OpenBLAS [0-9.]+, (pthread|sequential) flavour, /.*openblas'
sees speed ok 'zgemm [0-9.]+ GFlop/s on one core'
best=$(of speed values zgemm_flops_per_second)
chosen=$(of kernels values kernels)

# Kernels of another age on purpose: seen by name and by speed, and the remedy names the right ones.
if [ "$chosen" = SkylakeX ] || [ "$chosen" = Haswell ] || [ "$chosen" = Zen ]; then
    doctor OPENBLAS_CORETYPE=Prescott --
    sees kernels fail 'Prescott kernels; OPENBLAS_CORETYPE asks for them' 'export OPENBLAS_CORETYPE=(SkylakeX|Haswell)'
    [ "$(of speed verdict)" != ok ] || fail "Prescott's kernels pass as fast: $(of speed said)"
    poor=$(of speed values zgemm_flops_per_second)
    awk -v a="$best" -v b="$poor" 'BEGIN { exit !(a > 1.5 * b) }' || fail "Prescott: $poor flops/s, chosen: $best"
    remedy=$(of kernels remedy)
    doctor "${remedy#export }" --
    sees kernels ok 'kernels'
    sees speed ok 'zgemm'
fi

# LAPACK from somewhere else, as the alternatives system or LD_PRELOAD can have it.
doctor LD_PRELOAD="${LAPACK_FAULT:?}" -- --quick
sees blas fail 'zg?e?s.d_ comes from .*lapack_fault' 'LD_PRELOAD'
finish

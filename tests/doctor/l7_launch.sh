#!/usr/bin/env bash
# L7: what the batch system gave against what was started; tools that draw.
. "$(dirname "$0")/lib.sh"

doctor -- --quick
sees launch ok 'no batch system seen; started by hand'

# A batch script that starts the program bare: one rank of eight.
doctor SLURM_JOB_ID=7 SLURM_NTASKS=8 -- --quick
sees launch fail 'Slurm job 7: 8 tasks; but one rank was started' '^srun '
# srun whose MPI does not know this one's: eight programs, each alone.
doctor SLURM_JOB_ID=7 SLURM_NTASKS=8 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=3 -- --quick
sees launch fail '8 programs that do not know of each other' 'srun --mpi=pmix'
# One task, as asked for.
doctor SLURM_JOB_ID=7 SLURM_NTASKS=1 -- --quick
sees launch ok 'Slurm job 7: 1 task$'
# 64 processors for the task, but only this machine's cores may be used: srun without its share.
doctor HWLOC_SYNTHETIC='core:4 pu:1' SLURM_JOB_ID=7 SLURM_NTASKS=1 SLURM_CPUS_PER_TASK=64 -- --quick
sees launch fail '64 processors each; but a rank may use 4 cores' 'SRUN_CPUS_PER_TASK'
# Processors are hardware threads: 4 cores of two are 8 processors.
doctor HWLOC_SYNTHETIC='core:4 pu:2' SLURM_JOB_ID=7 SLURM_NTASKS=1 SLURM_CPUS_PER_TASK=8 -- --quick
sees launch ok '8 processors each$'

# Tools.
mkdir -p bin
for tool in vite dot gnuplot; do printf '#!/bin/sh\n' >"bin/$tool" && chmod +x "bin/$tool"; done
doctor PATH="$PWD/bin" "$(command -v env)" -- --quick
sees tools ok 'ViTE, Graphviz and gnuplot are here'
rm bin/vite bin/gnuplot
doctor PATH="$PWD/bin" "$(command -v env)" -- --quick
sees tools warn 'missing: vite \(shows traces\), gnuplot' 'apt install vite gnuplot-nox'
finish

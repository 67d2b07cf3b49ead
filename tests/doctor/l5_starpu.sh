#!/usr/bin/env bash
# L5: StarPU itself: scheduler, folder of models, the trial start.
. "$(dirname "$0")/lib.sh"

doctor --
sees starpu ok '^1\.[34]\.[0-9]+ in /'
sees scheduler ok '^lws, the default'
sees models ok '/\.starpu/sampling \((STARPU_HOME|XDG_CACHE_HOME)\)'
sees start ok 'StarPU starts in [0-9.]+ s with [0-9]+ worker'
[ "$(of start values sharing_a_core)" -eq 0 ] || fail 'workers share cores'

doctor STARPU_SCHED=no-such-scheduler --
sees scheduler fail 'no-such-scheduler is not a scheduler .* knows .*lws' 'unset STARPU_SCHED'
sees start ok 'not tried'
doctor STARPU_SCHED=prio -- --quick
sees scheduler ok '^prio, from STARPU_SCHED'
doctor STARPU_SCHED= -- --quick
sees scheduler ok '^lws, the default'

# The folder of models: where StarPU looks, whether it can be written.
doctor XDG_CACHE_HOME="$PWD/cache" STARPU_HOME=/proc/absent -- --quick
sees models ok "$PWD/cache/.starpu/sampling \(XDG_CACHE_HOME\)"
doctor -u XDG_CACHE_HOME STARPU_HOME=/proc/absent -- --quick
sees models fail '^/proc/absent.* cannot be written' 'export STARPU_HOME='
doctor XDG_CACHE_HOME=/proc -- --quick
sees models fail 'cannot be written' 'unset XDG_CACHE_HOME'
if [ "$(id -u)" -ne 0 ]; then
    mkdir -p readonly && chmod 555 readonly
    doctor -u XDG_CACHE_HOME STARPU_HOME="$PWD/readonly" -- --quick
    sees models fail 'cannot be written'
fi
doctor -u XDG_CACHE_HOME -u STARPU_HOME -u HOME TMPDIR="$PWD" -- --quick
sees models warn 'neither HOME nor STARPU_HOME' 'export STARPU_HOME='

# Models: only schedulers that decide by them mind when there are none, or old ones.
mkdir -p home/.starpu/sampling/codelets/45
doctor -u XDG_CACHE_HOME STARPU_HOME="$PWD/home" STARPU_SCHED=dmda -- --quick
sees models warn '0 models .*dmda decides by them' 'STARPU_CALIBRATE=1'
touch -d '2001-01-01' home/.starpu/sampling/codelets/45/bf_block.somewhere
doctor -u XDG_CACHE_HOME STARPU_HOME="$PWD/home" STARPU_SCHED=dmda -- --quick
sees models warn '1 models .*1 older than the program' 'STARPU_CALIBRATE=2'
touch -d '2101-01-01' home/.starpu/sampling/codelets/45/bf_block.somewhere
doctor -u XDG_CACHE_HOME STARPU_HOME="$PWD/home" STARPU_SCHED=dmda -- --quick
sees models ok '1 models'
doctor -u XDG_CACHE_HOME STARPU_HOME="$PWD/home" -- --quick
sees models ok '1 models'

# The trial start: two workers sent to one core, and a StarPU that aborts.
if [ "$(nproc)" -gt 1 ]; then
    doctor STARPU_WORKERS_CPUID='0 0' --
    sees start fail 'share a core' 'unset STARPU_WORKERS_CPUID'
fi
limit=$(of starpu values max_numa_nodes)
if [ "$limit" -lt 16 ]; then
    doctor HWLOC_SYNTHETIC="numa:16 core:1 pu:1" STARPU_NCPU=4 STARPU_USE_NUMA=1 --
    sees numa fail 'abort'
    sees start fail 'StarPU does not start' 'unset'
fi
finish

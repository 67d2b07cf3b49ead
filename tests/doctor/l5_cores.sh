#!/usr/bin/env bash
# L5: cores, workers, binding, BLAS threads, clock, on machines that are not here (synthetic topologies) and on this one.
. "$(dirname "$0")/lib.sh"
brickwork 6 2 >c.qasm

# This machine, as it is.
doctor -- --quick
sees cores ok 'may be used'
sees binding ok 'each worker on a core of its own'

# 96 cores under a StarPU that allows fewer: mended by as many ranks as the line says.
limit=$(of starpu values max_cpus)
if [ "$limit" -lt 96 ]; then
    doctor HWLOC_SYNTHETIC='pack:2 core:48 pu:2' -- --quick
    sees cores ok '96 of 96 cores may be used; 192 hardware threads, one worker per core'
    [ "$(of workers verdict)" != ok ] || fail 'few workers pass'
    sees workers "$(of workers verdict)" "1 rank x $limit workers = $limit on 96 cores; this StarPU allows $limit" \
        "mpirun -np $(((96 + limit - 1) / limit)) .*scripts/build-starpu"
    [ "$("$JSON_GET" json first)" = workers ] || fail "96 cores: first $("$JSON_GET" json first)"
fi

# A cgroup's limit on processor time: version 2 in a group above, version 1. bondflow starts no more workers than that.
fresh_root
file /proc/self/cgroup '0::/kubepods/pod1'
file /sys/fs/cgroup/kubepods/pod1/cpu.max 'max 100000'
file /sys/fs/cgroup/kubepods/cpu.max '150000 100000'
doctor BONDFLOW_SYSROOT="$PWD/root" HWLOC_SYNTHETIC='core:8 pu:1' -- --quick
sees cores warn "8 of 8 .* a cgroup allows 1\.50 cores' worth" 'cpus=8'
sees workers ok '1 rank x 1 worker = 1 on 8 cores'
sees binding ok 'not bound'
fresh_root
file /proc/self/cgroup '3:cpu,cpuacct:/a/b'
file /sys/fs/cgroup/cpu/cpu.cfs_quota_us 300000
file /sys/fs/cgroup/cpu/cpu.cfs_period_us 100000
doctor BONDFLOW_SYSROOT="$PWD/root" HWLOC_SYNTHETIC='core:8 pu:1' -- --quick
sees cores warn "3\.00 cores' worth"
sees workers ok '1 rank x 3 workers'
file /sys/fs/cgroup/cpu/cpu.cfs_quota_us -1
doctor BONDFLOW_SYSROOT="$PWD/root" HWLOC_SYNTHETIC='core:2 pu:1' -- --quick
sees cores ok '2 of 2'
# And the programs obey it and say so.
file /sys/fs/cgroup/cpu/cpu.cfs_quota_us 100000
BONDFLOW_SYSROOT=$PWD/root run c.qasm
wanted 0 'run under a quota'
if [ "$(nproc)" -gt 1 ]; then
    grep -q "1 rank x 1 worker on 1 core a rank, not bound" err || fail "under a quota: $(cat err)"
    grep -q "a cgroup allows 1.00 cores' worth of time.*bondflow_doctor" err || fail "no warning under a quota: $(cat err)"
fi

# taskset: fewer cores than there are.
if [ "$(nproc)" -gt 1 ]; then
    doctor taskset -c 0 -- --quick
    sees cores warn '^1 of [0-9]+ cores may be used' 'without taskset'
fi

# STARPU_NCPU: too many, too few, nonsense.
doctor HWLOC_SYNTHETIC='core:2 pu:1' STARPU_NCPU=4 -- --quick
sees workers fail '1 rank x 4 workers = 4 on 2 cores' 'unset STARPU_NCPU'
doctor HWLOC_SYNTHETIC='core:4 pu:1' STARPU_NCPU=1 -- --quick
sees workers warn '1 rank x 1 worker = 1 on 4 cores' 'unset STARPU_NCPU'
doctor STARPU_NCPU=0 -- --quick
sees workers fail 'STARPU_NCPU is 0' 'unset STARPU_NCPU'
doctor STARPU_NCPU=many -- --quick
sees workers fail 'STARPU_NCPU'

# Binding by other means.
for name in STARPU_WORKERS_NOBIND STARPU_WORKERS_CPUID STARPU_WORKERS_COREID STARPU_WORKERS_GETBIND; do
    doctor "$name=1" -- --quick
    sees binding warn "$name=1: bondflow leaves" "unset $name"
done

# BLAS threads on top of workers: the 24 x 24 = 576 of jobs that forget it.
doctor HWLOC_SYNTHETIC='core:24 pu:1' OPENBLAS_NUM_THREADS=24 STARPU_NCPU=4 -- --quick
sees blas-threads warn 'OPENBLAS_NUM_THREADS=24 asks for 1 x 4 x 24 = 96 threads on 24 cores' 'export OPENBLAS_NUM_THREADS=1'
doctor HWLOC_SYNTHETIC='core:24 pu:1' OMP_NUM_THREADS=24 OPENBLAS_NUM_THREADS=1 -- --quick
sees blas-threads ok 'one BLAS thread per worker'
doctor HWLOC_SYNTHETIC='core:24 pu:1' OMP_NUM_THREADS=99 -- --quick
sees blas-threads warn 'OMP_NUM_THREADS=99'

# hwloc that reads nothing.
doctor HWLOC_XMLFILE=/absent HWLOC_THISSYSTEM=0 HWLOC_COMPONENTS=xml,stop -- --quick
[ "$code" -le 1 ] || fail "no topology: exit code $code"

# The clock: measured; a core that others use is seen, and so is a clock far below the processor's own.
doctor --
of clock said | grep -Eq '^[0-9.]+ GHz' || fail "clock: $(of clock said)"
fresh_root
file /sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq 90000000
doctor BONDFLOW_SYSROOT="$PWD/root" --
sees clock warn "top is 90\.00 GHz.*(held back|others run here)" '.'
taskset -c 0 timeout 60 sh -c 'while :; do :; done' &
busy=$!
doctor taskset -c 0 --
sees clock warn 'got [0-9]+ % of its core' 'stop what else runs'
kill "$busy"
wait "$busy" 2>/dev/null || true
finish

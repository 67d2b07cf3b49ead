#!/usr/bin/env bash
# L1 to L3: the circuit, its width, memory and its limits, NUMA nodes.
. "$(dirname "$0")/lib.sh"
brickwork 30 40 >wide.qasm
printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[40];\n' >far.qasm
for i in 0 1 2 3 4 5 6 7; do printf 'cx q[%d],q[%d];\n' "$i" "$((39 - i))"; done >>far.qasm
printf 'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput array[float, 3] x;\nqubit[4] q;\nrx(x[0]) q[0];\ncx q[0],q[1];\ncx q[2],q[3];\n' >rows.qasm
printf 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[9];\nh q[0];\n' >ladder.qasm
for i in 0 1 2 3 4 5 6 7; do printf 'cx q[%d],q[%d];\n' "$i" "$((i + 1))"; done >>ladder.qasm

# L1
doctor -- --quick wide.qasm
sees circuit ok '30 qubits, .* two-site updates'
[ "$(of circuit values swaps)" -eq 0 ] || fail 'swaps in a circuit of neighbours'
doctor -- --quick far.qasm
sees circuit warn 'swaps that bring distant' 'number the qubits'
doctor -- --quick rows.qasm
sees circuit ok '3 inputs, one circuit per row'
sees width ok 'rows are independent'

# L2: a ladder of gates that all wait for each other has nothing for a second worker.
doctor HWLOC_SYNTHETIC='core:4 pu:1' -- --quick ladder.qasm
sees width warn '8 layers of gates, 1 worker can be busy .* 4 of this launch; the others wait' 'STARPU_NCPU=1 circuit_xyz_exp ladder.qasm'
doctor HWLOC_SYNTHETIC='core:4 pu:1' STARPU_NCPU=1 -- --quick ladder.qasm
sees width ok '1 worker can be busy'

# L3 memory: of the machine, of a cgroup of version 2 (the least of a group and those above it counts, without the cache that can be
# taken back), of version 1, and of setrlimit.
fresh_root
doctor BONDFLOW_SYSROOT="$PWD/root" -- --quick
sees memory ok '16\.0 of 32\.0 GiB free$'
file /proc/self/cgroup '0::/job/step'
file /sys/fs/cgroup/job/step/memory.max max
file /sys/fs/cgroup/job/step/memory.current 999
file /sys/fs/cgroup/job/memory.max 8589934592
file /sys/fs/cgroup/job/memory.current 6442450944
file /sys/fs/cgroup/job/memory.stat "anon 5
inactive_file 2147483648"
doctor BONDFLOW_SYSROOT="$PWD/root" -- --quick
sees memory warn '4\.0 of 32\.0 GiB free; cgroup allows 8\.0 GiB' 'mem='
doctor BONDFLOW_SYSROOT="$PWD/root" -- --quick --max-dim 4 wide.qasm
sees memory warn 'the circuit can come to need 0\.[01] GiB'
doctor BONDFLOW_SYSROOT="$PWD/root" -- --quick --max-dim 100000 wide.qasm
sees memory warn 'the circuit can come to need [0-9.]+ GiB with bonds up to 100000' 'circuit_plan --probe 2 wide.qasm'
fresh_root
file /proc/self/cgroup '5:cpuset:/
4:memory:/docker/abc'
file /sys/fs/cgroup/memory/memory.limit_in_bytes 3221225472
file /sys/fs/cgroup/memory/memory.usage_in_bytes 1073741824
doctor BONDFLOW_SYSROOT="$PWD/root" -- --quick
sees memory warn '2\.0 of 32\.0 GiB free; cgroup allows 3\.0 GiB'
(
    failures=0
    ulimit -v 2000000
    doctor -- --quick
    sees memory warn 'ulimit -v allows 1\.9 GiB' 'ulimit -v unlimited'
    [ "$failures" -eq 0 ]
) || fail 'ulimit -v'
mkdir -p nothing
doctor BONDFLOW_SYSROOT="$PWD/nothing" -- --quick
sees memory ok 'unknown'

# L3 pages
for mode in always madvise never; do
    fresh_root
    file /sys/kernel/mm/transparent_hugepage/enabled "$(printf 'always madvise never\n' | sed "s/$mode/[$mode]/")"
    doctor BONDFLOW_SYSROOT="$PWD/root" -- --quick
    sees pages ok "huge pages: $mode"
done

# L3 numa: one process over two nodes, and more nodes than this StarPU was built for.
doctor HWLOC_SYNTHETIC='numa:1 core:2 pu:1' -- --quick
sees numa ok '1 NUMA node, the workers of a rank on 1'
doctor HWLOC_SYNTHETIC='numa:2 core:1 pu:1' -- --quick
sees numa warn '2 NUMA nodes, the workers of a rank on 2' 'mpirun -np 2 --map-by numa'
doctor HWLOC_SYNTHETIC='numa:2 core:1 pu:1' STARPU_NCPU=1 -- --quick
sees numa ok 'the workers of a rank on 1'
doctor HWLOC_SYNTHETIC='numa:32 core:1 pu:1' STARPU_USE_NUMA=1 -- --quick
sees numa fail 'STARPU_USE_NUMA=1 makes this StarPU' 'unset STARPU_USE_NUMA'

# L3 bandwidth is measured: some number, and no claim about it but where the memory lies.
doctor --
sees bandwidth ok 'one core reads [0-9.]+ GB/s'
[ "$(of bandwidth values first_touch_is_local)" = yes ] || fail 'first touch is not local on a machine that is used alone'
finish

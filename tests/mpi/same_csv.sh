#!/usr/bin/env bash
# The program's output under mpirun, byte for byte the same for 1-4 ranks, 1-2 workers and four schedulers; one rank speaks.
. "$(dirname "$0")/lib.sh"
{
    brickwork 16 4
    printf 'cx q[2],q[13];\nccx q[5],q[7],q[8];\nswap q[0],q[15];\nrzz(0.4) q[14],q[6];\n'
} >c.qasm

run c.qasm
wanted 0 'without mpirun'
cp out alone.csv
hash_of() {
    "$JSON_GET" "$1" state_hash
}
run --summary alone.json c.qasm
hash_of alone.json >alone.hash
for scheduler in eager lws dmda dmdas; do
    for workers in 1 2; do
        for ranks in 1 2 3 4; do
            export STARPU_SCHED=$scheduler STARPU_NCPU=$workers
            rm -f s.json r.csv
            mpi "$ranks" "$XYZ" --quiet --summary s.json --out r.csv c.qasm
            what="$ranks ranks, $workers workers, $scheduler"
            wanted 0 "$what"
            cmp -s r.csv alone.csv || fail "$what: the numbers differ"
            [ "$(hash_of s.json)" = "$(cat alone.hash)" ] || fail "$what: hash $(hash_of s.json)"
            [ ! -s out ] || fail "$what: wrote on stdout"
            [ ! -s err ] || fail "$what: --quiet, but: $(head -n 3 err)"
        done
    done
done
export STARPU_SCHED=lws STARPU_NCPU=1
mpi 3 "$XYZ" c.qasm
wanted 0 'stdout under mpirun'
cmp -s out alone.csv || fail 'stdout under mpirun: not one copy of the numbers'
[ "$(grep -cE '\b[0-9a-f]{16}\b' err)" -eq 1 ] || fail "the closing summary was told $(grep -cE '\b[0-9a-f]{16}\b' err) times"
# More ranks than qubits.
printf '0,0,-1,0\n3,0,1,0.3\n' >two.gates
run two.gates
cp out two.csv
mpi 4 "$XYZ" two.gates
wanted 0 '2 qubits on 4 ranks'
cmp -s out two.csv || fail '2 qubits on 4 ranks: the numbers differ'
finish

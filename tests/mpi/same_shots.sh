#!/usr/bin/env bash
# Shots, amplitudes and marginals, byte for byte the same for 1-4 ranks, 1-2 workers, two schedulers, and in the calling thread: of
# bonds that shots in lanes take (one scheduler), and of wider ones (the other).
. "$(dirname "$0")/lib.sh"
: "${SAMPLE:?path of circuit_sample}"
{
    brickwork 14 6
    printf 'cx q[2],q[11];\nswap q[0],q[13];\nrzz(0.4) q[12],q[6];\n'
} >c.qasm
arguments=(--quiet --shots 9000 --seed 17 --amplitudes 01010101010101,11111111111111,00000000000000
    --marginals 3,13,0,7 --counts=c.csv --memory=m.npy --amplitudes-out a.csv --marginals-out p.csv c.qasm)
results="c.csv m.npy a.csv p.csv"
XYZ=$SAMPLE
for scheduler in eager lws; do
    max_dim=$([ $scheduler = eager ] && echo 12 || echo 24)
    run --max-dim $max_dim --summary s.json "${arguments[@]}"
    wanted 0 'without mpirun'
    bond=$("$JSON_GET" s.json largest_bond)
    [ "$bond" = "$max_dim" ] || fail "the largest bond is $bond, $max_dim was meant"
    rm -rf alone
    mkdir alone
    mv $results alone
    for workers in 1 2; do
        for ranks in 1 2 3 4; do
            export STARPU_SCHED=$scheduler STARPU_NCPU=$workers
            mpi "$ranks" "$SAMPLE" --tasks always --max-dim $max_dim "${arguments[@]}"
            what="$ranks ranks, $workers workers, $scheduler"
            wanted 0 "$what"
            for file in $results; do
                cmp -s "$file" "alone/$file" || fail "$what: $file differs"
            done
            rm -f $results
            [ ! -s out ] || fail "$what: wrote on stdout"
            [ ! -s err ] || fail "$what: --quiet, but: $(head -n 3 err)"
        done
    done
done
# Bad input is one message, and every rank ends.
mpi 3 "$SAMPLE" --amplitudes 01 c.qasm
refused 2 '2 characters, expected 14' 'a string too short on 3 ranks'
mpi 3 "$SAMPLE" --memory=absent/m.csv c.qasm
refused 5 'absent' 'no folder on 3 ranks'
finish

#!/usr/bin/env bash
# Same tensors and values, bit for bit, for any number of ranks and workers, any scheduler, any grain.
. "$(dirname "$0")/lib.sh"
: "${HASH_STATES:?path of hash_states}"

reference=
for scheduler in eager lws dmdas; do
    for workers in 1 2; do
        for ranks in 1 2 3; do
            export STARPU_SCHED=$scheduler STARPU_NCPU=$workers
            mpi "$ranks" "$HASH_STATES"
            wanted 0 "$ranks ranks, $workers workers, $scheduler"
            if [ -z "$reference" ]; then
                reference=$scratch/reference
                cp out "$reference"
                cat "$reference"
                [ "$(wc -l <out)" -eq 8 ] || fail 'hash_states did not print 8 lines'
                for name in light heavy measured; do
                    [ "$(grep "^$name" out | sed 's/.*: //' | sort -u | wc -l)" -eq 1 ] || fail "$name: the grain changes bits"
                done
                grep -q '^heavy.* bond 70 ' out || fail 'the heavy circuit did not reach bond 70'
            fi
            cmp -s out "$reference" || fail "$ranks ranks, $workers workers, $scheduler: different bits: $(diff out "$reference" | head -n 4)"
        done
    done
done
finish

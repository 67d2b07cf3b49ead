#!/usr/bin/env bash
# Full disks, unwritable directories, tables that shrink or change while they are read: exit code 5, what is done stays, the job can
# be resumed. Needs to mount a tmpfs for the disks; without that permission the rest runs and the test counts as skipped.
. "$(dirname "$0")/lib.sh"
feature_map 20 5 >map.gates
"$ROWS_TOOL" table table.npy 1500 20 5
options=(--quiet --params table.npy)
for end in npy csv; do
    run "${options[@]}" --out reference.$end map.gates
    wanted 0 "reference.$end"
done

# A file size limit of 10 MB (MPI needs some itself) stands for a full disk: met before the first row.
printf '#!/bin/sh\nulimit -f 20000\nexec "$XYZ" "$@"\n' >limited
chmod +x limited
"$ROWS_TOOL" table long.npy 25000 20 5
for ranks in 1 2; do
    printf 'precious\n' >r.npy
    mpi "$ranks" ./limited --quiet --params long.npy --out r.npy map.gates
    refused 5 'r\.npy.*reserve.*bytes' "file size limit, $ranks ranks"
    [ "$(cat r.npy)" = precious ] || fail "file size limit, $ranks ranks: the earlier result was changed"
    [ "$(echo r.npy*)" = r.npy ] || fail "file size limit, $ranks ranks: left $(echo r.npy*)"
done
mpi 2 "$XYZ" "${options[@]}" --out absent/r.npy map.gates
refused 5 'absent/r\.npy' 'missing directory'

# shrink RANKS HOW: the table is damaged while the job runs.
shrink() {
    local what="$2, $1 ranks"
    rm -f r.npy*
    cp -p table.npy t.npy
    start "$1" --quiet --params t.npy --out r.npy map.gates
    begun r.npy
    for _ in $(seq 500); do
        [ "$(marked r.npy)" -eq 0 ] || break
        sleep 0.01
    done
    case $2 in
    truncated) truncate -s 20000 t.npy ;;
    emptied) : >t.npy ;;
    rewritten) "$ROWS_TOOL" table t.npy 1500 20 6 ;;
    esac
    ended "$job" 60
    [ ! -e r.npy ] || { fail "$what: the job ended before"; return 0; }
    refused 5 't\.npy' "$what"
    mpi "$1" "$XYZ" --quiet --params t.npy --resume --out r.npy map.gates
    [ "$code" -eq 2 ] || fail "$what: resumed with a damaged table, exit code $code"
    cp -p table.npy t.npy
    mpi "$((3 - $1))" "$XYZ" --quiet --params t.npy --resume --out r.npy map.gates
    wanted 0 "$what, table restored"
    same r.npy reference.npy "$what, table restored"
}
shrink 1 truncated
shrink 2 emptied
shrink 1 rewritten

mkdir small
if ! mount -t tmpfs -o size=512k none small 2>mount.err; then
    echo "no permission to mount a tmpfs: $(cat mount.err)"
    [ "$failures" -eq 0 ] || finish
    echo 'SKIPPED: full disk, read-only directory; everything else passed'
    exit 77
fi
trap 'umount small; rm -rf "$scratch"' EXIT

# Too small from the start: 720 kB do not fit.
printf 'precious\n' >small/r.npy
for ranks in 1 2; do
    mpi "$ranks" "$XYZ" "${options[@]}" --out small/r.npy map.gates
    refused 5 'small/r\.npy.*reserve' "small disk, $ranks ranks"
    [ "$(cat small/r.npy)" = precious ] && [ "$(ls -A small)" = r.npy ] || fail "small disk: $(ls -A small)"
done
# Room for the rows but not for their text: met at the end, nothing lost.
mount -o remount,size=1m small
mpi 2 "$XYZ" "${options[@]}" --out small/r.csv map.gates
refused 5 'small/r\.csv' 'disk full at the end'
[ ! -e small/r.csv ] || fail 'disk full at the end: half a result'
[ "$(marked small/r.csv)" -eq 1500 ] || fail "disk full at the end: $(marked small/r.csv) rows marked"
mount -o remount,size=8m small
mpi 1 "$XYZ" "${options[@]}" --resume --out small/r.csv map.gates
wanted 0 'more room'
same small/r.csv reference.csv 'more room'
mount -o remount,ro small
for ranks in 1 2; do
    mpi "$ranks" "$XYZ" "${options[@]}" --out small/s.npy map.gates
    refused 5 'small/s\.npy' "read-only directory, $ranks ranks"
done
finish

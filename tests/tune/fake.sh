#!/usr/bin/env bash
# A stand-in for a program of bondflow, for tests of sched_tune: STARPU_SCHED says what happens to it.
while [ $# -gt 0 ]; do
    case $1 in
    --out) out=$2; shift ;;
    --summary) summary=$2; shift ;;
    esac
    shift
done
echo "$STARPU_SCHED $STARPU_NCPU $STARPU_CALIBRATE $STARPU_HOME" >>"$FAKE_LOG"
result=1.25
case $STARPU_SCHED in
lws) sleep "${FAKE_SLOW:-0.25}" ;;
ws) setsid sleep "$FAKE_SLEEP" & sleep "$FAKE_SLEEP" & sleep "$FAKE_SLEEP" ;; # hangs, and has started others
dm) trap '' TERM INT; sleep "$FAKE_SLEEP"; sleep "$FAKE_SLEEP" ;;              # hangs, and does not want to end
peager) echo "fake: error: it cannot" >&2; exit 4 ;;
pheft) kill -SEGV $$ ;;
random) result=1.5 ;;
heteroprio) exit 0 ;; # without a result
*) sleep 0.01 ;;
esac
printf 'site,x\n0,%s\n' "$result" >"$out"
printf '{"seconds": {"evolve": 0.5, "measure": 0.25}, "workers": {"idle_share": 0.125}, "state_hash": "00000000000000aa"}\n' >"$summary"

# Shared by the tests of bondflow_doctor; source it. Needs DOCTOR (the program) besides what cli/lib.sh needs.
#
# Each test breaks the environment in one way and looks for the line that says so; and where it can, mends it by the remedy of that
# line and sees the line go away.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
: "${DOCTOR:?path of bondflow_doctor}"
# What the test runner sets for other tests' sake would be found, and rightly so.
unset STARPU_WORKERS_NOBIND STARPU_NCPU STARPU_MPI_NOBIND OPENBLAS_NUM_THREADS OMP_NUM_THREADS STARPU_SCHED
for name in $(compgen -e SLURM_) $(compgen -e PBS_) $(compgen -e LSB_); do unset "$name"; done

# doctor [VAR=VALUE...] [WORDS OF A LAUNCHER...] -- ARGUMENTS...: the findings go to ./json, the exit code to $code.
doctor() {
    local before=()
    while [ "$1" != -- ]; do before+=("$1"); shift; done
    shift
    code=0
    timeout --kill-after=5 60 env "${before[@]}" "$DOCTOR" --json "$@" >json 2>err </dev/null || code=$?
    [ "$code" -ne 124 ] || fail "hangs: ${before[*]} bondflow_doctor $*"
    "$JSON_GET" json findings >/dev/null || fail "no report: ${before[*]} bondflow_doctor $*: $(head -c 300 err)"
}

# of CHECK KEY...: a value of the last report.
of() { "$JSON_GET" json findings "$@"; }

# sees CHECK VERDICT PATTERN [REMEDY PATTERN]: what the last report says of a check. A failure is an exit code of 1.
sees() {
    local verdict said remedy
    verdict=$(of "$1" verdict) said=$(of "$1" said) remedy=$(of "$1" remedy)
    [ "$verdict" = "$2" ] || fail "$1: verdict $verdict, expected $2: $said"
    printf '%s\n' "$said" | grep -Eq -e "$3" || fail "$1: does not match /$3/: $said"
    [ -z "${4-}" ] || printf '%s\n' "$remedy" | grep -Eq -e "$4" || fail "$1: the remedy does not match /$4/: $remedy"
    [ "$2" != ok ] || [ "$remedy" = null ] || fail "$1: a remedy for what is fine: $remedy"
    [ "$2" != fail ] || [ "$code" -eq 1 ] || fail "$1 failed, but the exit code is $code"
}

# file PATH TEXT: a file of a made-up /proc or /sys below ./root.
file() {
    mkdir -p "root$(dirname "$1")"
    printf '%s\n' "$2" >"root$1"
}
fresh_root() {
    rm -rf root
    file /proc/meminfo 'MemTotal:       33554432 kB
MemFree:         1000000 kB
MemAvailable:   16777216 kB'
}

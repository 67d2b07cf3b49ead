# Shared by the shell tests; source it. Needs XYZ (the program) and JSON_GET in the environment.
set -eu
export LC_ALL=C
: "${XYZ:?path of circuit_xyz_exp}" "${JSON_GET:?path of json_get}"
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/scratch.sh"
scratch test
failures=0

# Say what went wrong and go on; finish() decides.
fail() {
    failures=$((failures + 1))
    printf 'FAIL: %s\n' "$*"
}

finish() {
    [ "$failures" -eq 0 ] || { printf '%s: %d failed\n' "${0##*/}" "$failures"; exit 1; }
    printf '%s: passed\n' "${0##*/}"
}

# run ARGUMENTS...: the program, its output in ./out and ./err, its exit code in $code.
run() {
    code=0
    timeout 60 "$XYZ" "$@" >out 2>err </dev/null || code=$?
}

# wanted CODE WHAT: the last run ended so.
wanted() {
    [ "$code" -eq "$1" ] || fail "$2: exit code $code, expected $1; stderr: $(head -c 300 err)"
}

# refused CODE PATTERN WHAT: the last run ended with this code, one line on stderr that matches the pattern, and no numbers.
refused() {
    wanted "$1" "$3"
    [ "$(wc -l <err)" -eq 1 ] || fail "$3: $(wc -l <err) lines on stderr, expected 1: $(head -c 400 err)"
    [ "$(wc -c <err)" -le 600 ] || fail "$3: a message of $(wc -c <err) bytes"
    grep -Eqi -e "$2" err || fail "$3: the message does not match /$2/: $(head -c 300 err)"
    [ ! -s out ] || fail "$3: wrote on stdout: $(head -c 200 out)"
}

# refuse CODE PATTERN WHAT ARGUMENTS...: the program refuses, with and without --out; an existing file stays as it was.
refuse() {
    local expected=$1 pattern=$2 what=$3
    shift 3
    run "$@"
    refused "$expected" "$pattern" "$what"
    mkdir -p kept
    printf 'precious\n' >kept/keep.csv
    run --out kept/keep.csv "$@"
    refused "$expected" "$pattern" "$what with --out"
    [ "$(cat kept/keep.csv)" = precious ] || fail "$what: the existing --out file was changed"
    [ "$(ls -A kept)" = keep.csv ] || fail "$what: left files behind: $(ls -A kept)"
}

# brickwork QUBITS LAYERS: a random circuit in OpenQASM, the same on every call.
brickwork() {
    awk -v n="$1" -v layers="$2" 'function r() { s = (s * 16807) % 2147483647; return s / 2147483647 * 6.28318530717958 }
        BEGIN { s = 20260801; printf "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];\n", n
            for (l = 0; l < layers; l++) for (a = l % 2; a + 1 < n; a += 2) {
                printf "u3(%.12f,%.12f,%.12f) q[%d];\nu3(%.12f,%.12f,%.12f) q[%d];\n", r(), r(), r(), a, r(), r(), r(), a + 1
                printf "crx(%.12f) q[%d],q[%d];\ncry(%.12f) q[%d],q[%d];\n", r(), a, a + 1, r(), a + 1, a } }'
}

# Sourced by scripts, tests and benchmarks that leave nothing behind.

# scratch NAME: go to a new directory, $scratch, which is removed when the script ends.
scratch() {
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/bondflow-$1.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    cd "$scratch"
}

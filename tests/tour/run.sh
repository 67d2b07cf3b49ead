#!/usr/bin/env bash
# Run the commands of a page as they stand: every block that begins with ```sh, in order, in one shell, in a scratch directory
# that looks like the source tree. After sh may follow: needs=PROGRAM, skipped where it is missing; fails, it has to fail.
#   BUILD_DIR=... tests/tour/run.sh docs/tour.md
set -euo pipefail
export LC_ALL=C
page=$(realpath "$1")
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
: "${BUILD_DIR:?where the programs were built}"
. "$tree/scripts/scratch.sh"
scratch tour

# The tree as the page sees it: scripts/ that work on the real one, build/bin, examples/.
mkdir "$scratch/scripts" "$scratch/build"
ln -s "$BUILD_DIR/bin" "$scratch/build/bin"
ln -s "$tree/examples" "$scratch/examples"
for script in build setup; do
    printf '#!/bin/sh\nexec "%s/scripts/%s" "$@"\n' "$tree" "$script" >"$scratch/scripts/$script"
    chmod +x "$scratch/scripts/$script"
done
# More ranks than cores, and root, as on a machine of continuous integration.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none QT_QPA_PLATFORM=offscreen

awk -v page="${page##*/}" '
    !inside && /^```/ { inside = 1; run = $1 == "```sh"; fails = 0; needs = ""
        for (i = 2; i <= NF; i++) if ($i == "fails") fails = 1; else if ($i ~ /^needs=/) needs = substr($i, 7); else bad = 1
        if (run) { printf "echo \"=== %s:%d\"; blocks=$((blocks + 1)); where=%d\n", page, NR, NR
            if (needs) printf "if ! command -v %s >/dev/null; then echo \"skipped: no %s here\"; else\n", needs, needs
            if (fails) print "if (set -e" }
        next }
    inside && /^```$/ { inside = 0
        if (run && fails) print "); then echo \"this has to fail, and did not\"; exit 1; fi"
        if (run && needs) print "fi"
        next }
    inside && run { print }
    END { exit bad || inside }' "$page" >"$scratch/commands"
wanted=$(grep -c '^```sh' "$page")
{
    echo 'set -euo pipefail; blocks=0; where=0'
    echo 'trap '\''echo "FAIL: ${page##*/}:$where: the block that begins here"'\'' ERR'
    cat "$scratch/commands"
    echo '[ "$blocks" -eq '"$wanted"' ]'
    echo 'echo "$blocks blocks: passed"; touch "$passed"'
} >"$scratch/script"
page=$page passed=$scratch/passed bash "$scratch/script" </dev/null
[ -e "$scratch/passed" ] || { echo "FAIL: the commands ended before the last block"; exit 1; }

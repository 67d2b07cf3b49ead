# Shared by the scripts beside it; sourced, never run.
#
# Gives: root (the source tree), BUILD_DIR (absolute, default build/ in the tree; a relative one is taken from where the
# caller stands), jobs, the functions below and that of scratch.sh.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BUILD_DIR=${BUILD_DIR:-$root/build}
case $BUILD_DIR in /*) ;; *) BUILD_DIR=$PWD/$BUILD_DIR ;; esac
jobs=$(nproc 2>/dev/null || echo 1)
. "$root/scripts/scratch.sh"

# One line that says what happens now.
step() { printf '==> %s\n' "$*"; }

# The reason, and the end.
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# logged NAME COMMAND...: run with all output in $BUILD_DIR/log/NAME.log; show its end when the command fails.
logged() {
    local name=$1 log=$BUILD_DIR/log/$1.log code=0
    shift
    mkdir -p "$BUILD_DIR/log"
    "$@" >"$log" 2>&1 </dev/null || code=$?
    if [ "$code" -ne 0 ]; then
        tail -n 40 "$log" >&2
        die "$name failed with code $code; the command was: $*; the whole log is in $log"
    fi
}

# configure [CMAKE OPTIONS]: with Ninja in a new build directory, unless CMAKE_GENERATOR says otherwise.
configure() {
    local generator=()
    command -v cmake >/dev/null || die "no cmake here; run scripts/setup"
    if [ ! -f "$BUILD_DIR/CMakeCache.txt" ] && [ -z "${CMAKE_GENERATOR-}" ] && command -v ninja >/dev/null; then
        generator=(-G Ninja)
    fi
    step "Configure in $BUILD_DIR"
    logged configure cmake -S "$root" -B "$BUILD_DIR" "${generator[@]}" "$@"
}

# The C files of the project, relative to the tree. Takes find's options.
sources() { (cd "$root" && find apps bench codelets examples kernels runtime tests "$@" | sort); }

# mpi RANKS COMMAND...: several ranks on this machine, whatever its number of cores, as root or not.
mpi() {
    local ranks=$1 flags=(--oversubscribe --bind-to none)
    shift
    if [ "$(id -u)" -eq 0 ]; then flags+=(--allow-run-as-root); fi
    mpirun "${flags[@]}" -np "$ranks" "$@" </dev/null
}

# debian_packages AFTERWARDS PACKAGE...: install those that are missing; needs no rights when none is. AFTERWARDS says what to run
# where this is not Debian and the libraries have to be installed by hand.
debian_packages() {
    local afterwards=$1 tool package status missing=() as_root=()
    shift
    for tool in dpkg-query apt-get; do
        command -v "$tool" >/dev/null ||
            die "no $tool here: this script knows Debian 12 and its kin only; install these libraries by hand, $afterwards: $*"
    done
    for package; do
        status=$(dpkg-query -W -f='${db:Status-Status} ' "$package" 2>/dev/null || true)
        case " $status" in *' installed '*) ;; *) missing+=("$package") ;; esac
    done
    if [ ${#missing[@]} -eq 0 ]; then
        step "Debian packages: all $# are installed"
        return
    fi
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "neither root nor sudo; ask an administrator for: apt-get install --no-install-recommends ${missing[*]}"
        sudo -v || die "sudo was refused; ask an administrator for: apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo)
    fi
    step "Debian packages: refresh the package lists"
    quietly "${as_root[@]}" apt-get update
    step "Debian packages: install ${missing[*]}"
    quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
}

# quietly COMMAND...: its output is shown only when it fails, and then it is the end.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        die "'$*' failed; the lines above say why"
    fi
    rm -f "$log"
}

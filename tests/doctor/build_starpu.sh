#!/usr/bin/env bash
# scripts/build-starpu, on a tarball that only looks like StarPU: what is passed on, what is left behind, what a failure says.
. "$(dirname "$0")/../cli/lib.sh"
: "${BUILD_STARPU:?path of scripts/build-starpu}"
export TMPDIR=$scratch/tmp
mkdir -p tmp starpu-1

# A configure script that keeps its arguments, and a makefile that installs a header.
cat >starpu-1/configure <<'END'
#!/bin/sh
for a; do case $a in --prefix=*) prefix=${a#--prefix=} ;; esac; done
printf '%s\n' "$@" >arguments
cat >Makefile <<MAKE
all:
	test ! -e "$prefix/spoilt"
install:
	mkdir -p "$prefix/include/starpu/1.3"
	cp arguments "$prefix/"
	printf '#define STARPU_MAXCPUS 256\\n#define STARPU_NMAXBUFS 16\\n' >"$prefix/include/starpu/1.3/starpu_config.h"
MAKE
END
chmod +x starpu-1/configure
tar -czf starpu.tar.gz starpu-1

# build ARGUMENTS...
build() {
    code=0
    timeout 60 "$BUILD_STARPU" "$@" >out 2>err </dev/null || code=$?
}
build --source starpu.tar.gz there
wanted 0 'a build'
grep -q "MAXCPUS=256 NMAXBUFS=16" out || fail "limits are not told: $(cat out)"
grep -q -e "-DBF_STARPU_PREFIX=$scratch/there" out || fail "the line to go on with: $(cat out)"
for option in --enable-maxcpus=256 --enable-maxnumanodes=16 --enable-maxbuffers=16 --with-fxt --disable-cuda; do
    grep -qx -e "$option" there/arguments || fail "configure was not given $option"
done
[ -z "$(ls -A tmp)" ] || fail "left behind: $(ls -A tmp)"

# A build that fails says why, and where the whole log is; what it worked in stays.
touch there/spoilt
build --source starpu.tar.gz there
wanted 1 'a failing build'
log=$(sed -n 's/.*the whole log is in //p' err)
[ -f "$log" ] || fail "no log where it is said to be: $(cat err)"

build --source absent.tar.gz there
refused 1 "no file 'absent.tar.gz'" 'a missing tarball'
build --quick
refused 1 'unknown option' 'an unknown option'
build a b
refused 1 'too many' 'two prefixes'
printf 'no tarball\n' >broken.tar.gz
build --source broken.tar.gz there
wanted 1 'a broken tarball'
grep -q 'is no tarball' err || fail "a broken tarball: $(cat err)"
finish

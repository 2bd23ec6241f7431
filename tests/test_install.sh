#!/bin/sh
# What a user of the library meets: installs into an empty folder, builds
# tests/example.c with the flags that libdcm.pc gives, and runs it. And the
# shared library exports what is named dcm_ and nothing else.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$top_builddir"
$MAKE install DESTDIR="$dir" > "$dir/log" 2>&1 || {
    cat "$dir/log"
    exit 1
}
pc=$(find "$dir" -name libdcm.pc)
libdir=${pc%/pkgconfig/libdcm.pc}
fail() {
    echo "$*"
    exit 1
}

headers=$(find "$dir" -name '*.h' | wc -l)
[ "$headers" -eq 1 ] || fail "$headers headers were installed, not dcm.h alone"

library=$(find "$libdir" -name 'libdcm.so' | head -n 1)
if [ -n "$library" ]; then
    # Those that the compiler adds begin with an underline.
    names=$(nm -D --defined-only "$library" |
        ${AWK:-awk} '$2 != "A" { sub(/@.*/, "", $3); print $3 }')
    odd=$(printf '%s\n' "$names" | grep -v -e '^dcm_' -e '^_' || :)
    [ -z "$odd" ] || fail "exported, but not named dcm_:" $odd
    # A function declared in dcm.h is there, and nothing else is.
    tr -s '\n ' ' ' < "$top_srcdir/libdcm/dcm.h" | tr ';' '\n' |
        sed -n 's/.*DCM_API [^(]*\(dcm_[a-z0-9_]*\)(.*/\1/p' |
        sort > "$dir/declared"
    printf '%s\n' "$names" | grep '^dcm_' | sort > "$dir/exported"
    diff "$dir/declared" "$dir/exported" ||
        fail "declared in dcm.h (<) and exported (>) differ"
fi

if ! command -v ${PKG_CONFIG:-pkg-config} > /dev/null; then
    echo "no pkg-config: example left out"
    exit 77
fi
PKG_CONFIG_PATH=$libdir/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$dir
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
static=
[ -n "$library" ] || static=--static
flags=$(${PKG_CONFIG:-pkg-config} $static --cflags --libs libdcm)
tests/hexd "$top_srcdir/tests/files/good-sample.hexd" > "$dir/sample.dcm"
# The flags of this build as well: a library made for a sanitizer wants a
# program that is.
$CC $DCM_CFLAGS $CFLAGS -o "$dir/example" "$top_srcdir/tests/example.c" \
    $flags $DCM_LDFLAGS $LDFLAGS
printf 'modality: OT\npatient: M\303\274ller^Test\n' > "$dir/want"
LD_LIBRARY_PATH=$libdir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} \
    "$dir/example" "$dir/sample.dcm" > "$dir/got"
diff "$dir/want" "$dir/got"

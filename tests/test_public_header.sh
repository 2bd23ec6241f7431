#!/bin/sh
# dcm.h compiles alone as strict C99 and as C++, and again behind itself.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/libdcm"
cp "$top_srcdir/libdcm/dcm.h" "$dir/libdcm"
cat > "$dir/alone.c" <<'END'
#include <libdcm/dcm.h>
#include <libdcm/dcm.h>
extern const char *version(void);
const char *version(void)
{
    return dcm_version();
}
END
cp "$dir/alone.c" "$dir/alone.cc"

strict='-pedantic-errors -Wall -Wextra -Werror'
for standard in c99 c11; do
    ${CC:-cc} -std=$standard $strict -I"$dir" -c "$dir/alone.c" \
        -o "$dir/alone.o"
done
for cxx in c++ g++ clang++; do
    command -v $cxx > /dev/null || continue
    # A C++ compiler may be there without its headers.
    echo '#include <stdint.h>' > "$dir/works.cc"
    $cxx -c "$dir/works.cc" -o "$dir/works.o" 2> /dev/null || continue
    $cxx -std=c++11 $strict -I"$dir" -c "$dir/alone.cc" -o "$dir/alone.o"
    echo "as C++: $cxx"
    exit 0
done
echo "as C++: no compiler here, left out"

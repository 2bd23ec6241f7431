#!/bin/sh
# The program in README.md is tests/example.c, which test_install.sh builds
# and runs.
set -eu

${AWK:-awk} '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' \
    "$top_srcdir/README.md" | diff "$top_srcdir/tests/example.c" -

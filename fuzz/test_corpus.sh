#!/bin/sh
# Runs each fuzz target over its corpus: nothing may crash, hang or leak.
# With a libFuzzer build -runs=0 replays; replay.c ignores the option.
set -u

failed=0
ran=0
for corpus in "$top_srcdir"/fuzz/corpus/*/; do
    [ -d "$corpus" ] || continue
    name=$(basename "$corpus")
    target=$top_builddir/fuzz/fuzz_$name
    if [ ! -x "$target" ]; then
        echo "fuzz/corpus/$name has no target fuzz_$name"
        failed=1
        continue
    fi
    ran=$((ran + 1))
    echo "fuzz_$name"
    "$target" -runs=0 "$corpus" || failed=1
done
[ "$failed" = 0 ] || exit 1
[ "$ran" -gt 0 ] || exit 77

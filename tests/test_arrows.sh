#!/bin/sh
# Compares the #include lines of libdcm/ with tests/arrows.txt: each arrow
# must be listed, and each file.
set -eu

cd "$top_srcdir"
LC_ALL=C ${AWK:-awk} '
function bad(message) {
    print message
    failed = 1
}
# Whether `from` (name of a file without its end) may include header `to`.
function allowed(from, to) {
    if (index(" " also[from] " ", " " to ".inc ") ||
        index(" " also[from] " ", " dict/" to ".inc "))
        return 1
    if (!(to in row))
        return 0
    if (from == to || row[to] < row[from])
        return 1
    if (row[to] != row[from])
        return 0
    if (row[from] < 3)
        return place[to] < place[from]
    return index(from, to "_") == 1
}
function name_of(file) {
    sub(/^libdcm\//, "", file)
    sub(/\.[ch]$/, "", file)
    return file
}
FNR == 1 {
    name = name_of(FILENAME)
}
FILENAME == "tests/arrows.txt" {
    if ($1 == "file") {
        row[$3] = $2
        place[$3] = ++places
        for (i = 4; i <= NF; i++)
            also[$3] = also[$3] " " $i
    } else if ($1 == "only") {
        for (i = 3; i <= NF; i++)
            may[$2, $i] = 1
        kept[$2] = 1
    } else if (NF && $1 !~ /^#/) {
        bad("tests/arrows.txt: line " FNR ": what is " $1 "?")
    }
    next
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, part, "\"")
    to = part[2]
    sub(/\.(h|inc)$/, "", to)
    sub(/^.*\//, "", to)
    arrows++
    if (name in row && !allowed(name, to))
        bad(FILENAME ": line " FNR ": may not include " part[2])
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    to = $0
    sub(/^[^<]*</, "", to)
    sub(/>.*/, "", to)
    if (to in kept && !((to, name) in may))
        bad(FILENAME ": line " FNR ": may not include <" to ">")
}
END {
    for (i = 2; i < ARGC; i++) {
        seen[name_of(ARGV[i])] = 1
        if (!(name_of(ARGV[i]) in row))
            bad(ARGV[i] ": not listed in tests/arrows.txt")
    }
    for (n in row)
        if (!(n in seen))
            bad("tests/arrows.txt: there is no libdcm/" n ".c or .h")
    if (!arrows)
        bad("no #include found")
    exit failed
}' tests/arrows.txt libdcm/*.c libdcm/*.h

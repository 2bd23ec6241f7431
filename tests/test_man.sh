#!/bin/sh
# The manual pages against the programs: their examples are run, their options
# and statuses compared, and mandoc, where there is one, reads them.
#
# In a page, comments say what is to be tested:
#
#     .\" test: file NAME [FIXTURE]   NAME is made from files/FIXTURE.hexd, or
#                                     from the lines of comment that follow
#     .\" test: before COMMAND        run first, in the folder of the examples
#     .\" test: c NAME                the display below is the program NAME
#     .\" test: run [STATUS]          the display below is a session: "$ " and
#                                     a command, then what it prints; the last
#                                     one ends with STATUS
#     .\" test: sample FILE           that the command takes; image.dcm if not
#                                     said
#     .\" test: issues ... end        between them stands libdcm/issue.h
set -u

top_srcdir=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd)
top_builddir=$(cd "${top_builddir:-.}" && pwd)
HEXD=${HEXD:-$top_builddir/tests/hexd}
MKJPEG=${MKJPEG:-$top_builddir/tests/mkjpeg}
AWK=${AWK:-awk}
commands="dcm2json dcm2xml dcmconv dcmdump jpeg2dcm json2dcm xml2dcm"
for program in "$HEXD" $(printf "$top_builddir/%s " $commands); do
    test -x "$program" || { echo "$program is not built"; exit 77; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/test-man.XXXXXX") || exit 99
trap 'cd /; rm -rf "$work"' 0
trap 'exit 99' 1 2 15

failures=0
fail()
{
    failures=$((failures + 1))
    echo "FAILED: $*"
}

# The commands of the examples, and the like of them from any folder.
mkdir "$work/bin"
for command in $commands; do
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$top_builddir/$command" \
        > "$work/bin/$command"
done
chmod +x "$work/bin/"*
PATH=$work/bin:$PATH
LC_ALL=C
export PATH LC_ALL
unset NO_COLOR

# ----------------------------------------------------------------- examples

# Splits a page: NAME.hexd, NAME.c, before, and N.session with N.status.
split()
{
    "$AWK" -v files="$top_srcdir/tests/files" '
        function plain(s) {
            gsub(/\\&/, "", s); gsub(/\\\(ha/, "^", s); gsub(/\\\(ti/, "~", s)
            gsub(/\\\(aq/, "\047", s); gsub(/\\\(dq/, "\"", s)
            gsub(/\\\(:u/, "\303\274", s); gsub(/\\-/, "-", s)
            gsub(/\\e/, "\\", s)
            return s
        }
        function test(n, a) {
            to = ""; next_to = ""
            if (a[3] == "file" && n == 5)
                print "copy", files "/" a[5] ".hexd", a[4] > "files"
            else if (a[3] == "file") {
                print "make", a[4] ".hexd", a[4] > "files"
                to = a[4] ".hexd"
            } else if (a[3] == "before") {
                sub(/^.*test: before /, "")
                print > "before"
            } else if (a[3] == "sample") {
                print a[4] > "sample"
            } else if (a[3] == "c") {
                next_to = a[4] ".c"
                print a[4] > "programs"
            } else if (a[3] == "run") {
                next_to = ++sessions ".session"
                print (n > 3 ? a[4] : 0) > (sessions ".status")
            }
        }
        /^\.\\" test: / { test(split($0, a, " "), a); next }
        to != "" && /^\.\\"/ { print substr($0, 4) > to; next }
        /^\.Bd/ && next_to != "" { out = next_to; next_to = ""; next }
        /^\.Ed/ { out = "" }
        out != "" { print plain($0) > out }
        { to = "" }
        END { print sessions + 0 > "sessions" }
    ' "$1"
}

make_files()
{
    while read -r how from to; do
        "$HEXD" "$from" > "$to" || fail "$page: $from"
    done < files
}

# Compiles as a user of the library would, with the flags of this build: a
# library made for a sanitizer wants a program that is.
compile()
{
    if [ -n "${LIBDCM:-}" ]; then
        $CC $warnings -I"$top_srcdir" -o "$1" "$1.c" $LIBDCM
    elif [ -x "$top_builddir/libtool" ]; then
        "$top_builddir/libtool" --silent --tag=CC --mode=link $CC $warnings \
            ${DCM_CFLAGS:-} ${CFLAGS:-} -I"$top_srcdir" -no-install -o "$1" \
            "$1.c" ${DCM_LDFLAGS:-} ${LDFLAGS:-} "$top_builddir/libdcm.la"
    else
        echo "$page: no library to link $1.c with"
        return 1
    fi
}
CC=${CC:-cc}
warnings='-std=c99 -Wall -Wextra -pedantic -Werror'

# Runs the commands of a session; what it prints is to be the session.
run_session()
{
    "$AWK" '
        /^\$ / { print "cat <<\047:end\047"; print; print ":end"
                 print "(" substr($0, 3) ") 2>&1 < /dev/null; status=$?" }
        END { print "exit $status" }
    ' "$1.session" > "$1.sh"
    sh "$1.sh" > "$1.got"
    status=$?
    read -r wanted < "$1.status"
    diff "$1.session" "$1.got" > "$1.diff" ||
        { fail "$page: example $1 differs (> is what it prints)"
          cat "$1.diff"; }
    [ "$status" = "$wanted" ] ||
        fail "$page: example $1 ends with $status, not $wanted"
}

run_examples()
{
    mkdir "$work/$page" && cd "$work/$page" || exit 99
    split "$man/$page"
    [ -f files ] && make_files
    if [ -f before ]; then
        sh -e before || fail "$page: test: before"
    fi
    if [ -f programs ]; then
        for name in $(cat programs); do
            compile "$name" || fail "$page: $name.c"
        done
    fi
    read -r sessions < sessions
    [ "$sessions" -gt 0 ] || fail "$page has no examples"
    n=0
    while [ $((n += 1)) -le "$sessions" ]; do
        run_session $n
    done
    echo "$page: $sessions examples"
}

# ------------------------------------------------------- options and statuses

# Words like -o and --output in a text.
options_of_help()
{
    sed '/^Exit status/,$d' | tr -c 'a-zA-Z0-9-' '\n' |
        grep -E '^-(-[a-z0-9][a-z0-9-]*|[a-z0-9])$' | sort -u
}

# Fl o and Fl \-output of the entries of lists.
options_of_page()
{
    "$AWK" '/^\.It Fl/ { for (i = 2; i < NF; i++) if ($i == "Fl") {
        o = $(i + 1); sub(/^\\-/, "-", o); print "-" o } }' "$1" | sort -u
}

statuses_of_page()
{
    "$AWK" '/^\.Sh/ { on = /EXIT STATUS/ } on && /^\.It [0-9]/ { print $2 }' \
        "$1" | sort
}

# Those that the tool is seen to give.
statuses_of_tool()
{
    "$1" --help > /dev/null; echo $?
    sample=$(cat sample 2> /dev/null || echo image.dcm)
    "$1" "$sample" > /dev/null; echo $?
    "$1" no-such-file 2> /dev/null; echo $?
    if [ -w /dev/full ]; then
        "$1" "$sample" 2> /dev/null > /dev/full; echo $?
    fi
    "$1" 2> /dev/null; echo $?
    "$1" --no-such-option "$sample" 2> /dev/null; echo $?
}

same()
{
    diff "$1" "$2" > same.diff || { fail "$page: $3"; cat same.diff; }
}

compare_with_tool()
{
    tool=${page%.1}
    "$tool" --help > help || fail "$tool --help"
    options_of_help < help > options.help
    options_of_page "$man/$page" > options.page
    same options.page options.help "options of the page (<) and --help (>)"
    statuses_of_page "$man/$page" > statuses.page
    statuses_of_tool "$tool" | sort -u > statuses.tool
    same statuses.page statuses.tool "statuses of the page (<) and tool (>)"
    sed -n 's/^Exit status: //p' help | tr -c '0-9' '\n' | grep . \
        > statuses.help
    same statuses.page statuses.help "statuses of the page (<) and --help (>)"
}

# ------------------------------------------------------------------ tables

# What the page should have between "issues" and "end".
issues_of_header()
{
    "$AWK" '
        function emit(t,   a) {
            split(t, a, "\"")
            printf ".It Cm %s Pq %s\n%s.\n", a[2], a[4], a[6]
        }
        /^    X\(/ { text = ""; on = 1 }
        on { text = text $0; if (/"\)[ \t]*\\?$/) { emit(text); on = 0 } }
    ' "$top_srcdir/libdcm/issue.h"
}

compare_issues()
{
    "$AWK" '/^\.\\" test: / { on = $3 == "issues"; next }
        on && !/^\.Bl/ && !/^\.El/' "$man/$page" > issues.page
    issues_of_header > issues.header
    same issues.page issues.header "deviations of the page (<) and issue.h (>)"
}

# Each function of dcm.h is in libdcm.3, and no other.
compare_functions()
{
    tr -s '\n ' ' ' < "$top_srcdir/libdcm/dcm.h" | tr ';' '\n' |
        sed -n 's/.*DCM_API [^(]*\(dcm_[a-z0-9_]*\)(.*/\1/p' |
        sort > functions.header
    sed -n "s/^\\.It Fn \\(dcm_[a-z0-9_]*\\).*/\\1/p" \
        "$man/$page" | sort -u > functions.page
    same functions.page functions.header "functions of the page (<) and dcm.h (>)"
}

lint()
{
    command -v mandoc > /dev/null || return 0
    mandoc -Tlint -W warning "$man/$page" || fail "$page: mandoc -Tlint"
}

# -------------------------------------------------------------------- main

man=$top_srcdir/man
for page in $(printf '%s.1 ' $commands) libdcm.3; do
    run_examples
    case $page in
    *.1) compare_with_tool ;;
    *.3) compare_functions ;;
    esac
    grep -q '^\.\\" test: issues' "$man/$page" && compare_issues
    lint
done
[ "$failures" -eq 0 ]

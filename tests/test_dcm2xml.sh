#!/bin/sh
# dcm2xml as a user meets it: exit status, what goes to which stream, which
# files appear; options that all commands share are tested in test_cli.sh.
#
# Then test_dcm2xml.py compares it with dcm2json, with a schema, and with
# DCMTK's dcm2xml on a corpus of real files, if there is one: at $DCM_CORPUS or
# beside the source folder. xmllint and DCMTK are used where they are.
set -u

top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd)
builddir=$(cd "${top_builddir:-.}" && pwd)
corpus=${DCM_CORPUS:-$top/../shared/corpus}
PYTHON=${PYTHON:-python3}
full() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
DCM2XML=$(full "${DCM2XML:-$builddir/dcm2xml}")
DCM2JSON=$(full "${DCM2JSON:-$builddir/dcm2json}")
HEXD=$(full "${HEXD:-$builddir/tests/hexd}")
for program in "$DCM2XML" "$DCM2JSON" "$HEXD"; do
    test -x "$program" || { echo "$program is not built"; exit 77; }
done
case $corpus in /*) ;; *) corpus=$PWD/$corpus ;; esac

work=$(mktemp -d "${TMPDIR:-/tmp}/test-dcm2xml.XXXXXX") || exit 99
trap 'cd /; rm -rf "$work"' 0
trap 'exit 99' 1 2 15
cd "$work" || exit 99

failures=0
fail() {
    failures=$((failures + 1))
    echo "FAILED: $*"
    sed 's/^/    stderr: /' err 2>/dev/null | head -n 5
}
# run STATUS COMMAND...: its streams go to the files out and err.
run() {
    wanted=$1
    shift
    "$@" >out 2>err </dev/null
    status=$?
    test $status -eq "$wanted" || fail "status $status, not $wanted: $*"
}
says() { grep -q -e "$1" err || fail "stderr lacks '$1': $2"; }
silent() { test ! -s err || fail "stderr is not empty: $1"; }
has() { grep -q -e "$2" "$1" || fail "$1 lacks '$2': $3"; }
hasnt() { grep -q -e "$2" "$1" && fail "$1 has '$2': $3"; }
absent() { test ! -e "$1" || fail "$1 is there: $2"; }
have_xmllint=no
command -v xmllint >/dev/null && have_xmllint=yes
# valid FILE: well-formed, and as the schema asks.
valid() {
    test $have_xmllint = yes || return 0
    xmllint --noout --relaxng "$top/tests/native.rng" "$1" 2>lint ||
        { fail "$1 is not valid: $2"; cat lint; }
}

"$HEXD" "$top/tests/files/good-sample.hexd" >a.dcm || exit 99
cp a.dcm b.dcm
cat >private.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0009,0010) LO "ACME 1.1"
(0009,1001) LO "x"
(0042,0011) OB repeat 1500 hex 01 02
END
cat >frags.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.4.50
(7FE0,0010) OB undefined {
    item
    item hex ff d8 ff d9
}
END
cat >feed.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0010,4000) LT "a\x0cb "
END
for f in private frags feed; do
    "$HEXD" $f.hexd >$f.dcm || exit 99
done
head -c $(($(wc -c <a.dcm) - 3)) a.dcm >cut.dcm

# --------------------------------------------------------------- one input

run 0 "$DCM2XML" a.dcm
silent "a good file"
valid out "a good file"
test "$(wc -l <out)" -eq 2 || fail "compact: a declaration and a line"
cp out a.xml

run 0 "$DCM2XML" --pretty a.dcm
valid out "pretty"
test "$(wc -l <out)" -gt 9 || fail "pretty: a line for each attribute"
run 0 sh -c '"$1" - <a.dcm' sh "$DCM2XML"
cmp -s out a.xml || fail "standard input gives the same"

run 0 "$DCM2XML" -o o.xml a.dcm
cmp -s o.xml a.xml || fail "-o gives the same"
run 1 "$DCM2XML" -o o.xml a.dcm
says "o.xml" "a file that is there is not replaced"

# ----------------------------------------------------------- several inputs

run 2 "$DCM2XML" a.dcm b.dcm
says "use -d" "a document has one root element"
test ! -s out || fail "wrong usage writes nothing"
run 2 "$DCM2XML" -o two.xml a.dcm b.dcm
says "use -d" "-o is one document"
absent two.xml "wrong usage"
run 2 "$DCM2XML" -r .
run 2 "$DCM2XML" a.dcm c.xml
says "use -o" "a second operand that is an output elsewhere"
run 0 "$DCM2XML" -j2 -d dir a.dcm b.dcm
cmp -s dir/a.xml a.xml || fail "-d gives the same"
valid dir/b.xml "-d"

# ----------------------------------------------------------------- options

run 0 "$DCM2XML" private.dcm
valid out "private"
has out 'tag="00090001" vr="LO" privateCreator="ACME 1.1"' "PS3.19 A.1.5"
hasnt out '00090010' "the creator is implied"
has out 'uri="private.dcm?offset=[0-9]*&amp;length=3000"' "where it lies"
run 0 "$DCM2XML" --creators private.dcm
has out 'tag="00090010" vr="LO">' "--creators"
valid out "--creators"
run 0 "$DCM2XML" --namespace a.dcm
has out 'xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM"' "A.1.6"
run 0 "$DCM2XML" --meta a.dcm
has out 'tag="00020010"' "--meta"
hasnt out 'tag="00020000"' "a group length"
valid out "--meta"
run 0 "$DCM2XML" --bulk inline private.dcm
has out '<InlineBinary>AQIBAgEC' "--bulk inline"
run 0 "$DCM2XML" --bulk omit private.dcm
has out 'keyword="EncapsulatedDocument"/>' "--bulk omit"
run 0 "$DCM2XML" --bulk files -o f.xml private.dcm
has f.xml 'uri="f.xml.bulk/private/00420011.bin"' "--bulk files"
test "$(wc -c <f.xml.bulk/private/00420011.bin)" -eq 3000 ||
    fail "the file of a value"
run 0 "$DCM2XML" --bulk-uri 'http://h/?a=1&p=' private.dcm
has out 'uri="http://h/?a=1&amp;p=/\{0,1\}00420011"' "references in a URI"
run 0 "$DCM2XML" --bulk inline frags.dcm
has out '<BulkData uri="frags.dcm?offset=' "fragments have no inline form"
run 0 "$DCM2XML" --tag PatientName a.dcm
hasnt out 'tag="0008' "--tag"
run 0 "$DCM2XML" --charset utf8 a.dcm
has out '<Value number="1">ISO_IR 192</Value>' "--charset"

# ---------------------------------------------------------- what goes wrong

run 0 "$DCM2XML" feed.dcm
says "warning: .*XML 1.0 2.2" "a form feed"
valid out "a form feed"
run 1 "$DCM2XML" --strict feed.dcm
run 0 "$DCM2XML" --diagnostics json feed.dcm
has err '"name":"xml-character"' "its name"
run 1 "$DCM2XML" cut.dcm
valid out "a file that breaks off: what there is, closed"
run 1 "$DCM2XML" -o cut.xml cut.dcm
absent cut.xml "whole or not at all"
run 1 "$DCM2XML" --partial -o cut.xml cut.dcm
valid cut.xml "--partial"
run 1 "$DCM2XML" no-such-file
test -z "$(find . -name '.libdcm-*')" || fail "temporary files"

# ------------------------------------------------------------------ corpus

if [ ! -f "$corpus/manifest.tsv" ]; then
    echo "no corpus in $corpus"
elif ! "$PYTHON" -c 'import xml.etree.ElementTree' 2>/dev/null; then
    echo "no Python"
else
    "$PYTHON" "$top/tests/test_dcm2xml.py" "$DCM2XML" "$DCM2JSON" \
        "$corpus" "$@" || failures=$((failures + 1))
fi
[ $failures -eq 0 ]

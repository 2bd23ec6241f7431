#!/bin/sh
# dcm2json and dcmdump as a user meets them: exit status, what goes to which
# stream, which files appear. What is in a document is tested elsewhere.
set -u

here=$(cd "$(dirname "$0")" && pwd)
builddir=${top_builddir:-.}
DCM2JSON=${DCM2JSON:-$builddir/dcm2json}
DCMDUMP=${DCMDUMP:-$builddir/dcmdump}
HEXD=${HEXD:-$builddir/tests/hexd}
PYTHON=${PYTHON:-python3}
for program in "$DCM2JSON" "$DCMDUMP" "$HEXD"; do
    test -x "$program" || { echo "$program is not built"; exit 77; }
done
DCM2JSON=$(cd "$(dirname "$DCM2JSON")" && pwd)/$(basename "$DCM2JSON")
DCMDUMP=$(cd "$(dirname "$DCMDUMP")" && pwd)/$(basename "$DCMDUMP")
HEXD=$(cd "$(dirname "$HEXD")" && pwd)/$(basename "$HEXD")

work=$(mktemp -d "${TMPDIR:-/tmp}/test-cli.XXXXXX") || exit 99
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
lines() { test "$(wc -l <"$1")" -eq "$2" || fail "$1 has not $2 lines: $3"; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ: $3"; }
absent() { test ! -e "$1" || fail "$1 is there: $2"; }
present() { test -s "$1" || fail "$1 is not there: $2"; }
nothing_left() {
    test -z "$(find . -name '.libdcm-*')" || fail "temporary files: $1"
}
have_python=no
"$PYTHON" -c 'import json' 2>/dev/null && have_python=yes
# json COUNT FORM: the file out is JSON; that many documents.
json() {
    test $have_python = yes || return 0
    "$PYTHON" -c '
import json, sys
text = open("out").read()
if sys.argv[2] == "array":
    documents = json.loads(text)
elif sys.argv[2] == "ndjson":
    documents = [json.loads(line) for line in text.splitlines()]
else:
    documents, at, decoder = [], 0, json.JSONDecoder()
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
assert all(isinstance(d, dict) for d in documents)
sys.exit(len(documents) != int(sys.argv[1]))' "$1" "$2" ||
        fail "not $1 documents of JSON ($2)"
}

# ---------------------------------------------------------------- fixtures

"$HEXD" "$here/files/good-sample.hexd" >a.dcm || exit 99
cp a.dcm b.dcm
: >empty.dcm
printf '\211PNG\r\n\032\n\000\000\000\rIHDR\000\000\000\001' >image.png
size=$(wc -c <a.dcm)
head -c $((size - 3)) a.dcm >cut.dcm
cat >bulk.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0040,A730) SQ undefined {
    item undefined {
        (0042,0011) OB repeat 1500 hex 01 02
    }
}
(7FE0,0010) OW repeat 1000 hex 0a 0b
END
cat >frags.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.4.50
(7FE0,0010) OB undefined {
    item
    item hex ff d8 ff d9
    item hex 01 02 03 04 05 06
}
END
sed 's/\(10008.1.2.\)1$/\12/' bulk.hexd >big.hexd
sed 's/\(10008.1.2.1\)$/\1.99/' bulk.hexd >deflated.hexd
# These fail after 6 000 000 bytes of text, more than is kept in a buffer: one
# ends too early, the other has an item where none can be.
cat >long.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0060) CS "OT"
(0040,A160) UT repeat 600000 "0123456789"
(0040,A730) SQ length=100 {
}
END
sed '/(0040,A730)/,$d' long.hexd >stuck.hexd
echo 'hex fe ff 00 e0 00 00 00 00' >>stuck.hexd
for f in bulk frags big deflated long stuck; do
    "$HEXD" $f.hexd >$f.dcm || exit 99
done

# ------------------------------------------------------------- one input

run 0 "$DCM2JSON" a.dcm
silent "a good file"
json 1 ndjson
lines out 1 "an object is compact when it does not go to a terminal"
cp out one.json

run 0 "$DCM2JSON" --pretty a.dcm
json 1 object
run 0 "$DCMDUMP" a.dcm
silent "a good file, dumped"
grep -q PatientName out || fail "dcmdump shows no PatientName"

"$DCM2JSON" - <a.dcm >out 2>err || fail "standard input"
same out one.json "standard input gives what the file gives"
cat a.dcm | "$DCM2JSON" - >out 2>err || fail "a pipe"
same out one.json "a pipe gives what the file gives"

run 1 "$DCM2JSON" empty.dcm
says '^dcm2json: empty.dcm: ' "an empty file"
lines err 1 "an error is one line"
test ! -s out || fail "an empty file gives output"
run 1 "$DCM2JSON" image.png
says 'image.png: .*not DICOM' "a PNG"
test ! -s out || fail "a PNG gives output"
run 1 "$DCM2JSON" missing.dcm
says 'missing.dcm: .*No such file' "a missing file"
mkdir folder
run 1 "$DCM2JSON" folder
says 'folder: .*-r' "a folder without -r has a hint"
if test "$(id -u)" -ne 0; then
    cp a.dcm locked.dcm
    chmod 000 locked.dcm
    run 1 "$DCM2JSON" locked.dcm
    says 'locked.dcm: .*ermission' "an unreadable file"
    rm -f locked.dcm
fi

# Messages hold nothing that drives a terminal.
strange=$(printf 'x\033[31m\n\302\233y\377')
run 1 "$DCM2JSON" "$strange"
lines err 1 "a file name with a new line"
says 'x\\x1b\[31m\\x0a\\xc2\\x9by\\xff' "a file name with controls"
run 1 "$DCM2JSON" --diagnostics=json "$strange"
if test $have_python = yes; then
    "$PYTHON" -c 'import json
d = json.loads(open("err").read())
assert d["kind"] == "error" and "message" in d and "file" in d' ||
        fail "--diagnostics=json is no JSON"
fi

# ------------------------------------------------------------ truncated

run 1 "$DCM2JSON" cut.dcm
says 'cut.dcm: offset [0-9]*: .*partial' "a truncated file"
json 1 object
run 1 "$DCMDUMP" cut.dcm
grep -q PatientName out || fail "a truncated file is dumped up to its end"
run 1 "$DCM2JSON" cut.dcm -o cut.json
absent cut.json "-o of a truncated file"
run 1 "$DCM2JSON" cut.dcm -o cut.json --partial
present cut.json "--partial"
rm -f cut.json
run 1 "$DCM2JSON" -d parts cut.dcm a.dcm
absent parts/cut.json "-d of a truncated file"
present parts/a.json "-d of the others"
run 1 "$DCM2JSON" long.dcm -o long.json
absent long.json "-o of a file that fails late"
run 1 "$DCM2JSON" a.dcm long.dcm b.dcm -o three.json
cp three.json out
json 2 ndjson
run 1 "$DCM2JSON" a.dcm stuck.dcm b.dcm -o three.json --force
cp three.json out
json 2 ndjson
run 1 "$DCM2JSON" --format array a.dcm stuck.dcm long.dcm b.dcm
says 'stuck.dcm: offset [0-9]*: .*partial' "what cannot be taken back"
json 4 array
run 1 "$DCM2JSON" --format array a.dcm stuck.dcm b.dcm -o two.json
cp two.json out
json 2 array
nothing_left "after failures"

# -------------------------------------------------------- several inputs

run 0 "$DCM2JSON" a.dcm b.dcm
lines out 2 "an object a line for several inputs"
json 2 ndjson
run 0 "$DCM2JSON" --format array --pretty a.dcm b.dcm
json 2 array
run 0 "$DCM2JSON" --format array a.dcm
json 1 array
run 0 "$DCM2JSON" --format object --pretty a.dcm b.dcm
json 2 object
run 1 "$DCM2JSON" --format array image.png a.dcm missing.dcm cut.dcm b.dcm
json 3 array
run 1 "$DCM2JSON" --format array image.png missing.dcm
json 0 array
run 1 "$DCM2JSON" a.dcm image.png b.dcm
lines out 2 "one that fails does not keep the others"
json 2 ndjson
run 0 "$DCMDUMP" a.dcm b.dcm
test "$(grep -c '^# ' out)" -eq 2 || fail "dcmdump heads each of several"

printf 'a.dcm\nb.dcm\n' >names
run 0 "$DCM2JSON" --files-from names
lines out 2 "--files-from"
printf 'a.dcm\000b.dcm\000' >names
run 0 "$DCM2JSON" -0 --files-from names
lines out 2 "-0 --files-from"
printf 'a.dcm\nb.dcm' | "$DCM2JSON" --files-from - >out 2>err ||
    fail "--files-from -"
lines out 2 "--files-from -, no new line at the end"
run 1 "$DCM2JSON" --files-from missing.list

# ------------------------------------------------------- usage, exit 2

usage_error() {
    run 2 "$DCM2JSON" "$@"
    test ! -s out || fail "output with wrong usage: $*"
    test "$(wc -l <err)" -le 2 || fail "more than two lines: $*"
}
usage_error
usage_error --no-such-option a.dcm
usage_error -Z a.dcm
usage_error --format yaml a.dcm
usage_error -o
usage_error --force=yes a.dcm
usage_error --tag NoSuchKeyword a.dcm
usage_error --until 12 a.dcm
usage_error --limit depth a.dcm
usage_error --limit depths=3 a.dcm
usage_error --charset-assume latin a.dcm
usage_error --bulk-size x a.dcm
usage_error --bulk-vr OB,SQ a.dcm
usage_error --bulk-uri '{nothing}' a.dcm
usage_error --bulk files a.dcm
usage_error -j -1 a.dcm
usage_error -o x.json -d x a.dcm
usage_error - -
usage_error -d x --format array a.dcm
usage_error +fo a.dcm
says "'+fo'" "an option of another toolkit"
usage_error a.dcm new.json
says '-o' "an output as second operand"
absent new.json "an output as second operand"
run 1 "$DCM2JSON" a.dcm new.dcm
says 'new.dcm: .*-o' "a missing second operand has a hint"
absent new.dcm "a second operand is never written"
cp b.dcm before
run 0 "$DCM2JSON" a.dcm b.dcm
same b.dcm before "a second operand is never written"

run 0 "$DCM2JSON" --help
silent "--help"
grep -q '^Usage: dcm2json' out || fail "--help has no usage"
run 0 "$DCMDUMP" --version
grep -q '^dcmdump (libdcm) [0-9]' out || fail "--version"

# ---------------------------------------------------------------- outputs

run 0 "$DCM2JSON" a.dcm -o o.json
test ! -s out || fail "-o writes to standard output"
same o.json one.json "-o"
run 1 "$DCM2JSON" b.dcm -o o.json
says 'o.json: .*--force' "-o of a file that exists"
run 0 "$DCM2JSON" bulk.dcm -o o.json --force
cmp -s o.json one.json && fail "--force did not replace"
run 1 "$DCM2JSON" a.dcm -o a.dcm
same a.dcm before "-o over an input"
ln -s a.dcm link.dcm
run 1 "$DCM2JSON" --force b.dcm a.dcm -o link.dcm
says 'input' "-o over an input with --force"
same a.dcm before "-o over an input through a link, with --force"
run 1 "$DCM2JSON" --force image.png -o o.json
present o.json "an old output when the new one fails"
run 1 "$DCM2JSON" a.dcm -o no/such/folder.json
says 'no/such/folder.json' "-o in no folder"
mode=$(umask 027; "$DCM2JSON" a.dcm -o mode.json; ls -l mode.json)
case $mode in
-rw-r-----*) ;;
*) fail "mode of -o under umask 027: $mode" ;;
esac
run 0 "$DCM2JSON" a.dcm -o /dev/null
test -c /dev/null || fail "/dev/null was replaced"
if mkfifo fifo 2>/dev/null; then
    cat fifo >piped & "$DCM2JSON" a.dcm -o fifo
    wait
    same piped one.json "-o to a FIFO"
fi
if test -c /dev/full; then
    "$DCM2JSON" a.dcm >/dev/full 2>err
    test $? -eq 1 || fail "/dev/full is no error"
    lines err 1 "/dev/full"
    run 1 "$DCM2JSON" a.dcm -o /dev/full
    lines err 1 "-o /dev/full"
    "$DCM2JSON" -j 3 a.dcm b.dcm a.dcm >/dev/full 2>err
    test $? -eq 1 || fail "/dev/full is no error with -j"
fi
"$DCM2JSON" a.dcm >&- 2>err
test $? -eq 1 || fail "a closed standard output is no error"
{ "$DCM2JSON" $(yes a.dcm | head -n 3000); echo $? >status; } 2>err |
    head -n 1 >/dev/null
test ! -s err || fail "a closed pipe is told about"

run 0 "$DCM2JSON" -d new/folder a.dcm b.dcm
same new/folder/a.json one.json "-d"
same new/folder/b.json one.json "-d"
mkdir -p tree/one tree/two
cp a.dcm tree/one/x.dcm
cp a.dcm tree/two/x.dcm
cp image.png tree/y.png
run 1 "$DCM2JSON" -d flat tree/one/x.dcm tree/two/x.dcm
says 'two/x.dcm: .*one/x.dcm' "two outputs of one name"
present flat/x.json "the first of two outputs of one name"
run 0 "$DCM2JSON" -r -d deep tree
says 'y.png: warning: skipped' "a walk skips what is not DICOM"
present deep/one/x.json "-r -d keeps folders"
present deep/two/x.json "-r -d keeps folders"
mkdir same
cp a.dcm same/a.json
run 1 "$DCM2JSON" --force -d same same/a.json a.dcm
same same/a.json before "-d over an input with --force"

run 0 "$DCM2JSON" -q -r tree
silent "-q"
lines out 2 "-r"
ln -s .. tree/one/up
run 0 "$DCM2JSON" -r tree
lines out 2 "-r with a link back up"
says 'up: warning' "-r with a link back up"
rm tree/one/up

# ------------------------------------------------------------- in parallel

rm -rf many
mkdir many
i=100
while test $i -lt 160; do
    cp a.dcm many/$i.dcm
    i=$((i + 1))
done
cp bulk.dcm many/110.dcm
cp image.png many/120.dcm
cp cut.dcm many/130.dcm
cp long.dcm many/140.dcm
cp stuck.dcm many/150.dcm
run 1 "$DCM2JSON" -j 1 --meta many/*.dcm
mv out out.1
mv err err.1
for n in 2 4 0; do
    run 1 "$DCM2JSON" -j $n --meta many/*.dcm
    same out out.1 "-j $n gives what -j 1 gives"
    same err err.1 "-j $n says what -j 1 says"
done
run 1 "$DCM2JSON" -j 4 -d many.json many/*.dcm
test "$(ls many.json | wc -l)" -eq 56 || fail "-j 4 -d: outputs are missing"
nothing_left "-j 4 -d"

# --------------------------------------------------------------- bulk data

run 0 "$DCM2JSON" bulk.dcm
grep -q '"BulkDataURI":"bulk.dcm?offset=[0-9]*&length=2000"' out ||
    fail "the default URI"
if test $have_python = yes; then
    "$PYTHON" -c 'import json
d = json.load(open("out"))
uri = d["7FE00010"]["BulkDataURI"]
name, query = uri.split("?")
q = dict(part.split("=") for part in query.split("&"))
data = open(name, "rb").read()[int(q["offset"]):][:int(q["length"])]
assert data == b"\x0a\x0b" * 1000
uri = d["0040A730"]["Value"][0]["00420011"]["BulkDataURI"]
assert uri.endswith("length=3000")' || fail "the default URI leads elsewhere"
fi
mkdir 'a b'
cp bulk.dcm 'a b/100%&.dcm'
run 0 "$DCM2JSON" 'a b/100%&.dcm'
grep -q '"a%20b/100%25%26.dcm?offset=' out || fail "a URI is encoded"
run 0 "$DCM2JSON" deflated.dcm
grep -q '"deflated.dcm?deflated&offset=' out || fail "a URI of deflated data"
run 0 "$DCM2JSON" big.dcm
grep -q 'length=2000&big-endian"' out || fail "a URI of big endian words"
run 0 "$DCM2JSON" --bulk-uri bulk/ bulk.dcm
grep -q '"bulk/7FE00010"' out || fail "--bulk-uri of a folder"
grep -q '"bulk/0040A730/1/00420011"' out || fail "--bulk-uri of an item"
run 0 "$DCM2JSON" --bulk-uri 'u:{name}/{tag}/{length}' bulk.dcm
grep -q '"u:bulk/7FE00010/2000"' out || fail "--bulk-uri with fields"
run 0 "$DCM2JSON" --bulk-size 4K bulk.dcm
grep -q BulkDataURI out && fail "--bulk-size 4K"
run 0 "$DCM2JSON" --bulk-size 0 --bulk-vr OW bulk.dcm
test "$(grep -o BulkDataURI out | wc -l)" -eq 1 || fail "--bulk-vr OW"
run 0 "$DCM2JSON" --bulk omit bulk.dcm
grep -q 'Bulk\|Inline' out && fail "--bulk omit"
run 0 "$DCM2JSON" --bulk inline bulk.dcm
grep -q InlineBinary out || fail "--bulk inline"

hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
run 0 "$DCM2JSON" --bulk files bulk.dcm -o bulk.json
present bulk.json.bulk/bulk/7FE00010.bin "--bulk files"
present bulk.json.bulk/bulk/0040A730.1.00420011.bin "--bulk files in an item"
grep -q '"bulk.json.bulk/bulk/7FE00010.bin"' bulk.json ||
    fail "URI of --bulk files with -o"
test "$(wc -c <bulk.json.bulk/bulk/7FE00010.bin)" -eq 2000 ||
    fail "size of a bulk file"
run 0 "$DCM2JSON" --bulk files big.dcm -d big
test "$(hex big/big/7FE00010.bin | cut -c 1-8)" = 0b0a0b0a ||
    fail "bulk files are little endian"
grep -q '"big/7FE00010.bin"' big/big.json || fail "URI of --bulk files with -d"
run 0 "$DCM2JSON" --bulk files frags.dcm --bulk-dir out.bulk
grep -q '"out.bulk/frags/7FE00010.bin"' out || fail "URI of --bulk-dir"
test "$(hex out.bulk/frags/7FE00010.bin)" = \
    feff00e000000000feff00e004000000ffd8ffd9feff00e006000000010203040506 ||
    fail "fragments in a bulk file"
run 0 "$DCM2JSON" --bulk files -r -d tree.json --bulk-dir tree.bulk tree
run 1 "$DCM2JSON" --bulk files bulk.dcm frags.dcm --bulk-dir out.bulk
says 'frags.dcm: .*out.bulk/frags/7FE00010.bin' "a bulk file that exists"
json 1 ndjson
head -c 3500 bulk.dcm >half.dcm
run 1 "$DCM2JSON" --bulk files half.dcm -o half.json
absent half.json "-o of --bulk files that fails"
absent half.json.bulk "bulk files of an input that fails"

# --------------------------------------------------- selection, diagnostics

run 0 "$DCM2JSON" --tag PatientName a.dcm
grep -q '^{"00100010":[^}]*}\]}}$' out || fail "--tag"
run 0 "$DCM2JSON" --until 0010,0010 a.dcm
grep -q '"00080060"' out || fail "--until"
grep -q '"00100010"' out && fail "--until goes too far"
run 0 "$DCM2JSON" --no-pixel a.dcm
grep -q '"7FE00010"' out && fail "--no-pixel"
run 0 "$DCM2JSON" --meta a.dcm
grep -q '"00020010"' out || fail "--meta"
run 0 "$DCM2JSON" --keys keyword a.dcm
grep -q '"PatientName"' out || fail "--keys keyword"

printf 'preamble\nsyntax 1.2.840.10008.1.2.1\n(0010,0010) PN "M\\xFCller"\n' \
    >latin.hexd
"$HEXD" latin.hexd >latin.dcm || exit 99
run 0 "$DCM2JSON" --charset-assume 'ISO_IR 101' latin.dcm
silent "--charset-assume"
run 0 "$DCM2JSON" --charset-force 'ISO_IR 144' latin.dcm
grep -q "$(printf 'M\321\234ller')" out || fail "--charset-force"

cat >odd.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0060) CS nopad "A"
END
i=0
while test $i -lt 30; do
    echo '(0009,10'"$(printf %02x $((i + 16)))"') LO nopad "A"' >>odd.hexd
    i=$((i + 1))
done
"$HEXD" odd.hexd >odd.dcm || exit 99
run 0 "$DCM2JSON" odd.dcm
says 'odd.dcm: warning: offset [0-9]*: (0008,0060): ' "a warning"
says 'odd.dcm: warning: [0-9]* more not shown' "warnings are cut"
test "$(grep -c 'odd length\|odd-length' err)" -le 20 ||
    fail "more than 20 warnings of a kind"
run 0 "$DCM2JSON" -q odd.dcm
silent "-q and warnings"
run 1 "$DCM2JSON" --strict odd.dcm
lines err 1 "--strict ends at the first deviation"
test ! -s out || fail "--strict leaves output"
run 1 "$DCM2JSON" --strict --diagnostics=json odd.dcm
if test $have_python = yes; then
    "$PYTHON" -c 'import json
d = json.loads(open("err").read())
assert d["kind"] == "error" and d["name"] and d["tag"] == "00080060"
assert d["vr"] == "CS" and d["length"] == 1 and d["offset"] > 0' ||
        fail "--strict --diagnostics=json"
fi
run 0 "$DCM2JSON" -v a.dcm
says '1.2.840.10008.1.2.1' "-v names the transfer syntax"
run 1 "$DCM2JSON" --limit value=64K long.dcm
run 0 "$DCM2JSON" --progress a.dcm b.dcm
says '2 inputs' "--progress"

# ----------------------------------------------------------------- signals

# Who runs this in the background may have it ignored, which stays so.
heeding=
env --default-signal=INT true 2>/dev/null && heeding='env --default-signal=INT'
if mkfifo endless 2>/dev/null; then
    for signal in INT TERM HUP; do
        # A shell ignores SIGINT in what it starts with &; so a second one
        # starts it, in the foreground, and sends the signal to itself.
        { cat a.dcm; sleep 3; } >endless 2>/dev/null & feeder=$!
        $heeding sh -c '(sleep 1; kill -s '$signal' $$) & exec "$0" "$@"' \
            "$DCM2JSON" - -o killed.json <endless 2>err
        test $? -gt 128 || fail "SIG$signal does not end the command"
        kill $feeder 2>/dev/null
        wait $feeder 2>/dev/null
        absent killed.json "after SIG$signal"
        nothing_left "after SIG$signal"
    done
fi

test $failures -eq 0 || { echo "$failures failures"; exit 1; }
echo "all passed"

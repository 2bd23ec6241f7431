#!/bin/sh
# json2dcm as a user meets it: exit status, which files appear, what is in them
# as dcm2json sees it, and which files a document may name. The reader and the
# writer themselves are tested elsewhere.
set -u

here=$(cd "$(dirname "$0")" && pwd)
builddir=${top_builddir:-.}
JSON2DCM=${JSON2DCM:-$builddir/json2dcm}
DCMCONV=${DCMCONV:-$builddir/dcmconv}
DCM2JSON=${DCM2JSON:-$builddir/dcm2json}
DCMDUMP=${DCMDUMP:-$builddir/dcmdump}
HEXD=${HEXD:-$builddir/tests/hexd}
for program in "$JSON2DCM" "$DCMCONV" "$DCM2JSON" "$DCMDUMP" "$HEXD"; do
    test -x "$program" || { echo "$program is not built"; exit 77; }
done
full() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
JSON2DCM=$(full "$JSON2DCM")
DCMCONV=$(full "$DCMCONV")
DCM2JSON=$(full "$DCM2JSON")
DCMDUMP=$(full "$DCMDUMP")
HEXD=$(full "$HEXD")

work=$(mktemp -d "${TMPDIR:-/tmp}/test-json2dcm.XXXXXX") || exit 99
trap 'cd /; rm -rf "$work"' 0
trap 'exit 99' 1 2 15
cd "$work" || exit 99

failures=0
fail() {
    failures=$((failures + 1))
    echo "FAILED: $*"
    sed 's/^/    stderr: /' err 2>/dev/null | head -n 5
}
# run STATUS ARGUMENT...: its streams go to the files out and err.
run() {
    wanted=$1
    shift
    "$JSON2DCM" "$@" >out 2>err </dev/null
    status=$?
    test $status -eq "$wanted" || fail "status $status, not $wanted: $*"
}
# to FILE STATUS ARGUMENT...: the same with -o, of a file that is not there.
to() {
    target=$1
    rm -f "$target"
    shift
    run "$@" -o "$target"
}
says() { grep -q -e "$1" err || fail "stderr lacks '$1': $2"; }
silent() { test ! -s err || fail "stderr is not empty: $1"; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ: $3"; }
absent() { test ! -e "$1" || fail "$1 is there: $2"; }
present() { test -s "$1" || fail "$1 is not there: $2"; }
nothing_left() {
    test -z "$(find . -name '.libdcm-*')" || fail "temporary files: $1"
}
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
# json FILE: what is in it; URIs and the character set's name aside.
json() {
    "$DCM2JSON" -q --bulk inline --bulk-uri x --charset utf8 "$1" ||
        fail "$1 cannot be read"
}
# equal FILE FILE WHY: the same content, however it is encoded.
equal() {
    json "$1" >one
    json "$2" >two
    same one two "$3"
}
# value FILE TAG: the line of it. has FILE TAG TEXT, lacks FILE TAG
value() { "$DCMDUMP" -q --no-offsets --width 0 --tag "$2" "$1"; }
has() { value "$1" "$2" | grep -q -F -e "$3" || fail "$1: $2 is not $3"; }
lacks() { test -z "$(value "$1" "$2")" || fail "$1: $2 is there"; }
# syntax FILE UID
syntax() {
    "$DCMCONV" -v "$1" -o /dev/null 2>&1 | grep -q -F -e ": $2, 0 dev" ||
        fail "$1 is not in $2"
}

# ---------------------------------------------------------------- fixtures

cat >frags.hexd <<'END_OF_FILE'
preamble
syntax 1.2.840.10008.1.2.4.50
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.7"
(0008,0018) UI "2.25.1"
(0028,0008) IS "2"
(7FE0,0010) OB undefined {
    item hex 00 00 00 00 0c 00 00 00
    item hex ff d8 ff d9
    item hex ff d8 01 02 ff d9
}
END_OF_FILE
# An 8 x 8 gray image.
{
    cat <<'END_OF_FILE'
preamble
syntax 1.2.840.10008.1.2.4.50
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.7"
(0008,0018) UI "2.25.1"
(7FE0,0010) OB undefined {
    item
END_OF_FILE
    printf 'item hex'
    tr -d '\n' <<'END_OF_FILE'
 ffd8ffe000104a46494600010100000100010000ffdb00430003020203020203
 03030304030304050805050404050a070706080c0a0c0c0b0a0b0b0d0e12100d
 0e110e0b0b1016101113141515150c0f171816141812141514ffc0000b080008
 000801011100ffc40014000100000000000000000000000000000000ffc40014
 100100000000000000000000000000000000ffda0008010100003f003fffd9
END_OF_FILE
    printf '\n}\n'
} >jpeg.hexd
# Values of more than 64 KiB, which a tree leaves where they are.
{
    cat <<'END_OF_FILE'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.7"
(0008,0018) UI "2.25.1"
(0028,0002) US 1
(0028,0010) US 256
(0028,0011) US 256
(0028,0100) US 16
(0042,0011) OB hex 25 50 44 46
END_OF_FILE
    printf '(7FE0,0010) OW hex'
    awk 'BEGIN { for (i = 0; i < 65536; i++)
        printf " %02x%02x", i % 251, int(i / 256) }'
    echo
} >large.hexd
cp "$here/files/good-sample.hexd" sample.hexd || exit 99
for f in sample frags jpeg large; do
    "$HEXD" $f.hexd >$f.dcm || exit 99
done
"$DCMCONV" large.dcm --to deflated -o deflated.dcm || exit 99
"$DCMCONV" large.dcm --to big -o big.dcm || exit 99

uids='"00080016":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.7"]},
"00080018":{"vr":"UI","Value":["2.25.1"]}'
object() { printf '{%s,\n%s}\n' "$uids" "$1"; }
object '"00100020":{"vr":"LO","Value":["A"]}' >plain.json

# ------------------------------------------------------------- there and back

run 0 plain.json -o plain.dcm
silent "a plain document"
test ! -s out || fail "-o writes to standard output"
has plain.dcm 00100020 '[A]'
syntax plain.dcm 1.2.840.10008.1.2.1
has plain.dcm 00020002 1.2.840.10008.5.1.4.1.1.7
has plain.dcm 00020003 2.25.1
to plain.dcm 0 -v plain.json
says ': 1.2.840.10008.1.2.1, 0 deviations' "-v"
to plain.dcm 0 -v plain.json --to implicit --remove PatientID
says ': 1.2.840.10008.1.2, 0 deviations' "-v, by a tree"
to plain.dcm 0 plain.json

for f in sample large deflated big; do
    for how in inline uri files; do
        "$DCM2JSON" --bulk $how --bulk-size 0 $f.dcm -o $f.json --force \
            2>err || fail "dcm2json $f"
        to back.dcm 0 $f.json --bulk-root .
        silent "$f, $how"
        equal $f.dcm back.dcm "$f, $how"
        # Through a tree, too.
        to tree.dcm 0 $f.json --bulk-root . --set PatientID=4711 \
            --remove PatientID
        if [ $f = sample ]; then
            lacks tree.dcm PatientID
        else
            same back.dcm tree.dcm "$f, $how, by a tree"
        fi
    done
    rm -rf $f.json.bulk
done
"$DCM2JSON" --meta frags.dcm -o frags.json || exit 99
to back.dcm 0 frags.json --bulk-root .
silent "fragments"
equal frags.dcm back.dcm "fragments"
syntax back.dcm 1.2.840.10008.1.2.4.50
"$DCM2JSON" --meta --bulk files frags.dcm -o frags.json --force || exit 99
to back.dcm 0 frags.json --bulk-root .
equal frags.dcm back.dcm "fragments in a file"
# The bytes: those of a copy that had its lengths counted.
"$DCM2JSON" --bulk inline sample.dcm -o sample.json --force || exit 99
to back.dcm 0 sample.json
"$DCMCONV" sample.dcm --lengths explicit -o copy.dcm
same copy.dcm back.dcm "the bytes of what was there and back"

# ------------------------------------------------------- transfer syntaxes

"$DCM2JSON" large.dcm -o large.json --force || exit 99
while read -r name uid; do
    to back.dcm 0 large.json --bulk-root . --to "$name"
    silent "--to $name"
    syntax back.dcm "$uid"
    equal large.dcm back.dcm "--to $name"
done <<'END_OF_FILE'
explicit 1.2.840.10008.1.2.1
implicit 1.2.840.10008.1.2
deflated 1.2.840.10008.1.2.1.99
big 1.2.840.10008.1.2.2
1.2.840.10008.1.2 1.2.840.10008.1.2
END_OF_FILE
# What (0002,0010) says counts, unless --to says something else.
object '"00020010":{"vr":"UI","Value":["1.2.840.10008.1.2"]}' >meta.json
to back.dcm 0 meta.json
syntax back.dcm 1.2.840.10008.1.2
to back.dcm 0 meta.json --to explicit
syntax back.dcm 1.2.840.10008.1.2.1
# Fragments and no transfer syntax: the first image tells, or --to.
"$DCM2JSON" jpeg.dcm -o jpeg.json || exit 99
to back.dcm 0 jpeg.json --bulk-root .
silent "an image that tells its syntax"
syntax back.dcm 1.2.840.10008.1.2.4.50
equal jpeg.dcm back.dcm "an image that tells its syntax"
"$DCM2JSON" frags.dcm -o frags.json --force || exit 99
to back.dcm 1 frags.json --bulk-root .
says '--to' "no image to be told"
absent back.dcm "no image to be told"
to back.dcm 0 frags.json --bulk-root . --to JPEGBaseline8Bit
equal frags.dcm back.dcm "--to for fragments"
to back.dcm 1 frags.json --bulk-root . --to explicit
absent back.dcm "fragments in a native syntax"

to back.dcm 0 sample.json --lengths undefined
has back.dcm 00081140 ''
"$DCMCONV" sample.dcm --lengths undefined -o copy.dcm --force
same copy.dcm back.dcm "--lengths undefined"
to back.dcm 0 sample.json --no-preamble
"$DCMCONV" sample.dcm --lengths explicit --no-preamble -o copy.dcm --force
same copy.dcm back.dcm "--no-preamble"

# ---------------------------------------------------------------- order

printf '{"00100020":{"Value":["A"],"vr":"LO"},\n%s}\n' "$uids" >unsorted.json
to back.dcm 0 unsorted.json
same plain.dcm back.dcm "unsorted attributes, vr last"
printf '{%s,"00100020":{"Value":["A"],"vr":"LO"}}\n' "$uids" >last.json
to back.dcm 0 last.json
silent "vr last"
same plain.dcm back.dcm "vr last"
# More than the output holds before what turns out to be unsorted.
{
    printf '{%s,"00420011":{"vr":"OB","InlineBinary":"' "$uids"
    head -c 900000 /dev/zero | tr '\0' 'A'
    printf '"},"00100020":{"vr":"LO","Value":["A"]}}\n'
} >late.json
to back.dcm 0 late.json
has back.dcm 00100020 '[A]'
test "$(wc -c <back.dcm)" -lt 676000 || fail "what was taken back is there"
"$JSON2DCM" late.json >piped.dcm 2>err
same back.dcm piped.dcm "unsorted, to a pipe"
"$JSON2DCM" - -o stdin.dcm <late.json 2>err
same back.dcm stdin.dcm "unsorted, from a file as standard input"
rm -f stdin.dcm
cat late.json | "$JSON2DCM" - -o stdin.dcm 2>err
same back.dcm stdin.dcm "unsorted, from a pipe"
# Warnings come once, though it is read twice.
printf '{%s,"00100020":{"vr":"LO","Value":["A"],"x":1},
"00080060":{"vr":"CS","Value":["OT"]}}\n' "$uids" >twice.json
to back.dcm 0 twice.json
test "$(grep -c 'member that' err)" -eq 1 ||
    fail "not one warning of what is read twice"

# ------------------------------------------------------------ character sets

name='"00100010":{"vr":"PN","Value":[{"Alphabetic":"M\u00fcller^Eva"}]}'
printf '{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},%s,%s}' \
    "$uids" "$name" >latin.json
to back.dcm 0 latin.json
value back.dcm 00100010 | grep -q Müller || fail "a name in ISO_IR 100"
has back.dcm 00080005 '[ISO_IR 100]'
hex back.dcm | grep -q 4dfc6c6c6572 || fail "no bytes of ISO_IR 100"
to back.dcm 0 latin.json --charset utf8
has back.dcm 00080005 '[ISO_IR 192]'
hex back.dcm | grep -q 4dc3bc6c6c6572 || fail "no bytes of UTF-8"
object "$name" >none.json
to back.dcm 0 none.json
has back.dcm 00080005 '[ISO_IR 192]'
hex back.dcm | grep -q 4dc3bc6c6c6572 || fail "no bytes of UTF-8"
to back.dcm 0 none.json --charset 'ISO_IR 100'
has back.dcm 00080005 '[ISO_IR 100]'
lacks plain.dcm 00080005
to back.dcm 0 plain.json --set 'PatientName=Müller'
has back.dcm 00080005 '[ISO_IR 192]'
value back.dcm 00100010 | grep -q Müller || fail "--set beyond ASCII"
sed 's/00fc/0416/' latin.json >beyond.json
to back.dcm 1 beyond.json
says '0010,0010.*U+0416' "a character that the set lacks"
absent back.dcm "a character that the set lacks"

# ------------------------------------------------------------------- arrays

{ printf '['; cat plain.json; printf ']'; } >one.json
to back.dcm 0 one.json
same plain.dcm back.dcm "an array of one"
second=$(sed 's/\["A"\]/["B"]/' plain.json)
third=$(sed 's/\["A"\]/["C"]/' plain.json)
{ printf '['; cat plain.json; printf ',%s,\n%s]' "$second" "$third"; } \
    >three.json
to back.dcm 1 three.json
says '-d.*--index' "an array of three and -o"
absent back.dcm "an array of three and -o"
run 1 three.json
test ! -s out || fail "an array of three to standard output"
run 0 three.json one.json -d arrays
silent "arrays and -d"
same plain.dcm arrays/one.dcm "NAME.dcm"
same plain.dcm arrays/three-1.dcm "NAME-1.dcm"
has arrays/three-2.dcm 00100020 '[B]'
has arrays/three-3.dcm 00100020 '[C]'
test "$(ls arrays | wc -l)" -eq 4 || fail "not four files"
for n in 1:A 2:B 3:C; do
    to back.dcm 0 three.json --index ${n%:*}
    silent "--index ${n%:*}"
    has back.dcm 00100020 "[${n#*:}]"
done
to back.dcm 1 three.json --index 4
says 'has 3 data sets' "--index past the end"
absent back.dcm "--index past the end"
to back.dcm 0 plain.json --index 1
same plain.dcm back.dcm "--index 1 of an object"
to back.dcm 1 plain.json --index 2
says 'has 1 data set:' "--index 2 of an object"
echo '[]' >empty.json
to back.dcm 1 empty.json
says 'no data set' "an empty array"
absent back.dcm "an empty array"
# The first that fails ends it; those before it stay.
{
    printf '['; cat plain.json
    printf ',%s,' '{"00280010":{"vr":"US","Value":[70000]}}'
    printf '%s]' "$third"
} >failing.json
run 1 failing.json -d failing
says 'line 4.*in data set 2' "the number of the data set"
same plain.dcm failing/failing-1.dcm "before the one that fails"
test "$(ls failing)" = failing-1.dcm || fail "after the one that fails"
# Names that meet.
cp plain.json three-2.json
run 1 three.json three-2.json -d meet --force
says "have the name of that of" "NAME-2.dcm twice"
cut=$(($(wc -c <three.json) - 5))
head -c $cut three.json >cut.json
run 1 cut.json -d cut
absent cut/cut-3.dcm "the data set that is cut off"
nothing_left "arrays"

# ------------------------------------------------------------------ bulk data

pixels() {
    printf '{%s,"7FE00010":{"vr":"OW","BulkDataURI":"%s"}}\n' "$uids" "$1"
}
printf '\001\002\003\004\005\006\007\010' >bytes
# bulk WHY STATUS URI ARGUMENT...; then the value as hex.
bulk() {
    why=$1
    wanted=$2
    pixels "$3" >bulk.json
    shift 3
    to bulk.dcm "$wanted" bulk.json "$@"
    test "$wanted" -eq 0 || absent bulk.dcm "$why"
}
pixel_hex() {
    "$DCM2JSON" -q --bulk inline --tag 7FE00010 bulk.dcm | sed -n \
        's/.*"InlineBinary":"\([^"]*\)".*/\1/p' | base64 -d | od -An -v -tx1 |
        tr -d ' \n'
}
gives() { test "$(pixel_hex)" = "$1" || fail "$why: not $1"; }

bulk "a URI given" 0 any/thing --bulk any/thing=bytes
gives 0102030405060708
silent "a URI given"
bulk "a URI with a query of its own" 0 'http://x.test/a?id=1' \
    --bulk 'http://x.test/a?id=1=bytes'
gives 0102030405060708
bulk "a part of a file given" 0 'x?offset=2&length=4' --bulk x=bytes
gives 03040506
bulk "a part given as it stands" 0 'x?offset=2&length=4' \
    --bulk 'x?offset=2&length=4=bytes'
gives 0102030405060708
bulk "a query ends with big-endian" 1 'x?offset=2&length=4&big-endian' \
    --bulk 'x?offset=2&length=4&big-endian=none' --bulk x=bytes
says 'No such' "a query ends with big-endian"
bulk "words that are turned round" 0 'x?offset=2&length=4&big-endian' \
    --bulk x=bytes
gives 04030605
cp bytes 'b=c'
bulk "a file with = in its name" 0 a --bulk 'a=b=c'
gives 0102030405060708
bulk "percent-encoded" 0 'a%20b' --bulk 'a b=bytes'
gives 0102030405060708
bulk "an absolute file given" 0 a --bulk a="$work/bytes"
gives 0102030405060708
mkfifo pipe
cat bytes >pipe &
bulk "a pipe given" 0 a --bulk a=pipe
gives 0102030405060708
wait
: >nothing
bulk "an empty file" 0 a --bulk a=nothing
bulk "a folder given" 1 a --bulk a=.
bulk "a file given that is not there" 1 a --bulk a=none
says "No such file" "a file given that is not there"
says '7FE0,0010' "where the URI is"
says 'line 2, column' "where the URI is"

mkdir -p root/sub outside
cp bytes root/sub/bytes
cp bytes 'root/sub/a b'
cp bytes outside/secret
ln -s sub/bytes root/link
ln -s ../outside/secret root/out
ln -s ../outside root/door
ln -s "$work/outside/secret" root/absolute
ln -s loop root/loop
mkfifo root/pipe
bulk "below the root" 0 sub/bytes --bulk-root root
gives 0102030405060708
bulk "a part below the root" 0 'sub/bytes?offset=4&length=2' --bulk-root root
gives 0506
bulk "the rest of it" 0 'sub/bytes?offset=6' --bulk-root root
gives 0708
bulk "percent-encoded below the root" 0 'sub/a%20b' --bulk-root root
gives 0102030405060708
while read -r uri words; do
    bulk "$uri" 1 "$uri" --bulk-root root
    says "$words" "$uri"
    bulk "$uri" 0 "$uri" --bulk-root root --bulk x=bytes \
        --bulk "$uri=bytes"
    gives 0102030405060708
done <<'END_OF_FILE'
../outside/secret not lie below
sub/../../outside/secret not lie below
sub/../sub/bytes not lie below
%2e%2e/outside/secret not lie below
..%2Foutside/secret not lie below
./sub/bytes not lie below
sub//bytes not lie below
sub/ not lie below
/etc/passwd not lie below
%2Fetc/passwd not lie below
//host/share not lie below
sub%5Cbytes not a name
sub/bytes%00 not a name
a%0Ab not a name
http://x.test/a from outside
file:///etc/passwd from outside
FILE:sub/bytes from outside
urn:uuid:1 from outside
none not in --bulk-root
sub/bytes/more not in --bulk-root
sub/bytes?other=1 not in --bulk-root
out leads out
door/secret leads out\|not in
absolute leads out
loop leads out
pipe not a regular file
sub not a regular file
sub/bytes?offset=4&length=5 passes the end
sub/bytes?offset=9 passes the end
sub/bytes?offset=18446744073709551615&length=2 passes the end
sub/bytes?deflated&offset=0&length=2 bulk data
END_OF_FILE
# A link that stays inside: where the kernel cannot tell, it is refused.
pixels link >bulk.json
rm -f bulk.dcm
why="a link inside"
if "$JSON2DCM" bulk.json -o bulk.dcm --bulk-root root 2>err; then
    gives 0102030405060708
else
    says 'leads out' "$why"
fi
bulk "no root" 1 sub/bytes
says '--bulk.*--bulk-root' "what helps"
bulk "a root that is none" 1 sub/bytes --bulk-root bytes
says '--bulk-root' "a root that is none"
long=$(head -c 300 /dev/zero | tr '\0' 'x')
bulk "a long URI" 1 "$long" --bulk-root root
says 'xxx\.\.\.' "a long URI is cut"
bulk "missing" 0 'http://x.test/a' --bulk-missing empty
says 'left empty' "missing and empty"
gives ''
bulk "missing, but wrong" 1 'sub/bytes?offset=9' --bulk-root root \
    --bulk-missing empty

# Frames: one URI, several files.
printf '{"00020010":{"vr":"UI","Value":["1.2.840.10008.1.2.4.50"]},%s,
"00280008":{"vr":"IS","Value":[2]},
"7FE00010":{"vr":"OB","BulkDataURI":"img"}}\n' "$uids" >parts.json
"$DCMCONV" frags.dcm --frames parts 2>err || fail "--frames"
to back.dcm 0 parts.json --bulk img=parts/frags-000001.jpg \
    --bulk img=parts/frags-000002.jpg
silent "two frames"
"$DCMCONV" back.dcm --frames parts2 || fail "--frames"
same parts/frags-000001.jpg parts2/back-000001.jpg "frame 1"
same parts/frags-000002.jpg parts2/back-000002.jpg "frame 2"
# More of them than may be open by default, from a tree that refers to them.
{
    printf '{%s,"00041220":{"vr":"SQ","Value":[' "$uids"
    i=0
    while [ $i -lt 300 ]; do
        test $i -eq 0 || printf ','
        printf '{"00420011":{"vr":"OB","BulkDataURI":"many/%d"}}' $i
        i=$((i + 1))
    done
    printf ']}}\n'
} >many.json
mkdir many
i=0
while [ $i -lt 300 ]; do
    echo "file $i" >many/$i
    i=$((i + 1))
done
( ulimit -n 64 && "$JSON2DCM" many.json -o many.dcm --bulk-root . \
    --set PatientID=x ) >out 2>err || fail "many files"
json many.dcm | grep -q "$(base64 <many/299 | tr -d =)" || fail "file 299"
# A compressed image where the syntax has none.
"$DCMCONV" jpeg.dcm --frames parts || fail "--frames"
bulk "a compressed image" 1 a --bulk a=parts/jpeg-000001.jpg
says '--to' "a compressed image in a native syntax"
bulk "a compressed image" 0 a --bulk a=parts/jpeg-000001.jpg \
    --to JPEGBaseline8Bit
silent "a compressed image and --to"
syntax bulk.dcm 1.2.840.10008.1.2.4.50

# --------------------------------------------------------------- data set

"$DCMCONV" sample.dcm --set PatientName=Other --set AccessionNumber=77 \
    -o template.dcm
to back.dcm 0 latin.json --template template.dcm
silent "--template"
has back.dcm 00080050 '[77]'
value back.dcm 00100010 | grep -q Müller || fail "what is there stays"
has back.dcm 7FE00010 '00 11 22'
has back.dcm 00080018 2.25.1
to back.dcm 0 plain.json --template large.dcm
"$DCM2JSON" -q --bulk inline --tag 7FE00010 back.dcm >one
"$DCM2JSON" -q --bulk inline --tag 7FE00010 large.dcm >two
same one two "Pixel Data of a template"
for f in big deflated; do
    to other.dcm 0 plain.json --template $f.dcm
    same back.dcm other.dcm "a template that is $f"
done
to back.dcm 0 plain.json --template frags.dcm
syntax back.dcm 1.2.840.10008.1.2.4.50
to back.dcm 1 plain.json --template none.dcm
says "template 'none.dcm'" "a template that is not there"
to back.dcm 1 plain.json --template plain.json
says "template 'plain.json'.*not DICOM" "a template that is not DICOM"
absent back.dcm "a template that is not DICOM"

to back.dcm 0 plain.json --new-uids
for tag in 00080018 0020000D 0020000E; do
    value back.dcm $tag | grep -q -E '2\.25\.[1-9][0-9]{30,38}( |$)' ||
        fail "no new UID in $tag"
    test "$(value back.dcm $tag)" != "$(value plain.dcm $tag)" ||
        fail "the old UID in $tag"
done
value back.dcm 00080018 | sed 's/.*2\.25/2.25/' >one
value back.dcm 00020003 | sed 's/.*2\.25/2.25/' >two
same one two "the new UID in (0002,0003)"
# What hangs together still does: a new UID for each old one of a command, and
# one for each that is not there.
member() { printf '"%s":{"vr":"UI","Value":["%s"]}' "$1" "$2"; }
mkdir studies
i=0
for ids in 2.25.11:2.25.12 2.25.11:2.25.12 2.25.11:2.25.13 2.25.21:2.25.22; do
    i=$((i + 1))
    printf '{%s,%s,%s}\n' "$(member 00080018 2.25.10$i)" \
        "$(member 0020000D ${ids%:*})" "$(member 0020000E ${ids#*:})" \
        >studies/$i.json
done
{ printf '['; cat studies/1.json; printf ','; cat studies/2.json
    printf ']'; } >studies/5.json
printf '{%s}' "$(member 00080018 2.25.106)" >studies/6.json
run 0 -q -j 3 -r studies -d new --new-uids
# new TAG FILE...: how many values they have
new() {
    tag=$1
    shift
    for n in "$@"; do
        value new/$n.dcm $tag | grep -o '2\.25\.[0-9]\{31,39\}'
    done | sort -u | wc -l
}
is() { test "$1" -eq "$2" || fail "$3: $1, not $2"; }
is "$(new 0020000D 1 2 3 5-1 5-2)" 1 "new UIDs of a study"
is "$(new 0020000D 1 4)" 2 "new UIDs of two studies"
is "$(new 0020000E 1 2 5-1 5-2)" 1 "new UIDs of a series"
is "$(new 0020000E 1 3 4)" 3 "new UIDs of three series"
is "$(new 00080018 1 2 3 4 6)" 5 "new UIDs of instances"
is "$(new 00080018 1 5-1)" 1 "new UIDs of one instance twice"
is "$(new 0020000D 1 4 6)" 3 "a new UID where there is none"
cp -r new before
run 0 -q -r studies -d new --new-uids --force
test "$(value new/1.dcm 0020000D)" != "$(value before/1.dcm 0020000D)" ||
    fail "another command gives the same new UIDs"
printf '[{%s},{%s}]' "$(member 00080018 2.25.1)" "$(member 00080018 2.25.2)" \
    >none-there-yet.json
run 0 -q none-there-yet.json -d new --new-uids
is "$(new 0020000D none-there-yet-1 none-there-yet-2)" 2 \
    "new UIDs where there were none"
to back.dcm 0 plain.json --set 'PatientID=B' --set '(0040,A730)[1].CodeValue=C'
has back.dcm 00100020 '[B]'
has back.dcm '**.CodeValue' '[C]'
to back.dcm 0 plain.json --remove PatientID
lacks back.dcm 00100020
echo '{"00100020":{"vr":"LO","Value":["A"]}}' >no-uids.json
to back.dcm 0 no-uids.json
says 'SOP Class UID' "no SOP Class UID"
says 'SOP Instance UID' "no SOP Instance UID"
to back.dcm 0 no-uids.json --no-preamble
silent "a bare data set names nothing"
object '"00280010":{"vr":"US","InlineBinary":"BAA="}' >binary.json
to back.dcm 1 binary.json
absent back.dcm "InlineBinary of US"
to back.dcm 0 binary.json --binary-numbers
has back.dcm 00280010 4

# ------------------------------------------------------------------- errors

wrong() {
    printf "$2" >wrong.json
    to wrong.dcm 1 wrong.json
    says "$3" "$1"
    absent wrong.dcm "$1"
    nothing_left "$1"
}
wrong "no JSON" 'hello\n' 'wrong.json: .*line 1, column 1'
wrong "an empty file" '' 'wrong.json'
wrong "cut off" '{\n "00100020": {"vr":"LO",' 'line 2, column'
wrong "a trailing comma" '{\n\n  "00100020":{"vr":"LO"},\n}' 'line 4, column 1'
wrong "out of range" '{"00280010":{"vr":"US","Value":[70000]}}' \
    '(0028,0010).*line 1, column 33'
wrong "text behind it" '{"00100020":{"vr":"LO"}} x' 'line 1, column 26'
wrong "wrong and unsorted" \
    '{"00100020":{"vr":"LO"},\n"00080060":{"vr":"CS"},\n x}' 'line 3, column 2'
to wrong.dcm 1 sample.dcm
says 'is a DICOM file' "a DICOM file"
to wrong.dcm 1 none-there.json
says 'none-there.json' "an input that is not there"
run 1 --strict twice.json -o wrong.dcm
absent wrong.dcm "a deviation and --strict"
echo keep >here.dcm
run 1 plain.json -o here.dcm
says 'exists' "an output that exists"
test "$(cat here.dcm)" = keep || fail "an output that exists is changed"
run 1 wrong.json -o here.dcm --force
test "$(cat here.dcm)" = keep || fail "an output that exists is changed"
run 0 plain.json -o here.dcm --force
same plain.dcm here.dcm "--force"

# ----------------------------------------------------------- names and places

mkdir -p in/sub
cp plain.json in/a.dcm.json
cp plain.json in/sub/b.JSON
cp plain.json in/sub/c
echo 'bulk data' >in/sub/7FE00010.bin
run 0 -r in -d names
says '7FE00010.bin: .*skipped, not JSON' "other files in a folder"
for f in a sub/b sub/c; do
    same plain.dcm names/$f.dcm "the name $f"
done
"$JSON2DCM" - -d names2 <plain.json 2>err
same plain.dcm names2/stdin.dcm "the name of standard input"
cat plain.json | "$JSON2DCM" - >out 2>err
same plain.dcm out "from a pipe to a pipe"
cp plain.json in/a.json
run 1 in/a.json in/a.dcm.json -d clash
says 'the name of that of' "two inputs of one name"
i=0
mkdir crowd
while [ $i -lt 40 ]; do
    sed "s/\\[\"A\"\\]/[\"$i\"]/" plain.json >crowd/$i.json
    i=$((i + 1))
done
run 0 -j 4 crowd -r -d crowd.out
test "$(ls crowd.out | wc -l)" -eq 40 || fail "-j 4: not 40 files"
has crowd.out/39.dcm 00100020 '[39]'
nothing_left "-d"

# No room for what is written.
if test -w /dev/full; then
    run 1 plain.json -o /dev/full
    says 'No space left' "/dev/full"
    TMPDIR=/none-there run 1 - -o full.dcm
    absent full.dcm "no temporary file"
fi
run 1 plain.json -o full.dcm --limit output=100
says "limit 'output'" "--limit output"
absent full.dcm "--limit output"
nothing_left "no room"

# -------------------------------------------------------------- usage, exit 2

usage_error() {
    run 2 "$@"
    test ! -s out || fail "output with wrong usage: $*"
    test "$(wc -l <err)" -le 2 || fail "more than two lines: $*"
}
usage_error
usage_error plain.json new.dcm
says '-o' "an output as second operand"
usage_error plain.json plain.dcm
says '-o' "a second operand that is there"
usage_error plain.json one.json -o new.dcm
usage_error plain.json one.json three.json
usage_error -r in
usage_error --partial plain.json -o new.dcm
usage_error --to jpeg plain.json
usage_error --lengths keep plain.json
usage_error --charset latin plain.json
usage_error --index 0 plain.json
usage_error --index x plain.json
usage_error --bulk x plain.json
usage_error --bulk =x plain.json
usage_error --bulk x= plain.json
usage_error --bulk-missing ignore plain.json
usage_error --set PatientName plain.json
usage_error --charset-assume 'ISO_IR 100' plain.json
absent new.dcm "wrong usage"
"$JSON2DCM" --help >out 2>err || fail "--help"
for option in index binary-numbers to charset lengths no-preamble template set \
    remove new-uids bulk bulk-root bulk-missing; do
    grep -q -e " --$option" out || fail "--help lacks --$option"
done

# ------------------------------------------------------ what hangs together

# A DICOMDIR's offsets count in a file that is not there: they come to name
# the records of the one that is written, whatever its lengths (PS3.3 F.3.2.2).
cat >dir.hexd <<'EOF'
preamble
syntax 1.2.840.10008.1.2.1
(0004,1130) CS "SET"
(0004,1200) UL 306
(0004,1202) UL 306
(0004,1212) US 0
(0004,1220) SQ undefined {
    item undefined {
        (0004,1400) UL 0
        (0004,1420) UL 362
        (0004,1430) CS "PATIENT"
    }
    item undefined {
        (0004,1400) UL 0
        (0004,1420) UL 0
        (0004,1430) CS "STUDY"
    }
}
EOF
"$HEXD" dir.hexd >dir.dcm
items=$("$DCMDUMP" -q dir.dcm | awk '$2 == "item" { print $1 }' | tr '\n' ' ')
test "$items" = "306 362 " || fail "the fixture's records are at $items"
"$DCM2JSON" -q --meta dir.dcm >dir.json
to undefined.dcm 0 dir.json --lengths undefined
"$DCMCONV" -q dir.dcm -o dir2.dcm
same undefined.dcm dir2.dcm "offsets of a DICOMDIR"
to counted.dcm 0 dir.json
"$DCMCONV" -q --lengths explicit dir.dcm -o dir3.dcm
same counted.dcm dir3.dcm "offsets of a DICOMDIR with other lengths"

# With a record that nobody names, what is left is how far they are apart.
sed 's/UL 362/UL 0/' dir.hexd >lone.hexd
"$HEXD" lone.hexd >lone.dcm
"$DCM2JSON" -q --meta lone.dcm >lone.json
to undefined.dcm 0 lone.json --lengths undefined
"$DCMCONV" -q lone.dcm -o lone2.dcm
same undefined.dcm lone2.dcm "offsets of a DICOMDIR with a record apart"
# More offsets than records: one of them leads nowhere.
sed 's/(0004,1400) UL 0/(0004,1400) UL 500/' dir.hexd >wrong.hexd
"$HEXD" wrong.hexd >wrong.dcm
"$DCM2JSON" -q --meta wrong.dcm >wrong.json
to wrong2.dcm 1 wrong.json
says 'hits none' "a DICOMDIR with an offset too many"
absent wrong2.dcm "a DICOMDIR with an offset too many"

# A value that is too long for its VR's length field is UN, and said to be.
awk 'BEGIN { printf "{\"00280010\":{\"vr\":\"US\",\"Value\":[1"
    for (i = 0; i < 40000; i++) printf ",2"; print "]}}" }' >long.json
to long.dcm 0 long.json
says 'written as UN' "80,002 bytes of US"
to long.dcm 1 long.json --strict
absent long.dcm "a value too long, strictly"

# What is read is not written over, whatever --force says; nor a template.
cp plain.json kept.json
run 1 kept.json -o kept.json --force
same kept.json plain.json "--force over the input"
cp plain.dcm kept.dcm
run 1 plain.json --template kept.dcm -o kept.dcm --force
same kept.dcm plain.dcm "--force over the template"
echo '[]' >none.json
to none.dcm 1 none.json --index 1
says 'has 0 data sets' "an index in an empty array"
absent none.dcm "an index in an empty array"
# Some servers name a URI in place of a sequence.
printf '{%s,"00081140":{"vr":"SQ","BulkDataURI":"x"}}\n' "$uids" >seq.json
to seq.dcm 1 seq.json
to seq.dcm 0 seq.json --bulk-missing empty
has seq.dcm 00081140 'SQ       0' "a sequence that is elsewhere"
# A text that is too long for its VR is UN in the file, and itself again.
awk 'BEGIN { printf "{\"00081040\":{\"vr\":\"LO\",\"Value\":[\""
    for (i = 0; i < 70000; i++) printf "x"; print "\"]}}" }' >text.json
to text.dcm 0 text.json
"$DCM2JSON" -q text.dcm >text2.json
same text.json text2.json "text of 70,000 characters"

# ------------------------------------------------- pipes that are read once

# piped STATUS ARGUMENT...: what is on standard input is descriptor 3 there.
piped() {
    wanted=$1
    shift
    "$JSON2DCM" "$@" 3<&0 >out 2>err </dev/null
    status=$?
    test $status -eq "$wanted" || fail "status $status, not $wanted: $*"
}
if test -e /dev/fd/0; then
    one=$(pixels a)
    printf '[%s,%s,%s]' "$one" "$one" "$one" >again.json
    cat bytes | piped 0 again.json --bulk a=/dev/fd/3 -d again
    for n in 1 2 3; do
        has again/again-$n.dcm 7FE00010 '01 02 03 04 05 06 07 08'
    done
    # Begun as a stream and once more as a tree.
    printf '{%s,"7FE00010":{"vr":"OW","BulkDataURI":"a"},
"00100020":{"vr":"LO","Value":["A"]}}' "$uids" >retry.json
    rm -f back.dcm
    cat bytes | piped 0 retry.json --bulk a=/dev/fd/3 -o back.dcm
    has back.dcm 7FE00010 '01 02 03 04 05 06 07 08'
    # Several workers, and several URIs of one file.
    mkdir workers
    for n in 1 2 3 4 5 6 7 8 9; do
        pixels $((n % 2)) >workers/$n.json
    done
    cat bytes | piped 0 -j 4 -r workers -d workers.out --bulk 0=/dev/fd/3 \
        --bulk 1=/dev/fd/3
    for n in 1 2 3 4 5 6 7 8 9; do
        has workers.out/$n.dcm 7FE00010 '01 02 03 04 05 06 07 08'
    done
    # Larger than what a tree copies.
    head -c 70000 large.dcm >long
    cat long | piped 0 again.json --bulk a=/dev/fd/3 -d again --force \
        --set PatientID=B
    for n in 1 2 3; do
        "$DCM2JSON" -q --bulk inline --tag 7FE00010 again/again-$n.dcm |
            sed 's/.*"InlineBinary":"\([^"]*\)".*/\1/' | base64 -d >got
        same long got "a large pipe, data set $n"
    done
    # A template.
    cat template.dcm | piped 0 three.json -d again --template /dev/fd/3
    for n in 1 2 3; do
        has again/three-$n.dcm 00080050 '[77]'
    done
    rm -rf again
    printf '' | piped 1 three.json -d again --template /dev/fd/3
    says "template '/dev/fd/3'" "an empty template through a pipe"
    absent again/three-1.dcm "an empty template through a pipe"
fi

# ------------------------------------------------------ whose fault it is

# A template or bulk data that is not DICOM makes no input another format.
: >empty.dcm
mkdir blame
cp plain.json blame
for f in plain.json empty.dcm; do
    run 1 -r blame -d blame.out --template $f
    says "template '$f': " "$f as a template and -r"
    test -z "$(grep skipped err)" || fail "$f as a template: input is skipped"
done
pixels 'bytes?deflated&offset=2&length=2' >blame/plain.json
run 1 -r blame -d blame.out --bulk-root .
says 'bulk data' "bulk data of no deflated file and -r"

# Text of a template that the character set of the text lacks.
printf '{%s,%s}' \
    '"00080005":{"vr":"CS","Value":["ISO_IR 192"]}' \
    '"00100010":{"vr":"PN","Value":[{"Alphabetic":"\u5c71\u7530"}]}' >japan.json
to japan.dcm 0 -q japan.json
printf '{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},%s}' "$uids" >west.json
to back.dcm 1 west.json --template japan.dcm
says "west.json: (0010,0010): template 'japan.dcm': offset [0-9]*: .*U+5C71" \
    "a character of a template"
absent back.dcm "a character of a template"
# What replaces it is not the template's.
to back.dcm 1 west.json --template japan.dcm --set 'PatientName=川'
says '(0010,0010).*U+5DDD' "a character of --set"
test -z "$(grep 'template' err)" || fail "--set is taken for the template's"
to back.dcm 0 west.json --template japan.dcm --set 'PatientName=Müller'
has back.dcm 00080005 '[ISO_IR 100]'

# A set that stands for all there is: text, template and --set.
printf '{"00080005":{"vr":"CS","Value":["ISO_IR 100"]},%s}' "$name" >m.json
to latin.dcm 0 -q m.json
printf '{"00080005":{"vr":"CS"},%s}' "$uids" >unnamed.json
kanji='"00081030":{"vr":"LO","Value":["\u5c71"]}'
while read -r file set; do
    case $file in
    kanji) object "$kanji" >charset.json ;;
    kanji-empty) printf '{"00080005":{"vr":"CS"},%s,%s}' "$uids" "$kanji" \
        >charset.json ;;
    *) cp $file.json charset.json ;;
    esac
    to back.dcm 0 charset.json --template latin.dcm
    silent "$file and a template in ISO_IR 100"
    has back.dcm 00080005 "[$set]"
    value back.dcm 00100010 | grep -q Müller || fail "$file: template's name"
done <<'END_OF_FILE'
plain ISO_IR 100
unnamed ISO_IR 100
kanji ISO_IR 192
kanji-empty ISO_IR 192
END_OF_FILE
to back.dcm 0 plain.json --template latin.dcm --set StudyDescription=山
has back.dcm 00080005 '[ISO_IR 192]'
to back.dcm 0 unnamed.json
value back.dcm 00080005 | grep -q CS || fail "an empty (0008,0005) is lost"
# A template whose set is not known, or not named, but has text.
for term in '"ISO_IR 999"' '""'; do
    {
        printf 'preamble\nsyntax 1.2.840.10008.1.2.1\n'
        printf '(0008,0005) CS %s\n(0010,0010) PN "M\303\274ller"\n' "$term"
    } >odd.hexd
    "$HEXD" odd.hexd >odd.dcm || fail "a template in $term"
    to back.dcm 0 plain.json --template odd.dcm
    has back.dcm 00080005 '[ISO_IR 192]'
done

# ------------------------------------------------------- many files, many names

# The first way to look a URI up counts, and equal ones keep their order.
set --
i=0
while [ $i -lt 200 ]; do
    set -- "$@" --bulk "u$((i * 7 % 200))=bytes"
    i=$((i + 1))
done
printf 'x' >x1
bulk "one of many" 0 'u%37%37' "$@" --bulk 'u7%37=x1'
gives 0102030405060708
bulk "as it stands before decoded" 0 'v%41' --bulk vA=bytes --bulk 'v%41=x1'
gives 7800
bulk "decoded, the order of both" 0 'v%41' --bulk vA=bytes --bulk 'v%4=x1' "$@"
gives 0102030405060708
bulk "longer than another" 0 u1 --bulk u=x1 "$@" --bulk u11=x1
gives 0102030405060708
bulk "none of many" 1 u1000 "$@"
to back.dcm 0 parts.json "$@" --bulk img=parts/frags-000001.jpg --bulk imf=x1 \
    --bulk im=x1 --bulk img=parts/frags-000002.jpg --bulk img2=x1
silent "two frames among others"
"$DCMCONV" back.dcm --frames parts3 || fail "--frames"
same parts/frags-000001.jpg parts3/back-000001.jpg "frame 1 among others"
same parts/frags-000002.jpg parts3/back-000002.jpg "frame 2 among others"
set --

# A tree keeps files of more than 64 KiB open: some more than the shell lets
# it, and when it may not, it says what helps.
rm -rf many
mkdir many
i=0
while [ $i -lt 100 ]; do
    { echo "file $i"; cat long; } >many/$i
    i=$((i + 1))
done
sed 's/,{"00420011":{"vr":"OB","BulkDataURI":"many\/1[0-9][0-9]"}}.*/]}}/' \
    many.json >large-many.json
rm -f many.dcm
( ulimit -S -n 64 && "$JSON2DCM" large-many.json -o many.dcm --bulk-root . \
    --set PatientID=x ) >out 2>err || fail "many large files"
"$DCMDUMP" -q --no-offsets --width 0 --tag '(0004,1220)[100].00420011' many.dcm |
    grep -q '66 69 6C 65 20 39 39\|66 69 6c 65 20 39 39' || fail "file 99"
rm -f many.dcm
( ulimit -n 64 && "$JSON2DCM" large-many.json -o many.dcm --bulk-root . \
    --set PatientID=x ) >out 2>err && fail "more files than may be open"
says 'too many bulk files.*ulimit -n' "more files than may be open"
absent many.dcm "more files than may be open"

test $failures -eq 0 || { echo "$failures failures"; exit 1; }
echo "all passed"

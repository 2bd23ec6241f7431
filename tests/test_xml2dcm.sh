#!/bin/sh
# xml2dcm as a user meets it, and what the other commands make of JSON and XML
# with --from: exit status, which files appear, what is in them as dcm2json sees
# it, and which files a document may name. The reader and the writer themselves
# are tested elsewhere, and what xml2dcm shares with json2dcm in test_json2dcm.
set -u

here=$(cd "$(dirname "$0")" && pwd)
builddir=${top_builddir:-.}
XML2DCM=${XML2DCM:-$builddir/xml2dcm}
JSON2DCM=${JSON2DCM:-$builddir/json2dcm}
DCMCONV=${DCMCONV:-$builddir/dcmconv}
DCM2JSON=${DCM2JSON:-$builddir/dcm2json}
DCM2XML=${DCM2XML:-$builddir/dcm2xml}
DCMDUMP=${DCMDUMP:-$builddir/dcmdump}
HEXD=${HEXD:-$builddir/tests/hexd}
for program in "$XML2DCM" "$JSON2DCM" "$DCMCONV" "$DCM2JSON" "$DCM2XML" \
    "$DCMDUMP" "$HEXD"; do
    test -x "$program" || { echo "$program is not built"; exit 77; }
done
full() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
XML2DCM=$(full "$XML2DCM")
JSON2DCM=$(full "$JSON2DCM")
DCMCONV=$(full "$DCMCONV")
DCM2JSON=$(full "$DCM2JSON")
DCM2XML=$(full "$DCM2XML")
DCMDUMP=$(full "$DCMDUMP")
HEXD=$(full "$HEXD")

work=$(mktemp -d "${TMPDIR:-/tmp}/test-xml2dcm.XXXXXX") || exit 99
trap 'cd /; rm -rf "$work"' 0
trap 'exit 99' 1 2 15
cd "$work" || exit 99

failures=0
fail() {
    failures=$((failures + 1))
    echo "FAILED: $*"
    sed 's/^/    stderr: /' err 2>/dev/null | head -n 5
}
# run STATUS PROGRAM ARGUMENT...: its streams go to the files out and err.
run() {
    wanted=$1
    program=$2
    shift 2
    "$program" "$@" >out 2>err </dev/null
    status=$?
    test $status -eq "$wanted" ||
        fail "status $status, not $wanted: $(basename "$program") $*"
}
# to FILE STATUS ARGUMENT...: xml2dcm with -o, of a file that is not there.
to() {
    target=$1
    wanted=$2
    rm -f "$target"
    shift 2
    run "$wanted" "$XML2DCM" "$@" -o "$target"
    test ! -s out || fail "-o writes to standard output: $*"
}
says() { grep -q -e "$1" err || fail "stderr lacks '$1': $2"; }
silent() { test ! -s err || fail "stderr is not empty: $1"; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ: $3"; }
absent() { test ! -e "$1" || fail "$1 is there: $2"; }
nothing_left() {
    test -z "$(find . -name '.libdcm-*')" || fail "temporary files: $1"
}
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
# json FILE: what is in it; URIs and the character set's name aside.
json() {
    "$DCM2JSON" -q --bulk inline --bulk-uri x --charset utf8 "$1" ||
        fail "$1 cannot be read"
}
equal() {
    json "$1" >one
    json "$2" >two
    same one two "$3"
}
value() { "$DCMDUMP" -q --no-offsets --width 0 --tag "$2" "$1"; }
has() { value "$1" "$2" | grep -q -F -e "$3" || fail "$1: $2 is not $3"; }
lacks() { test -z "$(value "$1" "$2")" || fail "$1: $2 is there"; }
syntax() {
    "$DCMCONV" -v "$1" -o /dev/null 2>&1 | grep -q -F -e ": $2, 0 dev" ||
        fail "$1 is not in $2"
}

# ---------------------------------------------------------------- fixtures

# Fragments, and a private attribute in and around a sequence.
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
# Every block that is not the first: two creators in a group, one of them in an
# item with a block of its own, and one without attributes.
cat >private.hexd <<'END_OF_FILE'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0005) CS "ISO_IR 192"
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.7"
(0008,0018) UI "2.25.1"
(0009,0011) LO "TWO"
(0009,0020) LO "ONE"
(0009,0030) LO "NONE"
(0009,1101) LO "two of eleven"
(0009,2001) OB hex 01 02
(0009,2002) US 7
(0010,0010) PN "M\xc3\xbcller^Eva^^Dr.=\xe5\xb1\xb1\xe7\x94\xb0"
(0010,1001) PN "A^B\\\\=C"
(0040,A730) SQ {
    item {
        (0009,0040) LO "TWO"
        (0009,4001) LO "forty"
    }
    item {
    }
}
END_OF_FILE
# Text of another set, with one of its own in an item, and controls.
cat >sets.hexd <<'END_OF_FILE'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0005) CS "ISO_IR 100"
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.7"
(0008,0018) UI "2.25.1"
(0010,0010) PN "M\xfcller"
(0010,4000) LT " a & b < c > d\x0d\x0a\x09\"e\""
(0040,A730) SQ {
    item {
        (0008,0005) CS "ISO_IR 144"
        (0040,A160) UT "\xbf\xe0\xd8\xd2\xd5\xe2"
    }
    item {
        (0040,A160) UT "\xe9t\xe9"
    }
}
END_OF_FILE
# Numbers of every kind.
cat >numbers.hexd <<'END_OF_FILE'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.7"
(0008,0018) UI "2.25.1"
(0008,1161) UL 4294967295
(0008,1163) FD 0.1 -1e300
(0018,6020) SL -2147483648
(0018,9219) SS -32768
(0020,0032) DS "1.50\\-2\\3e0"
(0028,0009) AT (0018,1063)
(0028,0010) US 65535
(0070,0022) FL 0.1
(0072,0064) IS "1\\\\3"
(0072,0082) SV -9223372036854775808
(0072,0083) UV 18446744073709551615
END_OF_FILE
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
for f in sample frags private sets numbers large; do
    "$HEXD" $f.hexd >$f.dcm || exit 99
done
"$DCMCONV" large.dcm --to deflated -o deflated.dcm || exit 99
"$DCMCONV" large.dcm --to big -o big.dcm || exit 99

attribute() {
    printf '<DicomAttribute tag="%s" vr="%s"%s>%s</DicomAttribute>\n' \
        "$1" "$2" "${4:-}" "$3"
}
value_of() { attribute "$1" "$2" "<Value number=\"1\">$3</Value>" "${4:-}"; }
model() {
    printf '<NativeDicomModel xml:space="preserve">\n'
    value_of 00080016 UI 1.2.840.10008.5.1.4.1.1.7
    value_of 00080018 UI 2.25.1
    cat
    printf '</NativeDicomModel>\n'
}
value_of 00100020 LO A | model >plain.xml

# ------------------------------------------------------------- there and back

to plain.dcm 0 plain.xml
silent "a plain document"
has plain.dcm 00100020 '[A]'
has plain.dcm 00020003 2.25.1
syntax plain.dcm 1.2.840.10008.1.2.1
to plain.dcm 0 -v plain.xml
says ': 1.2.840.10008.1.2.1, 0 deviations' "-v"

for f in sample private sets numbers large deflated big; do
    for how in inline uri files; do
        "$DCM2XML" --creators --bulk $how --bulk-size 0 $f.dcm -o $f.xml \
            --force 2>err || fail "dcm2xml $f"
        to back.dcm 0 $f.xml --bulk-root .
        silent "$f, $how"
        equal $f.dcm back.dcm "$f, $how"
        rm -rf $f.xml.bulk
    done
done
# The bytes: those of a copy that had its lengths counted.
for f in sample private sets numbers large; do
    "$DCM2XML" --creators --bulk inline $f.dcm -o $f.xml --force || exit 99
    to back.dcm 0 $f.xml
    "$DCMCONV" $f.dcm --lengths explicit -o copy.dcm --force
    same copy.dcm back.dcm "the bytes of $f, there and back"
done
for how in uri files; do
    "$DCM2XML" --meta --bulk $how frags.dcm -o frags.xml --force || exit 99
    to back.dcm 0 frags.xml --bulk-root .
    silent "fragments, $how"
    equal frags.dcm back.dcm "fragments, $how"
    "$DCMCONV" frags.dcm --frames frames 2>err || fail "--frames"
    "$DCMCONV" back.dcm --frames frames 2>err || fail "--frames"
    for n in 1 2; do
        same frames/frags-00000$n.jpg frames/back-00000$n.jpg "frame $n, $how"
    done
    rm -rf frames
done
# Without creator elements blocks are given out anew, and nothing else changes.
"$DCM2XML" private.dcm -o private.xml --force || exit 99
grep -q 'tag="00090001".*privateCreator="ONE"' private.xml ||
    fail "the fixture has no privateCreator"
to back.dcm 0 private.xml
silent "blocks anew"
has back.dcm 00090010 '[TWO]'
has back.dcm 00090011 '[ONE]'
lacks back.dcm 00090012
has back.dcm 00091001 '[two of eleven]'
has back.dcm 00091101 '01 02'
has back.dcm 00091102 7
has back.dcm '0040A730[1].00090010' '[TWO]'
has back.dcm '0040A730[1].00091001' '[forty]'

# --------------------------------------------------------------- encodings

name='<PersonName number="1"><Alphabetic><FamilyName>%s</FamilyName></Alphabetic></PersonName>'
{
    printf '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    attribute 00100010 PN "$(printf "$name" "$(printf 'M\374ller')")" | model
} >latin.xml
to back.dcm 0 latin.xml
silent "a document in ISO 8859-1"
has back.dcm 00080005 '[ISO_IR 192]'
hex back.dcm | grep -q 4dc3bc6c6c6572 || fail "no bytes of UTF-8"
{
    printf '<?xml version="1.0"?>'
    attribute 00080005 CS '<Value number="1">ISO_IR 100</Value>'
    attribute 00100010 PN "$(printf "$name" 'M&#xFC;ller')"
} | sed 's/^<?xml.*?>/&<NativeDicomModel>/; $s/$/<\/NativeDicomModel>/' \
    >reference.xml
to back.dcm 0 reference.xml --no-preamble
silent "a character by its number"
hex back.dcm | grep -q 4dfc6c6c6572 || fail "no bytes of ISO_IR 100"
to back.dcm 0 reference.xml --no-preamble --charset utf8
hex back.dcm | grep -q 4dc3bc6c6c6572 || fail "no bytes of UTF-8"
sed 's/xFC/x416/' reference.xml >beyond.xml
to back.dcm 1 beyond.xml --no-preamble
says '0010,0010.*U+0416' "a character that the set lacks"
absent back.dcm "a character that the set lacks"
if iconv -f UTF-8 -t UTF-16 <plain.xml >wide.xml 2>/dev/null; then
    to back.dcm 0 wide.xml
    same plain.dcm back.dcm "a document in UTF-16"
fi
sed 's|<NativeDicomModel|& xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM"|' \
    plain.xml >space.xml
to back.dcm 0 space.xml
silent "a name space"
same plain.dcm back.dcm "a name space"
# Order, lower case, no number, no vr.
model >order.xml <<'END_OF_FILE'
<DicomAttribute tag="0020000d" vr="UI"><Value number="1">2.25.2</Value></DicomAttribute>
<DicomAttribute tag="00080008"><Value number="2">B</Value><Value number="1">A</Value></DicomAttribute>
END_OF_FILE
to back.dcm 0 order.xml
has back.dcm 00080008 '[A\B]'
has back.dcm 0020000D 2.25.2

# ---------------------------------------------------- data set and transfer

for t in explicit:1.2.840.10008.1.2.1 implicit:1.2.840.10008.1.2 \
    deflated:1.2.840.10008.1.2.1.99 big:1.2.840.10008.1.2.2; do
    to back.dcm 0 large.xml --to ${t%:*}
    silent "--to $t"
    syntax back.dcm ${t#*:}
    equal large.dcm back.dcm "--to $t"
done
to back.dcm 0 sample.xml --lengths undefined
"$DCMCONV" sample.dcm --lengths undefined -o copy.dcm --force
same copy.dcm back.dcm "--lengths undefined"
to back.dcm 0 plain.xml --set PatientID=B --set StudyID=S --remove 00080005
has back.dcm 00100020 '[B]'
has back.dcm 00200010 '[S]'
to back.dcm 0 plain.xml --remove PatientID
lacks back.dcm 00100020
to back.dcm 0 plain.xml --new-uids
value back.dcm 00080018 | grep -q -E '2\.25\.[1-9][0-9]{30,38}( |$)' ||
    fail "no new UID"
to back.dcm 0 plain.xml --template large.dcm
"$DCM2JSON" -q --bulk inline --tag 7FE00010 back.dcm >one
"$DCM2JSON" -q --bulk inline --tag 7FE00010 large.dcm >two
same one two "Pixel Data of a template"
attribute 00280010 US '<InlineBinary>BAA=</InlineBinary>' | model >binary.xml
to back.dcm 1 binary.xml
absent back.dcm "InlineBinary of US"
to back.dcm 0 binary.xml --binary-numbers
has back.dcm 00280010 4
printf '<NativeDicomModel/>' >nothing.xml
to back.dcm 0 nothing.xml
says 'SOP Class UID' "a data set of nothing"

# ------------------------------------------------------------------ bulk data

printf '\001\002\003\004' >bytes
attribute 7FE00010 OW '<BulkData uuid="0a0b-1"/>' | model >uuid.xml
to back.dcm 1 uuid.xml
says '7FE0,0010.*--bulk' "a uuid that nobody names"
absent back.dcm "a uuid that nobody names"
to back.dcm 0 uuid.xml --bulk 0a0b-1=bytes
silent "a uuid"
json back.dcm | grep -q '"InlineBinary":"AQIDBA=="' || fail "bytes of a uuid"
to back.dcm 0 uuid.xml --bulk-missing empty
says 'left empty' "a uuid and --bulk-missing"
mkdir root
cp bytes root/bytes
ln -s ../bytes root/out
for uri in ../bytes /etc/passwd file:///etc/passwd http://x.test/a out none; do
    attribute 7FE00010 OW "<BulkData uri=\"$uri\"/>" | model >uri.xml
    to back.dcm 1 uri.xml --bulk-root root
    says '7FE0,0010' "$uri"
    absent back.dcm "$uri"
    to back.dcm 0 uri.xml --bulk-root root --bulk "$uri=bytes"
    silent "$uri, named"
done
attribute 7FE00010 OW '<BulkData uri="bytes?offset=1&amp;length=2"/>' | model \
    >uri.xml
to back.dcm 0 uri.xml --bulk-root root
json back.dcm | grep -q '"InlineBinary":"AgM="' || fail "a part of a file"

# ------------------------------------------------------------------- errors

# wrong WHY WORDS: the document is read from standard input.
wrong() {
    cat >wrong.xml
    to wrong.dcm 1 wrong.xml
    says "wrong.xml: .*line [0-9]*, column [0-9]*: " "$1: no place"
    says "$2" "$1"
    absent wrong.dcm "$1"
    "$XML2DCM" - <wrong.xml >out 2>err && fail "status 0, from a pipe: $1"
    test ! -s out || fail "output of what is wrong: $1"
    nothing_left "$1"
}
echo hello | wrong "no XML" 'line 1, column 1'
head -c 150 plain.xml | wrong "cut off" 'line 3, column 1: unclosed'
printf '<!DOCTYPE x>\n<NativeDicomModel/>' |
    wrong "a document type" 'line 1, column 1.*document type'
printf '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c SYSTEM "/etc/passwd">]>
<NativeDicomModel>&c;</NativeDicomModel>' |
    wrong "an entity of its own" 'line 1, column 1.*document type'
value_of 00100020 LO '&lol;' | model | wrong "an entity" 'line 4, column'
printf '<dicom/>' | wrong "another root element" 'line 1, column 1'
value_of 00280010 US 70000 | model |
    wrong "out of range" '(0028,0010).*line 4, column'
value_of 00280010 US 1e0x | model | wrong "no number" '(0028,0010).*line 4'
value_of 00280010 US -1 | model | wrong "below the range" '(0028,0010).*line 4'
value_of 00081163 FD 0,5 | model | wrong "a comma" '(0008,1163).*line 4'
value_of 00280009 AT 12345 | model | wrong "a tag of 5 digits" '0028,0009'
value_of 00100020 LO "$(printf 'A\377')" | model |
    wrong "no UTF-8" 'line 4, column'
value_of 00100020 LO "$(printf 'A\001')" | model |
    wrong "a control character" 'line 4, column'
value_of 0010002 LO A | model | wrong "a tag of 7 digits" 'line 4, column 1'
value_of 0010002G LO A | model | wrong "a tag with a G" 'line 4, column 1'
printf '<DicomAttribute vr="LO"/>' | model |
    wrong "no tag" 'line 4, column 1'
attribute 00420011 OB '<InlineBinary>AB*=</InlineBinary>' | model |
    wrong "no base64" '(0042,0011).*line 4'
awk 'BEGIN { for (i = 0; i < 300; i++)
    printf "<DicomAttribute tag=\"0040A730\" vr=\"SQ\"><Item number=\"1\">"
    for (i = 0; i < 300; i++) printf "</Item></DicomAttribute>" }' | model |
    wrong "300 levels" "limit 'depth'"
value_of 00100020 LO A | model | sed 's/<.NativeDicomModel>/&x/' |
    wrong "text behind it" 'line 5, column'

# An unknown tag without a VR is UN, and deviations are errors when strict.
printf '<DicomAttribute tag="00100020"><Value number="1">A</Value></DicomAttribute>' |
    model >no-vr.xml
to back.dcm 0 no-vr.xml
has back.dcm 00100020 '[A]'
to back.dcm 1 no-vr.xml --strict
absent back.dcm "no vr, strictly"
value_of 00090001 LO A | model >lone.xml
to back.dcm 0 lone.xml
says 'privateCreator' "a private attribute that nobody made"
to back.dcm 1 lone.xml --strict
absent back.dcm "a private attribute that nobody made, strictly"

to back.dcm 1 sample.dcm
says 'is a DICOM file' "a DICOM file"
to back.dcm 1 none-there.xml
says 'none-there.xml' "an input that is not there"
echo keep >here.dcm
run 1 "$XML2DCM" plain.xml -o here.dcm
says 'exists' "an output that exists"
run 1 "$XML2DCM" wrong.xml -o here.dcm --force
test "$(cat here.dcm)" = keep || fail "an output that exists is changed"
run 0 "$XML2DCM" plain.xml -o here.dcm --force
same plain.dcm here.dcm "--force"

# ----------------------------------------------------------- names and places

mkdir -p in/sub
cp plain.xml in/a.dcm.xml
cp plain.xml in/sub/b.XML
cp plain.xml in/sub/c
echo 'bulk data' >in/sub/7FE00010.bin
run 0 "$XML2DCM" -r in -d names
says '7FE00010.bin: .*skipped, not XML' "other files in a folder"
for f in a sub/b sub/c; do
    same plain.dcm names/$f.dcm "the name $f"
done
run 1 "$XML2DCM" plain.xml lone.xml wrong.xml -d some
same plain.dcm some/plain.dcm "beside one that fails"
absent some/wrong.dcm "one that fails"
"$XML2DCM" - -d names2 <plain.xml 2>err
same plain.dcm names2/stdin.dcm "the name of standard input"
cat plain.xml | "$XML2DCM" - >out 2>err
same plain.dcm out "from a pipe to a pipe"
cat large.xml | "$XML2DCM" - >piped.dcm 2>err
to back.dcm 0 large.xml
same back.dcm piped.dcm "large, from a pipe to a pipe"
if test -w /dev/full; then
    run 1 "$XML2DCM" plain.xml -o /dev/full
    says 'No space left' "/dev/full"
fi
nothing_left "names"

usage_error() {
    run 2 "$@"
    test ! -s out || fail "output with wrong usage: $*"
}
usage_error "$XML2DCM"
usage_error "$XML2DCM" plain.xml new.dcm
says '-o' "an output as second operand"
usage_error "$XML2DCM" plain.xml space.xml -o new.dcm
usage_error "$XML2DCM" --partial plain.xml -o new.dcm
says '--partial is not for XML' "--partial"
usage_error "$XML2DCM" --index 1 plain.xml -o new.dcm
usage_error "$XML2DCM" --to jpeg plain.xml
usage_error "$XML2DCM" --bulk x plain.xml
absent new.dcm "wrong usage"

# --------------------------------------------------------------------- --from

# What a server says of a store (PS3.18 I.2.2), with a word of its own.
cat >answer.xml <<'END_OF_FILE'
<NativeDicomModel>
<DicomAttribute tag="00081190" vr="UR" keyword="RetrieveURL"><Value number="1">
https://x.test/studies/2.25.7 </Value></DicomAttribute>
<DicomAttribute tag="00081198" vr="SQ" keyword="FailedSOPSequence"><Item number="1">
<DicomAttribute tag="00081155" vr="UI"><Value number="1">2.25.8</Value></DicomAttribute>
<DicomAttribute tag="00081197" vr="US" keyword="FailureReason"><Value number="1">272</Value></DicomAttribute>
<DicomAttribute tag="00090097" vr="LT" keyword="FailureDetail" privateCreator="GOOGLE"><Value number="1">gibt’s schon &amp; so</Value></DicomAttribute>
</Item></DicomAttribute>
<DicomAttribute tag="00420011" vr="OB"><BulkData uri="http://x.test/a?id=1&amp;b=2"/></DicomAttribute>
</NativeDicomModel>
END_OF_FILE
cat >answer.json <<'END_OF_FILE'
{"00081190":{"vr":"UR","Value":["https://x.test/studies/2.25.7"]},"00081198":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["2.25.8"]},"00081197":{"vr":"US","Value":[272]},"00090010":{"vr":"LO","Value":["GOOGLE"]},"00091097":{"vr":"LT","Value":["gibt’s schon & so"]}}]},"00420011":{"vr":"OB","BulkDataURI":"http://x.test/a?id=1&b=2"}}
END_OF_FILE
run 0 "$DCM2JSON" --from xml answer.xml
silent "XML to JSON"
same answer.json out "XML to JSON"
run 0 "$DCM2XML" --from json answer.json -o again.xml
silent "JSON to XML"
grep -q 'tag="00090097" vr="LT" privateCreator="GOOGLE"' again.xml ||
    fail "JSON to XML: no privateCreator"
run 0 "$DCM2JSON" --from xml again.xml
same answer.json out "XML to JSON to XML to JSON"
run 0 "$DCM2XML" --from xml answer.xml
same again.xml out "XML to XML"
run 0 "$DCM2JSON" --from json answer.json
same answer.json out "JSON to JSON"
"$DCM2JSON" --from json - <answer.json >out 2>err
same answer.json out "JSON to JSON, from standard input"
cat answer.json | "$DCM2JSON" --from json - -d piped 2>err
same answer.json piped/stdin.json "JSON to JSON, from a pipe"
# Attributes in another order go through a tree, after a part was written.
printf '{"00100020":{"vr":"LO","Value":["A"]},\n"00080060":{"vr":"CS","Value":["OT"]}}' \
    >order.json
run 0 "$DCM2JSON" -q --from json order.json
echo '{"00080060":{"vr":"CS","Value":["OT"]},"00100020":{"vr":"LO","Value":["A"]}}' \
    >sorted.json
same sorted.json out "another order"
run 0 "$DCM2JSON" -q --from json order.json -o out.json
same sorted.json out.json "another order, -o"
# The same of a whole data set, and of values in and out of line.
for f in sample private numbers large; do
    "$DCM2JSON" --bulk inline $f.dcm >direct.json 2>err
    "$DCM2XML" --creators --bulk inline $f.dcm >direct.xml 2>err
    run 0 "$DCM2JSON" --from xml direct.xml
    same direct.json out "$f: XML to JSON"
    run 0 "$DCM2XML" --creators --from json direct.json
    same direct.xml out "$f: JSON to XML"
    run 0 "$DCM2JSON" --from json direct.json
    same direct.json out "$f: JSON to JSON"
    "$DCM2JSON" $f.dcm >direct.json 2>err
    "$DCM2XML" --creators $f.dcm >direct.xml 2>err
    run 0 "$DCM2JSON" --from xml direct.xml
    same direct.json out "$f: XML to JSON, by reference"
    run 0 "$DCM2XML" --creators --from json direct.json
    same direct.xml out "$f: JSON to XML, by reference"
done
# Of an array.
tr -d '\n' <answer.json >object
printf '[%s,{"00100020":{"vr":"LO","Value":["B"]}}]' "$(cat object)" >array.json
{
    printf '[\n'
    cat object
    printf ',\n{"00100020":{"vr":"LO","Value":["B"]}}\n]\n'
} >wanted.json
run 0 "$DCM2JSON" --from json array.json
same wanted.json out "an array"
run 0 "$DCM2JSON" --from json array.json -o out.json --force
same wanted.json out.json "an array, -o"
run 0 "$DCM2JSON" --from json --format ndjson array.json answer.json
test "$(wc -l <out)" -eq 3 || fail "not three lines"
run 0 "$DCM2JSON" --from json --format array array.json answer.json
test "$(grep -c '^[{]' out)" -eq 3 || fail "not three objects"
run 1 "$DCM2JSON" --from json --format object array.json
says '-d' "an array and --format object"
test ! -s out || fail "an array and --format object: output"
run 0 "$DCM2JSON" --from json array.json -d arrays
same answer.json arrays/array-1.json "NAME-1.json"
run 1 "$DCM2XML" --from json array.json
says '-d' "an array in XML"
run 0 "$DCM2XML" --from json array.json -d arrays
same again.xml arrays/array-1.xml "NAME-1.xml"
printf '[%s]' "$(cat object)" >array1.json
run 0 "$DCM2XML" --from json array1.json
same again.xml out "an array of one in XML"
echo '[]' >empty.json
run 0 "$DCM2JSON" --from json empty.json
same empty.json out "an empty array"
run 1 "$DCM2XML" --from json empty.json
says 'no data set' "an empty array in XML"
run 0 "$DCMDUMP" --from json array.json
grep -q '^# array.json, data set 2' out || fail "no heading of an array"
grep -q 'FailureReason  *272' out || fail "a dump of JSON"
run 0 "$DCMDUMP" --from xml answer.xml
grep -q 'at http://x.test/a?id=1&b=2\|at http://x.test' out ||
    fail "a dump of a reference"
# Selection, values that are bulk, and what fails.
run 0 "$DCM2JSON" --from json --tag FailureReason --tag '**.00081155' array.json
grep -q '"00081155"' out || fail "--tag"
grep -q 'GOOGLE' out && fail "--tag: what was not chosen"
run 0 "$DCM2JSON" --from json --until 00081198 array.json
grep -q '00081198' out && fail "--until"
grep -q '"B"' out && fail "--until, of the second"
test "$(grep -c '^[{]' out)" -eq 2 || fail "--until: not two objects"
for from in json xml; do
    test $from = json && "$DCM2JSON" --bulk inline large.dcm >large.json
    test $from = xml && "$DCM2XML" --bulk inline large.dcm >large.xml
    run 0 "$DCM2JSON" --from $from --bulk files large.$from -o files.json --force
    silent "--bulk files of $from"
    run 0 "$JSON2DCM" --bulk-root . files.json -o back.dcm --force
    equal large.dcm back.dcm "--bulk files of $from"
    rm -rf files.json.bulk
    run 0 "$DCM2JSON" --from $from --bulk uri --bulk-uri 'x/{tag}' large.$from
    grep -q '"BulkDataURI":"x/7FE00010"' out || fail "--bulk-uri of $from"
    run 0 "$DCM2JSON" --from $from --bulk omit large.$from
    grep -q '"7FE00010":{"vr":"OW"}' out || fail "--bulk omit of $from"
    usage_error "$DCM2JSON" --from $from --bulk uri large.$from
    usage_error "$DCM2JSON" --from $from --bulk uri --bulk-uri 'x{offset}' \
        large.$from
    usage_error "$DCM2XML" --from $from --bulk uri large.$from
    for program in "$DCM2JSON" "$DCM2XML" "$DCMDUMP"; do
        usage_error "$program" --from $from --charset-assume 'ISO_IR 100' \
            large.$from
        usage_error "$program" --from $from --charset-force 'ISO_IR 100' \
            large.$from
        usage_error "$program" --from $from --partial large.$from
        run 1 "$program" --from $from sample.dcm
        says 'is a DICOM file' "--from $from of a DICOM file"
        head -c 20000 large.$from >cut.$from
        run 1 "$program" --from $from cut.$from
        says 'line [0-9]*, column' "--from $from, cut off"
        test ! -s out || fail "output of what is cut off: $program"
    done
done
run 0 "$DCM2JSON" --from json --bulk files --bulk-size 0 --bulk-dir parts \
    -d arrays2 array.json large.json
test -s parts/large/7FE00010.bin || fail "--bulk files and -d"
printf '[%s,%s]' "$(cat large.json)" "$(cat large.json)" >twice.json
run 0 "$DCM2JSON" --from json --bulk files twice.json -o files.json --force
for n in 1 2; do
    test -s files.json.bulk/twice-$n/7FE00010.bin || fail "files of number $n"
    grep -q "twice-$n/7FE00010.bin" files.json || fail "references of number $n"
done
usage_error "$DCM2JSON" --from yaml answer.json
nothing_left "--from"

test $failures -eq 0 || { echo "$failures failures"; exit 1; }
echo "all passed"

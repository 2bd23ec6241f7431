#!/bin/sh
# dcmconv as a user meets it: exit status, which files appear, and what is in
# them as dcm2json and dcmdump see it. The writer itself is tested elsewhere.
set -u

here=$(cd "$(dirname "$0")" && pwd)
builddir=${top_builddir:-.}
DCMCONV=${DCMCONV:-$builddir/dcmconv}
DCM2JSON=${DCM2JSON:-$builddir/dcm2json}
DCMDUMP=${DCMDUMP:-$builddir/dcmdump}
HEXD=${HEXD:-$builddir/tests/hexd}
for program in "$DCMCONV" "$DCM2JSON" "$DCMDUMP" "$HEXD"; do
    test -x "$program" || { echo "$program is not built"; exit 77; }
done
full() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
DCMCONV=$(full "$DCMCONV")
DCM2JSON=$(full "$DCM2JSON")
DCMDUMP=$(full "$DCMDUMP")
HEXD=$(full "$HEXD")

work=$(mktemp -d "${TMPDIR:-/tmp}/test-conv.XXXXXX") || exit 99
trap 'cd /; rm -rf "$work"' 0
trap 'exit 99' 1 2 15
cd "$work" || exit 99

failures=0
fail() {
    failures=$((failures + 1))
    echo "FAILED: $*"
    sed 's/^/    stderr: /' err 2>/dev/null | head -n 5
}
# run STATUS ARGUMENT...: of dcmconv; its streams go to the files out and err.
run() {
    wanted=$1
    shift
    "$DCMCONV" "$@" >out 2>err </dev/null
    status=$?
    test $status -eq "$wanted" || fail "status $status, not $wanted: $*"
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
# value FILE TAG: the line of it.
value() { "$DCMDUMP" -q --no-offsets --width 0 --tag "$2" "$1"; }
# has FILE TAG TEXT
has() { value "$1" "$2" | grep -q -F -e "$3" || fail "$1: $2 is not $3"; }

# ---------------------------------------------------------------- fixtures

cat >a.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0005) CS "ISO_IR 100"
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.7"
(0008,0018) UI "2.25.1"
(0008,1140) SQ undefined {
    item undefined {
        (0008,1150) UI "1.2.840.10008.5.1.4.1.1.7"
        (0008,1155) UI "2.25.2"
    }
}
(0010,0010) PN "M\xFCller^Eva"
(0010,0020) LO "4711"
(0028,0002) US 1
(0028,0008) IS "2"
(0028,0010) US 2
(0028,0011) US 2
(0028,0100) US 16
(7FE0,0010) OW hex 01 00 02 00 03 00 04 00 05 00 06 00 07 00 08 00
END
cat >frags.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.4.50
(0028,0008) IS "2"
(7FE0,0010) OB undefined {
    item hex 00 00 00 00 0c 00 00 00
    item hex ff d8 ff d9
    item hex ff d8 01 02 ff d9
}
END
cat >odd.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0060) CS nopad "ODD"
(0010,0020) LO "B"
(0010,0010) PN "A"
END
cat >plain.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0060) CS "OT"
END
for f in a frags odd plain; do
    "$HEXD" $f.hexd >$f.dcm || exit 99
done
size=$(wc -c <a.dcm)
head -c $((size - 3)) a.dcm >cut.dcm
printf '\211PNG\r\n\032\n\000\000\000\rIHDR\000\000\000\001' >image.png
{ printf 'MZ%0126d' 0; tail -c +129 a.dcm; } >exe.dcm

# ---------------------------------------------------------------- encoding

run 0 a.dcm -o copy.dcm
silent "a copy"
test ! -s out || fail "-o writes to standard output"
equal a.dcm copy.dcm "a copy"
# From the first element of the data set on, byte for byte.
tail_of() { hex "$1" | sed 's/.*\(08000500\)/\1/'; }
test "$(tail_of a.dcm)" = "$(tail_of copy.dcm)" || fail "a copy has other bytes"
run 0 copy.dcm -o again.dcm
same copy.dcm again.dcm "a copy of a copy"

syntax_of() { value "$1" 00020010 | sed 's/.*UID *\([0-9.]*\).*/\1/'; }
while read -r name uid; do
    run 0 a.dcm --to "$name" -o to.dcm --force
    silent "--to $name"
    "$DCMCONV" -v to.dcm -o /dev/null 2>err
    says ": $uid, 0 deviations" "--to $name"
    equal a.dcm to.dcm "--to $name"
    run 0 to.dcm --to explicit -o back.dcm --force
    equal a.dcm back.dcm "--to $name and back"
done <<'END'
explicit 1.2.840.10008.1.2.1
implicit 1.2.840.10008.1.2
deflated 1.2.840.10008.1.2.1.99
big 1.2.840.10008.1.2.2
ExplicitVRLittleEndian 1.2.840.10008.1.2.1
1.2.840.10008.1.2 1.2.840.10008.1.2
END
run 0 -v a.dcm --to big -o big.dcm
says 'retired' "--to big with -v"
run 1 frags.dcm --to explicit -o no.dcm
says 'codec' "compressed pixels stay compressed"
absent no.dcm "--to of compressed pixels"
run 0 frags.dcm --to JPEGBaseline8Bit -o jpeg.dcm
equal frags.dcm jpeg.dcm "--to what it is in"

run 0 a.dcm --lengths explicit -o lengths.dcm
has lengths.dcm 00081140 'SQ      56'
equal a.dcm lengths.dcm "--lengths explicit"
run 0 lengths.dcm --lengths undefined -o undefined.dcm
has undefined.dcm 00081140 'SQ   undef'
run 0 lengths.dcm -o kept.dcm
has kept.dcm 00081140 'SQ      56'

run 0 a.dcm --charset utf8 -o utf8.dcm
has utf8.dcm 00080005 'ISO_IR 192'
hex utf8.dcm | grep -q 4dc3bc6c6c6572 || fail "--charset utf8"
equal a.dcm utf8.dcm "--charset utf8"
run 0 utf8.dcm --charset 'ISO_IR 100' -o latin.dcm
hex latin.dcm | grep -q 4dfc6c6c6572 || fail "--charset ISO_IR 100"
run 0 utf8.dcm --charset keep -o keep.dcm
same utf8.dcm keep.dcm "--charset keep"
run 1 a.dcm --charset 'ISO_IR 13' -o no.dcm
absent no.dcm "text that the character set lacks"

run 0 a.dcm --no-preamble -o bare.dcm
test "$(hex bare.dcm | cut -c 1-8)" = 08000500 || fail "--no-preamble"
equal a.dcm bare.dcm "--no-preamble"
run 0 bare.dcm -o whole.dcm
test "$(tail -c +129 whole.dcm | head -c 4)" = DICM || fail "a prefix is added"

zeros=$(head -c 128 /dev/zero | od -An -v -tx1 | tr -d ' \n')
start() { head -c 128 "$1" >start.of; hex start.of; }
run 0 exe.dcm -o zero.dcm
test "$(start zero.dcm)" = "$zeros" || fail "the preamble is not zero"
run 0 exe.dcm --preamble keep -o keep.dcm --force
test "$(start keep.dcm)" = "$(start exe.dcm)" || fail "--preamble keep"
cat exe.dcm | "$DCMCONV" - --preamble keep >out 2>err
same out keep.dcm "--preamble keep of a pipe"
run 0 bare.dcm --preamble keep -o none.dcm
test "$(start none.dcm)" = "$zeros" || fail "--preamble keep where is none"

# ------------------------------------------------------------ set and remove

run 0 a.dcm -o set.dcm --set 'PatientName=Weiß^Jörg' --set 0010,0020=1 \
    --remove ReferencedImageSequence --set Modality=OT
has set.dcm PatientName '[Weiß^Jörg]'
has set.dcm PatientID '[1]'
has set.dcm Modality '[OT]'
test -z "$(value set.dcm ReferencedImageSequence)" || fail "--remove"
run 0 lengths.dcm -o deep.dcm --to implicit \
    --set 'ReferencedImageSequence[2].ReferencedSOPInstanceUID=2.25.33'
has deep.dcm '00081140[2].00081155' '2.25.33'
run 0 lengths.dcm -o item.dcm --remove 'ReferencedImageSequence[1]'
run 0 a.dcm -o order.dcm --set PatientID=1 --remove PatientID \
    --set PatientID=2 --set PatientID=3
has order.dcm PatientID '[3]'
run 0 -v a.dcm -o gone.dcm --remove AccessionNumber
says 'was not there' "--remove of nothing, with -v"
run 0 a.dcm -o private.dcm --set '(0009,xx01,"A=B"):LO=x=y'
has private.dcm 00091001 '[x=y]'
run 1 a.dcm -o no.dcm --set Rows=many
says 'a.dcm: (0028,0010)' "a value that the VR does not allow"
absent no.dcm "a value that the VR does not allow"

# ------------------------------------------------------------------- repair

run 0 odd.dcm -o mended.dcm --repair
says 'odd.dcm: warning: .*(0008,0060)' "--repair tells what was wrong"
says 'odd.dcm: warning: repaired: [0-9]' "--repair ends with a line"
"$DCM2JSON" --strict mended.dcm >out 2>err || fail "--repair leaves a deviation"
equal odd.dcm mended.dcm "--repair"
run 0 a.dcm -o fine.dcm --repair
silent "--repair of what conforms"

# ------------------------------------------------------------------ outputs

run 0 a.dcm
same out copy.dcm "standard output"
run 0 a.dcm -o -
same out copy.dcm "-o -"
cat a.dcm | "$DCMCONV" - >out 2>err || fail "a pipe"
same out copy.dcm "a pipe"
"$DCMCONV" a.dcm --lengths explicit 2>err | cat >out
same out lengths.dcm "to a pipe, lengths that are counted"
if mkfifo fifo 2>/dev/null; then
    cat fifo >piped & "$DCMCONV" a.dcm -o fifo || cat /dev/null >fifo
    wait
    same piped copy.dcm "-o to a FIFO"
fi
run 0 a.dcm -o /dev/null
run 1 cut.dcm
says 'cut.dcm: offset' "a truncated file"
test ! -s out || fail "a truncated file gives output"
run 1 cut.dcm -o cut-out.dcm
absent cut-out.dcm "a truncated file"
run 1 cut.dcm -o cut-out.dcm --partial
json cut-out.dcm >one
{ cat plain.hexd; echo '(0042,0011) OB repeat 50000 hex 01 02'; } >long.hexd
"$HEXD" long.hexd | head -c 90000 >long.dcm
run 1 long.dcm -o cut-out.dcm --partial --force
"$DCM2JSON" --strict cut-out.dcm >out 2>err || fail "--partial is not whole"
run 1 --strict odd.dcm -o strict.dcm
absent strict.dcm "--strict"
run 1 image.png
says 'not DICOM' "a PNG"
run 1 missing.dcm -o no.dcm
absent no.dcm "a missing file"
if test -c /dev/full; then
    "$DCMCONV" a.dcm >/dev/full 2>err
    test $? -eq 1 || fail "/dev/full is no error"
    run 1 a.dcm -o /dev/full
fi

cp copy.dcm before
run 1 frags.dcm -o copy.dcm
says 'copy.dcm: .*--force' "-o of a file that exists"
same copy.dcm before "-o of a file that exists"
cp a.dcm self.dcm
run 1 self.dcm -o self.dcm
same self.dcm a.dcm "-o over the input"
run 0 self.dcm -o self.dcm --force
same self.dcm copy.dcm "-o over the input, with --force"
cp cut.dcm self.dcm
run 1 self.dcm -o self.dcm --force
same self.dcm cut.dcm "an input stays when it cannot be converted"

run 0 -d many a.dcm frags.dcm
same many/a.dcm copy.dcm "-d"
equal frags.dcm many/frags.dcm "-d"
run 1 -d many a.dcm
says 'many/a.dcm: exists' "-d of a file that exists"
mkdir -p tree/one tree/two
cp a.dcm tree/one/x.dcm
cp frags.dcm tree/two/x.dcm
cp image.png tree/y.png
run 0 -r -d deep tree
same deep/one/x.dcm copy.dcm "-r -d keeps folders"
run 0 -r -d tree tree --force
same tree/one/x.dcm copy.dcm "-r -d in place"
# An output never replaces another input, which may not have been read yet.
run 1 --force -d tree/two tree/one/x.dcm tree/two/x.dcm
says 'is an input' "-d over another input"
equal tree/two/x.dcm frags.dcm "-d over another input"

i=0
mkdir crowd
while test $i -lt 40; do
    cp a.dcm crowd/$i.dcm
    i=$((i + 1))
done
cp cut.dcm crowd/7.dcm
run 1 -j 4 -d crowd.out crowd/*.dcm
test "$(ls crowd.out | wc -l)" -eq 39 || fail "-j 4 -d: outputs are missing"
same crowd.out/39.dcm copy.dcm "-j 4"
nothing_left "after -d"

# ------------------------------------------------------------------- frames

run 0 a.dcm --frames frames
silent "--frames"
test ! -s out || fail "--frames writes to standard output"
test "$(hex frames/a-000001.raw)" = 0100020003000400 || fail "frame 1"
test "$(hex frames/a-000002.raw)" = 0500060007000800 || fail "frame 2"
run 0 frags.dcm --frames frames -o with.dcm
equal frags.dcm with.dcm "--frames with -o"
test "$(hex frames/frags-000001.jpg)" = ffd8ffd9 || fail "fragment 1"
test "$(hex frames/frags-000002.jpg)" = ffd80102ffd9 || fail "fragment 2"
run 1 a.dcm --frames frames
says 'frames/a-000001.raw: exists' "a frame that exists"
run 0 a.dcm --frames frames --force
run 1 cut.dcm --frames cut.frames
absent cut.frames/cut-000001.raw "frames of a truncated file"
rm frames/a-000001.raw
run 1 a.dcm --frames frames -o late.dcm
absent late.dcm "-o when a frame cannot be written"
absent frames/a-000001.raw "a frame when another cannot be written"
run 0 plain.dcm --frames frames
says 'has no frames' "--frames without Pixel Data"
nothing_left "after --frames"

# -------------------------------------------------------------- usage, exit 2

usage_error() {
    run 2 "$@"
    test ! -s out || fail "output with wrong usage: $*"
    test "$(wc -l <err)" -le 2 || fail "more than two lines: $*"
}
usage_error
usage_error a.dcm new.dcm
says '-o' "an output as second operand"
absent new.dcm "an output as second operand"
cp frags.dcm before
usage_error a.dcm frags.dcm
says '-o' "a second operand that is there"
same frags.dcm before "a second operand that is there"
usage_error a.dcm frags.dcm odd.dcm
usage_error a.dcm frags.dcm -o new.dcm
usage_error -r tree
usage_error --to jpeg a.dcm
usage_error --to PatientName a.dcm
usage_error --lengths none a.dcm
usage_error --charset latin a.dcm
usage_error --preamble drop a.dcm
usage_error --no-preamble --preamble keep a.dcm
usage_error --set PatientName a.dcm
usage_error --set NoSuchKeyword=1 a.dcm
usage_error --remove '**.PatientName' a.dcm
usage_error --frames f --to implicit a.dcm
usage_error --tag PatientName a.dcm
usage_error --no-pixel a.dcm

test $failures -eq 0 || { echo "$failures failures"; exit 1; }
echo "all passed"

#!/bin/sh
# jpeg2dcm as a user meets it: exit status, which files appear, what is in them
# as dcmdump and dcmconv see it, and what other programs say, where there are
# any. Images come from mkjpeg. What an image says of itself is tested with
# the library.
set -u

builddir=${top_builddir:-.}
JPEG2DCM=${JPEG2DCM:-$builddir/jpeg2dcm}
DCMCONV=${DCMCONV:-$builddir/dcmconv}
DCM2JSON=${DCM2JSON:-$builddir/dcm2json}
DCMDUMP=${DCMDUMP:-$builddir/dcmdump}
HEXD=${HEXD:-$builddir/tests/hexd}
MKJPEG=${MKJPEG:-$builddir/tests/mkjpeg}
for program in "$JPEG2DCM" "$DCMCONV" "$DCM2JSON" "$DCMDUMP" "$HEXD" \
    "$MKJPEG"; do
    test -x "$program" || { echo "$program is not built"; exit 77; }
done
full() { echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")"; }
JPEG2DCM=$(full "$JPEG2DCM")
DCMCONV=$(full "$DCMCONV")
DCM2JSON=$(full "$DCM2JSON")
DCMDUMP=$(full "$DCMDUMP")
HEXD=$(full "$HEXD")
MKJPEG=$(full "$MKJPEG")

work=$(mktemp -d "${TMPDIR:-/tmp}/test-jpeg2dcm.XXXXXX") || exit 99
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
    "$JPEG2DCM" "$@" >out 2>err </dev/null
    status=$?
    test $status -eq "$wanted" || fail "status $status, not $wanted: $*"
}
says() { grep -q -e "$1" err || fail "stderr lacks '$1': $2"; }
silent() { test ! -s err || fail "stderr is not empty: $1"; }
same() { cmp -s "$1" "$2" || fail "$1 and $2 differ: $3"; }
absent() { test ! -e "$1" || fail "$1 is there: $2"; }
nothing_left() {
    test -z "$(find . -name '.libdcm-*')" || fail "temporary files: $1"
}
# value FILE TAG: what dcmdump shows of it, behind VR, length and keyword.
value() {
    "$DCMDUMP" -q --no-offsets --width 0 --tag "$2" "$1" |
        sed 's/^[^ ]* [A-Z~]* *[^ ]* [^ ]* *//; s/ =.*//'
}
# has FILE TAG TEXT: its value, all of it.
has() {
    got=$(value "$1" "$2")
    test "$got" = "$3" || fail "$1: $2 is '$got', not '$3'"
}
lacks() {
    test -z "$("$DCMDUMP" -q --tag "$2" "$1")" || fail "$1 has $2"
}
# frame FILE NUMBER JPEG WHY: the frame is the image, byte for byte.
frame() {
    rm -rf frames
    "$DCMCONV" "$1" --frames frames 2>err || fail "no frames of $1: $4"
    cmp -s "frames/$(basename "$1" .dcm)-$2."* "$3" ||
        fail "frame $2 of $1 is not $3: $4"
}
size() { wc -c <"$1" | tr -d ' '; }

# ---------------------------------------------------------------- fixtures

for kind in gray ycc444 ycc422 ycc420 rgb progressive restart cmyk; do
    "$MKJPEG" $kind 33 21 >$kind.jpg || fail "mkjpeg $kind"
done
"$MKJPEG" gray 17 13 >small.jpg
# hex NAME DIGITS: files that no library here writes.
hex() { "$MKJPEG" hex "$2" >"$1" || fail "mkjpeg hex $1"; }
hex twelve.jpg FFD8FFC1000B0C0004000501011100FFDA0008010100003F0055FFD9
hex first.jpg FFD8FFC3000B100004000501011100FFDA000801010001000055FFD9
hex fourth.jpg FFD8FFC3000B100004000501011100FFDA000801010004000055FFD9
hex near.jls FFD8FFF7000B080004000501011100FFDA000801010002000055FFD9
hex exact.jls FFD8FFF7000B080004000501011100FFDA000801010000000055FFD9
hex image.png 89504E470D0A1A0A0000000D49484452
hex paper.pdf 255044462D312E340A
hex zero.jpg FFD8FFC0000B080000000501011100FFDA0008010100003F0055FFD9

# A number as JSON has it: meta TAG VR VALUE.
meta() { printf '"%s":{"vr":"%s","Value":[%s]}' "$1" "$2" "$3"; }
identity="$(meta 00080005 CS '"ISO_IR 192"'),
$(meta 00080016 UI '"1.2.840.10008.5.1.4.1.1.7"'),
$(meta 00080018 UI '"2.25.1"'),
$(meta 00100010 PN '{"Alphabetic":"Müller^Eva"}'),
$(meta 0020000D UI '"2.25.2"'),$(meta 0020000E UI '"2.25.3"')"
pixels='"7FE00010":{"vr":"OB","BulkDataURI":"jpeg-image"}'
# The recipe of Google's documentation, for ycc420.jpg.
described="$(meta 00280002 US 3),$(meta 00280004 CS '"YBR_FULL_422"'),
$(meta 00280006 US 0),$(meta 00280008 IS '"1"'),
$(meta 00280010 US 21),$(meta 00280011 US 33),
$(meta 00280100 US 8),$(meta 00280101 US 8),
$(meta 00280102 US 7),$(meta 00280103 US 0)"
syntax=$(meta 00020010 UI '"1.2.840.10008.1.2.4.50"')
echo "[{$syntax,$identity,$described,$pixels}]" >google.json
echo "{$identity,$pixels}" >short.json
echo "[{$identity},{$identity,$(meta 00200013 IS '"2"')}]" >two.json

# --------------------------------------------- what follows from the image

# kind  rows columns samples photometric planar syntax
table="small 13 17 1 [MONOCHROME2] - 50
gray 21 33 1 [MONOCHROME2] - 50
restart 21 33 1 [MONOCHROME2] - 50
ycc444 21 33 3 [YBR_FULL_422] 0 50
ycc422 21 33 3 [YBR_FULL_422] 0 50
ycc420 21 33 3 [YBR_FULL_422] 0 50
rgb 21 33 3 [RGB] 0 50"
echo "$table" | while read -r kind rows columns samples photometric planar s; do
    run 0 $kind.jpg -o $kind.dcm
    silent "$kind"
    has $kind.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.$s
    has $kind.dcm Rows $rows
    has $kind.dcm Columns $columns
    has $kind.dcm SamplesPerPixel $samples
    has $kind.dcm PhotometricInterpretation "$photometric"
    if test $planar = -; then
        lacks $kind.dcm PlanarConfiguration
    else
        has $kind.dcm PlanarConfiguration $planar
    fi
    has $kind.dcm BitsAllocated 8
    has $kind.dcm BitsStored 8
    has $kind.dcm HighBit 7
    has $kind.dcm PixelRepresentation 0
    has $kind.dcm LossyImageCompression '[01]'
    has $kind.dcm LossyImageCompressionMethod '[ISO_10918_1]'
    lacks $kind.dcm NumberOfFrames
    frame $kind.dcm 000001 $kind.jpg "$kind"
    test $failures -eq 0
done || failures=$((failures + 1))

run 0 twelve.jpg -o twelve.dcm
has twelve.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.51
has twelve.dcm BitsAllocated 16
has twelve.dcm BitsStored 12
has twelve.dcm HighBit 11
run 0 first.jpg -o first.dcm
has first.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.70
lacks first.dcm LossyImageCompression
run 0 fourth.jpg -o fourth.dcm
has fourth.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.57
run 0 exact.jls -o exact.dcm
has exact.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.80
lacks exact.dcm LossyImageCompression
run 0 near.jls -o near.dcm
has near.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.81
has near.dcm LossyImageCompressionMethod '[ISO_14495_1]'

run 1 progressive.jpg -o no.dcm
says 'progressive' "progressive"
run 0 --allow-retired progressive.jpg -o progressive.dcm
has progressive.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.55
run 1 cmyk.jpg -o no.dcm
says '4 components' "four components"
run 1 zero.jpg -o no.dcm
run 1 image.png -o no.dcm
says 'offset 0: not a JPEG.*PNG cannot be put into DICOM' "a PNG"
run 1 paper.pdf -o no.dcm
says 'offset 0: not a JPEG.*PDF' "a PDF"
run 1 missing.jpg -o no.dcm
says 'missing.jpg: cannot open' "a missing file"
absent no.dcm "what cannot be converted"

# Bytes behind the end are cut; an end that is missing is put there.
{ cat gray.jpg; printf '0123456789'; } >tail.jpg
run 0 tail.jpg -o tail.dcm
says 'warning' "bytes behind the end"
frame tail.dcm 000001 gray.jpg "bytes behind the end"
head -c $(($(size gray.jpg) - 2)) gray.jpg >headless.jpg
run 0 headless.jpg -o headless.dcm
says 'without EOI' "no end"
frame headless.dcm 000001 gray.jpg "no end"
run 1 --strict headless.jpg -o no.dcm
absent no.dcm "--strict"

# EXIF orientation 6 is not obeyed, and said. TIFF, one entry: 0112 SHORT 6.
{
    "$MKJPEG" hex FFD8FFE10022457869660000 4D4D002A00000008 0001 \
        011200030000000100060000 00000000
    tail -c +3 gray.jpg
} >turned.jpg
run 0 turned.jpg -o turned.dcm
says 'warning' "EXIF orientation"
has turned.dcm Rows 21
run 1 --strict turned.jpg -o no.dcm
# A thumbnail's own header does not count.
{
    n=$(($(size small.jpg) + 2))
    "$MKJPEG" hex FFD8FFE1$(printf %04X $n)
    cat small.jpg
    tail -c +3 gray.jpg
} >thumb.jpg
run 0 thumb.jpg -o thumb.dcm
has thumb.dcm Rows 21
frame thumb.dcm 000001 thumb.jpg "a thumbnail in APP1"

# ---------------------------------------------------------------- lossy

# 17 * 13 bytes to those of the file (PS3.3 C.7.6.1.1.5), to 1 in 10000.
value small.dcm LossyImageCompressionRatio | tr -d '[]' >ratio
awk -v r="$(cat ratio)" -v n="$(size small.jpg)" 'BEGIN {
    q = r * n / (17 * 13); exit !(q > 0.9999 && q < 1.0001) }' ||
    fail "ratio $(cat ratio) of $(size small.jpg) bytes"
test "$(size ratio)" -le 17 || fail "a ratio of more than 16 bytes"
lossy() { printf '{%s' "$identity"; printf ',%s' "$@"; printf '}'; }
lossy "$(meta 00282112 DS 10)" "$(meta 00282114 CS '"ISO_15444_1"')" >once.json
run 0 once.json small.jpg -o once.dcm
has once.dcm LossyImageCompressionRatio "[10\\$(cat ratio)]"
has once.dcm LossyImageCompressionMethod '[ISO_15444_1\ISO_10918_1]'
lossy "$(meta 00282110 CS '"01"')" "$(meta 00282112 DS "$(cat ratio)")" \
    "$(meta 00282114 CS '"ISO_10918_1"')" >told.json
run 0 told.json small.jpg -o told.dcm
has told.dcm LossyImageCompressionRatio "[$(cat ratio)]"
lossy "$(meta 00282112 DS 10)" >half.json
run 0 half.json small.jpg -o half.dcm
has half.dcm LossyImageCompressionMethod '[\ISO_10918_1]'
lossy "$(meta 00282110 CS '"00"')" >never.json
run 0 never.json small.jpg -o never.dcm
says '00, but the image is lossy' "00 for a lossy image"
has never.dcm LossyImageCompression '[01]'
lossy "$(meta 00282110 CS '"01"')" >ever.json
run 0 ever.json first.jpg -o ever.dcm
has ever.dcm LossyImageCompression '[01]'

# ------------------------------------------------------------- metadata

run 0 --profile google google.json ycc420.jpg -o google.dcm
silent "Google's recipe"
"$DCM2JSON" -q --meta --bulk omit google.dcm | tr -d ' \n' >google.out
for tag in 00020010 00080005 00080016 00080018 00100010 0020000D 0020000E \
    00280002 00280004 00280006 00280008 00280010 00280011 00280100 00280101 \
    00280102 00280103; do
    grep -q "\"$tag\"" google.out || fail "google.dcm lacks $tag"
done
lacks google.dcm LossyImageCompression
has google.dcm PatientName '[Müller^Eva]'
frame google.dcm 000001 ycc420.jpg "Google's recipe"
# The data set of Google's server, by hand but for the image.
{
    cat <<'END'
syntax 1.2.840.10008.1.2.4.50
(0008,0005) CS "ISO_IR 192"
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.7"
(0008,0018) UI "2.25.1"
(0010,0010) PN "M\xC3\xBCller^Eva"
(0020,000D) UI "2.25.2"
(0020,000E) UI "2.25.3"
(0028,0002) US 3
(0028,0004) CS "YBR_FULL_422"
(0028,0006) US 0
(0028,0008) IS "1"
(0028,0010) US 21
(0028,0011) US 33
(0028,0100) US 8
(0028,0101) US 8
(0028,0102) US 7
(0028,0103) US 0
(7FE0,0010) OB undefined {
    item
END
    echo "    item hex $(od -An -v -tx1 ycc420.jpg | tr -d '\n')"
    echo '}'
} >recipe.hexd
"$HEXD" recipe.hexd >recipe.dcm || fail "recipe.hexd"
"$DCMCONV" -q --no-preamble google.dcm -o google.bare
"$DCMCONV" -q --no-preamble recipe.dcm -o recipe.bare
same google.bare recipe.bare "Google's recipe, byte for byte"

run 1 --profile google short.json ycc420.jpg -o no.dcm
says 'missing for the profile google: (0002,0010) TransferSyntaxUID' "google"
says '(0028,0010) Rows' "google"
sed 's/ISO_IR 192/ISO_IR 100/' google.json >latin.json
run 1 --profile google latin.json ycc420.jpg -o no.dcm
says '(0008,0005) SpecificCharacterSet is ISO_IR 100' "google"
run 2 --profile google ycc420.jpg -o no.dcm
absent no.dcm "--profile google"

run 0 short.json ycc420.jpg -o short.dcm
silent "metadata without pixel attributes"
has short.dcm SOPInstanceUID 2.25.1
has short.dcm Rows 21
has short.dcm PlanarConfiguration 0
has short.dcm LossyImageCompression '[01]'
lacks short.dcm Modality
frame short.dcm 000001 ycc420.jpg "metadata"

# All that disagrees, and nothing written.
run 1 google.json small.jpg -o no.dcm
says '(0028,0002) SamplesPerPixel is 3, but the image has 1' "conflict"
says '(0028,0004) PhotometricInterpretation is YBR_FULL_422' "conflict"
says '(0028,0010) Rows is 21, but the image has 13' "conflict"
says '(0028,0011) Columns is 33, but the image has 17' "conflict"
test "$(wc -l <err)" -eq 4 || fail "conflicts: not four lines"
absent no.dcm "a conflict"
for option in --fix --trust-image; do
    run 0 $option google.json small.jpg -o fixed.dcm --force
    says 'warning: .*Rows is 21, but the image has 13: replaced' "$option"
    has fixed.dcm Rows 13
    has fixed.dcm SamplesPerPixel 1
    has fixed.dcm PhotometricInterpretation '[MONOCHROME2]'
done
# conflicts and tolerances: TAG VR VALUE IMAGE STATUS
while read -r tag vr value image status; do
    echo "{$identity,$(meta $tag $vr "$value")}" >one.json
    run $status one.json $image -o one.dcm --force
    test $status -eq 0 || says "$(echo $tag | sed 's/....$/,&/')" "$tag $value"
done <<'END'
00020010 UI "1.2.840.10008.1.2.4.70" gray.jpg 1
00020010 UI "1.2.840.10008.1.2.4.57" first.jpg 0
00020010 UI "1.2.840.10008.1.2.4.70" fourth.jpg 1
00020010 UI "1.2.840.10008.1.2.4.81" exact.jls 0
00280004 CS "RGB" ycc420.jpg 1
00280004 CS "YBR_FULL" ycc420.jpg 0
00280004 CS "YBR_FULL_422" rgb.jpg 1
00280004 CS "MONOCHROME1" gray.jpg 0
00280006 US 1 ycc420.jpg 1
00280008 IS "2" gray.jpg 1
00280010 US 10 gray.jpg 1
00280011 US 34 gray.jpg 1
00280100 US 16 gray.jpg 1
00280101 US 12 gray.jpg 1
00280102 US 11 gray.jpg 1
00280103 US 1 gray.jpg 1
00280103 US 1 first.jpg 0
00280103 US 1 exact.jls 0
00280103 US 1 near.jls 0
00280103 US 1 twelve.jpg 1
00280010 US 21,21 gray.jpg 1
00280006 US 0 gray.jpg 0
00280006 US 1 gray.jpg 1
00280010 IS "21" gray.jpg 0
00280010 IS "22" gray.jpg 1
END
echo "{$identity,$(meta 00020010 UI '"1.2.840.10008.1.2.4.57"')}" >one.json
run 0 one.json first.jpg -o wide.dcm
has wide.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.57
echo "{$identity,$(meta 00280004 CS '"YBR_FULL"')}" >one.json
run 0 one.json ycc420.jpg -o full.dcm
says 'warning: .*YBR_FULL, YBR_FULL_422 expected' "YBR_FULL"
has full.dcm PhotometricInterpretation '[YBR_FULL]'
run 1 --strict one.json ycc420.jpg -o no.dcm
echo "{$identity,$(meta 00280103 US 1)}" >one.json
run 0 one.json first.jpg -o signed.dcm
has signed.dcm PixelRepresentation 1

# One sample has no Planar Configuration (PS3.3 C.7.6.3, type 1C).
echo "{$identity,$(meta 00280006 US 0)}" >planar.json
run 0 planar.json gray.jpg -o planar.dcm
says 'warning: .*(0028,0006)' "Planar Configuration of one sample"
lacks planar.dcm PlanarConfiguration
run 1 --strict planar.json gray.jpg -o no.dcm
echo "{$identity,\"00280006\":{\"vr\":\"US\"}}" >hollow.json
run 0 hollow.json gray.jpg -o hollow.dcm
lacks hollow.dcm PlanarConfiguration
echo "{$identity,$(meta 00280006 US 1)}" >planar.json
run 1 planar.json gray.jpg -o no.dcm
says '(0028,0006) PlanarConfiguration is there, but' "Planar Configuration 1"
run 0 --fix planar.json gray.jpg -o planar.dcm --force
says 'warning: (0028,0006)' "--fix of Planar Configuration"
lacks planar.dcm PlanarConfiguration
run 0 --fix --strict planar.json gray.jpg -o planar.dcm --force
lacks fixed.dcm PlanarConfiguration

# Each conflict is of the section that the attribute is of.
echo "{$identity,$(meta 00020010 UI '"1.2.840.10008.1.2.4.70"'),
$(meta 00280008 IS '"3"'),$(meta 00280010 US 1)}" >cite.json
run 1 cite.json gray.jpg -o no.dcm
says '(0002,0010) .*but the image has .*4.50 (PS3.5 A.4)' "the section"
says '(0028,0008) .* is 3, but there is 1 image (PS3.3 C.7.6.6)' "the section"
says '(0028,0010) .* is 1, but the image has 21 (PS3.3 C.7.6.3)' "the section"

# A right value in another VR becomes that of the dictionary, or with the
# profile google is an error.
echo "{$identity,$(meta 00280010 IS '"21"'),$(meta 00280008 US 1)}" >other.json
run 0 other.json gray.jpg -o other.dcm
says 'warning: (0028,0010) Rows has VR IS, US expected' "another VR"
"$DCMDUMP" -q --no-offsets --tag Rows --tag NumberOfFrames other.dcm >dump
grep -q '^(0028,0010) US  *2 Rows  *21' dump || fail "Rows stays another VR"
grep -q '^(0028,0008) IS  *2 NumberOfFrames  *\[1\]' dump ||
    fail "Number of Frames stays another VR"
sed '/"00280010"/s/{"vr":"US","Value":\[21\]}/{"vr":"IS","Value":["21"]}/' \
    google.json >google-vr.json
run 1 --profile google google-vr.json ycc420.jpg -o no.dcm
says '(0028,0010) Rows has VR IS, US expected' "google, another VR"
run 0 --fix --profile google google-vr.json ycc420.jpg -o google-vr.dcm
same google-vr.dcm google.dcm "google, another VR with --fix"
absent no.dcm "what disagrees"

# Number of Frames of one image: not in classes without frames.
while read -r class has; do
    run 0 gray.jpg -o class.dcm --force --set \
        "SOPClassUID=1.2.840.10008.5.1.4.1.1.$class"
    if test $has = 1; then
        has class.dcm NumberOfFrames '[1]'
    else
        lacks class.dcm NumberOfFrames
    fi
done <<'END'
2 0
2.1 1
4 0
6.1 0
3.1 1
7 0
7.2 1
12.1 1
20 1
30 1
66.4 1
77.1.1 0
77.1.1.1 1
77.1.4 0
77.1.5.1 1
77.1.6 1
128 0
130 1
END
run 0 gray.jpg -o class.dcm --force --set SOPClassUID=2.25.99
lacks class.dcm NumberOfFrames

# Which data set, and which operand is one.
run 1 two.json gray.jpg -o no.dcm
says '\-\-index' "two data sets"
run 0 --index 2 two.json gray.jpg -o second.dcm
has second.dcm InstanceNumber '[2]'
run 1 --index 3 two.json gray.jpg -o no.dcm
says 'no number 3' "--index 3 of 2"
run 1 --index 2 short.json gray.jpg -o no.dcm
says 'no number 2' "--index 2 of an object"
run 2 --index 0 two.json gray.jpg -o no.dcm
says '\-\-index counts from 1' "--index 0"
# Those before it are not looked into: neither what is wrong nor what is
# somewhere else. That they are JSON has to be.
odd='"00280010":{"vr":"XX","Value":["?"]},"00420011":{"vr":"OB",
"BulkDataURI":"nowhere"},"00100020":{"vr":"OB","InlineBinary":"*"}'
echo "[{$odd},{$odd},{$identity,$(meta 00200013 IS '"3"')}]" >third.json
run 0 --index 3 third.json gray.jpg -o third.dcm
silent "data sets that are skipped"
has third.dcm InstanceNumber '[3]'
run 0 --strict --index 3 third.json gray.jpg -o third2.dcm
run 1 --index 2 third.json gray.jpg -o no.dcm
run 1 --index 4 third.json gray.jpg -o no.dcm
says 'the array has 3 data sets: no number 4' "--index behind the end"
echo "[{$identity},{\"00100020\":tru},{$identity}]" >third.json
run 1 --index 3 third.json gray.jpg -o no.dcm
says 'line 5, column ' "what is skipped is no JSON"
echo '[]' >empty.json
run 1 empty.json gray.jpg -o no.dcm
echo '{"00100010":' >broken.json
run 1 broken.json gray.jpg -o no.dcm
says 'broken.json: offset' "broken JSON"
{ printf '\357\273\277 \n'; cat short.json; } >bom.json
run 0 bom.json gray.jpg -o bom.dcm
run 2 short.json -o no.dcm
says 'no image' "metadata alone"
run 1 gray.jpg two.json -o no.dcm
says 'two.json: offset 0.*metadata is the first operand' "metadata that is last"
run 1 short.json two.json -o no.dcm
says 'two.json: offset 0.*one file of metadata only' "metadata twice"
run 1 broken.json gray.jpg ycc420.jpg small.jpg -d broken
test "$(grep -c 'broken.json: ' err)" -eq 1 || fail "-d: one error, told thrice"
run 2 --template - gray.jpg -o no.dcm
says 'take a file' "--template -"
run 2 --study - gray.jpg -o no.dcm
says 'take a file' "--study -"
cat gray.jpg | "$JPEG2DCM" --limit output=100 - >no.dcm 2>err &&
    fail "a pipe beyond its limit"
says 'more than 100 bytes through a pipe' "a pipe beyond its limit"
rm no.dcm
cat gray.jpg | "$JPEG2DCM" --limit output=100 short.json - -o no.dcm 2>err &&
    fail "a pipe beyond its limit, as second operand"
says 'more than 100 bytes through a pipe' "a pipe beyond its limit"
"$JPEG2DCM" - gray.jpg -o piped.dcm <short.json 2>err || fail "metadata by stdin"
same piped.dcm bom.dcm "metadata from standard input"
cat gray.jpg | "$JPEG2DCM" short.json - -o piped2.dcm 2>err ||
    fail "an image through a pipe"
same piped2.dcm bom.dcm "an image through a pipe"
cat gray.jpg | "$JPEG2DCM" - >piped3.dcm 2>err || fail "to standard output"
frame piped3.dcm 000001 gray.jpg "standard output"
run 2 - - -o no.dcm
absent no.dcm "metadata that is wrong"

# Other bulk data is looked for, an icon's pixels too.
printf 'icc profile!' >profile.icc
lossy '"00282000":{"vr":"OB","BulkDataURI":"icc"}' \
    "\"00880200\":{\"vr\":\"SQ\",\"Value\":[{$(meta 00280010 US 1),
    $(meta 00280011 US 4),$(meta 00280002 US 1),
    \"7FE00010\":{\"vr\":\"OW\",\"BulkDataURI\":\"icon\"}}]}" >bulk.json
printf '1234' >icon.raw
run 0 bulk.json gray.jpg -o bulk.dcm --bulk icc=profile.icc --bulk icon=icon.raw
has bulk.dcm '(0028,2000)' '69 63 63 20 70 72 6F 66 69 6C 65 21'
frame bulk.dcm 000001 gray.jpg "an icon beside it"
run 1 bulk.json gray.jpg -o no.dcm --bulk icc=profile.icc
absent no.dcm "bulk data that is not there"
lossy '"7FE00010":{"vr":"OB","InlineBinary":"AAEC"}' >inline.json
run 1 inline.json gray.jpg -o no.dcm
says 'PixelData has a value already' "pixels in line"
lossy '"7FE00008":{"vr":"OF","InlineBinary":"AAECAw=="}' \
    '"7FE00009":{"vr":"OD","InlineBinary":"AAECAwQFBgc="}' \
    '"00287FE0":{"vr":"UR","Value":["http://127.0.0.1/"]}' >float.json
run 1 float.json gray.jpg -o no.dcm
says '(7FE0,0008) FloatPixelData has a value already' "float pixels"
says '(7FE0,0009) DoubleFloatPixelData has a value already' "float pixels"
says '(0028,7FE0) PixelDataProviderURL has a value already' "pixels elsewhere"
absent no.dcm "pixels twice"
run 0 --fix float.json gray.jpg -o float.dcm
says 'warning: (7FE0,0008) FloatPixelData' "--fix of float pixels"
lacks float.dcm FloatPixelData
lacks float.dcm DoubleFloatPixelData
lacks float.dcm PixelDataProviderURL
frame float.dcm 000001 gray.jpg "--fix of float pixels"

# ------------------------------------------------------- without metadata

has gray.dcm SOPClassUID 1.2.840.10008.5.1.4.1.1.7
has gray.dcm Modality '[OT]'
has gray.dcm ConversionType '[WSD]'
has gray.dcm PatientName ''
lacks gray.dcm SpecificCharacterSet
test "$(value gray.dcm StudyInstanceUID)" != \
    "$(value ycc420.dcm StudyInstanceUID)" || fail "UIDs are not new"
run 0 gray.jpg -o named.dcm --set 'PatientName=Müller^Eva' --remove StudyTime \
    --set 'SOPClassUID=1.2.840.10008.5.1.4.1.1.77.1.4'
has named.dcm SpecificCharacterSet '[ISO_IR 192]'
has named.dcm PatientName '[Müller^Eva]'
has named.dcm SOPClassUID 1.2.840.10008.5.1.4.1.1.77.1.4
lacks named.dcm StudyTime
echo "{$(meta 00100020 LO '"4711"')}" >patient.json
run 0 patient.json gray.jpg -o patient.dcm
has patient.dcm PatientID '[4711]'
has patient.dcm Modality '[OT]'

# An existing study, in another encoding and character set.
cat >study.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2
(0008,0005) CS "ISO_IR 100"
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.2"
(0008,0018) UI "2.25.11"
(0008,0020) DA "20200102"
(0008,0060) CS "CT"
(0008,1030) LO "Sch\xE4del1"
(0010,0010) PN "M\xFCller^Eva"
(0010,0020) LO "4711"
(0010,1010) AS "042Y"
(0020,000D) UI "2.25.12"
(0020,000E) UI "2.25.13"
(0020,0010) SH "S1"
(0028,0010) US 512
END
"$HEXD" study.hexd >study.dcm || fail "study.hexd"
run 0 --study study.dcm gray.jpg -o joined.dcm
has joined.dcm StudyInstanceUID 2.25.12
has joined.dcm PatientName '[Müller^Eva]'
has joined.dcm PatientID '[4711]'
has joined.dcm PatientAge '[042Y]'
has joined.dcm StudyDate '[20200102]'
has joined.dcm StudyDescription '[Schädel1]'
has joined.dcm SpecificCharacterSet '[ISO_IR 192]'
has joined.dcm Modality '[OT]'
has joined.dcm Rows 21
test "$(value joined.dcm SeriesInstanceUID)" != 2.25.13 || fail "a new series"
run 1 --study study.dcm short.json gray.jpg -o no.dcm
says 'StudyInstanceUID is 2.25.2' "another study"
# Nor another patient; an empty element is none.
echo "{$(meta 00100020 LO '"4712"')}" >stranger.json
run 1 --study study.dcm stranger.json gray.jpg -o no.dcm
says '(0010,0020) PatientID is another one' "another patient"
grep -q '471[12]' err && fail "a Patient ID in a message"
sed '/(0010,0020)/a\
(0010,0021) LO "Here"' study.hexd >issued.hexd
"$HEXD" issued.hexd >issued.dcm || fail "issued.hexd"
echo "{$(meta 00100020 LO '"4711"'),$(meta 00100021 LO '"There"')}" >there.json
run 1 --study issued.dcm there.json gray.jpg -o no.dcm
says '(0010,0021) IssuerOfPatientID is another one' "another issuer"
absent no.dcm "another patient"
run 1 --study issued.dcm there.json gray.jpg ycc420.jpg -d strangers
test "$(grep -c IssuerOfPatientID err)" -eq 1 ||
    fail "-d: the study, told twice"
run 0 --study issued.dcm patient.json gray.jpg -o issued2.dcm
has issued2.dcm IssuerOfPatientID '[Here]'
echo '{"00100010":{"vr":"PN"},"00100020":{"vr":"LO"},"00081030":{"vr":"LO"},
"0020000D":{"vr":"UI"},"00081110":{"vr":"SQ"}}' >hollow.json
run 0 --study study.dcm hollow.json gray.jpg -o hollow2.dcm
has hollow2.dcm PatientID '[4711]'
has hollow2.dcm PatientName '[Müller^Eva]'
has hollow2.dcm StudyDescription '[Schädel1]'
has hollow2.dcm StudyInstanceUID 2.25.12
run 0 --study study.dcm --new-uids patient.json gray.jpg -o joined2.dcm
has joined2.dcm StudyInstanceUID 2.25.12
run 0 --new-uids short.json gray.jpg -o fresh.dcm
test "$(value fresh.dcm StudyInstanceUID)" != 2.25.2 || fail "--new-uids"

# A template gives all but what describes its own pixels, and its identity.
run 0 --set PatientID=77 --set ImageComments=x ycc420.jpg -o pattern.dcm
run 0 --template pattern.dcm small.jpg -o shaped.dcm
silent "--template"
has shaped.dcm PatientID '[77]'
has shaped.dcm ImageComments '[x]'
has shaped.dcm Rows 13
has shaped.dcm SamplesPerPixel 1
lacks shaped.dcm PlanarConfiguration
has shaped.dcm LossyImageCompressionRatio "[$(cat ratio)]"
frame shaped.dcm 000001 small.jpg "--template"
# What is about the template's pixels and frames, at the top level.
cat >framed.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0008) CS "ORIGINAL\\PRIMARY"
(0008,0016) UI "1.2.840.10008.5.1.4.1.1.2.1"
(0008,0018) UI "2.25.11"
(0008,0060) CS "CT"
(0008,2111) ST "resampled "
(0010,0020) LO "4711"
(0020,000D) UI "2.25.12"
(0020,000E) UI "2.25.13"
(0020,9222) SQ undefined {
    item {
        (0020,9165) AT (0008,0018)
    }
}
(0028,0006) US 0
(0028,0008) IS "2"
(0028,0010) US 1
(0028,0011) US 8
(0088,0200) SQ undefined {
    item {
        (0028,0010) US 1
    }
}
(5200,9229) SQ undefined {
    item {
        (0020,9116) SQ undefined {
        }
    }
}
(5200,9230) SQ undefined {
    item {
        (0020,9111) SQ undefined {
        }
    }
}
(6000,0010) US 1
(6000,0011) US 8
(6002,3000) OW hex 01 02
(7FE0,0008) OF hex 01 02 03 04
END
"$HEXD" framed.hexd >framed.dcm || fail "framed.hexd"
run 0 --template framed.dcm small.jpg -o bare.dcm
has bare.dcm PatientID '[4711]'
has bare.dcm Modality '[CT]'
has bare.dcm NumberOfFrames '[1]'
for tag in '(0008,0008)' '(0008,2111)' '(0020,9222)' '(0028,0006)' \
    '(0088,0200)' '(5200,9229)' '(5200,9230)' '(6000,0010)' '(6002,3000)' \
    '(7FE0,0008)'; do
    lacks bare.dcm "$tag"
done
# But the metadata's own stay.
echo "{$(meta 00080008 CS '"DERIVED","SECONDARY"')}" >typed.json
run 0 --template framed.dcm typed.json small.jpg -o typed.dcm
has typed.dcm ImageType '[DERIVED\SECONDARY]'
test "$(value shaped.dcm SOPInstanceUID)" != \
    "$(value pattern.dcm SOPInstanceUID)" || fail "--template: SOP Instance UID"

# --------------------------------------------------------- several images

cp gray.jpg again.jpg
run 0 gray.jpg again.jpg restart.jpg -o frames.dcm
silent "several frames"
has frames.dcm SOPClassUID 1.2.840.10008.5.1.4.1.1.7.2
has frames.dcm NumberOfFrames '[3]'
has frames.dcm PageNumberVector '[1\2\3]'
frame frames.dcm 000001 gray.jpg "frame 1"
frame frames.dcm 000003 restart.jpg "frame 3"
run 0 ycc420.jpg ycc444.jpg -o color.dcm
has color.dcm SOPClassUID 1.2.840.10008.5.1.4.1.1.7.4
run 0 first.jpg first.jpg -o word.dcm
has word.dcm SOPClassUID 1.2.840.10008.5.1.4.1.1.7.3
run 1 gray.jpg small.jpg -o no.dcm
says 'small.jpg: has another size than gray.jpg.*-d' "not alike"
run 1 gray.jpg first.jpg -o no.dcm
run 0 short.json gray.jpg again.jpg -o pair.dcm
has pair.dcm NumberOfFrames '[2]'
run 1 google.json ycc420.jpg ycc444.jpg -o no.dcm
says 'NumberOfFrames is 1, but there are 2 images (PS3.3 C.7.6.6)' "frames"
absent no.dcm "images that do not go together"

mkdir other
cp small.jpg other/gray.JPEG
run 0 gray.jpg ycc420.jpg exact.jls -d many
test "$(ls many)" = "exact.dcm
gray.dcm
ycc420.dcm" || fail "-d: names"
has many/gray.dcm InstanceNumber '[1]'
has many/exact.dcm InstanceNumber '[3]'
test "$(value many/gray.dcm SeriesInstanceUID)" = \
    "$(value many/exact.dcm SeriesInstanceUID)" || fail "-d: one series"
test "$(value many/gray.dcm SOPInstanceUID)" != \
    "$(value many/exact.dcm SOPInstanceUID)" || fail "-d: own UIDs"
run 0 short.json gray.jpg ycc420.jpg -d described
says 'SOPInstanceUID is replaced' "-d with metadata"
has described/ycc420.dcm StudyInstanceUID 2.25.2
has described/ycc420.dcm SeriesInstanceUID 2.25.3
for name in SOPInstanceUID 00080018 '(0008,0018)' SOPInstanceUID:UI; do
    run 2 gray.jpg ycc420.jpg -d alike --set "$name=2.25.7"
    says 'several instances one SOP Instance UID' "--set $name with -d"
done
absent alike "--set SOPInstanceUID with -d"
run 0 gray.jpg -d alone --set SOPInstanceUID=2.25.7
has alone/gray.dcm SOPInstanceUID 2.25.7
run 0 short.json ycc420.jpg ycc444.jpg -o alone/one.dcm \
    --set SOPInstanceUID=2.25.7
run 1 gray.jpg other/gray.JPEG -d clash
says 'name of that of gray.jpg' "a clash"
absent clash/gray.dcm "a clash"
run 1 gray.jpg -d many
says 'exists' "-d of a file that exists"
run 1 gray.jpg image.png small.jpg -d rest
test -s rest/small.dcm || fail "-d: others are still done"
nothing_left "-d"

# ------------------------------------------------------------------ outputs

cp gray.jpg kept
run 1 gray.jpg -o kept
says 'kept: exists' "-o of a file that exists"
same kept gray.jpg "-o of a file that exists"
run 1 gray.jpg -o gray.jpg --force
says 'is an input' "-o over an input"
run 1 short.json gray.jpg -o short.json --force
run 1 --study study.dcm gray.jpg -o study.dcm --force
says 'is an input' "-o over the study"
run 0 gray.jpg -o kept --force
run 2
run 2 gray.jpg -o a.dcm -d b
run 2 gray.jpg out.dcm
says 'to write it use -o' "an output as operand"
run 2 gray.jpg -o no.dcm --profile none
run 2 gray.jpg -o no.dcm --index x
run 2 gray.jpg -o no.dcm --set Nothing=1
if test -c /dev/full; then
    run 1 gray.jpg -o /dev/full
    "$JPEG2DCM" gray.jpg >/dev/full 2>err && fail "/dev/full is no error"
fi
run 0 --help
run 0 --version
run 0 -v gray.jpg -o told2.dcm
says 'told2.dcm: 1.2.840.10008.1.2.4.50, 33 x 21, MONOCHROME2' "-v"
run 1 --diagnostics json google.json small.jpg -o no.dcm
says '"kind":"error"' "--diagnostics json"
nothing_left "at the end"

# Much image, little memory: 256 MiB that are mostly a hole. A build that
# needs more to begin with, as those for sanitizers, is left out.
small='ulimit -v 65536 && "$0" "$@"; exit $?'
if sh -c "$small" "$JPEG2DCM" --version >/dev/null 2>&1; then
    {
        "$MKJPEG" hex FFD8FFC0000B08FFFFFFFF01011100FFDA0008010100003F0055
        head -c 268435456 /dev/zero
        "$MKJPEG" hex FFD9
    } >large.jpg
    sh -c "$small" "$JPEG2DCM" large.jpg -o /dev/null 2>err ||
        fail "256 MiB in 64 MiB"
    rm large.jpg
fi

# -------------------------------------------------------------- other programs

peers=
have() { command -v "$1" >/dev/null && peers="$peers $1"; }
if have dciodvfy; then
    # Not rgb: to the dciodvfy that is about, baseline JPEG has no RGB, against
    # PS3.5 Table 8.2.1-1.
    for file in small gray ycc420 ycc444 first twelve frames color word joined \
        patient many/exact; do
        dciodvfy $file.dcm >verdict 2>&1
        grep '^Error' verdict >errors && fail "dciodvfy $file: $(cat errors)"
    done
fi
if have dcmdjpeg && have djpeg; then
    for kind in small gray restart ycc444; do
        dcmdjpeg $kind.dcm plain.dcm 2>err || fail "dcmdjpeg $kind"
        rm -rf plain
        "$DCMCONV" -q plain.dcm --frames plain || fail "frames of $kind"
        djpeg -pnm $kind.jpg >$kind.pnm
        n=$(($(value $kind.dcm Rows) * $(value $kind.dcm Columns) *
            $(value $kind.dcm SamplesPerPixel)))
        tail -c $n $kind.pnm >wanted
        head -c $n plain/plain-000001.raw >got
        same got wanted "pixels of $kind by dcmdjpeg and djpeg"
    done
fi
if have opj_compress && have djpeg; then
    djpeg -pnm ycc444.jpg >color.ppm
    opj_compress -n 2 -i color.ppm -o plain.j2k >/dev/null 2>&1
    opj_compress -n 2 -i color.ppm -o boxed.jp2 >/dev/null 2>&1
    opj_compress -n 2 -r 5 -I -i color.ppm -o lossy.j2k >/dev/null 2>&1
    run 0 plain.j2k boxed.jp2 -o j2k.dcm
    has j2k.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.90
    has j2k.dcm PhotometricInterpretation '[YBR_RCT]'
    has j2k.dcm NumberOfFrames '[2]'
    lacks j2k.dcm LossyImageCompression
    frame j2k.dcm 000001 plain.j2k "JPEG 2000"
    head -c 4 frames/j2k-000002.* | od -An -tx1 | grep -q 'ff 4f ff 51' ||
        fail "the boxes of a JP2 file"
    run 0 lossy.j2k -o lossy.dcm
    has lossy.dcm TransferSyntaxUID 1.2.840.10008.1.2.4.91
    has lossy.dcm PhotometricInterpretation '[YBR_ICT]'
    has lossy.dcm LossyImageCompressionMethod '[ISO_15444_1]'
fi
if have gdcmraw; then
    for kind in gray ycc420 rgb; do
        gdcmraw -i $kind.dcm -o got >/dev/null 2>&1 || fail "gdcmraw $kind"
        head -c "$(size $kind.jpg)" got >cut
        same cut $kind.jpg "gdcmraw"
    done
fi
python=
for p in "${PYTHON:-python3}" python3 /usr/bin/python3; do
    test -n "$python" || ! "$p" -c 'import pydicom.encaps' 2>/dev/null ||
        python=$p
done
if test -n "$python"; then
    peers="$peers pydicom"
    "$python" - frames.dcm gray.jpg again.jpg restart.jpg <<'END' || fail pydicom
import sys
import pydicom
from pydicom.encaps import generate_pixel_data_frame
ds = pydicom.dcmread(sys.argv[1])
frames = list(generate_pixel_data_frame(ds.PixelData, ds.NumberOfFrames))
assert len(frames) == len(sys.argv) - 2
for frame, name in zip(frames, sys.argv[2:]):
    image = open(name, "rb").read()
    assert frame[:len(image)] == image and len(frame) - len(image) < 2
END
fi
echo "other programs:${peers:- none}"

test "$failures" -eq 0 && echo "jpeg2dcm: all well"
exit $((failures != 0))

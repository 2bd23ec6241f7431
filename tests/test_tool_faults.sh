#!/bin/sh
# The commands when the disk is full or an input can't be read: exit status 1,
# one line that says so, what was there before is untouched, and no partial or
# temporary file is left. A full disk is /dev/full, a limit on the size of
# files, and, for root, a small file system of its own.
set -u

here=$(cd "$(dirname "$0")" && pwd)
builddir=$(cd "${top_builddir:-.}" && pwd)
DCM2JSON=${DCM2JSON:-$builddir/dcm2json}
DCMDUMP=${DCMDUMP:-$builddir/dcmdump}
DCMCONV=${DCMCONV:-$builddir/dcmconv}
HEXD=${HEXD:-$builddir/tests/hexd}
for program in "$DCM2JSON" "$DCMDUMP" "$DCMCONV" "$HEXD"; do
    test -x "$program" || { echo "$program is not built"; exit 77; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/test-faults.XXXXXX") || exit 99
mounted=
clean() {
    cd / || exit 99
    test -z "$mounted" || umount "$mounted"
    rm -rf "$work"
}
trap clean 0
trap 'exit 99' 1 2 15
cd "$work" || exit 99

failures=0
fail() {
    failures=$((failures + 1))
    echo "FAILED: $*"
    sed 's/^/    stderr: /' err 2>/dev/null | head -n 5
}
# fails WHAT COMMAND...: status 1 and one line of error, in the file err.
fails() {
    what=$1
    shift
    "$@" 2>err </dev/null
    status=$?
    test $status -eq 1 || fail "status $status, not 1: $what"
    test "$(grep -vc -e ': note: ' -e ': warning: ' err)" -eq 1 ||
        fail "not one line of error: $what"
}
says() { grep -q -i -e "$1" err || fail "stderr lacks '$1': $2"; }
# only FOLDER NAME...: nothing else is in it, hidden files included.
only() {
    folder=$1
    shift
    found=$(find "$folder" -mindepth 1 | sed "s,^$folder/,," | sort |
        tr '\n' ' ')
    test "$found" = "$*${*:+ }" || fail "$folder has: $found; expected: $*"
}
# limited COMMAND...: no file may grow past 64 KiB or so, and no signal.
limited() { (trap '' XFSZ; ulimit -f 64; exec "$@"); }

# ---------------------------------------------------------------- fixtures

"$HEXD" "$here/files/good-sample.hexd" >good.dcm || exit 99
cat >large.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0008,0060) CS "OT"
(0008,1140) SQ {
    item {
        (0008,1150) UI "1.2.3"
        (0040,A160) UT repeat 60000 "0123456789"
    }
}
(7FE0,0010) OW repeat 300000 hex 0a 0b
END
cat >frames.hexd <<'END'
preamble
syntax 1.2.840.10008.1.2.1
(0028,0002) US 1
(0028,0008) IS "2"
(0028,0010) US 500
(0028,0011) US 400
(0028,0100) US 8
(7FE0,0010) OB repeat 400000 hex 0a
END
"$HEXD" large.hexd >large.dcm && "$HEXD" frames.hexd >frames.dcm || exit 99
head -c 300000 large.dcm >cut.dcm
echo before >before

# --------------------------------------------------------------- /dev/full

if test -c /dev/full; then
    for tool in "$DCM2JSON" "$DCMDUMP" "$DCMCONV"; do
        name=$(basename "$tool")
        for input in good.dcm large.dcm; do
            fails "$name $input to /dev/full" "$tool" $input >/dev/full
            says "no space" "$name $input to /dev/full"
            fails "$name $input -o /dev/full" "$tool" $input -o /dev/full
            says "no space" "$name $input -o /dev/full"
        done
    done
    for how in "--to implicit" "--to big" "--to deflated" \
        "--lengths explicit" "--lengths undefined" "--charset utf8" \
        "--set PatientID=1" "--repair"; do
        # shellcheck disable=SC2086
        fails "dcmconv $how to /dev/full" "$DCMCONV" -q $how large.dcm \
            >/dev/full
        says "no space" "dcmconv $how to /dev/full"
    done
fi

# ----------------------------------------------------- files of limited size

mkdir out many
for tool in "$DCM2JSON --bulk inline" "$DCMCONV" "$DCMCONV --to implicit" \
    "$DCMCONV --lengths explicit" "$DCMCONV --set PatientID=1"; do
    # shellcheck disable=SC2086
    set -- $tool
    fails "$tool -o" limited "$@" large.dcm -o out/new
    says "too large" "$tool -o"
    only out

    cp before out/old
    fails "$tool --force -o" limited "$@" --force large.dcm -o out/old
    cmp -s before out/old || fail "$tool changed a file and failed"
    only out old
    rm out/old

    fails "$tool -d" limited "$@" good.dcm large.dcm -d many
    test "$(find many -type f | wc -l)" -eq 1 ||
        fail "$tool -d: $(ls -a many)"
    rm -rf many
    mkdir many
done
if limited sh -c 'head -c 200000 large.dcm >grown' 2>/dev/null; then
    fail "the limit on file sizes limits nothing"
fi
rm -f grown

mkdir frames
fails "dcmconv --frames" limited "$DCMCONV" --frames frames frames.dcm
only frames

# ------------------------------------------------------------- read errors

for tool in "$DCM2JSON" "$DCMDUMP" "$DCMCONV"; do
    name=$(basename "$tool")
    if test -r /proc/self/mem; then
        fails "$name /proc/self/mem" "$tool" /proc/self/mem -o out/new
        says "input/output error" "$name /proc/self/mem"
        only out
    fi
    cp before out/old
    fails "$name of a file cut short" "$tool" --force cut.dcm -o out/old
    cmp -s before out/old || fail "$name changed a file and failed"
    only out old
    rm out/old
    fails "$name of a file that is not there" "$tool" none.dcm -o out/new
    only out
    fails "$name into a folder that is not there" "$tool" good.dcm -o no/new
    test ! -e no || fail "$name made a folder for -o"
    fails "$name -d with a file cut short" "$tool" cut.dcm good.dcm -d many
    test "$(find many -type f | wc -l)" -eq 1 ||
        fail "$name -d: $(ls -a many)"
    rm -rf many
    mkdir many
done

# --------------------------------------------------------------- a full disk

if test "$(id -u)" -eq 0 && mkdir disk &&
    mount -t tmpfs -o size=256k tmpfs disk 2>/dev/null; then
    mounted=$work/disk
    for how in "" "--to implicit" "--lengths explicit" "--set PatientID=1"; do
        # shellcheck disable=SC2086
        fails "dcmconv $how on a full disk" "$DCMCONV" $how large.dcm \
            -o disk/new
        says "no space" "dcmconv $how on a full disk"
        only disk
    done
    fails "dcm2json on a full disk" "$DCM2JSON" --bulk inline large.dcm \
        -o disk/new
    only disk
    fails "dcmconv --frames on a full disk" "$DCMCONV" --frames disk frames.dcm
    only disk
else
    echo "no file system of its own: only for root"
fi

test $failures -eq 0 || { echo "$failures failed"; exit 1; }

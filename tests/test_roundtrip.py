#!/usr/bin/env python3
"""test_roundtrip.py DCMCONV CORPUS [-v] [NAME...]

Writes every file of a corpus of real files anew and compares:

  copy     the data set comes out byte for byte; where it does not, a
           deviation that dcmconv names says why
  again    the same call, and one that reads a pipe and writes to one, give
           the same bytes
  there    explicit VR to implicit and back, implicit to explicit and back,
           little endian to big and back, plain to deflated and back: the same
           data set, but for what the rules below name and count
  peers    other programs see in a file with other lengths of sequences, and
           pydicom in one with other VRs, what they see in the original
  frames   the files of --frames are the frames that pydicom finds

The files are taken apart by a parser of its own. CORPUS holds manifest.tsv
with the columns `file` and `expect` (ok, broken, disputed). Exit status: 0 all
well, 1 not, 77 nothing to test with.
"""
import collections
import csv
import functools
import json
import multiprocessing
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import warnings
import zlib

try:
    import pydicom
    import pydicom.datadict
    import pydicom.encaps
    import pydicom.filereader
    import pydicom.uid
except ImportError:
    print("no pydicom for this Python")
    sys.exit(77)

LIMIT = 60  # seconds a run may take
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQ_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LONG = set("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())

# ------------------------------------------------------------------- parser


class Unreadable(Exception):
    """Not a data set that this parser takes."""


class Parser:
    """A data set as a tree: [(tag, VR or None, value)], the value bytes or,
    of a sequence, a list of such lists; of encapsulated pixels a tuple of
    fragments. Takes what conforms, and nothing else."""

    def __init__(self, data, implicit, big):
        self.data, self.at = data, 0
        self.implicit, self.order = implicit, "><"[not big]

    def take(self, n):
        piece = self.data[self.at:self.at + n]
        if len(piece) < n:
            raise Unreadable("ends early")
        self.at += n
        return piece

    def number(self, form):
        return struct.unpack(self.order + form,
                             self.take(struct.calcsize(form)))[0]

    def tag(self):
        return self.number("H") << 16 | self.number("H")

    def header(self):
        tag = self.tag()
        if tag >> 16 == 0xFFFE or self.implicit:
            return tag, None, self.number("I")
        vr = self.take(2).decode("latin-1")
        if vr in LONG:
            self.take(2)
            return tag, vr, self.number("I")
        return tag, vr, self.number("H")

    def elements(self, end):
        """To the offset `end`, or a delimiter when that is None."""
        out = []
        while self.at < (len(self.data) if end is None else end):
            tag, vr, length = self.header()
            if tag == ITEM_END and end is None:
                return out
            out.append((tag, vr, self.value(tag, vr, length)))
        if end is None:
            raise Unreadable("no delimiter")
        return out

    def value(self, tag, vr, length):
        if vr == "UN" and length == UNDEFINED:  # PS3.5 6.2.2
            kept = self.implicit, self.order
            self.implicit, self.order = True, "<"
            items = self.items(length)
            self.implicit, self.order = kept
            return items
        if vr == "SQ" or length == UNDEFINED and vr is None:
            return self.items(length)
        if length == UNDEFINED:
            return self.fragments()
        if vr is None and known_vr(tag) == "SQ":
            return self.items(length)
        return self.take(length)

    def items(self, length):
        end = None if length == UNDEFINED else self.at + length
        out = []
        while end is None or self.at < end:
            tag, _, n = self.header()
            if tag == SEQ_END and end is None:
                break
            if tag != ITEM:
                raise Unreadable("no item")
            out.append(self.elements(None if n == UNDEFINED else self.at + n))
        return out

    def fragments(self):
        out = []
        while True:
            tag, _, n = self.header()
            if tag == SEQ_END:
                return tuple(out)
            if tag != ITEM:
                raise Unreadable("no fragment")
            out.append(self.take(n))


@functools.lru_cache(None)
def known_vr(tag):
    try:
        return pydicom.datadict.dictionary_VR(tag)
    except KeyError:
        return None


def split(data):
    """(Transfer Syntax UID, bytes of the data set) of a file; None for the
    UID when there is no group 0002. What is deflated is inflated."""
    if data[128:132] != b"DICM":
        return None, data
    p, uid = Parser(data, False, False), None
    p.at = 132
    while data[p.at:p.at + 2] == b"\2\0":
        tag, vr, length = p.header()
        value = p.take(length)
        if tag == 0x00020010:
            uid = value.rstrip(b"\0 ").decode("latin-1")
    rest = data[p.at:]
    if uid == DEFLATED:
        rest = zlib.decompressobj(-zlib.MAX_WBITS).decompress(rest)
    return uid, rest


def parse(data):
    uid, rest = split(data)
    if uid is None:
        raise Unreadable("no group 0002")
    p = Parser(rest, uid == IMPLICIT, uid == BIG)
    return p.elements(len(rest))


# -------------------------------------------------------------------- rules

REASONS = {
    "group_lengths": "PS3.5 7.2: group lengths are left out where lengths "
    "change",
    "vr_by_dictionary": "PS3.5 6.2.2: on its way through implicit VR an "
    "element has lost its VR, and has that of the dictionary",
    "vr_unknown": "PS3.5 6.2.2: so has one that no dictionary knows: UN",
    "sequence_by_dictionary": "so do the bytes of a UN that is a sequence, "
    "and a sequence that no dictionary knows",
    "encapsulated_in_native": "PS3.5 A.4: fragments in a syntax that has none "
    "are not converted",
    "directory_of_nothing": "PS3.3 F.3.2.2: a DICOMDIR with an offset that "
    "leads to no record is not written",
    "peer_takes_the_copy": "the peer refuses the file, but not the copy",
    "pixels_too_short": "less Pixel Data than its description says: no frames",
    "not_by_this_parser": "a data set that the test's parser does not take: "
    "compared through pydicom only",
    "peer_refuses": "a file that the peer refuses, before and after",
    "peer_sees_mended": "the peer reads the file otherwise, and dcmconv says "
    "by name how it has read it: pydicom is asked for the copy instead",
    "unsupported_frames": "what dcm_frames_read() does not do (dcm.h): large "
    "frames of a deflated data set, big endian ones of odd size",
    "peer_by_length": "what the peer sees depends on the lengths: asked for "
    "a copy instead",
    "empty_frames": "neither finds frames",
    "no_frames_by_pydicom": "pydicom finds no frames where --frames does",
}


class Context:
    def __init__(self, path, data, folder, tool):
        self.path, self.data, self.folder = path, data, folder
        self.tool = tool
        self.problems, self.rules = [], collections.Counter()
        self.counts, self.names = collections.Counter(), []
        self.same = True  # the data set of the copy, byte for byte

    def problem(self, where, text):
        self.problems.append("%s: %.300s" % (where, text))

    def file(self, name):
        return os.path.join(self.folder, name)

    def convert(self, path, name, *arguments):
        """The bytes that come out, None after a failure."""
        r = run([self.tool, "-q", "--force", path, "-o", self.file(name)] +
                list(arguments))
        if r.returncode != 0:
            self.problem(name, "status %d: %s" % (
                r.returncode, r.stderr.decode("utf-8", "replace")))
            return None
        return read(self.file(name))


def run(command, **more):
    return subprocess.run(command, capture_output=True, timeout=LIMIT, **more)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def as_items(value):
    """The bytes of UN that are items in implicit VR, or None."""
    try:
        p = Parser(value, True, False)
        items = p.items(len(value))
        return items
    except Unreadable:
        return None


def compare(ctx, a, b, where, path=""):
    """Two trees; what comes back may have another VR, by a rule."""
    kept = [e for e in a if e[0] & 0xFFFF]
    if len(kept) != len(a) and len(a) != len(b):
        ctx.rules["group_lengths"] += len(a) - len(kept)
        a = kept
    if [e[0] for e in a] != [e[0] for e in b]:
        gone = sorted(set(e[0] for e in a) ^ set(e[0] for e in b))
        ctx.problem(where, "%s: other elements: %s" % (path, [
            "%08X" % t for t in gone[:9]]))
        return
    for (tag, vr, value), (_, vr2, value2) in zip(a, b):
        here = "%s/%08X" % (path, tag)
        compare_vr(ctx, tag, vr, vr2, where, here)
        if isinstance(value, bytes) and isinstance(value2, list):
            ctx.rules["sequence_by_dictionary"] += 1
            value = as_items(value)
        elif isinstance(value, list) and isinstance(value2, bytes):
            ctx.rules["sequence_by_dictionary"] += 1
            value2 = as_items(value2)
        if type(value) is not type(value2):
            ctx.problem(where, here + ": another form of value")
        elif isinstance(value, list):
            if len(value) != len(value2):
                ctx.problem(where, here + ": another number of items")
            for i, (x, y) in enumerate(zip(value, value2)):
                compare(ctx, x, y, where, "%s[%d]" % (here, i + 1))
        elif value != value2:
            ctx.problem(where, "%s: %s %.60r, was %s %.60r" % (
                here, vr2, value2, vr, value))


def compare_vr(ctx, tag, vr, vr2, where, here):
    if vr == vr2 or vr is None or vr2 is None:
        return
    if known_vr(tag) == vr and vr2 != "UN":
        ctx.problem(where, "%s: VR %s, was %s" % (here, vr2, vr))
    elif vr2 == "UN" and known_vr(tag) is None:
        ctx.rules["vr_unknown"] += 1
    elif known_vr(tag) is None and not tag >> 16 & 1:
        ctx.problem(where, "%s: VR %s, was %s" % (here, vr2, vr))
    elif known_vr(tag) == vr and len(str(vr2)) == 2:
        ctx.problem(where, "%s: VR %s, was %s" % (here, vr2, vr))
    else:
        ctx.rules["vr_by_dictionary"] += 1


# ----------------------------------------------------------------- the copy

def diagnostics(r):
    names = []
    for line in r.stderr.decode("utf-8", "replace").splitlines():
        try:
            names.append(json.loads(line).get("name"))
        except ValueError:
            pass
    return sorted(set(n for n in names if n))


def test_copy(ctx):
    """The bytes of the copy, None when there is none."""
    r = run([ctx.tool, "--diagnostics", "json", ctx.path, "-o",
             ctx.file("copy")])
    ctx.names = diagnostics(r)
    if r.returncode != 0:
        if os.path.exists(ctx.file("copy")):
            ctx.problem("copy", "status %d, and a file" % r.returncode)
        ctx.stderr = r.stderr.decode("utf-8", "replace")
        return None
    copy = read(ctx.file("copy"))
    ctx.same = split(copy)[1] == split(ctx.data)[1]
    if ctx.same:
        ctx.counts["identical"] += 1
    elif split(ctx.data)[1][:2] == b"\4\0":
        test_offsets(ctx, copy)
    elif ctx.names:
        ctx.counts["explained by " + " ".join(ctx.names)] += 1
    else:
        ctx.problem("copy", "another data set, and no deviation that says "
                    "why: %s" % first_difference(split(ctx.data)[1],
                                                 split(copy)[1]))
    return copy


OFFSETS = (0x00041200, 0x00041202, 0x00041400, 0x00041420, 0x00041504)


def test_offsets(ctx, copy):
    """Those of a DICOMDIR count from the start of the file, whose group 0002
    is another one (PS3.3 F.3.2.2): all else stays, and they lead to items."""
    a, b = parse(ctx.data), parse(copy)
    ctx.counts["with offsets put right"] += 1
    for item in [b] + next((v for t, _, v in b if t == 0x00041220), []):
        for tag, _, value in item:
            at = tag in OFFSETS and int.from_bytes(value, "little")
            if at and copy[at:at + 4] != b"\xfe\xff\0\xe0":
                ctx.problem("offsets", "%08X leads to no item" % tag)
    compare(ctx, without_offsets(a), without_offsets(b), "copy")


def without_offsets(tree):
    return [(t, vr, [without_offsets(i) for i in v]
             if isinstance(v, list) else v)
            for t, vr, v in tree if t not in OFFSETS]


def is_directory(copy):
    return split(copy)[1][:2] == b"\4\0"


def first_difference(a, b):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y),
              min(len(a), len(b)))
    return "%d and %d bytes, from byte %d on %r and %r" % (
        len(a), len(b), at, a[at:at + 12], b[at:at + 12])


def test_again(ctx, copy):
    if ctx.convert(ctx.path, "again") != copy:
        ctx.problem("again", "another file the second time")
    with open(ctx.path, "rb") as f:
        r = run("cat | '%s' -q - | cat" % ctx.tool, shell=True, stdin=f)
    if split(r.stdout)[1] != split(copy)[1]:
        ctx.problem("pipe", "another data set through pipes: " +
                    first_difference(split(copy)[1], split(r.stdout)[1]))
    if ctx.convert(ctx.file("copy"), "copy of the copy") != copy:
        ctx.problem("again", "the copy of the copy is another file")


# ---------------------------------------------------------- there and back

def there_and_back(ctx, copy, there, back):
    if ctx.convert(ctx.file("copy"), "there", "--to", there) is None:
        return
    came = ctx.convert(ctx.file("there"), "back", "--to", back)
    if came is None:
        return
    ctx.counts["to %s and back" % there] += 1
    where = "%s and back" % there
    if split(came) == split(copy):
        ctx.counts["to %s and back, identical" % there] += 1
        return
    if there in ("big", "deflated") and not is_directory(copy):
        ctx.problem(where, "another data set: " + first_difference(
            split(copy)[1], split(came)[1]))
        return
    try:
        compare(ctx, without_offsets(parse(copy)),
                without_offsets(parse(came)), where)
    except Unreadable:
        ctx.rules["not_by_this_parser"] += 1


def has_fragments(copy):
    try:
        return any(isinstance(v, tuple) for _, _, v in parse(copy))
    except Unreadable:
        return False


def test_there_and_back(ctx, copy):
    uid = split(copy)[0]
    if uid in (EXPLICIT, IMPLICIT, BIG, DEFLATED) and has_fragments(copy):
        ctx.rules["encapsulated_in_native"] += 1
        return
    if uid == EXPLICIT:
        there_and_back(ctx, copy, "implicit", "explicit")
        there_and_back(ctx, copy, "big", "explicit")
        if not is_directory(copy):  # can't be deflated
            there_and_back(ctx, copy, "deflated", "explicit")
    elif uid == IMPLICIT:
        there_and_back(ctx, copy, "explicit", "implicit")
    elif uid == BIG:
        there_and_back(ctx, copy, "explicit", "big")
    elif uid == DEFLATED:
        there_and_back(ctx, copy, "explicit", "deflated")


# -------------------------------------------------------------------- peers

PEERS = {
    "dcmdump": ["-q", "+L", "+uc"],  # DCMTK
    "gdcmdump": [],
    "dcdump": [],                    # dicom3tools
}


@functools.lru_cache(None)
def find_peer(name, ours):
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK) and os.path.realpath(path) != \
                os.path.realpath(os.path.join(os.path.dirname(ours), name)):
            return path
    return None


# Group 0002, group lengths, delimiters, offsets of a DICOMDIR.
PASSED_OVER = re.compile(
    r"[\s>]*\((0x)?(0002,|[0-9a-f]{4},(0x)?0000\)|fffe,|"
    r"0004,(0x)?1(200|202|400|420|504))|.*# +offset=", re.I)


def seen(name, text):
    """A peer's lines without lengths of sequences, what is passed over, and
    the file's name."""
    out = []
    text = text.decode("latin-1")
    if name == "dcdump":
        # shows what lies in memory after an empty value, line ends too
        text = re.sub(r"(VL=<0x0000>).*?(?=\n[\s>]*(?:\(0x|-{3}|%)|\Z)", r"\1",
                      text, flags=re.S)
    for line in text.split("\n"):
        line = re.sub(r"\x1b\[[0-9;]*m", "", line)
        if PASSED_OVER.match(line) or "FileMeta" in line or \
                line.startswith(("#", "Filename", "@", "Warning", "Error")):
            continue
        if re.search(r"\bSQ\b", line):
            line = re.sub(r"VL=<[^>]*>|#.*|\(Sequence.*", "", line)
            line = re.sub(r"\b(u/l|\d+|0x[0-9a-f]+)\b", "", line)
        line = re.sub(r"@0x[0-9a-f]+:?", "", line).rstrip()
        if line:
            out.append(line)
    return out


def ask(ctx, peer, name, file):
    r = run([peer] + PEERS[name] + [file])
    return r.returncode, seen(name, r.stdout + r.stderr)


def test_peers(ctx):
    for name in PEERS:
        peer = find_peer(name, ctx.tool)
        if not peer:
            continue
        for _ in range(3):  # what lies in memory is not always the same
            before = ask(ctx, peer, name, ctx.path)
            after = ask(ctx, peer, name, ctx.file("lengths"))
            if before == after or name != "dcdump":
                break
        if before[0] != 0 and after[0] != 0:
            ctx.rules["peer_refuses"] += 1
        elif before[0] != 0:
            ctx.rules["peer_takes_the_copy"] += 1
        elif after != before and not ctx.same and ctx.names:
            ctx.rules["peer_sees_mended"] += 1
        elif after != before:
            if ask(ctx, peer, name, ctx.file("copy")) == before:
                ctx.rules["peer_by_length"] += 1
                continue
            n = next((i for i, (x, y) in enumerate(zip(before[1], after[1]))
                      if x != y), min(len(before[1]), len(after[1])))
            ctx.problem(name, "status %d, was %d; %.100r was %.100r" % (
                after[0], before[0], after[1][n:n + 1], before[1][n:n + 1]))
        else:
            ctx.counts["the same for " + name] += 1


def pydicom_tree(dataset):
    out = []
    for tag in sorted(dataset.keys()):
        e = dataset.get_item(tag)
        vr = e.VR
        value = e.value
        if vr == "SQ" or isinstance(value, pydicom.Sequence) or \
                vr is None and known_vr(int(tag)) == "SQ":
            items = dataset[tag].value or []
            out.append((int(tag), "SQ", [pydicom_tree(i) for i in items]))
            continue
        if value is None:
            value = b""
        if isinstance(value, pydicom.multival.MultiValue):
            value = "\\".join(value)
        if not isinstance(value, bytes):  # text, or an empty name
            value = str(value).encode("latin-1", "replace")
        if int(tag) == 0x00080005:
            value = value.rstrip(b" ")
        if getattr(e, "length", 0) == UNDEFINED:
            value = tuple([value])
        out.append((int(tag), vr, value))
    return out


def read_pydicom(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(path, force=True)


def test_pydicom(ctx, name):
    # Of what had to be read otherwise than it stands, the copy counts.
    mended = not ctx.same and ctx.names
    before = read_pydicom(ctx.file("copy") if mended else ctx.path)
    if mended:
        ctx.rules["peer_sees_mended"] += 1
    after = read_pydicom(ctx.file(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compare(ctx, without_offsets(pydicom_tree(before)),
                without_offsets(pydicom_tree(after)), "pydicom")
    ctx.counts["the same for pydicom"] += 1


# ------------------------------------------------------------------- frames

def native_frames(dataset, data):
    bits = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel * \
        dataset.BitsAllocated
    count = dataset.get("NumberOfFrames")
    n = 1 if count is None else int(count)
    if bits % 8:
        return None
    if len(data) < bits // 8 * n:
        return []
    return [data[i * bits // 8:(i + 1) * bits // 8] for i in range(n)]


def expected_frames(dataset):
    data = dataset.PixelData
    if not dataset.file_meta.TransferSyntaxUID.is_compressed:
        return native_frames(dataset, data)
    n = int(dataset.get("NumberOfFrames", 1) or 1)
    return [b"".join(f) for f in
            pydicom.encaps.generate_pixel_data(data, nr_frames=n)]


def same_frame(ours, theirs):
    return ours == theirs or ours + b"\0" == theirs


def test_frames(ctx):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = read_pydicom(ctx.path)
        if "PixelData" not in dataset or \
                "TransferSyntaxUID" not in dataset.file_meta:
            return
        try:
            frames = expected_frames(dataset)
        except Exception:  # pydicom finds none, each in its way
            frames = None
    folder = ctx.file("frames")
    os.mkdir(folder)
    r = run([ctx.tool, "-q", "--frames", folder, ctx.path])
    files = sorted(os.listdir(folder))
    if split(ctx.data)[0] in (EXPLICIT, IMPLICIT) and has_fragments(ctx.data):
        ctx.rules["encapsulated_in_native"] += 1
        return
    if frames is None:
        ctx.rules["no_frames_by_pydicom" if files else "empty_frames"] += 1
        return
    if split(ctx.data)[0] in (DEFLATED, BIG) and r.returncode == 1 and \
            re.search(b"deflated data set cannot be read|words that do not",
                      r.stderr):
        ctx.rules["unsupported_frames"] += 1
        return
    if not files and not any(frames):
        ctx.rules["pixels_too_short"] += 1
        return
    if r.returncode != 0 or len(files) != len(frames):
        ctx.problem("frames", "status %d, %d frames instead of %d: %s" % (
            r.returncode, len(files), len(frames), r.stderr.decode()))
        return
    for n, (name, frame) in enumerate(zip(files, frames)):
        ours = read(os.path.join(folder, name))
        if not same_frame(ours, frame):
            ctx.problem("frames", "frame %d: %s" % (
                n + 1, first_difference(frame, ours)))
            return
    ctx.counts["frames"] += len(frames)


# ------------------------------------------------------------------ running

def test_ok(ctx):
    copy = test_copy(ctx)
    if copy is None and "directory record hits none" in ctx.stderr:
        ctx.rules["directory_of_nothing"] += 1
        return
    if copy is None:
        ctx.problem("copy", "failed: %s" % ctx.stderr)
        return
    test_again(ctx, copy)
    test_there_and_back(ctx, copy)
    how = "explicit" if ctx.convert(ctx.path, "lengths", "--lengths",
                                    "undefined") == copy else None
    if how:
        ctx.convert(ctx.path, "lengths", "--lengths", how)
    test_peers(ctx)
    other = {EXPLICIT: "implicit", IMPLICIT: "explicit"}.get(split(copy)[0])
    if other and not has_fragments(copy):
        ctx.convert(ctx.path, "other", "--to", other)
    else:
        other = None
    test_pydicom(ctx, "other" if other else "lengths")
    test_frames(ctx)


def test_other(ctx):
    """Broken and disputed ones: a copy, or none at all."""
    copy = test_copy(ctx)
    if copy is None:
        ctx.counts["refused"] += 1


def test_file(job):
    tool, corpus, row = job
    path = os.path.join(corpus, row["file"])
    folder = tempfile.mkdtemp(prefix="test-roundtrip-")
    ctx = Context(path, read(path), folder, tool)
    try:
        test_ok(ctx) if row["expect"] == "ok" else test_other(ctx)
    except subprocess.TimeoutExpired:
        ctx.problem("time", "more than %d s" % LIMIT)
    except Exception as e:  # a fault of this test, shown as such
        ctx.problem("test", "%s: %.200s" % (type(e).__name__, e))
    finally:
        shutil.rmtree(folder)
    return row["expect"], row["file"], ctx.problems, ctx.rules, ctx.counts


def report(results, verbose):
    files, bad = collections.Counter(), collections.Counter()
    rules, counts = collections.Counter(), collections.Counter()
    for expect, name, problems, used, counted in results:
        files[expect] += 1
        rules.update(used)
        counts.update(counted)
        if problems:
            bad[expect] += 1
            print("not ok %s (%s)" % (name, expect))
            for text in problems[:None if verbose else 4]:
                print("    %s" % text)
    print("\nfiles: " + ", ".join("%d %s (%d wrong)" % (n, k, bad[k])
                                  for k, n in sorted(files.items())))
    for name, n in sorted(counts.items()):
        print("%8d %s" % (n, name))
    print("\nrules used:")
    for name, n in sorted(rules.items()):
        print("%8d %-24s %s" % (n, name, REASONS[name]))
    return 1 if bad else 0


def main(arguments):
    verbose = "-v" in arguments
    arguments = [a for a in arguments if a != "-v"]
    if len(arguments) < 2:
        sys.exit(__doc__)
    tool, folder, names = os.path.abspath(arguments[0]), arguments[1], \
        arguments[2:]
    manifest = os.path.join(folder, "manifest.tsv")
    if not os.path.exists(manifest):
        print("no corpus in %s" % folder)
        return 77
    for name in PEERS:
        if not find_peer(name, tool):
            print("%s is not here: not asked" % name)
    # A DICOMDIR is a data set like any other here.
    pydicom.filereader.DicomDir = pydicom.dataset.FileDataset
    with open(manifest, newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))
    jobs = [(tool, folder, r) for r in rows
            if not names or any(n in r["file"] for n in names)]
    with multiprocessing.Pool(2) as pool:
        results = pool.map(test_file, jobs, chunksize=8)
    return report(results, verbose)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

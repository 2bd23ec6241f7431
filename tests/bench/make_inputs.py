#!/usr/bin/env python3
"""make_inputs.py FOLDER [NAME...] [--quick]

Writes the inputs of the benchmark, each once: a folder that has them is left
as it is. Standard library only; the same call always gives the same bytes
(but for the compressed ones, which depend on zlib's version).

  small        small.dcm        10 KB
  frames       frames.dcm       20,000 items with functional groups
  bulk         bulk.dcm         512 MiB of pixels in one value
  many         many/*.dcm       10,000 files of 8 to 20 KB, half implicit VR
  deflated     deflated.dcm     98 MB of data set in one deflate stream
  japanese     japanese.dcm     200,000 values in ISO 2022 IR 87
  gigabyte     gigabyte.dcm     1 GiB of pixels, written sparse
  nested       nested.dcm       a million elements, ten items deep
  pixels       pixels.raw       1 GiB of pixels alone, written sparse
  jpegs        jpegs/*.jpg      200 JPEG images of about 120 KB

--quick makes all of them fifty times smaller, with a "quick-" before the name.
"""
import argparse
import os
import random
import struct
import sys
import zlib

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
ROOT = "2.25.4711"
LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
ITEM, UNDEFINED = b"\xfe\xff\x00\xe0", b"\xff\xff\xff\xff"
ITEM_END = b"\xfe\xff\x0d\xe0\0\0\0\0"
SEQ_END = b"\xfe\xff\xdd\xe0\0\0\0\0"


class Encoder:
    """Elements in one encoding, little endian."""

    def __init__(self, implicit=False):
        self.implicit = implicit

    def header(self, tag, vr, length):
        words = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
        if self.implicit:
            return words + struct.pack("<I", length)
        if vr.encode() in LONG:
            return words + vr.encode() + struct.pack("<HI", 0, length)
        return words + vr.encode() + struct.pack("<H", length)

    def __call__(self, tag, vr, *values):
        if vr in FORMATS:
            data = struct.pack("<%d%s" % (len(values), FORMATS[vr]), *values)
        elif isinstance(values[0], bytes):
            data = values[0]
        else:
            data = "\\".join(map(str, values)).encode("ascii")
        if len(data) % 2:
            data += b"\0" if vr in ("UI", "OB", "UN") else b" "
        return self.header(tag, vr, len(data)) + data

    def sequence(self, tag, *items):
        body = b"".join(ITEM + struct.pack("<I", len(i)) + i for i in items)
        return self.header(tag, "SQ", len(body)) + body

    def open_sequence(self, tag, *items):
        return self.header(tag, "SQ", 0xFFFFFFFF) + \
            b"".join(ITEM + UNDEFINED + i + ITEM_END for i in items) + SEQ_END


FORMATS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d"}


def uid(*parts):
    return ".".join([ROOT] + [str(p) for p in parts])


def begin(syntax, sop_class, instance):
    """Preamble and group 0002 (PS3.10 7.1)."""
    e = Encoder()
    meta = e(0x00020001, "OB", b"\0\1") + e(0x00020002, "UI", sop_class) + \
        e(0x00020003, "UI", instance) + e(0x00020010, "UI", syntax) + \
        e(0x00020012, "UI", uid(1))
    return b"\0" * 128 + b"DICM" + e(0x00020000, "UL", len(meta)) + meta


def identity(e, sop_class, instance, modality):
    return e(0x00080016, "UI", sop_class) + e(0x00080018, "UI", instance) + \
        e(0x00080020, "DA", "20240229") + e(0x00080030, "TM", "081500.25") + \
        e(0x00080060, "CS", modality) + e(0x00100010, "PN", "Bench^Mark") + \
        e(0x00100020, "LO", "BENCH-1") + e(0x0020000D, "UI", uid(2)) + \
        e(0x0020000E, "UI", uid(3)) + e(0x00200013, "IS", 1)


def pixels_description(e, frames, side, allocated=16):
    return e(0x00280002, "US", 1) + e(0x00280004, "CS", "MONOCHROME2") + \
        e(0x00280008, "IS", frames) + e(0x00280010, "US", side) + \
        e(0x00280011, "US", side) + e(0x00280100, "US", allocated) + \
        e(0x00280101, "US", 12) + e(0x00280102, "US", 11) + \
        e(0x00280103, "US", 0)


# ---------------------------------------------------------------- frames

def frame(e, seq, i, rng):
    """What an enhanced MR image says of one frame: 13 items, 32 values, of
    kinds mixed as in practice."""
    def real(low, high, digits=4):
        return "%.*f" % (digits, rng.uniform(low, high))
    code = e(0x00080100, "SH", "121327") + e(0x00080102, "SH", "DCM") + \
        e(0x00080104, "LO", "Full fidelity image")
    source = e(0x00081150, "UI", "1.2.840.10008.5.1.4.1.1.4") + \
        e(0x00081155, "UI", uid(4, i))
    return b"".join((
        seq(0x00089124, seq(0x00082112, source) + seq(0x00089215, code)),
        seq(0x00189112, e(0x00180080, "DS", real(300, 8000, 3)) +
            e(0x00180091, "IS", 24) + e(0x00181314, "DS", i % 85 + 5)),
        seq(0x00189114, e(0x00189082, "FD", rng.uniform(2, 110))),
        seq(0x00189117, e(0x00189075, "CS", "DIRECTIONAL") +
            seq(0x00189076, e(0x00189089, "FD", rng.uniform(-1, 1),
                              rng.uniform(-1, 1), rng.uniform(-1, 1))) +
            e(0x00189087, "FD", i % 5 * 250.0)),
        seq(0x00189226, e(0x00080008, "CS", "DERIVED", "PRIMARY", "DIFFUSION",
                          "NONE") + e(0x00089205, "CS", "MONOCHROME") +
            e(0x00089206, "CS", "VOLUME") + e(0x00089208, "CS", "MAGNITUDE") +
            e(0x00089209, "CS", "DIFFUSION")),
        seq(0x00209111,
            e(0x00189074, "DT", "20240229081500.%06d" % (i % 1000000)) +
            e(0x00189151, "DT", "20240229081501.%06d" % (i % 1000000)) +
            e(0x00189220, "FD", rng.uniform(20, 800)) +
            e(0x00209056, "SH", 1) + e(0x00209057, "UL", i + 1) +
            e(0x00209128, "UL", i % 48) + e(0x00209156, "US", i % 65536) +
            e(0x00209157, "UL", 1, i % 48, i)),
        seq(0x00209113, e(0x00200032, "DS", real(-240, 240), real(-240, 240),
                          real(-240, 240))),
        seq(0x00209116, e(0x00200037, "DS", "0.9996", "-0.0262", "0.0094",
                          "0.0264", "0.9991", real(-1, 1))),
        seq(0x00289110, e(0x00180050, "DS", "1.5") +
            e(0x00180088, "DS", "1.5") + e(0x00280030, "DS", "0.5", "0.5")),
        seq(0x00289132, e(0x00281050, "DS", real(0, 800, 2)) +
            e(0x00281051, "DS", real(1, 1600, 2))),
        seq(0x00289145, e(0x00281052, "DS", 0) +
            e(0x00281053, "DS", real(0, 5, 6)) + e(0x00281054, "LO", "US")),
    ))


def enhanced(count, side, seed):
    e, rng = Encoder(), random.Random(seed)
    sop = "1.2.840.10008.5.1.4.1.1.4.1"
    yield identity(e, sop, uid(5, seed), "MR")
    yield pixels_description(e, count, side)
    items = [frame(e, e.sequence, i, rng) for i in range(count)]
    yield e.sequence(0x52009230, *items)
    yield e(0x7FE00010, "OW", slices(1, side * side * 2 * count)[0])


def slices(n, size):
    """Pixel-like bytes: smooth, with noise in the low bits."""
    rng, out = random.Random(size), []
    for k in range(n):
        noise = rng.randbytes(65536)
        block = bytearray(131072)
        block[0::2] = noise
        block[1::2] = bytes((i >> 9 & 7) + k & 15 for i in range(65536))
        block = bytes(block)
        out.append((block * (size // len(block) + 1))[:size])
    return out


def make_frames(path, scale):
    sop = "1.2.840.10008.5.1.4.1.1.4.1"
    with open(path, "wb") as f:
        f.write(begin(EXPLICIT, sop, uid(5, 1)))
        for part in enhanced(20000 // scale, 4, 1):
            f.write(part)


def make_deflated(path, scale):
    sop = "1.2.840.10008.5.1.4.1.1.4.1"
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    size = 0
    with open(path, "wb") as f:
        f.write(begin(DEFLATED, sop, uid(5, 2)))
        for part in enhanced(51000 // scale, 22, 2):
            size += f.write(squeeze.compress(part))
        size += f.write(squeeze.flush())
        f.write(b"\0" * (size % 2))


# ------------------------------------------------------------------ bulk

def bulk_head(frames):
    e, sop = Encoder(), "1.2.840.10008.5.1.4.1.1.7.3"
    return begin(EXPLICIT, sop, uid(6)) + identity(e, sop, uid(6), "OT") + \
        pixels_description(e, frames, 512) + \
        e.header(0x7FE00010, "OW", frames * 524288)


def make_bulk(path, scale):
    frames, planes = 1024 // scale, slices(7, 524288)
    with open(path, "wb") as f:
        f.write(bulk_head(frames))
        for i in range(frames):
            f.write(planes[i % len(planes)])


def make_gigabyte(path, scale):
    frames = 2048 // scale
    head = bulk_head(frames)
    with open(path, "wb") as f:
        f.write(head)
        f.truncate(len(head) + frames * 524288)


# ----------------------------------------------------------- small files

def metadata(e, i, extra):
    """About 130 elements as a scanner writes them, some of them nested, some
    private, and `extra` bytes in a private blob."""
    rng, sop = random.Random(i), "1.2.840.10008.5.1.4.1.1.4"
    def real():
        return "%.*f" % (rng.randint(1, 5), rng.uniform(-400, 400))
    def word(n):
        return "".join(rng.choice("abcdefghijklmnoprstuvw") for _ in range(n))
    def code(value, meaning):
        return e(0x00080100, "SH", value) + e(0x00080102, "SH", "99BENCH") + \
            e(0x00080104, "LO", meaning)
    out = [
        e(0x00080005, "CS", "ISO_IR 100"),
        e(0x00080008, "CS", "ORIGINAL", "PRIMARY", "M", "ND"),
        e(0x00080016, "UI", sop), e(0x00080018, "UI", uid(7, i))]
    out += [e(t, "DA", "2023%02d%02d" % (i % 12 + 1, i % 28 + 1))
            for t in (0x00080020, 0x00080021, 0x00080022, 0x00080023)]
    out += [e(t, "TM", "1%d%02d%02d.%06d" % (i % 10, i % 60, i % 59, i))
            for t in (0x00080030, 0x00080031, 0x00080032, 0x00080033)]
    out += [
        e(0x00080050, "SH", "ACC%06d" % i), e(0x00080060, "CS", "MR"),
        e(0x00080070, "LO", "EXAMPLE"),
        e(0x00080080, "LO", b"Universit\xe4tsklinik"),
        e(0x00080090, "PN", b"Mu\xdfter^\xc4rztin^^Dr."),
        e(0x00081030, "LO", "HEAD " + word(10)),
        e.sequence(0x00081032, code("P1", word(20))),
        e(0x0008103E, "LO", "t2_tse_" + word(8)),
        e.sequence(0x00081140, *[
            e(0x00081150, "UI", sop) + e(0x00081155, "UI", uid(8, i, k))
            for k in range(3)]),
        e(0x00090010, "LO", "BENCH 1.0"), e(0x00091001, "LO", word(14)),
        e(0x00091002, "DS", real()), e(0x00091010, "OB", rng.randbytes(640)),
        e(0x00100010, "PN", b"P\xe2tient^%05d" % i),
        e(0x00100020, "LO", "ID%07d" % i), e(0x00100030, "DA", "19620815"),
        e(0x00100040, "CS", "O"), e(0x00101000, "LO", "A%d" % i, "B%d" % i),
        e(0x00101030, "DS", real()),
        e(0x00104000, "LT", " ".join(word(6) for _ in range(150)))]
    out += [e(t, vr, real() if vr == "DS" else i % 300) for t, vr in (
        (0x00180050, "DS"), (0x00180080, "DS"), (0x00180081, "DS"),
        (0x00180083, "DS"), (0x00180084, "DS"), (0x00180086, "IS"),
        (0x00180087, "DS"), (0x00180089, "IS"), (0x00180091, "IS"),
        (0x00180093, "DS"), (0x00180094, "DS"), (0x00180095, "DS"))]
    out += [
        e(0x00181030, "LO", word(20)), e(0x00181310, "US", 0, 384, 384, 0),
        e(0x00181314, "DS", real()), e(0x00185100, "CS", "HFS"),
        e(0x0020000D, "UI", uid(9, i // 90)),
        e(0x0020000E, "UI", uid(10, i // 30)), e(0x00200010, "SH", i // 90),
        e(0x00200011, "IS", i // 30), e(0x00200013, "IS", i % 30),
        e(0x00200032, "DS", real(), real(), real()),
        e(0x00200037, "DS", real(), real(), real(), real(), real(), real()),
        e(0x00201041, "DS", real()), pixels_description(e, 1, 32),
        e(0x00281050, "DS", real()), e(0x00281051, "DS", real()),
        e(0x00290010, "LO", "BENCH BLOB"),
        e(0x00291010, "OB", rng.randbytes(extra)),
        e(0x00400254, "LO", word(16)),
        e.sequence(0x00400260, code("A", word(9)), code("B", word(9))),
        e.sequence(0x00400275, *[
            e(0x00321060, "LO", word(15)) +
            e.sequence(0x00321064, code("R%d" % k, word(11))) +
            e(0x00400007, "LO", word(15)) +
            e.sequence(0x00400008, code("S%d" % k, word(11)))
            for k in range(3)]),
        e(0x7FE00010, "OW", rng.randbytes(2048))]
    return b"".join(out)


def small_file(i, extra):
    implicit = i % 2 == 1
    sop = "1.2.840.10008.5.1.4.1.1.4"
    return begin(IMPLICIT if implicit else EXPLICIT, sop, uid(7, i)) + \
        metadata(Encoder(implicit), i, extra)


def make_small(path, scale):
    with open(path, "wb") as f:
        f.write(small_file(0, 3000))


def make_many(path, scale):
    os.makedirs(path, exist_ok=True)
    for i in range(10000 // scale):
        with open(os.path.join(path, "%05d.dcm" % i), "wb") as f:
            f.write(small_file(i, 1500 + i * 997 % 12000))


# ------------------------------------------------------------------ text

def make_japanese(path, scale):
    """PS3.5 H.3: ASCII, then kanji and kana between escapes."""
    rng, e = random.Random(87), Encoder()
    kanji = "\u5c71\u7530\u4f50\u85e4\u9234\u6728\u7530\u4e2d\u4f0a\u85e4" \
        "\u6e21\u8fba\u4e2d\u6751\u5c0f\u6797\u52a0\u85e4\u5409\u7530" \
        "\u75c5\u9662\u653e\u5c04\u7dda\u79d1\u6771\u4eac\u5927\u962a"
    kana = "\u3084\u307e\u3060\u305f\u308d\u3046\u3055\u3068\u3046\u3059" \
        "\u305a\u304d\u306f\u306a\u3053"

    def jis(letters, n):
        text = "".join(rng.choice(letters) for _ in range(n))
        return text.encode("iso2022_jp")

    def name():
        return b"Bench^%05d=" % rng.randrange(100000) + \
            jis(kanji, 2) + b"^" + jis(kanji, 2) + b"=" + \
            jis(kana, 4) + b"^" + jis(kana, 4)

    def item():
        values = [(t, "LO", b"CT " + jis(kanji, rng.randint(4, 9)))
                  for t in (0x00080080, 0x00081030, 0x0008103E, 0x00081040,
                            0x00100020, 0x00181030)]
        values += [(0x00080081, "ST", jis(kanji, 20)),
                   (0x00080090, "PN", name()), (0x00100010, "PN", name()),
                   (0x00104000, "LT", jis(kanji, 12) + b"\r\n" +
                    jis(kana, 12))]
        return b"".join(e(*v) for v in sorted(values, key=lambda v: v[0]))

    sop = "1.2.840.10008.5.1.4.1.1.7"
    items = [item() for _ in range(20000 // scale)]
    with open(path, "wb") as f:
        f.write(begin(EXPLICIT, sop, uid(11)))
        f.write(e(0x00080005, "CS", b"\\ISO 2022 IR 87"))
        f.write(identity(e, sop, uid(11), "OT"))
        f.write(e.sequence(0x00400275, *items))


# ---------------------------------------------------------------- nested

def make_nested(path, scale):
    """Ten levels, the last with 20 values: 5000 times 210 elements."""
    e, sop = Encoder(), "1.2.840.10008.5.1.4.1.1.88.33"

    def level(n):
        body = e(0x0040A010, "CS", "CONTAINS") + \
            e(0x0040A040, "CS", "NUM") + e(0x0040A30A, "DS", "%d.5" % n)
        more = b"".join(e(0x00411000 + k, "US", k) for k in range(17))
        if n:
            return body + e.open_sequence(0x0040A730, level(n - 1)) + more
        return body + more
    one = level(9)
    with open(path, "wb") as f:
        f.write(begin(EXPLICIT, sop, uid(12)))
        f.write(identity(e, sop, uid(12), "SR"))
        f.write(e.header(0x0040A730, "SQ", 0xFFFFFFFF))
        for _ in range(5000 // scale):
            f.write(ITEM + UNDEFINED + one + ITEM_END)
        f.write(SEQ_END)


# ----------------------------------------------------------------- images

def make_pixels(path, scale):
    with open(path, "wb") as f:
        f.truncate(2048 // scale * 524288)


def segment(marker, data):
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def huffman(number, lengths, symbols):
    return segment(0xC4, bytes([number]) + bytes(lengths) + bytes(symbols))


def jpeg_scan(side):
    """Blocks of a DC difference of 4 bits, six AC values of 8 and one of 4, in
    the codes of jpeg_head()."""
    rng, bits = random.Random(side), []
    for _ in range((side // 8) ** 2 * 3):
        bits.append("0100" + "{:04b}".format(rng.getrandbits(4)))
        bits += ["01{:08b}".format(rng.getrandbits(8)) for _ in range(6)]
        bits.append("10{:04b}".format(rng.getrandbits(4)) + "00")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big").replace(
        b"\xff", b"\xff\0")


def jpeg_head(side):
    """Baseline, three components, none of them subsampled (ITU-T T.81)."""
    return segment(0xDB, b"\0" + b"\x08" * 64) + \
        segment(0xC0, struct.pack(">BHHB", 8, side, side, 3) +
                b"\1\x11\0\2\x11\0\3\x11\0") + \
        huffman(0x00, [0, 0, 0, 12] + [0] * 12, range(12)) + \
        huffman(0x10, [0, 3] + [0] * 14, (0x00, 0x08, 0x04)) + \
        segment(0xDA, b"\3\1\0\2\0\3\0\0\x3f\0")


def make_jpegs(path, scale):
    os.makedirs(path, exist_ok=True)
    jfif = segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0")
    rest = jpeg_head(512) + jpeg_scan(512) + b"\xff\xd9"
    for i in range(200 // scale):
        with open(os.path.join(path, "%03d.jpg" % i), "wb") as f:
            f.write(b"\xff\xd8" + jfif + segment(0xFE, b"%03d" % i) + rest)


INPUTS = {"small": make_small, "frames": make_frames, "bulk": make_bulk,
          "many": make_many, "deflated": make_deflated,
          "japanese": make_japanese, "gigabyte": make_gigabyte,
          "nested": make_nested, "pixels": make_pixels, "jpegs": make_jpegs}
ENDINGS = {"many": "", "jpegs": "", "pixels": ".raw"}


def input_path(folder, name, quick):
    return os.path.join(folder, ("quick-" if quick else "") + name +
                        ENDINGS.get(name, ".dcm"))


def make(folder, name, quick):
    """The path of an input, made if it is not there yet."""
    path = input_path(folder, name, quick)
    if not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        print("making", path, file=sys.stderr)
        INPUTS[name](path + ".part", 50 if quick else 1)
        os.rename(path + ".part", path)
    return path


def main():
    p = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folder")
    p.add_argument("names", nargs="*", metavar="NAME")
    p.add_argument("--quick", action="store_true")
    a = p.parse_args()
    for name in a.names or INPUTS:
        make(a.folder, name, a.quick)


if __name__ == "__main__":
    main()

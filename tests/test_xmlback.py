#!/usr/bin/env python3
"""test_xmlback.py [-v] [--keep] [--every N] FOLDER SOURCE [CORPUS] [NAME...]

Turns files into XML and back and compares the data sets:

  ways     dcm2xml --meta with each of its policies for bulk data, and with
           creators, then xml2dcm: the data set comes out byte for byte. Where
           it does not, a rule says what XML does not carry; what no rule
           explains is a failure
  peers    what DCMTK's dcm2xml -nat, odil and gdcmxml write of every Nth file
           (3) goes into xml2dcm: the same elements as the file has, but for
           what the rules for that writer name

XML names the creator of a private element and not its block: xml2dcm numbers
blocks from 10H on, and those of a file that has others are compared by their
creators. Lengths of sequences are as in test_jsonback.py.

FOLDER holds the programs, but for those that $DCM2XML, $XML2DCM, $DCMCONV and
$HEXD name. The inputs are the fixtures in SOURCE/tests, and the files of
CORPUS, whose manifest.tsv has the columns `file` and `expect` (ok, broken,
disputed). --keep leaves the folder with all that was written. Exit status: 0
all well, 1 not, 77 no such program.
"""
import collections
import os
import re
import struct
import sys
import xml.parsers.expat

from back import (STRIP_BOTH, TEXT, UNITS, Context, Place, bare_names, close,
                  decode, excused, rule, strip, swapped, text_of)
from back_run import (Model, find_module, find_program, main, read, run,
                      say_absent)

PEERS = ("dcmtk", "odil", "gdcm")
OTHER_BLOCKS = ("inline", "uri", "files") + PEERS
# XML 1.0 2.2
ILLEGAL = re.compile("[^\t\n\r -\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")

# ------------------------------------------------------------------- blocks


def is_creator(tag):
    return tag >> 16 & 1 == 1 and 0x10 <= tag & 0xFFFF <= 0xFF


def block_of(tag):
    """The tag of the creator whose block a private element is in."""
    return tag & 0xFFFF0000 | tag >> 8 & 0xFF


def is_private(tag):
    return tag >> 16 & 1 == 1 and tag & 0xFFFF >= 0x1000


def creators(tree):
    """{tag: name}; the first of a name in a group counts (PS3.5 7.8.1)."""
    return {tag: strip("LO", value).strip() for tag, _, value in tree
            if is_creator(tag) and isinstance(value, bytes)}


def blocks_of(tree):
    return {block_of(tag) for tag, _, _ in tree if is_private(tag)}


class XmlContext(Context):
    def align(self, a, b):
        """Private elements of b, and their creators, in the blocks that they
        have in a: found by group and name."""
        mine, back, used = creators(a), creators(b), blocks_of(a)
        first = {}
        for tag in sorted(mine, key=lambda t: (t not in used, t)):
            first.setdefault((tag >> 16, mine[tag]), tag)
        moved = {tag: first.get((tag >> 16, name), tag)
                 for tag, name in back.items()}
        out = []
        for tag, vr, value in b:
            to = tag
            if tag in moved:
                to = moved[tag]
                if to != tag and not excused("block", Place(
                        self, to, vr, tag, vr, b, "", a)):
                    self.problem("%08X" % to, "is block %08X now" % tag)
            elif is_private(tag):
                to = moved.get(block_of(tag), block_of(tag))
                to = tag & 0xFFFF00FF | (to & 0xFF) << 8
            out.append((to, vr, value))
        return out


@rule("block", *OTHER_BLOCKS)
def block_number(p):
    """PS3.19 A.1.5: a private attribute has its creator, and no block; those
    of a group are numbered anew, in the order in which they come"""
    named = creators(p.around)
    used = sorted(t for t in blocks_of(p.around)
                  if t >> 16 == p.tag >> 16 and named.get(t))
    return p.tag in used and (p.ctx.way in PEERS or
                              p.a & 0xFFFF == 0x10 + used.index(p.tag))


@rule("gone", *OTHER_BLOCKS)
def unused_creator(p):
    """PS3.18 Table F.3.1-1: creators are implied by the attributes of their
    block; one without any is lost"""
    return is_creator(p.tag) and p.tag not in blocks_of(p.around)


# ------------------------------------------------------------------- values

@rule("value")
def xml_character(p):
    """xml-character: XML 1.0 has no control characters but TAB, LF and CR, not
    even as references: a form feed is U+FFFD, or a question mark where the
    character set has none"""
    if not p.deviation("xml-character") or p.vr not in TEXT | STRIP_BOTH:
        return False
    value, texts = p.a, [decode(p.a, p.terms)]
    if p.deviation("text-undeclared"):  # then SO and SI shift nothing
        value = re.sub(b"[\x0e\x0f]", b"", value)
        texts += [text_of(value, codec) for codec in ("utf-8", "latin-1")]
    b = decode(p.b, p.ctx.terms_back(p))
    return b is not None and any(
        ILLEGAL.sub(to, a.rstrip(" \0")) == b.rstrip(" \0")
        for to in ("\ufffd", "?") for a in texts if a is not None)


@rule("value")
def without_components(p):
    """PS3.5 6.2.1: components of a name that are empty are not in XML, and
    their delimiters are not kept at the end of a group"""
    return p.vr == "PN" and bare_names(p.a) == bare_names(p.b)


# ------------------------------- other writers of XML; more rules in back.py

@rule("form", "dcmtk")
def no_fragments(p):
    """DCMTK writes no encapsulated Pixel Data in line"""
    return isinstance(p.a, tuple) and p.b == b""


@rule("value", "dcmtk")
def big_endian(p):
    """DCMTK writes the InlineBinary of OW, OF and so on in big endian"""
    return p.vr in ("OW", "OF", "OL", "OD", "OV") and \
        swapped(p.a, UNITS[p.vr]) == p.b


@rule("gone", "dcmtk")
def block_lost(p):
    """DCMTK writes 00 for the block of a private element whose creator is not
    there, or is UN"""
    return is_private(p.tag) and not any(
        tag == block_of(p.tag) and vr != "UN" for tag, vr, _ in p.around)


@rule("new", "dcmtk")
def block_was_lost(p):
    """the same element with the tag that it came in"""
    return any(tag & 0xFFFF00FF == p.tag for tag, _, _ in p.around
               if is_private(tag))


@rule("value", "dcmtk")
def other_set(p):
    """DCMTK takes text as Latin-1 where it has no name for the encoding; and
    of a name, one group for another one that is empty"""
    try:
        back = p.b.decode().encode("latin-1")
    except UnicodeError:
        back = b""
    mine = [g.strip(" ") for g in text_of(p.a, "utf-8").split("=")]
    return p.vr in TEXT and any(
        same_groups(mine, text_of(value, codec)) for value, codec in (
            (p.b, "utf-8"), (back, "gb18030"), (back, "shift_jis")))


def same_groups(mine, theirs):
    theirs = [g.strip(" ") for g in (theirs or "").split("=")]
    mine = mine + [""] * (len(theirs) - len(mine))
    return all(b == a or not a and b in mine for a, b in zip(mine, theirs))


@rule("value", "dcmtk")
def nul_dropped(p):
    """DCMTK drops NULs in text"""
    return p.vr in TEXT and strip(p.vr, p.a.replace(b"\0", b"")) == p.b


@rule("value", "odil")
def integer_spelling(p):
    """odil's IS is a number on its way"""
    try:
        return p.vr == "IS" and [float(v) for v in p.a.split(b"\\")] == \
            [int(v) for v in p.b.split(b"\\")]
    except ValueError:
        return False


@rule("value", "odil", "gdcm")
def line_ends(p):
    """odil and gdcmxml write a CR as such, which a parser drops (XML 1.0 2.11)
    """
    return p.vr in TEXT and strip("LO", p.a.replace(b"\r\n", b"\n")) == \
        strip("LO", p.b)


@rule("value", "gdcm")
def pieces_of_names(p):
    """gdcmxml puts spaces and components of them into names, and drops those
    that are empty; for NUL and beyond ASCII it has dots"""
    return p.vr == "PN" and (
        bare(p.a) == bare(p.b) or
        max(p.a) > 0x7F and dotless(p.a) == dotless(p.b))


@rule("value", "gdcm")
def space_before(p):
    """gdcmxml begins UN that it takes for a name with a space"""
    return p.vr == "UN" and p.b.startswith(b" ") and p.b.strip() == p.a


def bare(name):
    return re.sub(rb"[\^= \0.]", b"", name)


@rule("value", "gdcm")
def by_few_digits(p):
    """gdcmxml's FL and FD have some digits only"""
    form = {"FL": "f", "FD": "d"}.get(p.vr)
    if not form or len(p.a) != len(p.b):
        return False
    form = "<%d%s" % (len(p.a) // UNITS[p.vr], form)
    return close(struct.unpack(form, p.a), struct.unpack(form, p.b), 1e-5)


@rule("vr", "gdcm")
def gdcm_vr(p):
    """gdcmxml takes VRs of private elements, and of bulk data, from elsewhere
    """
    return is_private(p.tag) or "UN" in (p.vr_a, p.vr_b)


@rule("form", "gdcm")
def fragments_joined(p):
    """gdcmxml writes fragments into one file"""
    return isinstance(p.a, tuple) and isinstance(p.b, bytes) and \
        b"".join(p.a[1:]) == p.b[:sum(len(f) for f in p.a[1:])]


@rule("form", "gdcm")
def items_in_un(p):
    """gdcmxml looks into UN for items"""
    return p.vr_a == "UN" and isinstance(p.b, list) and \
        p.a[:4] == b"\xfe\xff\0\xe0"


def dotless(value):
    """Up to what is not ASCII."""
    return re.split(rb"[^!-~]|\.", re.sub(rb"[\^= ]", b"", value))[0]


# -------------------------------------------------------------------- peers

def by_dcmtk(tool):
    """Its XML is in the file's character set where it knows a name for that;
    else it is asked for UTF-8."""
    def convert(path):
        for more in ([], ["+U8"]):
            r = run([tool, "-q", "-nat", "+Eb", "+M"] + more + [path])
            if r.returncode == 0:
                return r.stdout
        return None
    return convert


def by_odil(odil):
    def convert(path):
        return odil.as_xml(odil.Reader.read_file(path)[1], False).encode()
    return convert


def by_gdcm(tool, folder):
    """It puts bulk data into the current folder, in files named by UUID."""
    def convert(path):
        out = path + ".gdcm"
        run([tool, "-B", path, "-o", out], cwd=folder)
        if not os.path.exists(out):
            return None
        text = read(out)
        os.unlink(out)
        return text or None
    return convert


def not_xml(path):
    """What they write that is not well-formed: control characters, bytes that
    the encoding does not have."""
    try:
        xml.parsers.expat.ParserCreate().Parse(read(path), True)
    except xml.parsers.expat.ExpatError:
        return True
    return False


# Where xml2dcm refuses what they write.
REFUSED_PEERS = (
    ("found (0002,", "group 0002 in an item"),
    ("Value for VR OD", "OD in text"),
    ("Value for VR OF", "OF in text"),
    ("(FFFE,E00D) is no attribute", "delimiters"),
    ("but UT has only one", "UT taken apart at backslashes"),
    ("of a directory record hits none", "offsets of another file"),
    ("block of a Private Creator was given", "elements without their block"),
    ("Pixel Data is a compressed image", "fragments without a syntax"),
)


# -------------------------------------------------------------------- model

class Xml(Model):
    name, suffix = "XML", ".xml"
    there, back = "dcm2xml", "xml2dcm"
    ways = collections.OrderedDict((
        ("inline", (["--bulk", "inline"], ".")),
        ("uri", (["--bulk", "uri", "--bulk-size", "16"], ".")),
        ("files", (["--bulk", "files"], "files")),
        ("creators", (["--bulk", "inline", "--creators"], ".")),
    ))
    refused = (
        ({"text-other-set", "text-invalid", "charset-unknown", "charset-term",
          "charset-mix", "text-escape", "text-no-escape"},
         "is not in the character set"),
        ({"native-encapsulated"}, "in an encapsulated transfer syntax"),
        ({"encapsulated-native"},
         "Pixel Data is encapsulated, and nothing says"),
    )
    context = XmlContext
    peer_names = PEERS

    def peers(self, work):
        found, odil = {}, find_module("odil")
        dcmtk = find_program(self.there, work.tools[self.there], b"dcmtk")
        gdcm = find_program("gdcmxml", work.tools[self.there], b"gdcm")
        if dcmtk:
            found["dcmtk"] = by_dcmtk(dcmtk)
        if odil:
            found["odil"] = by_odil(odil)
        if gdcm:
            found["gdcm"] = by_gdcm(gdcm, work.path("gdcm"))
        return say_absent(self, found)

    def refuses_peer(self, met, path, message):
        if not_xml(path):
            return "is not well-formed"
        return next((why for text, why in REFUSED_PEERS if text in message),
                    None)


if __name__ == "__main__":
    sys.exit(main(Xml(), __doc__, sys.argv[1:]))

#!/usr/bin/env python3
"""test_jsonback.py [-v] [--keep] [--every N] FOLDER SOURCE [CORPUS] [NAME...]

Turns files into JSON and back and compares the data sets:

  ways     dcm2json --meta with each of its policies for bulk data, and with
           numbers as strings, then json2dcm: the data set comes out byte for
           byte. Where it does not, a rule below looks at the element and says
           what JSON does not carry; what no rule explains is a failure
  peers    what pydicom, odil and DCMTK's dcm2json write of every Nth file (3)
           goes into json2dcm: the same elements as the file has, but for what
           the rules for that writer name

JSON does not say whether a sequence had a length: json2dcm writes the form
that a file has throughout, and of a file with both the data set is compared
with what dcmconv --lengths explicit makes of it.

FOLDER holds the programs, but for those that $DCM2JSON, $JSON2DCM, $DCMCONV
and $HEXD name. The inputs are the fixtures in SOURCE/tests, and the files of
CORPUS, whose manifest.tsv has the columns `file` and `expect` (ok, broken,
disputed). The files are taken apart by a parser of the test's own. --keep
leaves the folder with all that was written. Exit status: 0 all well, 1 not,
77 no such program.
"""
import collections
import csv
import functools
import importlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import warnings
import zlib
from decimal import Decimal, InvalidOperation

LIMIT = 600  # seconds a program may take over all files
IMPLICIT, BIG = "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
NATIVE = (IMPLICIT, "1.2.840.10008.1.2.1", BIG, DEFLATED)
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQ_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
LONG = set("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
STRIP_BOTH = set("AE AS CS DA DS DT IS TM UI UR".split())
TEXT = set("LO LT PN SH ST UC UT".split())  # in (0008,0005)'s sets
ONE_VALUE = set("LT ST UT UR".split())
UNITS = {"US": 2, "SS": 2, "OW": 2, "UL": 4, "SL": 4, "FL": 4, "OF": 4,
         "OL": 4, "AT": 2, "FD": 8, "OD": 8, "OV": 8, "SV": 8, "UV": 8}
ALL_VRS = STRIP_BOTH | TEXT | set(UNITS) | {"OB", "UN", "SQ"}
CHARSET, PIXELS = 0x00080005, 0x7FE00010

# ------------------------------------------------------------------- parser


class Unreadable(Exception):
    """Not a data set that this parser takes."""


class Parser:
    """A data set as a tree: [(tag, VR or None, value)], the value bytes or,
    of a sequence, a list of such lists; of encapsulated pixels a tuple of
    fragments. `forms` says which lengths sequences and items had,
    `only_undefined` that nothing else tells that one is a sequence. Takes what
    conforms, and nothing else."""

    def __init__(self, data, implicit, big):
        self.data, self.at = data, 0
        self.implicit, self.order = implicit, "><"[not big]
        self.forms, self.only_undefined = set(), False

    def take(self, n):
        piece = self.data[self.at:self.at + n]
        if len(piece) < n:
            raise Unreadable("ends early")
        self.at += n
        return piece

    def number(self, form):
        return struct.unpack(self.order + form,
                             self.take(struct.calcsize(form)))[0]

    def header(self):
        tag = self.number("H") << 16 | self.number("H")
        if tag >> 16 == 0xFFFE or self.implicit:
            return tag, None, self.number("I")
        vr = self.take(2).decode("latin-1")
        if vr in LONG:
            if self.take(2) != b"\0\0":
                raise Unreadable("reserved bytes")
            return tag, vr, self.number("I")
        return tag, vr, self.number("H")

    def elements(self, end):
        """To the offset `end`, or a delimiter when that is None."""
        out = []
        while self.at < (len(self.data) if end is None else end):
            tag, vr, length = self.header()
            if tag == ITEM_END and end is None:
                return out
            if tag >> 16 == 0xFFFE:
                raise Unreadable("a delimiter or item")
            out.append((tag, vr, self.value(tag, vr, length)))
        if end is None:
            raise Unreadable("no delimiter")
        return out

    def value(self, tag, vr, length):
        if vr == "UN" and length == UNDEFINED:  # PS3.5 6.2.2
            kept = self.implicit, self.order
            self.implicit, self.order, self.only_undefined = True, "<", True
            items = self.items(length)
            self.implicit, self.order = kept
            return items
        if vr == "SQ" or vr is None and known_vr(tag) == "SQ":
            return self.items(length)
        if vr is None and length == UNDEFINED and tag != PIXELS:
            self.only_undefined = True
            return self.items(length)
        if length == UNDEFINED:
            return self.fragments()
        return self.take(length)

    def form(self, length):
        self.forms.add("undefined" if length == UNDEFINED else "explicit")
        return None if length == UNDEFINED else self.at + length

    def items(self, length):
        end, out = self.form(length), []
        while end is None or self.at < end:
            tag, _, n = self.header()
            if tag == SEQ_END and end is None:
                break
            if tag != ITEM:
                raise Unreadable("no item")
            out.append(self.elements(self.form(n)))
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


VRS = {}  # of the dictionary, by tag
MASKED = []


def load_dictionary(path):
    with open(path, newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            if re.fullmatch("[0-9A-F]{8}", row["#tag"]):
                VRS[int(row["#tag"], 16)] = row["vr"]
            else:
                MASKED.append((re.compile(row["#tag"].replace("x", ".")),
                               row["vr"]))


@functools.lru_cache(None)
def known_vr(tag):
    """The dictionary's VR or VRs; None."""
    if tag in VRS or tag >> 16 & 1:
        return VRS.get(tag)
    text = "%08X" % tag
    return next((vr for p, vr in MASKED if p.fullmatch(text)), None)


def split(data):
    """(Transfer Syntax UID, bytes of the data set) of a file; None for the
    UID when there is no group 0002. What is deflated is inflated."""
    if data[128:132] != b"DICM":
        return None, data
    p, uid = Parser(data, False, False), None
    p.at = 132
    while data[p.at:p.at + 2] == b"\2\0":
        tag, _, length = p.header()
        value = p.take(length)
        if tag == 0x00020010:
            uid = value.rstrip(b"\0 ").decode("latin-1")
    rest = data[p.at:]
    if uid == DEFLATED:
        try:
            rest = zlib.decompressobj(-zlib.MAX_WBITS).decompress(rest)
        except zlib.error as e:
            raise Unreadable(str(e))
    return uid, rest


def parse(data):
    """(tree, the parser)."""
    uid, rest = split(data)
    if uid is None:
        raise Unreadable("no group 0002")
    p = Parser(rest, uid == IMPLICIT, uid == BIG)
    return p.elements(len(rest)), p


def check_written(tree, path=""):
    """What we write conforms in this: PS3.5 7.1, 7.1.1, 7.1.2."""
    last = -1
    for tag, vr, value in tree:
        here = "%s/%08X" % (path, tag)
        if tag <= last:
            raise Unreadable(here + ": tags do not ascend")
        last = tag
        if vr is not None and vr not in ALL_VRS:
            raise Unreadable("%s: VR %s" % (here, vr))
        if isinstance(value, list):
            for i, item in enumerate(value):
                check_written(item, "%s[%d]" % (here, i + 1))
        elif any(len(v) % 2 for v in
                 (value if isinstance(value, tuple) else [value])):
            raise Unreadable(here + ": odd length")


# --------------------------------------------------------------------- text

# Terms of (0008,0005) to codecs of Python, escapes to those of what follows
# (PS3.3 C.12.1.1.2).
CODECS = {"6": "ascii", "100": "latin-1", "101": "iso8859-2",
          "109": "iso8859-3", "110": "iso8859-4", "144": "iso8859-5",
          "127": "iso8859-6", "126": "iso8859-7", "138": "iso8859-8",
          "148": "iso8859-9", "203": "iso8859-15", "13": "shift_jis",
          "166": "iso8859-11", "192": "utf-8"}
WIDE = {"GB18030": "gb18030", "GBK": "gbk"}
ESCAPES = {b"(B": "ascii", b"-A": "latin-1", b"-B": "iso8859-2",
           b"-C": "iso8859-3", b"-D": "iso8859-4", b"-L": "iso8859-5",
           b"-G": "iso8859-6", b"-F": "iso8859-7", b"-H": "iso8859-8",
           b"-M": "iso8859-9", b"-b": "iso8859-15", b"-T": "iso8859-11",
           b")I": "shift_jis", b"(J": "shift_jis",
           b"$B": "iso2022_jp", b"$@": "iso2022_jp",
           b"$(D": "iso2022_jp_2", b"$)C": "euc_kr", b"$)A": "gb2312"}


def decode(value, terms):
    """Text of bytes in the character sets, as the standard has it; None when
    they do not fit."""
    terms = [t.strip(" \0") for t in (terms or "").split("\\")]
    first = terms[0] or "ISO_IR 6"
    codec = WIDE.get(first) or CODECS.get(first.split(" ")[-1])
    if not codec:
        return None
    pieces = re.split(rb"(\x1b(?:\$[()].|\$[B@]|[()-].))", value)
    out, escape, initial = [], None, codec
    try:
        for piece in pieces:
            if piece[:1] == b"\x1b":
                escape = piece
                continue
            if escape in (b"\x1b$B", b"\x1b$@", b"\x1b$(D"):
                name = ESCAPES[escape[1:]]
                cut = re.search(rb"[\r\n\t\f]", piece)
                head = piece[:cut.start()] if cut else piece
                out.append((escape + head + b"\x1b(B").decode(name))
                piece = piece[len(head):]
                out.append(piece.decode(initial))
                continue
            name = ESCAPES.get(escape[1:], None) if escape else initial
            if name is None:
                return None
            out.append(piece.decode(name))
    except UnicodeDecodeError:
        return None
    return "".join(out)


def strip(vr, value):
    """Without what PS3.5 6.2 says has no significance, and NULs that stand for
    it: at the end, and where the VR has it so at the beginning, of each value.
    """
    if vr not in STRIP_BOTH and vr not in TEXT:
        return value
    many = [value] if vr in ONE_VALUE else value.split(b"\\")
    out = []
    for v in many:
        v = v.rstrip(b" \0")
        out.append(v.lstrip(b" \0") if vr in STRIP_BOTH else v)
    return b"\\".join(out)


# -------------------------------------------------------------------- rules

class Place:
    """Where what came back differs from the file. `a` is of the file; `vr` is
    one that both can be taken to have."""

    def __init__(self, ctx, tag, vr_a, a, vr_b, b, terms, siblings=()):
        self.ctx, self.tag, self.a, self.b = ctx, tag, a, b
        self.vr_a, self.vr_b, self.terms = vr_a, vr_b, terms
        self.siblings, self.depth = siblings, len(ctx.back) - 1
        self.vr = vr_b or vr_a or known_vr(tag) or "UN"
        if tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF and not vr_b:
            self.vr = "LO"
        if "/" in self.vr:
            self.vr = "OW" if "OW" in self.vr else "US"

    def deviation(self, *names):
        return any(n in self.ctx.names for n in names)


RULES = collections.OrderedDict()


def rule(kind, *ways):
    """Makes a function a rule for one kind of difference, in all ways or those
    named. It gets a Place and says whether this is a case of it; its docstring
    is the reason."""
    def add(f):
        RULES.setdefault(kind, []).append((f, ways))
        return f
    return add


def excused(kind, place):
    for f, ways in RULES.get(kind, []):
        if (not ways or place.ctx.way in ways) and f(place):
            place.ctx.rules[f.__name__] += 1
            return True
    return False


# --- elements that do not come back

@rule("gone")
def group_length(p):
    """PS3.18 F.2.2: group lengths are not in JSON"""
    return p.tag & 0xFFFF == 0


@rule("gone")
def trailing_padding(p):
    """PS3.10 7.2: (FFFC,FFFC) has no significance and is not in JSON"""
    return p.tag == 0xFFFCFFFC


@rule("gone")
def duplicate(p):
    """duplicate-tag: JSON has a name once; the first stays"""
    return p.deviation("duplicate-tag") and p.tag in p.siblings


@rule("gone")
def no_place_in_data_set(p):
    """meta-in-data-set, command-group: PS3.10 7.1, 7.2"""
    return p.tag >> 16 in (0, 2) and \
        p.deviation("meta-in-data-set", "command-group")


# --- elements that come instead

@rule("new")
def charset_added(p):
    """PS3.18 F.2: text beyond ASCII without a character set is UTF-8 now, and
    (0008,0005) says so"""
    return p.tag == CHARSET and p.b == b"ISO_IR 192" and \
        p.deviation("text-undeclared", "charset-unknown")


# --- VRs; both are known

@rule("vr")
def un_by_dictionary(p):
    """PS3.5 6.2.2: UN of an element that the dictionary knows has its VR in
    JSON"""
    return p.vr_a == "UN" and not p.tag >> 16 & 1 and \
        p.vr_b in (known_vr(p.tag) or "").split("/")


@rule("vr")
def un_is_sequence(p):
    """PS3.5 6.2.2: UN of undefined length is a sequence, and says so"""
    return p.vr_a == "UN" and p.vr_b == "SQ" and isinstance(p.a, list)


@rule("vr")
def un_creator(p):
    """PS3.5 7.8.1: a Private Creator is LO; in UN, by its number"""
    return p.vr_a == "UN" and p.vr_b == "LO" and p.tag >> 16 & 1 and \
        0x10 <= p.tag & 0xFFFF <= 0xFF


@rule("vr")
def un_private(p):
    """UN of a private element that the private dictionary knows"""
    return p.vr_a == "UN" and p.tag >> 16 & 1 and p.tag & 0xFFFF > 0xFF and \
        p.vr_b in ALL_VRS and known_private(p)


@rule("vr")
def no_such_vr(p):
    """unknown-vr, bad-vr: a VR that the standard has not is UN"""
    return p.vr_a not in ALL_VRS and p.deviation("unknown-vr", "bad-vr")


@rule("vr")
def fragments_are_ob(p):
    """PS3.5 A.4: encapsulated Pixel Data is OB"""
    return isinstance(p.a, tuple) and p.vr_b == "OB"


# --- bytes that were items

@rule("sequence")
def sequence_without_vr(p):
    """PS3.5 A.1: in implicit VR only a dictionary tells that it is a sequence;
    on the way back it has undefined length, which tells everyone"""
    return p.vr_a in (None, "UN") and \
        as_items(p.a, p.ctx.order == ">") is not None


# --- values, both bytes

@rule("value")
def padding(p):
    """PS3.5 6.2: spaces and NULs that have no significance are not in JSON"""
    return strip(p.vr, p.a) == strip(p.vr, p.b)


@rule("value", "inline", "uri", "files", "dcmtk", "pydicom", "odil")
def number_spelling(p):
    """PS3.18 F.2.3: DS and IS are numbers in JSON, which have no plus sign, no
    leading zeros, and digits on both sides of a point"""
    return p.vr in ("DS", "IS") and same_numbers(p.a, p.b)


@rule("value")
def nan(p):
    """PS3.18 F.2.3: JSON has no NaN: "NaN" does not say which it was"""
    form = {"FL": "f", "FD": "d"}.get(p.vr)
    n = UNITS.get(p.vr)
    if not form or len(p.a) != len(p.b) or len(p.a) % n:
        return False
    form = p.ctx.order + "%d%s" % (len(p.a) // n, form)
    return all(x == y or x != x and y != y for x, y in
               zip(struct.unpack(form, p.a), struct.unpack(form, p.b)))


@rule("value")
def names_without_groups(p):
    """PS3.5 6.2.1: component groups that are empty are not in JSON"""
    return p.vr == "PN" and names(p.a) == names(p.b)


@rule("value")
def name_groups(p):
    """name-groups: more than three groups of a name, the rest is left out"""
    return p.vr == "PN" and p.deviation("name-groups") and \
        names(p.a, 3) == names(p.b)


@rule("value")
def escapes(p):
    """PS3.5 6.1.2.5: the same characters; escapes, or which set a character
    is taken from, are not in JSON"""
    if p.vr not in TEXT or b"\x1b" not in p.a + p.b:
        return False
    a, b = decode(p.a, p.terms), decode(p.b, p.terms)
    return a is not None and b is not None and \
        a.rstrip(" \0") == b.rstrip(" \0")


@rule("value")
def undeclared(p):
    """text-undeclared, charset-unknown, text-other-set: text whose set is not
    known or not the one stated is read as meant and written as that"""
    if not p.deviation("text-undeclared", "charset-unknown",
                       "text-other-set", "charset-term", "charset-mix"):
        return False
    b = decode(p.b, p.ctx.terms_back(p))
    a = p.a.replace(b"\0", b" ") if p.deviation("value-nul") else p.a
    if p.deviation("text-control"):  # SO and SI, which shift nothing here
        a = a.replace(b"\x0e", b"").replace(b"\x0f", b"")
    return b is not None and p.vr not in UNITS and any(
        text_of(a, codec) == b.rstrip(" \0")
        for codec in ("utf-8", "cp1252", "latin-1", "shift_jis", "gb18030"))


@rule("value")
def left_over(p):
    """unit-length: bytes that are no whole unit are dropped"""
    unit = UNITS.get(p.vr)
    return bool(unit) and p.deviation("unit-length") and \
        p.a[:len(p.a) // unit * unit] == p.b


@rule("value")
def odd_length(p):
    """odd-length: PS3.5 7.1.1: padded on the way"""
    return len(p.a) % 2 == 1 and p.deviation("odd-length") and \
        p.a in (p.b[:-1], p.b) and p.b[-1:] in (b" ", b"\0")


@rule("value")
def value_nul(p):
    """value-nul: a NUL within text, which JSON can hold, is a space"""
    return p.deviation("value-nul") and p.vr in TEXT | STRIP_BOTH and \
        strip(p.vr, p.a.replace(b"\0", b" ")) == strip(p.vr, p.b)


@rule("value")
def invalid_text(p):
    """text-invalid: bytes that are no characters are U+FFFD; all others stay
    """
    if p.vr not in TEXT or not p.deviation("text-invalid"):
        return False
    b = decode(p.b, p.ctx.terms_back(p))
    if b is None or "\ufffd" not in b:
        return False
    pattern = b".{1,4}".join(re.escape(piece.encode("utf-8"))
                             for piece in re.split("\ufffd+", b.rstrip()))
    return re.fullmatch(pattern, strip(p.vr, p.a), re.S) is not None


@rule("value")
def directory_offsets(p):
    """PS3.3 F.3.2.2: those of a DICOMDIR count from the start of the file,
    whose group 0002 is another one; they lead to items"""
    at = int.from_bytes(p.b, "big" if p.ctx.order == ">" else "little")
    return p.tag in OFFSETS and len(p.b) == 4 and \
        p.ctx.data[at:at + 4] == b"\xfe\xff\0\xe0"


@rule("fragments")
def odd_fragment(p):
    """fragment: one of odd length is padded on the way (PS3.5 A.4)"""
    return p.deviation("fragment", "odd-length") and \
        [a + b"\0" * (len(a) % 2) for a in p.a] == list(p.b)


# --- other writers of JSON; see the reference of their model

PEERS = ("dcmtk", "pydicom", "odil")


@rule("gone", *PEERS)
def not_in_their_json(p):
    """out-of-order, odd-length, duplicate-tag: they read such a file otherwise
    """
    return p.deviation("out-of-order", "odd-length", "duplicate-tag") and \
        b'"%08X"' % p.tag not in p.ctx.json.upper()


@rule("vr", *PEERS)
def private_un(p):
    """private elements without a VR are UN where the writer's dictionary has
    them not; odil writes creators so, too"""
    return p.vr_b == "UN" and p.tag >> 16 & 1 == 1 and \
        (p.ctx.way == "odil" or p.tag & 0xFFFF > 0xFF)


@rule("vr", *PEERS)
def ambiguous(p):
    """PS3.6: one of the VRs that the dictionary has, if not the same one; odil
    writes UN"""
    known = (known_vr(p.tag) or "").split("/")
    return len(known) > 1 and p.vr_a in known and \
        p.vr_b in known + ["UN"] * (p.ctx.way == "odil")


@rule("value", *PEERS)
def charset_not_theirs(p):
    """value-form, text-control, text-invalid, text-escape: text beyond ASCII
    in a VR that has none, or that is not well-formed: each reads it in its
    way"""
    return p.vr in TEXT | STRIP_BOTH and p.deviation(
        "value-form", "text-control", "text-invalid", "text-escape",
        "text-no-escape") and (p.a + p.b).decode("latin-1").isascii() is False


@rule("value", "odil")
def inherited_charset(p):
    """odil forgets in items which character set they inherit"""
    return p.vr in TEXT and p.depth > 0 and max(p.a) > 0x7F


@rule("value", "odil")
def number_prefix(p):
    """odil makes the number of an IS or DS of its first characters, or none"""
    return p.vr in ("IS", "DS") and \
        p.deviation("value-form", "number-form") and \
        p.a.strip().startswith(p.b.strip())


@rule("value", "pydicom", "odil")
def by_double(p):
    """their DS is a double on its way: 13 digits stay"""
    return p.vr == "DS" and close(texts(p.a), texts(p.b), 1e-13)


@rule("value", "dcmtk")
def by_17_digits(p):
    """DCMTK's FD and FL have so many digits that the last one may be off"""
    form = {"FL": "f", "FD": "d"}.get(p.vr)
    if not form or len(p.a) != len(p.b):
        return False
    form = "<%d%s" % (len(p.a) // UNITS[p.vr], form)
    return close(struct.unpack(form, p.a), struct.unpack(form, p.b), 3e-16)


@rule("value", "dcmtk")
def without_carets(p):
    """DCMTK drops delimiters at the end of a group of a name"""
    return p.vr == "PN" and [[g.rstrip(b"^ ") for g in n]
                             for n in names(p.a)] == \
        [[g.rstrip(b"^ ") for g in n] for n in names(p.b)]


@rule("value", "dcmtk")
def without_leading_spaces(p):
    """DCMTK strips spaces before LO, SH, PN and UC, and all of a UI"""
    if p.vr == "UI":
        return p.a.replace(b" ", b"").rstrip(b"\0") == p.b.rstrip(b"\0")
    return p.vr in ("LO", "SH", "PN", "UC") and \
        [v.strip() for v in strip(p.vr, p.a).split(b"\\")] == \
        [v.strip() for v in strip(p.vr, p.b).split(b"\\")]


@rule("value", "dcmtk")
def up_to_nul(p):
    """DCMTK ends text, or a component of a name, at a NUL"""
    end = rb"\0[^\\^=]*" if p.vr == "PN" else rb"\0.*"
    return b"\0" in p.a and strip(p.vr, re.sub(end, b"", p.a, flags=re.S)) == \
        strip(p.vr, p.b)


@rule("value", "pydicom")
def not_swapped(p):
    """pydicom writes InlineBinary in the order of the file"""
    return p.ctx.uid == BIG and p.vr in ("OW", "OF", "OL", "OD", "OV") and \
        swapped(p.a, UNITS[p.vr]) == p.b


@rule("form", "pydicom", "odil")
def items_of_un(p):
    """pydicom and odil write UN of undefined length as the bytes of its items
    """
    return p.vr_b == "UN" and isinstance(p.a, list) and \
        p.b[:4] == b"\xfe\xff\0\xe0"


@rule("form", "pydicom")
def items_in_un(p):
    """pydicom looks into UN of known length, for items in explicit VR too"""
    return p.vr_a == "UN" and isinstance(p.b, list) and \
        p.a[:4] == b"\xfe\xff\0\xe0"


@rule("form", "pydicom")
def items_inline(p):
    """pydicom writes encapsulated Pixel Data as InlineBinary of its items"""
    odd = p.deviation("fragment", "odd-length")
    return p.tag == PIXELS and isinstance(p.a, tuple) and any(
        [f + b"\0" * (len(f) % 2) for f in fragments_of(b)] == list(p.a)
        for b in ([p.b, p.b[:-1]] if odd else [p.b]))


def fragments_of(items):
    try:
        return Parser(items + b"\xfe\xff\xdd\xe0\0\0\0\0", True,
                      False).fragments()
    except Unreadable:
        return ()


OFFSETS = (0x00041200, 0x00041202, 0x00041400, 0x00041420, 0x00041504)


def swapped(value, unit):
    return b"".join(value[i:i + unit][::-1]
                    for i in range(0, len(value), unit))


def texts(value):
    try:
        return [float(v) for v in value.strip(b" \0").split(b"\\")]
    except ValueError:
        return []


def close(a, b, most):
    return len(a) == len(b) > 0 and all(
        x == y or x != x and y != y or abs(x - y) <= most * abs(x)
        for x, y in zip(a, b))


def text_of(value, codec):
    try:
        return value.decode(codec, "replace" if codec == "cp1252"
                            else "strict").rstrip(" \0")
    except UnicodeDecodeError:
        return None


def names(value, most=9):
    out = []
    for name in value.rstrip(b" \0").split(b"\\"):
        groups = [g.strip(b" \0") for g in name.split(b"=")[:most]]
        groups = [g if g.strip(b"^ ") else b"" for g in groups]
        while groups and not groups[-1]:
            groups.pop()
        out.append(groups)
    return out


def same_numbers(a, b):
    a, b = ([v.strip(b" \0") for v in x.split(b"\\")] for x in (a, b))
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if x == y:
            continue
        if not re.fullmatch(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", x):
            return False
        try:
            if Decimal(x.decode()) != Decimal(y.decode()):
                return False
        except (InvalidOperation, UnicodeDecodeError):
            return False
    return True


PRIVATE = collections.defaultdict(set)


def load_private(path):
    with open(path, newline="") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            PRIVATE[row["tag"].lower()].add(row["vr"])


def known_private(p):
    """By the number within its block, any creator's."""
    return p.vr_b in PRIVATE["%04xxx%02x" % (p.tag >> 16, p.tag & 0xFF)]


# --------------------------------------------------------------- comparison

class Context:
    """One file on one way."""

    def __init__(self, way, names_met, data=b"", uid=None):
        self.way, self.names = way, names_met
        self.data, self.uid = data, uid  # of the file that came back
        self.json = b""                  # of a peer
        self.order = "><"[uid != BIG]
        self.problems, self.rules = [], collections.Counter()
        self.back = []

    def problem(self, path, text):
        self.problems.append("%s: %.300s" % (path, text))

    def terms_back(self, place):
        return self.back[-1] if self.back else place.terms


def terms_in(tree, outer):
    for tag, _, value in tree:
        if tag == CHARSET and isinstance(value, bytes):
            return value.decode("latin-1")
    return outer


def compare(ctx, a, b, path="", terms=""):
    """Two trees; a is the file's."""
    terms = terms_in(a, terms)
    ctx.back.append(terms_in(b, ctx.back[-1] if ctx.back else ""))
    mine = {tag: (vr, value) for tag, vr, value in b}
    seen = set()
    for tag, vr, value in a:
        here = "%s/%08X" % (path, tag)
        place = Place(ctx, tag, vr, value, *mine.get(tag, (None, None)),
                      terms, seen)
        if tag in seen or tag not in mine:
            if not excused("gone", place):
                ctx.problem(here, "does not come back: %s %.60r" % (vr, value))
            continue
        seen.add(tag)
        compare_element(ctx, place, here)
    for tag, vr, value in b:
        if tag not in seen and not excused("new", Place(
                ctx, tag, None, None, vr, value, terms)):
            ctx.problem("%s/%08X" % (path, tag), "was not there: %s %.60r" % (
                vr, value))
    ctx.back.pop()


def as_items(value, big):
    """The bytes of UN that are items in implicit VR, or None."""
    p = Parser(value, True, big)
    try:
        return p.items(len(value))
    except Unreadable:
        return None


def compare_element(ctx, p, here):
    a, b = p.a, p.b
    if p.vr_a and p.vr_b and p.vr_a != p.vr_b and not excused("vr", p):
        ctx.problem(here, "VR %s, was %s" % (p.vr_b, p.vr_a))
    if isinstance(a, bytes) and isinstance(b, list) and \
            excused("sequence", p):
        a = as_items(a, p.ctx.order == ">")
    if type(a) is not type(b):
        if not excused("form", p):
            ctx.problem(here, "another form of value: %.60r, was %.60r" % (
                b, p.a))
    elif isinstance(a, list):
        if len(a) != len(b):
            ctx.problem(here, "%d items, were %d" % (len(b), len(a)))
        for i, (x, y) in enumerate(zip(a, b)):
            compare(ctx, x, y, "%s[%d]" % (here, i + 1), p.terms)
    elif a != b and not excused("fragments" if isinstance(a, tuple)
                                else "value", p):
        ctx.problem(here, "%s %.80r, was %s %.80r" % (p.vr_b, b, p.vr_a, a))


# ------------------------------------------------------------------- inputs

class Input:
    def __init__(self, name, expect, data, fixture=False):
        self.name, self.expect, self.data = name, expect, data
        self.fixture = fixture
        self.short = None        # its name in the work folder
        self.tree = self.uid = None
        self.form = "explicit"   # of lengths, to be written
        self.uniform = True      # no other form is there


def analyse(i):
    """What the test's parser makes of it; of what it does not take, dcmconv's
    copy is what json2dcm's is compared with."""
    try:
        i.uid, _ = split(i.data)
        i.tree, parser = parse(i.data)
        forms = parser.forms
    except (Unreadable, RecursionError):
        i.tree, forms = None, set()
    if forms == {"undefined"} or i.uid == DEFLATED:
        i.form = "undefined"  # a deflated one can't be written otherwise
    i.uniform = forms in (set(), {i.form})


def corpus_inputs(folder):
    manifest = os.path.join(folder, "manifest.tsv") if folder else ""
    if not os.path.exists(manifest):
        print("no corpus%s: fixtures only" % (
            " in " + folder if folder else ""))
        return
    with open(manifest, newline="") as f:
        for row in csv.DictReader(f, delimiter="\t",
                                  quoting=csv.QUOTE_NONE):
            yield Input(row["file"], row["expect"],
                        read(os.path.join(folder, row["file"])))


HEADS = {"ele": "1.2.840.10008.1.2.1", "ile": IMPLICIT, "ebe": BIG,
         "jpeg": "1.2.840.10008.1.2.4.50"}


def case_inputs(path):
    """(name, expect, text) of the cases of a file: tests/cases/README."""
    out, part = [], None
    with open(path, encoding="utf-8") as f:
        for line in f:
            word, _, rest = line.rstrip("\n").partition(" ")
            if line[0] == " ":
                if part == "input":
                    out[-1][2] += line
                continue
            part = word
            if word == "case":
                out.append([rest, "ok", ""])
            elif word == "file":
                out[-1][2] = "preamble\nsyntax %s\n" % HEADS[rest]
            elif word in ("warn", "error", "may"):
                out[-1][1] = "other"
    return out


def fixture_inputs(source, hexd, folder):
    texts = []
    for name in sorted(os.listdir(os.path.join(source, "tests/cases"))):
        if name.endswith(".case"):
            texts += case_inputs(os.path.join(source, "tests/cases", name))
    for name in sorted(os.listdir(os.path.join(source, "tests/files"))):
        if name.endswith(".hexd"):
            with open(os.path.join(source, "tests/files", name)) as f:
                texts.append((name[:-5], "ok" if name.startswith("good")
                              else "other", f.read()))
    path = os.path.join(folder, "text")
    for name, expect, text in texts:
        with open(path, "w") as f:
            f.write(text)
        r = run([hexd, path])
        if r.returncode:
            sys.exit("hexd: %s: %s" % (name, r.stderr.decode()))
        yield Input(name, expect, r.stdout, True)


# ------------------------------------------------------------------ running

def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def run(command, **more):
    return subprocess.run(command, capture_output=True, timeout=LIMIT, **more)


class Work:
    """The folder where all is done, and what is called there."""

    def __init__(self, tools, folder, inputs):
        self.tools, self.folder, self.inputs = tools, folder, inputs
        # by label, by short name
        self.errors = collections.defaultdict(dict)
        self.met = collections.defaultdict(
            lambda: collections.defaultdict(set))
        for n, i in enumerate(inputs):
            i.short = "i%04d" % n
            write(self.path(i.short + ".dcm"), i.data)

    def path(self, *names_):
        return os.path.join(self.folder, *names_)

    def call(self, tool, label, files, out, *arguments):
        """Over all files at once; what it says of each is kept, by label."""
        if not files:
            return
        listed = self.path("list")
        write(listed, "".join(f + "\n" for f in files).encode())
        r = run([self.tools[tool], "--diagnostics", "json", "--force",
                 "--files-from", listed, "-d", out] + list(arguments),
                cwd=self.folder)
        by_name = {i.short: i for i in self.inputs}
        for line in r.stderr.decode("utf-8", "replace").splitlines():
            try:
                d = json.loads(line)
                i = by_name[os.path.basename(d["file"])[:5]]
            except (ValueError, KeyError, TypeError):
                continue
            if d.get("kind") == "error":
                self.errors[label][i.short] = d.get("message", line)
            elif d.get("name"):
                self.met[label][i.short].add(d["name"])
        if r.returncode not in (0, 1):
            raise RuntimeError("%s ends with %d: %.999s" % (
                tool, r.returncode, r.stderr.decode("utf-8", "replace")))


WAYS = collections.OrderedDict((
    ("inline", (["--bulk", "inline"], ".")),
    ("uri", (["--bulk", "uri", "--bulk-size", "16"], ".")),
    ("files", (["--bulk", "files"], "files")),
    ("strings", (["--bulk", "inline", "--numbers", "string"], ".")),
))


def there(work):
    for way, (arguments, _) in WAYS.items():
        work.call("dcm2json", way, [i.short + ".dcm" for i in work.inputs],
                  way, "--meta", *arguments)
    for how in (["--lengths", "explicit"], ["--repair"]):
        work.call("dcmconv", how[-1], [i.short + ".dcm" for i in work.inputs],
                  how[-1].strip("-"), *how)


def back(work):
    for way, (_, root) in WAYS.items():
        for form in ("explicit", "undefined"):
            files = [os.path.join(way, i.short + ".json") for i in work.inputs
                     if i.form == form and os.path.exists(
                         work.path(way, i.short + ".json"))]
            work.call("json2dcm", "back-" + way, files, "back-" + way,
                      "--lengths", form, "--bulk-root", root)


class Report:
    def __init__(self):
        self.files, self.bad = collections.Counter(), set()
        self.counts, self.rules = collections.Counter(), {}
        self.texts = []

    def add(self, i, ctx, where):
        for name, n in ctx.rules.items():
            row = self.rules.setdefault(name, [0, set()])
            row[0] += n
            row[1].add(i.name)
        if ctx.problems:
            self.bad.add(i.name)
            self.texts.append((i, where, ctx.problems, ctx.names))

    def fail(self, i, where, text):
        ctx = Context(where, ())
        ctx.problem("", text)
        self.add(i, ctx, where)

    def show(self, verbose):
        last = None
        for i, where, problems, met in sorted(
                self.texts, key=lambda t: t[0].short):
            if i is not last:
                print("not ok %s %s (%s)" % (i.short, i.name, i.expect))
            last = i
            for text in problems[:None if verbose else 3]:
                print("    %s %s%s" % (where, text, " [%s]" % " ".join(
                    sorted(met)) if met else ""))
        print("\nfiles: " + ", ".join("%d %s" % (n, k) for k, n in
                                      sorted(self.files.items())) +
              "; wrong: %d" % len(self.bad))
        for name, n in sorted(self.counts.items()):
            print("%8d %s" % (n, name))
        reasons = {f.__name__: " ".join(f.__doc__.split())
                   for row in RULES.values() for f, _ in row}
        print("\nrules used (elements, files):")
        for name, (n, files) in sorted(self.rules.items()):
            print("%8d %5d %-24s %s" % (n, len(files), name, reasons[name]))


# Deviations that change what is an element: where our reading of the file is
# tested with dcmconv.
OTHERWISE = set(
    "bad-vr explicit-in-un header-form item-encoding item-length "
    "meta-in-data-set no-item-delimiter no-sequence-delimiter "
    "no-transfer-syntax sequence-length stray-delimiter stray-item "
    "unknown-vr vr-mismatch wrong-transfer-syntax".split())


def expected_tree(work, i, met):
    """The file's own tree, or that of dcmconv's copy."""
    if i.tree is not None and not met & OTHERWISE:
        return i.tree
    copy = work.path("repair", i.short + ".dcm")
    return parse(read(copy))[0] if os.path.exists(copy) else None


# Where json2dcm refuses what dcm2json has written.
REFUSED = (
    ({"text-other-set", "text-invalid", "charset-unknown", "charset-term",
      "charset-mix", "text-escape", "text-no-escape"},
     "is not in the character set"),
    ({"native-encapsulated"}, "in an encapsulated transfer syntax"),
    ({"encapsulated-native"}, "Pixel Data is encapsulated, and nothing says"),
)


def judge(work, report, i, way):
    """One file that json2dcm has written on one way, or has not."""
    met = work.met[way][i.short] | work.met["back-" + way][i.short]
    refused = work.errors["back-" + way].get(i.short)
    if i.short in work.errors[way]:
        report.counts["%s: not turned into JSON" % way] += 1
        if i.expect == "ok":
            report.fail(i, way, "dcm2json: " + work.errors[way][i.short])
    elif refused and any(met & names_ and text in refused
                         for names_, text in REFUSED):
        report.counts["%s: not turned back, by name" % way] += 1
    elif refused:
        report.fail(i, way, "json2dcm: " + refused)
    else:
        judge_bytes(work, report, i, way, met)


def judge_bytes(work, report, i, way, met):
    data = read(work.path("back-" + way, i.short + ".dcm"))
    uid, got = split(data)
    if i.uid and uid != i.uid and not met & OTHERWISE:
        report.fail(i, way, "transfer syntax %s, was %s" % (uid, i.uid))
    if i.tree is not None and got == split(i.data)[1]:
        report.counts["%s: identical" % way] += 1
        return
    copy = work.path("explicit", i.short + ".dcm")
    if i.form == "explicit" and os.path.exists(copy) and \
            split(read(copy))[1] == got:
        report.counts["%s: identical after lengths" % way] += 1
        return
    judge_elements(work, report, i, way, met, data)


def judge_elements(work, report, i, way, met, data):
    ctx = Context(way, met, data, split(data)[0])
    try:
        tree, parser = parse(data)
        check_written(tree)
        if parser.forms - {i.form} and not parser.only_undefined:
            ctx.problem("", "lengths %s, asked for %s" % (
                parser.forms, i.form))
        wanted = expected_tree(work, i, met)
        if wanted is None:
            report.counts["%s: nothing to compare with" % way] += 1
        else:
            compare(ctx, wanted, tree)
            if not ctx.problems and not ctx.rules and not met and \
                    i.uniform:
                ctx.problem("", "the same elements, other bytes")
    except Unreadable as e:
        ctx.problem("", "not a data set that conforms: %s" % e)
    if not ctx.problems:
        report.counts["%s: the same but for the rules below" % way] += 1
    report.add(i, ctx, way)


# -------------------------------------------------------------------- peers

def find_dcmtk(ours):
    """DCMTK's dcm2json on PATH, which may hold ours too."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        tool = os.path.join(folder, "dcm2json")
        if os.access(tool, os.X_OK) and \
                os.path.realpath(tool) != os.path.realpath(ours) and \
                b"dcmtk" in run([tool, "--version"]).stdout:
            return tool
    return None


def by_dcmtk(tool):
    def convert(path):
        r = run([tool, "-q", "-fc", path])
        return r.stdout if r.returncode == 0 else None
    return convert


def by_pydicom(pydicom):
    def convert(path):
        return pydicom.dcmread(path, force=True).to_json().encode()
    return convert


def by_odil(odil):
    def convert(path):
        return odil.as_json(odil.Reader.read_file(path)[1]).encode()
    return convert


def find_peers(ours):
    """{name: function from a file to JSON, None when it can't}."""
    out, dcmtk = {}, find_dcmtk(ours)
    if dcmtk:
        out["dcmtk"] = by_dcmtk(dcmtk)
    for name, make in (("pydicom", by_pydicom), ("odil", by_odil)):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        out[name] = make(module)
    for name in ("dcmtk", "pydicom", "odil"):
        if name not in out:
            print("%s is not here: its JSON is left out" % name)
    return out


def peers(work, report, every):
    """Elements are compared in UTF-8 and explicit VR, as dcmconv writes the
    file: JSON of others does not say what it was in."""
    chosen = [i for i in work.inputs
              if i.expect == "ok" and not i.fixture][::every]
    if not chosen:
        print("no corpus: JSON of others is left out")
        return
    for native in (True, False):
        work.call("dcmconv", "utf8", [
            i.short + ".dcm" for i in chosen
            if native == (i.uid in NATIVE)], "utf8", "--charset", "utf8",
            *(["--to", "explicit"] if native else []))
    for name, convert in find_peers(work.tools["dcm2json"]).items():
        os.mkdir(work.path(name))
        for i in chosen:
            peer_writes(work, report, name, convert, i)
        done = [os.path.join(name, i.short + ".json") for i in chosen
                if os.path.exists(work.path(name, i.short + ".json"))]
        work.call("json2dcm", name, done, "back-" + name, "--charset", "utf8")
        for i in chosen:
            if os.path.exists(work.path(name, i.short + ".json")):
                judge_peer(work, report, i, name)


def peer_writes(work, report, name, convert, i):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = convert(work.path(i.short + ".dcm"))
    except Exception:  # each has its own
        text = None
    if text is None:
        report.counts["%s: has no JSON of it" % name] += 1
    else:
        write(work.path(name, i.short + ".json"), text)


def not_json(path):
    """What DCMTK, pydicom and odil write that is not JSON (json-model: NaN,
    infinities, E5, bytes that are not UTF-8)."""
    def refuse(token):
        raise ValueError(token)
    try:
        json.loads(read(path).decode("utf-8"), parse_constant=refuse)
    except ValueError:
        return True
    return False


def judge_peer(work, report, i, name):
    met = work.met["utf8"][i.short] | work.met[name][i.short] | \
        work.met["inline"][i.short]
    ctx = Context(name, met, uid=i.uid)
    path = work.path(name, i.short + ".json")
    copy = work.path("utf8", i.short + ".dcm")
    if i.short in work.errors[name]:
        refused = work.errors[name][i.short]
        if not_json(path):
            report.counts["%s: is not JSON, and refused" % name] += 1
        elif met & {"meta-in-data-set"} and "in an item" in refused:
            report.counts["%s: group 0002 in an item, refused" % name] += 1
        else:
            report.fail(i, name, "json2dcm: " + refused)
        return
    if not os.path.exists(copy):
        report.counts["%s: nothing to compare with" % name] += 1
        return
    if met & OTHERWISE:
        report.counts["%s: a file that each may read in its way" % name] += 1
        return
    try:
        ctx.json = read(path)
        ctx.data = read(work.path("back-" + name, i.short + ".dcm"))
        tree = parse(ctx.data)[0]
        check_written(tree)
        compare(ctx, parse(read(copy))[0], tree)
    except Unreadable as e:
        ctx.problem("", "not a data set that conforms: %s" % e)
    if not ctx.problems:
        report.counts["%s: the same elements" % name] += 1
    report.add(i, ctx, name)


# --------------------------------------------------------------------- main

def find_tools(folder):
    out = {}
    for name in ("dcm2json", "json2dcm", "dcmconv", "hexd"):
        path = os.environ.get(name.upper()) or os.path.join(
            folder, "tests/hexd" if name == "hexd" else name)
        out[name] = os.path.abspath(path)
        if not os.access(path, os.X_OK):
            print("no %s" % path)
            sys.exit(77)
    return out


def main(arguments):
    verbose, every, keep = "-v" in arguments, 3, "--keep" in arguments
    if "--every" in arguments:
        at = arguments.index("--every")
        every = int(arguments[at + 1])
        del arguments[at:at + 2]
    arguments = [a for a in arguments if a not in ("-v", "--keep")]
    if len(arguments) < 2:
        sys.exit(__doc__)
    tools, source = find_tools(arguments[0]), arguments[1]
    wanted = arguments[3:]
    sys.setrecursionlimit(8000)
    load_dictionary(os.path.join(source, "dict/elements.tsv"))
    load_private(os.path.join(source, "dict/private.tsv"))
    folder, start = tempfile.mkdtemp(prefix="test-jsonback-"), time.time()
    report = Report()
    try:
        inputs = list(fixture_inputs(source, tools["hexd"], folder))
        inputs += corpus_inputs(arguments[2] if arguments[2:] else None)
        inputs = [i for i in inputs
                  if not wanted or any(n in i.name for n in wanted)]
        work = Work(tools, folder, inputs)
        for i in inputs:
            report.files[i.expect] += 1
            analyse(i)
        there(work)
        back(work)
        for i in inputs:
            for way in WAYS:
                judge(work, report, i, way)
        peers(work, report, every)
    finally:
        if not keep:
            shutil.rmtree(folder)
    report.show(verbose)
    print("\n%.0f s, %.0f s CPU" % (time.time() - start,
                                    sum(os.times()[:4])))
    return 1 if report.bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

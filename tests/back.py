"""What tests of the ways to JSON and XML and back share: a parser of data sets
that knows nothing of the library, the comparison of two data sets, and rules,
which look at what differs and say by name what does not survive a model. A
test adds rules of its own. back_run.py calls the programs.
"""
import collections
import csv
import functools
import re
import struct
import zlib

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
    one that both can be taken to have; `around` is the file's data set or
    item, `siblings` the tags before it there."""

    def __init__(self, ctx, tag, vr_a, a, vr_b, b, terms, around,
                 siblings=()):
        self.ctx, self.tag, self.a, self.b = ctx, tag, a, b
        self.vr_a, self.vr_b, self.terms = vr_a, vr_b, terms
        self.around, self.siblings = around, siblings
        self.depth = len(ctx.back) - 1
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
    """PS3.18 F.2.2, PS3.19 A.1: group lengths are in neither model"""
    return p.tag & 0xFFFF == 0


@rule("gone")
def trailing_padding(p):
    """PS3.10 7.2: (FFFC,FFFC) has no significance and is not written"""
    return p.tag == 0xFFFCFFFC


@rule("gone")
def duplicate(p):
    """duplicate-tag: a model has an attribute once; the first stays"""
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
    """PS3.5 6.2.2: UN of an element that the dictionary knows has its VR
    now"""
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
    """PS3.5 6.2: spaces and NULs that have no significance are not kept"""
    return strip(p.vr, p.a) == strip(p.vr, p.b)


@rule("value")
def nan(p):
    """PS3.18 F.2.3: "NaN" does not say which it was"""
    form = {"FL": "f", "FD": "d"}.get(p.vr)
    n = UNITS.get(p.vr)
    if not form or len(p.a) != len(p.b) or len(p.a) % n:
        return False
    form = p.ctx.order + "%d%s" % (len(p.a) // n, form)
    return all(x == y or x != x and y != y for x, y in
               zip(struct.unpack(form, p.a), struct.unpack(form, p.b)))


@rule("value")
def names_without_groups(p):
    """PS3.5 6.2.1: component groups that are empty are not kept"""
    return p.vr == "PN" and names(p.a) == names(p.b)


@rule("value")
def name_groups(p):
    """name-groups: more than three groups of a name, the rest is left out"""
    return p.vr == "PN" and p.deviation("name-groups") and \
        names(p.a, 3) == names(p.b)


@rule("value")
def escapes(p):
    """PS3.5 6.1.2.5: the same characters; escapes, or which set a character
    is taken from, are not kept"""
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


# --- what other writers of JSON and XML do; see the references of the models

PEERS = ("dcmtk", "pydicom", "odil", "gdcm")


@rule("gone", *PEERS)
def not_in_theirs(p):
    """out-of-order, odd-length, duplicate-tag: they read such a file otherwise
    """
    return p.deviation("out-of-order", "odd-length", "duplicate-tag") and \
        b'"%08X"' % p.tag not in p.ctx.text.upper()


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
    return p.vr == "PN" and bare_names(p.a) == bare_names(p.b)


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


@rule("form", "pydicom", "odil")
def items_of_un(p):
    """pydicom and odil write UN of undefined length as the bytes of its items
    """
    return p.vr_b == "UN" and isinstance(p.a, list) and \
        p.b[:4] == b"\xfe\xff\0\xe0"

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


def bare_names(value):
    return [[g.rstrip(b"^ ") for g in n] for n in names(value)]


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
        self.text = b""                  # of a peer
        self.order = "><"[uid != BIG]
        self.problems, self.rules = [], collections.Counter()
        self.back = []

    def align(self, _, b):
        """b with the tags that its elements have in a."""
        return b

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
    b = ctx.align(a, b)
    terms = terms_in(a, terms)
    ctx.back.append(terms_in(b, ctx.back[-1] if ctx.back else ""))
    mine = {tag: (vr, value) for tag, vr, value in b}
    seen = set()
    for tag, vr, value in a:
        here = "%s/%08X" % (path, tag)
        place = Place(ctx, tag, vr, value, *mine.get(tag, (None, None)),
                      terms, a, seen)
        if tag in seen or tag not in mine:
            if not excused("gone", place):
                ctx.problem(here, "does not come back: %s %.60r" % (vr, value))
            continue
        seen.add(tag)
        compare_element(ctx, place, here)
    for tag, vr, value in b:
        if tag not in seen and not excused("new", Place(
                ctx, tag, None, None, vr, value, terms, a)):
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

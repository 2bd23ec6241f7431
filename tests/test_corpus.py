#!/usr/bin/env python3
"""test_corpus.py DCM2JSON CORPUS [-v] [NAME...]

Converts every file of a corpus of real files and compares what comes out,
attribute by attribute, with what pydicom reads. pydicom only takes the files
apart; its bytes are decoded here, by the standard, and the result compared
with our JSON. Where pydicom itself reads a file otherwise than the standard
or the project's references ask, a rule below says so, by name, and each use
is counted and printed: nothing is left out of the comparison in silence.

CORPUS holds manifest.tsv with the columns `file`, `expect` (ok, broken,
disputed) and `tags`.  Exit status: 0 all well, 1 not, 77 nothing to test with.
"""
import base64
import binascii
import collections
import csv
import functools
import json
import math
import multiprocessing
import os
import re
import struct
import subprocess
import sys
import warnings
from decimal import Decimal

try:
    import pydicom
    import pydicom.charset
    import pydicom.datadict
    import pydicom.filereader
    import pydicom.multival
    import pydicom.values
except ImportError:
    print("no pydicom for this Python")
    sys.exit(77)

LIMIT = 60  # seconds a conversion may take

STRIP_BOTH = set("AE AS CS DA DS DT IS TM UI UR".split())
STRIP_RIGHT = set("LO LT PN SH ST UC UT".split())
TEXT = STRIP_BOTH | STRIP_RIGHT
ONE_VALUE = set("LT ST UT UR".split())
CHARSET = set("LO LT PN SH ST UC UT".split())
NUMBERS = {"FL": "f", "FD": "d", "SL": "i", "SS": "h", "SV": "q", "UL": "I",
           "US": "H", "UV": "Q"}
BYTES = {"OB": 1, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "UN": 1}
ALL_VRS = TEXT | set(NUMBERS) | set(BYTES) | {"AT", "SQ"}
# PS3.18 F.2.2
URI_VRS = set("DS FL FD IS LT OB OD OF OL OV OW SL SS ST SV UC UL UN US UT "
              "UV".split())
DS = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$", re.A)
IS = re.compile(r"[+-]?\d+$", re.A)

# ------------------------------------------------------------------- strict


class Strict(Exception):
    """Not the JSON that PS3.18 Annex F and RFC 8259 ask for."""


def no_duplicates(pairs):
    names = [k for k, _ in pairs]
    if len(set(names)) != len(names):
        raise Strict("a name twice: %r" % names)
    tags = [k for k in names if re.fullmatch("[0-9A-Fa-f]{8}", k)]
    if tags != sorted(tags) or any(t != t.upper() for t in tags):
        raise Strict("names do not ascend: %r" % tags[:20])
    return dict(pairs)


def not_json(word):
    raise Strict("%s is no JSON" % word)


def parse_strict(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise Strict("not UTF-8: %s" % e)
    try:
        return json.loads(text, object_pairs_hook=no_duplicates,
                          parse_float=Decimal, parse_int=int,
                          parse_constant=not_json)
    except ValueError as e:
        raise Strict("not JSON: %s" % e)


def check_form(dataset, path=""):
    """Every attribute is of the form that F.2 allows."""
    if not isinstance(dataset, dict):
        raise Strict("%s: no object" % path)
    for tag, a in dataset.items():
        where = path + "/" + tag
        if not re.fullmatch("[0-9A-F]{8}", tag):
            raise Strict("%s: not a tag" % where)
        if tag.endswith("0000"):
            raise Strict("%s: a group length" % where)
        if a.get("vr") not in ALL_VRS:
            raise Strict("%s: VR %r" % (where, a.get("vr")))
        rest = sorted(set(a) - {"vr"})
        if len(rest) > 1 or not set(rest) <= {"Value", "InlineBinary",
                                              "BulkDataURI"}:
            raise Strict("%s: members %r" % (where, rest))
        check_children(a, rest, where)


def check_children(a, rest, where):
    vr = a["vr"]
    if rest == ["InlineBinary"]:
        if vr not in BYTES or not a["InlineBinary"]:
            raise Strict("%s: InlineBinary of %s" % (where, vr))
    elif rest == ["BulkDataURI"]:
        if vr not in URI_VRS:
            raise Strict("%s: BulkDataURI of %s" % (where, vr))
    elif rest == ["Value"]:
        if vr in BYTES or not a["Value"] or a["Value"] == [None]:
            raise Strict("%s: Value of %s: %.40r" % (where, vr, a["Value"]))
        for i, v in enumerate(a["Value"]):
            if vr == "SQ":
                check_form(v, "%s[%d]" % (where, i + 1))


# ------------------------------------------------------------------ reading


def as_bytes(value):
    """A stored value. pydicom has decoded (0008,0005) by the time it gives a
    data set, and None stands for an empty value."""
    if isinstance(value, pydicom.multival.MultiValue) and \
            not isinstance(value, pydicom.Sequence):
        value = "\\".join(value)
    if isinstance(value, str):
        return value.encode("latin-1")
    return b"" if value is None else value


class Scope:
    """A data set or item, and what it inherits."""

    def __init__(self, ctx, dataset, parent, path):
        self.ctx, self.dataset, self.parent = ctx, dataset, parent
        self.path = path
        own = self.raw_value(0x00080005)
        self.terms = parent.terms if parent else None
        if own is not None:
            self.terms = [t.strip(" \0") for t in
                          own.decode("latin-1").split("\\")]

    def raw_value(self, tag):
        e = self.dataset._dict.get(tag)
        value = as_bytes(getattr(e, "value", None))
        return value if isinstance(value, bytes) else None

    def pixel_representation(self):
        s = self
        while s:
            value = s.raw_value(0x00280103)
            if value and len(value) >= 2:
                big = not getattr(s.dataset._dict[0x00280103],
                                  "is_little_endian", True)
                return struct.unpack_from(">H" if big else "<H", value)[0]
            s = s.parent
        return None


@functools.lru_cache(None)
def find_dcmtk():
    """DCMTK's dcm2json on PATH, which may hold ours too."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        tool = os.path.join(folder, "dcm2json")
        if os.access(tool, os.X_OK) and b"dcmtk" in subprocess.run(
                [tool, "--version"], capture_output=True).stdout:
            return tool
    return None


class Context:
    """One file while it is compared."""

    def __init__(self, row, path, data):
        self.path, self.data = path, data
        self.tags = set(t.split(":")[0] for t in row["tags"].split(","))
        self.problems, self.rules = [], collections.Counter()
        self.compared = 0
        self._dcmtk = None

    def problem(self, path, text):
        self.problems.append("%s: %s" % (path, text))

    def dcmtk(self):
        """The second oracle: DCMTK's JSON, {} when it has none."""
        if self._dcmtk is None:
            self._dcmtk = {}
            tool = find_dcmtk()
            r = subprocess.run([tool, "-q", self.path], capture_output=True,
                               timeout=LIMIT)
            try:
                self._dcmtk = json.loads(r.stdout, parse_float=Decimal)
            except ValueError:
                pass
        return self._dcmtk


RULES = {}


def rule(kind):
    """Makes a function a rule for one kind of difference. It gets a Place and
    says whether this is a case of it; its docstring is the reason."""
    def add(f):
        RULES.setdefault(kind, []).append(f)
        return f
    return add


class Place:
    """An attribute where ours and pydicom's differ."""

    def __init__(self, scope, tag, raw, ours):
        self.scope, self.tag, self.raw, self.ours = scope, tag, raw, ours
        self.ctx = scope.ctx
        self.path = "%s/%08X" % (scope.path, tag)


def excused(kind, place):
    for f in RULES.get(kind, []):
        if f(place):
            place.ctx.rules[f.__name__] += 1
            return True
    return False


# --- elements that are in pydicom's data set and not in our JSON

@rule("left out")
def group_length(p):
    """PS3.18 F.2.2: group lengths are not written"""
    return p.tag & 0xFFFF == 0


@rule("left out")
def trailing_padding(p):
    """PS3.10 7.2: (FFFC,FFFC) has no significance"""
    return p.tag == 0xFFFCFFFC


@rule("left out")
def meta_group(p):
    """PS3.10 7.1: group 0002 has no place in a data set"""
    return p.tag >> 16 == 2


# --- VRs

def dictionary_vr(tag):
    try:
        return pydicom.datadict.dictionary_VR(tag)
    except KeyError:
        return None


def is_creator(tag):
    return tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF


def resolve(scope, tag, vr, size):
    """One VR for a row that has several (PS3.5 A.1, PS3.6)."""
    if vr is None or " or " not in vr:
        return vr
    if vr == "OB or OW":
        return "OW"
    if "OW" in vr and (size > 2 or vr == "US or OW"):
        return "OW"
    return "SS" if scope.pixel_representation() == 1 else "US"


def expected_vr(scope, tag, raw):
    stored = raw.VR
    size = len(raw.value or b"") if isinstance(raw.value, bytes) else 0
    if isinstance(raw.value, pydicom.Sequence):
        return "SQ"
    if stored is None or (stored == "UN" and not tag >> 16 & 1):
        if is_creator(tag):
            return "LO"
        known = resolve(scope, tag, dictionary_vr(tag), size)
        return known or "UN"
    return stored if stored in ALL_VRS else "UN"


@rule("vr")
def encapsulated_is_ob(p):
    """PS3.5 A.4: fragments are OB, whatever the file says"""
    return p.ours["vr"] == "OB" and \
        getattr(p.raw, "length", 0) == 0xFFFFFFFF


@rule("vr")
def private_dictionary(p):
    """private elements of implicit files have the VR of a private
    dictionary, which pydicom's reader leaves to later"""
    return p.tag >> 16 & 1 and p.raw.VR in (None, "UN") and \
        p.ours["vr"] in ALL_VRS


# --- values

def natural(value, big, unit):
    """Bytes in little endian order."""
    if not big or unit == 1:
        return value
    n = len(value) // unit * unit
    return b"".join(value[i:i + unit][::-1] for i in range(0, n, unit)) + \
        value[n:]


def utf8_or_none(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None


def western(value):
    """windows-1252, U+FFFD for the five bytes that it has not."""
    return value.decode("cp1252", "replace")


TERM_ALIASES = {  # charsets reference 7: terms met in files, as meant
    "ISO-IR 100": "ISO_IR 100", "ISO_IR 6": "", "ISO 2022 IR 6": "",
}


def decode(scope, value, vr, one):
    """Text of a charset VR, by pydicom's codecs."""
    terms = [TERM_ALIASES.get(t, t) for t in scope.terms or []]
    if not any(terms):
        return value.decode("ascii") if value.isascii() else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        encodings = pydicom.charset.convert_encodings(terms)
        delimiters = {"\n", "\r", "\t", "\f"}
        if not one:
            delimiters.add("\\")
        if vr == "PN":
            delimiters |= {"^", "="}
        return pydicom.charset.decode_bytes(value, encodings, delimiters)


def trim(text, vr):
    text = text.rstrip(" \0")
    return text.lstrip(" ") if vr in STRIP_BOTH else text


def name_groups(text):
    """A person name as the JSON object, None when it is empty."""
    groups = [g.rstrip(" \0") for g in text.split("=")][:3]
    names = ("Alphabetic", "Ideographic", "Phonetic")
    return {n: g for n, g in zip(names, groups) if g.strip("^ ")} or None


def values_of_text(text, vr):
    if vr in ONE_VALUE:
        parts = [trim(text, vr)]
    else:
        parts = [trim(t, vr) for t in text.split("\\")]
    if vr == "PN":
        out = [name_groups(t) for t in parts]
    else:
        out = [t if t else None for t in parts]
    return [] if out == [None] else out


def same_number(text, ours, vr):
    """DS and IS: a number if its text is one that keeps its meaning."""
    if ours is None or text is None:
        return ours is text
    if vr == "IS":
        good = IS.match(text) and len(text) <= 12 and \
            -2 ** 31 <= int(text) < 2 ** 31
    else:
        good = DS.match(text) and len(text) <= 16 and \
            math.isfinite(float(text))
    if isinstance(ours, str):
        return not good and ours == text
    return bool(good) and Decimal(ours) == Decimal(text)


def same_text(texts, ours, vr):
    if vr not in ("DS", "IS"):
        return texts == ours
    return len(texts) == len(ours) and \
        all(same_number(t, o, vr) for t, o in zip(texts, ours))


SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def same_binary(number, ours, vr):
    if vr in ("FL", "FD"):
        if isinstance(ours, str):
            ours = SPECIAL.get(ours)
            return ours is not None and (ours == number or number != number
                                         and ours != ours)
        return ours is not None and not isinstance(ours, bool) and \
            struct.pack("<" + NUMBERS[vr], float(ours)) == \
            struct.pack("<" + NUMBERS[vr], number)
    if abs(number) >= 2 ** 53 and vr in ("SV", "UV"):
        return ours == str(number)
    return not isinstance(ours, (str, bool)) and ours == number


def compare_text(p, value, vr):
    ours = p.ours.get("Value", [])
    one = vr in ONE_VALUE
    if vr in CHARSET and not is_creator(p.tag):
        text = decode(p.scope, value, vr, one)
    else:
        text = value.decode("ascii") if value.isascii() else None
    if text is not None and same_text(values_of_text(text, vr), ours, vr):
        return True
    p.value, p.vr = value, vr
    return excused("text", p)


@rule("text")
def undeclared_text(p):
    """PS3.5 6.1.2.1 allows no byte over 7F without a character set: UTF-8 if
    it is that, else windows-1252; pydicom says latin-1"""
    terms = [TERM_ALIASES.get(t, t) for t in p.scope.terms or []]
    if p.value.isascii() or any(terms) and p.vr in CHARSET and \
            not is_creator(p.tag):
        return False
    texts = [utf8_or_none(p.value), western(p.value)]
    if p.scope.terms and p.vr not in CHARSET:
        texts.insert(0, decode(p.scope, p.value, p.vr, False))
    return any(t is not None and
               same_text(values_of_text(t, p.vr), p.ours.get("Value", []),
                         p.vr) for t in texts)


@rule("text")
def korean_or_chinese_escape(p):
    """pydicom 2.3.1 leaves or drops escape sequences to G1 after a
    delimiter, or does not know the set: each run is decoded on its own"""
    if b"\x1b" not in p.value:
        return False
    codecs = {b"$)C": "euc_kr", b"$)A": "gb2312", b"$B": "iso2022_jp",
              b"$(D": "iso2022_jp_2", b"(B": "ascii", b"(J": "ascii",
              b")I": "shift_jis"}
    text = ""
    for run in re.split(b"(?=\x1b)", p.value):
        name = next((k for k in codecs if run[1:].startswith(k)), None)
        if not run.startswith(b"\x1b"):
            codec, body = "shift_jis", run
        elif name is None:
            return False
        elif codecs[name].startswith("iso2022"):
            codec, body = codecs[name], run + b"\x1b(B"
        else:
            codec, body = codecs[name], run[1 + len(name):]
        text += body.decode(codec, "replace")
    return values_of_text(text, p.vr) == p.ours.get("Value", [])


def compare_numbers(p, value, vr, big):
    code = NUMBERS[vr]
    unit = struct.calcsize(code)
    n = len(value) // unit
    numbers = struct.unpack_from("%s%d%s" % ("><"[not big], n, code), value)
    ours = p.ours.get("Value", [])
    return len(ours) == n and all(same_binary(a, b, vr)
                                  for a, b in zip(numbers, ours))


def compare_bytes(p, value, vr, big):
    if "BulkDataURI" in p.ours:
        return compare_uri(p, value)
    try:
        ours = base64.b64decode(p.ours.get("InlineBinary", ""), validate=True)
    except binascii.Error:
        return False
    return ours == natural(value, big, BYTES[vr])


def compare_uri(p, value):
    """An encapsulated value: offset and length lie on items in the file, and
    what is there is what pydicom found (PS3.5 A.4)."""
    m = re.search(r"[?&]offset=(\d+)&length=(\d+)$", p.ours["BulkDataURI"])
    if not m:
        p.ctx.problem(p.path, "URI %r" % p.ours["BulkDataURI"])
        return True
    at, length = int(m.group(1)), int(m.group(2))
    piece = p.ctx.data[at:at + length]
    if len(piece) != length:
        p.ctx.problem(p.path, "URI leads past the end of the file")
    elif p.raw.length != 0xFFFFFFFF:
        p.ctx.problem(p.path, "URI for a native value of %d bytes"
                      % p.raw.length)
    elif piece not in (value, value + b"\xfe\xff\xdd\xe0\0\0\0\0"):
        p.ctx.problem(p.path, "URI does not lead to the fragments")
    else:
        p.ctx.rules["encapsulated_by_uri"] += 1
    return True


def items_of(p, value):
    """The items of a sequence, whatever state pydicom left it in."""
    if not isinstance(value, bytes):
        return list(value)
    if not value:
        return []
    unknown = p.raw.VR == "UN"
    implicit = True if unknown else p.raw.is_implicit_VR
    little = True if unknown else p.raw.is_little_endian
    return list(pydicom.values.convert_SQ(value, implicit, little, None, 0))


def compare_sequence(p, value):
    items = items_of(p, value)
    ours = p.ours.get("Value", [])
    if len(items) != len(ours):
        return False
    for i, (item, o) in enumerate(zip(items, ours)):
        compare_dataset(p.ctx, o, item, p.scope, "%s[%d]" % (p.path, i + 1))
    return True


def compare_value(p):
    vr, value = p.ours["vr"], as_bytes(p.raw.value)
    if vr == "SQ":
        return compare_sequence(p, value)
    if not isinstance(value, bytes):
        return False
    # UN is little endian whatever the file is (PS3.5 6.2.2)
    big = not getattr(p.raw, "is_little_endian", True) and p.raw.VR != "UN"
    if vr in NUMBERS:
        return compare_numbers(p, value, vr, big)
    if vr == "AT":
        n = len(value) // 4
        words = struct.unpack_from("%s%dH" % ("><"[not big], 2 * n), value)
        return p.ours.get("Value", []) == \
            ["%04X%04X" % words[2 * i:2 * i + 2] for i in range(n)]
    if vr in BYTES:
        return compare_bytes(p, value, vr, big)
    return compare_text(p, value, vr)


def compare_attribute(scope, tag, raw, ours):
    p = Place(scope, tag, raw, ours)
    scope.ctx.compared += 1
    want = expected_vr(scope, tag, raw)
    if ours["vr"] != want and not excused("vr", p):
        if not excused("other", p):
            scope.ctx.problem(p.path, "VR %s instead of %s (stored %s)"
                              % (ours["vr"], want, raw.VR))
        return
    if not compare_value(p) and not excused("other", p):
        scope.ctx.problem(p.path, "%s %s; pydicom has %.80r" % (
            ours["vr"], json.dumps(ours, default=str,
                                   ensure_ascii=False)[:100], raw.value))


def loose(v):
    """DCMTK's spelling of a value and ours, made alike."""
    if isinstance(v, dict):
        return {k: loose(x) for k, x in v.items() if k != "BulkDataURI"}
    if isinstance(v, list):
        return [loose(x) for x in v]
    if isinstance(v, (int, Decimal)) and not isinstance(v, bool):
        return float(v)
    return v.strip(" ^") if isinstance(v, str) else v


def as_dcmtk_says(p):
    if p.scope.parent:
        return False
    if find_dcmtk() is None:
        p.ctx.rules["nobody_to_ask"] += 1
        return True
    theirs = p.ctx.dcmtk().get("%08X" % p.tag)
    return theirs is not None and loose(theirs) == loose(p.ours)


@rule("other")
def junk_vr(p):
    """PS3.5 7.1.2: a VR that is not two letters is UN of the short form, as
    DCMTK reads it; pydicom changes to implicit VR there"""
    return "bad-vr" in p.ctx.tags and p.ours["vr"] == "UN" and \
        as_dcmtk_says(p)


@rule("extra")
def lost_after_junk_vr(p):
    """what pydicom took for the value of the junk VR; DCMTK reads what we
    read"""
    return "bad-vr" in p.ctx.tags and as_dcmtk_says(p)


# --- files that both peers refuse, and that have a reading all the same

@rule("refused")
def stray_delimiter_skipped(warned):
    """PS3.5 7.5: a delimiter outside a sequence is left out"""
    return warned == {"stray-delimiter"}


@rule("refused")
def long_form_recognised(warned):
    """PS3.5 7.1.2: a 32-bit length where the VR has 16 bits is seen by where
    the next element lies"""
    return "header-form" in warned


def compare_dataset(ctx, ours, dataset, parent, path):
    scope = Scope(ctx, dataset, parent, path)
    theirs = {int(t): e for t, e in dataset._dict.items()}
    for tag in sorted(theirs):
        attribute = ours.get("%08X" % tag)
        if attribute is not None:
            compare_attribute(scope, tag, theirs[tag], attribute)
            continue
        p = Place(scope, tag, theirs[tag], None)
        if not excused("left out", p):
            ctx.problem(p.path, "is missing")
    for name in ours:
        tag = int(name, 16)
        if tag in theirs:
            continue
        p = Place(scope, tag, None, ours[name])
        if not excused("extra", p):
            ctx.problem(p.path, "is not in the file: %.60s"
                        % json.dumps(ours[name], default=str))


# ------------------------------------------------------------------ running

def run(tool, arguments, **more):
    return subprocess.run([tool] + arguments, capture_output=True,
                          timeout=LIMIT, **more)


def error_lines(r):
    lines = r.stderr.decode("utf-8", "replace").splitlines()
    return [l for l in lines if ": warning: " not in l and ": note: " not in l]


def read_pydicom(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pydicom.dcmread(path, force=True)


def without_names(value):
    """URIs without the file's name, which standard input has not."""
    if isinstance(value, dict):
        return {k: re.sub(r"^[^?]*", "", v) if k == "BulkDataURI" else
                without_names(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_names(v) for v in value]
    return value


def test_pipe(ctx, tool, ours, status):
    with open(ctx.path, "rb") as f:
        r = subprocess.run("cat | '%s' --bulk inline -" % tool, shell=True,
                           stdin=f, capture_output=True, timeout=LIMIT)
    if r.returncode != status:
        ctx.problem("pipe", "exit status %d instead of %d: %s" % (
            r.returncode, status, r.stderr[-200:].decode("utf-8", "replace")))
    elif status == 0 and without_names(parse_strict(r.stdout)) != \
            without_names(ours):
        ctx.problem("pipe", "another result than of the file")


def test_ok(ctx, tool, r):
    if r.returncode != 0:
        ctx.problem("exit", "status %d: %s" % (r.returncode,
                                               error_lines(r)[:2]))
        return
    ours = parse_strict(r.stdout)
    check_form(ours)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compare_dataset(ctx, ours, read_pydicom(ctx.path), None, "")
    test_pipe(ctx, tool, ours, 0)


def warned(tool, path):
    """The names of the deviations that a conversion met."""
    r = run(tool, ["--diagnostics", "json", "--bulk", "inline", path])
    return set(json.loads(l).get("name") for l in r.stderr.splitlines())


def test_broken(ctx, tool, r):
    ours = None
    if r.returncode == 0:
        ours = parse_strict(r.stdout)
        check_form(ours)
        names = warned(tool, ctx.path)
        used = [f for f in RULES["refused"] if f(names)]
        if used:
            ctx.rules[used[0].__name__] += 1
        else:
            ctx.problem("exit", "status 0, with %s" % sorted(names))
    elif r.returncode != 1 or len(error_lines(r)) != 1:
        ctx.problem("exit", "status %d, %d lines of errors: %r" % (
            r.returncode, len(error_lines(r)), error_lines(r)[:3]))
    test_pipe(ctx, tool, ours, r.returncode)


def test_disputed(ctx, tool, r):
    ours = None
    if r.returncode == 0:
        ours = parse_strict(r.stdout)
        check_form(ours)
    elif r.returncode != 1 or not error_lines(r):
        ctx.problem("exit", "status %d, %d lines of errors" % (
            r.returncode, len(error_lines(r))))
    test_pipe(ctx, tool, ours, r.returncode)


def test_file(job):
    tool, folder, row = job
    path = os.path.join(folder, row["file"])
    with open(path, "rb") as f:
        data = f.read()
    ctx = Context(row, path, data)
    test = {"ok": test_ok, "broken": test_broken}.get(row["expect"],
                                                       test_disputed)
    try:
        test(ctx, tool, run(tool, ["--bulk", "inline", path]))
    except Strict as e:
        ctx.problem("json", str(e)[:300])
    except subprocess.TimeoutExpired:
        ctx.problem("time", "more than %d s" % LIMIT)
    except Exception as e:  # of pydicom: a fault of this test, shown as such
        ctx.problem("test", "%s: %.200s" % (type(e).__name__, e))
    return row["expect"], row["file"], ctx.problems, ctx.rules, ctx.compared


def reasons():
    named = {f.__name__: " ".join(f.__doc__.split())
             for fs in RULES.values() for f in fs}
    named["nobody_to_ask"] = "where DCMTK would be the judge, and is not here"
    named["encapsulated_by_uri"] = "PS3.5 A.4: fragments have no inline " \
        "form; offset and length were checked against the file"
    return named


def report(results, verbose):
    files, rules, bad = (collections.Counter() for _ in range(3))
    compared = 0
    for expect, name, problems, used, n in results:
        files[expect] += 1
        compared += n
        rules.update(used)
        if problems:
            bad[expect] += 1
            print("not ok %s (%s)" % (name, expect))
            for text in problems[:None if verbose else 4]:
                print("    %s" % text)
            if len(problems) > 4 and not verbose:
                print("    and %d more" % (len(problems) - 4))
    print("\nfiles: " + ", ".join("%d %s (%d wrong)" % (n, k, bad[k])
                                  for k, n in sorted(files.items())))
    print("attributes compared: %d\n\nrules used:" % compared)
    named = reasons()
    for name, n in sorted(rules.items()):
        print("%8d %-26s %s" % (n, name, named[name]))
    return 1 if bad else 0


def main(arguments):
    verbose = "-v" in arguments
    arguments = [a for a in arguments if a != "-v"]
    if len(arguments) < 2:
        sys.exit(__doc__)
    tool, folder, names = arguments[0], arguments[1], arguments[2:]
    manifest = os.path.join(folder, "manifest.tsv")
    if not os.path.exists(manifest):
        print("no corpus in %s" % folder)
        return 77
    # A DICOMDIR is a data set like any other here.
    pydicom.filereader.DicomDir = pydicom.dataset.FileDataset
    with open(manifest, newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))
    jobs = [(os.path.abspath(tool), folder, r) for r in rows
            if not names or any(n in r["file"] for n in names)]
    with multiprocessing.Pool(2) as pool:
        results = pool.map(test_file, jobs, chunksize=8)
    return report(results, verbose)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

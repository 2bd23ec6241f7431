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
import json
import re
import sys
from decimal import Decimal, InvalidOperation

from back import (BIG, PIXELS, STRIP_BOTH, TEXT, UNITS, Parser, Unreadable,
                  rule, strip, swapped)
from back_run import (Model, find_module, find_program, main, read, run,
                      say_absent)

# -------------------------------------------------------------------- rules

@rule("value", "inline", "uri", "files", "dcmtk", "pydicom", "odil")
def number_spelling(p):
    """PS3.18 F.2.3: DS and IS are numbers in JSON, which have no plus sign, no
    leading zeros, and digits on both sides of a point"""
    return p.vr in ("DS", "IS") and same_numbers(p.a, p.b)


@rule("value")
def value_nul(p):
    """value-nul: a NUL within text, which JSON can hold, is a space"""
    return p.deviation("value-nul") and p.vr in TEXT | STRIP_BOTH and \
        strip(p.vr, p.a.replace(b"\0", b" ")) == strip(p.vr, p.b)


# --- other writers of JSON; more in back.py

@rule("value", "pydicom")
def not_swapped(p):
    """pydicom writes InlineBinary in the order of the file"""
    return p.ctx.uid == BIG and p.vr in ("OW", "OF", "OL", "OD", "OV") and \
        swapped(p.a, UNITS[p.vr]) == p.b


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


# -------------------------------------------------------------------- peers

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


# -------------------------------------------------------------------- model

class Json(Model):
    name, suffix = "JSON", ".json"
    there, back = "dcm2json", "json2dcm"
    ways = collections.OrderedDict((
        ("inline", (["--bulk", "inline"], ".")),
        ("uri", (["--bulk", "uri", "--bulk-size", "16"], ".")),
        ("files", (["--bulk", "files"], "files")),
        ("strings", (["--bulk", "inline", "--numbers", "string"], ".")),
    ))
    refused = (
        ({"text-other-set", "text-invalid", "charset-unknown", "charset-term",
          "charset-mix", "text-escape", "text-no-escape"},
         "is not in the character set"),
        ({"native-encapsulated"}, "in an encapsulated transfer syntax"),
        ({"encapsulated-native"},
         "Pixel Data is encapsulated, and nothing says"),
    )
    peer_names = ("dcmtk", "pydicom", "odil")

    def peers(self, work):
        found = {}
        dcmtk = find_program(self.there, work.tools[self.there], b"dcmtk")
        if dcmtk:
            found["dcmtk"] = by_dcmtk(dcmtk)
        for name, make in (("pydicom", by_pydicom), ("odil", by_odil)):
            module = find_module(name)
            if module:
                found[name] = make(module)
        return say_absent(self, found)

    def refuses_peer(self, met, path, message):
        if not_json(path):
            return "is not JSON"
        if met & {"meta-in-data-set"} and "in an item" in message:
            return "group 0002 in an item"
        return None


if __name__ == "__main__":
    sys.exit(main(Json(), __doc__, sys.argv[1:]))

#!/usr/bin/env python3
"""test_dcm2xml.py DCM2XML DCM2JSON CORPUS [-v] [NAME...]

Converts every file of a corpus to the Native DICOM Model (PS3.19 A.1) and
compares the XML

- with a schema, tests/native.rng, where xmllint is there;
- with our JSON, attribute by attribute, and both programs' diagnostics: each
  is made from the same events, so they may differ only where the models do;
- with DCMTK's `dcm2xml -nat`, where that is there. Where DCMTK writes something
  else a rule below says why that is not ours, by name; each use is counted and
  printed.

CORPUS holds manifest.tsv with the columns `file` and `expect`. Exit status: 0 all well, 1 not,
77 nothing to test with.
"""
import base64
import collections
import csv
import json
import math
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

LIMIT = 60  # seconds a conversion may take
BYTES = set("OB OD OF OL OV OW UN".split())
TEXT = set("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split())
GROUPS = ("Alphabetic", "Ideographic", "Phonetic")
PARTS = ("FamilyName", "GivenName", "MiddleName", "NamePrefix", "NameSuffix")
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# XML 1.0 2.2
ILLEGAL = re.compile("[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
# Where DCMTK takes a file apart in another way.
STRUCTURE = {"meta-length", "item-length", "sequence-length"}
# What one model can say and the other can't.
XML_ONLY = {"xml-character", "name-components", "private-block"}
JSON_ONLY = {"unsorted-output"}


def private(tag):
    return int(tag[:4], 16) & 1 == 1


def is_creator(tag):
    return private(tag) and 0x10 <= int(tag[4:], 16) <= 0xFF


class Wrong(Exception):
    """Not the XML that PS3.19 A.1 asks for."""


# ------------------------------------------------------------------ the model
# A data set is a list of attributes (tag, creator, vr, keyword, kind, content),
# kind one of None, "Value", "Name", "Item", "InlineBinary", "BulkData".

def numbered(children, name, tag):
    for i, e in enumerate(children):
        if e.tag != name or e.get("number") != str(i + 1):
            raise Wrong("%s: %s number %s is no. %d" %
                        (tag, e.tag, e.get("number"), i + 1))


def name_of(e):
    groups = {}
    for g in e:
        groups[g.tag] = {p.tag: p.text or "" for p in g}
    return groups


def content_of(a, tag):
    children = list(a)
    if a.text and a.text.strip() or any(e.tail and e.tail.strip()
                                        for e in children):
        raise Wrong("%s: text beside elements" % tag)
    if not children:
        return None, None
    first = children[0].tag
    if first == "BulkData":
        return "BulkData", children[0].get("uri") or children[0].get("uuid")
    if first == "InlineBinary":
        return "InlineBinary", children[0].text or ""
    if first == "Item":
        numbered(children, "Item", tag)
        return "Item", [model(e) for e in children]
    if first == "PersonName":
        numbered(children, "PersonName", tag)
        return "Name", [name_of(e) for e in children]
    numbered(children, "Value", tag)
    return "Value", [e.text or "" for e in children]


def model(element):
    out = []
    for a in element:
        tag = a.get("tag")
        if a.tag != "DicomAttribute" or len(tag or "") != 8:
            raise Wrong("element %s tag %s" % (a.tag, tag))
        kind, content = content_of(a, tag)
        out.append((tag, a.get("privateCreator"), a.get("vr"),
                    a.get("keyword"), kind, content))
    return out


def parse(data):
    root = ET.fromstring(data)
    if root.tag != "NativeDicomModel" or root.get(SPACE) != "preserve":
        raise Wrong("root element %s %r" % (root.tag, root.attrib))
    return model(root)


# ------------------------------------------------------------- what JSON says

def xml_text(s):
    return ILLEGAL.sub("\uFFFD", s)


def xml_name(value):
    """A JSON name in components; what follows a fifth stays in it."""
    out = {}
    for group, text in (value or {}).items():
        parts = xml_text(text).rstrip("^").split("^", 4)
        out[group] = {n: p for n, p in zip(PARTS, parts) if p}
    return out


SPECIAL = {"NaN": "NaN", "Infinity": "INF", "-Infinity": "-INF"}


def xml_content(a):
    vr, value = a["vr"], a.get("Value")
    for kind, member in (("InlineBinary", "InlineBinary"),
                         ("BulkData", "BulkDataURI")):
        if member in a:
            return kind, a[member]
    if value is None:
        return None, None
    if vr == "SQ":
        return "Item", [expected(item) for item in value]
    if vr == "PN":
        return "Name", [xml_name(v) for v in value]
    if vr in ("FL", "FD"):
        value = [SPECIAL.get(v, v) for v in value]
    return "Value", ["" if v is None else xml_text(v) for v in value]


def creator_of(dataset, tag):
    """The text of the Private Creator element of a tag's block."""
    if not private(tag) or int(tag[4:6], 16) < 0x10:
        return None
    block = dataset.get("%s00%s" % (tag[:4], tag[4:6]), {"vr": "LO"})
    if block["vr"] in TEXT:
        return xml_text("\\".join(v or "" for v in block.get("Value", []))) \
            or None
    data = base64.b64decode(block.get("InlineBinary", ""))
    return data.rstrip(b" \0").decode("latin-1") or None


def expected(dataset):
    out = []
    for tag, a in dataset.items():
        if is_creator(tag) and a["vr"] in TEXT | {"UN"}:
            continue
        name, creator = tag, creator_of(dataset, tag)
        if creator:
            name = "%s00%s" % (tag[:4], tag[6:])
        kind, content = xml_content(a)
        out.append((name, creator, a["vr"], None, kind, content))
    return out


def by_tag(dataset):
    return sorted(dataset, key=lambda a: (a[0], a[1] or "", repr(a[4:])))


def same(ours, wanted, path, problems):
    ours, wanted = by_tag(ours), by_tag(wanted)
    if [a[:3] for a in ours] != [a[:3] for a in wanted]:
        problems.append("%s: attributes %r" % (
            path, sorted(set(a[:3] for a in ours) ^
                         set(a[:3] for a in wanted), key=repr)[:6]))
        return
    for a, b in zip(ours, wanted):
        where = "%s/%s" % (path, a[0])
        if a[4] == b[4] == "Item" and len(a[5]) == len(b[5]):
            for i, (x, y) in enumerate(zip(a[5], b[5])):
                same(x, y, "%s[%d]" % (where, i + 1), problems)
        elif a[4:] != b[4:]:
            problems.append("%s: XML %.60r, JSON %.60r" %
                            (where, a[4:], b[4:]))


# -------------------------------------------------------------- what DCMTK says

class Place:
    def __init__(self, ours, theirs):
        self.tag, self.creator, self.vr = ours[:3]
        self.kind, self.content = ours[4:]
        self.theirs_vr = theirs[2]
        self.theirs_kind, self.theirs_content = theirs[4:]


RULES = []


def rule(f):
    """Makes a function a rule: whether a difference is a case of it; its
    docstring is the reason."""
    RULES.append(f)
    return f


def trimmed(values):
    return [v.strip(" \0") for v in values]


@rule
def empty_group(p):
    """PS3.19 A.1.5: a component group element has components; DCMTK writes
    groups that are empty"""
    return p.kind == p.theirs_kind == "Name" and \
        [{g: c for g, c in n.items() if c} for n in p.theirs_content] == \
        p.content


@rule
def phonetic_as_ideographic(p):
    """`A==P`: DCMTK writes an Ideographic of A"""
    return p.kind == p.theirs_kind == "Name" and \
        len(p.content) == len(p.theirs_content) and \
        all("Ideographic" not in a and "Phonetic" in a
            for a, b in zip(p.content, p.theirs_content) if a != b)


@rule
def nothing_but_padding(p):
    """a text of padding, or of delimiters in a name, is empty"""
    return p.kind is None and p.theirs_kind in ("Value", "Name") and \
        not any(v.strip(" \0") if isinstance(v, str) else
                any(v.values()) and "".join(
                    c for g in v.values() for c in g.values()).strip(" ^")
                for v in p.theirs_content)


@rule
def spaces(p):
    """PS3.5 6.2: spaces at the end of a text do not count, nor at the
    beginning but in ST, LT and UT; DCMTK keeps some and drops others, in UI
    even those inside"""
    if p.vr != p.theirs_vr or p.kind != p.theirs_kind:
        return False
    if p.kind == "Value":
        if p.vr == "UI":
            return [v.replace(" ", "") for v in p.content] == p.theirs_content
        return trimmed(p.content) == trimmed(p.theirs_content)
    if p.kind == "Name":
        def strip(names):
            return [{g: {k: v.strip() for k, v in c.items() if v.strip()}
                     for g, c in n.items()} for n in names]
        return strip(p.content) == strip(p.theirs_content)
    return False


@rule
def spelling_of_numbers(p):
    """FL and FD in fewer digits that read back as the same, NaN as XML Schema
    has it; DCMTK's last digit may be off, and it loses the sign of zero"""
    size, least = {"FL": (1e-7, 1e-45), "FD": (1e-15, 0)}.get(p.vr, (0, 0))
    if p.vr != p.theirs_vr or not size or p.kind != "Value" or \
            p.theirs_kind != "Value" or len(p.content) != len(p.theirs_content):
        return False

    def number(text):
        return float(text.replace("INF", "inf"))
    return all(math.isclose(a, b, rel_tol=size, abs_tol=least) or
               a != a and b != b for a, b in zip(map(number, p.content),
                               map(number, p.theirs_content)))


@rule
def un_of_known_vr(p):
    """PS3.5 6.2.2: UN of a tag that the dictionary knows is read by its VR"""
    return p.theirs_vr == "UN" and p.vr != "UN"


@rule
def resolved_otherwise(p):
    """PS3.5 A.1: DCMTK leaves US or SS, OB or OW to a guess of its own in
    implicit VR"""
    both = {p.vr, p.theirs_vr}
    return both in ({"US", "SS"}, {"OB", "OW"}, {"US", "OW"}, {"SS", "OW"})


@rule
def odd_bytes(p):
    """bytes of odd length: DCMTK pads them"""
    if p.kind != "InlineBinary" or p.theirs_kind != "InlineBinary":
        return False
    a, b = p.content.rstrip("="), p.theirs_content.rstrip("=")
    return len(b) - len(a) in (0, 1, 2) and b.startswith(a[:-1])


@rule
def text_of_another_set(p):
    """text beyond ASCII: DCMTK takes it for the set that is declared or
    leaves its bytes; test_corpus compares ours with another oracle"""
    return p.vr in TEXT and not str(p.content).isascii()


@rule
def big_endian_words(p):
    """PS3.19 A.1.5: InlineBinary is little endian; DCMTK's is big endian"""
    unit = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}.get(p.vr)
    if not unit or not p.kind == p.theirs_kind == "InlineBinary":
        return False
    a, b = (base64.b64decode(x) for x in (p.content, p.theirs_content))
    n = len(a) // unit * unit
    return all(a[i:n:unit] == b[unit - 1 - i:n:unit] for i in range(unit))


@rule
def fragments(p):
    """encapsulated Pixel Data is there only by its place; DCMTK with base64
    writes nothing of it"""
    return p.tag == "7FE00010" and p.kind == "BulkData" and \
        p.theirs_kind == "InlineBinary" and not p.theirs_content


def not_compared(a, used):
    """What only one of the two is to have."""
    if a[0] == "00080005":
        used["(0008,0005): with +U8 DCMTK says ISO_IR 192, and adds it"] += 1
    elif a[0].startswith("0002"):
        used["group 0002 in the data set: DCMTK writes it"] += 1
    elif a[0] == "FFFCFFFC":
        used["(FFFC,FFFC): DCMTK writes padding"] += 1
    else:
        return a[1] is None and is_creator(a[0]) or a[0][4:] == "0000"
    return True


def dcmtk_same(ours, theirs, path, problems, used):
    ours = by_tag(a for a in ours if not not_compared(a, used))
    theirs = by_tag(a for a in theirs if not not_compared(a, used))
    if set(a[:2] for a in ours if private(a[0])) != \
            set(a[:2] for a in theirs if private(a[0])) and \
            any(private(a[0]) for a in ours):
        used["private attributes whose creator DCMTK does not see"] += 1
        ours = [a for a in ours if not private(a[0])]
        theirs = [a for a in theirs if not private(a[0])]
    if [a[:2] for a in ours] != [a[:2] for a in theirs]:
        problems.append("%s: attributes, ours and DCMTK's: %r" % (
            path, sorted(set(a[:2] for a in ours) ^
                         set(a[:2] for a in theirs), key=repr)[:6]))
        return
    for a, b in zip(ours, theirs):
        where = "%s/%s" % (path, a[0])
        if a[3] and b[3] is None:
            used["keyword that DCMTK leaves out: retired, or newer"] += 1
        elif a[3] != b[3]:
            problems.append("%s: keyword %r, DCMTK %r" % (where, a[3], b[3]))
        if a[4] == b[4] == "Item" and len(a[5]) == len(b[5]):
            for i, (x, y) in enumerate(zip(a[5], b[5])):
                dcmtk_same(x, y, "%s[%d]" % (where, i + 1), problems, used)
        elif (a[2],) + a[4:] != (b[2],) + b[4:]:
            place = Place(a, b)
            for f in RULES:
                if f(place):
                    used[f.__name__] += 1
                    break
            else:
                problems.append("%s: ours %s %.80r, DCMTK %s %.80r" %
                                (where, a[2], a[4:], b[2], b[4:]))


# ---------------------------------------------------------------------- files

def find_dcmtk():
    """DCMTK's dcm2xml on PATH, which may hold ours too."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        tool = os.path.join(folder, "dcm2xml")
        if os.access(tool, os.X_OK) and b"dcmtk" in subprocess.run(
                [tool, "--version"], capture_output=True).stdout:
            return tool
    return None


def run(*command):
    return subprocess.run(command, capture_output=True, timeout=LIMIT)


def diagnostics(stderr, left_out):
    out = []
    for line in stderr.decode("utf-8", "replace").splitlines():
        d = json.loads(line)
        if d.get("name") and d["name"] not in left_out:
            out.append((d["name"], d.get("offset"), d.get("path"),
                        d.get("message", "").replace("JSON", "XML")))
    return out


def compare_diagnostics(dcm2xml, dcm2json, path, problems):
    a = run(dcm2xml, "--diagnostics", "json", "-o", os.devnull, path)
    b = run(dcm2json, "--diagnostics", "json", "-o", os.devnull, path)
    if a.returncode != b.returncode:
        problems.append("status %d, dcm2json %d" % (a.returncode, b.returncode))
    ours = diagnostics(a.stderr, XML_ONLY)
    theirs = diagnostics(b.stderr, JSON_ONLY)

    def names(d):
        return [x[:3] for x in d]
    if sum(1 for _ in a.stderr.splitlines()) < 100 and \
            names(ours) != names(theirs):
        problems.append("diagnostics %r, dcm2json %r" %
                        ([x for x in ours if x[:3] not in names(theirs)][:3],
                         [x for x in theirs if x[:3] not in names(ours)][:3]))
    return set(x[0] for x in ours)


def test_file(job):
    dcm2xml, dcm2json, dcmtk, path, expect, keep = job
    problems, used = [], collections.Counter()
    told = compare_diagnostics(dcm2xml, dcm2json, path, problems)
    r = run(dcm2xml, "-q", "--bulk", "inline", path)
    j = run(dcm2json, "-q", "--bulk", "inline", "--numbers", "string", path)
    if not r.stdout or not j.stdout:
        used["no data set"] += 1
        if bool(r.stdout) != bool(j.stdout):
            problems.append("only one of dcm2xml and dcm2json has a document")
        return path, problems, used
    with open(keep, "wb") as f:
        f.write(r.stdout)
    try:
        ours = parse(r.stdout)
    except (ET.ParseError, Wrong) as e:
        return path, problems + ["XML: %s" % e], used
    same(ours, expected(json.loads(j.stdout, parse_int=str, parse_float=str)),
         "", problems)
    used["compared with JSON"] += 1
    t = dcmtk and run(dcmtk, "-nat", "-q", "+M", "+Eb", "+U8", path)
    if not t or t.returncode or r.returncode:
        used["DCMTK has none, or the file is cut"] += bool(dcmtk)
        return path, problems, used
    try:
        theirs = parse(t.stdout)
    except (ET.ParseError, Wrong):
        used["DCMTK's XML is not well-formed"] += 1
        return path, problems, used
    found = []
    dcmtk_same(ours, theirs, "", found, used)
    used["compared with DCMTK"] += 1
    if found and (expect != "ok" or told & STRUCTURE):
        used["file whose structure is wrong: DCMTK reads it otherwise"] += 1
        found = []
    return path, problems + found, used


def validate(schema, files):
    """All of them at once: [what is wrong], or None without xmllint."""
    if not shutil.which("xmllint"):
        return None
    wrong = []
    for i in range(0, len(files), 100):
        r = run("xmllint", "--huge", "--noout", "--relaxng", schema,
                *files[i:i + 100])
        wrong += [line for line in r.stderr.decode().splitlines()
                  if not line.endswith(" validates")]
    return wrong


def main(arguments):
    verbose = "-v" in arguments
    arguments = [a for a in arguments if a != "-v"]
    if len(arguments) < 3:
        sys.exit(__doc__)
    dcm2xml, dcm2json = (os.path.abspath(a) for a in arguments[:2])
    corpus, names = arguments[2], arguments[3:]
    with open(os.path.join(corpus, "manifest.tsv"), newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    files = [(r["file"], r["expect"]) for r in rows
             if not names or any(n in r["file"] for n in names)]
    dcmtk = find_dcmtk()
    schema = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "native.rng")
    used, failed = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as work:
        jobs = [(dcm2xml, dcm2json, dcmtk, os.path.join(corpus, f),
                 expect, os.path.join(work, "%04d.xml" % i))
                for i, (f, expect) in enumerate(files)]
        with multiprocessing.Pool(2) as pool:
            for path, problems, counts in pool.imap(test_file, jobs, 8):
                used += counts
                failed += bool(problems)
                for p in problems[:None if verbose else 5]:
                    print("FAILED: %s: %s" % (path, p))
        wrong = validate(schema, [j[-1] for j in jobs if os.path.exists(j[-1])])
        if wrong:
            failed += 1
            print("FAILED: schema:\n" + "\n".join(wrong[:20]))
    reasons = {f.__name__: " ".join(f.__doc__.split()) for f in RULES}
    for name, n in sorted(used.items()):
        print("%7d %s%s" % (n, name, ": " + reasons[name]
                            if name in reasons else ""))
    print("%d files, %d failed%s" % (len(files), failed, "" if wrong is not
                                     None else "; no xmllint, no schema"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

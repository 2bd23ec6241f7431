"""What tests of the ways to JSON and XML and back share: the inputs, calling
the programs over all of them, the report, and what is asked of each file that
comes back. back.py compares the data sets. A test has a Model, and rules of
its own, and hands them to main().
"""
import collections
import csv
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings

from back import (BIG, DEFLATED, IMPLICIT, NATIVE, RULES, Context, Unreadable,
                  check_written, compare, load_dictionary, load_private, parse,
                  split)

LIMIT = 600  # seconds a program may take over all files


class Model:
    """JSON or XML, and the programs for it."""

    name = ""        # for messages
    suffix = ""      # of its files
    there = ""       # the program that writes it
    back = ""        # the program that reads it
    ways = {}        # name: (options of the first, --bulk-root of the other)
    # What of a file that comes back is refused, and may be: (names of
    # deviations, part of the message).
    refused = ()
    context = Context
    peer_names = ()

    def peers(self, work):
        """{name: function from a file to its text, None when it can't}."""
        raise NotImplementedError

    def refuses_peer(self, met, path, message):
        """Why a peer's text is refused, and may be; None."""
        raise NotImplementedError


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
    """What the test's parser makes of it; of what it does not take, what comes
    back is compared with dcmconv's copy."""
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


def there(work, model):
    files = [i.short + ".dcm" for i in work.inputs]
    for way, (arguments, _) in model.ways.items():
        work.call(model.there, way, files, way, "--meta", *arguments)
    for how in (["--lengths", "explicit"], ["--repair"]):
        work.call("dcmconv", how[-1], files, how[-1].strip("-"), *how)


def back(work, model):
    for way, (_, root) in model.ways.items():
        for form in ("explicit", "undefined"):
            files = [os.path.join(way, i.short + model.suffix)
                     for i in work.inputs
                     if i.form == form and os.path.exists(
                         work.path(way, i.short + model.suffix))]
            work.call(model.back, "back-" + way, files, "back-" + way,
                      "--lengths", form, "--bulk-root", root)


# ------------------------------------------------------------------- report

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


def judge(work, report, model, i, way):
    """One file that has come back on one way, or has not."""
    met = work.met[way][i.short] | work.met["back-" + way][i.short]
    refused = work.errors["back-" + way].get(i.short)
    if i.short in work.errors[way]:
        report.counts["%s: not turned into %s" % (way, model.name)] += 1
        if i.expect == "ok":
            report.fail(i, way, "%s: %s" % (
                model.there, work.errors[way][i.short]))
    elif refused and any(met & names_ and text in refused
                         for names_, text in model.refused):
        report.counts["%s: not turned back, by name" % way] += 1
    elif refused:
        report.fail(i, way, "%s: %s" % (model.back, refused))
    else:
        judge_bytes(work, report, model, i, way, met)


def judge_bytes(work, report, model, i, way, met):
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
    judge_elements(work, report, model, i, way, met, data)


def judge_elements(work, report, model, i, way, met, data):
    ctx = model.context(way, met, data, split(data)[0])
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

def find_program(name, ours, word):
    """A program on PATH, which may hold ours too, whose --version or --help
    has the word; None."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        tool = os.path.join(folder, name)
        if not os.access(tool, os.X_OK) or \
                os.path.realpath(tool) == os.path.realpath(ours):
            continue
        r = run([tool, "--version"])
        if word in r.stdout + r.stderr:
            return tool
    return None


def find_module(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def say_absent(model, found):
    for name in model.peer_names:
        if name not in found:
            print("%s is not here: its %s is left out" % (name, model.name))
    return found


def peers(work, report, model, every):
    """Elements are compared in UTF-8 and explicit VR, as dcmconv writes the
    file: what others write does not say what it was in."""
    chosen = [i for i in work.inputs
              if i.expect == "ok" and not i.fixture][::every]
    if not chosen:
        print("no corpus: %s of others is left out" % model.name)
        return
    for native in (True, False):
        work.call("dcmconv", "utf8", [
            i.short + ".dcm" for i in chosen
            if native == (i.uid in NATIVE)], "utf8", "--charset", "utf8",
            *(["--to", "explicit"] if native else []))
    for name, convert in model.peers(work).items():
        os.mkdir(work.path(name))
        for i in chosen:
            peer_writes(work, report, model, name, convert, i)
        done = [os.path.join(name, i.short + model.suffix) for i in chosen
                if os.path.exists(work.path(name, i.short + model.suffix))]
        work.call(model.back, name, done, "back-" + name, "--charset",
                  "utf8", "--bulk-root", name)
        for i in chosen:
            if os.path.exists(work.path(name, i.short + model.suffix)):
                judge_peer(work, report, model, i, name)


def peer_writes(work, report, model, name, convert, i):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = convert(work.path(i.short + ".dcm"))
    except Exception:  # each has its own
        text = None
    if text is None:
        report.counts["%s: has no %s of it" % (name, model.name)] += 1
    else:
        write(work.path(name, i.short + model.suffix), text)


def judge_peer(work, report, model, i, name):
    met = work.met["utf8"][i.short] | work.met[name][i.short] | \
        work.met[next(iter(model.ways))][i.short]
    ctx = model.context(name, met, uid=i.uid)
    path = work.path(name, i.short + model.suffix)
    copy = work.path("utf8", i.short + ".dcm")
    if i.short in work.errors[name]:
        refused = work.errors[name][i.short]
        why = model.refuses_peer(met, path, refused)
        if why:
            report.counts["%s: %s, refused" % (name, why)] += 1
        else:
            report.fail(i, name, "%s: %s" % (model.back, refused))
        return
    if not os.path.exists(copy):
        report.counts["%s: nothing to compare with" % name] += 1
        return
    if met & OTHERWISE:
        report.counts["%s: a file that each may read in its way" % name] += 1
        return
    try:
        ctx.text = read(path)
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

def find_tools(folder, model):
    out = {}
    for name in (model.there, model.back, "dcmconv", "hexd"):
        path = os.environ.get(name.upper()) or os.path.join(
            folder, "tests/hexd" if name == "hexd" else name)
        out[name] = os.path.abspath(path)
        if not os.access(path, os.X_OK):
            print("no %s" % path)
            sys.exit(77)
    return out


def main(model, usage, arguments):
    verbose, every, keep = "-v" in arguments, 3, "--keep" in arguments
    if "--every" in arguments:
        at = arguments.index("--every")
        every = int(arguments[at + 1])
        del arguments[at:at + 2]
    arguments = [a for a in arguments if a not in ("-v", "--keep")]
    if len(arguments) < 2:
        sys.exit(usage)
    tools, source = find_tools(arguments[0], model), arguments[1]
    wanted = arguments[3:]
    sys.setrecursionlimit(8000)
    load_dictionary(os.path.join(source, "dict/elements.tsv"))
    load_private(os.path.join(source, "dict/private.tsv"))
    folder, start = tempfile.mkdtemp(prefix="test-back-"), time.time()
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
        there(work, model)
        back(work, model)
        for i in inputs:
            for way in model.ways:
                judge(work, report, model, i, way)
        peers(work, report, model, every)
    finally:
        if not keep:
            shutil.rmtree(folder)
    report.show(verbose)
    print("\n%.0f s, %.0f s CPU" % (time.time() - start,
                                    sum(os.times()[:4])))
    return 1 if report.bad else 0

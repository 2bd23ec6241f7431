#!/usr/bin/env python3
"""run.py --tools FOLDER [--data FOLDER] [--only NAME,...] [--quick]

Measures the programs of FOLDER against others that are on PATH, on the inputs
of make_inputs.py, and prints how many times less CPU time (user and system, of
the process and its children) ours take. Ours and the others run in turn, round
by round, so that a change of the machine's speed meets all; each ratio is of
one round, and the median of the rounds counts.
No time as such is ever a pass or a failure. A peer that is missing, or that
fails on an input, is named and left out.

  --data FOLDER   where the inputs are kept (bench-data)
  --only NAMES    some of: startup frames-json frames-dump bulk many deflated
                  japanese conv-implicit conv-start conv-many conv-bulk
                  json-back json-back-inline jpeg-wrap frames-xml many-xml
                  xml-back memory-uri memory-inline memory-nested memory-conv
                  json-bulk-1g memory-xml memory-xml-inline xml-bulk-1g
  --rounds N      rounds of each (5); a program that takes over 10 s runs once
  --quick         inputs fifty times smaller, 2 rounds: shows that all runs;
                  targets are not judged

Exit status: 0 all targets met, 1 some missed, 2 wrong usage.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import make_inputs

HERE = os.path.dirname(os.path.abspath(__file__))
SLOW = 10.0    # seconds; such a program is run in the first round only
ROOM = 3 << 30  # bytes that outputs may take
SAMPLE = 0.15  # seconds that one sample takes at least, by repeating


class Bench:
    def __init__(self, a):
        self.a = a
        self.measure = compile_measure(a.data)
        self.missed = []
        self.python = {m: find_python(m) for m in ("pydicom", "odil")}
        self.outputs = tempfile.mkdtemp(prefix="bench-",
                                        dir=output_folder(a.data))

    def output(self, name):
        return os.path.join(self.outputs, name)

    def close(self):
        shutil.rmtree(self.outputs)

    def ours(self, name):
        return os.path.join(self.a.tools, name)

    def input(self, name):
        return make_inputs.make(self.a.data, name, self.a.quick)

    def peer(self, name):
        """A program of that name on PATH that is not ours."""
        ours = os.path.realpath(self.ours(name))
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and os.path.realpath(path) != ours:
                return [path]
        return None

    def script(self, module):
        python = self.python[module]
        return python and [python, os.path.join(HERE,
                                                "peer_%s.py" % module)]

    def run(self, command, times=1):
        """(CPU seconds, peak KiB) of one run, or None if it fails."""
        r = subprocess.run([self.measure, str(times)] + command,
                           capture_output=True, text=True)
        if r.returncode != 0:
            return None
        cpu, peak, status, _ = r.stdout.split()
        return (float(cpu), int(peak)) if status == "0" else None

    def verdict(self, name, value, good, text):
        if self.a.quick:
            word = "(quick)"
        elif good:
            word = "ok"
        else:
            word = "MISSED"
            self.missed.append(name)
        print("%-14s %s  %s" % (name, text, word), flush=True)

    # ------------------------------------------------------------- ratios

    def times_for(self, cpu):
        return max(1, min(200, int(SAMPLE / max(cpu, 1e-4)) + 1))

    def rounds(self, name, commands):
        """Samples of each command, taken in turn; the first is ours."""
        samples, times = {}, {}
        for who, command in commands:
            if command is None:
                print("%-14s   %s is not here" % (name, who))
                continue
            first = self.run(command)  # also warms the page cache
            if first is None:
                print("%-14s   %s fails on this input" % (name, who))
                continue
            samples[who] = [first[0]] if first[0] > SLOW else []
            times[who] = self.times_for(first[0])
        for _ in range(self.a.rounds):
            for who, command in commands:
                if who not in samples:
                    continue
                if times[who] == 1 and samples[who] and \
                        samples[who][0] > SLOW:
                    samples[who].append(samples[who][0])
                    continue
                got = self.run(command, times[who])
                if got:
                    samples[who].append(got[0])
        return {w: s[-self.a.rounds:] for w, s in samples.items() if s}

    def ratio(self, name, target, commands):
        """Ours against the best of the others."""
        samples = self.rounds(name, commands)
        for who, s in samples.items():
            print("%-14s   %-22s %10.4f s CPU (%.4f to %.4f)" % (
                name, who, statistics.median(s), min(s), max(s)))
        mine = samples.pop(commands[0][0], None)
        if not mine:
            return self.verdict(name, 0, False, "ours failed")
        if not samples:
            print("%-14s no peer to compare with" % name)
            return None
        best = min(samples, key=lambda w: statistics.median(samples[w]))
        ratios = [p / max(o, 1e-6) for o, p in zip(mine, samples[best])]
        ratio = statistics.median(ratios)
        return self.verdict(name, ratio, ratio >= target,
                            "%.1f times less than %s (target %g)" % (
                                ratio, best, target))

    def startup(self):
        path, true = self.input("small"), shutil.which("true")
        commands = [("true", [true]),
                    ("dcm2json", [self.ours("dcm2json"), path]),
                    ("dcmdump", [self.ours("dcmdump"), path])]
        times = 20 if self.a.quick else 200
        samples = {who: [] for who, _ in commands}
        for _ in range(self.a.rounds + 1):
            for who, command in commands:
                got = self.run(command, times)
                if got is None:
                    return self.verdict("startup", 0, False,
                                        "%s failed" % who)
                samples[who].append(got[0])
        for who, s in samples.items():
            print("%-14s   %-22s %10.5f s CPU" % ("startup", who,
                                                  statistics.median(s[1:])))
        for who in ("dcm2json", "dcmdump"):
            ratio = statistics.median(
                o / t for o, t in list(zip(samples[who],
                                           samples["true"]))[1:])
            self.verdict("startup", ratio, ratio <= 1.5,
                         "%s: %.2f times true (target 1.5)" % (who, ratio))
        return None

    def frames_json(self):
        path = self.input("frames")
        peer = self.peer("dcm2json")
        self.ratio("frames-json", 25, [
            ("dcm2json", [self.ours("dcm2json"), path]),
            ("dcmtk dcm2json", peer and peer + ["-fc", path])])

    def frames_dump(self):
        path = self.input("frames")
        peer = self.peer("dcmdump")
        self.ratio("frames-dump", 25, [
            ("dcmdump", [self.ours("dcmdump"), path]),
            ("dcmtk dcmdump", peer and peer + [path])])

    def bulk(self):
        path = self.input("bulk")
        peer = self.peer("dcm2json")
        self.ratio("bulk", 15, [
            ("dcm2json", [self.ours("dcm2json"), "--bulk", "inline", path]),
            ("dcmtk dcm2json", peer and peer + ["-fc", path])])

    def many_names(self):
        folder = self.input("many")
        names = folder + ".list"
        with open(names, "w") as f:
            for n in sorted(os.listdir(folder)):
                f.write(os.path.join(folder, n) + "\n")
        return names

    def many(self):
        names = self.many_names()
        commands = [("dcm2json", [self.ours("dcm2json"), "--bulk", "inline",
                                  "--format", "ndjson", "--files-from",
                                  names])]
        for module in ("odil", "pydicom"):
            script = self.script(module)
            commands.append((module, script and script + ["--list", names]))
        self.ratio("many", 20, commands)

    def deflated(self):
        path = self.input("deflated")
        peer = self.peer("dcm2json")
        self.ratio("deflated", 12, [
            ("dcm2json", [self.ours("dcm2json"), "--bulk", "inline", path]),
            ("dcmtk dcm2json", peer and peer + ["-fc", path])])

    def japanese(self):
        path = self.input("japanese")
        script = self.script("pydicom")
        self.ratio("japanese", 60, [
            ("dcm2json", [self.ours("dcm2json"), path]),
            ("pydicom", script and script + [path])])

    # ---------------------------------------------------------- conversion

    def convert(self, *arguments):
        return [self.ours("dcmconv"), "-q", "--force"] + list(arguments)

    def dense(self, name):
        path = os.path.join(self.a.data, "dense-%s.dcm" % name)
        subprocess.run(["cp", "--sparse=never", self.input(name), path],
                       check=True)
        return path

    def conv_implicit(self):
        path, out = self.input("frames"), self.output("implicit.dcm")
        dcmtk, gdcm = self.peer("dcmconv"), self.peer("gdcmconv")
        commands = [
            ("dcmconv", self.convert("--to", "implicit", path, "-o", out)),
            ("dcmtk dcmconv", dcmtk and dcmtk + ["+ti", path, out]),
            ("gdcmconv", gdcm and gdcm + ["--implicit", path, out])]
        for module in ("odil", "pydicom"):
            script = self.script(module)
            commands.append((module,
                             script and script + ["--implicit", path, out]))
        self.ratio("conv-implicit", 15, commands)

    def conv_start(self):
        path, out = self.input("small"), self.output("small.dcm")
        peer = self.peer("dcmconv")
        self.ratio("conv-start", 5, [
            ("dcmconv", self.convert(path, "-o", out)),
            ("dcmtk dcmconv", peer and peer + [path, out])])

    def conv_many(self):
        names, out = self.many_names(), self.output("many")
        script = self.script("odil")
        self.ratio("conv-many", 5, [
            ("dcmconv", self.convert("--files-from", names, "-d", out)),
            ("odil", script and script + ["--copy", names, out])])

    def conv_bulk(self):
        """Of a file without holes, which cp would not read; the output goes
        before each run, so that both get the same memory."""
        path, out = self.dense("gigabyte"), self.output("bulk.dcm")
        anew = ["sh", "-c", 'rm -f "$0"; exec "$@"', out]
        samples = self.rounds("conv-bulk", [
            ("dcmconv", anew + self.convert(path, "-o", out)),
            ("cp", anew + ["cp", path, out])])
        os.unlink(path)
        for who, s in samples.items():
            print("%-14s   %-22s %10.4f s CPU (%.4f to %.4f)" % (
                "conv-bulk", who, statistics.median(s), min(s), max(s)))
        if len(samples) < 2:
            return self.verdict("conv-bulk", 0, False, "one of them failed")
        ratio = statistics.median(o / max(c, 1e-6) for o, c in
                                  zip(samples["dcmconv"], samples["cp"]))
        return self.verdict("conv-bulk", ratio, ratio <= 1.5,
                            "%.2f times cp (target 1.5)" % ratio)

    # ------------------------------------------------------------ the way back

    def json_of(self, name, *arguments):
        """Our JSON of an input, made once."""
        path = os.path.splitext(self.input(name))[0] + ".json"
        if not os.path.exists(path):
            subprocess.run([self.ours("dcm2json"), "-q", "--force", "--meta",
                            self.input(name), "-o", path] + list(arguments),
                           check=True)
        return path

    def from_json(self, module, path, out):
        script = self.script(module)
        return script and script + ["--from-json", path, out]

    def json_back(self):
        path = self.json_of("frames", "--bulk", "inline")
        out = self.output("back.dcm")
        peer = self.peer("json2dcm")
        self.ratio("json-back", 10, [
            ("json2dcm", [self.ours("json2dcm"), "-q", "--force", path, "-o",
                          out]),
            ("dcmtk json2dcm", peer and peer + [path, out]),
            ("odil", self.from_json("odil", path, out))])

    def json_back_inline(self):
        """Against DCMTK, and pydicom where that has no json2dcm."""
        path = self.json_of("bulk", "--bulk", "inline")
        out, peer = self.output("inline.dcm"), self.peer("json2dcm")
        self.ratio("json-back-inline", 5, [
            ("json2dcm", [self.ours("json2dcm"), "-q", "--force", path, "-o",
                          out]),
            ("dcmtk json2dcm", peer + [path, out]) if peer else
            ("pydicom", self.from_json("pydicom", path, out))])

    def jpeg_wrap(self):
        """A process for each file."""
        folder, out = self.input("jpegs"), self.output("jpegs")
        os.makedirs(out, exist_ok=True)
        peer = self.peer("img2dcm")

        def each(command):
            return ["sh", "-c", 'for f in "$0"/*.jpg; do %s || exit; done' %
                    command, folder, out]
        ours = each('"$2" -q --force "$f" -o "$1/${f##*/}"')
        theirs = each('"$2" "$f" "$1/${f##*/}"')
        self.ratio("jpeg-wrap", 5, [
            ("jpeg2dcm", ours + [self.ours("jpeg2dcm")]),
            ("dcmtk img2dcm", peer and theirs + peer)])

    # --------------------------------------------------------------- XML

    def frames_xml(self):
        path = self.input("frames")
        peer = self.peer("dcm2xml")
        self.ratio("frames-xml", 25, [
            ("dcm2xml", [self.ours("dcm2xml"), path]),
            ("dcmtk dcm2xml", peer and peer + ["-nat", path])])

    def many_xml(self):
        """odil prints them, in one process; ours are files."""
        names, out = self.many_names(), self.output("many-xml")
        script = self.script("odil")
        self.ratio("many-xml", 5, [
            ("dcm2xml", [self.ours("dcm2xml"), "-q", "--force", "--bulk",
                         "inline", "--files-from", names, "-d", out]),
            ("odil", script and script + ["--xml-list", names])])

    def xml_of(self, name, *arguments):
        """Our XML of an input, made once."""
        path = os.path.splitext(self.input(name))[0] + ".xml"
        if not os.path.exists(path):
            subprocess.run([self.ours("dcm2xml"), "-q", "--force", "--meta",
                            self.input(name), "-o", path] + list(arguments),
                           check=True)
        return path

    def dcmtk_xml_of(self, name):
        """In DCMTK's own format, the only one that its xml2dcm reads."""
        peer = self.peer("dcm2xml")
        path = os.path.splitext(self.input(name))[0] + "-dcmtk.xml"
        if peer and not os.path.exists(path) and subprocess.run(
                peer + ["+M", "+Wb", "+Eb", self.input(name), path],
                capture_output=True).returncode:
            return None
        return path if peer else None

    def xml_back(self):
        path, theirs = self.xml_of("frames", "--bulk", "inline"), None
        out, peer = self.output("back.dcm"), self.peer("xml2dcm")
        if peer:
            theirs = self.dcmtk_xml_of("frames")
        self.ratio("xml-back", 5, [
            ("xml2dcm", [self.ours("xml2dcm"), "-q", "--force", path, "-o",
                         out]),
            ("dcmtk xml2dcm", theirs and peer + [theirs, out])])

    # ------------------------------------------------------------- memory

    def peak(self, name, most, arguments, tool="dcm2json"):
        got = self.run([self.ours(tool)] + arguments)
        if got is None:
            return self.verdict(name, 0, False, "ours failed")
        return self.verdict(name, got[1], got[1] < most * 1024,
                            "peak %.1f MiB (target under %d)" % (
                                got[1] / 1024, most))

    def memory_uri(self):
        self.peak("memory-uri", 8, ["--bulk", "uri", self.input("gigabyte")])

    def memory_inline(self):
        self.peak("memory-inline", 16, ["--bulk", "inline",
                                        self.input("gigabyte")])

    def memory_nested(self):
        self.peak("memory-nested", 16, [self.input("nested")])

    def memory_conv(self):
        self.peak("memory-conv", 16, ["--force", self.input("gigabyte"), "-o",
                                      self.output("memory.dcm")], "dcmconv")

    def json_bulk_1g(self):
        path = self.json_of("gigabyte", "--bulk", "uri", "--bulk-uri",
                            "{name}")
        uri = os.path.splitext(os.path.basename(path))[0]
        self.peak("json-bulk-1g", 16, [
            "--force", path, "--bulk", uri + "=" + self.input("pixels"), "-o",
            self.output("memory.dcm")], "json2dcm")

    def memory_xml(self):
        self.peak("memory-xml", 16, [self.input("gigabyte")], "dcm2xml")

    def memory_xml_inline(self):
        self.peak("memory-xml-inline", 16, [
            "--bulk", "inline", self.input("gigabyte")], "dcm2xml")

    def xml_bulk_1g(self):
        path = self.xml_of("gigabyte", "--bulk", "uri", "--bulk-uri",
                           "{name}")
        uri = os.path.splitext(os.path.basename(path))[0]
        self.peak("xml-bulk-1g", 16, [
            "--force", path, "--bulk", uri + "=" + self.input("pixels"), "-o",
            self.output("memory.dcm")], "xml2dcm")


JOBS = ("startup", "frames-json", "frames-dump", "bulk", "many", "deflated",
        "japanese", "conv-implicit", "conv-start", "conv-many", "conv-bulk",
        "json-back", "json-back-inline", "jpeg-wrap", "frames-xml", "many-xml",
        "xml-back", "memory-uri", "memory-inline", "memory-nested",
        "memory-conv", "json-bulk-1g", "memory-xml", "memory-xml-inline",
        "xml-bulk-1g")


def find_python(module):
    """A Python on PATH that has the module, or None."""
    for name in (sys.executable, "python3"):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = name if os.path.isabs(name) else os.path.join(folder, name)
            if os.access(path, os.X_OK) and subprocess.run(
                    [path, "-c", "import " + module],
                    capture_output=True).returncode == 0:
                return path
            if os.path.isabs(name):
                break
    return None


def output_folder(folder):
    memory = "/dev/shm"
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM:
        return memory
    return folder


def compile_measure(folder):
    os.makedirs(folder, exist_ok=True)
    source = os.path.join(HERE, "measure.c")
    program = os.path.join(folder, "measure")
    if not os.path.exists(program) or \
            os.path.getmtime(program) < os.path.getmtime(source):
        subprocess.run(os.environ.get("CC", "cc").split() +
                       ["-O2", "-o", program, source], check=True)
    return program


def main():
    p = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--tools", required=True)
    p.add_argument("--data", default="bench-data")
    p.add_argument("--only", default="")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--quick", action="store_true")
    a = p.parse_args()
    a.tools, a.data = os.path.abspath(a.tools), os.path.abspath(a.data)
    if a.quick:
        a.rounds = 2
    wanted = a.only.split(",") if a.only else JOBS
    if not set(wanted) <= set(JOBS):
        p.error("--only: one of " + " ".join(JOBS))
    bench = Bench(a)
    try:
        for name in wanted:
            getattr(bench, name.replace("-", "_"))()
    finally:
        bench.close()
    if bench.missed:
        print("missed: " + ", ".join(bench.missed))
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())

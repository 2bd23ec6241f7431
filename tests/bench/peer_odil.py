"""Prints the JSON or XML of the files whose names stand in a list, by odil; or
the JSON of one file; or writes files anew, or one of JSON. Peer of the
benchmark:
peer_odil.py FILE | --list LIST | --xml-list LIST | --implicit FILE OUT |
    --copy LIST FOLDER | --from-json FILE OUT"""
import os
import sys

import odil


def write(name, out, syntax=None):
    header, data_set = odil.Reader.read_file(name)
    syntax = syntax or header.as_string("TransferSyntaxUID")[0].decode()
    odil.Writer.write_file(data_set, out, odil.DataSet(), syntax)


def names_in(path):
    with open(path) as f:
        return f.read().split("\n")[:-1]


names = sys.argv[1:]
if names[0] == "--implicit":
    write(names[1], names[2], "1.2.840.10008.1.2")
elif names[0] == "--from-json":
    with open(names[1], encoding="utf-8") as f:
        odil.Writer.write_file(odil.from_json(f.read()), names[2],
                               odil.DataSet(), "1.2.840.10008.1.2.1")
elif names[0] == "--copy":
    os.makedirs(names[2], exist_ok=True)
    for name in names_in(names[1]):
        write(name, os.path.join(names[2], os.path.basename(name)))
elif names[0] == "--xml-list":
    for name in names_in(names[1]):
        data_set = odil.Reader.read_file(name)[1]
        try:
            sys.stdout.write(odil.as_xml(data_set, False))
        except UnicodeDecodeError:  # text as in the file: its work is done
            pass
else:
    for name in names_in(names[1]) if names[0] == "--list" else names:
        header, data_set = odil.Reader.read_file(name)
        sys.stdout.write(odil.as_json(data_set) + "\n")

"""Prints the JSON of the files whose names stand in a list, by odil; or of one
file. Peer of the benchmark: peer_odil.py FILE | --list LIST"""
import sys

import odil

names = sys.argv[1:]
if names[0] == "--list":
    with open(names[1]) as f:
        names = f.read().split("\n")[:-1]
for name in names:
    header, data_set = odil.Reader.read_file(name)
    sys.stdout.write(odil.as_json(data_set) + "\n")

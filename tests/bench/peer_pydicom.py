"""Prints the JSON of the files whose names stand in a list, by pydicom; or of
one file. Peer of the benchmark: peer_pydicom.py FILE | --list LIST"""
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")
names = sys.argv[1:]
if names[0] == "--list":
    with open(names[1]) as f:
        names = f.read().split("\n")[:-1]
for name in names:
    sys.stdout.write(pydicom.dcmread(name).to_json() + "\n")

"""Prints the JSON of the files whose names stand in a list, by pydicom; or of
one file; or writes one in implicit VR, or one of JSON. Peer of the benchmark:
peer_pydicom.py FILE | --list LIST | --implicit FILE OUT |
    --from-json FILE OUT"""
import json
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")
names = sys.argv[1:]
if names[0] == "--implicit":
    data_set = pydicom.dcmread(names[1])
    data_set.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    data_set.is_implicit_VR = True
    data_set.save_as(names[2])
    sys.exit()
if names[0] == "--from-json":
    with open(names[1], encoding="utf-8") as f:
        members = json.load(f)
    meta = {t: members.pop(t) for t in list(members) if t[:4] == "0002"}
    data_set = pydicom.dataset.FileDataset(
        names[2], pydicom.Dataset.from_json(members), preamble=b"\0" * 128,
        file_meta=pydicom.dataset.FileMetaDataset(
            pydicom.Dataset.from_json(meta)),
        is_implicit_VR=False, is_little_endian=True)
    data_set.save_as(names[2], write_like_original=False)
    sys.exit()
if names[0] == "--list":
    with open(names[1]) as f:
        names = f.read().split("\n")[:-1]
for name in names:
    sys.stdout.write(pydicom.dcmread(name).to_json() + "\n")

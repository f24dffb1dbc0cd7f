#!/usr/bin/env python3
"""Writes which rows of the examples were trained on and with which penalty, for fit_examples.py.

Usage: export_parts.py BINARY PARTS.json      in a workspace with datasets/ and workflows/

Trains each example with BINARY and reads the split out of the store. Needs pyarrow.
"""
import json
import subprocess
import sys

import pyarrow.ipc as ipc

M = sys.argv[1]
out={}
for n in ["breast-cancer","diabetes","doctor-visits","wine","penguins"]:
    r=json.loads(subprocess.run([M,"train",f"workflows/{n}.yaml","--format","json"],capture_output=True,text=True).stdout)
    steps={s["name"]:s for s in r["steps"]}
    parts=[o for s in r["steps"] for o in s["outputs"] if o["name"]=="parts"][0]["digest"]
    t=ipc.open_file(f".mlflowctl/objects/{parts[:2]}/{parts[2:]}").read_all()
    p=t["part"].to_pylist()
    train=[s for s in r["steps"] if s["kind"]=="train"][0]["report"]["facts"]
    out[n]=dict(objective=train["objective"],l2=train["l2"],train_rows=[i for i,x in enumerate(p) if x=="train"],test_rows=[i for i,x in enumerate(p) if x=="test"])
json.dump(out,open(sys.argv[2],"w"))
print({k:(v["l2"],len(v["train_rows"])) for k,v in out.items()})

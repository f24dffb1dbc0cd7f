"""Turns the CSV of `gen_mixed.py` (20 columns of every type) into JSON Lines: numbers and booleans as such, empty cells as null.

Usage: mixed_jsonl.py IN.csv OUT.jsonl
"""

import csv
import json
import sys

TEXTS = {"cat5", "cat40", "cat200", "cat1000", "d_iso", "ts_iso", "name", "note"}


def raw(name, cell):
    if cell == "":
        return "null"
    return json.dumps(cell, ensure_ascii=False) if name in TEXTS else cell


with open(sys.argv[1], newline="", encoding="utf-8") as source, open(sys.argv[2], "w", encoding="utf-8") as target:
    rows = csv.reader(source)
    names = next(rows)
    for row in rows:
        target.write("{" + ", ".join(f'"{name}": {raw(name, cell)}' for name, cell in zip(names, row)) + "}\n")

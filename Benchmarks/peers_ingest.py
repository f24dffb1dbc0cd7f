#!/usr/bin/env python3
"""Reads a file with a peer and prints how long that took, as JSON.

Usage: peers_ingest.py READER FILE [OUTPUT]

READER  polars, pyarrow, duckdb or pandas: into columns in memory, types inferred, dates parsed; the time of that call alone.
        polars-durable: read_csv or read_ndjson, write_ipc to OUTPUT, fsync, and the SHA-256 of it, what an ingest step leaves but the profile.
"""
import hashlib
import json
import os
import sys
import time

DATES = ["d_iso", "ts_iso"]


def read(reader, path):
    if path.endswith(".jsonl"):
        return read_lines(reader, path)
    mixed = "mixed" in os.path.basename(path)
    if reader.startswith("polars"):
        import polars
        return lambda: polars.read_csv(path, try_parse_dates=True)
    if reader == "pyarrow":
        import pyarrow
        import pyarrow.csv
        pyarrow.set_cpu_count(os.cpu_count())
        parse = pyarrow.csv.ParseOptions(newlines_in_values=mixed)
        return lambda: pyarrow.csv.read_csv(path, parse_options=parse)
    if reader == "duckdb":
        import duckdb
        connection = duckdb.connect()
        return lambda: connection.execute(f"CREATE TABLE t AS SELECT * FROM read_csv('{path}')")
    if reader == "pandas":
        import pandas
        return lambda: pandas.read_csv(path, engine="c", parse_dates=DATES if mixed else None)
    sys.exit(f"unknown reader '{reader}'")


def read_lines(reader, path):
    if reader.startswith("polars"):
        import polars
        return lambda: polars.read_ndjson(path)
    if reader == "pyarrow":
        import pyarrow.json
        return lambda: pyarrow.json.read_json(path)
    if reader == "duckdb":
        import duckdb
        connection = duckdb.connect()
        return lambda: connection.execute(f"CREATE TABLE t AS SELECT * FROM read_json('{path}', format='newline_delimited')")
    if reader == "pandas":
        import pandas
        return lambda: pandas.read_json(path, lines=True, convert_dates=DATES)
    sys.exit(f"unknown reader '{reader}'")


def main():
    reader, path, output = sys.argv[1], sys.argv[2], (sys.argv + [None])[3]
    call = read(reader, path)
    start = time.perf_counter()
    table = call()
    if reader == "polars-durable":
        table.write_ipc(output)
        with open(output, "rb") as file:
            os.fsync(file.fileno())
            hashlib.file_digest(file, "sha256")
    print(json.dumps({"seconds": time.perf_counter() - start}))


main()

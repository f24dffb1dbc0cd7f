"""Writes one table in all the ways that pyarrow, polars and DuckDB can, and what its cells are.

Usage: make_sources.py FOLDER. Writes files and FOLDER/manifest.json:
{"tables": {name: {column: [text or null, ...]}}, "files": [{"file", "format", "table", "types"}]}
where `types` says what each column is to us. Needs the packages of Tests/requirements.txt.
"""

import json
import sys
import uuid

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv

import tables
from tables import Writer, build, encodings, only_arrow, rng, types_of

writer = Writer(sys.argv[1])
folder, manifest, note, parquet, ipc = writer.folder, writer.manifest, writer.note, writer.parquet, writer.ipc
arrow = {}
for name, rows, missing in (("some", 700, 0.15), ("full", 300, 0), ("empty", 0, 0), ("gone", 50, 1), ("long", 70_000, 0.01)):
    columns = build(rows, missing)
    if name == "long":
        columns = {key: columns[key] for key in ("int64", "steps", "double", "words", "large_text", "at_us_utc")}
    arrow[name] = tables.table(columns)
    writer.expect(name, columns)

# pyarrow, Arrow: files and streams, plain and compressed, whole and cut.
for name, table in arrow.items():
    whole = table.combine_chunks().to_batches() or []
    for codec in (None, "lz4", "zstd"):
        for stream in (False, True):
            suffix = "arrows" if stream else "arrow"
            ipc(f"pyarrow-{name}-{codec}.{suffix}", name, whole, table.schema, types_of(table), stream, compression=codec)
some = arrow["some"].combine_chunks().to_batches()[0]
cut = [some.slice(start, count) for start, count in ((0, 99), (99, 1), (100, 0), (100, 333), (433, 267))]
for codec in (None, "zstd"):
    ipc(f"pyarrow-cut-{codec}.arrow", "some", cut, some.schema, types_of(arrow["some"]), compression=codec)
    ipc(f"pyarrow-cut-{codec}.arrows", "some", cut, some.schema, types_of(arrow["some"]), True, compression=codec)
words = arrow["some"].select(["words", "text"])
for deltas in (True, False):
    # A dictionary that grows, or is another one in each batch.
    batches, known = [], []
    for start in range(0, 700, 70):
        piece = words.slice(start, 70).to_pydict()
        fresh = sorted({v for v in piece["words"] if v is not None and v not in known})
        known = known + fresh if deltas else sorted({v for v in piece["words"] if v is not None}, reverse=start % 140 == 0)
        codes = pa.array([None if v is None else known.index(v) for v in piece["words"]], pa.int32())
        column = pa.DictionaryArray.from_arrays(codes, pa.array(known, pa.string()))
        batches.append(pa.record_batch([column, pa.array(piece["text"])], names=["words", "text"]))
    ipc(f"pyarrow-{'delta' if deltas else 'replaced'}.arrows", "some", batches, batches[0].schema, {"words": "category", "text": "text"}, True, emit_dictionary_deltas=deltas)
holes = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None, 1], pa.int8()), pa.array(["a", None, "b"]))
manifest["tables"]["holes"] = {"c": ["a", None, "b", None, None]}
ipc("pyarrow-holes.arrow", "holes", [pa.record_batch([holes], names=["c"])], pa.schema([("c", holes.type)]), {"c": "category"})
with pa.ipc.new_stream(f"{folder}/pyarrow-legacy.arrows", some.schema, options=pa.ipc.IpcWriteOptions(use_legacy_format=True)) as legacy:
    legacy.write_batch(some)
note("pyarrow-legacy.arrows", "arrow", "some", types_of(arrow["some"]))

# polars and DuckDB, Arrow.
for name in ("some", "full", "empty", "gone", "long"):
    dropped = [n for n in ("fixed", "date64", "at_s", "at_s_utc", "wide_decimal", "time_ms", "time_s", "half", "span_s", "numbered", "days", "short_decimal", "mid_decimal") if n in arrow[name].column_names]
    kept = arrow[name].drop_columns(dropped)
    frame = pl.from_arrow(kept)
    for codec in ("uncompressed", "lz4", "zstd"):
        for stream in (False, True):
            file = f"polars-{name}-{codec}.{'arrows' if stream else 'arrow'}"
            (frame.write_ipc_stream if stream else frame.write_ipc)(f"{folder}/{file}", compression=codec)
            note(file, "arrow", name, types_of(kept), nanoseconds=["time_us"])
some_kept = arrow["some"].select(["int64", "double", "text", "words", "bool", "date", "at_us", "at_us_utc", "decimal"])
from_duckdb = duckdb.sql("from some_kept").to_arrow_table()
ipc("duckdb-some.arrow", "some", from_duckdb.to_batches(), from_duckdb.schema, types_of(some_kept))

arrow = {name: table.drop_columns([n for n in only_arrow if n in table.column_names]) for name, table in arrow.items()}

# pyarrow, Parquet: every codec, page version and encoding that it writes.
storable = {name: table.cast(pa.schema([f for f in table.schema])) for name, table in arrow.items()}
for name, table in storable.items():
    for version in ("1.0", "2.0"):
        parquet(f"pyarrow-{name}-v{version}.parquet", name, table, data_page_version=version)
for codec in ("none", "snappy", "gzip", "zstd", "lz4"):
    parquet(f"pyarrow-{codec}.parquet", "some", arrow["some"], compression=codec, data_page_version="2.0", data_page_size=1000)
    parquet(f"pyarrow-{codec}-plain.parquet", "some", arrow["some"], compression=codec, use_dictionary=False, data_page_size=1000)
parquet("pyarrow-groups.parquet", "some", arrow["some"], row_group_size=97, write_page_checksum=True, dictionary_pagesize_limit=100)
parquet("pyarrow-long-groups.parquet", "long", arrow["long"], row_group_size=30_000, compression="zstd")
parquet("pyarrow-integer-decimals.parquet", "some", arrow["some"], store_decimal_as_integer=True)
int96 = arrow["some"].select([n for n in arrow["some"].column_names if n.startswith("at_") and n != "at_berlin"])
parquet("pyarrow-int96.parquet", "some", int96, use_deprecated_int96_timestamps=True)
for version in ("1.0", "2.0"):
    for name in ("some", "full", "empty", "gone"):
        table = arrow[name].drop_columns(["labels", "nothing"])
        parquet(
            f"pyarrow-{name}-deltas-v{version}.parquet", name, table, use_dictionary=False, column_encoding=encodings(table),
            data_page_version=version, data_page_size=500, compression="none")
split = {f.name: "BYTE_STREAM_SPLIT" for f in arrow["some"].schema if pa.types.is_integer(f.type) and f.type.bit_width >= 32}
parquet("pyarrow-split-integers.parquet", "some", arrow["some"].select(list(split)), use_dictionary=False, column_encoding=split)
required = pa.schema([f.with_nullable(False) for f in arrow["full"].schema if f.name != "nothing"])
parquet("pyarrow-required.parquet", "full", arrow["full"].drop_columns(["nothing"]).cast(required))

# polars, Parquet: it has no date64, no fixed-size binary, and its own enums.
for name in ("some", "full", "empty", "gone", "long"):
    dropped = [n for n in ("fixed", "date64", "at_s", "at_s_utc", "wide_decimal", "time_ms", "half") if n in arrow[name].column_names]
    frame = pl.from_arrow(arrow[name].drop_columns(dropped))
    types = types_of(arrow[name].drop_columns(dropped), labels="text")
    for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4") if name != "long" else ("zstd",):
        file = f"polars-{name}-{codec}.parquet"
        frame.write_parquet(f"{folder}/{file}", compression=codec, data_page_size=2000, row_group_size=40_000 if name == "long" else 250)
        note(file, "parquet", name, types, nanoseconds=["time_us"])

# DuckDB, Parquet.
for name in ("some", "full", "empty", "gone", "long"):
    dropped = [n for n in ("half", "labels", "nothing", "wide_decimal", "fixed", "date64", "at_s_utc", "at_ms_utc", "at_ns_utc", "at_berlin", "time_ms") if n in arrow[name].column_names]
    rows_of = arrow[name].drop_columns(dropped)
    for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4_raw") if name != "long" else ("snappy",):
        for version in ("V1", "V2"):
            file = f"duckdb-{name}-{codec}-{version}.parquet"
            duckdb.sql(f"copy (from rows_of) to '{folder}/{file}' (format parquet, codec {codec}, parquet_version {version}, row_group_size 5000)")
            note(file, "parquet", name, types_of(rows_of))

# DuckDB's own types.
duckdb.sql("create type mood as enum ('sad', 'ok')")
special = [(str(uuid.UUID(int=rng.getrandbits(128))), rng.choice(["sad", "ok"]), json.dumps({"n": i})) for i in range(40)]
rows = ", ".join(f"('{u}'::uuid, '{e}'::mood, '{j}'::json, {i}::hugeint)" for i, (u, e, j) in enumerate(special))
duckdb.sql(f"copy (select * from (values {rows}) t(id, mood, doc, count)) to '{folder}/duckdb-special.parquet' (format parquet)")
manifest["tables"]["special"] = {
    "id": [u for u, _, _ in special], "mood": [e for _, e, _ in special], "doc": [j for _, _, j in special],
    "count": [repr(float(i)) for i in range(len(special))],
}
note("duckdb-special.parquet", "parquet", "special", {"id": "text", "mood": "text", "doc": "text", "count": "number"})

# CSV of all three. An empty text is a missing one there, and space around a cell is none of it, so there is neither.
columns = build(400, 0.1)
columns = {key: columns[key] for key in ("bool", "int64", "double", "date", "at_us", "at_us_utc", "words", "large_text", "text")}
for key in ("words", "large_text", "text"):
    type, values = columns[key]
    columns[key] = (type, [None if value is None else f"<{value}>" for value in values])
writer.expect("csv", columns)
csv = tables.table(columns)
types = types_of(csv, words="category")
pyarrow.csv.write_csv(csv, f"{folder}/pyarrow.csv")
pl.from_arrow(csv).write_csv(f"{folder}/polars.csv")
duckdb.sql("set timezone = 'UTC'")
duckdb.sql(f"copy (from csv) to '{folder}/duckdb.csv' (format csv)")
pl.from_arrow(csv).write_csv(f"{folder}/polars.tsv", separator="\t", quote_style="always", line_terminator="\r\n")
duckdb.sql(f"copy (from csv) to '{folder}/duckdb.csv.gz' (format csv, compression gzip)")
duckdb.sql(f"copy (from csv) to '{folder}/duckdb.csv.zst' (format csv, compression zstd)")
for file in ("pyarrow.csv", "polars.csv", "duckdb.csv", "polars.tsv", "duckdb.csv.gz", "duckdb.csv.zst"):
    note(file, "tsv" if file.endswith("tsv") else "csv", "csv", types)

writer.finish()

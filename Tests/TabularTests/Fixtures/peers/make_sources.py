"""Writes one table in all the ways that pyarrow, polars and DuckDB can, and what its cells are.

Usage: make_sources.py FOLDER. Writes files and FOLDER/manifest.json:
{"tables": {name: {column: [text or null, ...]}}, "files": [{"file", "format", "table", "columns", "types"}]}
where `types` says what each column is to us. Needs the packages of Tests/requirements.txt.
"""

import datetime as dt
import decimal
import json
import random
import sys
import uuid

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

folder = sys.argv[1]
utc = dt.timezone.utc
rng = random.Random(11)
pieces = ["a", "é", "日本", "", "\n", '"', ",", " ", "x" * 40, "0", "𝒳"]


def column(rows, make, missing):
    return [None if rng.random() < missing else make(i) for i in range(rows)]


def instants(per_second):
    span = 4_000_000_000 * per_second
    return lambda i: rng.randint(-span, span)


def build(rows, missing):
    """Name → (arrow type, python values); every type that a table of ours can hold."""

    def add(name, type, make):
        columns[name] = (type, column(rows, make, missing))

    columns = {}
    add("bool", pa.bool_(), lambda i: rng.random() < 0.5)
    add("runs", pa.bool_(), lambda i: i % 100 < 70)
    for bits in (8, 16, 32, 64):
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        add(f"int{bits}", getattr(pa, f"int{bits}")(), lambda i: rng.choice([low, high, 0, rng.randint(low, high)]))
        top = min(2**bits, 2**63) - 1
        add(f"uint{bits}", getattr(pa, f"uint{bits}")(), lambda i: rng.choice([0, top, rng.randint(0, top)]))
    add("steps", pa.int64(), lambda i: 1_600_000_000 + i * 60)
    add("beyond", pa.uint64(), lambda i: 2**64 - 1 - i)
    add("half", pa.float16(), lambda i: rng.choice([0.5, -1.25, 65504.0, 6e-8]))
    add("float", pa.float32(), lambda i: rng.uniform(-1e6, 1e6))
    add("double", pa.float64(), lambda i: rng.choice([rng.uniform(-1, 1), 1e300, 5e-324, -0.0]))
    add("text", pa.string(), lambda i: "".join(rng.choices(pieces, k=rng.randint(0, 5))))
    add("large_text", pa.large_string(), lambda i: f"row {i} of {rows} {'é' * (i % 7)}")
    add("words", pa.string(), lambda i: rng.choice(["red", "green", "", "blue", "grün"]))
    add("labels", pa.dictionary(pa.int8(), pa.string()), lambda i: rng.choice(["low", "high", "mid"]))
    add("binary", pa.binary(), lambda i: rng.choice(["ab", "é", ""]).encode())
    add("fixed", pa.binary(4), lambda i: f"k{i % 1000:03}".encode())
    add("date", pa.date32(), lambda i: dt.date(1970, 1, 1) + dt.timedelta(days=rng.randint(-30_000, 60_000)))
    add("date64", pa.date64(), lambda i: dt.date(1970, 1, 1) + dt.timedelta(days=rng.randint(-30_000, 60_000)))
    for unit, per_second in (("s", 1), ("ms", 1000), ("us", 1_000_000), ("ns", 1_000_000_000)):
        add(f"at_{unit}", pa.timestamp(unit), instants(per_second))
        add(f"at_{unit}_utc", pa.timestamp(unit, "UTC"), instants(per_second))
    add("at_berlin", pa.timestamp("us", "Europe/Berlin"), instants(1_000_000))
    add("time_ms", pa.time32("ms"), lambda i: rng.randint(0, 86_399_999))
    add("time_us", pa.time64("us"), lambda i: rng.randint(0, 86_399_999_999))
    add("decimal", pa.decimal128(12, 2), lambda i: decimal.Decimal(rng.randint(-(10**12) + 1, 10**12 - 1)).scaleb(-2))
    add("long_decimal", pa.decimal128(38, 10), lambda i: decimal.Decimal(rng.randint(-(10**37), 10**37)).scaleb(-10, decimal.Context(prec=60)))
    add("wide_decimal", pa.decimal256(60, 5), lambda i: decimal.Decimal(rng.randint(-(10**59), 10**59)).scaleb(-5, decimal.Context(prec=80)))
    add("nothing", pa.null(), lambda i: None)
    return columns


def text(type, value):
    if value is None:
        return None
    if pa.types.is_boolean(type):
        return "true" if value else "false"
    if pa.types.is_timestamp(type):
        micros = {"s": 10**6, "ms": 10**3, "us": 1}.get(type.unit)
        return instant(value * micros if micros else value // 1000)
    if pa.types.is_floating(type):
        return repr(pa.scalar(value, type).as_py())
    if pa.types.is_date(type):
        return value.isoformat()
    if pa.types.is_decimal(type):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.decode()
    return str(value)


def instant(micros):
    whole = dt.datetime(1970, 1, 1, tzinfo=utc) + dt.timedelta(microseconds=micros)
    head, _, fraction = whole.isoformat()[:-6].partition(".")
    return head + ("." + fraction.rstrip("0") if fraction else "") + "Z"


def ours(type):
    """What such a column is in a table of ours."""
    if pa.types.is_boolean(type):
        return "boolean"
    if pa.types.is_integer(type) or pa.types.is_time(type) or pa.types.is_duration(type):
        return "integer"
    if pa.types.is_floating(type):
        return "number"
    if pa.types.is_date(type):
        return "date"
    if pa.types.is_timestamp(type):
        return "timestamp"
    return "category" if pa.types.is_dictionary(type) else "text"


manifest = {"tables": {}, "files": []}
arrow = {}
for name, rows, missing in (("some", 700, 0.15), ("full", 300, 0), ("empty", 0, 0), ("gone", 50, 1), ("long", 140_000, 0.01)):
    columns = build(rows, missing)
    if name == "long":
        columns = {key: columns[key] for key in ("int64", "steps", "double", "words", "large_text", "at_us_utc")}
    arrow[name] = pa.table({key: pa.array(values, type) for key, (type, values) in columns.items()})
    manifest["tables"][name] = {
        key: [text(type if not pa.types.is_dictionary(type) else pa.string(), value) for value in values]
        for key, (type, values) in columns.items()
    }


def types_of(table, **other):
    types = {field.name: ours(field.type) for field in table.schema}
    if "beyond" in types and table.num_rows > table["beyond"].null_count:
        types["beyond"] = "text"
    return types | {key: value for key, value in other.items() if key in types}


def note(file, format, name, types, **more):
    manifest["files"].append({"file": file, "format": format, "table": name, "types": types} | more)


def parquet(file, name, table, labels="text", **options):
    pq.write_table(table, f"{folder}/{file}", **options)
    note(file, "parquet", name, types_of(table, labels=labels))


# pyarrow, Parquet: every codec, page version and encoding that it writes.
storable = {name: table.cast(pa.schema([f for f in table.schema])) for name, table in arrow.items()}
for name, table in storable.items():
    for version in ("1.0", "2.0"):
        parquet(f"pyarrow-{name}-v{version}.parquet", name, table, data_page_version=version)
for codec in ("none", "snappy", "gzip", "zstd", "lz4"):
    parquet(f"pyarrow-{codec}.parquet", "some", arrow["some"], compression=codec, data_page_version="2.0", data_page_size=1000)
    parquet(f"pyarrow-{codec}-plain.parquet", "some", arrow["some"], compression=codec, use_dictionary=False, data_page_size=1000)
parquet("pyarrow-groups.parquet", "some", arrow["some"], row_group_size=97, write_page_checksum=True, dictionary_pagesize_limit=100)
parquet("pyarrow-long-groups.parquet", "long", arrow["long"], row_group_size=50_000, compression="zstd")
parquet("pyarrow-integer-decimals.parquet", "some", arrow["some"], store_decimal_as_integer=True)
int96 = arrow["some"].select([n for n in arrow["some"].column_names if n.startswith("at_") and n != "at_berlin"])
parquet("pyarrow-int96.parquet", "some", int96, use_deprecated_int96_timestamps=True)
for version in ("1.0", "2.0"):
    for name in ("some", "full", "empty", "gone"):
        encodings = {}
        table = arrow[name].drop_columns(["labels", "nothing"])
        for field in table.schema:
            if pa.types.is_integer(field.type) or pa.types.is_date(field.type) or pa.types.is_timestamp(field.type) or pa.types.is_time(field.type):
                encodings[field.name] = "DELTA_BINARY_PACKED"
            elif pa.types.is_floating(field.type) or field.name == "fixed":
                encodings[field.name] = "BYTE_STREAM_SPLIT"
            elif field.name in ("text", "binary"):
                encodings[field.name] = "DELTA_LENGTH_BYTE_ARRAY"
            elif pa.types.is_string(field.type) or pa.types.is_large_string(field.type) or pa.types.is_decimal(field.type):
                encodings[field.name] = "DELTA_BYTE_ARRAY"
            elif pa.types.is_boolean(field.type):
                encodings[field.name] = "RLE"
        parquet(
            f"pyarrow-{name}-deltas-v{version}.parquet", name, table, use_dictionary=False, column_encoding=encodings,
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
        frame.write_parquet(f"{folder}/{file}", compression=codec, data_page_size=2000, row_group_size=100_000 if name == "long" else 250)
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

with open(f"{folder}/manifest.json", "w") as file:
    json.dump(manifest, file)
print(len(manifest["files"]), "files")

"""Compares an Arrow IPC file with the texts its cells should have.

Usage: check_arrow.py TABLE.arrow EXPECTED.json [--polars] [--duckdb]
EXPECTED.json: {"types": {name: arrow type}, "columns": {name: [text or null, ...]}}
Prints "equal" and exits 0, or says what differs and exits 1. Needs pyarrow; with --polars and --duckdb, these as well.
"""

import datetime
import json
import sys

import pyarrow as pa
import pyarrow.ipc


def text(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime.datetime):
        whole, _, fraction = value.astimezone(datetime.timezone.utc).isoformat()[:-6].partition(".")
        return whole + ("." + fraction.rstrip("0") if fraction else "") + "Z"
    return str(value)


def same(found, expected):
    if found is None or expected is None:
        return found is expected
    try:
        return float(found) == float(expected)
    except ValueError:
        return found == expected


def compare(kind, names, columns, expected):
    if names != list(expected["columns"]):
        sys.exit(f"{kind}: columns {names}")
    for name in names:
        found = [text(value) for value in columns(name)]
        wanted = expected["columns"][name]
        if len(found) != len(wanted):
            sys.exit(f"{kind}: column {name} has {len(found)} rows, expected {len(wanted)}")
        for row, (a, b) in enumerate(zip(found, wanted)):
            if not same(a, b):
                sys.exit(f"{kind}: column {name} row {row}: {a!r}, expected {b!r}")


def main():
    path, expected = sys.argv[1], json.load(open(sys.argv[2]))
    with pa.memory_map(path) as source:
        reader = pa.ipc.open_file(source)
        table = reader.read_all()
        table.validate(full=True)
        types = {field.name: str(field.type) for field in reader.schema}
        if types != expected["types"]:
            sys.exit(f"types {types}")
        compare("pyarrow", table.column_names, lambda name: table[name].to_pylist(), expected)
        rows = [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)]
        if any(count != rows[0] for count in rows[:-1]):
            sys.exit(f"row groups {rows}")
    if "--polars" in sys.argv:
        import polars

        for frame in (polars.read_ipc(path), polars.scan_ipc(path).collect()):
            compare("polars", frame.columns, lambda name: frame[name].to_list(), expected)
    if "--duckdb" in sys.argv:
        import duckdb

        with pa.memory_map(path) as source:
            stored = pa.ipc.open_file(source).read_all()
            # Names are quoted by SQL's rule; instants come as texts in UTC.
            duckdb.sql("set timezone = 'UTC'")
            rows = {}
            for name in stored.column_names:
                quoted = '"' + name.replace('"', '""') + '"'
                rows[name] = duckdb.sql(f"select {quoted} from stored").to_arrow_table()[0].to_pylist()
            compare("duckdb", stored.column_names, lambda name: rows[name], expected)
    print("equal")


main()

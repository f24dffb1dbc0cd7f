"""Tables of every type, and the writers of files that hold them; see make_sources.py and make_corpus.py."""

import datetime as dt
import decimal
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq

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
    # What Arrow has and Parquet has not.
    long = "a text that does not fit in a view "
    add("view", pa.string_view(), lambda i: rng.choice(["", "short", "twelve bytes", long + str(i), long + "é"]))
    add("binary_view", pa.binary_view(), lambda i: rng.choice([b"", b"k", (long + str(i)).encode()]))
    add("large_binary", pa.large_binary(), lambda i: f"b{i}".encode())
    for unit in ("s", "ns"):
        add(f"span_{unit}", pa.duration(unit), lambda i: rng.randint(-(10**12), 10**12))
    add("time_s", pa.time32("s"), lambda i: rng.randint(0, 86_399))
    add("short_decimal", pa.decimal32(7, 3), lambda i: decimal.Decimal(rng.randint(-(10**7) + 1, 10**7 - 1)).scaleb(-3))
    add("mid_decimal", pa.decimal64(15, 0), lambda i: decimal.Decimal(rng.randint(-(10**15) + 1, 10**15 - 1)))
    for index in ("int16", "uint32", "int64"):
        add(f"labels_{index}", pa.dictionary(getattr(pa, index)(), pa.large_string()), lambda i: f"l{rng.randint(0, 99)}")
    add("numbered", pa.dictionary(pa.uint8(), pa.int64()), lambda i: rng.choice([10**15, -1, 7]))
    add("days", pa.dictionary(pa.int32(), pa.date32()), lambda i: dt.date(2024, 1, 1 + i % 20))
    return columns


only_arrow = ["view", "binary_view", "large_binary", "span_s", "span_ns", "time_s", "short_decimal", "mid_decimal", "labels_int16", "labels_uint32", "labels_int64", "numbered", "days"]


def array(values, type):
    """pyarrow makes dictionaries of some values only by encoding them."""
    if not pa.types.is_dictionary(type):
        return pa.array(values, type)
    encoded = pa.array(values, type.value_type).dictionary_encode()
    return pa.DictionaryArray.from_arrays(encoded.indices.cast(type.index_type), encoded.dictionary)


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
    if pa.types.is_dictionary(type):
        value = ours(type.value_type)
        return "category" if value == "text" else value
    return "text"


class Writer:
    """Writes files into a folder, and notes what they hold."""

    def __init__(self, folder):
        self.folder = folder
        self.manifest = {"tables": {}, "files": []}

    def expect(self, name, columns):
        """Columns as `build` gives them."""
        self.manifest["tables"][name] = {
            key: [text(type.value_type if pa.types.is_dictionary(type) else type, value) for value in values]
            for key, (type, values) in columns.items()
        }

    def note(self, file, format, name, types, **more):
        self.manifest["files"].append({"file": file, "format": format, "table": name, "types": types} | more)

    def parquet(self, file, name, table, labels="text", **options):
        pq.write_table(table, f"{self.folder}/{file}", **options)
        self.note(file, "parquet", name, types_of(table, labels=labels))

    def ipc(self, file, name, batches, schema, types, stream=False, **options):
        new = pa.ipc.new_stream if stream else pa.ipc.new_file
        with new(f"{self.folder}/{file}", schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
            for batch in batches:
                writer.write_batch(batch)
        self.note(file, "arrow", name, types)

    def finish(self):
        with open(f"{self.folder}/manifest.json", "w") as file:
            json.dump(self.manifest, file)
        print(len(self.manifest["files"]), "files")


def types_of(table, **other):
    types = {field.name: ours(field.type) for field in table.schema}
    if "beyond" in types and table.num_rows > table["beyond"].null_count:
        types["beyond"] = "text"
    return types | {key: value for key, value in other.items() if key in types}


def table(columns):
    return pa.table({key: array(values, type) for key, (type, values) in columns.items()})


def encodings(table):
    """An encoding other than the usual one for each column."""
    found = {}
    for field in table.schema:
        if pa.types.is_integer(field.type) or pa.types.is_date(field.type) or pa.types.is_timestamp(field.type) or pa.types.is_time(field.type):
            found[field.name] = "DELTA_BINARY_PACKED"
        elif pa.types.is_floating(field.type) or field.name == "fixed":
            found[field.name] = "BYTE_STREAM_SPLIT"
        elif field.name in ("text", "binary"):
            found[field.name] = "DELTA_LENGTH_BYTE_ARRAY"
        elif pa.types.is_string(field.type) or pa.types.is_large_string(field.type) or pa.types.is_decimal(field.type):
            found[field.name] = "DELTA_BYTE_ARRAY"
        elif pa.types.is_boolean(field.type):
            found[field.name] = "RLE"
    return found

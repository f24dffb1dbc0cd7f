"""Writes the small files of Fixtures/corpus, which are read in every test run and which fuzzing begins with.

Usage: make_corpus.py FOLDER. See make_sources.py for what it writes.
"""

import sys

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from tables import Writer, build, encodings, only_arrow, table, types_of

writer = Writer(sys.argv[1])
columns = build(24, 0.2)
writer.expect("tiny", columns)
everything = table(columns)
tiny = everything.drop_columns(only_arrow)
plain = tiny.drop_columns(["labels", "nothing"])

writer.parquet("pages-1.parquet", "tiny", tiny, compression="snappy", store_schema=False)
writer.parquet("pages-2.parquet", "tiny", tiny, compression="zstd", data_page_version="2.0", row_group_size=10, store_schema=False)
writer.parquet("plain.parquet", "tiny", tiny, compression="gzip", use_dictionary=False, write_page_checksum=True, store_schema=False)
writer.parquet("deltas.parquet", "tiny", plain, compression="none", use_dictionary=False, column_encoding=encodings(plain), store_schema=False)
writer.parquet("lz4.parquet", "tiny", tiny, compression="lz4", data_page_size=64, store_schema=False)
at = plain.select([name for name in plain.column_names if name.startswith("at_") and name != "at_berlin"])
writer.parquet("int96.parquet", "tiny", at, use_deprecated_int96_timestamps=True, store_schema=False)
few = plain.select(["int64", "double", "text", "words", "bool", "date", "decimal"])
pl.from_arrow(few).write_parquet(f"{writer.folder}/polars.parquet", compression="zstd")
writer.note("polars.parquet", "parquet", "tiny", types_of(few))
duckdb.sql(f"copy (from few) to '{writer.folder}/duckdb.parquet' (format parquet, codec zstd, parquet_version V2)")
writer.note("duckdb.parquet", "parquet", "tiny", types_of(few))

whole = everything.combine_chunks().to_batches()[0]
cut = [whole.slice(0, 9), whole.slice(9, 15)]
for codec in (None, "lz4", "zstd"):
    writer.ipc(f"{codec or 'stored'}.arrow", "tiny", [whole], whole.schema, types_of(everything), compression=codec)
    writer.ipc(f"{codec or 'stored'}.arrows", "tiny", cut, whole.schema, types_of(everything), stream=True, compression=codec)
pl.from_arrow(few).write_ipc(f"{writer.folder}/polars.arrow", compression="zstd")
writer.note("polars.arrow", "arrow", "tiny", types_of(few))
writer.finish()

# What is refused; ColumnarFileTests has the messages.
lists = pa.table({"id": [1], "tags": [["a"]], "place": [{"x": 1}]})
pq.write_table(lists, f"{writer.folder}/refused-nested.parquet")
writer.ipc("refused-nested.arrow", "tiny", lists.to_batches(), lists.schema, {})
pq.write_table(few, f"{writer.folder}/refused-brotli.parquet", compression="brotli")
bad = pa.table({"id": [1, 2, 3], "raw": pa.array([b"ok", None, b"\xff\xfe"])})
pq.write_table(bad, f"{writer.folder}/refused-bytes.parquet")
writer.ipc("refused-bytes.arrows", "tiny", bad.to_batches(), bad.schema, {}, stream=True)
far = pa.table({"at": pa.array([0, 2**62], pa.timestamp("s"))})
writer.ipc("refused-year.arrow", "tiny", far.to_batches(), far.schema, {})
span = pa.table({"span": pa.array([pa.MonthDayNano((1, 2, 3))])})
writer.ipc("refused-interval.arrow", "tiny", span.to_batches(), span.schema, {})

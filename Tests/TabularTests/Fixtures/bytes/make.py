"""Makes the compressed files here. Usage: make.py FOLDER. Needs zstandard 0.25."""

import gzip
import sys

import zstandard

folder = sys.argv[1]
lines = "".join(f"{i},{i * i},\"row {i}\"\n" for i in range(2000)).encode()


def write(name, *parts):
    with open(f"{folder}/{name}", "wb") as file:
        for part in parts:
            file.write(part)


def zipped(data):
    return gzip.compress(data, 9, mtime=0)


def zstd(data, **parameters):
    parameters = zstandard.ZstdCompressionParameters.from_level(3, write_checksum=True, **parameters)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    return compressor.compress(data) + compressor.flush()


skippable = b"\x50\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"
half = len(lines) // 2
write("plain.csv", lines)
write("one.gz", zipped(lines))
write("members.gz", zipped(lines[:half]), zipped(b""), zipped(lines[half:]), bytes(512))
write("trailing.gz", zipped(lines), b"and more")
write("bomb.gz", zipped(bytes(32 << 20)))
write("one.zst", zstd(lines))
write("frames.zst", skippable, zstd(lines[:half]), skippable, zstd(b""), zstd(lines[half:]))
write("trailing.zst", zstd(lines), b"and more")
write("bomb.zst", zstd(bytes(256 << 20)))
write("wide-window.zst", zstd(lines, window_log=28))

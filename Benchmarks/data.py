#!/usr/bin/env python3
"""Writes the data that training and reading are measured on, the same bytes every time. Needs NumPy.

Usage: data.py [--data /tmp/bench] [--check]

    num_1000000.npy   1,000,000 × 101 doubles, row after row: 100 columns of mean 0 and deviation 1, and a target of 0 or 1
    num_1000000.csv   the same rows before they were standardised, `%.6g`, header f0,…,f99,target
    num_100000.npy    the first 100,000 of these rows, standardised among themselves
    num_100000.csv    the first 100,000 rows of that
    mixed_1000000.csv, mixed_1000000.jsonl   1,000,000 rows of 20 columns of every type: mixed.py
    multi_100000.bin  a class of ten for each of these, a byte each
    sparse.svm        200,000 × 100,000 in LIBSVM's format, 50 non-zeros a row, labels −1 and +1

Rows: columns are correlated in blocks of five (0.5), on scales e^N(0, 1) around offsets N(0, 2²). The score has coefficients
N(0, 0.3²) for the first half of the standardised columns, none for the rest, and −0.25; the target is drawn with its logistic.
Classes: the largest of ten scores with coefficients N(0, 0.5²), each plus a Gumbel draw.
Sparse rows: columns as popular as Zipf(1.05) says, rarer ones with larger values, each row of length 1; a twentieth of the columns
have weights N(0, 6²).

A file that is there is left as it is; one that is written is held against its SHA-256, with --check all are.
"""
import argparse
import hashlib
import os
import pathlib
import sys
import time

try:
    import numpy as np

    import mixed
except ImportError:
    sys.exit("data.py needs NumPy: python3 -m venv /tmp/venv-peers && "
             "/tmp/venv-peers/bin/pip install -r Benchmarks/requirements-train.txt")

SEED = 20240101
SPARSE_SEED = 20240303
COLUMNS = 100
BLOCK = 5

DIGESTS = {
    "num_1000000.npy": "1cd5940a22d2d7cad687f417ceee60b45722ae60c529ff6f866650bfd48c738b",
    "num_1000000.csv": "907e82106af1f84ba3e74278b06697f9524a91ebd27bd37d4abfba888bb28cfb",
    "num_100000.csv": "673e5a11ae8f79680db246eeb3b42126c34b9e4f63fb5f6a07c59af4d6ce8460",
    "mixed_1000000.csv": "39c91656edf864ed4745ae4d2d31ed81eff0253c2dbacbab0f8b3612d92f1408",
    "mixed_1000000.jsonl": "ae2dae18bc9424d695ca4d2c722c5e1128f17160b4c7f8718561b0d13f37cefb",
    "num_100000.npy": "fc6ab3f4c7cbcb3b60c53952ef45f0777e7eb2947594f78e0af516bcc57a5e77",
    "multi_100000.bin": "c7b4961d03be1be8b008d0c0b50d2133a92df4ec8ab05a7947bde48b21108658",
    "sparse.svm": "25c4ad74a7270cf87c889da33dadb757e68f1fedc12006436043b05119500739",
}


def chunks(rows, step=50_000):
    """Features and targets, `step` rows at a time; the first rows are the same however many there are."""
    fixed = np.random.Generator(np.random.PCG64(SEED))
    coefficients = fixed.normal(0, 0.3, COLUMNS)
    coefficients[COLUMNS // 2:] = 0.0
    scale = np.exp(fixed.normal(0, 1.0, COLUMNS))
    offset = fixed.normal(0, 2.0, COLUMNS)
    random = np.random.Generator(np.random.PCG64(SEED + 1))
    blocks = (COLUMNS + BLOCK - 1) // BLOCK
    for start in range(0, rows, step):
        count = min(step, rows - start)
        own = random.standard_normal((step, COLUMNS))[:count]
        common = random.standard_normal((step, blocks))[:count]
        draws = random.random(step)[:count]
        values = np.sqrt(0.5) * own + np.sqrt(0.5) * np.repeat(common, BLOCK, axis=1)[:, :COLUMNS]
        chances = 1 / (1 + np.exp(-(values @ coefficients - 0.25)))
        yield values * scale + offset, (draws < chances).astype(np.int64)


def write_csv(path, rows):
    line = ",".join(["%.6g"] * COLUMNS + ["%d"]) + "\n"
    with open(path, "w", encoding="ascii") as file:
        file.write(",".join([f"f{column}" for column in range(COLUMNS)] + ["target"]) + "\n")
        for features, targets in chunks(rows):
            file.write("".join(line % (*row, target) for row, target in zip(features.tolist(), targets.tolist())))


def write_matrix(path, rows):
    matrix = np.empty((rows, COLUMNS + 1))
    start = 0
    for features, targets in chunks(rows):
        matrix[start:start + len(targets), :-1] = features
        matrix[start:start + len(targets), -1] = targets
        start += len(targets)
    matrix[:, :-1] -= matrix[:, :-1].mean(0)
    matrix[:, :-1] /= matrix[:, :-1].std(0)
    with open(path, "wb") as file:
        np.save(file, matrix)


def write_classes(path, matrix_path):
    features = np.load(matrix_path)[:, :-1]
    random = np.random.Generator(np.random.PCG64(7))
    coefficients = random.normal(0, 0.5, (COLUMNS, 10))
    (features @ coefficients + random.gumbel(size=(len(features), 10))).argmax(1).astype(np.uint8).tofile(path)


def write_sparse(path, rows=200_000, columns=100_000, nonzeros=50):
    random = np.random.Generator(np.random.PCG64(SPARSE_SEED))
    popularity = 1.0 / np.arange(1, columns + 1) ** 1.05
    cumulated = np.cumsum(popularity) / popularity.sum()
    places = random.permutation(columns)
    sizes = np.log(1.0 / (popularity / popularity.sum())) / 5
    weights = np.where(random.random(columns) < 0.05, random.normal(0, 6, columns), 0.0)
    # a few common columns always matter, so that there is something to learn
    weights[places[:200]] = random.normal(0, 3, 200)
    with open(path, "w", encoding="ascii") as file:
        for _ in range(rows):
            count = max(1, int(random.poisson(nonzeros * 1.25)))
            ranks = np.minimum(np.unique(np.searchsorted(cumulated, random.random(count))), columns - 1)
            values = (1 + np.log1p(random.random(len(ranks)) * 3)) * sizes[ranks]
            indices = places[ranks]
            order = np.argsort(indices)
            indices, values = indices[order], values[order]
            values = values / np.sqrt((values * values).sum())
            label = 1 if random.random() < 1 / (1 + np.exp(-(weights[indices] @ values + 0.1))) else -1
            entries = " ".join("%d:%.6g" % (index + 1, value) for index, value in zip(indices.tolist(), values.tolist()))
            file.write("%+d %s\n" % (label, entries))


def digest(path):
    sha256 = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
    return sha256.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/tmp/bench"))
    parser.add_argument("--check", action="store_true", help="hold files that are there against their digests too")
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    writers = {
        "num_1000000.npy": lambda path: write_matrix(path, 1_000_000),
        "num_1000000.csv": lambda path: write_csv(path, 1_000_000),
        "num_100000.csv": lambda path: write_csv(path, 100_000),
        "mixed_1000000.csv": lambda path: mixed.write_csv(path, 1_000_000),
        "mixed_1000000.jsonl": lambda path: mixed.write_lines(path, options.data / "mixed_1000000.csv"),
        "num_100000.npy": lambda path: write_matrix(path, 100_000),
        "multi_100000.bin": lambda path: write_classes(path, options.data / "num_100000.npy"),
        "sparse.svm": write_sparse,
    }
    others = []
    for name, write in writers.items():
        path, clock = options.data / name, time.monotonic()
        is_there = path.exists()
        if not is_there:
            # under another name until it is whole
            write(path.with_name(name + ".part"))
            os.replace(path.with_name(name + ".part"), path)
            print(f"{path}: {path.stat().st_size:,} bytes in {time.monotonic() - clock:.0f} s", flush=True)
        if (options.check or not is_there) and digest(path) != DIGESTS[name]:
            others.append(name)
    if others:
        # a result that is a last bit off elsewhere is no reason to stop: both sides read the same file
        print(f"not the bytes of docs/benchmarks.md: {', '.join(others)}; ratios hold, objectives differ in the last digits")


if __name__ == "__main__":
    main()

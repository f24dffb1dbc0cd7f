"""The rows of `data.py` that have columns of every type: as CSV (RFC 4180), and the same as JSON Lines.

    id                      integers, none twice        flag                    true or false, 40% true
    i_small, i_big, i_neg   to 99, to 10¹², signed      cat5 … cat1000          categories, few of them common
    x0 … x3, x5             numbers as %.6g, %.10g, …   d_iso, ts_iso           dates, and timestamps in UTC
    x4                      with exponents              name, note              texts, some with commas, quotes and new lines
    target                  linear in numbers, categories and day, and noise
Of every column but id and target 2% are missing.
"""
import csv
import json

import numpy as np

SEED = 20240202
STEP = 50_000
NAMES = ("id i_small i_big i_neg flag x0 x1 x2 x3 x4 x5 cat5 cat40 cat200 cat1000 d_iso ts_iso name note target").split()
TEXTS = {"cat5", "cat40", "cat200", "cat1000", "d_iso", "ts_iso", "name", "note"}
FIRST = ["Ann", "Bo", "Chidi", "Dana", "Elif", "Femi", "Göran", "Hana", "Iñigo", "Jun"]
LAST = ["Smith", "Okafor", "Müller", "Tanaka", "O'Brien", "García", "Li", "Novák", "Ahmed", "Berg"]
WORDS = ["late", "on time", "returned", "fragile", "gift", "priority", "insured", "left at door"]


def full_name(first, last, kind):
    if kind < 0.05:
        return f'"{first} ""{last[:2]}"" {last}"'
    return f'"{last}, {first}"' if kind < 0.30 else f"{first} {last}"


def records(random, effects, start):
    """The texts of STEP rows."""
    x = random.standard_normal((STEP, 6))
    small = random.integers(0, 100, STEP)
    big = random.integers(0, 10**12, STEP)
    signed = random.integers(-50000, 50000, STEP)
    flag = random.random(STEP) < 0.4
    level = {k: np.minimum((random.pareto(1.2, STEP) * k / 20).astype(int), k - 1) for k in effects}
    day = random.integers(0, 2500, STEP)
    second = random.integers(0, 86400, STEP)
    first, last = random.integers(0, 10, STEP), random.integers(0, 10, STEP)
    kind = random.random(STEP)
    left, right = random.integers(0, 8, STEP), random.integers(0, 8, STEP)
    broken = random.random(STEP)
    target = (2 * x[:, 0] - x[:, 1] + 0.5 * x[:, 2] * 3 + 0.02 * small + flag + effects[5][level[5]]
              + effects[40][level[40]] + 0.5 * effects[200][level[200]] + 0.001 * day + random.normal(0, 1, STEP))
    missing = random.random((STEP, len(NAMES))) < 0.02
    missing[:, [0, -1]] = False
    days = np.datetime64("2018-01-01") + day.astype("timedelta64[D]")
    dates = days.astype(str)
    stamps = (days.astype("datetime64[s]") + second.astype("timedelta64[s]")).astype(str)
    for i in range(STEP):
        between = "\n" if broken[i] < 0.02 else ", "
        row = [
            str(start + i), str(small[i]), str(big[i]), str(signed[i]), "true" if flag[i] else "false",
            "%.6g" % x[i, 0], "%.6g" % x[i, 1], "%.6f" % (3 * x[i, 2]), "%.10g" % x[i, 3], "%.5e" % (x[i, 4] * 1e-6),
            "%.2f" % (100 * x[i, 5]), f"c{level[5][i]}", f"region-{level[40][i]}", f"sku{level[200][i]:04d}",
            f"user_{level[1000][i]}", dates[i], stamps[i] + "Z", full_name(FIRST[first[i]], LAST[last[i]], kind[i]),
            f'"{WORDS[left[i]]}{between}{WORDS[right[i]]}"', "%.6g" % target[i]]
        for column in np.flatnonzero(missing[i]):
            row[column] = ""
        yield ",".join(row) + "\n"


def write_csv(path, rows):
    random = np.random.Generator(np.random.PCG64(SEED))
    effects = {k: random.normal(0, 1, k) for k in (5, 40, 200, 1000)}
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(",".join(NAMES) + "\n")
        for start in range(0, rows, STEP):
            for number, record in enumerate(records(random, effects, start)):
                if start + number < rows:
                    file.write(record)


def write_lines(path, csv_path):
    """Numbers and booleans as such, empty cells as null."""
    def raw(name, cell):
        if cell == "":
            return "null"
        return json.dumps(cell, ensure_ascii=False) if name in TEXTS else cell

    with open(csv_path, newline="", encoding="utf-8") as source, open(path, "w", encoding="utf-8") as file:
        rows = csv.reader(source)
        names = next(rows)
        for row in rows:
            file.write("{" + ", ".join(f'"{name}": {raw(name, cell)}' for name, cell in zip(names, row)) + "}\n")

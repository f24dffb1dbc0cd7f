#!/usr/bin/env python3
"""Fits the example models with scikit-learn, on given rows and with a given penalty: the reference that predictions are held to.

Usage: fit_examples.py PARTS.json OUT [--datasets datasets]

PARTS.json says for each example which rows of its CSV file (counted from 0) were trained on and which were tested, and the penalty:

    { "penguins": { "objective": "multinomial", "l2": 0.001, "train_rows": [0, 2, ...], "test_rows": [1, ...] }, ... }

Writes OUT/NAME.csv for each: the columns row and part (train, test, or neither: empty), then what `mlflowctl predict` writes: prediction and,
for classes, probability_CLASS. Numbers are the shortest text that reads back to the same double. Needs numpy and scikit-learn (made with
numpy 2.4.6, scikit-learn 1.9.1).

The model. Ours minimises mean loss + l2/2 |w|^2 with a free intercept, where the loss of one row is half the squared error, or minus the
logarithm of the probability given to its class. scikit-learn sums losses over the n training rows instead, so

    Ridge(alpha = n l2)            LogisticRegression(C = 1 / (n l2))            PoissonRegressor(alpha = l2)

The encoding, fitted on the training rows alone: a missing number becomes the median; then mean 0 and deviation 1 (divisor n). A category
becomes one column of 0 and 1 for each level seen, a missing one counting as a level of its own; a level never seen is 0 everywhere. A column
that is constant in training is left out.

How exact it is: the gradient of the objective is computed here once more, by hand, and has to vanish to 1e-10, else nothing is written.
"""
import argparse
import csv
import json
import pathlib
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

GRADIENT_LIMIT = 1e-10

# what the workflows of the same names say
EXAMPLES = {
    "breast-cancer": {"target": "diagnosis"},
    "diabetes": {"target": "progression", "categories": ["sex"]},
    "doctor-visits": {"target": "visits"},
    "penguins": {"target": "species", "categories": ["island", "sex"], "drop": ["year"], "missing": "NA"},
    "wine": {"target": "cultivar"},
}


def read_columns(path):
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return {name: [row[i] for row in rows] for i, name in enumerate(header)}


def encode_number(cells, train, missing):
    values = np.array([np.nan if cell in ("", missing) else float(cell) for cell in cells])
    values[np.isnan(values)] = np.nanmedian(values[train])
    deviation = values[train].std()
    return [] if deviation == 0 else [(values - values[train].mean()) / deviation]


def encode_category(cells, train, missing):
    cells = np.array(["" if cell == missing else cell for cell in cells])
    levels = sorted(set(cells[train]))
    return [] if len(levels) == 1 else [(cells == level).astype(float) for level in levels]


def encode(columns, example, train):
    """All rows, encoded as fitted on the training rows: rows x columns."""
    encoded = []
    for name, cells in columns.items():
        if name == example["target"] or name in example.get("drop", []):
            continue
        kind = encode_category if name in example.get("categories", []) else encode_number
        encoded += kind(cells, train, example.get("missing", ""))
    return np.array(encoded).T


def fit_linear(x, y, train, l2):
    """The predictions of all rows, and the largest component of the gradient in units of the target's deviation."""
    targets = np.array(y, dtype=float)
    n = len(train)
    model = Ridge(alpha=n * l2, solver="svd").fit(x[train], targets[train])
    residuals = model.predict(x[train]) - targets[train]
    gradient = np.append(x[train].T @ residuals / n + l2 * model.coef_, residuals.mean())
    return model.predict(x), np.abs(gradient).max() / targets[train].std()


def fit_counts(x, y, train, l2):
    """The expected counts of all rows, and the largest component of the gradient."""
    targets = np.array(y, dtype=float)
    n = len(train)
    model = PoissonRegressor(alpha=l2, solver="newton-cholesky", tol=1e-13, max_iter=1000).fit(x[train], targets[train])
    residuals = model.predict(x[train]) - targets[train]
    gradient = np.append(x[train].T @ residuals / n + l2 * model.coef_, residuals.mean())
    return model.predict(x), np.abs(gradient).max()


def fit_classes(x, y, train, l2):
    """The classes in order of their bytes, probabilities of all rows (rows x classes), and the largest component of the gradient."""
    targets = np.array(y)
    n = len(train)
    model = LogisticRegression(C=1 / (n * l2), solver="newton-cholesky", tol=1e-13, max_iter=1000).fit(x[train], targets[train])
    errors = model.predict_proba(x[train]) - (targets[train][:, None] == model.classes_)
    # two classes have one vector of coefficients: that of the second class against the first
    errors = errors[:, 1:] if len(model.classes_) == 2 else errors
    gradient = np.vstack([x[train].T @ errors / n + l2 * model.coef_.T, errors.mean(axis=0)])
    return list(model.classes_), model.predict_proba(x), np.abs(gradient).max()


def reference(name, given, folder):
    """The lines of the answer for one example, header first."""
    columns = read_columns(folder / name / f"{name}.csv")
    example = EXAMPLES[name]
    targets = columns[example["target"]]
    train = np.array(given["train_rows"])
    x = encode(columns, example, train)

    if given["objective"] == "linear":
        predictions, gradient = fit_linear(x, targets, train, given["l2"])
        header, body = ["prediction"], [[repr(float(p))] for p in predictions]
    elif given["objective"] == "poisson":
        predictions, gradient = fit_counts(x, targets, train, given["l2"])
        header, body = ["prediction"], [[repr(float(p))] for p in predictions]
    elif given["objective"] in ("logistic", "multinomial"):
        classes, probabilities, gradient = fit_classes(x, targets, train, given["l2"])
        header = ["prediction", *(f"probability_{c}" for c in classes)]
        body = [[classes[int(np.argmax(p))], *(repr(float(v)) for v in p)] for p in probabilities]
    else:
        sys.exit(f"{name}: there is no reference for the objective '{given['objective']}'")

    if not gradient <= GRADIENT_LIMIT:
        sys.exit(f"{name}: scikit-learn stopped at a gradient of {gradient:.1e}; the reference needs {GRADIENT_LIMIT:.0e}")
    print(f"{name}: {len(train)} training rows, {x.shape[1]} columns, largest gradient component {gradient:.1e}")
    parts = {**dict.fromkeys(given["train_rows"], "train"), **dict.fromkeys(given["test_rows"], "test")}
    return [["row", "part", *header], *([str(row), parts.get(row, ""), *cells] for row, cells in enumerate(body))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--datasets", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "datasets")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, given in json.loads(options.parts.read_text(encoding="utf-8")).items():
        if name not in EXAMPLES:
            sys.exit(f"there is no example '{name}'; there are {', '.join(EXAMPLES)}")
        lines = reference(name, given, options.datasets)
        (options.out / f"{name}.csv").write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()

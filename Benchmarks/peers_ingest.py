#!/usr/bin/env python3
"""The peers of `ingest.py`: one work a process, what it took as JSON.

Usage: peers_ingest.py --child WORK --data FOLDER
       peers_ingest.py --versions

WORK is PEER/FILE, with a file of the folder:
  polars, pyarrow, duckdb, pandas    into columns in memory, types inferred, dates parsed; `seconds` are of that call alone
  polars-durable    read_csv, write_ipc, fsync and the SHA-256 of what was written: an ingest step but for its profile
  workflow-polars, workflow-pandas    read the CSV, hold out a fifth, standardise, fit a logistic regression (lbfgs), AUC and
                    log loss of both parts, and dump the model, as a user would write it; `phases` tell the seconds of each
"""
import argparse
import hashlib
import importlib.metadata
import json
import os
import sys
import tempfile
import time

START = time.perf_counter()
DATES = ["d_iso", "ts_iso"]
PACKAGES = ("polars", "pyarrow", "duckdb", "pandas", "scikit-learn", "numpy")


def reader(peer, path):
    mixed = "mixed" in os.path.basename(path)
    lines = path.endswith(".jsonl")
    if peer.startswith("polars"):
        import polars
        return (lambda: polars.read_ndjson(path)) if lines else lambda: polars.read_csv(path, try_parse_dates=True)
    if peer == "pyarrow":
        import pyarrow
        import pyarrow.csv
        import pyarrow.json
        pyarrow.set_cpu_count(os.cpu_count())
        if lines:
            return lambda: pyarrow.json.read_json(path)
        parse = pyarrow.csv.ParseOptions(newlines_in_values=mixed)
        return lambda: pyarrow.csv.read_csv(path, parse_options=parse)
    if peer == "duckdb":
        import duckdb
        connection = duckdb.connect()
        function = "read_json" if lines else "read_csv"
        return lambda: connection.execute(f"CREATE TABLE t AS SELECT * FROM {function}('{path}')")
    if peer == "pandas":
        import pandas
        return lambda: pandas.read_csv(path, engine="c", parse_dates=DATES if mixed else None)
    sys.exit(f"unknown peer '{peer}'")


def read(peer, path):
    call = reader(peer, path)
    start = time.perf_counter()
    table = call()
    if peer == "polars-durable":
        with tempfile.NamedTemporaryFile(dir=os.path.dirname(path)) as file:
            table.write_ipc(file.name)
            with open(file.name, "rb") as written:
                os.fsync(written.fileno())
                hashlib.file_digest(written, "sha256")
    return {"seconds": time.perf_counter() - start}


def workflow(peer, path):
    phases = {}
    last = START

    def lap(name):
        nonlocal last
        now = time.perf_counter()
        phases[name] = round(now - last, 3)
        last = now

    import joblib
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss, roc_auc_score
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    if peer == "polars":
        import polars
        lap("import")
        table = polars.read_csv(path)
        lap("read")
        target = table["target"].to_numpy()
        design = table.drop("target").to_numpy()
        del table
    else:
        import pandas
        lap("import")
        design = pandas.read_csv(path)
        lap("read")
        target = design.pop("target").to_numpy()
    train, test, train_target, test_target = train_test_split(design, target, test_size=0.2, random_state=0)
    del design
    lap("split")
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=200))
    model.fit(train, train_target)
    lap("fit")
    metrics = {}
    for name, rows, truth in (("train", train, train_target), ("test", test, test_target)):
        scores = model.predict_proba(rows)[:, 1]
        metrics[name] = {"auc": roc_auc_score(truth, scores), "log_loss": log_loss(truth, scores)}
    lap("evaluate")
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(path)) as file:
        joblib.dump(model, file.name)
    lap("save")
    return {"seconds": time.perf_counter() - START, "phases": phases, "metrics": metrics}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--child", metavar="WORK")
    parser.add_argument("--data", default="/tmp/bench")
    parser.add_argument("--versions", action="store_true")
    options = parser.parse_args()
    if options.versions:
        return print(json.dumps({name: importlib.metadata.version(name) for name in PACKAGES}))
    peer, file = options.child.split("/", 1)
    path = os.path.join(options.data, file)
    kind, _, of = peer.partition("-")
    print(json.dumps(workflow(of, path) if kind == "workflow" else read(peer, path)))


if __name__ == "__main__":
    main()

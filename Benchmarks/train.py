#!/usr/bin/env python3
"""Training: ours beside scikit-learn and LIBLINEAR, the same data, the same objective, in turn.

Usage: train.py [--data /tmp/bench] [--rounds 5] [--only REGEX] [--out Benchmarks/out/train.json]
       train.py --markdown Benchmarks/out/train.json        the table of a report, for docs/benchmarks.md

Fits are timed alone, without start and reading, each in a process of its own: ours by LearningBench, the peers' by
peers_train.py. Ours must reach an objective no worse than the peer's by more than 1e-9 of it, and choose the same penalty;
otherwise its row says so instead of yes. Memory is that of `mlflowctl train`, table and model and all.

Data are made by `make bench-data`. What is not there (peers, SparseBench) is left out with a word. Linux and Python 3.9, no packages.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from comparison import (
    RELEASE, Session, add_options, fit_row, load_of, median, megabytes, print_markdown, row, run_groups, run_reporting, single)

NEEDED = ("num_1000000.npy", "num_1000000.csv", "num_100000.npy", "multi_100000.bin")
BIG, SMALL = "num_1000000.npy", "num_100000.npy"
OUR_WORKS = ("least-squares", "ridge", "logistic", "multinomial", "lasso-path", "ridge-folds", "logistic-folds", "gram-pass",
             "gradient-pass")
# How far LIBLINEAR may stay above the best objective that any solver finds, and the tolerances tried for it.
SPARSE_SLACK = 1e-6
SPARSE_TOLERANCES = {"0": "0.1,0.01,0.001,0.0001,0.00001,0.000001", "7": "1,0.1,0.01,0.001,0.0001,0.00001"}
WORKFLOW = """workflow: bench
steps:
  data: { ingest: { source: table.csv, target: target } }
  model: { train: { objective: logistic, features: { numeric: { scale: standard } }, penalty: { l2: 1e-6 } } }
"""


def ours(session, work, file=BIG, threads=None):
    return [session.options.bench, work, str(session.options.data / file), str(threads or session.options.threads), "1"]


def fitting(*arguments):
    return lambda session: ours(session, *arguments)


def squares(session):
    runs = session.measure("squares", {
        "least squares": ours(session, "least-squares"), "ridge": ours(session, "ridge"),
        **session.peers(**{"LinearRegression": "least-squares", "Ridge (cholesky)": "ridge/cholesky"})})
    peers = {name: result for name, result in runs.items() if name in ("LinearRegression", "Ridge (cholesky)")}
    same = {name: result for name, result in peers.items() if name == "LinearRegression"}
    ridge = {name: result for name, result in peers.items() if name != "LinearRegression"}
    # Ridge is no solver of least squares, but the faster of the two.
    yield fit_row("least squares, 1e6×100", runs["least squares"], peers, 5, same=same)
    yield fit_row("ridge, 1e6×100", runs["ridge"], ridge, 5)


def sparse(session):
    data = session.options.data / "sparse.svm"
    binary = session.options.sparse_bench
    if not os.access(binary, os.X_OK) or not data.exists():
        session.notes.append(f"Sparse rows are left out: there is no {data if os.access(binary, os.X_OK) else binary}.")
        return
    command = [binary, str(data), str(session.options.threads)]
    peers = session.peers(**calibrate(session, command)) if session.python else {}
    runs = session.measure("sparse", {"ours": command, **peers})
    own = runs.pop("ours")
    if runs:
        best = min(result[0]["objective"] for result in runs.values())
        # Both sides stop within the slack of the minimum; that is what is compared here.
        is_worse = own[0]["objective"] > best * (1 + SPARSE_SLACK)
        fit = fit_row("sparse logistic, 2e5×1e5", own, runs, 2, same={})
        if is_worse:
            fit["reached"] = f"OBJECTIVE {own[0]['objective'] / best - 1:.1e} WORSE"
        yield fit
    else:
        yield fit_row("sparse logistic, 2e5×1e5", own, runs, 2)
    readings = [run for result in runs.values() for run in result]
    yield fit_row("  reading its file", own, {"load_svmlight_file": readings} if readings else {}, 10, key="read_seconds")


def calibrate(session, command):
    """LIBLINEAR's solvers at the loosest tolerance that is within the slack of the best objective anyone reaches."""
    best = run_reporting(command, session.env)["objective"]
    fits = {}
    for solver, tolerances in SPARSE_TOLERANCES.items():
        [peer] = session.peers(all=f"sparse/{solver}/{tolerances}").values()
        fits[solver] = run_reporting(peer, session.env)["fits"]
        best = min(best, *(fit["objective"] for fit in fits[solver]))
    session.runs["sparse-tolerances"] = fits
    contenders = {}
    for solver, tried in fits.items():
        enough = [fit for fit in tried if fit["objective"] <= best * (1 + SPARSE_SLACK)]
        if enough:
            tolerance = enough[0]["tolerance"]
            contenders[f"LIBLINEAR -s {solver} -e {tolerance}"] = f"sparse/{solver}/{tolerance}"
    return contenders


def memory(session):
    """`mlflowctl train` of a table that is ingested already: by default, within 256 MB, and within an eighth of the table."""
    with tempfile.TemporaryDirectory(prefix="mlflowctl-bench-", dir=session.options.scratch) as folder:
        folder = pathlib.Path(folder)
        (folder / "workflows").mkdir()
        (folder / "workflows/bench.yaml").write_text(WORKFLOW)
        (folder / "table.csv").symlink_to((session.options.data / "num_1000000.csv").resolve())
        base = [session.options.binary, "train", "workflows/bench.yaml", "--format", "json", "--no-deploy",
                "--threads", str(session.options.threads)]
        [ingest] = session.measure(
            "ingest", {"ingest": [*base, "--until", "data", "--memory", "256MB"]}, 1, cwd=folder, sample_memory=True)["ingest"]
        table = step(ingest, "data")["outputs"][0]["size"]
        budgets = {"default": None, "256 MB": 256_000_000, "an eighth": table // 8}
        runs = session.measure("memory", {
            name: [*base, "--force", "model", *(["--memory", str(budget)] if budget else [])]
            for name, budget in budgets.items()}, max(1, session.options.rounds // 2), cwd=folder, sample_memory=True)
    for result in runs.values():
        for run in result:
            # The report is long; of its table of coefficients nothing is kept.
            run["fit"] = step(run, "model")["report"]["facts"]
            del run["steps"]
    del ingest["steps"]
    session.notes.append(
        f"Ingest of the CSV, once, --memory 256MB: {ingest['process_wall']:.1f} s, {megabytes([ingest], 'process_rss_mib'):.0f} MB "
        f"resident, {megabytes([ingest], 'anonymous_mib'):.0f} MB of them anonymous. The table has {table / 1e6:.0f} MB.")
    yield from memory_rows(session, runs, table)


def memory_rows(session, runs, table):
    objectives = {run["fit"]["objective_value"] for result in runs.values() for run in result}
    converged = all(run["fit"]["converged"] for result in runs.values() for run in result)
    wrong = None if converged else "NOT CONVERGED"
    if len(objectives) > 1:
        wrong = f"BITS DIFFER BY BUDGET: {sorted(objectives)}"

    def facts(name):
        return {
            "seconds": median(runs[name], "process_wall"), "resident_mb": megabytes(runs[name], "process_rss_mib"),
            "anonymous_mb": megabytes(runs[name], "anonymous_mib")}

    def size(name):
        return f"{facts(name)['resident_mb']:.0f} MB, {facts(name)['anonymous_mb']:.0f} anonymous"

    resident = facts("256 MB")["resident_mb"]
    lbfgs = session.runs.get("logistic", {}).get("lbfgs")
    peer = lbfgs and megabytes(lbfgs, "rss_mib")
    yield row(
        "memory of train, --memory 256MB", size("256 MB"), "≤ 400 MB", peer=f"lbfgs {peer:.0f} MB" if peer else None,
        ratio=f"{peer / resident:.1f}×" if peer else None, is_reached=resident <= 400, load=load_of(runs["256 MB"]),
        complaint=wrong, **facts("256 MB"))
    slow, fast = (facts(name)["seconds"] for name in ("256 MB", "default"))
    yield row(
        "  its time, in default's", f"{slow:.2f} s", "≤ 3×", peer=f"default {fast:.2f} s ({size('default')})",
        ratio=f"{slow / fast:.2f}×", is_reached=slow <= 3 * fast, load=load_of(runs["256 MB"], runs["default"]),
        complaint=wrong, **facts("256 MB"))
    eighth = facts("an eighth")
    yield row(
        f"table 8 times the budget of {table // 8 / 1e6:.0f} MB", size("an eighth"), "trains",
        peer=f"default {fast:.2f} s, this {eighth['seconds']:.2f} s", ratio=f"{eighth['seconds'] / fast:.2f}×",
        is_reached=converged, load=load_of(runs["an eighth"]), complaint=wrong, **eighth)


def step(run, name):
    return next(step for step in run["steps"] if step["name"] == name)


def passes(session):
    contenders = {
        f"{work} {threads}": ours(session, f"{work}-pass", threads=threads)
        for work in ("gram", "gradient") for threads in sorted({1, session.options.threads})}
    runs = session.measure("passes", {**contenders, **session.peers(dgemm="dgemm")})
    many = session.options.threads
    for work in ("gram", "gradient"):
        one, all_threads = runs[f"{work} 1"], runs[f"{work} {many}"]
        ratio = median(one) / median(all_threads)
        yield row(
            f"threads 1 → {many}, {work} pass", f"{median(all_threads):.3f} s", "1.8×", peer=f"one thread {median(one):.3f} s",
            ratio=f"{ratio:.2f}×", is_reached=ratio >= 1.8, load=load_of(one, all_threads), seconds=median(all_threads),
            complaint=None if one[0]["value"] == all_threads[0]["value"] else "BITS DIFFER BY THREADS")
    gram = runs[f"gram {many}"]
    (rows, columns) = (gram[0]["rows"], gram[0]["columns"])
    rate = rows * columns * (columns + 1) / median(gram) / 1e9
    dgemm = runs.get("dgemm")
    best = median(dgemm, "gflops") if dgemm else None
    yield row(
        f"Gram pass of dgemm's rate, {many} threads", f"{rate:.0f} GF/s", "≥ 65%",
        peer=f"NumPy dgemm {best:.0f} GF/s" if best else None, ratio=f"{100 * rate / best:.0f}%" if best else None,
        is_reached=rate >= 0.65 * best if best else None, load=load_of(gram, *([dgemm] if dgemm else [])), gflops=rate)


GROUPS = {
    "squares": squares,
    "logistic": single("logistic, 1e6×100", "logistic", fitting("logistic"), 4,
                       **{"lbfgs": "logistic/lbfgs", "newton-cholesky": "logistic/newton-cholesky"}),
    "lasso-path": single("lasso, 100 penalties, 1e6×100", "lasso-path", fitting("lasso-path"), 4, **{"lasso_path": "lasso-path"}),
    "ridge-folds": single("ridge, 5 folds × 10 penalties, 1e6×100", "ridge-folds", fitting("ridge-folds"), 50, is_slow=True,
                          **{"RidgeCV": "ridge-folds"}),
    "logistic-folds": single(
        "logistic, 5 folds × 10 penalties, 1e5×100", "logistic-folds", fitting("logistic-folds", SMALL), 15,
        **{"CV lbfgs": "logistic-folds/lbfgs", "CV newton-cholesky": "logistic-folds/newton-cholesky"}),
    # newton-cholesky takes minutes here
    "multinomial": single("multinomial, 10 classes, 1e5×100", "multinomial", fitting("multinomial", SMALL), 5,
                          **{"lbfgs": "multinomial/lbfgs"}),
    "sparse": sparse,
    "memory": memory,
    "passes": passes,
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, GROUPS, "train.json")
    parser.add_argument("--bench", default=str(RELEASE / "LearningBench"))
    parser.add_argument("--sparse-bench", default=str(RELEASE / "SparseBench"))
    return parser.parse_args()


def check(options, groups):
    """Ends with a word before anything is measured when something is missing."""
    missing = [name for name in NEEDED if not (options.data / name).exists()]
    if missing:
        sys.exit(f"{options.data} lacks {', '.join(missing)}; run 'make bench-data'")
    needed = [options.binary] if "memory" in groups else []
    if set(groups) - {"memory", "sparse"}:
        needed.append(options.bench)
    for binary in needed:
        if not os.access(binary, os.X_OK):
            sys.exit(f"there is no binary at {binary}; run 'make bench'")
    if options.bench in needed:
        usage = subprocess.run([options.bench], capture_output=True, text=True, check=False).stdout
        lacking = [work for work in OUR_WORKS if work not in usage]
        if lacking:
            sys.exit(f"{options.bench} does not know {', '.join(lacking)}; run 'make bench', which builds it")


def main():
    options = parse()
    if options.markdown:
        return print_markdown(json.loads(options.markdown.read_text()))
    options.binary, options.bench, options.sparse_bench = map(
        os.path.abspath, (options.binary, options.bench, options.sparse_bench))
    groups = {name: rows for name, rows in GROUPS.items() if re.search(options.only, name)}
    check(options, groups)
    run_groups(Session(options, "peers_train.py", "sklearn, liblinear"), groups)


if __name__ == "__main__":
    main()

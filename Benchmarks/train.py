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
import functools
import json
import math
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from measure import QUIET, CommandFailed, machine, run_once, take_turns, wait_until_quiet, write_report

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = pathlib.Path(__file__).resolve().parent
VENV = "/tmp/venv-peers"
NEEDED = ("num_1000000.npy", "num_1000000.csv", "num_100000.npy", "multi_100000.bin")
BIG, SMALL = "num_1000000.npy", "num_100000.npy"
OUR_WORKS = ("least-squares", "ridge", "logistic", "multinomial", "lasso-path", "ridge-folds", "logistic-folds", "gram-pass",
             "gradient-pass")
WORSE = 1e-9
# How far LIBLINEAR may stay above the best objective that any solver finds, and the tolerances tried for it.
SPARSE_SLACK = 1e-6
SPARSE_TOLERANCES = {"0": "0.1,0.01,0.001,0.0001,0.00001,0.000001", "7": "1,0.1,0.01,0.001,0.0001,0.00001"}
WORKFLOW = """workflow: bench
steps:
  data: { ingest: { source: table.csv, target: target } }
  model: { train: { objective: logistic, features: { numeric: { scale: standard } }, penalty: { l2: 1e-6 } } }
"""


class Session:
    """What all groups of rows need: where things are, how children run, and the runs so far."""

    def __init__(self, options):
        self.options = options
        self.runs = {}
        self.notes = []
        threads = str(options.threads)
        self.env = dict(
            os.environ, OMP_NUM_THREADS=threads, OPENBLAS_NUM_THREADS=threads, MKL_NUM_THREADS=threads, PYTHONHASHSEED="0")
        self.python = self.find_peers()

    def find_peers(self):
        """The Python that has the peers, or None."""
        if os.access(self.options.peers, os.X_OK):
            check = [self.options.peers, "-c", "import sklearn, liblinear"]
            if subprocess.run(check, stderr=subprocess.DEVNULL, check=False).returncode == 0:
                return self.options.peers
        print("peers are left out; to have them:\n"
              f"  python3 -m venv {VENV} && {VENV}/bin/pip install -r Benchmarks/requirements-train.txt")
        return None

    def ours(self, work, file=BIG, threads=None):
        return [self.options.bench, work, str(self.options.data / file), str(threads or self.options.threads), "1"]

    def peers(self, **works):
        """Contenders by name, none when the peers are not there."""
        if not self.python:
            return {}
        script = str(HERE / "peers_train.py")
        return {
            name: [self.python, script, "--child", work, "--data", str(self.options.data)] for name, work in works.items()}

    def quiet(self):
        if self.options.quiet > 0:
            wait_until_quiet(self.options.quiet)

    def measure(self, group, contenders, rounds=None, **more):
        """Runs contenders (name -> command) in turn, and keeps every run. Returns name -> runs."""
        rounds = rounds or self.options.rounds
        run = functools.partial(run_reporting, env=self.env, **more)
        # A round that does not count brings files into memory; one that takes minutes is not worth it.
        warm_up = 1 if rounds == self.options.rounds and rounds > 1 else 0
        results = take_turns(
            {name: (command,) for name, command in contenders.items()}, rounds, warm_up, run, before_round=self.quiet)
        self.runs.setdefault(group, {}).update(results)
        return results


def run_reporting(command, env=None, cwd=None, sample_memory=False):
    """A run whose command prints a JSON object: what that says goes before what was seen from outside."""
    run = run_once(command, cwd, env, sample_memory)
    text = run.pop("output")
    try:
        facts = json.loads(text)
    except ValueError:
        facts = next(json.loads(line) for line in text.splitlines() if line.startswith("{"))
    outside = {"process_wall": run["wall"], "process_cpu": run["cpu"], "process_rss_mib": run["rss_mib"]}
    facts["seconds"] = facts.get("fit_seconds", facts.get("seconds"))
    return {**run, **outside, **facts}


def median(runs, key="seconds"):
    return statistics.median(run[key] for run in runs)


def load_of(*many):
    """The busiest that others were during the median run of any of these, in cores."""
    return max(median(runs, "foreign") for runs in many)


def complaint(ours, peers):
    """What is wrong with our result, if anything: a worse objective than a peer's, or another penalty chosen."""
    own = ours[0]
    for name, runs in peers.items():
        other = runs[0]
        if "chosen" in own and not math.isclose(own["chosen"], other["chosen"], rel_tol=1e-6):
            return f"CHOSE {own['chosen']:.4g}, {name} {other['chosen']:.4g}"
        if own["objective"] > other["objective"] + WORSE * abs(other["objective"]):
            excess = (own["objective"] - other["objective"]) / abs(other["objective"])
            return f"OBJECTIVE {excess:.1e} WORSE THAN {name}"
    return "NOT CONVERGED" if own.get("converged") is False else None


def row(work, ours, wanted, *, peer=None, ratio=None, is_reached=None, load=0.0, complaint=None, **more):
    reached = complaint or ("-" if is_reached is None else "yes" if is_reached else "no")
    return {
        "work": work, "ours": ours, "peer": peer, "ratio": ratio, "wanted": wanted, "reached": reached, "load": round(load, 2),
        **more}


def fit_row(work, ours, peers, wanted, same=None, key="seconds"):
    """A row of times: ours, the fastest peer's, and how many times ours that is.

    Objectives are held against those of `same`, or of all peers.
    """
    seconds = median(ours, key)
    more = {"seconds": seconds, "rss_mib": median(ours, "process_rss_mib")}
    if "objective" in ours[0]:
        more["objective"] = ours[0]["objective"]
    if not peers:
        return row(work, f"{seconds:.3f} s", f"{wanted}×", load=load_of(ours), **more)
    best = min(peers, key=lambda name: median(peers[name], key))
    ratio = median(peers[best], key) / seconds
    more["peers"] = {
        name: {"seconds": median(runs, key), "objective": runs[0].get("objective"), "rss_mib": runs[0].get("rss_mib")}
        for name, runs in peers.items()}
    return row(
        work, f"{seconds:.3f} s", f"{wanted}×", peer=f"{best} {median(peers[best], key):.2f} s", ratio=f"{ratio:.1f}×",
        is_reached=ratio >= wanted, load=load_of(ours, *peers.values()),
        complaint=complaint(ours, peers if same is None else same) if key == "seconds" else None, **more)


def squares(session):
    runs = session.measure("squares", {
        "least squares": session.ours("least-squares"), "ridge": session.ours("ridge"),
        **session.peers(**{"LinearRegression": "least-squares", "Ridge (cholesky)": "ridge/cholesky"})})
    peers = {name: result for name, result in runs.items() if name in ("LinearRegression", "Ridge (cholesky)")}
    same = {name: result for name, result in peers.items() if name == "LinearRegression"}
    ridge = {name: result for name, result in peers.items() if name != "LinearRegression"}
    # Ridge is no solver of least squares, but the faster of the two.
    yield fit_row("least squares, 1e6×100", runs["least squares"], peers, 5, same=same)
    yield fit_row("ridge, 1e6×100", runs["ridge"], ridge, 5)


def single(title, group, ours, wanted, is_slow=False, **peers):
    """A group of one row of times."""

    def rows(session):
        rounds = max(1, session.options.rounds // 2) if is_slow else None
        runs = session.measure(group, {"ours": session.ours(*ours), **session.peers(**peers)}, rounds)
        own = runs.pop("ours")
        yield fit_row(title, own, runs, wanted)

    return rows


def sparse(session):
    data = session.options.data / "sparse.svm"
    binary = session.options.sparse_bench
    if not os.access(binary, os.X_OK) or not data.exists():
        session.notes.append(f"Sparse rows are left out: there is no {data if os.access(binary, os.X_OK) else binary}.")
        return
    ours = [binary, str(data), str(session.options.threads)]
    peers = session.peers(**calibrate(session, ours)) if session.python else {}
    runs = session.measure("sparse", {"ours": ours, **peers})
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


def calibrate(session, ours):
    """LIBLINEAR's solvers at the loosest tolerance that is within the slack of the best objective anyone reaches."""
    best = run_reporting(ours, session.env)["objective"]
    fits = {}
    for solver, tolerances in SPARSE_TOLERANCES.items():
        [command] = session.peers(all=f"sparse/{solver}/{tolerances}").values()
        fits[solver] = run_reporting(command, session.env)["fits"]
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


def megabytes(runs, key):
    """The largest of some runs, from MiB."""
    return max(run[key] for run in runs) * 1.048576


def passes(session):
    contenders = {
        f"{work} {threads}": session.ours(f"{work}-pass", threads=threads)
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
    "logistic": single("logistic, 1e6×100", "logistic", ("logistic",), 4,
                       **{"lbfgs": "logistic/lbfgs", "newton-cholesky": "logistic/newton-cholesky"}),
    "lasso-path": single("lasso, 100 penalties, 1e6×100", "lasso-path", ("lasso-path",), 4, **{"lasso_path": "lasso-path"}),
    "ridge-folds": single("ridge, 5 folds × 10 penalties, 1e6×100", "ridge-folds", ("ridge-folds",), 50, is_slow=True,
                          **{"RidgeCV": "ridge-folds"}),
    "logistic-folds": single(
        "logistic, 5 folds × 10 penalties, 1e5×100", "logistic-folds", ("logistic-folds", SMALL), 15,
        **{"CV lbfgs": "logistic-folds/lbfgs", "CV newton-cholesky": "logistic-folds/newton-cholesky"}),
    # newton-cholesky takes minutes here
    "multinomial": single("multinomial, 10 classes, 1e5×100", "multinomial", ("multinomial", SMALL), 5,
                          **{"lbfgs": "multinomial/lbfgs"}),
    "sparse": sparse,
    "memory": memory,
    "passes": passes,
}
COLUMNS = (("work", 42), ("ours", 24), ("best peer", 38), ("ratio", 8), ("wanted", 9), ("reached", 8), ("others", 6))


def cells(row):
    return (row["work"], row["ours"], row["peer"] or "-", row["ratio"] or "-", row["wanted"], row["reached"], f"{row['load']:.1f}")


def print_row(values):
    print("  ".join(f"{value:<{width}}" for value, (_, width) in zip(values, COLUMNS)).rstrip(), flush=True)


def print_markdown(report):
    """The table as docs/benchmarks.md holds it."""
    facts = report["machine"]
    print(f"{report['started'][:10]}, {facts['cpu']} ({facts['cores']} cores, {facts['memory_gib']} GiB), {facts['system']}, kernel {facts['kernel']}; "
          f"commit {report['commit']}; `{' '.join(['python3', *report['command']])}`, {report['rounds']} rounds.")
    peers = report["peers"] or {}
    print("Peers: " + ", ".join(f"{name} {value}" for name, value in peers.items() if name != "blas")
          + "".join(f"; {blas.get('internal_api')} {blas.get('version')} ({blas.get('architecture')})"
                    for blas in peers.get("blas", [])) + ".\n")
    print("| " + " | ".join(name for name, _ in COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
    for one in report["rows"]:
        print("| " + " | ".join(cells(one)).strip() + " |")
    print("\n" + " ".join(report["notes"] + [f"{name.upper()} FAILED." for name in report["failures"]]))


def commit():
    """What was measured, with a + when the tree had changes; None outside of a clone."""
    def git(*arguments):
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False).stdout.strip()
    head = git("rev-parse", "--short=12", "HEAD")
    return head + ("+" if git("status", "--porcelain", "--untracked-files=no") else "") if head else None


def peer_versions(session):
    if not session.python:
        return None
    answer = run_once([session.python, str(HERE / "peers_train.py"), "--versions"], env=session.env)
    return json.loads(answer["output"])


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    release = ROOT / ".build/release"
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/tmp/bench"))
    parser.add_argument("--bench", default=str(release / "LearningBench"))
    parser.add_argument("--sparse-bench", default=str(release / "SparseBench"))
    parser.add_argument("--binary", default=str(release / "mlflowctl"))
    parser.add_argument("--peers", default=f"{VENV}/bin/python", help="the Python that has them")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5, help="of each group; slow ones take half as many")
    parser.add_argument("--quiet", type=float, default=30, help="seconds to wait for a quiet machine before each round")
    parser.add_argument("--only", default="", help=f"a regular expression of groups: {', '.join(GROUPS)}")
    parser.add_argument("--scratch", help="where the workspace lies that `mlflowctl train` runs in; needs 1 GB")
    parser.add_argument("--out", default=str(ROOT / "Benchmarks/out/train.json"))
    parser.add_argument("--markdown", metavar="REPORT", type=pathlib.Path)
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
    # so that folders are taken away and no child runs on
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    session = Session(options)
    report = {
        "machine": machine(), "started": time.strftime("%Y-%m-%d %H:%M:%S %z"), "commit": commit(), "command": sys.argv,
        "rounds": options.rounds, "threads": options.threads, "data": str(options.data), "peers": peer_versions(session),
        "rows": [], "notes": session.notes, "failures": {}, "runs": session.runs}

    print()
    print_row([name for name, _ in COLUMNS])
    for name, rows in groups.items():
        try:
            for one in rows(session):
                report["rows"].append(one)
                print_row(cells(one))
        except CommandFailed as failure:
            report["failures"][name] = str(failure)
            print(f"{name} FAILED: {failure}", flush=True)
        report["ended"] = time.strftime("%Y-%m-%d %H:%M:%S %z")
        write_report(options.out, report)
    for note in session.notes:
        print(f"\n{note}")
    loudest = max((one["load"] for one in report["rows"]), default=0)
    if loudest > QUIET:
        print(f"\nothers kept up to {loudest:.1f} cores busy meanwhile: a busy neighbour can slow two threads sevenfold; run it again")
    print(f"\nwritten to {os.path.relpath(options.out)}")
    if report["failures"]:
        sys.exit(1)


if __name__ == "__main__":
    main()

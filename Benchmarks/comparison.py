"""Rows of a table that holds ours against the best peer: what `train.py` and `ingest.py` have in common.

A script has groups, name -> generator of rows. A group measures its contenders in turn through the `Session`, and yields a
row for each claim: ours, the best peer, their ratio, what was wanted, and whether it was reached. Reports are JSON, with
every run; `--markdown` prints the table of one for docs/benchmarks.md.
"""
import argparse
import json
import math
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import time

from measure import QUIET, CommandFailed, machine, run_once, take_turns, wait_until_quiet, write_report

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = pathlib.Path(__file__).resolve().parent
RELEASE = ROOT / ".build/release"
VENV = "/tmp/venv-peers"
WORSE = 1e-9


class Session:
    """What all groups of rows need: where things are, how children run, and the runs so far."""

    def __init__(self, options, script, modules):
        """`script` runs one work of the peers, which are there when `modules` can be imported."""
        self.options = options
        self.script = str(HERE / script)
        self.modules = modules
        self.runs = {}
        self.notes = []
        threads = str(options.threads)
        self.env = dict(
            os.environ, OMP_NUM_THREADS=threads, OPENBLAS_NUM_THREADS=threads, MKL_NUM_THREADS=threads, PYTHONHASHSEED="0")
        self.python = self.find_peers()

    def find_peers(self):
        """The Python that has the peers, or None."""
        if os.access(self.options.peers, os.X_OK):
            check = [self.options.peers, "-c", f"import {self.modules}"]
            if subprocess.run(check, stderr=subprocess.DEVNULL, check=False).returncode == 0:
                return self.options.peers
        print("peers are left out; to have them:\n"
              f"  python3 -m venv {VENV} && {VENV}/bin/pip install -r Benchmarks/requirements-train.txt")
        return None

    def peers(self, **works):
        """Contenders by name, none when the peers are not there."""
        if not self.python:
            return {}
        return {
            name: [self.python, self.script, "--child", work, "--data", str(self.options.data)] for name, work in works.items()}

    def peer_versions(self):
        if not self.python:
            return None
        return json.loads(run_once([self.python, self.script, "--versions"], env=self.env)["output"])

    def quiet(self):
        if self.options.quiet > 0:
            wait_until_quiet(self.options.quiet)

    def has(self, file):
        """Whether a file of the data is there; when not, that is noted."""
        if (self.options.data / file).exists():
            return True
        self.notes.append(f"What is measured on {file} is left out: {self.options.data} has no such file.")
        return False

    def measure(self, group, contenders, rounds=None, before_each=None, **more):
        """Runs contenders (name -> command) in turn, and keeps every run. Returns name -> runs."""
        rounds = rounds or self.options.rounds
        def run(command):
            if before_each:
                before_each()
            return run_reporting(command, env=self.env, **more)

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
        complaint=complaint(ours, peers if same is None else same) if key == "seconds" and "objective" in more else None, **more)


def single(title, group, ours, wanted, is_slow=False, **peers):
    """A group of one row of times; `ours` makes the command of a session."""

    def rows(session):
        rounds = max(1, session.options.rounds // 2) if is_slow else None
        runs = session.measure(group, {"ours": ours(session), **session.peers(**peers)}, rounds)
        own = runs.pop("ours")
        yield fit_row(title, own, runs, wanted)

    return rows


def megabytes(runs, key):
    """The largest of some runs, from MiB."""
    return max(run[key] for run in runs) * 1.048576


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


def add_options(parser, groups, out):
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/tmp/bench"))
    parser.add_argument("--binary", default=str(RELEASE / "mlflowctl"))
    parser.add_argument("--peers", default=f"{VENV}/bin/python", help="the Python that has them")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5, help="of each group; slow ones take half as many")
    parser.add_argument("--quiet", type=float, default=30, help="seconds to wait for a quiet machine before each round")
    parser.add_argument("--only", default="", help=f"a regular expression of groups: {', '.join(groups)}")
    parser.add_argument("--scratch", help="where workspaces lie that `mlflowctl train` runs in; needs 2 GB")
    parser.add_argument("--out", default=str(HERE / "out" / out))
    parser.add_argument("--markdown", metavar="REPORT", type=pathlib.Path)


def run_groups(session, groups):
    """Measures the groups that are asked for, prints rows as they come, and writes the report after each."""
    options = session.options
    # so that folders are taken away and no child runs on
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    report = {
        "machine": machine(), "started": time.strftime("%Y-%m-%d %H:%M:%S %z"), "commit": commit(), "command": sys.argv,
        "rounds": options.rounds, "threads": options.threads, "data": str(options.data), "peers": session.peer_versions(),
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

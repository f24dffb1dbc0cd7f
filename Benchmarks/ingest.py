#!/usr/bin/env python3
"""Ingest: ours beside polars, DuckDB, pyarrow and pandas, the same files, in turn.

Usage: ingest.py [--binary .build/release/mlflowctl] [--data /tmp/bench] [--rounds 5] [--out Benchmarks/out/ingest.json]

Into memory: the time of reading alone, ours by IngestBench, the peers' by peers_ingest.py. The whole step: `mlflowctl train
--until data`, process and all, against polars' read_csv, write_ipc, fsync and SHA-256. Numbers are `make bench-data`'s,
mixed columns those of ../shared/bench/gen_mixed.py where it is there, as JSON Lines by mixed_jsonl.py. What is not there is left out with a word.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import machine, run_once, write_report
import statistics

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERE = pathlib.Path(__file__).resolve().parent
READERS = ("polars", "duckdb", "pyarrow", "pandas")
FILES = ("num_1000000.csv", "mixed_1000000.csv", "mixed_1000000.jsonl")
WORKFLOW = "workflow: bench\nsteps:\n  data: {{ ingest: {{ source: {path}, target: target }} }}\n"


def printed(command):
    """The JSON that a command prints; None where it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def in_turn(contenders, rounds):
    """Median seconds of each contender; those that fail are left out with a word."""
    times = {}
    for _ in range(rounds):
        for name, command in list(contenders.items()):
            answer = printed(command)
            if answer is None:
                print(f"ingest: {name} cannot be run and is left out", file=sys.stderr)
                del contenders[name]
                times.pop(name, None)
            else:
                times.setdefault(name, []).append(answer["seconds"])
    return {name: round(statistics.median(values), 3) for name, values in times.items()}


def memory(path, options, bench):
    contenders = {"ours": [bench, "memory", path, str(options.threads)]}
    contenders |= {name: [options.peers, str(HERE / "peers_ingest.py"), name, path] for name in READERS}
    return in_turn(contenders, options.rounds)


def step(path, options):
    """Wall and CPU seconds and peak memory of the whole step, durable and hashed, ours and polars'."""
    runs = {"ours": [], "polars": []}
    with tempfile.TemporaryDirectory(dir=options.data) as folder:
        os.makedirs(f"{folder}/workflows")
        pathlib.Path(f"{folder}/workflows/bench.yaml").write_text(WORKFLOW.format(path=path))
        for _ in range(options.rounds):
            shutil.rmtree(f"{folder}/.mlflowctl", ignore_errors=True)
            runs["ours"].append(run_once([options.binary, "train", "workflows/bench.yaml"], cwd=folder))
            target = f"{folder}/peer.arrow"
            runs["polars"].append(
                run_once([options.peers, str(HERE / "peers_ingest.py"), "polars-durable", path, target], cwd=folder))
            if os.path.exists(target):
                os.unlink(target)
    return {
        name: {key: round(statistics.median(run[key] for run in of), 3) for key in ("wall", "cpu", "rss_mib")}
        for name, of in runs.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/mlflowctl"))
    parser.add_argument("--data", default="/tmp/bench")
    parser.add_argument("--peers", default="/tmp/venv-peers/bin/python")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", default=str(HERE / "out/ingest.json"))
    options = parser.parse_args()
    bench = str(pathlib.Path(options.binary).parent / "IngestBench")
    report = {"machine": machine(), "rounds": options.rounds, "memory": {}, "step": {}}
    for name in FILES:
        path = f"{options.data}/{name}"
        if not os.path.exists(path):
            print(f"ingest: {path} is not there and left out", file=sys.stderr)
            continue
        subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)
        report["memory"][name] = memory(path, options, bench)
        print(f"{name} into memory, seconds:", report["memory"][name])
        report["step"][name] = step(path, options)
        print(f"{name}, the whole step:", report["step"][name])
    write_report(options.out, report)


main()

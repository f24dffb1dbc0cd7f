#!/usr/bin/env python3
"""Data in: ours beside polars, DuckDB, pyarrow and pandas, the same files, in turn; and the whole workflow beside a script.

Usage: ingest.py [--data /tmp/bench] [--rounds 5] [--only REGEX] [--out Benchmarks/out/ingest.json]
       ingest.py --markdown Benchmarks/out/ingest.json      the table of a report, for docs/benchmarks.md

Into memory: the time of reading alone, ours by IngestBench, the peers' by peers_ingest.py. The whole step: `mlflowctl train`
with that one step, process and all: read, SHA-256 of source and table, typed Arrow file flushed to disk, profile; against
polars' read_csv, write_ipc, fsync and SHA-256, without a profile. The workflow: ingest, split, train, evaluate, gate and
deploy in a workspace without a past, against the script that does as much of it in Python, imports and all.

Numbers are `make bench-data`'s, mixed columns those of its generator. What is not there is left out with a word.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

from measure import CommandFailed
from comparison import (
    RELEASE, Session, add_options, fit_row, load_of, median, megabytes, print_markdown, row, run_groups)

NUMBERS, FEWER, MIXED, LINES = "num_1000000.csv", "num_100000.csv", "mixed_1000000.csv", "mixed_1000000.jsonl"
INGEST = "workflow: bench\nsteps:\n  data: {{ ingest: {{ source: {path}, target: target }} }}\n"
WORKFLOW = """workflow: bench
seed: 7
steps:
  data: {{ ingest: {{ source: {path}, target: target }} }}
  parts: {{ split: {{ test: 20% }} }}
  model: {{ train: {{ objective: logistic, penalty: {{ l2: {penalty} }} }} }}
  scores: {{ evaluate: {{}} }}
  bar: {{ gate: {{ require: [auc >= 0.6] }} }}
  release: {{ deploy: {{ model: bench, channel: production }} }}
"""


def into_memory(title, file, wanted, *peers):
    """A group of one row: the reading of a file into columns."""

    def rows(session):
        if not session.has(file):
            return
        command = [session.options.bench, "memory", str(session.options.data / file), str(session.options.threads)]
        runs = session.measure(title, {"ours": command, **session.peers(**{peer: f"{peer}/{file}" for peer in peers})})
        own = runs.pop("ours")
        yield fit_row(title, own, runs, wanted)

    return rows


@contextlib.contextmanager
def workspace(session, text):
    """A folder with one workflow; the command that runs it there as if it had never been run."""
    with tempfile.TemporaryDirectory(prefix="mlflowctl-bench-", dir=session.options.scratch) as folder:
        folder = pathlib.Path(folder)
        (folder / "workflows").mkdir()
        (folder / "workflows/bench.yaml").write_text(text)

        def forget():
            shutil.rmtree(folder / ".mlflowctl", ignore_errors=True)
            shutil.rmtree(folder / "models", ignore_errors=True)

        command = [session.options.binary, "-C", str(folder), "train", "workflows/bench.yaml", "--format", "json",
                   "--threads", str(session.options.threads)]
        yield command, forget, folder


def ran(run):
    """The steps of a run, each of which was done anew."""
    idle = [step["name"] for step in run["steps"] if step["status"] != "done"]
    if idle:
        raise CommandFailed(f"these steps were not done anew: {', '.join(idle)}")
    return run["steps"]


def facts(runs):
    return f"{median(runs, 'process_wall'):.2f} s wall, {median(runs, 'process_cpu'):.2f} CPU"


def step(session):
    if not session.has(NUMBERS):
        return
    path = session.options.data / NUMBERS
    with workspace(session, INGEST.format(path=path)) as (command, forget, _):
        runs = session.measure(
            "step", {"ours": command, **session.peers(polars=f"polars-durable/{NUMBERS}")}, before_each=forget)
    own, peer = runs["ours"], runs.get("polars")
    for run in own:
        del ran(run)[:]
    ratio = median(peer, "process_wall") / median(own, "process_wall") if peer else None
    yield row(
        "the whole ingest step, 1e6×101", facts(own), "1.5×", peer=f"polars {facts(peer)}" if peer else None,
        ratio=f"{ratio:.1f}×" if peer else None, is_reached=ratio >= 1.5 if peer else None,
        load=load_of(own, *([peer] if peer else [])))
    resident = megabytes(own, "process_rss_mib")
    yield row(
        "  its peak resident memory", f"{resident:.0f} MB", "≤ 300 MB",
        peer=f"polars {megabytes(peer, 'process_rss_mib'):.0f} MB" if peer else None, is_reached=resident <= 300,
        load=load_of(own))


def profile(session):
    """The profile of a stored table beside reading its numbers, and the opening of it."""
    if not session.has(NUMBERS):
        return
    with stored_table(session, session.options.data / NUMBERS) as table:
        runs = profiling(session, "profile", session.options.data / NUMBERS, table, {
            "open": [session.options.bench, "open", str(table)]})
    own, mapped = median(runs["profile"], "profile_seconds"), median(runs["profile"], "read_seconds")
    yield profile_row("profile of a stored table, 1e6×101", runs)
    yield row(
        "  beside reading the mapped table", f"{own:.3f} s", "≤ 2×", peer=f"a copy of its numbers {mapped:.3f} s",
        ratio=f"{own / mapped:.1f}×", is_reached=own <= 2 * mapped, load=load_of(runs["profile"]))
    opening = median(runs["open"])
    yield row("opening the stored table", f"{1000 * opening:.2f} ms", "< 5 ms", is_reached=opening < 0.005,
              load=load_of(runs["open"]))


def large_profile(session):
    """The same of six times as many numbers, once: the rows of the file three times, twice side by side. Needs 10 GB on the disk."""
    if not session.has(NUMBERS):
        return
    with tempfile.TemporaryDirectory(prefix="mlflowctl-bench-", dir=session.options.scratch) as folder:
        path = pathlib.Path(folder) / "large.csv"
        with open(session.options.data / NUMBERS, encoding="ascii") as narrow, open(path, "w", encoding="ascii") as wide:
            names = narrow.readline().rstrip("\n").split(",")
            wide.write(",".join(names + [f"{name}_again" for name in names]) + "\n")
            begin = narrow.tell()
            for _ in range(3):
                narrow.seek(begin)
                for line in iter(narrow.readline, ""):
                    wide.write(line[:-1] + "," + line)
        with stored_table(session, path) as table:
            yield profile_row(
                "profile of a stored table, 3e6×202", profiling(session, "large profile", path, table, rounds=1))


@contextlib.contextmanager
def stored_table(session, path):
    """The table that `ingest` makes of a file."""
    with workspace(session, INGEST.format(path=path)) as (command, _, folder):
        [ingest] = session.measure(f"table of {path.name}", {"ours": command}, 1)["ours"]
        table = next(one for one in ingest["steps"][0]["outputs"] if one["name"] == "table")["digest"]
        del ingest["steps"]
        yield next(folder.glob(f".mlflowctl/**/{table[:2]}/{table[2:]}"))


def profiling(session, group, path, table, more=(), rounds=None):
    threads = str(session.options.threads)
    return session.measure(group, {
        "profile": [session.options.profile_bench, str(table), threads],
        "reading": [session.options.bench, "memory", str(path), threads], **dict(more)}, rounds)


def profile_row(title, runs):
    own, reading = median(runs["profile"], "profile_seconds"), median(runs["reading"])
    return row(
        title, f"{own:.3f} s", "≤ 2×", peer=f"reading its CSV {reading:.2f} s", ratio=f"{own / reading:.1f}×",
        is_reached=own <= 2 * reading, load=load_of(runs["profile"], runs["reading"]))


def workflow(title, file, penalty, seconds):
    def rows(session):
        if not session.has(file):
            return
        text = WORKFLOW.format(path=session.options.data / file, penalty=penalty)
        with workspace(session, text) as (command, forget, _):
            runs = session.measure(title, {
                "ours": [*command, "--memory", "256MB"],
                **session.peers(polars=f"workflow-polars/{file}", pandas=f"workflow-pandas/{file}")}, before_each=forget)
        for run in runs["ours"]:
            run["steps"] = {one["name"]: one["seconds"] for one in ran(run)}
        own = runs.pop("ours")
        fit = fit_row(title, own, runs, 4, key="process_wall")
        wall, resident = median(own, "process_wall"), megabytes(own, "process_rss_mib")
        fit["wanted"] = f"4×, ≤ {seconds} s"
        if wall > seconds and fit["reached"] == "yes":
            fit["reached"] = "no"
        yield fit
        least = min((megabytes(peer, "process_rss_mib") for peer in runs.values()), default=None)
        yield row(
            "  its peak resident memory", f"{resident:.0f} MB", "≤ 500 MB", peer=f"{least:.0f} MB" if least else None,
            is_reached=resident <= 500, load=load_of(own))

    return rows


READERS = ("polars", "duckdb", "pyarrow", "pandas")
GROUPS = {
    "numbers": into_memory("CSV 1e6×101 numbers into memory", NUMBERS, 3, *READERS),
    "mixed": into_memory("CSV 1e6×20 mixed into memory", MIXED, 2.5, *READERS),
    "lines": into_memory("JSON Lines 1e6×20 into memory", LINES, 2, "polars", "duckdb", "pyarrow"),
    "step": step,
    "profile": profile,
    "large-profile": large_profile,
    "workflow": workflow("the whole workflow, cold, 1e6×100", NUMBERS, "1.25e-6", 4),
    "small-workflow": workflow("the whole workflow, cold, 1e5×100", FEWER, "1.25e-5", 0.5),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, GROUPS, "ingest.json")
    parser.add_argument("--bench", default=str(RELEASE / "IngestBench"))
    parser.add_argument("--profile-bench", default=str(RELEASE / "ProfileBench"))
    options = parser.parse_args()
    if options.markdown:
        return print_markdown(json.loads(options.markdown.read_text()))
    for name in ("binary", "bench", "profile_bench"):
        path = os.path.abspath(getattr(options, name))
        if not os.access(path, os.X_OK):
            sys.exit(f"there is no binary at {path}; run 'make bench'")
        setattr(options, name, path)
    run_groups(
        Session(options, "peers_ingest.py", ", ".join(READERS) + ", sklearn"),
        {name: rows for name, rows in GROUPS.items() if re.search(options.only, name)})


if __name__ == "__main__":
    main()

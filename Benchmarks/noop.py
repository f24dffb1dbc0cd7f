#!/usr/bin/env python3
"""What it costs to find out that nothing has changed: mlflowctl beside GNU make and DVC.

Usage: noop.py [--binary .build/release/mlflowctl] [--dvc DVC] [--rounds 15] [--out Benchmarks/out/noop.json]

unchanged   the second `train` of workflows/penguins.yaml (seven steps: ingest to deploy), `dvc repro` and `make` of a chain of five
            `cp` of a small file, none of which has anything to do
start-up    `mlflowctl --version`, `dvc --version`, and `true` as the floor of any process
cold        for the record: the first run of each, once

Everything happens in a temporary folder. Peers that are not installed are left out. Needs Python 3.9 and Linux, no packages.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measure import alternate, machine, print_table, run_once, wait_until_quiet, write_report

ROOT = pathlib.Path(__file__).resolve().parent.parent
VENV = "/tmp/venv-peers-dvc"
STAGES = range(5)
DVC_YAML = "stages:\n" + "".join(
    f"  s{i}:\n    cmd: cp d{i}.txt d{i + 1}.txt\n    deps: [d{i}.txt]\n    outs: [d{i + 1}.txt]\n" for i in STAGES)
MAKEFILE = "all: d5.txt\n" + "".join(f"d{i + 1}.txt: d{i}.txt\n\tcp d{i}.txt d{i + 1}.txt\n" for i in STAGES)


def find_dvc(given):
    for candidate in (given, f"{VENV}/bin/dvc", "dvc"):
        if candidate and shutil.which(candidate):
            return shutil.which(candidate)
    print(f"DVC is left out; to have it: python3 -m venv {VENV} && {VENV}/bin/pip install -r Benchmarks/requirements-dvc.txt")
    return None


def workspace(folder):
    """The penguins example alone, in a workspace of its own."""
    (folder / "workflows").mkdir(parents=True)
    shutil.copy(ROOT / "workflows/penguins.yaml", folder / "workflows")
    shutil.copytree(ROOT / "datasets/penguins", folder / "datasets/penguins")
    return folder


def chain(folder, name, text):
    """Five stages of `cp`, described for one of the peers."""
    folder.mkdir()
    (folder / "d0.txt").write_text("x" * 1000)
    (folder / name).write_text(text)
    return folder


def expect_nothing_ran(command, cwd, env):
    """A fast run that did work, or a slow one that did it again, would be no measure of a cache."""
    answer = subprocess.run([*command, "--format", "json"], cwd=cwd, env=env, capture_output=True, text=True, check=True)
    ran = [step["name"] for step in json.loads(answer.stdout)["steps"] if step["status"] != "cached" and step["kind"] != "deploy"]
    if ran:
        sys.exit(f"the second train was to run nothing but ran {', '.join(ran)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build/release/mlflowctl"))
    parser.add_argument("--dvc")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--out", default=str(ROOT / "Benchmarks/out/noop.json"))
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    if not os.access(binary, os.X_OK):
        sys.exit(f"there is no binary at {binary}; run 'make build'")
    dvc = find_dvc(options.dvc)

    with tempfile.TemporaryDirectory(prefix="mlflowctl-bench-") as temporary:
        folder = pathlib.Path(temporary)
        env = dict(os.environ, HOME=temporary, DVC_NO_ANALYTICS="1", DVC_SITE_CACHE_DIR=f"{temporary}/dvc-site")

        unchanged = {"mlflowctl train": ([binary, "train", "workflows/penguins.yaml"], workspace(folder / "ours"), env)}
        if dvc:
            stages = chain(folder / "dvc", "dvc.yaml", DVC_YAML)
            # without git, which makes no difference to an unchanged repro (measured)
            subprocess.run([dvc, "init", "-q", "--no-scm"], cwd=stages, env=env, check=True)
            unchanged["dvc repro"] = ([dvc, "repro", "-q"], stages, env)
        if shutil.which("make"):
            unchanged["make"] = (["make", "-s"], chain(folder / "make", "Makefile", MAKEFILE), env)
        start_up = {"mlflowctl --version": ([binary, "--version"], folder, env), "true": (["true"], folder, env)}
        if dvc:
            start_up["dvc --version"] = ([dvc, "--version"], folder, env)

        load = wait_until_quiet()
        cold = {name: run_once(*contender) for name, contender in unchanged.items()}
        expect_nothing_ran(*unchanged["mlflowctl train"])
        report = {
            "machine": machine(),
            "load_before": round(load, 2),
            "rounds": options.rounds,
            "unchanged": alternate(unchanged, options.rounds),
            "start_up": alternate(start_up, options.rounds),
            "cold": {name: round(run["wall"], 4) for name, run in cold.items()},
        }

    print_table("nothing has changed", report["unchanged"], "mlflowctl train")
    print_table("start-up", report["start_up"], "mlflowctl --version")
    print("\ncold, once (seconds): " + ", ".join(f"{name} {wall}" for name, wall in report["cold"].items()))
    write_report(options.out, report)
    print(f"\nwritten to {os.path.relpath(options.out)}")


if __name__ == "__main__":
    main()

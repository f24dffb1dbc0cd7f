"""Measures commands against each other (standard library only).

Contenders run in turn, one after the other, round after round, in one process of this script, so that whatever else the machine
does falls on all of them alike. Each run is a child process of its own and records

    wall      seconds from before the fork to after the wait
    cpu       user + system seconds of the child and its descendants
    rss_mib   peak resident memory of the largest process of the run; never below that of this script (about 15 MiB), which
              the child is for a moment before it becomes the program
    foreign   mean number of cores that others kept busy meanwhile (from /proc/stat); 0 is a quiet machine

What counts is the median over the rounds and the ratio of two medians of the same session; a single run of a single command says little.
"""
import json
import os
import pathlib
import platform
import statistics
import subprocess
import time

HERTZ = os.sysconf("SC_CLK_TCK")
QUIET = 0.15  # cores


def busy_seconds():
    """Core-seconds that the whole machine has been busy since boot, stolen time included."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / HERTZ


def wait_until_quiet(limit=30.0, window=1.0):
    """Waits until others use less than QUIET cores, at most `limit` seconds. Returns the last load seen, in cores."""
    start = time.monotonic()
    while True:
        before, clock = busy_seconds(), time.monotonic()
        time.sleep(window)
        load = (busy_seconds() - before) / (time.monotonic() - clock)
        if load <= QUIET or time.monotonic() - start > limit:
            return load


def run_once(command, cwd, env):
    """Runs one command to its end; a failure ends the bench with what the command said."""
    before, clock = busy_seconds(), time.perf_counter()
    child = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - clock
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        again = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        raise SystemExit(f"'{' '.join(map(str, command))}' ended with {child.returncode}\n{again.stdout}{again.stderr}")
    cpu = usage.ru_utime + usage.ru_stime
    foreign = max(0.0, (busy_seconds() - before - cpu) / max(wall, 0.05))
    return {"wall": wall, "cpu": cpu, "rss_mib": usage.ru_maxrss / 1024, "foreign": foreign}


def alternate(contenders, rounds):
    """Runs `contenders` (name -> (command, cwd, env)) in turn, `rounds` times after one round that warms caches and does not count.

    Returns name -> medians, the minimum and all wall times, in seconds.
    """
    runs = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, (command, cwd, env) in contenders.items():
            run = run_once(command, cwd, env)
            if number > 0:
                runs[name].append(run)
    return {name: summary(runs[name]) for name in contenders}


def summary(runs):
    medians = {key: round(statistics.median(run[key] for run in runs), 5) for key in ("wall", "cpu", "rss_mib", "foreign")}
    walls = [round(run["wall"], 5) for run in runs]
    return {**medians, "wall_min": min(walls), "walls": walls}


def machine():
    """What the numbers were measured on."""
    with open("/proc/cpuinfo") as info:
        models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release()}


def write_report(path, report):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def print_table(title, results, ours):
    """One line a contender: median wall time, memory, and how many times ours."""
    print(f"\n{title}\n  {'':<34}{'median ms':>11}{'min ms':>9}{'MiB':>8}{'ratio':>9}")
    for name, result in results.items():
        ratio = result["wall"] / results[ours]["wall"]
        print(f"  {name:<34}{1e3 * result['wall']:>11.2f}{1e3 * result['wall_min']:>9.2f}{result['rss_mib']:>8.0f}{ratio:>9.2f}")
    load = max(result["foreign"] for result in results.values())
    if load > QUIET:
        print(f"  others kept {load:.1f} cores busy meanwhile: compare the ratios, not the times")

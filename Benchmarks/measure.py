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
import tempfile
import threading
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


class CommandFailed(SystemExit):
    """A measured command that failed; uncaught it ends the bench with what the command said."""


class PeakAnonymous(threading.Thread):
    """Samples the anonymous resident memory of a process: what it has allocated, without the files that it maps."""

    def __init__(self, pid, interval=0.004):
        super().__init__(daemon=True)
        self.status, self.interval, self.kib = f"/proc/{pid}/status", interval, 0
        self.start()

    def run(self):
        while True:
            try:
                with open(self.status) as status:
                    lines = [line for line in status if line.startswith("RssAnon:")]
            except OSError:
                return
            if not lines:  # it has ended, and waits to be waited for
                return
            self.kib = max(self.kib, int(lines[0].split()[1]))
            time.sleep(self.interval)


def run_once(command, cwd=None, env=None, sample_memory=False):
    """Runs one command to its end. With `sample_memory` the run has `anonymous_mib` too; `output` is what it printed."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        before, clock = busy_seconds(), time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        sampler = PeakAnonymous(child.pid) if sample_memory else None
        try:
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:  # stopped: nothing runs on behind
            child.kill()
            child.wait()
            raise
        wall = time.perf_counter() - clock
        child.returncode = os.waitstatus_to_exitcode(status)
        said = []
        for stream in (output, errors):
            stream.seek(0)
            said.append(stream.read().decode(errors="replace"))
    if child.returncode != 0:
        raise CommandFailed(f"'{' '.join(map(str, command))}' ended with {child.returncode}\n{''.join(said)}")
    cpu = usage.ru_utime + usage.ru_stime
    foreign = max(0.0, (busy_seconds() - before - cpu) / max(wall, 0.05))
    run = {"wall": wall, "cpu": cpu, "rss_mib": usage.ru_maxrss / 1024, "foreign": foreign, "output": said[0]}
    if sampler:
        sampler.join()
        run["anonymous_mib"] = sampler.kib / 1024
    return run


def take_turns(contenders, rounds, warm_up=1, run=run_once, before_round=None):
    """Runs `contenders` (name -> arguments of `run`) in turn, `rounds` times after `warm_up` rounds that do not count.

    Returns name -> runs.
    """
    runs = {name: [] for name in contenders}
    for number in range(warm_up + rounds):
        if before_round:
            before_round()
        for name, contender in contenders.items():
            result = run(*contender)
            if number >= warm_up:
                runs[name].append(result)
    return runs


def alternate(contenders, rounds):
    """Runs `contenders` (name -> (command, cwd, env)) in turn, `rounds` times after one round that warms caches and does not count.

    Returns name -> medians, the minimum and all wall times, in seconds.
    """
    return {name: summary(runs) for name, runs in take_turns(contenders, rounds).items()}


def summary(runs):
    medians = {key: round(statistics.median(run[key] for run in runs), 5) for key in ("wall", "cpu", "rss_mib", "foreign")}
    walls = [round(run["wall"], 5) for run in runs]
    return {**medians, "wall_min": min(walls), "walls": walls}


def machine():
    """What the numbers were measured on."""
    with open("/proc/cpuinfo") as info:
        models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2 ** 30
    return {
        "cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(), "memory_gib": round(memory, 1),
        "system": system_name(), "kernel": platform.release()}


def system_name():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (AttributeError, KeyError, OSError):
        return platform.system()


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

"""Drift of 30,000 numbers from 40,000, on the numbers themselves: what profilesAreHeldAgainstEachOther in DriftTests.swift is held to.

Usage: drift_reference.py, with NumPy and SciPy.
"""

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance

GAMMA = np.uint64(0x9E3779B97F4A7C15)


def mixed(bits):
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def units(seed, count):
    """As unitInterval(rowHash(seed:row:)) in Sources/Statistics."""
    with np.errstate(over="ignore"):
        start = mixed(np.array(seed, np.uint64) + GAMMA)
        rows = np.arange(1, count + 1, dtype=np.uint64)
        return (mixed(start + rows * GAMMA) >> np.uint64(11)).astype(float) * 2.0**-53


def numbers(count, seed):
    return 0.0 + units(seed, count) + units(seed + 1, count) + units(seed + 2, count)


old = numbers(40_000, 1)
new = numbers(30_000, 11) * 1.1 + 0.05
edges = np.quantile(old, np.arange(1, 10) / 10)
p = np.bincount(np.searchsorted(edges, old), minlength=10) / len(old)
q = np.bincount(np.searchsorted(edges, new), minlength=10) / len(new)
print("ks", ks_2samp(old, new).statistic)
print("wasserstein", wasserstein_distance(old, new) / old.std())
print("psi", float(np.sum((q - p) * np.log(q / p))))
print("jensen_shannon", jensenshannon(p, q, base=2))

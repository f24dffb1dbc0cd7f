"""Makes distributions_reference.json beside it. Needs mpmath and scipy; run it in this folder.

Tails in mpmath's 50-digit arithmetic, of the doubles written: the incomplete beta function by its series of positive terms, the gamma
function by mpmath's own; all checked against scipy, to 1e-7 where its tails are coarse. Quantiles are the roots of those tails.
"""
import json
import random

from mpmath import mp, mpf
from scipy import stats

mp.dps = 50
random.seed(7)


def beta_lower(a, b, x):
    """I_x(a, b) by the series of positive terms 26.5.4 of Abramowitz and Stegun, on the side of the smaller tail."""
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_lower(b, a, 1 - x)
    term = mp.exp(a * mp.log(x) + b * mp.log(1 - x) + mp.loggamma(a + b) - mp.loggamma(a + 1) - mp.loggamma(b))
    total, k = term, 0
    while term > total * mpf(10) ** -40:
        term *= x * (a + b + k) / (a + 1 + k)
        total += term
        k += 1
    return total


def t_two(t, nu):
    t, nu = mpf(t), mpf(nu)
    return beta_lower(nu / 2, mpf(1) / 2, nu / (nu + t * t))


def f_upper(f, a, b):
    f, a, b = mpf(f), mpf(a), mpf(b)
    return beta_lower(b / 2, a / 2, b / (b + a * f))


def chi_upper(x, k):
    return mp.gammainc(mpf(k) / 2, mpf(x) / 2, mp.inf, regularized=True)


def chi_lower(x, k):
    return mp.gammainc(mpf(k) / 2, 0, mpf(x) / 2, regularized=True)


def row(*values):
    return [float(v) for v in values]


def root(function, guess):
    """Where `function` is 1, by secants of its logarithm from scipy's root."""
    low, high = mpf(guess) * (1 - mpf(10) ** -6), mpf(guess) * (1 + mpf(10) ** -6)
    at_low, at_high = mp.log(function(low)), mp.log(function(high))
    for _ in range(30):
        step = at_high * (high - low) / (at_high - at_low)
        low, at_low, high = high, at_high, high - step
        if abs(step) < abs(high) * mpf(10) ** -25:
            return high
        at_high = mp.log(function(high))
    raise AssertionError(guess)


out = {"t": [], "f": [], "chi": [], "t_quantile": [], "f_quantile": [], "chi_quantile": [], "log_gamma": []}
for nu in [0.5, 1, 1.5, 2, 3, 7, 10, 29.5, 100, 1e3, 1e4]:
    for t in [1e-8, 0.01, 0.3, 1, 1.7, 2, 3, 6.5, 12, 37, 400, 1e5, 1e20]:
        p = t_two(t, nu)
        if p > mpf(10) ** -305:
            out["t"].append(row(t, nu, p))
for nu, t in [(1e4, 38.0), (60, 1e5), (300, 130.0), (25, 1e11)]:
    out["t"].append(row(t, nu, t_two(t, nu)))
for a in [1, 2, 3.5, 10, 101, 1e3]:
    for b in [1, 4, 11.5, 100, 1e3]:
        for f in [1e-4, 0.2, 0.9, 1, 1.1, 2, 5, 60, 1e4]:
            p = f_upper(f, a, b)
            if p > mpf(10) ** -305:
                out["f"].append(row(f, a, b, p))
for k in [0.5, 1, 2, 3, 10, 55.5, 100, 1e3, 1e5]:
    for ratio in [1e-6, 0.01, 0.5, 0.9, 0.99, 1, 1.01, 1.2, 3, 20, 500]:
        upper, lower = chi_upper(ratio * k, k), chi_lower(ratio * k, k)
        if min(upper, lower) > mpf(10) ** -305:
            out["chi"].append(row(ratio * k, k, lower, upper))
for nu in [1, 2, 5, 9, 30, 1000]:
    for p in [0.5, 0.1, 0.05, 0.01, 1e-6, 1e-100]:
        guess = mpf(stats.t.isf(p / 2, nu))
        # Start from scipy's root where it has one.
        if not mp.isfinite(guess) or guess == 0:
            continue
        out["t_quantile"].append(row(p, nu, root(lambda v: t_two(v, nu) / mpf(p), guess)))
for a, b in [(1, 5), (4, 20), (12, 300), (100, 100)]:
    for p in [1e-4, 0.05, 0.5, 0.95, 0.999]:
        out["f_quantile"].append(row(p, a, b, root(lambda v: f_upper(v, a, b) / (1 - mpf(p)), mpf(stats.f.ppf(p, a, b)))))
for k in [1, 4, 30, 1000]:
    for p in [1e-4, 0.05, 0.5, 0.95, 0.999]:
        out["chi_quantile"].append(row(p, k, root(lambda v: chi_upper(v, k) / (1 - mpf(p)), mpf(stats.chi2.ppf(p, k)))))
for z in [1e-310, 1e-5, 0.25, 0.5, 1.5, 3, 4, 10, 21.7, 171, 1e4, 1e9, 1e200]:
    out["log_gamma"].append(row(z, mp.loggamma(mpf(z))))
for t, nu, p in out["t"]:
    if 1e-250 < p and nu < 1e6:
        assert abs(2 * stats.t.sf(t, nu) / p - 1) < 1e-7, (t, nu, p)
for f, a, b, p in out["f"]:
    if 1e-250 < p:
        assert abs(stats.f.sf(f, a, b) / p - 1) < 1e-7, (f, a, b, p, stats.f.sf(f, a, b))
for x, k, lower, upper in out["chi"]:
    assert abs(stats.chi2.sf(x, k) / upper - 1) < 1e-8 and abs(stats.chi2.cdf(x, k) / lower - 1) < 1e-8, (x, k)
with open("distributions_reference.json", "w") as file:
    file.write("{\n" + ",\n".join(
        f' "{name}": [\n' + ",\n".join("  " + json.dumps(r) for r in rows) + "\n ]" for name, rows in out.items()) + "\n}\n")
print({name: len(rows) for name, rows in out.items()})

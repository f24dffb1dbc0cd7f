"""Holds 200 random problems of each objective against scikit-learn: how far above the better of both minima each side ends, relative.

    python3 Benchmarks/random_family.py .build/release/LearningBench [SEEDS [OBJECTIVE ...]]

Rows and columns (up to 20 times as many columns as rows), correlation, units (1e-6 to 1e6), zeros, weights, intercept and penalties vary.
scikit-learn gets the columns in units of their deviation where the penalty allows, and its tightest tolerances; values are computed here
for both sides, in long double. Exits with 1 where ours exceeds the peer's by more than 1e-9.
"""
import json
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, PoissonRegressor, Ridge

L = np.longdouble
warnings.filterwarnings("ignore")


def problem(objective, seed):
    r = np.random.default_rng([seed, ["linear", "logistic", "poisson", "multinomial"].index(objective)])
    shape = r.integers(4)
    n, p = [(r.integers(100, 2000), r.integers(1, 30)), (r.integers(60, 150), r.integers(10, 50)), (r.integers(20, 60), r.integers(60, 120)),
            (r.integers(15, 40), r.integers(150, 500))][shape]
    if objective == "multinomial":
        p = min(p, 150)
    share = r.choice([0, 0.5, 0.9, 0.99])
    x = np.sqrt(share) * r.normal(size=(n, 1)) + np.sqrt(1 - share) * r.normal(size=(n, p)) + 3 * (r.random(p) < 0.2)
    if r.integers(4) == 0:
        x *= r.random((n, p)) < 0.3
    classes = int(r.integers(3, 6)) if objective == "multinomial" else 1
    w = r.normal(size=(p, classes)) * (np.argsort(r.random((p, classes)), axis=0) < min(p, 6)) / np.sqrt(min(p, 6))
    s = x @ w
    s -= s.mean(0)
    if objective == "linear":
        y = (s[:, 0] + r.normal(size=n) / 2) * 10.0 ** r.uniform(-3, 3) + r.integers(2) * 100
    elif objective == "logistic":
        y = (r.random(n) < 1 / (1 + np.exp(-s[:, 0]))).astype(float)
        y[:4] = [0, 1, 0, 1]
    elif objective == "poisson":
        y = r.poisson(np.exp(np.minimum(s[:, 0], 3))).astype(float)
        y[0] += 1
    else:
        y = np.argmax(s + r.gumbel(size=s.shape), 1).astype(float)
        y[:2 * classes] = np.tile(np.arange(classes), 2)
    unit = [np.ones(p), np.full(p, 10.0 ** r.uniform(-6, 6)), 10.0 ** r.uniform(-6, 6, p)][r.integers(3)]
    weights = [None, r.uniform(0.2, 3, n), r.integers(1, 4, n).astype(float)][r.integers(3)]
    intercept = bool(r.integers(4))
    # What scikit-learn can do: no L1 for counts.
    mode = r.integers(4)
    centred = x - x.mean(0)
    if mode == 0 and (shape > 0 or share > 0.95) and objective != "linear":
        mode = 1
    if mode >= 2 and objective == "poisson":
        mode = 1
    if mode == 0 and p >= n:
        mode = 1
    x = x * unit
    centred = x - x.mean(0)
    targets = y[:, None] if classes == 1 else np.eye(classes)[y.astype(int)]
    largest = np.abs(centred.T @ (targets - targets.mean(0))).max() / n
    l2 = 10.0 ** r.uniform(-3, 1) * (centred ** 2).mean() if mode & 1 else 0.0
    l1 = 10.0 ** r.uniform(-2.5, 0) * largest if mode & 2 else 0.0
    return {"objective": objective, "classes": classes, "x": x, "y": y, "weights": weights, "intercept": intercept, "l1": float(l1),
            "l2": float(l2)}


def value(q, w, b):
    """Mean loss and penalty; w is columns × outputs."""
    w, b, y = w.astype(L), b.astype(L), q["y"]
    s = q["x"].astype(L) @ w + b
    if q["objective"] == "linear":
        loss = (s[:, 0] - y) ** 2 / 2
    elif q["objective"] == "logistic":
        m = np.where(y > 0.5, s[:, 0], -s[:, 0])
        loss = np.maximum(-m, 0) + np.log1p(np.exp(-np.abs(m)))
    elif q["objective"] == "poisson":
        loss = np.exp(s[:, 0]) - y * s[:, 0]
    else:
        top = s.max(1)
        loss = top + np.log(np.exp(s - top[:, None]).sum(1)) - s[np.arange(len(y)), y.astype(int)]
    v = np.ones(len(y), L) if q["weights"] is None else q["weights"].astype(L)
    return (v * loss).sum() / v.sum() + q["l2"] / L(2) * (w ** 2).sum() + q["l1"] * np.abs(w).sum()


def peers(q):
    """Coefficients and intercepts of whatever scikit-learn has for the problem."""
    x, y, l1, l2 = q["x"], q["y"], q["l1"], q["l2"]
    v = np.ones(len(y)) if q["weights"] is None else q["weights"]
    total = v.sum()
    # One unit for all columns, so that tolerances and intercepts mean something; the penalty follows.
    unit = np.sqrt((x ** 2).mean())
    x, l1, l2 = x / unit, l1 / unit, l2 / unit ** 2
    if q["objective"] == "linear":
        size = y.std()
        y, l1 = y / size, l1 / size
    a, ratio = l1 + l2, l1 / (l1 + l2) if l1 + l2 else 0.0
    c = 1 / (total * a) if a else np.inf
    models = []
    common = {"fit_intercept": q["intercept"]}
    if q["objective"] == "linear":
        if a == 0:
            models.append(LinearRegression(**common))
        elif l1 == 0:
            models += [Ridge(alpha=l2 * total, solver=s, tol=1e-14, **common) for s in ["cholesky", "svd", "lsqr"]]
        else:
            models.append(ElasticNet(alpha=a, l1_ratio=ratio, tol=1e-14, max_iter=200_000, **common))
    elif q["objective"] == "poisson":
        models += [PoissonRegressor(alpha=l2, solver=s, tol=1e-12, max_iter=20_000, **common) for s in ["lbfgs", "newton-cholesky"]]
    elif l1 == 0:
        models += [LogisticRegression(C=c, solver=s, tol=1e-12, max_iter=20_000, **common) for s in ["lbfgs", "newton-cholesky", "newton-cg"]]
    else:
        models.append(LogisticRegression(C=c, l1_ratio=ratio, solver="saga", tol=1e-10, max_iter=500, random_state=0, **common))
    out = []
    for model in models:
        model.fit(x, y, sample_weight=v)
        w, b = np.atleast_2d(model.coef_).T / unit, np.ravel(model.intercept_) * np.ones(q["classes"])
        if q["objective"] == "linear":
            w, b = w * size, b * size
        out.append((f"{type(model).__name__} {getattr(model, 'solver', '')}", w, b))
    return out


def main():
    tool, seeds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
    objectives = sys.argv[3:] or ["linear", "logistic", "poisson", "multinomial"]
    problems = [(o, s, problem(o, s)) for o in objectives for s in range(seeds)]
    with tempfile.TemporaryDirectory() as folder:
        index = []
        for place, (_, _, q) in enumerate(problems):
            columns = [q["x"]] + ([q["weights"][:, None]] if q["weights"] is not None else []) + [q["y"][:, None]]
            np.save(f"{folder}/{place}.npy", np.hstack(columns))
            index.append({"file": f"{place}.npy", "weights": q["weights"] is not None, "offsets": False}
                         | {k: q[k] for k in ["objective", "classes", "l1", "l2", "intercept"]})
        with open(f"{folder}/problems.json", "w") as file:
            json.dump(index, file)
        lines = subprocess.run([tool, "family", folder], capture_output=True, text=True, check=True).stdout.splitlines()
    worst = {}
    for (objective, seed, q), line in zip(problems, lines, strict=True):
        ours = json.loads(line)
        w = np.array(ours["coefficients"]).reshape(q["classes"], -1).T
        own = value(q, w, np.array(ours["intercepts"]))
        null = value(q, 0 * w, 0 * np.array(ours["intercepts"]))
        found = {name: value(q, w, b) for name, w, b in peers(q)}
        name, best = min(found.items(), key=lambda item: item[1])
        # Relative to the value, or to what there was to gain where values cancel.
        size = max(abs(own), abs(best)) if objective != "poisson" else max(abs(own), abs(best), null - own)
        excess = float((own - best) / size)
        entry = worst.setdefault(objective, {"excess": -1.0, "not converged": [], "peer worse by 1e-9": 0, "slowest": (0, 0)})
        if excess > entry["excess"]:
            entry.update(excess=excess, seed=seed, peer=name, shape=q["x"].shape, l1=q["l1"], l2=q["l2"])
        entry["peer worse by 1e-9"] += int(-excess > 1e-9)
        entry["slowest"] = max(entry["slowest"], (round(ours["seconds"], 3), seed))
        if not ours["converged"]:
            entry["not converged"].append((seed, ours["gap"], ours["gradient_norm"], ours["solver"], q["x"].shape))
    for objective, entry in worst.items():
        print(objective, json.dumps(entry, default=str))
    sys.exit(any(entry["excess"] > 1e-9 for entry in worst.values()))


main()

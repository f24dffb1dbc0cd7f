"""Writes calibration_reference.json: scores of made-up classifiers, and how scikit-learn calibrates them.

Made with scikit-learn 1.9.1, SciPy and NumPy:  python calibration_reference.py > calibration_reference.json

`sigmoid` is Platt's scaling as in scikit-learn's `CalibratedClassifierCV(method="sigmoid")`: that minimiser stops early, so
its answer is checked here to 1e-4 and then polished with SciPy to the minimum of the same function. `isotonic` is
`IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")`, as in `CalibratedClassifierCV(method="isotonic")`. Of more than
two classes each is calibrated against the rest, on the log odds of its softmax probability, and probabilities are divided by
their sum, as that class does.
"""

import json

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

rng = np.random.default_rng(20240613)


def platt(f, y, w):
    theirs = _SigmoidCalibration().fit(f, y, sample_weight=w)
    weights = np.ones(len(f)) if w is None else w
    positives, negatives = weights[y == 1].sum(), weights[y == 0].sum()
    t = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(ab):
        z = ab[0] * f + ab[1]
        return (weights * (np.logaddexp(0, z) - t * z)).sum()

    def gradient(ab):
        e = weights * (expit(ab[0] * f + ab[1]) - t)
        return np.array([(e * f).sum(), e.sum()])

    def hessian(ab):
        p = expit(ab[0] * f + ab[1])
        v = weights * p * (1 - p)
        return np.array([[(v * f * f).sum(), (v * f).sum()], [(v * f).sum(), v.sum()]])

    start = np.array([-theirs.a_, -theirs.b_])
    best = start
    for _ in range(20):
        best = best - np.linalg.solve(hessian(best), gradient(best))
    assert np.abs(gradient(best)).max() < 1e-10 and np.abs(best - start).max() < 1e-3, (start, best)
    return [float(best[0]), float(best[1])]


def binary(rows, w=None):
    f = np.round(rng.normal(0, 2, rows), 1)
    y = (rng.random(rows) < expit(0.5 * f - 0.3)).astype(int)
    new = np.concatenate([np.linspace(f.min() - 1, f.max() + 1, 25), f[:10]])
    slope, intercept = platt(f, y, w)
    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(f, y, sample_weight=w)
    return {
        "scores": f.tolist(),
        "targets": y.tolist(),
        "weights": None if w is None else w.tolist(),
        "new": new.tolist(),
        "slope": slope,
        "intercept": intercept,
        "sigmoid": expit(slope * new + intercept).tolist(),
        "isotonic": isotonic.predict(new).tolist(),
    }


def multinomial(rows, classes):
    s = rng.normal(0, 2, (rows, classes))
    p = np.exp(s - logsumexp(s, axis=1, keepdims=True)) ** 0.6
    y = np.array([rng.choice(classes, p=q / q.sum()) for q in p])
    odds = np.column_stack(
        [s[:, k] - logsumexp(np.delete(s, k, axis=1), axis=1) for k in range(classes)]
    )
    out = {"sigmoid": [], "isotonic": []}
    for k in range(classes):
        slope, intercept = platt(odds[:, k], (y == k).astype(int), None)
        out["sigmoid"].append(expit(slope * odds[:, k] + intercept))
        isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(odds[:, k], (y == k).astype(int))
        out["isotonic"].append(isotonic.predict(odds[:, k]))
    answers = {}
    for method, columns in out.items():
        q = np.column_stack(columns)
        total = q.sum(axis=1, keepdims=True)
        answers[method] = np.where(total == 0, 1 / classes, q / np.where(total == 0, 1, total)).ravel().tolist()
    return {"scores": s.T.ravel().tolist(), "targets": y.tolist(), **answers}


print(
    json.dumps(
        {
            "binary": binary(200),
            "binary_weighted": binary(150, np.round(rng.gamma(2, 1, 150), 1)),
            "multinomial": multinomial(160, 3),
        },
        indent=1,
    )
)

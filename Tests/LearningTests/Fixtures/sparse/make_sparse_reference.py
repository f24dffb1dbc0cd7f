"""Writes rows.svm-like JSON and what scikit-learn and LIBLINEAR make of it.

    python make_sparse_reference.py          (numpy, scipy, scikit-learn, liblinear-official)

300 rows x 200 columns, about 8 entries a row, the first columns in most rows, as in text. Objectives are ours:
mean loss + l2/2 |w|^2 + l1 |w|_1. The smooth references are polished by Newton's method in extended precision, so that
they are right to the last digits whatever the tolerance of the peer.
"""
import json
import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression, PoissonRegressor, ElasticNet
from liblinear.liblinear import problem, parameter
from liblinear.liblinearutil import train

rng = np.random.default_rng(5)
n, p = 300, 200
rows = []
for i in range(n):
    k = 1 + rng.poisson(8)
    c = np.unique(np.minimum(p - 1, (rng.pareto(0.7, k) * 1.5).astype(int)))
    rows.append((c, np.round(rng.gamma(2, 0.5, len(c)), 3)))
X = np.zeros((n, p))
for i, (c, v) in enumerate(rows):
    X[i, c] = v
w = np.where(rng.random(p) < 0.2, rng.normal(0, 1.5, p), 0)
s = X @ w - 0.3
y = (rng.random(n) < 1 / (1 + np.exp(-s))).astype(int)
counts = rng.poisson(np.exp(np.clip(0.3 * s, -3, 3)))
number = np.round(s + rng.normal(0, 0.5, n), 3)
classes = np.argmax(np.c_[s, -s, 0.5 * s + 0.3] + rng.gumbel(size=(n, 3)), 1)
weights = np.round(rng.random(n) * 3, 2)
weights[::17] = 0

out = {"rows": [[[int(j) for j in c], [float(x) for x in v]] for c, v in rows], "columns": p,
       "labels": y.tolist(), "counts": counts.tolist(), "numbers": number.tolist(), "classes": classes.tolist(),
       "weights": weights.tolist(), "fits": {}}

A = np.c_[X, np.ones(n)].astype(np.longdouble)


def polish(kind, t, l2, v, intercept=True):
    """Newton's method on the smooth objective, in extended precision gradients."""
    B = A if intercept else A[:, :-1]
    d = B.shape[1]
    v = v / v.sum()
    reg = np.full(d, l2)
    if intercept:
        reg[-1] = 0
    b = np.zeros(d, np.longdouble)
    for _ in range(100):
        z = B @ b
        if kind == "logistic":
            m = 1 / (1 + np.exp(-z)); h = m * (1 - m)
            f = (v * (np.logaddexp(0, z) - t * z)).sum()
        elif kind == "poisson":
            m = np.exp(z); h = m
            f = (v * (m - t * z)).sum()
        else:
            m = z; h = np.ones(n)
            f = (v * (z - t) ** 2 / 2).sum()
        g = B.T @ (v * (m - t)) + reg * b
        H = (B.T * (v * h)) @ B + np.diag(reg)
        step = np.linalg.solve(H.astype(float), g.astype(float))
        a = 1.0
        if kind == "poisson":
            a = min(1.0, 2 / max(1e-9, np.abs(B @ step).max()))
        b = b - a * step
    f += (reg * b * b).sum() / 2
    return {"coefficients": [float(x) for x in b[:p]], "intercept": float(b[-1]) if intercept else 0.0,
            "value": float(f)}


one = np.ones(n)
out["fits"]["logistic"] = dict(polish("logistic", y, 0.01, one), l2=0.01)
out["fits"]["weighted"] = dict(polish("logistic", y, 0.01, weights), l2=0.01)
out["fits"]["poisson"] = dict(polish("poisson", counts, 0.05, one), l2=0.05)
out["fits"]["linear"] = dict(polish("linear", number, 0.02, one), l2=0.02)

# The peers agree with the polished ones, which guards against a mistake in both.
m = LogisticRegression(C=1 / (n * 0.01), tol=1e-10, max_iter=10000).fit(X, y)
assert np.abs(m.coef_[0] - out["fits"]["logistic"]["coefficients"]).max() < 1e-4
m = PoissonRegressor(alpha=0.05, tol=1e-10, max_iter=10000).fit(X, counts)
assert np.abs(m.coef_ - out["fits"]["poisson"]["coefficients"]).max() < 1e-4

# LIBLINEAR's primal problem without an intercept, C = 1: l2 = 1/n.
m = train(problem(y * 2 - 1, sp.csr_matrix(X)), parameter("-s 0 -c 1 -e 1e-10 -q"))
u = np.array(m.w[:p]) * (1 if m.label[0] == 1 else -1)
f = polish("logistic", y, 1 / n, one, intercept=False)
assert np.abs(u - f["coefficients"]).max() < 1e-5
out["fits"]["liblinear"] = dict(f, l2=1 / n)

# L1: LIBLINEAR -s 6 (no intercept), and scikit-learn's ElasticNet for squared loss; both to their limits.
m = train(problem(y * 2 - 1, sp.csr_matrix(X)), parameter("-s 6 -c 1 -e 1e-12 -q"))
u = np.array(m.w[:p]) * (1 if m.label[0] == 1 else -1)
z = X @ u
out["fits"]["l1"] = {"l1": 1 / n, "coefficients": u.tolist(), "intercept": 0.0,
                     "value": float((np.logaddexp(0, z) - y * z).mean() + np.abs(u).sum() / n)}
m = ElasticNet(alpha=0.1, l1_ratio=0.7, tol=1e-14, max_iter=1000000).fit(X, number)
r = number - m.predict(X)
out["fits"]["elastic"] = {"l1": 0.07, "l2": 0.03, "coefficients": m.coef_.tolist(), "intercept": float(m.intercept_),
                          "value": float(r @ r / 2 / n + 0.07 * np.abs(m.coef_).sum() + 0.015 * m.coef_ @ m.coef_)}

# L1 on classes: scikit-learn's SAGA to its limits. Its loss is the sum, so C = 1 / (n * (l1 + l2)).
out["multinomial"] = {}
for name, l1, l2 in [("l1", 0.01, 0.0), ("elastic", 0.007, 0.003)]:
    m = LogisticRegression(C=1 / (n * (l1 + l2)), l1_ratio=l1 / (l1 + l2), solver="saga", tol=1e-12,
                           max_iter=1000000).fit(X, classes)
    z = X @ m.coef_.T + m.intercept_
    loss = (np.log(np.exp(z - z.max(1, keepdims=True)).sum(1)) + z.max(1) - z[np.arange(n), classes]).mean()
    value = loss + l1 * np.abs(m.coef_).sum() + l2 / 2 * (m.coef_ ** 2).sum()
    out["multinomial"][name] = {"l1": l1, "l2": l2, "coefficients": m.coef_.ravel().tolist(), "value": float(value)}
json.dump(out, open("sparse.json", "w"), separators=(",", ":"))

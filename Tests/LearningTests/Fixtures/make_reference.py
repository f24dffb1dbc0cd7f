"""Makes the data sets and reference numbers of the tests beside it. Needs scikit-learn, numpy, scipy, statsmodels.

Least squares come from numpy.linalg.lstsq on the augmented rows, classifiers from Newton's method in numpy to a gradient of
rounding size, each checked here against scikit-learn at the same penalty. The columns of the classifiers are standardised
(deviation with divisor n); l2 is the penalty per row: alpha = n * l2, C = 1 / (n * l2).
"""
import json
import numpy as np
from scipy.stats import norm
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

out = {}


def save(name, x, y):
    with open(f"{name}.csv", "w") as file:
        for row in np.column_stack([x, y]):
            file.write(",".join(repr(float(value)).removesuffix(".0") for value in row) + "\n")


def least_squares(x, y, l2):
    n, p = x.shape
    mean = x.mean(0)
    a = np.vstack([x - mean, np.sqrt(n * l2) * np.eye(p)])
    w = np.linalg.lstsq(a, np.concatenate([y - y.mean(), np.zeros(p)]), rcond=None)[0]
    return w, y.mean() - mean @ w


def logistic(x, y, l2):
    n, p = x.shape
    a = np.column_stack([x, np.ones(n)])
    d = np.append(np.full(p, l2), 0)
    t = np.zeros(p + 1)
    for _ in range(60):
        q = 1 / (1 + np.exp(-a @ t))
        g = a.T @ (q - y) / n + d * t
        h = (a * (q * (1 - q))[:, None]).T @ a / n + np.diag(d)
        t = t - np.linalg.solve(h, g)
    assert abs(g).max() < 1e-14, abs(g).max()
    z = a @ t
    value = np.mean(np.logaddexp(0, z) - y * z) + (d * t * t).sum() / 2
    return t[:p], t[p], value


def multinomial(x, y, l2, classes):
    n, p = x.shape
    a = np.column_stack([x, np.ones(n)])
    d = np.append(np.full(p, l2), 0)
    one = np.eye(classes)[y.astype(int)]
    t = np.zeros((classes, p + 1))
    for _ in range(60):
        s = a @ t.T
        s = s - s.max(1, keepdims=True)
        q = np.exp(s) / np.exp(s).sum(1, keepdims=True)
        g = ((q - one).T @ a / n + d * t).ravel()
        h = np.zeros((classes * (p + 1), classes * (p + 1)))
        for k in range(classes):
            for l in range(classes):
                w = q[:, k] * ((k == l) - q[:, l])
                h[k * (p + 1):(k + 1) * (p + 1), l * (p + 1):(l + 1) * (p + 1)] = (a * w[:, None]).T @ a / n
        h += np.diag(np.tile(d, classes))
        t = t - np.linalg.lstsq(h, g, rcond=1e-13)[0].reshape(t.shape)
    assert abs(g).max() < 1e-14, abs(g).max()
    t = t - t.mean(0)
    s = a @ t.T
    value = np.mean(np.log(np.exp(s).sum(1)) - s[np.arange(n), y.astype(int)]) + l2 / 2 * (t[:, :p] ** 2).sum()
    return t[:, :p], t[:, p], value


def standardised(x):
    return (x - x.mean(0)) / x.std(0)


x, y = load_diabetes(return_X_y=True, scaled=False)
save("diabetes", x, y)
n = len(y)
for name, l2 in [("ols", 0.0), ("ridge", 0.5)]:
    w, b = least_squares(x, y, l2)
    peer = (Ridge(alpha=n * l2, solver="svd") if l2 else LinearRegression()).fit(x, y)
    assert np.allclose(peer.coef_, w, rtol=1e-9) and np.isclose(peer.intercept_, b, rtol=1e-9)
    value = np.mean((y - x @ w - b) ** 2) / 2 + l2 / 2 * w @ w
    out[f"diabetes_{name}"] = {"l2": l2, "coefficients": list(w), "intercepts": [b], "value": value}
w = np.linalg.lstsq(x, y, rcond=None)[0]
out["diabetes_without_intercept"] = {"l2": 0.0, "coefficients": list(w), "intercepts": [0.0],
                                     "value": np.mean((y - x @ w) ** 2) / 2}

x, y = load_breast_cancer(return_X_y=True)
save("breast_cancer", x, y)
n = len(y)
z = standardised(x)
w, b, value = logistic(z, y, 0.01)
peer = LogisticRegression(C=1 / (n * 0.01), tol=1e-12, solver="newton-cholesky").fit(z, y)
assert np.allclose(peer.coef_[0], w, atol=1e-7) and np.isclose(peer.intercept_[0], b, atol=1e-7)
out["breast_cancer_logistic"] = {"l2": 0.01, "coefficients": list(w), "intercepts": [b], "value": value}
w, b, value = logistic(z[:, :5], y, 0.0)
out["breast_cancer_unpenalised"] = {"l2": 0.0, "coefficients": list(w), "intercepts": [b], "value": value}

x, y = load_wine(return_X_y=True)
save("wine", x, y)
n = len(y)
z = standardised(x)
w, b, value = multinomial(z, y, 0.01, 3)
peer = LogisticRegression(C=1 / (n * 0.01), tol=1e-10, max_iter=10000).fit(z, y)
assert np.allclose(peer.coef_, w, atol=1e-6) and np.allclose(peer.intercept_, b, atol=1e-6)
out["wine_multinomial"] = {"l2": 0.01, "coefficients": list(w.ravel()), "intercepts": list(b), "value": value}
w, b, value = multinomial(z[:, 1:3], y, 0.0, 3)
out["wine_unpenalised"] = {"l2": 0.0, "coefficients": list(w.ravel()), "intercepts": list(b), "value": value}

# More columns than rows: 40 rows of breast cancer with all products of pairs of columns.
x, y = load_breast_cancer(return_X_y=True)
z = standardised(x)[:40]
pairs = np.column_stack([z[:, i] * z[:, j] for i in range(10) for j in range(i, 10)])
wide = np.column_stack([z, pairs])
target = z[:, 0] + 2 * y[:40]
save("wide", wide, target)
save("wide_classes", wide, y[:40])
w, b = least_squares(wide, target, 0.1)
out["wide_ridge"] = {"l2": 0.1, "coefficients": list(w), "intercepts": [b],
                     "value": np.mean((target - wide @ w - b) ** 2) / 2 + 0.05 * w @ w}
w, b = least_squares(wide, target, 0.0)
out["wide_minimum_norm"] = {"l2": 0.0, "coefficients": list(w), "intercepts": [b], "value": 0.0}
w, b, value = logistic(wide, y[:40], 0.05)
out["wide_logistic"] = {"l2": 0.05, "coefficients": list(w), "intercepts": [b], "value": value}

# Two columns and their sum: numpy's solution of least norm.
x = load_diabetes(return_X_y=True, scaled=False)[0][:, 2:4]
y = load_diabetes(return_X_y=True)[1]
x = np.column_stack([x, x.sum(1)])
w, b = least_squares(x, y, 0.0)
out["collinear"] = {"l2": 0.0, "coefficients": list(w), "intercepts": [b],
                    "value": np.mean((y - x @ w - b) ** 2) / 2}

with open("reference.json", "w") as file:
    json.dump(out, file, indent=1)

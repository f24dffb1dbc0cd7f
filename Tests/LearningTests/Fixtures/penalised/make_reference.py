"""Makes the data sets beside it and reference.json. Needs numpy, scipy, scikit-learn, statsmodels, celer, vega_datasets and the files of
scikit-survival and of palmerpenguins (pip install --no-deps for both); run it in this folder.

Each problem is solved by several peers at their tightest tolerance. From the best of them Newton's method goes on in long double with the
signs of the coefficients held, until every optimality condition holds to 1e-15 of the scale of the gradient; the value is of that point
and not above any peer's. `excess` says by how much each peer's answer is above it.
"""
import csv
import importlib.util
import json
import os
import warnings
import numpy as np
from celer import ElasticNet as CelerElasticNet, Lasso as CelerLasso
from scipy.io import arff
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_linnerud, load_wine
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, PoissonRegressor
from statsmodels import datasets
from vega_datasets import data as vega

warnings.filterwarnings("ignore")
L = np.longdouble
data, out = {}, {}


def save(name, objective, x, y, limit=1500):
    """Columns that do not vary are dropped, rows after the limit too."""
    x, y = np.asarray(x, float)[:limit], np.asarray(y, float)[:limit]
    x = x[:, x.std(0) > 0]
    assert np.isfinite(x).all() and np.isfinite(y).all(), name
    with open(f"{name}.csv", "w") as file:
        for row in np.column_stack([x, y]):
            file.write(",".join(repr(float(value)).removesuffix(".0") for value in row) + "\n")
    data[name] = (objective, x, y)


def columns(frame, names):
    return frame[names.split()].to_numpy(float)


def losses(objective, s, y):
    """Mean loss, its derivative and second derivative by the score, per row and without the 1 / n."""
    if objective == "linear":
        return (y - s) ** 2 / 2, s - y, np.ones_like(s)
    if objective == "logistic":
        q = 1 / (1 + np.exp(-s))
        return np.logaddexp(L(0), s) - y * s, q - y, q * (1 - q)
    mu = np.exp(s)
    return mu - y * s, mu - y, mu


def value(objective, z, y, w, b, l1, l2):
    w = np.asarray(w, L)
    return losses(objective, z @ w + L(b), y)[0].mean() + L(l2) / 2 * (w * w).sum() + L(l1) * abs(w).sum()


def polish(objective, z, y, w, b, l1, l2):
    n, p = z.shape
    w, b = np.array(w, L), L(b)
    l1, l2 = L(l1), L(l2)
    sign = np.sign(w) if l1 else np.ones(p, L)
    for _ in range(500):
        _, d, h = losses(objective, z @ w + b, y)
        gradient = z.T @ d / n + l2 * w
        active = sign != 0
        scale = np.abs(z.T @ y / n).max() + 1
        residual = np.append(gradient[active] + (l1 * sign[active] if l1 else 0), d.mean())
        if abs(residual).max() <= L("1e-15") * scale:
            outside = np.where(~active & (abs(gradient) > l1))[0]
            if len(outside) == 0:
                return w, b, max(abs(residual).max(), (abs(gradient[~active]) - l1).max(initial=L(0)))
            j = outside[np.argmax(abs(gradient[outside]))]
            sign[j] = -np.sign(gradient[j])
            continue
        a = np.column_stack([z[:, active], np.ones(n, L)]).astype(float)
        penalty = np.append(np.full(active.sum(), float(l2)), 0)
        hessian = (a * h.astype(float)[:, None]).T @ a / n + np.diag(penalty)
        step = np.zeros(p, L)
        solution = np.linalg.solve(hessian, residual.astype(float))
        step[active], step_b = solution[:-1], L(solution[-1])
        before = value(objective, z, y, w, b, l1, l2)
        t = L(1)
        while t > 1e-3 and value(objective, z, y, w - t * step, b - t * step_b, l1, l2) > before + L("1e-16") * abs(before):
            t /= 2
        w, b = w - t * step, b - t * step_b
        if l1:
            crossed = active & (np.sign(w) == -sign)
            w[crossed] = 0
            sign[crossed] = 0
    raise AssertionError("not converged")


def peers(objective, z, y, l1, l2):
    """Name → coefficients and intercept."""
    n = len(y)
    z = z.astype(float)
    found = {}
    if objective == "linear":
        if l2 == 0:
            found["scikit-learn Lasso"] = Lasso(alpha=l1, tol=1e-14, max_iter=1_000_000).fit(z, y)
            found["celer Lasso"] = CelerLasso(alpha=l1, tol=1e-14, max_iter=1000).fit(z, y)
        else:
            a, r = l1 + l2, l1 / (l1 + l2)
            found["scikit-learn ElasticNet"] = ElasticNet(alpha=a, l1_ratio=r, tol=1e-14, max_iter=1_000_000).fit(z, y)
            found["celer ElasticNet"] = CelerElasticNet(alpha=a, l1_ratio=r, tol=1e-14, max_iter=1000).fit(z, y)
    elif objective == "logistic":
        c, r = 1 / (n * (l1 + l2)), l1 / (l1 + l2)
        found["scikit-learn saga"] = LogisticRegression(C=c, l1_ratio=r, solver="saga", tol=1e-12, max_iter=20_000, random_state=0)
        if r == 0:
            found["scikit-learn lbfgs"] = LogisticRegression(C=c, tol=1e-12, max_iter=100_000)
            found["scikit-learn newton-cholesky"] = LogisticRegression(C=c, tol=1e-12, solver="newton-cholesky", max_iter=1000)
        if r in (0, 1):
            # LIBLINEAR penalises the intercept too: with a large constant column hardly so.
            found["LIBLINEAR"] = LogisticRegression(C=c, l1_ratio=r, solver="liblinear", tol=1e-12, max_iter=2000, intercept_scaling=100,
                                                    random_state=0)
        for peer in found.values():
            peer.fit(z, y)
    else:
        for solver in ["lbfgs", "newton-cholesky"]:
            found[f"scikit-learn {solver}"] = PoissonRegressor(alpha=l2, solver=solver, tol=1e-12, max_iter=100_000).fit(z, y)
    return {name: (np.ravel(peer.coef_), float(np.ravel(peer.intercept_)[0])) for name, peer in found.items()}


def solve(name, label, l1, l2):
    objective, x, y = data[name]
    l1, l2 = float(f"{l1:.4g}"), float(f"{l2:.4g}")
    x = x.astype(L)
    z = (x - x.mean(0)) / np.sqrt(((x - x.mean(0)) ** 2).mean(0))
    values = {}
    answers = peers(objective, z, y, l1, l2)
    for peer, (w, b) in answers.items():
        values[peer] = value(objective, z, y, w, b, l1, l2)
    best = min(values, key=values.get)
    w, b, violation = polish(objective, z, y, *answers[best], l1, l2)
    # Settled at doubles: the value is that of the numbers written.
    w, b = w.astype(float), float(b)
    reached = value(objective, z, y, w, b, l1, l2)
    assert reached <= values[best] * (1 + np.sign(values[best]) * L("1e-15")), (name, label, reached, values[best])
    out[f"{name}_{label}"] = {"data": name, "objective": objective, "l1": l1, "l2": l2, "value": float(reached), "peer": best,
                              "excess": {peer: max(0.0, float(v - reached)) for peer, v in values.items()},
                              "violation": float(violation), "nonzero": int((w != 0).sum()), "coefficients": list(w), "intercept": b}
    print(f"{name}_{label}", z.shape, f"{float(reached):.12g}", f"nonzero {int((w != 0).sum())}", best,
          {peer: f"{float(v - reached):.0e}" for peer, v in values.items()}, flush=True)


def files_of(package):
    return os.path.dirname(importlib.util.find_spec(package).origin)


x, y = load_diabetes(return_X_y=True, scaled=False)
save("diabetes", "linear", x, y)
products = [x[:, i] * x[:, j] for i in range(10) for j in range(i, 10) if (i, j) != (1, 1)]
save("diabetes_products", "linear", np.column_stack([x] + products), y)
linnerud = load_linnerud()
save("linnerud", "linear", linnerud.data, linnerud.target[:, 0])
frame = datasets.longley.load_pandas().data
save("longley", "linear", columns(frame, "GNPDEFL GNP UNEMP ARMED POP YEAR"), frame.TOTEMP)
frame = datasets.macrodata.load_pandas().data
save("macrodata", "linear", columns(frame, "year realgdp realcons realinv realgovt realdpi cpi m1 tbilrate pop infl realint"), frame.unemp)
frame = datasets.statecrime.load_pandas().data
save("statecrime", "linear", columns(frame, "violent hs_grad poverty single white urban"), frame.murder)
frame = vega.cars().dropna()
x = np.column_stack([columns(frame, "Cylinders Displacement Horsepower Weight_in_lbs Acceleration"), frame.Year.dt.year,
                     frame.Origin == "Japan", frame.Origin == "USA"])
save("cars", "linear", x, frame.Miles_per_Gallon)
with open(os.path.join(files_of("palmerpenguins"), "data", "penguins.csv")) as file:
    rows = [r for r in csv.DictReader(file) if "NA" not in r.values() and "" not in r.values()]
x = [[float(r["bill_length_mm"]), float(r["bill_depth_mm"]), float(r["flipper_length_mm"]), float(r["year"]), r["sex"] == "male",
      r["species"] == "Chinstrap", r["species"] == "Gentoo", r["island"] == "Dream", r["island"] == "Torgersen"] for r in rows]
save("penguins", "linear", x, [float(r["body_mass_g"]) for r in rows])
x, y = load_wine(return_X_y=True)
save("wine_proline", "linear", x[:, :12], x[:, 12])
save("wine_grignolino", "logistic", x, y == 1)
x, y = load_breast_cancer(return_X_y=True)
save("breast_cancer", "logistic", x, y)
x, y = load_iris(return_X_y=True)
save("iris", "logistic", x[50:], y[50:] == 2)
x, y = load_digits(return_X_y=True)
save("digits_odd", "logistic", x, y % 2, limit=1000)
table, _ = arff.loadarff(os.path.join(files_of("sksurv"), "datasets", "data", "breast_cancer_GSE7390-metastasis.arff"))
genes = np.column_stack([table[c] for c in table.dtype.names if c.startswith("X")])
event = np.array([float(v) for v in table["e.tdm"]])
save("genes", "logistic", genes, event)
save("genes_few", "logistic", genes, event, limit=50)
frame = datasets.anes96.load_pandas().data
save("anes96_vote", "logistic", columns(frame, "logpopul TVnews selfLR ClinLR DoleLR age educ income"), frame.vote)
save("anes96_news", "poisson", columns(frame, "logpopul selfLR ClinLR DoleLR PID age educ income vote"), frame.TVnews)
frame = datasets.modechoice.load_pandas().data
save("modechoice", "logistic", columns(frame, "ttme invc invt gc hinc psize"), frame.choice)
frame = datasets.randhie.load_pandas().data.iloc[::14]
save("randhie", "poisson", columns(frame, "lncoins idp lpi fmde physlm disea hlthg hlthf hlthp"), frame.mdvis)
series = datasets.sunspots.load_pandas().data.SUNACTIVITY.round().to_numpy(float)
save("sunspots", "poisson", np.column_stack([series[11 - lag:-lag] for lag in range(1, 12)]), series[11:])

for name, (objective, x, y) in data.items():
    z = (x - x.mean(0)) / x.std(0)
    largest = abs(z.T @ (y - y.mean())).max() / len(y)
    if objective != "poisson":
        for fraction in [0.5, 0.1, 0.01]:
            solve(name, f"l1_{fraction}", fraction * largest, 0.0)
        solve(name, "elastic", 0.05 * largest, 0.1)
    if objective != "linear":
        for l2 in [1.0, 0.01, 0.0001]:
            solve(name, f"l2_{l2:g}", 0.0, l2)
with open("reference.json", "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
print(len(data), "sets", len(out), "cases, largest violation", max(e["violation"] for e in out.values()))

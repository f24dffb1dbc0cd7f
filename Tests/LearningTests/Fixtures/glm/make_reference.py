"""Makes the data sets beside it and reference.json. Needs statsmodels, numpy, scipy, mpmath; run it in this folder.

The data come with statsmodels. Each model is fitted by statsmodels and then by Newton's method in 60-digit arithmetic on the doubles of
the CSV, from statsmodels' solution; every number written is computed from that fit by its definition (README.md), in the same arithmetic,
and compared with statsmodels' own number, where it has one, to the tolerances below.
"""
import json
import numpy as np
import statsmodels.api as sm
from mpmath import mp, mpf
from scipy import stats
from statsmodels import datasets
from statsmodels.stats.outliers_influence import variance_inflation_factor

mp.dps = 60
exp, log = np.frompyfunc(mp.exp, 1, 1), np.frompyfunc(mp.log, 1, 1)
out = {}


def exact(values):
    return np.frompyfunc(lambda v: mpf(float(v)), 1, 1)(np.asarray(values, float))


def inverse(a):
    return np.array((mp.matrix(a.tolist()) ** -1).tolist(), object)


def root(values):
    return np.array([mp.sqrt(v) for v in values], object)


def save(name, x, y, weights=None, offset=None):
    columns = [x] + [c for c in (weights, offset) if c is not None] + [y]
    with open(f"{name}.csv", "w") as file:
        for row in np.column_stack(columns):
            file.write(",".join(repr(float(v)).removesuffix(".0") for v in row) + "\n")


def close(ours, peer, tolerance, what):
    ours, peer = np.array(ours, float).ravel(), np.array(peer, float).ravel()
    error = np.max(np.abs(ours - peer) / np.maximum(np.abs(ours), 1e-8))
    assert ours.shape == peer.shape and error <= tolerance, (what, error, ours, peer)


def collinearity(x, w):
    """VIF and 2-norm condition number of the columns under row weights w."""
    p, total = x.shape[1], w.sum()
    centred = x - (w[:, None] * x).sum(0) / total
    covariance = (centred * w[:, None]).T.dot(centred) / total
    deviation = root([covariance[j, j] for j in range(p)])
    correlation = covariance / np.outer(deviation, deviation)
    eigenvalues = sorted(mp.eigsy(mp.matrix(correlation.tolist()), eigvals_only=True))
    return [inverse(correlation)[j, j] for j in range(p)], mp.sqrt(eigenvalues[-1] / eigenvalues[0])


def inference(beta, se, df=None):
    """z (or t), p and 95% limits; df: that of Student's t, None for the normal distribution."""
    z = beta / se
    if df is None:
        p = [mp.erfc(abs(v) / mp.sqrt(2)) for v in z]
        q = mp.sqrt(2) * mp.erfinv(mpf("0.95"))
    else:
        tail = lambda t: mp.betainc(mpf(df) / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True)
        p = [tail(v) for v in z]
        q = mp.findroot(lambda t: tail(t) - mpf("0.05"), stats.t.ppf(0.975, df))
    return {"z": z, "p": p, "ci_low": beta - q * se, "ci_high": beta + q * se}


def lists(entry):
    def plain(v):
        if isinstance(v, mpf):
            return float(v)
        return [float(e) for e in v] if isinstance(v, (list, np.ndarray)) else v
    return {k: plain(v) for k, v in entry.items()}


def describe(x, weights):
    p = x.shape[1]
    vif, condition = collinearity(exact(x), exact(np.ones(len(x))))
    design = sm.add_constant(x, has_constant="add")
    close(vif, [variance_inflation_factor(design, j + 1) for j in range(p)], 1e-6, "vif")
    z = (x - x.mean(0)) / x.std(0)
    close([condition], [np.linalg.cond(z)], 1e-8, "condition")
    result = {"vif": vif, "condition_number": condition}
    if weights is not None:
        vif, condition = collinearity(exact(x), exact(weights))
        result |= {"vif_weighted": vif, "condition_number_weighted": condition}
    return result


def linear(name, x, y, weights=None):
    save(name, x, y, weights)
    n, k = len(y), x.shape[1] + 1
    a, t = exact(np.column_stack([np.ones(n), x])), exact(y)
    w = exact(np.ones(n) if weights is None else weights)
    bread = inverse((a * w[:, None]).T.dot(a))
    beta = bread.dot((a * w[:, None]).T.dot(t))
    e = t - a.dot(beta)
    rss = (w * e * e).sum()
    scale = rss / (n - k)
    tss = (w * (t - (w * t).sum() / w.sum()) ** 2).sum()
    hat = w * (a.dot(bread) * a).sum(1)
    assert abs(hat.sum() - k) < 1e-20

    def sandwich(u):
        return root(np.diag(bread.dot((a * (u * u)[:, None]).T.dot(a)).dot(bread)))
    se = root(scale * np.diag(bread))
    hc1 = sandwich(w * e) * mp.sqrt(mpf(n) / (n - k))
    hc3 = sandwich(w * e / (1 - hat))
    llf = -mpf(n) / 2 * (mp.log(2 * mp.pi * rss / n) + 1) + log(w).sum() / 2
    entry = {"objective": "linear", "weights": weights is not None} | ({"weights_are": "precision"} if weights is not None else {})
    entry |= {"offset": False, "intercept": True, "coefficients": beta[1:], "intercepts": [beta[0]], "standard_errors": se, "hc1": hc1,
              "hc3": hc3} | inference(beta, se, n - k)
    entry |= {"deviance": rss, "null_deviance": tss, "log_likelihood": llf, "aic": -2 * llf + 2 * k, "bic": -2 * llf + k * mp.log(n),
              "df_residual": n - k, "scale": scale} | describe(x, weights)
    design = sm.add_constant(x, has_constant="add")
    model = sm.OLS(y, design) if weights is None else sm.WLS(y, design, weights=weights)
    f = model.fit()
    tolerance = 1e-7
    for ours, peer, what in [(beta, f.params, "beta"), (se, f.bse, "se"), (hc1, f.HC1_se, "hc1"), (hc3, f.HC3_se, "hc3"),
                             (entry["z"], f.tvalues, "t"), (entry["p"], f.pvalues, "p"), (entry["ci_low"], f.conf_int()[:, 0], "low"),
                             (entry["ci_high"], f.conf_int()[:, 1], "high"), ([rss], [f.ssr], "rss"), ([tss], [f.centered_tss], "tss"),
                             ([llf], [f.llf], "llf"), ([entry["aic"]], [f.aic], "aic"), ([entry["bic"]], [f.bic], "bic"),
                             ([scale], [f.scale], "scale")]:
        close(ours, peer, tolerance, (name, what))
    out[name] = lists(entry)


def glm(name, objective, x, y, weights=None, offset=None):
    save(name, x, y, weights, offset)
    k = x.shape[1] + 1
    design = sm.add_constant(x, has_constant="add")
    family = sm.families.Binomial() if objective == "logistic" else sm.families.Poisson()
    options = {"freq_weights": weights} if weights is not None else {}
    if offset is not None:
        options["offset"] = offset
    model = sm.GLM(y, design, family=family, **options)
    f = model.fit(tol=1e-14, tol_criterion="params", maxiter=200)
    h1 = model.fit(tol=1e-14, tol_criterion="params", maxiter=200, cov_type="HC1")

    a, t = exact(design), exact(y)
    w = exact(np.ones(len(y)) if weights is None else weights)
    o = exact(np.zeros(len(y)) if offset is None else offset)
    n = int(w.sum())

    def mean(eta):
        mu = exp(eta)
        return (mu / (1 + mu), mu / (1 + mu) ** 2) if objective == "logistic" else (mu, mu)

    def newton(a, beta):
        for _ in range(12):
            mu, v = mean(a.dot(beta) + o)
            step = inverse((a * (w * v)[:, None]).T.dot(a)).dot(a.T.dot(w * (t - mu)))
            beta = beta + step
            if max(abs(s) for s in step) < mpf(10) ** -30 * max(1, max(abs(b) for b in beta)):
                return beta
        raise AssertionError(name)

    def likelihood(beta):
        eta = a[:, :len(beta)].dot(beta) + o
        if objective == "logistic":
            return (w * (t * eta - log(1 + exp(eta)))).sum()
        return (w * (t * eta - exp(eta) - np.array([mp.loggamma(v + 1) for v in t], object))).sum()
    beta = newton(a, exact(f.params))
    share = (w * t).sum() / w.sum()
    start = [mp.log(share / (1 - share))] if objective == "logistic" else [mp.log((w * t).sum() / (w * exp(o)).sum())]
    null = newton(a[:, :1], np.array(start, object))
    mu, v = mean(a.dot(beta) + o)
    bread = inverse((a * (w * v)[:, None]).T.dot(a))
    hat = v * (a.dot(bread) * a).sum(1)
    assert abs((w * hat).sum() - k) < 1e-20
    e = t - mu

    def sandwich(u):
        return root(np.diag(bread.dot((a * (w * u * u)[:, None]).T.dot(a)).dot(bread)))
    se = root(np.diag(bread))
    hc0 = sandwich(e)
    hc1 = hc0 * mp.sqrt(mpf(n) / (n - k))
    hc3 = sandwich(e / (1 - hat))
    llf = likelihood(beta)
    saturated = mpf(0)
    if objective == "poisson":
        saturated = sum(b * ((c * mp.log(c) if c > 0 else 0) - c - mp.loggamma(c + 1)) for b, c in zip(w, t))
    deviance, null_deviance = 2 * (saturated - llf), 2 * (saturated - likelihood(null))
    pearson = (w * e * e / v).sum()
    entry = {"objective": objective, "weights": weights is not None} | ({"weights_are": "frequency"} if weights is not None else {})
    entry |= {"offset": offset is not None, "intercept": True, "coefficients": beta[1:], "intercepts": [beta[0]], "standard_errors": se,
              "hc1": hc1, "hc3": hc3} | inference(beta, se)
    entry |= {"deviance": deviance, "null_deviance": null_deviance, "log_likelihood": llf, "aic": -2 * llf + 2 * k,
              "bic": -2 * llf + k * mp.log(n), "df_residual": n - k, "scale": mpf(1), "pearson_chi2": pearson} | describe(x, weights)
    # What statsmodels calls HC1 of a GLM lacks the factor n / (n - k). With frequencies compare on the repeated rows.
    repeated = f
    if weights is not None:
        times = weights.astype(int)
        rows = sm.GLM(np.repeat(y, times), np.repeat(design, times, 0), family=family,
                      offset=None if offset is None else np.repeat(offset, times))
        repeated = rows.fit(tol=1e-14, tol_criterion="params", maxiter=200)
        h1 = rows.fit(tol=1e-14, tol_criterion="params", maxiter=200, cov_type="HC1")
    influence = repeated.get_hat_matrix_diag(observed=False)
    own = np.asarray(rows.exog if weights is not None else design)
    u = repeated.resid_response / (1 - influence)
    cov = repeated.cov_params()
    peer3 = np.sqrt(np.diag(cov @ (own * (u * u)[:, None]).T @ own @ cov))
    for ours, peer, what in [(beta, f.params, "beta"), (se, f.bse, "se"), (hc0, h1.bse, "hc0"), (hc3, peer3, "hc3"),
                             (entry["z"], f.tvalues, "z"), (entry["p"], f.pvalues, "p"), (entry["ci_low"], f.conf_int()[:, 0], "low"),
                             (entry["ci_high"], f.conf_int()[:, 1], "high"), ([deviance], [f.deviance], "deviance"),
                             ([null_deviance], [f.null_deviance], "null"), ([llf], [f.llf], "llf"), ([entry["aic"]], [f.aic], "aic"),
                             ([entry["bic"]], [f.bic_llf], "bic"), ([pearson], [f.pearson_chi2], "pearson"),
                             ([n - k], [f.df_resid], "df")]:
        close(ours, peer, 1e-7, (name, what))
    out[name] = lists(entry)


def multinomial(name, x, y):
    save(name, x, y)
    n, k, classes = len(y), x.shape[1] + 1, int(y.max()) + 1
    design = sm.add_constant(x, has_constant="add")
    model = sm.MNLogit(y, design)
    f = model.fit(method="newton", maxiter=200, tol=1e-14, disp=0)
    h1 = model.fit(method="newton", maxiter=200, tol=1e-14, disp=0, cov_type="HC1")
    a = exact(design)
    one = np.array([[mpf(int(v == c)) for c in range(classes)] for v in y], object)
    free = classes - 1
    b = exact(np.asarray(f.params)).T

    def shares(b):
        e = np.column_stack([exp(np.zeros(n, object) + mpf(0)), exp(a.dot(b.T))])
        return e / e.sum(1)[:, None]

    def hessian(q):
        h = np.zeros((free * k, free * k), object)
        for c in range(free):
            for d in range(c + 1):
                block = (a * (q[:, c + 1] * (int(c == d) - q[:, d + 1]))[:, None]).T.dot(a)
                h[c * k:(c + 1) * k, d * k:(d + 1) * k] = block
                h[d * k:(d + 1) * k, c * k:(c + 1) * k] = block
        return h
    for _ in range(8):
        q = shares(b)
        step = inverse(hessian(q)).dot(((one - q)[:, 1:].T.dot(a)).ravel()).reshape(b.shape)
        b = b + step
        if max(abs(s) for s in step.ravel()) < mpf(10) ** -30:
            break
    else:
        raise AssertionError(name)
    q = shares(b)
    bread = inverse(hessian(q))
    scores = np.column_stack([(one - q)[:, c + 1][:, None] * a for c in range(free)])
    parameters = free * k
    robust = bread.dot(scores.T.dot(scores)).dot(bread)
    # From differences to class 0 to coefficients that sum to 0 over the classes.
    centre = np.array([[(mpf(1) if c == d + 1 else mpf(0)) - mpf(1) / classes for d in range(free)] for c in range(classes)], object)
    transform = np.zeros((classes * k, parameters), object) + mpf(0)
    for c in range(classes):
        for d in range(free):
            for j in range(k):
                transform[c * k + j, d * k + j] = centre[c, d]
    beta = transform.dot(b.ravel())
    se = root((transform.dot(bread) * transform).sum(1))
    hc1 = root((transform.dot(robust) * transform).sum(1) * mpf(n) / (n - parameters))
    llf = log((q * one).sum(1)).sum()
    counts = one.sum(0)
    null = (counts * log(counts / n)).sum()
    table = beta.reshape(classes, k)
    entry = {"objective": "multinomial", "classes": classes, "weights": False, "offset": False, "intercept": True,
             "coefficients": table[:, 1:].ravel(), "intercepts": table[:, 0], "standard_errors": se, "hc1": hc1, "hc3": None}
    entry |= inference(beta, se)
    entry |= {"deviance": -2 * llf, "null_deviance": -2 * null, "log_likelihood": llf, "aic": -2 * llf + 2 * parameters,
              "bic": -2 * llf + parameters * mp.log(n), "df_residual": n - parameters, "scale": mpf(1)} | describe(x, None)
    for ours, peer, what in [(b, np.asarray(f.params).T, "beta"), (root(np.diag(bread)), np.asarray(f.bse).T.ravel(), "se"),
                             (root(np.diag(robust)), np.asarray(h1.bse).T.ravel(), "hc0"), ([llf], [f.llf], "llf"),
                             ([null], [f.llnull], "llnull"), ([entry["aic"]], [f.aic], "aic"), ([entry["bic"]], [f.bic], "bic"),
                             ([n - parameters], [f.df_resid], "df")]:
        close(ours, peer, 1e-6, (name, what))
    out[name] = lists(entry)


def columns(frame, names):
    return frame[names.split()].to_numpy(float)


data = datasets.longley.load_pandas().data
linear("longley", columns(data, "GNPDEFL GNP UNEMP ARMED POP YEAR"), data.TOTEMP.to_numpy(float))
data = datasets.stackloss.load_pandas().data
linear("stackloss", columns(data, "AIRFLOW WATERTEMP ACIDCONC"), data.STACKLOSS.to_numpy(float))
data = datasets.statecrime.load_pandas().data
linear("statecrime", columns(data, "hs_grad poverty single white urban"), data.murder.to_numpy(float))
data = datasets.ccard.load_pandas().data
x = columns(data, "AGE INCOME INCOMESQ OWNRENT")
linear("ccard", x, data.AVGEXP.to_numpy(float))
linear("ccard_weighted", x, data.AVGEXP.to_numpy(float), weights=1 / x[:, 2])

data = datasets.spector.load_pandas().data
glm("spector", "logistic", columns(data, "GPA TUCE PSI"), data.GRADE.to_numpy(float))
data = datasets.fair.load_pandas().data
part = data.iloc[::4]
glm("fair", "logistic", columns(part, "rate_marriage age yrs_married children religious educ occupation occupation_husb"),
    (part.affairs > 0).to_numpy(float))
data["any"] = (data.affairs > 0).astype(float)
cells = data.groupby(["rate_marriage", "yrs_married", "religious", "any"]).size().reset_index(name="count")
glm("fair_counts", "logistic", columns(cells, "rate_marriage yrs_married religious"), cells["any"].to_numpy(float),
    weights=cells["count"].to_numpy(float))

data = datasets.randhie.load_pandas().data
part = data.iloc[::11]
glm("randhie", "poisson", columns(part, "lncoins idp lpi fmde physlm disea hlthg hlthf hlthp"), part.mdvis.to_numpy(float))
cells = data.groupby(["lncoins", "idp", "hlthg", "hlthf", "hlthp"]).mdvis.agg(["sum", "size"]).reset_index()
glm("randhie_rates", "poisson", columns(cells, "lncoins idp hlthg hlthf hlthp"), cells["sum"].to_numpy(float),
    offset=np.log(cells["size"].to_numpy(float)))
cells = data.groupby(["lncoins", "idp", "hlthg", "hlthf", "hlthp", "mdvis"]).size().reset_index(name="count")
glm("randhie_counts", "poisson", columns(cells, "lncoins idp hlthg hlthf hlthp"), cells.mdvis.to_numpy(float),
    weights=cells["count"].to_numpy(float))
data = datasets.cpunish.load_pandas().data
glm("cpunish", "poisson", columns(data, "INCOME PERPOVERTY PERBLACK VC100k96 SOUTH DEGREE"), data.EXECUTIONS.to_numpy(float))

data = datasets.anes96.load_pandas().data
multinomial("anes96", columns(data, "logpopul selfLR age educ income"), data.PID.to_numpy(float))

with open("reference.json", "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")
for name, entry in out.items():
    print(name, entry["objective"], len(entry["coefficients"]), f"{entry['condition_number']:.3g}", f"{entry['log_likelihood']:.6f}")

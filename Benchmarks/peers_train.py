#!/usr/bin/env python3
"""Fits of the peers, each in a process of its own. train.py starts this with the Python of the peers' environment.

Usage: peers_train.py --child WORK[/OPTION…] [--data /tmp/bench]      prints one JSON object
       peers_train.py --versions                                      of packages and BLAS, likewise

Timed (`seconds`) is fit() only: reading the file, taking the target off and the check of what came out are not. `rss_mib` is the
peak of the process until the end of the fit. Rows of X lie one after the other, as scikit-learn likes them best, but for the lasso
path, which wants columns. Objectives, of standardised columns; the intercept is not penalised:

    least-squares, ridge   mean (y − Xw − b)² / 2 + alpha·|w|² / 2n            alpha 0; 1
    logistic, multinomial  mean loss + |w|² / 2Cn                              C = 1, a vector of coefficients a class
    lasso-path             the sum over 100 penalties of mean (y − Xw)² / 2 + alpha·|w|₁
    ridge-folds            five folds × 10 values of alpha, 10⁻³ … 10⁶; the objective at the chosen one, fitted to all rows
    logistic-folds         five folds × 10 values of C, 10⁻⁴ … 10⁴; likewise
    sparse                 |w|² / 2 + C · sum of losses, C = 1, no intercept, as LIBLINEAR has it
"""
import argparse
import json
import pathlib
import resource
import time
import warnings


def load(path, order="C"):
    import numpy as np
    matrix = np.load(path, mmap_mode="r")
    return np.array(matrix[:, :-1], order=order), np.array(matrix[:, -1])


class Clock:
    """Times what stands in its block."""

    def __enter__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.wall, self.cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
        self.rss_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    def facts(self, **more):
        return {"seconds": self.wall, "cpu": self.cpu, "rss_mib": round(self.rss_mib, 1), **more}


def timed_fit(model, features, targets):
    with Clock() as clock:
        model.fit(features, targets)
    return clock


def squared_objective(model, features, targets, alpha):
    residuals = targets - model.predict(features)
    return float((residuals @ residuals + alpha * (model.coef_ @ model.coef_)) / 2 / len(targets))


def logistic_objective(model, features, targets, c):
    import numpy as np
    weights = model.coef_[0]
    scores = features @ weights + model.intercept_[0]
    return float(np.logaddexp(0, scores).mean() - (targets * scores).mean() + weights @ weights / (2 * c * len(targets)))


def least_squares(data, _):
    from sklearn.linear_model import LinearRegression
    features, targets = load(data / "num_1000000.npy")
    model = LinearRegression()
    clock = timed_fit(model, features, targets)
    return clock.facts(objective=squared_objective(model, features, targets, 0))


def ridge(data, options):
    from sklearn.linear_model import Ridge
    features, targets = load(data / "num_1000000.npy")
    model = Ridge(alpha=1.0, solver=options[0])
    clock = timed_fit(model, features, targets)
    return clock.facts(objective=squared_objective(model, features, targets, 1))


def logistic(data, options):
    from sklearn.linear_model import LogisticRegression
    features, targets = load(data / "num_1000000.npy")
    model = LogisticRegression(C=1.0, solver=options[0], tol=1e-6, max_iter=1000)
    clock = timed_fit(model, features, targets)
    return clock.facts(objective=logistic_objective(model, features, targets, 1), iterations=int(model.n_iter_[0]))


def multinomial(data, options):
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    features, _ = load(data / "num_100000.npy")
    targets = np.fromfile(data / "multi_100000.bin", np.uint8).astype(np.int64)
    model = LogisticRegression(C=1.0, solver=options[0], tol=1e-6, max_iter=1000)
    clock = timed_fit(model, features, targets)
    scores = features @ model.coef_.T + model.intercept_
    largest = scores.max(1)
    losses = np.log(np.exp(scores - largest[:, None]).sum(1)) + largest - scores[np.arange(len(targets)), targets]
    objective = losses.mean() + (model.coef_ ** 2).sum() / 2 / len(targets)
    return clock.facts(objective=float(objective), iterations=int(model.n_iter_[0]))


def lasso_path(data, _):
    import numpy as np
    from sklearn.linear_model import lasso_path as fit
    features, targets = load(data / "num_1000000.npy", "F")
    targets = targets - targets.mean()
    with Clock() as clock:
        alphas, paths, _ = fit(features, targets, alphas=100, eps=1e-3, tol=1e-4)
    gram, products, square = features.T @ features, features.T @ targets, targets @ targets
    objective = sum(
        (square - 2 * products @ w + w @ gram @ w) / 2 / len(targets) + alpha * np.abs(w).sum()
        for alpha, w in zip(alphas, paths.T))
    return clock.facts(objective=float(objective))


def ridge_folds(data, _):
    import numpy as np
    from sklearn.linear_model import RidgeCV
    from sklearn.model_selection import KFold
    features, targets = load(data / "num_1000000.npy")
    model = RidgeCV(alphas=np.logspace(-3, 6, 10), cv=KFold(5), scoring="neg_mean_squared_error")
    clock = timed_fit(model, features, targets)
    alpha = float(model.alpha_)
    return clock.facts(
        objective=squared_objective(model, features, targets, alpha), chosen=alpha, score=float(-model.best_score_))


def logistic_folds(data, options):
    import numpy as np
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.model_selection import KFold
    features, targets = load(data / "num_100000.npy")
    model = LogisticRegressionCV(
        Cs=np.logspace(-4, 4, 10), cv=KFold(5), solver=options[0], tol=1e-6, max_iter=1000, scoring="neg_log_loss",
        l1_ratios=(0,), use_legacy_attributes=False)
    clock = timed_fit(model, features, targets)
    c = float(np.ravel(model.C_)[0])
    return clock.facts(
        objective=logistic_objective(model, features, targets, c), chosen=1 / c,
        score=float(-np.asarray(model.scores_).reshape(5, -1).mean(0).max()))


def sparse(data, options):
    """LIBLINEAR by its own interface: `sparse/SOLVER/TOLERANCE`. With several tolerances, `sparse/SOLVER/A,B,C`, the fits of all."""
    import numpy as np
    from liblinear.liblinear import parameter, problem
    from liblinear.liblinearutil import train
    from sklearn.datasets import load_svmlight_file
    with Clock() as reading:
        features, labels = load_svmlight_file(str(data / "sparse.svm"))
    features.indices, features.indptr = features.indices.astype(np.int32), features.indptr.astype(np.int32)
    prepared = problem(labels, features)
    fits = []
    for tolerance in options[1].split(","):
        with Clock() as clock:
            model = train(prepared, parameter(f"-s {options[0]} -c 1 -e {tolerance} -q"))
        weights = np.array(model.w[:model.nr_feature]) * (1 if model.label[0] == 1 else -1)
        margins = labels * (features @ weights)
        objective = weights @ weights / 2 + np.logaddexp(0, -margins).sum()
        fits.append(clock.facts(objective=float(objective), tolerance=tolerance))
    return {**fits[-1], "read_seconds": reading.wall, "fits": fits}


def dgemm(_, __):
    """Rate of NumPy's own BLAS at C = A·B of 2000 × 2000, the best of three batches of three."""
    import numpy as np
    size = 2000
    left = np.random.default_rng(0).random((size, size))
    left @ left
    rates = []
    for _ in range(3):
        with Clock() as clock:
            for _ in range(3):
                left @ left
        rates.append(3 * 2 * size ** 3 / clock.wall / 1e9)
    return clock.facts(gflops=max(rates), batches=rates)


def versions():
    import importlib.metadata
    import platform

    import numpy as np
    import threadpoolctl
    np.ones((2, 2)) @ np.ones((2, 2))
    names = ("numpy", "scipy", "scikit-learn", "liblinear-official")
    libraries = [
        {key: pool[key] for key in ("internal_api", "version", "architecture", "num_threads") if key in pool}
        for pool in threadpoolctl.threadpool_info()]
    return {
        "python": platform.python_version(), **{name: importlib.metadata.version(name) for name in names}, "blas": libraries}


WORKS = {
    "least-squares": least_squares, "ridge": ridge, "logistic": logistic, "multinomial": multinomial, "lasso-path": lasso_path,
    "ridge-folds": ridge_folds, "logistic-folds": logistic_folds, "sparse": sparse, "dgemm": dgemm}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--child", metavar="WORK")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/tmp/bench"))
    parser.add_argument("--versions", action="store_true")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    if options.versions:
        return print(json.dumps(versions()))
    work, *rest = options.child.split("/")
    print(json.dumps(WORKS[work](options.data, rest)))


if __name__ == "__main__":
    main()

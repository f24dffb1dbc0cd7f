"""Writes metrics_reference.json: answers of made-up models and what scikit-learn says of them.

Made with scikit-learn 1.9.1 and NumPy:  python metrics_reference.py > metrics_reference.json
"""

import json

import numpy as np
from sklearn import metrics as m

rng = np.random.default_rng(20240611)


def weights(rows):
    return np.round(rng.gamma(1, 2, rows), 1)


def weighted(example, w):
    return example if w is None else {**example, "weights": w.tolist()}


def errors(y, p, w):
    return {
        "mse": m.mean_squared_error(y, p, sample_weight=w),
        "rmse": m.root_mean_squared_error(y, p, sample_weight=w),
        "mae": m.mean_absolute_error(y, p, sample_weight=w),
        "r2": m.r2_score(y, p, sample_weight=w),
        # It has no weights there; a row of weight 0 does not count.
        "max_error": m.max_error(y if w is None else y[w > 0], p if w is None else p[w > 0]),
    }


def regression(rows, w=None):
    y = rng.normal(150, 40, rows)
    p = y + rng.normal(3, 20, rows)
    expected = errors(y, p, w) | {"mape": m.mean_absolute_percentage_error(y, p, sample_weight=w)}
    return weighted({"targets": y.tolist(), "predictions": p.tolist(), "expected": expected}, w)


def counts(rows, w=None):
    p = rng.gamma(2, 1, rows)
    y = rng.poisson(p).astype(float)
    assert (y == 0).any()
    expected = errors(y, p, w) | {
        "poisson_deviance": m.mean_poisson_deviance(y, p, sample_weight=w),
        "d2": m.d2_tweedie_score(y, p, power=1, sample_weight=w),
    }
    return weighted({"counts": True, "targets": y.tolist(), "predictions": p.tolist(), "expected": expected}, w)


def classification(rows, classes, digits, w=None):
    y = rng.choice(len(classes), rows, p=np.linspace(1, 2, len(classes)) / np.linspace(1, 2, len(classes)).sum())
    z = rng.normal(0, 1, (rows, len(classes)))
    z[np.arange(rows), y] += 1.2
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    # Rounded, so that there are ties; the last class takes the rest.
    p = np.round(p, digits)
    p[:, -1] = 1 - p[:, :-1].sum(axis=1)
    p = np.clip(p, 0, 1)
    d = p.argmax(axis=1)
    labels = np.arange(len(classes))
    e = {
        "accuracy": m.accuracy_score(y, d, sample_weight=w),
        "balanced_accuracy": m.balanced_accuracy_score(y, d, sample_weight=w),
        "mcc": m.matthews_corrcoef(y, d, sample_weight=w),
    }
    for name, score in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
        e[f"macro_{name}"] = score(y, d, average="macro", sample_weight=w)
        e[f"weighted_{name}"] = score(y, d, average="weighted", sample_weight=w)
        for label, value in zip(classes, score(y, d, average=None, labels=labels, sample_weight=w)):
            e[f"{name}({label})"] = value
    for index, label in enumerate(classes):
        e[f"auc({label})"] = m.roc_auc_score(y == index, p[:, index], sample_weight=w)
        e[f"average_precision({label})"] = m.average_precision_score(y == index, p[:, index], sample_weight=w)
    if len(classes) == 2:
        e["auc"] = m.roc_auc_score(y, p[:, 1], sample_weight=w)
        e["average_precision"] = m.average_precision_score(y, p[:, 1], sample_weight=w)
        e["log_loss"] = m.log_loss(y, p[:, 1], sample_weight=w)
        e["brier"] = m.brier_score_loss(y, p[:, 1], sample_weight=w)
        for name, score in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
            e[name] = score(y, d, sample_weight=w)
    else:
        e["auc"] = m.roc_auc_score(y, p, multi_class="ovr", average="macro", sample_weight=w)
        e["average_precision"] = m.average_precision_score(np.eye(len(classes))[y], p, average="macro", sample_weight=w)
        e["log_loss"] = m.log_loss(y, p, sample_weight=w)
        e["brier"] = m.brier_score_loss(y, p, sample_weight=w)
    return weighted({
        "classes": classes,
        "targets": y.tolist(),
        "probabilities": p.ravel().tolist(),
        "expected": {name: float(value) for name, value in e.items()},
        "confusion": m.confusion_matrix(y, d, labels=labels, sample_weight=w).tolist(),
    }, w)


print(
    json.dumps(
        {
            "regression": regression(37),
            "binary": classification(83, ["no", "yes"], 1),
            "binary_sharp": classification(40, ["no", "yes"], 0),
            "multi": classification(120, ["Adelie", "Chinstrap", "Gentoo"], 2),
            "counts": counts(61),
            "regression_weighted": regression(37, weights(37)),
            "counts_weighted": counts(61, weights(61)),
            "binary_weighted": classification(83, ["no", "yes"], 1, weights(83)),
            "multi_weighted": classification(120, ["Adelie", "Chinstrap", "Gentoo"], 2, weights(120)),
        },
        indent=1,
    )
)

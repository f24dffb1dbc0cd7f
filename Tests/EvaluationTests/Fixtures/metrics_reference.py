"""Writes metrics_reference.json: answers of made-up models and what scikit-learn says of them.

Made with scikit-learn 1.9.1 and NumPy:  python metrics_reference.py > metrics_reference.json
"""

import json

import numpy as np
from sklearn import metrics as m

rng = np.random.default_rng(20240611)


def regression(rows):
    y = rng.normal(150, 40, rows)
    p = y + rng.normal(3, 20, rows)
    expected = {
        "mse": m.mean_squared_error(y, p),
        "rmse": m.root_mean_squared_error(y, p),
        "mae": m.mean_absolute_error(y, p),
        "mape": m.mean_absolute_percentage_error(y, p),
        "r2": m.r2_score(y, p),
        "max_error": m.max_error(y, p),
    }
    return {"targets": y.tolist(), "predictions": p.tolist(), "expected": expected}


def classification(rows, classes, digits):
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
        "accuracy": m.accuracy_score(y, d),
        "balanced_accuracy": m.balanced_accuracy_score(y, d),
        "mcc": m.matthews_corrcoef(y, d),
    }
    for name, score in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
        e[f"macro_{name}"] = score(y, d, average="macro")
        e[f"weighted_{name}"] = score(y, d, average="weighted")
        for label, value in zip(classes, score(y, d, average=None, labels=labels)):
            e[f"{name}({label})"] = value
    for index, label in enumerate(classes):
        e[f"auc({label})"] = m.roc_auc_score(y == index, p[:, index])
        e[f"average_precision({label})"] = m.average_precision_score(y == index, p[:, index])
    if len(classes) == 2:
        e["auc"] = m.roc_auc_score(y, p[:, 1])
        e["average_precision"] = m.average_precision_score(y, p[:, 1])
        e["log_loss"] = m.log_loss(y, p[:, 1])
        e["brier"] = m.brier_score_loss(y, p[:, 1])
        for name, score in (("precision", m.precision_score), ("recall", m.recall_score), ("f1", m.f1_score)):
            e[name] = score(y, d)
    else:
        e["auc"] = m.roc_auc_score(y, p, multi_class="ovr", average="macro")
        e["average_precision"] = m.average_precision_score(np.eye(len(classes))[y], p, average="macro")
        e["log_loss"] = m.log_loss(y, p)
        e["brier"] = m.brier_score_loss(y, p)
    return {
        "classes": classes,
        "targets": y.tolist(),
        "probabilities": p.ravel().tolist(),
        "expected": {name: float(value) for name, value in e.items()},
        "confusion": m.confusion_matrix(y, d, labels=labels).tolist(),
    }


print(
    json.dumps(
        {
            "regression": regression(37),
            "binary": classification(83, ["no", "yes"], 1),
            "binary_sharp": classification(40, ["no", "yes"], 0),
            "multi": classification(120, ["Adelie", "Chinstrap", "Gentoo"], 2),
        },
        indent=1,
    )
)

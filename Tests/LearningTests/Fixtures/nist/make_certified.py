"""Makes certified.json from the CSV files and NIST's published values below. Needs mpmath and Rscript; run it in this folder.

Each set is refitted in 60-digit arithmetic from the decimals of its CSV, and every published digit checked against that. `r_lm` is what
R's lm(..., tol = 1e-10) reaches (r_lm.R), `data_as_doubles` what the exact solution reaches once the data are rounded to doubles,
`columns_as_doubles` once the powers are rounded too: a solver that is handed these columns owes more digits than that to luck.
All are LRE, -log10(|v - c| / |c|), for c = 0 -log10|v|, between 0 and 15, the least over the values.
"""
import csv
import json
import subprocess
from mpmath import mp, mpf, matrix, inverse, sqrt, log10

mp.dps = 60

ones = " ".join(["1.00000000000000"] * 6)
zeros = " ".join(["0.000000000000000"] * 6)
# name: degree (None: the columns as they are), intercept, coefficients, standard deviations, residual standard deviation, R squared
published = {
    "Norris": (1, True, "-0.262323073774029 1.00211681802045", "0.232818234301152 0.429796848199937E-03",
               "0.884796396144373", "0.999993745883712"),
    "Pontius": (2, True, "0.673565789473684E-03 0.732059160401003E-06 -0.316081871345029E-14",
                "0.107938612033077E-03 0.157817399981659E-09 0.486652849992036E-16",
                "0.205177424076185E-03", "0.999999900178537"),
    "NoInt1": (1, False, "2.07438016528926", "0.165289256198347E-01", "3.56753034006338", "0.999365492298663"),
    "NoInt2": (1, False, "0.727272727272727", "0.420827318078432E-01", "0.369274472937998", "0.993348115299335"),
    "Filip": (10, True,
              "-1467.48961422980 -2772.17959193342 -2316.37108160893 -1127.97394098372 -354.478233703349 -75.1242017393757 "
              "-10.8753180355343 -1.06221498588947 -0.670191154593408E-01 -0.246781078275479E-02 -0.402962525080404E-04",
              "298.084530995537 559.779865474950 466.477572127796 227.204274477751 71.6478660875927 15.2897178747400 "
              "2.23691159816033 0.221624321934227 0.142363763154724E-01 0.535617408889821E-03 0.896632837373868E-05",
              "0.334801051324544E-02", "0.996727416185620"),
    "Longley": (None, True,
                "-3482258.63459582 15.0618722713733 -0.358191792925910E-01 -2.02022980381683 -1.03322686717359 "
                "-0.511041056535807E-01 1829.15146461355",
                "890420.383607373 84.9149257747669 0.334910077722432E-01 0.488399681651699 0.214274163161675 "
                "0.226073200069370 455.478499142212",
                "304.854073561965", "0.995479004577296"),
    "Wampler1": (5, True, ones, zeros, "0.000000000000000", "1.00000000000000"),
    "Wampler2": (5, True, "1.00000000000000 0.100000000000000 0.100000000000000E-01 0.100000000000000E-02 0.100000000000000E-03 "
                 "0.100000000000000E-04", zeros, "0.000000000000000", "1.00000000000000"),
    "Wampler3": (5, True, ones, "2152.32624678170 2363.55173469681 779.343524331583 101.475507550350 5.64566512170752 "
                 "0.112324854679312", "2360.14502379268", "0.999995559025820"),
    "Wampler4": (5, True, ones, "215232.624678170 236355.173469681 77934.3524331583 10147.5507550350 564.566512170752 "
                 "11.2324854679312", "236014.502379268", "0.957478440825662"),
    "Wampler5": (5, True, ones, "21523262.4678170 23635517.3469681 7793435.24331583 1014755.07550350 56456.6512170752 "
                 "1123.24854679312", "23601450.2379268", "0.224668921574940E-02"),
}


def fit(rows, degree, intercept, rounded=lambda v: v):
    """Normal equations; with 60 digits even Filip keeps 30."""
    design = [([mpf(1)] if intercept else []) + ([rounded(r[0] ** k) for k in range(1, degree + 1)] if degree else r[:-1])
              for r in rows]
    a, y = matrix(design), matrix([r[-1] for r in rows])
    n, p = a.rows, a.cols
    cross = inverse(a.T * a)
    beta = cross * (a.T * y)
    e = y - a * beta
    rss = (e.T * e)[0]
    mean = sum(y) / n if intercept else mpf(0)
    total = sum((v - mean) ** 2 for v in y)
    scale = rss / (n - p)
    return list(beta), [sqrt(abs(scale * cross[i, i])) for i in range(p)], sqrt(abs(scale)), 1 - rss / total


def agrees(value, text):
    """Whether the value, rounded to the published digits, is the published number."""
    digits = len(text.split("E")[0].lstrip("-").replace(".", "").lstrip("0"))
    if mpf(text) == 0:
        return abs(value) < mpf(10) ** -25
    exponent = int(mp.floor(log10(abs(mpf(text))))) - digits + 1
    return abs(value - mpf(text)) <= mpf("0.501") * mpf(10) ** exponent


def lre(values, certified):
    def one(v, c):
        error = abs(v - c) / abs(c) if c else abs(v)
        return 15.0 if error == 0 else min(15.0, max(0.0, float(-log10(error))))
    return round(min(one(mpf(v), mpf(c)) for v, c in zip(values, certified, strict=True)), 2)


version = subprocess.run(["Rscript", "-e", "cat(R.version.string)"], capture_output=True, text=True, check=True).stdout
out = {}
for name, (degree, intercept, coefficients, errors, deviation, r_squared) in published.items():
    with open(f"{name}.csv") as file:
        cells = list(csv.reader(file))
    coefficients, errors = coefficients.split(), errors.split()
    exact = fit([[mpf(c) for c in r] for r in cells], degree, intercept)
    for value, text in zip(exact[0] + exact[1] + list(exact[2:]), coefficients + errors + [deviation, r_squared], strict=True):
        assert agrees(value, text), (name, value, text)
    doubles = [[mpf(float(c)) for c in r] for r in cells]
    data = fit(doubles, degree, intercept)
    columns = fit(doubles, degree, intercept, lambda v: mpf(float(v)))
    lines = subprocess.run(["Rscript", "r_lm.R", f"{name}.csv", str(degree or "all"), "intercept" if intercept else "none"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    r = [line.split() for line in lines]

    def digits(beta, se, sigma):
        return {"coefficients": lre(beta, coefficients), "standard_errors": lre(se, errors),
                "residual_deviation": lre([sigma], [deviation])}

    out[name] = {"degree": degree, "intercept": intercept, "coefficients": [float(v) for v in coefficients],
                 "standard_errors": [float(v) for v in errors], "residual_deviation": float(deviation), "r_squared": float(r_squared),
                 "r_lm": digits(r[0], r[1], r[2][0]) | {"version": version}, "data_as_doubles": digits(*data[:3]),
                 "columns_as_doubles": digits(*columns[:3])}
    print(name, len(cells), *(list(out[name][k].values())[:3] for k in ("r_lm", "data_as_doubles", "columns_as_doubles")))
with open("certified.json", "w") as file:
    json.dump(out, file, indent=1)
    file.write("\n")

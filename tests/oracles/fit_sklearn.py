#!/usr/bin/python3
"""Fits a model of `npo fit` again with scikit-learn and compares.

    fit_sklearn.py scenarios.h5 model.json... [--tolerance 1e-6]

Settings (as-of, transforms, features, penalty, class weights) are read from the model. Standardised weights, intercept,
means, scales and deviances must agree to the tolerance, absolute below 1 and relative above. Exit code 1 when not.
"""
import argparse
import json
import sys

import h5py
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

TRANSFORMS = {"none": lambda x: x, "log1p": np.log1p, "sqrt": np.sqrt, "positive": lambda x: (x > 0).astype(float)}


def known_rows(file, as_of):
    """Rows of nights up to as_of whose label was known by then."""
    label = file["scenarios/label"][:]
    keep = label != 255
    if as_of is not None:
        keep &= file["scenarios/label_known_at"][:] <= as_of
        night = np.repeat(file["nights/time"][:], file["nights/rows"][:].astype(int))
        keep &= night <= as_of
    return keep, label[keep]


def design(file, features, keep):
    names = [name.decode().rstrip("\0") for name in file["scenarios/feature"][:]]
    raw = file["scenarios/features"][:][keep].astype(np.float64)
    return np.column_stack([TRANSFORMS[f["transform"]](raw[:, names.index(f["name"])]) for f in features])


def deviance(eta, label, weight):
    return 2.0 * np.sum(weight * np.logaddexp(0.0, np.where(label == 1, -eta, eta)))


def largest_difference(scenarios, path, tolerance):
    model = json.load(open(path))
    fit = model["fit"]
    features = [f for f in model["features"] if f["name"] in fit["features"]]
    with h5py.File(scenarios) as file:
        keep, label = known_rows(file, fit["as_of"])
        x = design(file, features, keep)
    scaler = StandardScaler().fit(x)
    z = scaler.transform(x)
    balanced = fit["class_weight"] == "balanced"
    peer = LogisticRegression(C=1.0 / fit["alpha"], class_weight="balanced" if balanced else None,
                              solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(z, label)
    share = label.mean()
    weight = np.where(label == 1, 0.5 / share, 0.5 / (1.0 - share)) if balanced else np.ones(len(label))
    eta = z @ peer.coef_[0] + peer.intercept_[0]
    pairs = [("rows", fit["rows"], len(label)), ("positives", fit["positives"], int(label.sum())),
             ("intercept", model["intercept"], peer.intercept_[0]),
             ("deviance", fit["deviance"], deviance(eta, label, weight))]
    for j, f in enumerate(features):
        pairs += [(f"{f['name']} weight", f["weight"], peer.coef_[0][j]),
                  (f"{f['name']} mean", f["mean"], scaler.mean_[j]),
                  (f"{f['name']} scale", f["scale"], scaler.scale_[j])]
    worst = 0.0
    for name, ours, theirs in pairs:
        error = abs(ours - theirs) / max(1.0, abs(theirs))
        worst = max(worst, error)
        if error > tolerance:
            print(f"{name}: {ours!r} here, {theirs!r} there")
    print(f"{path}: {len(label)} rows, {int(label.sum())} positives, {len(features)} features: "
          f"largest difference {worst:.3g}")
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios")
    parser.add_argument("models", nargs="+")
    parser.add_argument("--tolerance", type=float, default=1e-6)
    given = parser.parse_args()
    worst = max(largest_difference(given.scenarios, model, given.tolerance) for model in given.models)
    sys.exit(int(worst > given.tolerance))


if __name__ == "__main__":
    main()

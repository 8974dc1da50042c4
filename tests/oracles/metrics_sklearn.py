#!/usr/bin/python3
"""Known answers of the evaluation kernels from scikit-learn, NumPy and SciPy.

    metrics_sklearn.py > tests/kernels/metrics_known_answers.txt

Every case is a table made by a congruential generator that tests/kernels/metric_table.hpp repeats bit for bit. A line is
"name rows levels weighted seed", then as many "key value" pairs as there are answers.
"""
import numpy as np
from scipy.special import expit
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

CASES = [("plain", 400, 1 << 20, 0, 1), ("ties", 500, 16, 0, 2), ("weighted", 600, 1 << 20, 1, 3),
         ("weighted_ties", 700, 8, 1, 4), ("large", 20000, 1 << 12, 1, 5)]
BINS = 10


def table(rows, levels, weighted, seed):
    """score (k + 1/2) / levels, label yes with that probability, weight 1 to 7 eighths (or 1), cluster below rows / 5."""
    state, words = seed, []
    for _ in range(4 * rows):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        words.append(state >> 40)
    words = np.array(words).reshape(rows, 4)
    score = (words[:, 0] % levels + 0.5) / levels
    label = (words[:, 1] / 2.0**24 < score).astype(int)
    weight = (1 + words[:, 2] % 7) / 8.0 if weighted else np.ones(rows)
    return score, label, weight, words[:, 3] % (rows // 5)


def delong(score, label, weight, cluster):
    """Obuchowski's variance of AUROC, by comparing every positive with every negative."""
    positive, negative = np.flatnonzero(label == 1), np.flatnonzero(label == 0)
    x, y, wx, wy = score[positive], score[negative], weight[positive], weight[negative]
    above = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    v10, v01 = above @ wy / wy.sum(), wx @ above / wx.sum()
    auroc = (wx @ v10) / wx.sum()
    clusters = int(cluster.max()) + 1
    d10 = np.bincount(cluster[positive], wx * (v10 - auroc), clusters)
    d01 = np.bincount(cluster[negative], wy * (v01 - auroc), clusters)
    i10, i01, i = (len(np.unique(cluster[rows])) for rows in (positive, negative, np.arange(len(score))))
    return (i10 / (i10 - 1) * (d10 @ d10) / wx.sum()**2 + i01 / (i01 - 1) * (d01 @ d01) / wy.sum()**2
            + 2 * i / (i - 1) * (d10 @ d01) / (wx.sum() * wy.sum()))


def calibration_line(score, label, weight):
    logit = np.log(score / (1 - score))[:, None]
    fit = LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(logit, label, weight)
    slope, intercept = fit.coef_[0][0], fit.intercept_[0]
    p = expit(intercept + slope * logit[:, 0])
    design = np.column_stack([np.ones(len(p)), logit[:, 0]])
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ (design * (weight * p * (1 - p))[:, None]))))
    return slope, intercept, errors[1], errors[0]


def expected_calibration_error(score, label, weight):
    place = np.minimum((score * BINS).astype(int), BINS - 1)
    gaps = np.bincount(place, weight * (score - label), BINS)
    return np.abs(gaps).sum() / weight.sum()


def main():
    for name, *shape in CASES:
        score, label, weight, cluster = table(*shape)
        slope, intercept, slope_error, intercept_error = calibration_line(score, label, weight)
        mean = np.average(score, weights=weight)
        answers = {
            "auroc": metrics.roc_auc_score(label, score, sample_weight=weight),
            "average_precision": metrics.average_precision_score(label, score, sample_weight=weight),
            "brier": metrics.brier_score_loss(label, score, sample_weight=weight),
            "log_loss": metrics.log_loss(label, score, sample_weight=weight),
            "ece": expected_calibration_error(score, label, weight),
            "slope": slope, "intercept": intercept, "slope_error": slope_error, "intercept_error": intercept_error,
            "mean": mean, "variance": np.average((score - mean)**2, weights=weight),
        }
        if shape[0] <= 1000:
            answers["delong_rows"] = delong(score, label, weight, np.arange(len(score)))
            answers["delong_clusters"] = delong(score, label, weight, cluster)
        print(name, *shape, *(f"{key} {value:.17g}" for key, value in answers.items()))


if __name__ == "__main__":
    main()

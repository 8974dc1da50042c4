"""Naive off-policy estimators in numpy, straight from their papers: a second implementation to compare with."""

import numpy as np


def estimates(target, propensity, reward, model=None, direct=None, clip=np.inf, switch=np.inf, shrink=np.inf, subgaussian=0.0):
    """target: pi(a|x) of the action taken; model: q(x,a) of it; direct: sum over actions of pi(a|x) q(x,a)."""
    w = target / propensity
    clipped = np.minimum(w, clip)
    out = {
        "replay": np.sum(target * reward) / np.sum(target),
        "ips": np.mean(w * reward),
        "clipped_ips": np.mean(clipped * reward),
        "snips": np.sum(w * reward) / np.sum(w),
        "clipped_snips": np.sum(clipped * reward) / np.sum(clipped),
        "subgaussian_ips": np.mean(w / (1 - subgaussian + subgaussian * w) * reward),
    }
    if model is not None:
        residual = reward - model
        lam = w if np.isinf(shrink) else w * shrink / (w * w + shrink)
        out |= {
            "dm": np.mean(direct),
            "dr": np.mean(direct + w * residual),
            "sndr": np.mean(direct) + np.sum(w * residual) / np.sum(w),
            "switch_dr": np.mean(direct + np.where(w <= switch, w * residual, 0.0)),
            "dros": np.mean(direct + lam * residual),
        }
    return out


def standard_errors(target, propensity, reward, model=None, direct=None, group=None):
    """Of the linearised estimates; `group` gives the cluster of each row."""
    w = target / propensity
    n = len(w)
    terms = {"replay": (0 * w, target * reward, target), "ips": (0 * w, w * reward, np.ones(n)), "snips": (0 * w, w * reward, w)}
    if model is not None:
        terms |= {"dr": (direct, w * (reward - model), np.ones(n)), "sndr": (direct, w * (reward - model), w)}
    out = {}
    for name, (d, num, den) in terms.items():
        u = d - d.mean() + (num - num.sum() / den.sum() * den) * n / den.sum()
        if group is not None:
            u = np.array([u[group == g].sum() for g in np.unique(group)])
        out[name] = np.sqrt(np.sum(u * u) * len(u) / (len(u) - 1)) / n
    return out


def weights(target, propensity):
    w = target / propensity
    return {
        "mean": w.mean(),
        "largest": w.max(),
        "effective_sample_size": w.sum() ** 2 / (w * w).sum(),
        "top_10_share": np.sort(w)[-10:].sum() / w.sum(),
    }


def slope(values, errors, z):
    """Index of the last candidate, from least biased to most, whose interval meets all before it."""
    for i in range(1, len(values)):
        for j in range(i):
            if abs(values[i] - values[j]) > z * (errors[i] + (np.sqrt(6) - 1) * errors[j]):
                return i - 1
    return len(values) - 1

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


def terms(name, parameter, target, propensity, reward, model, direct):
    """What each row adds to an estimate that is a mean."""
    w = target / propensity
    residual = reward - model
    with np.errstate(invalid="ignore"):
        shrunk = w if np.isinf(parameter) else w * parameter / (w * w + parameter)
        mixed = w / (1 - parameter + parameter * w)
    return {
        "ips": w * reward,
        "clipped_ips": np.minimum(w, parameter) * reward,
        "subgaussian_ips": mixed * reward,
        "dm": direct,
        "dr": direct + w * residual,
        "switch_dr": direct + np.where(w <= parameter, w * residual, 0.0),
        "dros": direct + shrunk * residual,
    }[name]


def grid(name, largest_weight):
    """Powers of two, from the parameter that changes nothing to the one that biases most."""
    if name == "subgaussian_ips":
        return np.array([0.0, *2.0 ** np.arange(-20, 0)])
    top = max(0, int(np.ceil(np.log2(largest_weight))))
    if name == "dros":
        return np.array([np.inf, *2.0 ** np.arange(2 * top, -11, -1)])
    return np.array([np.inf, *2.0 ** np.arange(top, -1, -1)])


def unit_totals(x, group):
    return x if group is None else np.array([x[group == g].sum() for g in np.unique(group)])


def tuned(name, rule, columns, group=None, risk=0.05):
    """The parameter that SLOPE (rule slope) or the least estimated squared error (mse; Su et al. 2020) chooses."""
    w = columns["target"] / columns["propensity"]
    n = len(w)
    candidates = grid(name, w.max())
    rows = [terms(name, p, **columns) for p in candidates]
    values = np.array([x.mean() for x in rows])
    totals = [unit_totals(x - x.mean(), group) for x in rows]
    m = len(totals[0])
    errors = np.array([np.sqrt(np.sum(t * t) * m / (m - 1)) / n for t in totals])
    if rule == "slope":
        return candidates[slope(values, errors, 1.959963984540054)]
    log = np.log(2 / risk)
    margin = np.sqrt(2 * np.mean(w * w) * log / m) + 2 * w.max() * log / (3 * m)
    return candidates[np.argmin(errors**2 + (np.abs(values - values[0]) + margin) ** 2)]


def largest_factor(name, parameter, largest):
    """The most that a reward or residual is multiplied with where no weight exceeds `largest`."""
    # The largest product stands at an end, at the threshold, or where optimistic shrinkage peaks.
    w = np.minimum(largest, np.array([0.0, largest, parameter, np.sqrt(parameter)]))
    ones, zeros = np.ones_like(w), np.zeros_like(w)
    return terms(name, parameter, w, ones, ones, zeros, zeros).max()


def bernstein(name, parameter, columns, group=None, level=0.95):
    """Maurer and Pontil (2009) for rewards of 0 and 1, both sides, over rows or totals of clusters."""
    x = terms(name, parameter, **columns)
    largest = columns["target"].max() / columns["propensity"].min()
    factor = largest_factor(name, parameter, largest)
    if name in ("ips", "clipped_ips", "subgaussian_ips"):
        low, high = 0.0, factor
    else:
        low = columns["direct"].min() - factor * columns["model"].max()
        high = columns["direct"].max() + factor * (1 - columns["model"].min())
    units = unit_totals(x, group)
    m = len(units)
    units = units * m / len(x)
    if group is not None:
        scale = np.unique(group, return_counts=True)[1].max() * m / len(x)
        low, high = min(low, scale * low), max(high, scale * high)
    log = np.log(4 / (1 - level))
    half = np.sqrt(2 * units.var(ddof=1) * log / m) + 7 * (high - low) * log / (3 * (m - 1))
    return max(0.0, x.mean() - half), min(1.0, x.mean() + half)


def weighted_clopper_pearson(weight, reward, bound, level=0.95):
    """Of the mean of weight times reward, in shares of the largest weight, rounded outward, at a level e times as
    strict (Bentkus 2004)."""
    from scipy.stats import beta

    n, total, half = len(weight), np.sum(weight / bound * reward), (1 - level) / np.e / 2
    below, above = np.floor(total), min(np.ceil(total), n)
    low = beta.ppf(half, below, n - below + 1) if below else 0.0
    high = beta.ppf(1 - half, above + 1, n - above) if above < n else 1.0
    return min(1.0, bound * low), min(1.0, bound * high)

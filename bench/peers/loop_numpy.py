"""The closed loop at its defaults in numpy, vectorised over replicates: the peer of study_loop_bench.

Usage: loop_numpy.py REPLICATES HORIZON CHECKPOINT... Prints "ready", then for each line read does the work once and
prints the seconds of processor time that took.
"""

import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

replicates, horizon = int(sys.argv[1]), int(sys.argv[2])
checkpoints = {int(t) for t in sys.argv[3:]}
scenarios, window, min_gap = 64, 100, 100
thresholds = np.array([0.5, 0.6, 0.7, 0.8, 0.9])
look_surfaced, look_withheld, neutral_share, lam, delta, smooth = 0.9, 0.2, 0.1, 0.3, 0.1, 20.0
losses = np.array([1.0, 0.0, 0.5, lam])
rng = np.random.default_rng(1)
names = ("episodes surfaced overrides likes neutrals skips overrides_surfaced loss excess truths expected updates prediction "
         "watches hits high alarms hits_high estimates gap policy_gap").split()


def surfaced_loss(p):
    return (1 - look_surfaced) * lam + look_surfaced * (p * neutral_share / 2 + 1 - p)


def withheld_loss(p):
    return (1 - look_withheld) * lam + look_withheld * ((1 - p) * neutral_share / 2 + p)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def simulate():
    m, each = replicates, np.arange(replicates)
    p = (rng.random((m, scenarios)) < 0.5).astype(float)
    score = np.clip(0.5 + 0.3 * (p - 0.5) + 0.2 * rng.standard_normal((m, scenarios)), 0, 1)
    if_surfaced, if_withheld = surfaced_loss(p), withheld_loss(p)
    floor = np.minimum(if_surfaced, if_withheld).mean(1)
    line = floor + delta
    steps = np.zeros((m, scenarios))
    likes, overrides = np.zeros((m, 5)), np.zeros((m, 5))
    ring, total, filled = np.zeros((m, window)), np.zeros(m), np.zeros(m, int)
    since, retrains, unnecessary = np.full(m, min_gap), np.zeros(m), np.zeros(m)
    counts, arms, rows = {name: np.zeros(m) for name in names}, np.zeros((m, 5)), []
    for t in range(1, horizon + 1):
        s = rng.integers(0, scenarios, m)
        arm = rng.beta(1 + likes, 1 + overrides).argmax(1)
        tau, r = thresholds[arm], score[each, s]
        surfaced, wanted = r >= tau, rng.random(m) < p[each, s]
        looks = rng.random(m) < np.where(surfaced, look_surfaced, look_withheld)
        right = surfaced == wanted
        answer = np.where(~looks, 3, np.where(~right, 0, np.where(rng.random(m) < neutral_share, 2, 1)))
        loss = losses[answer]
        counts["episodes"] += 1
        counts["surfaced"] += surfaced
        for kind, name in enumerate(("overrides", "likes", "neutrals", "skips")):
            counts[name] += answer == kind
        counts["overrides_surfaced"] += surfaced & (answer == 0)
        counts["loss"] += loss
        counts["excess"] += loss - floor
        arms[each, arm] += 1
        learns = answer != 3
        error = np.where(learns, np.where(answer == 2, 0.5, (answer == 1) == surfaced) - r, 0)
        steps[each, s] += learns
        score[each, s] = r + error / (steps[each, s] + 1)
        counts["updates"] += learns
        counts["prediction"] += error * error
        likes[each, arm] += answer == 1
        overrides[each, arm] += answer == 0
        place = filled % window
        total += loss - np.where(filled >= window, ring[each, place], 0)
        ring[each, place] = loss
        filled += 1
        full, monitored = filled >= window, total / window
        alarm = full & (monitored > line)
        since += 1
        retrain = alarm & (since >= min_gap)
        if t % 10 == 0 or retrain.any():
            expected = np.where(score >= tau[:, None], if_surfaced, if_withheld).mean(1)
            truth = expected > line
            if t % 10 == 0:
                counts["truths"] += 1
                counts["expected"] += expected
                counted = full | (retrains > 0)
                counts["watches"] += counted
                counts["hits"] += counted & (alarm == truth)
                counts["high"] += counted & truth
                counts["alarms"] += alarm
                counts["hits_high"] += alarm & truth
                counts["estimates"] += full
                counts["gap"] += full * np.abs(monitored - expected)
                counts["policy_gap"] += full * (sigmoid(smooth * (monitored - line)) - sigmoid(smooth * (expected - line)))
            if retrain.any():
                retrains += retrain
                unnecessary += retrain & ~truth
                steps[retrain] = 0
                total[retrain], filled[retrain], since[retrain] = 0, 0, 0
        if t in checkpoints:
            rows.append({name: values / counts["episodes"] for name, values in counts.items()}
                        | {"arms": arms / counts["episodes"][:, None], "retrains": retrains.copy(),
                           "unnecessary": unnecessary.copy(), "score_error": ((score - p) ** 2).mean(1),
                           "mean_score": score.mean(1)})
            counts, arms = {name: np.zeros(m) for name in names}, np.zeros((m, 5))
    return rows


print("ready", flush=True)
for _ in sys.stdin:
    start = time.process_time()
    rows = simulate()
    print(time.process_time() - start, flush=True)

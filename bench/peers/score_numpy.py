"""Scoring in vectorised numpy, without the join: the peer of score_kernel_bench.

Usage: score_numpy.py ROWS FEATURES. Prints "ready", then for each line read does the work once and prints the seconds
of processor time that took.
"""

import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

rows, features = int(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(1)
x = rng.random((rows, features), dtype=np.float32) * 2 - 1
weights = rng.random(features, dtype=np.float32) - np.float32(0.5)
bias = np.float32(0.1)
fleet = rng.integers(0, 200, rows).astype(np.uint32)
carried = rng.normal(0, 0.3, rows).astype(np.float32)
carried[rng.random(rows) < 0.05] = 1e30
thresholds = np.array([0.5, 0.6, 0.7, 0.8, 0.9], np.float32)
fleet_arm = rng.integers(0, 5, 200).astype(np.uint8)
surface = np.cumsum(rng.random((200, 6)), axis=1).astype(np.float32)
columns = [1, 3, 7, 10, 16, 21, 25, 30]
if features < 32:
    columns = [k % features for k in range(8)]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def score():
    base = sigmoid(x @ weights + bias)
    p = np.clip(base, np.float32(1e-6), np.float32(1 - 1e-6))
    moved = sigmoid(np.log(p / (1 - p)) + carried)
    r = np.where(carried < np.float32(1e29), moved, base)
    mask = np.zeros(rows, np.uint64)
    for bit, column in enumerate(columns):
        v = x[:, column]
        mask |= ((v >= np.float32(0.95)) & (v <= np.float32(2.0))).astype(np.uint64) << np.uint64(bit)
    arm = fleet_arm[fleet]
    blocked = mask != 0
    decision = np.where(blocked, 2, r >= thresholds[arm]).astype(np.uint8)
    reached = np.searchsorted(thresholds, r, side="right")
    p_surfaced = np.where(blocked, np.float32(0), surface[fleet, reached])
    return base, r, decision, mask, arm, p_surfaced


print("ready", flush=True)
for _ in sys.stdin:
    start = time.process_time()
    with np.errstate(over="ignore"):
        score()
    print(time.process_time() - start, flush=True)

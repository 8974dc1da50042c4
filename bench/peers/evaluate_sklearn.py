"""Evaluation in scikit-learn and numpy: the peers of evaluate_bench.

Usage: evaluate_sklearn.py auroc ROWS | moments ROWS | bootstrap ROWS REPLICATES. Prints "ready", then for each line read
does the work once and prints the seconds of processor time that took.
"""

import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

task, rows = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(1)
uniform = rng.random(rows, dtype=np.float32)
label = (rng.random(rows, dtype=np.float32) < 0.3).astype(np.uint8)
score = np.where(label == 1, np.sqrt(uniform), uniform)
weight = rng.random(rows, dtype=np.float32) * np.float32(0.5) + np.float32(0.5)

if task == "auroc":
    from sklearn.metrics import roc_auc_score

    def work():
        return roc_auc_score(label, score)
elif task == "moments":
    def work():
        mean = np.average(score, weights=weight)
        return mean, np.average((score - mean)**2, weights=weight)
else:
    replicates = int(sys.argv[3])
    values = score.astype(np.float64)

    def work():
        return [float(rng.poisson(1.0, rows) @ values) for _ in range(replicates)]

print("ready", flush=True)
for _ in sys.stdin:
    start = time.process_time()
    work()
    print(time.process_time() - start, flush=True)

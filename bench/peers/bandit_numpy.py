"""Thompson sampling in numpy, vectorised over bandits: the peer of study_bandit_bench.

Usage: bandit_numpy.py GENERATOR BANDITS STEPS MEAN... GENERATOR is PCG64 (numpy's default) or Philox (the family that
npo draws from, whose streams can be addressed by replicate). Prints "ready", then for each line read does the work once
and prints the seconds of processor time that took.
"""

import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np

generator = {"PCG64": np.random.PCG64, "Philox": np.random.Philox}[sys.argv[1]]
bandits, steps = int(sys.argv[2]), int(sys.argv[3])
means = np.array([float(mean) for mean in sys.argv[4:]])


def simulate(seed):
    rng = np.random.Generator(generator(seed))
    successes = np.zeros((bandits, len(means)))
    failures = np.zeros((bandits, len(means)))
    regret = np.zeros(bandits)
    row = np.arange(bandits)
    for _ in range(steps):
        arm = rng.beta(1 + successes, 1 + failures).argmax(axis=1)
        won = rng.random(bandits) < means[arm]
        successes[row, arm] += won
        failures[row, arm] += ~won
        regret += means.max() - means[arm]
    return regret.mean()


print("ready", flush=True)
for seed, _ in enumerate(sys.stdin):
    start = time.process_time()
    simulate(seed)
    print(time.process_time() - start, flush=True)

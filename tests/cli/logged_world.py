"""A log of a world with known probabilities and estimated rewards, for tests of off-policy evaluation."""

import numpy as np

from harness import NpoTest


def world(rows=3000, actions=4, seed=7, groups=None, spread=1.0):
    """A log with known probabilities and estimated rewards, and the columns an oracle needs; `spread` tells how far the
    target is from the logging policy."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    logits = spread * np.outer(x, np.linspace(-1, 1, actions))
    logging = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    target = np.exp(-logits) / np.exp(-logits).sum(1, keepdims=True)
    q = 1 / (1 + np.exp(-(0.3 * x[:, None] + np.linspace(-1.5, 0.5, actions))))
    a = np.array([rng.choice(actions, p=p) for p in logging])
    reward = (rng.random(rows) < q[np.arange(rows), a]).astype(float)
    estimate = np.clip(q + rng.normal(scale=0.1, size=q.shape), 0, 1)
    group = np.arange(rows) if groups is None else rng.integers(groups, size=rows)
    return dict(x=x, a=a, reward=reward, propensity=logging[np.arange(rows), a], target=target, q=estimate, group=group)


class LoggedWorldTest(NpoTest):
    def import_world(self, log, cluster=False):
        k = log["target"].shape[1]
        names = ["a", "r", "p", "x", "g", *[f"q_{i}" for i in range(k)], *[f"t_{i}" for i in range(k)], "taken"]
        taken = log["target"][np.arange(len(log["a"])), log["a"]]
        columns = [log["a"], log["reward"], log["propensity"], log["x"], log["group"], *log["q"].T, *log["target"].T, taken]
        with open(self.folder / "in.csv", "w") as f:
            f.write(",".join(names) + "\n")
            for row in zip(*columns):
                f.write(",".join(repr(v.item()) for v in row) + "\n")
        self.succeeds("import", "in.csv", "--as", "log", "-o", "log.h5", "--action", "a", "--reward", "r", "--propensity", "p",
                      "--context", "x", "--reward-model", "q_*", "--keep", "t_*,taken", "--overwrite",
                      *(["--cluster", "g"] if cluster else []))

    def columns(self, log):
        i = np.arange(len(log["a"]))
        return dict(target=log["target"][i, log["a"]], propensity=log["propensity"], reward=log["reward"],
                    model=log["q"][i, log["a"]], direct=(log["target"] * log["q"]).sum(1))

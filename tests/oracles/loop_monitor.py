"""The meta-monitor of the closed loop for many replicates at once, in plain numpy."""
import numpy as np


class WindowEstimate:
    """Mean of the last `size` losses; silent until that many came."""

    def __init__(self, replicates, size):
        self.size = size
        self.ring = np.zeros((replicates, size))
        self.seen = np.zeros(replicates, int)  # since the last clearing
        self.best = np.full(replicates, np.inf)  # lowest mean of any full, non-overlapping window since then
        self.row = np.arange(replicates)

    def add(self, rows, loss):
        self.ring[self.row[rows], self.seen[rows] % self.size] = loss[rows]
        self.seen += rows
        ended = rows & (self.seen % self.size == 0)
        self.best = np.where(ended, np.minimum(self.best, self.ring.mean(1)), self.best)

    def clear(self, rows):
        self.seen[rows] = 0
        self.best[rows] = np.inf

    def ready(self):
        return self.seen >= self.size

    def value(self):
        return self.ring.mean(1)


class EwmaEstimate:
    """Exponentially weighted mean with a half-life in decisions, started at the first loss."""

    def __init__(self, replicates, half_life, window):
        self.rate = 1.0 - 0.5 ** (1.0 / half_life)
        self.mean = np.zeros(replicates)
        self.windows = WindowEstimate(replicates, window)

    @property
    def seen(self):
        return self.windows.seen

    @property
    def best(self):
        return self.windows.best

    def add(self, rows, loss):
        rate = np.where(self.seen == 0, 1.0, self.rate)
        self.mean = np.where(rows, self.mean + rate * (loss - self.mean), self.mean)
        self.windows.add(rows, loss)

    def clear(self, rows):
        self.windows.clear(rows)

    def ready(self):
        return self.windows.ready()

    def value(self):
        return self.mean

"""Threshold and bandit policies for many replicates at once, in plain numpy: one row a replicate, one column an arm.

Every policy has `choose(rng, t)`, the arm of each replicate, and `observe(rows, arm, success)`, which credits the arm where
`rows` is true. Nothing is shared with the engine: not its generator, not its samplers, not its arithmetic.
"""
import numpy as np


class Counts:
    """Successes and failures of each arm, and what follows from them."""

    def __init__(self, replicates, arms, prior=(1.0, 1.0)):
        self.success = np.zeros((replicates, arms))
        self.failure = np.zeros((replicates, arms))
        self.prior = prior
        self.row = np.arange(replicates)

    def observe(self, rows, arm, success):
        np.add.at(self.success, (self.row[rows], arm[rows]), success[rows])
        np.add.at(self.failure, (self.row[rows], arm[rows]), ~success[rows])

    def tries(self):
        return self.success + self.failure

    def means(self):
        tries = self.tries()
        return np.divide(self.success, tries, out=np.zeros_like(tries), where=tries > 0)

    def sample(self, rng):
        return rng.beta(self.prior[0] + self.success, self.prior[1] + self.failure)


class Thompson(Counts):
    def choose(self, rng, t):
        return self.sample(rng).argmax(1)


class Discounted(Thompson):
    """All counts of a replicate shrink by `discount` once before each like or override."""

    def __init__(self, replicates, arms, prior, discount):
        super().__init__(replicates, arms, prior)
        self.discount = discount

    def observe(self, rows, arm, success):
        self.success[rows] *= self.discount
        self.failure[rows] *= self.discount
        super().observe(rows, arm, success)


class Sliding(Thompson):
    """Counts only the last `window` likes and overrides of a replicate."""

    def __init__(self, replicates, arms, prior, window):
        super().__init__(replicates, arms, prior)
        self.window = window
        self.arm = np.zeros((replicates, window), int)
        self.won = np.zeros((replicates, window), bool)
        self.seen = np.zeros(replicates, int)

    def observe(self, rows, arm, success):
        slot = self.seen % self.window
        full = rows & (self.seen >= self.window)
        old_arm, old_won = self.arm[self.row, slot], self.won[self.row, slot]
        np.subtract.at(self.success, (self.row[full], old_arm[full]), old_won[full])
        np.subtract.at(self.failure, (self.row[full], old_arm[full]), ~old_won[full])
        super().observe(rows, arm, success)
        self.arm[self.row[rows], slot[rows]] = arm[rows]
        self.won[self.row[rows], slot[rows]] = success[rows]
        self.seen += rows


class UpperBound(Counts):
    """UCB1: untried arms first, lowest index; then mean + sqrt(exploration ln(total) / tries)."""

    def __init__(self, replicates, arms, exploration):
        super().__init__(replicates, arms)
        self.exploration = exploration

    def bound(self, means, tries, total):
        return means + np.sqrt(self.exploration * np.log(total) / tries)

    def choose(self, rng, t):
        tries = self.tries()
        total = np.maximum(tries.sum(1, keepdims=True), 1)
        bound = self.bound(self.means(), np.maximum(tries, 1), total)
        return np.where(tries == 0, np.inf, bound).argmax(1)


class KlUpperBound(UpperBound):
    """KL-UCB: the largest q with tries KL(mean, q) <= ln(total) + log_log ln ln(total), by bisection."""

    @staticmethod
    def divergence(p, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            return (np.where(p > 0, p * np.log(p / q), 0) + np.where(p < 1, (1 - p) * np.log((1 - p) / (1 - q)), 0))

    def bound(self, means, tries, total):
        log_total = np.log(total)
        level = (log_total + self.exploration * np.log(np.maximum(log_total, 1))) / tries
        low, high = means.copy(), np.ones_like(means)
        for _ in range(40):
            middle = 0.5 * (low + high)
            inside = self.divergence(means, middle) <= level
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        return low


class EpsilonGreedy(Counts):
    """With probability `epsilon` any arm, else the best mean so far: untried arms first, ties to the lowest index."""

    def __init__(self, replicates, arms, epsilon):
        super().__init__(replicates, arms)
        self.epsilon = epsilon

    def choose(self, rng, t):
        best = np.where(self.tries() == 0, np.inf, self.means()).argmax(1)
        explores = rng.random(len(self.row)) < self.epsilon
        return np.where(explores, rng.integers(0, self.success.shape[1], len(self.row)), best)


class Fixed:
    """Always the same arm, whatever it earns."""

    def __init__(self, replicates, arm):
        self.arm = np.full(replicates, arm)

    def choose(self, rng, t):
        return self.arm

    def observe(self, rows, arm, success):
        pass


def make_policy(options, replicates, arms):
    """The policy that `options.policy` names, with the options of a study file."""
    prior = (options.prior_success, options.prior_failure)
    makers = {
        "thompson": lambda: Thompson(replicates, arms, prior),
        "discounted_thompson": lambda: Discounted(replicates, arms, prior, options.discount),
        "sliding_thompson": lambda: Sliding(replicates, arms, prior, options.window),
        "ucb1": lambda: UpperBound(replicates, arms, options.exploration),
        "kl_ucb": lambda: KlUpperBound(replicates, arms, options.log_log),
        "epsilon_greedy": lambda: EpsilonGreedy(replicates, arms, options.epsilon),
        "fixed": lambda: Fixed(replicates, options.fixed_arm),
    }
    return makers[options.policy]()

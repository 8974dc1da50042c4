"""Bernoulli bandits once more: naive numpy, one row a replicate, nothing shared with the engine."""
import numpy as np
from arm_policies import make_policy

SHOWN_ARMS = 32  # arms past these have no share of their own in a study


def arms_of(bandit):
    """Number of arms, however they are given."""
    if bandit.segments:
        return len(bandit.segments[0])
    return len(bandit.arms) or bandit.arm_count


class Means:
    """P(success) of every arm, [replicate][arm], anew in each segment."""

    def __init__(self, bandit, replicates, rng):
        self.bandit, self.rng, self.shape = bandit, rng, (replicates, arms_of(bandit))

    def of_segment(self, number):
        bandit = self.bandit
        if bandit.segments:
            given = bandit.segments[min(number, len(bandit.segments) - 1)]
        elif bandit.arms:
            given = bandit.arms
        else:
            return self.rng.beta(bandit.draw_a, bandit.draw_b, self.shape)
        return np.broadcast_to(np.array(given), self.shape)


def simulate(bandit, replicates, checkpoints, seed=1):
    """{checkpoint: {metric: (numerators, denominators)}} of `replicates` independent bandits."""
    rng = np.random.default_rng(seed)
    rows, arms = np.arange(replicates), arms_of(bandit)
    policy, means = make_policy(bandit, replicates, arms), Means(bandit, replicates, rng)
    regret, one, result = np.zeros(replicates), np.ones(replicates), {}
    now = means.of_segment(0)
    reward, best, plays, since = np.zeros(replicates), np.zeros(replicates), np.zeros((replicates, arms)), 0
    for step in range(1, checkpoints[-1] + 1):
        if bandit.break_every and step > 1 and (step - 1) % bandit.break_every == 0:
            now = means.of_segment((step - 1) // bandit.break_every)
        arm = policy.choose(rng, step)
        chance, top = now[rows, arm], now.max(1)
        success = rng.random(replicates) < chance
        policy.observe(np.ones(replicates, bool), arm, success)
        regret += top - chance
        reward += success
        best += chance == top
        plays[rows, arm] += 1
        since += 1
        if step in checkpoints:
            length = since * one
            result[step] = {"regret": (regret.copy(), one), "reward": (reward.copy(), length),
                            "best_arm_share": (best.copy(), length)}
            result[step].update({f"arm_share_{k}": (plays[:, k].copy(), length) for k in range(min(arms, SHOWN_ARMS))})
            reward[:], best[:], plays[:], since = 0, 0, 0, 0
    return result

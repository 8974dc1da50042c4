"""Bernoulli bandits once more: naive numpy, one row a replicate, nothing shared with the engine."""
import dataclasses

import numpy as np
from arm_policies import make_policy

SHOWN_ARMS = 32  # arms past these have no share of their own in a study


@dataclasses.dataclass
class Bandit:
    """Every parameter of kind bandit with its default, named as in a study file."""

    arms: tuple = ()
    segments: tuple = ()
    break_every: int = 0
    arm_count: int = 5
    draw_a: float = 1.0
    draw_b: float = 1.0
    policy: str = "thompson"
    discount: float = 0.95
    window: int = 100
    epsilon: float = 0.1
    exploration: float = 2.0
    log_log: float = 0.0
    fixed_arm: int = 0
    prior_success: float = 1.0
    prior_failure: float = 1.0

    def arms_at(self):
        if self.segments:
            return len(self.segments[0])
        return len(self.arms) or self.arm_count


class Means:
    """P(success) of every arm, [replicate][arm], anew in each segment."""

    def __init__(self, bandit, replicates, rng):
        self.bandit, self.rng, self.shape = bandit, rng, (replicates, bandit.arms_at())

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
    rows, arms = np.arange(replicates), bandit.arms_at()
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

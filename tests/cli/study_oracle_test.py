"""`npo study` against naive numpy simulations of the same description (oracles/loop_oracle.py, oracles/bandit_oracle.py).

Every metric at every checkpoint of every set-up: means within 4 standard errors of both sides together, variances within 5,
quantiles at the right place of the oracle's distribution within 5. Of some 4,000 means about 0.3 lie beyond 4 standard errors
by chance, so a complaint counts when other random numbers on both sides repeat it, which chance does once in 10^4 runs.
"""
import json
import os
import pathlib
import sys
import unittest

import h5py
import numpy as np
from harness import NpoTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracles"))
import bandit_oracle  # noqa: E402
import loop_oracle  # noqa: E402
import study_parameters  # noqa: E402

EPISODES, CHECKPOINTS = 400, [5, 20, 50, 100, 150, 200, 300, 400]
ORACLE_REPLICATES = int(os.environ.get("NPO_ORACLE_REPLICATES", 3000))
NPO_REPLICATES = 8 * ORACLE_REPLICATES
LEVELS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}

LOOPS = {
    "everything at its default": {},
    "literal target, opinions of mixed mind, steps of another power": dict(
        target="literal", latent="beta", latent_a=2.0, latent_b=5.0, zipf=1.0, skip_loss=0.2, c=2.0, n0=3.0, kappa=0.7,
        policy="discounted_thompson", discount=0.9),
    "constant steps, blocked scenarios, exponential average": dict(
        latent="constant", base_rate=0.3, step="constant", eta=0.3, blocked_share=0.3, policy="sliding_thompson", window=25,
        monitor="ewma", half_life=20.0, monitor_window=40, min_gap=30, delta=0.02),
    "late answers, best window, drift, noise": dict(
        delay=17, reference="best", monitor_window=30, min_gap=40, delta=0.05, drift=[150], redraw=0.6,
        monitor_noise=0.03),
    "likes alone, literal, fixed line": dict(
        ablation="reward_only", target="literal", policy="ucb1", exploration=0.5, reference="absolute", theta=0.3,
        monitor_window=50, min_gap=70),
    "likes alone, approval": dict(ablation="reward_only", initial_noise=0.4, initial_slope=0.8, monitor_window=50),
    "no overrides heard, swapped answers, three arms": dict(
        ablation="no_override", swap=0.2, thresholds=[0.3, 0.5, 0.8], policy="kl_ucb", monitor_window=60, delta=0.03),
    "no overrides heard, literal": dict(ablation="no_override", target="literal", step="constant", eta=0.2, skip_loss=0.4),
    "fixed threshold, some hostile worlds, few scenarios": dict(
        ablation="fixed_threshold", adversarial=0.4, scenarios=7, thresholds=[0.3, 0.45, 0.65, 0.9], monitor_window=40),
    "retrained by the clock, two drifts, rare positives": dict(
        ablation="fixed_interval", ablated_interval=90, drift=[100, 250], redraw=0.3, base_rate=0.2,
        policy="epsilon_greedy", epsilon=0.3),
    "no monitor, one arm, operators who look elsewhere": dict(
        ablation="no_monitor", policy="fixed", fixed_arm=3, look_surfaced=0.6, look_withheld=0.5, neutral_share=0.4),
    "monitor off, informed prior": dict(monitor="off", prior_success=3.0, prior_failure=2.0, n0=0.0, neutral_share=0.0),
    "all at once": dict(
        scenarios=20, latent="beta", latent_a=1.5, latent_b=1.0, zipf=0.8, blocked_share=0.2, swap=0.1, adversarial=0.2, delay=30,
        policy="discounted_thompson", discount=0.95, monitor="ewma", half_life=15.0, reference="best", monitor_window=25,
        monitor_noise=0.02, delta=0.04, min_gap=0, drift=[120, 300], redraw=0.5, smooth=50.0,
        thresholds=[0.2, 0.4, 0.6]),
    "refilling outside the mean, literal": dict(
        refill="outside", target="literal", monitor_window=60, min_gap=20, base_rate=0.3),
    "refilling outside the mean, best window, late answers": dict(
        refill="outside", delay=11, reference="best", monitor_window=25, min_gap=10, delta=0.03),
    "a monitor that only watches": dict(on_alarm="watch", monitor_window=20, delta=0.02, min_gap=0),
    "many arms, hasty monitor": dict(
        thresholds=[round(0.05 + 0.04 * i, 2) for i in range(22)], monitor_window=20, min_gap=0, delta=0.03, monitor_noise=0.01),
}

BANDITS = {
    "five arms drawn anew": dict(arm_count=5, draw_a=2.0, draw_b=3.0),
    "arms that change": dict(segments=[[0.2, 0.5, 0.9], [0.7, 0.2, 0.1], [0.4, 0.5, 0.6]], break_every=120,
                             policy="discounted_thompson", discount=0.9),
    "a window that slides": dict(arms=[0.2, 0.8], policy="sliding_thompson", window=15, prior_success=2.0, prior_failure=4.0),
    "ucb1": dict(arms=[0.3, 0.4, 0.5, 0.6], policy="ucb1", exploration=0.7),
    "kl ucb": dict(arms=[0.05, 0.1, 0.2], policy="kl_ucb", log_log=1.5),
    "epsilon greedy, arms drawn anew in each segment": dict(arm_count=3, break_every=150, policy="epsilon_greedy",
                                                            epsilon=0.2),
    "nine arms": dict(arms=[round(0.1 * i, 1) for i in range(1, 10)]),
    "forty arms": dict(arm_count=40, draw_a=1.0, draw_b=4.0),
}


def toml_value(value):
    return json.dumps(list(value)) if isinstance(value, (list, tuple)) else json.dumps(value)


def study_text(options, kind="loop", seed=11):
    """The set-up as a study file of one point. `lambda` is no name for a field in Python, so it is skip_loss here."""
    options = {"lambda" if name == "skip_loss" else name: value for name, value in options.items()}
    lines = [f'kind = "{kind}"', 'name = "oracle"', f"seed = {seed}", f"episodes = {EPISODES}", f"replicates = {NPO_REPLICATES}",
             f"checkpoints = {CHECKPOINTS}", "[parameters]"]
    return "\n".join(lines + [f"{name} = {toml_value(value)}" for name, value in options.items()]) + "\n"


def oracle_run(options, kind, seed):
    """The same set-up in numpy."""
    oracle, point = (loop_oracle, study_parameters.Loop) if kind == "loop" else (bandit_oracle, study_parameters.Bandit)
    point = point(**{name: tuple(v) if isinstance(v, list) else v for name, v in options.items()})
    return oracle.simulate(point, ORACLE_REPLICATES, CHECKPOINTS, seed)


class Comparison:
    """One metric at one checkpoint, theirs and ours."""

    def __init__(self, numerators, denominators):
        defined = denominators > 0
        self.values = numerators[defined] / denominators[defined]
        self.count = len(self.values)
        if self.count == 0:
            return
        self.mean = numerators.sum() / denominators.sum()
        residuals = numerators - self.mean * denominators
        self.mean_error = np.sqrt((residuals**2).sum()) / denominators.sum()
        self.variance = self.values.var()
        fourth = ((self.values - self.values.mean()) ** 4).mean()
        self.variance_error = np.sqrt(max(fourth - self.variance**2, 0) / self.count)

    def is_rare(self):
        """Too few replicates depart from the commonest value for a normal law of the mean."""
        _, times = np.unique(np.round(self.values, 9), return_counts=True)
        return self.count < 60 or self.count - times.max() < 60

    def complaints_if_rare(self, ours):
        """What is nearly always the same here must be so there: the means differ by a few rare replicates at most."""
        spread = max(np.ptp(self.values), 1.0)
        if abs(ours["mean"] - self.mean) > (60 + 5 * np.sqrt(60)) / self.count * spread:
            yield f"mean {ours['mean']:.6g}, oracle nearly always {self.mean:.6g}"

    def complaints(self, ours):
        both = np.sqrt(1 + self.count / max(ours["count"], 1))  # our errors beside theirs
        floor = 2e-6 * max(1, abs(self.mean))  # scores are float32
        off = abs(ours["mean"] - self.mean) / (self.mean_error * both + floor)
        if off > 4:
            yield f"mean {ours['mean']:.6g}, oracle {self.mean:.6g}: {off:.1f} standard errors"
        off = abs(ours["variance"] - self.variance) / (self.variance_error * both + floor + 4 * self.variance / self.count)
        if off > 5:
            yield f"variance {ours['variance']:.6g}, oracle {self.variance:.6g}: {off:.1f} standard errors"
        for name, level in LEVELS.items():
            place = ours[name]
            bin_width = 2e-3 + abs(place) / 60
            slack = 5 * np.sqrt(level * (1 - level) / self.count) * both
            below, up_to = (self.values < place - bin_width).mean(), (self.values <= place + bin_width).mean()
            if not below - slack <= level <= up_to + slack:
                yield f"{name} {place:.6g} has {below:.4f} to {up_to:.4f} of the oracle's replicates below it"


class StudyOracleTest(NpoTest):
    """One test a set-up."""

    def agree(self, number, kind, options):
        """Fails where two runs with other random numbers on both sides complain of the same thing."""
        complaints, compared = self.compare(kind, options, 11, 1000 + number)
        if complaints:
            again, _ = self.compare(kind, options, 12, 2000 + number)
            complaints = {what: words for what, words in complaints.items() if what in again}
        told = [f"{' '.join(map(str, what))}: {words}" for what, words in complaints.items()]
        self.assertFalse(told, f"{len(told)} of {compared} comparisons, twice:\n" + "\n".join(told[:40]))
        self.assertGreater(compared, 30)

    def compare(self, kind, options, seed, oracle_seed):
        """{(metric, episode, statistic): what is wrong}, and the number of metrics at checkpoints that were compared."""
        self.succeeds("study", self.write("oracle.toml", study_text(options, kind, seed)), "-o", "oracle.h5", "--overwrite")
        theirs = oracle_run(options, kind, oracle_seed)
        complaints, compared = {}, 0
        with h5py.File(self.folder / "oracle.h5") as file:
            metrics = [name.decode().rstrip("\0") for name in file["metric"][:]]
            episodes = file["checkpoint"][:].tolist()
            ours = {name: file[name][0] for name in ("mean", "variance", "count", *LEVELS)}
        self.assertEqual(episodes, CHECKPOINTS)
        unknown = {metric for taken in theirs.values() for metric in taken} - set(metrics)
        self.assertFalse(unknown, f"metrics of the oracle that the study lacks: {unknown}")
        for at, episode in enumerate(CHECKPOINTS):
            for k, metric in enumerate(metrics):
                mine = {name: values[at, k] for name, values in ours.items()}
                pair = theirs[episode].get(metric)
                cell = Comparison(*pair) if pair else None
                if cell is None or cell.count == 0:
                    # What the oracle never sees may be rare here, but not common.
                    if mine["count"] > 0.01 * NPO_REPLICATES:
                        complaints[metric, episode, "count"] = f"{mine['count']} replicates, none of the oracle's"
                    continue
                share = (mine["count"] / NPO_REPLICATES, cell.count / ORACLE_REPLICATES)
                slack = 4.5 * np.sqrt(max(share[1] * (1 - share[1]), 1 / ORACLE_REPLICATES) * 1.125 / ORACLE_REPLICATES)
                if abs(share[0] - share[1]) > slack:
                    complaints[metric, episode, "count"] = f"defined in {share[0]:.4f} of replicates, oracle {share[1]:.4f}"
                    continue
                compared += 1
                found = cell.complaints_if_rare(mine) if cell.is_rare() else cell.complaints(mine)
                for words in found:
                    complaints[metric, episode, words.split()[0]] = words
        return complaints, compared


def test_of(number, kind, options):
    return lambda self: self.agree(number, kind, options)


for study_kind, setups in (("loop", LOOPS), ("bandit", BANDITS)):
    for count, (title, chosen) in enumerate(setups.items()):
        name = f"test_{study_kind}_" + "".join(c if c.isalnum() else "_" for c in title)
        setattr(StudyOracleTest, name, test_of(count, study_kind, chosen))

if __name__ == "__main__":
    unittest.main()

"""Tuned parameters, intervals and the gate of off-policy evaluation, against a second implementation."""

import sys
import unittest

import numpy as np

from harness import GATE, SOURCE
from logged_world import LoggedWorldTest, world

sys.path.insert(0, str(SOURCE / "tests" / "oracles"))
import ope_oracle  # noqa: E402

TUNED = ["clipped_ips", "subgaussian_ips", "switch_dr", "dros"]
MEANS = ["ips", "clipped_ips", "subgaussian_ips", "dm", "dr", "switch_dr", "dros"]
RATIOS = ["replay", "snips", "clipped_snips", "sndr"]


class IntervalTest(LoggedWorldTest):
    def report(self, *flags):
        return self.succeeds_json("ope", "log.h5", "--policy", "column:t_*", "--reward-model", "q_*", "--min-ess", "5", *flags)

    def parameter(self, estimate):
        """null stands for the parameter that clips nothing."""
        value = estimate.get("parameter", np.inf)
        return np.inf if value is None else value

    def near(self, interval, expected, what):
        self.assertAlmostEqual(interval["low"], expected[0], delta=1e-8, msg=what)
        self.assertAlmostEqual(interval["high"], expected[1], delta=1e-8, msg=what)


class Tuning(IntervalTest):
    def test_every_parameter_is_the_one_that_its_rule_names(self):
        inner = {(rule, name): 0 for rule in ["slope", "mse"] for name in TUNED}
        crude = world(20000, spread=0.2, seed=11)
        crude["q"] = 0.9 * (1 - crude["q"])
        logs = [(world(groups=groups, seed=seed), groups, seed) for seed, groups in [(7, None), (8, 60), (9, None), (10, 200)]]
        for log, groups, seed in [*logs, (crude, None, 11)]:
            self.import_world(log, cluster=groups is not None)
            columns, group = self.columns(log), None if groups is None else log["group"]
            for rule in ["slope", "mse"]:
                found = self.report("--tune", rule)["estimates"]
                for name in TUNED:
                    expected = ope_oracle.tuned(name, rule, columns, group)
                    self.assertEqual(self.parameter(found[name]), expected, f"{name} by {rule}, seed {seed}")
                    self.assertEqual(found[name]["chosen_by"], rule)
                    candidates = ope_oracle.grid(name, (columns["target"] / columns["propensity"]).max())
                    inner[rule, name] += candidates[0] != expected != candidates[-1]
                self.assertEqual(found["clipped_snips"]["parameter"], found["clipped_ips"]["parameter"])
        # A rule that always takes an end would say nothing about the rule.
        self.assertGreater(inner["slope", "clipped_ips"] + inner["slope", "subgaussian_ips"], 0, inner)
        self.assertGreater(inner["mse", "clipped_ips"] + inner["mse", "dros"], 0, inner)


class Intervals(IntervalTest):
    def test_empirical_bernstein_of_rows_and_of_clusters(self):
        # Overlap good enough that no interval is all of [0, 1].
        for groups in [None, 1500]:
            log = world(20000, groups=groups, spread=0.3)
            self.import_world(log, cluster=groups is not None)
            for flags in [[], ["--clip", "1.5"], ["--tune", "mse"]]:
                found = self.report("--bootstrap", "0", *flags)["estimates"]
                for name in MEANS:
                    parameter = 0.0 if name == "ips" else self.parameter(found[name])
                    expected = ope_oracle.bernstein(name, parameter, self.columns(log), None if groups is None else log["group"])
                    self.near(found[name]["empirical_bernstein"], expected, f"{name} {parameter} {groups}")
                    self.assertGreater(expected[0], 0.0, name)
                    self.assertLess(expected[1], 1.0, name)
                for name in RATIOS:
                    self.assertIsNone(found[name]["empirical_bernstein"].get("low"), name)

    def test_clopper_pearson_of_weighted_rewards(self):
        log = world(spread=0.5)
        self.import_world(log)
        c = self.columns(log)
        w = c["target"] / c["propensity"]
        largest = c["target"].max() / c["propensity"].min()
        found = self.report("--clip", "2.5", "--bootstrap", "0")["estimates"]
        self.near(found["ips"]["clopper_pearson"], ope_oracle.weighted_clopper_pearson(w, c["reward"], largest), "ips")
        clipped = ope_oracle.weighted_clopper_pearson(np.minimum(w, 2.5), c["reward"], 2.5)
        self.near(found["clipped_ips"]["clopper_pearson"], clipped, "clipped_ips")
        for name in ["snips", "dm", "dr", "replay"]:
            self.assertIsNone(found[name]["clopper_pearson"].get("low"), name)

    def test_no_interval_of_bounded_terms_leaves_the_rewards(self):
        """300 rows with weights up to some ten say nothing with certainty."""
        log = world(300)
        self.import_world(log)
        found = self.report("--bootstrap", "0")["estimates"]
        self.near(found["dr"]["empirical_bernstein"], (0.0, 1.0), "dr")
        self.near(found["ips"]["empirical_bernstein"], (0.0, 1.0), "ips")
        self.assertEqual(found["ips"]["clopper_pearson"]["high"], 1.0)

    def test_rows_of_a_cluster_are_no_trials(self):
        self.import_world(world(groups=60), cluster=True)
        for name, estimate in self.report()["estimates"].items():
            self.assertIsNone(estimate["clopper_pearson"].get("low"), name)

    def test_the_gain_is_a_paired_difference(self):
        """A target close to the logging policy: the gain is known far better than the value."""
        for groups in [None, 300]:
            log = world(4000, groups=groups, spread=0.1)
            self.import_world(log, cluster=groups is not None)
            found = self.report()["estimates"]["ips"]
            c = self.columns(log)
            w = c["target"] / c["propensity"]
            difference = (w - 1) * c["reward"]
            totals = ope_oracle.unit_totals(difference - difference.mean(), None if groups is None else log["group"])
            error = np.sqrt(np.sum(totals**2) * len(totals) / (len(totals) - 1)) / len(w)
            low, high = found["gain"]["low"], found["gain"]["high"]
            # As for the bootstrap of a value: 1000 replicates know their spread to a few percent.
            self.assertAlmostEqual((high - low) / (2 * 1.96 * error), 1.0, delta=0.15)
            self.assertAlmostEqual((low + high) / 2, difference.mean(), delta=0.5 * error)
            self.assertLess(high - low, 0.7 * (found["bootstrap"]["high"] - found["bootstrap"]["low"]))

    def test_a_skewed_estimate_has_a_skewed_interval(self):
        """BCa of a mean whose bias correction and acceleration are both a sixth of its skewness, by Cornish and Fisher."""
        log = world(3000, spread=1.0)
        self.import_world(log)
        c = self.columns(log)
        x = c["target"] / c["propensity"] * c["reward"]
        d = x - x.mean()
        skewness = np.mean(d**3) / np.mean(d**2) ** 1.5 / np.sqrt(len(x))
        error = np.sqrt(np.mean(d**2) / len(x))
        found = self.report("--bootstrap", "10000")["estimates"]["ips"]
        above, below = found["bootstrap"]["high"] - found["value"], found["value"] - found["bootstrap"]["low"]
        lean = (above - below) / error
        sixth = skewness / 6
        y = [sixth + (sixth + z) / (1 - sixth * (sixth + z)) for z in (-1.96, 1.96)]
        expected = sum(v + sixth * (v * v - 1) for v in y)
        # 10,000 replicates know each end to 0.03 errors; without acceleration the interval would lean by 0.4, not by 0.7.
        self.assertGreater(expected, 0.6)
        self.assertAlmostEqual(lean, expected, delta=0.15)


class Gate(IntervalTest):
    def verdict(self, *flags):
        done = self.npo("ope", "log.h5", "--policy", "column:t_*", "--reward-model", "none", "--bootstrap", "0", *flags)
        self.assertIn(done.returncode, [0, GATE], done.stderr)
        return done.returncode, done.stdout

    def test_effective_clusters_decide_and_not_their_rows(self):
        log = world(groups=60, spread=0.5)
        self.import_world(log, cluster=True)
        c = self.columns(log)
        totals = ope_oracle.unit_totals(c["target"] / c["propensity"], log["group"])
        effective = totals.sum() ** 2 / np.sum(totals**2)
        self.assertEqual(self.verdict("--min-ess", f"{effective - 0.01}")[0], 0)
        code, text = self.verdict("--min-ess", f"{effective + 0.01}")
        self.assertEqual(code, GATE)
        self.assertIn("the 60 clusters are worth", text)

    def test_clipped_weights_count_where_weights_are_clipped(self):
        log = world(spread=1.0)
        self.import_world(log)
        c = self.columns(log)
        w = c["target"] / c["propensity"]
        effective = [v.sum() ** 2 / np.sum(v * v) for v in (w, np.minimum(w, 2))]
        between = f"{np.mean(effective)}"
        self.assertEqual(self.verdict("--min-ess", between)[0], GATE)
        self.assertEqual(self.verdict("--min-ess", between, "--clip", "2")[0], 0)

    def test_the_error_of_the_mean_weight_is_that_of_clusters(self):
        log = world(groups=60, spread=0.5)
        for cluster in [False, True]:
            self.import_world(log, cluster)
            w = self.columns(log)["target"] / log["propensity"]
            # Clusters differ in size: what is uncertain is how much weight they have beyond their rows.
            totals = ope_oracle.unit_totals(w - (1.0 if cluster else w.mean()), log["group"] if cluster else None)
            m = len(totals)
            expected = np.sqrt(np.sum((totals - totals.mean()) ** 2) * m / (m - 1)) / len(w)
            found = self.report()["weights"]["mean_standard_error"]
            self.assertAlmostEqual(found, expected, delta=1e-9)

    def log(self, rows, actions="a,b"):
        """Rows of (action, propensity, how many)."""
        lines = [f"{action},{i % 2},{p}\n" for action, p, count in rows for i in range(count)]
        self.write("in.csv", "action,reward,p\n" + "".join(lines))
        self.succeeds("import", "in.csv", "--as", "log", "-o", "log.h5", "--overwrite", "--action", "action", "--reward", "reward",
                      "--propensity", "p", "--actions", actions)

    def decides(self, policy, passes, phrase="", *flags):
        done = self.npo("ope", "log.h5", "--policy", policy, "--reward-model", "none", "--bootstrap", "0", *flags)
        self.assertEqual(done.returncode, 0 if passes else GATE, done.stdout + done.stderr)
        self.assertIn(phrase, done.stdout)

    def test_a_mean_weight_may_be_four_errors_from_one(self):
        """Weights 2 and 0 over 400 rows: the mean has an error of 0.05."""
        for taken, passes in [(230, True), (170, True), (245, False), (155, False)]:
            self.log([("a", 0.5, taken), ("b", 0.5, 400 - taken)])
            self.decides("fixed:a", passes, "" if passes else "standard errors from 1")

    def test_ten_rows_may_carry_half_of_the_weight(self):
        """About 0.5 for each of the many, 500 for each of ten: 5000 of 9004, or of 10505."""
        for many, passes in [(8000, False), (11000, True)]:
            self.log([("a", 0.999, many), ("b", 0.001, 10)])
            self.decides("uniform", passes, "" if passes else "ten rows carry 56 % of the weight", "--min-ess", "10")
        # Clipped at 100, the ten carry 1000 of 5004.
        self.log([("a", 0.999, 8000), ("b", 0.001, 10)])
        self.decides("uniform", True, "", "--min-ess", "10", "--clip", "100")

    def test_one_in_a_hundred_may_be_what_the_log_never_shows(self):
        """A third of epsilon goes to action c."""
        self.log([("a", 0.5, 100), ("b", 0.5, 100)], "a,b,c")
        self.decides("epsilon-greedy:a", True, "", "--epsilon", "0.027")
        self.decides("epsilon-greedy:a", False, "most often action c", "--epsilon", "0.033")


if __name__ == "__main__":
    unittest.main()

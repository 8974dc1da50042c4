"""Off-policy evaluation through the real program: published numbers, a second implementation, verdicts, and what is refused."""

import json
import os
import pathlib
import sys
import unittest

import numpy as np

from harness import BAD_DATA, GATE, SOURCE, USAGE, NpoTest
from logged_world import LoggedWorldTest, world

sys.path.insert(0, str(SOURCE / "tests" / "oracles"))
import ope_oracle  # noqa: E402

DATA = pathlib.Path(os.environ.get("NPO_DATA", SOURCE / ".." / "shared" / "data")) / "obd"
IMPORT = ["--as", "log", "--action", "item_id", "--reward", "click", "--propensity", "propensity_score", "--position", "position"]


class OpenBanditDataset(NpoTest):
    """The numbers that the dataset's page gives for the uniform policy on the log of a Thompson sampler, to every digit."""

    def setUp(self):
        super().setUp()
        if not DATA.exists():
            self.skipTest(f"no {DATA}: set NPO_DATA")
        self.succeeds("import", DATA / "bts_men.csv.gz", *IMPORT, "-o", "log.h5")

    def test_uniform(self):
        report = self.succeeds_json("ope", "log.h5", "--policy", "uniform")
        value = {name: estimate["value"] for name, estimate in report["estimates"].items()}
        self.assertEqual(f"{value['ips']:.8f} {value['snips']:.8f}", "0.00300863 0.00318942")
        weights = report["weights"]
        self.assertEqual(f"{weights['mean']:.6f} {weights['largest']:.2f} {weights['effective_sample_size']:.1f}",
                         "0.943314 178.25 655.7")
        self.assertEqual((report["rows"], report["actions"], report["verdict"]), (10000, 34, "the log can answer this"))

    def test_clipped(self):
        report = self.succeeds_json("ope", "log.h5", "--policy", "uniform", "--clip", "10")
        value = {name: estimate["value"] for name, estimate in report["estimates"].items()}
        self.assertEqual(f"{value['clipped_ips']:.8f} {value['clipped_snips']:.8f}", "0.00300863 0.00383108")
        self.assertEqual(f"{report['clipped_weights']['effective_sample_size']:.1f}", "1844.0")

    def test_the_logs_of_two_policies_agree(self):
        """The production prior on the uniform log, against the mean reward that the sampler really earned: intervals meet."""
        self.succeeds("import", DATA / "random_men.csv.gz", *IMPORT, "-o", "random.h5")
        target = ["--policy", f"thompson:{DATA / 'prior_bts.yaml'}", "--table", "men"]
        report = self.succeeds_json("ope", "random.h5", *target)
        interval = report["estimates"]["snips"]["bootstrap"]
        logged = self.succeeds_json("ope", "log.h5", "--policy", "uniform")["logged"]
        self.assertLess(interval["low"], logged["high"])
        self.assertLess(logged["low"], interval["high"])


class AgainstNumpy(LoggedWorldTest):
    def same(self, found, expected, what):
        """Sums of some thousand terms in another order: relative 1e-9 leaves six digits to spare."""
        self.assertLess(abs(found - expected), 1e-9 * max(1.0, abs(expected)), what)

    def test_every_estimator_with_its_parameter(self):
        log = world()
        self.import_world(log)
        for extra in [[], ["--clip", "3"], ["--tune", "mse"]]:
            report = self.succeeds_json("ope", "log.h5", "--policy", "column:t_*", "--reward-model", "q_*", *extra)
            found = report["estimates"]
            parameter = {name: e["parameter"] for name, e in found.items() if "parameter" in e}
            unlimited = {name: np.inf if value is None else value for name, value in parameter.items()}
            expected = ope_oracle.estimates(**self.columns(log), clip=unlimited["clipped_ips"], switch=unlimited["switch_dr"],
                                            shrink=unlimited["dros"], subgaussian=unlimited["subgaussian_ips"])
            self.assertEqual(set(found), set(expected))
            for name, value in expected.items():
                self.same(found[name]["value"], value, name)
        self.assertEqual(parameter["clipped_ips"], parameter["clipped_snips"])
        for name, value in ope_oracle.weights(self.columns(log)["target"], log["propensity"]).items():
            self.same(report["weights"][name], value, name)

    def test_slope_picks_the_candidate_that_the_rule_names(self):
        log = world()
        self.import_world(log)
        chosen = self.succeeds_json("ope", "log.h5", "--policy", "column:t_*", "--reward-model", "q_*")["estimates"]["clipped_ips"]
        c = self.columns(log)
        w = c["target"] / c["propensity"]
        top = 2.0 ** np.ceil(np.log2(w.max()))
        grid = [np.inf, *(top / 2.0**k for k in range(int(np.log2(top)) + 1))]
        terms = [np.minimum(w, g) * c["reward"] for g in grid]
        best = ope_oracle.slope([t.mean() for t in terms], [t.std(ddof=1) / np.sqrt(len(t)) for t in terms], 1.959963984540054)
        self.assertEqual(chosen["parameter"], None if np.isinf(grid[best]) else grid[best])

    def test_standard_errors_of_rows_and_of_clusters(self):
        for cluster in [False, True]:
            log = world(groups=60)
            self.import_world(log, cluster)
            if cluster:
                self.succeeds("validate", "log.h5")
            report = self.succeeds_json("ope", "log.h5", "--policy", "column:t_*", "--reward-model", "q_*", "--min-ess", "10")
            expected = ope_oracle.standard_errors(**self.columns(log), group=log["group"] if cluster else None)
            for name, value in expected.items():
                self.same(report["estimates"][name]["standard_error"], value, name)
                interval = report["estimates"][name]["bootstrap"]
                # A bootstrap of 1000 replicates knows its spread to a few percent; skewness stretches it a little.
                self.assertAlmostEqual((interval["high"] - interval["low"]) / (2 * 1.96 * value), 1.0, delta=0.15, msg=name)
            for name in ["log.h5", "in.csv"]:
                (self.folder / name).unlink()

    def test_a_target_that_tells_one_probability_has_no_doubly_robust_estimate(self):
        log = world()
        self.import_world(log)
        one = self.succeeds_json("ope", "log.h5", "--policy", "column:taken")["estimates"]
        all_of_them = self.succeeds_json("ope", "log.h5", "--policy", "column:t_*")["estimates"]
        self.assertEqual(one["ips"]["value"], all_of_them["ips"]["value"])
        self.assertIsNone(one["dr"]["value"])
        self.assertIn("action taken alone", one["dr"]["reason"])

    def test_the_same_bits_for_any_threads_and_lanes(self):
        self.import_world(world(20000))
        runs = [self.succeeds_json("ope", "log.h5", "--policy", "column:t_*", "--threads", threads, "--simd", simd)
                for threads, simd in [("1", "scalar"), ("2", "auto"), ("3", "avx2")]]
        for run in runs:
            del run["seconds"]
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(runs[0], runs[2])

    def test_the_fitted_model_makes_the_estimate_sharper(self):
        log = world(20000)
        self.import_world(log)
        report = self.succeeds_json("ope", "log.h5", "--policy", "column:t_*")
        self.assertEqual((report["reward_model"]["kind"], report["reward_model"]["actions"]), ("logistic", "each"))
        self.assertLess(report["estimates"]["dr"]["standard_error"], 0.9 * report["estimates"]["ips"]["standard_error"])


class Verdict(NpoTest):
    def log(self, rows, actions=None):
        text = "action,reward,p\n" + "".join(f"{a},{r},{p}\n" for a, r, p in rows)
        self.write("in.csv", text)
        self.succeeds("import", "in.csv", "--as", "log", "-o", "log.h5", "--overwrite", "--action", "action", "--reward", "reward",
                      "--propensity", "p", *(["--actions", actions] if actions else []))

    def gate(self, *flags):
        done = self.npo("ope", "log.h5", *flags)
        self.assertEqual(done.returncode, GATE, done.stderr + done.stdout)
        self.assertIn("verdict: the log cannot answer this", done.stdout)
        return done.stdout

    def test_too_few_effective_rows(self):
        self.log([("a", i % 2, 0.5) for i in range(80)] + [("b", i % 2, 0.5) for i in range(80)])
        self.succeeds("ope", "log.h5", "--policy", "fixed:a")
        self.assertIn("fewer than 200 (--min-ess)", self.gate("--policy", "fixed:a", "--min-ess", "200"))

    def test_an_action_that_was_never_logged(self):
        self.log([("a", i % 2, 0.5) for i in range(100)] + [("b", i % 2, 0.5) for i in range(100)], "a,b,c")
        text = self.gate("--policy", "uniform")
        self.assertIn("with probability 0.333 the target does what the log could not show, most often action c", text)
        self.assertIn("every weight is 0", self.gate("--policy", "fixed:c"))

    def test_propensities_that_are_not_those_of_the_log(self):
        self.log([("a", i % 2, 0.9) for i in range(500)] + [("b", i % 2, 0.1) for i in range(500)])
        self.assertIn("standard errors from 1", self.gate("--policy", "uniform"))

    def test_a_few_rows_with_all_the_weight(self):
        self.log([("a", 0, 0.999)] * 3000 + [("b", 1, 0.001)] * 3)
        text = self.gate("--policy", "fixed:b")
        self.assertIn("ten rows carry 100 % of the weight", text)
        clipped = self.gate("--policy", "fixed:b", "--clip", "2")
        self.assertIn("weights clipped at 2", clipped)

    def test_the_largest_weights_there_are(self):
        """1e-300 and the smallest propensity whose weight is finite: squares of weights overflow, and no list may grow with
        them. 41 rows are too few for the gate of the ten heaviest rows, so that the effective sample size must speak."""
        for p in ("1e-300", "5.7e-309"):
            self.log([("ab"[i % 2], i // 2 % 2, 0.5) for i in range(40)] + [("a", 1, p)])
            for flags in ([], ["--tune", "mse"], ["--clip", "5"]):
                self.gate("--policy", "uniform", "--min-ess", "100" if flags == ["--clip", "5"] else "10", *flags)
            report = json.loads(self.npo("ope", "log.h5", "--policy", "uniform", "--json").stdout)
            self.assertAlmostEqual(report["weights"]["effective_sample_size"], 1, delta=1e-9)
            self.assertAlmostEqual(report["weights"]["mean"] * 41 * float(p), 0.5, delta=1e-9)
            self.assertEqual(report["weights"]["top_10_share"], 1)

    def test_a_gate_that_fired_still_reports(self):
        self.log([("a", i % 2, 0.5) for i in range(10)] + [("b", 1, 0.5) for i in range(10)])
        done = self.npo("ope", "log.h5", "--policy", "fixed:b", "--json", "--reward-model", "none")
        self.assertEqual(done.returncode, GATE)
        self.assertIn('"verdict": "the log cannot answer this"', done.stdout)

    def test_rewards_of_a_deterministic_target_have_exact_intervals(self):
        """Clopper and Pearson's interval of 7 in 50 at 95 %."""
        self.log([("a", 1 if i < 7 else 0, 0.5) for i in range(50)] + [("b", 0, 0.5)] * 50)
        report = self.succeeds_json("ope", "log.h5", "--policy", "fixed:a", "--reward-model", "none")
        exact = report["estimates"]["replay"]["clopper_pearson"]
        self.assertAlmostEqual(exact["low"], 0.05819170033997342, delta=1e-12)
        self.assertAlmostEqual(exact["high"], 0.26739600249700846, delta=1e-12)


class Refused(NpoTest):
    def setUp(self):
        super().setUp()
        rows = "".join(f"{'ab'[i % 2]},{i % 3 == 0:d},{0.25 + 0.5 * (i % 2)},{0.25 * (i % 4)},0.5,0.6\n" for i in range(40))
        self.write("in.csv", "action,reward,p,score,t_a,t_b\n" + rows)
        self.succeeds("import", "in.csv", "--as", "log", "-o", "log.h5", "--action", "action", "--reward", "reward",
                      "--propensity", "p", "--keep", "score,t_*")

    def refuse(self, code, policy, *phrases, flags=()):
        self.fails(code, ["ope", "log.h5", "--policy", policy, *flags], *phrases)

    def test_policies_that_are_none(self):
        self.refuse(USAGE, "unifrom", "policy 'unifrom' is unknown", "uniform")
        self.refuse(USAGE, "fixed", "needs something behind a colon")
        self.refuse(USAGE, "fixed:c", "has no action `c`", "did you mean `a`?")
        self.refuse(USAGE, "column:t_c", "has no column of numbers `t_c`")
        self.refuse(USAGE, "threshold:0.5", "has no action `surfaced`")
        self.refuse(USAGE, "epsilon-greedy:z_*", "has no column of numbers `z_a`")

    def test_probabilities_that_do_not_sum_to_one(self):
        self.refuse(BAD_DATA, "column:t_*", "row 0: the target's probabilities sum to 1.1, not to 1", "sum to 1 over the actions")

    def test_actions_outside_the_policy(self):
        self.write("beta.json", '{"a": [3, 4], "c": [1, 1]}')
        self.refuse(BAD_DATA, "thompson:beta.json", "row 1: action b is outside the policy of beta.json", "add its Beta parameters")

    def test_tables_of_beta_parameters(self):
        self.write("beta.yaml", "men:\n  alpha:\n  - 2.0\n  - 3.0\n  beta: [4, 5, 6]\n")
        self.refuse(BAD_DATA, "thompson:beta.yaml", "alpha has 2 numbers, beta has 3")
        self.write("beta.yaml", "men:\n  alpha: [0.5, 2]\n  beta: [4, 5]\n")
        self.refuse(BAD_DATA, "thompson:beta.yaml", "arm 0 has a Beta shape of 0.5, outside [1, 1e9]")
        self.write("two.yaml", "men:\n  alpha: [1, 2]\n  beta: [4, 5]\nall:\n  alpha: [1, 2]\n  beta: [4, 5]\n")
        self.refuse(USAGE, "thompson:two.yaml", "holds the tables all, men", "--table")
        self.refuse(USAGE, "thompson:two.yaml", "has no table `mne`", "`men`", flags=["--table", "mne"])
        self.write("beta.csv", "arm,alpha,beta\na,1,2\nb,x,3\n")
        self.refuse(BAD_DATA, "thompson:beta.csv", "line 3, column alpha: 'x' is not a number")

    def test_thompson_probabilities_from_any_form(self):
        self.write("b.csv", "arm,alpha,beta\na,3,4\nb,2,2\n")
        self.write("b.json", '{"a": [3, 4], "b": [2, 2]}')
        found = [self.npo("ope", "log.h5", "--policy", f"thompson:{name}", "--json", "--min-ess", "1").stdout.split('"estimates"')[1]
                 .split('"log"')[0] for name in ["b.csv", "b.json"]]
        self.assertEqual(found[0], found[1])

    def test_fewer_rows_than_folds(self):
        self.refuse(BAD_DATA, "uniform", "has 40 rows, fewer than 50 folds", "--folds", flags=["--folds", "50"])

    def test_files_that_are_no_log(self):
        self.write("beta.json", "{}")
        self.fails(BAD_DATA, ["ope", "in.csv", "--policy", "uniform"], "in.csv")
        self.succeeds("generate", "--scenarios", "50", "--features", "2", "--fleets", "1", "-o", "fleet")
        self.fails(BAD_DATA, ["ope", "fleet/scenarios.h5", "--policy", "uniform"], "is no log but a file of scenarios")
        self.refuse(USAGE, "uniform", "holds its rewards already", flags=["--feedback", "log.h5"])

    def test_the_log_of_a_deterministic_policy(self):
        self.write("in.csv", "action,reward,p\n" + "a,1,1\n" * 30)
        self.succeeds("import", "in.csv", "--as", "log", "-o", "sure.h5", "--action", "action", "--reward", "reward", "--propensity", "p")
        self.fails(BAD_DATA, ["ope", "sure.h5", "--policy", "uniform"], "deterministic policy", "log a policy that draws")

    def test_a_log_written_by_hand_with_a_bad_row(self):
        import h5py

        with h5py.File(self.folder / "log.h5", "a") as f:
            f["log/reward"][7] = np.nan
        self.refuse(BAD_DATA, "uniform", "log/reward of row 7 is nan", "finite reward")
        with h5py.File(self.folder / "log.h5", "a") as f:
            f["log/reward"][7] = 1.0
            f["log/propensity"][9] = -0.5
        self.refuse(BAD_DATA, "uniform", "log/propensity of row 9 is -0.5, outside (0, 1]")

    def test_rewards_of_any_size_take_a_linear_model(self):
        self.write("in.csv", "action,reward,p,x\n" + "".join(f"{'ab'[i % 2]},{1.5 * i},0.5,{i}\n" for i in range(200)))
        self.succeeds("import", "in.csv", "--as", "log", "-o", "real.h5", "--action", "action", "--reward", "reward", "--propensity",
                      "p", "--context", "x")
        report = self.succeeds_json("ope", "real.h5", "--policy", "fixed:a")
        self.assertEqual(report["reward_model"]["kind"], "linear")
        # Rewards are 1.5 x, which the model learns; 148.5 and 150 are the means over even rows and over all.
        self.assertAlmostEqual(report["estimates"]["dr"]["value"], 149.25, delta=0.5)
        self.fails(USAGE, ["ope", "real.h5", "--policy", "fixed:a", "--reward-model", "logistic"], "rewards of 0 and 1")


if __name__ == "__main__":
    unittest.main()

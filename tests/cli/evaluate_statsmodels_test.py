"""`npo evaluate` and `npo compare` against statsmodels: Wilson's interval, the calibration line, Benjamini-Hochberg."""

import unittest

from harness import NpoTest, have

HAVE_STATSMODELS = have("statsmodels")
if HAVE_STATSMODELS:
    import numpy as np
    import statsmodels.api as sm
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.proportion import proportion_confint

TABLE = ["--score", "score", "--label", "label", "--threshold", "0.5"]


@unittest.skipUnless(HAVE_STATSMODELS, "statsmodels is not installed")
class AgainstStatsmodels(NpoTest):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(11)
        rows, fleets = 6000, 30
        x = rng.normal(size=rows)
        self.fleet = rng.integers(0, fleets, rows)
        self.label = (rng.random(rows) < 1 / (1 + np.exp(1 - 2 * x))).astype(int)
        self.score = np.round(1 / (1 + np.exp(-(x + rng.normal(size=rows)))), 4)
        # Noise that grows with the fleet's number, so that p-values of all sizes come up.
        other = np.round(1 / (1 + np.exp(-(x + (1 + 0.05 * self.fleet) * rng.normal(size=rows)))), 4)
        lines = [f"{s},{o},{y},f{f:02}" for s, o, y, f in zip(self.score, other, self.label, self.fleet)]
        self.write("t.csv", "\n".join(["score,other,label,fleet", *lines]) + "\n")

    def test_wilson_intervals_of_every_fleet(self):
        for level in (0.8, 0.9, 0.99):
            report = self.succeeds_json("evaluate", "t.csv", *TABLE, "--fleet", "fleet", "--level", str(level), "--bootstrap", "0")
            flagged = self.score >= 0.5
            for i, fleet in enumerate(report["groups"]["fleet"]):
                of = self.fleet == i
                hit = (flagged & (self.label == 1) & of).sum()
                for name, count in (("precision", (flagged & of).sum()), ("recall", ((self.label == 1) & of).sum())):
                    low, high = proportion_confint(hit, count, alpha=1 - level, method="wilson")
                    metric = fleet["metrics"][name]
                    with self.subTest(level=level, fleet=i, metric=name):  # two roundings of one formula
                        self.assertAlmostEqual(metric["value"], hit / count, delta=1e-14)
                        self.assertAlmostEqual(metric["low"], low, delta=1e-12)
                        self.assertAlmostEqual(metric["high"], high, delta=1e-12)

    def test_calibration_line(self):
        report = self.succeeds_json("evaluate", "t.csv", *TABLE, "--bootstrap", "0")
        score = np.clip(self.score.astype("f4").astype("f8"), 1e-6, 1 - 1e-6)
        design = sm.add_constant(np.log(score / (1 - score)))
        fit = sm.GLM(self.label, design, family=sm.families.Binomial()).fit(tol=1e-14, tol_criterion="params")
        for name, value in zip(("calibration_intercept", "calibration_slope"), fit.params):
            # both stop where a Newton step no longer moves the line, within rounding of sums of 6000 terms
            self.assertAlmostEqual(report["total"]["metrics"][name]["value"], value, delta=1e-9)

    def test_groups_that_differ_after_benjamini_and_hochberg(self):
        counts = set()
        for rate in (0.01, 0.05, 0.2):
            report = self.succeeds_json("compare", "t.csv", "t.csv", *TABLE, "--second-score", "other", "--fleet", "fleet",
                                        "--rank-by", "auroc", "--fdr", str(rate), "--bootstrap", "0")
            groups = report["groups"]["fleet"]
            p = [group["metrics"]["auroc"]["p"] for group in groups]
            rejected = multipletests(p, alpha=rate, method="fdr_bh")[0]
            self.assertEqual(report["differing"]["fleet"], [group["name"] for group, r in zip(groups, rejected) if r])
            counts.add(int(rejected.sum()))
        self.assertEqual(len(counts), 3)  # the rate matters here, so that a fixed one would be seen
        self.assertLess(max(counts), 30)


if __name__ == "__main__":
    unittest.main()

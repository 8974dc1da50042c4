"""`npo compare`, through the real binary: paired differences of scores and of decisions, and which groups differ."""

import unittest

import small_fleet
from harness import BAD_DATA, ENVIRONMENT, USAGE, NpoTest, have
from small_fleet import needs_h5py

HAVE_NUMPY = have("numpy")
if HAVE_NUMPY:
    import numpy as np

TABLE = ["--score", "a", "--label", "label"]


@unittest.skipUnless(HAVE_NUMPY, "numpy is not installed")
class Tables(NpoTest):
    def setUp(self):
        super().setUp()
        rng = np.random.default_rng(3)
        rows = 8000
        x = rng.normal(size=rows)
        fleet = rng.integers(0, 20, rows)
        label = (rng.random(rows) < 1 / (1 + np.exp(1 - 2 * x))).astype(int)
        same = 1 / (1 + np.exp(-(x + rng.normal(size=rows))))
        worse = 1 / (1 + np.exp(-(x + 6 * rng.normal(size=rows))))
        lines = [f"{s:.5f},{s if f >= 4 else w:.5f},{y},f{f:02},{i // 2}"
                 for i, (s, w, y, f) in enumerate(zip(same, worse, label, fleet))]
        self.write("t.csv", "\n".join(["a,b,label,fleet,id", *lines]) + "\n")

    def compare(self, *words):
        return self.succeeds_json("compare", "t.csv", "t.csv", *TABLE, *words)

    def test_the_planted_fleets_differ_and_no_others(self):
        report = self.compare("--second-score", "b", "--fleet", "fleet", "--threshold", "0.5", "--rank-by", "auroc")
        self.assertEqual(report["differing"]["fleet"], ["f00", "f01", "f02", "f03"])
        auroc = report["total"]["metrics"]["auroc"]
        self.assertLess(auroc["high"], 0)
        self.assertEqual(auroc["method"], "paired delong")
        self.assertAlmostEqual(auroc["difference"], auroc["second"] - auroc["first"])
        f1 = report["total"]["metrics"]["f1"]
        self.assertEqual(f1["method"], "paired bootstrap")
        self.assertLess(f1["p"], 0.01)
        untouched = report["groups"]["fleet"][7]
        self.assertEqual((untouched["metrics"]["f1"]["difference"], untouched["metrics"]["f1"]["p"]), (0, 1))

    def test_a_score_does_not_differ_from_itself(self):
        report = self.compare("--fleet", "fleet", "--cluster", "id", "--threshold", "0.5")
        for difference in report["total"]["metrics"].values():
            self.assertEqual((difference["difference"], difference["low"], difference["high"], difference["p"]), (0, 0, 0, 1))
        self.assertEqual(report["differing"]["fleet"], [])

    def test_thresholds_of_their_own(self):
        report = self.compare("--threshold", "0.5", "--second-threshold", "0.9")
        self.assertGreater(report["total"]["metrics"]["recall"]["first"], report["total"]["metrics"]["recall"]["second"])
        self.assertIn("paired bootstrap", self.succeeds("compare", "t.csv", "t.csv", *TABLE, "--threshold", "0.5",
                                                        "--second-threshold", "0.9", "--fleet", "fleet"))

    def test_a_row_that_only_one_table_leaves_out(self):
        """As many rows count in both, with equal labels throughout, but one place apart from row 1 to row 4."""
        for bad, remedy in (("nan,1", ["--skip-bad"]), ("0.5,", [])):
            with self.subTest(bad=bad):
                rows = [f"0.{i},{1 if i < 6 else 0}" for i in range(1, 10)]
                for name, at in (("p.csv", 1), ("q.csv", 4)):
                    self.write(name, "\n".join(["a,label", *rows[:at], bad, *rows[at + 1:]]) + "\n")
                self.fails(BAD_DATA, ["compare", "p.csv", "q.csv", *TABLE, *remedy],
                           "row 1 counts in the second table alone", "same rows")
                self.succeeds("compare", "p.csv", "p.csv", *TABLE, *remedy)

    def test_rows_that_are_not_the_same(self):
        lines = (self.folder / "t.csv").read_text().splitlines()
        self.write("short.csv", "\n".join(lines[:-1]) + "\n")
        self.fails(BAD_DATA, ["compare", "t.csv", "short.csv", *TABLE], "8000", "7999", "same rows")
        changed = lines[6].split(",")
        changed[2] = "1" if changed[2] == "0" else "0"
        self.write("other.csv", "\n".join([*lines[:6], ",".join(changed), *lines[7:]]) + "\n")
        self.fails(BAD_DATA, ["compare", "t.csv", "other.csv", *TABLE], "row 5", "label")

    def test_usage(self):
        self.fails(USAGE, ["compare", "t.csv", "t.csv"], "--labels", "--score")
        self.fails(USAGE, ["compare", "t.csv", "t.csv", *TABLE, "--rank-by", "auc"], "auc")
        self.fails(USAGE, ["compare", "t.csv", "t.csv", *TABLE, "--second-threshold", "1"], "--threshold")


@needs_h5py
class Decisions(NpoTest):
    def setUp(self):
        super().setUp()
        small_fleet.write_scenarios(self.folder / "s.h5", rows=300, nights=3)
        self.write("model.json", small_fleet.MODEL)
        for name, arm in [("low", "0.2"), ("high", "0.8")]:
            self.write(f"{name}.toml", f'[threshold]\nkind = "fixed"\narms = [0.2, 0.8]\nfixed = {arm}\n')
            for night in ["2013-04-20", "2013-04-21"] if name == "low" else ["2013-04-20", "2013-04-21", "2013-04-22"]:
                self.succeeds("score", "s.h5", "--model", "model.json", "--policy", f"{name}.toml", "--night", night,
                              "--state", f"{name}.h5", "--new-state", "-o", f"{name}/{night}/decisions")

    def test_nights_are_paired(self):
        report = self.succeeds_json("compare", "low", "high", "--labels", "s.h5", "--by", "fleet,night")
        self.assertEqual(report["left_out"], 1)
        self.assertEqual([night["name"] for night in report["groups"]["night"]], ["2013-04-20", "2013-04-21"])
        self.assertEqual([fleet["name"] for fleet in report["groups"]["fleet"]], small_fleet.FLEETS)
        metrics = report["total"]["metrics"]
        self.assertLess(metrics["surfaced_rate"]["high"], 0)
        self.assertEqual(metrics["auroc"]["difference"], 0)
        for run in ["low", "high"]:
            alone = self.succeeds_json("evaluate", f"{run}/2013-04-20/decisions", f"{run}/2013-04-21/decisions", "--labels", "s.h5")
            side = {"low": "first", "high": "second"}[run]
            for name in ["precision", "recall", "f1", "auroc", "override_rate", "loss", "prediction_loss"]:
                self.assertEqual(metrics[name][side], alone["total"]["metrics"][name]["value"], name)

    def test_fleets_are_paired_by_name(self):
        """The same decisions from a file that knows a fleet more, in the middle of the names, are the same in every fleet."""
        small_fleet.write_scenarios(self.folder / "more.h5", rows=300, nights=3)
        names = np.array([small_fleet.FLEETS[0], "quiet", small_fleet.FLEETS[1]], "S8")
        small_fleet.replace(self.folder / "more.h5", "fleets/name", names)
        small_fleet.replace(self.folder / "more.h5", "scenarios/fleet", (2 * (np.arange(900) % 2)).astype("u4"))
        self.succeeds("score", "more.h5", "--model", "model.json", "--policy", "low.toml", "--night", "2013-04-20",
                      "--state", "more-state.h5", "--new-state", "-o", "more")
        for first, second in [("low/2013-04-20/decisions", "more"), ("more", "low/2013-04-20/decisions")]:
            with self.subTest(first=first):
                fleets = self.succeeds_json("compare", first, second, "--labels", "s.h5", "--by", "fleet")["groups"]["fleet"]
                known = [fleet for fleet in fleets if fleet["rows"]]
                self.assertEqual([fleet["name"] for fleet in known], small_fleet.FLEETS)
                for fleet in known:
                    self.assertIsNotNone(fleet["metrics"]["loss"]["first"])
                    for name, metric in fleet["metrics"].items():
                        self.assertEqual(metric["first"], metric["second"], (fleet["name"], name))

    def test_one_night(self):
        report = self.succeeds_json("compare", "low/2013-04-20/decisions", "high/2013-04-20/decisions", "--labels", "s.h5")
        self.assertFalse(report["clustered"])
        self.fails(USAGE, ["compare", "low/2013-04-20/decisions", "high/2013-04-22/decisions", "--labels", "s.h5"],
                   "no night in common")
        self.fails(ENVIRONMENT, ["compare", "low", "nowhere", "--labels", "s.h5"], "nowhere")
        self.fails(USAGE, ["compare", "low", "high", "--labels", "s.h5", "--by", "model"], "model", "fleet")


if __name__ == "__main__":
    unittest.main()

"""npo show: which decisions come first and why, against what h5py reads from the same files."""

import csv
import io
import json
import math
import unittest

import small_fleet
from harness import BAD_DATA, USAGE, NpoTest
from small_fleet import needs_h5py

if small_fleet.HAVE_H5PY:
    import h5py
    import numpy as np

POLICY = """
[threshold]
kind = "fixed"
fixed = 0.5
[[guardrail]]
name = "young, \\"new\\""
column = "age"
op = "<"
value = 100
[[guardrail]]
name = "south"
column = "fleet"
fleets = ["south"]
"""


@needs_h5py
class Show(NpoTest):
    def setUp(self):
        super().setUp()
        small_fleet.write_scenarios(self.folder / "s.h5", rows=1000)
        self.write("model.json", small_fleet.MODEL)
        self.write("policy.toml", POLICY)
        self.succeeds("score", "s.h5", "--model", "model.json", "--state", "state.h5", "--policy", "policy.toml",
                      "--new-state", "--night", "2013-04-21", "-o", "run")
        with h5py.File(self.folder / "run" / "shard-000000.h5") as f:
            self.columns = {name: f["decisions"][name][:] for name in f["decisions"]}
        with h5py.File(self.folder / "s.h5") as f:
            self.features = f["scenarios/features"][1000:]

    def expected_rows(self, wanted, fleet=None):
        """Highest scores first, ties in the order of the file."""
        keep = self.columns["decision"] == wanted
        if fleet is not None:
            keep &= self.columns["fleet"] == fleet
        rows = np.flatnonzero(keep)
        return rows[np.argsort(-self.columns["score"][rows], kind="stable")]

    def test_shows_the_highest_scores_first(self):
        for flag, code in [("--surfaced", 1), ("--withheld", 0), ("--blocked", 2)]:
            for top in [1, 7, 5000]:
                with self.subTest(flag=flag, top=top):
                    shown = self.succeeds_json("show", "run", flag, "--top", top)
                    expected = self.expected_rows(code)
                    self.assertGreater(len(expected), 7)
                    self.assertEqual([row["row"] for row in shown["rows"]], expected[:top].tolist())
                    self.assertEqual(shown["matching"], len(expected))

    def test_one_fleet(self):
        shown = self.succeeds_json("show", "run", "--blocked", "--fleet", "south", "--top", 2000)
        self.assertEqual([row["row"] for row in shown["rows"]], self.expected_rows(2, fleet=1).tolist())
        self.fails(USAGE, ["show", "run", "--fleet", "suoth"], "no fleet \"suoth\"", "\"south\"")

    def test_names_the_rules_that_blocked(self):
        for row in self.succeeds_json("show", "run", "--blocked", "--top", 2000)["rows"]:
            expected = ["young, \"new\""] * bool(self.features[row["row"], 0] < 100)
            expected += ["south"] * (row["fleet"] == "south")
            self.assertEqual(row["rules"], expected)

    def test_contributions_add_up_to_the_score(self):
        for row in self.succeeds_json("show", "run", "--top", 20)["rows"]:
            age, errors = (float(x) for x in self.features[row["row"]])
            by_name = {c["feature"]: c for c in row["contributions"]}
            self.assertEqual(by_name["age"]["value"], age)
            self.assertAlmostEqual(by_name["age"]["log_odds"], 0.1 * (math.log1p(age) - 6.0), places=9)
            self.assertAlmostEqual(by_name["errors"]["log_odds"], 1.5 * (errors - 0.5) / 0.5, places=9)
            sizes = [abs(c["log_odds"]) for c in row["contributions"]]
            self.assertEqual(sizes, sorted(sizes, reverse=True))
            # The score was computed in float32, hence 5 digits.
            log_odds = -2.0 + sum(c["log_odds"] for c in row["contributions"])
            self.assertAlmostEqual(1 / (1 + math.exp(-log_odds)), row["base_score"], places=5)

    def test_csv_is_read_back_by_a_csv_reader(self):
        rows = list(csv.DictReader(io.StringIO(self.succeeds("show", "run", "--blocked", "--csv", "--top", "2000"))))
        shown = self.succeeds_json("show", "run", "--blocked", "--top", 2000)["rows"]
        self.assertEqual(len(rows), len(shown))
        for text, row in zip(rows, shown):
            self.assertEqual((text["id"], text["fleet"], text["rules"]), (row["id"], row["fleet"], "; ".join(row["rules"])))
            self.assertEqual(float(text["score"]), row["score"])

    def test_without_the_scenario_file_says_so_and_shows_the_rest(self):
        (self.folder / "s.h5").rename(self.folder / "moved.h5")
        text = self.succeeds("show", "run", "--top", "3")
        self.assertIn("without contributions of features: ", text)
        self.assertIn("s.h5", text)
        again = json.loads(self.succeeds("show", "run", "--top", "3", "--scenarios", "moved.h5", "--json"))
        self.assertEqual((again["note"], len(again["rows"][0]["contributions"])), ("", 2))

    def test_another_scenario_file_is_refused(self):
        small_fleet.write_scenarios(self.folder / "other.h5", rows=999)
        self.fails(BAD_DATA, ["show", "run", "--scenarios", "other.h5"], "other.h5", "not the scenario file")

    def test_choices_that_exclude_each_other(self):
        self.fails(USAGE, ["show", "run", "--surfaced", "--blocked"], "exclude each other")
        self.fails(USAGE, ["show", "run", "--top", "0"], "--top = 0")


if __name__ == "__main__":
    unittest.main()

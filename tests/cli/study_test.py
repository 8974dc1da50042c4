"""npo study: what a person sees of a run, its files, and its mistakes."""

import csv
import json
import unittest

from harness import BAD_DATA, ENVIRONMENT, GATE, USAGE, NpoTest

LOOP = """
kind = "loop"
name = "small"
title = "A small study"
seed = 3
episodes = 60
replicates = 1100
checkpoints = [10, 30]
baseline = { swap = 0.0 }

[parameters]
scenarios = 8
monitor_window = 20
swap = [0.0, 0.2, 0.4]
policy = ["thompson", "fixed"]

[[claim]]
name = "swaps hurt"
statement = "Operators who mix up their answers leave the loop with a higher loss."
source = "spec 9.8"
kind = "order"
metric = "score_error"
where = { swap = 0.0 }
than = { swap = 0.4 }

[[claim]]
name = "no loss at all"
statement = "A claim that cannot hold."
kind = "below"
metric = "feedback_loss"
high = 0.0
"""

BANDIT = """
kind = "bandit"
name = "arms"
episodes = 100
replicates = 1024

[parameters]
arms = [0.2, 0.8]
policy = ["thompson", "ucb1", "epsilon_greedy"]

[[claim]]
name = "learning"
kind = "above"
metric = "best_arm_share"
low = 0.5
"""


class StudyTest(NpoTest):
    def table(self, name):
        with (self.folder / name).open() as file:
            return list(csv.DictReader(file))


class Running(StudyTest):
    def setUp(self):
        super().setUp()
        self.write("loop.toml", LOOP)
        self.write("bandit.toml", BANDIT)

    def test_a_study_ends_with_verdicts(self):
        text = self.succeeds("study", "loop.toml", "-o", "s.h5")
        self.assertIn("swaps hurt", text)
        self.assertIn("1 of 2 claims hold, 1 fail, 0 undecided", text)
        self.assertIn("fails: A claim that cannot hold.", text)
        self.assertIn("6600 replicates of 60 episodes at 6 points", text)
        self.assertEqual(set(self.files()), {"loop.toml", "bandit.toml", "s.h5"})
        report = self.succeeds_json("study", "loop.toml", "-o", "t.h5")
        self.assertEqual([claim["verdict"] for claim in report["claims"]], ["holds", "fails"])
        self.assertEqual(self.succeeds("validate", "s.h5"), "s.h5: valid study, 6 rows\n")

    def test_a_gate_is_the_exit_code_and_the_study_is_written(self):
        self.assertEqual(self.npo("study", "loop.toml", "-o", "s.h5", "--gate").returncode, GATE)
        self.assertEqual(self.npo("study", "bandit.toml", "-o", "b.h5", "--gate").returncode, 0)
        self.assertIn("s.h5", self.files())

    def test_overrides(self):
        told = self.succeeds_json("study", "loop.toml", "-o", "s.h5", "--set", "swap=0.1", "--set", "replicates=64",
                                  "--set", "baseline.swap=0.1", "--set", "policy=ucb1", "--seed", "9")
        self.assertEqual(told["replicates"], 64)
        facts = self.succeeds_json("info", "s.h5")
        self.assertEqual((facts["seed"], facts["points"], facts["swept"]), (9, 1, []))

    def test_a_dry_run_says_the_size_and_writes_nothing(self):
        told = self.succeeds_json("study", "loop.toml", "--dry-run")
        self.assertEqual((told["estimate"]["points"], told["estimate"]["replicates"]), (6, 1100))
        self.assertGreater(told["estimate"]["seconds"], 0)
        self.assertIn("6 points x 1100 replicates x 60 episodes", self.succeeds("study", "loop.toml", "--dry-run"))
        self.assertEqual(set(self.files()), {"loop.toml", "bandit.toml"})

    def test_one_replicate_decides_nothing(self):
        """It has no standard error; with two replicates there is one, and the gate may fire."""
        words = ["study", "loop.toml", "--set", "swap=[0.0, 0.4]"]
        report = self.succeeds_json(*words, "-o", "one.h5", "--set", "replicates=1", "--gate")
        for claim in report["claims"]:
            self.assertEqual((claim["verdict"], claim["low"], claim["high"]), ("undecided", None, None))
            self.assertIsNotNone(claim["estimate"])
        self.assertIn("-inf to inf", self.succeeds(*words, "-o", "one.h5", "--set", "replicates=1", "--overwrite"))
        self.succeeds("study", "export", "one.h5", "-o", "one.csv")
        for row in self.table("one.csv"):
            self.assertEqual((row["standard_error"], row["variance"], row["variance_error"]), ("", "", ""), row)
            self.assertIn(row["difference_error"], ("", "0"))  # of the baseline to itself
        two = self.npo(*words, "-o", "two.h5", "--set", "replicates=2", "--gate")
        self.assertEqual(two.returncode, GATE)

    def test_one_replicate_is_never_precise(self):
        self.write("p.toml", LOOP + "[precision]\nmetric = 'feedback_loss'\nhalf_width = 1\n")
        self.succeeds("study", "p.toml", "-o", "p.h5", "--set", "replicates=1")
        import h5py
        with h5py.File(self.folder / "p.h5") as file:
            self.assertEqual(set(file["stop"]), {2})  # the most replicates, not precise enough

    def test_an_output_is_not_replaced_unasked(self):
        self.succeeds("study", "bandit.toml", "-o", "s.h5")
        self.fails(ENVIRONMENT, ["study", "bandit.toml", "-o", "s.h5"], "s.h5", "--overwrite")
        self.succeeds("study", "bandit.toml", "-o", "s.h5", "--overwrite")
        self.assertIn("was complete", self.succeeds("study", "bandit.toml", "-o", "s.h5", "--resume"))
        self.fails(USAGE, ["study", "bandit.toml", "-o", "s.h5", "--resume", "--set", "epsilon=0.3"],
                   "cannot resume", "parameters.epsilon was 0.1 and is now 0.3")

    def test_precision_stops_points_at_powers_of_two(self):
        self.write("precise.toml", BANDIT + '\n[precision]\nmetric = "regret"\nhalf_width = 0.12\n')
        told = self.succeeds_json("study", "precise.toml", "-o", "s.h5", "--set", "replicates=8192")
        import h5py
        with h5py.File(self.folder / "s.h5") as file:
            replicates = list(file["replicates"])
            last = file["standard_error"][:, -1, 0] * 1.959963984540054
            for count, width, stop in zip(replicates, last, file["stop"]):
                self.assertIn(count, (1024, 2048, 4096, 8192))
                self.assertEqual(stop == 1, width <= 0.12)
        self.assertEqual(told["replicates"], sum(replicates))
        self.assertGreater(len(set(replicates)), 1)

    def test_a_baseline_goes_on_until_its_last_point_is_precise(self):
        # The best arm is chosen for certain where it is fixed, which is precise at once; the others take longer.
        self.write("paired.toml", BANDIT.replace("[parameters]", 'baseline = { policy = "fixed" }\n[parameters]')
                   .replace('"thompson"', '"fixed"') + '\n[precision]\nmetric = "regret"\nhalf_width = 0.12\n')
        self.succeeds("study", "paired.toml", "-o", "s.h5", "--set", "replicates=65536", "--set", "fixed_arm=1")
        import h5py
        with h5py.File(self.folder / "s.h5") as file:
            width = 1.959963984540054 * file["standard_error"][:, -1, 0]
            self.assertEqual(width.min(), 0)
            self.assertLessEqual(width.max(), 0.12)
            self.assertEqual(len(set(file["replicates"])), 1)
            self.assertGreater(file["replicates"][0], 1024)

    def test_traces(self):
        self.succeeds("study", "bandit.toml", "--trace", "5", "-o", "world.csv", "--set", "policy=thompson")
        rows = self.table("world.csv")
        self.assertEqual(len(rows), 100)
        self.assertEqual([row["episode"] for row in rows[:2]], ["1", "2"])
        self.succeeds("study", "loop.toml", "--trace", "5", "-o", "world.h5")
        import h5py
        with h5py.File(self.folder / "world.h5") as file:
            self.assertEqual(len(file["trace/score"]), 6 * 60)
            self.assertEqual(sorted(set(file["trace/point"])), [0, 1, 2, 3, 4, 5])

    def test_what_ships_is_listed_and_runs_by_name(self):
        shelf = self.folder / "shelf"
        shelf.mkdir()
        (shelf / "arms.toml").write_text(BANDIT.replace('name = "arms"', 'name = "arms"\ntitle = "Which arm?"'))
        env = {"NPO_STUDIES": str(shelf)}
        self.assertIn("Which arm?", self.succeeds("study", "--list", env=env))
        self.succeeds("study", "arms", "--dry-run", env=env)
        self.fails(USAGE, ["study", "amrs", "--dry-run"], "amrs", "did you mean arms?", env=env)

    def test_metrics_are_listed(self):
        self.assertIn("monitor_fidelity", self.succeeds("study", "--metrics", "loop"))
        self.assertIn("regret", self.succeeds("study", "--metrics", "bandit"))

    def test_the_files_know_what_they_are(self):
        facts = self.succeeds_json("info", "loop.toml")
        self.assertEqual((facts["kind"], facts["points"], facts["claims"]), ("study file", 6, 2))
        self.assertIn("valid study file", self.succeeds("validate", "loop.toml"))
        self.succeeds("study", "loop.toml", "-o", "s.h5")
        self.assertEqual(self.succeeds_json("info", "s.h5")["claims"]["swaps hurt"], "holds")


class Results(StudyTest):
    def test_the_file_opens_with_coordinates(self):
        import h5py
        self.write("loop.toml", LOOP)
        self.succeeds("study", "loop.toml", "-o", "s.h5")
        with h5py.File(self.folder / "s.h5") as file:
            mean = file["mean"]
            self.assertEqual([len(mean.dims[i]) for i in range(3)], [1, 1, 1])
            self.assertEqual(mean.dims[1][0].name, "/checkpoint")
            self.assertEqual(list(file["checkpoint"]), [10, 30, 60])
            metrics = [name.decode() for name in file["metric"]]
            self.assertEqual(mean.shape, (6, 3, len(metrics)))
            self.assertEqual(list(file["parameters/swap"]), [0.0, 0.2, 0.4] * 2)
            self.assertEqual(file["parameters/policy"][3], b"fixed")
            self.assertEqual(file["parameters/thresholds"][0], b"[0.5,0.6,0.7,0.8,0.9]")
            self.assertEqual(list(file["baseline_point"]), [0, 0, 0, 3, 3, 3])
            loss = metrics.index("feedback_loss")
            self.assertTrue((file["count"][:, :, loss] == 1100).all())
            self.assertTrue((file["q05"][:, :, loss] <= file["q95"][:, :, loss]).all())
            self.assertEqual(file["difference"][0, 0, loss], 0)
            # The paired difference of a rate whose denominators are equal is the difference of the means.
            gap = mean[1, 2, loss] - mean[0, 2, loss]
            self.assertAlmostEqual(file["difference"][1, 2, loss], gap, delta=1e-6)
            self.assertEqual([name.decode() for name in file["claims/name"]], ["swaps hurt", "no loss at all"])
            self.assertEqual(file["claims/curve_high"].shape, (2, 6, 3))
            self.assertEqual(json.loads(file.attrs["study"])["parameters"]["swap"], [0.0, 0.2, 0.4])

    def test_xarray_finds_cells_by_coordinates(self):
        try:
            import h5netcdf  # noqa: F401
            import xarray
        except ImportError:
            self.skipTest("python3 with xarray and h5netcdf was not found")
        self.write("loop.toml", LOOP)
        self.succeeds("study", "loop.toml", "-o", "s.h5")
        study = xarray.open_dataset(self.folder / "s.h5", engine="h5netcdf").load()
        self.assertEqual(study["mean"].dims, ("point", "checkpoint", "metric"))
        at_end = study.sel(point=2, checkpoint=60, metric=b"feedback_loss")
        self.succeeds("study", "export", "s.h5", "-o", "s.csv")
        cell = next(row for row in self.table("s.csv") if
                    (row["point"], row["checkpoint"], row["metric"]) == ("2", "60", "feedback_loss"))
        self.assertEqual(float(at_end["mean"]), float(cell["mean"]))
        self.assertEqual(int(at_end["count"]), 1100)

    def test_the_table_is_tidy(self):
        self.write("loop.toml", LOOP)
        self.succeeds("study", "loop.toml", "-o", "s.h5")
        self.succeeds("study", "export", "s.h5", "-o", "s.csv", "--csv")
        rows = self.table("s.csv")
        import h5py
        with h5py.File(self.folder / "s.h5") as file:
            self.assertEqual(len(rows), file["mean"].size)
            self.assertEqual(float(rows[0]["mean"]), file["mean"][0, 0, 0])
        self.assertEqual(list(rows[0])[:6], ["point", "policy", "swap", "checkpoint", "metric", "count"])
        self.assertEqual((rows[-1]["swap"], rows[-1]["checkpoint"]), ("0.4", "60"))
        self.fails(ENVIRONMENT, ["study", "export", "s.h5", "-o", "s.csv"], "s.csv", "--overwrite")
        self.fails(BAD_DATA, ["study", "export", "s.csv", "-o", "t.csv"], "s.csv", "not an HDF5 file")


class Mistakes(NpoTest):
    def refused(self, text, *phrases):
        self.write("s.toml", text)
        self.fails(USAGE, ["study", "s.toml", "-o", "s.h5"], "s.toml", *phrases)

    def changed(self, old, new, *phrases):
        self.assertIn(old, LOOP)
        self.refused(LOOP.replace(old, new, 1), *phrases)

    def test_words_that_are_unknown(self):
        self.changed('kind = "loop"', 'kind = "lop"', "kind", 'did you mean "loop"?')
        self.changed('policy = ["thompson"', 'policy = ["tompson"', "parameters.policy", 'did you mean "thompson"?')
        self.changed("scenarios = 8", "scenario = 8", "unknown key parameters.scenario", "parameters.scenarios")
        self.changed("episodes = 60", "episode = 60", "unknown key episode", "did you mean episodes?")
        self.changed('metric = "score_error"', 'metric = "score_eror"', "swaps hurt", "did you mean score_error?")
        self.changed("where = { swap = 0.0 }", "where = { swop = 0.0 }", "where", "did you mean swap?")
        self.changed('kind = "order"', 'kind = "orders"', "claim 1.kind", 'did you mean "order"?')
        self.changed("high = 0.0", 'high = "alpha * 2"', "no loss at all", "alpha")
        self.changed("high = 0.0", 'high = "2 +"', "claim 2.high", "character 4")
        self.changed("than = { swap = 0.4 }", "thn = { swap = 0.4 }", "than is missing")

    def test_numbers_out_of_range(self):
        self.changed("swap = [0.0, 0.2, 0.4]", "swap = [0.0, 1.2]", "parameters.swap", "[0, 1]")
        self.changed("scenarios = 8", "scenarios = 8.5", "parameters.scenarios", "whole number")
        self.changed("replicates = 1100", "replicates = 0", "replicates = 0 is out of range")
        self.changed("checkpoints = [10, 30]", "checkpoints = [30, 10]", "checkpoints", "ascending")
        self.changed("checkpoints = [10, 30]", "checkpoints = [10, 300]", "checkpoints", "300", "1 to 60")
        self.changed("scenarios = 8", "thresholds = [0.9, 0.5]", "thresholds")
        self.changed("baseline = { swap = 0.0 }", "baseline = { swap = 0.3 }", "baseline", "no point")

    def test_grids(self):
        self.changed("swap = [0.0, 0.2, 0.4]", "swap = []", "parameters.swap is an empty list")
        self.changed("swap = [0.0, 0.2, 0.4]", "swap = [0.0, 0.0]", "twice")
        self.changed("scenarios = 8", "scenarios = { from = 1, to = 10, step = 3 }", "steps is missing")
        self.changed("scenarios = 8", "scenarios = { from = 0, to = 10, steps = 3, scale = \"log\" }", "above 0")
        self.changed("seed = 3", 'design = "zip"', "parameters.policy has 2 values and swap has 3")
        sweeps = "".join(f"{name} = {{ from = 0.1, to = 0.9, steps = 1000 }}\n" for name in ("eta", "delta", "theta"))
        self.changed("scenarios = 8", sweeps, "6000000000 points", "above the limit")

    def test_overrides_that_make_no_sense(self):
        self.write("s.toml", LOOP)
        self.fails(USAGE, ["study", "s.toml", "-o", "s.h5", "--set", "ettta=1"], "unknown key parameters.ettta")
        self.fails(USAGE, ["study", "s.toml", "-o", "s.h5", "--set", "eta"], "no assignment")
        self.fails(USAGE, ["study", "s.toml", "-o", "s.h5", "--shard", "3/2"], "--shard = 3/2")
        self.fails(USAGE, ["study", "s.toml"], "--output is missing")
        self.fails(USAGE, ["study"], "STUDY is missing")
        self.fails(ENVIRONMENT, ["study", "none.toml", "-o", "s.h5"], "none.toml", "no such file")


class Parts(NpoTest):
    def parts(self, count, *flags):
        for i in range(1, count + 1):
            self.succeeds("study", "s.toml", "-o", f"p{i}.h5", "--shard", f"{i}/{count}", *flags)
        return [f"p{i}.h5" for i in range(1, count + 1)]

    def test_parts_that_do_not_fit_are_named(self):
        self.write("s.toml", LOOP)
        self.parts(3)
        self.succeeds("study", "s.toml", "-o", "whole.h5")
        self.succeeds("study", "s.toml", "-o", "q2.h5", "--shard", "2/3", "--set", "scenarios=9")
        self.fails(USAGE, ["merge", "p1.h5", "p3.h5", "-o", "m.h5"], "part 2/3 is missing")
        self.fails(USAGE, ["merge", "p1.h5", "p1.h5", "p3.h5", "-o", "m.h5"], "p1.h5", "both part 1/3")
        self.fails(USAGE, ["merge", "p1.h5", "q2.h5", "p3.h5", "-o", "m.h5"], "q2.h5", "parameters.scenarios")
        self.fails(USAGE, ["merge", "p1.h5", "whole.h5", "-o", "m.h5"], "whole.h5", "whole study")
        self.fails(BAD_DATA, ["merge", "p1.h5", "s.toml", "-o", "m.h5"], "s.toml")

    def test_parts_cut_otherwise_or_by_another_npo_are_refused(self):
        import h5py
        import numpy
        self.write("s.toml", LOOP)
        self.parts(2)
        self.succeeds("study", "s.toml", "-o", "q3.h5", "--shard", "3/3")
        self.fails(USAGE, ["merge", "p1.h5", "q3.h5", "-o", "m.h5"], "q3.h5", "number of parts was 2 and is now 3")
        with h5py.File(self.folder / "p2.h5", "r+") as file:
            file["first_replicate"][-1] += 1  # the last point is in the last part
        self.fails(BAD_DATA, ["merge", "p1.h5", "p2.h5", "-o", "m.h5"], "p2.h5", "begins at replicate", "compute it again")
        for number, code in ((2, USAGE), (1, BAD_DATA)):  # one of them, then both
            with h5py.File(self.folder / f"p{number}.h5", "r+") as file:
                file.attrs["run_id"] = numpy.bytes_("0123456789abcdef")
            self.fails(code, ["merge", "p1.h5", "p2.h5", "-o", "m.h5"], f"p{number}.h5", "another numeric contract")

    def test_a_part_that_is_complete_is_not_resumed_as_another(self):
        self.write("s.toml", LOOP)
        self.parts(2)
        self.fails(USAGE, ["study", "s.toml", "-o", "p1.h5", "--shard", "2/2", "--resume"],
                   "cannot resume", "shard was 1/2 and is now 2/2")
        self.assertIn("was complete", self.succeeds("study", "s.toml", "-o", "p1.h5", "--shard", "1/2", "--resume"))

    def test_a_part_has_no_verdicts(self):
        import h5py
        self.write("s.toml", LOOP)
        for name in self.parts(2):
            with h5py.File(self.folder / name) as file:
                self.assertNotIn("claims", file)
        self.succeeds("merge", "p1.h5", "p2.h5", "-o", "m.h5")
        self.assertEqual(len(self.succeeds_json("info", "m.h5")["claims"]), 2)

    def test_slurm_says_which_part(self):
        self.write("s.toml", LOOP)
        env = {"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_COUNT": "4"}
        self.succeeds("study", "s.toml", "-o", "p.h5", env=env)
        self.assertEqual(self.succeeds_json("info", "p.h5")["shard"], "3/4")


if __name__ == "__main__":
    unittest.main()

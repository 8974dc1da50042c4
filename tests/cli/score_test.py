"""What npo score refuses, and what it leaves behind when it is stopped."""

import json
import signal
import subprocess
import time
import unittest

import small_fleet
from harness import BAD_DATA, BINARY, ENVIRONMENT, INTERRUPTED, USAGE, NpoTest
from small_fleet import needs_h5py

if small_fleet.HAVE_H5PY:
    import h5py
    import numpy as np

FILES = ["--model", "model.json", "--policy", "policy.toml"]
SCORE = ["score", "s.h5", *FILES, "--state", "state.h5", "-o", "run"]


@needs_h5py
class Score(NpoTest):
    def setUp(self):
        super().setUp()
        small_fleet.write_scenarios(self.folder / "s.h5")
        self.write("model.json", small_fleet.MODEL)
        self.write("policy.toml", "")
        self.succeeds("state", "init", "state.h5", "--policy", "policy.toml")

    def test_missing_files(self):
        for name in ["s.h5", "model.json", "policy.toml", "state.h5"]:
            with self.subTest(name=name):
                (self.folder / name).rename(self.folder / "away")
                self.fails(ENVIRONMENT, SCORE, name)
                (self.folder / "away").rename(self.folder / name)

    def test_a_missing_state_names_the_flag_that_makes_one(self):
        self.fails(ENVIRONMENT, ["score", "s.h5", *FILES, "--state", "no.h5", "-o", "run"], "no.h5", "--new-state")

    def test_missing_flags(self):
        self.fails(USAGE, ["score", "s.h5"], "--model is missing", "npo score scenarios.h5 --model")

    def test_a_bad_row_stops_the_run_with_its_number(self):
        small_fleet.change(self.folder / "s.h5", "scenarios/features", (117, 0), np.nan)
        done = self.npo(*SCORE)
        self.assertEqual(done.returncode, BAD_DATA)
        self.assertIn("s.h5", done.stderr)
        self.assertIn("scenarios/features", done.stderr)
        self.assertIn("117", done.stderr)
        self.assertIn("nan = \"block\"", done.stderr)
        self.assertFalse((self.folder / "run").exists())

    def test_duplicate_ids_in_the_night(self):
        small_fleet.change(self.folder / "s.h5", "scenarios/id", 150, 50)
        done = self.npo(*SCORE)
        self.assertEqual(done.returncode, BAD_DATA)
        self.assertIn("scenarios/id", done.stderr)
        self.assertIn("150", done.stderr)

    def test_an_unknown_night(self):
        self.fails(USAGE, [*SCORE, "--night", "2013-05-20"], "2013-05-20", "2013-04-20")

    def test_a_rule_about_an_unknown_column_or_fleet(self):
        for text, phrases in [
            ("[[guardrail]]\ncolumn = 'eror'\nop = '>'\nvalue = 1\n", ["no column \"eror\"", "errors"]),
            ("[[guardrail]]\ncolumn = 'fleet'\nfleets = ['nort']\n", ["no fleet \"nort\"", "north"]),
        ]:
            self.write("other.toml", text)
            self.succeeds("state", "init", "other.h5", "--policy", "other.toml")
            self.fails(USAGE, ["score", "s.h5", "--model", "model.json", "--policy", "other.toml", "--state", "other.h5",
                               "-o", "run"], *phrases)
            for path in [*self.folder.glob("other.h5.d/*"), self.folder / "other.h5"]:
                path.unlink()

    def test_a_model_without_a_column_of_the_file(self):
        self.write("model.json", small_fleet.MODEL.replace('"errors"', '"erors"'))
        self.fails(BAD_DATA, SCORE, "errors", "erors")

    def test_a_state_of_another_policy(self):
        self.write("policy.toml", "[loss]\nskipped = 0.25\n")
        self.fails(USAGE, SCORE, "another policy", "adopt-policy")
        self.succeeds("state", "adopt-policy", "state.h5", "--policy", "policy.toml")
        self.succeeds(*SCORE)

    def by_scenario(self, policy):
        """Arms, decisions and p_surfaced of a night of 4000 under a policy that draws for every scenario."""
        small_fleet.write_scenarios(self.folder / "many.h5", rows=4000, nights=1)
        self.write("drawn.toml", f"[threshold]\nper = 'scenario'\n{policy}\n")
        self.succeeds("score", "many.h5", "--model", "model.json", "--policy", "drawn.toml", "--state", "drawn.h5",
                      "--new-state", "-o", "drawn", "--batch-rows", "77")
        with h5py.File(self.folder / "drawn" / "shard-000000.h5") as shard:
            return [shard["decisions/" + name][:] for name in ("arm", "decision", "p_surfaced")]

    def test_policies_without_chance_draw_no_arm_for_a_scenario(self):
        for policy, arm in [("kind = 'fixed'\nfixed = 0.7", 2), ("kind = 'ucb1'", 0)]:
            with self.subTest(policy=policy):
                arms, decision, p_surfaced = self.by_scenario(policy)
                self.assertTrue((arms == arm).all())
                self.assertTrue((p_surfaced == (decision == 1)).all())
                self.assertGreater(decision.sum(), 100)
                self.assertGreater((decision == 0).sum(), 100)
            self.tearDown()
            self.setUp()

    def test_epsilon_greedy_draws_for_every_scenario(self):
        arms, decision, p_surfaced = self.by_scenario(
            "kind = 'epsilon_greedy'\nepsilon = 0.5\narms = [0.1, 0.2, 0.5, 0.7, 0.9]")
        # Arm 0 is greedy (all means are equal): 0.5 + 0.1 of the rows, every other arm a tenth; five standard deviations.
        share = np.bincount(arms, minlength=5) / len(arms)
        expected = np.array([0.6, 0.1, 0.1, 0.1, 0.1])
        self.assertTrue((np.abs(share - expected) < 5 * np.sqrt(expected * (1 - expected) / len(arms))).all(), share)
        between = (p_surfaced > 0) & (p_surfaced < 1)
        self.assertGreater(between.sum(), 100)
        p = p_surfaced[between].astype(float)
        self.assertLess(abs(decision[between].sum() - p.sum()), 5 * np.sqrt((p * (1 - p)).sum()))

    def test_a_report_names_no_threshold_where_rows_draw_their_own(self):
        self.write("policy.toml", "[threshold]\nper = 'scenario'\n")
        score = ["score", "s.h5", *FILES, "--state", "drawn.h5", "--new-state", "-o", "drawn", "--dry-run"]
        self.assertIn("by row", self.succeeds(*score))
        self.assertEqual([(fleet["arm"], fleet["threshold"]) for fleet in self.succeeds_json(*score)["fleets"]],
                         [(None, None)] * 2)

    def test_a_dry_run_with_a_new_state_makes_none(self):
        before = sorted(self.folder.rglob("*"))
        report = self.succeeds("score", "s.h5", *FILES, "--state", "new.h5", "--new-state", "-o", "run", "--dry-run")
        self.assertIn("nothing was written", report)
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def test_a_refused_night_leaves_no_new_state(self):
        """The remedy of the error is another policy, which a state of the first one would stand in the way of."""
        small_fleet.change(self.folder / "s.h5", "scenarios/features", (150, 1), np.nan)
        score = ["score", "s.h5", *FILES, "--state", "new.h5", "--new-state", "-o", "run"]
        self.fails(BAD_DATA, score, "row 150", "nan = \"block\"")
        self.assertEqual(list(self.folder.glob("new.h5*")), [])
        self.write("policy.toml", "[score]\nnan = 'block'\n")
        self.succeeds(*score)
        self.assertTrue((self.folder / "new.h5").exists())

    def test_output_exists(self):
        self.succeeds(*SCORE)
        before = self.succeeds("digest", "run")
        self.fails(ENVIRONMENT, SCORE, "run", "--overwrite")
        self.succeeds(*SCORE, "--overwrite")
        self.assertEqual(self.succeeds("digest", "run"), before)

    def test_overwriting_with_a_bad_row_leaves_the_old_run_whole(self):
        self.succeeds(*SCORE)
        before = self.succeeds("digest", "run")
        small_fleet.change(self.folder / "s.h5", "scenarios/features", (117, 0), np.nan)
        self.assertEqual(self.npo(*SCORE, "--overwrite").returncode, BAD_DATA)
        self.assertEqual(self.succeeds("digest", "run"), before)
        self.succeeds("validate", "run")
        self.assertFalse((self.folder / "run.new").exists())

    def test_overwriting_replaces_the_run_that_a_link_leads_to(self):
        self.succeeds(*SCORE[:-1], "real")
        (self.folder / "run").symlink_to("real")
        self.succeeds(*SCORE[:-1], "run/", "--overwrite", "--seed", "9")
        self.assertTrue((self.folder / "run").is_symlink())
        self.assertEqual(json.loads((self.folder / "real" / "run.json").read_text())["seed"], 9)
        self.assertEqual(sorted(p.name for p in self.folder.glob("real*")), ["real"])

    def test_overwriting_refuses_a_folder_with_files_of_others(self):
        self.succeeds(*SCORE)
        self.write("run/notes.txt", "mine")
        self.fails(ENVIRONMENT, [*SCORE, "--overwrite"], "notes.txt")
        self.assertEqual((self.folder / "run" / "notes.txt").read_text(), "mine")

    def test_a_kill_while_overwriting_leaves_one_complete_run(self):
        small_fleet.write_scenarios(self.folder / "s.h5", rows=200_000, nights=1)
        small = ["--threads", "1", "--shard-rows", "4096", "--batch-rows", "64"]
        self.succeeds(*SCORE)
        old = self.succeeds("digest", "run")
        self.succeeds(*SCORE[:-1], "straight", "--seed", "9")
        new = self.succeeds("digest", "straight").split()[0]
        words = [*SCORE, *small, "--seed", "9", "--overwrite"]
        for shards in [0, 3, 20, 48, 49]:
            process = subprocess.Popen([BINARY, *words], cwd=self.folder, stderr=subprocess.DEVNULL)
            while process.poll() is None and len(list(self.folder.glob("run.new/shard-*.h5"))) < shards:
                time.sleep(0.0005)
            process.kill()
            process.wait()
            self.succeeds("validate", "run")
            self.assertIn(self.succeeds("digest", "run").split()[0], [old.split()[0], new])
        self.succeeds(*SCORE, *small, "--seed", "9", "--resume")
        self.assertEqual(self.succeeds("digest", "run").split()[0], new)
        self.assertEqual([p.name for p in self.folder.glob("run*")], ["run"])

    def test_an_old_run_that_stands_aside_gets_its_name_back(self):
        # What a crash between two renames leaves where folders cannot exchange their names.
        self.succeeds(*SCORE)
        before = self.succeeds("digest", "run")
        (self.folder / "run").rename(self.folder / "run.old")
        refused = self.npo(*SCORE)
        self.assertEqual(refused.returncode, ENVIRONMENT)
        self.assertIn("holds a run", refused.stderr)
        self.assertEqual(self.succeeds("digest", "run"), before)

    def test_a_resume_of_another_run_names_the_field(self):
        self.succeeds(*SCORE)
        self.fails(USAGE, [*SCORE, "--resume", "--seed", "9"], "seed")

    def test_output_that_cannot_be_written(self):
        self.fails(ENVIRONMENT, [*SCORE[:-1], "/proc/nowhere"], "/proc/nowhere")
        self.write("file", "")
        self.fails(ENVIRONMENT, [*SCORE[:-1], "file/run"], "file")

    def test_a_full_disk_leaves_no_half_written_shard(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True).returncode:
            self.skipTest("this process may not mount a small disk")
        self.addCleanup(subprocess.run, ["umount", disk])
        small_fleet.write_scenarios(self.folder / "s.h5", rows=20000)
        done = self.npo(*SCORE[:-1], "disk/run")
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        self.assertRegex(done.stderr, r"\Anpo score: [^\n]+\n\Z")
        self.assertIn("No space left", done.stderr)
        self.assertEqual([p.name for p in disk.rglob("*") if p.suffix == ".tmp" or "shard" in p.name], [])

    def test_dry_run_writes_nothing_and_says_what_would_be(self):
        before = self.files()
        report = self.succeeds_json(*SCORE, "--dry-run")
        self.assertEqual(report["rows"], 100)
        self.assertEqual(self.files(), before)
        self.succeeds(*SCORE)
        done = json.loads((self.folder / "run" / "run.json").read_text())
        self.assertEqual(len(done["run_id"]), 16)

    def test_progress_as_json_lines_on_stderr(self):
        done = self.npo(*SCORE, "--progress", "json")
        events = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual((events[0]["event"], events[-1]["event"]), ("begin", "end"))
        self.assertEqual(self.npo(*SCORE, "--overwrite", "--progress", "none").stderr, "")

    def test_a_signal_stops_and_a_resume_finishes_the_same_run(self):
        # A night long enough to be caught in the middle of it.
        small_fleet.write_scenarios(self.folder / "s.h5", rows=400_000, nights=1)
        words = [*SCORE, "--threads", "1", "--shard-rows", "4096", "--batch-rows", "64"]
        process = subprocess.Popen([BINARY, *words], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and len(list(self.folder.glob("run/shard-*.h5"))) < 3:
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        message = process.communicate()[1]
        if process.returncode == 0:
            self.skipTest("the run was over before the signal came")
        self.assertEqual(process.returncode, INTERRUPTED, message)
        self.assertIn("--resume", message)
        self.fails(BAD_DATA, ["show", "run"], "run")
        self.succeeds(*words, "--resume")
        digest = self.succeeds("digest", "run").split()[0]
        self.succeeds(*SCORE[:-1], "straight")
        self.assertEqual(self.succeeds("digest", "straight").split()[0], digest)


if __name__ == "__main__":
    unittest.main()

"""The nightly job through the real binary: restarts, gates, the alert budget, and no peeking at the future."""

import csv
import datetime
import fcntl
import json
import pathlib
import random
import shutil
import signal
import subprocess
import time
import unittest

from harness import BINARY, ENVIRONMENT, GATE, USAGE, NpoTest

POLICY = '[threshold]\narms = [0.3, 0.5, 0.7]\n[monitor]\nwindow = 20\n'


def write_fleet(path, drives=120, nights=14, seed=3, flip=None):
    """A small fleet of drives: `wear` grows before a failure. `flip` = (drive, night) fails then instead of never."""
    rng = random.Random(seed)
    start = datetime.date(2024, 3, 1)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["date", "serial", "model", "failure", "wear", "heat"])
        rows = []
        for drive in range(drives):
            fails = rng.randrange(3, nights) if rng.random() < 0.3 else None
            if flip and drive == flip[0]:
                fails = flip[1]
            rng_drive = random.Random(seed * 1000 + drive)
            for night in range(nights):
                if fails is not None and night > fails:
                    break
                near = 3.0 if fails is not None and fails - night <= 3 and not (flip and drive == flip[0]) else 0.0
                rows.append((str(start + datetime.timedelta(days=night)), f"D{drive:04}", "AB"[drive % 2],
                             int(night == fails), f"{near + rng_drive.gauss(0, 1):.4f}", f"{rng_drive.gauss(0, 1):.4f}"))
        for row in sorted(rows):
            out.writerow(row)


class Nightly(NpoTest):
    def prepare(self, name, extra="", flip=None):
        folder = self.folder / name
        folder.mkdir()
        write_fleet(folder / "fleet.csv", flip=flip)
        self.succeeds("import", folder / "fleet.csv", "-o", folder / "scenarios.h5", "--as", "scenarios", "--id", "serial",
                      "--fleet", "model", "--time", "date", "--label", "failure", "--features", "wear,heat",
                      "--label-horizon", "2d")
        if not (self.folder / "model.json").exists():
            self.succeeds("fit", folder / "scenarios.h5", "-o", self.folder / "model.json", "--as-of", "2024-03-05")
        (folder / "policy.toml").write_text(POLICY)
        (folder / "night.toml").write_text(
            'scenarios = "scenarios.h5"\nmodel = "../model.json"\npolicy = "policy.toml"\nstate = "state.h5"\n'
            'output = "runs"\nseed = 4\n[nights]\nfirst = 2024-03-06\n' + extra)
        return folder

    def digests(self, folder):
        paths = sorted((folder / "runs").glob("*/decisions"))
        lines = self.succeeds("digest", *paths, folder / "state.h5").splitlines()
        return [line.split()[0] for line in lines]

    def test_runs_every_night_once(self):
        folder = self.prepare("a")
        first = self.succeeds_json("nightly", folder / "night.toml")
        self.assertEqual(len(first["nights"]), 9)
        self.assertEqual(first["nights"][0]["learn"], None)
        self.assertIsNotNone(first["total"])
        self.assertGreater(first["nights"][4]["learn"]["applied"], 0)
        before = self.digests(folder)
        again = self.succeeds_json("nightly", folder / "night.toml")
        self.assertEqual((again["nights"], again["already_done"]), ([], 9))
        self.assertEqual(self.digests(folder), before)

    def test_one_nightly_at_a_time(self):
        folder = self.prepare("busy")
        (folder / "runs").mkdir()
        with (folder / "runs" / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.fails(ENVIRONMENT, ["nightly", folder / "night.toml"], "runs is locked", "wait for it")
        self.assertFalse((folder / "state.h5").exists())
        self.succeeds("nightly", folder / "night.toml", "--night", "2024-03-06")
        self.assertFalse((folder / "runs" / "lock").exists())

    def test_nights_run_in_order(self):
        folder = self.prepare("order")
        self.succeeds("nightly", folder / "night.toml", "--night", "2024-03-08")
        self.fails(USAGE, ["nightly", folder / "night.toml"], "2024-03-08", "later than 2024-03-06", "[nights] first")
        night = (folder / "night.toml").read_text()
        (folder / "night.toml").write_text(night.replace("first = 2024-03-06", "first = 2024-03-08"))
        self.assertEqual(self.succeeds_json("nightly", folder / "night.toml")["already_done"], 1)

    def test_a_dry_run_writes_nothing(self):
        folder = self.prepare("dry")
        before = sorted(folder.rglob("*"))
        self.succeeds("nightly", folder / "night.toml", "--dry-run")
        self.assertEqual(sorted(folder.rglob("*")), before)

    def test_overwrite_makes_decisions_that_were_cut_short_anew(self):
        """After a rollback the state is not the one that the cut run began with."""
        folder = self.prepare("anew")
        self.succeeds("nightly", folder / "night.toml", "--night", "2024-03-06")
        self.succeeds("nightly", folder / "night.toml", "--night", "2024-03-07")
        night = folder / "runs" / "2024-03-07"
        steps = json.loads((night / "steps.json").read_text())
        cut = {step: steps[step] for step in ("feedback", "learn from", "learn", "retrain")}
        (night / "steps.json").write_text(json.dumps(cut))
        for left in ("summary.json", "journal.jsonl"):
            (night / "decisions" / left).unlink(missing_ok=True)
        self.succeeds("state", "rollback", folder / "state.h5")
        refused = self.npo("nightly", folder / "night.toml")
        self.assertEqual(refused.returncode, USAGE)
        self.assertIn("--overwrite", refused.stderr)
        self.assertEqual(len(self.succeeds_json("nightly", folder / "night.toml", "--overwrite")["nights"]), 8)

    def test_the_first_night_on_a_state_that_exists(self):
        """There is nothing to learn yet, whoever made the state: nights on an empty one come to the same bits."""
        new = self.prepare("new")
        self.succeeds("nightly", new / "night.toml")
        made = self.prepare("made")
        self.succeeds("state", "init", made / "state.h5", "--policy", made / "policy.toml", "--model", "model.json")
        report = self.succeeds_json("nightly", made / "night.toml")
        self.assertIsNone(report["nights"][0]["learn"])
        self.assertGreater(report["nights"][4]["learn"]["applied"], 0)
        self.assertEqual(self.digests(made), self.digests(new))
        unbound = self.prepare("unbound")
        self.succeeds("state", "init", unbound / "state.h5", "--policy", unbound / "policy.toml")
        self.assertEqual(len(self.succeeds_json("nightly", unbound / "night.toml")["nights"]), 9)

    def test_an_output_folder_of_its_own_on_a_state_that_has_learned(self):
        folder = self.prepare("moved")
        self.succeeds("nightly", folder / "night.toml", "--night", "2024-03-06")
        night = (folder / "night.toml").read_text()
        (folder / "night.toml").write_text(night.replace('output = "runs"', 'output = "fresh"'))
        report = self.succeeds_json("nightly", folder / "night.toml")
        self.assertIsNone(report["nights"][0]["learn"])
        self.assertEqual(len(report["nights"]), 9)

    def test_a_cut_at_any_point_changes_nothing(self):
        whole = self.prepare("whole")
        self.succeeds("nightly", whole / "night.toml")
        cut = self.prepare("cut")
        for attempt in range(200):
            running = subprocess.Popen([BINARY, "nightly", str(cut / "night.toml")], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            # Later and later, so that every step is hit at least once before a run gets through.
            time.sleep(0.004 * (attempt + 1))
            if running.poll() is not None:
                break
            running.send_signal(signal.SIGKILL)
            running.wait()
        self.succeeds("nightly", cut / "night.toml")
        self.assertGreater(attempt, 3, "the job was never cut")
        self.assertEqual(self.digests(cut), self.digests(whole))

    def test_no_peeking(self):
        """A drive that fails on the last night changes no decision before its outcome could be known."""
        quiet = self.prepare("quiet", flip=(7, 99))
        fails = self.prepare("fails", flip=(7, 13))
        self.succeeds("nightly", quiet / "night.toml")
        self.succeeds("nightly", fails / "night.toml")
        a, b = self.digests(quiet), self.digests(fails)
        # The label of the night of 03-12 (two days before the failure) is certain on 03-14, the last night.
        self.assertEqual(a[:8], b[:8])
        self.assertNotEqual(a[-1], b[-1])

    def test_gates_fire_after_the_work_is_done(self):
        folder = self.prepare("gate", "[gates]\noverride_rate = 0.0\n")
        done = self.npo("nightly", folder / "night.toml", "--json")
        self.assertEqual(done.returncode, GATE, done.stderr)
        report = json.loads(done.stdout)
        self.assertTrue(report["gate_fired"])
        self.assertEqual(len(report["nights"]), 9)
        self.assertIn("override rate", " ".join(sum((night["gates"] for night in report["nights"]), [])))

    def test_alert_budget(self):
        folder = self.prepare("budget")
        text = (folder / "night.toml").read_text()
        (folder / "night.toml").write_text("alert_budget = 3\n" + text)
        report = self.succeeds_json("nightly", folder / "night.toml")
        surfaced = [night["score"]["surfaced"] for night in report["nights"]]
        self.assertLessEqual(max(surfaced), 3)
        self.assertGreater(sum(night["score"]["over_budget"] for night in report["nights"]), 0)

    def test_configuration_mistakes(self):
        folder = self.prepare("bad")
        text = (folder / "night.toml").read_text()
        for change, phrases in ((("seed = 4", "sead = 4"), ("sead", "seed")),
                                (('model = "../model.json"\n', ""), ("model", "missing")),
                                (("first = 2024-03-06", "first = 2030-01-01"), ("no night to run",))):
            (folder / "night.toml").write_text(text.replace(*change))
            done = self.npo("nightly", folder / "night.toml")
            self.assertIn(done.returncode, (USAGE, 3), done.stderr)
            for phrase in phrases:
                self.assertIn(phrase, done.stderr)


if __name__ == "__main__":
    unittest.main()

"""Feedback that cannot be learned from, through the real binary, and learning exactly once."""

import fcntl
import json
import unittest

import small_fleet
from harness import BAD_DATA, ENVIRONMENT, USAGE, NpoTest
from small_fleet import needs_h5py

if small_fleet.HAVE_H5PY:
    import h5py
    import numpy as np

LEARN = ["learn", "f.h5", "--decisions", "run", "--state", "state.h5"]


@needs_h5py
class Learn(NpoTest):
    def setUp(self):
        super().setUp()
        small_fleet.write_scenarios(self.folder / "s.h5")
        self.write("model.json", small_fleet.MODEL)
        self.write("policy.toml", "")
        self.run_id = self.succeeds_json("score", "s.h5", "--model", "model.json", "--policy", "policy.toml",
                                         "--state", "state.h5", "--new-state", "-o", "run")["run_id"]
        self.write_feedback()

    def write_feedback(self, run=None, **columns):
        """Three answers to the first rows of the run; `columns` replace what is there."""
        events = {"run": np.zeros(len(columns.get("row", range(3))), "u4"), "row": np.arange(3, dtype="u8"), "kind": np.array([0, 1, 1], "u1"),
                  "source": np.zeros(3, "u2"), "id": np.arange(3, dtype="u8"),
                  "time": np.full(3, small_fleet.FIRST_NIGHT + small_fleet.DAY + 60, "i8")}
        events.update(columns)
        with h5py.File(self.folder / "f.h5", "w") as f:
            f.attrs["format"], f.attrs["format_version"] = np.bytes_("npo.feedback"), 1
            f["runs/name"] = np.array([run or self.run_id], "S16")
            f["sources/name"] = np.array(["operators"], "S16")
            for name, values in events.items():
                f["events/" + name] = values

    def refused(self, *phrases, code=BAD_DATA):
        before = self.succeeds("digest", "state.h5")
        self.fails(code, LEARN, *phrases)
        self.assertEqual(self.succeeds("digest", "state.h5"), before)

    def test_learns_once(self):
        first = self.succeeds_json(*LEARN)
        self.assertEqual((first["events"], first["applied"], first["changed"]), (3, 3, True))
        digest = self.succeeds("digest", "state.h5")
        again = self.succeeds_json(*LEARN)
        self.assertEqual((again["applied"], again["already_known"], again["changed"]), (0, 3, False))
        self.assertIn("nothing changed", self.succeeds(*LEARN))
        self.assertEqual(self.succeeds("digest", "state.h5"), digest)

    def answer(self, kind, rows, time):
        count = len(rows)
        self.write_feedback(row=np.array(rows, "u8"), kind=np.full(count, kind, "u1"),
                            source=np.zeros(count, "u2"), id=np.arange(count, dtype="u8"),
                            time=np.full(count, time, "i8"))

    def test_a_retraction_takes_back_what_was_credited_when_it_was_given(self):
        """Likes of withheld decisions credit no arm under `acted`; taken back under `all`, they credited none."""
        self.write("acted.toml", "[threshold]\ncredit = 'acted'\n")
        self.write("all.toml", "[threshold]\ncredit = 'all'\n")
        self.succeeds("state", "adopt-policy", "state.h5", "--policy", "acted.toml")
        with h5py.File(next((self.folder / "run").glob("shard-*.h5"))) as shard:
            withheld = np.flatnonzero(shard["decisions/decision"][:] == 0)
        self.assertGreater(len(withheld), 20)
        later = small_fleet.FIRST_NIGHT + small_fleet.DAY + 60
        self.answer(1, withheld, later)
        self.succeeds(*LEARN)
        self.succeeds("state", "adopt-policy", "state.h5", "--policy", "all.toml")
        self.answer(4, withheld, later + 60)
        self.assertEqual(self.succeeds_json(*LEARN)["retracted"], len(withheld))
        with h5py.File(self.folder / "state.h5") as state:
            self.assertEqual(np.abs(state["posteriors/successes"][:]).sum(), 0)
        self.succeeds("score", "s.h5", "--model", "model.json", "--policy", "all.toml", "--state", "state.h5", "-o",
                      "next")

    def test_a_link_to_a_state_is_the_state(self):
        (self.folder / "elsewhere").mkdir()
        (self.folder / "elsewhere" / "link.h5").symlink_to("../state.h5")
        through = [*LEARN[:-1], "elsewhere/link.h5"]
        self.assertEqual(self.succeeds_json(*through)["generation"], 2)
        self.answer(1, range(10, 20), small_fleet.FIRST_NIGHT + small_fleet.DAY + 90)
        self.assertEqual(self.succeeds_json(*through)["generation"], 3)
        self.assertTrue((self.folder / "elsewhere" / "link.h5").is_symlink())
        self.assertEqual([path.name for path in (self.folder / "elsewhere").iterdir()], ["link.h5"])
        self.assertEqual(self.succeeds("digest", "elsewhere/link.h5").split()[0],
                         self.succeeds("digest", "state.h5").split()[0])
        self.succeeds("validate", "elsewhere/link.h5")
        self.assertEqual(self.succeeds_json("state", "rollback", "elsewhere/link.h5")["current"], 2)
        self.assertTrue((self.folder / "elsewhere" / "link.h5").is_symlink())
        self.assertEqual(self.succeeds_json("state", "list", "state.h5")["current"], 2)

    def test_a_dry_run_with_a_new_state_makes_none(self):
        before = sorted(self.folder.rglob("*"))
        report = self.succeeds_json(*LEARN[:-1], "new.h5", "--new-state", "--dry-run")
        self.assertEqual(report["applied"], 3)
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def test_the_loss_of_a_call_is_of_what_it_applied(self):
        later = small_fleet.FIRST_NIGHT + small_fleet.DAY + 60
        self.answer(1, range(10), later)
        self.succeeds(*LEARN)
        with h5py.File(self.folder / "f.h5", "r+") as f:
            f["events/kind"][:] = [4] * 9 + [1]
            f["events/row"][9] = 10
            f["events/kind"][9] = 0
            f["events/time"][:] += 60
        report = self.succeeds_json(*LEARN)
        self.assertEqual((report["applied"], report["retracted"]), (1, 9))
        self.assertEqual(report["feedback_loss"]["call"], {"answers": 1, "loss": 1.0})
        self.assertEqual(report["feedback_loss"]["after"], {"answers": 2, "loss": 0.5})

    def test_a_state_made_without_a_model_takes_that_of_its_first_run(self):
        self.succeeds("state", "init", "own.h5", "--policy", "policy.toml")
        self.succeeds("fit", "s.h5", "-o", "fitted.json")
        score = ["score", "s.h5", "--policy", "policy.toml", "--state", "own.h5", "--model"]
        run_id = self.succeeds_json(*score, "fitted.json", "-o", "own")["run_id"]
        self.write_feedback(run=run_id)
        self.succeeds("learn", "f.h5", "--decisions", "own", "--state", "own.h5")
        self.fails(USAGE, [*score, "model.json", "-o", "next"], "model.json", "own.h5", "npo retrain")
        self.succeeds(*score, "fitted.json", "-o", "next")
        self.succeeds("retrain", "s.h5", "--model", "fitted.json", "--state", "own.h5", "--as-of", "2013-04-21", "-o",
                      "new.json")
        self.fails(USAGE, [*score, "fitted.json", "-o", "last"], "fitted.json", "npo retrain")
        self.succeeds(*score, "new.json", "-o", "last")

    def test_evaluation_counts_what_learning_applied(self):
        """Answers of a source that agree in time and event id: both take them in the order of their kinds."""
        rng = np.random.default_rng(5)
        events = 2000
        self.write_feedback(row=rng.integers(0, 100, events).astype("u8"), kind=rng.integers(0, 5, events).astype("u1"),
                            source=np.zeros(events, "u2"), id=rng.integers(0, 2, events).astype("u8"),
                            time=small_fleet.FIRST_NIGHT + small_fleet.DAY + rng.integers(0, 2, events))
        self.succeeds(*LEARN)
        with h5py.File(self.folder / "state.h5") as state:
            learned = state["tallies/lifetime"][:].reshape(-1, 3, 4).sum(axis=0)
        report = self.succeeds_json("evaluate", "run", "--labels", "s.h5", "--feedback", "f.h5")
        kinds = ["override", "like", "neutral", "skipped"]
        for decision, name in enumerate(["withheld", "surfaced"]):
            counted = report["total"]["answers"][name]
            self.assertEqual([counted[kind] for kind in kinds], learned[decision].tolist(), name)

    def test_a_run_that_is_not_given(self):
        self.write_feedback(run="0123456789abcdef")
        self.refused("0123456789abcdef")

    def test_a_row_beyond_the_run(self):
        self.write_feedback(row=np.array([0, 1, 100], "u8"))
        self.refused("f.h5", "100")

    def test_an_unknown_kind(self):
        self.write_feedback(kind=np.array([0, 9, 1], "u1"))
        self.refused("f.h5", "kind", "9")
        self.fails(BAD_DATA, ["validate", "f.h5"], "events/kind", "1", "9")

    def test_codes_beyond_their_tables(self):
        self.write_feedback(run=None)
        self.write_feedback(source=np.array([0, 1, 0], "u2"))
        self.fails(BAD_DATA, ["validate", "f.h5"], "events/source", "1")

    def test_damaged_structure(self):
        for dataset, values in [("events/kind", np.zeros(3, "i4")), ("events/row", np.zeros(2, "u8")),
                                ("events/time", np.zeros((3, 1, 1), "i8"))]:
            with self.subTest(dataset=dataset):
                self.write_feedback()
                small_fleet.replace(self.folder / "f.h5", dataset, values)
                self.refused("f.h5")
        self.write_feedback()
        small_fleet.remove(self.folder / "f.h5", "events/kind")
        self.refused("events/kind")
        self.write_feedback()
        small_fleet.attribute(self.folder / "f.h5", "format_version", 7)
        self.refused("version", "7")

    def test_missing_files(self):
        self.fails(ENVIRONMENT, ["learn", "no.h5", *LEARN[2:]], "no.h5")
        self.fails(ENVIRONMENT, [*LEARN[:3], "nowhere", *LEARN[4:]], "nowhere")
        self.fails(ENVIRONMENT, [*LEARN[:-1], "no-state.h5"], "no-state.h5", "--new-state")
        self.fails(USAGE, LEARN[:2], "--decisions is missing")

    def test_a_locked_state_names_who_holds_it(self):
        lock = self.folder / "state.h5.d" / "lock"
        with open(lock, "w") as held:
            held.write("4711\n")
            held.flush()
            fcntl.flock(held, fcntl.LOCK_EX)
            self.refused("state.h5", "locked by process 4711", code=ENVIRONMENT)
            self.write("other.toml", "[loss]\nskipped = 0.25\n")
            self.fails(ENVIRONMENT, ["state", "adopt-policy", "state.h5", "--policy", "other.toml"], "locked")
            self.fails(ENVIRONMENT, ["state", "rollback", "state.h5"], "locked")
        self.succeeds(*LEARN)

    def test_a_dry_run_changes_nothing(self):
        before = self.files()
        self.assertEqual(self.succeeds_json(*LEARN, "--dry-run")["applied"], 3)
        self.assertEqual(self.files(), before)

    def test_progress_ends_where_it_said_it_would(self):
        """A run of several blocks and, on one thread, of several waves of partitions."""
        small_fleet.write_scenarios(self.folder / "s.h5", rows=600_000, nights=1)
        self.run_id = self.succeeds_json("score", "s.h5", "--model", "model.json", "--policy", "policy.toml",
                                         "--state", "state.h5", "-o", "run", "--overwrite")["run_id"]
        self.write_feedback()
        for words, stage in [(["outcomes", "run", "--labels", "s.h5", "--as-of", "2013-05-01", "-o", "o.h5"], "outcomes"),
                             (LEARN, "learn")]:
            with self.subTest(stage=stage):
                done = self.npo(*words, "--threads", "1", "--progress", "json")
                self.assertEqual(done.returncode, 0, done.stderr)
                ends = [event for event in map(json.loads, done.stderr.splitlines())
                        if (event["event"], event.get("stage")) == ("end", stage)]
                self.assertEqual(len(ends), 1)
                self.assertGreater(ends[0]["total"], 8)
                self.assertEqual(ends[0]["done"], ends[0]["total"])

    def test_outcomes_and_evaluation_want_labels(self):
        small_fleet.write_scenarios(self.folder / "plain.h5")
        for name in ["scenarios/label", "scenarios/label_known_at"]:
            small_fleet.remove(self.folder / "plain.h5", name)
        self.fails(USAGE, ["outcomes", "run", "--labels", "plain.h5", "--as-of", "2013-05-01", "-o", "o.h5"],
                   "plain.h5", "label")
        self.fails(BAD_DATA, ["evaluate", "run", "--labels", "plain.h5"], "plain.h5", "label")

    def test_decisions_that_are_damaged(self):
        shard = self.folder / "run" / "shard-000000.h5"
        small_fleet.change(shard, "decisions/score", 5, 0.123)
        self.fails(BAD_DATA, ["validate", "run"], "shard-000000.h5", "decisions/score")
        shard.unlink()
        for command in [["validate", "run"], ["show", "run"], ["digest", "run"], LEARN]:
            self.fails(BAD_DATA, command, "run")

    def test_a_journal_that_was_changed(self):
        journal = self.folder / "run" / "journal"
        journal.write_text(journal.read_text().replace('"rows":100', '"rows":101', 1))
        self.fails(BAD_DATA, ["info", "run"], "journal")


@needs_h5py
class State(NpoTest):
    def setUp(self):
        super().setUp()
        self.write("policy.toml", "")
        self.succeeds("state", "init", "state.h5", "--policy", "policy.toml")

    def test_init_never_overwrites(self):
        for more in [[], ["--overwrite"]]:
            self.fails(ENVIRONMENT, ["state", "init", "state.h5", "--policy", "policy.toml", *more], "state.h5 exists")

    def test_adopt_rollback_and_list(self):
        self.write("other.toml", "[loss]\nskipped = 0.25\n[threshold]\nkind = 'discounted_thompson'\n")
        adopt = ["state", "adopt-policy", "state.h5", "--policy"]
        changes = self.succeeds_json(*adopt, "other.toml")
        self.assertEqual(changes["changes"], ["loss.skipped: 0.3 -> 0.25",
                                              'threshold.kind: "thompson" -> "discounted_thompson"'])
        self.assertFalse(self.succeeds_json(*adopt, "other.toml")["changed"])
        self.assertEqual(self.succeeds("state", "list", "state.h5"), "generation 1\ngeneration 2 (current)\n")
        self.assertEqual(self.succeeds_json("state", "rollback", "state.h5")["current"], 1)
        self.assertTrue(self.succeeds_json(*adopt, "other.toml", "--dry-run")["changed"])
        self.assertEqual(self.succeeds_json("state", "list", "state.h5")["current"], 1)
        self.fails(USAGE, ["state", "rollback", "state.h5", "--generation", "77"], "77", "kept are 1, 2")

    def commit_twice(self):
        """Generations 1 to 3."""
        for skipped in ["0.25", "0.35"]:
            self.write("other.toml", f"[loss]\nskipped = {skipped}\n")
            self.succeeds("state", "adopt-policy", "state.h5", "--policy", "other.toml")

    def test_rollback_is_the_way_out_of_a_damaged_state(self):
        self.commit_twice()
        with open(self.folder / "state.h5", "r+b") as state:
            state.truncate(2000)
        self.fails(BAD_DATA, ["info", "state.h5"], "state.h5")
        listed = self.succeeds("state", "list", "state.h5")
        self.assertIn("generation 1\ngeneration 2\n", listed)
        self.assertIn("damaged", listed)
        self.assertEqual(self.succeeds_json("state", "list", "state.h5"), {"current": None, "kept": [1, 2]})
        self.assertEqual(self.succeeds_json("state", "rollback", "state.h5", "--dry-run")["current"], 2)
        self.fails(USAGE, ["state", "rollback", "state.h5", "--generation", "3"], "generation 3", "kept are 1, 2")
        self.assertEqual(self.succeeds_json("state", "rollback", "state.h5", "--generation", "1")["current"], 1)
        self.assertEqual(self.succeeds("state", "list", "state.h5"), "generation 1 (current)\ngeneration 2\n")
        self.succeeds("validate", "state.h5")

    def test_a_state_of_another_version_is_not_called_damaged(self):
        self.commit_twice()
        for manifest in [self.folder / "state.h5", *(self.folder / "state.h5.d").glob("manifest-*.h5")]:
            small_fleet.attribute(manifest, "format_version", 99)
        for words in [["list"], ["rollback"], ["rollback", "--dry-run"]]:
            self.fails(BAD_DATA, ["state", words[0], "state.h5", *words[1:]], "state.h5", "version", "99")

    def test_a_dry_rollback_names_its_target_and_moves_nothing(self):
        self.commit_twice()
        before = self.files()
        for words, target in [([], 2), (["--generation", "1"], 1), (["--generation", "3"], 3)]:
            would = self.succeeds_json("state", "rollback", "state.h5", *words, "--dry-run")
            self.assertEqual(would, {"current": target, "dry_run": True})
        self.assertEqual(self.succeeds("state", "rollback", "state.h5", "--dry-run"), "generation 2 would be in force\n")
        self.fails(USAGE, ["state", "rollback", "state.h5", "--generation", "9", "--dry-run"], "9", "kept are 1, 2, 3")
        self.assertEqual(self.files(), before)
        self.assertEqual(self.succeeds_json("state", "list", "state.h5")["current"], 3)

    def test_other_thresholds_are_another_state(self):
        self.write("arms.toml", "[threshold]\narms = [0.4, 0.6]\n")
        self.fails(USAGE, ["state", "adopt-policy", "state.h5", "--policy", "arms.toml"], "arms.toml", "0.4", "0.9")

    def test_damage(self):
        self.fails(ENVIRONMENT, ["state", "list", "absent.h5"], "absent.h5")
        self.fails(ENVIRONMENT, ["state", "rollback", "absent.h5"], "absent.h5", "--new-state")
        (self.folder / "state.h5").write_bytes(b"no state")
        self.write("table.csv", "id\n1\n")
        for name in ["state.h5", "table.csv"]:
            for words in [["list"], ["rollback"], ["rollback", "--dry-run"], ["rollback", "--generation", "1"]]:
                with self.subTest(name=name, words=words):
                    self.fails(BAD_DATA, ["state", words[0], name, *words[1:]], name)
        self.assertFalse((self.folder / "table.csv.d").exists())


if __name__ == "__main__":
    unittest.main()

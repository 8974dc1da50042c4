"""Our own decisions and their answers as a log: what is the reward, what the propensity, what a cluster."""

import unittest

import h5py
import numpy as np

from harness import BAD_DATA, GATE, USAGE, NpoTest


class Decisions(NpoTest):
    nights = ["2026-01-02", "2026-01-03"]

    def setUp(self):
        super().setUp()
        self.succeeds("generate", "--scenarios", "3000", "--features", "6", "--fleets", "30", "--nights", "3", "--seed", "4", "-o",
                      "fleet")
        self.succeeds("fit", "fleet/scenarios.h5", "-o", "model.json", "--as-of", "2026-01-02")

    def policy(self, **threshold):
        text = (self.folder / "fleet" / "policy.toml").read_text()
        for key, value in threshold.items():
            lines = [line for line in text.splitlines() if not line.startswith(f"{key} ")]
            at = lines.index("[threshold]")
            text = "\n".join(lines[: at + 1] + [f"{key} = {value}"] + lines[at + 1 :])
        self.write("policy.toml", text)

    def score(self, *flags):
        """Two nights of decisions under one state, answered by operators."""
        self.succeeds("state", "init", "state.h5", "--policy", "policy.toml", "--model", "model.json")
        for i, night in enumerate(self.nights):
            self.succeeds("score", "fleet/scenarios.h5", "--night", night, "--model", "model.json", "--policy", "policy.toml",
                          "--state", "state.h5", "-o", f"d{i}", *flags)
            self.succeeds("operators", f"d{i}", "--truth", "fleet/truth.h5", "-o", f"f{i}.h5", "--look-withheld", "0.6")

    def rows(self):
        """What the decisions and answers hold, row by row, as numpy sees them."""
        out = {name: [] for name in ["decision", "score", "p", "fleet", "run", "like", "arm"]}
        for i in range(2):
            kinds = {}
            with h5py.File(self.folder / f"f{i}.h5") as f:
                for row, kind in zip(f["events/row"][:], f["events/kind"][:]):
                    kinds[row] = kind
            with h5py.File(self.folder / f"d{i}" / "shard-000000.h5") as f:
                decision = f["decisions/decision"][:]
                keep = np.array([d != 2 and r in kinds for r, d in enumerate(decision)])
                out["decision"].append(decision[keep])
                out["score"].append(f["decisions/score"][:][keep])
                out["p"].append(f["decisions/p_surfaced"][:][keep].astype("f8"))
                out["fleet"].append(f["decisions/fleet"][:][keep].astype("i8"))
                out["arm"].append(f["decisions/arm"][:][keep])
                out["run"].append(np.full(keep.sum(), i))
                out["like"].append(np.array([kinds[r] == 1 for r in np.flatnonzero(keep)], "f8"))
        return {name: np.concatenate(parts) for name, parts in out.items()}

    def ope(self, *flags, code=(0, GATE)):
        done = self.npo("ope", "d0", "d1", "--feedback", "f0.h5", "f1.h5", "--json", *flags)
        self.assertIn(done.returncode, code, done.stderr)
        import json

        return json.loads(done.stdout)

    def test_a_threshold_is_evaluated_as_numpy_does(self):
        self.policy(kind='"thompson"', per='"round"')
        self.score()
        rows = self.rows()
        for threshold in [0.5, 0.6, 0.7]:
            report = self.ope("--policy", f"threshold:{threshold}")
            surface = rows["score"] >= np.float32(threshold)
            target = np.where(rows["decision"] == 1, surface, ~surface).astype(float)
            propensity = np.where(rows["decision"] == 1, rows["p"], 1 - rows["p"])
            w = target / propensity
            self.assertEqual(report["rows"], len(w))
            self.assertAlmostEqual(report["estimates"]["ips"]["value"], np.mean(w * rows["like"]), delta=1e-9)
            self.assertAlmostEqual(report["estimates"]["snips"]["value"], np.sum(w * rows["like"]) / np.sum(w), delta=1e-9)
            self.assertAlmostEqual(report["logged"]["value"], rows["like"].mean(), delta=1e-12)

    def test_what_had_no_chance_is_unsupported(self):
        """Scores below every arm are never surfaced; a threshold of 0 surfaces them."""
        self.policy(kind='"thompson"', per='"round"')
        self.score()
        never = np.mean(self.rows()["p"] == 0)
        self.assertGreater(never, 0.01)
        report = self.ope("--policy", "threshold:0", code=[GATE])
        self.assertAlmostEqual(report["unsupported"], never, delta=1e-12)
        self.assertIn("what the log could not show", " ".join(report["reasons"]))

    def test_rows_that_shared_one_draw_are_one_cluster(self):
        self.policy(kind='"thompson"', per='"round"')
        self.score()
        rows = self.rows()
        clusters = len(set(zip(rows["run"], rows["fleet"])))
        report = self.ope("--policy", "threshold:0.6")
        self.assertEqual(report["clusters"], clusters)
        self.assertLessEqual(report["weights"]["effective_clusters"], clusters)
        # Of a sum over clusters: far wider than rows taken as independent would say.
        surface = rows["score"] >= np.float32(0.6)
        w = np.where(rows["decision"] == 1, surface, ~surface) / np.where(rows["decision"] == 1, rows["p"], 1 - rows["p"])
        u = w * rows["like"] - np.mean(w * rows["like"])
        totals = np.array([u[(rows["run"] == r) & (rows["fleet"] == f)].sum() for r, f in set(zip(rows["run"], rows["fleet"]))])
        expected = np.sqrt(np.sum(totals**2) * clusters / (clusters - 1)) / len(u)
        self.assertAlmostEqual(report["estimates"]["ips"]["standard_error"], expected, delta=1e-9)

    def test_a_draw_for_every_scenario_leaves_only_its_nights_together(self):
        self.policy(kind='"thompson"', per='"scenario"')
        self.score()
        report = self.ope("--policy", "threshold:0.6")
        self.assertGreater(report["clusters"], 2000)

    def test_the_arm_as_the_action(self):
        self.policy(kind='"thompson"', per='"round"')
        self.score()
        report = self.ope("--policy", "fixed:0.7", "--action", "arm")
        self.assertEqual(report["actions"], 5)
        # Every arm has a fifth under the prior, so that the first night's weights are 0 or 5.
        self.assertAlmostEqual(report["weights"]["largest"], 5.0, delta=0.01)
        rows = self.rows()
        likes = rows["like"][rows["arm"] == 2]
        self.assertAlmostEqual(report["estimates"]["replay"]["value"], likes.mean(), delta=0.02)

    def test_the_posteriors_of_a_state_are_a_target(self):
        self.policy(kind='"thompson"', per='"round"')
        self.score()
        same = self.ope("--policy", "thompson:state.h5")
        # Nothing was learned between: the target is the logging policy itself, and every weight is 1.
        self.assertAlmostEqual(same["weights"]["largest"], 1.0, delta=1e-5)
        self.assertAlmostEqual(same["estimates"]["ips"]["value"], same["logged"]["value"], delta=1e-5)

    def test_decisions_that_nobody_answered(self):
        self.policy(kind='"thompson"', per='"scenario"')
        self.score()
        with h5py.File(self.folder / "f0.h5") as f:
            answered = f["events/row"].shape[0]
        few = self.npo("ope", "d0", "--feedback", "f0.h5", "--policy", "threshold:0.6", "--unanswered", "zero", "--json")
        import json

        self.assertGreaterEqual(json.loads(few.stdout)["rows"], answered)

    def test_what_is_refused(self):
        self.policy(kind='"fixed"')
        self.score()
        self.fails(BAD_DATA, ["ope", "d0", "--feedback", "f0.h5", "--policy", "threshold:0.6"], "the thresholds of this run were not drawn",
                   "threshold.kind thompson")
        self.fails(USAGE, ["ope", "d0", "--policy", "threshold:0.6"], "decisions alone have no rewards", "--feedback")
        self.fails(USAGE, ["ope", "d0", "--feedback", "f1.h5", "--policy", "threshold:0.6"], "no event")
        self.fails(USAGE, ["ope", "d0", "d0", "--feedback", "f0.h5", "--policy", "threshold:0.6"], "given twice")


if __name__ == "__main__":
    unittest.main()

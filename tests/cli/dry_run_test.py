"""--dry-run of every command that writes: the same report, and not one byte changed anywhere."""

import unittest

from harness import NpoTest

STUDY = """
kind = "loop"
name = "small"
episodes = 40
replicates = 64
[parameters]
scenarios = 4
swap = [0.0, 0.2]
[[claim]]
name = "certain"
kind = "within"
metric = "feedback_loss"
low = 0
high = 1
"""
LABELS, MODEL = "fleet/scenarios.h5", "fleet/model.json"

# Each writes to names that begin with "new", or changes a state.
WRITERS = [
    ("import", "rows.csv", "--as", "scenarios", "--id", "id", "--time", "time", "--features", "x", "-o", "new.h5"),
    ("import", "answers.csv", "--as", "feedback", "--run", "run", "--row", "row", "--kind", "kind", "--time", "time", "--source",
     "source", "--event-id", "event", "-o", "new.h5"),
    ("import", "log.csv", "--as", "log", "--action", "a", "--reward", "r", "--propensity", "p", "-o", "new.h5"),
    ("generate", "--scenarios", "50", "--features", "2", "--fleets", "2", "-o", "new"),
    ("fit", LABELS, "-o", "new.json"),
    ("outcomes", "run", "--labels", LABELS, "--as-of", "2026-03-01", "-o", "new.h5"),
    ("operators", "run", "--truth", "fleet/truth.h5", "-o", "new.h5"),
    ("learn", "answers2.h5", "--decisions", "run2", "--state", "state.h5"),
    ("retrain", LABELS, "--model", MODEL, "--state", "state.h5", "-o", "new.json"),
    ("study", "study.toml", "-o", "new.h5"),
    ("study", "study.toml", "-o", "new.csv", "--trace", "0"),
    ("study", "export", "whole.h5", "-o", "new.csv"),
    ("merge", "one.h5", "two.h5", "-o", "new.h5"),
    ("state", "init", "new.h5", "--policy", "policy.toml"),
    ("state", "rollback", "state.h5", "--generation", "1"),
]
# Their reports do not speak of what is written.
SILENT = [
    ("state", "adopt-policy", "state.h5", "--policy", "policy.toml"),
    ("evaluate", "run", "--labels", LABELS, "--prometheus", "new.prom", "--html", "new.html"),
    ("ope", "log.h5", "--policy", "uniform", "--html", "new.html"),
]


class DryRun(NpoTest):
    def setUp(self):
        super().setUp()
        self.write("rows.csv", "id,time,x\n1,2013-04-20,0.5\n2,2013-04-20,1.5\n")
        self.write("answers.csv", "run,row,kind,time,source,event\n0123456789abcdef,0,like,2013-04-21,ann,1\n")
        self.write("log.csv", "a,r,p\n" + "".join(f"{'ab'[i % 2]},{i // 2 % 2},0.5\n" for i in range(400)))
        self.write("study.toml", STUDY)
        self.write("policy.toml", "[loss]\nskip_after = '2d'\n")
        self.succeeds("import", "log.csv", "--as", "log", "--action", "a", "--reward", "r", "--propensity", "p", "-o", "log.h5")
        self.succeeds("generate", "--scenarios", "400", "--features", "3", "--fleets", "2", "--nights", "2", "-o", "fleet")
        self.succeeds("score", LABELS, "--model", MODEL, "--policy", "fleet/policy.toml", "--state", "state.h5", "--new-state",
                      "--night", "2026-01-01", "-o", "run")
        self.succeeds("operators", "run", "--truth", "fleet/truth.h5", "-o", "answers.h5")
        self.succeeds("learn", "answers.h5", "--decisions", "run", "--state", "state.h5")
        self.succeeds("score", LABELS, "--model", MODEL, "--policy", "fleet/policy.toml", "--state", "state.h5",
                      "--night", "2026-01-02", "-o", "run2")
        self.succeeds("operators", "run2", "--truth", "fleet/truth.h5", "-o", "answers2.h5")
        self.succeeds("study", "study.toml", "-o", "whole.h5")
        for part in (1, 2):
            self.succeeds("study", "study.toml", "-o", ("one.h5", "two.h5")[part - 1], "--shard", f"{part}/2")

    def contents(self):
        """Every file and folder, with its bytes."""
        return {str(p.relative_to(self.folder)): p.read_bytes() if p.is_file() else None for p in self.folder.rglob("*")}

    def test_nothing_is_written(self):
        for words in WRITERS + SILENT:
            before = self.contents()
            with self.subTest(command=" ".join(words[:3])):
                text = self.succeeds(*words, "--dry-run")
                after = self.contents()
                self.assertEqual({n for n in after if after.get(n) != before.get(n)} | set(before) - set(after), set())
                if words in WRITERS:
                    self.assertRegex(text, "would|nothing was written")

    def test_the_report_is_that_of_the_real_run(self):
        for words in WRITERS:
            if words[0] not in ("outcomes", "operators", "merge"):
                continue
            with self.subTest(command=words[0]):
                told = self.succeeds_json(*words, "--dry-run")
                self.assertEqual(told, self.succeeds_json(*words, "--overwrite"))
                self.assertEqual(told, self.succeeds_json(*words, "--dry-run"), "what exists already is in nobody's way")
                self.assertNotIn("would", self.succeeds(*words, "--overwrite"))


if __name__ == "__main__":
    unittest.main()

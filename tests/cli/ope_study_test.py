"""Studies of off-policy estimators: kind = "ope", through the real program."""

import unittest

from harness import SOURCE, USAGE, NpoTest

STUDY = """
kind = "ope"
name = "small"
episodes = 500
replicates = 1100
checkpoints = [100]

[parameters]
logging_sharpness = [1.0, 3.0]
model_bias = 0.02

[[claim]]
name = "unbiased"
kind = "equals"
metric = "ips_error"
value = 0
resolution = 0.05

[[claim]]
name = "DR beats IPS"
kind = "below"
metric = "dr_squared_error"
high = "ips_squared_error"

[[claim]]
name = "clipping does not matter"
kind = "above"
metric = "clipped_ips_error"
low = 0
where = { logging_sharpness = 3.0 }
"""


class OpeStudy(NpoTest):
    def test_claims_have_verdicts(self):
        self.write("s.toml", STUDY)
        report = self.succeeds_json("study", "s.toml", "-o", "s.h5", "--set", "clip=2")
        self.assertEqual([claim["verdict"] for claim in report["claims"]], ["holds", "holds", "fails"])

    def test_the_same_bits_for_any_threads_and_shards(self):
        self.write("s.toml", STUDY)
        self.succeeds("study", "s.toml", "-o", "one.h5", "--threads", "1", "--simd", "scalar")
        self.succeeds("study", "s.toml", "-o", "three.h5", "--threads", "3")
        for i in (1, 2):
            self.succeeds("study", "s.toml", "-o", f"part{i}.h5", "--shard", f"{i}/2")
        self.succeeds("merge", "part1.h5", "part2.h5", "-o", "merged.h5")
        digests = {line.split()[0] for line in self.succeeds("digest", "one.h5", "three.h5", "merged.h5").splitlines()}
        self.assertEqual(len(digests), 1)

    def test_mistakes_are_named(self):
        self.write("s.toml", STUDY.replace("model_bias", "model_bais"))
        self.fails(USAGE, ["study", "s.toml", "-o", "s.h5"], "model_bais", "model_bias")
        self.write("s.toml", STUDY)
        self.fails(USAGE, ["study", "s.toml", "-o", "s.h5", "--set", "base_rate=0.7"], "base_rate", "(0, 0.5]")
        self.fails(USAGE, ["study", "s.toml", "-o", "t.h5", "--trace", "1"], "kind ope has no trace")
        self.assertIn("dr_squared_error", self.succeeds("study", "--metrics", "ope"))

    def test_nothing_refutes_the_study_that_ships(self):
        """64 worlds instead of 16384 decide little, but they must not contradict."""
        report = self.succeeds_json("study", SOURCE / "studies" / "ope.toml", "-o", "ope.h5", "--set", "replicates=64", "--set",
                                    "episodes=2000", "--threads", "2")
        self.assertEqual(len(report["claims"]), 13)
        self.assertNotIn("fails", [claim["verdict"] for claim in report["claims"]])


if __name__ == "__main__":
    unittest.main()

"""Slips in policy.toml, through the real binary."""

import unittest

from harness import ENVIRONMENT, USAGE, NpoTest


class PolicyFile(NpoTest):
    def refused(self, text, *phrases, code=USAGE):
        self.write("policy.toml", text)
        for command in ["info", "digest"]:
            self.fails(code, [command, "policy.toml"], f"npo {command}: policy.toml", *phrases)

    def test_unknown_key_or_word(self):
        self.refused("[treshold]\n", "unknown key treshold", "did you mean threshold?")
        self.refused("[threshold]\namrs = [0.5, 0.6]\n", "unknown key threshold.amrs", "threshold.arms")
        self.refused("[score]\ntarget = 'aproval'\n", "score.target", "did you mean \"approval\"?")
        self.refused("[[guardrail]]\ncolum = 'x'\n", "guardrail[1].column", "missing")

    def test_thresholds(self):
        self.refused("[threshold]\narms = [0.5, 1.0]\n", "threshold.arms", "1", "(0, 1)")
        self.refused("[threshold]\narms = [0.0, 0.5]\n", "threshold.arms", "(0, 1)")
        self.refused("[threshold]\narms = [0.7, 0.5]\n", "not ascending", "0.7 stands before 0.5")
        self.refused("[threshold]\narms = [0.5]\n", "1 thresholds", "2 to 32")

    def test_ranges(self):
        self.refused("[loss]\nskipped = 0.5\n", "loss.skipped = 0.5", "[0.2, 0.4]")
        self.refused("[score]\neta = 0\n", "score.eta = 0", "(0, 1]")
        self.refused("[monitor]\nwindow = '100'\n", "monitor.window", "whole number")

    def test_guardrails_that_no_float_can_hit(self):
        self.refused("[[guardrail]]\ncolumn = 'x'\nop = '=='\nvalue = 0.1\n", "no float32 equals 0.1", "interval")
        self.refused("[[guardrail]]\ncolumn = 'x'\nop = 'in'\ninterval = [0.10000001, 0.100000011]\n", "no float32 lies")
        self.write("policy.toml", "[[guardrail]]\ncolumn = 'x'\nop = '=='\nvalue = 0.25\n")
        self.succeeds("info", "policy.toml")

    def test_syntax(self):
        self.refused("[score\n", "line 1")

    def test_missing_file(self):
        self.fails(ENVIRONMENT, ["info", "policy.toml"], "policy.toml: no such file")

    def test_digest_ignores_how_it_is_written(self):
        self.write("a.toml", "")
        self.write("b.toml", "# the same\n[loss]\nskipped = 0.30\nmax_delay = '90d'\n")
        self.write("c.toml", "[loss]\nskipped = 0.31\n")
        digests = [line.split()[0] for line in self.succeeds("digest", "a.toml", "b.toml", "c.toml").splitlines()]
        self.assertEqual(digests[0], digests[1])
        self.assertNotEqual(digests[0], digests[2])


if __name__ == "__main__":
    unittest.main()

"""Logs of actions, propensities and rewards through the real program: what is read, and what is refused with row and remedy."""

import gzip
import unittest

from harness import BAD_DATA, ENVIRONMENT, USAGE, NpoTest

FLAGS = ["-o", "log.h5", "--as", "log", "--action", "item", "--reward", "click", "--propensity", "p"]
HEAD = "item,click,p,slot,when,who,x,q_a,q_b\n"
GOOD = HEAD + "a,1,0.25,1,2024-01-01,u,0.5,0.1,0.2\nb,0,0.75,2,2024-01-02,v,1.5,0.3,0.4\n"


class LogImport(NpoTest):
    def refuse(self, text, *phrases, flags=()):
        self.write("in.csv", text)
        self.fails(BAD_DATA, ["import", "in.csv", *FLAGS, *flags], *phrases)

    def test_plain_gzip_and_stdin_make_the_same_log(self):
        self.write("in.csv", GOOD)
        (self.folder / "in.gz").write_bytes(gzip.compress(GOOD.encode()))
        plain = self.succeeds_json("import", "in.csv", *FLAGS)
        self.assertEqual((plain["rows"], plain["actions"], plain["reward_sum"], plain["smallest_propensity"]), (2, 2, 1, 0.25))
        digest = self.succeeds("digest", "log.h5")
        self.succeeds("import", "in.gz", *FLAGS, "--overwrite", "--compress", "none")
        self.assertEqual(self.succeeds("digest", "log.h5"), digest)
        self.succeeds("import", "-", *FLAGS, "--overwrite", stdin=GOOD)
        self.assertEqual(self.succeeds("digest", "log.h5"), digest)

    def test_all_columns_are_kept_and_told(self):
        self.write("in.csv", GOOD)
        self.succeeds("import", "in.csv", *FLAGS, "--position", "slot", "--time", "when", "--cluster", "who", "--categories",
                      "who", "--context", "x", "--reward-model", "q_*", "--actions", "b,a,c")
        facts = self.succeeds_json("info", "log.h5")
        self.assertEqual(facts["actions"], ["b", "a", "c"])
        self.assertEqual(facts["values"], ["x", "q_a", "q_b"])
        self.assertEqual((facts["categories"], facts["position"], facts["time"], facts["cluster"]),
                         ({"who": 2}, True, True, True))
        self.assertEqual(self.succeeds("validate", "log.h5"), "log.h5: valid log, 2 rows\n")

    def test_bad_rows_are_named_with_line_column_and_remedy(self):
        row = "a,{},{},1,2024-01-01,u,1,1,1\n"
        self.refuse(HEAD + row.format(1, 0), "line 2, column p: '0' is a propensity of 0", "cannot have happened")
        self.refuse(HEAD + row.format(1, -0.1), "line 2, column p: '-0.1' is no probability in (0, 1]")
        self.refuse(HEAD + row.format(1, 1.5), "line 2, column p: '1.5' is no probability in (0, 1]")
        self.refuse(HEAD + row.format(1, 1e-310), "line 2, column p: '1e-310' is too small: its weight 1/p is not finite",
                    "at least 5.6e-309")
        self.refuse(HEAD + row.format(1, ""), "line 2, column p: '' is missing")
        self.refuse(HEAD + row.format("NaN", 0.5), "line 2, column click: 'NaN' is missing")
        self.refuse(HEAD + row.format("inf", 0.5), "line 2, column click: 'inf' is not finite")
        self.refuse(GOOD, "line 3, column item: 'b' is outside the policy", flags=["--actions", "a,c"])
        self.refuse(GOOD.replace(",2,2024", ",0,2024"), "line 3, column slot: '0' is no position", flags=["--position", "slot"])
        self.refuse(HEAD, "has no row to import")

    def test_bad_rows_can_be_left_out(self):
        self.write("in.csv", GOOD + "a,1,0,1,2024-01-01,u,1,1,1\n")
        report = self.succeeds_json("import", "in.csv", *FLAGS, "--skip-bad")
        self.assertEqual((report["rows"], report["skipped"]["count"]), (2, 1))

    def test_what_is_left_out_names_nothing(self):
        """An action or a value that only bad rows hold is none of the log's, and the others keep their codes."""
        bad = ["ghost,1,0,1,2024-01-01,phantom,1,1,1\n", "ghost,1,0.5,1,2024-01-01,phantom,none,1,1\n",
               "a,1,0.5,1,2030-01-01," + 300 * "w" + ",1,1,1\n"]
        flags = [*FLAGS, "--categories", "when,who", "--context", "x", "--skip-bad"]
        digests = []
        for rows in ["", "".join(bad)]:
            self.write("in.csv", HEAD + rows + GOOD[len(HEAD):])
            self.assertEqual(self.succeeds_json("import", "in.csv", *flags, "--overwrite")["actions"], 2)
            facts = self.succeeds_json("info", "log.h5")
            self.assertEqual((facts["actions"], facts["categories"]), (["a", "b"], {"when": 2, "who": 2}))
            digests.append(self.succeeds("digest", "log.h5"))
        self.assertEqual(digests[0], digests[1])

    def test_flags_that_do_not_fit(self):
        self.write("in.csv", GOOD)
        self.fails(USAGE, ["import", "in.csv", "-o", "log.h5", "--as", "log", "--action", "item"], "--propensity")
        self.fails(USAGE, ["import", "in.csv", *FLAGS, "--context", "z_*"], "no column fits 'z_*'")
        self.fails(USAGE, ["import", "in.csv", *FLAGS, "--context", "x", "--keep", "x"], "column 'x' is named twice")
        self.succeeds("import", "in.csv", *FLAGS)
        self.fails(ENVIRONMENT, ["import", "in.csv", *FLAGS], "log.h5 exists", "--overwrite")

    def test_a_file_written_by_hand_is_checked_row_by_row(self):
        import h5py
        import numpy as np

        def write(reward, propensity, action=(0, 1), version=1, form=b"npo.log"):
            with h5py.File(self.folder / "hand.h5", "w") as f:
                f.attrs["format"], f.attrs["format_version"] = np.bytes_(form), version
                f["actions/name"] = np.array([b"left", b"right"])
                f["log/action"] = np.array(action, "u4")
                f["log/reward"], f["log/propensity"] = np.array(reward, "f8"), np.array(propensity, "f8")

        write([0, 1], [0.3, 0.7])
        self.assertEqual(self.succeeds("validate", "hand.h5"), "hand.h5: valid log, 2 rows\n")
        write([0, np.nan], [0.3, 0.7])
        self.fails(BAD_DATA, ["validate", "hand.h5"], "log/reward of row 1 is nan")
        write([0, 1], [0.3, 1.7])
        self.fails(BAD_DATA, ["validate", "hand.h5"], "log/propensity of row 1 is 1.7, outside (0, 1]")
        write([0, 1], [0.3, 1e-320])
        for words in (["validate", "hand.h5"], ["ope", "hand.h5", "--policy", "uniform"]):
            self.fails(BAD_DATA, words, "hand.h5", "log/propensity of row 1 is", "too small: its weight 1/p is not finite")
        write([0, 1], [0.3, 0.7], action=(0, 2))
        self.fails(BAD_DATA, ["validate", "hand.h5"], "log/action of row 1 is 2, outside the policy")
        write([0, 1, 1], [0.3, 0.7])
        self.fails(BAD_DATA, ["validate", "hand.h5"], "log/reward has 3 rows, log/action has 2")
        write([0, 1], [0.3, 0.7], version=7)
        self.fails(BAD_DATA, ["validate", "hand.h5"], "version")


if __name__ == "__main__":
    unittest.main()

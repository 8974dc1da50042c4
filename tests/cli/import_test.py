"""Importing CSV files through the real program: what is refused, with which exit code, and what a full disk leaves behind."""

import gzip
import resource
import signal
import subprocess
import unittest

from harness import BAD_DATA, BINARY, ENVIRONMENT, USAGE, NpoTest

FLAGS = ["-o", "out.h5", "--as", "scenarios", "--id", "id", "--time", "day", "--features", "x,y", "--label", "failed"]
HEAD = "id,day,x,y,failed\n"
GOOD = HEAD + "a,2024-01-01,1,2,0\nb,2024-01-01,3,4,1\na,2024-01-02,5,6,0\n"


class Import(NpoTest):
    def refuse(self, text, code, *phrases, flags=FLAGS):
        self.write("in.csv", text)
        self.fails(code, ["import", "in.csv", *flags], *phrases)

    def test_reads_files_gzip_and_stdin_alike(self):
        self.write("in.csv", GOOD)
        (self.folder / "in.gz").write_bytes(gzip.compress(GOOD.encode()))
        plain = self.succeeds_json("import", "in.csv", *FLAGS)
        self.assertEqual((plain["rows"], len(plain["nights"]), plain["labels"]["yes"]), (3, 2, 1))
        packed = self.succeeds_json("import", "in.gz", *FLAGS, "--overwrite")
        piped = self.succeeds("import", "-", *FLAGS, "--overwrite", stdin=GOOD)
        self.assertEqual(packed["rows"], 3)
        self.assertIn("3 scenarios with 2 features in 1 fleets, 2 nights from 2024-01-01 to 2024-01-02", piped)

    def test_names_file_line_and_column(self):
        row = "b,2024-01-01,{},4,1\n"
        self.refuse(HEAD + row.format("abc"), BAD_DATA, "in.csv: line 2, column x: 'abc' is not a number")
        self.refuse(GOOD + row.format(""), BAD_DATA, "line 5, column x: '' is missing", "--missing nan")
        self.refuse(GOOD + row.format("1e39"), BAD_DATA, "does not fit a 32-bit float")
        self.refuse(HEAD + "a,2024-01-32,1,2,0\n", BAD_DATA, "line 2, column day: '2024-01-32' is not a time")
        self.refuse(HEAD + "a,2024-01-01,1,2,7\n", BAD_DATA, "line 2, column failed: '7' is not a label")
        self.refuse(HEAD + "a,2024-01-01,1,2\n", BAD_DATA, "line 2: 4 fields where the header has 5")
        self.refuse(HEAD + 'a,2024-01-01,"1,2,0\n', BAD_DATA, "line 2, column x: has a quote that is never closed")

    def test_names_both_lines_of_a_double(self):
        self.refuse(GOOD + "b,2024-01-01,3,4,1\n", BAD_DATA, "lines 3 and 5 both hold id 'b' in the night of 2024-01-01",
                    "--skip-bad")

    def test_refuses_files_that_are_none(self):
        self.refuse("", BAD_DATA, "in.csv is empty")
        self.refuse(HEAD, BAD_DATA, "in.csv has no row to import")
        self.refuse("id,day,x,x\n", BAD_DATA, "two columns are called 'x'")
        self.fails(ENVIRONMENT, ["import", "absent.csv", *FLAGS], "cannot open absent.csv: No such file")
        (self.folder / "cut.gz").write_bytes(gzip.compress(GOOD.encode())[:-5])
        self.fails(BAD_DATA, ["import", "cut.gz", *FLAGS], "cut.gz ends in the middle of its gzip data")

    def test_refuses_flags_that_do_not_fit(self):
        self.write("in.csv", GOOD)
        self.fails(USAGE, ["import", "in.csv", *FLAGS, "--fleet", "dya"], "no column 'dya'", "`day`")
        self.fails(USAGE, ["import", "in.csv", *FLAGS, "--label-horizon", "soon"], "--label-horizon")
        self.fails(USAGE, ["import", "in.csv", "-o", "out.h5"], "--as")
        self.fails(USAGE, ["import", "in.csv", "-o", "out.h5", "--as", "scenarios", "--id", "id"], "--time")

    def test_skips_and_counts_bad_rows_when_asked(self):
        self.write("in.csv", GOOD + "c,2024-01-01,abc,4,1\nb,2024-01-01,3,4,1\n")
        report = self.succeeds_json("import", "in.csv", *FLAGS, "--skip-bad")
        self.assertEqual((report["rows"], report["skipped"]["count"]), (3, 2))

    def test_what_is_left_out_names_no_fleet(self):
        """A fleet that only rows without usable features name is none of the file's."""
        rows = "a,2024-01-01,1,2,0,north\nb,2024-01-01,abc,4,1,ghost\nc,2024-01-01,,4,1,phantom\nd,2024-01-01,3,4,1,south\n"
        self.write("in.csv", HEAD.replace("\n", ",where\n") + rows)
        for more in [[], ["--label-horizon", "1d"]]:
            with self.subTest(more=more):
                self.succeeds("import", "in.csv", *FLAGS, *more, "--fleet", "where", "--skip-bad", "--missing", "drop",
                              "--overwrite")
                self.assertEqual(self.succeeds_json("info", "out.h5")["fleets"], ["north", "south"])

    def test_leaves_an_existing_file_alone(self):
        self.write("in.csv", GOOD)
        self.succeeds("import", "in.csv", *FLAGS)
        self.fails(ENVIRONMENT, ["import", "in.csv", *FLAGS], "out.h5 exists", "--overwrite")

    def test_a_full_disk_is_one_sentence_and_no_file(self):
        rows = "".join(f"s{i},2024-01-01,{i},{i * 7919 % 1000003},0\n" for i in range(40000))
        self.write("in.csv", HEAD + rows)
        before = self.files()
        for memory in ["1", "512"]:  # the temporary file of the sort, and the output itself

            def limit():
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

            done = subprocess.run([BINARY, "import", "in.csv", *FLAGS, "--sort-memory", memory], cwd=self.folder,
                                  capture_output=True, text=True, preexec_fn=limit)
            self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
            self.assertRegex(done.stderr, r"\Anpo import: cannot write [^\n]*\n\Z")
            self.assertEqual(self.files(), before)

    def test_feedback_names_the_nearest_kind(self):
        self.write("f.csv", "run,row,kind,time,source,event_id\nr,0,like,0,ann,1\nr,1,overide,0,ann,2\n")
        flags = ["import", "f.csv", "-o", "f.h5", "--as", "feedback"]
        self.fails(BAD_DATA, flags, "f.csv: line 3, column kind: 'overide' is no kind of feedback", "`override`")
        self.assertEqual(self.succeeds_json(*flags, "--skip-bad")["kinds"]["like"], 1)


class Generate(NpoTest):
    WORDS = ["generate", "--scenarios", "5000", "--features", "5", "--fleets", "4", "--nights", "2", "--seed", "3"]

    def test_writes_a_folder_ready_for_the_night(self):
        report = self.succeeds_json(*self.WORDS, "-o", "g")
        self.assertEqual(report["rows"], 10000)
        self.assertEqual(set(self.files()), {f"g/{n}" for n in ["scenarios.h5", "truth.h5", "model.json", "policy.toml",
                                                               "night.toml"]})
        self.assertIn("g/scenarios.h5 exists", self.fails(ENVIRONMENT, [*self.WORDS, "-o", "g"]).stderr)

    def test_refuses_numbers_out_of_range(self):
        self.fails(USAGE, [*self.WORDS, "-o", "g", "--base-rate", "0"], "base rate is 0", "(0, 1)")
        self.fails(USAGE, [*self.WORDS, "-o", "g", "--drift", "2"], "--drift")
        self.fails(USAGE, ["generate", "--scenarios", "0", "-o", "g"], "--scenarios")

    def test_a_dry_run_writes_nothing(self):
        self.assertIn("dry run", self.succeeds(*self.WORDS, "-o", "g", "--dry-run"))
        self.assertEqual(self.files(), {})


if __name__ == "__main__":
    unittest.main()

"""Mistakes on the command line: one sentence, exit code 2, the nearest known name."""

import json
import os
import subprocess
import unittest

from harness import BINARY, DEVICE, ENVIRONMENT, USAGE, NpoTest


class Usage(NpoTest):
    def test_without_a_command_shows_the_commands_and_fails(self):
        done = self.npo()
        self.assertEqual((done.returncode, done.stdout), (USAGE, ""))
        self.assertIn("Commands:", done.stderr)

    def test_unknown_command(self):
        self.fails(USAGE, ["inof"], "unknown command 'inof'", "did you mean", "info")
        self.fails(USAGE, ["xylophone"], "unknown command 'xylophone'", "npo help")

    def test_unknown_flag(self):
        self.fails(USAGE, ["info", "x", "--thraeds", "3"], "npo info:", "unknown flag --thraeds", "--threads")
        self.fails(USAGE, ["info", "x", "--thraeds=3"], "unknown flag --thraeds;", "--threads")
        self.fails(USAGE, ["info", "x", "-q"], "unknown flag -q")

    def test_missing_and_surplus_arguments(self):
        self.fails(USAGE, ["info"], "FILE is missing", "npo info")
        self.fails(USAGE, ["info", "a", "b"], "unexpected argument 'b'")
        self.fails(USAGE, ["info", "x", "--threads"], "--threads needs a value")

    def test_values_out_of_range(self):
        for flag, value, phrase in [
            ("--threads", "0", "from 1 to 4096"),
            ("--threads", "-1", "from 1 to 4096"),
            ("--threads", "two", "from 1 to 4096"),
            ("--threads", "99999999999999999999", "from 1 to 4096"),
            ("--batch-rows", "0", "from 1 to"),
            ("--batch-rows", "1e3", "from 1 to"),
            ("--shard-rows", "0", "at least 4096"),
            ("--shard-rows", "5000", "multiple of 4096"),
            ("--seed", "-1", "at least 0"),
            ("--seed", "1.5", "at least 0"),
            ("--progress", "bars", "did you mean bar?"),
            ("--simd", "avx1024", "auto, scalar, avx2, avx512"),
            ("--compress", "gzip:10", "gzip:1 to gzip:9"),
            ("--compress", "gzip:", "gzip:1 to gzip:9"),
            ("--compress", "zstd", "none, gzip"),
            ("--device", "gpu", "cpu, cuda"),
            ("--device", "cuda:x", "cuda:0"),
            ("--device", "cuda:0,1", "cuda:0,1 names several GPUs"),
        ]:
            with self.subTest(flag=flag, value=value):
                self.fails(USAGE, ["info", "x", flag, value], f"{flag} = {value} ", phrase)

    def test_a_gpu_that_is_not_there(self):
        self.fails(DEVICE, ["info", "x", "--device", "cuda:1000"], "1000")

    def test_the_last_of_a_repeated_flag_counts(self):
        text = self.succeeds("info", "x", "--threads", "2", "--threads", "3", "--dump-config")
        self.assertIn("threads = 3 ", text)


class Help(NpoTest):
    def test_overview_lists_every_command_with_a_page(self):
        text = self.succeeds("help")
        self.assertEqual(text, self.succeeds("--help"))
        lines = text.split("Commands:\n")[1].split("\n\n")[0].splitlines()
        names = [line[2:22].strip() for line in lines]
        self.assertIn("info", names)
        for name in names:
            with self.subTest(command=name):
                page = self.succeeds("help", *name.split())
                self.assertEqual(page, self.succeeds(*name.split(), "--help"))
                self.assertIn(f"Usage: npo {name}", page)
                self.assertIn(f"Example: npo {name}", page)
                for flag in ["--json", "--threads", "--dump-config", "--config", "--help"]:
                    self.assertIn(flag, page)

    def test_help_wins_over_missing_arguments(self):
        self.assertIn("Usage: npo info", self.succeeds("info", "--help"))
        self.assertIn("Usage: npo info", self.succeeds("info", "-h"))

    def test_help_for_an_unknown_command(self):
        self.fails(USAGE, ["help", "inof"], "unknown command 'inof'", "info")

    def test_version(self):
        self.assertRegex(self.succeeds("--version"), r"\Anpo \d+\.\d+\.\d+\n\Z")


class Unreadable(NpoTest):
    """Root may read anything: it hands these runs to nobody."""

    def refused(self, *words):
        other = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        try:
            done = subprocess.run([BINARY, *words], cwd=self.folder, capture_output=True, text=True, **other)
        except (PermissionError, KeyError, FileNotFoundError) as cannot:
            self.skipTest(f"nobody cannot run {BINARY}: {cannot}")
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)
        self.assertIn(f"{words[1]}: Permission denied; make the file, and the folders above it, readable", done.stderr)
        self.assertNotIn("write", done.stderr)

    def test_an_input_that_may_not_be_read(self):
        self.folder.chmod(0o755)
        for name in ("model.json", "policy.toml", "rows.csv", "s.h5"):
            self.write(name, "{}").chmod(0)
        self.refused("info", "model.json")
        self.refused("validate", "policy.toml")
        self.refused("import", "rows.csv", "-o", "x.h5", "--as", "scenarios", "--id", "i", "--time", "t", "--features", "a")
        self.refused("fit", "s.h5", "-o", "new.json")
        self.refused("evaluate", "rows.csv", "--score", "s", "--label", "l")


class Output(NpoTest):
    def test_a_full_disk_behind_stdout_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, "help"], stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, ENVIRONMENT)
        self.assertIn("cannot write to stdout", done.stderr)

    def test_a_reader_that_goes_away_is_not(self):
        process = subprocess.Popen([BINARY, "help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.close()
        self.assertEqual((process.wait(), process.stderr.read()), (0, ""))
        process.stderr.close()

    def test_quiet_success_prints_nothing(self):
        self.write("policy.toml", "")
        self.assertEqual(self.succeeds("info", "policy.toml", "--quiet"), "")
        self.assertIn("kind", json.loads(self.succeeds("info", "policy.toml", "--quiet", "--json")))

    def test_quiet_success_says_nothing_on_stderr_either(self):
        self.write("s.toml", "kind = 'loop'\nname = 's'\nepisodes = 10\nreplicates = 4\n")
        for progress in ([], ["--progress", "json"], ["--progress", "bar"]):
            done = self.npo("study", "s.toml", "-o", "s.h5", "--overwrite", "--quiet", *progress)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        self.assertIn("study s: 1 point", self.npo("study", "s.toml", "-o", "s.h5", "--overwrite").stderr)


if __name__ == "__main__":
    unittest.main()

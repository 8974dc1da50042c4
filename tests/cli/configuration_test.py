"""Default < file < environment < flag, and every key of a file is checked."""

import json
import tomllib
import unittest

from harness import ENVIRONMENT, USAGE, NpoTest


class Configuration(NpoTest):
    def dump(self, *words, env=None):
        return self.succeeds_json("info", "x", "--dump-config", *words, env=env)["options"]

    def test_default(self):
        options = self.dump()
        self.assertEqual(options["batch_rows"], {"value": 8192, "from": "default"})
        self.assertGreaterEqual(options["threads"]["value"], 1)

    def test_each_source_beats_the_one_before(self):
        self.write("c.toml", "batch_rows = 1\nseed = 1\nsimd = 'scalar'\n")
        options = self.dump("--config", "c.toml", "--seed", "3", env={"NPO_BATCH_ROWS": "2", "NPO_SEED": "2"})
        self.assertEqual(options["simd"], {"value": "scalar", "from": "config file"})
        self.assertEqual(options["batch_rows"], {"value": 2, "from": "environment NPO_BATCH_ROWS"})
        self.assertEqual(options["seed"], {"value": 3, "from": "flag"})
        self.assertEqual(options["shard_rows"]["from"], "default")

    def test_a_command_table_beats_the_top_and_leaves_other_commands_alone(self):
        self.write("c.toml", "seed = 1\n[info]\nseed = 2\nfile = 'y'\n[digest]\nseed = 3\n")
        info = self.succeeds_json("info", "--config", "c.toml", "--dump-config")["options"]
        self.assertEqual((info["seed"]["value"], info["file"]["value"]), (2, "y"))
        self.assertEqual(self.succeeds_json("digest", "--config", "c.toml", "--dump-config")["options"]["seed"],
                         {"value": 3, "from": "config file"})

    def test_a_dump_is_a_configuration_file(self):
        words = ["--threads", "3", "--compress", "gzip:4", "--dry-run"]
        text = self.succeeds("info", "x", *words, "--dump-config")
        self.assertEqual(tomllib.loads(text)["threads"], 3)
        self.write("dumped.toml", text)
        again = self.succeeds_json("info", "--config", "dumped.toml", "--dump-config")["options"]
        for key, entry in self.dump(*words).items():
            if key != "json":
                self.assertEqual(again[key]["value"], entry["value"], key)

    def test_unknown_keys(self):
        for text, phrases in [
            ("thread = 2\n", ["unknown key thread", "did you mean", "threads"]),
            ("[info]\nthread = 2\n", ["unknown key info.thread", "threads"]),
            ("[inof]\nthreads = 2\n", ["unknown key inof", "info"]),
            ("[digest]\nxyzzy = 2\n", ["unknown key digest.xyzzy"]),
            ("[info.deep]\nx = 1\n", ["unknown key info.deep"]),
            ("dump_config = true\n", ["unknown key dump_config"]),
        ]:
            with self.subTest(text=text):
                self.write("c.toml", text)
                self.fails(USAGE, ["info", "x", "--config", "c.toml"], "c.toml", *phrases)

    def test_bad_values_name_their_source(self):
        self.write("c.toml", "threads = 0\n")
        self.fails(USAGE, ["info", "x", "--config", "c.toml"], "c.toml: threads = 0 ", "from 1 to 4096")
        self.fails(USAGE, ["info", "x"], "NPO_THREADS = 0 ", env={"NPO_THREADS": "0"})
        self.write("c.toml", "overwrite = 'maybe'\n")
        self.fails(USAGE, ["info", "x", "--config", "c.toml"], "overwrite = maybe is not true or false")
        self.write("c.toml", "threads = []\n")
        self.fails(USAGE, ["info", "x", "--config", "c.toml"], "threads is an empty list")

    def test_a_file_that_cannot_be_used(self):
        self.fails(ENVIRONMENT, ["info", "x", "--config", "absent.toml"], "absent.toml")
        self.write("c.toml", "threads = = 2\n")
        self.fails(USAGE, ["info", "x", "--config", "c.toml"], "c.toml", "line 1")


if __name__ == "__main__":
    unittest.main()

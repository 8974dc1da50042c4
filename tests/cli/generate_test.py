"""npo generate --overwrite: the old fleet or the new one, never some of both."""

import re
import subprocess
import time
import unittest

from harness import BINARY, ENVIRONMENT, NpoTest

GENERATE = ["generate", "--scenarios", "30000", "--features", "8", "--fleets", "4", "--nights", "2", "--threads", "1", "-o", "fleet"]
FILES = ["model.json", "night.toml", "policy.toml", "scenarios.h5", "truth.h5"]


class GenerateTest(NpoTest):
    def seeds(self):
        """The seed that each file of the fleet was made with."""
        fleet = self.folder / "fleet"
        provenance = [re.search(rb'"seed":(\d+)', (fleet / name).read_bytes())[1].decode() for name in ["scenarios.h5", "truth.h5"]]
        return [*provenance, re.search(r"^seed = (\d+)", (fleet / "night.toml").read_text(), re.M)[1]]

    def digests(self):
        return [self.succeeds("digest", f"fleet/{name}").split()[0] for name in ["scenarios.h5", "model.json"]]

    def test_a_kill_while_overwriting_leaves_one_whole_fleet(self):
        fleets = {}
        for seed in ["1", "2"]:
            self.succeeds(*GENERATE, "--seed", seed, "--overwrite")
            fleets[seed] = self.digests()
        self.assertEqual(sorted(p.name for p in (self.folder / "fleet").iterdir()), FILES)
        now, killed = "2", 0
        for files, delay in [(0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (5, 0.002), (5, 0.005), (5, 0.01)]:
            wanted = "1" if now == "2" else "2"
            process = subprocess.Popen([BINARY, *GENERATE, "--seed", wanted, "--overwrite"], cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            whole = lambda: sum(1 for name in FILES if (self.folder / "fleet.new" / name).exists())
            while process.poll() is None and whole() < files:
                time.sleep(0.0002)
            time.sleep(delay)
            process.kill()
            killed += process.wait() < 0
            now = self.seeds()[0]
            self.assertEqual(self.seeds(), [now] * 3)
            self.assertEqual(self.digests(), fleets[now])
            self.succeeds("validate", "fleet/scenarios.h5")
        self.assertGreater(killed, 3)
        self.succeeds(*GENERATE, "--seed", "3", "--overwrite")
        self.assertEqual(self.seeds(), ["3"] * 3)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["fleet"])
        self.assertEqual(sorted(p.name for p in (self.folder / "fleet").iterdir()), FILES)

    def test_overwriting_does_not_lose_what_others_wrote(self):
        self.succeeds(*GENERATE)
        self.write("fleet/notes.txt", "mine")
        self.fails(ENVIRONMENT, [*GENERATE, "--overwrite"], "notes.txt", "move it away")

    def test_a_fleet_that_stands_aside_gets_its_name_back(self):
        # What a crash between two renames leaves where folders cannot exchange their names.
        self.succeeds(*GENERATE, "--seed", "4")
        (self.folder / "fleet").rename(self.folder / "fleet.old")
        refused = self.npo(*GENERATE)
        self.assertEqual(refused.returncode, ENVIRONMENT)
        self.assertIn("scenarios.h5 exists", refused.stderr)
        self.assertEqual(self.seeds(), ["4"] * 3)

    def test_overwriting_replaces_the_fleet_that_a_link_leads_to(self):
        self.succeeds(*GENERATE[:-1], "real")
        (self.folder / "fleet").symlink_to("real")
        self.succeeds(*GENERATE[:-1], "fleet/", "--overwrite", "--seed", "9")
        self.assertTrue((self.folder / "fleet").is_symlink())
        self.assertEqual(self.seeds(), ["9"] * 3)


if __name__ == "__main__":
    unittest.main()

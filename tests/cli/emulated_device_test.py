"""The whole program with a device that the processor plays (tests/emulated_device): what `--device cuda` computes has the bits
of the CPU, and a device that fails or fills up leaves nothing half-written."""

import json
import unittest

from harness import BAD_DATA, BINARY, DEVICE, GATE, NpoTest

NIGHT = "2026-01-01"  # the first that is generated

PER_SCENARIO = """
[threshold]
kind = "thompson"
per = "scenario"
arms = [0.3, 0.5, 0.7]
"""

STUDIES = {
    "joint bandits": 'kind = "bandit"\nname = "s"\nseed = 4\nepisodes = 200\nreplicates = 300\n[parameters]\npolicy = ["thompson"]\narm_count = [2, 5]\n',
    "bandits of other policies": 'kind = "bandit"\nname = "s"\nseed = 4\nepisodes = 150\nreplicates = 100\n[parameters]\n'
                                 'policy = ["ucb1", "sliding_thompson", "discounted_thompson"]\n',
    "loops": 'kind = "loop"\nname = "s"\nseed = 4\nepisodes = 100\nreplicates = 200\n[parameters]\nscenarios = 16\nmonitor_window = 20\n'
             'min_gap = 20\nswap = [0.0, 0.1]\n',
}


@unittest.skipUnless(BINARY.endswith("npo_emulated"), "not an npo with an emulated device")
class EmulatedDevice(NpoTest):
    def digest(self, path):
        return self.succeeds("digest", path).split()[0]

    def generate(self, folder="in", scenarios=5000):
        self.succeeds("generate", "--scenarios", scenarios, "--features", "33", "--fleets", "7", "--nights", "3", "--seed", "5",
                      "--device", "cpu", "-o", folder)

    def score(self, *words, policy="in/policy.toml", output="decisions"):
        return ["score", "in/scenarios.h5", "--model", "in/model.json", "--policy", policy, "--state", "state.h5", "--new-state",
                "-o", output, *words]

    def test_nights_have_the_bits_of_the_cpu(self):
        digests = {}
        for device in ("cpu", "cuda"):
            self.generate(device)
            self.succeeds("nightly", f"{device}/night.toml", "--device", device)
            runs = sorted((self.folder / device / "runs").glob("*/decisions"))
            self.assertEqual(len(runs), 3)
            digests[device] = [self.digest(path) for path in [*runs, f"{device}/state.h5"]]
        self.assertEqual(digests["cuda"], digests["cpu"])

    def test_arms_drawn_for_each_scenario_have_the_bits_of_the_cpu(self):
        self.generate()
        policy = self.write("each.toml", PER_SCENARIO)
        for device in ("cpu", "cuda"):
            self.succeeds(*self.score("--night", NIGHT, "--device", device, policy=policy, output=device))
            (self.folder / "state.h5").unlink(missing_ok=True)
        self.assertEqual(self.digest("cuda"), self.digest("cpu"))

    def test_studies_have_the_bits_of_the_cpu(self):
        for name, text in STUDIES.items():
            with self.subTest(name):
                self.write("study.toml", text)
                for device in ("cpu", "cuda"):
                    self.succeeds("study", "study.toml", "--device", device, "-o", f"{device}.h5", "--overwrite")
                self.assertEqual(self.digest("cuda.h5"), self.digest("cpu.h5"))

    def test_replicates_have_the_bits_of_the_cpu(self):
        """Of evaluations, comparisons and off-policy estimates: every number they print follows from them."""
        self.generate()
        self.succeeds("nightly", "in/night.toml", "--device", "cpu")
        runs = sorted(str(path) for path in (self.folder / "in/runs").glob("*/decisions"))
        feedback = sorted(str(path) for path in (self.folder / "in/runs").glob("*/answered-*.h5"))
        for name, prime in (("scores", 97), ("others", 89)):
            rows = "".join(f"{i % prime / prime:.4f},{int(i % 7 == 0)}\n" for i in range(3000))
            self.write(f"{name}.csv", "score,failed\n" + rows)
        columns = ["--score", "score", "--label", "failed", "--bootstrap", "300"]
        for words in (["evaluate", *runs, "--labels", "in/scenarios.h5", "--bootstrap", "300"],
                      ["evaluate", "scores.csv", *columns],
                      ["evaluate", "scores.csv", *columns, "--histogram"],
                      ["compare", "scores.csv", "others.csv", *columns],
                      ["ope", *runs, "--feedback", feedback[0], "--policy", "threshold:0.7"]):
            with self.subTest(words[0]):
                told = {}
                for device in ("cpu", "cuda"):
                    done = self.npo(*words, "--json", "--device", device)
                    self.assertIn(done.returncode, (0, GATE), done.stderr)
                    told[device] = json.loads(done.stdout)
                    told[device].pop("seconds", None)
                self.assertEqual(told["cuda"], told["cpu"])
                no_room = self.npo(*words, "--device", "cuda", env={"EMULATED_DEVICE_BYTES": "1000"})
                self.assertEqual(no_room.returncode, DEVICE, "the device was not asked")

    def test_auto_takes_the_device(self):
        self.write("study.toml", STUDIES["joint bandits"])
        self.succeeds("study", "study.toml", "-o", "auto.h5")
        self.assertEqual(self.succeeds_json("info", "auto.h5")["provenance"]["device"], "cuda")

    def test_a_second_device_is_not_there(self):
        self.generate(scenarios=1000)
        self.fails(DEVICE, ["nightly", "in/night.toml", "--device", "cuda:1"], "no CUDA device 1", "this machine has 1")

    def test_a_run_that_ran_out_of_memory_resumes_with_smaller_batches(self):
        self.generate()
        small = {"EMULATED_DEVICE_BYTES": "400000"}
        failed = self.npo(*self.score("--night", NIGHT, "--device", "cuda", "--batch-rows", "5000"), env=small)
        self.assertEqual(failed.returncode, DEVICE, failed.stderr)
        self.assertIn("out of memory; use --device cpu, or smaller batches", failed.stderr)
        self.fails(BAD_DATA, ["show", "decisions"], "--resume")
        self.succeeds(*self.score("--night", NIGHT, "--device", "cuda", "--batch-rows", "500", "--resume"), env=small)
        self.succeeds(*self.score("--night", NIGHT, "--device", "cpu", output="cpu"))
        self.assertEqual(self.digest("decisions"), self.digest("cpu"))


if __name__ == "__main__":
    unittest.main()

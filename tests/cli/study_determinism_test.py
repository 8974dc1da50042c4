"""A study is a function of its file and its seed: the same digest for any threads, SIMD level, parts, and after an
interruption."""

import pathlib
import signal
import subprocess
import time
import unittest

from harness import BINARY, INTERRUPTED, USAGE, NpoTest

LOOP = """
kind = "loop"
name = "loop"
seed = 4
episodes = 200
replicates = 1500
baseline = { ablation = "full" }

[parameters]
scenarios = 16
monitor_window = 20
min_gap = 20
drift = [100]
swap = [0.0, 0.1]
ablation = ["full", "no_override", "fixed_interval"]

[[claim]]
name = "ablation"
kind = "order"
metric = "feedback_loss"
where = { ablation = "full" }
than = { ablation = "no_override" }
"""

BANDIT = """
kind = "bandit"
name = "bandit"
seed = 4
episodes = 200
replicates = 1500
independent = true

[parameters]
policy = ["thompson", "ucb1", "discounted_thompson"]
arm_count = [2, 5]
"""

PRECISE = BANDIT.replace("replicates = 1500", "replicates = 4096") + """
[precision]
metric = "reward"
half_width = 0.008
"""

SPEEDS = [["--threads", "1"], ["--threads", "2"], ["--compress", "none", "--threads", "3"], ["--simd", "scalar"],
          ["--simd", "avx2"], ["--simd", "avx512"]]


class StudyDeterminism(NpoTest):
    def digest(self, path):
        return self.succeeds("digest", path).split()[0]

    def runnable(self, flags):
        if "--simd" not in flags or flags[1] == "scalar":
            return True
        wanted = {"avx2": "avx2", "avx512": "avx512dq"}[flags[1]]
        if wanted in pathlib.Path("/proc/cpuinfo").read_text():
            return True
        print(f"this machine has no {flags[1]}: skipped")
        return False

    def test_the_same_at_every_speed(self):
        for name, text in (("loop", LOOP), ("bandit", BANDIT), ("precise", PRECISE)):
            self.write(f"{name}.toml", text)
            self.succeeds("study", f"{name}.toml", "-o", f"{name}.h5")
            whole = self.digest(f"{name}.h5")
            for number, flags in enumerate(SPEEDS):
                if not self.runnable(flags):
                    continue
                with self.subTest(study=name, flags=flags):
                    self.succeeds("study", f"{name}.toml", "-o", f"{name}{number}.h5", *flags)
                    self.assertEqual(self.digest(f"{name}{number}.h5"), whole)

    def test_parts_add_up_to_the_whole(self):
        for name, text in (("loop", LOOP), ("precise", PRECISE)):
            self.write(f"{name}.toml", text)
            self.succeeds("study", f"{name}.toml", "-o", f"{name}.h5")
            for count in (2, 3):
                parts = [f"{name}-{i}-{count}.h5" for i in range(1, count + 1)]
                for i, part in enumerate(parts, 1):
                    self.succeeds("study", f"{name}.toml", "-o", part, "--shard", f"{i}/{count}")
                self.succeeds("merge", *reversed(parts), "-o", f"{name}-{count}.h5")
                with self.subTest(study=name, parts=count):
                    self.assertEqual(self.digest(f"{name}-{count}.h5"), self.digest(f"{name}.h5"))

    def test_the_seed_and_common_random_numbers_are_part_of_the_question(self):
        self.write("s.toml", LOOP.replace("baseline", "# baseline"))
        digests = set()
        for name, flags in (("a", []), ("b", ["--seed", "5"]), ("c", ["--independent"])):
            self.succeeds("study", "s.toml", "-o", f"{name}.h5", *flags)
            digests.add(self.digest(f"{name}.h5"))
        self.assertEqual(len(digests), 3)

    def test_points_share_their_random_numbers_unless_told_otherwise(self):
        import h5py
        # Points that differ in nothing that is used.
        self.write("s.toml", BANDIT.replace("independent = true", "").replace("arm_count = [2, 5]", "epsilon = [0.1, 0.2]"))
        for name, flags, shared in (("a", [], True), ("b", ["--independent"], False)):
            self.succeeds("study", "s.toml", "-o", f"{name}.h5", "--set", "policy=thompson", *flags)
            with h5py.File(self.folder / f"{name}.h5") as file:
                first, second = file["mean"][:]
            self.assertEqual((first == second).all(), shared)

    def test_an_interrupted_study_resumes_to_the_same_bits(self):
        self.write("s.toml", LOOP)
        # Sixty points make several pieces.
        size = ["--set", "replicates=6000", "--set", "swap={from = 0.0, to = 0.38, steps = 20}"]
        self.succeeds("study", "s.toml", "-o", "whole.h5", *size)
        for stop, expected in ((signal.SIGINT, INTERRUPTED), (signal.SIGKILL, -signal.SIGKILL)):
            with self.subTest(stop=stop):
                name = f"cut{int(stop)}.h5"
                running = subprocess.Popen([BINARY, "study", "s.toml", "-o", name, "--threads", "1", "--simd", "avx2", *size],
                                           cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                parts = self.folder / (name + ".parts")
                journal = parts / "journal"
                while running.poll() is None and not (journal.exists() and journal.stat().st_size):
                    time.sleep(0.002)
                running.send_signal(stop)
                # A fast machine may be done before the signal arrives; then there is nothing to resume.
                code = running.wait()
                self.assertIn(code, (expected, 0))
                if code:
                    self.assertFalse((self.folder / name).exists())
                    (parts / "lock").unlink(missing_ok=True)  # what a killed process leaves
                    self.fails(USAGE, ["study", "s.toml", "-o", name, "--resume", *size, "--set", "scenarios=9"],
                               "cannot resume", "parameters.scenarios was 16 and is now 9")
                told = self.succeeds_json("study", "s.toml", "-o", name, "--resume", *size)
                if code:
                    self.assertGreater(told["pieces_reused"], 0)
                self.assertEqual(self.digest(name), self.digest("whole.h5"))
                self.assertFalse(parts.exists())

    def test_an_interrupted_study_resumes_to_the_same_precision(self):
        self.write("s.toml", PRECISE)
        # Rounds of 1024, 1024, 2048, ... replicates; what was done counts when the next one is decided on.
        size = ["--set", "replicates=65536", "--set", "precision.half_width=0.002"]
        self.succeeds("study", "s.toml", "-o", "whole.h5", *size)
        running = subprocess.Popen([BINARY, "study", "s.toml", "-o", "cut.h5", "--threads", "1", *size], cwd=self.folder,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        journal = self.folder / "cut.h5.parts" / "journal"
        while running.poll() is None and not (journal.exists() and journal.read_text().count("\n") > 3):
            time.sleep(0.002)
        running.send_signal(signal.SIGINT)
        self.assertIn(running.wait(), (INTERRUPTED, 0))
        self.succeeds("study", "s.toml", "-o", "cut.h5", "--resume", *size)
        self.assertEqual(self.digest("cut.h5"), self.digest("whole.h5"))


if __name__ == "__main__":
    unittest.main()

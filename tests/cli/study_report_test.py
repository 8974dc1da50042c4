"""scripts/report_study: what it makes of a study, opened in a real browser where one is installed."""
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

from harness import BAD_DATA, BINARY, ENVIRONMENT, SOURCE, USAGE, NpoTest, have

SCRIPT = str(SOURCE / "scripts" / "report_study")
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

STUDY = """
kind = "loop"
name = "small"
title = "A <small> study & its \\"claims\\""
description = "Two step sizes, two ways to retrain, a change in the middle."
seed = 1
episodes = 400
replicates = 256
checkpoints = [10, 50, 100, 199, 220, 260, 300, 400]
[parameters]
drift = [200]
eta = [0.05, 0.1, 0.4]
step = "constant"
ablation = ["full", "no_monitor", "fixed_interval"]

[[claim]]
name = "certain"
statement = "The loss lies between 0 and 1."
source = "arithmetic"
kind = "within"
metric = "feedback_loss"
at = "all"
low = 0
high = 1

[[claim]]
name = "impossible <b>"
statement = "Nobody overrides anything, not even where \\"<script>\\" stands."
kind = "below"
metric = "override_rate"
high = "-0.1 * eta"

[[claim]]
name = "larger steps are noisier"
statement = "A larger step leaves noisier scores."
kind = "order"
metric = "score_error"
where = { eta = 0.05, ablation = "full" }
than = { eta = 0.4 }

[[claim]]
name = "the loss falls"
statement = "The loss falls before the change."
kind = "slope"
metric = "excess_loss"
where = { ablation = "full", eta = 0.1 }
at = { from = 10, to = 199 }
low = -1
high = 0

[[claim]]
name = "back soon"
statement = "The loss comes back."
kind = "lag"
metric = "excess_loss"
where = { ablation = "full", eta = 0.4 }
after = 200
margin = 0.05
high = 200

[[claim]]
name = "overrides jump"
statement = "Overrides jump when everything changes."
kind = "rebound"
metric = "override_rate"
where = { ablation = "full", eta = 0.1 }
after = 200
low = 0
high = 1
"""

BANDIT = """
kind = "bandit"
name = "arms"
seed = 1
episodes = 2000
replicates = 64
[parameters]
arms = [0.2, 0.5, 0.8]
policy = ["thompson", "ucb1"]
"""

# Told by the page about itself: what a person would stumble over.
PROBE = """<script>addEventListener("load", () => {
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  const dead = [...document.querySelectorAll('a[href^="#"]')].filter(a => !document.getElementById(a.hash.slice(1)));
  const flat = [...document.querySelectorAll("figure svg")].filter(s => s.getBoundingClientRect().height < 80);
  document.title = `twice=${ids.length - new Set(ids).size} wide=${wide} dead=${dead.length} flat=${flat.length}`;
});</script>"""


@unittest.skipUnless(have("matplotlib") and have("h5py"), "matplotlib or h5py is not installed")
class ReportTest(NpoTest):
    """The study of all kinds of claims is run and drawn once, for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.shared = pathlib.Path(tempfile.mkdtemp(prefix="npo_report_"))
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        (cls.shared / "small.toml").write_text(STUDY)
        subprocess.run([BINARY, "study", "small.toml", "-o", "small.h5"], cwd=cls.shared, check=True, capture_output=True)
        cls.made = subprocess.run([SCRIPT, "small.h5"], cwd=cls.shared, capture_output=True, text=True, timeout=120)

    def report(self, *words):
        return subprocess.run([SCRIPT, *map(str, words)], cwd=self.folder, capture_output=True, text=True, timeout=120)

    def small_page(self):
        self.assertEqual((self.made.returncode, self.made.stderr), (0, ""))
        return (self.shared / "small.html").read_text(encoding="utf-8")

    def test_a_page_shows_every_claim_and_needs_no_other_file(self):
        page = self.small_page()
        for words in ("A &lt;small&gt; study", "impossible &lt;b&gt;", "&lt;script&gt;", "fails", "holds", "arithmetic"):
            self.assertIn(words, page)
        self.assertNotIn("<script", page)
        self.assertEqual(re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', page), [])
        self.assertEqual(page.count('<article class="card" id="claim'), 6)
        self.assertGreaterEqual(page.count("<figure>"), 6 + 8)

    def test_pictures_are_written_as_png(self):
        self.small_page()
        pictures = sorted((self.shared / "small-figures").glob("*.png"))
        self.assertGreaterEqual(len(pictures), 14)
        for path in pictures:
            head = path.read_bytes()[:24]
            self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n", path)
            self.assertGreater(struct.unpack(">I", head[16:20])[0], 400, path)

    def test_the_same_study_gives_the_same_page(self):
        self.report(self.shared / "small.h5", "-o", "again.html")
        self.assertEqual(self.small_page(), (self.folder / "again.html").read_text(encoding="utf-8"))

    def test_regret_stands_beside_the_line_of_lai_and_robbins(self):
        # 0.6 / KL(0.2, 0.8) + 0.3 / KL(0.5, 0.8) = 0.7213 + 1.3444
        self.succeeds("study", self.write("arms.toml", BANDIT), "-o", "arms.h5")
        self.assertEqual(self.report("arms.h5").returncode, 0)
        self.assertIn("Lai-Robbins: 2.07 ln t", (self.folder / "arms.html").read_text(encoding="utf-8"))

    def test_what_is_no_study_is_refused(self):
        self.write("no.h5", "not HDF5")
        for words, code in ((["no.h5"], BAD_DATA), (["missing.h5"], BAD_DATA), ([], USAGE), (["a.h5", "--colour"], USAGE)):
            done = self.report(*words)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertNotIn("Traceback", done.stderr)

    def test_a_folder_that_cannot_be_written_is_said(self):
        done = self.report(self.shared / "small.h5", "-o", "absent/page.html")
        self.assertEqual(done.returncode, ENVIRONMENT, done.stderr)

    @unittest.skipUnless(BROWSER, "no chromium here")
    def test_a_browser_opens_it_without_complaint(self):
        page = self.small_page()
        self.write("probed.html", page.replace("</body>", PROBE + "</body>"))
        for width in (1280, 390):
            done = subprocess.run(
                [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--log-level=0",
                 f"--user-data-dir={self.folder / 'browser'}", f"--window-size={width},900", "--virtual-time-budget=5000",
                 "--dump-dom", (self.folder / "probed.html").as_uri()], capture_output=True, text=True, timeout=110)
            self.assertEqual([line for line in done.stderr.splitlines() if "CONSOLE" in line], [])
            self.assertIn("<title>twice=0 wide=false dead=0 flat=0</title>", done.stdout, f"at {width} pixels")


if __name__ == "__main__":
    unittest.main()

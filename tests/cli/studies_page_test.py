"""docs/studies.md and scripts/update_studies_page, which writes results into its tables."""
import subprocess
import sys
import tomllib
import unittest

from harness import BAD_DATA, SOURCE, USAGE, NpoTest

SCRIPT = str(SOURCE / "scripts" / "update_studies_page")
PAGE = SOURCE / "docs" / "studies.md"
sys.path.insert(0, str(SOURCE / "scripts"))
from study_report.studies_page import StudiesPage  # noqa: E402

STUDY = """
kind = "loop"
name = "tiny"
title = "Is it tiny?"
seed = 1
episodes = 200
replicates = 64
checkpoints = [100, 150, 200]
[parameters]
drift = [101]

[[claim]]
name = "bounded"
statement = "The loss lies between 0 and 1."
kind = "within"
metric = "feedback_loss"
low = 0
high = 1

[[claim]]
name = "never overridden"
statement = "Nobody overrides anything."
kind = "below"
metric = "override_rate"
high = -0.5

[[claim]]
name = "not back"
statement = "The loss comes back at once."
kind = "lag"
metric = "excess_loss"
after = 101
margin = -1
high = 50
"""

TABLES = """# Studies
| study | asks | size | time |
|---|---|---|---|
| `tiny` | ? | ? | 1 s |

## `tiny`: words
| verdict | claim | measured | interval | expected | what it means |
|---|---|---|---|---|---|
| holds | bounded | ? | ? | ? | Arithmetic. |
| holds | never overridden | | | | Of `course`. |
| holds | not back | ? | ? | ? | Too soon. |

## `other`: words
| verdict | claim | measured | interval | expected | what it means |
|---|---|---|---|---|---|
| holds | bounded | 7 | 7 to 7 | 7 | Of another study. |
"""


class StudiesPageTest(NpoTest):
    def test_the_page_has_a_row_for_every_claim_that_ships_and_no_other(self):
        shipped = set()
        for path in sorted((SOURCE / "studies").glob("*.toml")):
            study = tomllib.loads(path.read_text(encoding="utf-8"))
            shipped |= {(path.stem, claim["name"]) for claim in study["claim"]}
        page = StudiesPage(PAGE.read_text(encoding="utf-8"))
        # A heading may name several studies; then a row belongs to the one that has the claim.
        places = {page.rows[key] for key in shipped if key in page.rows}
        self.assertEqual(shipped - set(page.rows), set(), "claims without a row")
        self.assertEqual({key for key, place in page.rows.items() if place not in places}, set(), "rows without a claim")
        self.assertEqual({study for study, _ in shipped}, set(page.list), "the list of studies")

    def update(self, *words):
        return subprocess.run([SCRIPT, *map(str, words)], cwd=self.folder, capture_output=True, text=True, timeout=60)

    def tiny(self):
        self.succeeds("study", self.write("tiny.toml", STUDY), "-o", "tiny.h5")
        return self.write("page.md", TABLES)

    def test_results_are_written_into_their_rows(self):
        page = self.tiny()
        done = self.update("tiny.h5", "--page", page)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines(), ["tiny, never overridden: holds is now **fails**",
                                                    "tiny, not back: holds is now **fails**"])
        lines = (self.folder / page).read_text(encoding="utf-8").splitlines()
        self.assertIn("| `tiny` | Is it tiny? | 1 setting x 64 worlds x 200 episodes | 1 s |", lines)
        self.assertRegex(lines[8], r"^\| holds \| bounded \| 0\.\d+ \| 0\.\d+ to 0\.\d+ \| 0 to 1 \| Arithmetic\. \|$")
        self.assertRegex(lines[9], r"^\| \*\*fails\*\* \| never overridden \| 0\.\d+ \| .* \| below \u22120\.5 \| Of `course`\. \|$")
        self.assertEqual(lines[10], "| **fails** | not back | never | never to never | below 50 | Too soon. |")
        self.assertEqual(lines[-1], TABLES.splitlines()[-1], "rows of other studies stay")
        again = self.update("tiny.h5", "--page", page)
        self.assertEqual(again.stdout, "")
        self.assertEqual((self.folder / page).read_text(encoding="utf-8").splitlines(), lines)

    def test_a_claim_without_a_row_is_refused_and_the_page_left_alone(self):
        self.tiny()
        short = self.write("short.md", TABLES.replace("| holds | not back | ? | ? | ? | Too soon. |\n", ""))
        done = self.update("tiny.h5", "--page", short)
        self.assertEqual(done.returncode, BAD_DATA)
        self.assertIn("no row for 'not back'", done.stderr)
        self.assertIn("| ? |", (self.folder / short).read_text(encoding="utf-8"))

    def test_what_is_no_study_is_refused(self):
        self.write("no.h5", "not HDF5")
        self.assertEqual(self.update("no.h5").returncode, BAD_DATA)
        self.assertEqual(self.update().returncode, USAGE)


if __name__ == "__main__":
    unittest.main()

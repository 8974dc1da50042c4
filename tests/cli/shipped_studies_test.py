"""Every study that ships: read by the real binary, run in miniature, its claims judged."""
import tomllib
import unittest

import h5py
from harness import SOURCE, NpoTest

STUDIES = sorted((SOURCE / "studies").glob("*.toml"))
SMALL = ["--set", "replicates=64"]


class ShippedStudiesTest(NpoTest):
    def test_the_studies_of_the_documentation_ship(self):
        names = {path.stem for path in STUDIES}
        self.assertLessEqual({"convergence", "theorems", "ablation", "adversarial", "drift", "noisy_monitor", "regret",
                              "fidelity"}, names)
        page = (SOURCE / "docs" / "studies.md").read_text(encoding="utf-8")
        for path in STUDIES:
            self.assertIn(f"`{path.stem}`", page)
            for claim in tomllib.loads(path.read_text(encoding="utf-8"))["claim"]:
                self.assertTrue(claim["name"] in page, f"{path}: {claim['name']}")

    def test_each_explains_itself(self):
        for path in STUDIES:
            with self.subTest(path.stem):
                study = tomllib.loads(path.read_text(encoding="utf-8"))
                self.assertEqual(study["name"], path.stem)
                self.assertTrue(study["title"].endswith("?"), "a title asks what the study answers")
                self.assertGreater(len(study["description"]), 100)
                names = [claim["name"] for claim in study["claim"]]
                self.assertEqual(len(names), len(set(names)))
                for claim in study["claim"]:
                    self.assertTrue(claim["statement"].endswith("."), claim["name"])
                    self.assertTrue(claim["source"], claim["name"])

    def test_they_are_listed(self):
        listed = self.succeeds("study", "--list")
        for path in STUDIES:
            self.assertIn(path.stem, listed)


def runs_small(path):
    """Names of parameters and claims are right: the study runs with few short replicates, and each claim gets a verdict."""

    def test(self):
        self.succeeds("study", path.stem, "--dry-run")
        study = tomllib.loads(path.read_text(encoding="utf-8"))
        few = SMALL if study["episodes"] <= 20000 else ["--set", "replicates=2"]
        self.succeeds("study", path.stem, *few, "-o", "small.h5")
        with h5py.File(self.folder / "small.h5") as file:
            self.assertEqual(len(file["claims/name"]), len(study["claim"]))
            self.assertTrue((file["claims/cells"][:] > 0).all())

    return test


for study_file in STUDIES:
    setattr(ShippedStudiesTest, f"test_{study_file.stem}_runs_small", runs_small(study_file))

if __name__ == "__main__":
    unittest.main()

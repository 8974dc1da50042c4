"""The published confusion totals of eight detectors on the Numenta Anomaly Benchmark, exactly."""

import csv
import gzip
import itertools
import json
import os
import pathlib
import unittest

from harness import SOURCE, NpoTest

DATA = pathlib.Path(os.environ.get("NPO_DATA", SOURCE.parent / "shared" / "data")) / "nab"
PUBLISHED = {  # true and false positives, false and true negatives
    "numenta": (240, 153, 33255, 299194), "contextOSE": (96, 64, 33399, 299283), "knncad": (100, 313, 33395, 299034),
    "relativeEntropy": (223, 156, 33272, 299191), "skyline": (664, 497, 32831, 298850),
    "earthgeckoSkyline": (108, 265, 33387, 299082), "twitterADVec": (317, 295, 33178, 299052),
    "bayesChangePt": (101, 766, 33394, 298581)}


def kept_rows():
    """(row, series, label) without the probation of each series: the first 15 % of its rows, at most 750."""
    with gzip.open(DATA / "base.csv.gz", "rt") as f:
        rows = [(i, row["file"], row["label"]) for i, row in enumerate(csv.DictReader(f))]
    for _, series in itertools.groupby(rows, key=lambda row: row[1]):
        series = list(series)
        yield from series[min(int(0.15 * len(series)), 750):]


@unittest.skipUnless((DATA / "base.csv.gz").exists(), "the data are not here")
class Nab(NpoTest):
    def test_confusion_totals_of_all_detectors(self):
        rows = list(kept_rows())
        thresholds = json.loads((DATA / "thresholds.json").read_text())
        scores = {}
        for detector in PUBLISHED:
            with gzip.open(DATA / f"score_{detector}.txt.gz", "rt") as f:
                scores[detector] = f.read().split()[1:]
        with open(self.folder / "nab.csv", "w") as f:
            f.write("series,label," + ",".join(PUBLISHED) + "\n")
            for row, series, label in rows:
                f.write(f"{series},{label}," + ",".join(scores[d][row] for d in PUBLISHED) + "\n")
        for detector, published in PUBLISHED.items():
            with self.subTest(detector=detector):
                report = self.succeeds_json("evaluate", "nab.csv", "--score", detector, "--label", "label", "--fleet", "series",
                                            "--threshold", thresholds[detector]["standard"]["threshold"], "--bootstrap", "0")
                found = report["total"]["confusion"]
                order = ["true_positive", "false_positive", "false_negative", "true_negative"]
                self.assertEqual(tuple(found[name] for name in order), published)
                series = report["groups"]["series"]
                self.assertEqual(len(series), 58)
                for name, total in zip(order, published):
                    self.assertEqual(sum(s["confusion"][name] for s in series), total)


if __name__ == "__main__":
    unittest.main()

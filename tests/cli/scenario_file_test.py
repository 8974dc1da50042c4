"""Scenario files that break their contract, through the real binary: file, dataset, row and remedy."""

import unittest

import small_fleet
from harness import BAD_DATA, ENVIRONMENT, USAGE, NpoTest
from small_fleet import needs_h5py

if small_fleet.HAVE_H5PY:
    import numpy as np


@needs_h5py
class ScenarioFile(NpoTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "s.h5"
        small_fleet.write_scenarios(self.path)

    def refused(self, *phrases, commands=(["info", "s.h5"], ["validate", "s.h5"], ["digest", "s.h5"],
                                          ["fit", "s.h5", "-o", "m.json"])):
        for command in commands:
            with self.subTest(command=command):
                self.fails(BAD_DATA, command, "s.h5", *phrases)

    def row_refused(self, *phrases):
        self.refused(*phrases, commands=[["validate", "s.h5"]])

    def test_a_sound_file_passes(self):
        self.assertEqual(self.succeeds("validate", "s.h5"), "s.h5: valid scenarios, 200 rows\n")
        facts = self.succeeds_json("info", "s.h5")
        self.assertEqual((facts["rows"], facts["features"], facts["nights"]),
                         (200, ["age", "errors"], ["2013-04-20", "2013-04-21"]))

    def test_no_such_file(self):
        for command in ["info", "validate", "digest"]:
            self.fails(ENVIRONMENT, [command, "absent.h5"], "absent.h5: no such file")
        self.fails(ENVIRONMENT, ["fit", "absent.h5", "-o", "m.json"], "absent.h5")

    def test_not_hdf5(self):
        self.path.write_bytes(b"id,age,errors\n1,2,3\n")
        self.refused()
        self.path.write_bytes(b"\x89HDF\r\n\x1a\nthis is cut short")
        self.refused()

    def test_empty_file(self):
        self.path.write_bytes(b"")
        self.refused()

    def test_cut_short(self):
        whole = self.path.read_bytes()
        self.path.write_bytes(whole[: len(whole) // 2])
        self.refused()

    def test_another_format_or_version(self):
        small_fleet.attribute(self.path, "format_version", 2)
        self.refused("version", "2")
        small_fleet.attribute(self.path, "format", np.bytes_("npo.feedbac"))
        self.refused("npo.feedbac", commands=[["info", "s.h5"], ["fit", "s.h5", "-o", "m.json"]])

    def test_missing_or_extra_column(self):
        for dataset in ["scenarios/id", "scenarios/time", "scenarios/features", "scenarios/fleet", "fleets/name",
                        "nights/rows", "scenarios/feature"]:
            with self.subTest(dataset=dataset):
                small_fleet.write_scenarios(self.path)
                small_fleet.remove(self.path, dataset)
                self.refused(dataset, commands=[["validate", "s.h5"]])
        small_fleet.write_scenarios(self.path)
        small_fleet.replace(self.path, "scenarios/label", np.zeros(200, "u1"))
        with small_fleet.h5py.File(self.path, "r+") as f:
            f["scenarios/labels"] = np.zeros(200, "u1")
        self.refused("labels", commands=[["validate", "s.h5"]])

    def test_wrong_type_rank_or_length(self):
        for dataset, values in [
            ("scenarios/id", np.zeros(200, "f8")),
            ("scenarios/time", np.zeros(200, "i4")),
            ("scenarios/features", np.zeros((200, 2), "f8")),
            ("scenarios/features", np.zeros(400, "f4")),
            ("scenarios/features", np.zeros((200, 3), "f4")),
            ("scenarios/fleet", np.zeros((200, 1), "u4")),
            ("scenarios/fleet", np.zeros(199, "u4")),
            ("scenarios/label", np.zeros(201, "u1")),
            ("scenarios/label", np.zeros(200, "i4")),
            ("nights/rows", np.array([100, 99], "u8")),
            ("nights/time", np.array([small_fleet.FIRST_NIGHT] * 2, "i8")),
        ]:
            with self.subTest(dataset=dataset, shape=values.shape, type=values.dtype):
                small_fleet.write_scenarios(self.path)
                small_fleet.replace(self.path, dataset, values)
                self.refused(dataset.split("/")[0], commands=[["validate", "s.h5"], ["fit", "s.h5", "-o", "m.json"]])

    def test_a_feature_that_is_not_finite(self):
        for value in [np.nan, np.inf, -np.inf]:
            small_fleet.write_scenarios(self.path)
            small_fleet.change(self.path, "scenarios/features", (17, 1), value)
            self.row_refused("scenarios/features", "17")
            self.refused("17", commands=[["fit", "s.h5", "-o", "m.json"]])

    def test_duplicate_or_unsorted_ids_in_a_night(self):
        small_fleet.change(self.path, "scenarios/id", 50, 50)
        self.row_refused("scenarios/id", "50")
        small_fleet.change(self.path, "scenarios/id", 50, 7)
        self.row_refused("scenarios/id", "50")

    def test_labels_other_than_0_1_and_unknown(self):
        small_fleet.change(self.path, "scenarios/label", 150, 2)
        self.row_refused("scenarios/label", "150", "2")
        self.refused("150", commands=[["fit", "s.h5", "-o", "m.json"]])

    def test_a_fleet_code_beyond_its_table(self):
        small_fleet.change(self.path, "scenarios/fleet", 3, 2)
        self.row_refused("scenarios/fleet", "3")

    def test_a_time_outside_its_night(self):
        small_fleet.change(self.path, "scenarios/time", 99, small_fleet.FIRST_NIGHT + small_fleet.DAY)
        self.row_refused("scenarios/time", "99")

    def test_output_exists(self):
        self.write("m.json", "precious")
        self.fails(ENVIRONMENT, ["fit", "s.h5", "-o", "m.json"], "m.json exists", "--overwrite")
        self.assertEqual((self.folder / "m.json").read_text(), "precious")
        self.succeeds("fit", "s.h5", "-o", "m.json", "--overwrite")

    def test_output_folder_that_cannot_be_written(self):
        self.fails(ENVIRONMENT, ["fit", "s.h5", "-o", "/proc/nowhere/m.json"], "/proc/nowhere")

    def test_dry_run_writes_nothing(self):
        before = self.files()
        self.succeeds("fit", "s.h5", "-o", "m.json", "--dry-run")
        self.assertEqual(self.files(), before)

    def test_unknown_names(self):
        self.fails(USAGE, ["fit", "s.h5", "-o", "m.json", "--features", "eror"], "errors")
        self.fails(USAGE, ["fit", "s.h5", "-o", "m.json", "--transform", "age=logp1"], "log1p")


if __name__ == "__main__":
    unittest.main()

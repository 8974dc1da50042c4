"""A small fleet made with h5py, in the formats of docs/formats, for tests that damage it."""

import unittest

from harness import have

HAVE_H5PY = have("h5py")
if HAVE_H5PY:
    import h5py
    import numpy as np

needs_h5py = unittest.skipUnless(HAVE_H5PY, "h5py is not installed")

DAY = 86400
FIRST_NIGHT = 1366416000  # 2013-04-20
FEATURES = ["age", "errors"]
FLEETS = ["north", "south"]


def write_scenarios(path, rows=100, nights=2):
    """Nights of `rows` drives with ids 1, 2, ...; the label is whether there were errors."""
    rng = np.random.default_rng(7)
    count = rows * nights
    age = rng.integers(1, 1000, count)
    errors = rng.poisson(0.5, count)
    night = np.repeat(np.arange(nights), rows)
    with h5py.File(path, "w") as f:
        f.attrs["format"], f.attrs["format_version"] = np.bytes_("npo.scenarios"), 1
        f.attrs["label_horizon"] = DAY
        f["scenarios/id"] = np.tile(np.arange(1, rows + 1, dtype="u8"), nights)
        f["scenarios/fleet"] = (np.arange(count) % 2).astype("u4")
        f["scenarios/time"] = (FIRST_NIGHT + night * DAY).astype("i8")
        f["scenarios/features"] = np.stack([age, errors], axis=1).astype("f4")
        f["scenarios/feature"] = np.array(FEATURES, "S8")
        f["scenarios/label"] = ((errors > 0) ^ (rng.random(count) < 0.1)).astype("u1")
        f["scenarios/label_known_at"] = (FIRST_NIGHT + night * DAY + DAY).astype("i8")
        f["fleets/name"] = np.array(FLEETS, "S8")
        f["nights/time"] = (FIRST_NIGHT + np.arange(nights) * DAY).astype("i8")
        f["nights/first_row"] = (np.arange(nights) * rows).astype("u8")
        f["nights/rows"] = np.full(nights, rows, "u8")


def replace(path, dataset, values):
    """Puts other values, or another type or shape, in the place of a dataset."""
    with h5py.File(path, "r+") as f:
        del f[dataset]
        f[dataset] = values


def change(path, dataset, row, value):
    with h5py.File(path, "r+") as f:
        f[dataset][row] = value


def remove(path, dataset):
    with h5py.File(path, "r+") as f:
        del f[dataset]


def attribute(path, name, value):
    with h5py.File(path, "r+") as f:
        f.attrs[name] = value


MODEL = """{"format": "npo.model", "format_version": 1, "kind": "logistic", "intercept": -2.0, "features": [
  {"name": "age", "transform": "log1p", "mean": 6.0, "scale": 1.0, "weight": 0.1},
  {"name": "errors", "transform": "none", "mean": 0.5, "scale": 0.5, "weight": 1.5}], "fit": {}}
"""

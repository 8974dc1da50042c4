"""Runs the tests of a file: runner.py FILE. Tests that need a Python package which is not installed are skipped, as on a node
without a package manager; `python3 FILE` fails there."""

import importlib
import pathlib
import sys
import unittest

PACKAGES = {"h5netcdf", "h5py", "matplotlib", "numpy", "scipy", "sklearn", "statsmodels", "xarray"}
SKIPPED = 77  # what ctest takes for "skipped"


class MissingPackage(unittest.SkipTest, ModuleNotFoundError):
    """Skips the test, or the file, that imports the package; whoever can do without catches an ImportError."""


class SkipWithout:
    """The finder that is asked last: nobody else has found the package."""

    @staticmethod
    def find_spec(name, path, target=None):
        if name in PACKAGES:
            raise MissingPackage(f"{name} is not installed")


if __name__ == "__main__":
    file = pathlib.Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(file.parent))
    sys.meta_path.append(SkipWithout)
    try:
        importlib.import_module(file.stem)
    except MissingPackage as missing:
        print(f"{file.name} skipped: {missing}")
        sys.exit(SKIPPED)
    unittest.main(module=file.stem, argv=[file.name])

#!/usr/bin/env python3
"""Checks the direction of includes between folders, and that every header is included from the project's root.

kernels <- io <- host <- host/cli; bench may include all but host/cli; tests anything. See docs/architecture.md.
"""
import pathlib
import re
import subprocess
import sys

ALLOWED = {
    "kernels": {"kernels"},
    "io": {"io", "kernels"},
    "host": {"host", "io", "kernels"},
    "host/cli": {"host/cli", "host", "io", "kernels"},
    "bench": {"bench", "host", "io", "kernels"},
    "tests": {"tests", "bench", "host", "host/cli", "io", "kernels"},
}
# Of kernels/, storage may know the words and the plain views, not the computations.
IO_MAY_SEE = {"error.hpp", "vocabulary.hpp", "join_state.hpp", "score_plan.hpp", "learn_events.hpp", "simd_level.hpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def folder_of(path: str) -> str:
    if path.startswith("host/cli/"):
        return "host/cli"
    return path.split("/", 1)[0]


def main() -> int:
    root = pathlib.Path(__file__).resolve().parent.parent
    listed = subprocess.run(["git", "ls-files", "*.cpp", "*.hpp", "*.cu", "*.cuh"], cwd=root, check=True,
                            capture_output=True, text=True).stdout.split()
    faults = []
    for name in listed:
        here = folder_of(name)
        for number, line in enumerate((root / name).read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1)
            if not (root / target).is_file():
                faults.append(f"{name}:{number}: \"{target}\" is not a path from the project's root")
                continue
            there = folder_of(target)
            if there not in ALLOWED[here]:
                faults.append(f"{name}:{number}: {here} must not include {there} ({target})")
            if here == "io" and there == "kernels" and pathlib.PurePath(target).name not in IO_MAY_SEE:
                faults.append(f"{name}:{number}: io sees only the plain views of kernels, not {target}")
    print("\n".join(faults) if faults else f"includes: {len(listed)} files")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

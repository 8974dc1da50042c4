"""Runs the real npo binary in a folder of its own and checks what a person would see."""

import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("NPO_BINARY", str(SOURCE / "build" / "npo"))
USAGE, BAD_DATA, GATE, ENVIRONMENT, DEVICE, INTERRUPTED = 2, 3, 4, 5, 6, 75


def have(package):
    """Whether a Python package is installed."""
    try:
        return importlib.util.find_spec(package) is not None
    except ImportError:
        return False


class NpoTest(unittest.TestCase):
    """A test with a temporary folder `self.folder`, in which every command runs."""

    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="npo_cli_"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def npo(self, *words, env=None, stdin=None):
        """Runs `npo WORDS...` and returns the completed process, with text output."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NPO_")}
        environment.update(env or {})
        return subprocess.run([BINARY, *map(str, words)], cwd=self.folder, env=environment, input=stdin,
                              capture_output=True, text=True, timeout=120)

    def succeeds(self, *words, env=None, stdin=None):
        """stdout of a run that must exit with 0."""
        done = self.npo(*words, env=env, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def succeeds_json(self, *words, env=None):
        return json.loads(self.succeeds(*words, "--json", env=env))

    def fails(self, code, words, *phrases, env=None, stdin=None):
        """A run that must fail with `code` and one sentence that holds all phrases, leaving no file behind that was not
        there before. With --json the same error stands on stdout as an object."""
        before = self.files()
        done = self.npo(*words, env=env, stdin=stdin)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        self.assertRegex(done.stderr, r"\Anpo[ a-z-]*: [^\n]+\n\Z")
        for phrase in phrases:
            self.assertIn(phrase, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(self.files(), before)
        told = json.loads(self.npo(*words, "--json", env=env, stdin=stdin).stdout)["error"]
        self.assertEqual(told["exit_code"], code)
        self.assertTrue(done.stderr.endswith(told["message"] + "\n"), told)
        self.assertEqual(self.files(), before)
        return done

    def files(self):
        """Every file below the folder with its size, so that a half-written one shows."""
        return {str(p.relative_to(self.folder)): p.stat().st_size for p in self.folder.rglob("*") if p.is_file()}

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

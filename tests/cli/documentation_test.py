"""docs/cli.md and docs/formats/policy.md say what the program does: every command, flag and key is there, and examples run."""

import os
import pathlib
import re
import subprocess
import unittest

from harness import BINARY, SOURCE, NpoTest

CLI = (SOURCE / "docs" / "cli.md").read_text()
POLICY = (SOURCE / "docs" / "formats" / "policy.md").read_text()


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.S)


class CommandPage(NpoTest):
    def commands(self):
        listed = self.succeeds("help").split("Commands:\n")[1].split("\n\n")[0]
        return [line[2:22].strip() for line in listed.splitlines()]

    def test_every_command_and_flag_is_described(self):
        sections = dict(re.findall(r"### npo ([a-z -]+)\n(.*?)(?=\n##|\Z)", CLI, flags=re.S))
        self.assertEqual(sorted(sections), sorted(self.commands()))
        common = CLI.split("## Flags of every command")[1]
        for name, section in sections.items():
            own, shared = self.succeeds("help", *name.split()).split("Flags of every command:")
            self.assertIn(f"    npo {name} ", section)
            for flag in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", own, flags=re.M):
                self.assertRegex(section, re.escape(flag) + r"(?![a-z-])", name)
            for flag in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", shared, flags=re.M):
                self.assertIn(f"`{flag}", common)

    def test_no_flag_is_described_that_is_not_there(self):
        known = set()
        for name in self.commands():
            known |= set(re.findall(r"--[a-z-]+", self.succeeds("help", *name.split())))
        for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]*", CLI):
            self.assertIn(flag, known | {"--version"})

    def test_the_loop_by_hand_runs_as_it_stands(self):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NPO_")}
        environment["PATH"] = f"{pathlib.Path(BINARY).resolve().parent}:{environment['PATH']}"
        done = subprocess.run(["sh", "-e", "-c", blocks(CLI, "sh")[0]], cwd=self.folder, env=environment,
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("generation 1 is in force", done.stdout)

    def test_the_configuration_file_is_one(self):
        self.write("c.toml", blocks(CLI, "toml")[0])
        options = self.succeeds_json("score", "s.h5", "--config", "c.toml", "--dump-config")["options"]
        self.assertEqual((options["threads"]["value"], options["alert_budget"]["value"]), (4, 100))

    def test_exit_codes_are_those_of_help(self):
        told = set(re.findall(r"^\| (\d+) \|", CLI.split("## Exit codes")[1], flags=re.M))
        self.assertEqual(told, set(re.findall(r"\d+", self.succeeds("help").split("Exit codes:")[1])))


class PolicyPage(NpoTest):
    def test_every_key_and_word_is_described(self):
        self.write("policy.toml", "")
        settings = self.succeeds_json("info", "policy.toml")["settings"]
        self.assertEqual(set(settings), {"score", "threshold", "loss", "monitor", "guardrail"})
        for table in ["score", "threshold", "loss", "monitor"]:
            section = POLICY.split(f"## [{table}]\n")[1].split("\n## ")[0]
            for key, value in settings[table].items():
                self.assertIn(f"`{key}`", section)
                if isinstance(value, str):
                    self.assertIn(f'`"{value}"`', section)

    def test_the_example_is_a_policy(self):
        self.write("policy.toml", blocks(POLICY, "toml")[0])
        rules = self.succeeds_json("info", "policy.toml")["settings"]["guardrail"]
        self.assertEqual([rule["name"] for rule in rules],
                         ["too young to judge", "not at night", 'fleet in ["pilot","laboratory"]'])

    def test_a_generated_policy_is_commented_and_reads_back(self):
        self.succeeds("generate", "--scenarios", "100", "--features", "2", "--fleets", "2", "-o", "fleet")
        text = (self.folder / "fleet" / "policy.toml").read_text()
        self.assertIn("# approval | literal", text)
        self.assertEqual(self.succeeds("validate", "fleet/policy.toml"), "fleet/policy.toml: valid policy\n")


if __name__ == "__main__":
    unittest.main()

"""docs/formats/study.md says what a study file may hold: every parameter with its default, every metric, and its example
runs."""

import re
import unittest

from harness import SOURCE, NpoTest

PAGE = (SOURCE / "docs" / "formats" / "study.md").read_text()


class StudyPage(NpoTest):
    def settings(self, kind):
        self.write("s.toml", f'kind = "{kind}"\nname = "s"\n')
        return self.succeeds_json("info", "s.toml")["settings"]

    def test_every_parameter_is_described(self):
        for kind in ("loop", "bandit"):
            section = PAGE.split(f'### [parameters], kind = "{kind}"')[1].split("\n### ")[0]
            for name, value in self.settings(kind)["parameters"].items():
                shared = "`policy` and its numbers" in section
                self.assertIn(f"`{name}`", PAGE if shared else section)
                if isinstance(value, str) and not shared:
                    self.assertIn(f'`"{value}"`', section, name)

    def test_every_key_of_the_file_is_described(self):
        keys = PAGE.split("| key | default |")[1].split("\n\n")[0]
        for key in set(self.settings("loop")) - {"claim", "parameters"}:
            self.assertIn(f"`{key}`", keys)

    def test_every_metric_is_described(self):
        section = PAGE.split("### Metrics")[1].split("\n## ")[0]
        for kind in ("loop", "bandit"):
            for metric in self.succeeds_json("study", "--metrics", kind)["metrics"]:
                name = re.sub(r"arm_share_\d+", "arm_share_0", metric["name"])
                self.assertIn(f"`{name}`", section)

    def test_the_example_runs(self):
        self.write("example.toml", re.search(r"```toml\n(.*?)```", PAGE, flags=re.S).group(1))
        told = self.succeeds_json("study", "example.toml", "-o", "s.h5", "--set", "replicates=1024")
        self.assertEqual(told["estimate"]["points"], 3 * 5 * 3)
        self.assertEqual([claim["verdict"] for claim in told["claims"]], ["holds"])


if __name__ == "__main__":
    unittest.main()

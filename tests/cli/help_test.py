"""Help, version, wrong command lines: what each says and its exit code."""

import unittest

from support import FolderTest, run

COMMANDS = ["count", "run", "scan", "inventory"]


class HelpTest(FolderTest):
    def test_every_command_explains_itself(self):
        listed = run("--help", check=0).stdout
        for command in COMMANDS:
            with self.subTest(command):
                text = run(command, "--help", check=0).stdout
                self.assertIn(f"  {command} ", listed)
                for part in ("Usage: peaktext", "Note: ", "Memory: ", "Exit codes: 0 done",
                             "Examples:\n"):
                    self.assertIn(part, text)
                self.assertGreaterEqual(text.count(f"\n  peaktext {command} "), 2)

    def test_defaults_are_shown(self):
        text = run("run", "--help", check=0).stdout
        for part in ("o200k_base", "--memory", "--threshold", "--bands", "--no-progress", "--force"):
            self.assertIn(part, text)

    def test_version(self):
        self.assertRegex(run("--version", check=0).stdout, r"^peaktext \d+\.\d+\.\d+\n$")

    def test_a_wrong_command_line_is_exit_code_2(self):
        for arguments in ([], ["nothing"], ["count"], ["count", "--nope", "x"], ["run", "x"],
                          ["run", "x", "--out", self.path("o"), "--threads", "-1"],
                          ["run", "x", "--out", self.path("o"), "--memory", "lots"],
                          ["run", "x", "--out", self.path("o"), "--keep", "best"],
                          ["run", "x", "--out", self.path("o"), "--bands", "5000"],
                          ["inventory"]):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertNotEqual(done.stderr, "")

    def test_an_unknown_kernel_name_is_an_error(self):
        done = run("count", "-", env={"PEAKTEXT_SIMD": "mmx"})
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("PEAKTEXT_SIMD", done.stderr)

    def test_a_missing_vocabulary_says_how_to_get_it(self):
        done = run("count", "-", env={"PEAKTEXT_VOCAB_DIR": self.folder}, stdin=b"x")
        if done.returncode == 0:
            self.skipTest("a vocabulary is found elsewhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("peaktext vocab get o200k_base", done.stderr)


if __name__ == "__main__":
    unittest.main()

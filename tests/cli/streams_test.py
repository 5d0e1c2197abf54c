"""stdin, stdout and stderr that are closed, full or read by nobody any more."""

import base64
import json
import os
import subprocess
import unittest

from support import PROGRAM, FolderTest


class StreamsTest(FolderTest):
    def setUp(self):
        super().setUp()
        ranks = self.write("bytes.tiktoken", b"".join(base64.b64encode(bytes([byte])) + b" %d\n" % byte
                                                      for byte in range(256)))
        self.good = self.write("good.jsonl", '{"id": "1", "text": "hello"}\n')
        self.bad = self.write("bad.jsonl", '{"id": "1", "text": "hello"\n' * 9 + '{"text": "x"}\n')
        os.mkdir(self.path("vocab"))
        self.env = dict(os.environ, PEAKTEXT_VOCAB_DIR=self.path("vocab"))
        self.shell('"$0" vocab add "$1" --name bytes --pattern cl100k', ranks, check=0)

    def shell(self, script, *arguments, check=None):
        """Runs `script` in bash, with the program as $0; gives the finished process with text output."""
        done = subprocess.run(["bash", "-c", script, PROGRAM, *arguments], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=100, cwd=self.folder, text=True)
        if check is not None:
            self.assertEqual(done.returncode, check, done.stdout + done.stderr)
        return done

    def test_what_becomes_of_messages_changes_nothing(self):
        count = '"$0" count --vocab bytes --json bad.jsonl good.jsonl'
        expected = self.shell(count, check=0).stdout
        self.assertEqual(json.loads(expected)["total"]["tokens"], {"bytes": 6})
        run = 'rm -rf out; "$0" run --vocab bytes bad.jsonl good.jsonl --out out --json'
        inventory = self.shell(run, check=0).stdout
        for place in ("2>&-", "2>/dev/full", "2> >(exec true)", "2> >(exec head -c 1 >/dev/null)"):
            with self.subTest(place):
                self.assertEqual(self.shell(f"{count} {place}", check=0).stdout, expected)
                self.shell(f'"$0" count --vocab bytes nothing.jsonl {place}', check=1)
                self.shell(f'"$0" count --nothing {place}', check=2)
                self.assertEqual(self.shell(f"{run} {place}", check=0).stdout, inventory)
                self.assertTrue(os.path.exists(self.path("out", "inventory.json")))

    def test_a_reader_of_results_and_messages_that_went_away_stops_no_run(self):
        self.shell('set -o pipefail; "$0" run --vocab bytes bad.jsonl good.jsonl --out out 2>&1 | true', check=0)
        self.assertTrue(os.path.exists(self.path("out", "inventory.json")))

    def test_a_closed_stdin_cannot_be_read_and_is_no_other_file(self):
        for command in ("count --vocab bytes -", "count --vocab bytes --json -", "ls -", "run - --vocab bytes --out out"):
            with self.subTest(command):
                done = self.shell(f'"$0" {command} <&-', check=1)
                self.assertIn("Bad file descriptor", done.stderr)

    def test_with_all_closed_files_hold_their_own_bytes_alone(self):
        self.shell('"$0" run --vocab bytes bad.jsonl good.jsonl --out out', check=0)
        for closed, code in (("<&- 2>&-", 0), ("<&- >&- 2>&-", 1), (">&-", 1), ("<&- >&-", 1)):
            with self.subTest(closed):
                self.shell('rm -rf closed vocab/*.tables')
                done = self.shell(f'"$0" run --vocab bytes bad.jsonl good.jsonl --out closed {closed}', check=code)
                if "2>" not in closed:
                    self.assertIn("standard output", done.stderr)
                self.shell('diff -r out closed', check=0)

    def test_a_limit_of_file_sizes_is_a_full_disk(self):
        self.shell('rm -f vocab/*.tables')
        done = self.shell('ulimit -f 8; "$0" count --vocab bytes --json good.jsonl', check=0)  # tables cannot be kept
        self.assertEqual(json.loads(done.stdout)["total"]["tokens"], {"bytes": 5})
        self.assertEqual(sorted(os.listdir(self.path("vocab"))), ["bytes.tiktoken", "bytes.vocab.json"])
        done = self.shell('ulimit -f 0; "$0" run --vocab bytes good.jsonl --out out', check=1)
        self.assertIn("File too large", done.stderr)
        done = self.shell('ulimit -f 0; "$0" count --vocab bytes good.jsonl >results', check=1)
        self.assertIn("File too large", done.stderr)

    def test_a_message_is_one_line_without_control_characters(self):
        raw = b"a\x1b[31m\n\x7f\xc2\x9b0m \xe9 " + "日本é½.jsonl".encode()
        shown = "a?[31m???0m \ufffd 日本é½.jsonl"
        with open(os.path.join(self.folder.encode(), raw), "w", encoding="utf-8") as file:
            file.write('{"te\n{"text": "hello"}\n')
        for command in ("count", "ls", "run --out out"):
            vocab = "" if command == "ls" else "--vocab bytes"
            with self.subTest(command):
                done = self.shell(f'"$0" {command} {vocab} a*.jsonl', check=0)
                self.assertTrue(done.stderr.startswith(f"peaktext: {shown}: offset 0: line 1: "), done.stderr)
                self.assertEqual([c for c in done.stderr if c < " " and c != "\n" or "\x7f" <= c < "\xa0"], [])
                for line in done.stderr.splitlines():
                    self.assertRegex(line, "^(peaktext: |counted|listed|kept)")
        done = self.shell('"$0" count --vocab bytes "$(printf "no\\033c\\nfile")"', check=1)
        self.assertIn("no?c?file: No such file", done.stderr)
        done = self.shell('"$0" count --vocab "$(printf "no\\033c\\nx")" good.jsonl', check=1)
        self.assertIn("no?c?x", done.stderr)
        done = self.shell('"$0" count "$(printf -- "--no\\033c")" good.jsonl', check=2)
        self.assertIn("--no?c\nRun with --help", done.stderr)


if __name__ == "__main__":
    unittest.main()

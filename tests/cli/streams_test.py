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


if __name__ == "__main__":
    unittest.main()

"""count: figures, forms of output, input from everywhere."""

import json
import os
import random
import subprocess
import unittest

from support import PROGRAM, FolderTest, article, run, skip_without_vocabulary, write_warc


class CountTest(FolderTest):
    def test_a_text_file_is_one_document_and_the_table_is_aligned(self):
        path = self.write("hello.txt", "hello world")
        done = run("count", path, "--no-progress", check=0)
        self.assertEqual(done.stdout, f"o200k_base  documents  bytes  input\n"
                                      f"         2          1     11  {path}\n")
        self.assertEqual(done.stderr, "counted 1 documents of 1 inputs, dropped 0\n")

    def add_bytes_vocabulary(self, normalizer):
        """Adds "bytes", a vocabulary of single bytes with one added token; gives what runs the program with it."""
        printable = [*range(0x21, 0x7f), *range(0xa1, 0xad), *range(0xae, 0x100)]
        others = iter(range(0x100, 0x200))
        alphabet = [chr(byte if byte in printable else next(others)) for byte in range(256)]
        tokenizer = {
            "added_tokens": [{"id": 256, "content": "<x>", "lstrip": False, "rstrip": False, "single_word": False,
                              "normalized": False, "special": True}],
            "normalizer": normalizer,
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True},
            "model": {"type": "BPE", "vocab": {text: byte for byte, text in enumerate(alphabet)}, "merges": []}}
        file = self.write("tokenizer.json", json.dumps(tokenizer))
        environment = dict(os.environ, PEAKTEXT_VOCAB_DIR=self.path("vocab"))

        def peaktext(*arguments, stderr=None):
            done = subprocess.run([PROGRAM, *arguments], env=environment, stdout=subprocess.PIPE, stderr=stderr,
                                  check=True)
            return done if stderr else done.stdout

        peaktext("vocab", "add", file, "--name", "bytes")
        return peaktext

    def test_a_document_that_cannot_be_normalised_costs_itself_alone(self):
        peaktext = self.add_bytes_vocabulary({"type": "NFC"})
        marks = "a" + "\u0316" * (34 << 20)  # more than 64 MiB
        lines = [{"text": "one"}, {"text": marks}, {"text": "three"}]
        path = self.write("a.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        piecewise = self.write("b.txt", marks)
        good = self.write("c.txt", "hello")
        for threads in ("1", "2"):
            done = peaktext("count", "--vocab", "bytes", "--json", "--threads", threads, path, piecewise, good,
                            stderr=subprocess.PIPE)
            report = json.loads(done.stdout)
            self.assertEqual([entry["tokens"]["bytes"] for entry in report["inputs"]], [8, 0, 5])
            self.assertEqual(report["dropped"], {"too_large": {"count": 2, "bytes": 2 * len(marks.encode())}})
            told = done.stderr.decode()
            self.assertIn(f"{path}: offset 16: more than 67108864 bytes of marks", told)
            self.assertIn(f"{piecewise}: offset 0: more than", told)

    def test_documents_counted_together_have_their_own_tokens(self):
        peaktext = self.add_bytes_vocabulary(None)
        rng = random.Random(5)
        lengths = [rng.choice([1, 30, 200, 5000, 40000 * (i % 50 == 0) + 1]) for i in range(900)]
        texts = ["".join(rng.choices("ab \u00e9\u4e2d\n", k=rng.randrange(most) + 1)) + "." for most in lengths]
        path = self.write("a.jsonl", "".join(json.dumps({"id": str(i), "text": text}) + "\n"
                                             for i, text in enumerate(texts)))
        for threads in ("1", "4"):
            lines = peaktext("count", "--vocab", "bytes", "--per-document", "--json", "--threads", threads, path)
            rows = [json.loads(line) for line in lines.splitlines() if b'"id"' in line]
            self.assertEqual([row["id"] for row in rows], [str(i) for i in range(900)])
            self.assertEqual([row["tokens"]["bytes"] for row in rows], [len(text.encode()) for text in texts])

    def test_added_tokens_are_one_token_when_asked_for(self):
        peaktext = self.add_bytes_vocabulary(None)
        text = self.write("a.txt", "ab<x>c<x>")
        for flags, tokens in (([], 9), (["--added-tokens"], 5), ([], 9)):
            report = json.loads(peaktext("count", "--vocab", "bytes", *flags, "--json", text))
            self.assertEqual(report["total"]["tokens"], {"bytes": tokens})
        # The tables are kept; damaged ones are built again, and a folder that cannot be written to is no error.
        tables = os.path.join(self.path("vocab"), "bytes.tokenizer.json.tables")
        self.assertTrue(os.path.exists(tables))
        with open(tables, "r+b") as out:
            out.write(b"damage")
        self.assertIn('"tables":"stale"', peaktext("vocab", "list", "--json").decode())
        report = json.loads(peaktext("count", "--vocab", "bytes", "--json", text))
        self.assertEqual(report["total"]["tokens"], {"bytes": 9})
        self.assertIn('"tables":"yes"', peaktext("vocab", "list", "--json").decode())

    def test_several_inputs_have_a_total(self):
        paths = [self.write(f"{i}.txt", "hello world" * (i + 1)) for i in range(3)]
        lines = run("count", *paths, check=0).stdout.splitlines()
        self.assertEqual(len(lines), 5)
        self.assertEqual(lines[-1].split(), ["12", "3", "66", "total"])

    def test_stdin_pieces_count_like_a_file(self):
        text = (article(1) + "日本語のテキスト、 ½ — naïve 🙂 \n") * 6000  # over a piece of 8 MiB
        path = self.write("long.txt", text.encode())
        by_file = json.loads(run("count", path, "--json", check=0).stdout)["total"]
        by_pipe = json.loads(run("count", "-", "--json", stdin=text.encode(), check=0).stdout)
        self.assertEqual(by_pipe["total"], by_file)
        self.assertEqual(by_file["bytes"], len(text.encode()))
        self.assertEqual(by_file["documents"], 1)

    def test_bytes_are_those_of_the_repaired_text(self):
        bad = b"caf\xe9 \xff\xfe \xe2\x82 end "  # 4 ill-formed sequences
        small = json.loads(run("count", "-", "--json", stdin=bad, check=0).stdout)["total"]
        repaired = bad.decode("utf-8", "replace").encode()
        self.assertEqual(small["bytes"], len(repaired))
        large = json.loads(run("count", "-", "--json", stdin=bad * 450000, check=0).stdout)
        self.assertEqual(large["total"]["bytes"], len(repaired) * 450000)

    def test_json_has_the_published_form(self):
        path = self.path("a.warc.gz")
        write_warc(path, [(i, article(i)) for i in range(5)])
        report = json.loads(run("count", path, "--json", "--vocab", "o200k_base", check=0).stdout)
        self.assertEqual(sorted(report), ["dropped", "inputs", "schema", "total"])
        self.assertEqual(report["schema"], 1)
        self.assertEqual(sorted(report["inputs"][0]), ["bytes", "documents", "input", "tokens"])
        self.assertEqual(report["total"]["documents"], 5)
        self.assertEqual(report["inputs"][0]["tokens"], report["total"]["tokens"])

    def test_per_document_lines_are_in_order_and_add_up(self):
        path = self.path("a.warc.gz")
        offsets = write_warc(path, [(i, article(i)) for i in range(700)])
        jsonl = self.write("b.jsonl", "".join(
            json.dumps({"id": f"d{i}", "url": f"u{i}", "text": article(i)}) + "\n"
            for i in range(5)) + json.dumps({"text": "no id"}) + "\n")
        for threads in (1, 2, 5):
            out = run("count", path, jsonl, "--per-document", "--json", "--threads", threads,
                      check=0).stdout
            lines = [json.loads(line) for line in out.splitlines()]
            self.assertEqual(sorted(lines[0]), ["bytes", "id", "input", "offset", "tokens", "url"])
            self.assertEqual([line["offset"] for line in lines[:700]], offsets)
            self.assertEqual(lines[3]["id"], "urn:uuid:00000000-0000-4000-8000-000000000003")
            self.assertEqual([line["id"] for line in lines[700:705]], [f"d{i}" for i in range(5)])
            self.assertEqual(lines[705]["id"], f"{jsonl}#{lines[705]['offset']}")
            total = json.loads(run("count", path, jsonl, "--json", check=0).stdout)["total"]
            self.assertEqual(sum(line["tokens"]["o200k_base"] for line in lines),
                             total["tokens"]["o200k_base"])

    def test_two_vocabularies_and_a_repeated_one(self):
        done = run("count", "-", "--vocab", "o200k_base", "--vocab", "cl100k_base", stdin=b"hi")
        if done.returncode != 0:
            self.assertIn("peaktext vocab get cl100k_base", done.stderr)
            self.skipTest("no cl100k_base here")
        self.assertEqual(done.stdout.split()[:2], ["o200k_base", "cl100k_base"])
        twice = run("count", "-", "--vocab", "o200k_base", "--vocab", "o200k_base", stdin=b"hi")
        self.assertEqual(twice.returncode, 2)

    def test_a_line_over_the_limit_names_the_limit_and_its_flag(self):
        path = self.write("a.jsonl", json.dumps({"text": "a " * (20 << 20)}) + '\n{"text": "b"}\n')
        for flags, limit in ((["--max-record", "1K"], "1024 bytes (--max-record)"),
                             (["--memory", "1M"], f"{32 << 20} bytes (--memory)")):
            with self.subTest(flags):
                done = run("count", path, *flags, "--json", check=0)
                self.assertIn(f"line 1: over the limit of {limit}\n", done.stderr)
                self.assertEqual(json.loads(done.stdout)["dropped"]["too_large"]["count"], 1)

    def test_a_closed_pipe_is_a_quiet_success(self):
        path = self.path("a.jsonl")
        with open(path, "w") as file:
            for i in range(20000):
                file.write(json.dumps({"id": f"document-{i}", "text": "word " * 5}) + "\n")
        program = subprocess.Popen([PROGRAM, "count", path, "--per-document", "--json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        program.stdout.readline()
        program.stdout.close()
        self.assertEqual(program.stderr.read(), b"")
        self.assertEqual(program.wait(), 0)
        program.stderr.close()

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([PROGRAM, "count", "-"], input=b"x", stdout=full,
                                  stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)

    def test_an_empty_input_has_no_documents_or_one_without_tokens(self):
        total = json.loads(run("count", "-", "--json", check=0).stdout)["total"]
        self.assertEqual(total["tokens"]["o200k_base"], 0)
        self.assertEqual(total["bytes"], 0)


if __name__ == "__main__":
    skip_without_vocabulary()
    unittest.main()

"""run --paragraphs: against brute force, for any threads and memory, killed and gone on with."""

import json
import os
import pathlib
import random
import re
import signal
import subprocess
import unittest

from support import (PROGRAM, FolderTest, article, documents_of, inventory_of, run,
                     skip_without_vocabulary)

# White_Space of Unicode 16.0.
SPACES = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
OUTPUTS = ("inventory.json", "documents.jsonl.zst")
VOCABULARIES = ("o200k_base", "cl100k_base")


def paragraphs_of(text):
    folded = (SPACES.sub(" ", line).strip(" ") for line in text.split("\n"))
    return [line for line in folded if line]


def contents(folder):
    return [pathlib.Path(folder, name).read_bytes() for name in OUTPUTS]


class ParagraphsTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.vocabularies = [name for name in VOCABULARIES
                             if run("count", "-", "--vocab", name, stdin=b"x").returncode == 0]
        self.options = [word for name in self.vocabularies for word in ("--vocab", name)]

    def make_inputs(self, shards=3, documents=120):
        """Texts of shared and own lines in odd white space, some of them whole copies."""
        rng = random.Random(11)
        shared = [article(i, rng.randrange(3, 30)).strip() for i in range(60)]
        shared += ["Read more", "\u00a9 2026", "\u4e2d\u6587\u6bb5\u843d", "un caf\u00e9, s'il vous pla\u00eet"]
        texts, paths = [], []
        for shard in range(shards):
            path = self.path(f"{shard}.jsonl")
            with open(path, "w") as file:
                for i in range(documents):
                    lines = []
                    for _ in range(rng.randrange(1, 12)):
                        line = rng.choice(shared) if rng.random() < .6 else article(rng.random(), 12)
                        if rng.random() < .3:
                            line = rng.choice(["  ", "\t", "\u3000"]) + line.replace(
                                " ", rng.choice(["  ", " \u00a0", "\u2003"]))
                        lines.append(line + rng.choice(["", " ", "\r", "\u2028"]))
                        lines += [rng.choice(["", " ", "\r"])] * (rng.random() < .3)
                    if i % 50 == 7:  # a line that is too long to be counted together with others
                        lines.insert(rng.randrange(len(lines)), article(rng.random(), 9000))
                    text = "\n".join(lines)
                    if texts and rng.random() < .2:
                        text = rng.choice(texts)
                    texts.append(text)
                    file.write(json.dumps({"id": f"{shard}-{i}", "text": text}) + "\n")
            paths.append(path)
        return paths, texts

    def tokens_of(self, paragraphs):
        """Tokens of each text, as `count` has them."""
        path = self.path("paragraphs.jsonl")
        with open(path, "w") as file:
            for text in paragraphs:
                file.write(json.dumps({"text": text}) + "\n")
        done = run("count", "--json", "--per-document", path, *self.options, check=0)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(lines), len(paragraphs))
        return {text: line["tokens"] for text, line in zip(paragraphs, lines)}

    def expected(self, texts, documents):
        """The figures by brute force: {(kind, name): {figure: tally}}."""
        tokens = self.tokens_of(sorted({p for text in texts for p in paragraphs_of(text)}))
        sums = {}
        seen = {"unique": set(), "survivors_unique": set()}

        def add(document, figure, paragraph):
            for group in (("totals", ""), ("by_language", document["language"]),
                          ("by_input", document["input"])):
                tally = sums.setdefault(group, {}).setdefault(
                    figure, {"paragraphs": 0, "bytes": 0,
                             "tokens": {name: 0 for name in self.vocabularies}})
                tally["paragraphs"] += 1
                tally["bytes"] += len(paragraph.encode())
                for name in self.vocabularies:
                    tally["tokens"][name] += tokens[paragraph][name]

        for text, document in zip(texts, documents):
            for paragraph in paragraphs_of(text):
                add(document, "all", paragraph)
                figures = ["unique"]
                if document["survivor"] is None:
                    add(document, "survivors", paragraph)
                    figures.append("survivors_unique")
                for figure in figures:
                    if paragraph not in seen[figure]:
                        seen[figure].add(paragraph)
                        add(document, figure, paragraph)
        return sums

    def test_figures_are_those_of_brute_force_for_any_threads_and_memory(self):
        inputs, texts = self.make_inputs()
        results = []
        for threads, memory in ((1, "2G"), (2, "64M"), (5, "300M")):
            out = self.path(f"out{threads}")
            run("run", *inputs, "--out", out, "--paragraphs", *self.options, "--threads", threads,
                "--memory", memory, check=0)
            results.append(contents(out))
            self.assertFalse(os.path.exists(os.path.join(out, "dedup/paragraphs")))
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])
        inventory, documents = inventory_of(self.path("out1")), documents_of(self.path("out1"))
        self.assertTrue(any(document["survivor"] for document in documents))
        nothing = {"paragraphs": 0, "bytes": 0, "tokens": {name: 0 for name in self.vocabularies}}
        groups = 0
        for (kind, name), figures in self.expected(texts, documents).items():
            found = inventory[kind] if kind == "totals" else inventory[kind][name]
            for figure in ("all", "unique", "survivors", "survivors_unique"):
                self.assertEqual(found["paragraphs"][figure], figures.get(figure, nothing),
                                 (kind, name, figure))
            groups += 1
        self.assertEqual(groups, 1 + len(inventory["by_language"]) + len(inventory["by_input"]))

    def test_nothing_else_changes(self):
        inputs, _ = self.make_inputs(2, 60)
        run("run", *inputs, "--out", self.path("without"), *self.options, check=0)
        run("run", *inputs, "--out", self.path("with"), "--paragraphs", *self.options, check=0)
        self.assertEqual(contents(self.path("without"))[1], contents(self.path("with"))[1])
        for name in os.listdir(self.path("without", "shards")):
            if not name.endswith(".done"):
                self.assertEqual(*(pathlib.Path(self.path(folder, "shards", name)).read_bytes()
                                   for folder in ("without", "with")), name)
        with_them = inventory_of(self.path("with"))
        self.assertTrue(with_them["options"]["scan"].pop("paragraphs"))
        for totals in (with_them["totals"], *with_them["by_language"].values(),
                       *with_them["by_input"].values()):
            del totals["paragraphs"]
        self.assertEqual(with_them, inventory_of(self.path("without")))

    def test_the_table_says_how_much_is_duplicate(self):
        path = self.write("a.txt", "One line.\nTwo  lines.\n\nOne line.\nTwo lines.\n")
        done = run("run", path, "--out", self.path("out"), "--paragraphs", check=0)
        rows = [re.split(r"  +", row) for row in done.stdout.splitlines()]
        at = next(i for i, row in enumerate(rows) if row[1:3] == ["paragraphs", "bytes"])
        self.assertEqual([row[:3] for row in rows[at + 1:at + 4]],
                         [["all", "4", "38"], ["unique", "2", "19"], ["duplicate", "50.0%", "50.0%"]])
        again = run("inventory", self.path("out"), "--memory", "64M", check=0)
        self.assertEqual(again.stdout, done.stdout)

    def test_without_texts_and_with_an_empty_input(self):
        inputs, texts = self.make_inputs(2, 20)
        inputs.append(self.write("empty.jsonl", ""))
        run("run", *inputs, "--out", self.path("out"), "--no-texts", "--verify", "sketch",
            "--paragraphs", check=0)
        inventory = inventory_of(self.path("out"))
        self.assertEqual(inventory["totals"]["paragraphs"]["all"]["paragraphs"],
                         sum(len(paragraphs_of(text)) for text in texts))
        self.assertEqual(inventory["by_input"][inputs[-1]]["paragraphs"]["all"]["paragraphs"], 0)

    def test_killed_at_any_moment_the_answer_is_the_same(self):
        inputs, _ = self.make_inputs(4, 400)
        arguments = ["run", *inputs, "--paragraphs", *self.options, "--threads", "2"]
        run(*arguments, "--out", self.path("whole"), check=0)
        rng = random.Random(3)
        for number in range(12):
            program = subprocess.Popen([PROGRAM, *arguments, "--out", self.path("out")],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                program.wait(rng.random() * .1 * (number + 1))
            except subprocess.TimeoutExpired:
                program.send_signal(signal.SIGKILL)
                program.wait()
        run(*arguments, "--out", self.path("out"), check=0)
        self.assertEqual(contents(self.path("whole")), contents(self.path("out")))
        self.assertFalse(os.path.exists(self.path("out", "dedup/paragraphs")))


if __name__ == "__main__":
    skip_without_vocabulary()
    unittest.main()

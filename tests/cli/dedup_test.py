"""Dedup, export and their options from the command line."""

import glob
import json
import os
import random
import signal
import subprocess
import time
import unittest

from support import (PROGRAM, FolderTest, article, documents_of, inventory_of, run,
                     skip_without_vocabulary)

PYARROW_PYTHON = os.environ.get("PEAKTEXT_PYARROW_PYTHON", "")


def edited(text, seed, share):
    """The text with a share of its words, in one stretch, replaced by new ones."""
    words = text.split()
    count = round(share * len(words))
    start = random.Random(seed).randrange(len(words) - count + 1)
    words[start:start + count] = [f"new{chr(97 + seed % 26)}{chr(97 + i % 26)}{chr(97 + i // 26)}"
                                  for i in range(count)]
    return " ".join(words)


class JsonLinesTest(FolderTest):
    def write(self, name, documents):
        """JSON lines of (text, other fields)."""
        with open(self.path(name), "w", encoding="utf-8") as file:
            for number, (text, fields) in enumerate(documents):
                file.write(json.dumps({"id": f"{name}-{number}", "text": text, **fields}) + "\n")
        return self.path(name)

    def fates(self, *options, inputs=None, out="out"):
        run("run", *(inputs or [self.path("in.jsonl")]), "--out", self.path(out), "--force",
            "--no-progress", *options, check=0)
        return {line["id"]: line for line in documents_of(self.path(out))}


class DedupTest(JsonLinesTest):
    def write_versions(self):
        text = article(1)
        self.write("in.jsonl", [
            (edited(text, 1, .02), {"date": "2020-01-01T00:00:00Z", "quality": .5}),
            (edited(text, 2, .02) + " and a few words more", {"date": "2019-01-01T00:00:00Z"}),
            (edited(text, 3, .02), {"date": "2024-05-18T01:58:10Z", "quality": -2}),
            (edited(text, 4, .02), {"quality": "0.75"}),
            (edited(text, 5, .02), {"date": "2010", "quality": 7e-1}),
            (article(2), {"date": "1999-01-01T00:00:00Z", "quality": 9})])

    def test_each_keep_policy_keeps_its_own(self):
        self.write_versions()
        for keep, kept in (("first", 0), ("longest", 1), ("newest", 2), ("oldest", 4),
                           ("priority", 3), ("priority-field", 3)):
            for grouping in ("survivors", "components"):
                fates = self.fates("--keep", keep, "--grouping", grouping,
                                   "--priority-field", "quality")
                self.assertEqual([id for id, fate in fates.items() if fate["survivor"] is None],
                                 sorted([f"in.jsonl-{kept}", "in.jsonl-5"]), keep)

    def test_fields_of_dates_and_priorities_may_be_pointers(self):
        text = article(1)
        self.write("in.jsonl", [(edited(text, i, .02), {"m": {"day": day, "score": score}})
                                for i, (day, score) in enumerate(
                                    [("2001-01-01", 1), ("2003-01-01", 2), ("2002-01-01", 3)])])
        for keep, kept in (("newest", 1), ("priority", 2)):
            fates = self.fates("--keep", keep, "--date-field", "/m/day",
                               "--priority-field", "/m/score")
            self.assertIsNone(fates[f"in.jsonl-{kept}"]["survivor"])
            self.assertEqual(sum(fate["survivor"] is None for fate in fates.values()), 1)

    def test_the_threshold_decides_and_the_similarity_is_the_texts(self):
        text = article(1, 304)  # 300 shingles; 15 new words at an end cost 15 of them
        words = text.split()
        changed = " ".join(words[:289] + [f"other{chr(97 + i)}" for i in range(15)])
        self.write("in.jsonl", [(text, {}), (changed, {})])
        jaccard = 285 / 315
        for threshold, removed in ((.89, 1), (.92, 0)):
            fates = self.fates("--verify", "exact", "--threshold", threshold)
            gone = [fate for fate in fates.values() if fate["survivor"] is not None]
            self.assertEqual(len(gone), removed)
            for fate in gone:
                self.assertEqual(fate["verified"], "text")
                self.assertAlmostEqual(fate["similarity"], jaccard, places=4)

    def test_components_glue_a_chain_and_survivors_do_not(self):
        words = [f"w{chr(97 + i // 676 % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i % 26)}"
                 for i in range(304 + 24 * 40)]
        self.write("in.jsonl", [(" ".join(words[24 * i:24 * i + 304]), {}) for i in range(40)])
        kept = {grouping: sum(fate["survivor"] is None for fate in
                              self.fates("--grouping", grouping).values())
                for grouping in ("survivors", "components")}
        self.assertEqual(kept, {"survivors": 20, "components": 1})

    def test_presets_work_from_end_to_end(self):
        texts = [article(i) for i in range(50)]
        self.write("in.jsonl", [(text, {}) for text in texts] +
                   [(edited(text, i, .01), {}) for i, text in enumerate(texts)])
        for preset, bands, rows, verified in (("fineweb", 14, 8, "bands"),
                                              ("dolma3", 26, 11, "text")):
            fates = self.fates("--preset", preset)
            self.assertEqual(sum(fate["survivor"] is None for fate in fates.values()), 50)
            self.assertEqual({fate["verified"] for fate in fates.values()}, {None, verified})
            options = inventory_of(self.path("out"))["options"]
            self.assertEqual((options["scan"]["bands"], options["scan"]["rows"]), (bands, rows))

    def test_other_bands_than_the_scans_are_an_error_that_names_them(self):
        self.write("in.jsonl", [(article(1), {})])
        run("scan", self.path("in.jsonl"), "--out", self.path("out"), check=0)
        for options in (["--preset", "fineweb"], ["--bands", 14], ["--rows", 5]):
            done = run("dedup", self.path("out"), *options)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("20 bands of 6", done.stderr)
        run("dedup", self.path("out"), "--bands", 20, "--rows", 6, check=0)

    def test_short_and_empty_documents_are_compared_exactly(self):
        self.write("in.jsonl", [(text, {}) for text in
                                ["one", "two words", "one", "", " ", "two  words\n", "Two words"]])
        fates = self.fates()
        self.assertEqual({id[-1]: fate["survivor"] and fate["survivor"][-1]
                          for id, fate in fates.items() if fate["bytes"] > 1},
                         {"0": None, "1": None, "2": "0", "5": "1", "6": None})


class ExportTest(JsonLinesTest):
    def setUp(self):
        super().setUp()
        rng = random.Random(3)
        texts = [article(i) for i in range(300)]
        for shard in range(3):
            self.write(f"{shard}.jsonl", [
                (edited(rng.choice(texts), rng.randrange(9), rng.choice([0, .02])),
                 {"url": f"https://example.org/{shard}/é{i}"}) for i in range(400)])
        self.inputs = [self.path(f"{shard}.jsonl") for shard in range(3)]
        self.lines = self.fates(inputs=self.inputs)

    def exported(self, folder):
        rows = []
        for path in sorted(glob.glob(self.path(folder, "*.jsonl.zst"))):
            done = subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True)
            rows.append([json.loads(line) for line in done.stdout.splitlines()])
        return rows

    def test_rows_are_the_kept_documents_with_their_duplicates(self):
        run("export", self.path("out"), "--out", self.path("kept"), check=0)
        shards = self.exported("kept")
        self.assertEqual(len(shards), 3)
        wanted = {id: 0 for id, line in self.lines.items() if line["survivor"] is None}
        for line in self.lines.values():
            if line["survivor"] is not None:
                wanted[line["survivor"]] += 1
        texts = {}
        for path in self.inputs:
            with open(path, encoding="utf-8") as file:
                texts.update((row["id"], row["text"]) for row in map(json.loads, file))
        rows = [row for shard in shards for row in shard]
        self.assertEqual({row["id"]: row["duplicates"] for row in rows}, wanted)
        for row in rows:
            line = self.lines[row["id"]]
            self.assertEqual(row["text"], texts[row["id"]])
            for field in ("input", "offset", "url", "language", "bytes", "tokens"):
                self.assertEqual(row[field], line[field])
            self.assertEqual({self.lines[id]["survivor"] for id in row["duplicate_ids"]},
                             {row["id"]} if row["duplicates"] else set())

    def test_parquet_has_the_same_fields(self):
        if not PYARROW_PYTHON:
            self.skipTest("no Python with pyarrow")
        run("export", self.path("out"), "--out", self.path("kept"), check=0)
        run("export", self.path("out"), "--out", self.path("rows"), "--format", "parquet", check=0)
        done = subprocess.run(
            [PYARROW_PYTHON, "-c", "import sys, json, pyarrow.parquet as parquet\n"
             "for path in sys.argv[1:]: print(json.dumps(parquet.read_table(path).to_pylist()))",
             *sorted(glob.glob(self.path("rows", "*.parquet")))],
            capture_output=True, check=True)
        self.assertEqual([json.loads(line) for line in done.stdout.splitlines()],
                         self.exported("kept"))
        # And what was written is read again.
        run("run", self.path("rows"), "--out", self.path("again"), "--no-progress", check=0)
        self.assertEqual(inventory_of(self.path("again"))["totals"]["all"],
                         inventory_of(self.path("out"))["totals"]["near_unique"])

    def test_a_folder_of_another_format_is_not_mixed(self):
        run("export", self.path("out"), "--out", self.path("kept"), check=0)
        done = run("export", self.path("out"), "--out", self.path("kept"), "--format", "parquet")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--force", done.stderr)

    def kill_and_go_on(self, form):
        arguments = ["export", self.path("out"), "--format", form, "--out"]
        start = time.monotonic()
        run(*arguments, self.path("whole"), check=0)
        duration = time.monotonic() - start
        rng = random.Random(4)
        for _ in range(10):
            program = subprocess.Popen([PROGRAM, *arguments, self.path("cut")],
                                       stderr=subprocess.DEVNULL)
            time.sleep(rng.random() * duration)
            program.send_signal(signal.SIGKILL)
            program.wait()
        run(*arguments, self.path("cut"), check=0)
        subprocess.run(["diff", "-r", self.path("whole"), self.path("cut")], check=True)

    def test_killed_it_goes_on_to_the_same_bytes(self):
        self.kill_and_go_on("jsonl")

    def test_killed_it_goes_on_to_the_same_parquet(self):
        if not PYARROW_PYTHON:
            self.skipTest("no Python with pyarrow")
        self.kill_and_go_on("parquet")


if __name__ == "__main__":
    skip_without_vocabulary()
    unittest.main()

"""run, scan, inventory: uniques, survivors, determinism, resumption, damage."""

import glob
import gzip
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import time
import unittest

from support import (PROGRAM, SHARED, FolderTest, article, documents_of, inventory_of, run,
                     skip_without_vocabulary, warc_record, write_warc)

OUTPUTS = ("inventory.json", "documents.jsonl.zst")


def contents(folder):
    return [pathlib.Path(folder, name).read_bytes() for name in OUTPUTS]


class RunTest(FolderTest):
    def make_crawl(self, shards=4, documents=300):
        """Shards of distinct, repeated and edited texts in three formats."""
        os.makedirs(self.path("in"), exist_ok=True)
        rng = random.Random(5)
        paths = []
        for shard in range(shards):
            texts = []
            for i in range(documents):
                number = shard * documents + i
                kind = rng.random()
                if kind < .6:
                    text = article(number)
                elif kind < .8:
                    text = article(rng.randrange(documents))
                else:
                    words = article(rng.randrange(documents)).split(" ")
                    words[rng.randrange(len(words))] = "edited"
                    text = " ".join(words)
                texts.append((number, text))
            path = self.path("in", f"shard{shard}")
            if shard % 2 == 0:
                write_warc(path + ".warc.gz", texts)
                paths.append(path + ".warc.gz")
            else:
                with open(path + ".jsonl", "w") as file:
                    for number, text in texts:
                        file.write(json.dumps({"id": f"j{number}", "url": f"u{number}",
                                               "text": text}) + "\n")
                paths.append(path + ".jsonl")
        return paths

    def test_real_samples_have_their_documents(self):
        sample = os.path.join(SHARED, "samples")
        if not os.path.isdir(sample):
            self.skipTest("the real samples are not here")
        wanted = {"whirlwind.warc.gz": (4, 1), "whirlwind.warc.wet.gz": (2, 1),
                  "whirlwind.warc.wat.gz": (2, 0), "cc-2016-50-one-member.wet.gz": (26, 25),
                  "iah-2008-blackbook.warc.gz": (822, None), "iana.warc.gz": (343, None)}
        for name, (records, documents) in wanted.items():
            with self.subTest(name):
                out = self.path("out-" + name)
                run("run", os.path.join(sample, name), "--out", out, check=0)
                inventory = inventory_of(out)
                self.assertEqual(inventory["read"]["records"], records)
                if documents is not None:
                    self.assertEqual(inventory["totals"]["all"]["documents"], documents)

    def test_each_document_twice_is_half_unique_and_survivors_are_named(self):
        texts = [article(i) for i in range(400)]
        write_warc(self.path("a.warc.gz"), list(enumerate(texts)))
        order = list(range(400))
        random.Random(1).shuffle(order)
        with open(self.path("copy.jsonl"), "w") as file:
            for i in order:
                file.write(json.dumps({"id": f"copy{i}", "url": f"https://mirror.example/{i}",
                                       "text": texts[i]}) + "\n")
        out = self.path("out")
        done = run("run", self.path("a.warc.gz"), self.path("copy.jsonl"), "--out", out,
                   "--no-progress", check=0)
        self.assertEqual(done.stderr, "kept 400 of 800 documents (50.0%), dropped 0\n")
        totals = inventory_of(out)["totals"]
        for group in ("exact_unique", "near_unique"):
            self.assertEqual(totals[group]["documents"] * 2, totals["all"]["documents"])
            self.assertEqual(totals[group]["bytes"] * 2, totals["all"]["bytes"])
            self.assertEqual(totals[group]["tokens"]["o200k_base"] * 2,
                             totals["all"]["tokens"]["o200k_base"])
        lines = documents_of(out)
        self.assertEqual(list(lines[0]), ["id", "input", "offset", "url", "language", "bytes",
                                          "tokens", "text_hash", "survivor", "similarity",
                                          "verified"])
        for line in lines[:400]:
            self.assertIsNone(line["survivor"])
            self.assertRegex(line["text_hash"], "^[0-9a-f]{32}$")
        for line, i in zip(lines[400:], order):
            self.assertEqual(line["id"], f"copy{i}")
            self.assertEqual(line["survivor"], f"urn:uuid:00000000-0000-4000-8000-{i:012x}")
            self.assertEqual((line["similarity"], line["verified"]), (1, "exact"))
            self.assertEqual(line["text_hash"], lines[i]["text_hash"])

    def test_any_number_of_threads_gives_the_same_bytes(self):
        inputs = self.make_crawl()
        for some in (inputs, inputs[:1]):
            results = []
            for threads in (1, 2, 7):
                out = self.path(f"out{threads}-{len(some)}")
                run("run", *some, "--out", out, "--threads", threads, check=0)
                results.append(contents(out))
            self.assertEqual(results[0], results[1])
            self.assertEqual(results[0], results[2])

    def test_steps_one_by_one_are_the_run(self):
        inputs = self.make_crawl(2, 100)
        run("run", *inputs, "--out", self.path("whole"), check=0)
        run("scan", *inputs, "--out", self.path("steps"), check=0)
        early = run("inventory", self.path("steps"), check=1)
        self.assertIn("peaktext dedup", early.stderr)
        self.check_scan_inventory(self.path("steps"), self.path("whole"))
        if "  dedup " not in run("--help").stdout:
            self.skipTest("no dedup command")
        run("dedup", self.path("steps"), check=0)
        run("inventory", self.path("steps"), check=0)
        self.assertEqual(contents(self.path("whole")), contents(self.path("steps")))

    def check_scan_inventory(self, scanned, whole):
        """A scan leaves all that it can know: the whole run's without what is unique."""
        whole_inventory, whole_lines = inventory_of(whole), documents_of(whole)
        for line in whole_lines:
            for key in ("survivor", "similarity", "verified"):
                del line[key]
        def only_all(groups):
            return {name: {"all": totals["all"]} for name, totals in groups.items()}
        expected = {**whole_inventory, "totals": {"all": whole_inventory["totals"]["all"]},
                    "by_language": only_all(whole_inventory["by_language"]),
                    "by_input": only_all(whole_inventory["by_input"]),
                    "options": {"scan": whole_inventory["options"]["scan"]}}
        self.assertEqual(inventory_of(scanned), expected)
        self.assertEqual(documents_of(scanned), whole_lines)
        forecast = run("forecast", scanned, check=1)
        self.assertIn("peaktext dedup", forecast.stderr)

    def test_scanned_again_a_decided_folder_keeps_its_inventory(self):
        inputs = self.make_crawl(2, 100)
        run("run", *inputs[:1], "--out", self.path("out"), check=0)
        before = contents(self.path("out"))
        run("scan", *inputs[:1], "--out", self.path("out"), check=0)
        self.assertEqual(contents(self.path("out")), before)
        run("scan", *inputs, "--out", self.path("out"), check=0)
        self.assertNotIn("near_unique", inventory_of(self.path("out"))["totals"])

    def test_again_is_the_same_and_touches_nothing(self):
        inputs = self.make_crawl(2, 100)
        first = run("run", *inputs, "--out", self.path("out"), check=0)
        files = glob.glob(self.path("out", "**"), recursive=True)
        before = {path: os.stat(path).st_mtime_ns for path in files if os.path.isfile(path)
                  and "plan.json" not in path}
        second = run("run", *inputs, "--out", self.path("out"), "--threads", 3, check=0)
        self.assertEqual(first.stdout, second.stdout)
        self.assertEqual(before, {path: os.stat(path).st_mtime_ns for path in before})
        self.assertEqual(glob.glob(self.path("out", "**", "*.tmp.*"), recursive=True), [])

    def test_other_options_or_inputs_are_refused_unless_forced(self):
        inputs = self.make_crawl(2, 50)
        out = self.path("out")
        run("run", *inputs, "--out", out, check=0)
        before = contents(out)
        for change in (["--bands", "10"], ["--text-field", "body"], ["--no-texts"]):
            done = run("run", *inputs, "--out", out, *change, check=2)
            self.assertIn("other options", done.stderr)
        done = run("run", inputs[0], "--out", out, check=2)
        self.assertIn("other inputs", done.stderr)
        self.assertEqual(contents(out), before)
        run("run", inputs[0], "--out", out, "--force", check=0)
        self.assertEqual(list(inventory_of(out)["by_input"]), inputs[:1])

    def test_added_and_changed_inputs_are_scanned_and_the_rest_is_not(self):
        inputs = self.make_crawl(3, 50)
        out = self.path("out")
        run("run", *inputs[:2], "--out", out, check=0)
        stamp = os.stat(os.path.join(out, "shards/000000.done")).st_mtime_ns
        write_warc(inputs[0], [(1, article(77))])
        done = run("scan", *inputs, "--out", out, check=0)
        self.assertIn("of 3 inputs (1 finished before)", done.stderr)
        self.assertNotEqual(os.stat(os.path.join(out, "shards/000000.done")).st_mtime_ns, stamp)
        run("run", *inputs, "--out", out, check=0)
        self.assertEqual(inventory_of(out)["by_input"][inputs[0]]["all"]["documents"], 1)

    def test_near_duplicates_have_their_similarity(self):
        text = article(3, 400)
        edited = text.replace("\n", " with a new ending.\n")
        write_warc(self.path("a.warc.gz"), [(0, text), (1, edited), (2, article(4, 400))])
        run("run", self.path("a.warc.gz"), "--out", self.path("out"), check=0)
        lines = documents_of(self.path("out"))
        self.assertEqual([line["survivor"] is None for line in lines], [True, False, True])
        self.assertEqual(lines[1]["survivor"], lines[0]["id"])
        self.assertGreater(lines[1]["similarity"], .9)
        self.assertIn(lines[1]["verified"], ("sketch", "text"))
        totals = inventory_of(self.path("out"))["totals"]
        self.assertEqual([totals[group]["documents"]
                          for group in ("all", "exact_unique", "near_unique")], [3, 3, 2])


class KillTest(RunTest):
    # Only the tests below: those of RunTest run there.
    for name in [name for name in dir(RunTest) if name.startswith("test_")]:
        locals()[name] = None

    def kill_and_go_on(self, signal_number, times):
        inputs = self.make_crawl(6, 500)
        start = time.monotonic()
        run("run", *inputs, "--out", self.path("whole"), "--threads", 2, check=0)
        duration = time.monotonic() - start
        wanted = contents(self.path("whole"))
        rng = random.Random(8)
        out = self.path("out")
        finished = {}
        codes = set()
        for _ in range(times):
            program = subprocess.Popen([PROGRAM, "run", *inputs, "--out", out, "--threads", "2"],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.random() * duration * .4)
            program.send_signal(signal_number)
            codes.add(program.wait())
            if signal_number != signal.SIGKILL:
                left = glob.glob(os.path.join(out, "**", "*.tmp.*"), recursive=True)
                self.assertEqual(left, [])
            for path, stamp in finished.items():
                self.assertEqual(os.stat(path).st_mtime_ns, stamp, f"{path} was scanned again")
            finished = {path: os.stat(path).st_mtime_ns
                        for path in glob.glob(os.path.join(out, "shards", "*.done"))}
        run("run", *inputs, "--out", out, "--threads", 2, check=0)
        for path, stamp in finished.items():
            self.assertEqual(os.stat(path).st_mtime_ns, stamp, f"{path} was scanned again")
        self.assertEqual(contents(out), wanted)
        self.assertEqual(glob.glob(os.path.join(out, "**", "*.tmp.*"), recursive=True), [])
        return codes

    def test_killed_twenty_times_the_answer_is_the_same(self):
        self.kill_and_go_on(signal.SIGKILL, 20)

    def test_interrupted_it_leaves_nothing_half_written(self):
        codes = self.kill_and_go_on(signal.SIGINT, 6)
        self.assertLessEqual(codes, {0, -signal.SIGINT})


class DamageTest(FolderTest):
    def run_on(self, *inputs, code=0, options=()):
        done = run("run", *inputs, "--out", self.path("out"), "--no-progress", *options, check=code)
        lines = done.stderr.splitlines()
        return lines[:-1], lines[-1], inventory_of(self.path("out"))

    def test_a_truncated_gzip_keeps_what_came_before(self):
        offsets = write_warc(self.path("whole.warc.gz"), [(i, article(i)) for i in range(10)])
        data = pathlib.Path(self.path("whole.warc.gz")).read_bytes()
        cut = self.write("cut.warc.gz", data[:offsets[7] + 300])
        messages, last, inventory = self.run_on(cut)
        self.assertEqual(len(messages), 1, messages)
        self.assertIn(cut, messages[0])
        offset = int(re.search(r": offset (\d+): ", messages[0])[1])
        self.assertLessEqual(offsets[7], offset)
        self.assertLess(offset, offsets[8])
        self.assertGreaterEqual(inventory["totals"]["all"]["documents"], 7)
        self.assertIn("truncated", inventory["dropped"])
        self.assertIn("dropped 1: 1 truncated", last)

    def test_garbage_between_members_costs_only_itself(self):
        members = [gzip.compress(warc_record(article(i), i), mtime=0) for i in range(6)]
        path = self.write("g.warc.gz", b"".join(members[:3]) + b"garbage" * 999 +
                          b"".join(members[3:]))
        offset = sum(map(len, members[:3]))
        messages, _, inventory = self.run_on(path)
        self.assertEqual(len(messages), 1, messages)
        self.assertIn(f"offset {offset}", messages[0])
        self.assertEqual(inventory["totals"]["all"]["documents"], 6)
        (drop,) = inventory["dropped"].values()
        self.assertEqual(drop, {"count": 1, "bytes": 7 * 999})
        read = inventory["read"]
        self.assertEqual(read["used_bytes"] + read["padding_bytes"] + drop["bytes"],
                         read["stored_bytes"])

    def test_missing_inputs_are_named_and_the_rest_is_read(self):
        good = self.path("good.warc.gz")
        write_warc(good, [(i, article(i)) for i in range(3)])
        os.symlink(self.path("nowhere"), self.path("dangling.warc.gz"))
        bad = [self.path("missing.warc.gz"), self.path("dangling.warc.gz"),
               os.path.join(good, "below-a-file"), self.path("none*.gz")]
        messages, last, inventory = self.run_on(*bad, good, code=1)
        self.assertEqual(len(messages), len(bad), messages)
        for name in bad:
            self.assertEqual(sum(name in message for message in messages), 1, (name, messages))
        self.assertEqual(inventory["totals"]["all"]["documents"], 3)
        self.assertEqual(len(inventory["inputs_failed"]), len(bad))
        self.assertIn("4 inputs could not be read", last)

    def test_odd_json_lines_are_counted_by_reason(self):
        lines = [json.dumps({"id": f"d{i}", "text": article(i)}) for i in range(5)]
        lines.insert(1, lines[1][:50])           # cut in the middle of the file
        lines.insert(3, '{"id":"x","body":"no text field"}')
        lines.insert(5, '{"id":"lone","text":"a \\ud800 surrogate"}')
        path = self.write("odd.jsonl", "\n".join(lines) + "\n")
        messages, last, inventory = self.run_on(path)
        self.assertEqual(len(messages), sum(d["count"] for d in inventory["dropped"].values()),
                         messages)
        for message in messages:
            self.assertIn(path, message)
            self.assertIn("offset ", message)
        # The lone surrogate is dropped or repaired, never a reason to lose its neighbours.
        ids = [line["id"] for line in documents_of(self.path("out"))]
        self.assertEqual([i for i in ids if i != "lone"], [f"d{i}" for i in range(5)])
        self.assertIn("dropped", last)

    def test_strict_makes_drops_an_error(self):
        path = self.write("odd.jsonl", '{"id":"x"}\n{"text":"fine"}\n')
        self.run_on(path, code=1, options=("--strict",))

    def test_names_that_are_not_utf8_are_shown_repaired(self):
        path = os.path.join(os.fsencode(self.folder), b"caf\xe9.txt")
        with open(path, "wb") as file:
            file.write(article(1).encode())
        out = self.path("out")
        done = subprocess.run([PROGRAM, "run", path, "--out", out], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        (name,) = inventory_of(out)["by_input"]
        self.assertTrue(name.endswith("caf\N{REPLACEMENT CHARACTER}.txt"))

    def test_nothing_to_read_is_exit_code_1(self):
        done = run("run", self.path("missing"), "--out", self.path("out"))
        self.assertEqual(done.returncode, 1)

    def test_an_unwritable_folder_is_an_error(self):
        good = self.write("good.txt", article(1))
        done = run("run", good, "--out", os.path.join(good, "below"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(good, done.stderr)


if __name__ == "__main__":
    skip_without_vocabulary()
    unittest.main()

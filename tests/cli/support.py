"""What the tests of the command line share: running the program, small crawls of our own making."""

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ.get("PEAKTEXT_PROGRAM", "build/peaktext")
SHARED = os.environ.get("PEAKTEXT_SHARED",
                        os.path.join(os.path.dirname(__file__), "../../../shared"))
VOCABULARY = "o200k_base"


def run(*arguments, stdin=b"", check=None, env=None):
    """Runs the program; gives the finished process with text output."""
    done = subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, capture_output=True,
                          env={**os.environ, **(env or {})}, timeout=300)
    done.stdout = done.stdout.decode()
    done.stderr = done.stderr.decode()
    if check is not None and done.returncode != check:
        raise AssertionError(f"{arguments}: exit code {done.returncode}, not {check}\n"
                             f"{done.stdout}{done.stderr}")
    return done


def skip_without_vocabulary():
    """Ends the test program as skipped, loudly, where no vocabulary is at hand."""
    probe = run("count", "-", "--vocab", VOCABULARY, stdin=b"x")
    if probe.returncode != 0:
        print(f"SKIPPED: no vocabulary {VOCABULARY} here: {probe.stderr.strip()}", file=sys.stderr)
        sys.exit(77)


def documents_of(folder):
    """The lines of documents.jsonl.zst."""
    done = subprocess.run(["zstd", "-dcq", os.path.join(folder, "documents.jsonl.zst")],
                          capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def inventory_of(folder):
    with open(os.path.join(folder, "inventory.json"), encoding="utf-8") as file:
        return json.load(file)


WORDS = ("river stone market council garden window letter morning silver thunder painter harbour "
         "lantern meadow gravel copper autumn village teacher bridge orchard machine library number "
         "captain forest journey kitchen season history").split()


def article(seed, words=220):
    """A text of its own for each seed: no two share a shingle to speak of."""
    rng = random.Random(seed)
    return " ".join(f"{rng.choice(WORDS)}{rng.randrange(50) if rng.random() < .2 else ''}"
                    for _ in range(words)) + ".\n"


def warc_record(text, number, url=None, kind="conversion"):
    body = text.encode()
    head = (f"WARC/1.0\r\nWARC-Type: {kind}\r\n"
            f"WARC-Target-URI: {url or f'https://example.org/{number}'}\r\n"
            f"WARC-Date: 2026-01-02T03:04:05Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012x}>\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n").encode()
    return head + body + b"\r\n\r\n"


def write_warc(path, numbered_texts):
    """A .warc.gz with a member per record; gives the offset of each member."""
    offsets = []
    with open(path, "wb") as file:
        for number, text in numbered_texts:
            offsets.append(file.tell())
            file.write(gzip.compress(warc_record(text, number), mtime=0))
    return offsets


class FolderTest(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="peaktext-cli-")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, content):
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(self.path(name), mode) as file:
            file.write(content)
        return self.path(name)

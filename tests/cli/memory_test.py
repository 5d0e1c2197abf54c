"""Peak memory stays within --memory, whatever the input holds."""

import gzip
import os
import resource
import subprocess
import sys
import tempfile
import unittest

from support import PROGRAM, FolderTest, article, inventory_of, skip_without_vocabulary, warc_record

GIB = 1 << 30


def peak_bytes(*arguments):
    """Runs the program; gives its peak resident memory and exit code.

    By GNU time: a child that this process started itself would count this process's own peak,
    which it is a copy of until it becomes another program."""
    with tempfile.NamedTemporaryFile("r") as report:
        done = subprocess.run(["/usr/bin/time", "--quiet", "-f", "%M", "-o", report.name,
                               PROGRAM, *map(str, arguments)],
                              stdout=subprocess.DEVNULL, check=False)
        return int(report.read().split()[-1]) * 1024, done.returncode


class MemoryTest(FolderTest):
    def make_input(self, name, gigabytes, large_bytes):
        """Records of 100 kB, many of them equal, one of `large_bytes` in the middle."""
        text = "".join(article(i) for i in range(4000))
        starts = range(0, len(text) - 100000, 100000)
        with open(self.path(name), "wb") as file:
            number = 0
            while file.tell() < gigabytes * 1e9:
                start = starts[number % len(starts)]
                file.write(warc_record(text[start:start + 100000], number))
                number += 1
                if large_bytes and file.tell() > gigabytes * 5e8:
                    repeats = large_bytes // len(text) + 1
                    file.write(warc_record((text * repeats)[:large_bytes], number))
                    large_bytes = 0
                    number += 1
        return self.path(name)

    def test_two_gigabytes_with_a_record_of_300_megabytes(self):
        self.check_peak_of_run(self.make_input("big.warc", 2, 300_000_000))

    def test_a_compressed_record_of_300_megabytes(self):
        path = self.make_input("big.warc", .4, 300_000_000)
        subprocess.run(["zstd", "-1", "-q", path], check=True)
        self.check_peak_of_run(path + ".zst")

    def check_peak_of_run(self, path):
        out = self.path("out")
        peak, code = peak_bytes("run", path, "--out", out, "--memory", "1G", "--no-progress")
        self.assertEqual(code, 0)
        self.assertEqual(inventory_of(out)["dropped"], {})
        self.assertLessEqual(peak, GIB, f"{peak >> 20} MiB")

    def test_a_record_that_does_not_fit_is_counted_and_not_loaded(self):
        path = self.make_input("big.warc", .4, 300_000_000)
        peak, code = peak_bytes("run", path, "--out", self.path("out"), "--memory", "256M")
        self.assertEqual(code, 0)
        self.assertEqual(inventory_of(self.path("out"))["dropped"]["too_large"]["count"], 1)
        self.assertLessEqual(peak, 256 << 20, f"{peak >> 20} MiB")

    def test_a_page_that_inflates_beyond_the_ceiling_is_counted_and_not_loaded(self):
        page = gzip.compress(b"<p>" + b" a" * 100_000_000)
        head = (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                b"Content-Encoding: gzip\r\n\r\n")
        with open(self.path("page.warc"), "wb") as file:
            file.write(b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\n"
                       b"Content-Length: %d\r\n\r\n" % (len(head) + len(page)))
            file.write(head + page + b"\r\n\r\n")
        peak, code = peak_bytes("run", self.path("page.warc"), "--out", self.path("out"),
                                "--memory", "256M")
        self.assertEqual(code, 0)
        self.assertEqual(inventory_of(self.path("out"))["dropped"]["too_large"]["count"], 1)
        self.assertLessEqual(peak, 256 << 20, f"{peak >> 20} MiB")

    def test_a_long_text_file_is_counted_as_it_streams_by(self):
        with open(self.path("long.txt"), "w") as file:
            block = "".join(article(i) for i in range(1000))
            for _ in range(300):
                file.write(block)
        peak, code = peak_bytes("count", self.path("long.txt"), "--memory", "256M")
        self.assertEqual(code, 0)
        self.assertLessEqual(peak, 256 << 20, f"{peak >> 20} MiB")


if __name__ == "__main__":
    skip_without_vocabulary()
    if resource.getrlimit(resource.RLIMIT_FSIZE)[0] not in (-1, resource.RLIM_INFINITY):
        print("SKIPPED: files of 2 GB may not be written here", file=sys.stderr)
        sys.exit(77)
    if not os.path.exists("/usr/bin/time"):
        print("SKIPPED: no /usr/bin/time", file=sys.stderr)
        sys.exit(77)
    unittest.main()

#!/usr/bin/env python3
"""Signatures by peers from PyPI, on the documents that bench_signature used.

  build/bench_signature --documents /tmp/d.jsonl FILE...
  pip install rensa==0.5.0 datasketch==2.0.0 'datatrove[processing]==0.10.1' spacy
  tools/bench_signature_peers.py /tmp/d.jsonl

112 hashes over 5-word shingles, one process, processor time. rensa and
datasketch get words split at white space, which is less work than ours;
datatrove does its own. A peer that is not installed is named and left out.
"""
import json
import sys
import time

HASHES = 112


def shingles(text):
    words = text.lower().split()
    return [" ".join(words[i : i + 5]) for i in range(len(words) - 4)]


def rensa_signer():
    from rensa import RMinHash

    def sign(text):
        signature = RMinHash(num_perm=HASHES, seed=1)
        signature.update(shingles(text))
        return signature.digest()

    return sign


def datasketch_signer():
    from datasketch import MinHash

    def sign(text):
        signature = MinHash(num_perm=HASHES)
        signature.update_batch([s.encode() for s in shingles(text)])
        return signature

    return sign


def datatrove_signer():
    from datatrove.pipeline.dedup import MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig

    step = MinhashDedupSignature("/tmp", MinhashConfig(num_buckets=14, hashes_per_bucket=8))

    def sign(text):
        found = step.get_shingles(text)
        return step.get_signature(found) if len(found) else None

    return sign


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    for name, make in [
        ("rensa", rensa_signer),
        ("datasketch", datasketch_signer),
        ("datatrove", datatrove_signer),
    ]:
        try:
            sign = make()
        except ImportError as error:
            print(f"{name:<12} left out: {error}")
            continue
        size = 0
        start = time.process_time()
        for text in texts:
            sign(text)
            size += len(text.encode())
            if time.process_time() - start > 20:
                break
        print(f"{name:<12} {size / 1e6 / (time.process_time() - start):8.2f} MB/s")


if __name__ == "__main__":
    main()

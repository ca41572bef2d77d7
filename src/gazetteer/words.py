#!/usr/bin/env python3
"""Makes words.tsv: how news text uses its words, for the guards of generated names.

    words.py NEWS.jsonl.gz... > words.tsv

NEWS are lines of JSON with a field `body`, of text that is free: words.tsv is counted in press releases (CC0) and in
reports of the Federal Reserve (public domain). A row has a word in small letters, how often it is written so, and how often
it stands behind a first name with a capital. `../tagger/names.tsv` knows the first names.
"""
import collections
import gzip
import json
import pathlib
import re
import sys

FEWEST = 8
WORD = re.compile(r"[^\W\d_]+")


def main():
    names = (pathlib.Path(__file__).parent.parent / "tagger" / "names.tsv").read_text(encoding="utf-8")
    first = {line.split("\t")[0] for line in names.splitlines() if line.endswith(("\t1", "\t3"))}
    small, behind = collections.Counter(), collections.Counter()
    for path in sys.argv[1:]:
        for line in gzip.open(path, "rt", encoding="utf-8"):
            words = WORD.findall(json.loads(line)["body"])
            for before, word in zip([""] + words, words):
                if word.islower():
                    small[word] += 1
                elif before[:1].isupper() and before.lower() in first and not word.isupper():
                    behind[word.lower()] += 1
    print("# word\tsmall\tbehind a first name")
    print("# Counted by words.py in press releases (CC0) and reports of the Federal Reserve (public domain). Do not edit.")
    for word in sorted(small.keys() | behind.keys()):
        if len(word) > 1 and word.isascii() and (small[word] >= FEWEST or behind[word] >= FEWEST):
            print(word, small[word], behind[word], sep="\t")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Makes judged sets of articles with headlines, in the shape that `dateline eval` reads.

    sets.py known OUT N SEED NEWS.jsonl[.gz]...      headlines as questions, bodies without headlines as articles
    sets.py shuffled OUT N SEED NEWS.jsonl[.gz]...   the same, sentences in random order; gold is the one that led

A headline is a question if it has at least four words, no other article has it, and its body does not repeat it. `known`
keeps every article of the input, `shuffled` only the N that are asked for, of five sentences or more. An article is a
JSON object a line with `id`, `title` and `body`.
"""
import gzip
import json
import os
import random
import re
import sys
from collections import Counter


def read(paths):
    for path in paths:
        opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
        with opened as lines:
            yield from map(json.loads, lines)


def plain(text):
    return " ".join(re.findall(r"\w+", text.lower()))


def sentences(body):
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+(?=[A-Z\"“])|\n+", body) if len(part.strip()) > 20]


def main():
    kind, out, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    articles = [article for article in read(sys.argv[5:]) if article.get("title") and article.get("body")]
    titles = Counter(plain(article["title"]) for article in articles)
    asked = [
        article
        for article in articles
        if titles[plain(article["title"])] == 1
        and len(plain(article["title"]).split()) >= 4
        and plain(article["title"]) not in plain(article["body"])
        and (kind == "known" or len(sentences(article["body"])) >= 5)
    ]
    draw = random.Random(seed)
    asked = draw.sample(asked, min(count, len(asked)))
    os.makedirs(out, exist_ok=True)
    with open(f"{out}/queries.jsonl", "w") as queries, open(f"{out}/qrels.tsv", "w") as qrels:
        for article in asked:
            # A headline is no formula: quotes and signs in it are not the searcher's.
            text = re.sub(r"[^\w\s&.,'’$%-]", " ", article["title"])
            text = re.sub(r"(?<!\w)-|-(?!\w)", " ", text)
            queries.write(json.dumps({"_id": article["id"], "text": " ".join(text.split())}) + "\n")
            qrels.write(f"{article['id']}\t{article['id']}\t1\n")
    golds = []
    with open(f"{out}/corpus.jsonl", "w") as corpus:
        for article in articles if kind == "known" else asked:
            body = article["body"]
            if kind == "shuffled":
                parts = sentences(body)
                lead = parts[0]
                draw.shuffle(parts)
                body = " ".join(parts)
                start = body.index(lead)
                golds.append({"qid": article["id"], "docid": article["id"], "start": start, "end": start + len(lead)})
            corpus.write(json.dumps({"_id": article["id"], "title": "", "text": body}) + "\n")
    if golds:
        with open(f"{out}/passages.jsonl", "w") as out:
            out.writelines(json.dumps(gold) + "\n" for gold in golds)
    print(f"{len(asked)} questions over {len(articles) if kind == 'known' else len(asked)} articles", file=sys.stderr)


main()

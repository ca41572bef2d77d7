#!/usr/bin/env python3
"""Makes clusters.txt: words that stand among the same words, learned from text without labels.

    clusters.py ANNOTATED.jsonl[.gz]... -- NEWS.jsonl.gz... > clusters.txt

The articles of NEWS that ANNOTATED has excerpts of (`docid`) are left out. Needs the packages `numpy` and `scipy`. For each of the commonest words, case kept, it counts the words one and two places before and after; the counts, as positive pointwise mutual information, are reduced to a hundred numbers by a singular value decomposition, and words of like numbers are put together by k-means. Neighbouring clusters are joined into groups and wide groups. Everything is seeded.
"""
import collections
import gzip
import json
import re
import sys

import numpy
import scipy.cluster.hierarchy
import scipy.sparse
import scipy.sparse.linalg

WORDS, CONTEXTS, DIMENSIONS = 30_000, 4_000, 100
CLUSTERS, GROUPS, WIDE = 1_000, 200, 40
PLACES = (-2, -1, 1, 2)
TOKEN = re.compile(r"(?:[A-Za-z]\.){2,}|[^\W_]+(?:&[^\W_]+)*|[.,;:!?()\"“”$%\n]")


def rows(path):
    with gzip.open(path, "rt") if path.endswith(".gz") else open(path) as lines:
        yield from map(json.loads, lines)


def tokens(text):
    for found in TOKEN.findall(text.replace("'s ", " ").replace("’s ", " ")):
        word = found.replace(".", "") if len(found) > 1 else found
        yield "0" if word[0].isdigit() else word


def main():
    split = sys.argv.index("--")
    annotated = {row["docid"] for path in sys.argv[1:split] for row in rows(path)}
    texts = []
    seen = set()
    for path in sys.argv[split + 1:]:
        for row in rows(path):
            if row["id"] not in annotated:
                for paragraph in [row["title"], *row["body"].split("\n")]:
                    # Boilerplate, the same in many articles, would count too much.
                    if paragraph and paragraph not in seen:
                        seen.add(paragraph)
                        texts.append(list(map(sys.intern, tokens(paragraph))))
    counts = collections.Counter(token for text in texts for token in text)
    order = sorted(counts, key=lambda word: (-counts[word], word))
    vocabulary = {word: at for at, word in enumerate(order[:WORDS])}
    # The last of the contexts stand for rarer words, by their shape.
    rare_name, rare = CONTEXTS, CONTEXTS + 1
    stream = []
    for text in texts:
        stream.extend((-2, -2))
        stream.extend(vocabulary.get(token, -3 if token[0].isupper() else -1) for token in text)
    stream = numpy.array(stream + [-2, -2], dtype=numpy.int32)
    context = numpy.where(stream == -3, rare_name, numpy.where(stream == -1, rare, stream))
    context = numpy.where(context == -2, CONTEXTS + 2, context)
    context = numpy.where((stream >= CONTEXTS), rare, context)
    names = numpy.array([order[at][0].isupper() for at in range(len(vocabulary))])
    context = numpy.where((stream >= CONTEXTS) & names[numpy.maximum(stream, 0)], rare_name, context)
    width = CONTEXTS + 3
    blocks = []
    inside = numpy.arange(2, len(stream) - 2)
    known = inside[stream[inside] >= 0]
    for place in PLACES:
        pairs = (stream[known], context[known + place])
        ones = numpy.ones(len(known), dtype=numpy.float32)
        blocks.append(scipy.sparse.csr_matrix((ones, pairs), shape=(len(vocabulary), width)))
    table = scipy.sparse.hstack(blocks).tocsr()
    table.sum_duplicates()
    word_sums = numpy.asarray(table.sum(axis=1)).ravel()
    context_sums = numpy.asarray(table.sum(axis=0)).ravel() ** 0.75
    table = table.tocoo()
    information = numpy.log(numpy.maximum(table.data, 1e-9) * context_sums.sum()
                            / (word_sums[table.row] * numpy.maximum(context_sums[table.col], 1e-9)))
    # A count of one says little.
    information *= table.data / (table.data + 1.0)
    table = scipy.sparse.csr_matrix((numpy.maximum(information, 0), (table.row, table.col)), shape=table.shape)
    table.eliminate_zeros()
    random = numpy.random.default_rng(7)
    left, sizes, _ = scipy.sparse.linalg.svds(table, k=DIMENSIONS, v0=random.standard_normal(min(table.shape)))
    vectors = left * numpy.sqrt(sizes)
    vectors /= numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    vectors = vectors.astype(numpy.float32)
    weights = numpy.sqrt([counts[word] for word in order[:WORDS]]).astype(numpy.float32)
    centres = vectors[random.choice(len(vectors), CLUSTERS, replace=False, p=weights / weights.sum())]
    for _ in range(40):
        nearest = numpy.concatenate([(part @ centres.T).argmax(axis=1) for part in numpy.array_split(vectors, 16)])
        moved = numpy.zeros_like(centres)
        numpy.add.at(moved, nearest, vectors * numpy.log1p(weights)[:, None])
        lengths = numpy.linalg.norm(moved, axis=1, keepdims=True)
        centres = numpy.where(lengths > 1e-9, moved / numpy.maximum(lengths, 1e-9), centres)
    members = collections.defaultdict(list)
    for at, cluster in enumerate(nearest):
        members[cluster].append(order[at])
    used = sorted(members)
    tree = scipy.cluster.hierarchy.ward(centres[used])
    group = scipy.cluster.hierarchy.fcluster(tree, GROUPS, "maxclust")
    wide = scipy.cluster.hierarchy.fcluster(tree, WIDE, "maxclust")
    print("# Each line a cluster: its wide group, its group, its words, commonest first. Generated by clusters.py; do not edit.")
    for row in sorted(range(len(used)), key=lambda row: (wide[row], group[row], row)):
        words = [word for word in members[used[row]] if word[0].isalpha()]
        if words:
            print(wide[row], group[row], *words)


main()

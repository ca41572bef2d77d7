#!/usr/bin/env python3
"""Makes tickers.tsv: which company stands before which ticker in press releases.

    harvest.py RELEASES.jsonl.gz... > tickers.tsv

RELEASES are lines of JSON with a field `body`, of text that is free (CC0). Read are brackets such as `Acme Robotics Inc. (NASDAQ:
ACME)`. A name is kept if it is the longest that stands before the ticker in six of ten articles that print it, and in two
at least. The fact is taken, that the name goes with the symbol; the rows are read by a person, see `MENDED`.
"""
import collections
import gzip
import json
import re
import sys

EXCHANGES = {
    "nasdaq": "NASDAQ", "nasdaqgs": "NASDAQ", "nasdaqgm": "NASDAQ", "nasdaqcm": "NASDAQ", "nasdaq global select": "NASDAQ",
    "nyse": "NYSE", "nyse american": "NYSEAMERICAN", "nyseamerican": "NYSEAMERICAN", "amex": "NYSEAMERICAN",
    "nyse mkt": "NYSEAMERICAN", "otc": "OTC", "otcqb": "OTC", "otcqx": "OTC", "otc pink": "OTC", "otcpk": "OTC",
    "otcmkts": "OTC", "otc markets": "OTC", "otcpink": "OTC", "cse": "CSE", "tsx": "TSX", "tsxv": "TSXV", "tsx.v": "TSXV", "tsx-v": "TSXV",
    "asx": "ASX", "lse": "LSE", "aim": "LSE", "lon": "LSE",
}
BRACKET = re.compile(r"[(\[]\s*([A-Za-z][A-Za-z. -]{1,20}?)\s*:\s*\$?([A-Z][A-Z0-9.]{0,5})\b")
LONGEST = 7
PART, FEWEST = 0.6, 2
# Read and put right: what stood there more often was not the name alone.
MENDED = {
    "ASX:EOS": "Electro Optic Systems Holdings Ltd", "ASX:TIE": "Tietto Minerals", "NASDAQ:AMIX": "Autonomix Medical",
    "NASDAQ:LTRY": "Lottery.com", "NASDAQ:NMHI": "Nature's Miracle", "NYSE:YETI": "YETI Holdings, Inc.",
    "TSX:OSI": "Osino Resources", "NYSE:EDR": "Endeavor Group Holdings, Inc.",
}


def suffixes(before):
    """The names that may end at the end of `before`, shortest first."""
    words = before.split(" ")[-LONGEST:]
    for count in range(1, len(words) + 1):
        name = words[-count:]
        if not re.match(r"[A-Z0-9]|[a-z]+[A-Z]", name[0]) and name[0] not in ("and", "of", "the", "&", "for"):
            return
        if re.search(r"[.!?:;|)\]]$", name[0]) and count > 1 and not re.fullmatch(r"([A-Z]\.)+|Co\.|Corp\.|Inc\.|Ltd\.|St\.|U\.S\.", name[0]):
            return
        if re.match(r"[A-Z0-9]|[a-z]+[A-Z]", name[0]):
            yield " ".join(name)


def main():
    places, names = collections.defaultdict(set), collections.defaultdict(lambda: collections.defaultdict(set))
    for path in sys.argv[1:]:
        for number, line in enumerate(gzip.open(path, "rt", encoding="utf-8")):
            for found in BRACKET.finditer(body := json.loads(line)["body"]):
                exchange = EXCHANGES.get(found[1].lower().strip())
                if not exchange:
                    continue
                ticker = (exchange, found[2].rstrip("."))
                before = re.sub(r"[®™“”\"*]|\((R|TM)\)", "", body[max(0, found.start() - 140): found.start()])
                before = re.sub(r"\s+", " ", re.split(r"\n", before)[-1]).strip()
                # `Acme Corp (TSXV: ACM) (OTCQB: ACMCF)`, `Acme Corp (TSXV: ACM; OTCQB: ACMCF)`: the name is farther in front.
                before = re.sub(r"(\s*\([^()]*\)[\s,]*(and|&|/)?)+$", "", before)
                places[ticker].add(number)
                for name in suffixes(before):
                    names[ticker][name].add(number)
    print("# ticker\tname\tarticles")
    print("# Made by harvest.py from press releases (CC0): the name that stands before a ticker, and in how many articles. Do not edit.")
    for ticker in sorted(names):
        enough = max(FEWEST, PART * len(places[ticker]))
        often = [name for name, articles in names[ticker].items() if len(articles) >= enough]
        if not often:
            continue
        name = MENDED.get(":".join(ticker)) or re.sub(r"^.*\bCEO of ", "", max(often, key=len)).rstrip(",")
        # The end of a longer name, another bracket, a fund.
        if re.fullmatch(r"(Inc|Corp|Corporation|Ltd|PLC|plc|AI Ltd|Co|Company|Limited|Group|Holdings|Energy|Technologies)\.?,?", name):
            continue
        if re.search(r"[a-z]", name) and not re.search(r"[()\[\]]|\b(ETF|Fund|Trust|Miners)\b", name):
            print(":".join(ticker), name, len(places[ticker]), sep="\t")


if __name__ == "__main__":
    main()

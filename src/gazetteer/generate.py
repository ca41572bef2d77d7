#!/usr/bin/env python3
"""Makes listed.tsv: listed companies that organisations.tsv does not hold.

    generate.py FINANCEDATABASE.csv WORDS.txt > listed.tsv

FINANCEDATABASE.csv is the equities table of FinanceDatabase (MIT), columns name, country,
city, sector, industry, isin, symbols, exchanges. WORDS.txt says how the words of news text are
used, one `word<TAB>lower<TAB>surname` per line: how often it is written in lower case, and how
often as the second of two capitalised words after a first name. `first` in column 2 marks a
first name. The tables beside this script are read for the names already taken.

A row is kept if a company is listed in its own country, under a name that news cannot mean
otherwise, up to ROWS_PER_COUNTRY of a country (ROWS_OF where it is named) and ROWS in all. A name made of common words, places or a person's name stays as a weak alias, beside
its full legal form as a strong one: its ticker is worth having. How many places a company is
listed in stands for how well known it is.
"""
import collections
import csv
import pathlib
import re
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent
ROWS = 3900
ROWS_OF = {"US": 1200, "CA": 600, "GB": 450}
ROWS_PER_COUNTRY = 280

# Home market: country -> ISO code and the ticker suffixes of its exchanges, best first.
HOME = {
    "Argentina": ("AR", ".BA:BCBA"), "Australia": ("AU", ".AX:ASX"), "Austria": ("AT", ".VI:VIE"),
    "Belgium": ("BE", ".BR:EBR"), "Brazil": ("BR", ".SA:BVMF"),
    "Canada": ("CA", ".TO:TSX .V:TSXV .CN:CSE"), "Chile": ("CL", ".SN:SGO"),
    "China": ("CN", ".HK:HKEX .SS:SSE .SZ:SZSE"), "Denmark": ("DK", ".CO:CPH"),
    "Egypt": ("EG", ".CA:EGX"), "Finland": ("FI", ".HE:HEL"), "France": ("FR", ".PA:EPA"),
    "Germany": ("DE", ".DE:ETR"), "Greece": ("GR", ".AT:ATH"), "Hong Kong": ("HK", ".HK:HKEX"),
    "India": ("IN", ".NS:NSE"), "Indonesia": ("ID", ".JK:IDX"),
    "Ireland": ("IE", ".IR:ISE .L:LSE"), "Israel": ("IL", ".TA:TLV :NASDAQ"),
    "Italy": ("IT", ".MI:BIT"), "Japan": ("JP", ".T:TYO"), "Malaysia": ("MY", ".KL:KLSE"),
    "Mexico": ("MX", ".MX:BMV"), "Netherlands": ("NL", ".AS:AMS"),
    "New Zealand": ("NZ", ".NZ:NZX"), "Norway": ("NO", ".OL:OSL"), "Portugal": ("PT", ".LS:ELI"),
    "Qatar": ("QA", ".QA:QSE"), "Russia": ("RU", ".ME:MOEX"),
    "Saudi Arabia": ("SA", ".SR:TADAWUL"), "Singapore": ("SG", ".SI:SGX"),
    "South Africa": ("ZA", ".JO:JSE"), "South Korea": ("KR", ".KS:KRX .KQ:KOSDAQ"),
    "Spain": ("ES", ".MC:BME"), "Sweden": ("SE", ".ST:STO"), "Switzerland": ("CH", ".SW:SIX"),
    "Taiwan": ("TW", ".TW:TPE"), "Thailand": ("TH", ".BK:SET"), "Turkey": ("TR", ".IS:IST"),
    "United Kingdom": ("GB", ".L:LSE"), "United States": ("US", ":NASDAQ"),
}
US_BOARDS = {"NCM": "NASDAQ", "NGM": "NASDAQ", "NMS": "NASDAQ", "ASE": "NYSEAMERICAN"}

NOT_COMPANIES = re.compile(
    r"\b(funds?|fundo|fondo|trusts?|etfs?|etns?|spac|acquisitions?|warrants?|wts?|pref|pfd|prf|preferred|units?|"
    r"rights?|gdrs?|adrs?|ads|sponsored|depositary|certificates?|class|shares?|notes?|bonds?|reit|fii|"
    r"income|opportunit(y|ies)|merger|cedear|bdr|index|investment co|nvdr|ii+|iv|vi+|"
    r"\d{4}|equity|dividend|municipal|portfolio|blank check|debentures?|series|convertible)\b|[%<>*#/]", re.I)
LEGAL = re.compile(
    r"[\s,]+(inc|incorporated|corp|corporation|co|company|ltd|limited|plc|ag|se|s\.?a|n\.?v|s\.?p\.?a|ab|asa|as|a/s|"
    r"oyj|abp|bhd|berhad|tbk|pty|kgaa|gmbh|llc|lp|l\.p|s\.?a\.?b|de c\.?v|pcl|pjsc|ojsc|jsc|public|s\.?e|sarl|"
    r"sgps|publ|a\.s|a\.?ş|anonim şirketi|nl|n\.l|\(publ\)|\(the\)|saog|k\.k|kk|the|and|&|aktiengesellschaft|"
    r"soci[eé]t[eé] anonyme|aktiebolag|nyrt|s\.a\.a|s\.a\.k|sak|bsc|q\.?p\.?s\.?c|s\.a\.e|sae|kgaa|kg)\.?$", re.I)
TAIL = re.compile(r" (Group|Holdings?)$")
PLAIN = set("first second third new old great good best big global world international national general united "
            "american royal central north south east west northern southern eastern western group holdings holding "
            "capital energy resources bank financial insurance technologies technology systems software solutions "
            "bancorp bancshares bankshares pharma partners industries investments properties metals mining gold silver".split())
# Names that news uses for something else, found by reading hits.
DROPPED = set(
    """
    Alchemist Alembic Aptech Archies Arvind Ashford Ashima Astron Autolite Basler Boiron Capinfo
    Carraro Catena Centurion Clarkson Collabos Concentric Conico Contec Coremax Datron Delecta Enigmatig
    Escalade Escorts Esperite Eurotech Evergold Gascogne Generix Goodtech Grammer Greenyard Growens Guillemot
    Hirata Hitech Hubtown Hypebeast InVision Infotel Infront Ingersoll-Rand Innovatec Insecticides Intred Kalera
    Klockner Komori Lectra Lifecare Lightbridge Lookers Loomis Majesco Medios Medley Mercator Mindtree
    Mittel Mukand Neolife Neurones NewAge Nextedia Norbit Okumura OpenLearning Paladin Parkland Parrot
    Personalis Piovan Planetel Portobello Powersoft Precia Prismi Prologue Promotica Prosafe Rallye Redington
    Redrow Ridley Sangam Scherzer Shaftesbury Shimizu Sidetrade Skipper Softec Softing Softlab Softline
    Soliton Spadel Sportech Synectics Synergie Technicolor Telesia Totech Treatt Trident Unidata Unitech
    Vesuvius Webstep Weizmann Wolford Zenitel freenet adesso Holicity Colicity
    """.split()
) | {
    "7GC & Co.", "SVF Investment", "ESG Core Investments B.V", "DHB Capital", "The KCP", "KCP",
    "McPherson's", "Urbana", "LGL", "RMR", "Lincoln Gold Mining", "Personal Group",
    "Partners Value Investments", "Trip.com Group", "PTT Exploration and Production", "PTT Oil and Retail Business",
    "XPO Logistics Europe", "Play Magnus", "Yahoo Japan",
}


def slug(name):
    plain = unicodedata.normalize("NFKD", name.replace("ø", "o").replace("Ø", "O").replace("ı", "i").replace("ß", "ss"))
    plain = plain.encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def bare(name):
    """The name without its legal form."""
    name = re.sub(r"\s*\([^)]*\)", "", name).strip()
    name = re.sub(r"^(PT|P\.T\.|The) ", "", name)
    while True:
        shorter = LEGAL.sub("", name).rstrip(" ,.-")
        if shorter == name or not shorter:
            break
        name = shorter
    shorter = TAIL.sub("", name)
    return shorter if " " in shorter else name


def read(table):
    lines = (HERE / table).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def main():
    lower, surname, first = collections.Counter(), collections.Counter(), set()
    for line in open(sys.argv[2], encoding="utf-8"):
        word, count, family = line.rstrip("\n").split("\t")
        if count == "first":
            first.add(word)
        else:
            lower[word], surname[word] = int(count), int(family)
    places = {row[0] for row in read("places.tsv")}
    place_words = {word for place in places for word in place.split()}
    taken_names, taken_tickers, taken_ids, taken_prefixes = set(), set(), set(), {}
    for row in read("organisations.tsv"):
        taken_ids.add(row[0])
        taken_tickers.update(t for t in row[4].split(";") if t)
        taken_names.update(slug(bare(n.lstrip("~"))) for n in [row[1], *row[5].split(";")] if n)
        taken_names.update(slug(n.lstrip("~")) for n in [row[1], *row[5].split(";")] if n)
        taken_prefixes.update({n + " ": row[3] for n in [row[1], *row[5].split(";")] if " " in n})

    companies = {}
    for row in csv.DictReader(open(sys.argv[1], encoding="utf-8")):
        if row["country"] not in HOME or NOT_COMPANIES.search(row["name"]):
            continue
        name = re.sub(r"\s+", " ", bare(row["name"])).replace("’", "'")
        if not 3 <= len(name) <= 40 or re.search(r"[^\w\s&'.+-]|\d{3}", name):
            continue
        key = (slug(name), row["country"])
        company = companies.setdefault(key, {"names": [], "full": [], "symbols": [], "exchanges": set(), "isin": False})
        company["names"].append(name)
        company["full"].append(row["name"])
        company["isin"] |= bool(row["isin"])
        exchanges = row["exchanges"].split()
        symbols = row["symbols"].split()
        company["exchanges"].update(exchanges)
        company["symbols"] += [(s, exchanges) for s in symbols]

    found = []
    for (key, country), company in companies.items():
        code, markets = HOME[country]
        ticker = None
        for market in markets.split():
            suffix, exchange = market.split(":")
            for symbol, exchanges in company["symbols"]:
                if suffix and symbol.endswith(suffix) and "-" not in symbol:
                    ticker = ticker or f"{exchange}:{symbol[: -len(suffix)].zfill(4) if exchange == 'HKEX' else symbol[: -len(suffix)]}"
                elif not suffix and "." not in symbol and re.fullmatch("[A-Z]{1,5}", symbol):
                    board = next((US_BOARDS[e] for e in exchanges if e in US_BOARDS), None)
                    ticker = ticker or (board and f"{board}:{symbol}")
        mixed = [n for n in company["names"] if not n.isupper() or (" " not in n and len(n) <= 5)]
        if not ticker or not mixed or ticker in taken_tickers or len(key) < 3:
            continue
        if key in taken_names or slug(TAIL.sub("", mixed[0])) in taken_names:
            continue
        if any(mixed[0].startswith(n) and home == code for n, home in taken_prefixes.items()):
            continue  # a longer name of the same company, or a part of it
        if any(slug(n) in taken_names for n in (f"{mixed[0]} group", f"{mixed[0]} holdings")):
            continue
        # Places listed in, then an ISIN, then a short name; the American boards are listed nowhere else.
        rank = (-len(company["exchanges"]) - 2 * (code == "US"), not company["isin"], len(key))
        found.append((rank, key, min(mixed, key=lambda n: (sum(c.isupper() for c in n), n)), code, ticker, company["full"]))

    rows, tickers, keys = [], set(), collections.Counter(f[1] for f in found)
    for rank, key, name, code, ticker, full in sorted(found):
        words = name.split()
        ident = "co:" + key
        if name in DROPPED or keys[key] > 1 or ident in taken_ids or ticker in tickers or name in places:
            continue
        def common(word):
            plain = word.strip(".,&'").lower()
            return (len(plain) < 3 or lower[plain] >= 3 or plain in PLAIN or word in place_words
                    or word.isdigit() or word.title() in place_words)
        person = words[0] in first or (len(words) == 1 and (surname[words[0]] >= 2 or words[0] in first))
        short = len(words) == 1 and (len(name) < 6 or not name.isascii())
        if person or short or all(common(w) for w in words):
            if code not in ("US", "CA", "GB", "AU"):
                continue
            legal = [f for f in sorted(set(full), key=len) if not f.isupper() and f.startswith(name + " ") or f.startswith(name + ",")]
            legal = [re.sub(r"[.,]", "", f) for f in legal][:1]
            if len(name) < 2 or not legal or not re.search(r" (Inc|Incorporated|Corp|Corporation|Co|Company|Ltd|Limited|plc|PLC|Plc|LLC)$", legal[0]):
                continue
            aliases = ["~" + name, *legal]
        else:
            aliases = []
        tickers.add(ticker)
        rows.append((rank, ident, name, code, ticker, ";".join(aliases)))
    per_country = collections.Counter()
    kept = []
    for row in sorted(rows):
        per_country[row[3]] += 1
        if per_country[row[3]] <= ROWS_OF.get(row[3], ROWS_PER_COUNTRY) and len(kept) < ROWS:
            kept.append(row)
    print("# id\tname\tkind\tcountry\ttickers\taliases")
    print("# Generated by generate.py from FinanceDatabase (MIT); same columns and rules as organisations.tsv, which wins. Do not edit.")
    for _, ident, name, code, ticker, aliases in sorted(kept, key=lambda r: r[1:]):
        print(ident, name, "company", code, ticker, aliases, sep="\t")


if __name__ == "__main__":
    main()

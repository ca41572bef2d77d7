#!/usr/bin/env python3
"""Makes listed.tsv: listed companies that organisations.tsv does not hold.

    generate.py FINANCEDATABASE.csv > listed.tsv

FINANCEDATABASE.csv is the equities table of FinanceDatabase (MIT), columns name, country, city, sector, industry, isin,
symbols, exchanges. It lacks most American listings, so tickers.tsv (see harvest.py) adds what press releases print. words.tsv
says how news text uses its words, `../tagger/names.tsv` which are names of people; the tables beside this script tell the names
already taken.

A company is taken if it is listed in its own country. Its name is

- free, if it is two words or more of which one is no common word, no place and nobody's name, or one such word of a company
  known well enough to be listed in `WELL_KNOWN` places;
- `~`, weak, if it is one such word of another company;
- `~~`, only with a ticker or a full name in the article, if it is made of common words, places or names of people, if it
  is short, or if another company has the same. Its name with the legal form, as the company writes it, is free.
"""
import collections
import csv
import pathlib
import re
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent
WELL_KNOWN = 6
# Written in small letters more often than this in words.tsv, a word is common; names of people count as such sooner.
COMMON, BEHIND_FIRST_NAME = 8, 3

# Home market: country -> ISO code and the ticker suffixes of its exchanges, best first.
HOME = {
    "Argentina": ("AR", ".BA:BCBA"), "Australia": ("AU", ".AX:ASX"), "Austria": ("AT", ".VI:VIE"),
    "Belgium": ("BE", ".BR:EBR"), "Brazil": ("BR", ".SA:BVMF"),
    "Canada": ("CA", ".TO:TSX .V:TSXV .CN:CSE"), "Chile": ("CL", ".SN:SGO"),
    "China": ("CN", ".HK:HKEX .SS:SSE .SZ:SZSE"), "Denmark": ("DK", ".CO:CPH"),
    "Egypt": ("EG", ".CA:EGX"), "Finland": ("FI", ".HE:HEL"), "France": ("FR", ".PA:EPA"),
    "Germany": ("DE", ".DE:ETR"), "Greece": ("GR", ".AT:ATH"), "Hong Kong": ("HK", ".HK:HKEX"),
    "India": ("IN", ".NS:NSE .BO:BSE"), "Indonesia": ("ID", ".JK:IDX"),
    "Ireland": ("IE", ".IR:ISE .L:LSE"), "Israel": ("IL", ".TA:TLV :NASDAQ"),
    "Italy": ("IT", ".MI:BIT"), "Japan": ("JP", ".T:TYO"), "Malaysia": ("MY", ".KL:KLSE"),
    "Mexico": ("MX", ".MX:BMV"), "Netherlands": ("NL", ".AS:AMS"),
    "New Zealand": ("NZ", ".NZ:NZX"), "Norway": ("NO", ".OL:OSL"), "Portugal": ("PT", ".LS:ELI"),
    "Qatar": ("QA", ".QA:QSE"), "Russia": ("RU", ".ME:MOEX"),
    "Saudi Arabia": ("SA", ".SR:TADAWUL"), "Singapore": ("SG", ".SI:SGX"),
    "South Africa": ("ZA", ".JO:JSE"), "South Korea": ("KR", ".KS:KRX .KQ:KRX"),
    "Spain": ("ES", ".MC:BME"), "Sweden": ("SE", ".ST:STO"), "Switzerland": ("CH", ".SW:SIX"),
    "Taiwan": ("TW", ".TW:TPE .TWO:TPE"), "Thailand": ("TH", ".BK:SET"), "Turkey": ("TR", ".IS:IST"),
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
    name = re.sub(r" (Common Stock|Ordinary Shares?)$", "", name)
    while True:
        shorter = LEGAL.sub("", name).rstrip(" ,.-")
        if shorter == name or not shorter:
            break
        name = shorter
    shorter = TAIL.sub("", name)
    return shorter if " " in shorter else name


def read(table):
    lines = (HERE / table).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


FORMS = r" (Inc|Incorporated|Corp|Corporation|Co|Company|Ltd|Limited|plc|PLC|Plc|LLC|AG|SE|SA|NV|SpA|AB|ASA|AS|A/S|Oyj|Bhd|Berhad|Tbk|KGaA|Co Ltd|Company Limited)$"


def with_form(name, full):
    """The shortest way a company writes its name with its legal form."""
    found = []
    for written in full:
        written = re.sub(r"[.,]", "", re.sub(r"\s*\([^)]*\)", "", written)).strip()
        if written.isupper() and not name.isupper():
            written = name + written[len(name):].title() if written.lower().startswith(name.lower()) else ""
        if written.startswith(name + " ") and re.search(FORMS, written) and len(written) <= len(name) + 18:
            found.append(written)
    return min(found, key=lambda written: (len(written), written)) if found else None


def main():
    small = {word: (int(count), int(behind)) for word, count, behind in read("words.tsv")}
    people = {word: int(sort) for word, sort in read("../tagger/names.tsv")}
    places = {row[0] for table in ("places.tsv", "cities.tsv") for row in read(table)}
    place_words = {word.lower() for row in read("places.tsv") for word in row[0].split()}
    place_words |= {row[0].lower() for row in read("cities.tsv")}
    blocked = {row[0] for row in read("blocks.tsv")}
    taken_names, taken_tickers, taken_ids, taken_prefixes = set(), set(), set(), {}
    for row in read("organisations.tsv"):
        names = [name.lstrip("~") for name in [row[1], *row[5].split(";")] if name]
        taken_ids.add(row[0])
        taken_tickers.update(t for t in row[4].split(";") if t)
        taken_names.update(slug(bare(name)) for name in names)
        taken_names.update(slug(name) for name in names)
        taken_prefixes.update({name.lower() + " ": row[3] for name in names if " " in name})

    companies = {}
    for row in csv.DictReader(open(sys.argv[1], encoding="utf-8")):
        if row["country"] not in HOME or NOT_COMPANIES.search(row["name"]):
            continue
        name = re.sub(r"\s+", " ", bare(row["name"])).replace("’", "'").strip()
        if not 3 <= len(name) <= 40 or re.search(r"[^\w\s&'.+-]|\d{3}", name):
            continue
        key = (slug(name), HOME[row["country"]][0])
        company = companies.setdefault(key, {"names": [], "full": [], "symbols": [], "exchanges": set(), "isin": False, "markets": HOME[row["country"]][1]})
        company["names"].append(name)
        company["full"].append(row["name"])
        company["isin"] |= bool(row["isin"])
        exchanges = row["exchanges"].split()
        company["exchanges"].update(exchanges)
        company["symbols"] += [(s, exchanges) for s in row["symbols"].split()]

    # What press releases print: the ticker of a company that is in the table, or a company of its own.
    homes = {"ASX": "AU", "LSE": "GB", "TSX": "CA", "TSXV": "CA", "CSE": "CA"}
    printed = collections.defaultdict(list)
    for ticker, name, articles in read("tickers.tsv"):
        printed[slug(bare(name))].append((ticker, name, int(articles)))
    by_slug = collections.defaultdict(list)
    for key in companies:
        by_slug[key[0]].append(key)
    for key, tickers in printed.items():
        code = next((homes[t.split(":")[0]] for t, *_ in tickers if t.split(":")[0] in homes), None)
        known = [k for k in by_slug[key] if k[1] == code] or by_slug[key]
        if len(known) == 1:
            where = known[0]
        elif known:
            continue
        else:
            where = (key, code or "")
            companies[where] = {"names": [bare(tickers[0][1])], "full": [], "symbols": [], "exchanges": set(), "isin": False, "markets": ""}
        companies[where].setdefault("printed", []).extend(ticker for ticker, *_ in tickers)
        companies[where]["full"] += [name for _, name, _ in tickers]

    found = []
    for (key, code), company in companies.items():
        tickers = []
        for market in company["markets"].split():
            suffix, exchange = market.split(":")
            for symbol, exchanges in company["symbols"]:
                if suffix and symbol.endswith(suffix) and "-" not in symbol and not tickers:
                    bare_symbol = symbol[: -len(suffix)]
                    tickers.append(f"{exchange}:{bare_symbol.zfill(4) if exchange == 'HKEX' else bare_symbol}")
                elif not suffix and "." not in symbol and re.fullmatch("[A-Z]{1,5}", symbol) and not tickers:
                    board = next((US_BOARDS[e] for e in exchanges if e in US_BOARDS), None)
                    tickers += [f"{board}:{symbol}"] if board else []
        tickers += [ticker for ticker in company.get("printed", []) if ticker not in tickers]
        tickers = [ticker for ticker in tickers if ticker not in taken_tickers and not re.search(r":[A-Z]{0,3}S\d{4}", ticker)]
        mixed = [n for n in company["names"] if not n.isupper() or (" " not in n and len(n) <= 5)]
        if not tickers or not mixed or len(key) < 3:
            continue
        name = min(mixed, key=lambda n: (sum(c.isupper() for c in n), n))
        if key in taken_names or slug(TAIL.sub("", mixed[0])) in taken_names:
            continue
        lowered = name.lower() + " "
        if any(lowered.startswith(prefix) and home == code for prefix, home in taken_prefixes.items() if prefix[0] == lowered[0]):
            continue  # a longer name of the same company, or a part of it
        if any(slug(n) in taken_names for n in (f"{name} group", f"{name} holdings")):
            continue
        # Places listed in, then an ISIN, then a short name; the American boards are listed nowhere else.
        known = len(company["exchanges"]) + 2 * (code == "US")
        found.append(((-known, not company["isin"], len(key)), key, name, code, tickers, company["full"]))

    def common(word):
        plain = slug(word).replace("-", "")
        return (len(plain) < 3 or small.get(plain, (0, 0))[0] >= COMMON or plain in PLAIN or word.lower() in place_words
                or plain in place_words or plain.isdigit() or people.get(plain, 0) and len(plain) < 9)

    keys = collections.Counter(f[1] for f in found)
    rows, tickers_seen, free = [], set(), {}
    for (known, *_), key, name, code, tickers, full in sorted(found):
        tickers = [ticker for ticker in tickers if ticker not in tickers_seen]
        ident = "co:" + key
        if ident in taken_ids or keys[key] > 1 and any(row[0] == ident for row in rows[-50:]):
            ident += "-" + code.lower()
        if not tickers or ident in taken_ids:
            continue
        taken_ids.add(ident)
        tickers_seen.update(tickers)
        words = [word for word in re.split(r"[ -]", name) if slug(word)]
        is_person = people.get(slug(words[0]), 0) & 1 or small.get(slug(words[0]), (0, 0))[1] >= BEHIND_FIRST_NAME and len(words) == 1
        distinct = [word for word in words if not common(word)]
        is_short = len(words) == 1 and (len(name) < 6 or not name.isascii()) or len(name.replace(" ", "")) < 6
        legal = with_form(name, full)
        if (not distinct or is_person or is_short or name in DROPPED or keys[key] > 1 or name in places or name in blocked
                or len(words) > 1 and max(map(len, distinct)) < 4):
            aliases = ["~~" + name] + ([legal] if legal else [])
        elif len(words) == 1 and -known < WELL_KNOWN:
            aliases = ["~" + name]
        else:
            aliases = []
        for alias in [alias for alias in aliases or [name] if not alias.startswith("~")]:
            free.setdefault(alias, []).append(ident)
        rows.append((ident, name, code, tickers, aliases))
    shared = {alias for alias, idents in free.items() if len(idents) > 1} | places | blocked
    print("# id\tname\tkind\tcountry\ttickers\taliases")
    print("# Generated by generate.py from FinanceDatabase (MIT) and press releases (CC0); same columns and rules as organisations.tsv, which wins. Do not edit.")
    for ident, name, code, tickers, aliases in sorted(rows):
        aliases = [alias for alias in aliases if alias not in shared]
        if not aliases and name in shared:
            aliases = ["~~" + name]
        print(ident, name, "company", code, ";".join(tickers), ";".join(aliases), sep="\t")


if __name__ == "__main__":
    main()

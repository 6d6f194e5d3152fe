"""Writes corpus/data/listings.txt from a table of listings and a table of older names.

    python corpus/data/make_listings.py LISTINGS.csv OLDER_NAMES.csv DICTIONARY.txt > listings.txt

LISTINGS.csv has code,region,exchange,name,type; OLDER_NAMES.csv has code,name,…; DICTIONARY.txt is
jieba's (word frequency tag). A line out: code, tab, short name, and a third field `w` if the name
is an ordinary word or place. Marks that an exchange adds for a while (*ST, XD, N, -U, a share
class's A) are stripped; an exchange shortens the name to make room for them, so an older, longer
name of the same code is taken where there is one.
"""

import csv
import re
import sys
import unicodedata
from pathlib import Path

_MARKS = re.compile(r"^(?:\*?ST|S\*?ST|XD|XR|DR|[NCS](?=[\u4e00-\u9fff]))|(?:-U?W?|[AB])$")
_BOARDS = {"SH": "SSE", "SZ": "SZSE", "BJ": "BSE"}
# Names that XD had cut short and that no older table holds in full.
_WHOLE = {"600956": "新天绿能", "601066": "中信建投"}
# How often a word must occur to be an ordinary word or place, by the tag under which jieba's
# dictionary files it. It files brands under nr with 3 or 4 occurrences (比亚迪), real places
# with more than 30 (王府井); nt holds organisations only.
_ORDINARY = {tag: 10 for tag in ("n", "ns", "v", "a", "l", "i", "j", "vn", "d", "t", "s")}
_ORDINARY |= {"nz": 20, "nr": 30, "nrt": 30}
# Frequent, but nothing else than the company or its goods.
_BRANDS = {"五粮液", "人民网", "新华网", "京东方", "华侨城"}


def main(listings: str, older: str, dictionary: str) -> None:
    """Prints the condensed list, sorted by code."""
    old_names = {row["code"]: _plain(row["name"]) for row in _rows(older)}
    words = {w: (int(f), t) for w, f, t in map(str.split, _lines(dictionary))}
    for row in sorted(_rows(listings), key=lambda row: row["code"]):
        if row["region"] not in _BOARDS or row["type"] != "stock":
            continue
        name = _whole_name(row["code"], row["name"], old_names)
        mark = "\tw" if _is_ordinary(name, words) else ""
        print(f"{row['code']}\t{name}{mark}")


def _rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).replace(" ", "")


def _whole_name(code: str, printed: str, old_names: dict[str, str]) -> str:
    printed = _plain(printed)
    name = _MARKS.sub("", _MARKS.sub("", printed))
    if code in _WHOLE:
        return _WHOLE[code]
    old = _MARKS.sub("", _MARKS.sub("", old_names.get(code, "")))
    shortened = printed.startswith(("*", "ST", "XD", "S", "DR", "XR"))
    if shortened and len(old) > len(name) and _in_order(name, old):
        return old
    return name


def _in_order(short: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in short)


def _is_ordinary(name: str, words: dict[str, tuple[int, str]]) -> bool:
    frequency, tag = words.get(name, (0, ""))
    if len(name) == 2:
        return bool(tag)
    if len(name) == 3 and tag:
        return name not in _BRANDS and frequency >= _ORDINARY.get(tag, sys.maxsize)
    # 新经典, 大智慧, 好太太: an adjective and an ordinary word.
    rest, rest_tag = words.get(name[1:], (0, ""))
    return len(name) == 3 and name[0] in "新大好小老" and rest >= 50 and rest_tag in _ORDINARY


if __name__ == "__main__":
    main(*sys.argv[1:4])

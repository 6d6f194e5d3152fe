"""Where a share is listed, told by its code: 沪市, 深市, 创业板, 科创板, 北交所, 港股, 美股.

Stands below the readers of whole columns: a board that a question names bounds their rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from corpus.tickers import parse_code
from indexer.records import Fact


@dataclass(frozen=True, slots=True)
class Board:
    """A place of listing.

    Args:
        name: as an answer says it. code: what a code of it begins with. suffix: its exchanges.
    """

    name: str
    asked: re.Pattern[str]
    code: re.Pattern[str]
    suffixes: frozenset[str]

    def lists(self, code: str | None) -> bool:
        """True if a share of that code is listed there; False where the code does not tell."""
        parsed = parse_code(code) if code else None
        if parsed is None or not self.code.match(parsed.code):
            return False
        return parsed.suffix is None or parsed.suffix in self.suffixes


def _board(name: str, asked: str, code: str, *suffixes: str) -> Board:
    return Board(name, re.compile(asked), re.compile(code), frozenset(suffixes))


_MAINLAND: Final = ("SH", "SS", "SZ", "BJ", "CH")
# The numbering of the exchanges (六位代码); the narrower board stands before its exchange.
_BOARDS: Final = (
    _board("创业板", "创业板", r"30\d{4}\Z", "SZ", "CH"),
    _board("科创板", "科创板", r"68[89]\d{3}\Z", "SH", "SS", "CH"),
    _board(
        "北交所",
        "北交所|北京证券交易所|(?<![东华])北证(?!券)|\\.bj(?![a-z])",
        r"(?:[48]\d|92)\d{4}\Z",
        "BJ",
        "CH",
    ),
    _board("主板", "(?<!创业)主板", r"(?:60[0135]|00[0-3])\d{3}\Z", "SH", "SS", "SZ", "CH"),
    _board(
        "沪市", "沪市|上交所|上海证券交易所|上证所|\\.s[hs](?![a-z])", r"6\d{5}\Z", "SH", "SS", "CH"
    ),
    _board("深市", "深市|深交所|深圳证券交易所|\\.sz(?![a-z])", r"[03]\d{5}\Z", "SZ", "CH"),
    _board(
        "港股",
        "港股(?!通)|港交所|香港(?:联合|证券)?交易所|香港上市|\\.hk(?![a-z])",
        r"\d{4,5}\Z",
        "HK",
    ),
    _board("美股", "美股|纳斯达克|纽交所", r"[A-Za-z]{1,5}\Z", "US", "O", "N"),
    _board("A股", "a股", r"\d{6}\Z", *_MAINLAND),
)
_COMPANIES = re.compile("公司|个股|股票|标的|谁|企业|[哪几]一?[家只]|多少[家只]")


def board_of(text: str) -> Board | None:
    """The board that a folded question about companies bounds them to; None if it names none."""
    if not _COMPANIES.search(text):
        return None
    return next((board for board in _BOARDS if board.asked.search(text)), None)


def listed_on(board: Board | None, facts: Iterable[Fact]) -> list[Fact]:
    """The facts of companies that are listed there; all of them where no board is asked for."""
    return [fact for fact in facts if board is None or board.lists(fact.code)]

"""What a report says of itself: title, broker, date, people, rating, each with its place.

Last step of `report file → Report`. Rules of the trade only: no house, analyst or title is known
here by name; houses come from `corpus.brokers`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from corpus.analysts import find_analysts
from corpus.boilerplate import heading_role
from corpus.brokers import find_brokers, short_broker_name
from corpus.cover import cover_date, cover_price, cover_rating, further_codes
from corpus.dates import find_dates, is_labelled, parse_date
from corpus.front import LICENCE, RATING_LINE, RATING_STATED, signal
from corpus.issuer import find_issuer
from corpus.lines import Line
from corpus.raw import Given
from corpus.report import Analyst, Block, BlockKind, ReportMeta, Role, Sourced, Span
from corpus.structure import Layout
from corpus.table_titles import bare_span
from corpus.title_words import is_no_title, is_series

# Page one of a printed report, in characters; what identifies a report stands here.
_PAGE_ONE = 4000
# Where no title block is found: dates and names this near the start are the report's own.
_OPENING = 400
_OPENING_LINE = 40  # characters: a line of a title block


@dataclass(frozen=True, slots=True)
class Typeset:
    """A report of printed pages, whose first page is known; `title`: told by its type."""

    title: Span | None


def read_meta(
    text: str, layout: Layout, given: Given, typeset: Typeset | None = None
) -> tuple[ReportMeta, tuple[str, ...]]:
    """The metadata, and warnings on what was given but could not be used."""
    warnings = []
    published = _given_date(given)
    if given.published and published is None:
        warnings.append(f"the given date {given.published[:40]!r} is no date and was left out")
    page_one = _page_one(text)
    codes, subject = _subject(text, layout, given, page_one, typeset)
    rating, change = _rating(text, layout, page_one)
    if typeset is not None:
        codes = _with_further(text, codes, subject, page_one)
        published = published or cover_date(text, layout.lines, page_one)
        if rating is None:
            rating, change = cover_rating(text, layout.lines, page_one)
    meta = ReportMeta(
        title=Sourced(given.title, None) if given.title else _title(text, layout, typeset),
        broker=_broker(text, layout, given),
        published=published or _published(text, layout, page_one),
        analysts=_analysts(text, layout, page_one, typeset),
        stock_codes=codes,
        industry=_industry(text, layout, page_one, typeset),
        rating=rating,
        rating_change=change,
        target_price=_target_price(text, page_one),
        subject=subject,
        price=cover_price(text, page_one),
    )
    return _of_issuer(meta, text, given), tuple(warnings)


def _of_issuer(meta: ReportMeta, text: str, given: Given) -> ReportMeta:
    """Of a company's own report: its own name and title, and no house (its sponsor's is met)."""
    issuer = find_issuer(text)
    if issuer is None:
        return meta
    return replace(
        meta,
        title=meta.title if given.title else issuer.title,
        broker=meta.broker if given.broker else None,
        stock_codes=(issuer.code,) if issuer.code else meta.stock_codes,
        subject=issuer.subject,
    )


def _given_date(given: Given) -> Sourced[date] | None:
    day = parse_date(given.published) if given.published else None
    return Sourced(day, None) if day else None


def _page_one(text: str) -> int:
    """Where page one ends: the first form feed behind some words, at most `_PAGE_ONE` on."""
    feed = text.find("\f", 200)
    return min(feed if feed > 0 else len(text), _PAGE_ONE, len(text))


def _front_lines(layout: Layout) -> list[Line]:
    front = layout.front
    return list(layout.lines[front.first : front.last]) if front else []


def _span_of(line: Line) -> Span:
    return Span(line.start, line.end)


# ── title ───────────────────────────────────────────────────────────────────────────────────


def _title(text: str, layout: Layout, typeset: Typeset | None) -> Sourced[str] | None:
    """The first line of the title block that names the report; the series line only if alone."""
    if typeset is not None and typeset.title is not None:
        return Sourced(typeset.title.of(text), typeset.title)
    lines = _front_lines(layout) or _opening_lines(layout)
    series: Line | None = None
    for line in lines:
        words = line.text.strip("#* ")
        if not 4 <= len(words) <= 80 or signal(words) or is_no_title(words):
            continue
        if words[-1] in "。；，" or heading_role(words) is not None or _is_slogan(layout, line):
            continue
        if is_series(words):
            series = series or line
            continue
        return _titled(text, line)
    return _titled(text, series) if series else None


def _opening_lines(layout: Layout) -> list[Line]:
    """Without a title block: the first line if it stands apart like a title."""
    lines = layout.lines
    if not lines or len(lines[0].text) > 60 or len(lines) < 2:
        return []
    return [lines[0]]


def _is_slogan(layout: Layout, line: Line) -> bool:
    return any(
        block.kind is BlockKind.FURNITURE and block.span.start == line.start
        for block in layout.blocks
    )


def _titled(text: str, line: Line) -> Sourced[str]:
    span = bare_span(text, line)
    return Sourced(span.of(text), span)


# ── broker ──────────────────────────────────────────────────────────────────────────────────

# How much one mention of a house says of whose report it is, by where it stands.
_WEIGHTS = {
    Role.DISCLAIMER: 3,
    Role.CERTIFICATION: 3,
    Role.RATING_DEFINITION: 2,
    Role.CONTACT: 2,
    Role.FRONT: 2,
    Role.PROFILE: 1,
}
_BROKER_CHARS = 12_000  # of each report, at most, are searched for houses


def _broker(text: str, layout: Layout, given: Given) -> Sourced[str] | None:
    """The house named most in title block, legal sections, sources and running heads."""
    if given.broker:
        return Sourced(short_broker_name(given.broker), None)
    joined, starts, places = "", [], []
    for span, weight in _broker_places(text, layout):
        starts.append(len(joined))
        places.append((span, weight))
        joined += span.of(text) + "\n"
    counts: Counter[str] = Counter()
    first: dict[str, Span] = {}
    for mention in find_brokers(joined) if joined else ():
        number = bisect_right(starts, mention.start) - 1
        span, weight = places[number]
        counts[mention.name] += weight
        at = span.start + mention.start - starts[number]
        place = Span(at, min(at + mention.end - mention.start, span.end))
        first.setdefault(mention.name, place)
    if not counts:
        return _broker_line(text, layout)
    best = min(counts, key=lambda name: (-counts[name], first[name].start))
    return Sourced(best, first[best])


# What may stand behind the house on a line of the opening that says whose report it is.
_HOUSE_LINE_END = re.compile(
    r"[\s|｜·:：\-—]*(?:(?:证券)?研究(?:报告|所|院|部|中心)?|点评|晨会|(?:19|20)\d\d[\d\s年月日./-]*)"
)
_HOUSE_LABEL = re.compile(r"\s*(?:研究|发布|报告|评级)?(?:机构|券商|单位|来源)\s*[:：]\s*\Z")


def _broker_line(text: str, layout: Layout) -> Sourced[str] | None:
    """The house of a line in the opening that says little else: 东方证券研究报告."""
    for line in layout.lines:
        if line.start >= _OPENING:
            break
        for one in find_brokers(line.text)[:1] if len(line.text) <= _OPENING_LINE else ():
            before, after = line.text[: one.start], line.text[one.end :]
            labelled = bool(_HOUSE_LABEL.match(before)) and not after.strip()
            if labelled or (not before.strip() and _HOUSE_LINE_END.fullmatch(after)):
                return Sourced(one.name, Span(line.start + one.start, line.start + one.end))
    return None


def _broker_places(text: str, layout: Layout) -> Iterator[tuple[Span, int]]:
    """Blocks that may name the house, weightiest first; the same words count at most thrice."""
    met: Counter[str] = Counter()
    budget = _BROKER_CHARS
    blocks = [(block.span, weight) for block in layout.blocks if (weight := _weight(block))]
    for span, weight in sorted(blocks, key=lambda item: (-item[1], item[0].start)):
        words = span.of(text)
        met[words] += 1
        if met[words] > 3:
            continue
        budget -= len(words)
        if budget < 0:
            return
        yield span, weight


def _weight(block: Block) -> int:
    if block.kind is BlockKind.TABLE:
        return 0
    if block.kind is BlockKind.FURNITURE:
        return 3
    if block.kind is BlockKind.SOURCE:
        return 1
    return _WEIGHTS.get(block.role, 0)


# ── date ────────────────────────────────────────────────────────────────────────────────────


def _published(text: str, layout: Layout, page_one: int) -> Sourced[date] | None:
    """The date on a line of its own in the title block, else on page one, else behind 日期.

    Of several the latest: charts and lists of earlier reports show earlier dates.
    """
    front = [date for line in _front_lines(layout) if (date := _line_date(text, line))]
    if front:
        return _latest(front)
    related = [b.span for b in layout.blocks if b.role in (Role.RELATED, Role.DISCLAIMER)]
    own = []
    for line in layout.lines:
        if line.start >= page_one:
            break
        if signal(line.text) == "date" and not any(s.covers(_span_of(line)) for s in related):
            own.extend(find_dates(text, line.start, line.end)[:1])
    return _latest(own) if own else _embedded_date(text, page_one)


def _line_date(text: str, line: Line) -> Sourced[date] | None:
    """The date of a line that states little else."""
    if signal(line.text) != "date" and not (len(line.text) <= 40 and "20" in line.text):
        return None
    found = find_dates(text, line.start, line.end)
    return found[0] if found else None


def _latest(dates: list[Sourced[date]]) -> Sourced[date]:
    return max(dates, key=lambda one: one.value)  # the first of equal ones


def _embedded_date(text: str, page_one: int) -> Sourced[date] | None:
    if any(label in text[:page_one] for label in ("日期", "时间：", "时间:", "发布于")):
        for one in find_dates(text, 0, page_one):
            if one.span and is_labelled(text, one.span.start):
                return one
    for one in find_dates(text, 0, min(_OPENING, page_one)):
        if one.span is None or one.span.start > _OPENING:
            break
        before = text[max(0, one.span.start - 1) : one.span.start]
        lead = text[: one.span.start]
        if "。" not in lead and "，" not in lead[-20:] and before not in "，,、；;至-截于在":
            return one
    return None


# ── people, subject, rating ─────────────────────────────────────────────────────────────────


def _analysts(
    text: str, layout: Layout, page_one: int, typeset: Typeset | None
) -> tuple[Analyst, ...]:
    if typeset is not None:
        return find_analysts(text, page_one, cover=page_one)
    if not layout.front and not ("分析师" in text and LICENCE.search(text)):
        return ()
    return find_analysts(text, page_one if layout.front else 0)


_BRACKETED_CODE = re.compile(
    r"\s*[（(\[]\s*(?P<code>\d{6}(?:\s*\.\s*(?:SZ|SH|BJ|SS))?|\d{4,5}\s*\.\s*HK|[A-Z]{1,5}\.(?:US|O|N))"
    r"\s*[/)）\]]",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(r"[\u4e00-\u9fffA-Za-z*][\u4e00-\u9fffA-Za-z*\-·]{1,11}\Z")
_CODE_BOX = re.compile(
    r"(?:股票|证券|公司)代码\s*[：:]?\s*(?P<code>\d{6}(?:\.(?:SZ|SH|BJ))?|\d{4,5}\.HK)", re.I
)


def _subject(
    text: str, layout: Layout, given: Given, page_one: int, typeset: Typeset | None
) -> tuple[tuple[Sourced[str], ...], Sourced[str] | None]:
    """Code and name of the company that the report is about; empty for other reports."""
    if given.title and (named := _named_code(given.title, 0, len(given.title))):
        return (Sourced(named[1].value, None),), Sourced(named[0].value, None)
    for start, end in _subject_places(layout, typeset):
        if named := _named_code(text, start, end):
            return (named[1],), named[0]
    box = _CODE_BOX.search(text, 0, page_one) if "代码" in text else None
    if box:
        return (Sourced(_code(box), Span(box.start("code"), box.end("code"))),), None
    return (), None


def _with_further(
    text: str, codes: tuple[Sourced[str], ...], subject: Sourced[str] | None, page_one: int
) -> tuple[Sourced[str], ...]:
    """The codes with those of the subject's other listings."""
    if subject is None:
        return codes
    known = [code.value for code in codes]
    return (*codes, *further_codes(text, subject.value, known, page_one))


def _named_code(text: str, start: int, end: int) -> tuple[Sourced[str], Sourced[str]] | None:
    """The first `name (code)` in `text[start:end]`, as name and code."""
    for match in _BRACKETED_CODE.finditer(text, start, end):
        low = max(start, match.start() - 12)
        name = _NAME_BEFORE.search(text[low : match.start()])
        if name:
            code = Sourced(_code(match), Span(match.start("code"), match.end("code")))
            return Sourced(name.group(), Span(low + name.start(), low + name.end())), code
    return None


_AROUND = 160  # characters around a title: the name and code of the company stand there


def _subject_places(layout: Layout, typeset: Typeset | None) -> Iterator[tuple[int, int]]:
    title = typeset.title if typeset else None
    for line in layout.lines if title else ():
        if title and title.start - _AROUND <= line.start <= title.end + _AROUND:
            yield line.start, min(line.end, line.start + 60)
    for line in [*_front_lines(layout), *layout.lines[:8]]:
        if len(line.text) <= 60:
            yield line.start, line.end
        elif line.start < 300:
            yield line.start, min(line.end, 300)


def _code(match: re.Match[str]) -> str:
    return re.sub(r"\s", "", match["code"]).upper()


_INDUSTRY = (
    re.compile(r"(?:所属|申万|证监会)?行业\s*[：:]\s*(?P<word>[\u4e00-\u9fff]{2,10})"),
    re.compile(r"(?:\A|[\s|·/／])(?P<word>[\u4e00-\u9fff]{2,8}?)(?:Ⅱ|Ⅲ|II)?行业(?:研究|点评|深度|动态|跟踪|专题|周报|月报|策略|评级|报告|\s?[/|·●])"),
    re.compile(r"行业(?:动态|深度|研究|点评|策略)?报告\s*[●·|/—-]\s*(?P<word>[\u4e00-\u9fff]{2,8}?)(?:行业|\d|\s|\Z)"),
)  # fmt: skip


def _industry(
    text: str, layout: Layout, page_one: int, typeset: Typeset | None
) -> Sourced[str] | None:
    places = [(line.start, line.end) for line in _front_lines(layout)]
    places.append((0, min(_OPENING // 2, page_one) if layout.front else 0))
    if typeset is not None:  # a side bar may stand before the title block
        places += [
            (line.start, line.end)
            for line in layout.lines
            if line.start < page_one and len(line.text) <= _OPENING_LINE
        ]
    for start, end in places:
        for pattern in _INDUSTRY:
            match = pattern.search(text[start:end])
            if match and match["word"] not in ("公司", "本", "该"):
                at = start + match.start("word")
                return Sourced(match["word"], Span(at, at + len(match["word"])))
    return None


_NO_RATING = frozenset(
    ["本报", "报告", "日期", "投资", "首次", "公司", "行业", "股票", "电话", "目标"]
)


def _rating(
    text: str, layout: Layout, page_one: int
) -> tuple[Sourced[str] | None, Sourced[str] | None]:
    """The rating word and whether it is kept, raised, lowered or new."""
    for line in _front_lines(layout):
        match = RATING_LINE.fullmatch(line.text) or RATING_STATED.fullmatch(line.text)
        if match and match["word"] not in _NO_RATING:
            return _rating_of(match, line.start)
    if layout.front or "评级" in text[:_OPENING]:
        match = RATING_STATED.search(text[:page_one])
        if match:
            return _rating_of(match, 0)
    return None, None


def _rating_of(match: re.Match[str], at: int) -> tuple[Sourced[str], Sourced[str] | None]:
    word = Sourced(match["word"], Span(at + match.start("word"), at + match.end("word")))
    if not match["change"]:
        return word, None
    place = Span(at + match.start("change"), at + match.end("change"))
    return word, Sourced(match["change"], place)


_TARGET = re.compile(
    r"目标价(?:格|位|区间)?(?:[（(][^）)]{0,12}[)）])?\s*(?:上调|下调|调整)?(?:[：:为至到|]"
    r"|\s){0,4}(?P<price>(?:人民币|港币|HKD|RMB|USD|CNY|HK\$|US\$|¥|￥)?\s?\d[\d,]*(?:\.\d+)?"
    r"(?:\s?[-~—–至]\s?\d[\d,]*(?:\.\d+)?)?\s?(?:元|港元|美元|港币)?)(?!\s*[%倍年])"
)


def _target_price(text: str, page_one: int) -> Sourced[str] | None:
    match = _TARGET.search(text, 0, page_one) if "目标价" in text else None
    if match is None:
        return None
    span = Span(match.start("price"), match.end("price"))
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip())
    return Sourced(words.strip(), Span(start, start + len(words.strip())))

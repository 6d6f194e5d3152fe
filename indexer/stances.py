"""What a report says of companies beside figures: 推荐 or 建议关注, its rating, a changed rating.

Report → facts of words (`number` None): metrics `stance`, `rating`, `rating_change`. Stands beside
`sentence_facts`; the service's reader of stances uses `stances_in` too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from corpus.normalise import fold
from corpus.report import BlockKind, Report, Role, Sourced, Span
from corpus.tickers import load_listings
from corpus.widths import fold_in_place
from indexer.records import Fact, SubjectKind
from indexer.sentences import pieces_of
from indexer.subject_words import Subject, own_company
from indexer.vocabulary import Vocabulary

RECOMMENDED, WATCHED = "推荐", "建议关注"
# The longer verb wins: 建议重点关注 is no 重点推荐.
_VERB = re.compile(
    "(?P<watch>(?:建议|可|请|值得|积极|重点|持续|同时|也|并)*(?:积极|重点|持续)?关注|受益(?:标的|公司|个股)|相关(?:标的|公司|个股))"
    "|(?P<recommend>(?:我们|重点|首要|继续|强烈|优先|首次|维持|持续)*(?:推荐|首推)|首选)"
)
# A verb in these is none: a rating, a risk, a report's title, a doubt.
_NO_VERB = re.compile(
    '推荐[”"』」）)]?(?:[（(]|评级|名单|算法|系统|引擎)|(?:不|未|非)(?:再)?推荐|关注(?:度|点|的是|到)|推荐公司'
)
_MARK = re.compile(
    "[、,，;；/:：。\\s]+|以及|和|及|与|等(?=[^级])|包括|(?<![不假])如|其中|分别为|为"
)
_ROW = re.compile("(?:\\s*[、/]\\s*|\\s*(?:以及|和|及|与)\\s*)")
_CODE = re.compile(r"[(（][^()（）]{0,16}[)）]")
_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z][\u4e00-\u9fffA-Za-z0-9·-]{1,7}")


@dataclass(frozen=True, slots=True)
class Stance:
    """A name in a sentence, `[start, end)` of it, and how the verb that governs it takes it.

    Args:
        verb: the place of that verb.
        topic: what stands before the verb and behind it.
    """

    start: int
    end: int
    stance: str
    verb: Span
    topic: str


def stances_in(text: str, names: Collection[str]) -> Iterator[Stance]:
    """Every company that a folded sentence recommends or asks to watch, in order.

    Args:
        names: folded names of companies that no list holds.
    """
    verbs = [
        m
        for m in _VERB.finditer(text)
        if not _NO_VERB.search(text[max(m.start() - 1, 0) : m.end() + 3])
    ]
    for number, verb in enumerate(verbs):
        end = verbs[number + 1].start() if number + 1 < len(verbs) else len(text)
        stance = RECOMMENDED if verb["recommend"] else WATCHED
        topic = text[: verb.start()] if number == 0 else text[verbs[number - 1].end() : end]
        for start, stop in _companies(text, verb.end(), end, names):
            yield Stance(start, stop, stance, Span(*verb.span()), topic + text[verb.end() : end])


def extract_stances(
    report: Report, vocabulary: Vocabulary, facts: Iterable[Fact]
) -> tuple[Fact, ...]:
    """The stances and ratings that page one and the sentences of the body state, in order.

    Args:
        facts: of the report's tables; they name companies that no list holds.
    """
    reader = _StanceReader(report, vocabulary, facts)
    found = [*reader.of_page_one()]
    for block in report.blocks:
        if block.role in {Role.BODY, Role.FRONT} and block.kind is not BlockKind.TABLE:
            found += reader.of_block(block.span)
    once = {(one.start, one.end, one.metric): one for one in found}
    return tuple(sorted(once.values(), key=lambda one: (one.start, one.end, one.metric)))


class _StanceReader:
    """Reads one report."""

    def __init__(self, report: Report, vocabulary: Vocabulary, facts: Iterable[Fact]) -> None:
        self._report, self._vocabulary = report, vocabulary
        self._own = own_company(report.meta)
        named: dict[str, str | None] = {fact.subject: fact.code for fact in facts if fact.code}
        if self._own is not None:
            named[self._own.name] = self._own.code
        self._codes = {fold(name): code for name, code in named.items() if len(name) > 1}

    def of_page_one(self) -> Iterator[Fact]:
        """The report's own rating: of its company, else of its industry."""
        meta = self._report.meta
        subject, kind = self._own, _COMPANY
        if subject is None and meta.industry is not None and not meta.stock_codes:
            subject, kind = Subject(meta.industry.value, None), _INDUSTRY
        if subject is None:
            return
        for metric, given in (("rating", meta.rating), ("rating_change", meta.rating_change)):
            if given is not None and given.span is not None:
                yield self._fact(given.span, given.span, metric, given, subject, kind)

    def of_block(self, block: Span) -> Iterator[Fact]:
        """Whom the sentences of a block recommend or ask to watch, and whose rating they tell."""
        text = self._report.text
        if not _WORTH.search(text, block.start, block.end):
            return
        for start, end in pieces_of(block.of(text)):
            span = Span(block.start + start, block.start + end)
            sentence = fold_in_place(span.of(text))
            if not _WORTH.search(sentence):
                continue
            for one in stances_in(sentence, self._codes.keys()):
                place = Span(span.start + one.start, span.start + one.end)
                if _is_plain(sentence, one) and (fact := self._of_name(place, span, one.stance)):
                    yield fact
            yield from self._ratings(sentence, span)

    def _ratings(self, sentence: str, span: Span) -> Iterator[Fact]:
        """维持海川数科“买入”评级, 首次覆盖，给予公司增持评级: of the one company that it names."""
        for told in _RATED.finditer(sentence):
            inside = Span(told.start("whom"), told.end())
            subject = self._rated(sentence[inside.start : inside.end])
            if subject is None:
                continue
            whom, kind = subject
            verb = told["verb"]
            place = Span(span.start + told.start("verb"), span.start + told.end("verb"))
            if verb != "给予":
                yield self._fact(place, span, "rating_change", verb, whom, kind)
            for word in self._vocabulary.find_ratings(sentence[inside.start : inside.end])[:1]:
                begin = span.start + inside.start
                rating = Span(begin + word.start, begin + word.end)
                said = rating.of(self._report.text)
                yield self._fact(rating, span, "rating", said, whom, kind)

    def _rated(self, words: str) -> tuple[Subject, SubjectKind] | None:
        """Whose rating the words between verb and 评级 tell; None where that is open."""
        if "行业" in words or "板块" in words:
            industry = self._report.meta.industry
            return (Subject(industry.value, None), _INDUSTRY) if industry else None
        listed = {(m.name, m.code) for m in load_listings().find(words) if not m.common}
        if self._own is not None and not listed - {(self._own.name, self._own.code)}:
            return self._own, _COMPANY
        return (Subject(*listed.pop()), _COMPANY) if len(listed) == 1 else None

    def _of_name(self, place: Span, line: Span, value: str) -> Fact | None:
        """The stance on a company that a list or a table of the report knows by its code."""
        name = place.of(self._report.text)
        code = self._codes.get(fold(name)) or load_listings().by_name(name)
        if code is None:
            return None
        return self._fact(place, line, "stance", value, Subject(name, code), _COMPANY)

    def _fact(
        self,
        place: Span,
        line: Span,
        metric: str,
        value: str | Sourced[str],
        subject: Subject,
        kind: SubjectKind,
    ) -> Fact:
        report, said = self._report, place.of(self._report.text)
        return Fact(
            fact_id=f"{report.report_id}:{place.start}-{place.end}",
            report_id=report.report_id,
            subject=subject.name,
            code=subject.code,
            metric=metric,
            metric_text=said,
            period=None,
            period_text=None,
            kind=None,
            value=value if isinstance(value, str) else value.value,
            number=None,
            unit=None,
            start=place.start,
            end=place.end,
            line_start=line.start,
            line_end=line.end,
            cell=None,
            as_of=None,
            subject_kind=kind,
            page=report.page_at(place.start),
        )


def _is_plain(sentence: str, one: Stance) -> bool:
    """True where nothing makes the stance doubtful: no table that lost its grid, no title of
    another report, no word that the name is only the beginning of (中国移动|医疗器械)."""
    verb = one.verb.of(sentence)
    between = sentence[one.verb.end : one.start]
    if verb.startswith(("受益", "相关")) or len(between) > _FAR or _TABLE.search(between):
        return False
    if sentence.count("《", 0, one.start) > sentence.count("》", 0, one.start):
        return False
    return _NAME_ENDS.match(sentence, one.end) is not None


_FAR = 160  # characters behind the verb: a list of companies goes on so far, rarely further
_TABLE = re.compile(r"\d\.\d|\d{6}(?!\s*[)）.])")
_NAME_ENDS = re.compile(r"[ab]?(?:\Z|[^\u4e00-\u9fff\w]|[等和及与以或])", re.IGNORECASE)
_COMPANY: SubjectKind = "company"
_INDUSTRY: SubjectKind = "industry"
# What a block must hold to state any of it.
_WORTH = re.compile(r"推荐|首推|首选|关注|受益|相关|评级")
_RATED = re.compile(
    r"(?P<verb>首次覆盖|首次|上调|下调|维持|给予)(?P<whom>[^。;；，,]{0,4}[,，]?[^。;；，,]{0,24}?)评级"
)


def _companies(
    text: str, start: int, end: int, names: Collection[str]
) -> Iterator[tuple[int, int]]:
    """The names between two places: those that are known, and those in a row with them."""
    pieces: list[tuple[int, int]] = []
    at = start
    for mark in [*_MARK.finditer(text, start, end), None]:
        stop = mark.start() if mark else end
        if text[at:stop].strip():
            pieces.append((at, stop))
        at = mark.end() if mark else end
    rows: list[list[tuple[int, int]]] = []
    for piece in pieces:
        joined = rows and _ROW.fullmatch(text[rows[-1][-1][1] : piece[0]])
        if joined:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for row in rows:
        exemplary = _is_example(text, row)
        known = [_known(text, piece, names) for piece in row]
        if any(known) or exemplary:
            yield from (k or p for k, p in zip(known, row, strict=True) if k or _may_be(text, p))


def _is_example(text: str, row: list[tuple[int, int]]) -> bool:
    """如当虹科技等: names that no list holds stand between these two words."""
    before, after = text[: row[0][0]].rstrip(), text[row[-1][1] :].lstrip()
    return before.endswith(("如", "包括")) and after.startswith("等")


def _known(text: str, piece: tuple[int, int], names: Collection[str]) -> tuple[int, int] | None:
    """The known name in a piece; codes in brackets do not count."""
    words = _CODE.sub("", text[piece[0] : piece[1]])
    inside = [n for n in names if n in words]
    if inside:
        name = max(inside, key=len)
        at = text.index(name, piece[0])
        return at, at + len(name)
    listed = [m for m in load_listings().find(words) if not m.common or m.name == words.strip()]
    if listed:
        at = text.index(words[listed[0].start : listed[0].end], piece[0])
        return at, at + listed[0].end - listed[0].start
    return None


def _may_be(text: str, piece: tuple[int, int]) -> bool:
    return bool(_NAME.fullmatch(_CODE.sub("", text[piece[0] : piece[1]]).strip()))

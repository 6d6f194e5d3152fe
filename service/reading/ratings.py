"""What a rating word means at each broker: its own definition, horizon and benchmark, quoted.

A reader: `Query + Scope → Draft | None`; it reads blocks of the role RATING_DEFINITION only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.cell_words import RATING_WORDS
from corpus.normalise import fold
from corpus.report import Block, BlockKind, Report, Role, Span
from indexer.records import Fact
from service import refusals
from service.query import Query
from service.reading.draft import Draft, Evidence, Outcome, Refusal, Statement
from service.reading.scope import Scope
from service.reading.weighing import weigh_question

_ASKS = re.compile(
    "定义|标准|含义|意思|是指|指的是|指什么|代表|意味|划分|界定|涨幅|涨跌幅|幅度|跑赢|基准|期限|多长时间|多久|几个月|说明|体系|档|级别|表示|预期|涨多少|跑赢|参照|参考|绝对|相对|看多长|几个?档|怎么分|口径"
)
MEANING = re.compile("定义|含义|意思|是指|指的是|指什么|代表什么|意味着")
_INDUSTRY = re.compile("行业|板块|指数")
_INDEX_ASKED = re.compile("指数|基准|参照|参考|对标")
_TIME_ASKED = re.compile("多长|多久|期限|几个月|时间|周期")
_EXPLAINED = re.compile("指数|基准|参照|参考|对标|多长|多久|期限|几个月|周期|绝对|相对|口径")
_HORIZON = re.compile(r"\d+\s*(?:至|-|~|到)?\s*\d*\s*个月|一年|半年|十二个月|六个月")
_BENCHMARK = re.compile("基准|沪深|指数")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rating definition: a list item, a table row, a sentence."""

    report_id: str
    span: Span
    text: str
    section: str
    is_definition: bool  # a word with its bound, not an explanation


def read_ratings(query: Query, scope: Scope) -> Outcome | None:
    """The definitions asked for; None if the question does not ask what a rating means."""
    if query.companies or not _asks(query):
        return None
    statements: list[Statement] = []
    for report_id in scope.speaking:
        statements.extend(_of_report(query, scope.snapshot.report(report_id), scope))
    if not statements:
        return _undefined(query, scope)
    across = len({e.report_id for s in statements for e in s.evidence}) > 1
    return Draft("comparison" if across else "passage", statements, 0.92)


def _undefined(query: Query, scope: Scope) -> Refusal | None:
    """The refusal for a rating word whose meaning is asked and which no report defines."""
    words = list(dict.fromkeys(word for word, _, _ in query.rating_words))
    if not words or not MEANING.search(query.text):
        return None
    said = any(
        scope.snapshot.mentions(w, report_ids=frozenset(scope.speaking), limit=1) for w in words
    )
    return refusals.low_support(query.asked) if said else refusals.not_in_corpus(words[0], scope)


def _asks(query: Query) -> bool:
    about_rating = bool(query.rating_words) or "评级" in query.text
    against = re.search(
        "(?:参照|参考|对标|比较|相对)(?:的)?(?:是|什么|哪).{0,6}(?:指数|基准)|基准指数", query.text
    )
    return bool(against) or (about_rating and bool(_ASKS.search(query.text)))


def _of_report(query: Query, report: Report, scope: Scope) -> list[Statement]:
    lines = definition_lines(report)
    if not lines:
        return []
    words = {word for word, _, _ in query.rating_words}
    chosen = [line for line in lines if line.is_definition and _head(line) in words]
    if words and not chosen:
        chosen = [ln for ln in lines if ln.is_definition and any(w in fold(ln.text) for w in words)]
    chosen = _of_kind(query, chosen)
    if not words:
        chosen = _of_kind(query, [ln for ln in lines if ln.is_definition])
    if words and not chosen:
        return []
    label = scope.label(report.report_id)
    if not words and _EXPLAINED.search(query.text):
        return _explained(query, lines, scope, label)
    statements = [
        Statement(f"{label}{_kind_name(line)}：{_shown(line)}", (_evidence(line),), (_shown(line),))
        for line in (chosen if words or not _BENCHMARK.search(query.text) else [])
    ]
    explained = [ln for ln in lines if not ln.is_definition and _explains(query, ln, chosen)]
    statements.extend(
        Statement(f"{label}：{_shown(line)}", (_evidence(line),)) for line in explained[:2]
    )
    return statements


def _explained(query: Query, lines: list[Line], scope: Scope, label: str) -> list[Statement]:
    """The sentences on benchmark, horizon or kind of scale that the question asks about."""
    wanted = _BENCHMARK if _INDEX_ASKED.search(query.text) else None
    wanted = _HORIZON if wanted is None and _TIME_ASKED.search(query.text) else wanted
    weighing = weigh_question(query, scope.snapshot)
    prose = [ln for ln in lines if not ln.is_definition]
    fitting = [ln for ln in prose if wanted is None or wanted.search(ln.text)] or prose
    ranked = sorted(fitting, key=lambda ln: -weighing.coverage(((fold(ln.text), 1.0),)))
    return [
        Statement(f"{label}：{_shown(ln)}", (_evidence(ln),), (_shown(ln),)) for ln in ranked[:1]
    ]


def scale_of(report_id: str, scope: Scope) -> dict[str, int]:
    """The rating words of a report, folded, with their places: higher is better.

    The house's own scale where it prints one for companies; else the common one.
    """
    vocabulary = scope.snapshot.vocabulary
    common = {fold(r.word): r.rank for r in vocabulary.rating_words if r.rank}
    lines = definition_lines(scope.snapshot.report(report_id))
    heads = [_head(ln) for ln in lines if ln.is_definition and not _is_industry(ln)]
    own = [head for head in dict.fromkeys(heads) if head in common]
    if len(own) < 3:
        return common
    falling = common[own[0]] >= common[own[-1]]
    return {word: place for place, word in enumerate(reversed(own) if falling else own)}


def meaning_of(fact: Fact, scope: Scope) -> Statement | None:
    """What the house that gave a rating means by it, with horizon and benchmark, quoted."""
    lines = definition_lines(scope.snapshot.report(fact.report_id))
    word = fold(fact.value)
    own = [ln for ln in lines if ln.is_definition and _head(ln) == word]
    chosen = [ln for ln in own if not _is_industry(ln)] or own
    if not chosen:
        return None
    horizon = [] if _HORIZON.search(chosen[0].text) else [
        ln for ln in lines if not ln.is_definition and _HORIZON.search(ln.text)
    ]  # fmt: skip
    told = [chosen[0], *horizon[:1]]
    text = f"{scope.label(fact.report_id)}的“{fact.value}”：{'；'.join(map(_shown, told))}"
    return Statement(text, tuple(_evidence(ln) for ln in told))


def definition_lines(report: Report) -> list[Line]:
    """Every line of the report's rating definitions, in order."""
    lines: list[Line] = []
    for block in report.blocks:
        if block.role is not Role.RATING_DEFINITION or block.kind is BlockKind.HEADING:
            continue
        lines.extend(_lines(block, report))
    return lines


def _lines(block: Block, report: Report) -> list[Line]:
    section = " ".join(report.sections[block.section].path)
    if block.table is not None:
        table = report.tables[block.table]
        title = f"{table.title or ''} {' '.join(h for c in table.columns for h in c.header)}"
        return [
            Line(
                report.report_id,
                row.span,
                "\t".join(cell.text for cell in row.cells if cell.text),
                f"{section} {title}",
                True,
            )
            for row in table.rows
        ]
    lines = []
    for match in re.finditer(r"[^\n]+", block.span.of(report.text)):
        start = block.span.start + match.start()
        words = match.group()
        stripped = words.strip()
        start += len(words) - len(words.lstrip())
        span = Span(start, start + len(stripped))
        is_definition = (
            bool(re.search(r"[%％]|跑赢|强于|弱于|优于", stripped)) and len(stripped) < 80
        )
        lines.append(Line(report.report_id, span, stripped, section, is_definition))
    return lines


def _head(line: Line) -> str:
    """The rating word that a line defines: a cell of its own, else its first word, list marks and
    numbers left out."""
    cells = [cell.strip() for cell in line.text.split("\t")]
    own = next((cell for cell in cells if cell in RATING_WORDS), "") if len(cells) > 1 else ""
    if own:
        return fold(own)
    words = re.sub(r"^[\s\-•■·*●|\d.、）)]+", "", fold(line.text))
    return re.split(r"[\s:：|,，（(]", words, maxsplit=1)[0]


def _of_kind(query: Query, lines: list[Line]) -> list[Line]:
    """Company ratings or industry ratings, where the question says which; companies' first."""
    industry = [ln for ln in lines if _is_industry(ln)]
    company = [ln for ln in lines if not _is_industry(ln)]
    if _INDUSTRY.search(query.text) and industry:
        return industry
    if re.search("公司|个股|股票", query.text) and company:
        return company
    return [*company, *industry]


def _is_industry(line: Line) -> bool:
    head = _head(line)
    # 跑赢行业 rates a company: the word itself says nothing of what is rated.
    words = line.text.replace(head, "", 1) if "行业" in head else line.text
    last = re.split(r"\s", line.section.strip())[-1] if line.section.strip() else ""
    of_company = re.search("个股|股票|公司", f"{line.section} {words}")
    return "行业" in words or "行业" in last or ("行业" in line.section and of_company is None)


def _kind_name(line: Line) -> str:
    return "（行业评级）" if _is_industry(line) else "（公司评级）"


def _explains(query: Query, line: Line, chosen: list[Line]) -> bool:
    """A sentence on horizon or benchmark that the definitions themselves leave out."""
    if _BENCHMARK.search(query.text) and "基准" in line.text:
        return True
    has_horizon = any(_HORIZON.search(ln.text) for ln in chosen)
    return not has_horizon and bool(_HORIZON.search(line.text))


def _shown(line: Line) -> str:
    cells = [c.strip() for c in re.split(r"[\t|]", line.text) if c.strip()]
    if len(cells) > 1:
        cells = [c for c in cells if not c.isdigit()]
        return "：".join(cells)
    return re.sub(r"^(?:\s|[•■·●]|-(?=\s))+|[；;。]$", "", line.text.replace("**", ""))


def _evidence(line: Line) -> Evidence:
    return Evidence(line.report_id, line.span.start, line.span.end)

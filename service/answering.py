"""The whole journey on one screen: question → Query → reader → cited answer or refusal.

Last inner stage of the picture; HTTP, command line, Slack and eval all come through here.
"""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from indexer.records import Filters, Hit
from indexer.search import search
from indexer.snapshot import Snapshot
from service import refusals
from service.citing import MAX_OF_COMPUTED, CitedText, Citer, capped, passage_out
from service.followups import complete
from service.names import NameBook, Named
from service.query import Query, parse_query
from service.reading import people
from service.reading.announced import read_announced
from service.reading.catalogue import read_catalogue
from service.reading.changes import read_changes
from service.reading.codes import read_codes
from service.reading.consensus import read_consensus
from service.reading.courtesy import no_question
from service.reading.coverage import read_coverage
from service.reading.draft import Draft, Evidence, Outcome, Refusal, Statement
from service.reading.expectation import Expected, expectation_of
from service.reading.figures import read_figures
from service.reading.fullnames import read_fullnames
from service.reading.given import read_given
from service.reading.growth import read_growth
from service.reading.history import read_history
from service.reading.holders import read_holders
from service.reading.houses import read_houses
from service.reading.metadata import read_metadata
from service.reading.moved import read_moved
from service.reading.movers import read_movers
from service.reading.notices import read_notices
from service.reading.overview import read_overview
from service.reading.pairs import read_pairs
from service.reading.parts import joined, parts_of
from service.reading.peers import read_peers
from service.reading.pictures import only_captions, with_pictures
from service.reading.products import read_products
from service.reading.profiles import read_profiles
from service.reading.prose import find_passages, nearest_passages, read_prose
from service.reading.publishing import read_publishing
from service.reading.ratings import read_ratings
from service.reading.returns import read_returns
from service.reading.routing import out_of_domain, unknown_subject, unlisted_subjects
from service.reading.scope import Scope, make_scope
from service.reading.sources import read_sources
from service.reading.stance import read_stance
from service.reading.standing import read_standing
from service.reading.tables import read_tables
from service.reading.upside import read_upside
from service.reading.wording import value_with_unit
from service.schemas import (
    AskRequest,
    AskResponse,
    Models,
    OtherFigure,
    SearchResponse,
    SnapshotInfo,
    Timings,
    Turn,
)

if TYPE_CHECKING:
    from service.reading.llm_checks import Checker

READER = "extractive-1"
# A shorter part of a header before its slash says too little to be asked for.
_SHORT_HEAD = 3
# Each knows one kind of question and passes on the rest; the order settles who is asked first.
_READERS = (
    read_catalogue,
    read_codes,
    read_fullnames,
    read_publishing,
    read_sources,
    read_houses,
    read_profiles,
    read_ratings,
    read_stance,
    read_notices,
    read_history,
    read_overview,
    read_metadata,
    read_consensus,
    read_upside,
    read_products,
    read_standing,
    read_peers,
    read_returns,
    read_movers,
    read_moved,
    read_holders,
    read_figures,
    read_announced,
    read_changes,
    read_growth,
    read_tables,
    read_coverage,
    read_pairs,
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A question on its way: understood, and read by rule.

    Args:
        by_prose: the outcome comes from sentences, not from figures or page one.
    """

    request: AskRequest
    began: float
    retrieved: float
    standalone: str
    query: Query
    scope: Scope
    outcome: Outcome
    hits: list[Hit]
    by_prose: bool


class Answerer:
    """Answers questions from one snapshot; safe to use from several threads.

    Args:
        public_url: prefix of the links in citations.
    """

    def __init__(self, snapshot: Snapshot, public_url: str = "http://127.0.0.1:8000") -> None:
        self.snapshot = snapshot
        self._public_url = public_url
        self._lock = threading.Lock()
        self._names: NameBook | None = None
        self._extra: dict[str, str] = {}
        self._held: frozenset[str] = frozenset()
        self._checker: Checker | None = None

    def ask(self, request: AskRequest) -> AskResponse:
        """The answer to a question; a refusal is an answer too.

        Raises:
            YanbaoError: the snapshot could not be read.
        """
        return self.finish(self.take(request))

    def take(self, request: AskRequest) -> Taken:
        """A question understood and read by rule, before its words are set."""
        began = perf_counter()
        standalone = complete(request.question, request.history, self._parse, self._person)
        query = self._parse(standalone)
        filters = request.filters.to_filters()
        scope = make_scope(self.snapshot, filters, query.known_brokers, request.as_of)
        parts = parts_of(standalone)
        if len(parts) > 1:
            outcome, hits = self._in_parts(parts, request)
        else:
            outcome, hits = self._answer(query, scope)
            _add_gaps(outcome, query, scope)
        by_prose = bool(hits)
        retrieved = perf_counter()
        if not hits:
            hits = find_passages(query, scope, None, request.top_k)
        outcome = _pictured(outcome, query, scope, hits)
        if isinstance(outcome, Refusal) and not hits:
            hits = nearest_passages(query, scope, request.top_k)
        return Taken(request, began, retrieved, standalone, query, scope, outcome, hits, by_prose)

    def finish(self, taken: Taken, outcome: Outcome | None = None) -> AskResponse:
        """The response; `outcome` of another reader, else what was read by rule."""
        request, scope, hits = taken.request, taken.scope, taken.hits
        text, draft, refusal = self._finish(outcome or taken.outcome, scope)
        done = perf_counter()
        return AskResponse(
            id=f"ans_{secrets.token_hex(10)}",
            question=request.question,
            standalone_question=taken.standalone,
            answer=text.answer,
            refused=refusal is not None,
            reason=refusal.reason if refusal else None,
            kind=draft.kind if draft else "refusal",
            confidence=draft.confidence if draft else (refusal.confidence if refusal else 0.0),
            missing=list(refusal.missing) if refusal else (draft.missing if draft else []),
            support=text.support,
            highlights=text.highlights,
            computation=draft.computation if draft else None,
            others=self._others(draft, text, scope) if draft else [],
            citations=text.citations,
            figures=text.figures,
            tables=text.tables,
            passages=[passage_out(h.chunk, h.score) for h in hits[: request.top_k]],
            snapshot=self._info(),
            models=Models(embedder=self.snapshot.embedder_name, reranker=None, reader=READER),
            timings_ms=Timings(
                retrieve=_ms(taken.began, taken.retrieved),
                read=_ms(taken.retrieved, done),
                total=_ms(taken.began, done),
            ),
        )

    def checker(self) -> Checker:
        """Proves sentences against this snapshot."""
        if self._checker is None:
            from service.reading.llm_checks import Checker

            words = self.snapshot.segmenter.words
            self._checker = Checker(self._name_book(), self.snapshot.vocabulary, words)
        return self._checker

    def citer(self) -> Citer:
        """Numbers evidence as the response will."""
        return Citer(self.snapshot, self._public_url)

    def search(self, q: str, k: int = 10, filters: Filters | None = None) -> SearchResponse:
        """The passages nearest to a query, best first, ties by passage id."""
        hits = search(self.snapshot, q, k, filters or Filters())
        return SearchResponse(hits=[passage_out(h.chunk, h.score) for h in hits])

    def parse(self, question: str) -> Query:
        """The question as slots, understood with the names and metrics of this snapshot."""
        return self._parse(question)

    def _answer(self, query: Query, scope: Scope) -> tuple[Outcome, list[Hit]]:
        """The first reader that knows this kind of question; prose knows all that is left."""
        given = read_given(query)
        if given is not None:
            return given, []
        if query.unknown_brokers and not query.known_brokers:
            missing = refusals.no_broker(query.unknown_brokers, scope)
            return refusals.refuse(missing, scope, query), []
        if not scope.speaking:
            return self._nothing_left(query, scope), []
        strange = no_question(query, scope) or out_of_domain(query, scope)
        strange = strange or unknown_subject(query, scope)
        if strange is not None:
            return strange, []
        query.companies.extend(unlisted_subjects(query, scope))
        for reader in _READERS:
            outcome = reader(query, scope)
            if isinstance(outcome, Draft):
                return outcome, []
            if isinstance(outcome, Refusal):
                return self._second_reading(query, scope, outcome)
        return read_prose(query, scope)

    def _in_parts(self, parts: list[str], request: AskRequest) -> tuple[Outcome, list[Hit]]:
        """Each part of a question answered as if asked after the parts before it."""
        outcomes: list[Outcome] = []
        found: list[Hit] = []
        before: list[Turn] = []
        for part in parts:
            query = self._parse(complete(part, before, self._parse, self._person))
            filters = request.filters.to_filters()
            scope = make_scope(self.snapshot, filters, query.known_brokers, request.as_of)
            outcome, hits = self._answer(query, scope)
            _add_gaps(outcome, query, scope)
            outcomes.append(outcome)
            found.extend(h for h in hits if h not in found)
            before.append(Turn(role="user", content=part))
        return joined(parts, outcomes), found

    def _nothing_left(self, query: Query, scope: Scope) -> Refusal:
        """The house that is asked for has no report inside the filters, or nothing has."""
        if query.known_brokers and scope.within:
            return refusals.refuse(refusals.no_broker(query.known_brokers, scope), scope, query)
        return refusals.not_in_corpus(query.asked, scope, "没有符合筛选条件的报告")

    def _second_reading(
        self, query: Query, scope: Scope, refusal: Refusal
    ) -> tuple[Outcome, list[Hit]]:
        """A figure that no table holds may stand in a sentence."""
        if refusal.reason in ("no_such_broker", "no_such_company"):
            return refusal, []
        paired = read_pairs(query, scope)
        if paired is not None:
            return paired, []
        # The reason of a rise is no figure, though it names one.
        strict = expectation_of(query.text).kind is not Expected.WHY
        outcome, hits = read_prose(self._spelled(query), scope, strict=strict)
        return (outcome if isinstance(outcome, Draft) else refusal), hits

    def _spelled(self, query: Query) -> Query:
        """The question with PE written out as 市盈率, as sentences have it."""
        text = query.text
        for metric in sorted(query.metrics, key=lambda m: -m.start):
            name = self.snapshot.vocabulary.name_of(metric.id)
            if text[metric.start : metric.end].isascii() and not name.isascii():
                text = f"{text[: metric.start]}{name}{text[metric.end :]}"
        return query if text == query.text else self._parse(text)

    def _finish(
        self, outcome: Outcome, scope: Scope
    ) -> tuple[CitedText, Draft | None, Refusal | None]:
        if isinstance(outcome, Refusal):
            return CitedText(outcome.text, [], [], []), None, outcome
        citer = self.citer()
        computed = outcome.kind == "computed" or outcome.computation is not None
        statements = outcome.statements
        text = citer.compose(capped(statements, MAX_OF_COMPUTED) if computed else statements)
        if scope.cite_others:
            for other in outcome.others:
                if not computed or len(citer.citations) < MAX_OF_COMPUTED:
                    citer.marker(Evidence.of_fact(other.fact))
        return replace(text, answer=text.answer + citer.notice()), outcome, None

    def _others(self, draft: Draft, text: CitedText, scope: Scope) -> list[OtherFigure]:
        markers = {
            (c.report_id, c.cell.start): c.marker for c in text.citations if c.cell is not None
        }
        return [
            OtherFigure(
                broker=scope.broker(o.fact.report_id),
                published=scope.published(o.fact.report_id),
                value=value_with_unit(o.fact, self.snapshot.vocabulary)
                if o.fact.missing
                else o.fact.value,
                unit=o.fact.unit,
                marker=markers.get((o.fact.report_id, o.fact.start)),
            )
            for o in draft.others
        ]

    def _parse(self, question: str) -> Query:
        names = self._name_book()
        words = self.snapshot.segmenter.words
        vocabulary = self.snapshot.vocabulary
        return parse_query(question, names, vocabulary, self._extra, self._held, words, self._today)

    def _person(self, query: Query) -> str:
        """The one analyst that an earlier question was about; empty if it was about none."""
        if not people.asks_for_person(query.text):
            return ""
        scope = make_scope(self.snapshot, Filters(), query.known_brokers, None)
        return people.only_person(query.text, scope)

    def _name_book(self) -> NameBook:
        if self._names is None:
            with self._lock:
                if self._names is None:
                    self._extra = _unknown_headers(self.snapshot)
                    self._held = frozenset(u.metric for u in self.snapshot.facts.metrics())
                    self._names = NameBook(self.snapshot)
        return self._names

    @cached_property
    def _today(self) -> date:
        """今年 is the year of the newest report: answers must not change with the calendar."""
        days = [r.meta.published.value for r in self.snapshot.records() if r.meta.published]
        return max(days, default=date(1970, 1, 1))

    def _info(self) -> SnapshotInfo:
        return SnapshotInfo(
            id=self.snapshot.id,
            reports=len(self.snapshot.report_ids()),
            passages=self.snapshot.chunk_count(),
        )


def _add_gaps(draft: Outcome, query: Query, scope: Scope) -> None:
    """Names in an answer the houses that have no report, and which of two companies was taken."""
    if isinstance(draft, Refusal):
        return
    draft.missing.extend(refusals.no_broker(query.unknown_brokers, scope))
    before, after = frame_of(query, scope)
    draft.statements.extend([*after, *older_versions(draft, scope)])
    draft.statements[:0] = before


def frame_of(query: Query, scope: Scope) -> tuple[list[Statement], list[Statement]]:
    """What is said before an answer (which of two companies was taken) and after it (which
    houses have no report)."""
    missing = refusals.no_broker(query.unknown_brokers, scope)
    readings = [_reading_of(n, query) for n in query.companies if n.rivals]
    before = [Statement(words, ()) for words in readings]
    return before, refusals.missing_statements(missing, scope)


def _pictured(outcome: Outcome, query: Query, scope: Scope, hits: list[Hit]) -> Outcome:
    """A refusal that names the charts which may hold what is missing; a chart's name alone is no
    answer."""
    if isinstance(outcome, Draft) and only_captions(outcome, query, scope):
        outcome = refusals.low_support(query.asked)
    return with_pictures(outcome, query, scope, hits) if isinstance(outcome, Refusal) else outcome


def older_versions(draft: Draft, scope: Scope) -> list[Statement]:
    """Says of each report that is cited which older versions of it were passed over."""
    cited = dict.fromkeys(e.report_id for s in draft.statements for e in s.evidence)
    told = []
    for report_id in cited:
        family = scope.snapshot.kinship.family(report_id)
        differing = family.differing if family else frozenset()
        older = [i for i in scope.left_out.get(report_id, ()) if i in differing]
        if older:
            names = "、".join(scope.version(i) for i in older)
            words = f"同一报告有多个版本，此处采用{scope.version(report_id)}，未采用{names}"
            told.append(Statement(words, ()))
    return told


def _reading_of(named: Named, query: Query) -> str:
    words, rivals = query.own_words(named.start, named.end), "、".join(named.rivals)
    return f"“{words}”按{named.text}理解（也可能指{rivals}）"


def _unknown_headers(snapshot: Snapshot) -> dict[str, str]:
    """Columns that the vocabulary does not know can still be asked for by their own words."""
    known = snapshot.vocabulary
    uses = snapshot.facts.metrics()
    own = [u.metric for u in uses if known.get(u.metric) is None and _is_asked_for(u.metric)]
    # 折价/溢价 is asked for by its first word too.
    heads = {m.split("/")[0]: m for m in own if "/" in m and len(m.split("/")[0]) > _SHORT_HEAD}
    return heads | {metric: metric for metric in own}


_NO_METRIC = re.compile(
    "行业|板块|因子|余额|金额|数量|比例|公司|名称|简称|代码|日期|时间|类型|类别|说明|备注|项目|指标|单位|内容|摘要|"
    "业务|主要业务|主营业务|产品|主要产品|地区|客户|股东|姓名|职务|合计|因素|原因|风险|评级|报告|公告|[\\d\\W_]+"
)


def _is_asked_for(header: str) -> bool:
    """False for headers that say of what kind a column is: 行业, 余额, 主要业务."""
    return len(header) > 1 and _NO_METRIC.fullmatch(header) is None


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 3)

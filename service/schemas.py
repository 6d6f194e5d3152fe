"""The border: request and response shapes of the contract, validated by pydantic.

Everything that leaves the house (HTTP, command line `--json`, Slack, eval) is one of these.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt

from indexer.records import Filters

Kind = Literal["fact", "computed", "comparison", "passage", "metadata", "refusal"]
Reason = Literal[
    "no_such_broker",
    "no_such_company",
    "no_such_metric",
    "no_such_period",
    "not_in_corpus",
    "low_support",
]
ReaderChoice = Literal["auto", "extractive", "llm"]


def _whole_text(value: Any) -> Any:
    """Refuses lone surrogates, which no UTF-8 answer could carry."""
    if isinstance(value, str) and any("\ud800" <= ch <= "\udfff" for ch in value):
        raise ValueError("a lone surrogate is not text; send well-formed Unicode")
    return value


def _only_iso_date(value: Any) -> Any:
    """Takes `YYYY-MM-DD` only; pydantic alone would read numbers as seconds."""
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return value
    raise ValueError("a date is written YYYY-MM-DD")


Text = Annotated[str, BeforeValidator(_whole_text)]
Day = Annotated[date, BeforeValidator(_only_iso_date)]


class Request(BaseModel):
    """A body that refuses unknown fields and wrong types."""

    model_config = ConfigDict(extra="forbid", strict=False)


class Turn(Request):
    """An earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    content: Text = Field(max_length=8000)


class FilterRequest(Request):
    """Which reports may answer; empty means all."""

    report_ids: list[Text] = Field(default=[], max_length=1000)
    brokers: list[Text] = Field(default=[], max_length=1000)
    stock_codes: list[Text] = Field(default=[], max_length=1000)
    published_from: Day | None = None
    published_to: Day | None = None

    def to_filters(self) -> Filters:
        """The same as the index understands it."""
        return Filters(
            report_ids=tuple(self.report_ids),
            brokers=tuple(self.brokers),
            stock_codes=tuple(self.stock_codes),
            published_from=self.published_from,
            published_to=self.published_to,
        )


class AskRequest(Request):
    """`POST /v1/ask`."""

    question: Text = Field(min_length=1, max_length=2000)
    history: list[Turn] = Field(default=[], max_length=20)
    conversation_id: Text | None = Field(default=None, max_length=200)
    filters: FilterRequest = FilterRequest()
    as_of: Day | None = None
    top_k: StrictInt = Field(default=8, ge=1, le=50)
    reader: ReaderChoice = "auto"
    stream: StrictBool = False


class CellRef(BaseModel):
    """The cited cell: `text[start:end] == value`."""

    table: str | None
    row: str
    column: str
    value: str
    unit: str | None
    start: int
    end: int


class Rect(BaseModel):
    """PDF points, origin top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Citation(BaseModel):
    """Where a statement stands: `text[start:end] == quote`, always."""

    marker: int
    report_id: str
    title: str | None
    broker: str | None
    published: date | None
    page: int | None
    section: list[str]
    quote: str
    start: int
    end: int
    url: str
    rects: list[Rect] = []
    sheet: str | None = None
    ref: str | None = None
    ocr_confidence: float | None = None
    cell: CellRef | None = None


class PassageOut(BaseModel):
    """One search hit: `text == report.text[start:end]`."""

    passage_id: str
    report_id: str
    score: float
    text: str
    start: int
    end: int
    section: list[str]
    page: int | None


class Missing(BaseModel):
    """A slot of the question that no report fills, and what there is instead.

    `of`: whose metric, or which figure's period is missing; null where the slot says it all.
    """

    slot: str
    asked: str
    reason: Reason
    instead: list[str]
    of: str | None = None


class Support(BaseModel):
    """Which citations bear a sentence of the answer.

    `note`: what became of a sentence of a language model that its sources do not bear.
    """

    sentence: str
    markers: list[int]
    supported: bool
    note: str | None = None


class TableCell(BaseModel):
    """A cell of a table in an answer, with the markers of what bears it."""

    text: str
    markers: list[int]


class AnswerTable(BaseModel):
    """A table within the answer; its title and the same as Markdown are `answer[start:end]`.

    `rows` are as wide as `header`; the first cell names the row.
    """

    title: str
    header: list[str]
    rows: list[list[TableCell]]
    start: int
    end: int


class Highlight(BaseModel):
    """The key words of the answer, `[start, end)` in `answer`."""

    start: int
    end: int


class ComputationInput(BaseModel):
    """One cell that went into a computation."""

    report_id: str
    start: int
    end: int
    value: str


class Computation(BaseModel):
    """The working behind a computed answer."""

    expression: str
    inputs: list[ComputationInput]
    result: str
    unit: str | None
    rounding: str | None


class OtherFigure(BaseModel):
    """What another broker says of the same thing."""

    broker: str | None
    published: date | None
    value: str
    unit: str | None
    marker: int | None


class Figure(BaseModel):
    """A cited figure, typed: what a table or a chart of the answer is made of.

    Args:
        metric: id of the vocabulary; `name` is what people call it.
        period: without mark (`2024`); `kind` says whether it is an estimate.
    """

    marker: int
    fact_id: str
    subject: str
    code: str | None
    metric: str
    name: str
    period: str | None
    kind: Literal["actual", "estimate", "guidance"] | None
    value: str
    unit: str | None


class SnapshotInfo(BaseModel):
    """Which published state of the index answered."""

    id: str
    reports: int
    passages: int


class Models(BaseModel):
    """Names of the models that took part; None: none did."""

    embedder: str | None
    reranker: str | None
    reader: str | None


class Timings(BaseModel):
    """Milliseconds by stage."""

    retrieve: float
    read: float
    total: float


class AskResponse(BaseModel):
    """The answer, with everything that proves it."""

    id: str
    question: str
    standalone_question: str
    answer: str
    refused: bool
    reason: Reason | None
    kind: Kind
    confidence: float = Field(ge=0, le=1)
    missing: list[Missing]
    support: list[Support]
    highlights: list[Highlight]
    computation: Computation | None
    others: list[OtherFigure]
    citations: list[Citation]
    figures: list[Figure] = []
    tables: list[AnswerTable] = []
    passages: list[PassageOut]
    snapshot: SnapshotInfo
    models: Models
    timings_ms: Timings
    conversation_id: str | None = None
    notes: list[str] = []


class SearchResponse(BaseModel):
    """`GET /v1/search`."""

    hits: list[PassageOut]


class AnalystOut(BaseModel):
    """Name and licence number of an analyst."""

    name: str
    licence: str | None


class FileOut(BaseModel):
    """The source file."""

    name: str
    type: str
    bytes: int
    sha256: str


class ReportOut(BaseModel):
    """`GET /v1/reports/{id}`; unknown fields are null.

    Args:
        price: current or closing price of the share as page one prints it; `target_price` likewise.
    """

    report_id: str
    title: str | None
    broker: str | None
    published: date | None
    analysts: list[AnalystOut]
    stock_codes: list[str]
    industry: str | None
    rating: str | None
    target_price: str | None
    price: str | None = None
    file: FileOut
    pages: int | None
    chars: int
    status: Literal["indexed", "quarantined"]
    warnings: list[str]


class ReportPage(BaseModel):
    """`GET /v1/reports`."""

    reports: list[ReportOut]
    next: str | None


class JobFileOut(BaseModel):
    """A file of a job, or a part of one that was refused; `reason` says why it was."""

    name: str
    report_id: str | None
    status: Literal["queued", "indexed", "quarantined", "failed", "removed"]
    reason: str | None


class ProgressOut(BaseModel):
    """Files that are done, of all."""

    done: int
    total: int


class JobOut(BaseModel):
    """`POST /v1/reports` and `GET /v1/jobs/{id}`."""

    job_id: str
    status: Literal["queued", "running", "done", "failed"]
    files: list[JobFileOut]
    progress: ProgressOut

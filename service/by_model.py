"""Answers by a language model: which questions it reads, and what is said when it fails.

Stands behind the desk; imported when a model is configured, since most services have none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from service.answering import READER, Answerer, Taken, frame_of, older_versions
from service.language_models import Fault, LanguageModel
from service.local_model import LocalModel
from service.openai_model import OpenAiModel
from service.reading.draft import Draft, Outcome, Refusal, Statement
from service.reading.llm import ModelReader, Reading
from service.reading.llm_sources import entries_for
from service.reading.stated import asks_for_figure
from service.schemas import AskResponse, Support
from service.settings import Settings
from service.streaming import Listener, Teller

NOTES: Final[dict[Fault, str]] = {
    "unreachable": "语言模型无法连接",
    "refused": "语言模型拒绝了请求",
    "slow": "语言模型未能及时作答",
    "stalled": "语言模型中途中断",
    "empty": "语言模型没有作答",
    "garbage": "语言模型的回答无法读取",
    "too_long": "资料超出语言模型的长度",
    "busy": "语言模型正忙",
    "unfit": "语言模型无法使用",
}
"""What is said, in the answer and in `notes`, when a model gives no answer."""
_UNPROVEN: Final = "语言模型的回答未获资料支持"
_CANNOT: Final = "语言模型认为资料不足以回答"
_INSTEAD: Final = "以上为报告原文摘录"


@dataclass(slots=True)
class _Read:
    """What the model made of a question: an outcome, and what is said about it."""

    outcome: Outcome
    by_model: bool
    notes: list[str] = field(default_factory=list)
    dropped: int = 0


def model_reader(settings: Settings) -> ModelReader | None:
    """The language model that the settings name; None if they name none. Loads nothing."""
    model: LanguageModel
    if settings.model is not None:
        model = LocalModel(settings.model)
    elif settings.openai_base_url is not None:
        key = settings.openai_api_key
        url = str(settings.openai_base_url)
        model = OpenAiModel(url, key.get_secret_value() if key else None, settings.openai_model)
    else:
        return None
    return ModelReader(model, settings.llm_first_s, settings.llm_total_s)


def answer_by_model(
    model: ModelReader,
    answerer: Answerer,
    taken: Taken,
    listener: Listener | None,
    quick: bool,
) -> AskResponse:
    """The response with the model's proven words; kept to what is read by rule if it fails."""
    # The frame of the response is made first: its id and snapshot stand in `meta`.
    response = answerer.finish(taken, _silent())
    response.conversation_id = taken.request.conversation_id
    response.models.reader = model.name
    teller = Teller(response, answerer.citer(), listener)
    read = _read(model, answerer, taken, teller, quick)
    final = answerer.finish(taken, read.outcome)
    final.id = response.id
    final.conversation_id = response.conversation_id
    final.models.reader = model.name if read.by_model else READER
    final.notes = read.notes
    final.support += [_DROPPED] * read.dropped
    teller.rest(final)
    return final


_DROPPED: Final = Support(
    sentence="（此处一句未获资料支持，已删除）",
    markers=[],
    supported=False,
    note="模型的一句话未获资料支持，已删除",
)


def is_for_model(taken: Taken) -> bool:
    """Prose only: figures, page one and plain refusals are settled by rule."""
    outcome = taken.outcome
    if not taken.by_prose or (taken.query.periods and asks_for_figure(taken.query)):
        return False
    if isinstance(outcome, Refusal):
        return outcome.reason == "low_support"
    return outcome.kind in ("passage", "comparison") and outcome.computation is None


def _silent() -> Draft:
    return Draft("passage", [], 0.0)


def _read(
    model: ModelReader, answerer: Answerer, taken: Taken, teller: Teller, quick: bool
) -> _Read:
    before, after = frame_of(taken.query, taken.scope)
    for statement in before:
        teller.say(statement)
    if quick:
        return _instead(taken, NOTES["busy"])
    entries = entries_for(taken.query, taken.scope, taken.hits)
    reading = model.read(
        taken.standalone, entries, taken.scope, answerer.checker(), teller.say, teller.gone
    )
    if not reading.statements:
        return _instead(taken, _why(reading), reading.dropped)
    notes = _notes(reading)
    closing = [Statement(note, ()) for note in notes[:1] if reading.failure is not None]
    houses = {e.report_id for s in reading.statements for e in s.evidence}
    by_rule = taken.outcome
    draft = Draft(
        kind="comparison" if len(houses) > 1 else "passage",
        statements=[*before, *reading.statements, *after, *closing],
        confidence=by_rule.confidence if isinstance(by_rule, Draft) else 0.5,
        missing=list(by_rule.missing) if isinstance(by_rule, Draft) else [],
    )
    draft.statements[len(draft.statements) - len(closing) :] = [
        *older_versions(draft, taken.scope),
        *closing,
    ]
    return _Read(draft, reading.proven > 0, notes, reading.dropped)


def _why(reading: Reading) -> str:
    if reading.failure is not None:
        return NOTES[reading.failure]
    return _UNPROVEN if reading.dropped else _CANNOT


def _notes(reading: Reading) -> list[str]:
    notes = [f"{NOTES[reading.failure]}，回答可能不完整"] if reading.failure else []
    if reading.replaced:
        notes.append(f"模型有{reading.replaced}句未获资料支持，已换成报告原文")
    if reading.dropped:
        notes.append(f"模型有{reading.dropped}句未获资料支持或重复，已删除")
    return notes


def _instead(taken: Taken, why: str, dropped: int = 0) -> _Read:
    """The answer by rule, with a note that says why."""
    outcome = taken.outcome
    if isinstance(outcome, Refusal):
        told = Refusal(
            outcome.reason, f"{outcome.text}{why}。", outcome.missing, outcome.confidence
        )
        return _Read(told, False, [why], dropped)
    note = f"{why}，{_INSTEAD}"
    outcome.statements.append(Statement(note, ()))
    return _Read(outcome, False, [note], dropped)

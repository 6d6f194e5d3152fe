"""Golden questions: the file format, its loader, and nothing that judges an answer.

`eval: golden questions → run → metrics → report` begins here. One JSON object a line, UTF-8.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from corpus.errors import GoldenError
from service.schemas import AskRequest, FilterRequest, Turn

SCHEMA_VERSION = 1

ItemType = Literal[
    "fact",
    "computed",
    "comparison",
    "metadata",
    "prose",
    "list",
    "definition",
    "yes_no",
    "multi_turn",
    "false_premise",
    "unanswerable",
]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Evidence(_Line):
    """Where the answer stands: a quote, or `[start, end)` with the sha256 of the words there.

    Groups are alternatives: citing all of any one group will do. What stands in no group has to
    be cited in any case.
    """

    report: str = Field(min_length=1)
    quote: str | None = Field(default=None, min_length=1)
    group: str | int | None = None
    start: int | None = Field(default=None, ge=0)
    end: int | None = Field(default=None, ge=1)
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")

    @model_validator(mode="after")
    def _has_a_place(self) -> Evidence:
        offsets = (self.start, self.end, self.sha256)
        if any(part is not None for part in offsets) and None in offsets:
            raise ValueError("start, end and sha256 come together")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError(f"[{self.start}, {self.end}) is empty")
        if self.quote is None and self.sha256 is None:
            raise ValueError("evidence needs a quote, or start, end and sha256")
        return self


class Numeric(_Line):
    """The gold figure as a number. `abs_tol` None: right to the coarser stated precision."""

    value: str | int | float
    unit: str | None = None
    period: str | None = None
    abs_tol: str | int | float | None = None

    @model_validator(mode="after")
    def _is_a_number(self) -> Numeric:
        for name, given in (("value", self.value), ("abs_tol", self.abs_tol)):
            try:
                number = Decimal(str(given if given is not None else 0))
            except InvalidOperation as error:
                raise ValueError(f"{name} {given!r} is no number") from error
            if not number.is_finite() or (name == "abs_tol" and number < 0):
                raise ValueError(f"{name} {given!r} is out of range")
        return self


class GoldenItem(_Line):
    """One question with its known answer.

    Every group of `answers` needs one alternative in the answer, and nothing of `forbid` may
    stand there. An item of type `unanswerable` has neither answers nor evidence.
    """

    id: str = Field(min_length=1)
    question: str = Field(min_length=1, max_length=2000)
    type: ItemType
    answers: tuple[tuple[str, ...], ...] = ()
    forbid: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    history: tuple[Turn, ...] = ()
    filters: FilterRequest = FilterRequest()
    split: Literal["dev", "test"]
    v: Literal[1] = 1
    subtype: str | None = None
    tags: tuple[str, ...] = ()
    numeric: Numeric | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _answerable_or_not(self) -> GoldenItem:
        if any(not group or not all(a.strip() for a in group) for group in self.answers):
            raise ValueError("answers: every group needs at least one non-empty alternative")
        if any(not word.strip() for word in self.forbid):
            raise ValueError("forbid: an empty word stands in every answer")
        if self.answerable and not self.answers:
            raise ValueError(f"type {self.type} needs answers")
        if not self.answerable and (self.answers or self.evidence):
            raise ValueError("an unanswerable question has neither answers nor evidence")
        return self

    @property
    def answerable(self) -> bool:
        """False for the questions that have to be refused."""
        return self.type != "unanswerable"

    @property
    def reasons(self) -> tuple[str, ...]:
        """The refusal reasons that the note allows (`reason=low_support/not_in_corpus`)."""
        for word in re.split(r"[\s;；,，]+", self.note or ""):
            if word.startswith("reason="):
                return tuple(word.removeprefix("reason=").split("/"))
        return ()

    def evidence_sets(self) -> tuple[tuple[Evidence, ...], ...]:
        """The sets of evidence of which one has to be cited whole; none if there is no evidence."""
        always = tuple(piece for piece in self.evidence if piece.group is None)
        names = dict.fromkeys(piece.group for piece in self.evidence if piece.group is not None)
        if not names:
            return (always,) if always else ()
        return tuple(
            always + tuple(piece for piece in self.evidence if piece.group == name)
            for name in names
        )

    def request(self) -> AskRequest:
        """What is sent to the service."""
        return AskRequest(question=self.question, history=list(self.history), filters=self.filters)

    def to_json(self) -> str:
        """The item as one line of a golden file, empty optional fields left out."""
        full = self.model_dump(mode="json", exclude_none=True)
        full["filters"] = self.filters.model_dump(mode="json", exclude_defaults=True)
        keep = {"id", "question", "type", "answers", "forbid", "evidence", "history", "filters"}
        kept = {k: v for k, v in full.items() if k in keep or k in ("split", "v") or v}
        return json.dumps(kept, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class GoldenSet:
    """The items of one or more golden files, in file order.

    Args:
        places: `file:line` of each item, same order.
        sha256: file name → hash of its bytes; two runs compare only if these agree.
    """

    items: tuple[GoldenItem, ...]
    places: tuple[str, ...]
    sha256: dict[str, str]


def load_golden(paths: Sequence[Path | str]) -> GoldenSet:
    """The golden set of the files, all of it or nothing.

    Raises:
        GoldenError: a file is missing, or a line is not JSON, has an unknown field or type, is of
            another schema version, or repeats an id or a question. The message names file and line.
    """
    items: list[GoldenItem] = []
    places: list[str] = []
    hashes: dict[str, str] = {}
    for path in map(Path, paths):
        data = _read(path)
        hashes[str(path)] = hashlib.sha256(data).hexdigest()
        for number, raw in enumerate(data.split(b"\n"), start=1):
            if raw.strip():
                items.append(_parse(raw, f"{path}:{number}"))
                places.append(f"{path}:{number}")
    if not items:
        raise GoldenError(f"{', '.join(map(str, paths)) or 'no file given'}: no golden questions")
    _refuse_repeats(items, places)
    return GoldenSet(tuple(items), tuple(places), hashes)


def write_golden(items: Iterable[GoldenItem], path: Path) -> None:
    """Writes a golden file that `load_golden` reads back to the same items."""
    path.write_text("".join(item.to_json() + "\n" for item in items), encoding="utf-8")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise GoldenError(
            f"{path}: cannot be read ({error.strerror}); name a .jsonl file"
        ) from error


def _parse(raw: bytes, place: str) -> GoldenItem:
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_no_repeats, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise GoldenError(f"{place}: not a JSON object in UTF-8 ({error})") from error
    if not isinstance(value, dict):
        raise GoldenError(f"{place}: expected a JSON object, met {type(value).__name__}")
    if value.get("v", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise GoldenError(
            f"{place}: golden schema v={value['v']!r}; this version reads v={SCHEMA_VERSION}. "
            "Bring the line to the current fields and set v"
        )
    try:
        # From JSON text, so that arrays may become tuples though the model is strict.
        return GoldenItem.model_validate_json(json.dumps(value))
    except ValidationError as error:
        raise GoldenError(f"{place}: {_first_fault(error)}") from error


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _first_fault(error: ValidationError) -> str:
    # Unknown fields first: a line of an older schema lacks ours because it has others.
    faults = error.errors(include_url=False)
    first = min(faults, key=lambda fault: fault["type"] != "extra_forbidden")
    where = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"unknown field {where!r}"
    met = "" if first["type"] in ("missing", "value_error") else f", met {first['input']!r:.80}"
    return f"{where + ': ' if where else ''}{first['msg']}{met}"


def _refuse_repeats(items: Sequence[GoldenItem], places: Sequence[str]) -> None:
    ids: dict[str, str] = {}
    asked: dict[str, str] = {}
    for item, place in zip(items, places, strict=True):
        # A question may come back after another history, under another filter, or in another
        # script or width; the very same words in the same situation may not.
        situation = item.model_dump_json(include={"question", "history", "filters"})
        for seen, key, what in ((ids, item.id, "id"), (asked, situation, "question")):
            if key in seen:
                shown = item.id if what == "id" else item.question
                raise GoldenError(f"{place}: {what} {shown!r} stands already at {seen[key]}")
            seen[key] = place

"""Blocks: an answer as Slack messages, with its sources and buttons.

Stands between `AskResponse` and Slack's Web API; nothing of a report is live in what it makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from service.answer_table import notice_of
from service.console import segments
from service.saved import ChangeOut
from service.schemas import AskResponse, Citation, PassageOut
from service.slack.mrkdwn import (
    MAX_SECTION,
    clipped,
    escaped,
    fixed,
    link,
    pieces,
    text_object,
)

MAX_BLOCKS: Final = 48
"""Blocks of one message; Slack takes 50."""

MAX_FALLBACK: Final = 2000
"""Characters of the text for notifications and screen readers."""

MAX_QUOTE: Final = 300
"""Characters of a quote under an answer; the rest is one click away."""

SHOWN_PASSAGES: Final = 5

UP, DOWN, PASSAGES, SHARE = "yanbao_up", "yanbao_down", "yanbao_passages", "yanbao_share"
ASK_SHORTCUT, ASK_VIEW, COMMENT_VIEW = "ask_about_this", "yanbao_ask", "yanbao_comment"
INPUT_BLOCK, INPUT = "words", "words"

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `text` is what notifications say of `blocks`."""

    text: str
    blocks: list[Block]


def answer_messages(
    response: AskResponse, notice: str, *, share: bool, buttons: bool = True
) -> list[Message]:
    """The answer, its sources and its buttons, in as many messages as Slack's limits need.

    Args:
        notice: the line under the answer, `notice` of the settings; refusals quote nobody.
        share: whether there is a channel to share it to.
        buttons: False for an answer that was shared already.
    """
    blocks = [_section(piece) for piece in _said(response)] or [_section("（空）")]
    blocks += [_context(_source(one)) for one in response.citations]
    if response.citations:
        blocks.append(_context(clipped(notice_of(response, notice), 500)))
    groups = [blocks[at : at + MAX_BLOCKS] for at in range(0, len(blocks), MAX_BLOCKS)]
    if buttons:
        groups[-1].append(_buttons(response, share))
    text = _fallback(response.answer)
    return [Message(text if n == 0 else "（续）", group) for n, group in enumerate(groups)]


def _said(response: AskResponse) -> Iterator[str]:
    """The answer in pieces of Slack's length; tables in a fixed-width font, cut at rows only."""
    for text, is_table in segments(response):
        if not is_table:
            yield from pieces(text.strip())
            continue
        title, head, *rows = text.split("\n")
        yield from pieces(title)
        yield from fixed(head, rows)


def passages_message(response: AskResponse, public_url: str) -> Message:
    """The passages that an answer was looked for in, best first."""
    blocks = [_section(f"*检索到的段落* · {clipped(response.question, 200)}")]
    for number, passage in enumerate(response.passages[:SHOWN_PASSAGES], start=1):
        blocks.append(_section(_passage(number, passage, public_url)))
    if not response.passages:
        blocks.append(_section("没有找到相关段落。"))
    return Message("检索到的段落", blocks)


def change_messages(change: ChangeOut, notice: str) -> list[Message]:
    """A changed answer of a saved question: what it was, what it is, with its sources."""
    told = change.difference
    came, went = "、".join(told.figures_added), "、".join(told.figures_removed)
    figures = "；".join(
        part for part in (came and f"新出现：{came}", went and f"不再出现：{went}") if part
    )
    head = [f"*答案有变化* · {clipped(change.question, 300)}"]
    head += [clipped(figures, 300)] if figures else []
    head.append(f"之前：{clipped(change.before, 400)}")
    first, *rest = answer_messages(change.answer, notice, share=False, buttons=False)
    blocks = [_section("\n".join(head)), *first.blocks]
    return [Message(clipped(f"答案有变化：{change.question}", MAX_FALLBACK), blocks), *rest]


def sentence(text: str) -> Message:
    """A message of one sentence of our own."""
    return Message(escaped(text), [_section(piece) for piece in pieces(text)])


def ask_view(question: str, private: str) -> dict[str, Any]:
    """The dialog of “ask about this”, with the message as the question to be edited."""
    return _view(ASK_VIEW, "就此提问", "提问", "问题", question[:2000], private, 2000)


def comment_view(private: str) -> dict[str, Any]:
    """The dialog that asks what was wrong with an answer."""
    return _view(COMMENT_VIEW, "哪里不对？", "提交", "说明", "", private, 2000)


def _view(
    name: str, title: str, submit: str, label: str, value: str, private: str, limit: int
) -> dict[str, Any]:
    def words(text: str) -> Block:
        return {"type": "plain_text", "text": text, "emoji": False}

    field: Block = {
        "type": "plain_text_input",
        "action_id": INPUT,
        "multiline": True,
        "max_length": limit,
    }
    if value:
        field["initial_value"] = value
    block = {"type": "input", "block_id": INPUT_BLOCK, "label": words(label), "element": field}
    return {
        "type": "modal",
        "callback_id": name,
        "title": words(title),
        "submit": words(submit),
        "close": words("取消"),
        "private_metadata": private,
        "blocks": [block],
    }


def _section(text: str) -> Block:
    return {"type": "section", "text": text_object(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [text_object(text[:MAX_SECTION])]}


def _source(one: Citation) -> str:
    date = one.published.isoformat() if one.published else None
    title = f"《{one.title}》" if one.title else one.report_id
    page = f"第 {one.page} 页" if one.page else None
    head = " · ".join(part for part in (one.broker, date, title, page) if part)
    told = f"[{one.marker}] {clipped(head, 150)}\n“{clipped(one.quote, MAX_QUOTE)}”"
    return f"{told} {link(one.url, '打开原文')}"


def _passage(number: int, passage: PassageOut, public_url: str) -> str:
    where = " › ".join(passage.section)
    page = f" · 第 {passage.page} 页" if passage.page else ""
    place = f"{public_url}/reports/{passage.report_id}?start={passage.start}&end={passage.end}"
    head = f"{number}. {clipped(passage.report_id, 100)}{page} {clipped(where, 200)}".rstrip()
    return f"{head}\n{clipped(passage.text, 400)} {link(place, '打开原文')}"


def _buttons(response: AskResponse, share: bool) -> Block:
    made = [(UP, "有用"), (DOWN, "不对"), (PASSAGES, "查看段落")]
    if share:
        made.append((SHARE, "分享到频道"))
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": name,
                "value": response.id,
                "text": {"type": "plain_text", "text": label, "emoji": False},
            }
            for name, label in made
        ],
    }


def _fallback(answer: str) -> str:
    return clipped(answer, MAX_FALLBACK)

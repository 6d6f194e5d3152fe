"""What the bot shows: nothing of a report or a person is live, and Slack's limits are kept."""

from __future__ import annotations

import html
import itertools
import re
from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from service.console import harmless
from service.schemas import AskResponse, Citation, Models, PassageOut, SnapshotInfo, Timings
from service.slack.blocks import answer_messages, ask_view, passages_message, sentence
from service.slack.mrkdwn import MAX_SECTION, clipped, escaped, link, pieces, plain

SITE = "http://yanbao.example"
NOTICE = "摘自{sources}，<!here>不构成投资建议"
TOKENS = [
    "<!channel>",
    "<!here|@here>",
    "<!everyone>",
    "<@U0001>",
    "<@U0001|老板>",
    "<#C0001|general>",
    "<!subteam^S1|@team>",
    "<http://evil.example|东吴证券>",
    "<mailto:a@evil.example|mail>",
    "<!date^1392734382^{date}^http://evil.example|x>",
    "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;",
    "@channel http://evil.example/?q=1",
    "```<!channel>```",
    "‮<!channel>‬",
    "<​!channel>",
    "<\n!channel>",
    "＜!channel＞",
    "|打开原文> <!channel",
    "> quoted <@U1",
]
FRAMES = ["{}", "营业收入{}增长", "{}{}", "*{}*", "“{}” [1]。"]
HOSTILE = [frame.replace("{}", token) for token, frame in itertools.product(TOKENS, FRAMES)]


def response(words: str = "收入增长 [1]。", citations: int = 1, **more: object) -> AskResponse:
    cited = Citation(
        marker=1,
        report_id=f"r {words[:20]}",
        title=words,
        broker=words,
        published=date(2024, 2, 21),
        page=3,
        section=[words],
        quote=words or " ",
        start=0,
        end=5,
        url=f"{SITE}/reports/a?start=0&end=5&v=abc",
    )
    passage = PassageOut(
        passage_id="r:0-5",
        report_id=f"r{words[:20]}",
        score=1.0,
        text=words,
        start=0,
        end=5,
        section=[words],
        page=None,
    )
    fields = {
        "id": "ans_1",
        "question": words,
        "standalone_question": words,
        "answer": words,
        "refused": False,
        "reason": None,
        "kind": "passage",
        "confidence": 0.5,
        "missing": [],
        "support": [],
        "highlights": [],
        "computation": None,
        "others": [],
        "citations": [cited.model_copy(update={"marker": n + 1}) for n in range(citations)],
        "passages": [passage] * 9,
        "snapshot": SnapshotInfo(id="s", reports=1, passages=1),
        "models": Models(embedder=None, reranker=None, reader=None),
        "timings_ms": Timings(retrieve=0, read=0, total=0),
    }
    return AskResponse.model_validate({**fields, **more})


def shown(messages) -> list[str]:
    texts = []
    for message in messages:
        texts.append(message.text)
        for block in message.blocks:
            objects = [block["text"]] if block["type"] == "section" else block["elements"]
            for one in objects if block["type"] != "actions" else []:
                assert one["type"] == "mrkdwn"
                assert one["verbatim"] is True
                texts.append(one["text"])
    return texts


def live(text: str) -> list[str]:
    """Tokens that Slack would act on, but for links to our own pages."""
    ours = re.compile(rf"<{re.escape(SITE)}/reports/[^<>|\s]+\|打开原文>")
    return re.findall(r"[<>]", ours.sub("", text))


def test_one_hundred_hostile_payloads_are_shown_and_none_is_live() -> None:
    assert len(HOSTILE) == 100
    for words in HOSTILE:
        said = response(words)
        messages = [
            *answer_messages(said, NOTICE, share=True),
            passages_message(said, SITE),
            sentence(words),
        ]
        assert [token for text in shown(messages) for token in live(text)] == []
        # Slack turns the entities back: what is read is what the report says.
        assert html.unescape(escaped(words)) == harmless(words)


@given(st.text(max_size=9000))
@example("&" * 9000)
@example("<" * 2899 + "。" + "a" * 4000)
@example("&" * 580 + "aaaa&")
def test_pieces_keep_to_the_limit_lose_nothing_and_cut_no_entity(text: str) -> None:
    made = pieces(text)
    assert all(0 < len(piece) <= MAX_SECTION for piece in made)
    assert "".join("".join(made).split()) == "".join(escaped(text).split())
    for piece in made:
        assert re.sub(r"&(?:amp|lt|gt);", "", piece).count("&") == 0


@given(st.text(max_size=400), st.integers(0, 120))
def test_messages_keep_slacks_limits(words: str, citations: int) -> None:
    messages = answer_messages(response(words * 30, citations), NOTICE, share=True)
    assert all(0 < len(message.blocks) <= 50 for message in messages)
    assert all(0 < len(text) <= 3000 for text in shown(messages) if text)
    assert sum(block["type"] == "actions" for m in messages for block in m.blocks) == 1


def test_an_answer_names_its_houses_and_a_refusal_quotes_nobody() -> None:
    told = shown(answer_messages(response("东吴证券"), NOTICE, share=True))
    assert any("摘自东吴证券" in text and "2024-02-21" in text for text in told)
    refused = response("没有", 0, refused=True, kind="refusal", reason="low_support")
    assert not any("摘自" in text for text in shown(answer_messages(refused, NOTICE, share=True)))


def test_what_was_typed_is_read_without_slacks_tokens() -> None:
    assert (
        plain("<@UBOT> 蓝色光标 &lt;2024&gt; 的 EPS &amp;amp;？")
        == "蓝色光标 <2024> 的 EPS &amp;？"
    )
    assert plain("看 <http://a.cn/x|a.cn/x> 和 <https://b.cn> 与 <#C1|研究>") == (
        "看 a.cn/x 和 https://b.cn 与 #研究"
    )
    assert plain("<@UBOT>") == plain("<!here>") == ""


def test_a_link_holds_only_its_own_address() -> None:
    made = link("http://yanbao.example/reports/东吴>|x?start=1", "打开|<原文>")
    assert made.count("<") == made.count(">") == made.count("|") == 1


def test_one_line_is_clipped_with_an_ellipsis() -> None:
    assert clipped("一\n二  三", 10) == "一 二 三"
    assert clipped("一二三四五", 3) == "一二…"


def test_a_dialog_takes_no_more_than_a_question_may_have() -> None:
    element = ask_view("问" * 5000, "{}")["blocks"][0]["element"]
    assert len(element["initial_value"]) == element["max_length"] == 2000
    assert "initial_value" not in ask_view("", "{}")["blocks"][0]["element"]

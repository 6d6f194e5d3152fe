"""Whom a house recommends and whom it only asks to watch; ratings changed; what a rating means."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.schemas import AskResponse

Ask = Callable[..., AskResponse]


@pytest.mark.parametrize(
    ("question", "names", "left_out"),
    [
        ("海岳证券推荐了哪些公司？", ("云杉智能", "砺石股份"), ("白榆医疗",)),
        ("海岳证券建议关注哪些公司？", ("白榆医疗",), ("云杉智能", "砺石股份")),
    ],
)
def test_recommended_and_watched_are_kept_apart(
    ask: Ask, question: str, names: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    reply = ask(question)
    assert all(name in reply.answer for name in names), reply.answer
    assert not any(name in reply.answer for name in left_out), reply.answer
    assert all("推荐云杉智能" in c.quote for c in reply.citations)


def test_the_samples_recommendations_leave_out_what_is_only_watched(ask_samples: Ask) -> None:
    reply = ask_samples("东吴推荐了哪些公司")
    assert "推荐的公司共13家" in reply.answer
    assert not any(n in reply.answer for n in ("新国都", "上海电影", "丝路视觉", "当虹科技"))
    watched = ask_samples("东吴建议关注哪些公司")
    assert "建议关注的公司共7家" in watched.answer
    assert "当虹科技" in watched.answer  # no list holds it: 如当虹科技等 says that it is a name


def test_a_topic_narrows_it(ask_samples: Ask) -> None:
    reply = ask_samples("东吴证券推荐哪些算力公司")
    assert "中际旭创、天孚通信" in reply.answer
    assert "昆仑万维" not in reply.answer


def test_the_stance_on_one_company(ask_samples: Ask) -> None:
    assert "“建议关注”" in ask_samples("东吴是推荐还是建议关注易点天下？").answer
    assert ask_samples("东吴推荐新国都了吗").answer.startswith("不是")
    assert ask_samples("东吴推荐昆仑万维了吗").answer.startswith("是")


def test_a_house_without_such_words_is_heard_by_its_ratings(ask_samples: Ask) -> None:
    reply = ask_samples("华鑫推荐的公司有哪些")
    assert "正文没有“推荐”公司的表述" in reply.answer
    assert "买入10家" in reply.answer


def test_a_rating_first_given_is_found(ask: Ask) -> None:
    reply = ask("哪些报告是首次覆盖评级？")
    assert [c.report_id for c in reply.citations] == ["haiyue-chips"]
    assert "强于大市（首次）" in reply.answer


def test_each_houses_own_meaning_stands_beside_its_rating(ask: Ask) -> None:
    reply = ask("砺石股份的评级是什么？")
    quotes = "".join(c.quote for c in reply.citations)
    assert "介于 10% 与 25% 之间" in quotes  # 推荐 at 海岳
    assert ">18%" in quotes  # 买入 at 恒川
    assert "9个月" in quotes

"""Saved questions: asked again on new reports; what changed is kept, shown and posted."""

from __future__ import annotations

import json

import pytest

import yanbao
from corpus.errors import TooManySaved, UnknownSaved
from indexer.build import build
from service import saved as module
from service.client import Client
from service.live import POINTER
from service.opening import Opener
from service.saved import SavedQuestions, SavedRequest, difference, differs
from service.settings import Settings
from service.store import Store

QUESTION = "天舟科技2024年的EPS是多少？"
TABLE = "代码\t公司\tEPS（元）\t\n\t\t2023A\t2024E\n300999\t天舟科技\t0.50\t{eps}\n"


def note(folder, name, eps, broker="东吴证券", day="2024年02月21日"):
    text = f"{broker}\n天舟科技深度报告\n{day}\n\n表1：盈利预测\n{TABLE.format(eps=eps)}\n来源：{broker}\n"
    (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def desk(tmp_path):
    """An index of one report, and a store: (folder, settings, saved questions)."""
    folder = tmp_path / "reports"
    folder.mkdir()
    note(folder, "a.txt", "0.70")
    build([folder], tmp_path / "index")
    settings = Settings(index=tmp_path / "index", store=tmp_path / "store.sqlite3", port=0)
    return folder, settings, SavedQuestions(Store(settings.store))


def ask_again(saved, settings):
    served = Opener(settings).served()
    try:
        return saved.ask_again(served.snapshot.id, served.answerer.ask)
    finally:
        served.snapshot.close()


def test_a_new_figure_of_another_report_is_a_change_with_its_source(desk):
    folder, settings, saved = desk
    saved.add(SavedRequest(question=QUESTION))
    assert ask_again(saved, settings) == 0  # the first answer is what later ones are compared with
    assert "0.70" in saved.listed()[0].answer
    note(folder, "b.txt", "0.91", broker="华鑫证券", day="2024年03月01日")
    build([folder], settings.index)
    assert ask_again(saved, settings) == 1
    (change,) = saved.changes().changes
    assert change.question == QUESTION
    assert "0.91" in change.difference.figures_added
    assert [one.cell.value for one in change.difference.citations_added] == ["0.91"]
    assert "0.70" in change.before
    assert "0.91" in change.answer.answer
    assert ask_again(saved, settings) == 0  # once a snapshot


def test_a_revised_figure_of_the_same_report_is_a_change(desk):
    folder, settings, saved = desk
    saved.add(SavedRequest(question=QUESTION))
    ask_again(saved, settings)
    note(folder, "a.txt", "0.66")
    build([folder], settings.index)
    assert ask_again(saved, settings) == 1
    (change,) = saved.changes().changes
    assert "0.70" in change.difference.figures_removed
    assert "0.66" in change.difference.figures_added


def test_another_snapshot_with_the_same_answer_is_no_change(desk):
    folder, settings, saved = desk
    saved.add(SavedRequest(question=QUESTION))
    ask_again(saved, settings)
    (folder / "other.txt").write_text("别的报告\n\n本文谈的是钢铁行业的产能。\n", encoding="utf-8")
    # the same table, moved down by two lines: other offsets, the same words
    text = (folder / "a.txt").read_text(encoding="utf-8").replace("\n\n", "\n\n前言。\n\n", 1)
    (folder / "a.txt").write_text(text, encoding="utf-8")
    build([folder], settings.index)
    assert ask_again(saved, settings) == 0
    assert saved.changes().changes == []


def test_of_two_processes_one_keeps_the_change(desk):
    folder, settings, saved = desk
    saved.add(SavedRequest(question=QUESTION))
    ask_again(saved, settings)
    note(folder, "a.txt", "0.66")
    build([folder], settings.index)
    other = SavedQuestions(Store(settings.store))
    served = Opener(settings).served()

    def meanwhile(request):
        if not seen:
            seen.append(other.ask_again(served.snapshot.id, served.answerer.ask))
        return served.answerer.ask(request)

    seen = []
    assert saved.ask_again(served.snapshot.id, meanwhile) == 0
    served.snapshot.close()
    assert seen == [1]
    assert len(saved.changes().changes) == 1


def test_the_same_question_is_saved_once_and_a_full_list_says_so(desk, monkeypatch):
    _, _, saved = desk
    first = saved.add(SavedRequest(question=QUESTION))
    assert saved.add(SavedRequest(question=QUESTION)).saved_id == first.saved_id
    monkeypatch.setattr(module, "MAX_SAVED", 1)
    with pytest.raises(TooManySaved, match="remove one"):
        saved.add(SavedRequest(question="另一个问题？"))
    saved.remove(first.saved_id)
    assert saved.listed() == []
    with pytest.raises(UnknownSaved):
        saved.remove(first.saved_id)


def test_looking_makes_no_store(tmp_path):
    saved = SavedQuestions(Store(tmp_path / "none.sqlite3"))
    assert saved.listed() == []
    assert saved.changes().changes == []
    assert saved.ask_again("s", pytest.fail) == 0
    assert not (tmp_path / "none.sqlite3").exists()


def test_ids_times_markers_and_offsets_are_no_difference(site):
    with Client(site.url) as yanbao:
        one, other = (yanbao.ask("蓝色光标 2024 年的 EPS 是多少？") for _ in range(2))
    assert one.id != other.id
    moved = [
        c.model_copy(update={"start": 0, "end": 9, "marker": 9 - c.marker}) for c in other.citations
    ]
    other = other.model_copy(update={"citations": moved})
    assert not differs(one, other)
    assert not any(difference(one, other).model_dump().values())
    assert differs(one, other.model_copy(update={"refused": True}))


def test_a_running_server_asks_by_itself_shows_and_posts_what_changed(desk, serve_with, fakes):
    folder, settings, _ = desk
    with fakes.fake_slack() as slack:
        site = serve_with(
            index=settings.index,
            store=settings.store,
            api_key="a-key-for-tests",
            reload_s=0.05,
            slack_bot_token=fakes.TOKEN,
            slack_api_url=f"{slack.url}api/",
            slack_channel="C9",
        )
        key = {"Authorization": "Bearer a-key-for-tests"}
        body = json.dumps({"question": QUESTION}).encode()
        assert site.send("POST", "/v1/saved", body).status == 401
        made = site.send("POST", "/v1/saved", body, **key)
        assert made.status == 201
        # asked at once: a report that comes before the next look is a change all the same
        assert "0.70" in made.json()["answer"]
        note(folder, "b.txt", "0.91 <!channel>", broker="华鑫证券", day="2024年03月01日")
        build([folder], settings.index)
        (posted,) = slack.wait_for("chat.postMessage")
        assert posted["channel"] == "C9"
        assert QUESTION in posted["blocks"][0]["text"]["text"]
        assert "<!channel>" not in json.dumps(posted)
        (change,) = site.get("/v1/saved/changes?limit=1").json()["changes"]
        assert change["saved_id"] == made.json()["saved_id"]
        assert site.get("/v1/saved/changes?cursor=x").status == 422
        path = f"/v1/saved/{change['saved_id']}"
        assert site.send("DELETE", path, b"", **key).status == 204
        assert site.send("DELETE", path, b"", **key).status == 404
        assert site.get("/v1/saved").json() == {"saved": []}


def test_what_slack_does_not_take_is_announced_later(desk, fakes):
    from service.saved_watch import SavedWatch
    from service.slack.announcing import announcer

    folder, settings, saved = desk
    saved.add(SavedRequest(question=QUESTION))
    ask_again(saved, settings)
    note(folder, "a.txt", "0.66")
    build([folder], settings.index)
    from service.opening import live_index

    live = live_index(settings)
    live.open()
    with fakes.fake_slack() as slack:
        given = {"slack_bot_token": "x", "slack_channel": "C9", "slack_api_url": f"{slack.url}api/"}
        announce = announcer(Settings(index=settings.index, store=settings.store, **given))
        slack.faults = lambda method, number: (
            (200, {}, {"ok": False, "error": "not_in_channel"}) if number == 0 else None
        )
        watch = SavedWatch(saved, live, announce)
        assert watch.look() == 1
        assert slack.called("chat.postMessage") == []
        watch.look()  # not at once again
        assert len(slack.refused) == 1
        SavedWatch(saved, live, announce).look()  # after the pause, or after a restart
        SavedWatch(saved, live, announce).look()
        assert len(slack.called("chat.postMessage")) == 1
    live.close()
    assert (settings.index / POINTER).exists()


def test_the_command_adds_lists_checks_and_removes(desk, capsys, monkeypatch):
    folder, settings, _ = desk
    monkeypatch.setenv("YANBAO_STORE", str(settings.store))

    def run(*words):
        code = yanbao.main(["saved", *words, "--index", str(settings.index)])
        return code, capsys.readouterr().out

    assert run("list") == (0, "")
    code, saved_id = run("add", QUESTION)
    assert code == 0
    assert "还没有问过" in run("list")[1]
    assert run("check") == (0, "")
    assert "0.70" in json.loads(run("list", "--json")[1])["answer"]
    note(folder, "a.txt", "0.66")
    build([folder], settings.index)
    code, told = run("check")
    assert code == 0
    assert "0.70" in told
    assert "0.66" in told
    assert run("remove", saved_id.strip()) == (0, "")
    assert yanbao.main(["saved", "remove", "sq_none"]) == 1

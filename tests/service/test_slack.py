"""The Slack bot: a real Bolt app behind a real server, and a local Slack over real HTTP."""

from __future__ import annotations

import json
import random
import sqlite3
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from service.settings import Settings
from service.slack.signing import signature_of

from .conftest import running

QUESTION = "蓝色光标 2024 年的 EPS 是多少？"


class Office:
    """A running yanbao with the bot, and the Slack that it speaks to."""

    def __init__(self, fakes, site, slack):
        self.fakes, self.site, self.slack = fakes, site, slack

    def send(self, body, headers=None):
        raw = body if isinstance(body, bytes) else self.fakes.packed(body)
        return self.site.send("POST", "/slack/events", raw, **(headers or self.fakes.signed(raw)))

    def send_form(self, fields):
        raw = urllib.parse.urlencode(fields).encode()
        headers = self.fakes.signed(raw) | {"Content-Type": "application/x-www-form-urlencoded"}
        return self.send(raw, headers)

    def mention(self, text, **more):
        reply = self.send(self.fakes.event(text, **more))
        assert reply.status == 200
        return reply


@pytest.fixture
def opened(fakes, sample_index, tmp_path):
    """Opens the bot over one store, as often as one likes."""

    @contextmanager
    def open_office(slack=None, **given):
        with fakes.fake_slack() as made:
            there = slack or made
            settings = Settings(
                **{
                    "index": sample_index,
                    "store": tmp_path / "store.sqlite3",
                    "port": 0,
                    "public_url": "http://yanbao.example",
                    "slack_signing_secret": fakes.SECRET,
                    "slack_bot_token": fakes.TOKEN,
                    "slack_api_url": f"{there.url}api/",
                    "slack_per_minute": 1_000_000,
                    **given,
                }
            )
            with running(settings) as site:
                yield Office(fakes, site, there)

    return open_office


def words_of(message):
    """All that a message shows."""
    texts = [message["text"]]
    for block in message["blocks"]:
        if block["type"] == "section":
            texts.append(block["text"]["text"])
        elif block["type"] == "context":
            texts += [one["text"] for one in block["elements"]]
    return "\n".join(texts)


# --- who is let in ---


def test_a_mention_is_answered_in_its_thread_with_sources_and_buttons(opened):
    with opened() as office:
        event = office.fakes.event(QUESTION)
        assert office.send(event).status == 200
        (posted,) = office.slack.wait_for("chat.postMessage")
        removed = office.slack.wait_for("reactions.remove")
        assert posted["channel"] == office.fakes.CHANNEL
        assert posted["thread_ts"] == event["event"]["ts"]
        assert "0.23" in posted["blocks"][0]["text"]["text"]
        sources = [b for b in posted["blocks"] if b["type"] == "context"]
        assert "<http://yanbao.example/reports/" in sources[0]["elements"][0]["text"]
        assert "start=" in sources[0]["elements"][0]["text"]
        names = [e["action_id"] for e in posted["blocks"][-1]["elements"]]
        assert names == ["yanbao_up", "yanbao_down", "yanbao_passages", "yanbao_share"]
        (added,) = office.slack.called("reactions.add")
        assert added["timestamp"] == removed[0]["timestamp"] == event["event"]["ts"]


def test_slack_can_verify_the_address(opened):
    with opened() as office:
        reply = office.send({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"})
        assert (reply.status, reply.json()) == (200, {"challenge": "3eZbrw1a"})


def forgeries(fakes, count):
    """Requests that Slack did not sign: forged, stale or malformed; the seed makes them again."""
    draw = random.Random(7)
    now = int(time.time())
    raw = fakes.packed(fakes.event("伪造"))
    good = signature_of(fakes.SECRET, str(now), raw)
    stamps = [
        "abc",
        "",
        "1e400",
        "9" * 30,
        "١٧٠٠٠٠٠٠٠٠",
        f"{now}.0",
        f"{now} 0",
        f"+{now}",
        "0x10",
        "-1",
    ]
    stamps += [str(now - 302), str(now + 330), str(now - 86_400), str(now * 1000), "NaN", "1_700"]
    marks = ["", "v0=", "v1=" + good[3:], good.upper(), good[:-1], good + "0", "é" * 20, good[3:]]
    marks += ["v0=" + "0" * 64, good[:-1] + ("0" if good[-1] != "0" else "1"), "v0=é" + good[4:]]
    for number in range(count):
        kind = number % 6
        stamp, mark, body = str(now), good, raw
        if kind == 0:
            stamp = draw.choice(stamps)
            ascii_digits = stamp.isascii() and stamp.isdigit()
            mark = signature_of(fakes.SECRET, stamp, raw) if ascii_digits else good
        elif kind == 1:
            mark = draw.choice(marks)
        elif kind == 2:
            at = draw.randrange(len(raw))
            body = raw[:at] + bytes([raw[at] ^ (1 << draw.randrange(8))]) + raw[at + 1 :]
        elif kind == 3:
            body = raw[: draw.randrange(len(raw))] + draw.choice([b"\xff\xfe", b"\x80", b"\xc3("])
            mark = signature_of(fakes.SECRET, stamp, body)
        elif kind == 4:
            mark = signature_of(draw.choice(["other", "", fakes.SECRET[:-1]]), stamp, raw)
        else:
            stamp = None if draw.random() < 0.5 else stamp
            mark = None if stamp else draw.choice([None, "\x01", "v0"])
        headers = {"Content-Type": "application/json"}
        headers |= {"X-Slack-Request-Timestamp": stamp} if stamp is not None else {}
        headers |= {"X-Slack-Signature": mark} if mark is not None else {}
        yield body, headers


def send_raw(office, body, headers):
    """Sends headers as UTF-8 bytes, which a polite client would not."""
    fields = {"Host": "127.0.0.1", "Connection": "close", "Content-Length": len(body), **headers}
    head = "POST /slack/events HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items())
    return office.site.exchange(head.encode("utf-8") + b"\r\n" + body)


def test_three_hundred_forged_stale_or_malformed_requests_are_all_refused(opened, fakes):
    with opened() as office:
        answers = []
        for body, headers in forgeries(fakes, 300):
            # A control character in a header is no HTTP at all and never reaches the app.
            headers = {k: v.replace("\x01", "?") for k, v in headers.items()}
            answers.append(send_raw(office, body, headers).status)
        assert answers == [401] * 300
        assert not office.slack.called("chat.postMessage")


def test_a_header_that_is_sent_twice_is_refused(opened, fakes):
    with opened() as office:
        raw = fakes.packed(fakes.event("两次"))
        good = fakes.signed(raw)
        for name in ("X-Slack-Signature", "X-Slack-Request-Timestamp"):
            doubled = good | {f"{name}: {good[name]}\r\n{name}": good[name]}
            assert send_raw(office, raw, doubled).status == 401


@pytest.mark.parametrize(("age_s", "status"), [(295, 200), (-295, 200), (304, 401), (-304, 401)])
def test_a_request_is_taken_within_five_minutes_of_its_timestamp(opened, fakes, age_s, status):
    with opened() as office:
        raw = fakes.packed(fakes.event(QUESTION))
        headers = fakes.signed(raw, at=time.time() - age_s)
        assert office.send(raw, headers).status == status


def test_signed_bodies_that_are_not_slacks_are_client_errors(opened):
    with opened() as office:
        for raw in (b"{", b"[1]", b"null", b"3", b'{"a":' * 3000):
            assert office.send(raw).status == 400
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        raw = b"payload=%7B"
        assert office.send(raw, office.fakes.signed(raw) | form).status == 400


def test_without_secrets_the_route_is_not_served(serve_with, fakes):
    for given in ({}, {"slack_signing_secret": fakes.SECRET}, {"slack_bot_token": fakes.TOKEN}):
        assert serve_with(**given).send("POST", "/slack/events", b"{}").status == 501


# --- once, and only what was asked ---


def test_every_event_is_answered_once_however_often_it_comes_also_across_a_restart(opened, fakes):
    events = [fakes.event(QUESTION, user=f"U{n}") for n in range(40)]
    deliveries = events * 4
    random.Random(3).shuffle(deliveries)
    with fakes.fake_slack() as slack:
        for half in (deliveries[:80], deliveries[80:]):
            with opened(slack) as office, ThreadPoolExecutor(8) as pool:
                assert {r.status for r in pool.map(office.send, half)} == {200}
        with opened(slack) as office:  # what the stop has left over is done now
            slack.wait_for("chat.postMessage", len(events))
            assert {office.send(one).status for one in events[:5]} == {200}
        threads = [post["thread_ts"] for post in slack.called("chat.postMessage")]
        assert sorted(threads) == sorted(one["event"]["ts"] for one in events)


def test_two_servers_over_one_store_answer_an_event_once(opened, fakes):
    events = [fakes.event(QUESTION, user=f"U{n}") for n in range(12)]
    with fakes.fake_slack() as slack, opened(slack) as one, opened(slack) as other:
        with ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(o.send, e) for e in events for o in (one, other)]
            assert {future.result().status for future in sent} == {200}
        slack.wait_for("chat.postMessage", 12)
    threads = [post["thread_ts"] for post in slack.called("chat.postMessage")]
    assert sorted(threads) == sorted(e["event"]["ts"] for e in events)


def test_a_message_told_of_by_two_events_is_answered_once(opened, fakes):
    with opened() as office:
        first = fakes.event(QUESTION, kind="message", channel="D1", channel_type="im")
        second = fakes.event(QUESTION, channel="D1", ts=first["event"]["ts"])
        office.send(first)
        office.send(second)
        office.mention("Sora 是什么？")
        assert len(office.slack.wait_for("chat.postMessage", 2)) == 2


IGNORED = {
    "own message": {"user": "UBOT"},
    "a bot": {"bot_id": "B9"},
    "a bot's profile": {"bot_profile": {"id": "B9"}},
    "bot subtype": {"subtype": "bot_message"},
    "edit": {"subtype": "message_changed", "message": {"text": QUESTION}},
    "deletion": {"subtype": "message_deleted"},
    "joined": {"subtype": "channel_join"},
    "edited to mention": {"edited": {"user": "U1", "ts": "1"}},
    "slackbot": {"user": "USLACKBOT"},
    "nobody": {"user": None},
}


def test_own_and_bots_messages_edits_and_joins_are_ignored(opened, fakes):
    with opened() as office:
        for more in IGNORED.values():
            for kind in ("app_mention", "message"):
                event = fakes.event(QUESTION, kind=kind, channel_type="im", **more)
                assert office.send(event).status == 200
        talk = fakes.event("聊天而已", kind="message", channel_type="channel")
        assert office.send(talk).status == 200  # in a channel only a mention is a question
        assert office.send(fakes.event("", kind="team_join")).status == 200  # an unknown event
        office.mention("Sora 是什么？")
        assert len(office.slack.wait_for("chat.postMessage")) == 1


# --- what is said ---


def test_a_thread_is_a_conversation(opened, fakes):
    with opened() as office:
        first = fakes.event(QUESTION)
        office.send(first)
        office.slack.wait_for("chat.postMessage", 1)
        office.send(fakes.event("那 2023 年呢？", thread_ts=first["event"]["ts"]))
        answers = office.slack.wait_for("chat.postMessage", 2)
        assert "2023E" in answers[1]["blocks"][0]["text"]["text"]
        assert "蓝色光标" in answers[1]["blocks"][0]["text"]["text"]


def test_a_follow_up_waits_for_the_answer_before_it(opened, fakes):
    with opened() as office:
        first = fakes.event(QUESTION)
        later = fakes.event("那 2023 年呢？", thread_ts=first["event"]["ts"])
        office.send(first)
        office.send(later)
        answers = office.slack.wait_for("chat.postMessage", 2)
        assert "2023E" in answers[1]["blocks"][0]["text"]["text"]


def test_a_direct_message_needs_no_mention_and_has_no_channel_to_share_to(opened, fakes):
    with opened() as office:
        office.send(fakes.event(QUESTION, kind="message", channel="D1", channel_type="im"))
        (posted,) = office.slack.wait_for("chat.postMessage")
        assert "0.23" in posted["blocks"][0]["text"]["text"]
        names = [e["action_id"] for e in posted["blocks"][-1]["elements"]]
        assert names == ["yanbao_up", "yanbao_down", "yanbao_passages"]


def command(fakes, slack, text, number=1):
    return {
        "command": "/yanbao",
        "text": text,
        "team_id": fakes.TEAM,
        "channel_id": fakes.CHANNEL,
        "user_id": "U0001",
        "trigger_id": f"13.{number}",
        "response_url": f"{slack.url}hooks/1",
    }


def test_the_command_is_answered_for_the_asker_alone(opened, fakes):
    with opened() as office:
        reply = office.send_form(command(fakes, office.slack, QUESTION))
        assert reply.status == 200
        assert "正在查" in reply.body.decode()
        (answer,) = office.slack.wait_for("response_url")
        assert answer["response_type"] == "ephemeral"
        assert "0.23" in words_of(answer)
        office.send_form(command(fakes, office.slack, "help", 2))
        assert "/yanbao" in words_of(office.slack.wait_for("response_url", 2)[1])


def test_ask_about_this_opens_a_dialog_and_answers_under_the_message(opened, fakes):
    with opened() as office:
        message = {"type": "message", "text": f"&lt;旧&gt; {QUESTION}", "ts": "170.1", "user": "U2"}
        shortcut = {
            "type": "message_action",
            "callback_id": "ask_about_this",
            "trigger_id": "9.9",
            "message": message,
            "channel": {"id": fakes.CHANNEL, "name": "g"},
            "team": {"id": fakes.TEAM},
            "user": {"id": "U0001"},
            "response_url": f"{office.slack.url}hooks/2",
        }
        assert office.send_form({"payload": json.dumps(shortcut)}).status == 200
        (opened_view,) = office.slack.wait_for("views.open")
        view = opened_view["view"]
        assert view["blocks"][0]["element"]["initial_value"] == f"<旧> {QUESTION}"
        submitted = {
            "type": "view_submission",
            "team": {"id": fakes.TEAM},
            "user": {"id": "U0001"},
            "view": {
                **view,
                "id": "V1",
                "state": {"values": {"words": {"words": {"value": QUESTION}}}},
            },
        }
        assert office.send_form({"payload": json.dumps(submitted)}).status == 200
        (posted,) = office.slack.wait_for("chat.postMessage")
        assert posted["thread_ts"] == "170.1"
        assert "0.23" in words_of(posted)


def click(fakes, posted, name, number=1):
    value = next(e["value"] for e in posted["blocks"][-1]["elements"] if e["action_id"] == name)
    payload = {
        "type": "block_actions",
        "team": {"id": fakes.TEAM},
        "user": {"id": "U0001", "team_id": fakes.TEAM},
        "trigger_id": f"8.{number}",
        "channel": {"id": fakes.CHANNEL},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": fakes.CHANNEL},
        "message": {"ts": "1.1", "thread_ts": posted["thread_ts"]},
        "actions": [
            {
                "type": "button",
                "action_id": name,
                "block_id": "b",
                "value": value,
                "action_ts": f"{number}.0",
            }
        ],
    }
    return {"payload": json.dumps(payload)}


def test_buttons_show_passages_share_once_and_take_votes(opened, fakes):
    with opened() as office:
        office.mention(QUESTION)
        (posted,) = office.slack.wait_for("chat.postMessage")
        office.send_form(click(fakes, posted, "yanbao_passages"))
        (shown,) = office.slack.wait_for("chat.postEphemeral", 1)
        assert shown["user"] == "U0001"
        assert "/reports/" in words_of(shown)
        for number in (2, 3):
            office.send_form(click(fakes, posted, "yanbao_share", number))
        shared = office.slack.wait_for("chat.postMessage", 2)[1]
        assert shared["reply_broadcast"] is True
        assert all(block["type"] != "actions" for block in shared["blocks"])
        office.send_form(click(fakes, posted, "yanbao_up", 4))
        thanked = office.slack.wait_for("chat.postEphemeral", 2)
        assert "已记录" in words_of(thanked[1])
        office.send_form(click(fakes, posted, "yanbao_down", 5))
        assert office.slack.wait_for("views.open")[0]["view"]["callback_id"] == "yanbao_comment"
        assert len(office.slack.called("chat.postMessage")) == 2


def test_a_vote_is_kept_with_question_answer_snapshot_and_user(opened, fakes, tmp_path):
    with opened() as office:
        office.mention(QUESTION)
        (posted,) = office.slack.wait_for("chat.postMessage")
        office.send_form(click(fakes, posted, "yanbao_down"))
        (dialog,) = office.slack.wait_for("views.open")
        state = {"values": {"words": {"words": {"value": "年份不对"}}}}
        submitted = {
            "type": "view_submission",
            "team": {"id": fakes.TEAM},
            "user": {"id": "U0001"},
            "view": {**dialog["view"], "id": "V2", "state": state},
        }
        office.send_form({"payload": json.dumps(submitted)})
        office.slack.wait_for("chat.postEphemeral", 2)
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as store:
        rows = store.execute(
            "SELECT vote, comment, user, question FROM feedback ORDER BY given_at"
        ).fetchall()
        kept = store.execute("SELECT conversation FROM answers").fetchall()
    assert rows == [("down", "", "U0001", QUESTION), ("down", "年份不对", "U0001", QUESTION)]
    assert kept == [(f"{fakes.TEAM}:{fakes.CHANNEL}:{posted['thread_ts']}",)]


def test_a_mention_without_a_question_is_told_how_to_ask(opened):
    with opened() as office:
        office.mention("")
        assert "/yanbao" in words_of(office.slack.wait_for("chat.postMessage")[0])


def test_one_person_may_not_ask_without_end_and_is_told_so_once(opened, fakes):
    with opened(slack_per_minute=3) as office:
        for _ in range(8):
            office.mention(QUESTION)
        office.send(fakes.event(QUESTION, user="U0002"))
        office.slack.wait_for("chat.postMessage", 4)
        (told,) = office.slack.wait_for("chat.postEphemeral")
        assert "过一分钟" in words_of(told)
        assert len(office.slack.called("chat.postMessage")) == 4


# --- when things break ---


def test_too_many_requests_and_server_errors_of_slack_are_waited_for(opened):
    with opened() as office:
        answers = [(429, {"Retry-After": "1"}, {"ok": False, "error": "ratelimited"})]
        answers += [(503, {}, {"ok": False, "error": "service_unavailable"}), None]

        def faults(method, number):
            return answers[number] if method == "chat.postMessage" and number < 3 else None

        office.slack.faults = faults
        office.mention(QUESTION)
        (posted,) = office.slack.wait_for("chat.postMessage")
        assert "0.23" in words_of(posted)
        assert len(office.slack.refused) == 2


def test_a_channel_that_takes_no_message_costs_only_its_own_answer(opened, fakes, caplog):
    with opened() as office:

        def faults(method, number):
            archived = method == "chat.postMessage" and number == 0
            return (200, {}, {"ok": False, "error": "account_inactive"}) if archived else None

        office.slack.faults = faults
        office.mention(QUESTION)
        office.mention(QUESTION)
        office.slack.wait_for("chat.postMessage", 1)
    assert "account_inactive" in caplog.text


def test_where_the_bot_may_not_speak_it_answers_the_person(opened):
    with opened() as office:

        def faults(method, number):
            outside = method == "chat.postMessage" and number == 0
            return (200, {}, {"ok": False, "error": "not_in_channel"}) if outside else None

        office.slack.faults = faults
        office.mention(QUESTION)
        assert office.slack.wait_for("chat.postMessage")[0]["channel"] == "U0001"


def test_a_failing_answerer_is_a_plain_sentence_once(opened, fakes, monkeypatch, caplog):
    from service.answering import Answerer

    def broken(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Answerer, "take", broken)
    with opened() as office:
        event = fakes.event(QUESTION)
        for _ in range(3):
            office.send(event)
        (posted,) = office.slack.wait_for("chat.postMessage")
        office.slack.wait_for("reactions.remove")
        assert words_of(posted).count("抱歉") == 2  # the text for notifications, and the block
        assert "secret" not in words_of(posted)


def test_what_cannot_be_kept_is_not_acknowledged(opened, fakes, monkeypatch):
    from corpus.errors import StoreError
    from service.slack.ledger import Ledger

    def full(*_):
        raise StoreError("the disk is full")

    with opened() as office:
        monkeypatch.setattr(Ledger, "take", full)
        event = fakes.event(QUESTION)
        assert office.send(event).status == 503
        monkeypatch.undo()
        assert office.send(event).status == 200
        office.slack.wait_for("chat.postMessage")

"""Bot: what Slack sends (events, commands, shortcuts, buttons, dialogs) becomes jobs.

The Bolt app of the picture's “Slack bot”. A listener keeps the job, then Bolt acknowledges; what
cannot be kept is not acknowledged, so that Slack sends it again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import Any, Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError

from service.slack import blocks
from service.slack.crew import Crew
from service.slack.ledger import Job, Kind
from service.slack.mrkdwn import plain
from service.slack.talking import PassingTrouble, Talker

log = logging.getLogger(__name__)

SPOKEN: Final = frozenset({None, "", "file_share", "thread_broadcast"})
"""Subtypes of messages that a person wrote; edits, deletions, joins and the like are none."""

COMMAND: Final = "/yanbao"

Body = dict[str, Any]


class Bot:
    """The bot's ears: give it requests by `app`, start and stop it.

    Args:
        signing_secret: empty in Socket Mode, where Slack signs nothing.
    """

    def __init__(self, talker: Talker, crew: Crew, signing_secret: str) -> None:
        self._talker = talker
        self._crew = crew
        self._me: AuthorizeResult | None = None
        self._asides: set[asyncio.Task[None]] = set()
        self.app = AsyncApp(
            client=talker.client,
            authorize=lambda: self._who_am_i(),  # Bolt fills a parameter by its name, self too
            signing_secret=signing_secret,
            request_verification_enabled=bool(signing_secret),
            # The listener runs before the answer to Slack: kept first, acknowledged then.
            process_before_response=True,
            logger=_quiet_logger(),
        )
        self._listen()

    async def start(self) -> None:
        """Opens connections, begins to work and learns its own name.

        Raises:
            StoreError: the store cannot be written.
        """
        await self._talker.open()
        await self._crew.start()
        self._aside(self._warm_up())

    async def stop(self, grace_s: float) -> None:
        """Finishes what it can within `grace_s` seconds; the rest waits in the store."""
        for task in self._asides:
            task.cancel()
        await self._crew.stop(grace_s)
        await self._talker.close()

    def _listen(self) -> None:
        app = self.app
        app.event("app_mention")(self._on_mention)
        app.event("message")(self._on_message)
        app.command(COMMAND)(self._on_command)
        app.shortcut(blocks.ASK_SHORTCUT)(self._on_shortcut)
        app.view(blocks.ASK_VIEW)(self._on_ask_view)
        app.view(blocks.COMMENT_VIEW)(self._on_comment_view)
        for name in (blocks.UP, blocks.DOWN, blocks.PASSAGES, blocks.SHARE):
            app.action(name)(self._on_button)

    async def _who_am_i(self) -> AuthorizeResult:
        """Who we are, asked once. An error of Slack's must not look like an answer to Bolt."""
        if self._me is None:
            try:
                found = await self._talker.client.auth_test()
            except SlackApiError as error:
                raise PassingTrouble(f"auth.test: {error.response.get('error')}") from error
            self._me = AuthorizeResult(
                enterprise_id=found.get("enterprise_id"),
                team_id=found.get("team_id"),
                bot_user_id=found.get("user_id"),
                bot_id=found.get("bot_id"),
                bot_token=self._talker.client.token,
            )
        return self._me

    async def _warm_up(self) -> None:
        try:
            await self._who_am_i()
        except Exception as error:
            log.error("Slack does not know the bot yet: %s", error)

    def _aside(self, work: Any) -> None:
        """Runs something that nobody waits for."""
        task = asyncio.ensure_future(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    # --- messages ---

    async def _on_mention(self, event: Body, body: Body) -> None:
        await self._take_message(event, body)

    async def _on_message(self, event: Body, body: Body) -> None:
        if event.get("channel_type") == "im":  # in channels only mentions are questions
            await self._take_message(event, body)

    async def _take_message(self, event: Body, body: Body) -> None:
        if _is_not_asked(event) or event.get("user") == (self._me and self._me.bot_user_id):
            return
        channel, ts = str(event["channel"]), str(event["ts"])
        question = plain(str(event.get("text") or ""))
        await self._crew.take(
            Job(
                event_id=str(body["event_id"]),
                message=f"{body.get('team_id')}:{channel}:{ts}",
                kind=Kind.ASK if question else Kind.HELP,
                team=str(body.get("team_id")),
                user=str(event["user"]),
                channel=channel,
                thread_ts=str(event.get("thread_ts") or ts),
                ts=ts,
                text=question,
                is_direct=event.get("channel_type") == "im" or channel.startswith("D"),
            )
        )

    # --- command and shortcut ---

    async def _on_command(self, ack: Any, command: Body) -> None:
        question = plain(str(command.get("text") or ""))
        asks = bool(question) and question.lower() not in {"help", "帮助"}
        event_id = f"command:{command['trigger_id']}"
        await self._crew.take(
            Job(
                event_id=event_id,
                message=event_id,
                kind=Kind.ASK if asks else Kind.HELP,
                team=str(command.get("team_id")),
                user=str(command["user_id"]),
                channel=str(command["channel_id"]),
                text=question,
                response_url=str(command["response_url"]),
                is_direct=str(command["channel_id"]).startswith("D"),
            )
        )
        await ack("正在查研报…" if asks else None)

    async def _on_shortcut(self, ack: Any, shortcut: Body) -> None:
        message = shortcut.get("message") or {}
        place = {
            "channel": shortcut["channel"]["id"],
            "thread_ts": message.get("thread_ts") or message.get("ts"),
        }
        view = blocks.ask_view(plain(str(message.get("text") or "")), json.dumps(place))
        await ack()
        self._aside(self._talker.open_view(str(shortcut["trigger_id"]), view))

    async def _on_ask_view(self, ack: Any, body: Body, view: Body) -> None:
        job = _view_job(body, view, Kind.ASK)
        await self._crew.take(replace(job, is_direct=job.channel.startswith("D")))
        await ack()

    # --- buttons ---

    async def _on_button(self, ack: Any, action: Body, body: Body) -> None:
        job = _button_job(action, body)
        await self._crew.take(job)
        await ack()
        if action["action_id"] == blocks.DOWN:
            place = {
                name: getattr(job, name)
                for name in ("channel", "thread_ts", "answer_id", "response_url")
            }
            view = blocks.comment_view(json.dumps(place))
            self._aside(self._talker.open_view(str(body["trigger_id"]), view))

    async def _on_comment_view(self, ack: Any, body: Body, view: Body) -> None:
        place = json.loads(view["private_metadata"])
        job = _view_job(body, view, Kind.VOTE)
        answer_id, response_url = str(place["answer_id"]), str(place["response_url"])
        await self._crew.take(
            replace(job, answer_id=answer_id, vote="down", response_url=response_url)
        )
        await ack()


def _is_not_asked(event: Body) -> bool:
    """True for what no person wrote just now: bots, edits, joins, messages without an author."""
    return (
        bool(event.get("bot_id") or event.get("bot_profile") or event.get("edited"))
        or event.get("subtype") not in SPOKEN
        or not event.get("user")
        or event.get("user") == "USLACKBOT"
    )


def _button_job(action: Body, body: Body) -> Job:
    """A button is its own event: two clicks on “share” are one wish, two votes are two."""
    name, answer_id = str(action["action_id"]), str(action["value"])
    user = str(body["user"]["id"])
    container = body.get("container") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    message = body.get("message") or {}
    event_id = f"button:{name}:{answer_id}:{user}:{action.get('action_ts')}"
    if name == blocks.SHARE:
        event_id = f"share:{answer_id}:{channel}"
    kinds = {blocks.PASSAGES: Kind.PASSAGES, blocks.SHARE: Kind.SHARE}
    own_eyes = bool(container.get("is_ephemeral"))
    return Job(
        event_id=event_id,
        message=event_id,
        kind=kinds.get(name, Kind.VOTE),
        team=_team(body),
        user=user,
        channel=channel,
        thread_ts=str(message.get("thread_ts") or container.get("thread_ts") or ""),
        answer_id=answer_id,
        vote="up" if name == blocks.UP else "down" if name == blocks.DOWN else "",
        response_url=str(body.get("response_url") or "") if own_eyes else "",
    )


def _view_job(body: Body, view: Body, kind: Kind) -> Job:
    """What was typed into a dialog, for the place that the dialog was opened from."""
    place = json.loads(view["private_metadata"])
    event_id = f"view:{view['id']}"
    return Job(
        event_id=event_id,
        message=event_id,
        kind=kind,
        team=_team(body),
        user=str(body["user"]["id"]),
        channel=str(place["channel"]),
        thread_ts=str(place["thread_ts"]),
        text=_typed(view),
    )


def _team(body: Body) -> str:
    return str((body.get("team") or {}).get("id"))


def _typed(view: Body) -> str:
    value = view["state"]["values"][blocks.INPUT_BLOCK][blocks.INPUT].get("value")
    return str(value or "").strip()


def _quiet_logger() -> logging.Logger:
    """Bolt's own words at warning and above are about every request that it does not know."""
    logger = logging.getLogger("yanbao.slack.bolt")
    logger.setLevel(logging.ERROR)
    return logger

"""Crew: does the bot's jobs behind the acknowledgement, a bounded number at a time.

Stands between the ledger, the answerer and Slack: a job is taken up, answered and ticked off once.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from pydantic import ValidationError
from slack_sdk.errors import SlackApiError

from corpus.errors import YanbaoError
from service.problems import Problem
from service.schemas import AskRequest, AskResponse
from service.settings import Settings
from service.slack import blocks
from service.slack.asker import Asker
from service.slack.ledger import MAX_TRIES, Job, Kind, Ledger
from service.slack.talking import PassingTrouble, Talker

log = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_S: Final = 10.0
"""Seconds between looks for jobs whose process died or which were put off; leases are renewed as
often, and outlast four looks."""

AGAIN_S: Final = 20.0
"""Seconds until a job that Slack could not take is tried again, times the number of tries."""

JOB_S: Final = 240.0
"""Seconds that one try of a job may last, waits for Slack included."""

BUSY_WAITS_S: Final = (2.0, 5.0)
"""Seconds after which a question is put again when all places are taken: people wait that long."""

SORRY: Final = "抱歉，现在答不上来：服务暂时不可用，请稍后再问一次。"
SLOW_DOWN: Final = "问得有点快，请过一分钟再问。"
FORGOTTEN: Final = "这条回答已经不在记录里了，请重新提问。"
TOO_LONG: Final = "问题太长了，请控制在 2000 字以内。"
THANKS: Final = "已记录，谢谢。"
HELP: Final = (
    "把问题写给我就行，例如：“某公司 2024 年的 EPS 是多少？”，公司写名称、简称或代码都行。"
    "在频道里 @我，在私信里直接问，或用 /yanbao 加问题；在同一个消息列里可以接着追问。"
)


class _TakenOver(Exception):
    """Another process does the job."""


class Crew:
    """Works off the ledger's jobs until it is stopped."""

    def __init__(self, ledger: Ledger, asker: Asker, talker: Talker, settings: Settings) -> None:
        self._ledger = ledger
        self._asker = asker
        self._talker = talker
        self._public_url = settings.base_url
        self._notice = settings.notice
        self._at_once = settings.slack_at_once
        # One thread: the store's file takes one writer at a time anyway.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="yanbao-slack")
        self._wake = asyncio.Event()
        self._jobs: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Opens the ledger and begins to work.

        Raises:
            StoreError: the store cannot be written.
        """
        await self.kept(self._ledger.open)
        self._loops = [asyncio.create_task(one()) for one in (self._work, self._renew)]

    async def stop(self, grace_s: float) -> None:
        """Finishes what is being worked on within `grace_s`; the rest waits in the store."""
        working, renewing = self._loops or (None, None)
        await _ended(working)
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=grace_s)
        await _ended(renewing)
        left = list(self._jobs)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        # Also a job that was being taken when its loop was cancelled: nobody else knows of it.
        with suppress(YanbaoError):
            await self.kept(self._ledger.leave)
        self._thread.shutdown(wait=True)

    async def take(self, job: Job) -> None:
        """Keeps a job unless its delivery is a repeated one.

        Raises:
            StoreError: it is not kept.
        """
        await self.kept(lambda: self._ledger.take(job))
        self._wake.set()

    async def kept(self, work: Callable[[], T]) -> T:
        """What `work` returns, done in the thread that owns the ledger."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _work(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._fill()
            except YanbaoError as error:
                log.error("the jobs of the bot cannot be read: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.kept(self._ledger.renew)
            except YanbaoError as error:
                log.error("the jobs of the bot cannot be held: %s", error)

    async def _fill(self) -> None:
        """Begins jobs until all hands are busy or nothing waits."""
        while len(self._jobs) < self._at_once:
            job = await self.kept(self._ledger.next)
            if job is None:
                return
            task = asyncio.create_task(self._one(job))
            self._jobs.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a job of the bot failed", exc_info=error)

    async def _one(self, job: Job) -> None:
        """One job from its beginning to a state in which it may be left."""
        try:
            async with asyncio.timeout(JOB_S):
                await self._do(job)
        except _TakenOver:
            return
        except (PassingTrouble, TimeoutError) as error:
            await self._later(job, error)
        except SlackApiError as error:
            reason = error.response.get("error")
            log.error("job %s (%s) is given up: Slack says %s", job.event_id, job.kind, reason)
            await self.kept(lambda: self._ledger.failed(job))
        except Exception:  # a fault of ours: it must not come back with every lease
            log.exception("job %s (%s) is given up", job.event_id, job.kind)
            await self.kept(lambda: self._ledger.failed(job))
        else:
            await self.kept(lambda: self._ledger.done(job))

    async def _later(self, job: Job, error: Exception) -> None:
        if job.tries >= MAX_TRIES:
            log.error("job %s (%s) is given up: %s", job.event_id, job.kind, error)
            await self.kept(lambda: self._ledger.failed(job))
        else:
            log.warning("job %s (%s) waits: %s", job.event_id, job.kind, error)
            await self.kept(lambda: self._ledger.again(job, AGAIN_S * job.tries))

    async def _do(self, job: Job) -> None:
        match job.kind:
            case Kind.ASK:
                await self._answer(job)
            case Kind.HELP:
                await self._whole(job, blocks.sentence(HELP))
            case Kind.SLOW_DOWN:
                await self._talker.whisper(job, blocks.sentence(SLOW_DOWN))
            case _:
                await self._about_answer(job)

    async def _answer(self, job: Job) -> None:
        await self._talker.show_work(job)
        try:
            response = await self._asked(job)
            if isinstance(response, str):
                await self._whole(job, blocks.sentence(response))
                return
            await self.kept(lambda: self._ledger.remember(job, response))
            messages = blocks.answer_messages(response, self._notice, share=not job.is_direct)
            await self._whole(job, *messages)
        finally:
            await self._talker.hide_work(job)

    async def _whole(self, job: Job, *messages: blocks.Message, broadcast: bool = False) -> None:
        """Posts the reply; what an earlier try has posted is left out."""
        if not await self.kept(lambda: self._ledger.posting(job)):
            log.warning("job %s was taken over by another process", job.event_id)
            raise _TakenOver
        for number, message in enumerate(messages[job.sent :], start=job.sent + 1):
            await self._talker.say(job, message, broadcast=broadcast and number == 1)
            await self.kept(functools.partial(self._ledger.sent, job, number))

    async def _asked(self, job: Job) -> AskResponse | str:
        """The answer, or a plain sentence where there is none."""
        given = await self.kept(lambda: self._ledger.given(job))
        if given is not None:
            return given
        history = await self.kept(lambda: self._ledger.history(job))
        try:
            request = AskRequest(
                question=job.text, history=history, conversation_id=job.thread[:200]
            )
        except ValidationError:
            return TOO_LONG
        for wait_s in (*BUSY_WAITS_S, 0.0):
            try:
                return await self._asker.ask(request)
            except Problem as error:
                log.error("a question from Slack could not be answered: %s", error)
                if error.status != 503:
                    break
                await asyncio.sleep(wait_s)
            except YanbaoError as error:
                log.error("a question from Slack could not be answered: %s", error)
                break
            except Exception:
                log.exception("a question from Slack could not be answered")
                break
        return SORRY

    async def _about_answer(self, job: Job) -> None:
        """What the buttons under an answer ask for."""
        response = await self.kept(lambda: self._ledger.answer(job.answer_id))
        if response is None:
            await self._talker.whisper(job, blocks.sentence(FORGOTTEN))
        elif job.kind is Kind.PASSAGES:
            message = blocks.passages_message(response, self._public_url)
            await self._talker.whisper(job, message)
        elif job.kind is Kind.SHARE:
            messages = blocks.answer_messages(response, self._notice, share=False, buttons=False)
            await self._whole(job, *messages, broadcast=True)
        elif job.vote:
            await self._asker.vote(response, job.vote, job.text, job.user)
            await self._talker.whisper(job, blocks.sentence(THANKS))


async def _ended(task: asyncio.Task[None] | None) -> None:
    """Cancels a loop and waits for its end."""
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

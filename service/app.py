"""The HTTP app: routes, problems, limits and the served snapshot put together.

`create_app(settings)` gives an ASGI app; `service.server` runs it.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from corpus.errors import YanbaoError
from service import problems
from service.answers import AnswerBook
from service.asking import make_desk
from service.envelope import Envelope
from service.intake import Intake
from service.keys import Keys
from service.limits import WorkPool
from service.live import LiveIndex
from service.metrics import Metrics
from service.opening import live_index
from service.painting import Painter
from service.routes import (
    answers,
    ask,
    chat,
    facts,
    health,
    jobs,
    outline,
    page,
    reports,
    saved,
    unserved,
)
from service.routes.context import Service
from service.saved import SavedQuestions
from service.saved_watch import Announce, SavedWatch
from service.settings import Settings
from service.store import Store
from service.strict_json import MalformedJson, UnfitJson

ROUTES: Final = (
    ask,
    chat,
    answers,
    outline,
    reports,
    jobs,
    facts,
    health,
    saved,
    page,
    unserved,
)
"""The routes: parts of a report before the report, those that are not served last."""


def create_app(settings: Settings, live: LiveIndex | None = None) -> FastAPI:
    """The app over the index that `settings` name.

    Args:
        settings: see `service.settings`.
        live: an index that is open already; without it the app opens one when it starts.
    """
    live = live or live_index(settings)
    store = Store(settings.store)
    service = Service(
        settings=settings,
        live=live,
        pool=WorkPool(settings.workers, settings.queue),
        slow_pool=WorkPool(settings.llm_parallel, 0),
        metrics=Metrics(),
        page=page.load_assets(),
        store=store,
        keys=Keys(store),
        intake=Intake(settings, store, live),
        desk=make_desk(settings, AnswerBook(store, settings.keep_answers, settings.keep_days)),
        painter=Painter(),
    )
    app = FastAPI(
        title="yanbao 研报",
        version="1",
        summary="Cited answers from Chinese sell-side research reports",
        docs_url=None,  # FastAPI's pages fetch their scripts from another host
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.service = service
    app.add_middleware(Envelope, metrics=service.metrics, log_access=settings.access_log)
    _handle_errors(app)
    app.openapi = functools.partial(_described, app)  # type: ignore[method-assign]
    if settings.slack_signing_secret is not None and settings.slack_bot_token is not None:
        _add_slack(app, service)
    for module in ROUTES:
        app.include_router(module.router)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    slack = getattr(app.state, "slack", None)
    service.live.start()
    service.intake.start()
    watch = SavedWatch(SavedQuestions(service.store), service.live, _announcer(service.settings))
    watch.start()
    try:
        if slack is not None:
            await slack.start()
        yield
    finally:
        if slack is not None:
            await slack.stop()
        watch.stop()
        service.intake.stop()
        service.painter.close()
        service.pool.close()
        service.slow_pool.close()
        service.desk.close()
        service.live.close()
        service.store.close()


def _announcer(settings: Settings) -> Announce | None:
    """Who tells of changed answers; Slack is imported only where a channel is set."""
    if settings.slack_channel is None:
        return None
    from service.slack.announcing import announcer

    return announcer(settings)


def _add_slack(app: FastAPI, service: Service) -> None:
    """Serves `/slack/events`; imported only here, since Bolt takes a third of a second."""
    from service.slack.asker import LocalAsker
    from service.slack.mount import SlackEndpoint

    asker = LocalAsker(service.desk, service.live, service.pool, service.slow_pool, service.store)
    app.state.slack = endpoint = SlackEndpoint(service.settings, service.store, asker)
    app.add_api_route("/slack/events", endpoint.receive, methods=["POST"], include_in_schema=False)


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; imported when it is asked for, since few ever do."""
    from service.openapi import describe

    return describe(app)


def _handle_errors(app: FastAPI) -> None:
    """Every error that a handler raises becomes a problem document."""

    async def handle(request: Any, error: Exception) -> Any:
        return problems.problem_response(request, error)

    for kind in (
        problems.Problem,
        HTTPException,
        YanbaoError,
        MalformedJson,
        UnfitJson,
        ValidationError,
        RequestValidationError,
    ):
        app.add_exception_handler(kind, handle)

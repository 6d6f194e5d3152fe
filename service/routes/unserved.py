"""Routes of the contract that this version does not serve yet: each says so with 501."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.problems import not_served

router = APIRouter()

UNSERVED: Final = (("POST", "/slack/events", "Slack without its secrets"),)


def _register(method: str, path: str, what: str) -> None:
    async def refuse(_: Request) -> Response:
        raise not_served(what)

    router.add_api_route(
        path,
        refuse,
        methods=[method],
        name=f"{method} {path}",
        summary=f"{what} (not served yet)",
        status_code=501,
    )


for _method, _path, _what in UNSERVED:
    _register(_method, _path, _what)

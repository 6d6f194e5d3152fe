"""Bodies that no client should send to the chat, feedback and answer routes: never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system", "tool"]) | VALUES},
        optional={"content": st.text(max_size=40) | VALUES | st.lists(VALUES, max_size=3)},
    )
    | VALUES,
    max_size=4,
)


def post(site: Any, path: str, body: bytes) -> Any:
    return site.send("POST", path, body, Content_Type="application/json")


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(messages=MESSAGES | VALUES, stream=st.booleans() | VALUES, more=VALUES)
def test_no_chat_body_is_a_failure_of_ours(site, messages, stream, more):
    body = {"model": "yanbao", "messages": messages, "stream": stream, "stream_options": more}
    reply = post(site, "/v1/chat/completions", json.dumps(body).encode())
    assert reply.status in (200, 400, 422), reply.body


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=VALUES | st.fixed_dictionaries({"answer_id": VALUES, "vote": VALUES, "comment": VALUES})
)
def test_no_feedback_body_is_a_failure_of_ours(site, body):
    reply = post(site, "/v1/feedback", json.dumps(body).encode())
    assert reply.status in (400, 404, 422), reply.body
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/feedback"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b'{"a": NaN}', 422),
        (b'{"a": 1, "a": 2}', 422),
        (b'{"a": "\\ud800"}', 422),
        (b"[" * 100_000, 400),
        (b" " * 1_100_000, 413),
    ],
)
def test_what_is_no_request_is_told_so(site, path, body, status):
    assert post(site, path, body).status == status


@pytest.mark.parametrize("name", ["%00", "..%2f..", "%F0%9F%92%A9", "a" * 2000, "%27%20OR%201=1"])
def test_no_answer_id_is_a_failure_of_ours(site, name):
    assert site.get(f"/v1/answers/{name}").status == 404
    assert site.get(f"/v1/models/{name}").status == 404

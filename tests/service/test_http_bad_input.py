"""Hostile requests as raw bytes over a real socket: each has a clear answer, none is a 5xx."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

import pytest

Q = b'"question":"Sora"'


def body(**fields: Any) -> bytes:
    return json.dumps({"question": "Sora 是什么？", **fields}, ensure_ascii=False).encode()


MALFORMED = {
    "nothing": b"",
    "blank": b"  \n",
    "a word": b"Sora",
    "half an object": b'{"question": "Sora"',
    "half a string": b'{"question": "So',
    "single quotes": b"{'question': 'Sora'}",
    "a comma at the end": b'{"question": "Sora",}',
    "a comment": b'{"question": "Sora"} // ?',
    "two values": b'{"question": "Sora"}{"question": "Sora"}',
    "a raw newline in a string": b'{"question": "So\nra"}',
    "a raw NUL in a string": b'{"question": "So\x00ra"}',
    "a broken escape": b'{"question": "\\u12"}',
    "an unknown escape": b'{"question": "\\x41"}',
    "invalid UTF-8": b'{"question": "\xff\xfe"}',
    "a surrogate in UTF-8": b'{"question": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"question": "\xc0\xaf"}',
    "cut UTF-8": '{"question": "研'.encode()[:-1] + b'"}',
    "GBK": '{"question": "研报"}'.encode("gbk"),
    "UTF-16 with BOM": '{"question": "研报"}'.encode("utf-16"),
    "UTF-16 without BOM": '{"question": "研报"}'.encode("utf-16-le"),
    "UTF-32": '{"question": "研报"}'.encode("utf-32"),
    "UTF-8 with BOM": b"\xef\xbb\xbf" + body(),
    "100,000 lists in each other": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects in each other": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "100,000 lists in a field": b"{" + Q + b',"filters":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "-Infinity in pieces": b"{" + Q + b',"top_k":- Infinity}',
    "-NaN": b"{" + Q + b',"top_k":-NaN}',
    "plus": b"{" + Q + b',"top_k":+8}',
    "a leading zero": b"{" + Q + b',"top_k":08}',
    "hexadecimal": b"{" + Q + b',"top_k":0x8}',
    "malformed after NaN": b"{" + Q + b',"top_k":NaN',
    "form data": b"question=Sora",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03",
}

INVALID = {
    "null": b"null",
    "a number": b"42",
    "a string": b'"Sora"',
    "a list": b'["Sora"]',
    "true": b"true",
    "an empty object": b"{}",
    "question null": body(question=None),
    "question a number": body(question=1),
    "question a list": body(question=["Sora"]),
    "question an object": body(question={"a": 1}),
    "question true": body(question=True),
    "question of 0 characters": body(question=""),
    "question of 2,001 characters": body(question="研" * 2001),
    "question of 2,001 characters outside the BMP": body(question="\U00020000" * 2001),
    "question of 500,000 characters": body(question="a" * 500_000),
    "a lone high surrogate": b'{"question": "\\ud800"}',
    "a lone low surrogate": b'{"question": "\\udfff"}',
    "surrogates in the wrong order": b'{"question": "\\udc00\\ud800"}',
    "a lone surrogate in a key": b"{" + Q + b', "\\ud800": 1}',
    "a lone surrogate in a filter": b"{" + Q + b', "filters": {"brokers": ["\\ud800"]}}',
    "a lone surrogate in history": b"{"
    + Q
    + b', "history": [{"role": "user", "content": "\\udead"}]}',
    "a lone surrogate in an unknown field": b"{" + Q + b', "x": "\\ud800"}',
    "a lone surrogate for top_k": b"{" + Q + b', "top_k": "\\ud800"}',
    "top_k NaN": b"{" + Q + b', "top_k": NaN}',
    "top_k Infinity": b"{" + Q + b', "top_k": Infinity}',
    "top_k -Infinity": b"{" + Q + b', "top_k": -Infinity}',
    "top_k 1e999": b"{" + Q + b', "top_k": 1e999}',
    "top_k -1e999": b"{" + Q + b', "top_k": -1e999}',
    "NaN in an unknown field": b"{" + Q + b', "x": [NaN]}',
    "NaN alone": b"NaN",
    "top_k 0": body(top_k=0),
    "top_k -1": body(top_k=-1),
    "top_k 51": body(top_k=51),
    "top_k a milliard": body(top_k=10**9),
    "top_k of 4,000 digits": b"{" + Q + b', "top_k": ' + b"9" * 4000 + b"}",
    "top_k of 100,000 digits": b"{" + Q + b', "top_k": ' + b"9" * 100_000 + b"}",
    "top_k 8.5": body(top_k=8.5),
    "top_k a string": body(top_k="8"),
    "top_k true": body(top_k=True),
    "top_k null": body(top_k=None),
    "an unknown field": body(foo=1),
    "an unknown field called __proto__": body(__proto__={"a": 1}),
    "a repeated key": b'{"question": "Sora", "question": "Sora"}',
    "filters a list": body(filters=[]),
    "filters null": body(filters=None),
    "an unknown filter": body(filters={"colour": "red"}),
    "brokers a string": body(filters={"brokers": "东吴证券"}),
    "brokers of numbers": body(filters={"brokers": [1]}),
    "1,001 brokers": body(filters={"brokers": ["a"] * 1001}),
    "a date in words": body(filters={"published_from": "yesterday"}),
    "the 30th of February": body(filters={"published_to": "2024-02-30"}),
    "a date as a number": body(filters={"published_from": 1708473600}),
    "a date with a time": body(filters={"published_from": "2024-02-21T00:00:00"}),
    "as_of a number": body(as_of=20240221),
    "history a string": body(history="hi"),
    "history of 21 turns": body(history=[{"role": "user", "content": "a"}] * 21),
    "a turn of 8,001 characters": body(history=[{"role": "user", "content": "a" * 8001}]),
    "a turn of the system": body(history=[{"role": "system", "content": "a"}]),
    "a turn without content": body(history=[{"role": "user"}]),
    "an unknown reader": body(reader="gpt"),
    "stream a string": body(stream="true"),
    "stream 1": body(stream=1),
    "conversation_id a number": body(conversation_id=1),
    "conversation_id of 201 characters": body(conversation_id="a" * 201),
}

ODD = {
    "one character": "1",
    "2,000 characters": "研" * 2000,
    "blanks": "   ",
    "punctuation": "？！。，、；：“”（）《》",
    "NUL": "Sora\x00是什么",
    "control characters": "\x01\x02\x1b[31m\x7f\x85",
    "zero width": "So\u200bra\u200d是\ufeff什么",
    "right to left": "\u202eSora 是什么\u202c",
    "2,000 combining marks": "a" + "\u0301" * 1999,
    "private use": "\ue000\U0010ffff",
    "emoji": "👩‍👩‍👧‍👦🇨🇳 Sora？",
    "full width": "Ｓｏｒａ　是什么？",
    "traditional": "藍色光標 2024 年每股收益是多少？",
    "Japanese": "蓝色光标のEPSはいくらですか",
    "English": "What is the EPS of 蓝色光标?",
    "SQL": "'; DROP TABLE facts; --",
    "FTS": 'NEAR("a" "b") AND NOT * OR ^col:x',
    "a regular expression": "(((a+)+)+)$[",
    "a jieba dictionary line": "蓝色光标 100000 n\n",
    "markup": "<script>alert(1)</script>",
    "a template": "{{7*7}} ${7*7} %s %d {0}",
    "a path": "../../etc/passwd",
    "a URL": "http://127.0.0.1:1/ 是什么？",
    "digits": "9" * 2000,
    "brackets": "[" * 2000,
    "quotes": "《" * 1000 + "》" * 1000,
    "line breaks": "\r\n" * 1000,
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_body_is_a_400_problem(site, case):
    assert_problem(site.ask(MALFORMED[case]), 400)


@pytest.mark.parametrize("case", INVALID)
def test_a_body_that_breaks_the_contract_is_a_422_problem(site, case):
    reply = site.ask(INVALID[case])
    assert_problem(reply, 422)
    assert reply.json()["errors"]


@pytest.mark.parametrize("case", ODD)
def test_an_odd_question_is_answered_or_refused(site, case):
    reply = site.ask({"question": ODD[case]})
    assert reply.status == 200
    assert reply.json()["question"] == ODD[case]


def test_no_problem_repeats_what_was_sent(site):
    canary = "kanarienvogel"
    for sent in (
        body(question=[canary]),
        body(**{canary: 1}),
        body(reader=canary),
        body(filters={canary: 1}),
        body(filters={"published_from": canary}),
        canary.encode(),
        b'{"question": "' + canary.encode(),
    ):
        reply = site.ask(sent)
        assert reply.status in {400, 422}
        assert canary.encode() not in reply.body
    for target in (f"/{canary}", f"/v1/reports/{canary}", f"/v1/search?q=a&{canary}=1"):
        assert canary.encode() not in site.get(target).body


def test_a_body_over_one_mebibyte_is_413_whatever_its_length_says(site):
    large = body(question="a" * (1 << 20))
    assert_problem(site.ask(large), 413)
    head = b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17 + b"0\r\n\r\n"
    assert_problem(site.exchange(chunked), 413)
    endless = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 17  # and no end
    assert_problem(site.exchange(endless), 413)
    promised = head + b"Content-Length: 99999999999\r\n\r\n"
    assert_problem(site.exchange(promised), 413)


def test_a_50_megabyte_body_is_413_and_costs_no_memory(site):
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    large = b'{"question": "' + b"a" * 50_000_000 + b'"}'
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert_problem(site.ask(large), 413)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before - held
    assert grown < 120_000  # KiB: the client's own copy of the request, not the server's


def test_a_body_of_exactly_the_limit_is_read(site):
    padded = body().ljust(1 << 20)
    assert len(padded) == 1 << 20
    assert site.ask(padded).status == 200


def test_a_body_shorter_than_promised_is_no_5xx(site):
    head = b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"

    with socket.create_connection((site.host, site.port)) as connection:
        connection.sendall(head + b"{}")
        connection.shutdown(socket.SHUT_WR)
        received = connection.recv(65536)
    assert received == b"" or received.startswith(b"HTTP/1.1 4")
    assert site.get("/livez").status == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_what_curl_says_by_itself_is_read_as_json(site, content_type):
    assert site.ask(body(), Content_Type=content_type).status == 200


@pytest.mark.parametrize("content_type", ["multipart/form-data", "application/xml", "a"])
def test_another_content_type_is_415(site, content_type):
    assert_problem(site.ask(body(), Content_Type=content_type), 415)


@pytest.mark.parametrize("charset", ["gbk", "utf-16", "latin-1", "nonsense"])
def test_another_charset_is_415(site, charset):
    assert_problem(site.ask(body(), Content_Type=f"application/json; charset={charset}"), 415)


@pytest.mark.parametrize(
    "value", ["application/json; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_utf_8_may_be_named(site, value):
    assert site.ask(body(), Content_Type=value).status == 200


def test_a_compressed_body_is_415(site):
    assert_problem(site.ask(b"\x1f\x8b", Content_Encoding="gzip"), 415)


def test_a_slow_body_is_408(serve_with):
    slow = serve_with(body_timeout_s=0.3)
    head = b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    assert_problem(slow.exchange(head), 408)


def test_half_a_head_is_closed_by_the_deadline(serve_with):

    site = serve_with(header_timeout_s=0.3)
    with socket.create_connection((site.host, site.port), timeout=5) as connection:
        connection.sendall(b"POST /v1/ask HTTP/1.1\r\nHost:")
        with contextlib.suppress(ConnectionResetError):
            assert connection.recv(1) == b""
    assert site.get("/livez").status == 200


TARGETS = {
    "/v1/search": 422,
    "/v1/search?q=": 422,
    "/v1/search?q=a&k=0": 422,
    "/v1/search?q=a&k=101": 422,
    "/v1/search?q=a&k=1000000000": 422,
    "/v1/search?q=a&k=a": 422,
    "/v1/search?q=a&k=NaN": 422,
    "/v1/search?q=a&k=1&k=2": 422,
    "/v1/search?q=a&q=b": 422,
    "/v1/search?q=a&foo=1": 422,
    "/v1/search?q=a&published_from=2024-13-01": 422,
    "/v1/search?q=" + "a" * 2001: 422,
    "/v1/reports?limit=0": 422,
    "/v1/reports?limit=-1": 422,
    "/v1/reports?limit=1e9": 422,
    "/v1/reports?cursor=": 422,
    "/v1/reports?cursor=%ff%ff": 422,
    "/v1/reports?cursor=YQ": 422,
    "/v1/reports?status=lost": 422,
    "/v1/reports/nobody": 404,
    "/v1/reports/nobody/text": 404,
    "/v1/reports/nobody/file": 404,
    "/v1/reports/nobody/pages/1.png": 404,
    "/v1/reports/nobody/pages/a.png": 404,
    "/v1/reports/000_987a530512bc595a/pages/a.png": 422,
    "/v1/reports/000_987a530512bc595a/pages/1.5.png": 422,
    "/v1/reports/..%2f..%2fetc%2fpasswd": 404,
    "/v1/reports/%2e%2e/text": 404,
    "/v1/reports/../../../../etc/passwd": 404,
    "/v1/reports/%00": 404,
    "/v1/reports/%ff%fe/text": 404,
    "/v1/reports/C:%5Cwindows/file": 404,
    "/v1/reports/file:%2F%2F%2Fetc%2Fpasswd/file": 404,
    "/v1/reports/" + "a" * 4000 + "/text": 404,
    "/v2/ask": 404,
    "/v1": 404,
    "/v1/ask": 405,
    "/nowhere": 404,
    "//etc/passwd": 404,
    "/app.py": 404,
    "/web/app.js": 404,
    "/docs": 404,
}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target[:60])
def test_a_wrong_target_is_a_problem(site, target):
    assert_problem(site.get(target), TARGETS[target])


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_405(site, method):
    assert_problem(site.send(method, "/v1/ask", b""), 405)


RAW = {
    "no HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a huge head": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    "10,000 fields": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two lengths": b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
    b"Content-Length: 2\r\n\r\n{}",
    "a negative length": b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "length and chunks": b"POST /v1/ask HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a broken chunk": b"POST /v1/ask HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a blank in a field name": b"GET / HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n",
    "HTTP/9": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("case", RAW)
def test_bytes_that_are_no_sound_request_are_never_a_5xx(site, case):

    with socket.create_connection((site.host, site.port), timeout=20) as connection:
        try:
            connection.sendall(RAW[case])
            connection.shutdown(socket.SHUT_WR)
            received = connection.recv(65536)
        except OSError:  # closed in our face: an answer too
            received = b""
    assert received == b"" or received.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4"))
    assert site.get("/livez").status == 200


def test_ten_thousand_parameters_are_refused(site):
    target = "/v1/search?q=a&" + "&".join(f"a{n}=1" for n in range(5_000))
    assert 400 <= site.get(target).status < 500


def test_a_request_id_is_echoed_in_harmless_characters(site):
    assert site.get("/livez", X_Request_ID="abc-123").headers["x-request-id"] == "abc-123"
    assert site.get("/livez", X_Request_ID="a<b>\tc").headers["x-request-id"] == "abc"
    assert len(site.get("/livez", X_Request_ID="a" * 999).headers["x-request-id"]) == 128
    reply = site.ask(b"{", X_Request_ID="abc-123")
    assert reply.json()["request_id"] == "abc-123"
    assert site.get("/livez").headers["x-request-id"]


def test_there_are_at_least_150_hostile_bodies():
    assert len(MALFORMED) + len(INVALID) + len(ODD) + len(TARGETS) + len(RAW) >= 150


def assert_problem(reply: Any, status: int) -> None:
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:yanbao:problem:")
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == reply.headers["x-request-id"]

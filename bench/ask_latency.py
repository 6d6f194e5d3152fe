"""Warm latency: `POST /v1/ask` over HTTP, one question after the other, on the two samples.

Asks every golden question of the development set; refusals count like answers. The ratio is
against `GET /livez` over the same connection, which is what HTTP alone costs here.
Run: `python bench/ask_latency.py` after `make index`.
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time

from measuring import Figure, Server, golden_questions, machine, need_index, report

ROUNDS = 3
LIMIT_P50_MS = 15.0
LIMIT_SENTENCE_MS = 40.0


def livez_ms(connection: http.client.HTTPConnection, times: int = 100) -> float:
    """Median milliseconds of a request that computes nothing."""
    walls = []
    for _ in range(times):
        begin = time.perf_counter()
        connection.request("GET", "/livez")
        connection.getresponse().read()
        walls.append(time.perf_counter() - begin)
    return statistics.median(walls) * 1000


def first_sentence_s(connection: http.client.HTTPConnection, question: str) -> float:
    """Seconds until the first words of a streamed answer are there; reads it to its end.

    Raises:
        RuntimeError: the stream holds no words.
    """
    body = json.dumps({"question": question, "stream": True}).encode()
    begin = time.perf_counter()
    connection.request("POST", "/v1/ask", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    took_s = 0.0
    while line := response.readline():
        if not took_s and line.startswith(b"event: delta"):
            response.readline()
            took_s = time.perf_counter() - begin
    if not took_s:
        raise RuntimeError(f"{question!r}: no words in the stream")
    return took_s


def main() -> int:
    """Measures and prints; 3 when a limit is broken."""
    need_index()
    questions = golden_questions()
    print(f"/v1/ask on {machine()}; {len(questions)} golden questions, {ROUNDS} rounds, serial")
    with Server() as server:
        server.first_answer_s(questions[0])
        connection = server.connect()
        for question in questions:  # the warm-up round
            server.ask(connection, question)
        walls = [server.ask(connection, one) for _ in range(ROUNDS) for one in questions]
        streamed = [first_sentence_s(connection, one) for one in questions]
        floor_ms = livez_ms(connection)
        peak_mib = server.peak_mib()
        connection.close()
    p50_ms = statistics.median(walls) * 1000
    p95_ms = statistics.quantiles(walls, n=20)[18] * 1000
    status = report(
        [
            Figure("POST /v1/ask: p50", p50_ms, "ms", LIMIT_P50_MS),
            Figure("POST /v1/ask: p95", p95_ms, "ms"),
            Figure("POST /v1/ask: slowest", max(walls) * 1000, "ms"),
            Figure(
                "first streamed sentence: p50",
                statistics.median(streamed) * 1000,
                "ms",
                LIMIT_SENTENCE_MS,
            ),
            Figure(
                "first streamed sentence: p95",
                statistics.quantiles(streamed, n=20)[18] * 1000,
                "ms",
            ),
            Figure("GET /livez: p50", floor_ms, "ms"),
            Figure("peak memory of the server", peak_mib, "MiB"),
        ]
    )
    print(f"ratio: a question costs {p50_ms / floor_ms:.1f} times an empty request")
    return status


if __name__ == "__main__":
    sys.exit(main())

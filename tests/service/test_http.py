"""The HTTP contract over a real socket: every route, every shape, every quote."""

from __future__ import annotations

import csv
import hashlib
import http.client
import io
import json
import re
import time
from urllib.parse import quote

import pytest

from service.schemas import AskResponse, PassageOut, ReportOut

NOT_SERVED = [
    ("POST", "/slack/events"),
]


@pytest.fixture(scope="module")
def ids(site):
    return [report["report_id"] for report in site.get("/v1/reports").json()["reports"]]


@pytest.fixture(scope="module")
def texts(site, ids):
    return {i: site.get(f"/v1/reports/{quote(i)}/text").body.decode() for i in ids}


def test_an_answer_has_the_shape_of_the_contract(site):
    reply = site.ask({"question": "Sora 是什么？"})
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    answer = reply.json()
    AskResponse.model_validate(answer)
    assert set(answer) == set(AskResponse.model_fields)
    assert answer["standalone_question"] == answer["question"] == "Sora 是什么？"
    assert answer["snapshot"]["reports"] == 2


@pytest.mark.parametrize(
    "question",
    ["蓝色光标 2024 年的 EPS 是多少？", "Sora 是什么？", "有哪些风险？", "评级买入是什么意思？"],
)
def test_every_quote_and_passage_stands_at_its_offsets(site, texts, question):
    answer = site.ask({"question": question}).json()
    for cited in answer["citations"]:
        text = texts[cited["report_id"]]
        assert text[cited["start"] : cited["end"]] == cited["quote"]
        if cited["cell"]:
            cell = cited["cell"]
            assert text[cell["start"] : cell["end"]] == cell["value"]
    for passage in answer["passages"]:
        text = texts[passage["report_id"]]
        assert text[passage["start"] : passage["end"]] == passage["text"]
    assert [c["marker"] for c in answer["citations"]] == list(
        range(1, len(answer["citations"]) + 1)
    )


def test_a_citation_links_to_this_server_and_to_this_version(site, texts):
    answer = site.ask({"question": "蓝色光标 2024 年的 EPS 是多少？"}).json()
    assert answer["citations"]
    for cited in answer["citations"]:
        report = site.get(f"/v1/reports/{quote(cited['report_id'])}").json()
        place = f"start={cited['start']}&end={cited['end']}&v={report['file']['sha256'][:12]}"
        assert cited["url"].endswith(f"/reports/{quote(cited['report_id'])}?{place}")


def test_the_same_question_has_the_same_answer_but_for_id_and_times(site):
    def fixed():
        answer = site.ask({"question": "蓝色光标 2024 年的 EPS 是多少？"}).json()
        return {k: v for k, v in answer.items() if k not in {"id", "timings_ms"}}

    assert fixed() == fixed()


def test_a_refusal_is_a_200_without_citations(site):
    reply = site.ask({"question": "贵州茅台 2024 年的 EPS 是多少？"})
    assert reply.status == 200
    answer = reply.json()
    assert answer["refused"] is True
    assert answer["kind"] == "refusal"
    assert answer["reason"] == "no_such_company"
    assert answer["citations"] == []


def test_a_filter_that_leaves_nothing_refuses(site):
    asked = {"question": "Sora 是什么？", "filters": {"published_to": "1999-12-31"}}
    answer = site.ask(asked).json()
    assert (answer["refused"], answer["reason"]) == (True, "not_in_corpus")


def test_filters_choose_the_reports_that_answer(site, ids):
    for report_id in ids:
        asked = {"question": "Sora 是什么？", "filters": {"report_ids": [report_id]}}
        answer = site.ask(asked).json()
        assert {p["report_id"] for p in answer["passages"]} <= {report_id}
        assert {c["report_id"] for c in answer["citations"]} <= {report_id}


def test_top_k_bounds_the_passages(site):
    for top_k in (1, 50):
        asked = {"question": "Sora 是什么？", "top_k": top_k}
        assert len(site.ask(asked).json()["passages"]) <= top_k


def test_the_llm_reader_is_not_served_yet(site):
    assert site.ask({"question": "a", "reader": "llm"}).status == 501
    assert site.ask({"question": "a", "stream": True, "top_k": 0}).status == 422


def test_search_finds_passages_best_first(site, texts):
    reply = site.get(f"/v1/search?q={quote('算力需求')}&k=5")
    assert reply.status == 200
    hits = reply.json()["hits"]
    assert 1 <= len(hits) <= 5
    order = [(-hit["score"], hit["passage_id"]) for hit in hits]
    assert order == sorted(order)
    for hit in hits:
        PassageOut.model_validate(hit)
        assert texts[hit["report_id"]][hit["start"] : hit["end"]] == hit["text"]
        assert hit["passage_id"] == f"{hit['report_id']}:{hit['start']}-{hit['end']}"


def test_search_takes_filters_as_repeated_parameters(site, ids):
    one = site.get(f"/v1/search?q=Sora&report_ids={quote(ids[0])}").json()["hits"]
    both = site.get(
        f"/v1/search?q=Sora&k=100&report_ids={quote(ids[0])}&report_ids={quote(ids[1])}"
    ).json()["hits"]
    assert {hit["report_id"] for hit in one} == {ids[0]}
    assert {hit["report_id"] for hit in both} == set(ids)
    late = site.get("/v1/search?q=Sora&published_from=2024-02-25").json()["hits"]
    assert len({hit["report_id"] for hit in late}) == 1
    assert site.get("/v1/search?q=Sora&brokers=nobody").json() == {"hits": []}


def test_the_list_of_reports_is_complete_and_paged(site, ids):
    whole = site.get("/v1/reports").json()
    assert whole["next"] is None
    assert ids == sorted(ids)
    assert len(ids) == 2
    for report in whole["reports"]:
        ReportOut.model_validate(report)
        assert set(report) == set(ReportOut.model_fields)
    first = site.get("/v1/reports?limit=1").json()
    assert first["reports"] == whole["reports"][:1]
    second = site.get(f"/v1/reports?limit=1&cursor={first['next']}").json()
    assert second["reports"] == whole["reports"][1:]
    assert second["next"] is None
    assert site.get("/v1/reports?status=quarantined").json() == {"reports": [], "next": None}


def test_a_report_tells_what_its_page_one_says(site, ids, samples):
    for report_id in ids:
        report = site.get(f"/v1/reports/{quote(report_id)}").json()
        content = (samples / report["file"]["name"]).read_bytes()
        assert report["file"]["sha256"] == hashlib.sha256(content).hexdigest()
        assert report["file"]["bytes"] == len(content)
        assert report["chars"] == len(content.decode())
        assert (report["pages"], report["status"]) == (None, "indexed")


def test_the_text_is_the_canonical_text_and_nothing_else(site, ids, samples):
    for report_id in ids:
        reply = site.get(f"/v1/reports/{quote(report_id)}/text")
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"
        assert reply.body == (samples / f"{report_id}.txt").read_bytes()


def test_the_file_is_the_original_byte_for_byte(site, ids, samples):
    for report_id in ids:
        reply = site.get(f"/v1/reports/{quote(report_id)}/file")
        assert reply.body == (samples / f"{report_id}.txt").read_bytes()
        assert reply.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")


def test_a_text_file_has_no_pictures_of_pages(site, ids):
    assert site.get(f"/v1/reports/{quote(ids[0])}/pages/1.png").status == 404


@pytest.mark.parametrize(("method", "path"), NOT_SERVED)
def test_what_is_not_served_yet_says_so(site, method, path):
    reply = site.send(method, path, b"")
    assert reply.status == 501
    assert reply.headers["content-type"] == "application/problem+json"


def test_facts_carry_their_cells(site, texts):
    reply = site.get(f"/v1/facts?company={quote('蓝色光标')}&metric=eps&period=2024E")
    facts = reply.json()["facts"]
    assert {fact["value"] for fact in facts} == {"0.23"}  # both reports give 0.23 for 2024E
    assert len(facts) == 2
    for fact in facts:
        cited = fact["citation"]
        text = texts[fact["report_id"]]
        assert text[cited["start"] : cited["end"]] == cited["quote"]
        assert cited["cell"]["value"] == fact["value"]
        assert (fact["kind"], fact["period"], fact["value_base"]) == ("estimate", "2024", "0.23")


def test_facts_are_paged_and_filtered_by_broker_and_code(site):
    every = site.get("/v1/facts?limit=1000").json()
    assert every["next"] is None
    paged, cursor = [], ""
    while cursor is not None:
        page = site.get(f"/v1/facts?limit=150{f'&cursor={cursor}' if cursor else ''}").json()
        paged += page["facts"]
        cursor = page["next"]
    assert paged == every["facts"]
    by_code = site.get("/v1/facts?company=300058.SZ&limit=1000").json()["facts"]
    assert {fact["code"][:6] for fact in by_code} == {"300058"}
    brokers = {fact["broker"] for fact in every["facts"]}
    for broker in brokers:
        found = site.get(f"/v1/facts?broker={quote(broker)}&limit=1000").json()["facts"]
        assert found == [fact for fact in every["facts"] if fact["broker"] == broker]
    report_id = every["facts"][0]["report_id"]
    found = site.get(f"/v1/facts?report_id={quote(report_id)}&limit=1000").json()["facts"]
    assert found == [fact for fact in every["facts"] if fact["report_id"] == report_id]


def test_facts_as_csv_have_the_same_columns_and_values(site):
    reply = site.get("/v1/facts?format=csv&limit=1000")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(reply.body.decode())))
    facts = site.get("/v1/facts?limit=1000").json()["facts"]
    assert [row["fact_id"] for row in rows] == [fact["fact_id"] for fact in facts]
    assert list(rows[0]) == list(facts[0])
    assert [row["value"] for row in rows] == [fact["value"] for fact in facts]


def test_facts_as_parquet_are_those_of_the_page(site):
    from pyarrow import parquet

    reply = site.get("/v1/facts?format=parquet&limit=50")
    assert reply.headers["content-type"] == "application/vnd.apache.parquet"
    rows = parquet.read_table(io.BytesIO(reply.body)).to_pylist()
    facts = site.get("/v1/facts?limit=50").json()["facts"]
    assert [row["fact_id"] for row in rows] == [fact["fact_id"] for fact in facts]


def test_health_says_what_is_served(site):
    for path in ("/livez", "/healthz"):
        assert site.get(path).status == 200
    ready = site.get("/readyz").json()
    assert ready["status"] == "ready"
    assert ready["reload_fault"] is None
    assert ready["snapshot"] == site.ask({"question": "Sora"}).json()["snapshot"]


def test_metrics_count_requests_by_route_and_not_by_path(site):
    for number in range(5):
        site.get(f"/v1/reports/nobody-{number}")
    text = site.get("/metrics").body.decode()
    assert re.search(
        r'requests_total\{route="/v1/reports/\{report_id\}",method="GET",status="404"\} \d', text
    )
    assert "nobody" not in text
    for line in text.splitlines():
        assert re.fullmatch(r"# TYPE \w+ \w+|\w+(\{.*\})? -?[\d.e+-]+", line), line


def test_every_reply_is_safe_to_show(site):
    for path in ("/", "/app.js", "/v1/reports", "/nowhere", "/livez"):
        headers = site.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-request-id"]
        assert "server" not in headers


def test_replies_on_a_kept_connection_do_not_wait_for_acknowledgements(site):
    """Head and body are two packets; with Nagle's delay the second waits 40 ms for an ACK."""
    connection = http.client.HTTPConnection(site.host, site.port, timeout=20)
    times = []
    for _ in range(15):
        began = time.perf_counter()
        connection.request("GET", "/livez")
        connection.getresponse().read()
        times.append(time.perf_counter() - began)
    connection.close()
    assert min(times) < 0.03  # the delay would strike each one, a busy machine does not


def test_head_is_get_without_a_body(site):
    for path in ("/", "/livez", "/v1/reports"):
        got, head = site.get(path), site.send("HEAD", path, b"", Connection="close")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]


def test_openapi_describes_every_route_of_the_contract(site):
    document = site.get("/openapi.json").json()
    paths = document["paths"]
    for path in ("/v1/ask", "/v1/search", "/v1/reports", "/v1/facts", "/livez", "/readyz"):
        assert path in paths
    for part in ("", "/text", "/file", "/pages/{page}.png"):
        assert f"/v1/reports/{{report_id}}{part}" in paths
    for method, path in NOT_SERVED:
        described = next(
            p for p in paths if re.fullmatch(re.sub(r"\\{\w+\\}", "any", re.escape(p)), path)
        )
        assert method.lower() in paths[described]
    names = [parameter["name"] for parameter in paths["/v1/search"]["get"]["parameters"]]
    assert names[:2] == ["q", "k"]
    assert {"brokers", "stock_codes", "report_ids", "published_from", "published_to"} < set(names)


def test_a_wrong_method_is_told_all_the_right_ones(site):
    allowed = {
        "/v1/ask": "POST",
        "/v1/reports": "GET, HEAD, POST",
        "/v1/reports/any": "DELETE, GET, HEAD",
    }
    for path, methods in allowed.items():
        assert site.send("OPTIONS", path, b"").headers["allow"] == methods


def test_every_reference_in_openapi_leads_somewhere(site):
    document = site.get("/openapi.json").json()
    references = re.findall(r'"\$ref": ?"([^"]+)"', json.dumps(document))
    assert references
    for reference in set(references):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_a_full_queue_answers_503_at_once_and_stays_alive(serve_with):
    import threading

    site = serve_with(workers=1, queue=0)
    statuses: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: statuses.append(site.ask({"question": "Sora 是什么？"}).status)
        )
        for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    assert site.get("/livez").status == 200
    for thread in threads:
        thread.join()
    assert set(statuses) <= {200, 503}
    assert 200 in statuses
    assert site.ask({"question": "Sora 是什么？"}).status == 200  # all places were given back


def test_a_reader_from_elsewhere_needs_the_key(sample_index):
    from starlette.testclient import TestClient

    from service.app import create_app
    from service.settings import Settings

    key = "a-long-enough-key"
    app = create_app(Settings(index=sample_index, api_key=key))
    with TestClient(app, client=("192.0.2.1", 1)) as far:
        refused = far.get("/v1/reports")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        for wrong in ("Bearer wrong", f"Basic {key}", f"Bearer {key}x", "Bearer", "Bearer ключ"):
            given = {"Authorization": wrong.encode()}
            assert far.get("/v1/reports", headers=given).status_code == 401
        right = {"Authorization": f"Bearer {key}"}
        assert far.get("/v1/reports", headers=right).status_code == 200
        assert far.get("/livez").status_code == 200
        assert far.get("/").status_code == 200
    with TestClient(create_app(Settings(index=sample_index)), client=("192.0.2.1", 1)) as far:
        assert far.get("/v1/reports", headers={"Authorization": "Bearer "}).status_code == 401
    opened = create_app(Settings(index=sample_index, open_reads=True))
    with TestClient(opened, client=("192.0.2.1", 1)) as far:
        assert far.get("/v1/reports").status_code == 200
    with TestClient(create_app(Settings(index=sample_index)), client=("::1", 1)) as near:
        assert near.get("/v1/reports").status_code == 200

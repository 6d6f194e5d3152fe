"""Seeing is trusting: pages as pictures with the quoted words marked, and versions by their sha."""

from __future__ import annotations

import hashlib
import io
import re
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
from PIL import Image

from indexer.build import build
from service.indexing import inspect_files
from service.painting import Painter
from service.problems import Problem

WIDTH, HEIGHT = 595, 842
YELLOW = (255, 226, 90)
LINES = ["华东证券研究所", "公司深度报告", "储能出货量在二零二四年达到三十吉瓦时，同比增长五成。"]
MORE = ["第二页讲海外市场，欧洲需求恢复，公司订单饱满，交付周期延长至两个季度。"]

Site = Any  # of conftest


PICTURE = "\0"
"""A line that is a grey picture, 200 points wide and 120 high."""


def drawn_pdf(pages: Sequence[Sequence[str]], size: tuple[float, float] = (WIDTH, HEIGHT)) -> bytes:
    """A PDF with one line of 12 points at each 30 points, 60 points from the left."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        b"/DescendantFonts [4 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 5 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -120 1000 880] "
        b"/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 80 >>",
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 /Length 1 >>\nstream\n\x80\nendstream",
    ]
    kids = []
    for lines in pages:
        kids.append(len(objects) + 1)
        marks = "\n".join(
            f"q 200 0 0 120 60 {size[1] - 60 - 30 * n} cm /I1 Do Q"
            if line == PICTURE
            else f"BT /F1 12 Tf 1 0 0 1 60 {size[1] - 60 - 30 * n} Tm "
            f"<{line.encode('utf-16-be').hex()}> Tj ET"
            for n, line in enumerate(lines)
        ).encode()
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> /XObject << /I1 6 0 R >> >> >>"
            % (*size, len(objects) + 2)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(marks), marks))
    listed = " ".join(f"{kid} 0 R" for kid in kids).encode()
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    return _numbered(objects)


def _numbered(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + head + tail % (len(objects) + 1, len(out))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of a PDF of two pages, of a text, and of the version before of both."""
    top = tmp_path_factory.mktemp("pages")
    reports = top / "reports"
    reports.mkdir()
    (reports / "deep.pdf").write_bytes(drawn_pdf([["旧版", *LINES]]))
    (reports / "note.txt").write_text("旧的说法。\n", "utf-8")
    build([reports], top / "index")
    (reports / "deep.pdf").write_bytes(drawn_pdf([LINES, MORE]))
    (reports / "note.txt").write_text("新的说法。\n", "utf-8")
    (reports / "broken.pdf").write_bytes(drawn_pdf([LINES])[:200])
    build([reports], top / "index")
    return top


@pytest.fixture
def site(place: Path, serve_with: Callable[..., Site]) -> Site:
    return serve_with(index=place / "index", store=place / "store.sqlite3")


def picture(site: Site, target: str) -> Image.Image:
    reply = site.get(target)
    assert (reply.status, reply.headers["content-type"]) == (200, "image/png"), reply.body[:300]
    return Image.open(io.BytesIO(reply.body)).convert("RGB")


def yellow(image: Image.Image) -> tuple[int, int, int, int] | None:
    """The box that holds all pixels of the mark's colour."""
    return Image.fromarray((np.asarray(image) == YELLOW).all(axis=2)).getbbox()


def test_a_citation_has_its_page_and_the_rectangles_of_its_words(site: Site) -> None:
    answer = site.ask({"question": "储能出货量同比增长多少？"}).json()
    (cited,) = [c for c in answer["citations"] if c["report_id"] == "deep"][:1]
    assert "储能出货量" in cited["quote"]
    assert cited["page"] == 1
    (rect,) = cited["rects"]
    assert rect["page"] == 1
    first = LINES[2].index("储能") * 12 + 60
    assert rect["x0"] == pytest.approx(first, abs=1)
    assert rect["x1"] == pytest.approx(60 + 12 * len(LINES[2]), abs=13)
    assert 100 < rect["y0"] < 120 < rect["y1"] < 128  # its base line is at 120 points


def test_the_quoted_words_are_marked_on_their_page(site: Site) -> None:
    text = site.get("/v1/reports/deep/text").body.decode()
    start = text.index("三十吉瓦时")
    path = "/v1/reports/deep/pages"
    image = picture(site, f"{path}/1.png?start={start}&end={start + 5}")
    assert image.size == (WIDTH * 2, HEIGHT * 2)
    box = yellow(image)
    assert box is not None
    x0 = 60 + 12 * LINES[2].index("三十")
    assert box[0] / 2 == pytest.approx(x0, abs=3)
    assert box[2] / 2 == pytest.approx(x0 + 60, abs=3)
    assert 105 < box[1] / 2 < box[3] / 2 < 128
    assert yellow(picture(site, f"{path}/1.png")) is None
    assert yellow(picture(site, f"{path}/2.png?start={start}&end={start + 5}")) is None


def test_a_picture_is_not_sent_twice(site: Site) -> None:
    first = site.get("/v1/reports/deep/pages/2.png")
    again = site.get("/v1/reports/deep/pages/2.png", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("deep/pages/3.png", 404),
        ("deep/pages/0.png", 404),
        ("deep/pages/999999999999.png", 422),
        ("deep/pages/1e1.png", 422),
        ("deep/pages/1.png?start=1", 422),
        ("deep/pages/1.png?start=5&end=4", 422),
        ("deep/pages/1.png?start=0&end=99999", 422),
        ("deep/pages/1.png?start=-1&end=4", 422),
        ("deep/pages/1.png?zoom=9", 422),
        ("deep/pages/1.png?v=xyz", 422),
        ("deep/pages/1.png?v=000000000000", 404),
        ("note/pages/1.png", 404),
        ("broken/pages/1.png", 404),
        ("nobody/pages/1.png", 404),
    ],
)
def test_what_cannot_be_shown_says_why(site: Site, target: str, status: int) -> None:
    reply = site.get(f"/v1/reports/{target}")
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")


def test_the_original_of_a_pdf_is_kept(site: Site, place: Path) -> None:
    reply = site.get("/v1/reports/deep/file")
    assert reply.body == (place / "reports" / "deep.pdf").read_bytes()
    assert reply.headers["content-type"] == "application/pdf"


def test_an_old_citation_still_opens(place: Path, serve_with: Callable[..., Site]) -> None:
    site = serve_with(index=place / "index", store=place / "store.sqlite3")
    old = _first_sha(place, "deep.pdf", drawn_pdf([["旧版", *LINES]]))
    text = site.get(f"/v1/reports/deep/text?v={old}").body.decode()
    assert text.startswith("旧版")
    shown = site.get(f"/v1/reports/deep?v={old}").json()
    now = site.get("/v1/reports/deep").json()
    assert "旧版本" in shown["warnings"][0]
    assert now["file"]["sha256"][:12] in shown["warnings"][0]
    assert (shown["pages"], now["pages"]) == (1, 2)
    start = text.index("三十吉瓦时")
    asked = f"/v1/reports/deep/pages/1.png?start={start}&end={start + 5}&v={old}"
    box = yellow(picture(site, asked))
    assert box is not None
    assert 135 < box[1] / 2 < 158  # a line lower than today
    assert site.get(f"/v1/reports/deep/file?v={old}").body == drawn_pdf([["旧版", *LINES]])
    text_before = _first_sha(place, "note.txt", "旧的说法。\n".encode())
    assert site.get(f"/v1/reports/note/text?v={text_before}").body.decode() == "旧的说法。\n"
    assert site.get(f"/v1/reports/note/file?v={text_before}").body.decode() == "旧的说法。\n"


def _first_sha(place: Path, name: str, data: bytes) -> str:
    assert (place / "reports" / name).exists()
    return hashlib.sha256(data).hexdigest()[:12]


def test_the_link_of_a_citation_leads_to_its_version(site: Site) -> None:
    (cited, *_) = site.ask({"question": "储能出货量同比增长多少？"}).json()["citations"]
    link = urlsplit(cited["url"])
    assert site.get(f"{link.path}?{link.query}").status == 200
    text = site.get(f"/v1/reports/{quote(cited['report_id'])}/text?v={link.query[-12:]}")
    assert text.body.decode()[cited["start"] : cited["end"]] == cited["quote"]


def test_a_file_that_cannot_be_drawn_costs_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    painter = Painter()
    good = drawn_pdf([LINES])
    try:
        with pytest.raises(Problem) as refused:
            painter.draw("bad", lambda: b"%PDF-1.4\nnothing", 1)
        assert refused.value.status == 422
        first = painter.draw("good", lambda: good, 1)
        assert first.startswith(b"\x89PNG")
        child = painter._child
        assert child is not None
        child.kill()
        child.wait()
        assert painter.draw("good", lambda: good, 1, ((0, 0, 9, 9),)) != first
        monkeypatch.setattr("service.painting.DRAW_S", 0.0)
        with pytest.raises(Problem):
            painter.draw("slow", lambda: good, 1)
        monkeypatch.undo()
        assert painter.draw("slow", lambda: good, 1) == first
        with pytest.raises(Problem):
            painter.draw("good", lambda: good, 2)
    finally:
        painter.close()


def test_inspect_writes_one_page_that_needs_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evil = "<script>alert(1)</script>"
    (tmp_path / "deep.pdf").write_bytes(drawn_pdf([[*LINES, evil], MORE]))
    out = tmp_path / "deep.html"
    assert inspect_files([tmp_path / "deep.pdf"], html=out) == 0
    assert capsys.readouterr().out.strip() == str(out)
    page = out.read_text("utf-8")
    assert page.count("data:image/png;base64,") == 2
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert LINES[2] in page
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", page)
    assert page.count('<a class="') >= 4  # a frame around each block


def test_inspect_shows_tables_as_grids(samples: Path, tmp_path: Path) -> None:
    (sample, *_) = sorted(samples.glob("*.txt"))
    out = tmp_path / "out.html"
    assert inspect_files([sample], html=out) == 0
    page = out.read_text("utf-8")
    assert "<th>" in page
    assert '<td class="key">' in page


def test_what_stands_only_in_a_picture_is_known_to_stand_there(
    tmp_path: Path, serve_with: Callable[..., Site]
) -> None:
    chart = ["图 3：全球车载镜头出货量（万颗）", "", "", "", "", PICTURE, "资料来源：行业协会"]
    (tmp_path / "deep.pdf").write_bytes(drawn_pdf([LINES, [*MORE, *chart]]))
    build([tmp_path / "deep.pdf"], tmp_path / "index")
    site = serve_with(index=tmp_path / "index", store=tmp_path / "store.sqlite3")
    hits = site.get(f"/v1/search?q={quote('车载镜头出货量')}").json()["hits"]
    assert "图 3：全球车载镜头出货量" in hits[0]["text"]
    assert "资料来源：行业协会" in hits[0]["text"]
    for question in ("2023年全球车载镜头出货量是多少？", "全球车载镜头出货量是多少万颗？"):
        answer = site.ask({"question": question}).json()
        assert answer["refused"]
        assert "该数据可能在图中（图 3，第 2 页）" in answer["answer"]
        assert answer["citations"] == []
    other = site.ask({"question": "全球手机镜头的毛利率是多少？"}).json()
    assert "该数据可能在图中" not in other["answer"]


def test_a_giant_page_is_drawn_small(tmp_path: Path, serve_with: Callable[..., Site]) -> None:
    (tmp_path / "big.pdf").write_bytes(drawn_pdf([LINES], (14_400, 14_400)))
    build([tmp_path / "big.pdf"], tmp_path / "index")
    site = serve_with(index=tmp_path / "index", store=tmp_path / "store.sqlite3")
    reply = site.get("/v1/reports/big/pages/1.png")
    assert reply.status == 200
    wide, high = struct.unpack(">II", reply.body[16:24])
    assert wide * high <= 4_100_000

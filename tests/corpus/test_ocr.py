"""OCR: words with their places and confidence, drawn lines, and no model where none is needed."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from corpus.errors import UnreadableFile
from corpus.ocr import read_picture
from corpus.ocr_dashes import Found, lone_dashes
from corpus.ocr_ink import Ink, Stroke, drawn_ink
from corpus.ocr_models import Letter
from corpus.pdf.page import Rule
from corpus.readers import picture

SCALE = 200 / 72  # pixels of a point


def drawn(words: list[tuple[float, float, str]], size: float = 10) -> Image.Image:
    """A picture of 300 × 120 points with words at their upper left corners."""
    image = Image.new("RGB", (int(300 * SCALE), int(120 * SCALE)), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size * SCALE)
    for x, y, text in words:
        draw.text((x * SCALE, y * SCALE), text, fill="black", font=font)
    return image


def test_words_know_where_they_stand_and_how_sure_they_are() -> None:
    page = read_picture(
        drawn([(20, 20, "Revenue"), (150, 20, "1,280.51"), (150, 60, "0.70")]), 3, 300, 120
    )
    assert (page.number, page.ocr) == (3, True)
    assert [word.text for word in page.words] == ["Revenue", "1,280.51", "0.70"]
    for word in page.words:
        assert len(word.edges) == len(word.text) + 1
        assert list(word.edges) == sorted(word.edges)
        assert word.confidence is not None
        assert 0.5 < word.confidence <= 1
    revenue, figure, below = page.words
    assert revenue.x0 == pytest.approx(20, abs=3)
    assert figure.x0 == pytest.approx(150, abs=3)
    assert revenue.y0 == pytest.approx(figure.y0, abs=0.05)  # cells of one row stand at one height
    assert below.y0 - figure.y0 == pytest.approx(40, abs=3)
    assert below.size == figure.size
    assert figure.size == pytest.approx(10, abs=2.5)


def test_a_page_held_aslant_is_turned_upright() -> None:
    words = [(20, 20, "Operating revenue"), (200, 20, "1,280.51"), (20, 80, "Net profit margin")]
    page = read_picture(
        drawn(words).rotate(2, fillcolor="white", resample=Image.Resampling.BICUBIC), 1, 300, 120
    )
    heights = {word.text: (word.y0 + word.y1) / 2 for word in page.words}
    assert heights["1,280.51"] == pytest.approx(heights["Operating"], abs=1.5)


def test_a_blank_picture_has_no_words() -> None:
    assert read_picture(Image.new("RGB", (400, 300), "white"), 1, 144, 108).words == ()


def test_lines_are_found_and_edges_of_shades_are_not() -> None:
    pixels = np.full((400, 600, 3), 255, np.uint8)
    pixels[250:300, 50:550] = (217, 226, 243)  # a shaded row
    pixels[100:102, 50:550] = 0  # a line, crossed by
    pixels[50:220, 300:302] = 90  # a grey one
    rules = drawn_ink(pixels, (0.36, 0.36)).rules  # 200 dots an inch
    (across,) = [rule for rule in rules if rule.horizontal]
    (upright,) = [rule for rule in rules if not rule.horizontal]
    assert (across.x0, across.x1) == pytest.approx((18, 198), abs=1)
    assert (upright.y0, upright.y1) == pytest.approx((18, 79.2), abs=1)


def found(left: float, middle: float, text: str, size: float = 9.0) -> Found:
    """A line whose letters stand half an em apart."""
    letters = [
        Letter(one, left + (at + 0.5) * size / 2, middle, 0.99, spaced=False)
        for at, one in enumerate(text)
    ]
    right = left + len(text) * size / 2
    return Found(letters, left, right, middle - size / 2, middle + size / 2, size)


def stroke(left: float, middle: float, wide: float = 3.0, **near: float) -> Stroke:
    return Stroke(
        left,
        middle - 0.4,
        left + wide,
        middle + 0.4,
        near.get("above", 9.0),
        near.get("beside", 9.0),
    )


def grid(rows: list[float], columns: list[float]) -> list[Rule]:
    across = [Rule(columns[0], y, columns[-1], y, 0.5) for y in rows]
    return [*across, *(Rule(x, rows[0], x, rows[-1], 0.5) for x in columns)]


def test_a_stroke_alone_in_a_drawn_cell_is_a_dash() -> None:
    rules = grid([0, 14, 28], [0, 60, 120])
    lines = [found(5, 7, "Name"), found(5, 21, "Equity"), found(65, 7, "2024")]
    (dash,) = lone_dashes(Ink(rules, [stroke(88, 21.5)]), lines)
    assert [letter.text for letter in dash.letters] == ["-"]
    assert dash.size == 9
    (long,) = lone_dashes(Ink(rules, [stroke(80, 21, wide=9)]), lines)
    assert [letter.text for letter in long.letters] == ["—"]


def test_a_stroke_in_a_column_of_figures_is_a_dash_without_any_line() -> None:
    lines = [found(5, 7, "0.58"), found(60, 7, "1.02"), found(110, 7, "3.5%"),
             found(5, 21, "0.70"), found(110, 21, "-4%")]  # fmt: skip
    assert len(lone_dashes(Ink([], [stroke(68, 21)]), lines)) == 1
    assert lone_dashes(Ink([], [stroke(90, 21)]), lines) == []  # beside the column
    assert lone_dashes(Ink([], [stroke(68, 35)]), lines) == []  # in no row


def test_what_only_looks_like_a_dash_is_none() -> None:
    rules = grid([0, 14, 28], [0, 60, 120])
    lines = [found(5, 7, "Name"), found(5, 21, "Equity")]
    underline, part = stroke(88, 26), stroke(88, 21, above=1.0)
    broken, thick = stroke(88, 21, beside=1.0), Stroke(88, 19, 92, 23, 9, 9)
    assert lone_dashes(Ink(rules, [underline, part, broken, thick]), lines) == []
    # the sample of a legend beside its words, and a mark in the frame of a chart
    assert lone_dashes(Ink(rules, [stroke(50, 21)]), lines) == []
    frame = grid([0, 120], [0, 120])
    assert lone_dashes(Ink(frame, [stroke(88, 21)]), lines) == []


def test_strokes_know_how_much_white_is_around_them() -> None:
    pixels = np.full((400, 600, 3), 255, np.uint8)
    pixels[100:102, 300:309] = 0
    pixels[120:123, 300:309] = 0  # 18 pixels below
    pixels[101:103, 340:349] = 0  # 31 pixels beside
    pixels[300:302, 50:550] = 0  # a drawn line is no stroke, nor its neighbour
    pixels[290:292, 200:209] = 0
    strokes = drawn_ink(pixels, (0.36, 0.36)).strokes
    first = next(one for one in strokes if one.x0 == pytest.approx(108) and one.y0 < 40)
    assert first.above == pytest.approx(18 * 0.36)
    assert first.beside == pytest.approx(31 * 0.36)
    over_line = next(one for one in strokes if one.y0 == pytest.approx(290 * 0.36))
    assert over_line.above > 12
    assert len(strokes) == 4


def test_cells_that_are_read_together_are_cut_at_the_line_between_them() -> None:
    image = drawn([(20, 20, "16.54"), (52, 20, "Buy")])
    draw = ImageDraw.Draw(image)
    place = 49.5 * SCALE
    draw.line([(place, 5 * SCALE), (place, 90 * SCALE)], fill="black", width=2)
    words = [word.text for word in read_picture(image, 1, 300, 120).words]
    assert words == ["16.54", "Buy"]


def test_pictures_that_are_none_have_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer = io.BytesIO()
    drawn([(20, 20, "Revenue")]).save(buffer, "PNG")
    whole = buffer.getvalue()
    with pytest.raises(UnreadableFile, match="damaged picture"):
        picture.read_picture_file(whole[: len(whole) // 2], "a.png")
    monkeypatch.setattr(picture, "MAX_PIXELS", 1000)
    with pytest.raises(UnreadableFile, match="oversized"):
        picture.read_picture_file(whole, "a.png")


def test_no_model_is_loaded_where_no_picture_is_read() -> None:
    code = (
        "import sys, corpus.ocr, corpus.reading, corpus.readers.picture, indexer.parsing\n"
        "print([m for m in ('rapidocr', 'onnxruntime', 'cv2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told so by Linux only")
def test_reading_pages_stays_within_the_memory_of_a_worker() -> None:
    # In a process of its own: what a process took at most is never forgotten. VmHWM, for ru_maxrss
    # holds what the parent had when it forked.
    code = (
        "import numpy as np\n"
        "from PIL import Image, ImageDraw, ImageFont\n"
        "from corpus.ocr import read_picture\n"
        "page = Image.new('RGB', (1654, 2339), 'white')\n"
        "font = ImageFont.load_default(26)\n"
        "for row in range(3):\n"
        "    line = 'Operating revenue of the year 1,280.51 and ' * 3\n"
        "    ImageDraw.Draw(page).text((40, 300 + 600 * row), line, fill='black', font=font)\n"
        "for number in range(2):\n"
        "    assert len(read_picture(page, number, 595, 842).words) > 12\n"
        "status = open('/proc/self/status').read()\n"
        "print(int(status.split('VmHWM:')[1].split()[0]) // 1024)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 400

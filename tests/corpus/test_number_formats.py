"""What a cell shows: worked out by hand from the rules of the formats."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from corpus.number_formats import Value, shown


@pytest.mark.parametrize(
    ("value", "pattern", "words"),
    [
        (0.7, "General", "0.7"),
        (1280.51, "General", "1280.51"),
        (0.1 + 0.2, "General", "0.3"),
        (300418, "General", "300418"),
        (123456789012, "General", "1.23457E+11"),
        (0.7, "0.00", "0.70"),
        (1280.505, "#,##0.00", "1,280.51"),  # half away from zero, not to even
        (1234567, "#,##0", "1,234,567"),
        (-3.14159, "0.0", "-3.1"),
        (-1280.5, "#,##0.0_);(#,##0.0)", "(1,280.5)"),
        (1280.5, "#,##0.0_);(#,##0.0)", "1,280.5"),
        (-5, "0;[Red]-0", "-5"),
        (0, '0.0;-0.0;"-"', "-"),
        (0.1234, "0.0%", "12.3%"),
        (0.125, "0%", "13%"),
        (12345678, "#,##0,", "12,346"),
        (123456789, '0.00,,"亿"', "123.46亿"),
        (3.5, '0.0"倍"', "3.5倍"),
        (2024, '0"E"', "2024E"),
        (2024, "0\\E", "2024E"),
        (418, "000000", "000418"),
        (0.5, "#.##", ".5"),
        (2, "0.##", "2."),
        (2, "General\"亿元\"", "2亿元"),
        (12.5, "[$¥-804]#,##0.00", "¥12.50"),
        (1234.5, "0.00E+00", "1.23E+03"),
        (0, ";;;", ""),
        (150, '[>=100]"高";"低"', "高"),
        (5, '[>=100]0"高";0"低"', "5低"),
        (True, "General", "TRUE"),
        ("买入", "General", "买入"),
        ("买入", '@"（维持）"', "买入（维持）"),
        (datetime(2024, 3, 8), "mm-dd-yy", "2024/3/8"),
        (datetime(2024, 3, 8), "yyyy-mm-dd", "2024-03-08"),
        (datetime(2024, 3, 8), 'yyyy"年"m"月"d"日"', "2024年3月8日"),
        (datetime(2024, 3, 8), "mmm-yy", "Mar-24"),
        (datetime(2024, 3, 8, 9, 5), "yyyy/m/d h:mm", "2024/3/8 9:05"),
        (datetime(2024, 3, 8, 15, 4, 5), "h:mm:ss AM/PM", "3:04:05 PM"),
        (date(2024, 3, 8), "aaaa", "星期五"),
        (time(9, 30), "h:mm", "9:30"),
        (timedelta(hours=30, minutes=5), "[h]:mm", "30:05"),
        (None, "0.00", ""),
    ],
)  # fmt: skip
def test_a_cell_shows_what_its_format_says(value: Value | None, pattern: str, words: str) -> None:
    assert shown(value, pattern) == words

"""The top-level sections of a report in another order.

Part of `eval.disguise`. Works on lines, by what headings look like in reports of many houses.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

_OPENS = re.compile(
    r"(?:投资要点|核心观点|行业走势|相关研究|目录|风险提示|图?表 ?\d+[:：].*"
    r"|.{0,6}(?:免责声明|免责条款|法律声明|特别声明)|(?:证券)?分析师(?:承诺|声明)"
    r"|.{0,8}投资评级(?:标准|说明)|关注公司及盈利预测|[一二三四五六七八九十]、.{2,30}|0\d .{2,60})"
)
_BOILERPLATE = re.compile(r".{0,8}(?:免责|声明|承诺|评级标准|评级说明)")
_CONTENTS = re.compile(r"目录")


def sections(lines: Sequence[str]) -> list[tuple[int, int]]:
    """`[first, last)` line of each section; the first begins at 0 and is the title block."""
    starts = [0]
    in_contents = False
    for number, line in enumerate(lines):
        stripped = line.strip()
        if not stripped or not _OPENS.fullmatch(stripped) or number == 0:
            continue
        if in_contents and re.match(r"\d", stripped):
            continue
        in_contents = bool(_CONTENTS.fullmatch(stripped))
        starts.append(number)
    return list(zip(starts, [*starts[1:], len(lines)], strict=True))


def shuffled(
    lines: Sequence[str], rng: random.Random, *, boilerplate_first: bool
) -> list[tuple[int, int]]:
    """The sections in another order; the title block stays ahead of all that is no boilerplate.

    Args:
        boilerplate_first: disclaimers and definitions open the report, before the title block.
    """
    found = sections(lines)
    rest = found[1:]
    rng.shuffle(rest)
    if not boilerplate_first:
        return [found[0], *rest]
    first = [part for part in rest if _BOILERPLATE.match(lines[part[0]].strip())]
    return [*first, found[0], *(part for part in rest if part not in first)]

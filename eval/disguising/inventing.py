"""Invented companies, brokers, people and codes that could be real and are not listed.

Part of `eval.disguise`. Everything is drawn from one seeded generator.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Collection

# Two-character stems that read as brand names; none opens a listed name or a known broker's.
_STEMS = (
    "星澜", "远岫", "沐衡", "栩川", "珞辰", "槿川", "霄屿", "澹宁", "砚秋",
    "昀野", "朔岚", "霁遥", "洵美", "翊澄", "鹿汀", "岑溪", "沅芷", "璟和",
    "曜岩", "泠泉", "暄禾", "峤云", "桁远", "墨屿", "榆白", "弈川", "青冥",
    "汐湾", "晗光", "屹澜", "珩渡", "羡鱼", "栖梧", "溯光", "湛蓝", "钰衡",
    "迩遐", "辛夷", "苍梧", "泓烨", "嵩阙", "瀚原", "芷若", "鸢尾", "隽永",
    "序章", "临沧", "澍雨", "绮陌", "砺石", "朗璞", "澈影", "维桢", "麓野",
    "宸星", "昭澜", "叡思", "凛川", "聿怀", "沁园", "枫桥", "溪亭", "茗远",
    "鲸落", "赫曦", "恒岫", "曙野", "柏舟", "棠溪",
)  # fmt: skip
_ENDINGS = (
    "科技", "传媒", "股份", "影视", "文化", "网络", "互动", "信息", "通信", "数码",
    "智能", "娱乐", "出版", "软件", "光电", "电子", "创意", "体育",
)  # fmt: skip
_THIRD = (
    "坊", "阁", "通", "达", "源", "讯", "维", "科", "图", "视",
)  # fmt: skip
_BROKER_STEMS = (
    "澄岳", "砚湖", "沧衡", "岱岚", "弘岫", "铭漳", "嘉澜", "瑞栩", "景峤", "泰岑",
    "衡屿", "昭岱",
)  # fmt: skip
_SURNAMES = (
    "顾", "沈", "秦", "韩", "苏", "陆", "贺", "纪", "邵", "温",
    "柏", "祁", "阮", "汤", "闻", "骆", "祝", "裴", "卫", "詹",
)  # fmt: skip
_GIVEN = (
    "知行", "若澄", "明屿", "书瑶", "景行", "亦凡", "思齐", "予安", "舒扬", "一诺",
    "攸宁", "承宇", "乐之", "清越", "砚", "岚", "澈", "珩",
)  # fmt: skip
_BOARDS = ("300", "301", "002", "003", "600", "603", "605", "688")
_MAX_DRAWS = 10_000  # far above what a pool of this size needs; a guard against an endless loop


class Inventor:
    """Draws names that were not drawn before and that `taken` does not know.

    Args:
        rng: the seeded source of chance.
        taken: True for a name or code that exists (is listed, or stands in the reports).
    """

    def __init__(self, rng: random.Random, taken: Callable[[str], bool]) -> None:
        self._rng = rng
        self._taken = taken
        self._used: set[str] = set()

    def company(self, length: int) -> str:
        """A company name of so many characters (2 or more)."""
        return self._fresh(lambda: self._company(length))

    def broker_stem(self) -> str:
        """What stands before 证券 in a broker's name."""
        return self._fresh(lambda: self._rng.choice(_BROKER_STEMS))

    def person(self, length: int) -> str:
        """An analyst's name of two or three characters."""
        given = [name for name in _GIVEN if len(name) == max(1, length - 1)] or _GIVEN
        return self._fresh(lambda: self._rng.choice(_SURNAMES) + self._rng.choice(given))

    def code(self, like: str) -> str:
        """A six-digit code on a board of the same exchange as `like`."""
        same = [board for board in _BOARDS if board[0] == "6"] if like[0] == "6" else [
            board for board in _BOARDS if board[0] != "6"
        ]  # fmt: skip
        return self._fresh(lambda: self._rng.choice(same) + self.digits(3))

    def digits(self, count: int) -> str:
        """So many random digits."""
        return "".join(self._rng.choice(string.digits) for _ in range(count))

    def letters(self, count: int) -> str:
        """So many random small letters."""
        return "".join(self._rng.choice(string.ascii_lowercase) for _ in range(count))

    def like(self, sample: str, keep: Collection[str] = ()) -> str:
        """`sample` with its digits and small letters drawn anew (a licence, a phone number).

        Args:
            keep: characters that stay.
        """
        return self._fresh(lambda: "".join(self._character(ch, keep) for ch in sample))

    def _character(self, ch: str, keep: Collection[str]) -> str:
        if ch in keep or not ch.isascii() or not (ch.isdigit() or ch.islower()):
            return ch
        return self.digits(1) if ch.isdigit() else self.letters(1)

    def _company(self, length: int) -> str:
        stem = self._rng.choice(_STEMS)
        if length <= 2:
            return stem
        if length == 3:
            return stem + self._rng.choice(_THIRD)
        ending = self._rng.choice(_ENDINGS)
        return stem + "新" * (length - 4) + ending

    def _fresh(self, draw: Callable[[], str]) -> str:
        for _ in range(_MAX_DRAWS):
            name = draw()
            # Two invented companies with one stem would make every abbreviation ambiguous.
            key = name[:2] if not name.isascii() else name
            if key not in self._used and not self._taken(name):
                self._used.add(key)
                return name
        raise ValueError(f"no unused name is left after {len(self._used)}")

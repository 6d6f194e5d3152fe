"""Lines of a title block that are no title, and those that name a series only.

Used by `corpus.metadata` and `corpus.pdf.cover`.
"""

from __future__ import annotations

import re

_SERIES = re.compile(
    r".{0,14}(?:点评|深度|动态|跟踪|研究|周报|月报|专题|策略|日报|快评|晨报|简报|调研"
    r"|首次覆盖|季报|年报|双周报|评论|更新|公告)(?:研究)?(?:报告|研究|点评)?"
    r"|(?:证券)?研究报告.{0,8}|(?:公司|行业|宏观|策略|固定收益|金融工程|量化|证券)(?:研究"
    r"|报告|深度|点评|策略)*(?:[/／|·●].{1,12})?|.{0,10}报告"
)
_NO_TITLE = re.compile(
    r"https?://|www\.|@|\A[\d\s./年月日-]+\Z|\A(?:证券)?研究报告|table_|证券研究|请务必"
    r"|\A[A-Z\s&.]+\Z|\A[（(]\d{6}|行业评级|\A评级"
    r"|(?:证券|研究所|研究院)\Z|电话|执业|证书|\A(?:证券)?代码|[：:]\s*[\d.]+\Z"
    r"|\A图表?\s?[\d：:]|来源[：:]|\A[《：:，。）)]",
    re.I,
)


def is_series(words: str) -> bool:
    """True for the name of a series: 行业周报, 公司点评报告."""
    return _SERIES.fullmatch(words) is not None


def is_no_title(words: str) -> bool:
    """True for contacts, dates, captions, houses and notices."""
    return _NO_TITLE.search(words) is not None

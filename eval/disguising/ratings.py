"""Other words for the ratings: 买入 becomes 跑赢行业, its definition with it.

Part of `eval.disguise`. A word is replaced where it is a rating and not where it is a verb.
"""

from __future__ import annotations

# Schemes as houses of other families use them; within one scheme no word holds another's.
SCHEMES: tuple[dict[str, str], ...] = (
    {"买入": "强烈看好", "增持": "审慎看多", "中性": "持有", "减持": "审慎看空", "卖出": "强烈看空",
     "推荐": "超配", "回避": "低配"},
    {"买入": "优于大市", "增持": "谨慎增持", "中性": "同步大市", "减持": "谨慎减持",
     "卖出": "弱于大市", "推荐": "看好", "回避": "看淡"},
    {"买入": "跑赢行业", "增持": "温和跑赢", "中性": "标配", "减持": "温和跑输", "卖出": "跑输行业",
     "推荐": "强于大市", "回避": "弱于大市"},
)  # fmt: skip

# 推荐 is a verb in 推荐昆仑万维; it is a rating beside 评级, in quotation marks, before （维持）,
# as a whole cell or as a whole gold word.
_AS_RATING = (
    r"(?<=评级：){0}|(?<=评级:){0}|(?<=评级){0}|(?<=评级为){0}|(?<=评级是){0}|(?<=[“\"「]){0}(?=[”\"」])"
    r"|{0}(?= ?[（(](?:维持|上调|下调|首次|调高|调低))|\A{0}\Z|{0}(?=评级)"
)
_VERBS = {"买入": r"买入(?!或|，卖出|、卖出)", "卖出": r"(?<!或者)(?<!或)卖出(?!证券)"}


def rating_words(scheme: int | None) -> dict[str, str]:
    """Regular expression → new word for the scheme; nothing for None."""
    if scheme is None:
        return {}
    words = SCHEMES[scheme % len(SCHEMES)]
    patterns = {_VERBS.get(old, old): new for old, new in words.items() if old != "推荐"}
    return patterns | {_AS_RATING.format("推荐"): words["推荐"]}

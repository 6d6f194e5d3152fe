"""What is no question at all: greetings, thanks, questions on the service, and bare follow-ups.

Before every reader: `Query + Scope → Refusal | None`, with words that help the asker on.
"""

from __future__ import annotations

import re

from service import refusals
from service.query import Query
from service.reading.draft import Refusal
from service.reading.scope import Scope
from service.schemas import Missing

_EDGES = re.compile(r"^[\s,，。.!?~、…]+|[\s,，。.!?~、…]+$")
_GREETING = re.compile(
    "(?:你|您|大家|各位)好[呀啊吗哦]?|哈喽|嗨|[早上下中晚][上午安]?好|早安?|晚安|(?:有人)?在(?:吗|不在)|hi|hello|hey|喂"
)
_THANKS = re.compile(
    "(?:好的?|嗯|ok)?[,，!]?(?:非常|十分|多|太)?(?:谢谢|感谢|多谢|谢了|辛苦)(?:你|您|了|啦|大家)*|"
    "thanks?|thank you|再见|拜拜|bye|"
    "好的?[吧呀]?|嗯+|ok|okay|(?:我)?(?:知道|明白|了解|清楚)(?:了|啦)?|收到|没(?:事|有|问题)了?|不用了|没别的了"
)
_SERVICE = re.compile(
    "你是(?:谁|什么)|你叫什么(?:名字)?|你(?:都)?(?:能|可以|会)(?:做|干|回答|帮我做?)(?:些|点)?(?:什么|啥|哪些)(?:问题|事情?)?|"
    "(?:怎么|如何)(?:使?用|问)(?:你|这个|本)?(?:服务|系统|工具)?|帮助|help|使用说明|你有(?:什么|哪些)功能|功能介绍|自我介绍"
)
_FOLLOWS = re.compile("^(?:那么?|那个|再)?(?P<rest>.*?)呢$")
_HELP = (
    "本服务依据收录的{n}篇研究报告回答问题并注明出处，"
    "可以问公司的指标、评级和目标价、报告的观点与理由"
)


def no_question(query: Query, scope: Scope) -> Refusal | None:
    """What to say to words that ask nothing of the reports; None for a question."""
    said = _EDGES.sub("", query.text)
    helps = _HELP.format(n=len(scope.records))
    if _GREETING.fullmatch(said):
        return refusals.not_in_corpus(query.asked, scope, f"你好！{helps}")
    if _SERVICE.fullmatch(said):
        return refusals.not_in_corpus(query.asked, scope, helps)
    if _THANKS.fullmatch(said):
        return refusals.not_in_corpus(query.asked, scope, f"好的。{helps}")
    return _bare(query, said)


def _bare(query: Query, said: str) -> Refusal | None:
    """那2023年呢 with no earlier question to lean on: what is missing is named."""
    follows = _FOLLOWS.match(said)
    if follows is None or query.companies or query.leftovers:
        return None
    if query.metrics:
        lacking, slot = "哪家公司", "company"
    else:
        lacking, slot = "哪家公司、哪个指标或什么主题", "subject"
    gap = Missing(slot=slot, asked=query.asked.strip(), reason="low_support", instead=[])
    words = f"“{gap.asked}”没有说明问的是{lacking}，前面也没有可以接续的问题"
    return Refusal("low_support", f"{words}；请把问题补充完整。", (gap,), 0.9)

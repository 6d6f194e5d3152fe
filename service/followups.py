"""A follow-up completed from earlier turns: 那2023年呢 → 东吴证券预测昆仑万维2023年的EPS是多少.

Slots are inherited from user turns only; without history the question stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from corpus.normalise import normalise
from service.operations import Operation
from service.query import Query
from service.recalling import recall
from service.schemas import Turn

_PRONOUN = re.compile(
    "它们的?|他们的?|她们的?|它的?|他的?|她的?|其(?!中|他|它)|该公司的?|这家公司的?|那家公司的?|该股的?|该券商的?|这家券商的?"
)
_OPENING = re.compile("^(?:那么|那(?!家)|然后|还有|另外|再问|以及|而|换成|如果是|改成)+[,，]?")
# What leads to a question and is none of it: 再问个，横店影视多少.
_PREFACE = re.compile(
    "(?:(?:好的?|谢谢|明白了?|对了|那|嗯)[，,。！!\\s]*)?(?:再|顺便|另外|接着|还想|还要)(?:想|请)?问(?:一下|一?个(?:问题)?|下)?[，,：:\\s]*(?=[^，,：:?？\\s]{3})"
)
_ELLIPTIC = re.compile(
    "呢[?？]?$|^(?:那|那么|还有|换成|再|另外)|^(?:它|他|她|其)(?!中|他)|该公司|这家公司|该股|该券商|上面|刚才|同样|换成|改成|我问的是|这个数|那边|也是|也一样|为什么[?？]?$"
)
_SUPERLATIVE = re.compile(
    "最[高低大小多少贵]|(?:排名?)?第[二三四五](?:[高大低小]|名|位)?的?|前[一二两三四五六七八九十\\d]+|平均|合计"
)
_PLACE = re.compile("第[二三四五](?![高大低小])")
_ABOUT_REPORT = re.compile(
    "分析师|助理|作者|谁写|写的|撰写|署名|标题|日期|发布|评级|证书|编号|邮箱|电话|联系|风险"
)
_OF_PERSON = re.compile("证书|编号|邮箱|电话|联系")
# 比2023E高多少: the earlier question's figure is one side of it.
_AGAINST = re.compile("(?:那|那么)?(?:比|较|相比|跟|和).{1,16}(?:高|低|多|少|增|降|大|小|差)")
_GROWTH_WORDS = frozenset({"growth", "qoq", "cagr"})
_END = re.compile("(?:是|为|有)?(?:多少|几)[^，,。]{0,6}$|[?？。]+$")
# 邮编多少, 金额是多少: as short as this a question without a name is a fragment.
_FRAGMENT = 9
_NAMED = re.compile('[《“"a-z]')
_WHOLE = re.compile("什么是|是什么|哪些|所有|最[高低大小多少]|天气|你")
# 华鑫怎么看: a house and a verb of opinion, and nothing that the opinion is on.
_VIEW = re.compile(
    "(?:那|那么)?[\u4e00-\u9fff]{2,8}?(?:(?P<verb>(?:是)?(?:怎么|如何|咋)(?:看待?|评价|解读))|(?:是)?(?:怎么|如何|咋)(?:说|讲)的?|"
    "(?:的|是|有|持)?(?:什么|怎样的?|哪些)?(?:观点|看法|态度|意见)(?:是什么|如何)?)(?:的|呢)?[?？。]*"
)
_NEXT_YEAR = re.compile("下一年|后一年|次年|第二年")
_LAST_YEAR = re.compile("上一年|前一年|再前一年")
_COURTESY = re.compile(
    "(?:谢谢|多谢|感谢|好的?|明白了?|了解|知道了|收到|嗯+|哦+|ok|OK)[，,。！!～~您你啦了哈]*"
)
# A question that opens with its asking word has left its subject out.
_SUBJECTLESS = re.compile(
    "(?:是|在)?(?:什么时候|啥时候|几时|何时|哪一?年|哪一?天|在哪|哪里|为什么|为何|怎么|如何|谁|多少|几)(?!证券)"
)
# Hardly a question is longer, and hardly one leans on more than this many turns; understanding
# twenty turns of 8,000 characters took 18 seconds.
_MAX_TURN = 300
_MAX_TURNS = 10
_MAX_LINE = 60
# A question as short as this without a subject of its own leans on the one before.
_SHORT = 14

Parse = Callable[[str], Query]
# Gives the one person that an earlier question was about (东吴证券的分析师是谁 → 张良卫), else "".
Person = Callable[[Query], str]


def complete(question: str, history: Sequence[Turn], parse: Parse, person: Person) -> str:
    """The question that stands alone; unchanged if it needs nothing from before."""
    said_before = [t.content[:_MAX_TURN] for t in history if t.role == "user"]
    # A broken line in a short question is no table of data: joined to the next it must not be one.
    earlier = [" ".join(t.split()) if len(t) <= _MAX_LINE else t for t in said_before if _says(t)]
    if not earlier:
        return question
    question = _PREFACE.sub("", question, count=1) if _PREFACE.match(question) else question
    parse = cache(parse)
    said: list[str] = []
    for words in [*earlier[-_MAX_TURNS:], *([question] if _says(question) else [])]:
        recalled = recall(words, said, parse)
        if recalled is not None and recalled.whole:
            whole = recalled.question
        elif recalled is not None:
            whole = _joined(recalled.before, recalled.question, parse, person, recalled.leans)
        else:
            whole = _joined(said[-1] if said else "", words, parse, person)
        # What grows with every turn is no question any more.
        said.append(whole if len(whole) <= max(_MAX_TURN, len(words)) else words)
    return said[-1]


def _says(words: str) -> bool:
    """False for courtesies and white space."""
    said = words.strip()
    return bool(said) and not _COURTESY.fullmatch(said)


def _joined(before: str, question: str, parse: Parse, person: Person, certain: bool = False) -> str:
    if not before:
        return question
    old, new = parse(before), parse(question)
    view = _VIEW.fullmatch(new.text)
    if view and new.brokers and not new.companies:
        return _view_of(before, old, question, view)
    own_matter = new.leftovers and not new.metrics
    if not _leans(new, old) and not (certain and not own_matter):
        return question
    of_its_own = [m for m in new.metrics if m.id not in _GROWTH_WORDS]
    if _AGAINST.match(new.text) and old.metrics and not of_its_own:
        return f"{_END.sub('', before)}{question}"
    shifted = _shifted_year(before, old, new)
    if shifted:
        return shifted
    if _only_rank(new) and old.operation is Operation.LOWEST:
        question = _PLACE.sub(r"\g<0>低", question, count=1)  # 第三 after 最低 counts from below
        new = parse(question)
    house_only = new.brokers and not (new.companies or new.metrics or new.periods)
    if (
        not new.leftovers
        or _only_rank(new)
        or (house_only and len(new.text) <= _SHORT and old.metrics)
    ):
        replaced = _with_slots_replaced(before, old, question, new)
        return replaced or f"{before.rstrip('?？。')}，{question}"
    return _with_subject_added(before, old, question, new, person)


def _view_of(before: str, old: Query, question: str, view: re.Match[str]) -> str:
    """华鑫怎么看: of what the earlier question was about."""
    first = [(start, end) for _, start, end in old.leftovers[:1]]
    subject = _words(before, _places(old.companies) or first)
    bare = question.strip().rstrip("?？呢。")
    if not subject:
        return question
    return f"{bare}{subject}" if view["verb"] else f"{bare}，{subject}"


def _only_name(new: Query) -> bool:
    """True if a company is named and nothing is said of it."""
    said = new.leftovers or new.metrics or new.periods or new.brokers or new.rating_words
    return bool(new.companies) and not said and len(new.text) <= _SHORT


def _only_rank(new: Query) -> bool:
    """True for 排第二的呢: another place in the same column."""
    return bool(_SUPERLATIVE.fullmatch(new.text.strip("那呢?？是。，, ")))


def _shifted_year(before: str, old: Query, new: Query) -> str:
    """下一年呢: the earlier question, a year later; empty if it is no such question."""
    step = 1 if _NEXT_YEAR.search(new.text) else -1 if _LAST_YEAR.search(new.text) else 0
    years = [p for p in old.periods if p.period.is_year]
    if not step or len(years) != 1 or new.metrics or new.companies:
        return ""
    year = f"{int(years[0].period.label) + step}年"
    return _edited(before, [(years[0].start, years[0].end, year)])


def _leans(new: Query, old: Query) -> bool:
    """True if the question lacks what only the earlier one says."""
    if _ELLIPTIC.search(new.text) or _PRONOUN.search(new.text):
        return True
    if _only_name(new) and old.metrics:
        return True
    if len(new.text) > _SHORT or new.companies or new.brokers:
        return False
    if len(new.text) <= _FRAGMENT and not _NAMED.search(new.text) and not _WHOLE.search(new.text):
        return True
    if _ABOUT_REPORT.search(new.text):
        return bool(old.brokers)
    if _SUBJECTLESS.match(new.text):
        return bool(old.companies or old.leftovers)
    return not new.leftovers and bool(old.companies or old.leftovers or old.metrics)


def _with_slots_replaced(before: str, old: Query, question: str, new: Query) -> str:
    """The earlier question with each slot that the new one names put in its place; empty if the
    new one names none."""
    edits: list[tuple[int, int, str]] = []
    added: list[str] = []
    for own, earlier in zip(_slots(new), _slots(old), strict=True):
        if not own:
            continue
        words = "和".join(_source(question, start, end) for start, end in own)
        if earlier:
            edits.append((earlier[0][0], earlier[-1][1], words))
        else:
            added.append(words)
    if not edits and not added:
        return ""
    return "".join(f"{words}，" for words in added) + _edited(before, edits)


def _slots(query: Query) -> list[list[tuple[int, int]]]:
    """The places of each kind of slot, kinds in a fixed order."""
    superlatives = [match.span() for match in _SUPERLATIVE.finditer(query.text)]
    return [
        _places(query.companies),
        _places(query.brokers),
        _places(query.periods),
        _places(query.metrics),
        _places(query.conditions),
        [(start, end) for _, start, end in query.rating_words],
        superlatives,
    ]


def _with_subject_added(before: str, old: Query, question: str, new: Query, person: Person) -> str:
    """The new question with the earlier subject for its pronoun, and the slots it leaves open."""
    someone = person(old)
    subject = _words(before, _places(old.companies)) or someone or _topic(before, old)
    text = _OPENING.sub("", question.strip())
    pronoun = _PRONOUN.search(text)
    inherited: list[str] = []
    if not new.brokers and old.brokers:
        inherited.append(_words(before, _places(old.brokers)))
    if pronoun and subject:
        tail = "的" if pronoun.group().endswith("的") else ""
        text = f"{text[: pronoun.start()]}{subject}{tail}{text[pronoun.end() :]}"
    elif not new.companies and subject and not _ABOUT_REPORT.search(new.text):
        inherited.append(subject)
    elif someone and _OF_PERSON.search(new.text):
        inherited.append(someone)
    if not new.periods and old.periods and new.metrics:
        inherited.append(_words(before, _places(old.periods)))
    if not inherited:
        return text
    return f"{'的'.join(inherited)}{'' if pronoun else '的'}{text}"


def _places(slots: Sequence[object]) -> list[tuple[int, int]]:
    places = [(s.start, s.end) for s in slots]  # type: ignore[attr-defined]
    return list(dict.fromkeys(places))


def _words(source: str, places: list[tuple[int, int]]) -> str:
    return "和".join(_source(source, start, end) for start, end in places)


def _source(text: str, start: int, end: int) -> str:
    """The asker's own words behind a place in the folded question."""
    span = normalise(text).to_source(start, end)
    return text[span.start : span.end].strip()


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    normal = normalise(text)
    for start, end, words in sorted(edits, reverse=True):
        span = normal.to_source(start, end)
        text = f"{text[: span.start]}{words}{text[span.end :]}"
    return text


def _topic(before: str, old: Query) -> str:
    return _words(before, [(start, end) for _, start, end in old.leftovers[:2]])

"""The golden files: well formed, true to the reports, large enough.

Stands beside eval, not on it: reads the files directly so that no package of ours is trusted.
"""

import gzip
import hashlib
import json
import os
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "eval" / "golden"
REPORTS = ROOT / "corpus" / "reports"
SPLITS = ("dev", "test")
REQUIRED = {
    "id",
    "question",
    "type",
    "answers",
    "forbid",
    "evidence",
    "history",
    "filters",
    "split",
}
OPTIONAL = {"v", "subtype", "tags", "numeric", "note"}
TYPES = {
    "fact",
    "computed",
    "comparison",
    "metadata",
    "prose",
    "list",
    "definition",
    "yes_no",
    "multi_turn",
    "false_premise",
    "unanswerable",
}
# Their answers are worked out or name both sides, so a quote need not hold every word.
DERIVED_TYPES = {"computed", "comparison", "yes_no", "false_premise"}
REASONS = {
    "no_such_broker",
    "no_such_company",
    "no_such_metric",
    "no_such_period",
    "not_in_corpus",
    "low_support",
}
SUBTYPES = {
    "absent_company",
    "absent_metric",
    "absent_period",
    "absent_broker",
    "out_of_domain",
    "advice",
    "absent_detail",
}
FILTERS = {"report_ids", "brokers", "stock_codes", "published_from", "published_to"}
VARIANT_TAGS = {"paraphrase", "traditional", "fullwidth", "typo", "code"}
LEAST = {
    "comparison": 15,
    "metadata": 25,
    "prose": 40,
    "list": 20,
    "definition": 15,
    "yes_no": 10,
    "multi_turn": 30,
    "false_premise": 15,
    "unanswerable": 60,
}
MORE_COUNTS = {
    "prose": 50,
    "list": 40,
    "metadata": 30,
    "fact": 25,
    "multi_turn": 30,
    "yes_no": 20,
    "false_premise": 10,
    "computed": 14,
    "comparison": 6,
    "unanswerable": 15,
}

Item = dict[str, Any]


def load(name: str) -> list[Item]:
    path = GOLDEN / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


BY_SPLIT = {split: load(f"samples_{split}") for split in SPLITS}
ITEMS = [item for split in SPLITS for item in BY_SPLIT[split]]
# Written later by another hand, in other words; all of them dev.
MORE = load("free_wording")
ALL = ITEMS + MORE
BY_ID = {item["id"]: item for item in ALL}
IDS = [item["id"] for item in ALL]


def squeeze(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def plain(text: str) -> str:
    return re.sub(r"(?<=\d),(?=\d{3})", "", squeeze(text))


def stands_in(alternative: str, text: str) -> bool:
    """Whether the words stand free of digits, dots and signs; cells and lines are kept apart."""
    spaced = re.sub(r"[\t\n]", "|", text)
    pattern = rf"(?<![\d.\-]){re.escape(plain(alternative))}(?![\d.\-])"
    return re.search(pattern, plain(spaced)) is not None


def original_of(item: Item) -> str | None:
    found = re.search(r"variant_of=([\w-]+)", item.get("note", ""))
    return found.group(1) if found else None


def bigrams(text: str) -> set[str]:
    folded = plain(text).lower()
    return {folded[i : i + 2] for i in range(len(folded) - 1)}


REPORT_TEXTS = {path.stem: squeeze(path.read_text("utf-8")) for path in REPORTS.glob("*.txt")}


@pytest.mark.parametrize("item", ALL, ids=IDS)
def test_every_field_and_type_is_known(item: Item) -> None:
    assert set(item) >= REQUIRED
    assert set(item) <= REQUIRED | OPTIONAL
    assert item["type"] in TYPES
    assert set(item["filters"]) <= FILTERS
    assert 1 <= len(item["question"]) <= 2000
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", item["id"])
    assert all(group and all(a.strip() for a in group) for group in item["answers"])
    assert all(set(quote) <= {"report", "quote", "group"} for quote in item["evidence"])
    assert all(turn["role"] in {"user", "assistant"} for turn in item["history"])
    if "numeric" in item:
        assert set(item["numeric"]) == {"value", "unit", "period", "abs_tol"}


@pytest.mark.parametrize("item", ALL, ids=IDS)
def test_every_quote_stands_in_its_report(item: Item) -> None:
    for quote in item["evidence"]:
        assert squeeze(quote["quote"]) in REPORT_TEXTS[quote["report"]]


@pytest.mark.parametrize("item", ALL, ids=IDS)
def test_every_answer_can_be_derived(item: Item) -> None:
    if item["type"] == "unanswerable":
        assert not item["answers"]
        assert not item["evidence"]
        assert item["subtype"] in SUBTYPES
        reasons = re.search(r"reason=([\w/]+)", item["note"])
        assert reasons is not None
        assert set(reasons.group(1).split("/")) <= REASONS
        return
    assert item["answers"]
    assert item["evidence"]
    if item["type"] in DERIVED_TYPES or "derived=" in item.get("note", ""):
        return
    if "not_given" in item.get("tags", []):
        assert all("\t-" in quote["quote"] for quote in item["evidence"])
        return
    quotes = [quote["quote"] for quote in item["evidence"]]
    for group in item["answers"]:
        assert any(stands_in(a, quote) for a in group for quote in quotes), group


@pytest.mark.parametrize("item", ALL, ids=IDS)
def test_no_forbidden_words_stand_in_a_right_answer(item: Item) -> None:
    for word in item["forbid"]:
        assert not any(stands_in(word, a) for group in item["answers"] for a in group)


def test_each_file_holds_its_own_split() -> None:
    for split in SPLITS:
        assert {item["split"] for item in BY_SPLIT[split]} == {split}
    assert {item["split"] for item in MORE} == {"dev"}
    share = len(BY_SPLIT["dev"]) / len(ITEMS)
    assert 0.55 <= share <= 0.65


def test_ids_and_questions_are_unique() -> None:
    assert len(BY_ID) == len(ALL)
    keys = Counter((plain(i["question"]).lower(), json.dumps(i["history"])) for i in ALL)
    assert max(keys.values()) == 1


def test_variants_stay_with_their_original() -> None:
    variants = [item for item in ITEMS if original_of(item)]
    assert len(variants) >= 40
    for item in variants:
        original = BY_ID[original_of(item) or ""]
        assert item["split"] == original["split"]
        assert item["answers"] == original["answers"]
        assert item["type"] == original["type"]
        assert set(item.get("tags", [])) & VARIANT_TAGS
    assert {tag for item in variants for tag in item.get("tags", [])} >= VARIANT_TAGS


def test_no_near_duplicate_crosses_the_splits() -> None:
    grams = {i["id"]: bigrams(i["question"]) for i in ALL if not i["history"]}
    dev = [i["id"] for i in ALL if i["split"] == "dev" and not i["history"]]
    test = [i["id"] for i in ALL if i["split"] == "test" and not i["history"]]
    close = [
        (a, b)
        for a in dev
        for b in test
        if len(grams[a] & grams[b]) >= 0.65 * len(grams[a] | grams[b])
    ]
    assert close == []


def test_every_kind_is_asked_often_enough() -> None:
    types = Counter(item["type"] for item in ITEMS)
    for name, least in LEAST.items():
        assert types[name] >= least, name
    assert types["computed"] + types["comparison"] >= 40
    facts = [item for item in ITEMS if item["type"] == "fact"]
    assert sum("table" in item.get("tags", []) for item in facts) >= 55
    assert sum("text" in item.get("tags", []) for item in facts) >= 30
    assert len(ITEMS) >= 300


def test_the_readme_counts_what_the_files_hold() -> None:
    said = (GOLDEN / "README.md").read_text(encoding="utf-8")
    for name, items in {**{f"samples_{k}": v for k, v in BY_SPLIT.items()}, "free_wording": MORE,
                        "other_reports": OTHERS}.items():  # fmt: skip
        assert re.search(rf"\| `{name}\.jsonl` \|[^|]*\| {len(items)}\b", said), name
    counts = {split: Counter(item["type"] for item in BY_SPLIT[split]) for split in SPLITS}
    for kind in TYPES:
        dev, test = counts["dev"][kind], counts["test"][kind]
        assert f"| {kind} | {dev} | {test} | {dev + test} |" in said
    kinds = Counter(item["subtype"] for item in ITEMS if item["type"] == "unanswerable")
    assert all(f"{name} {count}" in said for name, count in kinds.items())
    assert kinds.total() >= 60
    originals = {original_of(item) for item in ITEMS} - {None}
    assert len(originals) >= 40
    assert f"of {len(originals)} originals" in said
    variants = Counter(tag for item in ITEMS if original_of(item) for tag in item.get("tags", []))
    assert all(f"{tag} {variants[tag]}" in said for tag in VARIANT_TAGS)


def test_the_later_questions_are_as_many_of_each_kind_as_the_readme_says() -> None:
    assert Counter(item["type"] for item in MORE) == MORE_COUNTS
    assert all(item["id"].startswith("m-") for item in MORE)
    assert sum("typo" in item.get("tags", []) for item in MORE) == 5


def test_every_kind_of_absence_is_asked_in_both_splits() -> None:
    for split in SPLITS:
        found = {item.get("subtype") for item in BY_SPLIT[split]}
        assert found >= SUBTYPES


OTHERS = [
    json.loads(line)
    for line in (GOLDEN / "other_reports.jsonl").read_text(encoding="utf-8").splitlines()
]


def other_texts(data: Path) -> dict[str, str]:
    """The canonical texts of the reports that the other questions are about."""
    wanted = {piece["report"] for item in OTHERS for piece in item["evidence"]}
    texts: dict[str, str] = {}
    for path in [*data.glob("qa/yanbao_reports_*.jsonl.gz"), data / "text/broker_pages.jsonl.gz"]:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if record["id"] in wanted:
                    texts[record["id"]] = record.get("text") or "\f".join(record["pages"])
    return texts


def test_questions_on_other_reports_hold_offsets_and_no_words_of_theirs() -> None:
    assert len({item["id"] for item in OTHERS} | set(BY_ID)) == len(OTHERS) + len(BY_ID)
    assert sum(item["type"] == "unanswerable" for item in OTHERS) >= 10
    for item in OTHERS:
        assert set(item) >= REQUIRED
        assert (item["type"] == "unanswerable") == (not item["answers"])
        for piece in item["evidence"]:
            assert set(piece) <= {"report", "start", "end", "sha256", "group"}
        assert all(len(a) <= 30 for group in item["answers"] for a in group)


def test_evidence_on_other_reports_stands_at_its_offsets_and_carries_the_answer() -> None:
    folder = os.environ.get("YANBAO_TEST_DATA")
    if not folder:
        pytest.skip("YANBAO_TEST_DATA is not set: the other reports are not here")
    texts = other_texts(Path(folder))
    for item in OTHERS:
        words = [texts[p["report"]][p["start"] : p["end"]] for p in item["evidence"]]
        hashes = [hashlib.sha256(part.encode()).hexdigest() for part in words]
        assert hashes == [piece["sha256"] for piece in item["evidence"]]
        for group in item["answers"]:
            # Their collector removed the white space, so figures touch: only the words count.
            assert any(plain(a) in plain(part) for a in group for part in words), item["id"]

"""The order that a police desk would want, and what a score may never do."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.labels import CLASSES, LABELS, OUT_OF_SCOPE, UNLAWFUL
from serve.triage import severity as module
from serve.triage.severity import Severity, severity

NOON = datetime(2026, 11, 25, 12, 0)
NIGHT = datetime(2026, 11, 25, 23, 30)

# (text, label, also, confidence, sent_at), the most urgent first
DESK: list[tuple[str, str, list[str], float, datetime | None]] = [
    (
        "知道你女儿在三小上学，今晚十二点前不还钱，我带砍刀去校门口接她，照片也发到家长群了",
        "threat_extortion",
        ["privacy_disclosure"],
        0.97,
        NIGHT,
    ),
    (  # a life is in danger tonight
        "他们P了我的裸照发给所有亲戚，还天天打电话骂我，我真的不想活了",
        "privacy_disclosure",
        ["harassment"],
        0.92,
        NIGHT,
    ),
    ("再不还就打断你的腿，你老娘住院的病房我也找得到", "threat_extortion", [], 0.95, NOON),
    ("明天带人去你家泼油漆堵门，看你往哪躲", "threat_extortion", [], 0.93, NOON),
    ("公安机关已对你立案，今天不还款民警上门抓捕", "threat_extortion", [], 0.9, NOON),
    ("今天不还就爆你通讯录", "threat_extortion", [], 0.9, NOON),
    ("各位邻居，三栋的王某欠钱不还，大家看清这张脸", "privacy_disclosure", [], 0.9, NOON),
    ("不要脸的东西，欠钱还有理了", "harassment", [], 0.9, NIGHT),
    ("不要脸的东西，欠钱还有理了", "harassment", [], 0.9, NOON),
    ("你这种人就是社会的垃圾", "harassment", [], 0.45, NOON),
    ("您的借款已逾期，请尽快处理，夜间不便请见谅", "lawful_reminder", [], 0.9, NIGHT),
    ("您的借款已逾期三天，请尽快还款，如有困难可致电客服", "lawful_reminder", [], 0.9, NOON),
]


def score_of(case: tuple[str, str, list[str], float, datetime | None], **more: Any) -> Severity:
    text, label, also, confidence, sent_at = case
    scores = {name: float(name in (label, *also)) for name in LABELS}
    return severity(label, also, confidence, scores, text, sent_at, **more)


def test_a_desk_reads_the_gravest_first() -> None:
    scores = [score_of(case).score for case in DESK]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("children", "我知道你儿子几点放学"),
        ("weapon", "老子提着砍刀去找你"),
        ("violence", "信不信我弄死你"),
        ("self_harm", "怎么不去死，从楼上跳楼算了"),
        ("home_force", "明天去你家门口泼油漆"),
        ("fake_authority", "派出所今天就来抓你"),
        ("elderly", "你爸妈一把年纪了"),
        ("sexual", "把你的裸照发出去"),
    ],
)
def test_a_fact_counts_once_and_is_named(code: str, text: str) -> None:
    plain = severity("threat_extortion", [], 1.0, {}, "今天必须还", None)
    twice = severity("threat_extortion", [], 1.0, {}, text + "，" + text, None)
    (part,) = [part for part in twice.parts if part.code == code]
    assert part.points > 0
    assert part.zh != part.en
    assert twice.score >= plain.score + part.points


def test_facts_are_seen_through_obfuscation() -> None:
    hidden = severity("threat_extortion", [], 1.0, {}, "拿砍\u200b刀去找妳兒子", None)
    assert {"weapon", "children"} <= {part.code for part in hidden.parts}


@pytest.mark.parametrize(
    "text", ["宝宝今天放学早，去买菜", "父母住院，请假一天", "客服会在门口等您"]
)
def test_harmless_mentions_count_nothing_without_an_unlawful_label(text: str) -> None:
    assert severity(OUT_OF_SCOPE, [], 0.9, {}, text, NIGHT).score == 0


def test_despair_counts_whoever_speaks() -> None:
    assert severity(OUT_OF_SCOPE, [], 0.9, {}, "我真的不想活了", NOON).score > 10


@pytest.mark.parametrize(
    ("hour", "minute", "counts"),
    [(21, 59, False), (22, 0, True), (3, 0, True), (7, 59, True), (8, 0, False), (0, 0, False)],
)
def test_the_night_is_from_22_to_8(hour: int, minute: int, counts: bool) -> None:
    """00:00 sharp is a date without a time."""
    found = severity("harassment", [], 1, {}, "骂", datetime(2026, 11, 25, hour, minute))
    assert ("night" in [part.code for part in found.parts]) == counts


def test_a_script_sent_to_many_weighs_more() -> None:
    one, many, most = (score_of(DESK[5], cluster_size=n).score for n in (1, 300, 10**6))
    assert one < many < most
    assert most - one <= module._TABLE["cluster"]["most"]


def test_what_may_be_unlawful_comes_before_what_is_certainly_not() -> None:
    sure = severity("lawful_reminder", [], 0.9, {"threat_extortion": 0.02}, "请还款", NOON)
    open_ = severity("lawful_reminder", [], 0.5, {"threat_extortion": 0.4}, "请还款", NOON)
    assert sure.score < open_.score < score_of(DESK[9]).score + 5


TEXTS = st.sampled_from([text for text, *_ in DESK]) | st.text(max_size=60)
PROBABILITIES = st.floats(0, 1)
TIMES = st.none() | st.datetimes()


@given(
    label=st.sampled_from(CLASSES),
    also=st.lists(st.sampled_from(UNLAWFUL), unique=True),
    added=st.sampled_from(UNLAWFUL),
    confidence=PROBABILITIES,
    scores=st.fixed_dictionaries(dict.fromkeys(LABELS, PROBABILITIES)),
    text=TEXTS,
    sent_at=TIMES,
    size=st.integers(1, 10**6),
)
def test_another_unlawful_label_never_lowers_the_score(
    label: str,
    also: list[str],
    added: str,
    confidence: float,
    scores: dict[str, float],
    text: str,
    sent_at: datetime | None,
    size: int,
) -> None:
    def of(label: str, also: list[str]) -> Severity:
        return severity(label, also, confidence, scores, text, sent_at, size)

    before = of(label, also)
    as_also = of(label, [*also, added])
    as_label = of(added, [*also, label] if label in UNLAWFUL else also)
    assert as_also.score >= before.score
    assert as_label.score >= before.score
    for found in (before, as_also, as_label):
        assert 0 <= found.score <= 100
        assert found.score == pytest.approx(sum(part.points for part in found.parts), abs=0.06)


def test_the_table_keeps_its_own_conditions() -> None:
    path = Path(module.__file__).with_name("severity.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    mildest = min(table["labels"][name] for name in UNLAWFUL)
    assert table["possible"]["points"] <= mildest * (1 - table["confidence"]["doubt"])
    codes = [fact["code"] for fact in table["facts"]["list"]]
    assert len(set(codes)) == len(codes)

"""De-identification: recall on authored texts, and what must stay readable."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.deidentify import deidentify
from data.names import substitute
from data.text import normalise

HERE = Path(__file__).parent


def measure(name: str) -> tuple[Counter[str], Counter[str], list[str]]:
    """Return what was hidden and what there was to hide, by kind, and the texts at fault."""
    hidden, there, faults = Counter[str](), Counter[str](), []
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        kind, _, marked = line.removeprefix("#").partition(" ")
        if not kind or not re.search(r"\[\[|\{\{", marked):
            continue
        shown = deidentify(re.sub(r"\[\[|\]\]|\{\{|\}\}", "", marked))
        readable = normalise(shown).text
        for secret in re.findall(r"\[\[(.*?)\]\]", marked):
            there[kind] += 1
            hidden[kind] += normalise(secret).text not in readable
        for kept in re.findall(r"\{\{(.*?)\}\}", marked):
            there["kept"] += 1
            hidden["kept"] += kept in shown
        if any(normalise(s).text in readable for s in re.findall(r"\[\[(.*?)\]\]", marked)):
            faults.append(shown)
    return hidden, there, faults


def test_recall_on_the_texts_that_the_rules_were_made_with() -> None:
    hidden, there, faults = measure("deidentify_cases.txt")
    assert there["name"] >= 70
    for kind in ("phone", "id", "card", "account", "address", "kept"):
        assert hidden[kind] == there[kind], (kind, faults)
    assert hidden["name"] >= 0.96 * there["name"], faults


def test_recall_on_texts_that_were_written_afterwards() -> None:
    hidden, there, faults = measure("deidentify_held_out.txt")
    assert hidden["kept"] == there["kept"]
    numbers = ("phone", "id", "card", "account", "address")
    assert sum(hidden[kind] for kind in numbers) >= sum(there[kind] for kind in numbers) - 1, faults
    assert hidden["name"] >= 0.8 * there["name"], faults


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("张伟先生您好，请还款500元", "张某先生您好，请还款500元"),
        ("联系 １３８－１２３４－５６７８ 还款", "联系 138****0000 还款"),
        ("他叫张小凡。小心，张小凡会来", "他叫张某。小心，张某会来"),
        ("住南京市鼓楼区中山路8号", "住某市某区某路*号"),
        ("您尾号8321的卡", "您尾号****的卡"),
        ("请于2026年3月1日18:30前还款", "请于2026年3月1日18:30前还款"),
        ("", ""),
    ],
)
def test_what_is_left_reads_like_the_corpus(text: str, shown: str) -> None:
    assert deidentify(text) == shown


def test_what_is_not_hidden_stays_the_original() -> None:
    text = "Ｈｅｌｌｏ　死.全.家　繁體字，電話１３８１２３４５６７８！！！！！"
    assert deidentify(text) == "Ｈｅｌｌｏ　死.全.家　繁體字，電話138****0000！！！！！"


def test_compound_surnames_stay_whole() -> None:
    assert (substitute("欧阳修文"), substitute("张伟")) == ("欧阳某", "张某")


@settings(max_examples=60, deadline=None)
@given(
    before=st.text(alphabet="还款，。 你好abc", max_size=8),
    digits=st.text(alphabet="0123456789", min_size=11, max_size=19),
    gap=st.sampled_from(["", "-", " ", ".", "\u200b", " - "]),
)
def test_no_long_number_passes(before: str, digits: str, gap: str) -> None:
    shown = deidentify(f"{before}号{gap.join(digits)}了")
    assert not re.search(r"\d{7}", normalise(shown).text.replace(gap.strip() or " ", ""))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_any_text_passes(text: str) -> None:
    deidentify(text)

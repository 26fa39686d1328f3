"""Which column holds what, in headings and tables as they occur."""

from __future__ import annotations

import pytest

from serve.triage.intake.mapping import HEADINGS, guess_mapping, plain
from serve.triage.intake.model import ROLES, Mapping

LONG = "今天不还就上门找你父母，后果自负"
ROW = {"t": LONG, "w": "2026-11-25 08:03", "p": "13800000000", "n": "12", "s": "某某派出所"}


def guess(headings: str, cells: str) -> Mapping | None:
    """Guess for headings and letters of `ROW`, both separated by spaces."""
    rows = [[ROW[cell] for cell in cells.split()]] * 5
    return guess_mapping(headings.split(), rows)


@pytest.mark.parametrize(
    ("headings", "cells", "expected"),
    [
        ("序号 短信内容 发送时间 发送方", "n t w p",
         Mapping("短信内容", "发送时间", "发送方", id="序号")),
        ("投诉人电话 被投诉号码 投诉内容 投诉时间", "p p t w",
         Mapping("投诉内容", "投诉时间", "被投诉号码", "投诉人电话")),
        ("手机号 来电号码 内容", "p p t", Mapping("内容", sender="来电号码", recipient="手机号")),
        ("手机号 内容", "p t", Mapping("内容", sender="手机号")),
        ("消息ID 消息 日期", "n t w", Mapping("消息", "日期")),
        ("From To Message Time", "p p t w", Mapping("Message", "Time", "From", "To")),
        ("sender_number sent_at text", "p w t", Mapping("text", "sent_at", "sender_number")),
        ("内容（必填） 时间(年月日)", "t w", Mapping("内容（必填）", "时间(年月日)")),
        ("短信内容摘录 通话时间点", "t w", Mapping("短信内容摘录", "通话时间点")),
        ("甲 乙 丙 丁", "s p t w", Mapping("丙", "丁", "乙")),
        ("内容 备注", "n t", Mapping("备注")),  # a heading that its cells contradict
        ("时间 内容", "s t", Mapping("内容")),
    ],
)  # fmt: skip
def test_guess(headings: str, cells: str, expected: Mapping) -> None:
    assert guess(headings, cells) == expected


def test_numbers_alone_give_no_mapping() -> None:
    assert guess("a b", "n p") is None


def test_without_chinese_the_longest_text_is_taken() -> None:
    rows = [["ok", "pay now or else", "1"]] * 3
    assert guess_mapping(["a", "b", "c"], rows) == Mapping("b")


def test_an_empty_table_is_mapped_by_its_headings() -> None:
    assert guess_mapping(["内容", "时间"], []) == Mapping("内容", "时间")


def test_the_table_of_headings_is_in_the_form_that_is_compared() -> None:
    assert tuple(HEADINGS) == ROLES
    for role, names in HEADINGS.items():
        assert len(set(names)) == len(names), role
        assert [plain(name) for name in names] == names, role

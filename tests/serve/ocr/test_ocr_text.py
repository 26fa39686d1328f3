"""Reading order, lines joined into messages, and what is no message."""

from __future__ import annotations

import random

import pytest
from pictures import line

from serve.ocr.chrome import is_hint, is_status, is_time
from serve.ocr.geometry import reading_order
from serve.ocr.paragraphs import joined


def test_rows_from_top_to_bottom_and_left_to_right() -> None:
    lines = [
        line("一", 10, 100, 80),
        line("二", 100, 104, 80),
        line("三", 190, 98, 80),
        line("四", 10, 140, 80),
        line("五", 200, 136, 80),
    ]
    for seed in range(5):
        shuffled = random.Random(seed).sample(lines, len(lines))
        assert [[x.text for x in row] for row in reading_order(shuffled)] == [
            ["一", "二", "三"],
            ["四", "五"],
        ]


def test_a_wrapped_line_goes_on_and_a_short_one_ends_a_paragraph() -> None:
    lines = [
        line("您的借款已经逾期", 0, 0, 200),
        line("三天。", 0, 30, 70),
        line("请今天还款", 0, 60, 195),
        line("谢谢", 0, 90, 50),
    ]
    assert joined(lines) == "您的借款已经逾期三天。\n请今天还款谢谢"


def test_words_of_other_scripts_keep_their_space() -> None:
    assert joined([line("please pay", 0, 0), line("today", 0, 30)]) == "please pay today"


def test_parts_of_one_row_are_one_line() -> None:
    assert joined([line("13800000000", 110, 0, 90), line("电话", 0, 2, 105)]) == "电话13800000000"
    assert joined([line("电话", 0, 0, 50), line("138", 100, 0, 50)]) == "电话 138"


def test_no_lines() -> None:
    assert joined([]) == ""


@pytest.mark.parametrize(
    "text",
    [
        *("14:32", "9:05", "昨天 14:32", "昨天14:32", "星期三 09:10", "周五 20:57", "下午3:20"),
        *("2024年5月3日 下午3:20", "6月20日周二20:57", "短信今天11:55", "今天 08:15", "5/3 12:00"),
        *("2025-03-18 01:21", "Yesterday 14:30", "iMessage信息 今天 09:41", "14:32·已送达"),
        *("5月3日", "星期三", "昨天", "14：32", "2:15 PM", "周二 14:32 · 中国移动", "上午 09:30"),
    ],
)
def test_times(text: str) -> None:
    assert is_time(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "明天下午三点来你家", "今天还款", "14:32 到你家门口", "5月3日前还清", "昨天的钱呢"),
        *("逾期3天", "138****0000", "10:30前", "周五之前还清", "信息", "1234", "今天 还", "1/2"),
    ],
)
def test_no_times(text: str) -> None:
    assert not is_time(text)


@pytest.mark.parametrize("text", ["短信/彩信", "发短信", "iMessage 信息", "按住 说话", "Message"])
def test_hints_of_input_fields(text: str) -> None:
    assert is_hint(text)


def test_a_message_is_no_hint() -> None:
    assert not is_hint("发短信给你单位")


@pytest.mark.parametrize("text", ["12:30", "5G 73%", "5G", "12:30 5G 80%", "中国移动", "HD 4G"])
def test_status_bars(text: str) -> None:
    assert is_status(text)


@pytest.mark.parametrize("text", ["还款", "欠5000元", "王经理", "5G套餐"])
def test_no_status_bars(text: str) -> None:
    assert not is_status(text)

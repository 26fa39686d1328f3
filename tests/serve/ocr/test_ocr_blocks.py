"""Bubbles found by their colour, whose they are, and what lies between them."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import GREEN, PAGE, WHITE, chat, line

from serve.limits import MAX_CHARS
from serve.ocr.areas import areas_of, is_page
from serve.ocr.blocks import Block, blocks_of
from serve.ocr.geometry import Line
from serve.ocr.image import Pixels
from serve.ocr.sides import with_sides

LEFT, RIGHT = (110, 300, 500, 420), (300, 500, 610, 580)
"""Of a picture 720 pixels wide."""


def read(pixels: Pixels, lines: list[Line]) -> list[Block]:
    height, width = pixels.shape[:2]
    return with_sides(blocks_of(lines, areas_of(pixels, lines), width, height), width)


def summary(blocks: list[Block]) -> list[tuple[str, str, str]]:
    return [(block.kind, block.side, block.text) for block in blocks]


def conversation() -> list[Block]:
    pixels = chat([(LEFT, WHITE), (RIGHT, GREEN)])
    return read(
        pixels,
        [
            line("12:30", 20, 10, 60),
            line("王经理", 320, 70, 80),
            line("昨天 14:32", 300, 240, 120),
            line("再不还款就通知你", 130, 320, 350),
            line("单位", 130, 360, 60),
            line("知道了", 330, 528, 100),
            line("你撤回了一条消息", 272, 700, 176),
            line("按住说话", 300, 1150, 120),
        ],
    )


def test_a_conversation() -> None:
    assert summary(conversation()) == [
        ("interface", "unknown", "12:30"),
        ("interface", "unknown", "王经理"),
        ("time", "unknown", "昨天 14:32"),
        ("message", "left", "再不还款就通知你单位"),
        ("message", "right", "知道了"),
        ("interface", "unknown", "你撤回了一条消息"),
        ("interface", "unknown", "按住说话"),
    ]


def test_only_what_came_in_is_classified() -> None:
    assert [block.text for block in conversation() if block.received] == ["再不还款就通知你单位"]


def test_two_bubbles_of_one_colour_are_two_messages() -> None:
    pixels = chat([((110, 300, 500, 360), WHITE), ((110, 372, 500, 432), WHITE)])
    blocks = read(pixels, [line("还款", 130, 318), line("快点", 130, 390)])
    assert summary(blocks) == [("message", "left", "还款"), ("message", "left", "快点")]


@pytest.mark.parametrize("sigma", [0, 6, 12])
def test_noise_does_not_break_a_bubble(sigma: float) -> None:
    noise = np.random.default_rng(1).normal(0, sigma, (1200, 720, 3))
    pixels = np.clip(chat([(LEFT, WHITE), (RIGHT, GREEN)]) + noise, 0, 255).astype(np.uint8)
    lines = [line("再不还款", 130, 320), line("明天来", 130, 360), line("好", 330, 528)]
    [first, _, third] = areas_of(pixels, lines)
    assert [round(x / 5) for x in first.box] == pytest.approx([22, 60, 100, 84], abs=1)
    assert [block.side for block in read(pixels, lines)] == ["left", "right"]
    assert not is_page(third, 720)


@pytest.mark.parametrize(("avatar", "side"), [(20, "left"), (640, "right")])
def test_a_picture_beside_a_centred_bubble_tells_the_side(avatar: int, side: str) -> None:
    box = (110, 300, 610, 420)
    picture = ((avatar, 300, avatar + 60, 360), (90, 110, 150))
    pixels = chat([(box, WHITE), picture])
    lines = [line("再不还款就通知你单位", 130, 320, 440), line("李", avatar + 15, 315, 30)]
    assert summary(read(pixels, lines)) == [
        ("interface", "unknown", "李"),
        ("message", side, "再不还款就通知你单位"),
    ]


def test_a_centred_bubble_follows_those_of_its_colour_and_edge() -> None:
    pixels = chat([((40, 300, 300, 360), WHITE), ((40, 400, 690, 460), WHITE)])
    blocks = read(pixels, [line("还款", 60, 318), line("再不还款就通知你单位", 60, 418, 600)])
    assert [block.side for block in blocks] == ["left", "left"]


def test_a_centred_bubble_with_a_colour_was_sent_and_a_grey_one_is_open() -> None:
    for colour, side in ((GREEN, "right"), (WHITE, "centre")):
        pixels = chat([((60, 300, 660, 360), colour)])
        assert read(pixels, [line("我会按时还款的", 80, 318, 500)])[0].side == side


def test_a_quotation_inside_a_bubble_belongs_to_it() -> None:
    quote = (130, 370, 480, 410)
    pixels = chat([(LEFT, WHITE), (quote, (225, 225, 225))])
    blocks = read(pixels, [line("请看这条", 130, 320, 100), line("欠款名单", 145, 378, 200)])
    assert summary(blocks) == [("message", "left", "请看这条\n欠款名单")]


def test_small_print_in_a_bubble_is_a_time_and_a_time_in_its_text_is_not() -> None:
    pixels = chat([(LEFT, WHITE)])
    small = [line("请按时还款", 130, 320), line("14:32", 430, 370, 50, 14)]
    assert summary(read(pixels, small))[1:] == [("time", "unknown", "14:32")]
    same = [line("最后期限是今天下午", 130, 320, 350), line("14:32", 130, 360, 60)]
    assert summary(read(pixels, same)) == [("message", "left", "最后期限是今天下午14:32")]


def test_text_without_any_bubble_is_the_message() -> None:
    pixels = chat([], (720, 400), WHITE)
    lines = [
        line("【某某金融】您的借款已经逾期", 20, 100, 660),
        line("请今天还款", 20, 132, 200),
        line("10:31", 20, 240, 60),
    ]
    assert summary(read(pixels, lines)) == [
        ("message", "unknown", "【某某金融】您的借款已经逾期请今天还款"),
        ("time", "unknown", "10:31"),
    ]


def test_long_text_on_the_page_is_kept_where_other_bubbles_were_found() -> None:
    pixels = chat([(RIGHT, GREEN)])
    text = "您的借款已经逾期三天，请尽快还款，以免影响信用"
    blocks = read(pixels, [line(text, 20, 380, 500), line("好的", 330, 528, 60)])
    assert summary(blocks)[0] == ("message", "unknown", text)


def test_no_message_is_longer_than_a_text_may_be() -> None:
    pixels = chat([((10, 10, 700, 1190), WHITE)])
    lines = [line("欠" * 400, 20, 20 + 40 * i, 660) for i in range(25)]
    blocks = read(pixels, lines)
    assert sum(block.text.count("欠") for block in blocks) == 10_000
    assert max(len(block.text) for block in blocks) <= MAX_CHARS


def test_confidence_is_weighted_by_length() -> None:
    pixels = chat([(LEFT, WHITE)])
    long, short = line("再不还款就通知你", 130, 320, 350), line("啊", 130, 360, 30)
    [block] = read(pixels, [long, Line(short.text, short.box, 0.54)])
    assert block.score == pytest.approx((8 * 0.99 + 0.54) / 9)


def test_nothing_found() -> None:
    assert read(chat([]), []) == []


def test_a_line_at_the_very_edge() -> None:
    pixels = chat([], (720, 100), PAGE)
    assert len(read(pixels, [line("还款还款还款还款还款还款还款", 0, 80, 720, 40)])) == 1

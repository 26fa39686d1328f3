"""The measurement itself: what counts as an error, and what it shows."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from data.corpus import CorpusRow
from serve.ocr.blocks import Block
from serve.ocr.geometry import Box
from serve.ocr.measure.disturb import DISTURBANCES
from serve.ocr.measure.figures import Figure, Labels, as_markdown, figures
from serve.ocr.measure.score import Score, normalised, ratio_with_interval, score
from serve.ocr.measure.screens import STYLES, Bubble, compose
from serve.ocr.reader import Reading
from serve.ocr.schemas import Kind, Side

BUBBLES = (Bubble("今天还款", "left", label="lawful_reminder"), Bubble("好的", "right"))
BOXES = ((0, 0, 100, 20), (50, 40, 150, 60))


def block(text: str, top: float, side: Side, kind: Kind = "message", left: float = 0) -> Block:
    return Block(kind, text, Box(left, top, left + 100, top + 20), 1.0, side)


def scored(*blocks: Block) -> Score:
    return score(BUBBLES, BOXES, Reading(200, 100, blocks))


GOOD = block("今天还款", 0, "left"), block("好的", 40, "right", left=50)


def test_a_perfect_reading() -> None:
    found = scored(*GOOD)
    assert (found.edits, found.characters) == (0, 6)
    assert (found.sides_right, found.bubbles) == (2, 2)


@pytest.mark.parametrize(
    ("blocks", "edits"),
    [
        ((block("今天还歉", 0, "left"), GOOD[1]), 1),  # wrong
        ((GOOD[0],), 2),  # missed
        ((GOOD[1], GOOD[0]), 4),  # out of order
        ((*GOOD, block("12:30", 80, "unknown")), 5),  # taken from the interface
        ((*GOOD, block("12:30", 80, "unknown", "time")), 0),  # kept apart
        ((*GOOD, GOOD[1]), 2),  # read twice
    ],
)
def test_what_counts_as_an_error(blocks: tuple[Block, ...], edits: int) -> None:
    assert scored(*blocks).edits == edits


def test_a_wrong_or_missing_side() -> None:
    assert scored(block("今天还款", 0, "right"), GOOD[1]).sides_right == 1
    assert scored(GOOD[0]).sides_right == 1


def test_width_quotation_marks_and_white_space_do_not_count() -> None:
    assert normalised("ＡＢＣ，１２３　“还 款”\n") == normalised('ABC,123"还款"')
    assert normalised("还款。") != normalised("还款.")
    assert normalised("a") != normalised("A")


def test_the_interval_holds_the_ratio_and_is_not_empty_at_the_ends() -> None:
    parts, wholes = np.array([1.0, 0, 2, 0]), np.array([50.0, 60, 40, 50])
    value, low, high = ratio_with_interval(parts, wholes)
    assert value == 3 / 200
    assert low <= value <= high
    value, low, high = ratio_with_interval(wholes, wholes)
    assert (value, high) == (1, 1)
    assert 0.9 < low < 1
    assert ratio_with_interval(np.zeros(4), wholes)[2] > 0


def test_figures_know_their_targets() -> None:
    scores = [Score(1, 10, 2, 2, ()), Score(0, 10, 1, 2, ())]
    labels = [Labels(2, 2, 2, 1), Labels(1, 1, 0, 1)]
    cer, sides, agreement, clean, read = figures("clean", scores, labels)
    assert (cer.value, cer.n, cer.pictures, cer.met) == (0.05, 20, 2, False)
    assert (sides.value, sides.met) == (0.75, None)
    assert (agreement.value, agreement.met) == (1, True)
    assert (clean.value, read.value) == (2 / 3, 2 / 3)
    table = as_markdown([cer, agreement])
    assert "| CER, clean | 5.00%" in table
    assert "**missed**" in table
    assert "**met**" in table
    assert Figure("CER, clean", 1, 1, 0.03, 0, 0, 0.03).met


def rows(count: int) -> list[CorpusRow]:
    return [
        CorpusRow(
            text=f"第{i}条：请还款", label="lawful_reminder", also=[], form="message",
            recipient="debtor", channel="wechat" if i % 2 else "sms", scenario="x", hard=False,
            id=f"{i:016x}", file="made-up",
        )
        for i in range(count)
    ]  # fmt: skip


def test_screens_come_in_turn_show_no_row_twice_and_repeat_with_the_seed() -> None:
    screens = compose(rows(200), 12, seed=1)
    assert [screen.style for screen in screens] == list(STYLES) * 4
    came_in = [b.text for screen in screens for b in screen.bubbles if b.side == "left"]
    assert len(came_in) == len(set(came_in)) >= 12
    assert screens == compose(rows(200), 12, seed=1)
    assert screens != compose(rows(200), 12, seed=2)


def test_too_few_rows() -> None:
    with pytest.raises(ValueError, match="not enough rows"):
        compose(rows(4), 12, seed=1)


@pytest.mark.parametrize("name", DISTURBANCES)
def test_disturbances_change_the_picture_and_repeat_with_the_seed(name: str) -> None:
    picture = Image.effect_noise((90, 120), 60).convert("RGB")
    disturbed = DISTURBANCES[name](picture, 1)
    again = DISTURBANCES[name](picture, 1)
    assert (np.asarray(disturbed) == np.asarray(again)).all()
    assert disturbed.size != picture.size or (np.asarray(disturbed) != np.asarray(picture)).any()

"""Long pictures: tiles cover everything, and every line comes out once."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import FixedReader, line

from serve.ocr.geometry import Box, Line
from serve.ocr.image import Pixels
from serve.ocr.limits import MAX_LINES, MAX_PIXELS, MAX_SIDE, MIN_SIDE
from serve.ocr.tiles import OVERLAP, TILE_PIXELS, read_lines, tile_spans, without_repeats
from serve.problems import ProblemError

WIDTH, HEIGHT = 1080, 6000


def never() -> bool:
    return False


class RowReader:
    """Sees rows of text, each of which is coded into the picture as a band of its own grey.

    A band cut by the tile's edge is seen too, as a line that is less high.
    """

    def lines(self, pixels: Pixels) -> list[Line]:
        column = pixels[:, 10, 0].astype(int)
        found = []
        for value in np.unique(column[column < 250]):
            rows = np.flatnonzero(column == value)
            box = Box(0, float(rows[0]), 800, float(rows[-1] + 1))
            found.append(Line(str(value), box, 0.9 if box.height < 40 else 0.99))
        return found


def bands(height: int = HEIGHT, pitch: int = 60) -> Pixels:
    pixels = np.full((height, WIDTH, 3), 255, np.uint8)
    for number, top in enumerate(range(5, height - 45, pitch)):
        pixels[top : top + 40] = number
    return pixels


@given(st.integers(MIN_SIDE, 4000), st.integers(MIN_SIDE, MAX_SIDE))
def test_tiles_cover_the_picture_and_overlap(width: int, height: int) -> None:
    height = min(height, MAX_PIXELS // width)
    spans = tile_spans(width, height)
    assert spans[0][0] == 0
    assert spans[-1][1] == height
    for (top, bottom), (next_top, _) in pairwise(spans):
        assert top < next_top < bottom
        assert bottom - next_top >= round(OVERLAP * width) - 1


def test_tiles_are_bounded_and_a_small_picture_is_one() -> None:
    assert tile_spans(720, 1280) == [(0, 1280)]
    spans = tile_spans(WIDTH, 22_000)
    assert all((bottom - top) * WIDTH <= 1.01 * TILE_PIXELS for top, bottom in spans)


@pytest.mark.parametrize("pitch", [47, 60, 71, 90])
def test_every_line_of_a_long_picture_comes_out_once_and_whole(pitch: int) -> None:
    pixels = bands(pitch=pitch)
    lines = read_lines(pixels, RowReader(), never)
    assert [x.text for x in lines] == [str(i) for i in range(len(range(5, HEIGHT - 45, pitch)))]
    assert [x.box.top for x in lines] == pytest.approx(list(range(5, HEIGHT - 45, pitch)), abs=1)
    assert {round(x.box.height) for x in lines} == {40}


def test_boxes_come_back_in_pixels_of_the_picture() -> None:
    small = np.full((300, 360, 3), 255, np.uint8)  # is enlarged twice for the reader
    [found] = read_lines(small, FixedReader([line("还款", 100, 200, 300, 40)]), never)
    assert found.box == Box(50, 100, 200, 120)


def test_the_surer_of_two_readings_of_a_line_stays() -> None:
    again = Line("明天还款", Box(12, 101, 210, 126), 0.7)
    assert [x.score for x in without_repeats([line("明天还钱", 10, 100), again])] == [0.99]


def test_a_line_that_one_tile_saw_in_part_is_taken_from_the_other() -> None:
    whole, part = line("身份证4503****2219", 10, 100, 400), line("2219", 300, 102, 110)
    assert without_repeats([part, whole]) == [whole]


class HalfBlindReader(RowReader):
    """Misses each line in the upper of the two tiles that show it."""

    def __init__(self) -> None:
        self.tile = -1

    def lines(self, pixels: Pixels) -> list[Line]:
        self.tile += 1
        height = pixels.shape[0]
        return [x for x in super().lines(pixels) if self.tile % 2 or x.box.bottom < height - 150]


def test_what_one_tile_misses_in_the_overlap_the_other_gives() -> None:
    pixels = bands(1600)
    assert len(tile_spans(WIDTH, 1600)) == 2
    assert len(read_lines(pixels, HalfBlindReader(), never)) == len(range(5, 1600 - 45, 60))


def test_neighbours_on_one_row_are_no_repeats() -> None:
    pair = [line("明天", 10, 100, 80), line("还款", 100, 100, 80)]
    assert without_repeats(pair) == pair


def test_nobody_waits_any_more() -> None:
    reader = FixedReader([line("还款", 0, 0)])
    assert read_lines(bands(), reader, lambda: reader.tiles == 2) == []
    assert reader.tiles == 2


def test_lines_are_bounded() -> None:
    many = FixedReader([line("还", 0, i / 100) for i in range(MAX_LINES + 1)])
    with pytest.raises(ProblemError) as caught:
        read_lines(bands(800), many, never)
    assert (caught.value.code, caught.value.limit) == ("too_many_lines", MAX_LINES)

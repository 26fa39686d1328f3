"""Whose bubble it is: by its margins, else the sender's picture, bubbles like it, its colour."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from serve.ocr.areas import Area
from serve.ocr.blocks import Block
from serve.ocr.schemas import Side

CLEAR: Final = 0.08
"""Of the width: margins must differ by this to tell left from right."""
PICTURE: Final = 6
"""Of 255: how much busier the strip with the sender's picture is than the empty one."""
ALIGNED: Final = 0.015
"""Of the width: bubbles of one sender begin (or end) at the same place, give or take this."""
SAME_COLOUR: Final = 14
"""Of 255, in the channel that differs most."""
COLOURED: Final = 40
"""Of 255: apps give a colour to what was sent and grey, white or black to what came in."""
CARD: Final = 0.9
"""Of the width: wider ones are cards of a notification, which have no side."""


def with_sides(blocks: list[Block], width: int) -> list[Block]:
    """Return the blocks with `side` filled in for the messages that lie in a bubble."""
    bubbles = [block.area for block in blocks if block.area]
    known: list[tuple[Area, Side]] = [
        (area, side) for area in bubbles if (side := _by_margins(area, width)) != "centre"
    ]
    return [
        replace(block, side=_side(block.area, known, width))
        if block.kind == "message" and block.area
        else block
        for block in blocks
    ]


def _by_margins(area: Area, width: int) -> Side:
    left, right = area.box.left, width - area.box.right
    if abs(left - right) < CLEAR * width:
        return "centre"
    return "left" if left < right else "right"


def _side(area: Area, known: list[tuple[Area, Side]], width: int) -> Side:
    """Return the side; where the margins are alike, the other clues in the order stated above."""
    side = _by_margins(area, width)
    left, right = area.beside
    alike = [side for other, side in known if _same_sender(area, other, width)]
    if side != "centre":
        return side
    if abs(left - right) > PICTURE:
        return "left" if left > right else "right"
    if alike:
        return max(set(alike), key=alike.count)
    return "right" if area.saturation > COLOURED and area.box.width < CARD * width else "centre"


def _same_sender(area: Area, other: Area, width: int) -> bool:
    differences = zip(area.colour, other.colour, strict=True)
    colour = max(abs(a - b) for a, b in differences) < SAME_COLOUR
    left = abs(area.box.left - other.box.left) < ALIGNED * width
    right = abs(area.box.right - other.box.right) < ALIGNED * width
    return colour and (left or right)

"""From lines of text to blocks: which belong to one message, what kind it is, whose it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from serve.limits import MAX_CHARS
from serve.ocr.areas import Area, is_page
from serve.ocr.chrome import is_hint, is_status, is_time
from serve.ocr.geometry import Box, Line, reading_order, shared_height, union
from serve.ocr.paragraphs import joined
from serve.ocr.schemas import Kind, Side

HEADER, FOOTER = 0.35, 0.25
"""Of the width: as far from the top (bottom) of a screenshot reach status bar and title (input)."""
SHORT: Final = 12
"""Characters of a name above a bubble or a note between them, at most."""
MARK: Final = 4
"""Characters beside a bubble, at most: in a sender's picture, of a count, of "read"."""
CENTRED: Final = 0.03
"""Of the width: how far the middle of a centred line may be off."""
PARAGRAPH: Final = 0.9
"""Of the line height: a wider gap between lines on the page starts a new block."""
SMALL_PRINT: Final = 0.85
"""Of the usual line height: a time of day inside a bubble is smaller than this."""


@dataclass(frozen=True)
class Block:
    """A message, a time or a part of the interface.

    side: where the bubble stands: "left" came in, "right" was sent; "centre" and "unknown" (no
        bubble found, or nothing tells) may have come in. Always "unknown" unless a message.
    area: the bubble, None for text that lies on the page itself.
    score: mean probability of the characters, 0..1.
    """

    kind: Kind
    text: str
    box: Box
    score: float
    side: Side = "unknown"
    area: Area | None = None

    @property
    def received(self) -> bool:
        """Return whether this is a message that the owner of the phone did not send."""
        return self.kind == "message" and self.side != "right"


def blocks_of(lines: list[Line], areas: list[Area], width: int, height: int) -> list[Block]:
    """Return the blocks in reading order, sides not decided yet; `areas` has one for each line."""
    pairs = list(zip(lines, areas, strict=True))
    bubbles = {id(area): area for _, area in pairs if not is_page(area, width)}
    others = list(bubbles.values())
    beside = {id(line) for line, area in pairs if _stands_beside(line, area, others, width)}
    found: list[Block] = []
    for area in bubbles.values():
        own = [x for x, its in pairs if its is area and id(x) not in beside]
        found += _bubble(own, area) if own else []
    top = min((block.box.top for block in found if block.kind == "message"), default=None)
    bottom = max((block.box.bottom for block in found if block.kind == "message"), default=0.0)
    page = [x for x, area in pairs if is_page(area, width) and id(x) not in beside]
    for group in _paragraphs(page):
        block = _block("message", group)
        found.append(replace(block, kind=_page_kind(block, len(group), width, height, top, bottom)))
    found += [_block("interface", [line]) for line, _ in pairs if id(line) in beside]
    return sorted(found, key=lambda block: (block.box.top, block.box.left))


def _stands_beside(line: Line, area: Area, bubbles: list[Area], width: int) -> bool:
    """Return whether a short line is left or right of a bubble: an avatar, a mark, a count."""
    own = line.box if is_page(area, width) else area.box
    return len(line.text) <= MARK and any(
        bubble is not area
        and shared_height(own, bubble.box) > 0.3
        and (own.right <= bubble.box.left or own.left >= bubble.box.right)
        and bubble.box.width > own.width
        for bubble in bubbles
    )


def _bubble(lines: list[Line], area: Area) -> list[Block]:
    """Return the message of one bubble, and a time in small print below it."""
    rows = reading_order(lines)
    usual = median(line.box.height for line in lines)
    last = rows[-1]
    small_print = len(rows) > 1 and last[0].box.height < SMALL_PRINT * usual
    if small_print and len(last) == 1 and is_time(last[0].text):
        body = [line for row in rows[:-1] for line in row]
        return [*_messages(body, area), _block("time", last)]
    if len(rows) == 1 and is_hint(lines[0].text):
        return [_block("interface", lines)]
    if all(is_time(line.text) for line in lines):
        return [_block("time", lines)]
    return _messages(lines, area)


def _messages(lines: list[Line], area: Area) -> list[Block]:
    """Return one message, or several where it is longer than a text may be."""
    parts: list[list[Line]] = [[]]
    for line in (line for row in reading_order(lines) for line in row):
        if sum(len(x.text) + 1 for x in parts[-1]) + len(line.text) > MAX_CHARS:
            parts.append([])
        parts[-1].append(line)
    return [replace(_block("message", part), area=area) for part in parts]


def _paragraphs(lines: list[Line]) -> list[list[Line]]:
    """Return lines that lie on the page in groups, parted by gaps, by times and by columns."""
    groups: list[list[Line]] = []
    for row in reading_order(lines):
        line = row[0]
        alone = len(row) > 1 or is_time(line.text) or is_status(line.text) or is_hint(line.text)
        above = groups[-1] if groups else None
        if above and not alone and _continues(above, line):
            above.append(line)
        else:
            groups += [[x] for x in row]
    return groups


def _continues(above: list[Line], line: Line) -> bool:
    last = above[-1]
    gap = line.box.top - last.box.bottom
    near = gap < PARAGRAPH * min(last.box.height, line.box.height)
    alike = 0.7 < line.box.height / max(1.0, last.box.height) < 1.4
    aligned = abs(line.box.left - min(x.box.left for x in above)) < 3 * line.box.height
    fits = sum(len(x.text) + 1 for x in above) + len(line.text) <= MAX_CHARS
    return near and alike and aligned and fits and not is_time(last.text)


def _page_kind(
    block: Block, lines: int, width: int, height: int, top: float | None, bottom: float
) -> Kind:
    """Return what a block on the page is; top and bottom: where the bubbles' messages begin, end.

    Where no bubble was found, only what is certain is kept apart: the rest may be the message.
    """
    if is_time(block.text):
        return "time" if block.box.top > 0.1 * width or top is None else "interface"
    if is_hint(block.text) or (is_status(block.text) and block.box.bottom < HEADER * width):
        return "interface"
    if top is None:
        return "message"
    header = block.box.bottom < min(top, HEADER * width)
    footer = block.box.top > max(bottom, height - FOOTER * width)
    centred = abs(block.box.middle[0] - width / 2) < CENTRED * width and lines == 1
    short = len(block.text) <= SHORT
    return "interface" if header or footer or centred or short else "message"


def _block(kind: Kind, lines: list[Line]) -> Block:
    count = sum(len(line.text) for line in lines)
    score = sum(line.score * len(line.text) for line in lines) / max(1, count)
    return Block(kind, joined(lines), union([line.box for line in lines]), score)

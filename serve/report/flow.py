"""Text on a PDF page: a flowable that breaks its runs into lines, and splits between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Final, NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable

from serve.report.breaking import break_lines
from serve.report.document import Run, Runs
from serve.report.palette import ACCENT, INK, MARKS, SOFT
from serve.report.typefaces import TEXT
from serve.report.visible import JOINERS, face_of

BULLET: Final = "•"
FEWEST_LINES: Final = 2
"""Lines that stay together at the foot or the head of a page."""


@dataclass(frozen=True)
class Style:
    """Sizes in points. padding: between text and the edge of its box, if it has one."""

    size: float
    leading: float
    color: str = INK
    before: float = 0
    after: float = 0
    indent: float = 0
    padding: float = 0
    paper: str | None = None
    border: str | None = None


class Line(NamedTuple):
    """A line's pieces: text in one typeface, from one run."""

    pieces: tuple[tuple[str, str, Run], ...]


class Flow(Flowable):
    """Runs of text in one style; drawn line by line, so that nothing is added or left out."""

    def __init__(
        self,
        runs: Runs,
        style: Style,
        *,
        bullet: bool = False,
        outline_level: int | None = None,
        lines: Sequence[Line] | None = None,
    ) -> None:
        super().__init__()
        self.runs, self.style, self.bullet = runs, style, bullet
        self.outline_level = outline_level
        self.spaceBefore, self.spaceAfter = style.before, style.after
        self._lines, self._ready_made = lines, lines is not None

    @property
    def plain(self) -> str:
        """The text without its styles."""
        return "".join(run.text for run in self.runs)

    @property
    def lines(self) -> Sequence[Line]:
        """The lines, once `wrap` has laid them out."""
        return self._lines or ()

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Return the width given and the height needed."""
        style = self.style
        self.width = available_width
        if not self._ready_made:
            room = available_width - style.indent - 2 * style.padding
            self._lines = lay_out(self.runs, style.size, room)
        lines = self.lines
        self.height = len(lines) * style.leading + 2 * style.padding
        return available_width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """Return the parts for this page and the next, or nothing where too little fits."""
        if self._lines is None:
            self.wrap(available_width, available_height)
        # else the lines stay as wrapped: a table that splits a row names its column's full width
        lines, style = self.lines, self.style
        fitting = int((available_height - 2 * style.padding) // style.leading)
        fitting = min(fitting, len(lines) - FEWEST_LINES)
        if fitting < FEWEST_LINES:
            return []
        first = Flow((), replace(style, after=0), bullet=self.bullet, lines=lines[:fitting])
        return [first, Flow((), replace(style, before=0), lines=lines[fitting:])]

    def draw(self) -> None:
        """Draw the box, then each line."""
        style, canvas = self.style, self.canv
        if style.paper or style.border:
            canvas.setFillColor(HexColor(style.paper or "#ffffff"))
            canvas.setStrokeColor(HexColor(style.border or style.paper or INK))
            canvas.setLineWidth(0.6)
            canvas.rect(0, 0, self.width, self.height, fill=1, stroke=1)
        y = self.height - style.padding
        for number, line in enumerate(self.lines):
            base = y - style.leading / 2 - 0.36 * style.size
            if self.bullet and number == 0:
                self._write(BULLET, TEXT, style.color, 0, base)
            self._draw_line(line, style.indent + style.padding, base)
            y -= style.leading

    def _draw_line(self, line: Line, x: float, base: float) -> None:
        size, canvas = self.style.size, self.canv
        for text, face, run in line.pieces:
            width = sum(char_width(face, char) for char in text) * size
            if run.label is not None:
                canvas.setFillColor(HexColor(MARKS[run.label]))
                canvas.rect(x, base - 0.28 * size, width, 1.3 * size, fill=1, stroke=0)
                canvas.setStrokeColor(HexColor(INK))
                canvas.setLineWidth(0.7)
                canvas.line(x, base - 0.2 * size, x + width, base - 0.2 * size)
            color = SOFT if run.stand_in else ACCENT if run.strong else self.style.color
            self._write(text, face, color, x, base)
            x += width

    def _write(self, text: str, face: str, color: str, x: float, base: float) -> None:
        self.canv.setFillColor(HexColor(color))
        self.canv.setFont(face, self.style.size)
        self.canv.drawString(x, base, text)


def lay_out(runs: Runs, size: float, room: float) -> list[Line]:
    """Return the lines that `runs` take in a column `room` points wide."""
    chars: list[tuple[str, str, Run]] = []
    face = TEXT
    for run in runs:
        for char in run.text:
            if char not in JOINERS:  # these stay with the emoji before them
                face = face_of(char) or TEXT
            chars.append((char, face, run))
    widths = [0 if char == "\n" else char_width(face, char) * size for char, face, _ in chars]
    text = "".join(char for char, _, _ in chars)
    return [
        Line(
            tuple(
                ("".join(char for char, _, _ in group), face, run)
                for (face, run), group in (
                    (key, list(same)) for key, same in groupby(chars[start:end], key=_look)
                )
            )
        )
        for start, end in break_lines(text, widths, room)
    ]


def _look(char: tuple[str, str, Run]) -> tuple[str, Run]:
    return char[1], char[2]


@cache
def char_width(face: str, char: str) -> float:
    """Return the width of a character at size 1."""
    return float(pdfmetrics.stringWidth(char, face, 1))

"""The report as PDF, laid out by ReportLab: A4, embedded subsets of both typefaces."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, SimpleDocTemplate, Spacer
from reportlab.platypus import PageBreak as Break
from reportlab.platypus import Table as Grid

from serve.report import pdfstyle as look
from serve.report.document import (
    Block,
    Bullets,
    Document,
    Heading,
    Notice,
    PageBreak,
    Pairs,
    Paragraph,
    Quotation,
    Run,
    Signature,
    Table,
)
from serve.report.flow import Flow, Style
from serve.report.palette import LINE, SOFT
from serve.report.typefaces import TEXT, register

MARGIN = 20 * mm
WIDTH = A4[0] - 2 * MARGIN
FRAME_PADDING = 6
"""What ReportLab's frames keep free on each side, in points."""
NAME_WIDTH = 38 * mm
"""Width of the column of names in `Pairs`."""

Check = Callable[[], None]


def to_pdf(document: Document, check: Check = lambda: None) -> bytes:
    """Return the file. `check` is called between blocks and may raise to give up."""
    register()
    target = io.BytesIO()
    layout = _Layout(
        target,
        check,
        invariant=1,  # no clock, no random identifier
        pagesize=A4,
        initialFontName=TEXT,  # else each page would name Helvetica, which is not embedded
        leftMargin=MARGIN - FRAME_PADDING,
        rightMargin=MARGIN - FRAME_PADDING,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=document.title,
        author="DunLens",
        subject=document.footer,
        creator="DunLens",
        lang="zh-CN" if document.language == "zh" else "en",
    )
    story: list[Flowable] = [
        Flow((Run(document.title),), look.TITLE),
        Flow(document.subtitle, look.SUBTITLE),
    ]
    for block in document.blocks:
        story += _flowables(block)
    draw = partial(_foot, document)
    canvas = partial(_Canvas, page_text=document.page)
    layout.build(story, onFirstPage=draw, onLaterPages=draw, canvasmaker=canvas)
    return target.getvalue()


class _Layout(SimpleDocTemplate):
    """Puts headings into the outline, and calls `check` after every flowable."""

    def __init__(self, target: io.BytesIO, check: Check, **settings: Any) -> None:
        super().__init__(target, **settings)
        self._check, self._headings = check, 0

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802  ReportLab's name
        self._check()
        if not isinstance(flowable, Flow) or flowable.outline_level is None:
            return
        level = flowable.outline_level
        key = f"heading-{self._headings}"
        self._headings += 1
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(flowable.plain, key, level, closed=level > 0)


class _Canvas(Canvas):
    """Writes the numbers of the pages once their total is known, each into a form of its page."""

    def __init__(self, *args: Any, page_text: str, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._page_text = page_text

    def save(self) -> None:
        total = self.getPageNumber() - 1
        for page in range(1, total + 1):
            self.beginForm(f"page-{page}", 0, 0, *A4)
            self.setFont(TEXT, look.FOOT)
            self.setFillColor(HexColor(SOFT))
            text = self._page_text.format(page=page, pages=total)
            self.drawRightString(A4[0] - MARGIN, 11 * mm, text)
            self.endForm()
        super().save()


def _foot(document: Document, canvas: Canvas, layout: SimpleDocTemplate) -> None:
    canvas.saveState()
    canvas.setFont(TEXT, look.FOOT)
    canvas.setStrokeColor(HexColor(LINE))
    canvas.setFillColor(HexColor(SOFT))
    canvas.line(MARGIN, 15 * mm, A4[0] - MARGIN, 15 * mm)
    canvas.drawString(MARGIN, 11 * mm, document.footer)
    canvas.doForm(f"page-{canvas.getPageNumber()}")
    canvas.restoreState()


def _flowables(block: Block) -> Iterator[Flowable]:
    match block:
        case Heading(level, runs):
            yield CondPageBreak(look.ROOM[level])  # no heading at the foot of a page
            yield Flow(runs, look.HEADINGS[level], outline_level=level - 1)
        case Paragraph(runs, small):
            yield Flow(runs, look.SMALL if small else look.BODY)
        case Notice(runs, urgent):
            yield Flow(runs, look.URGENT if urgent else look.NOTICE)
        case Quotation(runs):
            yield Flow(runs, look.QUOTE)
        case Bullets(items):
            yield from (Flow(item, look.BULLET, bullet=True) for item in items)
            yield Spacer(0, 4)
        case Pairs(rows):
            cells = [[_plain(name, look.NAME_CELL), Flow(value, look.CELL)] for name, value in rows]
            yield _grid(cells, (NAME_WIDTH, WIDTH - NAME_WIDTH), look.PAIRS)
        case Table(head, rows, shares):
            first = [_plain(name, look.HEAD_CELL) for name in head]
            body = [[Flow(cell, look.CELL) for cell in row] for row in rows]
            yield _grid([first, *body], [share * WIDTH for share in shares], look.GRID, repeat=1)
        case PageBreak():
            yield Break()
        case Signature(lines):
            yield CondPageBreak(50 * mm)
            yield Spacer(0, 14 * mm)
            blanks = [[_plain(name, look.NAME_CELL), _plain("", look.CELL)] for name in lines]
            yield Grid(blanks, (24 * mm, 60 * mm), 11 * mm, style=look.SIGNATURE, hAlign="RIGHT")


def _plain(text: str, style: Style) -> Flow:
    return Flow((Run(text),), style)


def _grid(
    cells: list[list[Flow]], widths: Any, style: list[tuple[Any, ...]], repeat: int = 0
) -> Flowable:
    """Return a table whose rows may run over a page."""
    return Grid(
        cells, widths, style=style, repeatRows=repeat, splitInRow=1, spaceAfter=8, hAlign="LEFT"
    )

"""The report as DOCX, by python-docx: the same blocks in Word's own styles."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import docx
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as WordTable
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph

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
    Runs,
    Signature,
    Table,
)
from serve.report.palette import ACCENT, INK, LINE, MARKS, NOTICE_PAPER, SOFT, URGENT_PAPER

Check = Callable[[], None]

WIDTH_MM: Final = 170
"""Between the margins of an A4 page."""
NAME_WIDTH_MM: Final = 38
LATIN, CHINESE = "Arial", "Microsoft YaHei"
"""Not embedded: Word and WPS put another font of the machine in the place of a missing one."""

NO_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""In place of the time of making, so that the same input gives the same bytes."""
_ZIP_DATE: Final = (2000, 1, 1, 0, 0, 0)
_AFTER_SHADING: Final = ("w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr")
"""What follows border and shading among a paragraph's properties."""


def to_docx(document: Document, check: Check = lambda: None) -> bytes:
    """Return the file. `check` is called between blocks and may raise to give up."""
    word = docx.Document()
    try:
        _set_up(word, document)
        word.add_paragraph(document.title, style="Title")
        _fill(word.add_paragraph(), document.subtitle, color=SOFT, size=10)
        for block in document.blocks:
            check()
            _add(word, block)
        raw = io.BytesIO()
        word.save(raw)
    finally:
        _free(word)
    return _same_bytes(raw)


def _free(word: WordDocument) -> None:
    """Let go of parts and tables, which refer to one another in circles.

    To Python they are few objects, so it is long in collecting them; but they hold trees of lxml,
    which it does not see: 0.7 MiB for each report.
    """
    for part in list(word.part.package.iter_parts()):
        if isinstance(part, XmlPart):
            for element in list(part.element.iter("*")):
                del element[:]
        vars(part).clear()


def _same_bytes(raw: io.BytesIO) -> bytes:
    """Return the package with a fixed date on each of its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(target, "w") as package:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, date_time=_ZIP_DATE)
            part.compress_type, part.create_system = zipfile.ZIP_DEFLATED, 3
            package.writestr(part, source.read(name))
    return target.getvalue()


def _set_up(word: WordDocument, document: Document) -> None:
    properties = word.core_properties
    properties.title, properties.subject = document.title, document.footer
    properties.author = properties.last_modified_by = "DunLens"
    properties.created = properties.modified = NO_DATE
    properties.comments = ""
    properties.language = "zh-CN" if document.language == "zh" else "en"
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.bottom_margin = Mm(20)
    section.top_margin = Mm(18)
    _style(word, "Normal", 10.5, INK, after=4)
    _style(word, "Title", 21, ACCENT, after=2)
    _style(word, "Heading 1", 14.5, ACCENT, before=16, after=6)
    _style(word, "Heading 2", 11.5, INK, before=12, after=4)
    _style(word, "List Bullet", 10.5, INK, after=2)
    _foot(word, document)
    _say_language(word, "zh-CN" if document.language == "zh" else "en-GB")


def _say_language(word: WordDocument, latin: str) -> None:
    """Chinese characters take their mainland forms, whatever the language of the report."""
    defaults = word.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}")
    language = defaults.find(f"{qn('w:rPr')}/{qn('w:lang')}")
    for key, value in (("val", latin), ("eastAsia", "zh-CN")):
        language.set(qn(f"w:{key}"), value)


def _style(
    word: WordDocument, name: str, size: float, color: str, *, before: float = 0, after: float = 0
) -> None:
    style: Any = word.styles[name]
    style.font.name, style.font.size, style.font.color.rgb = LATIN, Pt(size), _rgb(color)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)  # it would win over the names
    fonts.set(qn("w:eastAsia"), CHINESE)
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)
    style.paragraph_format.line_spacing = 1.25
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)  # the title's line


def _foot(word: WordDocument, document: Document) -> None:
    paragraph = word.sections[0].footer.paragraphs[0]
    stops = paragraph.paragraph_format.tab_stops
    for stop in list(word.styles["Footer"].paragraph_format.tab_stops):
        stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)  # in the middle of the line
    stops.add_tab_stop(Mm(WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
    before, rest = document.page.split("{page}")
    between, after = rest.split("{pages}")
    _fill(paragraph, (Run(f"{document.footer}\t{before}"),), color=SOFT, size=8)
    for code, text in (("PAGE", between), ("NUMPAGES", after)):
        _field(paragraph, code)
        _fill(paragraph, (Run(text),), color=SOFT, size=8)


def _field(paragraph: WordParagraph, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = paragraph.add_run("1")  # until the program that opens the file has counted
    run.font.size, run.font.color.rgb = Pt(8), _rgb(SOFT)
    field.append(run._r)
    paragraph._p.append(field)


def _add(word: WordDocument, block: Block) -> None:
    match block:
        case Heading(level, runs):
            _fill(word.add_paragraph(style=f"Heading {level}"), runs)
        case Paragraph(runs, small):
            paragraph = word.add_paragraph()
            paragraph.paragraph_format.keep_with_next = small  # it explains what comes next
            _fill(paragraph, runs, color=SOFT if small else None, size=9 if small else None)
        case Notice(runs, urgent):
            _fill(_boxed(word, paper=URGENT_PAPER if urgent else NOTICE_PAPER), runs)
        case Quotation(runs):
            _fill(_boxed(word, border=LINE), runs)
        case Bullets(items):
            for item in items:
                _fill(word.add_paragraph(style="List Bullet"), item)
        case Pairs(rows):
            widths = (NAME_WIDTH_MM, WIDTH_MM - NAME_WIDTH_MM)
            grid = _grid(word, len(rows), widths)
            for (left, right), (name, value) in zip(_cells(grid), rows, strict=True):
                _fill(_only(left), (Run(name),), size=9.5, color=SOFT)
                _fill(_only(right), value, size=9.5)
            word.add_paragraph()
        case Table(head, rows, shares):
            grid = _grid(word, len(rows) + 1, [share * WIDTH_MM for share in shares])
            _repeat_first_row(grid)
            first = tuple((Run(name, strong=True),) for name in head)
            for line, values in zip(_cells(grid), (first, *rows), strict=True):
                for cell, value in zip(line, values, strict=True):
                    _fill(_only(cell), value, size=9)
            word.add_paragraph()
        case PageBreak():
            word.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        case Signature(lines):
            for name in lines:
                paragraph = word.add_paragraph(f"{name}  {'_' * 28}")
                paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                paragraph.paragraph_format.space_before = Pt(18)


def _fill(
    paragraph: WordParagraph, runs: Runs, *, color: str | None = None, size: float | None = None
) -> None:
    for item in runs:
        run = paragraph.add_run(item.text)  # a line feed becomes a break
        if size is not None:
            run.font.size = Pt(size)
        shade = SOFT if item.stand_in else ACCENT if item.strong else color
        if shade is not None:
            run.font.color.rgb = _rgb(shade)
        run.font.bold = True if item.strong else None
        if item.label is not None:
            run.font.underline = True
            run._r.get_or_add_rPr().append(_shading(MARKS[item.label]))


def _boxed(word: WordDocument, *, paper: str | None = None, border: str | None = None) -> Any:
    """Return an empty paragraph with a background, or with a line around it."""
    paragraph = word.add_paragraph()
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Mm(2.5)
    layout.space_before, layout.space_after = Pt(6), Pt(9)
    properties = paragraph._p.get_or_add_pPr()
    edge = _line("single", paper or border or LINE, space="6")
    box = _sides("w:pBdr", dict.fromkeys(("top", "left", "bottom", "right"), edge))
    for element in (box, *([_shading(paper)] if paper else [])):
        properties.insert_element_before(element, *_AFTER_SHADING)
    return paragraph


def _shading(color: str) -> Any:
    shading = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", color[1:])):
        shading.set(qn(f"w:{key}"), value)
    return shading


def _grid(word: WordDocument, rows: int, widths_mm: Sequence[float]) -> WordTable:
    grid: WordTable = word.add_table(rows, len(widths_mm), style="Table Grid")
    grid.autofit = False
    for column, width in zip(grid.columns, widths_mm, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    properties = grid._tbl.tblPr
    borders = dict.fromkeys(("top", "left", "right", "insideV"), "nil")
    borders |= dict.fromkeys(("bottom", "insideH"), "single")
    properties.append(_sides("w:tblBorders", {s: _line(k) for s, k in borders.items()}))
    margin = {"w": "60", "type": "dxa"}
    flush = {"w": "0", "type": "dxa"}
    properties.append(_sides("w:tblCellMar", {"top": margin, "left": flush, "right": margin}))
    return grid


def _line(kind: str, color: str = LINE, space: str = "0") -> dict[str, str]:
    return {"val": kind, "sz": "4", "space": space, "color": color[1:]}


def _sides(tag: str, sides: Mapping[str, Mapping[str, str]]) -> Any:
    """Return an element with a child for each side, in the order that the schema wants."""
    element = OxmlElement(tag)
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        if side in sides:
            child = OxmlElement(f"w:{side}")
            for key, value in sides[side].items():
                child.set(qn(f"w:{key}"), value)
            element.append(child)
    return element


def _cells(grid: WordTable) -> list[list[_Cell]]:
    """Return the cells by row. `Table.cell` would count through the whole table for each."""
    return [list(row.cells) for row in grid.rows]


def _only(cell: _Cell) -> WordParagraph:
    """Return the paragraph of an empty cell, set tighter than text outside of tables."""
    paragraph: WordParagraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after, paragraph.paragraph_format.line_spacing = Pt(1), 1.1
    return paragraph


def _repeat_first_row(grid: WordTable) -> None:
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    grid.rows[0]._tr.get_or_add_trPr().append(header)


def _rgb(color: str) -> RGBColor:
    return RGBColor.from_string(color[1:].upper())

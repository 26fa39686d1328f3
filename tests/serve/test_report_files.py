"""The two files: legible for a program, the same bytes for the same input, whatever the text."""

from __future__ import annotations

import gc
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import pypdf
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from report_case import REMINDER, THREAT, document, pdf_text

from serve.report.document import Document, Run
from serve.report.flow import Flow, char_width
from serve.report.pdfstyle import CELL
from serve.report.render import GivenUpError, render
from serve.report.schemas import Format
from serve.report.typefaces import TEXT, register

FORMATS: tuple[Format, ...] = ("pdf", "docx")
LONG = "今天必须还款，否则带人在门口等你，告诉你同事。" * 174
HARD = (
    "链接 https://example.com/" + "a" * 300,
    "\u202e款还\u200f\u200b\x00\x1b\x7f\t<b>&amp;</b> ]]> {0} %s",
    "😀🔪👨‍👩‍👧❤️ 𝐚𝐝 ಥ_ಥ 欠錢還錢",
    "一\n" * 2000,
    "！" * 4000,
    LONG[:4000],
)


def text_of(content: bytes, format: Format) -> str:
    """Return the file's text without spaces and line ends, which are the layout's."""
    if format == "pdf":
        return pdf_text(content)
    body = docx.Document(io.BytesIO(content)).element.body
    return re.sub(r"\s", "", "".join(node.text or "" for node in body.iter(qn("w:t"))))


def case(language: str = "zh") -> Document:
    return document(
        {"text": THREAT + "🔪\u200b", "sent_at": "2026-11-20 23:05", "sender": "138****0000"},
        {"text": REMINDER, "facts": {"count_today": 3}},
        language=language,
        title="某案",
    )


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_its_text_can_be_copied(format: Format, language: str) -> None:
    said = text_of(render(case(language), format), format)
    assert THREAT + "🔪[U+200B]" in said
    assert hashlib.sha256((THREAT + "🔪\u200b").encode()).hexdigest() in said
    assert ("可能涉嫌" if language == "zh" else "mayamountto") in said
    assert "138****0000" in said


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_input_gives_the_same_bytes(format: Format) -> None:
    assert render(case(), format) == render(case(), format)


def test_another_process_gives_the_same_bytes() -> None:
    """Hash seed, clock and identifiers differ there."""
    code = (
        "import hashlib; from test_report_files import case, render\n"
        "for f in ('pdf', 'docx'): print(hashlib.sha256(render(case(), f)).hexdigest())"
    )
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland"}
    environment["PYTHONPATH"] = os.pathsep.join([str(here), str(here.parents[1]), *sys.path])
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [
        hashlib.sha256(render(case(), format)).hexdigest() for format in FORMATS
    ]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_hard_texts_are_legible_from_end_to_end(format: Format, text: str) -> None:
    made = document(text)
    [quoted] = [block for block in made.blocks if type(block).__name__ == "Quotation"]
    expected = re.sub(r"\s", "", "".join(run.text for run in quoted.runs))
    said = text_of(render(made, format), format)
    if format == "pdf":  # what stands at the foot of each page comes between
        said = re.sub(r"DunLens催收信息整理报告·编号[0-9A-F-]{19}(第\d+页，共\d+页)?", "", said)
    assert expected in said


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80).filter(
            str.strip
        ),
        min_size=1,
        max_size=3,
    )
)
def test_any_texts_make_files_that_open(texts: list[str]) -> None:
    made = document(*texts)
    for format in FORMATS:
        assert hashlib.sha256(texts[0].encode()).hexdigest() in text_of(
            render(made, format), format
        )


def test_the_fonts_are_embedded_in_the_pdf() -> None:
    reader = pypdf.PdfReader(io.BytesIO(render(case(), "pdf")))
    fonts = [
        font.get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    ]
    assert fonts
    for font in fonts:
        assert "/FontFile2" in font["/FontDescriptor"], font["/BaseFont"]
        assert "/ToUnicode" in font


def test_pages_are_numbered_and_headings_in_the_outline() -> None:
    reader = pypdf.PdfReader(io.BytesIO(render(case(), "pdf")))
    total = len(reader.pages)
    assert f"第 {total} 页，共 {total} 页" in reader.pages[-1].extract_text()
    titles = [item.title for item in reader.outline if not isinstance(item, list)]  # type: ignore[union-attr]
    assert titles[:3] == ["这份报告是什么", "时间顺序", "逐条内容"]
    assert reader.metadata is not None
    assert reader.metadata.title == "催收信息整理报告"


def test_marks_are_in_both_files() -> None:
    """The threat's background colour is drawn, and shades the same words in DOCX."""
    page_text = b"".join(
        page.get_contents().get_data()  # type: ignore[union-attr]
        for page in pypdf.PdfReader(io.BytesIO(render(case(), "pdf"))).pages
    )
    assert b".984314 .827451 .8 rg" in page_text  # #fbd3cc
    body = docx.Document(io.BytesIO(render(case(), "docx"))).element.body
    shaded = {
        "".join(node.text for node in run.iter(qn("w:t")))
        for run in body.iter(qn("w:r"))
        for shade in run.iter(qn("w:shd"))
        if shade.get(qn("w:fill")) == "fbd3cc"
    }
    assert shaded == {"门口等你"}


def test_parts_of_the_docx_have_no_date_of_their_own() -> None:
    content = render(case(), "docx")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {part.date_time for part in package.infolist()} == {(2000, 1, 1, 0, 0, 0)}
    properties = docx.Document(io.BytesIO(content)).core_properties
    assert properties.author == "DunLens"
    assert properties.created is not None
    assert properties.created.year == 2000


def test_a_report_leaves_nothing_for_the_collector_of_circles_to_free() -> None:
    def memory() -> int:  # MiB; what lxml holds is no object of Python's
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20

    render(case(), "docx")
    gc.collect()
    gc.disable()
    try:
        before = memory()
        for _ in range(40):
            render(case(), "docx")
        assert memory() - before < 10
    finally:
        gc.enable()


def test_a_text_split_between_pages_keeps_its_lines() -> None:
    """ReportLab splits a row with the width of the column, without the cell's padding."""
    register()
    flow = Flow((Run(LONG),), CELL)
    _, height = flow.wrap(300, 1e6)
    first, rest = flow.split(306, height / 2)
    assert isinstance(first, Flow)
    assert isinstance(rest, Flow)
    assert first.wrap(306, 1e6)[1] + rest.wrap(306, 1e6)[1] == height
    assert [*first.lines, *rest.lines] == list(flow.lines)
    widest = max(
        sum(char_width(TEXT, char) for char in line.pieces[0][0]) * CELL.size for line in flow.lines
    )
    assert 280 < widest <= 300


@pytest.mark.parametrize("format", FORMATS)
def test_rendering_can_be_given_up(format: Format) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise GivenUpError

    with pytest.raises(GivenUpError):
        render(case(), format, check)

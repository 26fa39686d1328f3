"""XLSX: as openpyxl reads it, and what damaged or malicious files may not do."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from filed import put, read, refused, workbook
from hypothesis import given, settings
from hypothesis import strategies as st

from serve.triage.intake import Mapping, inspect, limits, package
from serve.triage.intake.package import open_book
from serve.triage.intake.sheet import number_as_shown, xlsx_rows

HEADINGS = ["编号", "投诉内容", "发送时间", "来电号码"]


def remade(source: Path, target: Path, **parts: bytes) -> Path:
    """Copy an archive with some parts replaced, by the last word of their names."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            stem = name.rpartition("/")[2].partition(".")[0]
            new.writestr(name, parts.get(stem, old.read(name)))
    return target


@pytest.fixture
def complaints(tmp_path: Path) -> Path:
    rows: list[list[Any]] = [
        HEADINGS,
        ["0001", "今天不还就上门找你父母", datetime(2026, 11, 25, 8, 3), "013800000000"],
        [2, "您的借款已逾期\n请尽快还款", date(2026, 11, 26), 13900000000],
        [None, None, None, None],
        [4, None, None, "139"],
        [5, "=1+1", 46351.5, True],
    ]
    return workbook(tmp_path / "a.xlsx", rows)


def test_cells_as_a_reader_sees_them(complaints: Path) -> None:
    inspection, good, bad = read(complaints)
    assert inspection.kind == "xlsx"
    assert inspection.headings == HEADINGS
    assert inspection.mapping == Mapping(
        "投诉内容", sent_at="发送时间", sender="来电号码", id="编号"
    )
    assert good[0].original == [
        "0001",
        "今天不还就上门找你父母",
        "2026-11-25 08:03:00",
        "013800000000",
    ]
    assert good[0].sent_at == datetime(2026, 11, 25, 8, 3)
    assert good[1].original == ["2", "您的借款已逾期\n请尽快还款", "2026-11-26", "13900000000"]
    # the row without anything is none; a formula without a stored result is blank
    assert [(row.number, row.line, row.column) for row in bad] == [
        (3, 5, "投诉内容"),
        (4, 6, "投诉内容"),
    ]


@pytest.mark.parametrize("constant_memory", [True, False])
def test_inline_and_shared_strings(tmp_path: Path, constant_memory: bool) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": constant_memory})
    sheet = book.add_worksheet()
    texts = ["内容", "第一条\r\n短信 _x000D_ & <b>", "  前后空格  ", "第三条", "😀表情"]
    for row, text in enumerate(texts):
        sheet.write_string(row, 0, text)
    book.close()
    _, good, _ = read(path)
    assert [row.text for row in good] == texts[1:]


def test_rich_text_is_joined_and_phonetic_hints_left_out(complaints: Path, tmp_path: Path) -> None:
    strings = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + "".join(f"<si><t>{heading}</t></si>" for heading in HEADINGS)
        + "<si><r><t>今天</t></r><r><rPr><b/></rPr><t>不还</t></r>"
        + "<rPh sb='0' eb='1'><t>きょう</t></rPh></si></sst>"
    )
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        "<x:sheetData><x:row>"
        + "".join(f'<x:c t="s"><x:v>{i}</x:v></x:c>' for i in range(4))
        + '</x:row><x:row r="7"><x:c r="B7" t="s"><x:v>4</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    path = remade(
        complaints, tmp_path / "b.xlsx", sharedStrings=strings.encode(), sheet1=sheet.encode()
    )
    _, good, _ = read(path)
    assert [(row.line, row.text) for row in good] == [(7, "今天不还")]


@pytest.mark.parametrize(
    ("stored", "is_date", "shown"),
    [
        ("13800000000", False, "13800000000"),
        ("1.38E10", False, "13800000000"),
        ("1.1010119900101123E+17", False, "110101199001011232"),
        ("0.1", False, "0.1"),
        ("46351.335416666669", True, "2026-11-25 08:03:00"),
        ("46351", True, "2026-11-25"),
        ("0.5", True, "12:00:00"),
        ("-1", True, "-1"),
        ("1e400", False, "inf"),
        ("nan", False, "nan"),
        ("x", True, "x"),
    ],
)
def test_numbers_are_shown_without_exponent(stored: str, is_date: bool, shown: str) -> None:
    assert number_as_shown(stored, is_date) == shown


def test_the_first_visible_sheet_with_messages_is_read(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        [["1", "2"]],
        说明=[],
        投诉=[["内容"], ["今天不还就上门"]],
        另一=[["x"]],
    )
    inspection, good, _ = read(path)
    assert (inspection.sheet, good[0].text) == ("投诉", "今天不还就上门")
    assert inspection.sheets == ["Sheet", "说明", "投诉", "另一"]
    assert inspect(path, "a.xlsx", sheet="投诉").sheet == "投诉"
    with pytest.raises(Exception, match="no such sheet"):
        inspect(path, "a.xlsx", sheet="没有")


def test_cells_beyond_the_headings_are_kept(tmp_path: Path) -> None:
    rows = [["内容"], *[["今天不还就上门"]] * (limits.SAMPLE_ROWS + 10), ["还钱还钱", "", "批注"]]
    _, good, bad = read(workbook(tmp_path / "a.xlsx", rows))
    assert bad == []
    assert good[-1].original == ["还钱还钱", "", "批注"]


CELLS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(-1e9, 1e9).map(lambda x: round(x, 3) + 0.0)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12).filter(
        lambda text: not text.startswith("=") and "_x" not in text
    )
    | st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0)
    )
    | st.dates(date(1950, 1, 1), date(2100, 1, 1))
)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=6))
def test_every_cell_is_what_openpyxl_reads(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]
) -> None:
    path = workbook(tmp_path_factory.mktemp("x") / "a.xlsx", rows)
    sheet = openpyxl.load_workbook(path).active
    expected = {
        (number, column): _shown(cell)
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
        for column, cell in enumerate(row, 1)
        if _shown(cell)
    }
    found = {
        (row.line, column): cell
        for row in xlsx_rows(path, None)
        for column, cell in enumerate(row.cells, 1)
        if cell
    }
    assert found == expected


def _shown(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == time() else f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def test_a_damaged_end_is_reported_and_the_beginning_kept(tmp_path: Path) -> None:
    rows: list[list[Any]] = [HEADINGS]
    rows += [[i, f"第{i}条：今天不还就上门", "2026-11-25", "139"] for i in range(3000)]
    whole = workbook(tmp_path / "a.xlsx", rows)
    with zipfile.ZipFile(whole) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    path = remade(whole, tmp_path / "b.xlsx", sheet1=sheet[: len(sheet) // 2])
    _, good, bad = read(path)
    assert 1000 < len(good) < 2000
    assert [row.text for row in good] == [f"第{i}条：今天不还就上门" for i in range(len(good))]
    assert len(bad) == 1
    assert "损坏" in bad[0].reason_zh


def test_zip_bombs_are_refused_before_they_are_unpacked(complaints: Path, tmp_path: Path) -> None:
    bomb = b" " * (limits.RATIO_FROM_BYTES + 2**20)
    error = refused(remade(complaints, tmp_path / "b.xlsx", sheet1=bomb))
    assert (error.code, error.limit) == ("zip_bomb", "250:1")


def test_a_total_over_the_bound_is_refused(
    complaints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "MAX_UNPACKED_BYTES", 1000)
    error = refused(complaints)
    assert (error.code, error.limit) == ("zip_bomb", 1000)


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(8))
    + "]>"
)


@pytest.mark.parametrize("part", ["sheet1", "sharedStrings", "workbook", "styles"])
def test_entities_are_refused(complaints: Path, tmp_path: Path, part: str) -> None:
    path = remade(complaints, tmp_path / "b.xlsx", **{part: (LAUGHS + "<w>&i;</w>").encode()})
    assert refused(path).code == "broken_xlsx"


@pytest.mark.parametrize("part", ["sheet1", "workbook", "styles", "_rels", "workbook.xml"])
@pytest.mark.parametrize(
    "content",
    [b"", b"<a>", b"\xff\xfe", b"<worksheet/>", b'<?xml version="1.0" encoding="x"?><a/>'],
)
def test_broken_parts_are_refused_or_left_out(
    complaints: Path, tmp_path: Path, part: str, content: bytes
) -> None:
    path = remade(complaints, tmp_path / "b.xlsx", **{part: content})
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist()
    if part == "styles" and content == b"<worksheet/>":
        assert read(path)[1]  # no date is shown as one, but nothing is lost
    elif part in ("_rels", "workbook.xml"):
        assert read(path)[1]
    else:
        assert refused(path).code in ("broken_xlsx", "no_rows")


def test_other_zip_archives_are_no_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert refused(path).code == "not_text"
    assert refused(put(tmp_path, "b.xlsx", b"PK\x03\x04 no archive")).code == "broken_xlsx"


def test_a_far_column_does_not_fill_the_memory(complaints: Path, tmp_path: Path) -> None:
    sheet = (
        "<worksheet><sheetData>"
        '<row r="1"><c r="A1" t="str"><v>内容</v></c></row>'
        '<row r="2"><c r="A2" t="str"><v>今天不还就上门</v></c></row>'
        '<row r="1048576"><c r="ZZZZZZZ3" t="str"><v>远</v></c></row></sheetData></worksheet>'
    )
    path = remade(complaints, tmp_path / "b.xlsx", sheet1=sheet.encode())
    error = refused(path)
    assert (error.code, error.limit) == ("too_many_columns", limits.MAX_COLUMNS)


def test_shared_strings_are_read_as_far_as_needed(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["内容"], *[[f"第{i}条短信内容"] for i in range(20_000)]]
    path = workbook(tmp_path / "a.xlsx", rows)
    with open_book(path) as book:
        assert book.strings is not None
        archive = book.archive
        size = archive.getinfo(book.strings).file_size
    read_bytes = 0
    original = zipfile.ZipExtFile.read

    def counted(self: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        nonlocal read_bytes
        data = original(self, n)
        if self.name == "xl/sharedStrings.xml":
            read_bytes += len(data)
        return data

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile.ZipExtFile, "read", counted)
        inspect(path, "a.xlsx")
    assert 0 < read_bytes < size / 4

"""What leaves the desk: the file's own cells untouched, ours safe."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serve.triage import export
from serve.triage.export import ADDED, export_csv, export_xlsx
from serve.triage.intake import IntakeError, inspect, read_records

HEADINGS = ["内容", "内容", "", "号码"]
FORMULAS = ["=1+1", "+86", "-5", "@x", "\tx", "\rx"]


@dataclass
class Exported:
    original: list[str]
    label: str = "threat_extortion"
    also: list[str] = field(default_factory=lambda: ["privacy_disclosure"])
    confidence: float = 0.98765
    review: str | None = "low_confidence"
    severity: float = 66.5
    severity_parts: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"code": "threat_extortion", "points": 45, "zh": "威胁", "en": "threat"},
            {"code": "confidence", "points": -0.9, "zh": "不确定", "en": "uncertain"},
        ]
    )
    cluster: int | None = 7
    current_label: str = "harassment"
    current_also: list[str] = field(default_factory=list)


def csv_of(rows: list[tuple[Exported, str]], **more: Any) -> list[list[str]]:
    out = io.BytesIO()
    assert export_csv(rows, HEADINGS, out, **more) == len(rows)
    text = out.getvalue().decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def xlsx_of(rows: list[tuple[Exported, str]], **more: Any) -> list[tuple[Any, ...]]:
    out = io.BytesIO()
    assert export_xlsx(rows, HEADINGS, out, **more) == len(rows)
    sheet = openpyxl.load_workbook(out).active
    for row in sheet.iter_rows():
        assert all(cell.data_type != "f" for cell in row)
    return list(sheet.iter_rows(values_only=True))


def test_originals_come_first_and_untouched() -> None:
    own = ["=1+1", "0001", " 空格 ", "110101199001011234"]
    heading, row = csv_of([(Exported(own), "")])
    assert heading == [*HEADINGS, *ADDED["zh"]]
    assert row[:4] == own
    heading, row = xlsx_of([(Exported(own), "")])
    assert [cell or "" for cell in heading] == [*HEADINGS, *ADDED["zh"]]
    assert list(row[:4]) == own


def test_verdict_correction_and_note() -> None:
    _, row = csv_of([(Exported(["a"]), "看过了")])
    assert row[4:] == [
        "威胁、恐吓、敲诈勒索", "泄露隐私", "0.9877", "置信度不足，请人工复核", "66.5",
        "威胁 +45; 不确定 -0.9", "7", "骚扰、辱骂", "", "看过了",
    ]  # fmt: skip
    _, row = xlsx_of([(Exported(["a"]), "")], language="en")
    assert row[4:] == (
        "threat_extortion", "privacy_disclosure", 0.9877, "low_confidence", 66.5,
        "threat +45; uncertain -0.9", 7, "harassment", None, None,
    )  # fmt: skip


@pytest.mark.parametrize("start", FORMULAS)
def test_formulas_are_neutralised_in_added_cells_only(start: str) -> None:
    _, row = csv_of([(Exported([start, "b"]), start)])
    assert (row[0], row[-1]) == (start, "'" + start)
    _, row = xlsx_of([(Exported([start, "b"]), start)])
    assert row[0].replace("_x000D_", "\r") == start  # typed as text: nothing to neutralise
    assert row[-1].replace("_x000D_", "\r") == start


def test_cells_beyond_the_headings_follow_ours() -> None:
    _, row = csv_of([(Exported(["1", "2", "3", "4", "=5", "6"]), "备注")])
    assert row[:4] == ["1", "2", "3", "4"]
    assert row[-3:] == ["备注", "=5", "6"]


def test_xlsx_names_its_limit_and_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "XLSX_MAX_ROWS", 3)
    out = io.BytesIO()
    assert export_xlsx([(Exported(["a"]), "")] * 2, HEADINGS, out) == 2
    out = io.BytesIO()
    with pytest.raises(IntakeError) as caught:
        export_xlsx([(Exported(["a"]), "")] * 3, HEADINGS, out)
    assert (caught.value.code, caught.value.limit) == ("too_many_rows", 3)
    assert out.getvalue() == b""
    assert export.refusal("too_many_rows", limit=1_048_576).zh.count("1048576") == 1


def test_a_cell_that_is_too_long_for_xlsx_says_so() -> None:
    long = "😀" * 20_000
    _, row = xlsx_of([(Exported(["短" * 32_767, long]), "")])
    assert row[0] == "短" * 32_767
    assert row[1].startswith("😀" * 1000)
    assert "截断" in row[1]
    assert len(row[1].encode("utf-16-le")) // 2 <= export.XLSX_MAX_CHARS


def test_no_text_is_left_behind_where_the_rows_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def failing() -> Iterator[tuple[Exported, str]]:
        yield Exported(["私密的内容"]), ""
        assert list(tmp_path.rglob("*"))
        raise OSError("the database is gone")

    with pytest.raises(OSError, match="database"):
        export_xlsx(failing(), HEADINGS, io.BytesIO())
    assert list(tmp_path.rglob("*")) == []


def test_rows_are_not_collected() -> None:
    """CSV is written while the rows come."""
    out = io.BytesIO()

    def rows() -> Iterator[tuple[Exported, str]]:
        for _ in range(2000):
            yield Exported(["今天不还就上门" * 10]), ""
        assert len(out.getvalue()) > 100_000

    assert export_csv(rows(), HEADINGS, out) == 2000


def test_a_stream_that_cannot_seek_is_enough() -> None:
    class Pipe(io.RawIOBase):
        taken = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.taken += bytes(data)
            return len(data)

    pipe = Pipe()
    with io.BufferedWriter(pipe) as out:
        export_xlsx([(Exported(["今天不还就上门"]), "")], HEADINGS, out)
    assert zipfile.ZipFile(io.BytesIO(pipe.taken)).testzip() is None


CELLS = st.text(max_size=15) | st.sampled_from(FORMULAS)


# a lone surrogate becomes "?": neither UTF-8 nor XML can hold it
@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=4), note=CELLS)
def test_a_second_pass_over_our_export_finds_the_same_originals(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], note: str
) -> None:
    rows = [["今天不还就上门", *row[1:]] for row in rows]
    clean = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in rows]
    for name, write in (("a.csv", export_csv), ("a.xlsx", export_xlsx)):
        path = tmp_path_factory.getbasetemp() / name
        with path.open("wb") as out:
            write([(Exported(row), note) for row in rows], HEADINGS, out)
        if any("\0" in cell for cell in [*chain(*rows), note]):
            continue  # no text file: the intake refuses it
        inspection = inspect(path, name)
        found = list(read_records(path, inspection, inspection.mapping))
        expected = clean
        if name == "a.xlsx":  # a carriage return is written as an escape
            expected = [[cell.replace("_x000D_", "\r") for cell in row] for row in clean]
        assert [row.original[:4] for row in found] == expected

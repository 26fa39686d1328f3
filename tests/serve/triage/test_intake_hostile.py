"""Files made to hurt: huge cells, very many columns, and characters that trick readers."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from filed import put, read, refused, workbook
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_files_out import Exported
from test_intake_xlsx import remade

from serve.triage.columns import storable
from serve.triage.export import ADDED, export_csv
from serve.triage.intake.limits import MAX_COLUMNS

MIB = 2**20
HUGE = "欠" * (10 * MIB // 3)
GOOD = "今天不还就上门"
WIDTH = 100_000


def _csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def _jsonl(rows: list[list[str]]) -> bytes:
    heads, *others = rows
    lines = [json.dumps(dict(zip(heads, row, strict=True))) for row in others]
    return "\n".join(lines).encode()


def _book(folder: Path, rows: list[list[str]]) -> Path:
    """Write a workbook without the bound of 32,767 characters a cell that programs keep."""
    cells = "".join(
        "<row>" + "".join(f'<c t="str"><v>{cell}</v></c>' for cell in row) + "</row>"
        for row in rows
    )
    whole = workbook(folder / "whole.xlsx", [["a"]])
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>"
    return remade(whole, folder / "a.xlsx", sheet1=sheet.encode())


def _file(folder: Path, kind: str, rows: list[list[str]]) -> Path:
    if kind == "xlsx":
        return _book(folder, rows)
    return put(folder, f"a.{kind}", _csv(rows) if kind == "csv" else _jsonl(rows))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx"])
def test_a_cell_of_ten_megabytes_costs_its_row_only(tmp_path: Path, kind: str) -> None:
    path = _file(tmp_path, kind, [["内容", "编号"], [GOOD, "1"], [HUGE, "2"], [GOOD, "3"]])
    tracemalloc.start()
    _, good, bad = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [row.text for row in good] == [GOOD] * 2
    assert [row.number for row in bad] == [2]
    assert len(bad[0].reason_zh) < 200
    assert peak < 60 * MIB


@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx"])
def test_a_hundred_thousand_columns_are_refused(tmp_path: Path, kind: str) -> None:
    heads = ["内容", *(f"列{i}" for i in range(WIDTH - 1))]
    path = _file(tmp_path, kind, [heads, [GOOD, *("x" * (WIDTH - 1))]])
    error = refused(path)
    assert (error.code, error.limit) == ("too_many_columns", MAX_COLUMNS)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_row_of_a_hundred_thousand_cells_does_not_widen_the_table(
    tmp_path: Path, kind: str
) -> None:
    wide = _csv([[GOOD, *("x" * WIDTH)]])
    if kind == "jsonl":
        wide = json.dumps({"内容": GOOD} | {f"k{i}": "x" for i in range(WIDTH)}).encode() + b"\n"
    plain = "内容\n" if kind == "csv" else ""
    rows = "".join(f"{GOOD}\n" if kind == "csv" else f'{{"内容": "{GOOD}"}}\n' for _ in range(600))
    inspection, good, _ = read(put(tmp_path, f"a.{kind}", (plain + rows).encode() + wide))
    assert len(inspection.headings) <= MAX_COLUMNS
    assert len(good) >= 600


TRICKS = st.sampled_from(
    ["\x00", "\u202e", "\u2066", "\u200f", "\u200b", "\ufeff", "\x1b[2J", "=HYPERLINK(\"x\")",
     "+1", "-1", "@SUM(A1)", "\t=1", "'", '"', "；", "\U000e0041", "\U0001f52a", "\x85", "\u2028",
     "还钱", "e\u0301" * 50, "１３８", "<script>", "%00", "../../etc/passwd"]
)  # fmt: skip
CELL = st.lists(TRICKS | st.text(max_size=8), min_size=1, max_size=6).map("".join)


@settings(deadline=None)
@given(cells=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=6), kind=st.sampled_from("cj"))
@example(cells=[("\ud800还", "\u202e=1")], kind="j")
def test_what_tricks_a_reader_is_kept_as_it_is_and_starts_no_formula_of_ours(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]], kind: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    # a file's rows: what CSV or the encoding cannot hold is not what is asked here
    clean = [
        tuple(c.replace("\r", "").replace("\n", "").replace("\x00", "") for c in row)
        for row in cells
    ]
    rows = [["内容", "号码"], *([GOOD + a, b] for a, b in clean)]
    data = _jsonl(rows) if kind == "j" else _csv(rows).decode("utf-8", "ignore").encode()
    _, good, bad = read(put(folder, "tricks.jsonl" if kind == "j" else "tricks.csv", data))
    assert bad == []
    if kind == "j":
        assert [row.original for row in good] == [list(row) for row in rows[1:]]
    for record in good:
        storable(record.text).encode()
        storable(record.sender or "").encode()
    out = io.BytesIO()
    exported = [(Exported(row.original), row.original[0]) for row in good]
    export_csv(exported, ["内容", "号码"], out)
    lines = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
    assert lines[0] == ["内容", "号码", *ADDED["zh"]]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for row in lines for cell in row[2:])

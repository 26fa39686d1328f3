"""``dunlens report``: a file of messages in, a report out."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import docx
import pytest
from fakes import FakeClassifier
from report_case import REMINDER, THREAT, pdf_text
from typer.testing import CliRunner, Result

import serve.classifier
from serve.cli import app
from serve.report.fromtext import tidy_moment


@pytest.fixture(autouse=True)
def _fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve.classifier, "load_classifier", lambda *_: FakeClassifier())


def run(source: Path, target: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["report", "-i", str(source), "-o", str(target), *more])


def jsonl(folder: Path, *rows: object) -> Path:
    path = folder / "case.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_json_lines_to_pdf(tmp_path: Path) -> None:
    source = jsonl(
        tmp_path,
        {"text": THREAT, "sent_at": "2026-11-20 23:05", "facts": {"count_today": 7}, "id": 3},
        {"text": REMINDER, "sent_at": "2026/11/18 9:05", "recipient": "debtor", "sender": None},
    )
    result = run(source, tmp_path / "case.pdf", "--title", "某案")
    assert result.exit_code == 0
    assert "2 条" in result.stderr
    said = pdf_text(tmp_path / "case.pdf")
    for part in ("某案", THREAT, "2026-11-1809:05", "联系7次", "收到者是借款人"):
        assert part in said
    assert stat.S_IMODE((tmp_path / "case.pdf").stat().st_mode) == 0o600


def test_csv_to_docx_in_english(tmp_path: Path) -> None:
    source = tmp_path / "case.csv"
    source.write_text(
        "no,text,sent_at,sender,count_today,beyond_debt\n"
        f'1,"{THREAT}",2026/11/20 9:05,138****0000,7,是\n'
        "2,请还款,,,,\n",
        encoding="utf-8-sig",
    )
    result = run(source, tmp_path / "case.docx", "--language", "en")
    assert result.exit_code == 0
    tables = docx.Document(io.BytesIO((tmp_path / "case.docx").read_bytes())).tables
    cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    assert "2026-11-20 09:05" in cells
    assert any("7 contacts by this sender" in cell for cell in cells)
    assert any("money is asked that is not owed" in cell for cell in cells)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"text": THREAT}, {"text": " "}], "第 2 行"),
        ([{"text": THREAT}, {"sent_at": "2026-11-20"}], "第 2 行"),
        ([{"text": THREAT, "sent_at": "gestern"}], "sent_at"),
        ([{"text": THREAT, "facts": {"count_today": 0}}], "facts.count_today 至少为 1"),
        ([{"text": "好"}] * 201, "最多 200 条"),
        ([{"text": "好" * 4000}] * 26, "合计最多 100000 个字符"),
        ([], "没有信息"),
    ],
)
def test_a_case_that_is_not_whole_makes_no_report(
    tmp_path: Path, rows: list[object], said: str
) -> None:
    result = run(jsonl(tmp_path, *rows), tmp_path / "case.pdf")
    assert result.exit_code == 2
    assert said in result.stderr
    assert THREAT not in result.stderr
    assert not (tmp_path / "case.pdf").exists()


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("case.jsonl", "case.odt", ".pdf"),
        ("case.txt", "case.pdf", ".jsonl"),
        ("none.jsonl", "case.pdf", "none.jsonl"),
        ("case.jsonl", "none/case.pdf", "none"),
    ],
)
def test_wrong_paths_are_named(tmp_path: Path, source: str, target: str, said: str) -> None:
    jsonl(tmp_path, {"text": "好"})
    result = run(tmp_path / source, tmp_path / target)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_title_too_long_is_refused(tmp_path: Path) -> None:
    result = run(jsonl(tmp_path, {"text": "好"}), tmp_path / "case.pdf", "--title", "好" * 101)
    assert result.exit_code == 2
    assert "title 最多 100 个字符" in result.stderr


@pytest.mark.parametrize(
    ("given", "tidy"),
    [
        ("2026/1/2 9:05", "2026-01-02 09:05"),
        ("2026-01-02T09:05:30", "2026-01-02 09:05:30"),
        ("2026.1.2", "2026-01-02"),
        ("gestern", "gestern"),
    ],
)
def test_dates_of_spreadsheets(given: str, tidy: str) -> None:
    assert tidy_moment(given) == tidy

"""``dunlens triage`` and ``dunlens keys``."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from click.testing import Result
from fakes import FakeClassifier, verdict
from typer.testing import CliRunner

from serve import cli
from serve.triage.keys import split_token
from serve.triage.store import Store

TEXTS = ["天气很好", "今天还款", "不要脸", "门口等你，同事都知道", "", "不要脸", "=1+1还款"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DUNLENS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(cli, "_load", lambda *_: FakeClassifier())
    return tmp_path


@pytest.fixture
def source(data: Path) -> Path:
    file = data / "投诉.csv"
    lines = [f'{n},"{text}",1069{n}' for n, text in enumerate(TEXTS, 1)]
    file.write_text("\n".join(["编号,内容,号码", *lines]), encoding="gb18030")
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_a_file_is_ranked_with_its_own_columns_first(source: Path) -> None:
    done = run("triage", source)
    assert done.exit_code == 3
    assert "第 6 行" in done.stderr
    with (source.parent / "投诉-dunlens.csv").open(encoding="utf-8-sig", newline="") as stream:
        head, *rows = csv.reader(stream)
    assert head[:4] == ["编号", "内容", "号码", "判定"]
    assert rows[0][1] == "门口等你，同事都知道"
    assert sorted(row[1] for row in rows) == sorted(text for text in TEXTS if text)
    severities = [float(row[head.index("严重度")]) for row in rows]
    assert severities == sorted(severities, reverse=True)
    assert [file.name for file in source.parent.glob(".*")] == []


def test_to_a_spreadsheet_in_english(source: Path) -> None:
    target = source.parent / "out.xlsx"
    assert run("triage", source, "-o", target, "--lang", "en").exit_code == 3
    sheet = openpyxl.load_workbook(target).active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    assert head[3] == "label"
    assert {(row[1], row[3]) for row in rows} == {
        (text, verdict(text).label) for text in TEXTS if text
    }


def test_another_column_can_be_chosen(source: Path) -> None:
    assert run("triage", source, "--column", "号码").exit_code == 0
    done = run("triage", source, "--column", "没有")
    assert done.exit_code == 2
    assert "mapping.text" in done.stderr or "没有" in done.stderr


@pytest.mark.parametrize("name", ["missing.csv", "empty.csv", "out.txt"])
def test_files_that_cannot_be_used(source: Path, name: str) -> None:
    (source.parent / "empty.csv").touch()
    if name == "out.txt":
        done = run("triage", source, "-o", source.parent / name)
    else:
        done = run("triage", source.parent / name)
    assert done.exit_code == 2
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert [file.name for file in source.parent.glob(".*")] == []


def test_nothing_is_left_behind_where_the_model_fails(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = FakeClassifier(error=ValueError("x"))
    failing.classify([""])  # the first call never fails
    monkeypatch.setattr(cli, "_load", lambda *_: failing)
    assert isinstance(run("triage", source).exception, ValueError)
    assert sorted(file.name for file in source.parent.iterdir()) == ["投诉.csv"]


def test_keys_are_made_listed_and_revoked(data: Path) -> None:
    made = run("keys", "create", "早班", "-r", "triage", "--role", "review", "--days", 30)
    assert made.exit_code == 0
    token = made.stdout.strip()
    key_id, secret = split_token(token)
    store = Store(data / "data" / "dunlens.sqlite")
    key = store.check_token(token)
    assert key is not None
    assert (key.name, key.roles) == ("早班", ("triage", "review"))
    listed = run("keys", "list").stdout
    assert key_id in listed
    assert secret not in listed
    assert "有效" in listed
    assert run("keys", "revoke", key_id).exit_code == 0
    assert store.check_token(token) is None
    assert "已撤销" in run("keys", "list").stdout
    assert run("keys", "revoke", key_id).exit_code == 2
    store.close()


def test_keys_that_are_refused(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("keys", "create", "x").exit_code == 2
    assert run("keys", "create", "x", "-r", "root").exit_code == 2
    assert run("keys", "create", " ", "-r", "admin").exit_code == 2
    monkeypatch.setenv("DUNLENS_DATABASE_URL", "mysql://me:secret@x/y")
    refused = run("keys", "list")
    assert refused.exit_code == 2
    assert "secret" not in refused.stderr

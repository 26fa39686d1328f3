"""``dunlens screenshot``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import FakeClassifier
from pictures import FixedReader, blank, line
from typer.testing import CliRunner, Result

import serve.classifier
from serve.cli import BAD_ROWS, app
from serve.ocr import command
from serve.problems import ProblemError


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve.classifier, "load_classifier", lambda *_: FakeClassifier())
    reader = FixedReader([line("再不还就在门口等你\x1b[2J", 10, 200, 700)])
    monkeypatch.setattr(command, "load_engine", lambda _: reader)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "shot.png"
    path.write_bytes(blank(720, 600))
    return path


def run(*args: object) -> Result:
    return CliRunner().invoke(app, ["screenshot", *map(str, args)])


def test_messages_with_their_verdicts(picture: Path) -> None:
    result = run(picture)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "shot.png："
    assert lines[1] == "[来信（方向不明）] 再不还就在门口等你[2J", "no control characters"
    assert lines[2] == "    类别：威胁、恐吓、敲诈勒索  (threat or extortion)"


def test_one_json_a_picture(picture: Path) -> None:
    result = run(picture, picture, "--json")
    [first, _] = [json.loads(text) for text in result.stdout.splitlines()]
    assert first["file"] == str(picture)
    assert first["blocks"][0]["verdict"]["label"] == "threat_extortion"


def test_a_bad_file_is_told_and_the_others_are_read(picture: Path, tmp_path: Path) -> None:
    text = tmp_path / "note.txt"
    text.write_text("还款")
    result = run(text, tmp_path / "missing.png", picture)
    assert result.exit_code == BAD_ROWS
    assert "note.txt 应为 PNG, JPEG, WebP 图片" in result.stderr
    assert "missing.png" in result.stderr
    assert "shot.png" in result.stdout


def test_without_the_extra(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: object) -> None:
        raise ProblemError("ocr_missing")

    monkeypatch.setattr(command, "load_engine", missing)
    result = run(picture)
    assert result.exit_code == 1
    assert "dunlens[ocr]" in result.stderr

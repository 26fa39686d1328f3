"""What reading disguised words changes, on rows where it is known."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from toy import write_rows

import model.classifier
from data.text import fold, normalise
from model import Verdict
from training import defence
from training.defence import changes, main, render
from training.evalrows import Truth

ROWS = [
    ("催收说要爆我通迅录", Truth("privacy_disclosure")),
    ("今晚就去你家men口", Truth("threat_extortion")),
    ("您的借款已逾期,请尽快还款", Truth("lawful_reminder")),
    ("晚上吃什么", Truth("out_of_scope")),
]


class Reader:
    """Sees 通讯录, as it reads texts at this moment; keeps what it has read before."""

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        return [self._one(vars(model.classifier)["normalise"](text).text) for text in texts]

    def _one(self, text: str) -> Verdict:
        label = "privacy_disclosure" if "通讯录" in text else "harassment"
        return Verdict(label, {}, [], None, 0.9)


def test_rows_read_otherwise_and_verdicts_that_change_by_it_are_counted() -> None:
    found = changes(ROWS, Reader)
    assert found == {
        "lawful_reminder": {"n": 1, "read": 0, "verdict": 0},
        "threat_extortion": {"n": 1, "read": 1, "verdict": 0},
        "privacy_disclosure": {"n": 1, "read": 1, "verdict": 1},
        "out_of_scope": {"n": 1, "read": 0, "verdict": 0},
    }
    assert "| toy | privacy disclosure | 1 | 1 | 1 |" in render({"toy": found})
    # and classifiers read as before
    assert vars(model.classifier)["normalise"] is normalise


def test_a_failure_leaves_the_reading_as_it_was() -> None:
    def broken() -> Reader:
        if vars(model.classifier)["normalise"] is fold:
            raise RuntimeError("half way")
        return Reader()

    with pytest.raises(RuntimeError, match="half way"):
        changes(ROWS, broken)
    assert vars(model.classifier)["normalise"] is normalise


def test_command_fails_on_a_lawful_row_that_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(defence.Classifier, "load", lambda artifact: Reader())
    path, output = tmp_path / "rows.jsonl", tmp_path / "out" / "defence.json"
    arguments = ["--split", "--sets", f"toy={path}", "--output", str(output)]
    write_rows(path, ROWS)
    assert main(arguments) == 0
    assert json.loads(output.read_text())["toy"]["privacy_disclosure"]["verdict"] == 1
    write_rows(path, [*ROWS, ("请勿透露通迅录,谢谢", Truth("lawful_reminder"))])
    assert main(arguments) == 1
    assert "| toy | lawful reminder | 2 | 1 | 1 |" in capsys.readouterr().out
    assert main(["--split", "--sets", "gone=/nonexistent.jsonl"]) == 2

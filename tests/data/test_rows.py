import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from data.rows import MAX_TEXT, Row, RowErrors, read_rows

GOOD: dict[str, Any] = {
    "text": "您的借款今天到期，请按时还款。",
    "label": "lawful_reminder",
    "also": [],
    "form": "message",
    "recipient": "debtor",
    "channel": "sms",
    "scenario": "due-today",
    "hard": False,
}


def write(path: Path, *lines: str | bytes | dict[str, Any]) -> Path:
    raw = [
        line
        if isinstance(line, bytes)
        else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    path.write_bytes(b"\n".join(raw) + b"\n")
    return path


def test_reads_rows_with_and_without_the_optional_fields(tmp_path: Path) -> None:
    extra = GOOD | {"text": "b", "set": "s1", "source": "x", "licence": "MIT"}
    rows = read_rows(write(tmp_path / "a.jsonl", GOOD, "", extra))
    assert [row.text for row in rows] == [GOOD["text"], "b"]
    assert (rows[0].set, rows[1].set, rows[1].licence) == (None, "s1", "MIT")


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"text": ""}, "text", "at least 1"),
        ({"text": " \n"}, "text", "blank"),
        ({"text": "x" * (MAX_TEXT + 1)}, "text", f"at most {MAX_TEXT}"),
        ({"text": "\ud800"}, "text", "unicode"),
        ({"text": 5}, "text", "string"),
        ({"label": "threat"}, "label", "threat_extortion"),
        ({"also": ["lawful_reminder"]}, "also.0", "harassment"),
        ({"also": ["harassment", "harassment"]}, "also", "twice"),
        ({"label": "harassment", "also": ["harassment"]}, "also", "repeats"),
        ({"label": "out_of_scope", "also": ["harassment"]}, "also", "empty"),
        (
            {"form": "narrative", "label": "harassment", "also": ["threat_extortion"]},
            "label",
            "threat_extortion",
        ),
        ({"channel": "fax"}, "channel", "sms"),
        ({"hard": "yes"}, "hard", "bool"),
        ({"scenario": ""}, "scenario", "at least 1"),
        ({"notes": ""}, "notes", "not permitted"),
    ],
)
def test_problem_names_file_line_and_field(
    tmp_path: Path, change: dict[str, Any], field: str, message: str
) -> None:
    path = write(tmp_path / "a.jsonl", GOOD, GOOD | change)
    with pytest.raises(RowErrors) as caught:
        read_rows(path)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{path}:2: {field}: ")
    assert message in problem


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line: "),
        ("[]", "line: "),
        ("[" * 100_000, "line: JSON is nested too deep"),
        (b"\xff{}", "line: not UTF-8 at byte 0"),
        ('{"text": "a", "text": "b"}', "line: key given twice: text"),
    ],
)
def test_unreadable_lines_are_problems_too(tmp_path: Path, line: str | bytes, message: str) -> None:
    path = write(tmp_path / "a.jsonl", line)
    with pytest.raises(RowErrors, match=f":1: {message}"):
        read_rows(path)


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    bad = {key: value for key, value in GOOD.items() if key != "form"} | {"label": "x"}
    path = write(tmp_path / "a.jsonl", bad, GOOD, "nonsense")
    with pytest.raises(RowErrors) as caught:
        read_rows(path)
    places = [problem.removeprefix(f"{path}:").split(": ")[:2] for problem in caught.value.problems]
    assert places == [["1", "label"], ["1", "form"], ["3", "line"]]
    assert all(problem in str(caught.value) for problem in caught.value.problems)


def test_rows_do_not_change() -> None:
    row = Row(**GOOD)
    with pytest.raises(ValidationError):
        row.label = "harassment"  # type: ignore[misc]

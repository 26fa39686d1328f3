"""JSON Lines and plain text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from filed import put, read, refused

from serve.triage.intake import Mapping
from serve.triage.intake.limits import MAX_COLUMNS


def test_values_come_out_as_they_are_written(tmp_path: Path) -> None:
    data = (
        '{"message": "今天不还就上门", "n": 1.10, "id": 123456789012345678901234,'
        ' "x": {"a": [1.0, "b"]}}\n'
        '\n{"message": "请尽快还款", "n": null, "ok": true, "later": "后来的键"}\n'
    )
    inspection, good, bad = read(put(tmp_path, "a.jsonl", data))
    assert bad == []
    assert inspection.headings == ["message", "n", "id", "x", "ok", "later"]
    assert inspection.mapping == Mapping("message", id="id")
    assert good[0].original == [
        "今天不还就上门",
        "1.10",
        "123456789012345678901234",
        '{"a": [1.0, "b"]}',
        "",
        "",
    ]
    assert good[1].original[1:] == ["", "", "", "true", "后来的键"]
    assert [row.line for row in good] == [1, 3]


def test_keys_that_appear_late_are_kept_in_a_cell_of_their_own(tmp_path: Path) -> None:
    rows = [{"text": f"第{i}条短信内容"} for i in range(600)] + [{"text": "最后一条", "新": 1.50}]
    data = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).replace("1.5}", "1.50}")
    _, good, _ = read(put(tmp_path, "a.jsonl", data))
    assert good[-1].original == ["最后一条", '{"新": 1.50}']


def test_lines_that_are_no_objects_are_listed(tmp_path: Path) -> None:
    lines = [
        '{"text": "今天不还就上门"}',
        '{"text": "坏',
        "[1]",
        '{"text": "a", "text": "b"}',
        '{"text": NaN}',
        '{"other": "没有内容"}',
        '{"text": 12}',
        '{"a":' * 3000 + "1" + "}" * 3000,
        '{"text": ["列表"]}',
        '{"text": "深", "a": ' + "[" * 600 + "]" * 600 + "}",  # parsed in C, but not written again
        '{"text": "最后"}',
    ]
    _, good, bad = read(put(tmp_path, "a.jsonl", "\n".join(lines)), Mapping("text"))
    assert [row.number for row in bad] == [2, 3, 4, 5, 6, 8, 10]
    assert [row.text for row in good] == ["今天不还就上门", "12", '["列表"]', "最后"]
    assert all("坏" not in row.reason_zh for row in bad)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    data = '{"内容": "今天不还就上门", "时间": "2026-11-25"}\n'.encode(encoding)
    inspection, good, _ = read(put(tmp_path, "a.txt", data))
    assert inspection.kind == "jsonl"
    assert good[0].text == "今天不还就上门"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ('[{"text": "a"}]', "not_jsonl"),
        ("[" * 100_000, "not_jsonl"),
        ('{\n"text": "a"\n}', "not_jsonl"),
        (json.dumps({f"k{i}": "短信" for i in range(MAX_COLUMNS + 1)}), "too_many_columns"),
        ('{"a": 1}\n{"a": 2}', "no_text_column"),
    ],
)
def test_what_is_no_use_is_refused(tmp_path: Path, data: str, code: str) -> None:
    assert refused(put(tmp_path, "a.jsonl", data)).code == code


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_plain_text_is_one_message_a_line(tmp_path: Path, encoding: str) -> None:
    data = "今天不还就上门，给你三天\r\n\r\n请还款, 谢谢\r\n一，二,三\n".encode(encoding)
    inspection, good, bad = read(put(tmp_path, "短信.txt", data))
    assert (inspection.kind, bad) == ("text", [])
    assert [(row.line, row.text) for row in good] == [
        (1, "今天不还就上门，给你三天"),
        (3, "请还款, 谢谢"),
        (4, "一，二,三"),
    ]


def test_a_table_without_the_right_ending_is_still_a_table(tmp_path: Path) -> None:
    tabs = put(tmp_path, "a.txt", "今天不还就上门\t139\n请尽快还款\t138\n")
    assert read(tabs)[0].kind == "csv"
    headed = put(tmp_path, "b.dat", "内容,时间\n今天不还就上门,2026-11-25\n")
    assert read(headed)[0].mapping == Mapping("内容", sent_at="时间")


def test_one_column_with_its_heading(tmp_path: Path) -> None:
    inspection, good, _ = read(put(tmp_path, "a.csv", "短信内容\n今天不还就上门\n还钱, 快点\n"))
    assert inspection.heading_row == 1
    assert [row.text for row in good] == ["今天不还就上门", "还钱, 快点"]
    quoted = put(tmp_path, "b.csv", '内容\n"今天不还\n就上门"\n"还钱, 快点"\n')
    assert [row.text for row in read(quoted)[1]] == ["今天不还\n就上门", "还钱, 快点"]

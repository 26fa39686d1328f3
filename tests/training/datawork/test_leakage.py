"""Texts that two files share are found, however they are disguised; others are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from words import word_rows, write_jsonl

from training.datawork.leakage import find_overlaps, main
from training.datawork.texts import Text, read_texts

LONG = "您在我司的借款已逾期三天，请于本周五前还清，如有困难请致电客服协商还款方案。"


def texts(*found: str) -> list[Text]:
    return [Text("file", line, text, {}) for line, text in enumerate(found, 1)]


def test_each_kind_of_twin_is_told_apart() -> None:
    first = texts("别的话", LONG)
    second = texts(
        LONG,
        LONG.replace("借款", "借 款").replace("三天", "三​天").replace("我司", "我 司"),
        LONG.replace("周五", "周三").replace("客服", "经理"),
        "明天一起去吃火锅，我请客，你带上小王。",
    )
    second[1] = Text("file", 2, f"  {LONG}　", {})
    found = find_overlaps(first, second)
    assert [(one.kind, one.first_line, one.second_line) for one in found] == [
        ("exact", 2, 1),
        ("normalised", 2, 2),
        ("near", 2, 3),
    ]
    assert 0.4 <= found[2].similarity < 1
    assert not [one for one in find_overlaps(first, second, 0.99) if one.kind == "near"]


def test_numbers_do_not_hide_a_template() -> None:
    one = "您尾号1234的账单5,678.90元已于3月5日到期，请及时还款，以免影响征信"
    other = "您尾号9999的账单88元已于12月31日到期，请及时还款，以免影响征信"
    assert [found.kind for found in find_overlaps(texts(one), texts(other))] == ["near"]


def test_the_command_prints_counts_and_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = word_rows(30)
    first = write_jsonl(tmp_path / "first.jsonl", rows[:20])
    second = write_jsonl(tmp_path / "second.jsonl", rows[15:])
    pairs = tmp_path / "pairs.jsonl"
    assert main([str(first), str(second), "-o", str(pairs)]) == 0
    assert main([str(first), str(second), "--strict"]) == 1
    said = capsys.readouterr().out
    assert "| the same text | 5 |" in said
    assert not any(row["text"] in said for row in rows)
    assert len(pairs.read_text().splitlines()) >= 5
    assert not any(row["text"] in pairs.read_text() for row in rows)


def test_a_split_of_the_corpus_does_not_leak_into_another_exactly() -> None:
    train, dev = ({one.text for one in read_texts(f"corpus:{name}")} for name in ("train", "dev"))
    assert train
    assert dev
    assert not train & dev


def test_every_format_is_read_and_bad_lines_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("一\n\n二\n", encoding="utf-8")
    (tmp_path / "a.csv").write_text('正文,号\n"一,一",1\n"二\n二",2\n', encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "一"}) + "\n", encoding="utf-8")
    assert [(one.line, one.text) for one in read_texts(str(tmp_path / "a.txt"))] == [
        (1, "一"),
        (3, "二"),
    ]
    found = read_texts(str(tmp_path / "a.csv"), "正文")
    assert [(one.line, one.text) for one in found] == [(2, "一,一"), (3, "二\n二")]
    assert read_texts(str(tmp_path / "a.jsonl"))[0].text == "一"

    (tmp_path / "bad.jsonl").write_text('{"text": 1}\n[]\n', encoding="utf-8")
    assert main([str(tmp_path / "a.txt"), str(tmp_path / "bad.jsonl")]) == 2
    said = capsys.readouterr().err
    assert "bad.jsonl:1" in said
    assert "bad.jsonl:2" in said
    (tmp_path / "gb.txt").write_bytes("催收".encode("gb18030"))
    assert main([str(tmp_path / "a.txt"), str(tmp_path / "gb.txt")]) == 2
    assert "--encoding" in capsys.readouterr().err
    assert read_texts(str(tmp_path / "gb.txt"), encoding="gb18030")[0].text == "催收"
    assert main([str(tmp_path / "a.csv"), str(tmp_path / "a.txt")]) == 2
    assert "--text-column" in capsys.readouterr().err

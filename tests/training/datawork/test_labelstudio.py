"""Rows go to Label Studio and come back as they were, but for what an annotator changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from words import SCHEME, word_rows, write_jsonl

from data.labelmap import read_label_map
from data.scheme import DEFAULT
from training.datawork.labelstudio import interface
from training.datawork.labelstudio_command import main
from training.datawork.suspects_command import main as suspects


def annotate(tasks: Path, changes: dict[int, Any], by: Any = 1, at: str = "2026-01-01") -> Path:
    """Do what Label Studio does: take each suggestion over as an annotation, some changed."""
    value = json.loads(tasks.read_text(encoding="utf-8"))
    for number, task in enumerate(value):
        result = task["predictions"][0]["result"]
        given = {"id": number, "completed_by": by, "updated_at": at, "was_cancelled": False}
        found = task.setdefault("annotations", [])
        found.append(given | {"result": changes.get(number, result)})
        task["id"] = 1000 + number
    tasks.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return tasks


def choose(name: str, *chosen: str) -> dict[str, Any]:
    return {
        "from_name": name,
        "to_name": "text",
        "type": "choices",
        "value": {"choices": [*chosen]},
    }


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_rows_come_back_as_they_went(tmp_path: Path) -> None:
    rows = word_rows(40)
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    tasks, back = tmp_path / "tasks.json", tmp_path / "back.jsonl"
    assert main(["export", str(path), "-o", str(tasks)]) == 0
    annotate(tasks, {})
    assert main(["import", str(tasks), "-o", str(back)]) == 0
    assert read(back) == rows


def test_what_the_annotator_changed_is_changed(tmp_path: Path) -> None:
    rows = word_rows(10)
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    tasks, back = tmp_path / "tasks.json", tmp_path / "back.jsonl"
    main(["export", str(path), "-o", str(tasks)])
    # the primary label ticked again in the second list is said once
    changed = [choose("label", "harassment"), choose("also", "harassment", "privacy_disclosure")]
    annotate(tasks, {0: changed})
    annotate(tasks, {}, by={"id": 7, "email": "a@example.org"}, at="2025-01-01")
    assert main(["import", str(tasks), "-o", str(back), "--by-annotator"]) == 0
    expected = [rows[0] | {"label": "harassment", "also": ["privacy_disclosure"]}, *rows[1:]]
    assert read(back) == expected  # of two annotations, the newer
    assert read(tmp_path / "back-7.jsonl") == rows
    assert read(tmp_path / "back-1.jsonl") == expected


def test_unfinished_tasks_are_left_out_and_damaged_ones_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {"data": {"text": "滚"}, "annotations": [{"result": [choose("label", "harassment")]}]}
    skipped = good | {"annotations": [{"was_cancelled": True, "result": []}]}
    path, out = tmp_path / "export.json", str(tmp_path / "out.jsonl")
    path.write_text(json.dumps([good, skipped, {"data": {"text": "好"}}]), encoding="utf-8")
    assert main(["import", str(path), "-o", out]) == 0
    assert [row["text"] for row in read(Path(out))] == ["滚"]

    bad = [
        good | {"id": 11, "annotations": [{"result": [choose("label", "nonsense")]}]},
        good | {"id": 12, "annotations": [{"result": []}]},
        good | {"id": 13, "data": {}},
        good | {"id": 14, "annotations": [{"result": [choose("label", "out_of_scope"),
                                                      choose("also", "harassment")]}]},
    ]  # fmt: skip
    path.write_text(json.dumps(bad), encoding="utf-8")
    assert main(["import", str(path), "-o", out]) == 2
    said = capsys.readouterr().err
    for number in ("11", "12", "13", "14"):
        assert f"task {number}" in said


def test_the_interface_offers_every_label_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "labels.toml").write_text(SCHEME, encoding="utf-8")
    for scheme in (DEFAULT, read_label_map(tmp_path / "labels.toml").scheme):
        tree = ElementTree.fromstring(interface(scheme))
        primary, also = tree.findall("Choices")
        assert [choice.get("alias") for choice in primary] == list(scheme.classes)
        assert [choice.get("alias") for choice in also] == list(scheme.unlawful)
        assert scheme.zh[scheme.none] in str(list(primary)[-1].get("value"))


def test_suspects_and_unlabelled_texts_can_be_exported(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.jsonl", word_rows(60))
    ranking, tasks = tmp_path / "suspects.jsonl", tmp_path / "tasks.json"
    suspects(["rank", str(path), "-o", str(ranking), "--most", "10"])
    assert main(["export", str(ranking), "--what", "suspects", "-o", str(tasks)]) == 0
    found = json.loads(tasks.read_text(encoding="utf-8"))
    assert len(found) == 10
    assert all(0 <= task["predictions"][0]["score"] <= 1 for task in found)

    pool = tmp_path / "pool.txt"
    pool.write_text("一条\n\n两条\n", encoding="utf-8")
    assert main(["export", str(pool), "--what", "texts", "-o", str(tasks)]) == 0
    found = json.loads(tasks.read_text(encoding="utf-8"))
    assert [task["data"]["text"] for task in found] == ["一条", "两条"]
    assert not any("predictions" in task for task in found)

"""Row files: what is read, what is refused, and how refusals are worded."""

import json
from pathlib import Path

import pytest

from data.rows import RowErrors
from data.slices import text_facets
from training.evalrows import check_file, stream_file


def test_unknown_keys_are_ignored_and_known_ones_kept(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = {"text": "还钱", "label": "threat_extortion", "also": ["harassment"], "orig": {"a": 1}}
    more = {"set": "s1", "channel": "sms", "hard": True, "kind": "quoted", "id": 7}
    path.write_text(json.dumps(row | more) + "\n\n" + json.dumps(row | {"also": None}) + "\n")
    assert check_file(path) == 2
    (text, truth), (_, other) = stream_file(path)
    assert text == "还钱"
    assert (truth.label, truth.also) == ("threat_extortion", ("harassment",))
    assert (truth.group, truth.contrast) == ("s1", "s1")
    stated = {"channel": "sms", "hard": "true", "kind": "quoted"}
    assert truth.facets == stated | text_facets("还钱")
    assert (other.also, other.group) == ((), None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"label": "harassment"}', "text: must be a string"),
        ('{"text": " ", "label": "harassment"}', "text: must not be blank"),
        ('{"text": "a", "label": "spam"}', "label: 'spam' is not one of lawful_reminder, "),
        ('{"text": "a", "label": null}', "label: None is not one of"),
        ('{"text": "a", "label": ["harassment"]}', "label: ['harassment'] is not one of"),
        ('{"text": "a", "label": "harassment", "also": "x"}', "also: must be a list out of"),
        ('{"text": "a", "label": "harassment", "also": [{}]}', "also: must be a list out of"),
        (
            '{"text": "a", "label": "harassment", "also": ["lawful_reminder"]}',
            "also: must be a list out of",
        ),
        ('{"text": "a", "label": "harassment", "also": ["harassment"]}', "also: repeats a label"),
        (
            '{"text": "a", "label": "out_of_scope", "also": ["harassment"]}',
            "also: must be empty where label is out_of_scope",
        ),
        ('{"text": "a", "label": "harassment", "set": 3}', "set: must be a string"),
        ("[1]", "line: must be a JSON object"),
        ("{", "line: not JSON"),
    ],
)
def test_problems_name_file_line_and_field(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "a", "label": "harassment"}\n\n' + line + "\n")
    with pytest.raises(RowErrors) as caught:
        check_file(path)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(f"{path}:3: {problem}")


def test_all_problems_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"text": 1, "label": "x"}\n\xff\xfe\n')
    with pytest.raises(RowErrors) as caught:
        check_file(path)
    assert [p.removeprefix(f"{path}:").split(":")[:2] for p in caught.value.problems] == [
        ["1", " text"],
        ["1", " label"],
        ["2", " line"],
    ]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n")
    with pytest.raises(RowErrors, match="no rows"):
        check_file(path)

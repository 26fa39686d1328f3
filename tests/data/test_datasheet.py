"""The generated parts of the datasheet, from a corpus small enough to count by hand."""

from pathlib import Path

import pytest

from data.corpus import CorpusRow, row_id
from data.datasheet import render
from data.labels import CLASSES

GOLDEN = Path(__file__).parent / "golden" / "datasheet.md"
SHEET = (
    "# Sheet\n\n<!-- counts -->\nold\n<!-- /counts -->\n\nbetween\n\n"
    "<!-- giveaways -->\n<!-- /giveaways -->\nafter\n"
)
WORDS = ("请您还款", "天天骂你", "找人堵你", "告诉你单位", "今晚吃饭")


def row(label: str, word: str, number: int) -> CorpusRow:
    text = f"{word}{'一二三四'[number % 4]}号{'！' * (number % 2)}{number if number > 15 else ''}"
    values = {
        "text": text,
        "label": label,
        "also": ["harassment"] if label == "threat_extortion" and number == 0 else [],
        "form": "narrative" if number == 1 else "message",
        "recipient": "unknown" if label == "out_of_scope" else "debtor",
        "channel": "call" if number == 2 else "sms",
        "scenario": "s",
        "hard": number == 3,
        "set": None,
        "id": row_id(f"{label}{number}"),
        "file": "first" if number < 10 else "second",
    }
    return CorpusRow.model_validate(values)


@pytest.fixture
def rows() -> list[CorpusRow]:
    return [row(*pair, n) for pair in zip(CLASSES, WORDS, strict=True) for n in range(18)]


def test_the_datasheet_is_the_golden_one(rows: list[CorpusRow]) -> None:
    """A wanted change of the tables changes the golden file in the same commit, to be read."""
    split = {one.id: "train" if at % 6 else "dev" for at, one in enumerate(rows)}
    assert render(SHEET, rows, split) == GOLDEN.read_text(encoding="utf-8")


def test_rendering_again_changes_nothing(rows: list[CorpusRow]) -> None:
    once = render(SHEET, rows, {})
    assert render(once, rows, {}) == once


@pytest.mark.parametrize("name", ["counts", "giveaways"])
def test_a_missing_marker_is_named(name: str, rows: list[CorpusRow]) -> None:
    with pytest.raises(ValueError, match=f"<!-- {name} -->"):
        render(SHEET.replace(f"<!-- /{name} -->", ""), rows, {})

"""The law book's files: what is wrong with them is found on loading, and named."""

import runpy
import shutil
import sys
from pathlib import Path

import pytest

from model.law import Book, LawError
from model.law.__main__ import table
from model.law.book import FOLDER
from model.law.reader import FILES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped book, to be damaged."""
    copy = tmp_path / "law"
    copy.mkdir()
    for name in FILES:
        shutil.copy(FOLDER / name, copy / name)
    return copy


def damage(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(LawError) as caught:
        Book.load(folder)
    return str(caught.value)


def test_a_copy_is_the_same_book(folder: Path) -> None:
    assert Book.load(folder) == Book.load()


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_broken_file_is_named(name: str, folder: Path) -> None:
    path = folder / name
    content = path.read_bytes()
    for broken in (b"", b"[[provision]", b"\xff\xfe", content[: len(content) // 2] + b"\x00"):
        path.write_bytes(broken)
        assert name in refusal(folder)
    path.unlink()
    assert name in refusal(folder)


@pytest.mark.parametrize(
    ("file", "old", "new", "entry", "field"),
    [
        ("criminal.toml", 'tier = "criminal"', 'tier = "severe"', "cl-293", "tier"),
        ("criminal.toml", 'source = "R1"', 'source = "S"', "cl-293", "source"),
        ("criminal.toml", 'source = "R1"', 'source = "M"', "cl-293", "source"),
        ("criminal.toml", 'source = "R1"\n', "", "cl-293", "source"),
        ("criminal.toml", 'law = "cl"', 'law = "nowhere"', "cl-293", "there is no law nowhere"),
        (
            "criminal.toml",
            'title.en = "Picking quarrels and provoking trouble"\n',
            "",
            "cl-293",
            "title.en",
        ),
        ("police.toml", 'id = "psl25-56"', 'id = "psl25-58"', "psl25-58", "more than once"),
        ("police.toml", 'id = "psl25-56"', 'id = "PSL 56"', "PSL 56", "id"),
        ("guidance.toml", 'source = "S"', 'source = "R1"', "association-2026", "source"),
        ("guidance.toml", 'source = "S"', 'source = "M"', "association-2026", "source"),
        ("help.toml", 'number = "96110"', "number = 96110", "anti-fraud", "number"),
        ("help.toml", 'channel = "police"', 'channel = "sheriff"', "call-110", "channel sheriff"),
        ("help.toml", 'kind = "urgent"', 'kind = "loud"', "urgent", "kind"),
        (
            "help.toml",
            'when.primary = ["out_of_scope"]\ntext.zh = "从文字看',
            'when.primary = ["harassment"]\ntext.zh = "从文字看',
            "line",
            "no note for out_of_scope",
        ),
        (
            "rules.toml",
            'provisions = ["cc-675", "cc-195"]',
            'provisions = ["cc-999"]',
            "lawful-claim",
            "no provision cc-999",
        ),
        (
            "rules.toml",
            'provisions = ["cc-675", "cc-195"]',
            "",
            "lawful-claim",
            "neither provisions nor guidance",
        ),
        (
            "rules.toml",
            'provisions = ["psl25-58", ',
            "provisions = [",
            "psl25-58",
            "nothing refers to it",
        ),
        (
            "rules.toml",
            'when.cue = ["visit"]',
            'when.cue = ["stroll"]',
            "lawful-visit",
            "no pattern stroll",
        ),
        (
            "rules.toml",
            'when.beyond_debt = ["yes"]',
            "when.beyond_debt = [true]",
            "extortion",
            "when.beyond_debt",
        ),
        (
            "rules.toml",
            'when.labels = ["threat_extortion"]',
            'when.labels = ["threat"]',
            "threat-to-safety",
            "when.labels",
        ),
        (
            "rules.toml",
            "when.count = { over = 3 }",
            "when.count = { above = 3 }",
            "lawful-too-often",
            "when.count",
        ),
        ("rules.toml", '"上门", "外访"', '"(", "外访"', "visit", "any"),
        ("rules.toml", '"上门", "外访"', '"x*", "外访"', "visit", "found in every text"),
        ("rules.toml", "of.harassment = ", "of.annoyance = ", "severity", "of"),
        ("sources.toml", 'id = "J"', 'id = "K"', "K", "id"),
    ],
)
def test_a_damaged_entry_is_named_with_its_field(
    file: str, old: str, new: str, entry: str, field: str, folder: Path
) -> None:
    damage(folder / file, old, new)
    message = refusal(folder)
    assert entry in message
    assert field in message


def test_every_problem_is_told_at_once(folder: Path) -> None:
    damage(folder / "criminal.toml", 'source = "R1"', 'source = "S"')
    damage(folder / "help.toml", 'source = "C"', 'source = "D"')
    message = refusal(folder)
    assert "criminal.toml: provision cl-293: source" in message
    assert "help.toml: channel police: source" in message


def test_an_unknown_table_is_refused(folder: Path) -> None:
    with (folder / "help.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[rumour]]\nid = "a"\n')
    assert "help.toml: rumour" in refusal(folder)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_has_every_provision_with_source_and_status(language: str) -> None:
    book = Book.load()
    lines = table(book, language).splitlines()  # type: ignore[arg-type]
    for provision in book.provisions.values():
        line = next(line for line in lines if line.startswith(f"| {provision.id} |"))
        assert line.endswith(
            f"| {provision.source} | {'已读条文' if language == 'zh' else 'text read'} |"
        )
    for guidance in book.guidance.values():
        status = guidance.status.zh if language == "zh" else guidance.status.en
        line = next(line for line in lines if line.startswith(f"| {guidance.id} |"))
        assert line.endswith(f"| {guidance.source} | {status} |")


def test_the_table_is_well_formed() -> None:
    rows = [line for line in table(Book.load(), "zh").splitlines() if line.startswith("|")]
    widths = {line.count("|") - 1 for line in rows}
    assert widths == {2, 10, 4, 6}


def test_the_command_prints_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["model.law", "--language", "en"])
    monkeypatch.delitem(sys.modules, "model.law.__main__")
    runpy.run_module("model.law", run_name="__main__")
    assert "| cl-293-1 | Criminal Law | art. 293-1 |" in capsys.readouterr().out

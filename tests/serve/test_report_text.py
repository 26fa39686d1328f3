"""Texts on paper: every character is shown or stands for itself, and lines break where they may."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serve.report.breaking import CLOSING, OPENING, break_lines, units
from serve.report.typefaces import EMOJI, TEXT, glyphs
from serve.report.visible import face_of, one_line, runs, stand_in, unseen

CORPUS = Path(__file__).parents[2] / "data" / "corpus"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def shown(text: str) -> str:
    return "".join(run.text for run in runs(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("您好，Please 还款 1,200.00元！", "您好，Please 还款 1,200.00元！"),
        ("欠錢還錢", "欠錢還錢"),
        ("爆\u200b通\u200d讯录", "爆[U+200B]通[U+200D]讯录"),
        ("\u202e款还", "[U+202E]款还"),
        ("a\x00\x1b[31m\tb", "a[U+0000][U+001B][31m[U+0009]b"),
        ("一\r\n二\n三\r四", "一\n二\n三[U+000D]四"),
        ("一\n\n\n二", "一\n\n\n二"),
        ("一" + "\n" * 40 + "二", "一[U+000A×40]二"),
        ("❤️🔪👨‍👩‍👧", "❤️🔪👨‍👩‍👧"),
        ("ಥ_ಥ", "[U+0CA5]_[U+0CA5]"),
        ("\ufeff好\u2028", "[U+FEFF]好[U+2028]"),
        ("\ue000\U000e0041", "[U+E000][U+E0041]"),
    ],
)
def test_characters_without_a_glyph_become_code_points(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(ANY_TEXT)
def test_everything_shown_has_a_glyph_and_nothing_is_invisible(text: str) -> None:
    for run in runs(text):
        before = ""
        for char in run.text:
            joined = before and char in "\u200d\ufe0e\ufe0f"
            assert char == "\n" or joined or face_of(char) is not None
            assert joined or char == "\n" or unicodedata.category(char) not in ("Cc", "Cf")
            before = char


@given(ANY_TEXT)
def test_nothing_is_lost(text: str) -> None:
    """The characters that stay, and the counts of those that do not, add up to the text."""
    kept = sum(len(run.text) for run in runs(text) if not run.stand_in)
    assert kept + sum(unseen([text]).values()) == len(text.replace("\r\n", "\n"))


def test_every_character_of_the_corpus_is_legible() -> None:
    texts = [
        json.loads(line)["text"]
        for path in CORPUS.glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    assert texts
    missing = unseen(texts)
    total = sum(map(len, texts))
    assert sum(missing.values()) / total < 1e-3, missing.most_common(20)
    for text in texts:
        for char in set(text) & set(missing):
            assert stand_in(char)[:-1] in shown(text)


def test_common_chinese_characters_have_a_glyph() -> None:
    pairs = [bytes([a, b]) for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF)]
    common = {pair.decode("gb2312", "ignore") for pair in pairs} - {""}
    assert len(common) == 6763
    assert all(ord(char) in glyphs(TEXT) for char in common)
    assert all(ord(char) in glyphs(EMOJI) for char in "🔪😀🙏🚔💰")


def test_names_take_one_line() -> None:
    assert "".join(run.text for run in one_line(" 某\n某 \t公司 ")) == "某 某 公司"
    assert "".join(run.text for run in one_line("好" * 20, 5)) == "好好好好好…"


@given(ANY_TEXT)
def test_units_join_to_the_text(text: str) -> None:
    assert "".join(units(text)) == text


@given(ANY_TEXT, st.floats(1, 60))
def test_lines_cover_the_text_and_fit(text: str, room: float) -> None:
    widths = [1.0] * len(text)
    lines = break_lines(text, widths, room)
    assert "".join(text[start:end] for start, end in lines) == text.replace("\n", "")
    for start, end in lines:
        assert len(text[start:end].rstrip(" ")) <= room


def test_lines_break_as_chinese_and_english_do() -> None:
    text = "今天不还，就“带人”去你家（等你）！Please contact service 1,200.00元。"
    lines = [text[a:b] for a, b in break_lines(text, [1.0] * len(text), 9)]
    assert lines == [
        "今天不还，就“带",
        "人”去你家（等",
        "你）！Please ",
        "contact ",
        "service ",
        "1,200.00",
        "元。",
    ]


@example("1" * 30 + "”")
@example("1" * 29 + " ”")
@example("好" + "a" * 40 + "。”")
@given(st.text("，。！“”（）好a1 ", max_size=60))
def test_no_line_begins_with_closing_punctuation_unless_there_is_no_other_way(text: str) -> None:
    lines = break_lines(text, [1.0] * len(text), 30)
    for start, _ in lines[1:]:
        before = text[:start].rstrip(CLOSING + " ")
        assert text[start] not in CLOSING or start - len(before) >= 30 - len(OPENING)


def test_a_long_address_breaks_anywhere() -> None:
    text = "https://example.com/" + "a" * 500
    lines = break_lines(text, [1.0] * len(text), 80)
    assert [end - start for start, end in lines] == [80] * 6 + [40]

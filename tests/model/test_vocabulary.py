"""The committed list of pieces, and how it is chosen."""

from __future__ import annotations

from model.e5_file import read_e5_file
from model.encoder import VOCABULARY_FILE, kept_rows
from model.vocabulary import CORPUS_MIN, candidate_rows, choose


def test_committed_pieces_all_exist_in_the_base() -> None:
    pieces = VOCABULARY_FILE.read_text(encoding="utf-8").splitlines()
    assert len(kept_rows(read_e5_file())) == len(set(pieces)) + 5  # and the special tokens


def test_candidates_are_simplified_chinese_and_what_stands_beside_it() -> None:
    file = read_e5_file()
    pieces = {file.pieces[row] for row in candidate_rows(file)}
    assert {"逾期", "欠", "¥", "。"} <= pieces
    assert not {"債", "привет", "▁because"} & pieces


def test_choice_keeps_frequent_pieces_and_no_others() -> None:
    kept = choose(read_e5_file(), ["逾期"] * CORPUS_MIN + ["天气"], [])
    assert "逾期" in kept
    assert "天气" not in kept

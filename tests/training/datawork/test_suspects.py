"""Wrong labels rise to the top of the ranking; a review of them ends in corrected files."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from words import SCHEME, items_of, word_rows, write_jsonl

from data.labelmap import read_label_map
from data.labels import CLASSES
from data.scheme import DEFAULT
from data.table import read_examples
from training.config import TrainConfig
from training.datawork.fastmodel import class_numbers, text_features
from training.datawork.measure import RowSet, measure_suspects
from training.datawork.outoffold import (
    chain,
    fast_beliefs,
    scheme_toml,
    split_folds,
    tuned_beliefs,
)
from training.datawork.review import Review, converse, read_corrections
from training.datawork.suspects import rank_suspects, read_suspects
from training.datawork.suspects_command import main


def answers(*given: str) -> Callable[[str], str]:
    """Type the given answers, then end the input."""
    waiting = iter(given)

    def ask(_: str) -> str:
        try:
            return next(waiting)
        except StopIteration:
            raise EOFError from None

    return ask


def wrong_rows(tmp_path: Path, count: int = 200, wrong: int = 10) -> tuple[Path, set[int]]:
    """Write rows of which some have another class's label; return the lines of those."""
    rows = word_rows(count)
    lines = set(range(7, count, count // wrong + 1))
    for line in lines:
        row = rows[line - 1]
        row |= {"label": CLASSES[(CLASSES.index(row["label"]) + 2) % 5], "also": []}
    return write_jsonl(tmp_path / "rows.jsonl", rows), lines


def test_wrong_labels_stand_at_the_top(tmp_path: Path) -> None:
    path, wrong = wrong_rows(tmp_path)
    assert main(["rank", str(path), "-o", str(tmp_path / "out" / "suspects.jsonl")]) == 0
    found = read_suspects(tmp_path / "out" / "suspects.jsonl")
    assert [one.rank for one in found] == list(range(1, 201))
    top = {one.line for one in found[:30]}
    assert len(top & wrong) >= 0.9 * len(wrong)
    assert all(one.suggested != one.label for one in found[:5])
    assert stat.S_IMODE((tmp_path / "out" / "suspects.jsonl").stat().st_mode) == 0o600


def test_a_missing_further_label_shows_when_sets_are_ranked() -> None:
    rows = word_rows(300)
    both = [row for row in rows if row["also"]]
    for row in both[:4]:
        row["also"] = []
    items = items_of(rows)
    beliefs = fast_beliefs(items, DEFAULT, [str(i) for i in range(300)])
    ranked = rank_suspects(items, DEFAULT, beliefs, "set")
    texts = [one.text for one in ranked[:15]]
    assert sum(row["text"] in texts for row in both[:4]) >= 3


def test_a_group_is_never_on_both_sides_of_a_fold() -> None:
    truth = np.arange(60) % 5
    groups = [str(i // 2) for i in range(60)]
    for rest, fold in split_folds(truth, groups):
        assert not {groups[i] for i in rest} & {groups[i] for i in fold}
        assert len(rest) + len(fold) == 60


def test_the_chain_gives_the_gravest_label_its_share_first() -> None:
    scores = np.array([[0.2, 0.5, 1.0, 0.9], [0.0, 0.0, 0.0, 0.0]])
    found = chain(scores, DEFAULT)
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert found[0].argmax() == DEFAULT.labels.index("threat_extortion")
    assert found[1].argmax() == DEFAULT.classes.index("out_of_scope")


def test_a_fine_tuned_encoder_judges_rows_that_it_was_not_trained_on(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import training.train

    (tmp_path / "labels.toml").write_text(SCHEME, encoding="utf-8")
    scheme = read_label_map(tmp_path / "labels.toml").scheme
    config = tmp_path / "config.yaml"
    config.write_text("name: fold\nlayers: [0]\nepochs: 1\nbatch_size: 8\nmax_tokens: 32\n")
    names = {"harassment": "abuse", "lawful_reminder": "fair"}
    rows = [
        row | {"label": names.get(row["label"], "none"), "also": []} for row in word_rows(60, 3)
    ]
    items = items_of(rows)
    taught: list[set[str]] = []
    real = training.train.train

    def spy(config: TrainConfig, folder: Path) -> dict[str, Any]:
        read = read_examples(config.data, read_label_map(config.labels))  # type: ignore[arg-type]
        taught.append({row.text for row in read})
        return real(config, folder)

    monkeypatch.setattr(training.train, "train", spy)
    found = tuned_beliefs(items, scheme, [str(i) for i in range(60)], config, folds=2)
    assert found.classes.sum(axis=1) == pytest.approx(np.ones(60))
    assert found.labels.shape == (60, 2)
    assert len(taught) == 2
    assert not taught[0] & taught[1]  # of two folds, each is what the other is judged on
    assert taught[0] | taught[1] == {row["text"] for row in rows}


def test_a_scheme_written_as_a_label_map_reads_back_the_same(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(SCHEME, encoding="utf-8")
    scheme = read_label_map(tmp_path / "one.toml").scheme
    (tmp_path / "two.toml").write_text(scheme_toml(scheme), encoding="utf-8")
    assert read_label_map(tmp_path / "two.toml").scheme == scheme


def test_a_review_stops_anywhere_and_goes_on(tmp_path: Path) -> None:
    path, _ = wrong_rows(tmp_path)
    ranking, decided = tmp_path / "suspects.jsonl", tmp_path / "decided.jsonl"
    main(["rank", str(path), "-o", str(ranking), "--most", "5"])
    suspects = read_suspects(ranking)
    said: list[str] = []

    first = Review(suspects, DEFAULT, decided)
    converse(first, answers("k", "什么", "9", "3+4", "s", "2", "b", "1+2", "1", "q"), said.append)
    assert any("9" in line for line in said)  # neither a label's number nor a command

    again = Review(suspects, DEFAULT, decided)
    assert again.decided == 3  # the skipped one is not decided
    after = again.next()
    assert after is not None
    assert after.rank == 3  # the skipped row comes again
    made = {one.line: one for one in read_corrections(decided)}
    assert made[suspects[0].line].label == suspects[0].label
    second = made[suspects[1].line]
    assert (second.label, second.also) == ("threat_extortion", ("privacy_disclosure",))
    # "1+2" was refused: a text that harasses is not primarily lawful
    assert made[suspects[3].line].label == "lawful_reminder"
    converse(again, answers("k", "k"), said.append)
    assert Review(suspects, DEFAULT, decided).next() is None
    assert stat.S_IMODE(decided.stat().st_mode) == 0o600


def test_a_text_with_a_line_separator_can_be_reviewed(tmp_path: Path) -> None:
    rows = word_rows(60)
    rows[4]["text"] += "\u2028又一行"
    path = write_jsonl(tmp_path / "rows.jsonl", rows)
    ranking, decided = tmp_path / "suspects.jsonl", tmp_path / "decided.jsonl"
    assert main(["rank", str(path), "-o", str(ranking), "--folds", "2"]) == 0
    suspect = next(one for one in read_suspects(ranking) if one.line == 5)
    Review([suspect], DEFAULT, decided).relabel(suspect, "harassment")
    assert main(["apply", str(decided), "-o", str(tmp_path / "fixed")]) == 0


def test_decisions_reach_copies_of_the_files_and_nothing_else(tmp_path: Path) -> None:
    path, _ = wrong_rows(tmp_path)
    ranking, decided = tmp_path / "suspects.jsonl", tmp_path / "decided.jsonl"
    main(["rank", str(path), "-o", str(ranking), "--most", "1"])
    suspect = read_suspects(ranking)[0]
    review = Review([suspect], DEFAULT, decided)
    review.relabel(suspect, "threat_extortion", ["harassment"])
    assert main(["apply", str(decided), "-o", str(tmp_path / "fixed")]) == 0
    before = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    fixed = (tmp_path / "fixed" / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    after = [json.loads(line) for line in fixed]
    row = after.pop(suspect.line - 1)
    expected = before.pop(suspect.line - 1) | {
        "label": "threat_extortion",
        "also": ["harassment"],
    }
    assert row == expected
    assert after == before

    path.write_text("\n" + path.read_text(encoding="utf-8"), encoding="utf-8")  # lines have moved
    assert main(["apply", str(decided), "-o", str(tmp_path / "again")]) == 2


def test_csv_under_another_scheme_keeps_its_columns(tmp_path: Path) -> None:
    (tmp_path / "labels.toml").write_text(SCHEME, encoding="utf-8")
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "body", "class"])
        for number in range(60):
            label = ("fair", "骂", "none")[number % 3]
            body = (
                f"第{number}封{'，' * (number % 2)}"
                + {"fair": "请", "骂": "滚", "none": "饭"}[label] * 3
            )
            writer.writerow([number, body, label])
    ranking, decided = tmp_path / "suspects.jsonl", tmp_path / "decided.jsonl"
    chosen = ["--label-map", str(tmp_path / "labels.toml")]
    assert main(["rank", str(path), "-o", str(ranking), *chosen, "--folds", "3"]) == 0
    scheme = read_label_map(tmp_path / "labels.toml").scheme
    suspect = next(one for one in read_suspects(ranking) if one.label == "none")
    Review([suspect], scheme, decided).relabel(suspect, "abuse")
    assert main(["apply", str(decided), "-o", str(tmp_path / "fixed"), *chosen]) == 0
    with (tmp_path / "fixed" / "rows.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["id", "body", "class"]
    assert rows[suspect.line - 2]["class"] == "abuse"
    assert sum(row["class"] == "骂" for row in rows) == 20  # untouched rows keep the user's words


def test_bad_rows_are_all_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = [{"text": "一", "label": "wrong"}, {"text": "", "label": "harassment"}]
    path = write_jsonl(tmp_path / "bad.jsonl", bad)
    assert main(["rank", str(path), "corpus:none", "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    for part in ("bad.jsonl:1", "bad.jsonl:2", "corpus:none"):
        assert part in said


def test_the_measure_sees_a_ranking_that_works_and_one_that_does_not() -> None:
    rows = word_rows(300)
    features = text_features([row["text"] for row in rows], "characters")
    truth = class_numbers([row["label"] for row in rows], DEFAULT)
    groups = [str(i) for i in range(300)]
    rng = np.random.default_rng(0)

    def share(matrix: object) -> float:
        text = measure_suspects(RowSet(matrix, truth, groups, 5), "characters", 1)
        return float(text.splitlines()[2].split("|")[6].split("%")[0])

    assert share(features) > 90
    assert share(rng.random((300, 20))) < 60

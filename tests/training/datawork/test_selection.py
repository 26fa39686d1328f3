"""Selection asks about what is uncertain, about different things, and about nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from words import word_rows, write_jsonl

from data.scheme import DEFAULT
from training.datawork.fastmodel import class_numbers, text_features
from training.datawork.measure import (
    RowSet,
    labels_needed,
    measure_selection,
    selection_curve,
)
from training.datawork.select_command import main
from training.datawork.selection import RULES, reduce_features, select, uncertainty


def test_uncertain_rows_come_first() -> None:
    classes = np.array([[0.9, 0.1], [0.5, 0.5], [0.6, 0.4], [1.0, 0.0]])
    assert uncertainty(classes) == pytest.approx([0.2, 1.0, 0.8, 0.0])
    assert list(select(classes, np.zeros((4, 1)), 2, "margin")) == [1, 2]


def test_a_diverse_batch_does_not_ask_the_same_question() -> None:
    # ten copies of the most uncertain text, and nine others nearly as uncertain
    places = np.eye(10)[[9] * 10 + list(range(9))]
    doubt = np.concatenate([np.full(10, 0.5), np.full(9, 0.52)])
    classes = np.stack([doubt, 1 - doubt], axis=1)
    copies = [(select(classes, places, 6, rule) < 10).sum() for rule in ("margin", "diverse")]
    assert copies[0] == 6
    assert copies[1] == 1


def test_every_rule_gives_as_many_different_rows_as_wanted() -> None:
    rng = np.random.default_rng(0)
    classes, places = rng.dirichlet(np.ones(5), 50), rng.random((50, 4))
    for rule in RULES:
        for wanted in (1, 20, 50, 80):
            found = select(classes, places, wanted, rule)
            assert len(set(found.tolist())) == min(wanted, 50)
    with pytest.raises(ValueError, match="guess"):
        select(classes, places, 3, "guess")  # type: ignore[arg-type]


def test_the_command_skips_what_is_labelled(tmp_path: Path) -> None:
    rows = word_rows(120)
    labelled = write_jsonl(tmp_path / "labelled.jsonl", rows[:60])
    pool = [{"text": row["text"], "who": row["id"]} for row in (*rows[50:], rows[119])]
    path = write_jsonl(tmp_path / "pool.jsonl", pool)
    out = tmp_path / "chosen.jsonl"
    assert main([str(path), "--labelled", str(labelled), "-o", str(out), "-n", "100"]) == 0
    found = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert sorted(row["who"] for row in found) == list(range(60, 120))  # once each, none labelled
    assert all(0 <= row["uncertainty"] <= 1 and "label" not in row for row in found)
    nothing = write_jsonl(tmp_path / "known.jsonl", pool[:5])
    assert main([str(nothing), "--labelled", str(labelled), "-o", str(out)]) == 2


def test_labels_needed_are_read_off_the_curve() -> None:
    curve = np.array([0.5, 0.7, 0.8])
    assert labels_needed([100, 200, 400], curve, 0.75) == pytest.approx(300)
    assert labels_needed([100, 200, 400], curve, 0.4) == 100
    assert labels_needed([100, 200, 400], curve, 0.9) is None


def test_selection_beats_chance_where_most_of_the_pool_is_one_class() -> None:
    rows = word_rows(1500, 1)
    rare = [row for row in rows if row["label"] != "out_of_scope"][:160]
    rows = [*rare, *(row for row in rows if row["label"] == "out_of_scope"), *word_rows(200, 2)]
    features = text_features([row["text"] for row in rows], "characters")
    truth = class_numbers([row["label"] for row in rows], DEFAULT)
    pool = RowSet(features[:-200], truth[:-200], [], 5)
    test = RowSet(features[-200:], truth[-200:], [], 5)
    sizes, places = [30, 60, 120], reduce_features(pool.features)
    ends = {
        rule: np.mean(
            [
                selection_curve(pool, test, places, rule, sizes, "characters", s)[-1]
                for s in range(3)
            ]
        )
        for rule in RULES
    }
    assert min(ends["margin"], ends["diverse"]) > ends["random"] + 0.03


def test_the_report_names_what_each_rule_needs() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(0, 1, (300, 4))
    truth = (features[:, 0] + features[:, 1] > 0).astype(np.int64)
    pool, test = RowSet(features[:200], truth[:200], [], 2), RowSet(features, truth, [], 2)
    text = measure_selection(pool, test, "encoder", range(2), [10, 20, 40, 80])
    curve, ends = text.split("\n\n")[:2]
    sizes = [line.split("|")[1].strip() for line in curve.splitlines()[2:]]
    assert sizes == ["10", "20", "40", "80"]
    assert ends.splitlines()[-1].startswith("| 80 |")

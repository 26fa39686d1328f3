"""Robustness of predictors of known weakness, and its report."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from test_evaluate import FakeClassifier
from toy import WordPredictor, toy_rows, write_rows

from training import evaluate as command
from training.evalsets import EvalSet, file_set
from training.evaluate import main
from training.predictors import Predictions
from training.robustness import ATTACKS, chosen_attacks, robustness, sample
from training.robustness_report import points, render, write

SOME = ("zero_width", "homophone", "adaptive")


@pytest.fixture
def toy(tmp_path: Path) -> EvalSet:
    return file_set("real_toy", write_rows(tmp_path / "toy.jsonl", toy_rows(60, 3)))


class Blind:
    """Sees nothing: the same answer to every text."""

    name = "model"

    def predict(self, texts: Sequence[str]) -> Predictions:
        return WordPredictor("x").predict(["请及时还款"] * len(texts))


def test_attacks_are_chosen_by_name() -> None:
    assert chosen_attacks(["all"]) == list(ATTACKS)
    assert len(ATTACKS) >= 12
    assert chosen_attacks(["swap", "homophone"]) == ["homophone", "swap"]
    with pytest.raises(ValueError, match="rot13"):
        chosen_attacks(["swap", "rot13"])


def test_rows_are_drawn_with_the_seed() -> None:
    rows = toy_rows(50, 1)
    assert sample(rows, 10, 0) == sample(rows, 10, 0) != sample(rows, 10, 1)
    assert sample(rows, 80, 0) == sample(rows, None, 0) == rows
    assert [row for row in rows if row in sample(rows, 10, 2)] == sample(rows, 10, 2)


def test_loss_is_told_clean_and_under_each_attack(toy: EvalSet) -> None:
    result = robustness([toy], [WordPredictor()], SOME, resamples=50)
    attacks = result["sets"]["real_toy"]["attacks"]
    assert list(attacks) == ["clean", *SOME]
    clean = attacks["clean"]["systems"]["model"]
    assert clean["figures"]["unlawful_recall"]["value"] == 1
    assert "change" not in clean
    assert clean["figures"]["unlawful_missed_unreviewed"]["value"] == 0
    for name in ("homophone", "adaptive"):
        one = attacks[name]["systems"]["model"]
        value, change = one["figures"]["unlawful_recall"], one["change"]["unlawful_recall"]
        assert change["value"] == pytest.approx(value["value"] - 1)
        assert change["low"] <= change["value"] <= change["high"]
        assert one["kept"]["mean"] < 1
        # the toy asks for review wherever it finds nothing
        assert one["figures"]["unlawful_missed_unreviewed"]["value"] == 0
        assert one["beyond"] == 0
    lost = [
        attacks[name]["systems"]["model"]["change"]["unlawful_recall"]["value"] for name in SOME
    ]
    assert lost[2] < lost[1] < 0
    # The toy compares raw characters, so that even what nobody sees hides words from it.
    assert attacks["zero_width"]["systems"]["model"]["kept"]["least"] == 1


def test_a_system_that_sees_nothing_loses_nothing(toy: EvalSet) -> None:
    result = robustness([toy], [Blind()], ["all", "swap"][1:], resamples=20)
    change = result["sets"]["real_toy"]["attacks"]["swap"]["systems"]["model"]["change"]
    assert change["unlawful_recall"]["value"] == 0
    assert all(goal["met"] for goal in result["targets"])


def test_a_disguise_beyond_the_bound_does_not_count(
    toy: EvalSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.attacks.Attack.__call__", lambda self, text, seed: "完全不同")
    result = robustness([toy], [WordPredictor()], ["swap"], resamples=20)
    one = result["sets"]["real_toy"]["attacks"]["swap"]["systems"]["model"]
    assert (one["beyond"], one["changed"], one["kept"]["least"]) == (60, 0, 1)
    assert one["change"]["unlawful_recall"]["value"] == 0


def test_targets_take_the_worst_single_attack(toy: EvalSet) -> None:
    result = robustness([toy], [WordPredictor()], SOME, resamples=20)
    goals = {(goal["figure"], goal["attack"]): goal for goal in result["targets"]}
    attacks = result["sets"]["real_toy"]["attacks"]
    changes = {
        name: attacks[name]["systems"]["model"]["change"]["unlawful_recall"]["value"]
        for name in ("zero_width", "homophone")
    }
    worst = min(changes, key=changes.__getitem__)
    assert goals["unlawful_recall", worst]["value"] == changes[worst]
    assert not goals["unlawful_recall", worst]["met"]
    assert not goals["unlawful_recall", "adaptive"]["met"]
    assert ("unlawful_recall", "adaptive") in goals


def test_report_shows_the_figures_of_every_system(toy: EvalSet, tmp_path: Path) -> None:
    systems = [WordPredictor(), WordPredictor("words", blind=["harassment"])]
    result = robustness([toy], systems, SOME, count=30, resamples=20)
    report = write(result, tmp_path / "out").read_text(encoding="utf-8")
    stored = json.loads((tmp_path / "out" / "attacks.json").read_text())
    assert stored == json.loads(json.dumps(result))
    one = stored["sets"]["real_toy"]["attacks"]["adaptive"]["systems"]["words"]
    assert points(one["change"]["unlawful_recall"]) in report
    assert "30 rows, drawn from 60" in report
    assert "adaptive (DunLens)" in report
    assert "adaptive (jieba words TF-IDF + LR)" in report
    assert "**missed**" in report
    assert (tmp_path / "out" / "attacks_real_toy.png").read_bytes().startswith(b"\x89PNG")
    assert "![attacks on real_toy](attacks_real_toy.png)" in report
    assert "![" not in render(result, {})


def test_sets_of_ordinary_texts_have_alarms_only(tmp_path: Path) -> None:
    rows = [row for row in toy_rows(60, 2) if row[1].label == "out_of_scope"]
    chat = file_set("oos_chat", write_rows(tmp_path / "c.jsonl", rows))
    result = robustness([chat], [WordPredictor()], ["swap"], resamples=20)
    figures = result["sets"]["oos_chat"]["attacks"]["swap"]["systems"]["model"]["figures"]
    assert list(figures) == ["oos_called_unlawful"]
    assert "unlawful recall" not in render(result, {}).split("## How")[0]


def test_command_measures_model_and_baselines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "load_classifier", lambda artifact: FakeClassifier())
    splits = {"train": 7, "dev": 8}
    monkeypatch.setattr(command, "load_split_rows", lambda name: toy_rows(60, splits[name]))
    rows = write_rows(tmp_path / "r.jsonl", toy_rows(25, 3))
    arguments = ["--split", "none", "--sets", f"real_r={rows}", "--attack", *SOME]
    arguments += ["--rows", "10", "--resamples", "20", "--output", str(tmp_path / "out")]
    assert main(arguments) == 0
    stored = json.loads((tmp_path / "out" / "attacks.json").read_text())
    assert list(stored["sets"]["real_r"]["attacks"]) == [
        "clean",
        "homophone",
        "zero_width",
        "adaptive",
    ]
    systems = stored["sets"]["real_r"]["attacks"]["adaptive"]["systems"]
    assert list(systems) == ["model", "words", "characters"]
    assert stored["about"]["model"] == "fake-1.0"
    assert "adaptive" in capsys.readouterr().out
    assert main([*arguments, "--strict", "--no-baselines"]) == 1
    assert main([*arguments[:-1], str(tmp_path), "--attack", "rot13"]) == 2
    assert "rot13" in capsys.readouterr().err

"""Label flips of predictors that look at who somebody is, or do not."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from test_evaluate import FakeClassifier
from toy import WordPredictor, toy_rows, write_rows

from data.swaps import KINDS
from training import counterfactuals as command
from training.counterfactuals import flips, main, render
from training.predictors import Predictions


class Biased(WordPredictor):
    """Calls whatever names a woman harassment."""

    def predict(self, texts: Sequence[str]) -> Predictions:
        found = super().predict(texts)
        for index, text in enumerate(texts):
            if "女士" in text:
                found.labels[index], found.also[index] = "harassment", []
        return found


def test_who_somebody_is_does_not_matter_to_a_fair_system() -> None:
    found = flips(toy_rows(40, 1), WordPredictor(), resamples=20)
    assert list(found) == [*KINDS, "all"]
    for places in found.values():
        for one in places.values():
            for figure in ("label", "labels", "unlawful"):
                assert one[figure]["value"] == 0
                assert one[figure]["high"] > 0  # no flip in so few rows shows little
    assert found["all"]["both"]["n"] == 40 * len(KINDS)


def test_a_biased_system_flips_where_its_bias_lies() -> None:
    rows = [
        (f"李女士,{text}" if n % 2 else text, truth)
        for n, (text, truth) in enumerate(toy_rows(40, 1))
    ]
    found = flips(rows, Biased(), resamples=20)
    inside, before = found["sex"]["in the text"], found["sex"]["put before it"]
    assert inside["n"] + before["n"] == 40
    assert inside["n"] >= 20  # some fillers hold 他们 as well
    assert before["label"]["value"] >= 0.5  # the others are harassment as it is
    assert inside["label"]["value"] > 0.3
    assert inside["unlawful"]["value"] < inside["label"]["value"]
    assert found["province"]["put before it"]["label"]["value"] == 0
    assert "**missed**" in render({"toy": found})


def test_command_writes_and_tells_what_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.Classifier, "load", lambda artifact: FakeClassifier())
    rows = write_rows(tmp_path / "r.jsonl", toy_rows(30, 3))
    output = tmp_path / "deep" / "out.json"
    arguments = ["--split", "none", "--sets", f"real_r={rows}", "--rows", "20"]
    arguments += ["--resamples", "20", "--output", str(output), "--strict"]
    assert main(arguments) == 0
    stored = json.loads(output.read_text())
    assert stored["model"] == "fake-1.0"
    assert stored["sets"]["real_r"]["all"]["both"]["n"] == 80
    assert "**met**" in capsys.readouterr().out
    monkeypatch.setattr(command, "ClassifierPredictor", lambda classifier: Biased())
    assert main(arguments) == 1
    assert main(["--split", "none", "--sets", "gone=/nonexistent.jsonl"]) == 2
    assert "/nonexistent.jsonl" in capsys.readouterr().err

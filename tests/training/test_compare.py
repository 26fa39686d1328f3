"""Systems side by side: the tests' arithmetic, and runs and artifacts as the command takes them."""

import json
from pathlib import Path

import numpy as np
import pytest
from toy import WordPredictor, toy_rows, write_rows

from data.labels import CLASSES
from data.scheme import DEFAULT
from training import compare as command
from training.compare import compare
from training.comparison import compare_set, differing_rows, holm, mcnemar
from training.comparison_report import render
from training.evalsets import EvalSet, file_set
from training.outcome import judge


def bools(text: str) -> np.ndarray:
    return np.array([c == "1" for c in text])


@pytest.fixture
def rows(tmp_path: Path) -> EvalSet:
    return file_set("toy", write_rows(tmp_path / "toy.jsonl", toy_rows(60, 1), channel="sms"))


def test_mcnemar_counts_the_rows_that_only_one_has_right() -> None:
    found = mcnemar(bools("1111110000"), bools("1000000001"))
    # 5 against 1: two-sided exact p is 2 * (1 + 6) / 64
    assert found == {"n": 10, "only_first": 5, "only_other": 1, "p": 0.21875}
    assert mcnemar(bools("10"), bools("10"))["p"] == 1.0
    assert mcnemar(bools("1" * 12), bools("0" * 12))["p"] == pytest.approx(2 / 2**12, abs=1e-6)


def test_holm_adjusts_for_the_number_of_tests_and_keeps_their_order() -> None:
    tests = [{"p": 0.04}, {"p": 0.01}, {"p": 0.9}, {"p": 0.02}]
    holm(tests)
    assert [test["p_holm"] for test in tests] == pytest.approx([0.08, 0.04, 0.9, 0.06])


def test_a_worse_system_differs_surely_where_it_is_worse(rows: EvalSet) -> None:
    good, blind = WordPredictor("good"), WordPredictor("blind", blind=["harassment"])
    entry = compare_set(rows, [good, blind], resamples=100, seed=0)
    pair = entry["pairs"]["blind"]
    assert pair["differences"]["accuracy"]["value"] == pytest.approx(-0.2)
    assert pair["differences"]["accuracy"]["high"] < 0
    assert pair["differences"]["oos_called_unlawful"]["value"] == 0
    test = pair["mcnemar"]["primary label right"]
    assert (test["only_first"], test["only_other"]) == (12, 0)
    assert test["p"] <= test["p_holm"] < 0.01
    assert pair["mcnemar"]["lawful or other row not accused"]["p"] == 1
    # twelve insults called out of scope cost 3 each, of 60 rows
    assert pair["differences"]["mean_cost"]["value"] == pytest.approx(0.6)
    assert entry["systems"]["good"]["figures"]["mean_cost"]["value"] == 0


def test_rows_that_differ_come_by_harm(rows: EvalSet) -> None:
    systems = [
        WordPredictor("good"),
        WordPredictor("a", blind=["lawful_reminder"]),
        WordPredictor("b", blind=["harassment"]),
    ]
    entry = compare_set(rows, systems, resamples=10, seed=0)
    found = entry["rows"]
    assert len(found) == 24
    assert [row["harm"] for row in found] == sorted((row["harm"] for row in found), reverse=True)
    worst = found[0]
    assert (worst["truth"], worst["harm"]) == ("harassment", 3)
    assert worst["answers"]["good"]["cost"] == 0
    assert worst["answers"]["b"] == {
        "label": "out_of_scope", "also": [], "confidence": 0.8, "review": "low_confidence",
        "cost": 3,
    }  # fmt: skip
    truths = [truth for _, truth in rows.rows()]
    assert truths[worst["row"] - 1].label == "harassment"  # counted from 1


def test_equal_systems_have_nothing_to_show(rows: EvalSet) -> None:
    truths = [truth for _, truth in rows.rows()]
    found = WordPredictor().predict([text for text, _ in rows.rows()])
    assert differing_rows({"a": judge(truths, found), "b": judge(truths, found)}, {}) == []


def test_slices_break_the_difference_down(tmp_path: Path) -> None:
    # every other one long
    mixed = [(text + "我们" * 60 * (n % 2), row) for n, (text, row) in enumerate(toy_rows(40, 1))]
    path = tmp_path / "mixed.jsonl"
    lines = [
        json.dumps({"text": text, "label": row.label, "also": list(row.also), "channel": channel})
        for (text, row), channel in zip(mixed, ["sms", "wechat"] * 20, strict=True)
    ]
    path.write_text("\n".join(lines))
    systems = [WordPredictor("good"), WordPredictor("blind", blind=["harassment"])]
    slices = compare_set(file_set("mixed", path), systems, 50, 0)["pairs"]["blind"]["slices"]
    assert set(slices["channel"]) == {"sms", "wechat"}
    assert set(slices["length"]) == {"016–040", "101–200"}  # which every text shows by itself
    for found in slices["channel"].values():
        assert found["n"] == 20
        assert found["first"] == 1
        assert found["accuracy"]["value"] == pytest.approx(found["other"] - found["first"])


def test_report_and_json_agree(rows: EvalSet, tmp_path: Path) -> None:
    systems = [WordPredictor("good"), WordPredictor("blind", blind=["harassment"])]
    comparison = compare([rows], systems, resamples=50)
    command.write(comparison, tmp_path)
    assert json.loads((tmp_path / "compare.json").read_text()) == json.loads(json.dumps(comparison))
    report = (tmp_path / "compare.md").read_text()
    assert report == render(comparison)
    value = comparison["sets"]["toy"]["pairs"]["blind"]["differences"]["mean_cost"]
    assert f"{value['value']:.3f} ({value['low']:.3f}" in report
    assert "### blind less good" in report
    assert "Rows with different labels, by harm (12)" in report
    assert "| harassment | 4 | 0 | 1 | 1 | 3 |" in report  # the cost table
    assert comparison["costs"] == {"classes": CLASSES, "costs": DEFAULT.costs}


def test_texts_are_written_only_where_they_are_asked_for(rows: EvalSet) -> None:
    systems = [WordPredictor("good"), WordPredictor("blind", blind=["harassment"])]
    text = next(text for text, truth in rows.rows() if truth.label == "harassment")
    assert text not in render(compare([rows], systems, 10))
    assert text in render(compare([rows], systems, 10, texts=True))


def test_the_same_comparison_gives_the_same_numbers(rows: EvalSet) -> None:
    def run() -> str:
        systems = [WordPredictor("good"), WordPredictor("blind", blind=["harassment"])]
        comparison = compare([rows], systems, resamples=50)
        for system in comparison["sets"]["toy"]["systems"].values():
            system.pop("seconds")
        return json.dumps(comparison)

    assert run() == run()


def test_one_system_is_no_comparison(rows: EvalSet) -> None:
    with pytest.raises(ValueError, match="two runs"):
        compare([rows], [WordPredictor()])

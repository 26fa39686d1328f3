"""Evaluation end to end with a predictor that needs no model."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from toy import WordPredictor, toy_rows, write_rows

from data.labels import LABELS
from model.verdict import Verdict
from training import evaluate as command
from training.evalsets import EvalSet, file_set, obfuscated_set, run_set
from training.evaluate import evaluate, main, write
from training.predictors import ClassifierPredictor
from training.report import render_report
from training.tables import SLICED

PNG = b"\x89PNG\r\n\x1a\n"


class FakeClassifier:
    """Answers as `WordPredictor` does, in the shape of `model.Classifier`."""

    version = "fake-1.0"

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        found = WordPredictor().predict(texts)
        return [
            Verdict(
                label=found.labels[i],
                scores=dict(zip(LABELS, found.scores[i].tolist(), strict=True)),
                also=found.also[i],
                review="low_confidence" if found.review[i] else None,
                confidence=float(found.confidence[i]),
            )
            for i in range(len(texts))
        ]


@pytest.fixture
def sets(tmp_path: Path) -> list[EvalSet]:
    rows = toy_rows(50, 1)
    others = [row for row in toy_rows(100, 2) if row[1].label == "out_of_scope"]
    return [
        file_set("real_toy", write_rows(tmp_path / "real.jsonl", rows, channel="sms")),
        file_set("oos_a", write_rows(tmp_path / "oos_a.jsonl", others)),
        file_set("oos_b", write_rows(tmp_path / "oos_b.jsonl", others)),
    ]


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "load_classifier", lambda artifact: FakeClassifier())
    monkeypatch.setattr(
        command,
        "load_split_rows",
        lambda name: toy_rows(60, {"train": 7, "dev": 8, "test": 9}[name]),
    )
    monkeypatch.setattr("training.evalsets.load_split_rows", lambda name: toy_rows(40, 9))


def test_figures_of_a_known_predictor(sets: list[EvalSet]) -> None:
    metrics, curves = evaluate(sets, [WordPredictor(blind=["harassment"])], resamples=50)
    real = metrics["sets"]["real_toy"]
    assert (real["n"], real["kind"]) == (50, "real")
    assert real["classes"] == dict.fromkeys(real["classes"], 10)
    figures = real["systems"]["model"]["figures"]
    assert figures["accuracy"]["value"] == pytest.approx(0.8)
    # F1: three labels 1, harassment 0, out of scope 2 * 10 / (10 + 20).
    assert figures["macro_f1_five"]["value"] == pytest.approx((3 + 2 / 3) / 5, abs=1e-6)
    assert figures["unlawful_recall"]["value"] == pytest.approx(2 / 3, abs=1e-6)
    assert figures["unlawful_missed_as_out_of_scope"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert figures["unreviewed_share"]["value"] == pytest.approx(0.6)
    assert figures["unreviewed_error"]["value"] == 0
    assert figures["unreviewed_error"]["method"] == "wilson"
    assert real["systems"]["model"]["slices"] == {}  # all rows are sms, of like length
    assert metrics["sets"]["oos_a"]["kind"] == "out_of_scope"
    assert set(curves) == {"real_toy"}


def test_figures_are_broken_down_by_what_texts_show(tmp_path: Path) -> None:
    rows = [
        (f"张先生，{text}" if n % 2 else text * 4, truth)
        for n, (text, truth) in enumerate(toy_rows(60, 1))
    ]
    mixed = file_set("mixed", write_rows(tmp_path / "mixed.jsonl", rows))
    metrics, _ = evaluate([mixed], [WordPredictor(blind=["harassment"])], resamples=50)
    slices = metrics["sets"]["mixed"]["systems"]["model"]["slices"]
    assert set(slices) == {"length", "gender_words"}
    assert list(slices["gender_words"]) == ["male", "none"]
    for values in slices.values():
        assert sum(value["accuracy"]["n"] for value in values.values()) == 60
        for value in values.values():
            assert tuple(value) == SLICED
            assert value["accuracy"]["value"] == pytest.approx(0.8)
            assert value["unlawful_recall"]["value"] == pytest.approx(2 / 3, abs=1e-6)
            assert value["lawful_false_alarm"]["value"] == 0
            assert value["unlawful_recall"]["low"] < 2 / 3 < value["unlawful_recall"]["high"]
    assert "| gender_words: male | 30 |" in render_report(metrics, {})


def test_targets_are_checked(sets: list[EvalSet]) -> None:
    systems = [WordPredictor(), WordPredictor("words", blind=["harassment"])]
    metrics, _ = evaluate(sets, systems, resamples=50)
    goals = {(goal["set"], goal["what"]): goal for goal in metrics["targets"]}
    assert goals["real_toy", "macro-F1, five classes"]["met"]
    gain = goals["real_toy", "macro-F1 above the best TF-IDF baseline"]
    assert gain["value"] == pytest.approx(1 - (3 + 2 / 3) / 5, abs=1e-6)
    alone, pooled = (
        goals["oos_a", "called unlawful"],
        goals["all out-of-scope sets", "called unlawful"],
    )
    assert pooled["n"] == 40
    assert pooled["high"] < alone["high"]
    assert alone["met"]
    assert not alone["surely"]  # 0 of 20 does not show <= 1.5 %


def test_report_and_files_agree(sets: list[EvalSet], tmp_path: Path) -> None:
    systems = [WordPredictor(), WordPredictor("words", blind=["harassment"])]
    metrics, curves = evaluate(sets, systems, resamples=50)
    points = [{"rows": n, "macro_f1_five": n / 1000, "set": "dev"} for n in (100, 100, 500)]
    write(metrics, curves, tmp_path / "out", {"points": points})
    stored = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert stored == json.loads(json.dumps(metrics))
    report = (tmp_path / "out" / "report.md").read_text()
    value = stored["sets"]["real_toy"]["systems"]["words"]["figures"]["macro_f1_five"]
    shown = f"{value['value']:.3f} ({value['low']:.3f}–{value['high']:.3f})"
    assert shown in report
    linked = re.findall(r"\]\(([^)]+\.png)\)", report)
    assert sorted(linked) == sorted(path.name for path in (tmp_path / "out").glob("*.png"))
    assert len(linked) == 5
    assert all((tmp_path / "out" / name).read_bytes().startswith(PNG) for name in linked)


def test_runs_are_repeatable(sets: list[EvalSet], tmp_path: Path) -> None:
    for name in ("one", "two"):
        metrics, curves = evaluate(sets, [WordPredictor()], resamples=50)
        metrics.pop("seconds")
        write(metrics, curves, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_batches_do_not_change_the_answer(sets: list[EvalSet]) -> None:
    one, two = (run_set(sets[0], [WordPredictor()], batch)[1]["model"] for batch in (7, 512))
    assert one.labels == two.labels
    assert (one.scores == two.scores).all()


def test_obfuscated_sets_keep_labels_change_texts_and_repeat(sets: list[EvalSet]) -> None:
    clean, disguised = list(sets[0].rows()), obfuscated_set(sets[0], 0.3, seed=4)
    rows = list(disguised.rows())
    assert [truth for _, truth in rows] == [truth for _, truth in clean]
    assert sum(a != b for (a, _), (b, _) in zip(rows, clean, strict=True)) > 40
    assert rows == list(disguised.rows())
    assert rows != list(obfuscated_set(sets[0], 0.3, seed=5).rows())


def test_sets_and_systems_need_names_of_their_own(sets: list[EvalSet]) -> None:
    with pytest.raises(ValueError, match="system"):
        evaluate(sets, [])
    with pytest.raises(ValueError, match="set"):
        evaluate([sets[0], sets[0]], [WordPredictor()])


def test_classifier_and_predictor_say_the_same() -> None:
    texts = [text for text, _ in toy_rows(10, 1)]
    one, two = ClassifierPredictor(FakeClassifier()).predict(texts), WordPredictor().predict(texts)
    assert (one.labels, one.also, one.review) == (two.labels, two.also, two.review)
    assert (one.scores == two.scores).all()
    assert len(ClassifierPredictor(FakeClassifier()).predict([])) == 0


@pytest.mark.usefixtures("shipped")
def test_command_evaluates_model_and_baselines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = write_rows(tmp_path / "r.jsonl", toy_rows(25, 3))
    output = tmp_path / "out"
    arguments = ["--sets", f"real_r={rows}", "--no-frozen", "--obfuscate"]
    arguments += ["--extra-train", str(rows), "--resamples", "20", "--output", str(output)]
    assert main(arguments) == 0
    metrics = json.loads((output / "metrics.json").read_text())
    assert list(metrics["sets"]) == ["test", "real_r", "test+obfuscated", "real_r+obfuscated"]
    assert list(metrics["sets"]["test"]["systems"]) == ["model", "words", "characters"]
    assert metrics["sets"]["real_r"]["source"]["file"] == "r.jsonl"
    assert metrics["about"]["model"] == "fake-1.0"
    assert metrics["about"]["command"].startswith(
        "dunlens evaluate --sets real_r=r.jsonl --no-frozen"
    )
    assert str(tmp_path) not in (output / "metrics.json").read_text()
    shown = capsys.readouterr()
    assert "**met**" in shown.out
    assert "No frozen-encoder baseline" in shown.out
    assert "on 85 rows" in shown.err


@pytest.mark.usefixtures("shipped")
def test_command_says_why_there_is_no_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(base: str) -> Any:
        raise ImportError("No module named 'torch'")

    monkeypatch.setattr(command, "load_embed", missing)
    assert main(["--resamples", "20", "--output", str(tmp_path)]) == 0
    assert "No frozen-encoder baseline: ImportError" in capsys.readouterr().out
    assert "No module named 'torch'" in (tmp_path / "report.md").read_text()


@pytest.mark.usefixtures("shipped")
def test_strict_fails_on_a_missed_target(tmp_path: Path) -> None:
    wrong = [(text, row) for text, row in toy_rows(50, 1) if row.label == "harassment"]
    lines = write_rows(tmp_path / "r.jsonl", wrong).read_text()
    (tmp_path / "r.jsonl").write_text(lines.replace('"harassment"', '"out_of_scope"'))
    arguments = ["--split", "none", "--sets", f"oos={tmp_path / 'r.jsonl'}", "--no-baselines"]
    arguments += ["--resamples", "20", "--output", str(tmp_path / "out")]
    assert main(arguments) == 0
    assert main([*arguments, "--strict"]) == 1


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sets", "nofile"], "must be NAME=FILE"),
        (["--sets", "a=/nonexistent.jsonl"], "/nonexistent.jsonl"),
        (["--no-model", "--no-baselines"], "need one system"),
        (["--split", "none"], "--sets"),
    ],
)
def test_bad_input_is_explained(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--no-baselines", "--output", str(tmp_path)]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.usefixtures("shipped")
def test_without_a_split_there_are_only_the_sets(tmp_path: Path) -> None:
    rows = write_rows(tmp_path / "r.jsonl", toy_rows(25, 3))
    arguments = ["--split", "none", "--sets", f"real_r={rows}", "--no-baselines"]
    assert main([*arguments, "--resamples", "20", "--output", str(tmp_path / "out")]) == 0
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert list(metrics["sets"]) == ["real_r"]


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize("option", ["--learning-curve", "--seeds"])
@pytest.mark.parametrize("content", [None, "{", "\xff"])
def test_a_bad_file_is_named_before_anything_is_predicted(
    option: str,
    content: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "evaluate", lambda *a: pytest.fail("predicted"))
    path = tmp_path / "given.json"
    if content is not None:
        path.write_text(content, encoding="latin-1")
    arguments = ["--no-baselines", "--output", str(tmp_path / "out")]
    assert main([*arguments, option, str(path)]) == 2
    assert str(path) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("shipped")
def test_bad_rows_are_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "a"}\n' * 30)
    assert main(["--sets", f"bad={path}", "--no-baselines", "--output", str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert f"{path}:1: label: None is not one of" in shown
    assert "... and 10 more" in shown


@pytest.mark.usefixtures("shipped")
def test_spread_over_seeds(tmp_path: Path) -> None:
    arguments = ["--no-baselines", "--resamples", "20", "--output"]
    for name in ("one", "two"):
        assert main([*arguments, str(tmp_path / name)]) == 0
    paths = [str(tmp_path / name / "metrics.json") for name in ("one", "two")]
    changed = json.loads(Path(paths[1]).read_text())
    changed["sets"]["test"]["systems"]["model"]["figures"]["macro_f1_five"]["value"] = 0.9
    Path(paths[1]).write_text(json.dumps(changed))
    assert main([*arguments, str(tmp_path / "all"), "--seeds", *paths]) == 0
    metrics = json.loads((tmp_path / "all" / "metrics.json").read_text())
    spread = metrics["seeds"]["test"]["macro_f1_five"]
    assert (spread["low"], spread["high"], spread["runs"]) == (0.9, 1.0, 2)
    assert spread["mean"] == pytest.approx(0.95)
    assert "Spread over training runs" in (tmp_path / "all" / "report.md").read_text()
    assert main([*arguments, str(tmp_path / "all"), "--seeds", paths[0]]) == 2

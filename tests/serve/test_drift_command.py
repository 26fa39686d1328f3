"""`dunlens drift` on files, with a model that needs no weights and with the shipped one."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from data.corpus import load_split
from data.labels import LABELS
from data.scheme import DEFAULT
from model import ArtifactError, Classifier, Verdict
from serve import drift
from serve.cli import app
from serve.drift import corpus_texts, read_texts

RUNNER = CliRunner()
LEVELS_JSON = ("stable", "watch", "shifted")


def lines(count: int, seed: int, letters: str = "还款逾期账单贷借钱信用卡平台通知") -> list[str]:
    rng = Random(seed)
    return ["".join(rng.choices(letters, k=25)) for _ in range(count)]


class Fake:
    """Sure of everything."""

    version, scheme = "fake-1", DEFAULT

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        scores = dict.fromkeys(LABELS, 0.1)
        return [Verdict("lawful_reminder", scores, [], None, 0.9) for _ in texts]

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        return [0.0] * len(texts)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Classifier, "load", lambda *args, **kwargs: Fake())


def write(path: Path, texts: Sequence[str]) -> Path:
    rows = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("fake")
def test_like_and_unlike_batches(tmp_path: Path) -> None:
    reference = write(tmp_path / "reference.jsonl", lines(120, 1))
    like = write(tmp_path / "like.jsonl", lines(60, 2))
    unlike = write(tmp_path / "unlike.jsonl", lines(60, 3, "天气公园孩子晚饭电影周末爬山快递"))
    command = ["drift", "--strict", "--reference", str(reference)]
    result = RUNNER.invoke(app, [*command, str(like)])
    assert result.exit_code == 0, result.output
    assert "不需要重新标注" in result.output
    result = RUNNER.invoke(app, [*command, str(unlike), "--lang", "en"])
    assert result.exit_code == 1
    assert "labelled by people" in result.output
    assert "characters used: has changed much" in result.output
    result = RUNNER.invoke(app, [*command[:1], *command[2:], str(unlike), "--json"])
    assert result.exit_code == 0
    found = json.loads(result.output)
    assert (found["advice"], found["batch"], found["reference"]) == ("relabel", 60, 120)
    assert found["rows_to_label"] > 0
    assert found["model"] == "fake-1"
    assert {one["level"] for one in found["measures"]} <= set(LEVELS_JSON)


@pytest.mark.usefixtures("fake")
def test_no_text_is_shown(tmp_path: Path) -> None:
    texts = [f"绝密标记{n}{line}" for n, line in enumerate(lines(60, 4))]
    path = write(tmp_path / "batch.jsonl", texts)
    for option in ("--json", "--strict"):
        result = RUNNER.invoke(app, ["drift", str(path), "--reference", str(path), option])
        assert "绝密" not in result.output


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize("which", ["batch", "reference"])
def test_too_few_texts_are_explained_with_the_file_at_fault(tmp_path: Path, which: str) -> None:
    good, few = (
        write(tmp_path / "good.jsonl", lines(60, 1)),
        write(tmp_path / "few.jsonl", lines(9, 1)),
    )
    order = [few, good] if which == "batch" else [good, few]
    result = RUNNER.invoke(app, ["drift", str(order[0]), "--reference", str(order[1])])
    assert result.exit_code == 2
    assert "few.jsonl：只有 9 条" in result.stderr
    assert "30 are needed" in result.stderr


def test_wrong_files_and_models_are_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = RUNNER.invoke(app, ["drift", str(tmp_path / "gone.csv")])
    assert result.exit_code == 2
    assert "gone.csv" in result.stderr
    path = write(tmp_path / "batch.jsonl", lines(60, 1))
    result = RUNNER.invoke(app, ["drift", str(path), "--column", "nothing"])
    assert result.exit_code == 2
    assert "no such column" in result.stderr

    def broken(*args: object, **kwargs: object) -> Classifier:
        raise ArtifactError("model.int8.onnx is damaged")

    monkeypatch.setattr(Classifier, "load", broken)
    result = RUNNER.invoke(app, ["drift", str(path), "--reference", str(path)])
    assert result.exit_code == 1
    assert "model.int8.onnx" in result.stderr


def test_repetitions_count_once_and_draws_repeat(tmp_path: Path) -> None:
    texts = lines(100, 5)
    path = write(
        tmp_path / "batch.jsonl", [*texts, *texts, *(f" {text}！！！！！！" for text in texts)]
    )
    found = read_texts(path, None, 1000)
    assert len(found) == 200  # as written, and with exclamation marks
    drawn = read_texts(path, None, 50)
    assert drawn == read_texts(path, None, 50)
    assert len(set(drawn)) == 50
    assert set(drawn) <= set(found)
    assert read_texts(path, None, 50, seed=1) != drawn


def test_reference_is_what_the_model_was_not_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def rows(name: str) -> list[SimpleNamespace]:
        asked.append(name)
        return [SimpleNamespace(text=text) for text in lines(80, 1)]

    monkeypatch.setattr("data.corpus.load_split", rows)
    assert len(corpus_texts(50)) == 50
    assert len(corpus_texts(500)) == 80
    assert set(asked) == {"dev"}


def test_the_shipped_model_on_a_like_and_an_unlike_batch() -> None:
    classifier = Classifier.load()
    texts = [row.text for row in load_split("dev")]
    Random(2).shuffle(texts)
    reference, batch = texts[:100], texts[100:160]
    assert drift.drift(classifier, batch, reference).advice == "stable"
    news = [
        f"{line}，气象台发布暴雨预警，市民出行请注意安全" for line in lines(60, 7, "天气公园电影")
    ]
    found = drift.drift(classifier, news, reference)
    assert found.advice == "relabel"
    assert {one.name: one.level for one in found.measures}["words"] == "shifted"


def test_unknown_tokens_are_counted() -> None:
    classifier = Classifier.load()
    ordinary, strange, blank = classifier.unknown_shares(["请尽快还款", "꧁ꦿ꧂ ᚠᛇᚻ", " "])
    assert ordinary == blank == 0
    assert strange > 0.3

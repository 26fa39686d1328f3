"""Baselines as runs: trained, kept and compared like any other."""

import json
import shutil
from pathlib import Path
from random import Random

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from own import rows, write_config, write_csv, write_encoder, write_labels

from data.scheme import Scheme
from model.shipped import DEFAULT_ARTIFACT
from training import compare, export, train
from training.baseline_store import load_baseline
from training.config import load_config
from training.contrastive import draw_pairs
from training.systems import load_systems

METHODS = ("words", "characters", "frozen", "contrastive", "finetune")
TEXTS = [row["message"] for row in rows(40, seed=7)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baselines")
    write_csv(folder / "mine.csv", rows(240))
    write_labels(folder)
    write_encoder(folder / "encoder")
    return folder


def arguments(place: Path, method: str, output: Path, **changes: object) -> list[str]:
    path = output.with_suffix(".yaml")
    write_config(path, base=str(place / "encoder"), method=method, **changes)
    return [
        *("--config", str(path), "--data", str(place / "mine.csv")),
        *("--label-map", str(place / "labels.toml"), "--output", str(output)),
    ]


@pytest.fixture(scope="module")
def runs(place: Path) -> dict[str, Path]:
    """Return a finished run of each method."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUNLENS_CACHE", str(place / "cache"))
        for method in METHODS:
            changes = {"epochs": 2, "learning_rate": 1e-3} if method == "contrastive" else {}
            assert train.main(arguments(place, method, place / method, **changes)) == 0
    return {method: place / method for method in METHODS}


@pytest.fixture(autouse=True)
def own_cache(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUNLENS_CACHE", str(place / "cache"))


@pytest.mark.parametrize("method", METHODS[:4])
def test_a_baseline_leaves_a_run_without_pickles(runs: dict[str, Path], method: str) -> None:
    folder = runs[method]
    assert {"config.yaml", "environment.json", "labels.json", "dev_scores.json"} <= {
        path.name for path in folder.iterdir()
    }
    suffixes = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert suffixes <= {".json", ".jsonl", ".yaml", ".safetensors"}
    assert json.loads((folder / "dev_scores.json").read_text())["average"]["macro_f1_five"] > 0.5


@pytest.mark.parametrize("method", METHODS[:2])
def test_the_same_command_again_gives_the_same_baseline(
    runs: dict[str, Path], method: str, place: Path, tmp_path: Path
) -> None:
    assert train.main(arguments(place, method, tmp_path / method)) == 0
    for name in ("dev_scores.json", "model/baseline.safetensors", "model/baseline.json"):
        assert (tmp_path / method / name).read_bytes() == (runs[method] / name).read_bytes()


@pytest.mark.parametrize("method", METHODS[:4])
def test_a_kept_baseline_answers_as_it_was_fitted(runs: dict[str, Path], method: str) -> None:
    baseline = load_baseline(runs[method] / "model", Scheme.load(runs[method]))
    found = baseline.predict(TEXTS)
    assert found.scores.shape == (40, 3)
    right = [a == row["category"].replace("OK", "fair_contact") for a, row in zip(
        found.labels, rows(40, seed=7), strict=True
    )]  # fmt: skip
    assert np.mean(right) > 0.5
    assert baseline.choice.dev_macro_f1_five == pytest.approx(
        json.loads((runs[method] / "dev_scores.json").read_text())["average"]["macro_f1_five"],
        abs=1e-4,
    )


def test_pairs_are_near_in_one_class_and_far_between_two() -> None:
    labels = ["a", "a", "b", "c", "b"]
    pairs = draw_pairs(labels, Random(1))
    assert len(pairs) == 10
    for one, other, wanted in pairs:
        assert (labels[one] == labels[other]) == (wanted == 1)
        assert one != other or labels.count(labels[one]) == 1
    assert sorted(one for one, _, _ in pairs) == sorted([*range(5), *range(5)])
    assert draw_pairs(labels, Random(1)) == pairs


def test_runs_artifacts_and_baselines_are_compared_alike(
    runs: dict[str, Path], place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.main([str(runs["finetune"]), "--output", str(place / "artifact")]) == 0
    folders = [str(path) for path in (place / "artifact", *runs.values())]
    options = ["--resamples", "20", "--output", str(tmp_path / "out")]
    assert compare.main([*folders, *options]) == 0
    comparison = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert list(comparison["systems"]) == ["artifact", *METHODS]
    assert comparison["systems"]["artifact"].startswith("artifact dunlens-")
    assert "training rows" in comparison["systems"]["words"]
    entry = comparison["sets"]["dev"]
    assert entry["source"]["data"] == ["mine.csv"]
    # int8 and fp32 of the same weights nearly agree
    assert abs(entry["pairs"]["finetune"]["differences"]["accuracy"]["value"]) <= 0.1
    assert "channel" in entry["pairs"]["words"]["slices"]
    assert "### words less artifact" in capsys.readouterr().out
    assert (runs["finetune"] / "calibration.json").is_file()


def test_a_baseline_is_fitted_on_the_rows_of_any_configuration(
    runs: dict[str, Path], place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    *given, _, _ = arguments(place, "finetune", tmp_path / "same")
    assert train.main([*given, "--method", "words"]) == 0
    found = tmp_path / "runs" / "own-words"
    assert load_config(found / "config.yaml").method == "words"
    for name in ("dev_scores.json", "model/baseline.safetensors"):
        assert (found / name).read_bytes() == (runs["words"] / name).read_bytes()


def test_a_baseline_is_not_exported(
    runs: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.main([str(runs["words"]), "--output", str(tmp_path / "a")]) == 2
    assert "words is a baseline" in capsys.readouterr().err


def test_what_is_no_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main([str(tmp_path), str(tmp_path / "other")]) == 2
    assert "neither an artifact nor a finished run" in capsys.readouterr().err


def test_systems_of_different_labels_are_refused(
    runs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare.main([str(runs["words"]), str(DEFAULT_ARTIFACT)]) == 2
    assert "cannot be compared" in capsys.readouterr().err


def test_folders_of_one_name_are_told_apart(runs: dict[str, Path], tmp_path: Path) -> None:
    copy = tmp_path / "else" / "words"
    copy.parent.mkdir()
    shutil.copytree(runs["words"], copy)
    names = [system.name for system in load_systems([runs["words"], copy])]
    assert names[1] == "else/words"
    assert len(set(names)) == 2

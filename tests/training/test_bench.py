"""The benchmark compares like with like: every reader gives the shipped labels."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from data.corpus import load_split  # noqa: E402
from model.classifier import GRAPH  # noqa: E402
from training import bench  # noqa: E402
from training.bench_peak import fp32_peak, int8_peak, operations  # noqa: E402
from training.bench_readers import pipeline_reader, shipped_reader, torch_reader  # noqa: E402
from training.bench_repeats import repeated, without_repeats  # noqa: E402
from training.bench_report import targets  # noqa: E402


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [row.text for row in load_split("dev")[::90]]


def test_all_readers_give_the_same_logits(tiny_artifact: Path, texts: list[str]) -> None:
    shipped = shipped_reader(tiny_artifact, 1)(texts)
    for read in (pipeline_reader(tiny_artifact, 4), torch_reader(tiny_artifact)):
        found = read(texts)
        assert found.shape == shipped.shape
        assert np.abs(found - shipped).mean() < 0.05 * shipped.std()


def test_operations_are_twice_the_weights_of_the_layers(tiny_artifact: Path) -> None:
    config = json.loads((tiny_artifact / "config.json").read_text())
    wide, inner = config["hidden_size"], config["intermediate_size"]
    per_layer = 4 * wide * wide + 2 * wide * inner
    assert operations(tiny_artifact / GRAPH) == 2 * config["num_hidden_layers"] * per_layer


def test_peaks_are_those_of_a_computer() -> None:
    assert int8_peak(1) > 1e9
    assert fp32_peak(1) > 1e9


def test_repeats_are_parted_so_that_each_is_read() -> None:
    batch = repeated(["a", "b", "c"], 50, seed=1)
    parts = without_repeats(batch)
    assert sorted(text for part in parts for text in part) == sorted(batch)
    assert all(len(part) == len(set(part)) for part in parts)
    assert batch.count("a") > batch.count("c")


def test_no_text_is_timed_twice(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    row = json.dumps({"text": "今天还钱", "label": "lawful_reminder"})
    file.write_text("\n".join([row] * 20), encoding="utf-8")
    texts = bench.sample_texts(40, [file], 0)
    assert texts.count("今天还钱") == 1
    assert 20 <= len(texts) <= 40


def test_the_command_writes_what_it_prints(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--models", str(tiny_artifact), "--count", "12", "--rounds", "2", "--starts", "1"]
    assert bench.main([*arguments, "--threads", "1", "--output", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "bench.json").read_text())
    (run,) = found["runs"]
    assert run["texts"] == 12
    model = tiny_artifact.name
    assert run["readers"][f"{model}: {bench.PIPELINE}"]["ratio_to"][model] == [1, 1, 1]
    assert all(r["p99_ms"] >= r["p50_ms"] > 0 for r in run["readers"].values())
    cold = found["cold_start"][model]
    assert 0 < cold["load_s"] < cold["first_verdict_s"]
    assert found["artifact_mb"][model] < 25
    printed = capsys.readouterr().out
    assert printed == (tmp_path / "bench.md").read_text()
    assert all(name in printed for name in run["readers"])
    assert "| graph and tokenizer |" in printed
    assert (tmp_path / "bench.png").stat().st_size > 1000


def test_a_target_is_met_or_missed_by_its_figure() -> None:
    reader = {
        "p50_ms": 2.0,
        "p99_ms": 5.0,
        "share_of_int8_peak": 0.5,
        "ratio_to": {"m": [12, 9, 13]},
    }
    pipe = {**reader, "p50_ms": 10.0}
    run = {
        "threads": 2,
        "readers": {"m: served": reader, "m: pipe": pipe},
        "one_text_again_and_again": {"p50_ms": 1.0, "p99_ms": 4.0},
    }
    cold = {"first_verdict_s": 1.0, "first_verdict_range": [0.9, 1.2], "first_ever_s": 2.0}
    found = {"artifact_mb": {"m": 26.0}, "cold_start": {"m": cold}, "runs": [run]}
    met = [one[-1] for one in targets(found, "pipe", "served")]
    assert met == [True, False, False, True, False, False, True, False]

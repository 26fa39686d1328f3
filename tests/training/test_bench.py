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


def test_the_command_writes_what_it_prints(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "bench.json"
    arguments = ["--artifact", str(tiny_artifact), "--count", "12", "--rounds", "2"]
    assert bench.main([*arguments, "--threads", "1", "--output", str(output)]) == 0
    (run,) = json.loads(output.read_text())["runs"]
    assert run["texts"] == 12
    assert run["readers"][bench.BASE]["ratio"] == 1
    assert all(r["ratio"] > 0 and r["p99_ms"] >= r["p50_ms"] for r in run["readers"].values())
    printed = capsys.readouterr().out
    assert all(name in printed for name in run["readers"])

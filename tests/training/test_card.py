"""The model card is made of the evaluation of the very artifact that it stands in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data.labels import CLASSES
from model.manifest import read_manifest, write_manifest
from training.card import END, START, figures_block, main, render, update_readme, write_card

ARTIFACT = Path(__file__).parents[2] / "model" / "artifact"


@pytest.fixture
def record() -> dict[str, Any]:
    costs = [[float(a != b) for b in CLASSES] for a in CLASSES]
    return {
        "config": "name: toy\nseeds: [1]",
        "environment": {
            "train": {"rows": 1234},
            "dev": {"rows": 98},
            "packages": {"torch": "2"},
            "commit": "abc",
        },
        "calibration": {
            "rows": 99,
            "cost_table": {"classes": list(CLASSES), "costs": costs},
            "mean_cost": {"least expected cost": 0.1, "most probable class": 0.2},
            "review": {"coverage": 0.875, "error_of_unmarked": 0.0199},
        },
    }


RATE = {"value": 0.25, "low": 0.1, "high": 0.4, "n": 9}
METRICS: dict[str, Any] = {
    "about": {"model": "toy+1"},
    "sets": {
        "test": {
            "kind": "out_of_scope",
            "n": 9,
            "systems": {"model": {"figures": {"oos_called_unlawful": RATE}, "slices": {}}},
        }
    },
    "targets": [],
}
CALIBRATION = {"review_below": 0.7, "review_unlawful": 0.2}


def test_card_states_the_decision_and_the_run(record: dict[str, Any]) -> None:
    card = render(METRICS, record, CALIBRATION, "toy+1")
    assert "1,234 authored rows" in card
    assert "name: toy" in card
    assert "87.5 %" in card
    assert "| least expected cost | 0.100 |" in card
    assert "25.0 % (10.0–40.0)" in card


def test_metrics_of_another_model_are_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"toy\+1.*toy\+2"):
        render(METRICS, record, CALIBRATION, "toy+2")


def test_metrics_without_the_test_split_are_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="--split test"):
        render({**METRICS, "sets": {}}, record, CALIBRATION, "toy+1")


def test_bad_input_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().err


def test_readme_gets_the_figures_between_its_markers(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{START}\nold\n{END}\nafter\n", encoding="utf-8")
    update_readme(readme, METRICS)
    update_readme(readme, METRICS)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert text.count("toy+1") == 1


def test_writing_the_card_keeps_the_version(tmp_path: Path, record: dict[str, Any]) -> None:
    (tmp_path / "calibration.json").write_text(json.dumps(CALIBRATION))
    (tmp_path / "training.json").write_text(json.dumps(record))
    write_manifest(tmp_path, "toy")
    version, _ = read_manifest(tmp_path)
    write_card({**METRICS, "about": {"model": version}}, tmp_path)
    after, files = read_manifest(tmp_path)
    assert after == version
    assert {"README.md", "metrics.json"} <= files.keys()


def test_shipped_card_is_of_the_shipped_model() -> None:
    version, _ = read_manifest(ARTIFACT)
    metrics = json.loads((ARTIFACT / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["about"]["model"] == version
    assert version in (ARTIFACT / "README.md").read_text(encoding="utf-8")


def test_readme_shows_the_figures_of_the_shipped_model() -> None:
    metrics = json.loads((ARTIFACT / "metrics.json").read_text(encoding="utf-8"))
    readme = (ARTIFACT.parents[1] / "README.md").read_text(encoding="utf-8")
    assert figures_block(metrics) in readme

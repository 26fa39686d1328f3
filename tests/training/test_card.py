"""The model card is made of the evaluation of the very artifact that it stands in."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from data.labels import CLASSES
from model.manifest import read_manifest, write_manifest
from model.shipped import SHIPPED
from training.card import END, START, figures_block, main, render, update_readme, write_card

ARTIFACT = Path(__file__).parents[2] / "model" / "artifact"


@pytest.fixture
def record() -> dict[str, Any]:
    costs = [[float(a != b) for b in CLASSES] for a in CLASSES]
    return {
        "config": "name: toy\nbase: e5-small\nseeds: [1]",
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
SCORE = {"value": 0.8125, "low": 0.75, "high": 0.875, "n": 60}
METRICS: dict[str, Any] = {
    "about": {
        "model": "toy+1",
        "created": "2026-01-02T03:04:05+00:00",
        "commit": "def",
        "command": "dunlens evaluate --sets oos_chat=chat.jsonl",
    },
    "sets": {
        "test": {
            "kind": "mixed",
            "n": 60,
            "obfuscated": False,
            "differences": {},
            "systems": {"model": {"figures": {"macro_f1_five": SCORE}, "slices": {}}},
        },
        "oos_chat": {
            "kind": "out_of_scope",
            "n": 9,
            "obfuscated": False,
            "differences": {},
            "systems": {"model": {"figures": {"oos_called_unlawful": RATE}, "slices": {}}},
        },
    },
    "targets": [
        {
            "set": "test",
            "what": "macro-F1, five classes",
            "bound": 0.9,
            "at_least": True,
            "met": False,
        }
        | SCORE
    ],
}
CALIBRATION = {"review_below": 0.7, "review_unlawful": 0.2}
NETWORK = {"num_hidden_layers": 9, "hidden_size": 384, "id2label": dict.fromkeys("0123")}
GOLDEN = Path(__file__).parent / "golden" / "model_card.md"


def card_of(record: dict[str, Any]) -> str:
    return render(METRICS, record, CALIBRATION, NETWORK, "toy+1")


def test_the_card_is_the_golden_one(record: dict[str, Any]) -> None:
    """A wanted change of the template changes the golden file in the same commit, to be read."""
    assert card_of(record) == GOLDEN.read_text(encoding="utf-8")


def test_every_figure_links_to_its_record(record: dict[str, Any]) -> None:
    """Each link names a place in a record, and that place is there."""
    files = {
        "metrics.json": METRICS,
        "training.json": record,
        "calibration.json": CALIBRATION,
        "config.json": NETWORK,
    }
    _, *sections = card_of(record).split("\n## ")
    linked = set()
    for section in sections:
        title, _, body = section.partition("\n")
        for file, places in re.findall(
            r"\[([a-z]+\.json)\]\(\1\)(?:\s→((?:,?\s`[\w.]+`)+))?", body
        ):
            linked.add(title)
            for place in re.findall(r"`([\w.]+)`", places):
                value: Any = files[file]
                for key in place.split("."):
                    value = value[key]
    with_figures = {s.partition("\n")[0] for s in sections if re.search(r"\d %|\| \d|\d rows", s)}
    assert with_figures
    assert with_figures <= linked


def test_a_student_names_its_teacher_and_the_texts_of_others(record: dict[str, Any]) -> None:
    taught = "teacher: model/artifact\nunlabelled: [data/unlabelled/questions.jsonl]"
    card = card_of({**record, "config": f"{record['config']}\n{taught}"})
    assert "its teacher `artifact` (distilled)" in card
    assert "other people's published texts without labels (`questions.jsonl`)" in card
    assert "were written for the corpus" not in card


def test_a_student_tells_which_teacher_and_its_share(record: dict[str, Any]) -> None:
    environment = {**record["environment"], "teacher": "0123456789abcdef"}
    config = f"{record['config']}\nteacher: model/artifact\nteacher_share: 0.5"
    card = card_of({**record, "config": config, "environment": environment})
    assert "SHA-256 of its weights `0123456789ab…`, of which the mean has a share of 0.5" in card


def test_rows_of_ones_own_are_named(record: dict[str, Any]) -> None:
    card = card_of({**record, "config": "base: e5-small\ndata: [somewhere/mine.csv]"})
    assert "outside the corpus are among them: `mine.csv`" in card
    assert "no real message" not in card


def test_another_encoder_is_named(record: dict[str, Any]) -> None:
    card = card_of({**record, "config": "base: hfl/chinese-macbert-base"})
    assert "base_model: hfl/chinese-macbert-base" in card
    assert "e5" not in card


def test_the_card_says_what_it_is_for_what_errors_cost_and_what_law(record: dict[str, Any]) -> None:
    card = card_of(record)
    for heading in ("Meant for, and not", "Limits", "What errors cost", "Law"):
        assert f"\n## {heading}\n" in card
    assert "legal advice" in card.replace("\n", " ")


def test_card_states_the_decision_and_the_run(record: dict[str, Any]) -> None:
    card = card_of(record)
    assert "1,234 texts" in card
    assert "name: toy" in card
    assert "87.5 %" in card
    assert "| least expected cost | 0.100 |" in card
    assert "25.0 % (10.0–40.0)" in card


def test_metrics_of_another_model_are_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"toy\+1.*toy\+2"):
        render(METRICS, record, CALIBRATION, NETWORK, "toy+2")


def test_metrics_without_the_test_split_are_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="--split test"):
        render({**METRICS, "sets": {}}, record, CALIBRATION, NETWORK, "toy+1")


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
    (tmp_path / "config.json").write_text(json.dumps(NETWORK))
    write_manifest(tmp_path, "toy")
    version, _ = read_manifest(tmp_path)
    about = {**METRICS["about"], "model": version}
    write_card({**copy.deepcopy(METRICS), "about": about}, tmp_path)
    after, files = read_manifest(tmp_path)
    assert after == version
    assert {"README.md", "metrics.json"} <= files.keys()


@pytest.mark.parametrize(
    ("name", "load", "folder"),
    [
        ("default", "load()", "model/artifact"),
        ("fast", 'load("fast")', "model/fast"),
        (None, 'load("FOLDER")', "FOLDER"),
    ],
)
def test_the_card_says_how_its_own_model_is_loaded(
    record: dict[str, Any], name: str | None, load: str, folder: str
) -> None:
    card = render(METRICS, record, CALIBRATION, NETWORK, "toy+1", name)
    assert f"Classifier.{load}.classify" in card
    assert f'model="{folder}"' in card


@pytest.mark.parametrize("artifact", SHIPPED.values(), ids=SHIPPED)
def test_shipped_card_is_of_the_shipped_model(artifact: Path) -> None:
    version, _ = read_manifest(artifact)
    metrics = json.loads((artifact / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["about"]["model"] == version
    card = (artifact / "README.md").read_text(encoding="utf-8")
    assert version in card
    assert f'model="model/{artifact.name}"' in card


def test_readme_shows_the_figures_of_the_shipped_model() -> None:
    metrics = json.loads((ARTIFACT / "metrics.json").read_text(encoding="utf-8"))
    readme = (ARTIFACT.parents[1] / "README.md").read_text(encoding="utf-8")
    assert figures_block(metrics) in readme

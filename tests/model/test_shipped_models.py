"""The models that ship are found by name; anything else is a folder."""

from pathlib import Path

import pytest

from model import Classifier
from model.manifest import read_manifest
from model.shipped import SHIPPED, artifact_folder


def test_nothing_means_the_default_model() -> None:
    assert artifact_folder() == artifact_folder("default") == SHIPPED["default"]


def test_a_name_given_as_a_path_is_the_same_name() -> None:
    assert artifact_folder(Path("accurate")) == artifact_folder("accurate") == SHIPPED["accurate"]


def test_another_name_is_a_folder(tmp_path: Path) -> None:
    assert artifact_folder(tmp_path / "accurate") == tmp_path / "accurate"
    assert artifact_folder("mine") == Path("mine")


@pytest.mark.parametrize("name", SHIPPED)
def test_each_model_that_ships_loads_and_knows_a_threat(name: str) -> None:
    found = Classifier.load(name, threads=1)
    (verdict,) = found.classify(["今天不还钱就打断你的腿，再去找你老婆孩子"])
    assert verdict.label == "threat_extortion"


@pytest.mark.parametrize("name", SHIPPED)
def test_an_artifact_is_no_larger_than_agreed(name: str) -> None:
    size = sum(path.stat().st_size for path in SHIPPED[name].iterdir())
    assert size <= 60 * 2**20


def test_the_models_that_ship_are_different_ones() -> None:
    folders = set(SHIPPED.values())
    assert len({read_manifest(folder)[0] for folder in folders}) == len(folders) >= 2

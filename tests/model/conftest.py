"""Artifacts and the base encoder, each made once for all tests of the model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_artifact import write_toy_artifact

from model import Classifier
from model.e5_file import E5File, read_e5_file
from model.encoder import resolve_base
from model.shipped import DEFAULT_ARTIFACT


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an artifact that knows four words; copy it before changing it."""
    return write_toy_artifact(tmp_path_factory.mktemp("toy") / "artifact")


@pytest.fixture(scope="session")
def toy(toy_folder: Path) -> Classifier:
    return Classifier.load(toy_folder, threads=2)


@pytest.fixture(scope="session")
def shipped_folder() -> Path:
    """Return the folder of the shipped artifact. It is part of the product: no skipping."""
    folder = DEFAULT_ARTIFACT
    if not (folder / "manifest.json").is_file():
        pytest.fail(f"the shipped artifact is missing: {folder}")
    return folder


@pytest.fixture(scope="session")
def shipped(shipped_folder: Path) -> Classifier:
    return Classifier.load(shipped_folder)


@pytest.fixture(scope="session")
def e5() -> E5File:
    return read_e5_file()


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder that `resolve_base` writes for e5-small, in a cache of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUNLENS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield Path(resolve_base("e5-small"))

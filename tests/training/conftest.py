"""One small but real run, and the artifact exported from it, for all tests of training."""

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Point the cache of base encoders to a folder of the test session."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUNLENS_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """Return the folder of a finished run; copy it before changing it."""
    from tiny import CONFIG, use_toy_rows

    from training.train import train

    folder = tmp_path_factory.mktemp("runs") / "tiny"
    with pytest.MonkeyPatch.context() as patch:
        use_toy_rows(patch, "training.train")
        train(CONFIG, folder)
    return folder


@pytest.fixture(scope="session")
def tiny_artifact(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path) -> Path:
    """Return the artifact exported from the tiny run; copy it before changing it."""
    from tiny import use_toy_rows

    from training.export import export

    folder = tmp_path_factory.mktemp("exported") / "deep" / "artifact"
    with pytest.MonkeyPatch.context() as patch:
        use_toy_rows(patch, "training.export")
        export(tiny_run, folder, "tiny-0.0.1")
    return folder

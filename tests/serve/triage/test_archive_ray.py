"""The same archive on a local Ray with two workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import ray
from archives import COUNT, archive, results
from killing import settings_of
from typer.testing import CliRunner

from serve import cli


@pytest.fixture(scope="module", autouse=True)
def two_workers() -> Iterator[None]:
    """A Ray of two processors' worth of workers, whatever the machine has."""
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield
    ray.shutdown()


@pytest.fixture
def toy(tmp_path: Path) -> object:
    return settings_of("toy", tmp_path)["artifact"]


def triage(*arguments: object) -> int:
    done = CliRunner().invoke(cli.app, ["triage", *map(str, arguments)])
    assert done.exit_code in (0, 3), done.output
    return done.exit_code


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.jsonl")}


def test_ray_gives_the_local_results_byte_by_byte_and_goes_on(tmp_path: Path, toy: object) -> None:
    source, local, remote = archive(tmp_path / "in"), tmp_path / "local", tmp_path / "ray"
    assert triage(source, local, "--engine", "local", "--artifact", toy) == 3  # there are bad rows
    wanted = files(local)
    good, bad = results(local)
    assert len(good) + len(bad) == 3 * COUNT
    assert {row["verdict"]["label"] for row in good} > {"harassment", "out_of_scope"}

    assert triage("--engine", "ray", "--artifact", toy, source, remote) == 3
    assert files(remote) == wanted

    # as a kill leaves it: one part not begun, one half written
    missing, *kept = sorted(name for name in wanted if not name.endswith(".bad.jsonl"))
    (remote / missing).rename(remote / f".{missing}.0123.part")
    stamps = {name: (remote / name).stat().st_mtime_ns for name in kept}
    assert triage("--engine", "ray", "--artifact", toy, source, remote) == 3
    assert files(remote) == wanted
    assert stamps == {name: (remote / name).stat().st_mtime_ns for name in kept}
    assert [file.name for file in remote.glob(".*.part")] == []

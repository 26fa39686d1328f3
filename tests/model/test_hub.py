"""Push and pull against a Hub on this machine: whole, private, checked, and never a pickle."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub.constants
import pytest
from hub_server import TOKEN, Hub
from typer.testing import CliRunner

from model import ArtifactError, Classifier
from model.hub import main, pull, push
from model.manifest import MANIFEST, write_manifest
from serve.cli import app

REPO = "someone/toy"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """Return a running Hub, and a token for it; files go over plain HTTP."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def artifact(toy_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_folder, tmp_path / "artifact"))


def test_what_was_pushed_is_pulled_and_classifies(hub: Hub, artifact: Path, tmp_path: Path) -> None:
    url = push(artifact, REPO, endpoint=hub.address)
    assert url.startswith(hub.address)
    stored = hub.files(f"models/{REPO}")
    del stored[".gitattributes"]  # the Hub's own
    assert {p.name: p.read_bytes() for p in artifact.iterdir()} == stored
    assert hub.repos[f"models/{REPO}"]["private"] is True
    version = pull(REPO, tmp_path / "deep" / "pulled", endpoint=hub.address)
    classifier = Classifier.load(tmp_path / "deep" / "pulled")
    assert classifier.version == version
    assert classifier.classify(["砍死你"])[0].label == "threat_extortion"
    names = {path.name for path in (tmp_path / "deep" / "pulled").iterdir()}
    assert names == {path.name for path in artifact.iterdir()}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["pulled"]  # no leftovers


def test_a_second_push_leaves_nothing_of_the_first(hub: Hub, artifact: Path) -> None:
    (artifact / "README.md").write_text("first")
    write_manifest(artifact, "toy-1.0.0")
    push(artifact, REPO, endpoint=hub.address)
    (artifact / "README.md").unlink()
    write_manifest(artifact, "toy-1.0.1")
    push(artifact, REPO, endpoint=hub.address)
    names = {path.name for path in artifact.iterdir()}
    assert set(hub.files(f"models/{REPO}")) - {".gitattributes"} == names


def test_a_stray_file_is_not_pushed(hub: Hub, artifact: Path) -> None:
    (artifact / "notes.txt").write_text("private")
    push(artifact, REPO, endpoint=hub.address)
    assert "notes.txt" not in hub.files(f"models/{REPO}")


def test_a_damaged_artifact_is_not_pushed(hub: Hub, artifact: Path) -> None:
    (artifact / "calibration.json").write_text("{}")
    with pytest.raises(ArtifactError, match=r"calibration\.json is damaged"):
        push(artifact, REPO, endpoint=hub.address)
    assert not hub.repos


def test_a_public_repository_wants_a_word(hub: Hub, artifact: Path) -> None:
    push(artifact, REPO, public=True, endpoint=hub.address)
    assert hub.repos[f"models/{REPO}"]["private"] is False
    with pytest.raises(ArtifactError, match=r"is public.*--public"):
        push(artifact, REPO, endpoint=hub.address)


@pytest.mark.parametrize("name", ["model.pkl", "../out.json", "code.py"])
def test_a_file_that_may_not_be_is_not_even_downloaded(
    name: str, hub: Hub, artifact: Path, tmp_path: Path
) -> None:
    push(artifact, REPO, endpoint=hub.address)
    files = dict(hub.files(f"models/{REPO}"))
    manifest = json.loads(files[MANIFEST])
    manifest["files"][name] = "0" * 64
    hub.commit(f"models/{REPO}", files | {MANIFEST: json.dumps(manifest).encode(), name: b"harm"})
    with pytest.raises(ArtifactError, match="no artifact may hold"):
        pull(REPO, tmp_path / "pulled", endpoint=hub.address)
    assert not (tmp_path / "pulled").exists()


def test_a_damaged_download_replaces_nothing(hub: Hub, artifact: Path, tmp_path: Path) -> None:
    push(artifact, REPO, endpoint=hub.address)
    kept = tmp_path / "pulled"
    before = pull(REPO, kept, endpoint=hub.address)
    files = dict(hub.files(f"models/{REPO}"))
    hub.commit(f"models/{REPO}", files | {"calibration.json": b"{}"})
    with pytest.raises(ArtifactError, match="damaged"):
        pull(REPO, kept, endpoint=hub.address)
    assert Classifier.load(kept).version == before


def test_a_folder_of_something_else_is_never_replaced(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not to be lost")
    with pytest.raises(FileExistsError, match="something else"):
        pull(REPO, tmp_path, endpoint=hub.address)
    assert (tmp_path / "notes.txt").exists()


def test_the_command_line_pushes_and_pulls(hub: Hub, artifact: Path, tmp_path: Path) -> None:
    run = CliRunner()
    done = run.invoke(app, ["push", str(artifact), REPO, "--endpoint", hub.address])
    assert done.exit_code == 0, done.output
    assert "/commit/" in done.stdout
    target = str(tmp_path / "pulled")
    done = run.invoke(app, ["pull", REPO, target, "--endpoint", hub.address])
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("toy-1.0.0+")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pull", "someone/gone", "OUT"], "404"),
        (["pull", "not a name", "OUT"], "not a name"),
        (["push", "MISSING", REPO], "manifest.json is missing"),
        (["push", "ARTIFACT", REPO, "--dataset"], "is no dataset folder"),
    ],
)
def test_what_cannot_be_is_explained(
    arguments: list[str], message: str, hub: Hub, artifact: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    places = {"OUT": tmp_path / "out", "MISSING": tmp_path / "gone", "ARTIFACT": artifact}
    given = [str(places.get(item, item)) for item in arguments]
    assert main([*given, "--endpoint", hub.address]) == 2
    assert message in capsys.readouterr().err


def test_a_wrong_token_is_refused(
    hub: Hub, artifact: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert main(["push", str(artifact), REPO, "--endpoint", hub.address]) == 2
    assert "401" in capsys.readouterr().err


def test_a_hub_out_of_reach_is_an_error_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pull", REPO, str(tmp_path / "o"), "--endpoint", "http://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err


def test_a_dataset_folder_is_pushed_as_a_dataset(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for name in ("README.md", "croissant.json", "train.jsonl", ".hidden"):
        (folder / name).write_text(name)
    push(folder, "someone/rows", dataset=True, endpoint=hub.address)
    assert list(hub.repos) == ["datasets/someone/rows"]
    stored = hub.files("datasets/someone/rows")
    assert stored["train.jsonl"] == b"train.jsonl"
    assert ".hidden" not in stored

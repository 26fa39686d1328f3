"""What is loaded is what was released: missing and altered files are named with their hash."""

import json
import shutil
from pathlib import Path

import pytest

from model import ArtifactError, Classifier
from model.manifest import DOCUMENTS, MANIFEST, read_manifest, sha256, verify, write_manifest

LOADED = ("model.int8.onnx", "tokenizer.json", "calibration.json")


@pytest.fixture
def folder(toy_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of a good artifact, to be damaged."""
    return Path(shutil.copytree(toy_folder, tmp_path / "artifact"))


def reseal(folder: Path) -> None:
    write_manifest(folder, "toy-1.0.0")


def test_the_manifest_lists_every_file_with_its_hash(folder: Path) -> None:
    version, files = read_manifest(folder)
    assert set(files) == {path.name for path in folder.iterdir()} - {MANIFEST}
    assert all(sha256(folder / name) == digest for name, digest in files.items())
    name, digest = version.split("+")
    assert (name, len(digest)) == ("toy-1.0.0", 8)


def test_the_version_changes_with_the_model_only(folder: Path) -> None:
    before = read_manifest(folder)[0]
    reseal(folder)
    assert read_manifest(folder)[0] == before
    for name in DOCUMENTS:
        (folder / name).write_text("a document about the model")
    reseal(folder)
    assert read_manifest(folder)[0] == before
    assert set(DOCUMENTS) <= set(read_manifest(folder)[1])  # but documents have hashes too
    (folder / "calibration.json").write_text("another decision")
    reseal(folder)
    assert read_manifest(folder)[0] != before


@pytest.mark.parametrize("name", LOADED)
def test_one_altered_byte_is_found(name: str, folder: Path) -> None:
    path, expected = folder / name, read_manifest(folder)[1][name]
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ArtifactError) as caught:
        Classifier.load(folder)
    assert name in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize("name", LOADED)
def test_a_missing_file_is_named_with_the_expected_hash(name: str, folder: Path) -> None:
    expected = read_manifest(folder)[1][name]
    (folder / name).unlink()
    with pytest.raises(ArtifactError) as caught:
        Classifier.load(folder)
    assert str(folder / name) in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize("name", LOADED)
def test_a_file_that_the_manifest_leaves_out_is_not_loaded(name: str, folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["files"][name]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=name):
        Classifier.load(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"version": "x"}', '{"files": {}}'])
def test_a_damaged_manifest_is_named(content: str, folder: Path) -> None:
    (folder / MANIFEST).write_text(content)
    with pytest.raises(ArtifactError, match=MANIFEST):
        Classifier.load(folder)


def test_a_manifest_that_is_no_text_is_named(folder: Path) -> None:
    (folder / MANIFEST).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ArtifactError, match=MANIFEST):
        Classifier.load(folder)


@pytest.mark.parametrize("place", ["empty", "no/such/folder"])
def test_a_folder_without_manifest_is_no_artifact(place: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArtifactError, match=MANIFEST):
        Classifier.load(tmp_path / place)


def test_files_that_are_not_loaded_need_not_be_intact(folder: Path) -> None:
    (folder / "README.md").write_text("one")
    reseal(folder)
    (folder / "README.md").write_text("two")
    Classifier.load(folder)
    version_files = read_manifest(folder)[1]
    with pytest.raises(ArtifactError, match=r"README\.md"):
        verify(folder, version_files, ("README.md",))


@pytest.mark.parametrize(
    "content", ['{"format": 99}', "{}", '{"format": 1, "platt": {}}', "no JSON"]
)
def test_a_calibration_of_another_format_is_an_artifact_error(content: str, folder: Path) -> None:
    (folder / "calibration.json").write_text(content)
    reseal(folder)
    with pytest.raises(ArtifactError):
        Classifier.load(folder)

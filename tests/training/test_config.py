"""A configuration file is read whole, or refused with every bad field named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from training.config import ConfigError, TrainConfig, load_config


def write(folder: Path, text: str) -> Path:
    path = folder / "run.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "")) == TrainConfig()


def test_given_fields_replace_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, "name: mine\nseeds: [3, 4]\nextra: [a.jsonl]\nlayers: [0, 11]\nema: 0\n")
    config = load_config(path)
    assert (config.name, config.seeds, config.layers, config.ema) == ("mine", [3, 4], [0, 11], 0)
    assert config.extra == [Path("a.jsonl")]
    assert config.epochs == TrainConfig().epochs


def test_every_bad_field_is_listed_with_the_file(tmp_path: Path) -> None:
    path = write(
        tmp_path, "epochs: 0\nlearning_rate: fast\nseeds: []\nwarmup: 1.5\nname: ../up\nepoch: 3\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    lines = str(caught.value).splitlines()
    assert {line.split(": ")[1] for line in lines} == {
        "epochs", "learning_rate", "seeds", "warmup", "name", "epoch",
    }  # fmt: skip
    assert all(line.startswith(f"{path}: ") for line in lines)


@pytest.mark.parametrize(
    "line",
    [
        "epoch: 3",  # misspelt
        "batch_size: 0",
        "layers: [0, 12]",  # e5-small has 12 layers, 0 to 11
        "layers: [-1]",
        "layers: []",
        "dropout: 1",
        "dropout: -0.1",
        "layer_decay: 0",
        "label_smoothing: 0.5",
        "ema: 1",
        "max_tokens: 513",
        "limit: 1",
        "threads: 0",
        "patience: 0",
        "obfuscate_share: 2",
        "base: [a]",
        "bf16: perhaps",
    ],
)
def test_a_bad_value_is_refused_by_its_field(line: str, tmp_path: Path) -> None:
    path = write(tmp_path, line)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value).startswith(f"{path}: {line.split(':')[0]}")


@pytest.mark.parametrize("text", ["- a\n- b", "just words", "a: [", "a: b: c", "\x00"])
def test_a_file_that_is_no_mapping_is_refused_by_name(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"run\.yaml"):
        load_config(write(tmp_path, text))


def test_a_file_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ConfigError, match=r"run\.yaml"):
        load_config(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.yaml"):
        load_config(tmp_path / "nothing.yaml")


def test_yaml_cannot_make_objects(tmp_path: Path) -> None:
    path = write(tmp_path, "name: !!python/object/apply:os.system ['false']")
    with pytest.raises(ConfigError, match=r"run\.yaml"):
        load_config(path)


def test_a_configuration_does_not_change() -> None:
    with pytest.raises(ValidationError):
        TrainConfig().epochs = 9


def test_every_committed_configuration_is_good() -> None:
    paths = sorted((Path(__file__).parents[2] / "training" / "configs").glob("*.yaml"))
    assert "default.yaml" in {path.name for path in paths}
    for path in paths:
        # many in one file: test_ablate.py; what to vary: test_search.py
        if path.name not in ("ablation.yaml", "search_space.yaml"):
            load_config(path)

"""A search on a budget, over real but tiny runs: what it finds, and that a kill changes nothing."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from own import rows, write_config, write_csv, write_encoder, write_labels

from training import search as searching
from training.config import ConfigError, load_config
from training.search import DEFAULT_SPACE, Budget, load_space, search
from training.train import train

SPACE = """\
learning_rate: {low: 1.0e-4, high: 1.0e-2, log: true}
epochs: {low: 1, high: 2}
dropout: [0.0, 0.1]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    write_csv(folder / "mine.csv", rows(120))
    write_encoder(folder / "encoder", num_hidden_layers=1)
    (folder / "space.yaml").write_text(SPACE)
    write_config(
        folder / "run.yaml", base=str(folder / "encoder"), data=[str(folder / "mine.csv")],
        labels=str(write_labels(folder)), seeds=[3, 4],
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def found(place: Path) -> Path:
    """Return the folder of a finished search of three trials."""
    output = place / "found"
    arguments = ["--config", str(place / "run.yaml"), "--space", str(place / "space.yaml")]
    assert searching.main([*arguments, "--trials", "3", "--output", str(output)]) == 0
    return output


def trials(output: Path) -> list[dict]:
    listed: list[dict] = json.loads((output / "trials.json").read_text())
    return listed


def settings(output: Path) -> dict[int, tuple[dict, float]]:
    return {t["number"]: (t["settings"], t["macro_f1_five"]) for t in trials(output)}


def test_it_keeps_within_its_trials_and_its_space(found: Path) -> None:
    listed = trials(found)
    assert len(listed) == 3
    for trial in listed:
        assert 1e-4 <= trial["settings"]["learning_rate"] <= 1e-2
        assert trial["settings"]["epochs"] in (1, 2)
        assert trial["settings"]["dropout"] in (0.0, 0.1)
    reached = [t["macro_f1_five"] for t in listed if t["macro_f1_five"] is not None]
    assert reached == sorted(reached, reverse=True)
    assert (found / "trials.md").read_text().count("\n| ") == 5  # heading, rule and three


def test_the_best_is_a_configuration_that_trains(found: Path, tmp_path: Path) -> None:
    best, (first, *_) = load_config(found / "best.yaml"), trials(found)
    for name, value in first["settings"].items():
        assert getattr(best, name) == value
    assert best.seeds == [3, 4]  # trials use the first alone
    again = train(best.model_copy(update={"seeds": [3]}), tmp_path / "best")
    assert again["average"]["macro_f1_five"] == first["macro_f1_five"]


def test_a_killed_search_goes_on_to_the_same_result(
    place: Path, found: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, space = load_config(place / "run.yaml"), load_space(place / "space.yaml")
    real, calls = searching.train, iter(range(10))

    def killed(*args: object) -> object:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(searching, "train", killed)
        with pytest.raises(KeyboardInterrupt):
            search(config, space, Budget(trials=3), tmp_path / "killed")
    search(config, space, Budget(trials=3), tmp_path / "killed")
    assert [v for _, v in sorted(settings(tmp_path / "killed").items())] == [
        v for _, v in sorted(settings(found).items())
    ]


def test_more_trials_go_on_with_the_earlier_ones(
    place: Path, found: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, space = load_config(place / "run.yaml"), load_space(place / "space.yaml")
    monkeypatch.setattr(searching, "train", lambda *a: pytest.fail("trained again"))
    search(config, space, Budget(trials=3), found)
    assert len(trials(found)) == 3


def test_the_minutes_are_kept(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0, 59.0, 61.0, 99.0])
    monkeypatch.setattr(searching, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(searching, "train", lambda *a: {"average": {"macro_f1_five": 0.5}})
    config, space = load_config(place / "run.yaml"), load_space(place / "space.yaml")
    search(config, space, Budget(trials=50, minutes=1), tmp_path)
    assert len(trials(tmp_path)) == 2


def test_a_trial_that_falls_behind_is_broken_off(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = iter([0.5, 0.6, 0.7, 0.8, 0.1])

    def train_one(config: object, folder: object, report: object) -> dict:
        value = next(reached)
        for epoch in (1, 2):
            report({"macro_f1_five": value, "epoch": epoch})
        return {"average": {"macro_f1_five": value}}

    monkeypatch.setattr(searching, "train", train_one)
    config, space = load_config(place / "run.yaml"), load_space(place / "space.yaml")
    search(config, space, Budget(trials=5), tmp_path)
    assert [t["state"] for t in trials(tmp_path)] == ["complete"] * 4 + ["pruned"]
    assert trials(tmp_path)[0]["macro_f1_five"] == 0.8
    assert "broken off" in (tmp_path / "trials.md").read_text()


def test_another_space_in_the_same_folder_is_refused(
    place: Path, found: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = place / "other.yaml"
    other.write_text("dropout: [0.0, 0.3]\n")
    arguments = ["--config", str(place / "run.yaml"), "--space", str(other)]
    assert searching.main([*arguments, "--output", str(found)]) == 2
    assert "another configuration or space" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("speed: [1]", "speed: no such setting"),
        ("dropout: {low: 0.3, high: 0.1}", "low must be below high"),
        ("dropout: {low: 0, high: 0.1, log: true}", "above 0"),
        ("dropout: []", "dropout"),
        ("{}", "no setting"),
        ("a: [", "space.yaml"),
    ],
)
def test_a_bad_space_is_explained(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_space(path)


def test_the_committed_space_is_good() -> None:
    assert "learning_rate" in load_space(DEFAULT_SPACE)
    assert yaml.safe_load(DEFAULT_SPACE.read_text())

"""Several processes learn what one would; trackers write into the run's folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from own import rows, write_config, write_csv, write_encoder, write_labels

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from training import train, workers  # noqa: E402
from training.batches import Batch  # noqa: E402
from training.config import ConfigError, TrainConfig, load_config  # noqa: E402
from training.workers import Workers  # noqa: E402

ROOT = Path(__file__).parents[2]


def batch(size: int) -> Batch:
    ids = torch.arange(size * 2).reshape(size, 2)
    return Batch(ids, torch.ones_like(ids), torch.ones(size, 3), torch.arange(size))


def among(rank: int, count: int, folder: Path) -> Workers:
    found = Workers(TrainConfig(), folder)
    found.rank, found.count = rank, count
    return found


@pytest.mark.parametrize("size", [1, 2, 7, 8])
def test_a_batch_is_shared_out_whole_and_weighs_as_the_whole(size: int, tmp_path: Path) -> None:
    parts = [among(rank, 3, tmp_path).share(batch(size)) for rank in range(3)]
    kept = [row for part, weight in parts if weight for row in part.rows.tolist()]
    assert sorted(kept) == list(range(size))
    losses = torch.arange(size).double() ** 2
    mean = sum(weight * losses[part.rows].mean() for part, weight in parts) / 3
    assert mean == pytest.approx(losses.mean().item())
    assert all(len(part.rows) for part, _ in parts)  # nobody is left out of the gradients


def test_alone_a_batch_stays_as_it_is(tmp_path: Path) -> None:
    whole = batch(5)
    part, weight = Workers(TrainConfig(), tmp_path).share(whole)
    assert part is whole
    assert weight == 1


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workers")
    write_csv(folder / "mine.csv", rows(100))
    write_labels(folder)
    write_encoder(folder / "encoder", num_hidden_layers=1)
    write_config(
        folder / "run.yaml", base=str(folder / "encoder"), data=[str(folder / "mine.csv")],
        labels=str(folder / "labels.toml"), epochs=2, dropout=0.0,
    )  # fmt: skip
    return folder


def log(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_two_processes_learn_what_one_does(place: Path) -> None:
    assert train.main(["--config", str(place / "run.yaml"), "--output", str(place / "one")]) == 0
    launch = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2"]
    launch += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    launch += ["--main_process_port", "0", "-m", "training.train"]
    launch += ["--config", str(place / "run.yaml"), "--output", str(place / "two")]
    done = subprocess.run(
        [sys.executable, *launch],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count('"average"') == 1  # the main process alone prints
    for one, two in zip(log(place / "one"), log(place / "two"), strict=True):
        assert two["loss"] == pytest.approx(one["loss"], abs=2e-3)
    weights = [
        transformers.AutoModelForSequenceClassification.from_pretrained(place / name / "model")
        for name in ("one", "two")
    ]
    for one, two in zip(*(network.parameters() for network in weights), strict=True):
        torch.testing.assert_close(one, two, atol=5e-3, rtol=0)


def test_tensorboard_gets_every_epoch(place: Path, tmp_path: Path) -> None:
    config = load_config(place / "run.yaml").model_copy(update={"track": ["tensorboard"]})
    train.train(config, tmp_path / "run")
    events = list((tmp_path / "run" / "tracking").rglob("events.out.tfevents.*"))
    assert events
    written = b"".join(path.read_bytes() for path in events)
    assert b"seed-1/loss" in written
    assert b"seed-1/macro_f1_five" in written


def test_a_missing_tracker_is_named_before_anything_is_trained(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(workers.TRACKERS, "mlflow", ("no_such_package",))
    config = load_config(place / "run.yaml").model_copy(update={"track": ["mlflow"]})
    with pytest.raises(ConfigError, match=r"pip install 'dunlens\[mlflow\]'"):
        train.train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()

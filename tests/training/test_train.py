"""A small but real training run, end to end: what it leaves, and that it can be repeated."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import yaml
from tiny import CONFIG, SPLITS, use_toy_rows

from data.labels import LABELS
from training.config import load_config

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from model.network import DunLensForSequenceClassification  # noqa: E402
from training import train as training  # noqa: E402
from training.batches import epoch_batches  # noqa: E402

ONE_SEED = CONFIG.model_copy(update={"seeds": [1]})


@pytest.fixture
def toy_splits(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    use_toy_rows(monkeypatch, "training.train")


def log(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def untimed(folder: Path) -> list[dict]:
    """Return the log without how long things took."""
    return [{k: v for k, v in entry.items() if k != "seconds"} for entry in log(folder)]


def scores(folder: Path) -> dict:
    found: dict = json.loads((folder / "dev_scores.json").read_text())
    return found


def weights(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = DunLensForSequenceClassification.from_pretrained(
        folder
    ).state_dict()
    return found


def assert_same_weights(left: Path, right: Path) -> None:
    one, other = weights(left), weights(right)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_loss_falls_with_every_seed(tiny_run: Path) -> None:
    for seed in CONFIG.seeds:
        losses = [entry["loss"] for entry in log(tiny_run) if entry["seed"] == seed]
        assert len(losses) == CONFIG.epochs
        assert losses[-1] < 0.6 * losses[0]


def test_it_learns_the_toy_problem(tiny_run: Path) -> None:
    # five classes of equal size: answering one of them always gives a macro-F1 of 0.07
    assert scores(tiny_run)["average"]["macro_f1_five"] > 0.8


def test_every_seed_and_their_average_are_scored(tiny_run: Path) -> None:
    assert list(scores(tiny_run)) == ["seed 1", "seed 2", "average"]
    for found in scores(tiny_run).values():
        assert set(found) == {"macro_f1_five", "accuracy"}
        assert all(0 <= value <= 1 for value in found.values())


def test_the_best_epoch_is_the_one_kept(tiny_run: Path) -> None:
    for seed in CONFIG.seeds:
        found = [entry["macro_f1_five"] for entry in log(tiny_run) if entry["seed"] == seed]
        assert scores(tiny_run)[f"seed {seed}"]["macro_f1_five"] == max(found)


def test_everything_to_repeat_the_run_is_saved_beside_it(tiny_run: Path) -> None:
    assert load_config(tiny_run / "config.yaml") == CONFIG
    environment = json.loads((tiny_run / "environment.json").read_text())
    assert environment["packages"]["torch"] == torch.__version__
    assert environment["train"]["rows"] == CONFIG.limit
    assert environment["dev"]["rows"] == SPLITS["dev"]
    assert len(environment["train"]["sha256"]) == 64


def test_nothing_that_only_a_resume_needs_is_left(tiny_run: Path) -> None:
    assert not list(tiny_run.rglob("*.pt"))
    assert not list(tiny_run.rglob("*.tmp"))


def test_the_model_is_the_mean_of_the_seeds_weights(tiny_run: Path) -> None:
    found = weights(tiny_run / "model")
    parts = [weights(tiny_run / f"seed-{seed}" / "best") for seed in CONFIG.seeds]
    assert not torch.equal(*(part["classifier.weight"] for part in parts))
    for name, value in found.items():
        torch.testing.assert_close(value, torch.stack([part[name] for part in parts]).mean(0))


def test_the_model_folder_is_a_standard_one_with_named_labels(tiny_run: Path) -> None:
    folder = tiny_run / "model"
    config = json.loads((folder / "config.json").read_text())
    assert [config["id2label"][str(index)] for index in range(4)] == list(LABELS)
    assert config["problem_type"] == "multi_label_classification"
    assert (folder / "model.safetensors").is_file()
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    assert tokenizer["truncation"] is None  # or long texts would be cut silently in serving
    assert tokenizer["padding"] is None


def test_the_same_seed_gives_the_same_run_to_the_last_digit(
    tiny_run: Path, tmp_path: Path, toy_splits: None
) -> None:
    training.train(ONE_SEED, tmp_path / "again")
    assert scores(tmp_path / "again")["seed 1"] == scores(tiny_run)["seed 1"]
    assert untimed(tmp_path / "again") == [e for e in untimed(tiny_run) if e["seed"] == 1]
    assert_same_weights(tmp_path / "again" / "seed-1" / "best", tiny_run / "seed-1" / "best")
    # the average of one seed is that seed
    assert_same_weights(tmp_path / "again" / "model", tiny_run / "seed-1" / "best")


class Killed(BaseException):
    """Stands for a kill: nothing in the training code may catch it."""


def killed_in(epoch: int, batch: int) -> object:
    """Return an `epoch_batches` that is killed at a batch of its n-th call (both from 0)."""
    epochs = iter(range(100))

    def batches(*args: object) -> Iterator[object]:
        now = next(epochs)
        for index, item in enumerate(epoch_batches(*args)):
            if (now, index) == (epoch, batch):
                raise Killed
            yield item

    return batches


def test_a_run_killed_again_and_again_goes_on_to_the_same_result(
    tiny_run: Path, tmp_path: Path, toy_splits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "killed"
    # in the first epoch; in the second; after redoing that, in the first of the second seed
    for finished, (epoch, batch) in enumerate([(0, 2), (1, 3), (1, 1)]):
        with monkeypatch.context() as patch:
            patch.setattr(training, "epoch_batches", killed_in(epoch, batch))
            with pytest.raises(Killed):
                training.train(CONFIG, folder)
        done = log(folder) if (folder / "log.jsonl").exists() else []
        assert len(done) == finished
        assert not (folder / "model").exists()
    assert training.train(CONFIG, folder) == scores(tiny_run)
    assert untimed(folder) == untimed(tiny_run)
    for part in ("seed-1/best", "seed-2/best", "model"):
        assert_same_weights(folder / part, tiny_run / part)


def test_a_finished_run_is_not_trained_again(
    tiny_run: Path, tmp_path: Path, toy_splits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(tiny_run, tmp_path / "finished"))
    monkeypatch.setattr(training, "train_seed", lambda *a: pytest.fail("trained again"))
    assert training.train(CONFIG, folder) == scores(tiny_run)
    assert_same_weights(folder / "model", tiny_run / "model")


def test_another_configuration_in_the_same_folder_is_refused(
    tiny_run: Path, toy_splits: None
) -> None:
    before = (tiny_run / "config.yaml").read_text()
    with pytest.raises(FileExistsError, match="another configuration"):
        training.train(CONFIG.model_copy(update={"learning_rate": 2e-3}), tiny_run)
    assert (tiny_run / "config.yaml").read_text() == before


def test_it_stops_when_the_development_rows_gain_nothing(
    tmp_path: Path, toy_splits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = iter([0.3, 0.5, 0.4, 0.5, 0.9, 0.9])
    monkeypatch.setattr(
        training, "score", lambda *a: {"macro_f1_five": next(results), "accuracy": 0.0}
    )
    monkeypatch.setattr(training, "train_epoch", lambda *a: 0.1)
    config = ONE_SEED.model_copy(update={"epochs": 9, "patience": 2})
    training.train(config, tmp_path / "early")
    assert [entry["epoch"] for entry in log(tmp_path / "early")] == [1, 2, 3, 4]


def test_extra_rows_are_trained_on(tmp_path: Path, toy_splits: None) -> None:
    row = {
        "text": "请按时还款", "label": "lawful_reminder", "also": [], "form": "message",
        "recipient": "debtor", "channel": "sms", "scenario": "reminder", "hard": False,
    }  # fmt: skip
    path = tmp_path / "extra.jsonl"
    path.write_text(json.dumps(row) + "\n")
    config = CONFIG.model_copy(update={"limit": None})
    plain = training.training_rows(config)
    rows = training.training_rows(config.model_copy(update={"extra": [path]}))
    assert len(rows) == len(plain) + 1
    assert rows[-1].text == row["text"]


def test_lower_layers_learn_slower_and_vectors_do_not_decay(cache: Path) -> None:
    config = CONFIG.model_copy(update={"layer_decay": 0.5})
    state = training.start_state(config, 200)
    found = {
        name: (group["initial_lr"], group["weight_decay"])
        for (name, _), group in zip(
            state.network.named_parameters(), state.optimizer.param_groups, strict=True
        )
    }
    rate = config.learning_rate
    assert found["classifier.weight"] == (config.head_learning_rate, config.weight_decay)
    assert found["classifier.bias"] == (config.head_learning_rate, 0.0)
    layer = "bert.encoder.layer.{}.output.dense.weight"
    assert found[layer.format(1)] == pytest.approx((rate, config.weight_decay))
    assert found[layer.format(0)] == pytest.approx((rate / 2, config.weight_decay))
    assert found["bert.embeddings.word_embeddings.weight"][0] == pytest.approx(rate / 4)


def test_the_rate_rises_then_falls_to_nothing(cache: Path) -> None:
    config = CONFIG.model_copy(update={"warmup": 0.2})
    state = training.start_state(config, 10 * config.batch_size)  # 20 steps in 2 epochs
    rates = []
    for _ in range(20):
        rates.append(state.scheduler.get_last_lr()[-1] / config.head_learning_rate)
        state.optimizer.step()
        state.scheduler.step()
    assert np.argmax(rates) in (3, 4)
    assert max(rates) == pytest.approx(1)
    assert 0 < rates[0] <= 0.25
    assert rates[-1] < 0.1
    assert state.scheduler.get_last_lr()[-1] == 0


def test_a_bad_configuration_ends_the_command_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(yaml.safe_dump({"epochs": -1, "speed": 9}))
    assert training.main(["--config", str(path), "--output", str(tmp_path / "run")]) == 2
    message = capsys.readouterr().err
    assert "epochs" in message
    assert "speed" in message
    assert not (tmp_path / "run").exists()


def test_bad_rows_end_the_command_with_2(
    tmp_path: Path, toy_splits: None, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": ""}\n')
    path = tmp_path / "run.yaml"
    path.write_text(yaml.safe_dump({"extra": [str(tmp_path / "bad.jsonl")]}))
    assert training.main(["--config", str(path), "--output", str(tmp_path / "run")]) == 2
    assert "bad.jsonl:1: label" in capsys.readouterr().err


def test_rows_given_with_extra_are_read_too(
    tmp_path: Path, toy_splits: None, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "more.jsonl").write_text('{"text": ""}\n')
    (tmp_path / "tiny.yaml").write_text("layers: [0, 1]\n")
    extra = ["--config", str(tmp_path / "tiny.yaml"), "--extra", str(tmp_path / "more.jsonl")]
    assert training.main([*extra, "--output", str(tmp_path / "run")]) == 2
    assert "more.jsonl:1: label" in capsys.readouterr().err

"""A run's folder: it survives a kill, refuses what does not fit, tells how to repeat it."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tiny import CONFIG, corpus_rows

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from model.network import DunLensConfig, DunLensForSequenceClassification  # noqa: E402
from training import runs  # noqa: E402
from training.runs import RunFolder, describe_environment, digest  # noqa: E402


def tiny_network() -> DunLensForSequenceClassification:
    config = DunLensConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=8, max_position_embeddings=16, num_labels=4,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    return DunLensForSequenceClassification(config)


@dataclass
class State:
    """The fields of a training state that a checkpoint keeps."""

    network: torch.nn.Module = field(default_factory=tiny_network)
    average: torch.nn.Module = field(default_factory=tiny_network)
    step: int = 0
    epoch: int = 0
    best: float = -1.0
    since_best: int = 0

    def __post_init__(self) -> None:
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=0.1)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda s: 1 / (1 + s))
        self.scaler = torch.amp.GradScaler("cpu", enabled=False)

    def advance(self) -> None:
        self.network(torch.tensor([[3, 4]]), labels=torch.ones(1, 4)).loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        self.optimizer.zero_grad()
        self.step += 1
        self.epoch += 1
        self.best += 0.25
        self.since_best += 2


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "deep" / "run")


def test_a_checkpoint_puts_everything_back(run: RunFolder) -> None:
    before, after = State(), State()
    before.advance()
    run.save_checkpoint(1, before)
    run.resume(1, after)
    assert (after.step, after.epoch, after.best, after.since_best) == (1, 1, -0.75, 2)
    for state in (before, after):
        state.advance()  # the optimizer's moments and the schedule matter for the next step
    assert before.scheduler.get_last_lr() == after.scheduler.get_last_lr()
    for name in ("network", "average"):
        one, other = getattr(before, name).state_dict(), getattr(after, name).state_dict()
        assert all(torch.equal(one[key], other[key]) for key in one)


def test_without_a_checkpoint_it_begins_anew(run: RunFolder) -> None:
    run.save_best(1, tiny_network())  # left by a kill before the first checkpoint
    state = State()
    run.resume(1, state)
    assert (state.step, state.epoch) == (0, 0)
    with pytest.raises(OSError, match="best"):
        run.load_best(1)


def test_a_kill_while_writing_leaves_the_earlier_checkpoint(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State()
    state.advance()
    run.save_checkpoint(1, state)

    def break_off(values: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    state.advance()
    with monkeypatch.context() as patch:
        patch.setattr(runs.torch, "save", break_off)
        with pytest.raises(KeyboardInterrupt):
            run.save_checkpoint(1, state)
    resumed = State()
    run.resume(1, resumed)
    assert resumed.step == 1


class Harmful:
    """What a doctored checkpoint might hold."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("code was run",)


def test_a_checkpoint_never_runs_code(run: RunFolder, capsys: pytest.CaptureFixture[str]) -> None:
    run.save_checkpoint(1, State())
    (path,) = run.folder.rglob("checkpoint.pt")
    torch.save({"step": Harmful()}, path)
    with pytest.raises(Exception, match=r"weights_only|Weights only"):
        run.resume(1, State())
    assert "code was run" not in capsys.readouterr().out


def test_the_best_weights_come_back(run: RunFolder) -> None:
    network = tiny_network()
    run.save_best(2, network)
    found = run.load_best(2).state_dict()
    assert all(torch.equal(found[name], value) for name, value in network.state_dict().items())


def test_a_finished_seed_keeps_its_weights_only(run: RunFolder) -> None:
    assert not run.is_finished(1)
    run.save_best(1, tiny_network())
    run.save_checkpoint(1, State())
    run.finish(1)
    assert run.is_finished(1)
    assert not run.is_finished(2)
    assert not list(run.folder.rglob("checkpoint*"))
    run.load_best(1)


def test_the_same_configuration_may_start_again_another_not(run: RunFolder) -> None:
    rows = {"rows": 1, "sha256": "a"}
    begun = {"commit": "first", "train": rows, "dev": rows}
    run.start(CONFIG, begun)
    run.start(CONFIG, {**begun, "commit": "second"})
    record = json.loads((run.folder / "environment.json").read_text())
    assert record["commit"] == "first"  # what the run was begun with
    with pytest.raises(FileExistsError, match="another configuration"):
        run.start(CONFIG.model_copy(update={"seeds": [1]}), begun)
    with pytest.raises(FileExistsError, match="other rows"):
        run.start(CONFIG, {**begun, "train": {"rows": 2, "sha256": "b"}})


def test_log_lines_are_added(run: RunFolder) -> None:
    run.start(CONFIG, {})
    for epoch in (1, 2):
        run.log({"epoch": epoch})
    lines = (run.folder / "log.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"epoch": 1}, {"epoch": 2}]


def test_the_digest_sees_text_labels_and_order() -> None:
    rows = corpus_rows(5, seed=0)
    changes = [
        rows[::-1],
        rows[:-1],
        [rows[0].model_copy(update={"text": rows[0].text + "。"}), *rows[1:]],
        [rows[0].model_copy(update={"label": "harassment"}), *rows[1:]],
        [rows[1].model_copy(update={"also": ["privacy_disclosure"]}), *rows[1:]],
    ]
    digests = {digest(rows), *(digest(changed) for changed in changes)}
    assert len(digests) == 1 + len(changes)
    assert digest(corpus_rows(5, seed=0)) == digest(rows)


def test_the_environment_is_described_without_git_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_git(*args: object, **kwargs: object) -> None:
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", no_git)
    found = describe_environment(corpus_rows(5, 0), corpus_rows(3, 1))
    assert found["commit"] is None
    assert (found["train"]["rows"], found["dev"]["rows"]) == (5, 3)
    assert set(found["packages"]) >= {"torch", "transformers", "tokenizers", "numpy"}
    assert json.loads(json.dumps(found)) == found

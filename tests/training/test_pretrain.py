"""Pre-training on the texts of the domain: what it learns, what it leaves, who may use it."""

import json
from pathlib import Path

import pytest
from tiny import use_toy_rows
from toy import toy_rows

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from model.any_encoder import new_network  # noqa: E402
from model.encoder import resolve_base  # noqa: E402
from training.config import ConfigError, TrainConfig, changed  # noqa: E402
from training.pretrain import SETTINGS, main, pretrain  # noqa: E402

TEXTS = [text for text, _ in toy_rows(96, 5)]


def settings(base: str, epochs: int) -> TrainConfig:
    return changed(SETTINGS, {"base": base, "epochs": epochs, "learning_rate": 1e-3})


@pytest.fixture(scope="module")
def base() -> str:
    return resolve_base("e5-small", [0, 1])


def test_it_learns_to_fill_in_and_leaves_a_base(base: str, tmp_path: Path) -> None:
    losses = pretrain(settings(base, 4), TEXTS, tmp_path / "base")
    # guessing among the vocabulary's 26,000 pieces costs 10
    assert losses[-1] < losses[0] - 1
    network = new_network(str(tmp_path / "base"), ["a", "b"], 0.1)
    before = new_network(base, ["a", "b"], 0.1)
    assert network.config.num_hidden_layers == 2
    # nothing of how these texts were cut and padded is left for whoever reads others
    saved = json.loads((tmp_path / "base" / "tokenizer.json").read_text(encoding="utf-8"))
    assert saved["truncation"] is None
    assert saved["padding"] is None
    # every weight that the classifier will take over was read back, and has learnt
    for one, other in zip(network.bert.parameters(), before.bert.parameters(), strict=True):
        assert one.shape == other.shape
    learnt = [
        (one - other).norm() / other.norm()
        for one, other in zip(
            network.bert.encoder.parameters(), before.bert.encoder.parameters(), strict=True
        )
    ]
    assert 0 < min(learnt) < max(learnt) < 1


def test_the_same_seed_gives_the_same_weights(base: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        pretrain(settings(base, 1), TEXTS[:32], tmp_path / name)
    one, two = (new_network(str(tmp_path / name), ["a"], 0.1).bert for name in ("one", "two"))
    assert all(map(torch.equal, one.parameters(), two.parameters()))


def test_an_encoder_without_berts_head_is_refused(tmp_path: Path) -> None:
    config = transformers.DistilBertConfig(vocab_size=30, dim=8, n_heads=1, n_layers=1)
    transformers.DistilBertForMaskedLM(config).save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes(
        (Path(resolve_base("e5-small", [0, 1])) / "tokenizer.json").read_bytes()
    )
    with pytest.raises(ConfigError, match="no masked-language head like BERT's"):
        pretrain(settings(str(tmp_path), 1), TEXTS[:8], tmp_path / "base")


def test_the_command(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_toy_rows(monkeypatch, "training.pretrain")
    (tmp_path / "more.jsonl").write_text(json.dumps({"text": "这条没有标签"}) + "\n", "utf-8")
    given = ["--base", base, "--unlabelled", str(tmp_path / "more.jsonl"), "--output"]
    assert main([*given, str(tmp_path / "base"), "--limit", "40"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["texts"] == 40
    assert len(said["loss"]) == 1
    assert (tmp_path / "base" / "model.safetensors").exists()
    assert main(["--base", str(tmp_path / "none"), "--output", str(tmp_path / "no")]) == 2
    assert "none" in capsys.readouterr().err
    for wrong in (["--layers", "20"], ["--epochs", "0"], ["--limit", "0"]):
        assert main([*wrong, "--output", str(tmp_path / "no")]) == 2
        assert wrong[0].removeprefix("--") in capsys.readouterr().err

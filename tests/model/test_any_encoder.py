"""Encoders other than BERT under the same head: every kind that people fine-tune for Chinese."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from model.any_encoder import (  # noqa: E402
    EncoderForSequenceClassification,
    encoder_of,
    keep_layers,
    layers_of,
    load_network,
    most_tokens,
    new_network,
)
from model.network import DunLensForSequenceClassification  # noqa: E402

LABELS = ["a", "b", "c"]
SIZES = {
    "vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 64, "max_position_embeddings": 66, "initializer_range": 0.5,
}  # fmt: skip
DISTIL = {"vocab_size": 60, "dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
KINDS = {
    "bert": (SIZES, 66, "bert.encoder.layer"),  # and MacBERT, Chinese RoBERTa-wwm
    "roberta": (SIZES, 64, "encoder.encoder.layer"),
    "xlm-roberta": (SIZES, 64, "encoder.encoder.layer"),
    "ernie": (SIZES, 66, "encoder.encoder.layer"),
    "electra": (SIZES | {"embedding_size": 16}, 66, "encoder.encoder.layer"),
    "distilbert": (DISTIL | {"max_position_embeddings": 66}, 66, "encoder.transformer.layer"),
    "deberta-v2": (SIZES, 66, "encoder.encoder.layer"),
    "modernbert": (SIZES | {"pad_token_id": 1}, 66, "encoder.layers"),
}
IDS, MASK = (
    torch.tensor([[0, 5, 6, 7, 2], [0, 9, 2, 1, 1]]),
    torch.tensor([[1] * 5, [1, 1, 1, 0, 0]]),
)


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def base(kind: str, tmp_path: Path) -> Path:
    """Return the folder of a tiny encoder of random weights."""
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(kind, **KINDS[kind][0])
    transformers.AutoModel.from_config(config).save_pretrained(tmp_path / "base")
    return tmp_path / "base"


def logits(network: torch.nn.Module, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = network(ids, mask).logits
    return found


def test_it_takes_the_weights_and_keeps_them(kind: str, base: Path, tmp_path: Path) -> None:
    network = new_network(str(base), LABELS, 0.3).eval()
    wanted = (
        DunLensForSequenceClassification if kind == "bert" else EncoderForSequenceClassification
    )
    assert type(network) is wanted
    given = transformers.AutoModel.from_pretrained(base).state_dict()
    found = encoder_of(network).state_dict()
    assert all(torch.equal(value, given[name]) for name, value in found.items())
    assert {name for name in given if "pooler" not in name} == set(found)
    network.save_pretrained(tmp_path / "saved")
    loaded = load_network(tmp_path / "saved").eval()
    assert list(loaded.config.id2label.values()) == LABELS
    torch.testing.assert_close(logits(loaded, IDS, MASK), logits(network, IDS, MASK))
    torch.manual_seed(1)
    network.train()
    assert not torch.equal(logits(network, IDS, MASK), logits(network, IDS, MASK))  # dropout


def test_padding_and_neighbours_change_nothing(base: Path) -> None:
    network = new_network(str(base), LABELS, 0.1).eval()
    together = logits(network, IDS, MASK)
    alone = [logits(network, IDS[:1], MASK[:1]), logits(network, IDS[1:, :3], MASK[1:, :3])]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=1e-4)


def test_it_knows_its_layers_and_how_far_it_reads(kind: str, base: Path) -> None:
    network = new_network(str(base), LABELS, 0.1)
    _, longest, name = KINDS[kind]
    assert most_tokens(network) == longest
    assert (layers_of(network)[0], len(layers_of(network)[1])) == (name, 2)
    full = torch.randint(3, 60, (1, longest))
    assert logits(network.eval(), full, torch.ones_like(full)).shape == (1, 3)


def test_layers_can_be_left_out(base: Path, tmp_path: Path) -> None:
    network = new_network(str(base), LABELS, 0.0)
    last = layers_of(network)[1][1]
    keep_layers(network, [1])
    assert list(layers_of(network)[1]) == [last]
    network.save_pretrained(tmp_path / "cut")
    loaded = load_network(tmp_path / "cut")
    assert len(layers_of(loaded)[1]) == 1
    torch.testing.assert_close(logits(loaded.eval(), IDS, MASK), logits(network.eval(), IDS, MASK))


def test_an_encoder_that_shares_its_layers_has_no_list_of_them(tmp_path: Path) -> None:
    sizes = SIZES | {"embedding_size": 16}
    config = transformers.AutoConfig.for_model("albert", **sizes)
    transformers.AutoModel.from_config(config).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="no list of 2 layers"):
        layers_of(new_network(str(tmp_path), LABELS, 0.1))

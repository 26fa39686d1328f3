"""The frozen encoder's embeddings, with a tiny BERT in place of the base encoder."""

from pathlib import Path

import numpy as np
import pytest

from training import embedding

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TEXTS = ["还钱", "你好你好你好你好", "今天还钱", "好"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    folder = tmp_path_factory.mktemp("base")
    vocabulary = {token: i for i, token in enumerate(["<pad>", "<unk>", *"今天还钱你好"])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>"
    )
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, pad_token_id=0,
    )  # fmt: skip
    transformers.BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def test_embeddings_are_means_over_real_tokens_whatever_the_batch(
    base: Path, tmp_path: Path
) -> None:
    together = embedding.load_embed(str(base), tmp_path / "a")(TEXTS)
    alone = embedding.load_embed(str(base), tmp_path / "b")
    assert together.shape == (4, 8)
    for text, vector in zip(TEXTS, together, strict=True):
        assert alone([text])[0] == pytest.approx(vector, abs=1e-5)
    encoder = transformers.BertModel.from_pretrained(base, add_pooling_layer=False).eval()
    with torch.inference_mode():
        states = encoder(input_ids=torch.tensor([[4, 5]])).last_hidden_state[0]
    assert together[0] == pytest.approx(states.mean(0).numpy(), abs=1e-5)


def test_known_texts_need_no_encoder(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = embedding.load_embed(str(base), tmp_path)([*TEXTS, TEXTS[0]])
    monkeypatch.setattr(embedding, "_load", lambda folder: pytest.fail("loaded again"))
    again = embedding.load_embed(str(base), tmp_path)(TEXTS)
    assert (again == first[:4]).all()
    assert (first[4] == first[0]).all()


def test_new_weights_make_the_cache_useless(base: Path, tmp_path: Path) -> None:
    embedding.load_embed(str(base), tmp_path)(TEXTS)
    weights = base / "model.safetensors"
    weights.touch()
    embedding.load_embed(str(base), tmp_path)(TEXTS)
    assert len(list(tmp_path.glob("embeddings-*.npz"))) == 2
    with np.load(next(tmp_path.glob("*.npz"))) as stored:
        assert set(stored) == {"digests", "vectors"}

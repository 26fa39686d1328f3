"""The base encoder: its folder on disk, and that its embeddings are those of e5-small."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from model import encoder
from model.e5_file import E5File
from model.encoder import kept_rows, resolve_base, write_base

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

# Mean-pooled embeddings of five texts, a few coordinates each. Rewrite the file with
# `python tests/model/test_encoder.py` where the vocabulary has changed on purpose.
FINGERPRINT = Path(__file__).parent / "fingerprint.json"
TOLERANCE = 1e-3


def embed(folder: Path, texts: list[str]) -> np.ndarray:
    """Return mean-pooled last hidden states [n, hidden], with plain transformers."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    network = transformers.AutoModel.from_pretrained(folder).eval()
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = network(**batch).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1)
    return ((states * mask).sum(1) / mask.sum(1)).numpy()


@pytest.fixture(scope="module")
def fingerprint() -> dict:
    return json.loads(FINGERPRINT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def embeddings(base_folder: Path, fingerprint: dict) -> np.ndarray:
    return embed(base_folder, fingerprint["texts"])


def test_embeddings_have_the_committed_fingerprint(
    embeddings: np.ndarray, fingerprint: dict
) -> None:
    found = embeddings[:, fingerprint["coordinates"]]
    np.testing.assert_allclose(found, fingerprint["values"], atol=TOLERANCE)
    np.testing.assert_allclose(
        np.linalg.norm(embeddings, axis=1), fingerprint["norms"], atol=TOLERANCE * 10
    )


def test_similarity_orders_texts_as_a_reader_would(embeddings: np.ndarray) -> None:
    reminder, reminder_again, threat, threat_again, weather = (
        row / np.linalg.norm(row) for row in embeddings
    )
    assert reminder @ reminder_again > reminder @ threat > reminder @ weather
    assert threat @ threat_again > threat @ weather


def test_plain_transformers_finds_every_weight(base_folder: Path) -> None:
    _, info = transformers.AutoModel.from_pretrained(base_folder, output_loading_info=True)
    assert set(info["missing_keys"]) <= {"pooler.dense.weight", "pooler.dense.bias"}
    assert not info["unexpected_keys"]
    assert not info["mismatched_keys"]


def test_plain_transformers_knows_the_special_tokens(base_folder: Path) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(base_folder)
    assert (tokenizer.cls_token_id, tokenizer.pad_token_id, tokenizer.sep_token_id) == (0, 1, 2)
    assert tokenizer.mask_token_id == len(tokenizer) - 1
    assert set(tokenizer("还款")) == {"input_ids", "attention_mask"}
    assert tokenizer.model_max_length == 512


def test_embedding_rows_are_cut_in_step_with_the_vocabulary(base_folder: Path, e5: E5File) -> None:
    network = transformers.AutoModel.from_pretrained(base_folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(base_folder)
    words = e5.tensor("emb.word").reshape(-1, e5.config.hidden)
    table = network.embeddings.word_embeddings.weight.detach().numpy()
    assert len(table) == len(kept_rows(e5)) == len(tokenizer)
    for piece in ("<s>", "<mask>", "款", "1", "\u2581"):
        assert table[tokenizer.convert_tokens_to_ids(piece)] == pytest.approx(
            words[e5.pieces.index(piece)]
        )


def test_chosen_layers_are_kept_in_their_order(tmp_path: Path, e5: E5File) -> None:
    write_base(tmp_path / "base", layers=[11, 4])
    network = transformers.AutoModel.from_pretrained(tmp_path / "base")
    assert network.config.num_hidden_layers == 2
    for target, source in enumerate([11, 4]):
        bias = network.encoder.layer[target].intermediate.dense.bias.detach().numpy()
        np.testing.assert_array_equal(bias, e5.tensor(f"l{source}.fi.b"))


def test_hub_names_and_local_folders_are_passed_on(tmp_path: Path) -> None:
    for base in ("hfl/chinese-macbert-base", "hfl/rbt3", str(tmp_path), "./runs/mine"):
        assert resolve_base(base) == base


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "deep" / "cache"
    monkeypatch.setenv("DUNLENS_CACHE", str(folder))
    return folder


def write_quickly(folder: Path, layers: object = None) -> None:
    """Stand in for `write_base`, which takes seconds."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"layers": layers}))


def test_the_base_is_written_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "write_base", write_quickly)
    first = resolve_base("e5-small")
    assert [path.name for path in cache.iterdir()] == [Path(first).name]
    stamp = os.stat(first).st_mtime_ns
    monkeypatch.setattr(encoder, "write_base", lambda *a, **k: pytest.fail("written twice"))
    assert resolve_base("e5-small") == first
    assert os.stat(first).st_mtime_ns == stamp


def test_other_layers_are_another_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "write_base", write_quickly)
    folders = {resolve_base("e5-small", layers) for layers in (None, [0, 1], [0, 2])}
    assert len(folders) == 3


def test_a_write_that_breaks_off_leaves_nothing_behind(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(folder: Path, layers: object = None) -> None:
        write_quickly(folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(encoder, "write_base", break_off)
    with pytest.raises(KeyboardInterrupt):
        resolve_base("e5-small")
    assert list(cache.iterdir()) == []
    monkeypatch.setattr(encoder, "write_base", write_quickly)
    assert Path(resolve_base("e5-small"), "config.json").is_file()


def test_the_first_of_two_processes_wins(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "write_base", write_quickly)
    place = Path(resolve_base("e5-small"))
    shutil.rmtree(place)

    def be_overtaken(folder: Path, layers: object = None) -> None:
        write_quickly(folder)
        write_quickly(place, "theirs")

    monkeypatch.setattr(encoder, "write_base", be_overtaken)
    assert resolve_base("e5-small") == str(place)
    assert json.loads((place / "config.json").read_text()) == {"layers": "theirs"}
    assert [path.name for path in cache.iterdir()] == [place.name]


def write_fingerprint() -> None:
    """Write the fingerprint of the base encoder as it is now."""
    texts = [
        "您的借款已逾期三天，请尽快还款。",
        "温馨提示：您的账单已到期，请按时还款，谢谢。",
        "再不还钱就把你的照片发给你所有同事！",
        "今天不还钱，我们就上门找你，等着瞧！",
        "今天天气不错，晚上一起吃饭吧？",
    ]
    coordinates = [0, 17, 64, 101, 200, 255, 311, 383]
    found = embed(Path(resolve_base("e5-small")), texts)
    value = {
        "texts": texts,
        "coordinates": coordinates,
        "values": [[round(float(v), 5) for v in row] for row in found[:, coordinates]],
        "norms": [round(float(v), 5) for v in np.linalg.norm(found, axis=1)],
    }
    FINGERPRINT.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    write_fingerprint()

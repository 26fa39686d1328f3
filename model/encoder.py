"""The base encoder as a standard Hugging Face folder: BERT weights, configuration and tokenizer.

The default base is multilingual-e5-small, cut to Chinese; a Hub name or a local folder is taken
as it is.
Neither torch nor transformers is needed to write the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from model.e5_file import E5File, FloatArray, read_e5_file

E5_SMALL = "e5-small"
SPECIAL_PIECES = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"
WORD_START = "\u2581"
MAX_TOKENS = 512
FORMAT = 3  # part of the cache key: raise it when what is written changes

VOCABULARY_FILE = Path(__file__).parent / "resources" / "vocabulary.txt"

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}


def resolve_base(base: str, layers: Sequence[int] | None = None) -> str:
    """Return what `from_pretrained` takes for `base`.

    `e5-small` is written once to the cache folder and its path returned; any other value (Hub name
    or local folder) is returned unchanged. `layers` keeps those layers of e5-small only (0-based).
    Raises BaseEncoderError where e5-small's data file is missing or broken.
    """
    if base != E5_SMALL:
        return base
    key = hashlib.sha256(VOCABULARY_FILE.read_bytes() + repr((FORMAT, layers)).encode()).hexdigest()
    folder = cache_folder() / f"e5-small-zh-{key[:12]}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            write_base(Path(scratch) / "base", layers=layers)
            try:
                os.replace(Path(scratch) / "base", folder)
            except OSError:
                if not folder.is_dir():  # else another process was first
                    raise
    return str(folder)


def cache_folder() -> Path:
    """Return the folder for derived files: $DUNLENS_CACHE or ~/.cache/dunlens."""
    return Path(os.environ.get("DUNLENS_CACHE") or Path.home() / ".cache" / "dunlens")


def kept_rows(file: E5File) -> list[int]:
    """Return the rows in the committed vocabulary list (see model/resources/README.md)."""
    kept = set(VOCABULARY_FILE.read_text(encoding="utf-8").split("\n"))
    return [
        row
        for row, piece in enumerate(file.pieces)
        if row < len(SPECIAL_PIECES) or piece == MASK or piece in kept
    ]


def build_tokenizer(file: E5File, rows: Sequence[int]) -> Tokenizer:
    """Return a unigram tokenizer over the pieces in `rows`, with their original scores."""
    pieces = [(file.pieces[row], float(file.scores[row])) for row in rows]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=WORD_START)
    tokenizer.decoder = decoders.Metaspace(replacement=WORD_START)
    tokenizer.add_special_tokens([*SPECIAL_PIECES, MASK])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer


def bert_weights(file: E5File, rows: Sequence[int], layers: Sequence[int]) -> dict[str, FloatArray]:
    """Return the weights under the names of transformers' `BertModel`, embeddings cut to `rows`."""
    hidden = file.config.hidden
    words = file.tensor("emb.word").reshape(-1, hidden)
    weights = {
        "embeddings.word_embeddings.weight": words[list(rows)],
        "embeddings.position_embeddings.weight": file.tensor("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": file.tensor("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": file.tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": file.tensor("emb.ln.b"),
    }
    for target, source in enumerate(layers):
        for short, name in _LAYER_NAMES.items():
            bias = file.tensor(f"l{source}.{short}.b")
            weight = file.tensor(f"l{source}.{short}.w")
            prefix = f"encoder.layer.{target}.{name}"
            weights[f"{prefix}.bias"] = bias
            matrix = short not in ("aln", "oln")
            weights[f"{prefix}.weight"] = weight.reshape(len(bias), -1) if matrix else weight
    return weights


def write_base(folder: Path, layers: Sequence[int] | None = None) -> None:
    """Write e5-small, cut to Chinese, as a Hugging Face folder: config, weights, tokenizer."""
    file = read_e5_file()
    layers = list(range(file.config.layers)) if layers is None else list(layers)
    rows = kept_rows(file)
    folder.mkdir(parents=True)
    weights = {
        name: np.ascontiguousarray(w) for name, w in bert_weights(file, rows, layers).items()
    }
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": file.config.hidden,
        "num_hidden_layers": len(layers),
        "num_attention_heads": file.config.heads,
        "intermediate_size": file.config.feed_forward,
        "max_position_embeddings": file.config.positions,
        "type_vocab_size": file.config.token_types,
        "vocab_size": len(rows),
        "layer_norm_eps": file.config.layer_norm_eps,
        "hidden_act": "gelu",
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
    }
    _write_json(folder / "config.json", config)
    build_tokenizer(file, rows).save(str(folder / "tokenizer.json"))
    _write_json(folder / "tokenizer_config.json", tokenizer_config())


def tokenizer_config() -> dict[str, object]:
    """Return what transformers needs beside `tokenizer.json`."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": MASK,
        "model_max_length": MAX_TOKENS,
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
    }


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

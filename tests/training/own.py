"""Rows, labels and encoders of somebody else: small enough for a test, on disk like theirs."""

import csv
import json
from pathlib import Path
from random import Random
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

LABELS = """\
name = "example-jurisdiction"

[[labels]]
name = "fair_contact"
zh = "合规联系"
en = "fair contact"
unlawful = false

[[labels]]
name = "undue_pressure"
zh = "不当施压"
en = "undue pressure"
unlawful = true

[[labels]]
name = "false_claim"
zh = "虚假陈述"
en = "false claim"
unlawful = true

[none]
name = "unrelated"
zh = "无关"
en = "unrelated"

[costs.undue_pressure]
fair_contact = 9

[data]
text = "message"
label = "category"
also = "others"
facets = ["channel"]

[values]
"OK" = "fair_contact"
"""
GRAVITY = 'gravity = ["false_claim", "undue_pressure", "fair_contact"]\n'
WORDS = {
    "OK": ["pay when you can", "call us to agree a plan", "your statement is ready"],
    "undue_pressure": ["we ring all night", "pay or we ring again", "shame on you"],
    "false_claim": ["the bailiff is at your door", "you go to jail today", "court judged you"],
    "unrelated": ["lunch at noon", "the parcel is here", "happy birthday"],
}
FILLER = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "glade",
    "heron",
    "inlet",
    "jolly",
    "knoll",
    "lilac",
    "maple",
    "north",
]


def write_labels(folder: Path) -> Path:
    """Write the label map of three labels and the class of none."""
    path = folder / "labels.toml"
    path.write_text(GRAVITY + LABELS, encoding="utf-8")
    return path


def rows(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Return rows as a user's file has them; no two of them nearly alike."""
    rng = Random(seed)
    found = []
    for index in range(count):
        label = list(WORDS)[index % len(WORDS)]
        others = "undue_pressure" if label == "false_claim" and rng.random() < 0.3 else ""
        words = [rng.choice(WORDS[name]) for name in filter(None, (label, others))]
        text = " ".join([*rng.sample(FILLER, 6), *words, *rng.sample(FILLER, 6)])
        found.append(
            {"message": text, "category": label, "others": others, "channel": rng.choice("ab")}
        )
    return found


def write_csv(path: Path, values: list[dict[str, str]]) -> Path:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(values[0]))
        writer.writeheader()
        writer.writerows(values)
    return path


def write_encoder(folder: Path, kind: str = "bert", **sizes: Any) -> Path:
    """Write a tiny encoder of random weights as the hubs have it, with a word-piece tokenizer."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = sorted({w for texts in WORDS.values() for text in texts for w in text.split()})
    pieces = [*special, *dict.fromkeys([*words, *FILLER, *letters, *(f"##{c}" for c in letters)])]
    tokenizer = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
        sep_token="[SEP]", mask_token="[MASK]",
    ).save_pretrained(folder)  # fmt: skip
    torch.manual_seed(0)
    given = {
        "vocab_size": len(pieces), "hidden_size": 32, "num_hidden_layers": 2,
        "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 66,
        "initializer_range": 0.1, "pad_token_id": 0,
    }  # fmt: skip
    config = transformers.AutoConfig.for_model(kind, **(given | sizes))
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    return folder


def write_config(path: Path, **changes: Any) -> Path:
    """Write a configuration for a run of a few seconds."""
    values = {
        "name": "own", "epochs": 6, "patience": 6, "batch_size": 8, "max_tokens": 64,
        "learning_rate": 5e-3, "head_learning_rate": 1e-1, "dropout": 0.0,
        "layer_decay": 1.0, "ema": 0.5, "threads": 1, "bf16": False,
    }  # fmt: skip
    path.write_text(json.dumps(values | changes), encoding="utf-8")  # JSON is YAML
    return path

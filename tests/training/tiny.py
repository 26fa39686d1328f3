"""A training run small enough for a test: two layers of e5-small, 200 rows of a toy problem."""

import pytest
from toy import toy_rows

from data.corpus import CorpusRow, row_id
from training.config import TrainConfig

CONFIG = TrainConfig(
    name="tiny",
    layers=[0, 1],
    limit=200,
    seeds=[1, 2],
    epochs=2,
    batch_size=8,
    max_tokens=64,
    learning_rate=1e-3,
    head_learning_rate=3e-2,
    layer_decay=1.0,
    ema=0.5,
    obfuscate_share=0.1,
    threads=1,
)
SPLITS = {"train": 240, "dev": 150}


def corpus_rows(count: int, seed: int) -> list[CorpusRow]:
    """Return toy rows in the form of the corpus, every fifth of one class."""
    return [
        CorpusRow(
            text=text, label=truth.label, also=list(truth.also), form="message",
            recipient="debtor", channel="sms", scenario="toy", hard=False, id=row_id(text),
            file="toy",
        )
        for text, truth in toy_rows(count, seed)
    ]  # fmt: skip


def use_toy_rows(patch: pytest.MonkeyPatch, *modules: str) -> None:
    """Let the modules load toy rows in place of the corpus."""
    splits = {name: corpus_rows(n, seed) for seed, (name, n) in enumerate(SPLITS.items())}
    for module in modules:
        patch.setattr(f"{module}.load_split", splits.__getitem__)

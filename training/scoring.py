"""Logits of a network in training, and quick scores of them for early stopping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score
from transformers import PreTrainedTokenizerBase

from data.labels import CLASSES, GRAVITY, LABELS, OUT_OF_SCOPE
from data.rows import Row
from model.network import DunLensForSequenceClassification
from training.batches import collate, encode
from training.config import TrainConfig


@torch.no_grad()
def predict_logits(
    network: DunLensForSequenceClassification,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    config: TrainConfig,
) -> NDArray[np.float32]:
    """Return logits float32 [n, 4] in the order of the texts."""
    network.eval()
    ids = [encode(text, tokenizer, config) for text in texts]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    out = np.zeros((len(ids), len(LABELS)), dtype=np.float32)
    for start in range(0, len(order), config.batch_size):
        part = order[start : start + config.batch_size]
        batch = collate([ids[i] for i in part], [])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bf16):
            logits = network(batch.input_ids, batch.attention_mask).logits
        out[part] = logits.float().numpy()
    return out


def primary_labels(logits: NDArray[np.float32]) -> list[str]:
    """Return the gravest label over 0.5, or `out_of_scope`: the guide's order, uncalibrated."""
    return [
        next((name for name in GRAVITY if row[LABELS.index(name)] > 0), OUT_OF_SCOPE)
        for row in logits
    ]


def quick_scores(logits: NDArray[np.float32], rows: Sequence[Row]) -> dict[str, float]:
    """Return macro-F1 over five classes and accuracy of the primary label."""
    truth, found = [row.label for row in rows], primary_labels(logits)
    f1 = f1_score(truth, found, labels=list(CLASSES), average="macro", zero_division=0)
    return {
        "macro_f1_five": round(float(f1), 4),
        "accuracy": round(float(accuracy_score(truth, found)), 4),
    }

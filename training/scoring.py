"""Logits of a network in training, and quick scores of them for early stopping."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score
from transformers import PreTrainedTokenizerBase

from data.scheme import DEFAULT, Scheme
from model.any_encoder import Network
from training.batches import collate, encode
from training.config import TrainConfig
from training.gravity import gravest
from training.material import Labelled


def half_precision(device: torch.device) -> torch.dtype:
    """Return the 16-bit type of matrix products: bfloat16, or float16 on GPUs without it."""
    if device.type != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.bfloat16
    return torch.float16


def autocast(device: torch.device, config: TrainConfig) -> torch.autocast:
    """Return the context in which the network runs."""
    return torch.autocast(device.type, dtype=half_precision(device), enabled=config.bf16)


@torch.no_grad()
def predict_logits(
    network: Network,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    config: TrainConfig,
) -> NDArray[np.float32]:
    """Return logits float32 [n, labels] in the order of the texts."""
    network.eval()
    ids = [encode(text, tokenizer, config) for text in texts]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    device = network.device
    out = np.zeros((len(ids), network.config.num_labels), dtype=np.float32)
    for start in range(0, len(order), config.batch_size):
        part = order[start : start + config.batch_size]
        batch = collate([ids[i] for i in part], [], tokenizer.pad_token_id)
        with autocast(device, config):
            logits = network(batch.input_ids.to(device), batch.attention_mask.to(device)).logits
        out[part] = logits.float().cpu().numpy()
    return out


def primary_labels(logits: NDArray[np.float32], scheme: Scheme = DEFAULT) -> list[str]:
    """Return the gravest label over 0.5, or none: the scheme's order, uncalibrated."""
    return [scheme.classes[index] for index in gravest(logits > 0, scheme)]


def quick_scores(
    logits: NDArray[np.float32], rows: Sequence[Labelled], scheme: Scheme = DEFAULT
) -> dict[str, float]:
    """Return macro-F1 over all classes and accuracy of the primary label."""
    truth, found = [row.label for row in rows], primary_labels(logits, scheme)
    # a scheme need not have rows without a label; the default's classes all count
    classes = [c for c in scheme.classes if scheme.is_default or c in {*truth, *found}]
    f1 = f1_score(truth, found, labels=classes, average="macro", zero_division=0)
    return {
        "macro_f1_five": round(float(f1), 4),
        "accuracy": round(float(accuracy_score(truth, found)), 4),
    }

"""A smaller student from a fine-tuned teacher: which layers it keeps, and what it is taught.

The student starts from some of the teacher's layers and learns a mixture of the labels and the
teacher's probabilities (Hinton et al. 2015, "Distilling the knowledge in a neural network"). The
teacher reads every text clean; the student reads it as the batch shows it, with hidden tokens and
disguises, so it also learns that a disguise changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from model.any_encoder import Network, keep_layers, layers_of, load_network
from training.config import ConfigError, TrainConfig
from training.material import Lesson
from training.scoring import predict_logits


def student_of(folder: Path, layers: Sequence[int] | None, dropout: float) -> Network:
    """Return the network in a model folder, cut to the layers given (all where None).

    Within an encoder other than BERT, dropout stays as the teacher's was. Raises ConfigError where
    a layer does not exist.
    """
    network = load_network(folder, hidden_dropout_prob=dropout, dtype=torch.float32)
    if layers is not None:
        _, there = layers_of(network)
        if missing := [layer for layer in layers if layer >= len(there)]:
            raise ConfigError(f"layers: {folder} has {len(there)} layers, no layer {missing[0]}")
        keep_layers(network, layers)
    return network


def teacher_probabilities(
    config: TrainConfig, tokenizer: PreTrainedTokenizerBase, rows: Sequence[Lesson]
) -> torch.Tensor | None:
    """Return what the teachers think of each clean text, float32 [n, labels]; None without any.

    The mean over the teachers, whose mistakes differ. Raises ConfigError where one of them reads
    another vocabulary than the first.
    """
    if config.teacher is None:
        return None
    found = []
    for folder in (config.teacher, *config.more_teachers):
        if AutoTokenizer.from_pretrained(folder).get_vocab() != tokenizer.get_vocab():
            raise ConfigError(f"more_teachers: {folder} has another vocabulary than the teacher")
        teacher = load_network(folder, dtype=torch.float32)
        logits = predict_logits(teacher, tokenizer, [row.text for row in rows], config)
        found.append(torch.sigmoid(torch.from_numpy(logits)))
    return torch.stack(found).mean(dim=0)


def mixed_targets(goal: torch.Tensor, soft: torch.Tensor, share: float) -> torch.Tensor:
    """Return targets between the labels and the teacher's probabilities, float32 [n, labels].

    goal: NaN where a row has no label; there the teacher's stand alone. The loss is linear in its
    target, so this mixes two losses.
    """
    return torch.where(goal.isnan(), soft, goal.lerp(soft, share))


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of a teacher's weights, for the run's record."""
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()

"""The ways of reading texts that the benchmark compares; each takes texts and gives labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, pipeline

from data.labels import LABELS
from data.text import normalise
from model.backends import Name, OnnxBackend
from model.classifier import Classifier
from model.network import DunLensForSequenceClassification
from training.torch_backend import TorchBackend, classifier_with

PIPELINE_BATCHES = (1, 8, 16, 32, 64)

Reader = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts in, logits [n, 4] out."""


def pipeline_reader(artifact: Path, batch_size: int) -> Reader:
    """Return `transformers.pipeline` in fp32, with texts in the order given, as people call it."""
    network = DunLensForSequenceClassification.from_pretrained(artifact, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(artifact)
    pipe = pipeline("text-classification", model=network, tokenizer=tokenizer)

    def read(texts: Sequence[str]) -> NDArray[np.float32]:
        answers = pipe(
            [normalise(text).text for text in texts],
            batch_size=batch_size,
            top_k=None,
            function_to_apply="none",
            truncation=True,
            max_length=network.config.max_position_embeddings,
        )
        rows = [{item["label"]: item["score"] for item in answer} for answer in answers]
        return np.array([[row[label] for label in LABELS] for row in rows], dtype=np.float32)

    return read


def torch_reader(artifact: Path) -> Reader:
    """Return PyTorch fp32 with batches of texts of like length."""
    return classifier_with(artifact, TorchBackend(artifact)).logits


def graph_reader(artifact: Path, graph: Path, threads: int) -> Reader:
    """Return our runtime on another graph (fp32), texts unpadded."""
    return classifier_with(artifact, OnnxBackend(graph, threads)).logits


def shipped_reader(artifact: Path, threads: int, backend: Name = "auto") -> Reader:
    """Return the shipped classifier, without its memory for repeats."""
    return Classifier.load(artifact, threads, remember=0, backend=backend).logits

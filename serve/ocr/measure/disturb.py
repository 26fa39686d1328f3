"""What happens to a screenshot on its way: noise, blur, smaller copies, JPEG."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageFilter


def _noise(image: Image.Image, seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    pixels = np.asarray(image, np.float32) + rng.normal(0, 12, (*image.size[::-1], 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _blur(image: Image.Image, seed: int) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(image.width / 540))


def _rescaled(image: Image.Image, seed: int) -> Image.Image:
    size = (round(image.width * 0.45), round(image.height * 0.45))
    return image.resize(size, Image.Resampling.BILINEAR)


def _jpeg(quality: int) -> Callable[[Image.Image, int], Image.Image]:
    def compressed(image: Image.Image, seed: int) -> Image.Image:
        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=quality)
        return Image.open(stream).convert("RGB")

    return compressed


def _forwarded(image: Image.Image, seed: int) -> Image.Image:
    """Return the image as it is after two chats: made smaller, compressed, noisy, compressed."""
    small = image.resize(
        (round(image.width * 0.6), round(image.height * 0.6)), Image.Resampling.BILINEAR
    )
    return _jpeg(40)(_noise(_jpeg(60)(small, seed), seed), seed)


DISTURBANCES: Final[dict[str, Callable[[Image.Image, int], Image.Image]]] = {
    "gaussian noise, sigma 12": _noise,
    "blur, sigma 2 px at 1080": _blur,
    "rescaled to 45 %": _rescaled,
    "JPEG, quality 70": _jpeg(70),
    "JPEG, quality 30": _jpeg(30),
    "forwarded: 60 %, JPEG 60, noise, JPEG 40": _forwarded,
}
"""Name -> function of the RGB image and a seed."""

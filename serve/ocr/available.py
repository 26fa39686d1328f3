"""Whether the extra [ocr] is installed, told without importing any of it."""

from __future__ import annotations

import importlib.util
from typing import Final

MODULES: Final = ("rapidocr", "cv2", "PIL", "python_multipart")


def available() -> bool:
    """Return whether screenshots can be read here."""
    return all(importlib.util.find_spec(name) is not None for name in MODULES)

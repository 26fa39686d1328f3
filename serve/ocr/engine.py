"""The recogniser: RapidOCR (PP-OCRv6 small) with the models that are inside its package.

It is given their paths, so its own code for downloading models is never reached.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from serve.ocr.geometry import Box, Line
from serve.ocr.image import Pixels
from serve.problems import ProblemError

DETECTOR: Final = "PP-OCRv6_det_small.onnx"
RECOGNISER: Final = "PP-OCRv6_rec_small.onnx"
MIN_SCORE: Final = 0.5
"""Lines below are dropped: specks and pictures that only look like text."""
BOX_SCORE: Final = 0.4
"""Of the detector; RapidOCR's 0.5 lost masked numbers ("4503**********")."""


class LineReader(Protocol):
    """Finds lines of text in a tile of an image."""

    def lines(self, pixels: Pixels) -> list[Line]: ...


class Engine:
    """RapidOCR without its step for upside-down lines: `decode` has turned the image upright."""

    def __init__(self, threads: int | None = None) -> None:
        """Load the models; raise ProblemError (501) where the extra or a model is missing."""
        from rapidocr import RapidOCR

        folder = _models()
        options: dict[str, Any] = {
            "Global.use_cls": False,
            "Global.use_preprocess_img": False,  # tiles have the right size
            "Global.text_score": MIN_SCORE,
            "Global.log_level": "critical",
            "Det.model_path": str(folder / DETECTOR),
            "Det.limit_type": "max",
            "Det.limit_side_len": 1600,
            "Det.box_thresh": BOX_SCORE,
            "Rec.model_path": str(folder / RECOGNISER),
        }
        if threads:
            options["EngineConfig.onnxruntime.intra_op_num_threads"] = threads
        self._ocr = RapidOCR(params=options)

    def lines(self, pixels: Pixels) -> list[Line]:
        """Return the lines of a tile in no particular order."""
        found = self._ocr(np.ascontiguousarray(pixels[:, :, ::-1]))  # it expects blue first
        if found.boxes is None or found.txts is None or found.scores is None:
            return []
        return [
            Line(text, _upright(quad), float(score))
            for quad, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        ]


def _models() -> Path:
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ProblemError("ocr_missing")
    folder = Path(spec.origin).parent / "models"
    if not all((folder / name).is_file() for name in (DETECTOR, RECOGNISER)):
        raise ProblemError("ocr_missing")
    return folder


def _upright(quad: Any) -> Box:
    """Return the box around four corners [4, 2]."""
    left, top = np.min(quad, axis=0)
    right, bottom = np.max(quad, axis=0)
    return Box(float(left), float(top), float(right), float(bottom))

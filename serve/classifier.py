"""The classifier as the service sees it, and its loading, which is slow and hence explicit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from model.evidence import Evidence
from model.verdict import Verdict


class TextClassifier(Protocol):
    """What the service needs of `model.Classifier`."""

    @property
    def version(self) -> str: ...

    def classify(self, texts: Sequence[str]) -> list[Verdict]: ...

    def explain(self, text: str, verdict: Verdict) -> tuple[Evidence, ...]: ...


def load_classifier(artifact: Path | None = None, threads: int | None = None) -> TextClassifier:
    """Load the model at `artifact`, or the one that ships with the package.

    Raises model.ArtifactError, which names the file at fault.
    """
    from model import Classifier  # not at import time: it brings onnxruntime

    return Classifier.load(artifact, threads=threads)

"""The classifier as the service sees it, and its loading, which is slow and hence explicit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from model.evidence import Evidence
from model.verdict import Verdict

if TYPE_CHECKING:
    from model.backends import Name


class TextClassifier(Protocol):
    """What the service needs of `model.Classifier`."""

    @property
    def version(self) -> str: ...

    @property
    def backend(self) -> str: ...

    def classify(self, texts: Sequence[str]) -> list[Verdict]: ...

    def explain(self, text: str, verdict: Verdict) -> tuple[Evidence, ...]: ...


def load_classifier(
    artifact: Path | None = None,
    threads: int | None = None,
    other_labels: bool = False,
    backend: Name | None = None,
) -> TextClassifier:
    """Load the model at `artifact`, or the one that ships with the package.

    other_labels: take a model that was trained under another label scheme as well.
    backend: what runs it (`model.backends.open_backend`). Raises model.ArtifactError, which names
    the file or the backend at fault.
    """
    from model import ArtifactError, Classifier  # not at import time: it brings onnxruntime
    from model.backends import BackendError

    try:
        found = Classifier.load(artifact, threads, backend=backend)
    except BackendError as error:
        raise ArtifactError(str(error)) from error
    if not other_labels and not found.scheme.is_default:
        labels = ", ".join(found.scheme.labels)
        raise ArtifactError(
            f"{artifact}: 该模型的标签是 {labels}，只能用于 dunlens classify "
            "(page, API, reports and triage are for the default labels: use dunlens classify)"
        )
    return found

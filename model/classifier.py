"""The classifier: texts in, verdicts out. Needs a backend, tokenizers and numpy only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from data.scheme import DEFAULT, SCHEME, Scheme
from data.text import normalise
from model.ahead import ahead
from model.backends import Backend, Name, open_backend
from model.calibration import Calibration
from model.evidence import Evidence, explain
from model.manifest import ArtifactError, read_manifest, verify
from model.repeats import CAPACITY, Repeats
from model.shipped import artifact_folder
from model.verdict import Verdict

GRAPH, TOKENIZER, CALIBRATION = "model.int8.onnx", "tokenizer.json", "calibration.json"
CONFIG = "config.json"  # of the network; its `longest`, where given, takes the place of LONGEST
LONGEST = 254  # tokens of a text read at once: training's max_tokens less the two that frame it
# A longer text is read in windows of a usual message's length: in a larger one a single threat at
# the end of much small talk is averaged away.
WINDOW = 94
STRIDE = 62
PART = 2048  # texts tokenised at once, and from which texts of one length are put together
SPECIAL = 2  # <s> and </s> around each window
UNKNOWN = "<unk>"
NOTHING = -40.0  # logit of every output for a text with nothing to read


class Classifier:
    """A loaded model artifact.

    `Classifier.load()` once, then `classify(texts)` from any thread.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        backend: Backend,
        calibration: Calibration | None,
        version: str,
        scheme: Scheme = DEFAULT,
        longest: int = LONGEST,
        remember: int = CAPACITY,
    ) -> None:
        """Put the parts together; without a calibration only `logits` can be had.

        scheme: the labels of the outputs; longest: tokens of a text read at once; remember: texts
        whose logits are kept for when they come again.
        """
        self.version, self.scheme, self._longest = version, scheme, longest
        self._tokenizer, self._backend, self._calibration = tokenizer, backend, calibration
        self._repeats = Repeats(remember)
        tokenizer.no_truncation()  # windows do that, and lose nothing
        tokenizer.no_padding()
        frame = tokenizer.encode("").ids
        if len(frame) != SPECIAL:
            raise ArtifactError(f"{TOKENIZER} does not put a token before and one after a text")
        self._start, self._end = frame

    @classmethod
    def load(
        cls,
        path: str | Path | None = None,
        threads: int | None = None,
        remember: int = CAPACITY,
        backend: Name | None = None,
    ) -> Classifier:
        """Load a model after checking its hashes.

        path: a folder, or the name of a model that ships (`model.shipped`; default: the first).
        threads: how many texts are worked on at once (default: the processors available).
        remember: texts whose logits are kept for when they come again; 0 to measure speed.
        backend: see `open_backend`, which raises BackendError.
        Raises ArtifactError, naming the file and the expected hash, where a file is missing or
        damaged.
        """
        folder = artifact_folder(path)
        version, files = read_manifest(folder)
        verify(folder, files, (GRAPH, TOKENIZER, CALIBRATION))
        verify(folder, files, tuple(name for name in (SCHEME, CONFIG) if name in files))
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        try:
            scheme = Scheme.load(folder)
            calibration = Calibration.load(folder / CALIBRATION, scheme)
            longest = read_longest(folder)
        except (ValueError, TypeError) as error:
            raise ArtifactError(str(error)) from error
        opened = open_backend(folder / GRAPH, threads, backend)
        return cls(tokenizer, opened, calibration, version, scheme, longest, remember)

    @property
    def backend(self) -> str:
        """Name of the backend that runs the graph."""
        return self._backend.name

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Return one verdict a text, in order; always a list, whatever the number of texts.

        A text without a readable character is `out_of_scope`. Texts of any length are read to
        their end, in overlapping windows. Raises TypeError for a bare string or a non-string item.
        """
        return self.decide(self.logits(texts))

    def decide(self, logits: NDArray[np.float32]) -> list[Verdict]:
        """Return the verdict for each row of logits [n, labels]."""
        if self._calibration is None:
            raise ValueError("this classifier has no calibration, only logits")
        return self._calibration.decide(np.asarray(logits, dtype=np.float64))

    def explain(self, text: str, verdict: Verdict) -> tuple[Evidence, ...]:
        """Return the words that decided each label of the text's verdict (`model.evidence`)."""
        return explain(self, text, verdict)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return each text's logits [n, labels]; of a long text the highest over its windows."""
        if isinstance(texts, str):
            raise TypeError("texts is one string; pass a list of strings")
        for index, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"texts[{index}] is {type(text).__name__}, not a string")
        if not texts:
            return np.empty((0, len(self.scheme.labels)), dtype=np.float32)
        return self._repeats.look_up([normalise(text).text for text in texts], self._compute)

    def unknown_shares(self, texts: Sequence[str]) -> list[float]:
        """Return the share of each text's tokens that the vocabulary lacks; 0 for a blank text."""
        unknown = self._tokenizer.token_to_id(UNKNOWN) or 0  # 0: never the id of a text's token
        readable = [normalise(text).text for text in texts]
        encoded = self._tokenizer.encode_batch(readable, add_special_tokens=False)
        return [one.ids.count(unknown) / max(1, len(one.ids)) for one in encoded]

    def _compute(self, readable: Sequence[str]) -> NDArray[np.float32]:
        """Return the logits [n, labels] of normalised texts."""
        out = np.full((len(readable), len(self.scheme.labels)), NOTHING, dtype=np.float32)
        parts = [range(len(readable))[at : at + PART] for at in range(0, len(readable), PART)]
        for owners, windows in ahead(partial(self._tokenise, readable), parts):
            if windows:
                np.maximum.at(out, owners, self._backend.logits(windows))
        return out

    def _tokenise(self, readable: Sequence[str], part: range) -> tuple[list[int], list[list[int]]]:
        """Return a part's windows of token ids and, for each, the index of the text it is from."""
        encoded = self._tokenizer.encode_batch(
            readable[part.start : part.stop], add_special_tokens=False
        )
        owners, windows = [], []
        for index, encoding in zip(part, encoded, strict=True):
            for window in split_windows(encoding.ids, self._longest):
                owners.append(index)
                windows.append([self._start, *window, self._end])
        return owners, windows


def read_longest(folder: Path) -> int:
    """Return how many tokens of a text the folder's network reads at once, LONGEST at most."""
    if not (folder / CONFIG).is_file():
        return LONGEST
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    return min(LONGEST, int(config.get("longest", LONGEST)))


def split_windows(ids: Sequence[int], longest: int = LONGEST) -> Iterator[Sequence[int]]:
    """Yield all of `ids` if they are `longest` at most, else overlapping windows that cover them.

    Windows have at most WINDOW ids; there is none for no ids.
    """
    if len(ids) <= longest:
        if ids:
            yield ids
        return
    window = min(WINDOW, longest)
    stride = min(STRIDE, max(1, 2 * longest // 3))
    for start in range(0, len(ids), stride):
        yield ids[start : start + window]
        if start + window >= len(ids):
            return

"""The safetensors weights in PyTorch, fp32, in the place of the shipped int8 graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from data.scheme import Scheme
from model.any_encoder import load_network
from model.backends import Backend, Logits
from model.calibration import Calibration
from model.classifier import CALIBRATION, TOKENIZER, Classifier, read_longest
from model.manifest import read_manifest

BATCH = 32


class TorchBackend:
    """PyTorch with batches of texts of like length; it pads, so last bits depend on neighbours."""

    name = "torch"

    def __init__(self, folder: Path) -> None:
        self._network = load_network(folder, dtype=torch.float32).eval()

    @property
    def threads(self) -> int:
        """Threads of PyTorch in this process."""
        return torch.get_num_threads()

    @torch.inference_mode()
    def logits(self, batch: Sequence[Sequence[int]]) -> Logits:
        """Return logits [n, labels] for n sequences of token ids, in the order given."""
        out = np.zeros((len(batch), self._network.config.num_labels), dtype=np.float32)
        order = sorted(range(len(batch)), key=lambda i: len(batch[i]))
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            texts = [torch.tensor(batch[i]) for i in part]
            ids = torch.nn.utils.rnn.pad_sequence(
                texts, batch_first=True, padding_value=self._network.config.pad_token_id or 0
            )
            lengths = torch.tensor([len(text) for text in texts])
            mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
            out[part] = self._network(ids, mask).logits.numpy()
        return out


def classifier_with(folder: Path, backend: Backend) -> Classifier:
    """Return the classifier of a model folder with other means to get logits, all else the same.

    It remembers no texts.
    """
    scheme = Scheme.load(folder)
    return Classifier(
        Tokenizer.from_file(str(folder / TOKENIZER)),
        backend,
        Calibration.load(folder / CALIBRATION, scheme),
        read_manifest(folder)[0],
        scheme,
        read_longest(folder),
        remember=0,
    )

"""Whatever answers: an artifact, a run of training, or a baseline's run, by its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from data.corpus import group_ids, load_split
from data.scheme import Scheme
from model.calibration import Calibration
from model.classifier import CALIBRATION, SPECIAL, TOKENIZER, Classifier
from model.manifest import MANIFEST
from training.baseline_store import load_baseline
from training.calibrate import fit
from training.config import ConfigError, TrainConfig, load_config
from training.material import own_split
from training.predictors import ClassifierPredictor, Predictions, Predictor

BATCH = 32


def load_systems(folders: Sequence[Path]) -> list[Predictor]:
    """Return a predictor for each folder, named by it.

    Raises ConfigError where a folder holds neither an artifact nor a finished run, or two have one
    name; ArtifactError where an artifact is damaged.
    """
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):  # dunlens/artifact beside other/artifact
        names = ["/".join(folder.resolve().parts[-2:]) for folder in folders]
    if len(set(names)) < len(names):
        raise ConfigError(f"two folders of one name: {', '.join(names)}")
    return [load_system(folder, name) for folder, name in zip(folders, names, strict=True)]


def load_system(folder: Path, name: str) -> Predictor:
    """Return the predictor in a folder, under a name."""
    if (folder / MANIFEST).is_file():
        return ClassifierPredictor(Classifier.load(folder), name)
    if not (folder / "dev_scores.json").is_file():
        raise ConfigError(f"{folder}: neither an artifact nor a finished run")
    config, scheme = load_config(folder / "config.yaml"), Scheme.load(folder)
    if config.method != "finetune":
        return _Named(load_baseline(folder / "model", scheme), name)
    return ClassifierPredictor(run_classifier(folder, config, scheme), name)


class _Named:
    """A baseline under the name of its folder."""

    def __init__(self, baseline: Predictor, name: str) -> None:
        self.name, self.scheme, self._baseline = name, baseline.scheme, baseline

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Return the baseline's predictions."""
        return self._baseline.predict(texts)


def run_classifier(run: Path, config: TrainConfig, scheme: Scheme) -> Classifier:
    """Return the classifier of a run that is not exported: fp32 weights, own calibration.

    The calibration is fitted to the development split as an export would, and kept in the run.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(run / "model" / TOKENIZER))
    backend = TorchBackend(run / "model")
    longest = min(config.max_tokens, backend.most) - SPECIAL
    path = run / CALIBRATION
    if not path.is_file():
        reader = Classifier(tokenizer, cast(Any, backend), None, "", scheme, longest)
        rows: Sequence[Any]
        if config.data:
            rows, groups = own_split(config, "dev")
        else:
            split = load_split("dev")
            rows, groups = split, group_ids(split)
        fit(reader.logits([row.text for row in rows]), rows, groups, scheme)[0].save(path)
    calibration = Calibration.load(path, scheme)
    return Classifier(tokenizer, cast(Any, backend), calibration, run.name, scheme, longest)


class TorchBackend:
    """The weights of a model folder in PyTorch, in place of the ONNX graph."""

    def __init__(self, folder: Path) -> None:
        import torch

        from model.any_encoder import load_network, most_tokens

        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._network = load_network(folder, dtype=torch.float32).eval().to(device)
        self.most = most_tokens(self._network)

    def logits(self, batch: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return logits [n, labels] for n sequences of token ids, in the order given."""
        import torch

        from training.batches import collate

        out = np.empty((len(batch), self._network.config.num_labels), dtype=np.float32)
        order = sorted(range(len(batch)), key=lambda index: len(batch[index]))
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                part = order[start : start + BATCH]
                padded = collate([batch[index] for index in part], [], self._padding())
                inputs = padded.input_ids.to(self._network.device)
                mask = padded.attention_mask.to(self._network.device)
                out[part] = self._network(inputs, mask).logits.cpu().numpy()
        return out

    def _padding(self) -> int:
        from model.any_encoder import encoder_of

        return int(encoder_of(self._network).config.pad_token_id or 0)

"""What a model that has not seen a row believes of it: out-of-fold probabilities.

Three sources, from quick to slow: a fast model fitted on the other folds; an artifact that was
trained on other rows altogether; an encoder fine-tuned from a configuration, once for each fold.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.scheme import Scheme
from training.datawork.fastmodel import STRENGTH, FastModel, Kind, class_numbers, one_hot, shares
from training.datawork.fastmodel import text_features as features_of
from training.datawork.source import Item
from training.predictors import FloatArray, IntArray

FOLDS = 5


@dataclass(frozen=True)
class Beliefs:
    """classes: float [n, classes], rows sum to 1; labels: float [n, labels], each on its own."""

    classes: FloatArray
    labels: FloatArray


def fast_beliefs(
    items: Sequence[Item],
    scheme: Scheme,
    groups: Sequence[str],
    kind: Kind = "characters",
    folds: int = FOLDS,
    seed: int = 0,
) -> Beliefs:
    """Return the beliefs of a fast model that is fitted on the other folds."""
    features = features_of([item.row.text for item in items], kind)
    labels = [item.row.label for item in items]
    sets = np.array([scheme.targets(item.row.label, item.row.also) for item in items])
    wanted = np.concatenate([one_hot(labels, scheme), sets], axis=1)
    return fold_beliefs(features, wanted, groups, scheme, STRENGTH[kind], folds, seed)


def fold_beliefs(
    features: Any,
    wanted: IntArray,
    groups: Sequence[str],
    scheme: Scheme,
    strength: float,
    folds: int = FOLDS,
    seed: int = 0,
) -> Beliefs:
    """Return the beliefs about rows of ready features; wanted: 0/1 [n, classes + labels]."""
    found = np.zeros(wanted.shape)
    cut = len(scheme.classes)
    for rest, fold in split_folds(wanted[:, :cut].argmax(axis=1), groups, folds, seed):
        found[fold] = FastModel.fit(features[rest], wanted[rest], strength)(features[fold])
    return Beliefs(shares(found[:, :cut]), found[:, cut:])


def split_folds(
    truth: IntArray, groups: Sequence[str], folds: int = FOLDS, seed: int = 0
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the other rows and the fold's rows; a group is in one fold, labels in even shares.

    A near-duplicate with the same mistake in another fold would vouch for the mistake.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    yield from split.split(np.zeros(len(truth)), truth, groups)


def artifact_beliefs(items: Sequence[Item], scheme: Scheme, artifact: Path | None) -> Beliefs:
    """Return the beliefs of an artifact (None: the shipped one), which must not know the rows.

    Raises ValueError where it has other labels, ArtifactError where it cannot be loaded.
    """
    from model import Classifier

    classifier = Classifier.load(artifact)
    scores = [verdict.scores for verdict in classifier.classify([i.row.text for i in items])]
    if scores and set(scores[0]) != set(scheme.labels):
        raise ValueError(f"the model knows {', '.join(scores[0])}, not {', '.join(scheme.labels)}")
    labels = np.array([[row[name] for name in scheme.labels] for row in scores])
    return Beliefs(chain(labels, scheme), labels)


def tuned_beliefs(
    items: Sequence[Item],
    scheme: Scheme,
    groups: Sequence[str],
    config: Path,
    folds: int = FOLDS,
    seed: int = 0,
) -> Beliefs:
    """Return the beliefs of encoders fine-tuned by a configuration, one for each fold.

    A tenth of the other rows (of few, more, so that each class is there) chooses the best epoch.
    Raises what `training.train.train` raises.
    """
    truth = class_numbers([item.row.label for item in items], scheme)
    labels = np.zeros((len(items), len(scheme.labels)))
    for number, (rest, fold) in enumerate(split_folds(truth, groups, folds, seed)):
        parts = max(2, min(10, np.unique(truth[rest], return_counts=True)[1].min()))
        inner = split_folds(truth[rest], [groups[i] for i in rest], parts, seed)
        held = {int(rest[i]) for i in next(inner)[1]}
        with tempfile.TemporaryDirectory(prefix=f"dunlens-fold-{number}-") as folder:
            rows = [(items[i], "dev" if i in held else "train") for i in map(int, rest)]
            texts = [items[i].row.text for i in fold]
            labels[fold] = _tuned(Path(folder), rows, texts, scheme, config)
    return Beliefs(chain(labels, scheme), labels)


def _tuned(
    folder: Path,
    rows: Sequence[tuple[Item, str]],
    texts: Sequence[str],
    scheme: Scheme,
    config: Path,
) -> FloatArray:
    """Train on the rows, in a folder of their own; return probabilities [texts, labels]."""
    from transformers import AutoTokenizer

    from model.any_encoder import load_network
    from model.calibration import sigmoid
    from training.config import load_config
    from training.scoring import predict_logits
    from training.train import train

    lines = (
        {"text": i.row.text, "label": i.row.label, "also": list(i.row.also), "split": split}
        for i, split in rows
    )
    written = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "rows.jsonl").write_text(written, encoding="utf-8")
    changes: dict[str, Any] = {
        "data": [folder / "rows.jsonl"],
        "labels": None,
        "files": None,
        "extra": [],
    }
    if not scheme.is_default:
        (folder / "labels.toml").write_text(scheme_toml(scheme), encoding="utf-8")
        changes["labels"] = folder / "labels.toml"
    settings = load_config(config).model_copy(update=changes)
    train(settings, folder / "run")
    network = load_network(folder / "run" / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder / "run" / "model")
    return sigmoid(predict_logits(network, tokenizer, texts, settings).astype(np.float64))


def scheme_toml(scheme: Scheme) -> str:
    """Return a label map that declares the scheme's labels and their order of gravity."""
    quote = json.dumps  # a JSON string is a TOML string
    parts = [f"name = {quote(scheme.name)}", f"gravity = {quote(list(scheme.gravity))}"]
    for name in scheme.classes:
        parts += [
            "[none]" if name == scheme.none else "[[labels]]",
            f"name = {quote(name)}",
            f"zh = {quote(scheme.zh[name], ensure_ascii=False)}",
            f"en = {quote(scheme.en[name])}",
        ]
        if name != scheme.none:
            parts.append(f"unlawful = {quote(name in scheme.unlawful)}")
    return "\n".join(parts) + "\n"


def chain(labels: FloatArray, scheme: Scheme) -> FloatArray:
    """Return class probabilities [n, classes] from labels' own [n, labels].

    The primary label is the gravest that is present: going down the order of gravity, each label
    takes its share of what the graver ones leave; what is left at the end is none of them.
    """
    found = np.zeros((len(labels), len(scheme.classes)))
    left = np.ones(len(labels))
    for name in scheme.gravity:
        at = scheme.labels.index(name)
        found[:, at] = left * labels[:, at]
        left = left * (1 - labels[:, at])
    found[:, -1] = left
    return shares(found)

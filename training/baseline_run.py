"""A baseline as a run like any other: the same configuration file, folder and record.

`method: words`, `characters`, `frozen` (encoder as it is) or `contrastive` (encoder fine-tuned so
that texts of one class lie together, `training.contrastive`), each with logistic regression. It is
fitted on the train split, its strength and decision rule are picked on the development split.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.baseline_store import save_baseline
from training.baselines import (
    ENCODER_GRID,
    GRID,
    Baseline,
    EmbeddingFeatures,
    Rows,
    character_features,
    fit_baseline,
    word_features,
)
from training.config import TrainConfig
from training.contrastive import train_encoder
from training.embedding import load_embed
from training.evalrows import Truth
from training.material import Labelled, Material
from training.runs import RunFolder, describe_environment

ENCODER = "encoder"  # folder of a fine-tuned encoder within the run's model


def train_baseline(config: TrainConfig, folder: Path, material: Material) -> dict[str, Any]:
    """Fit the baseline that `method` names; return its scores on the development split.

    Raises FileExistsError where the folder holds another run.
    """
    run = RunFolder(folder)
    run.start(config, describe_environment(material.train, material.dev), material.scheme)
    baseline = _fit(config, run, material)
    where = {"frozen": config.base, "contrastive": ENCODER}.get(config.method)
    save_baseline(baseline, run.model, where)
    scores = {"average": _scores(baseline, material)}
    run.write_json("dev_scores.json", scores)
    return scores


def _fit(config: TrainConfig, run: RunFolder, material: Material) -> Baseline:
    train, dev = _rows(material.train), _rows(material.dev)
    name, scheme = config.method, material.scheme
    if name in ("words", "characters"):
        features = word_features() if name == "words" else character_features()
        return fit_baseline(name, features, train, dev, GRID, scheme)
    base = config.base
    if name == "contrastive":
        base = str(train_encoder(config, run, material.train, ENCODER))
    embedded = EmbeddingFeatures(load_embed(base))
    return fit_baseline(name, embedded, train, dev, ENCODER_GRID, scheme)


def _rows(rows: Any) -> Rows:
    return [(row.text, Truth(row.label, tuple(row.also))) for row in rows]


def _scores(baseline: Baseline, material: Material) -> dict[str, float]:
    from sklearn.metrics import accuracy_score

    rows: list[Labelled] = list(material.dev)
    found = baseline.predict([row.text for row in rows]).labels
    right = accuracy_score([row.label for row in rows], found)
    return {
        "macro_f1_five": round(baseline.choice.dev_macro_f1_five, 4),
        "accuracy": round(float(right), 4),
    }

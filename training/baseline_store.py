"""A fitted baseline on disk: JSON and safetensors, no pickle."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from data.scheme import Scheme
from training.baseline_rule import BaselineRule, Platt
from training.baselines import (
    Baseline,
    Choice,
    EmbeddingFeatures,
    Features,
    Linear,
    character_features,
    word_features,
)
from training.embedding import load_embed

FORMAT = 1
DESCRIPTION, ARRAYS = "baseline.json", "baseline.safetensors"
TFIDF = {"words": word_features, "characters": character_features}


def save_baseline(baseline: Baseline, folder: Path, encoder: str | None = None) -> None:
    """Write a baseline into a folder. encoder: of embeddings, as `load_baseline` will find it."""
    folder.mkdir(parents=True, exist_ok=True)
    rule, features = baseline.rule, baseline.features
    arrays = {
        "coefficients": baseline.score.coefficients,
        "intercepts": baseline.score.intercepts,
        "thresholds": rule.thresholds,
    }
    vocabulary: list[str] | None = None
    if isinstance(features, EmbeddingFeatures):
        arrays |= {"mean": features.mean, "spread": features.spread}
    else:
        terms: dict[str, int] = features.vocabulary_  # type: ignore[attr-defined]
        vocabulary = sorted(terms, key=terms.__getitem__)
        arrays["idf"] = features.idf_  # type: ignore[attr-defined]
    description = {
        "format": FORMAT,
        "name": baseline.name,
        "choice": asdict(baseline.choice),
        "order": rule.order,
        "outputs": [asdict(one) for one in rule.outputs],
        "certainty": asdict(rule.certainty),
        "encoder": encoder,
        "vocabulary": vocabulary,
    }
    save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, folder / ARRAYS)
    text = json.dumps(description, ensure_ascii=False, indent=None) + "\n"
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")


def load_baseline(folder: Path, scheme: Scheme) -> Baseline:
    """Return the baseline in a folder. Raises ValueError where the folder's format is another."""
    found = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    if found.get("format") != FORMAT:
        raise ValueError(f"{folder / DESCRIPTION}: format {found.get('format')!r}, not {FORMAT}")
    arrays = load_file(folder / ARRAYS)
    rule = BaselineRule(
        outputs=[Platt(**one) for one in found["outputs"]],
        certainty=Platt(**found["certainty"]),
        thresholds=arrays["thresholds"],
        order=found["order"],
        scheme=scheme,
    )
    score = Linear(arrays["coefficients"], arrays["intercepts"], len(scheme.labels))
    features = _features(found, arrays, folder)
    return Baseline(found["name"], features, score, rule, Choice(**found["choice"]))


def _features(found: dict[str, Any], arrays: dict[str, Any], folder: Path) -> Features:
    if found["encoder"] is not None:
        inside = folder / found["encoder"]
        embed = load_embed(str(inside) if inside.is_dir() else found["encoder"])
        return EmbeddingFeatures(embed, arrays["mean"], arrays["spread"])
    features = TFIDF[found["name"]](vocabulary=found["vocabulary"])
    features.idf_ = arrays["idf"]  # type: ignore[attr-defined]
    return features

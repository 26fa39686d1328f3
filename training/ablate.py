"""Train variants of one small run and compare them: `python -m training.ablate --sets real=FILE`.

The configuration names what all variants share and, for each, what it changes. Prints a Markdown
table of macro-F1 over five classes on the development split and on the sets given, by the guide's
order at threshold 0.5, before any calibration.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from transformers import AutoTokenizer

from data.labels import LABELS, UNLAWFUL
from model.calibration import sigmoid
from model.network import DunLensForSequenceClassification
from training.config import ConfigError, TrainConfig
from training.evalrows import Truth, check_file, load_split_rows, stream_file
from training.metrics import measure
from training.outcome import judge
from training.predictors import Predictions
from training.scoring import predict_logits, primary_labels
from training.tables import interval, table
from training.train import train

DEFAULT_CONFIG = Path("training/configs/ablation.yaml")
FIGURE = "macro_f1_five"
RowSet = list[tuple[str, Truth]]


def load_variants(path: Path) -> dict[str, TrainConfig]:
    """Return the variants by title. Raises ConfigError for an unreadable or wrong file."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        shared, variants = values["shared"], values["variants"]
        return {
            title: TrainConfig.model_validate({**shared, **(change or {}), "name": f"v{number}"})
            for number, (title, change) in enumerate(variants.items())
        }
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error


def compare(
    variants: dict[str, TrainConfig], sets: dict[str, RowSet], output: Path
) -> dict[str, dict[str, Any]]:
    """Train each variant (finished ones are not trained again); return figures by title and set."""
    found = {}
    for title, config in variants.items():
        folder = output / config.name
        train(config, folder)
        network = DunLensForSequenceClassification.from_pretrained(folder / "model")
        tokenizer = AutoTokenizer.from_pretrained(folder / "model")
        found[title] = {
            name: measure(
                judge([t for _, t in rows], _predict(network, tokenizer, rows, config)), seed=0
            )["figures"][FIGURE]
            for name, rows in sets.items()
        }
    return found


def _predict(network: Any, tokenizer: Any, rows: RowSet, config: TrainConfig) -> Predictions:
    logits = predict_logits(network, tokenizer, [text for text, _ in rows], config)
    labels, scores = primary_labels(logits), sigmoid(logits.astype(np.float64))
    also = [
        [name for name in UNLAWFUL if name != label and row[LABELS.index(name)] >= 0.5]
        if label in UNLAWFUL
        else []
        for label, row in zip(labels, scores, strict=True)
    ]
    return Predictions(labels, also, scores.max(axis=1), scores, [None] * len(rows))


def render(found: dict[str, dict[str, Any]], sets: dict[str, RowSet]) -> str:
    """Return the comparison as a Markdown table."""
    header = ["variant", *(f"{name} (n = {len(rows)})" for name, rows in sets.items())]
    lines = [
        [title, *(interval(figures[name]) for name in sets)] for title, figures in found.items()
    ]
    return table(header, lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    parser.add_argument("--sets", nargs="+", default=[], metavar="NAME=FILE")
    parser.add_argument("--output", type=Path, default=Path("runs/ablation"))
    args = parser.parse_args(argv)
    try:
        sets: dict[str, RowSet] = {"dev": list(load_split_rows("dev"))}
        for item in args.sets:
            name, _, path = item.partition("=")
            check_file(Path(path))
            sets[name] = list(stream_file(Path(path)))
        print(render(compare(load_variants(args.config), sets, args.output), sets))
    except (ConfigError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

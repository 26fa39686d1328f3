"""Train variants of one small run and compare them: `python -m training.ablate --sets real=FILE`.

The configuration names what all variants share and, for each, what it changes. Prints Markdown
tables of macro-F1 over five classes on the development split and on the sets given, by the guide's
order at threshold 0.5, before any calibration; writes them to ``ablation.md``, and the variants
that have another number of rows only to ``learning_curve.json``, for `training.evaluate`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from transformers import AutoTokenizer

from data.labels import LABELS, UNLAWFUL
from data.rows import RowErrors
from model.calibration import sigmoid
from model.e5_file import BaseEncoderError
from model.network import DunLensForSequenceClassification
from training.config import ConfigError, TrainConfig
from training.evalrows import Truth, check_file, load_split_rows, stream_file
from training.evalsets import named_file
from training.metrics import measure
from training.outcome import judge
from training.predictors import Predictions
from training.scoring import predict_logits, primary_labels
from training.tables import interval, number, table
from training.train import train

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "ablation.yaml"
FIGURE = "macro_f1_five"
RowSet = list[tuple[str, Truth]]


def load_variants(path: Path) -> dict[str, TrainConfig]:
    """Return the variants by title, each named by its folder.

    Raises ConfigError for an unreadable or wrong file.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        shared, changes = values["shared"], values["variants"]
        variants = {
            str(title): TrainConfig.model_validate(
                {**shared, **(change or {}), "name": folder_name(str(title))}
            )
            for title, change in changes.items()
        }
        if len({config.name for config in variants.values()}) < max(1, len(changes)):
            raise ValueError("variants: need one or more, whose titles make different folder names")
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    return variants


def folder_name(title: str) -> str:
    """Return ``all-1500-rows`` for ``All 1,500 rows``."""
    return re.sub(r"[^a-z0-9.]+", "-", title.lower().replace(",", "")).strip("-")


def compare(
    variants: dict[str, TrainConfig], sets: dict[str, RowSet], output: Path
) -> dict[str, dict[str, Any]]:
    """Train each variant (finished ones are not trained again); return figures by title and set.

    The figure of a set on which it is undefined is None.
    """
    found = {}
    for title, config in variants.items():
        folder = output / config.name
        train(config, folder)
        network = DunLensForSequenceClassification.from_pretrained(folder / "model")
        tokenizer = AutoTokenizer.from_pretrained(folder / "model")
        found[title] = {
            name: measure(
                judge([t for _, t in rows], _predict(network, tokenizer, rows, config)), seed=0
            )["figures"].get(FIGURE)
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


def learning_curve(
    variants: dict[str, TrainConfig], found: dict[str, dict[str, Any]], output: Path
) -> list[dict[str, Any]]:
    """Return rows, set and figure of the variants that differ from the first in `limit` at most."""
    first = next(iter(variants.values()))
    points = []
    for title, config in variants.items():
        if config.model_copy(update={"name": first.name, "limit": first.limit}) != first:
            continue
        # what it was trained on: there may be fewer rows than the limit
        environment = (output / config.name / "environment.json").read_text(encoding="utf-8")
        points += [
            {"rows": json.loads(environment)["train"]["rows"], "set": name, FIGURE: figure["value"]}
            for name, figure in found[title].items()
            if figure is not None
        ]
    return sorted(points, key=lambda point: int(point["rows"]))


def render(found: dict[str, dict[str, Any]], sets: dict[str, RowSet]) -> str:
    """Return the comparison as a Markdown table."""
    lines = [
        [title, *(interval(figures[name]) for name in sets)] for title, figures in found.items()
    ]
    return table(["variant", *_columns(sets)], lines)


def render_curve(points: list[dict[str, Any]], sets: dict[str, RowSet]) -> str:
    """Return the learning curve as a Markdown table."""
    values = {(point["rows"], point["set"]): point[FIGURE] for point in points}
    lines = [
        [f"{rows:,}", *(number(values.get((rows, name))) for name in sets)]
        for rows in dict.fromkeys(point["rows"] for point in points)
    ]
    return table(["training rows", *_columns(sets)], lines)


def _columns(sets: dict[str, RowSet]) -> list[str]:
    return [f"{name} (n = {len(rows)})" for name, rows in sets.items()]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    parser.add_argument(
        "--sets",
        nargs="+",
        default=[],
        metavar="NAME=FILE",
        help="row files (JSON Lines), beside dev",
    )
    parser.add_argument("--output", type=Path, default=Path("runs/ablation"))
    args = parser.parse_args(argv)
    try:
        variants, sets = load_variants(args.config), _sets(args.sets)
        found = compare(variants, sets, args.output)
        points = learning_curve(variants, found, args.output)
        text = f"{render(found, sets)}\n{render_curve(points, sets)}"
        (args.output / "ablation.md").write_text(text, encoding="utf-8")
        (args.output / "learning_curve.json").write_text(
            json.dumps({"points": points}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    except (ConfigError, RowErrors, BaseEncoderError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(text, end="")
    return 0


def _sets(items: Sequence[str]) -> dict[str, RowSet]:
    sets: dict[str, RowSet] = {"dev": list(load_split_rows("dev"))}
    for item in items:
        name, path = named_file(item)
        if name in sets:
            raise ValueError(f"--sets {item}: the name {name} is taken")
        check_file(path)
        sets[name] = list(stream_file(path))
    return sets


if __name__ == "__main__":
    raise SystemExit(main())

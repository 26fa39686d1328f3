"""What putting disguised words right changes: ``python -m training.defence --split dev test``.

Counts, by true label, the rows that the model reads otherwise than without `data.repair`, and those
whose verdict changes by it. On clean lawful rows neither may. Prints Markdown, writes JSON.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import model.classifier
from data.labels import LABEL_EN
from data.rows import RowErrors
from data.text import fold, normalise
from model import ArtifactError, Classifier, Verdict
from model.shipped import ARTIFACT_HELP, artifact_folder
from training.evalsets import EvalSet, TextRow, file_set, named_file, split_set
from training.figures import save_figures
from training.tables import table

DEFAULT_OUTPUT = Path("reports/latest/defence.json")
SPLITS = ("train", "dev", "test")


def changes(rows: Sequence[TextRow], load: Callable[[], Classifier]) -> dict[str, dict[str, int]]:
    """Return true label -> ``n``, ``read`` (rows read otherwise) and ``verdict`` (and judged so).

    load: gives a fresh classifier, which has seen no text yet.
    """
    counts: dict[str, Counter[str]] = {label: Counter() for label in LABEL_EN}
    differing = []
    for text, truth in rows:
        counts[truth.label]["n"] += 1
        if normalise(text).text != fold(text).text:
            counts[truth.label]["read"] += 1
            differing.append((text, truth.label))
    texts = [text for text, _ in differing]
    after = load().classify(texts) if texts else []
    # There is no setting to read texts in another way, nor need of one but here.
    with patch.object(model.classifier, "normalise", fold):
        before = load().classify(texts) if texts else []
    for (_, label), one, other in zip(differing, after, before, strict=True):
        counts[label]["verdict"] += _said(one) != _said(other)
    return {
        label: {key: found[key] for key in ("n", "read", "verdict")}
        for label, found in counts.items()
        if found["n"]
    }


def _said(verdict: Verdict) -> tuple[str, ...]:
    return (verdict.label, *sorted(verdict.also))


def render(sets: dict[str, dict[str, dict[str, int]]]) -> str:
    """Return the counts as a Markdown table."""
    rows = [
        [name, LABEL_EN[label], *(str(found[key]) for key in ("n", "read", "verdict"))]
        for name, labels in sets.items()
        for label, found in labels.items()
    ]
    return table(["set", "true label", "rows", "read otherwise", "verdict changed"], rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, 1 where a lawful row changes its verdict, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m training.defence", description=__doc__)
    parser.add_argument("--artifact", type=artifact_folder, help=ARTIFACT_HELP)
    parser.add_argument("--split", nargs="*", choices=SPLITS, default=list(SPLITS))
    parser.add_argument("--sets", nargs="+", default=[], metavar="NAME=FILE", help="row files")
    parser.add_argument("--output", type=Path, default=DEFAULT_OUTPUT, help="JSON file to write")
    args = parser.parse_args(argv)
    try:
        sets: list[EvalSet] = [split_set(name) for name in args.split]
        sets += [file_set(*named_file(item)) for item in args.sets]
        found: dict[str, Any] = {
            one.name: changes(list(one.rows()), lambda: Classifier.load(args.artifact))
            for one in sets
        }
    except (RowErrors, ArtifactError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    save_figures(found, args.output)
    print(render(found))
    lawful = [labels.get("lawful_reminder", {"verdict": 0})["verdict"] for labels in found.values()]
    return int(any(lawful))


if __name__ == "__main__":
    raise SystemExit(main())

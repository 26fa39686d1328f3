"""Choose the rows of an unlabelled pool that are worth labelling next.

The model learns from the rows labelled so far (--labelled), or is an artifact (--artifact, or
``shipped``); the rows that it is least certain of, and that differ from each other, come first.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from data.labelmap import LabelMap, LabelMapError
from data.rows import RowErrors
from data.text import normalise
from model.e5_file import BaseEncoderError
from model.manifest import ArtifactError
from training.datawork.fastmodel import (
    KINDS,
    STRENGTH,
    FastModel,
    one_hot,
    shares,
    text_features,
)
from training.datawork.files import json_lines, write_private
from training.datawork.outoffold import chain
from training.datawork.selection import RULES, reduce_features, select, uncertainty
from training.datawork.source import add_label_map, chosen_labels, read_items
from training.datawork.texts import Text, read_texts
from training.predictors import FloatArray
from training.problems import shortened


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    args = parser().parse_args(argv)
    try:
        _run(args)
    except (
        *(ArtifactError, BaseEncoderError, LabelMapError, RowErrors),
        *(OSError, ValueError),
    ) as error:
        print(shortened(error), file=sys.stderr)
        return 2
    return 0


def _run(args: argparse.Namespace) -> None:
    labels = chosen_labels(args)
    labelled = read_items(args.labelled, labels) if args.labelled else []
    known = {_plain(item.row.text) for item in labelled}
    columns = labels.columns
    texts_of = read_texts(args.pool, args.text_column or columns.text, columns.encoding)
    pool = _new_texts(texts_of, known)
    if not pool:
        raise ValueError(f"{args.pool}: every text of the pool is labelled already")
    texts = [one.text for one in pool]
    if args.artifact is not None:
        beliefs = _of_artifact(texts, args.artifact, labels)
        features = text_features(texts, args.features)
    else:
        # over all texts, the pool's as well: features need no labels
        both = text_features([*texts, *(i.row.text for i in labelled)], args.features)
        features, taught = both[: len(texts)], both[len(texts) :]
        wanted = one_hot([i.row.label for i in labelled], labels.scheme)
        model = FastModel.fit(taught, wanted, STRENGTH[args.features])
        beliefs = shares(model(features))
    places = reduce_features(features, args.seed)
    chosen = select(beliefs, places, args.rows, args.rule, args.seed)
    doubt = uncertainty(beliefs)
    rows = (
        pool[i].record
        | {
            "file": pool[i].path,
            "line": pool[i].line,
            "suggested": labels.scheme.classes[int(beliefs[i].argmax())],
            "uncertainty": round(float(doubt[i]), 4),
        }
        for i in chosen
    )
    write_private(args.output, json_lines(rows))
    print(f"{len(chosen)} of {len(pool)} unlabelled rows: {args.output}")


def _new_texts(pool: Sequence[Text], known: set[str]) -> list[Text]:
    """Return the texts that are neither labelled yet nor repeated in the pool."""
    seen = set(known)
    found = []
    for one in pool:
        plain = _plain(one.text)
        if plain not in seen:
            seen.add(plain)
            found.append(one)
    return found


def _plain(text: str) -> str:
    return normalise(text).text.lower()


def _of_artifact(texts: Sequence[str], artifact: Path, labels: LabelMap) -> FloatArray:
    import numpy as np

    from model import Classifier

    classifier = Classifier.load(None if artifact == Path("shipped") else artifact)
    verdicts = classifier.classify(texts)
    if set(verdicts[0].scores) != set(labels.scheme.labels):
        raise ValueError(f"--artifact: its labels are not {', '.join(labels.scheme.labels)}")
    rows = [[verdict.scores[name] for name in labels.scheme.labels] for verdict in verdicts]
    return chain(np.array(rows), labels.scheme)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    made = argparse.ArgumentParser(prog="dunlens select", description=__doc__)
    made.add_argument("pool", help="unlabelled texts: CSV, JSON Lines, or one text a line")
    made.add_argument("-o", "--output", type=Path, required=True, help="chosen rows (JSON Lines)")
    made.add_argument("-n", "--rows", type=int, default=100, help="how many to choose")
    source = made.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--labelled", nargs="+", metavar="ROWS", help="rows labelled so far; also corpus:train"
    )
    source.add_argument("--artifact", type=Path, help="artifact folder, or: shipped")
    made.add_argument("--rule", choices=RULES, default=RULES[0])
    made.add_argument("--features", choices=KINDS, default=KINDS[0])
    made.add_argument("--text-column", help="of the pool (default: the label map's)")
    add_label_map(made)
    made.add_argument("--seed", type=int, default=0)
    return made


if __name__ == "__main__":
    raise SystemExit(main())

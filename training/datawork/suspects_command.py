"""Find labels that are likely to be wrong, review them, and write the corrected rows.

``dunlens suspects rank my.csv -o suspects.jsonl`` ranks all rows by how badly their label fits what
a model that has not seen them believes; ``review`` shows them one by one and appends each decision
to a file; ``apply`` writes copies of the row files with the decided labels.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from data.labelmap import LabelMap, LabelMapError
from data.rows import RowErrors
from model.e5_file import BaseEncoderError
from model.manifest import ArtifactError
from training.config import ConfigError
from training.datawork.fastmodel import KINDS
from training.datawork.files import write_private
from training.datawork.outoffold import (
    FOLDS,
    Beliefs,
    artifact_beliefs,
    fast_beliefs,
    tuned_beliefs,
)
from training.datawork.records import corrected, read_records
from training.datawork.review import Correction, Review, converse, read_corrections
from training.datawork.source import (
    Item,
    add_label_map,
    add_sources,
    chosen_labels,
    groups_of,
    is_corpus,
    read_items,
)
from training.datawork.suspects import rank_suspects, read_suspects, write_suspects
from training.problems import shortened


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    args = parser().parse_args(argv)
    run = {"rank": _rank, "review": _review, "apply": _apply}[args.action]
    try:
        run(args)
    except (
        *(ArtifactError, BaseEncoderError, ConfigError, LabelMapError, RowErrors),
        *(OSError, ValueError),
    ) as error:
        print(shortened(error), file=sys.stderr)
        return 2
    return 0


def _rank(args: argparse.Namespace) -> None:
    labels = chosen_labels(args)
    items = read_items(args.sources, labels)
    beliefs = _beliefs(args, items, labels)
    found = rank_suspects(items, labels.scheme, beliefs, args.by)
    write_suspects(found[: args.most], args.output)
    differ = sum(one.suggested != one.label for one in found)
    print(f"{len(found)} rows; the model would label {differ} of them otherwise: {args.output}")
    print(f"next: dunlens suspects review {args.output} -o corrections.jsonl")


def _beliefs(args: argparse.Namespace, items: Sequence[Item], labels: LabelMap) -> Beliefs:
    if args.artifact is not None:
        shipped = args.artifact == Path("shipped")
        if shipped and any(is_corpus(source) for source in args.sources):
            print("note: the shipped model was trained on the corpus", file=sys.stderr)
        return artifact_beliefs(items, labels.scheme, None if shipped else args.artifact)
    groups = groups_of(items)
    if args.config is not None:
        return tuned_beliefs(items, labels.scheme, groups, args.config, args.folds, args.seed)
    return fast_beliefs(items, labels.scheme, groups, args.features, args.folds, args.seed)


def _review(args: argparse.Namespace) -> None:
    review = Review(read_suspects(args.suspects), chosen_labels(args).scheme, args.output)
    converse(review, most=args.most)


def _apply(args: argparse.Namespace) -> None:
    columns = chosen_labels(args).columns
    by_path: dict[str, list[Correction]] = defaultdict(list)
    for one in read_corrections(args.corrections):
        by_path[one.path].append(one)
    names = [Path(path).name for path in by_path]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{', '.join(sorted(twice))}: two files of this name; apply one at a time")
    texts: dict[Path, str] = {}
    problems: list[str] = []
    for path, decided in by_path.items():
        target = args.output / Path(path).name
        if target.exists() and target.samefile(path):
            raise ValueError(f"{target}: is the file itself; name another folder")
        try:
            texts[target] = corrected(read_records(Path(path), columns), decided, columns).to_text()
        except RowErrors as errors:
            problems += errors.problems
    if problems:
        raise RowErrors(problems)
    for target, text in texts.items():
        write_private(target, text)
        changed = sum(one.changed for one in by_path[_source(by_path, target)])
        print(f"{target}: {changed} labels changed")


def _source(by_path: dict[str, list[Correction]], target: Path) -> str:
    return next(path for path in by_path if Path(path).name == target.name)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    made = argparse.ArgumentParser(
        prog="dunlens suspects",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = made.add_subparsers(dest="action", required=True)
    rank = actions.add_parser("rank", help="rank rows by how suspect their labels are")
    add_sources(rank, "labelled rows")
    rank.add_argument("-o", "--output", type=Path, required=True, help="ranking (JSON Lines)")
    rank.add_argument(
        "--by", choices=("label", "set"), default="label", help="primary label, or label and also"
    )
    rank.add_argument("--most", type=int, help="write only so many rows")
    source = rank.add_mutually_exclusive_group()
    source.add_argument(
        "--features", choices=KINDS, default=KINDS[0], help="of the fast out-of-fold model"
    )
    source.add_argument(
        "--config", type=Path, metavar="YAML", help="fine-tune an encoder for each fold instead"
    )
    source.add_argument(
        "--artifact", type=Path, help="an artifact that was not trained on the rows, or: shipped"
    )
    rank.add_argument("--folds", type=int, default=FOLDS)
    rank.add_argument("--seed", type=int, default=0)
    review = actions.add_parser("review", help="decide on suspects, one by one")
    review.add_argument("suspects", type=Path, help="the ranking that `rank` wrote")
    review.add_argument("-o", "--output", type=Path, required=True, help="decisions, appended to")
    review.add_argument("--most", type=int, help="end after so many decisions")
    add_label_map(review)
    apply = actions.add_parser("apply", help="write the row files with the decided labels")
    apply.add_argument("corrections", type=Path, help="the decisions that `review` wrote")
    apply.add_argument("-o", "--output", type=Path, required=True, help="folder of the copies")
    add_label_map(apply)
    return made


if __name__ == "__main__":
    raise SystemExit(main())

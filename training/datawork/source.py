"""Rows that data work reads: files of one's own, or parts of the corpus by name."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.corpus import CORPUS_DIR, SPLITS_DIR, row_id
from data.labelmap import Columns, LabelMap, read_label_map
from data.ownsplit import example_groups
from data.rows import RowErrors
from data.splits import SPLITS, Split, read_splits
from data.table import Example, read_examples

CORPUS: Final = "corpus"


@dataclass(frozen=True)
class Item:
    """A labelled row and the file that it stands in; `row.line` says where."""

    path: str
    row: Example


def read_items(sources: Sequence[str], labels: LabelMap) -> list[Item]:
    """Read all rows of files and parts of the corpus, in order.

    Raises RowErrors listing every problem of every file, and OSError where one cannot be read. A
    text with two labels is a problem within one file; across files it is what data work is for.
    """
    items: list[Item] = []
    problems: list[str] = []
    for source in sources:
        try:
            items += _read(source, labels)
        except RowErrors as errors:
            problems += errors.problems
    if problems:
        raise RowErrors(problems)
    return items


def groups_of(items: Sequence[Item]) -> list[str]:
    """Return each row's group: near-duplicates, and rows that their file puts into one group."""
    return example_groups([item.row for item in items])


def is_corpus(source: str) -> bool:
    """Whether a source is the corpus or a split of it, and no file."""
    return source == CORPUS or source.startswith(f"{CORPUS}:")


def corpus_files(source: str) -> tuple[list[Path], Split | None]:
    """Return the files of the corpus, and the split that the source names (None: all of them).

    Raises RowErrors for a name that is no split.
    """
    split = source.removeprefix(CORPUS).removeprefix(":")
    if split and split not in SPLITS:
        names = ", ".join(f"{CORPUS}:{name}" for name in SPLITS)
        raise RowErrors([f"{source}: no such part; it is {CORPUS}, {names}"])
    return sorted(CORPUS_DIR.glob("*.jsonl")), split or None


def _read(source: str, labels: LabelMap) -> list[Item]:
    if not is_corpus(source):
        return [Item(source, row) for row in read_examples([Path(source)], labels)]
    if not labels.scheme.is_default:
        raise RowErrors([f"{source}: has the default labels; leave --label-map out"])
    paths, wanted = corpus_files(source)
    split_of = read_splits(SPLITS_DIR)
    known = LabelMap(columns=Columns(group="set"))
    return [
        Item(str(path), row)
        for path in paths
        for row in read_examples([path], known)
        if wanted is None or split_of.get(row_id(row.text)) == wanted
    ]


def add_sources(parser: argparse.ArgumentParser, labelled: str, required: bool = True) -> None:
    """Add the arguments that name rows and their label map."""
    parser.add_argument(
        "sources",
        nargs="+" if required else "*",
        metavar="ROWS",
        help=f"{labelled}: CSV or JSON Lines, or corpus, corpus:train, corpus:dev, corpus:test",
    )
    add_label_map(parser)


def add_label_map(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a label map."""
    parser.add_argument(
        "--label-map", type=Path, metavar="TOML", help="labels and columns (default: DunLens')"
    )


def chosen_labels(args: argparse.Namespace) -> LabelMap:
    """Return the label map that the options name. Raises LabelMapError where it is wrong."""
    return LabelMap() if args.label_map is None else read_label_map(args.label_map)

"""Texts of one file that another holds as well: exactly, normalised, or nearly.

A model that has seen a row, or its twin, is not tested by it. Texts are compared as they stand; as
`data.text.normalise` reads them, in lower case; and by the Jaccard similarity of their character
4-grams, blind to numbers and punctuation (`data.duplicates`).
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from data.duplicates import PERMUTATIONS, THRESHOLD, shingles
from data.rows import RowErrors
from data.text import normalise
from training.datawork.files import json_lines, write_private
from training.datawork.texts import Text, read_texts
from training.problems import shortened
from training.tables import table

Kind = Literal["exact", "normalised", "near"]
KINDS: Final[tuple[Kind, ...]] = ("exact", "normalised", "near")
TITLES: Final[dict[Kind, str]] = {
    "exact": "the same text",
    "normalised": "the same once normalised",
    "near": "nearly the same",
}


@dataclass(frozen=True)
class Overlap:
    """A row of the second file and its closest twin in the first; lines only, no texts."""

    kind: Kind
    first: str
    first_line: int
    second: str
    second_line: int
    similarity: float


def find_overlaps(
    first: Sequence[Text], second: Sequence[Text], threshold: float = THRESHOLD
) -> list[Overlap]:
    """Return the closest twin of each row of `second` that has one, in the order of `second`."""
    from datasketch import MinHash, MinHashLSH

    def sketch(grams: frozenset[str]) -> MinHash:
        made = MinHash(num_perm=PERMUTATIONS, seed=1)
        made.update_batch([gram.encode("utf-8", "surrogatepass") for gram in sorted(grams)])
        return made

    exact: dict[str, int] = {}
    plain: dict[str, int] = {}
    grams: list[frozenset[str]] = []
    lsh = MinHashLSH(threshold=max(0.1, threshold - 0.15), num_perm=PERMUTATIONS)
    for index, one in enumerate(first):
        exact.setdefault(one.text, index)
        plain.setdefault(_plain(one.text), index)
        grams.append(shingles(one.text))
        lsh.insert(index, sketch(grams[-1]))
    found = []
    for one in second:
        own = shingles(one.text)
        kind: Kind = "exact"
        at, similarity = exact.get(one.text), 1.0
        if at is None:
            kind, at = "normalised", plain.get(_plain(one.text))
        if at is None:
            kind = "near"
            near = [(len(own & grams[i]) / len(own | grams[i]), i) for i in lsh.query(sketch(own))]
            similarity, best = max(near, key=lambda pair: (pair[0], -pair[1]), default=(0.0, -1))
            at = best if similarity >= threshold else None
        if at is not None:
            twin = first[at]
            found.append(
                Overlap(kind, twin.path, twin.line, one.path, one.line, round(similarity, 4))
            )
    return found


def _plain(text: str) -> str:
    return normalise(text).text.lower()


def overlap_table(found: Sequence[Overlap], size: int) -> str:
    """Return how many of the second file's `size` rows have a twin, by kind, as Markdown."""
    counts = Counter(one.kind for one in found)
    lines = [[TITLES[kind], str(counts[kind]), f"{counts[kind] / size:.2%}"] for kind in KINDS]
    lines.append(["any of these", str(len(found)), f"{len(found) / size:.2%}"])
    return table(["rows of the second with a twin in the first", "rows", "share"], lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0; with --strict 1 where there is a twin; 2 for bad input."""
    args = parser().parse_args(argv)
    try:
        if not 0 < args.threshold <= 1:
            raise ValueError("--threshold: must be above 0 and at most 1")
        first, second = (
            read_texts(source, args.text_column, args.encoding)
            for source in (args.first, args.second)
        )
        found = find_overlaps(first, second, args.threshold)
        print(f"first: {args.first}, {len(first)} rows; second: {args.second}, {len(second)} rows")
        print(overlap_table(found, len(second)), end="")
        if args.output is not None:
            write_private(args.output, json_lines(map(asdict, found)))
            print(f"line numbers of all pairs: {args.output}")
    except (RowErrors, OSError, ValueError) as error:
        print(shortened(error), file=sys.stderr)
        return 2
    return int(args.strict and bool(found))


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    made = argparse.ArgumentParser(prog="dunlens leakage", description=__doc__)
    what = "CSV, JSON Lines, one text a line, or corpus, corpus:train, corpus:dev, corpus:test"
    made.add_argument("first", help=f"such as the training rows: {what}")
    made.add_argument("second", help="such as the rows to test on")
    made.add_argument("--threshold", type=float, default=THRESHOLD, help="similarity of near twins")
    made.add_argument("--text-column", default="text", help="of CSV and JSON Lines files")
    made.add_argument("--encoding", default="utf-8", help="of the files")
    made.add_argument("-o", "--output", type=Path, help="write all pairs (lines, no texts)")
    made.add_argument("--strict", action="store_true", help="exit with 1 where there is a twin")
    return made


if __name__ == "__main__":
    raise SystemExit(main())

"""The authored corpus: load it, check it, and serve its fixed splits.

``python -m data.corpus`` checks every row, brings the split files and the datasheet's tables up to
date and prints counts; ``--check`` only verifies that they are, ``--counts`` only prints.
"""

import argparse
import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from data.labels import targets
from data.rows import Row, RowErrors, parse_rows
from data.splits import SPLITS, Split, assign, read_splits, write_splits

if TYPE_CHECKING:
    from datasets import DatasetDict

CORPUS_DIR = Path(__file__).parent / "corpus"
SPLITS_DIR = Path(__file__).parent / "splits" / "v1"
SEED = 2026


class CorpusRow(Row):
    """A row with its identity: a digest of its text, and the name of the file it came from."""

    id: str
    file: str


def row_id(text: str) -> str:
    """Return the first 16 hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def load_corpus(directory: str | Path = CORPUS_DIR) -> list[CorpusRow]:
    """Read every ``*.jsonl`` of a folder, in the order of file names and lines.

    Raises RowErrors listing all bad rows of all files and all texts that occur twice, and
    FileNotFoundError where the folder has no such file.
    """
    paths = sorted(Path(directory).glob("*.jsonl"))
    if not paths:
        raise FileNotFoundError(f"no *.jsonl in {directory}")
    rows: list[CorpusRow] = []
    problems: list[str] = []
    first_seen: dict[str, str] = {}
    for path in paths:
        numbered, found = parse_rows(path)
        problems += found
        for number, row in numbered:
            where = f"{path}:{number}"
            if (first := first_seen.setdefault(row.text, where)) != where:
                problems.append(f"{where}: text: repeats {first}")
            else:
                rows.append(CorpusRow(**row.model_dump(), id=row_id(row.text), file=path.stem))
    if problems:
        raise RowErrors(problems)
    return rows


def group_ids(rows: list[CorpusRow]) -> list[str]:
    """Return each row's group: the smallest row id among all that must stay in one split.

    A group joins the rows of one contrast set and all near-duplicates of any of its rows.
    """
    from data.duplicates import DisjointSets, near_duplicate_groups

    sets = DisjointSets(len(rows))
    first_of_set: dict[tuple[str, str], int] = {}
    for index, row in enumerate(rows):
        if row.set is not None:
            sets.join(first_of_set.setdefault((row.file, row.set), index), index)
    for group in near_duplicate_groups([row.text for row in rows]):
        for index in group[1:]:
            sets.join(group[0], index)
    names = [""] * len(rows)
    for group in sets.groups():
        name = min(rows[index].id for index in group)
        for index in group:
            names[index] = name
    return names


def make_splits(
    rows: list[CorpusRow], seed: int = SEED, previous: dict[str, Split] | None = None
) -> dict[str, Split]:
    """Assign every row id to train, dev or test, 80/10/10 within each label of each file.

    ``previous`` assignments are kept, so that a row added later moves no older one. The one
    exception: a new row may join two old groups of different splits, and then both go to the more
    held-out one, so that nothing once held out is ever trained on.
    """
    cells = [(row.file, row.label) for row in rows]
    return assign([row.id for row in rows], group_ids(rows), cells, seed, previous or {})


def load_split(name: Split, directory: str | Path = SPLITS_DIR) -> list[CorpusRow]:
    """Return the rows of one split, in corpus order.

    Raises ValueError for another name than train, dev, test, and where the split files and the
    corpus do not hold the same rows.
    """
    if name not in SPLITS:
        raise ValueError(f"no split {name!r}: it is one of {', '.join(SPLITS)}")
    rows, split = load_corpus(), read_splits(directory)
    if {row.id for row in rows} != split.keys():
        raise ValueError(f"{directory} does not match the corpus; run: python -m data.corpus")
    return [row for row in rows if split[row.id] == name]


def to_datasets() -> "DatasetDict":
    """Return the splits as Hugging Face ``datasets``, with a ``targets`` column (4 of 0 or 1)."""
    from datasets import Dataset, DatasetDict, Features, List, Value  # in the [train] extra

    # Stated, because a column that is empty throughout a split would be inferred as null there.
    kinds = {"also": List(Value("string")), "targets": List(Value("int8")), "hard": Value("bool")}
    fields = [*CorpusRow.model_fields, "targets"]
    features = Features({field: kinds.get(field, Value("string")) for field in fields})

    def export(row: CorpusRow) -> dict[str, object]:
        return row.model_dump() | {"targets": list(targets(row.label, row.also))}

    return DatasetDict(
        {
            name: Dataset.from_list([export(row) for row in load_split(name)], features=features)
            for name in SPLITS
        }
    )


def stale(rows: list[CorpusRow]) -> list[str]:
    """Say what is out of date beside these rows: split files, datasheet. Empty if nothing is."""
    from data.datasheet import README, render

    problems = []
    stored = read_splits(SPLITS_DIR)
    wanted = make_splits(rows, previous=stored)
    moved = sum(stored.get(key) != wanted.get(key) for key in stored.keys() | wanted.keys())
    if moved:
        problems.append(f"{SPLITS_DIR}: {moved} rows missing, left over or in the wrong split")
    sheet = README.read_text(encoding="utf-8")
    if sheet != render(sheet, rows, stored):
        problems.append(f"{README}: counts are out of date")
    return problems


def update(rows: list[CorpusRow], fresh: bool = False) -> None:
    """Bring the split files and the datasheet up to date with the rows."""
    from data.datasheet import README, render

    split = make_splits(rows, previous={} if fresh else read_splits(SPLITS_DIR))
    write_splits(split, SPLITS_DIR)
    sheet = README.read_text(encoding="utf-8")
    README.write_text(render(sheet, rows, split), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Run the command; return 1 where the corpus is wrong or, with --check, something stale."""
    parser = argparse.ArgumentParser(prog="python -m data.corpus", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="change nothing, tell what is stale")
    mode.add_argument("--counts", action="store_true", help="change nothing, print the counts")
    mode.add_argument("--fresh", action="store_true", help="split anew, forgetting the old splits")
    args = parser.parse_args(argv)
    try:
        rows = load_corpus()
    except RowErrors as errors:
        print(errors, file=sys.stderr)
        return 1
    if args.check:
        for problem in (problems := stale(rows)):
            print(f"{problem}; run: python -m data.corpus", file=sys.stderr)
        return int(bool(problems))
    if not args.counts:
        update(rows, fresh=args.fresh)
    from data.counts import counts

    print(counts(rows, read_splits(SPLITS_DIR)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

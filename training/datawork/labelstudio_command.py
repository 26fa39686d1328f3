"""Exchange rows with Label Studio.

``dunlens labelstudio export rows.jsonl -o tasks.json`` writes tasks and, beside them, the labelling
interface ``tasks.xml``; unlabelled pools and rankings of suspects can be exported as well.
``dunlens labelstudio import export.json -o rows.jsonl`` reads the annotations back as rows.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.labelmap import LabelMap, LabelMapError
from data.rows import RowErrors
from training.datawork.files import json_lines, write_private
from training.datawork.labelstudio import (
    Annotated,
    Suggestion,
    interface,
    latest,
    read_annotated,
    to_row,
    to_task,
)
from training.datawork.records import read_records
from training.datawork.source import add_label_map, chosen_labels, read_items
from training.datawork.suspects import read_suspects
from training.datawork.texts import read_texts
from training.problems import shortened


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    args = parser().parse_args(argv)
    try:
        (_export if args.action == "export" else _import)(args)
    except (LabelMapError, RowErrors, OSError, ValueError) as error:
        print(shortened(error), file=sys.stderr)
        return 2
    return 0


def _export(args: argparse.Namespace) -> None:
    labels = chosen_labels(args)
    if args.what == "suspects":
        tasks = _suspect_tasks(args.file)
    elif args.what == "texts":
        found = read_texts(str(args.file), labels.columns.text, labels.columns.encoding)
        tasks = [to_task(one.record, one.text, None) for one in found]
    else:
        tasks = _row_tasks(args.file, labels)
    write_private(args.output, json.dumps(tasks, ensure_ascii=False, indent=1) + "\n")
    beside = args.output.with_suffix(".xml")
    write_private(beside, interface(labels.scheme))
    print(f"{len(tasks)} tasks: {args.output}; labelling interface: {beside}")


def _row_tasks(path: Path, labels: LabelMap) -> list[dict[str, Any]]:
    records = read_records(path, labels.columns).records
    return [
        to_task(records[item.row.line], item.row.text, Suggestion(item.row.label, item.row.also))
        for item in read_items([str(path)], labels)
    ]


def _suspect_tasks(path: Path) -> list[dict[str, Any]]:
    """Return tasks in the order of the ranking, with what the model suggests."""
    return [
        to_task(
            {"file": one.path, "line": one.line, "label": one.label, "also": list(one.also)},
            one.text,
            Suggestion(one.suggested, one.suggested_also, one.score, "suspects"),
        )
        for one in read_suspects(path)
    ]


def _import(args: argparse.Namespace) -> None:
    labels = chosen_labels(args)
    found = read_annotated(args.file, labels.scheme)
    chosen = latest(found)
    write_private(args.output, json_lines(to_row(one, labels) for one in chosen))
    print(f"{len(chosen)} rows: {args.output}")
    if args.by_annotator:
        by_name: dict[str, list[Annotated]] = defaultdict(list)
        for one in found:
            by_name[one.annotator].append(one)
        for name, own in sorted(by_name.items()):
            plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "unknown"
            path = args.output.with_name(f"{args.output.stem}-{plain}.jsonl")
            write_private(path, json_lines(to_row(one, labels) for one in latest(own)))
            print(f"{len(own)} annotations by {name}: {path}")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    made = argparse.ArgumentParser(
        prog="dunlens labelstudio",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = made.add_subparsers(dest="action", required=True)
    out = actions.add_parser("export", help="write tasks and the labelling interface")
    out.add_argument("file", type=Path, help="rows, texts, or a ranking of suspects")
    out.add_argument("--what", choices=("rows", "texts", "suspects"), default="rows")
    out.add_argument("-o", "--output", type=Path, required=True, help="tasks (JSON)")
    add_label_map(out)
    back = actions.add_parser("import", help="read annotations back as rows")
    back.add_argument("file", type=Path, help="what Label Studio exported as JSON")
    back.add_argument("-o", "--output", type=Path, required=True, help="rows (JSON Lines)")
    back.add_argument("--by-annotator", action="store_true", help="also a file for each annotator")
    add_label_map(back)
    return made


if __name__ == "__main__":
    raise SystemExit(main())

"""The corpus as a dataset folder that needs no script: `python -m data.publish FOLDER`.

Writes one JSON Lines file a split, the datasheet as README.md with the metadata by which
`datasets.load_dataset(FOLDER)` knows files and columns, the licence, and Croissant metadata.
`dunlens push FOLDER OWNER/NAME --dataset` puts it on a Hub.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from data.corpus import CorpusRow, load_split
from data.croissant import BOOLEAN, TEXT, describe
from data.datasheet import README
from data.rows import RowErrors
from data.splits import SPLITS

ROOT = Path(__file__).parents[1]
CROISSANT: Final = "croissant.json"
URL: Final = "https://github.com/dunlens/dunlens"
FIELDS: Final[dict[str, tuple[str, str, bool]]] = {
    "id": (TEXT, "First 16 hexadecimal digits of the text's SHA-256.", False),
    "text": (TEXT, "The text, in Chinese.", False),
    "label": (TEXT, "Primary label, by the labelling guide.", False),
    "also": (TEXT, "Further unlawful labels that are present.", True),
    "form": (TEXT, "message, or narrative: somebody tells what happened.", False),
    "recipient": (TEXT, "Whom the text addresses.", False),
    "channel": (TEXT, "How it came.", False),
    "scenario": (TEXT, "What happens, in a few words.", False),
    "hard": (BOOLEAN, "Whether keywords alone mislead.", False),
    "set": (TEXT, "Contrast set within its file, if any.", False),
    "source": (TEXT, "Where the text is from, if it was not written for the corpus.", False),
    "licence": (TEXT, "Licence of such a text.", False),
    "file": (TEXT, "Theme under which it was written.", False),
}


class PublishError(OSError):
    """The folder cannot be written; the message names it."""


def publish(folder: Path) -> dict[str, int]:
    """Write the dataset into an empty or new folder; return the rows of each split.

    Raises PublishError where the folder holds something already, RowErrors where rows are wrong.
    """
    if folder.exists() and any(folder.iterdir()):
        raise PublishError(f"{folder} is not empty; name a new folder")
    splits = {name: load_split(name) for name in SPLITS}
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, tuple[str, int]] = {}
    for name, rows in splits.items():
        content = "".join(_line(row) for row in rows).encode()
        (folder / f"{name}.jsonl").write_bytes(content)
        files[name] = hashlib.sha256(content).hexdigest(), len(content)
    sizes: dict[str, int] = {name: len(rows) for name, rows in splits.items()}
    (folder / "README.md").write_text(_card(sizes), encoding="utf-8")
    if (ROOT / "LICENSE").is_file():  # not beside an installed package
        (folder / "LICENSE").write_bytes((ROOT / "LICENSE").read_bytes())
    metadata = json.dumps(describe(_about(), files, FIELDS), ensure_ascii=False, indent=1)
    (folder / CROISSANT).write_text(metadata + "\n", encoding="utf-8")
    return sizes


def _line(row: CorpusRow) -> str:
    values = row.model_dump()
    return json.dumps({name: values[name] for name in FIELDS}, ensure_ascii=False) + "\n"


def _about() -> dict[str, str]:
    try:
        number = version("dunlens")
    except PackageNotFoundError:  # run from a folder without an installation
        number = "0.0.0"
    return {
        "name": "dunlens-corpus",
        "description": "Chinese texts about debt collection on the PRC mainland, each with the "
        "legal category of the conduct that it shows. Written for the project, not collected.",
        "version": number,
        "license": "https://spdx.org/licenses/MIT.html",
        "url": URL,
        "citeAs": f"The DunLens authors. DunLens corpus, version {number}. {URL}",
        "datePublished": "2026-11-26",
    }


def _card(sizes: dict[str, int]) -> str:
    """Return the datasheet under the metadata that `datasets` and the Hubs read (YAML)."""
    features = [_feature(name, kind, many) for name, (kind, _, many) in FIELDS.items()]
    splits = [f"  - name: {name}\n    num_examples: {count}" for name, count in sizes.items()]
    paths = [f"  - split: {name}\n    path: {name}.jsonl" for name in sizes]
    head = [
        "---",
        "license: mit",
        "language: [zh]",
        "task_categories: [text-classification]",
        "pretty_name: DunLens corpus",
        f"size_categories: [{_magnitude(sum(sizes.values()))}]",
        "configs:",
        "- config_name: default",
        "  data_files:",
        *paths,
        "dataset_info:",
        "  features:",
        *features,
        "  splits:",
        *splits,
        "---",
    ]
    return "\n".join(head) + "\n\n" + README.read_text(encoding="utf-8")


def _feature(name: str, kind: str, many: bool) -> str:
    value = "bool" if kind == BOOLEAN else "string"
    return f"  - name: {name}\n    {'list' if many else 'dtype'}: {value}"


def _magnitude(rows: int) -> str:
    return "10K<n<100K" if rows >= 10_000 else "1K<n<10K"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 where the folder or the rows will not do."""
    parser = argparse.ArgumentParser(prog="python -m data.publish", description=__doc__)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args(argv)
    try:
        sizes: dict[str, Any] = publish(args.folder)
    except (RowErrors, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(", ".join(f"{name}: {count:,} rows" for name, count in sizes.items()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

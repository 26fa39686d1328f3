"""Compare runs and artifacts on the same rows: `dunlens compare RUN|ARTIFACT...`.

The first is what the others are compared with. Baselines are runs like any other (`method: words`
in a configuration). Writes compare.json and compare.md. Texts stay out of both unless --texts is
given: rows are named by their place.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.labelmap import LabelMap, read_label_map
from data.rows import RowErrors
from data.scheme import DEFAULT
from data.splits import SPLITS
from model.classifier import GRAPH, TOKENIZER
from model.e5_file import BaseEncoderError
from model.manifest import MANIFEST, ArtifactError, read_manifest
from model.shipped import ARTIFACT_HELP, artifact_folder
from training.comparison import compare_set
from training.comparison_report import render
from training.config import ConfigError
from training.evalsets import EvalSet, file_set, named_file, scheme_of, split_set
from training.intervals import RESAMPLES
from training.origin import origin_of
from training.predictors import Predictor
from training.systems import load_systems

DEFAULT_OUTPUT = Path("reports/compare")
SCHEMA = 1


def compare(
    sets: Sequence[EvalSet],
    systems: Sequence[Predictor],
    resamples: int = RESAMPLES,
    seed: int = 0,
    texts: bool = False,
) -> dict[str, Any]:
    """Return the comparison of two systems or more, as JSON values (`training.comparison`).

    Raises ValueError for fewer than two systems, or systems of different labels.
    """
    if len(systems) < 2:
        raise ValueError("a comparison needs two runs or artifacts")
    scheme = scheme_of(systems)
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "settings": {"resamples": resamples, "seed": seed},
        "systems": {system.name: system.name for system in systems},
        "costs": {"classes": scheme.classes, "costs": scheme.costs},
        "sets": {one.name: compare_set(one, systems, resamples, seed) for one in sets},
    }
    if texts:
        for one in sets:
            all_texts = [text for text, _ in one.rows()]
            for row in found["sets"][one.name]["rows"]:
                row["text"] = all_texts[row["row"] - 1]
    return found


def write(comparison: Mapping[str, Any], output: Path) -> None:
    """Write compare.json and compare.md into a folder."""
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(comparison, ensure_ascii=False, indent=1, allow_nan=False)
    (output / "compare.json").write_text(text + "\n", encoding="utf-8")
    (output / "compare.md").write_text(render(comparison), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    args = _parser().parse_args(argv)
    try:
        systems = load_systems(args.folders)
        sets = _sets(args, systems)
        comparison = compare(sets, systems, args.resamples, args.seed, args.texts)
        about = zip(comparison["systems"], args.folders, strict=True)
        comparison["systems"] = {name: describe(folder) for name, folder in about}
        write(comparison, args.output)
    except (RowErrors, ArtifactError, BaseEncoderError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(render({**comparison, "sets": _brief(comparison["sets"])}).split("## How to read")[0])
    print(f"report: {args.output / 'compare.md'}")
    return 0


def describe(folder: Path) -> str:
    """Return what a folder holds, in a line: an artifact's version and size, or a run's rows."""
    if (folder / MANIFEST).is_file():
        size = sum((folder / name).stat().st_size for name in (GRAPH, TOKENIZER)) / 2**20
        return f"artifact {read_manifest(folder)[0]}, {size:.1f} MiB (graph and tokenizer)"
    environment = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
    commit = str(environment.get("commit") or "unknown")[:12]
    return f"run {folder.name}, {environment['train']['rows']:,} training rows, commit {commit}"


def _brief(sets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sets with their most harmful rows only, for the terminal."""
    return {name: {**entry, "rows": entry["rows"][:10]} for name, entry in sets.items()}


def _sets(args: argparse.Namespace, systems: Sequence[Predictor]) -> list[EvalSet]:
    scheme = scheme_of(systems)
    labels = None if scheme == DEFAULT else LabelMap(scheme)
    if args.label_map:
        labels = read_label_map(args.label_map)
    sets = [] if args.split == "none" else [split_set(args.split, origin_of(args.folders[0]))]
    sets += [file_set(*named_file(item), labels) for item in args.sets]
    if not sets:
        raise ConfigError("--split none leaves nothing to compare on without --sets")
    return sets


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dunlens compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "folders",
        type=artifact_folder,
        nargs="+",
        metavar="RUN|ARTIFACT",
        help=f"{ARTIFACT_HELP}, or a run; the first is the reference",
    )
    add(
        "--split",
        choices=(*SPLITS, "none"),
        default="dev",
        help="split of what the first was trained on (default: dev)",
    )
    add("--sets", nargs="+", default=[], metavar="NAME=FILE", help="row files, beside the split")
    add("--label-map", type=Path, metavar="FILE", help="labels and columns of these files")
    add("--texts", action="store_true", help="write the texts of differing rows into the report")
    add("--output", type=Path, default=DEFAULT_OUTPUT, help="folder to write")
    add("--resamples", type=int, default=RESAMPLES, help="bootstrap resamples")
    add("--seed", type=int, default=0, help="seed of resampling")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())

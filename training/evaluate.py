"""Measure the shipped model, or another artifact, beside the baselines.

``python -m training.evaluate`` evaluates on the held-out test split; ``--sets NAME=FILE`` adds row
files to it, ``--split none`` leaves the split out. Writes ``metrics.json``, ``curves.json``,
``report.md`` and plots, and prints the targets. ``--attack`` measures how the systems hold under
disguised texts instead, and writes ``attacks.json``, ``attacks.md`` and plots.
"""

from __future__ import annotations

import argparse
import json
import platform
import shlex
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.labelmap import LabelMap, read_label_map
from data.rows import RowErrors
from data.scheme import DEFAULT, Scheme
from data.splits import Split
from model.e5_file import BaseEncoderError
from model.manifest import ArtifactError
from model.shipped import ARTIFACT_HELP, artifact_folder
from training.assess import assess
from training.baselines import Baseline, fit_baselines
from training.calibration_error import BINS, COVERAGE
from training.commit import current_commit
from training.config import TrainConfig
from training.embedding import load_embed
from training.evalrows import check_file, load_split_rows, stream_file
from training.evalsets import (
    EvalSet,
    TextRow,
    file_set,
    named_file,
    obfuscated_set,
    run_set,
    scheme_of,
    split_rows,
    split_set,
)
from training.goals import MODEL, check_goals
from training.intervals import RESAMPLES
from training.origin import origin_of
from training.plots import draw_all
from training.predictors import ClassifierPredictor, Predictor
from training.problems import shortened
from training.report import metrics_table, render_report, seed_spread
from training.robustness import ALL, ATTACKS, chosen_attacks, robustness
from training.tables import goals_table

DEFAULT_OUTPUT = Path("reports/latest")
SCHEMA = 1


def evaluate(
    sets: Sequence[EvalSet],
    systems: Sequence[Predictor],
    resamples: int = RESAMPLES,
    seed: int = 0,
    batch: int = 512,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run every system on every set and return metrics and curves, both as JSON values.

    metrics: ``settings``, ``sets`` (name -> `training.assess.assess`), ``targets``
    (`training.goals.check_goals`; none under other labels than the default ones) and ``seconds``
    (set -> system -> time spent predicting). Raises ValueError where two sets or two systems share
    a name, there is none of either, or the systems' labels differ.
    """
    for what, names in (("set", [s.name for s in sets]), ("system", [s.name for s in systems])):
        if not names or len(set(names)) != len(names):
            raise ValueError(f"need one {what} or more, each with its own name, got {names}")
    scheme = scheme_of(systems)
    entries: dict[str, Any] = {}
    curves: dict[str, Any] = {}
    seconds: dict[str, Any] = {}
    for chosen in sets:
        truths, predictions, spent = run_set(chosen, systems, batch)
        entry, curve = assess(chosen, truths, predictions, resamples, seed)
        entries[chosen.name] = entry
        seconds[chosen.name] = {name: round(value, 2) for name, value in spent.items()}
        if curve:
            curves[chosen.name] = curve
    metrics = {
        "schema": SCHEMA,
        "settings": {"resamples": resamples, "seed": seed, "bins": BINS, "coverage": COVERAGE},
        "sets": entries,
        "targets": check_goals(entries) if scheme.is_default else [],
        "seconds": seconds,
    }
    return metrics, curves


def write(
    metrics: dict[str, Any],
    curves: dict[str, Any],
    output: Path,
    learning_curve: dict[str, Any] | None = None,
) -> None:
    """Write the JSON files, the plots and the report into a folder, made where it is missing."""
    output.mkdir(parents=True, exist_ok=True)
    images = draw_all(metrics, curves, output, learning_curve)
    # Indented to be read; the curves are for the plots only.
    for name, value, indent in (("metrics.json", metrics, 1), ("curves.json", curves, None)):
        text = json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
        (output / name).write_text(text + "\n", encoding="utf-8")
    (output / "report.md").write_text(render_report(metrics, images), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, 1 for a missed target under --strict, 2 for bad input."""
    given = sys.argv[1:] if argv is None else list(argv)
    args = _parser().parse_args(given)
    args.command = shlex.join(["dunlens", "evaluate", *map(_without_folders, given)])
    try:
        if args.attack:
            return _attack(args)
        curve = _read(args.learning_curve) if args.learning_curve else None
        metrics, curves = _run(args)
        write(metrics, curves, args.output, curve)
    except (RowErrors, ArtifactError, OSError, ValueError) as error:
        print(shortened(error), file=sys.stderr)
        return 2
    _print(metrics, args.output)
    missed = [goal for goal in metrics["targets"] if not goal["met"]]
    return int(args.strict and bool(missed))


def _without_folders(argument: str) -> str:
    """Return an argument with paths cut to their last part; where files lie stays private."""
    name, equals, path = argument.rpartition("=")
    return f"{name}{equals}{Path(path).name}" if "/" in path else argument


def _attack(args: argparse.Namespace) -> int:
    """Measure robustness, write and print it; return the exit code."""
    from training.robustness_report import render, targets_table
    from training.robustness_report import write as write_robustness

    attacks = chosen_attacks(args.attack)
    args.frozen = False  # a large encoder for a weak baseline: too slow to attack
    sets, systems, about = _material(args)
    result = robustness(
        sets,
        systems,
        attacks,
        strength=args.strength,
        count=args.rows,
        seed=args.seed,
        resamples=args.resamples,
    )
    report = write_robustness({**result, "about": about}, args.output)
    print(targets_table(result) if result["targets"] else render(result, {}))
    print(f"report: {report}")
    return int(args.strict and not all(goal["met"] for goal in result["targets"]))


def _material(
    args: argparse.Namespace,
) -> tuple[list[EvalSet], list[Predictor], dict[str, Any]]:
    """Return sets, systems, and what is worth telling of them."""
    origin = origin_of(args.artifact) if args.model and args.artifact else None
    labels = _label_map(args)
    sets = _sets(args, origin, labels)
    systems: list[Predictor] = []
    about: dict[str, Any] = {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": current_commit(),
        "command": args.command,
        "python": platform.python_version(),
        "model": None,
        "baselines": {},
        "notes": [],
    }
    if args.model:
        classifier = load_classifier(args.artifact)
        about["model"] = classifier.version
        systems.append(ClassifierPredictor(classifier, MODEL))
    if args.baselines:
        fitted = _baselines(args, about["notes"], origin)
        about["baselines"] = {one.name: vars(one.choice) for one in fitted}
        systems += fitted
    return sets, systems, about


def _run(args: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    spread = seed_spread([_read(path) for path in args.seeds]) if args.seeds else None
    sets, systems, about = _material(args)
    metrics, curves = evaluate(sets, systems, args.resamples, args.seed, args.batch)
    metrics["about"] = about
    if spread is not None:
        metrics["seeds"] = spread
    return metrics, curves


def _label_map(args: argparse.Namespace) -> LabelMap | None:
    """Return how to read the sets' files; None for the corpus's own form."""
    if args.label_map:
        return read_label_map(args.label_map)
    scheme = Scheme.load(args.artifact) if args.model and args.artifact else DEFAULT
    return None if scheme == DEFAULT else LabelMap(scheme)


def _read(path: Path) -> Any:
    """Return a file's JSON value. Raises ValueError, naming the file, where it holds none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error


def load_classifier(artifact: Path | None) -> Any:
    """Load a `model.Classifier`; the shipped artifact for None."""
    from model import Classifier

    return Classifier.load(artifact)


def _baselines(
    args: argparse.Namespace, notes: list[str], origin: TrainConfig | None = None
) -> list[Baseline]:
    """Fit the baselines; ``notes`` takes the reason where the frozen encoder is left out."""
    embed = None
    if args.frozen:
        try:
            embed = load_embed(args.base)
        except (ImportError, OSError, BaseEncoderError) as error:
            notes.append(f"No frozen-encoder baseline: {type(error).__name__}: {error}")
    else:
        notes.append("No frozen-encoder baseline: switched off (--no-frozen).")
    scheme = Scheme.load(args.artifact) if origin is not None else DEFAULT
    train, dev = _fitting_rows("train", origin), _fitting_rows("dev", origin)
    for path in args.extra_train:
        check_file(path, scheme)
        train += stream_file(path)
    print(f"fitting baselines on {len(train)} rows", file=sys.stderr)
    return fit_baselines(train, dev, embed, scheme)


def _fitting_rows(split: Split, origin: TrainConfig | None) -> list[TextRow]:
    return load_split_rows(split) if origin is None else split_rows(split, origin)


def _sets(
    args: argparse.Namespace, origin: TrainConfig | None = None, labels: LabelMap | None = None
) -> list[EvalSet]:
    if args.split == "none" and not args.sets:
        raise ValueError("--split none leaves nothing to evaluate on without --sets")
    files = [named_file(item) for item in args.sets]
    sets = [] if args.split == "none" else [split_set(args.split, origin)]
    sets += [file_set(name, path, labels) for name, path in files]
    if args.obfuscate:
        sets += [obfuscated_set(one, args.strength, args.seed) for one in sets]
    return sets


def _print(metrics: dict[str, Any], output: Path) -> None:
    system = MODEL if metrics["about"]["model"] else next(iter(metrics["about"]["baselines"]))
    print(metrics_table(metrics, system))
    if metrics["targets"]:
        print(goals_table(metrics["targets"]))
    for note in metrics["about"]["notes"]:
        print(note)
    print(f"report: {output / 'report.md'}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dunlens evaluate", description=__doc__)
    flag = argparse.BooleanOptionalAction
    add = parser.add_argument
    add("--artifact", type=artifact_folder, help=ARTIFACT_HELP)
    add("--model", action=flag, default=True, help="evaluate the model itself")
    add(
        "--split",
        choices=("dev", "test", "none"),
        default="test",
        help="split of what the artifact was trained on (default: test); none: only --sets",
    )
    add("--label-map", type=Path, metavar="FILE", help="labels and columns of the sets' files")
    add(
        "--sets",
        nargs="+",
        default=[],
        metavar="NAME=FILE",
        help="row files (JSON Lines, or CSV with a label map), beside the split",
    )
    add("--baselines", action=flag, default=True, help="fit and evaluate the baselines")
    add("--frozen", action=flag, default=True, help="include the frozen-encoder baseline")
    add("--base", default="e5-small", help="base encoder of that baseline")
    add(
        "--extra-train",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="further row files that the model was trained on, for the baselines too",
    )
    add("--obfuscate", action="store_true", help="add an obfuscated version of each set")
    add("--strength", type=float, default=0.15, help="share of characters disguised")
    add(
        "--attack",
        nargs="+",
        default=[],
        metavar="NAME",
        help=f"measure robustness instead: {ALL}, or some of {', '.join(ATTACKS)}",
    )
    add("--rows", type=int, metavar="N", help="rows to draw of each set for --attack")
    add("--output", type=Path, default=DEFAULT_OUTPUT, help="folder to write")
    add("--learning-curve", type=Path, metavar="FILE", help="learning_curve.json to plot")
    add(
        "--seeds",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE",
        help="metrics.json of other seeds, to report mean and spread",
    )
    add("--resamples", type=int, default=RESAMPLES, help="bootstrap resamples")
    add("--seed", type=int, default=0, help="seed of resampling and obfuscation")
    add("--batch", type=int, default=512, help="texts handed to a system at a time")
    add("--strict", action="store_true", help="exit with 1 where a target is missed")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())

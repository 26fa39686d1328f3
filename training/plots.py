"""The evaluation's plots, as PNG. English labels, so that no Chinese font is needed.

Colours are those of Okabe and Ito, told apart by people of every colour vision; lines also differ
in dash and marker.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from data.labels import LABEL_EN
from training.calibration_error import COVERAGE
from training.goals import MODEL
from training.intervals import wilson
from training.tables import SYSTEM_TITLES

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = "osD^v"
GREY = "#666666"
SHORT = {
    "lawful_reminder": "lawful\nreminder",
    "harassment": "harassment",
    "threat_extortion": "threat or\nextortion",
    "privacy_disclosure": "privacy\ndisclosure",
    "out_of_scope": "out of\nscope",
}


def draw_all(
    metrics: Mapping[str, Any],
    curves: Mapping[str, Any],
    output: Path,
    learning_curve: Mapping[str, Any] | None = None,
) -> dict[str, list[str]]:
    """Draw every plot into a folder; return set name ("" for the whole) -> file names.

    Sets of nothing but out-of-scope rows have none. ``learning_curve``: see `learning`.
    """
    images: dict[str, list[str]] = {}
    for name, by_system in curves.items():
        lead = MODEL if MODEL in by_system else next(iter(by_system))
        table = metrics["sets"][name]["systems"][lead]["confusion"]
        jobs: dict[str, Callable[[Axes], None]] = {
            "confusion": partial(
                confusion, table=table, classes=list(metrics["sets"][name]["classes"])
            ),
            "reliability": partial(reliability, bins=by_system[lead]["reliability"]),
            "precision_recall": partial(precision_recall, curves=by_system[lead]),
            "coverage_error": partial(coverage_error, by_system=by_system),
        }
        for kind, draw in jobs.items():
            file = f"{kind}_{re.sub(r'[^A-Za-z0-9]+', '_', name)}.png"
            of = name if kind == "coverage_error" else f"{name}, {SYSTEM_TITLES.get(lead, lead)}"
            _save(output / file, draw, of)
            images.setdefault(name, []).append(file)
    if learning_curve:
        _save(output / "learning_curve.png", partial(learning, curve=learning_curve), "")
        images[""] = ["learning_curve.png"]
    return images


def confusion(axes: Axes, table: Sequence[Sequence[int]], classes: Sequence[str]) -> None:
    """Draw counts [classes, classes], shaded by the share of the true class."""
    counts = np.array(table, dtype=np.float64)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(*counts.shape):
        text = f"{int(counts[row, column])}\n{shares[row, column]:.0%}" if totals[row, 0] else "–"
        dark = shares[row, column] > 0.55
        axes.text(column, row, text, ha="center", va="center", color="white" if dark else "black")
    names = [SHORT.get(label, label.replace("_", "\n")) for label in classes]
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title("Confusion matrix")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def reliability(axes: Axes, bins: Sequence[Sequence[float]]) -> None:
    """Draw the share of right labels against the mean confidence of each bin."""
    mean, share, rows = (np.array(column) for column in zip(*bins, strict=True))
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="perfectly calibrated")
    spread = np.array([wilson(s * n, n) for s, n in zip(share, rows, strict=True)]).T
    errors = np.abs(spread - share)
    axes.errorbar(
        mean, share, yerr=errors, color=COLOURS[0], marker="o", capsize=3, label="bins, 95 %"
    )
    low = max(0.0, min(mean.min(), spread.min()) - 0.05)
    axes.set(xlim=(low, 1.01), ylim=(low, 1.02), xlabel="confidence", ylabel="share right")
    sizes = sorted({int(count) for count in rows})
    per_bin = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]}–{sizes[-1]}"
    axes.set_title(f"Reliability ({per_bin} rows a bin)")
    axes.legend(loc="lower right")


def precision_recall(axes: Axes, curves: Mapping[str, Any]) -> None:
    """Draw precision against recall of each output; a marker where the threshold stands."""
    for index, (label, curve) in enumerate(curves["precision_recall"].items()):
        point, colour = curves["operating_points"][label], COLOURS[index % len(COLOURS)]
        if not curve:
            continue
        recall, precision, _ = zip(*curve, strict=True)
        axes.plot(
            recall,
            precision,
            label=LABEL_EN.get(label, label),
            color=colour,
            linestyle=DASHES[index % len(DASHES)],
        )
        if point:
            marker = MARKERS[index % len(MARKERS)]
            axes.plot(*point, marker=marker, color=colour, markeredgecolor="black")
    axes.set(xlim=(0, 1.02), ylim=(0, 1.03), xlabel="recall", ylabel="precision")
    axes.set_title("Precision and recall (markers: as decided)")
    axes.legend(loc="lower left")


def coverage_error(axes: Axes, by_system: Mapping[str, Any]) -> None:
    """Draw the error among the most confident rows against their share, a line a system."""
    highest = 0.05
    for index, (name, curves) in enumerate(by_system.items()):
        coverage, error, _ = zip(*curves["coverage"], strict=True)
        axes.step(
            coverage,
            error,
            where="post",
            label=SYSTEM_TITLES.get(name, name),
            color=COLOURS[index % len(COLOURS)],
            linestyle=DASHES[index % len(DASHES)],
        )
        # The first few rows say little: one error among ten would set the scale.
        settled = [e for c, e in zip(coverage, error, strict=True) if c >= 0.2]
        highest = max(highest, *settled)
    axes.axvline(COVERAGE, color=GREY, linewidth=0.8)
    axes.set(xlim=(0, 1), ylim=(0, min(1, 1.1 * highest)))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(xlabel="coverage: share of rows kept, most confident first", ylabel="error among them")
    axes.set_title("Coverage and error")
    axes.legend(loc="best")


def learning(axes: Axes, curve: Mapping[str, Any]) -> None:
    """Draw macro-F1 against training rows, a line a set through the mean of its runs.

    ``curve``: ``points``, a list of {rows, macro_f1_five, set}; several at the same rows are runs.
    """
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for point in curve["points"]:
        found[point.get("set", "dev")][point["rows"]].append(point["macro_f1_five"])
    for index, (name, by_rows) in enumerate(found.items()):
        rows = sorted(by_rows)
        colour, marker = COLOURS[index % 5], MARKERS[index % 5]
        means = [float(np.mean(by_rows[n])) for n in rows]
        axes.plot(rows, means, label=name, color=colour, marker=marker, linestyle=DASHES[index % 5])
        for n in rows:
            if len(by_rows[n]) > 1:
                values = by_rows[n]
                axes.plot([n] * len(values), values, ".", color=colour, alpha=0.5)
    axes.set(xlabel="training rows", ylabel="macro-F1, five classes", title="Learning curve")
    axes.set_xlim(left=0)
    axes.legend(loc="lower right")


def _save(path: Path, draw: Callable[[Axes], None], of: str) -> None:
    figure, axes = plt.subplots(figsize=(7, 5.2), layout="constrained")
    try:
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        if of:
            axes.set_title(f"{axes.get_title()}: {of}")
        # No software version or date in the file: the same figures give the same bytes.
        figure.savefig(path, dpi=120, metadata={"Software": None})
    finally:
        plt.close(figure)

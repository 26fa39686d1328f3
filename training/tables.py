"""Markdown tables of an evaluation, for the report, the terminal and the model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from data.labels import LABEL_EN
from training.goals import MODEL

NONE = "–"

# Figure, its title, whether it is shown as a percentage.
FIGURES: tuple[tuple[str, str, bool], ...] = (
    ("macro_f1_five", "macro-F1, five classes", False),
    ("macro_f1_four", "macro-F1, four labels", False),
    ("macro_f1_outputs", "macro-F1 of the outputs (with `also`)", False),
    ("accuracy", "accuracy", True),
    ("exact_match", "exact match of the label set", True),
    ("contrast_sets_right", "contrast sets right as a whole", True),
    ("unlawful_recall", "unlawful recall", True),
    ("unlawful_called_lawful", "unlawful called lawful", True),
    ("unlawful_missed_as_out_of_scope", "unlawful called out of scope", True),
    ("lawful_false_alarm", "lawful called unlawful", True),
    ("oos_called_unlawful", "out of scope called unlawful", True),
    ("oos_called_any", "out of scope called any label", True),
    ("ece", "ECE of the confidence", False),
    ("ece_outputs", "ECE of the outputs, mean", False),
    ("brier", "Brier score of the confidence", False),
    ("selective_error", "error at 85 % coverage", True),
    ("unreviewed_share", "not sent to review", True),
    ("unreviewed_error", "error among those", True),
)

# Shown of each slice.
SLICED = ("accuracy", "unlawful_recall", "unlawful_called_lawful", "lawful_false_alarm")

# The baselines send nothing to review, so that these say nothing of them.
OWN_REVIEW = ("unreviewed_share", "unreviewed_error")

SYSTEM_TITLES = {
    MODEL: "DunLens",
    "words": "jieba words TF-IDF + LR",
    "characters": "character TF-IDF + LR",
    "encoder": "frozen encoder + LR",
}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are aligned to the right."""
    rule = ["---", *("---:" for _ in header[1:])]
    return "".join("| " + " | ".join(row) + " |\n" for row in (header, rule, *rows))


def number(value: float | None, percent: bool = False) -> str:
    """Return 0.912, or 91.2 % where percent; a dash for None."""
    if value is None:
        return NONE
    return f"{100 * value:.1f} %" if percent else f"{value:.3f}"


def interval(estimate: Mapping[str, Any] | None, percent: bool = False) -> str:
    """Return ``value (low–high)``; a dash where the figure is absent or undefined."""
    if estimate is None or estimate["value"] is None:
        return NONE
    low, high = (number(estimate[end], percent).removesuffix(" %") for end in ("low", "high"))
    # A minus sign beside the dash of a range is hard to read.
    dash = " to " if estimate["low"] < 0 else "–"
    return f"{number(estimate['value'], percent)} ({low}{dash}{high})"


def goals_table(goals: Sequence[Mapping[str, Any]]) -> str:
    """Return the targets with value, 95 % interval, n, bound and whether they are met.

    "met" that the interval reaches across the bound is marked as not certain, and so is "missed".
    """
    rows = []
    for goal in goals:
        percent = not goal["what"].startswith(("macro-F1", "expected"))
        sign = "≥" if goal["at_least"] else "≤"
        across = goal["low"] < goal["bound"] < goal["high"]
        verdict = ("**met**" if goal["met"] else "**missed**") + (", not certain" if across else "")
        bound = f"{sign} {number(goal['bound'], percent)}"
        rows.append(
            [goal["set"], goal["what"], interval(goal, percent), str(goal["n"]), bound, verdict]
        )
    return table(["set", "figure", "value (95 % interval)", "n", "target", "result"], rows)


def summary_table(
    metrics: Mapping[str, Any], system: str = MODEL, sets: Sequence[str] | None = None
) -> str:
    """Return one system's figures with 95 % intervals: a row a figure, a column a set.

    ``sets`` are all clean ones with rows in scope, unless given.
    """
    entries = metrics["sets"]
    chosen = sets if sets is not None else in_scope(metrics, obfuscated=False)
    found = [(system, entries[name]["systems"][system]["figures"]) for name in chosen]
    header = ["figure", *(f"{name} (n = {entries[name]['n']})" for name in chosen)]
    return table(header, _figure_rows(found))


def systems_table(entry: Mapping[str, Any]) -> str:
    """Return all systems' figures on one set: a row a figure, a column a system."""
    systems = entry["systems"]
    header = ["figure", *(SYSTEM_TITLES.get(name, name) for name in systems)]
    found = [(name, system["figures"]) for name, system in systems.items()]
    return table(header, _figure_rows(found))


def _figure_rows(found: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[str]]:
    rows = [
        [
            title,
            *(
                NONE if key in OWN_REVIEW and name != MODEL else interval(figures.get(key), percent)
                for name, figures in found
            ),
        ]
        for key, title, percent in FIGURES
    ]
    return [row for row in rows if set(row[1:]) != {NONE}]


def in_scope(metrics: Mapping[str, Any], obfuscated: bool | None = None) -> list[str]:
    """Return the sets with rows in scope; only (not) obfuscated ones where that is given."""
    return [
        name
        for name, entry in metrics["sets"].items()
        if entry["kind"] != "out_of_scope" and obfuscated in (None, entry["obfuscated"])
    ]


def comparison_table(metrics: Mapping[str, Any]) -> str:
    """Return macro-F1 over five classes: a row a set, a column a system, and the gain.

    The gain is the model's over the baseline that does best on the set, from paired resamples.
    """
    figure = "macro_f1_five"
    systems = _systems(metrics)
    rows = []
    for name in in_scope(metrics):
        entry = metrics["sets"][name]
        found = {s: entry["systems"][s]["figures"][figure] for s in systems}
        others = {found[s]["value"]: s for s in entry["differences"]}
        gain = entry["differences"][others[max(others)]][figure] if others else None
        rows.append([name, str(entry["n"]), *(interval(found[s]) for s in systems), interval(gain)])
    titles = [SYSTEM_TITLES.get(name, name) for name in systems]
    return table(["macro-F1, five classes", "n", *titles, "DunLens less the best other"], rows)


def alarms_table(metrics: Mapping[str, Any], systems: Sequence[str] | None = None) -> str:
    """Return how many out-of-scope rows are called unlawful: a row a set, a column a system.

    Empty where no set is wholly out of scope. ``systems`` are all, unless given.
    """
    chosen = list(systems) if systems is not None else _systems(metrics)
    figure = "oos_called_unlawful"
    rows = [
        [
            name,
            str(entry["n"]),
            *(interval(entry["systems"][s]["figures"][figure], percent=True) for s in chosen),
        ]
        for name, entry in metrics["sets"].items()
        if entry["kind"] == "out_of_scope"
    ]
    titles = [SYSTEM_TITLES.get(name, name) for name in chosen]
    return table(["out of scope called unlawful", "n", *titles], rows) if rows else ""


def _systems(metrics: Mapping[str, Any]) -> list[str]:
    return list(next(iter(metrics["sets"].values()))["systems"])


def labels_table(system: Mapping[str, Any], part: str) -> str:
    """Return precision, recall, F1 and support; ``part`` is ``classes`` or ``outputs``."""
    rows = [
        [
            LABEL_EN.get(name, name),
            interval(scores["precision"]),
            interval(scores["recall"]),
            interval(scores["f1"]),
            str(scores["support"]),
        ]
        for name, scores in system[part].items()
    ]
    return table(["label", "precision", "recall", "F1", "rows"], rows)


def differences_table(entry: Mapping[str, Any]) -> str:
    """Return the model's figures less each baseline's, from paired resamples."""
    titles = {key: (title, percent) for key, title, percent in FIGURES}
    rows = [
        [
            SYSTEM_TITLES.get(name, name),
            titles[figure][0],
            interval(difference, titles[figure][1]),
            number(difference["not_above"], percent=True),
        ]
        for name, figures in entry["differences"].items()
        for figure, difference in figures.items()
        if difference["value"] is not None
    ]
    header = ["baseline", "figure", "DunLens less baseline", "resamples ≤ 0"]
    return table(header, rows)


def slices_table(system: Mapping[str, Any]) -> str:
    """Return accuracy and the errors that matter by the rows' circumstances."""
    rows = [
        [
            f"{facet}: {value}",
            str(figures["accuracy"]["n"]),
            *(interval(figures.get(key), percent=True) for key in SLICED),
        ]
        for facet, values in system["slices"].items()
        for value, figures in values.items()
    ]
    titles = {key: title for key, title, _ in FIGURES}
    return table(["rows", "n", *(titles[key] for key in SLICED)], rows)


def seeds_table(seeds: Mapping[str, Any]) -> str:
    """Return mean, standard deviation and range over runs, out of `training.report.seed_spread`."""
    titles = {key: (title, percent) for key, title, percent in FIGURES}
    rows = [
        [
            name,
            titles[figure][0],
            number(spread["mean"], titles[figure][1]),
            number(spread["sd"], titles[figure][1]),
            f"{number(spread['low'], titles[figure][1])} to "
            f"{number(spread['high'], titles[figure][1])}",
            str(spread["runs"]),
        ]
        for name, figures in seeds.items()
        for figure, spread in figures.items()
    ]
    return table(["set", "figure", "mean", "s.d.", "range", "runs"], rows)

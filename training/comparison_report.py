"""A comparison as Markdown: out of its JSON, nothing measured anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from training.tables import FIGURES, interval, number, table

TITLES = {key: (title, percent) for key, title, percent in FIGURES} | {
    "macro_f1_five": ("macro-F1, all classes", False),
    "macro_f1_four": ("macro-F1, labels only", False),
    "oos_called_unlawful": ("no label called unlawful", True),
    "mean_cost": ("mean cost of an answer", False),
}
SHOWN = 50  # rows of a set in the report; the JSON file has them all

METHOD = """\
## How to read this

- Every system is compared with the first, **{first}**, on the same rows. *Difference*: the other's
  figure less the first's. Intervals are 95 % percentile bootstrap intervals over {resamples}
  resamples of whole groups (contrast sets, near-duplicates), the same resamples for both.
- *McNemar*: exact two-sided test on the rows that only one of the two has right. *p (Holm)* is
  adjusted for all tests of the set. The test takes rows as independent, which contrast sets and
  near-duplicates are not: where it and the interval disagree, believe the interval.
- *Cost*: what each answer costs by the label scheme's table (below), by the primary label alone.
- *Harm* of a row: the cost of the worst answer to it less that of the best.
- *ECE if calibrated*: what chance alone would leave on this many rows.
- On development rows, figures of systems whose thresholds were chosen there flatter, all alike.
"""


def render(comparison: Mapping[str, Any]) -> str:
    """Return the report."""
    systems = comparison["systems"]
    (first, *others) = systems
    parts = [f"# {' · '.join(systems)}\n"]
    parts += [f"- **{name}**: {about}" for name, about in systems.items()]
    for name, entry in comparison["sets"].items():
        counts = ", ".join(f"{label} {n}" for label, n in entry["classes"].items() if n)
        parts += [f"\n## {name}\n", f"{entry['n']} rows: {counts}.\n"]
        parts += ["Figures:\n", _figures(entry), "Calibration:\n", _calibration(entry)]
        for other in others:
            parts += _pair(first, other, entry["pairs"][other])
        parts += _rows(entry["rows"])
    parts.append(METHOD.format(first=first, resamples=comparison["settings"]["resamples"]))
    parts += ["Costs (row: truth, column: answer):\n", _costs(comparison)]
    return "\n".join(parts)


def _figures(entry: Mapping[str, Any]) -> str:
    systems = entry["systems"]
    keys = [key for key in TITLES if key in next(iter(systems.values()))["figures"]]
    rows = [
        [TITLES[key][0], *(interval(s["figures"][key], TITLES[key][1]) for s in systems.values())]
        for key in keys
    ]
    rows.append(["seconds for all rows", *(f"{s['seconds']:.1f}" for s in systems.values())])
    return table(["figure", *systems], rows)


def _calibration(entry: Mapping[str, Any]) -> str:
    rows = [
        [
            name,
            interval(system["figures"].get("ece")),
            number(system["ece_if_calibrated"]),
            interval(system["figures"].get("brier")),
            interval(system["figures"].get("selective_error"), percent=True),
        ]
        for name, system in entry["systems"].items()
    ]
    header = ["system", "ECE", "ECE if calibrated", "Brier", "error at 85 % coverage"]
    return table(header, rows)


def _pair(first: str, other: str, pair: Mapping[str, Any]) -> list[str]:
    differences = [
        [TITLES[key][0], interval(found, TITLES[key][1]), _sure(found)]
        for key, found in pair["differences"].items()
        if found["value"] is not None
    ]
    tests = [
        [name, str(t["n"]), str(t["only_first"]), str(t["only_other"]), _p(t["p"]), _p(t["p_holm"])]
        for name, t in pair["mcnemar"].items()
    ]
    slices = [
        [
            f"{facet}: {value}",
            str(found["n"]),
            number(found["first"], True),
            number(found["other"], True),
            interval(found["accuracy"], True),
            interval(found["mean_cost"]),
        ]
        for facet, values in pair["slices"].items()
        for value, found in values.items()
    ]
    parts = [f"### {other} less {first}\n"]
    parts.append(table(["figure", "difference (95 % interval)", "apart from 0"], differences))
    header = ["McNemar", "rows", f"only {first}", f"only {other}", "p", "p (Holm)"]
    parts.append(table(header, tests))
    if slices:
        header = ["rows", "n", first, other, "accuracy, difference", "cost, difference"]
        parts += ["By circumstance (ten rows or more):\n", table(header, slices)]
    return parts


def _sure(found: Mapping[str, Any]) -> str:
    return "yes" if found["low"] > 0 or found["high"] < 0 else "no"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _rows(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    if not rows:
        return ["The systems give every row the same label.\n"]
    names = list(rows[0]["answers"])
    shown = rows[:SHOWN]
    lines = [
        [
            str(row["row"]),
            f"{row['harm']:g}",
            row["truth"],
            *(_answer(row["answers"][name]) for name in names),
            *([_cell(row["text"])] if "text" in row else []),
        ]
        for row in shown
    ]
    header = ["row", "harm", "truth", *names, *(["text"] if "text" in rows[0] else [])]
    more = f", the first {len(shown)}" if len(rows) > len(shown) else ""
    return [f"Rows with different labels, by harm ({len(rows)}{more}):\n", table(header, lines)]


def _answer(answer: Mapping[str, Any]) -> str:
    also = "".join(f" + {name}" for name in answer["also"])
    flag = ", to review" if answer["review"] else ""
    return f"{answer['label']}{also} ({answer['confidence']:.2f}{flag})"


def _cell(text: str) -> str:
    """Return a text as one cell of a table."""
    plain = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return plain if len(plain) <= 200 else plain[:199] + "…"


def _costs(comparison: Mapping[str, Any]) -> str:
    classes = comparison["costs"]["classes"]
    rows = [
        [name, *(f"{cost:g}" for cost in row)]
        for name, row in zip(classes, comparison["costs"]["costs"], strict=True)
    ]
    return table(["truth", *classes], rows)

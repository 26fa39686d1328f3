"""Report, plot and files of `training.robustness`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.attacks import SHORTEST
from training.goals import MODEL
from training.plots import COLOURS, GREY, MARKERS
from training.robustness import CLEAN
from training.tables import SYSTEM_TITLES, interval, number, table

TITLES = {
    "unlawful_recall": "unlawful recall",
    "unlawful_missed_unreviewed": "unlawful missed and not sent to review",
    "lawful_false_alarm": "lawful called unlawful",
    "oos_called_unlawful": "out of scope called unlawful",
    "macro_f1_five": "macro-F1, five classes",
}
PERCENT = frozenset(TITLES) - {"macro_f1_five"}
PLOTTED = ("unlawful_recall", "lawful_false_alarm")

METHOD = """\
## How these figures are made

- Every attack is repeatable from the seed ({seed}) and changes at most {strength} of the characters
  of a text, rounded up (deletion half of that); all others stand in their order. *Kept* is measured
  on the texts: the longest common subsequence of a text and its disguise over the length of the
  text. Symbols, spaces, marks and invisible characters put in between change none. A text disguised
  beyond the bound does not count: it is judged as written.
- A text of less than {shortest} characters has none to spare. The baselines send nothing to review.
- *mixed*: one to three kinds, drawn for each text. *adaptive*: a greedy search that asks the very
  system under attack about {queries} texts and combines kinds (without deletion). It makes unlawful
  texts look like something else and all others unlawful, so its false alarms are the worst that
  anybody could bring about on purpose, not what a sender who evades would.
- Attackers use the tables that normalisation reads as well. Characters that no table has are not
  undone by it, and are left to the model.
- *Change*: under the attack less clean, in points, on the same rows. Intervals are 95 % bootstrap
  intervals over {resamples} resamples of groups of related rows; changes are paired.
- Targets: the single attack with the worst change counts for all of them.
"""


def write(result: Mapping[str, Any], output: Path) -> Path:
    """Write attacks.json, attacks.md and a plot for each set; return the report's path."""
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False)
    (output / "attacks.json").write_text(text + "\n", encoding="utf-8")
    images = {}
    for name, entry in result["sets"].items():
        images[name] = f"attacks_{re.sub(r'[^A-Za-z0-9]+', '_', name)}.png"
        draw(name, entry, output / images[name])
    report = output / "attacks.md"
    report.write_text(render(result, images), encoding="utf-8")
    return report


def render(result: Mapping[str, Any], images: Mapping[str, str]) -> str:
    """Return the report as Markdown."""
    about, settings = result.get("about", {}), result["settings"]
    parts = [f"# {about.get('model') or 'The baselines'} under attack\n"]
    if about.get("created"):
        parts.append(f"Made on {about['created']} by `dunlens evaluate --attack`.\n")
    if result["targets"]:
        parts += ["## Targets\n", targets_table(result)]
    for name, entry in result["sets"].items():
        drawn = "" if entry["n"] == entry["of"] else f", drawn from {entry['of']}"
        parts += [f"## {name}\n", f"{entry['n']} rows{drawn}.\n"]
        for figure in TITLES:
            if rows := figure_table(entry, figure):
                parts += [f"### {TITLES[figure]}\n", rows]
        parts += ["### Edits\n", edits_table(entry)]
        parts += [f"![attacks on {name}]({images[name]})\n"] if name in images else []
    parts.append(
        METHOD.format(
            seed=settings["seed"],
            shortest=SHORTEST,
            strength=number(settings["strength"], percent=True),
            queries=settings["queries"],
            resamples=settings["resamples"],
        )
    )
    return "\n".join(parts)


def figure_table(entry: Mapping[str, Any], figure: str) -> str:
    """Return one figure: a row an attack, for each system its value and the change from clean."""
    systems = list(entry["attacks"][CLEAN]["systems"])
    rows = []
    for attack, found in entry["attacks"].items():
        cells = []
        for name in systems:
            one = found["systems"][name]
            cells.append(interval(one["figures"].get(figure), figure in PERCENT))
            cells.append(points(one["change"].get(figure)) if "change" in one else "")
        rows.append([attack, *cells])
    if all(not set(row[1:]) - {"–", ""} for row in rows):
        return ""
    header = [part for name in systems for part in (SYSTEM_TITLES.get(name, name), "change")]
    return table(["attack", *header], rows)


def points(change: Mapping[str, Any] | None) -> str:
    """Return ``-3.1 (-5.0 to -1.2)``: a difference of shares in points of 1/100."""
    if change is None or change["value"] is None:
        return "–"
    value, low, high = (100 * change[key] for key in ("value", "low", "high"))
    return f"{value:+.1f} ({low:+.1f} to {high:+.1f})"


def edits_table(entry: Mapping[str, Any]) -> str:
    """Return how much of the texts each attack leaves as it was."""
    rows: list[list[str]] = []
    for attack, found in entry["attacks"].items():
        for name, one in found["systems"].items():
            if "kept" in one and (attack == "adaptive" or not rows or rows[-1][0] != attack):
                title = f"{attack} ({SYSTEM_TITLES.get(name, name)})"
                kept = one["kept"]
                rows.append(
                    [
                        title if attack == "adaptive" else attack,
                        number(kept["mean"], percent=True),
                        number(kept["least"], percent=True),
                        str(one["changed"]),
                        str(one["beyond"]),
                    ]
                )
    header = ["attack", "kept, mean", "kept, least", "texts changed", "beyond the bound"]
    return table(header, rows)


def targets_table(result: Mapping[str, Any]) -> str:
    """Return the targets with the worst attack's change."""
    rows = []
    for goal in result["targets"]:
        what = f"{TITLES[goal['figure']]} under {goal['attack']}"
        verdict = "**met**" if goal["met"] else "**missed**"
        bound = f"{'≤' if goal['bound'] > 0 else '≥'} {100 * goal['bound']:+.0f}"
        rows.append([goal["set"], what, points(goal), str(goal["n"]), bound, verdict])
    return table(["set", "figure", "change in points (95 %)", "n", "target", "result"], rows)


def draw(name: str, entry: Mapping[str, Any], path: Path) -> None:
    """Draw unlawful recall and lawful false alarms under each attack, a marker a system."""
    from matplotlib import pyplot as plt
    from matplotlib.ticker import PercentFormatter

    attacks = list(entry["attacks"])
    figure, panels = plt.subplots(
        1, 2, sharey=True, figsize=(9.5, 0.36 * len(attacks) + 1.6), layout="constrained"
    )
    try:
        for panel, wanted in zip(panels, PLOTTED, strict=True):
            for index, system in enumerate(entry["attacks"][CLEAN]["systems"]):
                _series(panel, entry, attacks, system, wanted, index)
            panel.set_title(TITLES[wanted])
            panel.xaxis.set_major_formatter(PercentFormatter(1))
            panel.grid(axis="x", color=GREY, alpha=0.25)
            panel.spines[["top", "right"]].set_visible(False)
        panels[0].set_yticks(range(len(attacks)), attacks)
        panels[0].invert_yaxis()
        panels[0].legend(loc="best", fontsize="small")
        figure.suptitle(f"{name} (n = {entry['n']})")
        figure.savefig(path, dpi=120, metadata={"Software": None})
    finally:
        plt.close(figure)


def _series(
    panel: Any,
    entry: Mapping[str, Any],
    attacks: Sequence[str],
    system: str,
    wanted: str,
    index: int,
) -> None:
    for place, attack in enumerate(attacks):
        one = entry["attacks"][attack]["systems"][system]["figures"].get(wanted)
        if one is None or one["value"] is None:
            continue
        at = place + 0.18 * (index - 1)
        panel.plot([one["low"], one["high"]], [at, at], color=COLOURS[index % 5], alpha=0.5)
        label = SYSTEM_TITLES.get(system, system) if attack == CLEAN else None
        panel.plot(
            one["value"],
            at,
            MARKERS[index % 5],
            color=COLOURS[index % 5],
            label=label,
            markersize=6 if system == MODEL else 4,
        )

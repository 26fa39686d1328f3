"""The evaluation report: Markdown out of ``metrics.json``, nothing measured anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from data.labels import CLASSES, LABEL_EN
from training.goals import MODEL
from training.tables import (
    SYSTEM_TITLES,
    alarms_table,
    comparison_table,
    differences_table,
    goals_table,
    in_scope,
    interval,
    labels_table,
    number,
    seeds_table,
    slices_table,
    summary_table,
    systems_table,
)

SPREAD_FIGURES = (
    "macro_f1_five",
    "macro_f1_four",
    "exact_match",
    "unlawful_called_lawful",
    "oos_called_unlawful",
    "ece",
    "selective_error",
)

METHOD = """\
## How these figures are made

- *Right* means that the primary label is right. Macro averages leave out a class that is absent in
  both truth and prediction. *Unlawful* rows are those with an unlawful label, primary or `also`;
  a row is *called* unlawful by an unlawful label in either place, and lawful by its primary label.
- Of *contrast sets* (texts that differ in little but their label) one counts as right only if
  every row in it is right; a set of which the file holds a single row is not counted.
- *ECE*: {bins} bins of equal mass with edges at the quantiles; equal probabilities are never
  parted. For the confidence the event is that the primary label is right, for the outputs that the
  label is present. Chance alone keeps the ECE of a small set above 0: "if perfectly calibrated" is
  its mean for outcomes drawn from the confidences themselves.
- *Error at {coverage} coverage*: among the most confident rows, the threshold found on these rows.
  *Not sent to review* and the error there go by the system's own flag; the baselines have none.
- Intervals are 95 % percentile bootstrap intervals over {resamples} resamples. Contrast sets and
  near-duplicates are drawn whole; ECE bins and the coverage threshold are held fixed. Resampling
  adds noise of its own to an ECE; the interval is shifted by that mean excess. A rate of exactly 0
  or 1, and the pooled rate, have Wilson intervals instead. Differences are paired: both systems on
  the same resamples.
- The baselines are fitted on the train split, and their settings and decision thresholds chosen on
  the development split, for macro-F1 over five classes. On the development split their figures,
  like the model's, therefore flatter.
- The project's own sets named `real…` and its out-of-scope sets were looked at, as aggregates,
  while training settings, decision rule, cost table and the themes of new rows were chosen: they
  are development sets as well, and the model's figures on them may flatter. Only the test split
  was not looked at for any of this.
- Obfuscated sets: about {strength} of the characters of each text are disguised with a fixed seed.
"""


def render_report(metrics: Mapping[str, Any], images: Mapping[str, Sequence[str]]) -> str:
    """Return the report. ``images``: set name, or "" for the whole, -> file names of its plots."""
    parts = [_head(metrics)]
    if metrics["targets"]:
        parts += ["## Targets\n", goals_table(metrics["targets"])]
    first = next(iter(metrics["sets"].values()))
    lead = MODEL if MODEL in first["systems"] else next(iter(first["systems"]))
    parts += ["## Beside the baselines\n", comparison_table(metrics), alarms_table(metrics)]
    parts += [f"## {SYSTEM_TITLES.get(lead, lead)}\n", summary_table(metrics, lead)]
    if disguised := in_scope(metrics, obfuscated=True):
        parts += ["Obfuscated:\n", summary_table(metrics, lead, disguised)]
    parts += [_image(name) for name in images.get("", ())]
    for name, entry in metrics["sets"].items():
        parts += _set_section(name, entry, lead, images.get(name, ()))
    if metrics.get("seeds"):
        parts += ["## Spread over training runs\n", seeds_table(metrics["seeds"])]
    parts.append(_method(metrics))
    text = "\n".join(parts)
    return text if list(first["classes"]) == list(CLASSES) else _reworded(text, first["classes"])


def _reworded(text: str, classes: Sequence[str]) -> str:
    """Put the words of another label scheme for those that only the default labels have."""
    (*_, none) = classes
    words = {"five classes": "all classes", "four labels": "all labels", "out of scope": none}
    for old, new in words.items():
        text = text.replace(old, new)
    return text


def metrics_table(metrics: Mapping[str, Any], system: str = MODEL) -> str:
    """Return one system's figures on the clean sets, for the model card and the terminal."""
    parts = [summary_table(metrics, system)] if in_scope(metrics, obfuscated=False) else []
    return "\n".join([*parts, alarms_table(metrics, [system])])


def seed_spread(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return set -> figure -> mean, sd, low, high, runs of the model over several ``metrics.json``.

    Only sets and figures that every run has are kept. Raises ValueError for fewer than two runs.
    """
    if len(runs) < 2:
        raise ValueError("a spread needs the metrics.json of two runs or more")
    found: dict[str, Any] = {}
    for name in runs[0]["sets"]:
        for figure in SPREAD_FIGURES:
            values = [_value(run, name, figure) for run in runs]
            known = [value for value in values if value is not None]
            if len(known) == len(runs):
                found.setdefault(name, {})[figure] = {
                    "mean": round(fmean(known), 6),
                    "sd": round(stdev(known), 6),
                    "low": min(known),
                    "high": max(known),
                    "runs": len(known),
                }
    return found


def _value(run: Mapping[str, Any], name: str, figure: str) -> float | None:
    systems = run["sets"].get(name, {}).get("systems", {})
    estimate = systems.get(MODEL, {}).get("figures", {}).get(figure)
    return estimate["value"] if estimate else None


def _head(metrics: Mapping[str, Any]) -> str:
    about = metrics.get("about", {})
    lines = [f"# Evaluation of {about.get('model') or 'the baselines'}\n"]
    if "created" in about:
        lines.append(f"Made on {about['created']} by `dunlens evaluate`.\n")
    for name, choice in about.get("baselines", {}).items():
        lines.append(
            f"- {SYSTEM_TITLES.get(name, name)}: {choice['problem']}, C = {choice['strength']:g}, "
            f"{choice['order']} label first; {number(choice['dev_macro_f1_five'])} macro-F1 over "
            "five classes on the development split."
        )
    lines += [f"- {note}" for note in about.get("notes", ())]
    return "\n".join(lines) + "\n"


def _set_section(
    name: str, entry: Mapping[str, Any], lead: str, images: Sequence[str]
) -> list[str]:
    counts = ", ".join(f"{LABEL_EN.get(k, k)} {v}" for k, v in entry["classes"].items() if v)
    parts = [f"## {name}\n", f"{entry['n']} rows: {counts}. {_source(entry)}\n"]
    parts.append(systems_table(entry))
    system = entry["systems"][lead]
    if entry["kind"] == "out_of_scope":
        return [*parts, _called(entry)]
    ece = system["figures"]["ece"]
    parts.append(
        f"ECE {interval(ece)}; {number(system['ece_if_calibrated'])} if perfectly calibrated.\n"
    )
    if entry["differences"]:
        parts.append(differences_table(entry))
    parts += ["Primary label:\n", labels_table(system, "classes")]
    parts += ["Label present, primary or `also`:\n", labels_table(system, "outputs")]
    if system["slices"]:
        parts += ["By circumstance (ten rows or more):\n", slices_table(system)]
    return parts + [_image(image) for image in images]


def _called(entry: Mapping[str, Any]) -> str:
    """Say what the rows of an out-of-scope set were called."""
    lines = []
    for name, system in entry["systems"].items():
        counts = [sum(column) for column in zip(*system["confusion"], strict=True)]
        called = ", ".join(
            f"{LABEL_EN.get(label, label)} {count}"
            for label, count in zip(entry["classes"], counts, strict=True)
        )
        lines.append(f"- {SYSTEM_TITLES.get(name, name)} called them: {called}.")
    return "\n".join(lines) + "\n"


def _source(entry: Mapping[str, Any]) -> str:
    source = entry["source"]
    where = f"File `{source['file']}`." if "file" in source else f"Split `{source.get('split')}`."
    if entry["contrast_sets"]:
        where += f" {entry['contrast_sets']} contrast sets."
    return where


def _method(metrics: Mapping[str, Any]) -> str:
    settings = metrics["settings"]
    strengths = {
        entry["source"]["obfuscation"]["strength"]
        for entry in metrics["sets"].values()
        if "obfuscation" in entry["source"]
    }
    text = METHOD if strengths else METHOD[: METHOD.index("- Obfuscated sets")]
    return text.format(
        bins=settings["bins"],
        coverage=f"{settings['coverage']:.0%}".replace("%", " %"),
        resamples=settings["resamples"],
        strength=" or ".join(f"{value:.0%}".replace("%", " %") for value in sorted(strengths)),
    )


def _image(name: str) -> str:
    return f"![{name.removesuffix('.png').replace('_', ' ')}]({name})\n"

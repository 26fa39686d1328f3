"""Measure the evidence: `python -m training.faithfulness [--rows N] [--split dev|test]`.

For each label that the model reports: comprehensiveness (probability lost when the spans are
deleted) and sufficiency (share of the probability that the spans hold alone; DeYoung et al. 2020,
"ERASER"), beside random spans of the same lengths in the same text; how often the evidence meets
the edited words of contrast pairs; and its time in verdicts on the same text. Prints Markdown,
writes JSON. Intervals are 95 % bootstrap over groups of related rows.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from data.labels import GRAVITY, LABEL_EN
from model import ArtifactError, Classifier, Verdict
from model.evidence import Evidence
from model.segments import Cut, alone, joined, without
from model.shipped import ARTIFACT_HELP, artifact_folder
from training.contrast_pairs import MOST_EDITED, Pair, common, contrast_pairs
from training.evalrows import Truth, load_split_rows
from training.figures import save_figures
from training.intervals import (
    LEVEL,
    RESAMPLES,
    Estimate,
    Statistic,
    estimate_all,
    rate,
    ratio,
)
from training.predictors import FloatArray
from training.tables import interval, table

DEFAULT_OUTPUT = Path("reports/latest/faithfulness.json")
ROWS = 400
DRAWS = 5
TIMED = 3  # verdicts timed on each text; their median counts
COLUMNS = ("drop", "random_drop", "held", "random_held", "share")
FIGURES: tuple[tuple[str, str, Callable[[FloatArray], float]], ...] = (
    ("comprehensiveness_median", "comprehensiveness, median", lambda v: float(np.median(v[:, 0]))),
    ("random_drop_median", "… of random spans, median", lambda v: float(np.median(v[:, 1]))),
    ("comprehensiveness_mean", "comprehensiveness, mean", lambda v: float(v[:, 0].mean())),
    ("random_drop_mean", "… of random spans, mean", lambda v: float(v[:, 1].mean())),
    ("times_random", "mean over random's mean", lambda v: float(v[:, 0].mean() / v[:, 1].mean())),
    ("sufficiency_median", "sufficiency, median", lambda v: float(np.median(v[:, 2]))),
    ("sufficiency_mean", "sufficiency, mean", lambda v: float(v[:, 2].mean())),
    ("random_held_median", "… of random spans, median", lambda v: float(np.median(v[:, 3]))),
    ("share_mean", "share of the text marked, mean", lambda v: float(v[:, 4].mean())),
)


def random_spans(length: int, spans: Sequence[Cut], rng: Random) -> list[Cut]:
    """Return spans of the same lengths at random, disjoint places of a text of `length`."""
    sizes = [end - start for start, end in spans]
    rng.shuffle(sizes)
    gaps = sorted(rng.randint(0, length - sum(sizes)) for _ in sizes)
    found, used = [], 0
    for gap, size in zip(gaps, sizes, strict=True):
        found.append((gap + used, gap + used + size))
        used += size
    return joined(found)


def cuts(evidence: Evidence) -> list[Cut]:
    """Return the evidence's spans as pairs."""
    return [(span.start, span.end) for span in evidence.spans]


def faithfulness(
    classifier: Classifier, text: str, verdict: Verdict, evidence: Evidence, rng: Random
) -> list[float]:
    """Return the row of COLUMNS for one label of one text; random columns are means of DRAWS."""
    label, spans = evidence.label, cuts(evidence)
    chosen = [spans, *(random_spans(len(text), spans, rng) for _ in range(DRAWS))]
    texts = [part(text, each) for each in chosen for part in (without, alone)]
    p = np.array([v.scores[label] for v in classifier.classify(texts)]).reshape(-1, 2)
    full = verdict.scores[label]
    drop, held = full - p[:, 0], p[:, 1] / full
    share = sum(end - start for start, end in spans) / len(text)
    return [drop[0], drop[1:].mean(), held[0], held[1:].mean(), share]


def timed(classifier: Classifier, text: str) -> tuple[Verdict, tuple[Evidence, ...], float, float]:
    """Return a text's verdict and evidence, and the seconds that each took."""
    spent = []
    for _ in range(TIMED):
        start = time.perf_counter()
        (verdict,) = classifier.classify([text])
        spent.append(time.perf_counter() - start)
    start = time.perf_counter()
    evidence = classifier.explain(text, verdict)
    return verdict, evidence, float(np.median(spent)), time.perf_counter() - start


def measure(
    classifier: Classifier, rows: Sequence[tuple[str, Truth]], resamples: int, seed: int
) -> dict[str, Any]:
    """Return figures over all reported labels, by label, and the latency, as JSON values."""
    rng = Random(seed)  # noqa: S311 - draws spans, no secrets
    values: list[list[float]] = []
    groups: list[str] = []
    labels: list[str] = []
    seconds: list[tuple[float, float]] = []
    for index, (text, truth) in enumerate(rows):
        verdict, evidence, once, explained = timed(classifier, text)
        if not evidence:
            continue
        seconds.append((once, explained))
        for one in evidence:
            values.append(faithfulness(classifier, text, verdict, one, rng))
            groups.append(truth.group or str(index))
            labels.append(one.label)
    if not values:
        raise ValueError("the model reports no label on these rows, so there is no evidence")
    matrix, names = np.array(values), np.array(groups)
    found = {"all": _figures(matrix, names, resamples, seed)}
    for label in GRAVITY:
        mask = np.array(labels) == label
        if mask.any():
            found[label] = _figures(matrix[mask], names[mask], resamples, seed)
    return {"faithfulness": found, "latency": _latency(np.array(seconds))}


def _figures(values: FloatArray, groups: Any, resamples: int, seed: int) -> dict[str, Any]:
    """Return every one of FIGURES with its interval, from the same resamples of the groups."""
    _, index = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(index == group) for group in range(index.max() + 1)]
    rng = np.random.default_rng(seed)
    drawn = [
        values[np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])]
        for _ in range(resamples)
    ]
    tail = 100 * (1 - LEVEL) / 2
    found = {}
    for name, _, figure in FIGURES:
        low, high = np.percentile([figure(each) for each in drawn], [tail, 100 - tail])
        estimate = Estimate(figure(values), float(low), float(high), len(values), "bootstrap")
        found[name] = estimate.to_dict()
    return found


def _latency(seconds: FloatArray) -> dict[str, Any]:
    times = seconds[:, 1] / seconds[:, 0]
    return {
        "n": len(seconds),
        "verdict_ms_median": round(1000 * float(np.median(seconds[:, 0])), 2),
        "explain_ms_median": round(1000 * float(np.median(seconds[:, 1])), 2),
        "verdicts_median": round(float(np.median(times)), 2),
        "verdicts_p90": round(float(np.percentile(times, 90)), 2),
    }


def overlap(
    classifier: Classifier, pairs: Sequence[Pair], resamples: int, seed: int
) -> dict[str, Any]:
    """Return how evidence and edited words meet, over pairs whose label the model reports.

    met: share of pairs with a character in common; inside: share of the evidence's characters that
    are edited; both beside random spans of the same lengths.
    """
    rng = Random(seed)  # noqa: S311 - draws spans, no secrets
    known = [pair for pair in pairs if pair.share <= MOST_EDITED]
    explained: dict[str, tuple[Evidence, ...]] = {}
    found: list[tuple[bool, float, float, float]] = []
    groups = []
    for pair in known:
        if pair.text not in explained:
            (verdict,) = classifier.classify([pair.text])
            explained[pair.text] = classifier.explain(pair.text, verdict)
        for one in explained[pair.text]:
            if one.label in pair.labels:
                spans = cuts(one)
                size = sum(end - start for start, end in spans)
                drawn = [random_spans(len(pair.text), spans, rng) for _ in range(10 * DRAWS)]
                by_chance = np.array([common(each, pair.edited) for each in drawn])
                met = common(spans, pair.edited)
                found.append((met > 0, (by_chance > 0).mean(), met / size, by_chance.mean() / size))
                groups.append(pair.contrast)
    about = {"pairs": len(pairs), "edited_half_at_most": len(known), "edited_share": None}
    if not found:
        return about
    columns = np.array(found, dtype=np.float64)
    ones = np.ones(len(columns))
    figures = {"met": rate(columns[:, 0] > 0, ones > 0)} | {
        name: Statistic(np.stack([columns[:, i], ones], axis=1), ratio, len(columns))
        for i, name in enumerate(("random_met", "inside", "random_inside"), 1)
    }
    estimates = estimate_all(figures, np.unique(groups, return_inverse=True)[1], resamples, seed)
    return (
        about
        | {"edited_share": round(float(np.mean([pair.share for pair in known])), 3)}
        | {name: estimate.to_dict() for name, estimate in estimates.items()}
    )


def render(result: dict[str, Any]) -> str:
    """Return the result as Markdown tables."""
    found, latency, pairs = result["faithfulness"], result["latency"], result["overlap"]
    columns = [name for name in ("all", *GRAVITY) if name in found]
    header = ["", *(LABEL_EN.get(name, name) for name in columns)]
    body = [["n", *(str(found[name]["share_mean"]["n"]) for name in columns)]]
    body += [[title, *(interval(found[c][name]) for c in columns)] for name, title, _ in FIGURES]
    lines = [
        f"Evidence of {result['model']} on {result['rows']} rows of the {result['split']} split.\n",
        table(header, body),
        f"Latency: {latency['verdicts_median']} verdicts' time at the median, "
        f"{latency['verdicts_p90']} at the 90th percentile (n = {latency['n']}; one verdict "
        f"{latency['verdict_ms_median']} ms, evidence {latency['explain_ms_median']} ms).\n",
        f"Contrast pairs: {pairs['pairs']}, of which {pairs['edited_half_at_most']} differ in half "
        f"of the text or less.\n",
    ]
    if "met" in pairs:
        rows = [
            ["meets the edited words", interval(pairs["met"], True)],
            ["… random spans", interval(pairs["random_met"], True)],
            ["evidence inside the edited words", interval(pairs["inside"], True)],
            ["… random spans", interval(pairs["random_inside"], True)],
        ]
        lines.append(table(["", f"n = {pairs['met']['n']} labels of pairs"], rows))
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    args = _parser().parse_args(argv)
    try:
        classifier = Classifier.load(args.artifact, remember=0)  # or the latency would flatter
        rows = load_split_rows(args.split)
        chosen = Random(args.seed).sample(rows, min(args.rows, len(rows)))  # noqa: S311
        result = {
            "model": classifier.version,
            "split": args.split,
            "rows": len(chosen),
            "draws": DRAWS,
            **measure(classifier, chosen, args.resamples, args.seed),
            "overlap": overlap(classifier, contrast_pairs(rows), args.resamples, args.seed),
        }
        save_figures(result, args.output)
    except (ArtifactError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(render(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.faithfulness", description=__doc__)
    add = parser.add_argument
    add("--artifact", type=artifact_folder, help=ARTIFACT_HELP)
    add("--split", choices=("dev", "test"), default="dev", help="corpus split (default: dev)")
    add("--rows", type=int, default=ROWS, help=f"rows sampled from it (default: {ROWS})")
    add("--output", type=Path, default=DEFAULT_OUTPUT, help="JSON file to write")
    add("--resamples", type=int, default=RESAMPLES, help="bootstrap resamples")
    add("--seed", type=int, default=0, help="seed of sampling, random spans and resampling")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())

"""The project's targets, checked against an evaluation.

Only the model's figures count. Held-out rows are those of a split of the corpus; real rows are a
set whose name begins with ``real``; sets of nothing but out-of-scope rows are also pooled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from training.baselines import TFIDF_BASELINES
from training.intervals import wilson

MODEL = "model"
POOLED = "all out-of-scope sets"


@dataclass(frozen=True)
class Goal:
    """A figure's bound on one kind of set (``held_out``, ``real`` or ``out_of_scope``)."""

    kind: str
    figure: str
    what: str
    bound: float
    at_least: bool


GOALS = (
    Goal("held_out", "macro_f1_five", "macro-F1, five classes", 0.90, True),
    Goal("held_out", "contrast_sets_right", "contrast sets right as a whole", 0.65, True),
    Goal("held_out", "unlawful_called_lawful", "unlawful called lawful", 0.03, False),
    Goal("held_out", "ece", "expected calibration error", 0.04, False),
    Goal("held_out", "selective_error", "error at 85 % coverage", 0.02, False),
    Goal("real", "macro_f1_five", "macro-F1, five classes", 0.80, True),
    Goal("real", "gain", "macro-F1 above the best TF-IDF baseline", 0.15, True),
    Goal("real", "unlawful_called_lawful", "unlawful called lawful", 0.05, False),
    Goal("out_of_scope", "oos_called_unlawful", "called unlawful", 0.015, False),
)


@dataclass(frozen=True)
class Result:
    """A goal on one set: met by the value, and ``surely`` met by the whole interval."""

    set: str
    what: str
    value: float
    low: float
    high: float
    n: int
    bound: float
    at_least: bool
    met: bool
    surely: bool


def check_goals(sets: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the results, as JSON values, of all goals that an evaluation's ``sets`` speak to.

    A figure that a set leaves undefined, and every goal without a model, is left out.
    """
    found = [
        _result(goal, name, estimate)
        for goal in GOALS
        for name, estimate in _estimates(goal, sets)
        if estimate is not None and estimate["value"] is not None
    ]
    return [asdict(result) for result in found]


def _estimates(goal: Goal, sets: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    fitting = {
        name: entry
        for name, entry in sets.items()
        if entry["kind"] == goal.kind and not entry["obfuscated"] and MODEL in entry["systems"]
    }
    for name, entry in fitting.items():
        if goal.figure == "gain":
            yield name, _gain(entry)
        else:
            yield name, entry["systems"][MODEL]["figures"].get(goal.figure)
    if goal.kind == "out_of_scope" and len(fitting) > 1:
        yield POOLED, _pool([e["systems"][MODEL]["figures"][goal.figure] for e in fitting.values()])


def _gain(entry: Mapping[str, Any]) -> Any:
    """The model's macro-F1 less that of the TF-IDF baseline that does best on this very set."""
    tfidf = [name for name in TFIDF_BASELINES if name in entry["systems"]]
    if not tfidf:
        return None
    best = max(tfidf, key=lambda n: entry["systems"][n]["figures"]["macro_f1_five"]["value"])
    return entry["differences"][best]["macro_f1_five"]


def _pool(rates: list[dict[str, Any]]) -> dict[str, Any]:
    hits = sum(round(rate["value"] * rate["n"]) for rate in rates)
    total = sum(rate["n"] for rate in rates)
    low, high = wilson(hits, total)
    return {"value": hits / total, "low": low, "high": high, "n": total}


def _result(goal: Goal, name: str, estimate: Mapping[str, Any]) -> Result:
    def meets(value: float) -> bool:
        return value >= goal.bound if goal.at_least else value <= goal.bound

    value, low, high = estimate["value"], estimate["low"], estimate["high"]
    return Result(
        set=name,
        what=goal.what,
        value=value,
        low=low,
        high=high,
        n=estimate["n"],
        bound=goal.bound,
        at_least=goal.at_least,
        met=meets(value),
        surely=meets(low if goal.at_least else high),
    )

"""How systems hold under disguised texts: what ``dunlens evaluate --attack`` measures.

Every attack is run on every row of a set; a disguise beyond the bound (`data.attacks.legible`) does
not count, its text is judged as written. The adaptive attack is run against each system anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from data.attacks import MIXED, STRENGTH, kept, legible, suite
from training import adaptive
from training.evalrows import Truth
from training.evalsets import EvalSet, TextRow, scheme_of
from training.goals import MODEL
from training.intervals import RESAMPLES, Statistic, estimate_all, paired_difference, rate
from training.metrics import statistics
from training.outcome import Outcome, judge
from training.predictors import Predictions, Predictor

SCHEMA = 1
CLEAN, ALL = "clean", "all"
ATTACKS = (*suite(), adaptive.NAME)
UNSEEN = "unlawful_missed_unreviewed"
FIGURES = (
    *("unlawful_recall", UNSEEN, "lawful_false_alarm", "oos_called_unlawful", "macro_f1_five"),
)
# Figure, attacks, bound of the change from the clean texts.
GOALS: tuple[tuple[str, str, float], ...] = (
    ("unlawful_recall", "single", -0.03),
    ("unlawful_recall", adaptive.NAME, -0.10),
    ("lawful_false_alarm", "single", 0.01),
)
BATCH = 512


def chosen_attacks(names: Sequence[str]) -> list[str]:
    """Return the attacks that are named, in the suite's order, or all of them for ``all``.

    Raises ValueError for an unknown name.
    """
    if unknown := set(names) - {*ATTACKS, ALL}:
        raise ValueError(f"no attack {sorted(unknown)}: choose {ALL} or {', '.join(ATTACKS)}")
    return [name for name in ATTACKS if ALL in names or name in names]


def sample(rows: Sequence[TextRow], count: int | None, seed: int) -> list[TextRow]:
    """Return `count` rows drawn with the seed, in their order; all where there are no more."""
    if count is None or count >= len(rows):
        return list(rows)
    drawn = Random(seed).sample(range(len(rows)), count)  # noqa: S311 - no secret here
    return [rows[index] for index in sorted(drawn)]


def robustness(
    sets: Sequence[EvalSet],
    systems: Sequence[Predictor],
    attacks: Sequence[str],
    *,
    strength: float = STRENGTH,
    queries: int = adaptive.QUERIES,
    count: int | None = None,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Return the figures clean and under each attack, as JSON values.

    ``sets``: name -> n, kind, source, ``attacks``: name -> ``systems``: name -> ``figures``,
    ``change`` from the clean texts (paired), ``kept`` (mean and least share of characters kept) and
    ``beyond`` (rows whose disguise did not count). ``targets``: the model's changes under the worst
    single attack and the adaptive one. count: rows drawn of each set.
    """
    measured = {}
    for one in sets:
        rows = sample(list(one.rows()), count, seed)
        measured[one.name] = {
            "n": len(rows),
            "of": one.size,
            "kind": one.kind,
            "source": dict(one.source),
            "attacks": _measure(rows, systems, attacks, strength, queries, seed, resamples),
        }
    settings = {"strength": strength, "queries": queries, "seed": seed, "resamples": resamples}
    return {
        "schema": SCHEMA,
        "settings": settings,
        "sets": measured,
        "targets": list(_targets(measured)),
    }


def _measure(
    rows: Sequence[TextRow],
    systems: Sequence[Predictor],
    attacks: Sequence[str],
    strength: float,
    queries: int,
    seed: int,
    resamples: int,
) -> dict[str, Any]:
    texts, truths = [text for text, _ in rows], [truth for _, truth in rows]
    clean = {system.name: judge(truths, predict(system, texts)) for system in systems}
    found: dict[str, Any] = {
        CLEAN: {name: {"figures": _figures(one, seed, resamples)} for name, one in clean.items()}
    }
    for attack in attacks:
        found[attack] = {}
        for system in systems:
            before = clean[system.name]
            if attack == adaptive.NAME:
                disguised = adaptive.attack_all(
                    texts, before.truth_unlawful, system, seed, queries, strength
                )
            else:
                disguised = [suite(strength)[attack](text, seed) for text in texts]
            found[attack][system.name] = _under(
                texts, disguised, truths, before, system, strength, seed, resamples
            )
    return {name: {"systems": by_system} for name, by_system in found.items()}


def _under(
    texts: Sequence[str],
    disguised: Sequence[str],
    truths: Sequence[Truth],
    clean: Outcome,
    system: Predictor,
    strength: float,
    seed: int,
    resamples: int,
) -> dict[str, Any]:
    pairs = list(zip(texts, disguised, strict=True))
    good = [legible(text, other, strength) for text, other in pairs]
    read = [other if fine else text for (text, other), fine in zip(pairs, good, strict=True)]
    after = judge(truths, predict(system, read))
    before_all, after_all = _statistics(clean), _statistics(after)
    shares = [kept(text, other) for text, other in zip(texts, read, strict=True)]
    return {
        "figures": _figures(after, seed, resamples),
        "change": {
            name: paired_difference(
                after_all[name], before_all[name], clean.groups, resamples, seed
            ).to_dict()
            for name in after_all
        },
        "kept": {"mean": round(float(np.mean(shares)), 6), "least": round(min(shares), 6)},
        "beyond": good.count(False),
        "changed": sum(text != other for text, other in zip(texts, read, strict=True)),
    }


def predict(system: Predictor, texts: Sequence[str]) -> Predictions:
    """Return the predictions for any number of texts, asked in batches."""
    parts = [system.predict(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
    return Predictions.join(parts, scheme_of([system]))


def _figures(outcome: Outcome, seed: int, resamples: int) -> dict[str, Any]:
    found = estimate_all(_statistics(outcome), outcome.groups, resamples, seed)
    return {name: one.to_dict() for name, one in found.items()}


def _statistics(outcome: Outcome) -> dict[str, Statistic]:
    """Return those of FIGURES that the rows support.

    The one of its own is the share of unlawful rows that nobody would look at: not called unlawful,
    and not sent to review either.
    """
    found = statistics(outcome)
    if not outcome.only_out_of_scope:
        unseen = ~outcome.predicted_unlawful & ~outcome.reviewed
        found[UNSEEN] = rate(unseen, outcome.truth_unlawful)
    return {name: found[name] for name in FIGURES if name in found}


def _targets(sets: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the model's targets on each set: the single attack with the worst change counts."""
    for name, entry in sets.items():
        changes = {
            attack: by["systems"][MODEL]["change"]
            for attack, by in entry["attacks"].items()
            if attack != CLEAN and MODEL in by["systems"]
        }
        for figure, which, bound in GOALS:
            fitting = {
                attack: change[figure]
                for attack, change in changes.items()
                if (attack == which if which == adaptive.NAME else _single(attack))
                and figure in change
                and change[figure]["value"] is not None
            }
            if fitting:
                sign = 1 if bound > 0 else -1
                worst = max(fitting, key=lambda attack: sign * fitting[attack]["value"])
                value = fitting[worst]
                met = sign * value["value"] <= sign * bound
                yield {
                    "set": name,
                    "figure": figure,
                    "attack": worst,
                    "bound": bound,
                    "met": met,
                } | {key: value[key] for key in ("value", "low", "high", "n")}


def _single(attack: str) -> bool:
    return attack not in (adaptive.NAME, MIXED)

"""Every answer that can be reached, for the tests that look at all of them."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import combinations, product
from typing import Any

from law_cases import Message

from data.labels import CLASSES, OUT_OF_SCOPE, UNLAWFUL
from model.law import Answer, Facts, answer

# Every cue of the law book is found in this text.
CUES = (
    "公安律师函立案诈骗上门列入失信名单，曝光你的照片和银行卡，信用卡征信债权转让，去死，活不下去"
)
BEFORE, AFTER = date(2025, 12, 31), date(2026, 1, 1)

Case = tuple[str, tuple[str, ...], Facts, str | None]


def labellings() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every label with every set of further labels that it admits."""
    for label in CLASSES:
        others = [] if label == OUT_OF_SCOPE else [name for name in UNLAWFUL if name != label]
        for number in range(len(others) + 1):
            yield from ((label, also) for also in combinations(others, number))


def cases() -> Iterator[Case]:
    """Every labelling with every combination of facts that a rule tells apart."""
    facts = [
        Facts(
            received_on=day,
            received_at=moment,
            count_today=count,
            recipient=recipient,
            beyond_debt=beyond,
            unlawful_debt=unlawful,
        )
        for day, moment, count, recipient, beyond, unlawful in product(
            (None, BEFORE, AFTER),
            (None, "23:00"),
            (None, 4, 7),
            (None, "debtor", "guarantor", "third_party"),
            (None, True, False),
            (None, True, False),
        )
    ]
    for label, also in labellings():
        yield from ((label, also, stated, None) for stated in facts)
        yield from ((label, also, stated, text) for stated in facts[::37] for text in (CUES, "……"))


@lru_cache(maxsize=1)
def answers() -> list[tuple[Case, Answer]]:
    """The answer to every case."""
    return [(case, answer(*case)) for case in cases()]


def shown(answer_: Answer) -> set[str]:
    return {provision.id for provision in answer_.provisions}


def to(message: Message, **facts: Any) -> Answer:
    stated = Facts.model_validate(message.facts | facts)
    return answer(message.label, message.also, stated, message.text)

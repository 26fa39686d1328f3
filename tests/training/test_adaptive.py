"""The adaptive attack against predictors whose weak points are known."""

from collections.abc import Sequence
from math import ceil
from random import Random

import numpy as np
import pytest
from toy import WordPredictor, toy_rows

from data.attacks import LASTING, STRENGTH, kept, legible
from training.adaptive import QUERIES, Answer, attack_all, search
from training.predictors import Predictions

TEXT = "今天晚上我们就上门泼漆砍死你你自己想清楚别怪我们没有提前说"


class Counting(WordPredictor):
    """Counts the texts that it is asked about, clean ones apart."""

    def __init__(self, name: str = "model") -> None:
        super().__init__(name)
        self.asked = 0

    def predict(self, texts: Sequence[str]) -> Predictions:
        self.asked += len(texts)
        return super().predict(texts)


def unlawful(labels: Sequence[str]) -> np.ndarray:
    return np.array([label not in ("lawful_reminder", "out_of_scope") for label in labels])


def test_words_that_decide_are_found_and_disguised() -> None:
    # Two words, either of which is enough, so that both have to go.
    (found,) = attack_all([TEXT], np.array([True]), WordPredictor(), strength=0.3)
    assert WordPredictor().predict([found]).labels == ["out_of_scope"]
    assert legible(TEXT, found, 0.3)


def test_budget_of_queries_and_bound_are_kept() -> None:
    rows = toy_rows(40, 5)
    texts, goal = [text for text, _ in rows], unlawful([row.label for _, row in rows])
    for queries in (1, 7, QUERIES):
        system = Counting()
        found = attack_all(texts, goal, system, queries=queries)
        assert system.asked <= queries * len(texts)
        for text, disguised in zip(texts, found, strict=True):
            assert kept(text, disguised) * len(text) >= len(text) - ceil(STRENGTH * len(text))


def test_the_attack_hurts_more_than_a_blind_one_and_repeats() -> None:
    rows = toy_rows(100, 6)
    texts, goal = [text for text, _ in rows], unlawful([row.label for _, row in rows])
    found = attack_all(texts, goal, WordPredictor(), seed=3)
    assert found == attack_all(texts, goal, WordPredictor(), seed=3)
    assert found != attack_all(texts, goal, WordPredictor(), seed=4)
    called = WordPredictor().predict(found).labels
    hits = [label not in ("lawful_reminder", "out_of_scope") for label in called]
    assert np.mean(np.array(hits)[goal]) < 0.3


def run(answers: dict[str, Answer], text: str, queries: int) -> tuple[str, list[str]]:
    """Run a search against a table of answers; everything else is no help."""
    asked: list[str] = []
    going = search(text, Random(1), queries)
    batch = next(going)
    while True:
        asked += batch
        try:
            batch = going.send([answers.get(one, Answer(False, 1.0)) for one in batch])
        except StopIteration as end:
            return end.value, asked


def test_a_goal_reached_at_once_costs_one_query() -> None:
    assert run({TEXT: Answer(True, 0.1)}, TEXT, QUERIES) == (TEXT, [TEXT])


def test_what_helps_nowhere_leaves_the_text_as_it_is() -> None:
    found, asked = run({}, TEXT, QUERIES)
    assert found == TEXT
    assert len(asked) <= QUERIES


@pytest.mark.parametrize("text", ["", "  ", "?", "啊", "砍死你"])
def test_texts_with_little_to_edit(text: str) -> None:
    found, asked = run({}, text, QUERIES)
    assert found == text
    assert 1 <= len(asked) <= QUERIES


def test_no_character_is_deleted() -> None:
    assert "deletion" not in LASTING


def test_false_alarms_are_sought_in_other_texts() -> None:
    class Nervous(WordPredictor):
        """Calls a text harassment where it holds any character that no clean text has."""

        def predict(self, texts: Sequence[str]) -> Predictions:
            found = super().predict(texts)
            for index, text in enumerate(texts):
                if not set(text) <= set(TEXT):
                    found.labels[index] = "harassment"
            return found

    (found,) = attack_all([TEXT[:10]], np.array([False]), Nervous())
    assert Nervous().predict([found]).labels == ["harassment"]

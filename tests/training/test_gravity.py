import numpy as np

from data.labels import GRAVITY, LABELS
from data.scheme import DEFAULT
from training.gravity import gravest


def test_the_gravest_label_that_is_present_is_the_answer() -> None:
    for at, name in enumerate(GRAVITY[: len(LABELS)]):
        there = set(GRAVITY[at : len(LABELS)])  # this one and all that are less grave
        (found,) = gravest(np.array([[label in there for label in LABELS]]))
        assert DEFAULT.classes[found] == name


def test_where_none_is_present_the_answer_is_the_class_without_labels() -> None:
    assert DEFAULT.classes[gravest(np.zeros((1, len(LABELS)), dtype=np.bool_))[0]] == DEFAULT.none

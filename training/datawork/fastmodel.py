"""A classifier that is fitted in seconds: fixed features, logistic regression one against the rest.

Data work fits it dozens of times (folds, rounds of selection, points of a learning curve), which a
fine-tuned encoder would take days for. The features are made once, over all texts, without labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from data.scheme import Scheme
from training.baselines import EmbeddingFeatures, character_features, word_features
from training.predictors import FloatArray, IntArray

Kind = Literal["characters", "words", "encoder"]
KINDS: Final[tuple[Kind, ...]] = ("characters", "words", "encoder")
STRENGTH: Final[dict[Kind, float]] = {"characters": 3.0, "words": 3.0, "encoder": 0.01}
"""C of the regression, the inverse of its regularisation.

Characters: 10 takes twice as long on the train split, for an out-of-fold accuracy of 0.833 instead
of 0.824 and as many wrong labels found (92 %). Words and encoder: from the middle of the grid of
`training.baselines`.
"""


def text_features(texts: Sequence[str], kind: Kind) -> Any:
    """Return a matrix with a row a text: TF-IDF (sparse) or the frozen base encoder (dense)."""
    return fitted_features(texts, [], kind)[0]


def fitted_features(texts: Sequence[str], others: Sequence[str], kind: Kind) -> tuple[Any, Any]:
    """Return the matrices of two lists of texts, the features fitted on the first alone.

    The second is None where there are no other texts.
    """
    if kind == "encoder":
        from training.embedding import load_embed

        made: Any = EmbeddingFeatures(load_embed())
    else:
        made = character_features() if kind == "characters" else word_features()
    first = made.fit_transform(texts)
    return first, made.transform(others) if others else None


@dataclass(frozen=True)
class FastModel:
    """One regression for each of `classes`; a constant where all or none of the rows have it."""

    regressions: Sequence[Any]

    @staticmethod
    def fit(features: Any, wanted: Any, strength: float) -> FastModel:
        """Fit a regression to each column of 0/1 `wanted` [n, k]."""
        from sklearn.linear_model import LogisticRegression

        # the dual form is the quick one where there are more features than rows
        dual = features.shape[1] > features.shape[0]
        return FastModel(
            [
                float(column[0])
                if (column == column[0]).all()
                else LogisticRegression(
                    C=strength,
                    dual=dual,
                    class_weight="balanced",
                    solver="liblinear",
                    max_iter=1000,
                    random_state=0,
                ).fit(features, column)
                for column in np.asarray(wanted).T
            ]
        )

    def __call__(self, features: Any) -> FloatArray:
        """Return each regression's probability, float [n, k]; the columns need not add up to 1."""
        columns = [
            np.full(features.shape[0], one)
            if isinstance(one, float)
            else one.predict_proba(features)[:, 1]
            for one in self.regressions
        ]
        return np.stack(columns, axis=1)


def one_hot(labels: Sequence[str], scheme: Scheme) -> IntArray:
    """Return 0/1 [n, classes] of the primary labels."""
    at = class_numbers(labels, scheme)
    return np.eye(len(scheme.classes), dtype=np.int64)[at]


def class_numbers(labels: Sequence[str], scheme: Scheme) -> IntArray:
    """Return each label's index in `scheme.classes`, int [n]."""
    at = {name: index for index, name in enumerate(scheme.classes)}
    return np.array([at[label] for label in labels], dtype=np.int64)


def shares(probabilities: FloatArray) -> FloatArray:
    """Return rows [n, k] brought to a sum of 1."""
    floor = np.maximum(probabilities, 1e-9)
    result: FloatArray = floor / floor.sum(axis=1, keepdims=True)
    return result

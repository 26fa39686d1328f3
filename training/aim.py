"""Where in a text its label shows, as a cheap linear model sees it.

Who wants to get past a classifier disguises the words that betray him, not any: the disguises that
a network learns to see through are aimed at the same places. The adaptive attack asks the network
itself sixty times a text; a linear model over character n-grams, whose weights of a place can be
read off, stands in for it: what deceives one model often deceives another (Papernot et al. 2017,
"Practical black-box attacks against machine learning").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from training.config import ConfigError
from training.material import Labelled

LONGEST = 3  # characters of an n-gram
RARE = 3  # n-grams in fewer texts say nothing
REGULARISATION = 10.0


class Aim:
    """A linear model over character n-grams, fitted on labelled rows."""

    def __init__(self, rows: Sequence[Labelled]) -> None:
        """Fit. Raises ConfigError where the rows are too few, or have one label only."""
        features = TfidfVectorizer(
            analyzer="char",
            lowercase=False,
            ngram_range=(1, LONGEST),
            min_df=RARE,
            sublinear_tf=True,
            dtype=np.float32,
        )
        model = LogisticRegression(C=REGULARISATION, max_iter=300)
        try:
            x = features.fit_transform([row.text for row in rows])
            model.fit(x, [row.label for row in rows])
        except ValueError as error:
            raise ConfigError(f"aimed_share: the rows do not tell where to aim: {error}") from error
        weights = model.coef_ if len(model.coef_) > 1 else np.vstack([-model.coef_, model.coef_])
        self._column: dict[str, int] = features.vocabulary_
        # relative to the other classes, and as much as a rare n-gram counts for
        self._weights = (weights - weights.mean(axis=0)) * features.idf_

    def __call__(self, text: str) -> list[float]:
        """Return how much each character speaks for the class that the text seems to be of."""
        spans = [
            (start, start + length, column)
            for start in range(len(text))
            for length in range(1, min(LONGEST, len(text) - start) + 1)
            if (column := self._column.get(text[start : start + length])) is not None
        ]
        found = np.zeros(len(text))
        if spans:
            columns = self._weights[:, [column for _, _, column in spans]]
            for (start, end, _), weight in zip(
                spans, columns[columns.sum(axis=1).argmax()], strict=True
            ):
                found[start:end] += weight / (end - start)
        return [float(value) for value in found]

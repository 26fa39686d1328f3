"""The three baselines beside which the model is always reported.

``words``: jieba words, TF-IDF; ``characters``: character 1- to 4-grams, TF-IDF; ``encoder``: the
mean-pooled embedding of the base encoder before any fine-tuning. Each feeds logistic regression.
All are trained on the train split; strength of regularisation, form of the problem (a yes/no
question for each label or one choice of all classes) and decision rule are picked on the
development split. As runs of their own, to compare with: `training.baseline_run`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from data.scheme import DEFAULT, Scheme
from data.text import normalise
from training.baseline_rule import BaselineRule, macro_f1_five
from training.evalrows import Truth
from training.predictors import BoolArray, FloatArray, IntArray, Predictions

Embed = Callable[[Sequence[str]], FloatArray]
Rows = Sequence[tuple[str, Truth]]
Problem = Literal["yes/no for each label", "one of the classes"]
PROBLEMS: tuple[Problem, ...] = ("yes/no for each label", "one of the classes")
SURE = 40.0  # log odds of what all rows have, or (negative) none has

TFIDF_BASELINES = ("words", "characters")
GRID: tuple[float, ...] = (1.0, 3.0, 10.0, 30.0, 100.0)
ENCODER_GRID: tuple[float, ...] = (0.003, 0.01, 0.03, 0.1)


class Features(Protocol):
    """Texts to a matrix, dense or sparse, with a row a text."""

    def fit_transform(self, texts: Sequence[str]) -> Any: ...

    def transform(self, texts: Sequence[str]) -> Any: ...


@dataclass(frozen=True)
class Choice:
    """What the development split picked, and the macro-F1 over all classes it reached there."""

    problem: Problem
    strength: float
    order: str
    dev_macro_f1_five: float


@dataclass(frozen=True)
class Baseline:
    """A fitted baseline; a `training.predictors.Predictor`."""

    name: str
    features: Features
    score: Linear
    rule: BaselineRule
    choice: Choice

    @property
    def scheme(self) -> Scheme:
        """The labels that it answers with."""
        return self.rule.scheme

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Return the predictions for the texts; it never asks for review."""
        if not texts:
            return Predictions.join([], self.scheme)
        return self.rule.decide(self.score(self.features.transform(texts)))


def fit_baselines(
    train: Rows, dev: Rows, embed: Embed | None = None, scheme: Scheme = DEFAULT
) -> list[Baseline]:
    """Return the two TF-IDF baselines and, given the base encoder's ``embed``, the third.

    ``embed`` maps n texts to a float array [n, d] of mean-pooled embeddings.
    """
    fitted = [
        fit_baseline(name, features(), train, dev, GRID, scheme)
        for name, features in zip(TFIDF_BASELINES, (word_features, character_features), strict=True)
    ]
    if embed is not None:
        fitted.append(
            fit_baseline("encoder", EmbeddingFeatures(embed), train, dev, ENCODER_GRID, scheme)
        )
    return fitted


def fit_baseline(
    name: str,
    features: Features,
    train: Rows,
    dev: Rows,
    grid: Sequence[float] = GRID,
    scheme: Scheme = DEFAULT,
) -> Baseline:
    """Fit every form and strength on train and return the one that is best on dev."""
    x_train = features.fit_transform([text for text, _ in train])
    x_dev = features.transform([text for text, _ in dev])
    truth, truth_set = _targets(dev, scheme)
    best: Baseline | None = None
    for problem, strength, score in _candidates(x_train, *_targets(train, scheme), grid, scheme):
        raw = score(x_dev)
        rule = BaselineRule.fit(raw, truth, truth_set, scheme)
        predicted = np.array([scheme.classes.index(label) for label in rule.decide(raw).labels])
        value = macro_f1_five(truth, predicted, len(scheme.classes))
        if best is None or value > best.choice.dev_macro_f1_five:
            choice = Choice(problem, strength, rule.order, round(value, 6))
            best = Baseline(name, features, score, rule, choice)
    if best is None:
        raise ValueError("the grid is empty")
    return best


def word_features(**settings: Any) -> Features:
    """Return TF-IDF over jieba's words and pairs of words."""
    return _tfidf(tokenizer=_words, token_pattern=None, ngram_range=(1, 2), **settings)


def character_features(**settings: Any) -> Features:
    """Return TF-IDF over runs of one to four characters."""
    return _tfidf(analyzer="char", ngram_range=(1, 4), **settings)


class EmbeddingFeatures:
    """Embeddings of a frozen encoder, standardised by the training rows."""

    def __init__(
        self, embed: Embed, mean: FloatArray | None = None, spread: FloatArray | None = None
    ) -> None:
        """Standardise by mean and spread [d], or by those of the texts of `fit_transform`."""
        self._embed = embed
        if mean is not None and spread is not None:
            self.mean, self.spread = mean, spread

    def fit_transform(self, texts: Sequence[str]) -> FloatArray:
        """Embed the training texts and take their mean and spread."""
        found = self._normalised(texts)
        self.mean, self.spread = found.mean(axis=0), found.std(axis=0) + 1e-9
        return self._standardise(found)

    def transform(self, texts: Sequence[str]) -> FloatArray:
        """Embed further texts."""
        return self._standardise(self._normalised(texts))

    def _normalised(self, texts: Sequence[str]) -> FloatArray:
        return self._embed([normalise(text).text for text in texts])

    def _standardise(self, found: FloatArray) -> FloatArray:
        return np.asarray((found - self.mean) / self.spread, dtype=np.float64)


def _tfidf(**settings: Any) -> Features:
    from sklearn.feature_extraction.text import TfidfVectorizer

    features: Features = TfidfVectorizer(
        preprocessor=_plain, sublinear_tf=True, min_df=2, dtype=np.float64, **settings
    )
    return features


def _plain(text: str) -> str:
    return normalise(text).text.lower()


def _words(text: str) -> list[str]:
    import jieba

    jieba.setLogLevel("ERROR")  # it reports on stderr that it builds its dictionary
    return [word for word in jieba.cut(text) if not word.isspace()]


def _targets(rows: Rows, scheme: Scheme) -> tuple[IntArray, BoolArray]:
    truth = np.array([scheme.classes.index(row.label) for _, row in rows], dtype=np.int64)
    sets = np.array([scheme.targets(row.label, row.also) for _, row in rows], dtype=np.bool_)
    return truth, sets


def _candidates(
    features: Any, truth: IntArray, truth_set: BoolArray, grid: Sequence[float], scheme: Scheme
) -> Iterator[tuple[Problem, float, Linear]]:
    """Yield form, C, and scorer (features to raw scores [n, labels]) of each fitted model."""
    from sklearn.linear_model import LogisticRegression

    # One classifier against the rest for each class, not one softmax: 30 times as fast in the
    # dual form, which is the quick one where there are more features than rows, and no worse.
    dual = features.shape[1] > features.shape[0]
    classes = np.eye(len(scheme.classes), dtype=np.bool_)[truth]
    for strength in grid:
        settings: dict[str, Any] = {"C": strength, "dual": dual, "class_weight": "balanced"}
        for problem, columns in zip(PROBLEMS, (truth_set, classes), strict=True):
            models = [
                LogisticRegression(
                    solver="liblinear", max_iter=1000, random_state=0, **settings
                ).fit(features, wanted)
                if 0 < wanted.sum() < len(wanted)
                else (SURE if wanted.all() else -SURE)  # no rows to tell apart
                for wanted in columns.T
            ]
            yield problem, strength, Linear.of(models, features.shape[1], len(scheme.labels))


@dataclass(frozen=True)
class Linear:
    """Logistic regressions side by side: for each label, or for each class brought to a sum of 1.

    coefficients: float64 [k, d]; intercepts: float64 [k]; k is ``labels`` or one more.
    """

    coefficients: FloatArray
    intercepts: FloatArray
    labels: int

    @staticmethod
    def of(models: Sequence[Any], size: int, labels: int) -> Linear:
        """Return the scorer of fitted models, or of constants, over ``size`` features."""
        constant = [isinstance(model, float) for model in models]
        pairs = list(zip(models, constant, strict=True))
        rows = [np.zeros(size) if fixed else model.coef_[0] for model, fixed in pairs]
        shifts = [model if fixed else model.intercept_[0] for model, fixed in pairs]
        return Linear(np.stack(rows), np.array(shifts, dtype=np.float64), labels)

    def __call__(self, features: Any) -> FloatArray:
        """Return raw scores [n, labels] in 0..1."""
        from scipy.special import expit

        found = np.concatenate(
            [
                expit(np.asarray(features @ row[:, None]) + shift)
                for row, shift in zip(self.coefficients, self.intercepts, strict=True)
            ],
            axis=1,
        )
        if len(self.intercepts) > self.labels:
            found /= found.sum(axis=1, keepdims=True)
        return np.asarray(found[:, : self.labels], dtype=np.float64)

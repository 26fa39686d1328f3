"""The words of the law book: two languages, calm, and never sure of anybody's guilt."""

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from data.labels import UNLAWFUL
from model.law import Words, answer
from model.law.book import default_book

# Words of certainty about guilt. "犯罪" and "违法" are fine in the name of a law or a condition.
CERTAIN = re.compile(
    "构成|已经?违法|属于违法|就是违法|肯定|必然|一定会|一定要|必定|毫无疑问|铁定|罪犯|犯了|定罪"
    r"|\b(guilty|definitely|certainly|undoubtedly|constitutes?|has committed|a criminal|proves)\b",
    re.IGNORECASE,
)


def words(part: object) -> Iterator[Words]:
    """Yield all texts for people within a model, tuple or mapping."""
    if isinstance(part, Words):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from words(getattr(part, name))
    elif isinstance(part, tuple | list):
        for item in part:
            yield from words(item)
    elif isinstance(part, dict):
        yield from words(list(part.values()))


def all_words() -> list[Words]:
    book = default_book()
    return list(words([getattr(book, name) for name in book.__dataclass_fields__]))


def test_no_text_claims_certainty() -> None:
    texts = all_words()
    assert len(texts) > 400
    assert not [text.zh for text in texts if CERTAIN.search(text.zh)]
    assert not [text.en for text in texts if CERTAIN.search(text.en)]


@pytest.mark.parametrize("text", ["对方已构成犯罪", "对方肯定违法", "The sender is guilty."])
def test_certainty_would_be_noticed(text: str) -> None:
    assert CERTAIN.search(text)


@pytest.mark.parametrize("label", UNLAWFUL)
def test_an_unlawful_label_may_be_unlawful(label: str) -> None:
    note = answer(label).note
    assert "可能涉嫌" in note.zh
    assert "may" in note.en


def test_both_languages_are_there_and_apart() -> None:
    for text in all_words():
        assert re.search("[\u4e00-\u9fff]", text.zh), text.zh
        assert not re.search("[\u4e00-\u9fff]", text.en), text.en
        assert re.search("[a-z]{2}", text.en), text.en

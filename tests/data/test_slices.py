import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.corpus import load_corpus
from data.slices import FACETS, text_facets, word_lists


@pytest.mark.parametrize(
    ("text", "facet", "value"),
    [
        ("短" * 15, "length", "001–015"),
        ("短" * 16, "length", "016–040"),
        ("长" * 100, "length", "041–100"),
        ("长" * 101, "length", "101–200"),
        ("长" * 4000, "length", "201 and more"),
        ("你唔還錢我就睇住嚟", "dialect", "cantonese"),
        ("龟儿子咋个还不还钱", "dialect", "southwestern"),
        ("瞅啥，再不还钱整死你", "dialect", "northern"),
        ("侬啥辰光还钞票", "dialect", "wu"),
        ("请尽快还款", "dialect", "none"),
        ("张先生您好", "gender_words", "male"),
        ("李女士您好", "gender_words", "female"),
        ("张先生，您太太的电话我们有", "gender_words", "both"),
        ("他妈的还钱", "gender_words", "none"),
        ("同学，你的助学贷逾期了", "age_words", "young"),
        ("都退休的人了还欠钱", "age_words", "old"),
        ("大学生欠钱，我们找你爷爷", "age_words", "both"),
        ("装孙子是吧", "age_words", "none"),
    ],
)
def test_what_a_text_shows(text: str, facet: str, value: str) -> None:
    assert text_facets(text)[facet] == value


@given(st.text(st.characters(codec=None, categories=None), max_size=60))
def test_any_text_has_every_facet(text: str) -> None:
    assert tuple(text_facets(text)) == FACETS


def test_every_value_occurs_in_the_corpus_and_is_worth_a_slice() -> None:
    found = [text_facets(row.text) for row in load_corpus()[::2]]
    for facet in FACETS:
        values = [one[facet] for one in found]
        for value in set(values):
            assert values.count(value) >= 5, (facet, value)
        assert len(set(values)) >= 4
    assert set(word_lists()["dialect"]) < {one["dialect"] for one in found}

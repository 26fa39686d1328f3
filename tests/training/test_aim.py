"""Where a text's label shows, and rows disguised there."""

from random import Random

import pytest
from tiny import CONFIG, corpus_rows

pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from data.corpus import load_split  # noqa: E402
from data.rows import Row  # noqa: E402
from training.aim import Aim  # noqa: E402
from training.batches import epoch_batches  # noqa: E402
from training.config import ConfigError  # noqa: E402

THREAT = "您好，今天天气不错，再不还钱就砍死你全家，祝您生活愉快"


@pytest.fixture(scope="module")
def aim() -> Aim:
    return Aim(Random(0).sample(load_split("train"), 2000))


def test_the_threat_weighs_more_than_the_small_talk_around_it(aim: Aim) -> None:
    weights = aim(THREAT)
    assert len(weights) == len(THREAT)
    start = THREAT.index("再不")
    inside, outside = weights[start : start + 11], weights[:start] + weights[start + 11 :]
    assert sum(inside) / len(inside) > 2 * max(0.0, sum(outside) / len(outside))


@pytest.mark.parametrize("text", ["", "𠮷", "\x00\ud800", "a" * 5000])
def test_any_text_has_a_weight_a_character(aim: Aim, text: str) -> None:
    assert len(aim(text)) == len(text)


def test_rows_without_a_pattern_are_refused() -> None:
    rows = [corpus_rows(2, 2)[0]]
    with pytest.raises(ConfigError, match="aimed_share"):
        Aim(rows)


def test_the_aimed_share_of_the_rows_is_disguised_where_the_label_shows(
    aim: Aim, tiny_run: object
) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_run / "model")
    rows: list[Row] = corpus_rows(40, 5)
    plain = CONFIG.model_copy(update={"obfuscate_share": 1.0, "mask_share": 0.0})

    def ids(config: object) -> list[list[list[int]]]:
        return [
            b.input_ids.tolist() for b in epoch_batches(rows, tokenizer, config, Random(1), aim=aim)
        ]

    assert ids(plain) == ids(plain.model_copy(update={"aimed_share": 0.0}))
    assert ids(plain) != ids(plain.model_copy(update={"aimed_share": 1.0}))

"""Rows become padded batches: nothing lost, nothing unpadded, repeatable."""

from pathlib import Path
from random import Random

import pytest
from tiny import CONFIG

from data.corpus import load_split
from data.labels import targets
from data.rows import Row
from data.unlabelled import Unlabelled
from model.encoder import resolve_base

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from training.batches import LENGTH_STEP, Batch, collate, encode, epoch_batches  # noqa: E402

PLAIN = CONFIG.model_copy(update={"obfuscate_share": 0.0})


@pytest.fixture(scope="module")
def tokenizer(cache: Path) -> "transformers.PreTrainedTokenizerBase":
    return transformers.AutoTokenizer.from_pretrained(resolve_base("e5-small", [0, 1]))


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return list(load_split("dev")[::6])


def content(batch: Batch) -> list[tuple[tuple[int, ...], tuple[float, ...]]]:
    """Return the real tokens and the targets of each row."""
    return [
        (tuple(ids[mask.bool()].tolist()), tuple(goal.tolist()))
        for ids, mask, goal in zip(
            batch.input_ids, batch.attention_mask, batch.targets, strict=True
        )
    ]


def test_an_epoch_has_every_row_once_with_its_targets(rows: list[Row], tokenizer: object) -> None:
    batches = list(epoch_batches(rows, tokenizer, PLAIN, Random(1)))
    assert len(batches) == -(-len(rows) // PLAIN.batch_size)
    found = sorted(item for batch in batches for item in content(batch))
    expected = sorted(
        (tuple(encode(row.text, tokenizer, PLAIN)), tuple(map(float, targets(row.label, row.also))))
        for row in rows
    )
    assert found == expected


def test_batches_are_padded_to_steps_and_not_further(rows: list[Row], tokenizer: object) -> None:
    for batch in epoch_batches(rows, tokenizer, PLAIN, Random(1)):
        longest = int(batch.attention_mask.sum(1).max())
        assert batch.input_ids.shape == batch.attention_mask.shape
        assert batch.input_ids.shape[1] % LENGTH_STEP == 0
        assert 0 <= batch.input_ids.shape[1] - longest < LENGTH_STEP
        assert (batch.input_ids[batch.attention_mask == 0] == 1).all()
        # the mask is ones, then zeros
        assert (batch.attention_mask.diff(dim=1) <= 0).all()


def test_similar_lengths_share_a_batch(rows: list[Row], tokenizer: object) -> None:
    batches = list(epoch_batches(rows, tokenizer, PLAIN, Random(1)))
    padded = sum(batch.input_ids.numel() for batch in batches)
    real = sum(int(batch.attention_mask.sum()) for batch in batches)
    assert real / padded > 0.6


def test_the_seed_decides_order_and_disguise(rows: list[Row], tokenizer: object) -> None:
    config = CONFIG.model_copy(update={"obfuscate_share": 0.5})

    def epoch(seed: int) -> list[object]:
        return [content(b) for b in epoch_batches(rows, tokenizer, config, Random(seed))]

    assert epoch(1) == epoch(1)
    assert epoch(1) != epoch(2)


def test_some_rows_are_disguised_and_keep_their_targets(rows: list[Row], tokenizer: object) -> None:
    config = CONFIG.model_copy(update={"obfuscate_share": 1.0, "obfuscate_strength": 1.0})
    plain = [i for b in epoch_batches(rows, tokenizer, PLAIN, Random(1)) for i in content(b)]
    disguised = [i for b in epoch_batches(rows, tokenizer, config, Random(1)) for i in content(b)]
    assert len({ids for ids, _ in disguised} - {ids for ids, _ in plain}) > len(rows) / 2
    assert sorted(goal for _, goal in disguised) == sorted(goal for _, goal in plain)


def test_some_tokens_are_hidden_but_never_special_ones(rows: list[Row], tokenizer: object) -> None:
    torch.manual_seed(0)
    config = PLAIN.model_copy(update={"mask_share": 0.3})
    real = hidden = 0
    for plain, batch in zip(
        epoch_batches(rows, tokenizer, PLAIN, Random(1)),
        epoch_batches(rows, tokenizer, config, Random(1)),
        strict=True,
    ):
        changed = batch.input_ids != plain.input_ids
        assert (batch.input_ids[changed] == tokenizer.mask_token_id).all()
        assert not torch.isin(plain.input_ids[changed], torch.tensor([0, 1, 2])).any()
        assert torch.equal(batch.attention_mask, plain.attention_mask)
        real += int(plain.attention_mask.sum()) - 2 * len(plain.input_ids)
        hidden += int(changed.sum())
    assert hidden / real == pytest.approx(0.3, abs=0.03)


def test_texts_are_normalised_and_cut(tokenizer: object) -> None:
    assert encode("請　還\u200b款", tokenizer, PLAIN) == encode("请 还款", tokenizer, PLAIN)
    ids = encode("请还款给我" * 200, tokenizer, PLAIN)
    assert len(ids) == PLAIN.max_tokens
    assert (ids[0], ids[-1]) == (0, 2)


def test_rows_without_labels_can_be_collated_for_prediction() -> None:
    batch = collate([[0, 5, 2], [0, 2]], [])
    assert batch.input_ids.shape == (2, LENGTH_STEP)
    assert batch.input_ids[1, :3].tolist() == [0, 2, 1]
    assert batch.targets.numel() == 0


def test_a_batch_knows_which_rows_it_holds(rows: list[Row], tokenizer: object) -> None:
    seen = []
    for batch in epoch_batches(rows, tokenizer, PLAIN, Random(1)):
        for (ids, goal), index in zip(content(batch), batch.rows.tolist(), strict=True):
            row = rows[index]
            assert ids == tuple(encode(row.text, tokenizer, PLAIN))
            assert goal == tuple(map(float, targets(row.label, row.also)))
            seen.append(index)
    assert sorted(seen) == list(range(len(rows)))


def test_a_text_without_label_is_in_the_batches_with_no_targets(
    rows: list[Row], tokenizer: object
) -> None:
    lessons = [*rows[:5], Unlabelled("房东不退押金怎么办")]
    (batch,) = epoch_batches(lessons, tokenizer, PLAIN, Random(1))
    unknown = batch.targets.isnan().all(dim=1)
    assert batch.rows[unknown].tolist() == [5]
    assert not batch.targets[~unknown].isnan().any()


def test_a_swap_changes_who_is_meant_and_no_target(tokenizer: object) -> None:
    row = next(row for row in load_split("dev") if "先生" in row.text)
    config = PLAIN.model_copy(update={"swap_share": 1.0})
    seen = [
        content(batch)[0]
        for seed in range(20)
        for batch in epoch_batches([row], tokenizer, config, Random(seed))
    ]
    plain = tuple(encode(row.text, tokenizer, PLAIN))
    assert sum(ids != plain for ids, _ in seen) > 10
    assert {goal for _, goal in seen} == {tuple(map(float, targets(row.label, row.also)))}

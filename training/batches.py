"""Training rows as padded batches of token ids."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import torch
from transformers import PreTrainedTokenizerBase

from data.attacks import LASTING
from data.obfuscate import obfuscate
from data.scheme import DEFAULT, Scheme
from data.swaps import KINDS, counterfactual
from data.text import normalise
from data.unlabelled import Unlabelled
from training.aim import Aim
from training.config import ConfigError, TrainConfig
from training.material import Lesson

# oneDNN compiles its kernels anew for each shape: few different lengths keep it fast and small.
LENGTH_STEP = 8
SORT_BATCHES = 20  # rows are sorted by length within so many batches, to pad less


@dataclass(frozen=True)
class Batch:
    """input_ids, attention_mask: int64 [rows, tokens]; targets: float32 [rows, labels].

    rows: int64 [rows], where each is in the list that the batches were made of. A row without a
    label has NaN targets.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    targets: torch.Tensor
    rows: torch.Tensor


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, config: TrainConfig) -> None:
    """Raise ConfigError where the base's tokenizer does not do what training or serving needs."""
    problems = []
    if tokenizer.pad_token_id is None:
        problems.append("has no padding token")
    if len(tokenizer("")["input_ids"]) != 2:
        problems.append("does not put one token before and one after a text")
    if config.mask_share and tokenizer.mask_token_id is None:
        problems.append("has no mask token: set mask_share to 0")
    if problems:
        raise ConfigError(f"base: the tokenizer of {config.base} {'; it '.join(problems)}")


def epoch_batches(
    rows: Sequence[Lesson],
    tokenizer: PreTrainedTokenizerBase,
    config: TrainConfig,
    rng: random.Random,
    scheme: Scheme = DEFAULT,
    aim: Aim | None = None,
) -> Iterator[Batch]:
    """Yield one epoch's batches: rows shuffled, some obfuscated anew, similar lengths together.

    aim: says where the label of a text shows, for the share that is disguised there.
    """
    order = list(range(len(rows)))
    rng.shuffle(order)
    encoded = [
        (encode(_disguise(rows[index].text, config, rng, aim), tokenizer, config), index)
        for index in order
    ]
    batches = []
    for start in range(0, len(encoded), config.batch_size * SORT_BATCHES):
        part = encoded[start : start + config.batch_size * SORT_BATCHES]
        part.sort(key=lambda item: len(item[0]))
        batches += [part[i : i + config.batch_size] for i in range(0, len(part), config.batch_size)]
    rng.shuffle(batches)
    for batch in batches:
        padded = collate(
            [ids for ids, _ in batch],
            [rows[index] for _, index in batch],
            tokenizer.pad_token_id,
            scheme,
        )
        padded = replace(padded, rows=torch.tensor([index for _, index in batch]))
        yield _hide(padded, tokenizer, config)


def encode(text: str, tokenizer: PreTrainedTokenizerBase, config: TrainConfig) -> list[int]:
    """Return the token ids of a text, normalised as in serving, cut to `max_tokens`."""
    # not by the tokenizer's own truncation, which is saved with it and would cut in serving
    ids: list[int] = tokenizer(normalise(text).text, verbose=False)["input_ids"]
    return ids if len(ids) <= config.max_tokens else [*ids[: config.max_tokens - 1], ids[-1]]


def collate(
    ids: Sequence[Sequence[int]],
    rows: Sequence[Lesson],
    pad: int = 1,
    scheme: Scheme = DEFAULT,
) -> Batch:
    """Pad sequences to a common length, a multiple of LENGTH_STEP."""
    longest = max(map(len, ids))
    length = -(-longest // LENGTH_STEP) * LENGTH_STEP
    input_ids = torch.full((len(ids), length), pad, dtype=torch.long)
    mask = torch.zeros((len(ids), length), dtype=torch.long)
    for index, sequence in enumerate(ids):
        input_ids[index, : len(sequence)] = torch.tensor(sequence)
        mask[index, : len(sequence)] = 1
    goal = torch.tensor([_targets(row, scheme) for row in rows], dtype=torch.float32)
    return Batch(input_ids, mask, goal, torch.arange(len(ids)))


def _targets(row: Lesson, scheme: Scheme) -> Sequence[float]:
    if isinstance(row, Unlabelled):
        return [nan] * len(scheme.labels)
    return scheme.targets(row.label, row.also)


def _hide(batch: Batch, tokenizer: PreTrainedTokenizerBase, config: TrainConfig) -> Batch:
    """Put the mask token in place of some tokens, so that no single word decides."""
    if not config.mask_share:
        return batch
    ids = batch.input_ids
    special = torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    hidden = (torch.rand(ids.shape) < config.mask_share) & ~special
    return replace(batch, input_ids=ids.masked_fill(hidden, tokenizer.mask_token_id))


def _disguise(text: str, config: TrainConfig, rng: random.Random, aim: Aim | None = None) -> str:
    if rng.random() < config.swap_share:
        pair = counterfactual(text, rng.choice(KINDS), rng)
        text = rng.choice((pair.first, pair.second))
    if rng.random() >= config.obfuscate_share:
        return text
    strength = rng.uniform(0.02, config.obfuscate_strength)
    if aim is not None and rng.random() < config.aimed_share:
        return obfuscate(text, rng, strength, LASTING, aim(text))
    return obfuscate(text, rng, strength)

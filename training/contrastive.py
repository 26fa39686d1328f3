"""An encoder fine-tuned on pairs of texts: near where their class is the same, else far apart.

The first stage of SetFit (Tunstall et al. 2022, "Efficient few-shot learning without prompts"):
each row is paired anew in every epoch with one text of its class and one of another, and the cosine
of their mean-pooled embeddings is drawn to 1 or 0. The second stage is the logistic regression of
every encoder baseline. Meant for few rows (`limit`); one process.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from model.any_encoder import load_encoder
from model.encoder import resolve_base
from training.batches import check_tokenizer, collate, encode
from training.config import ConfigError, TrainConfig
from training.material import Labelled
from training.runs import RunFolder
from training.scoring import autocast

Pair = tuple[int, int, float]


def train_encoder(config: TrainConfig, run: RunFolder, rows: Sequence[Labelled], name: str) -> Path:
    """Fine-tune the base on pairs of the rows; return its folder, `name` within the run's model.

    Raises ConfigError where all rows are of one class.
    """
    if len({row.label for row in rows}) < 2:
        raise ConfigError("method: contrastive needs rows of two classes or more")
    seed = config.seeds[0]
    torch.manual_seed(seed)
    source = resolve_base(config.base, config.layers)
    tokenizer = AutoTokenizer.from_pretrained(source)
    check_tokenizer(tokenizer, config)
    encoder = load_encoder(source, dtype=torch.float32)
    encoder.to("cuda" if torch.cuda.is_available() else "cpu")
    optimizer = torch.optim.AdamW(
        encoder.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    ids = [encode(row.text, tokenizer, config) for row in rows]
    for epoch in range(config.epochs):
        pairs = draw_pairs([row.label for row in rows], random.Random(seed * 1000 + epoch))  # noqa: S311
        loss = _epoch(encoder, optimizer, tokenizer, ids, pairs, config, f"pairs {epoch + 1}")
        run.log({"seed": seed, "epoch": epoch + 1, "loss": loss, "pairs": len(pairs)})
    folder = run.model / name
    encoder.cpu().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def draw_pairs(labels: Sequence[str], rng: random.Random) -> list[Pair]:
    """Return two pairs (row, other row, wanted cosine) for each row, in random order.

    A row that is alone in its class is paired with itself.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        members[label].append(index)
    everything = range(len(labels))
    pairs: list[Pair] = []
    for index, label in enumerate(labels):
        same = [other for other in members[label] if other != index] or [index]
        pairs.append((index, rng.choice(same), 1.0))
        other = rng.choice(everything)
        while labels[other] == label:
            other = rng.choice(everything)
        pairs.append((index, other, 0.0))
    rng.shuffle(pairs)
    return pairs


def _epoch(
    encoder: Any,
    optimizer: torch.optim.Optimizer,
    tokenizer: PreTrainedTokenizerBase,
    ids: Sequence[Sequence[int]],
    pairs: Sequence[Pair],
    config: TrainConfig,
    title: str,
) -> float:
    """Pass once over the pairs; return the mean squared error of their cosines."""
    encoder.train()
    total = 0.0
    batches = list(_batches(pairs, config.batch_size))
    for batch in tqdm(batches, desc=title, file=sys.stderr):
        goal = torch.tensor([wanted for _, _, wanted in batch])
        with autocast(encoder.device, config):
            one, other = (
                _embed(encoder, tokenizer, [ids[row] for row in column])
                for column in ([pair[0] for pair in batch], [pair[1] for pair in batch])
            )
        found = torch.nn.functional.cosine_similarity(one.float(), other.float())
        loss = torch.nn.functional.mse_loss(found, goal.to(found.device))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item()
    return round(total / len(batches), 5)


def _batches(pairs: Sequence[Pair], size: int) -> Iterator[Sequence[Pair]]:
    for start in range(0, len(pairs), size):
        yield pairs[start : start + size]


def _embed(
    encoder: Any, tokenizer: PreTrainedTokenizerBase, ids: Sequence[Sequence[int]]
) -> torch.Tensor:
    batch = collate(ids, [], tokenizer.pad_token_id)
    inputs, mask = batch.input_ids.to(encoder.device), batch.attention_mask.to(encoder.device)
    states = encoder(input_ids=inputs, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(-1).to(states.dtype)
    pooled: torch.Tensor = (states * weights).sum(1) / weights.sum(1)
    return pooled

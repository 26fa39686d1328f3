"""Masked-language pre-training on texts of the domain: `python -m training.pretrain --output DIR`.

The base encoder goes on learning to fill in hidden tokens (Gururangan et al. 2020, "Don't stop
pretraining") in the texts of the train split and in those without labels; labels play no part. The
folder written is what `base` in a configuration takes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm
from transformers import AutoModelForMaskedLM, AutoTokenizer, DataCollatorForLanguageModeling

from data.corpus import load_split
from data.rows import RowErrors
from data.unlabelled import UNLABELLED_DIR, read_unlabelled
from model.e5_file import BaseEncoderError
from model.encoder import E5_SMALL, resolve_base
from training.batches import LENGTH_STEP, encode
from training.config import ConfigError, TrainConfig, changed

SETTINGS = TrainConfig(max_tokens=128, epochs=1)
HIDDEN = 0.15  # of the tokens, as BERT was trained (Devlin et al. 2019)
CLIP = 1.0


def pretrain(config: TrainConfig, texts: Sequence[str], folder: Path) -> list[float]:
    """Pre-train the base encoder and write it to `folder`; return each epoch's mean loss.

    Of the configuration base, layers, epochs, learning rate, warm-up, weight decay, batch size,
    tokens and the first seed count. Raises BaseEncoderError, OSError, and ConfigError where the
    encoder has no head in the manner of BERT.
    """
    source, seed = resolve_base(config.base, config.layers), config.seeds[0]
    rate = config.learning_rate
    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(source)
    network = AutoModelForMaskedLM.from_pretrained(source, dtype=torch.float32)
    if not hasattr(network, "cls"):
        raise ConfigError(f"base: {config.base} has no masked-language head like BERT's")
    network.train()
    encoded = [encode(text, tokenizer, config) for text in texts]
    collate = DataCollatorForLanguageModeling(
        tokenizer, mlm_probability=HIDDEN, pad_to_multiple_of=LENGTH_STEP, seed=seed
    )
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=rate, weight_decay=config.weight_decay, fused=True
    )
    steps = config.epochs * -(-len(encoded) // config.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=steps + 1, pct_start=config.warmup, anneal_strategy="linear"
    )
    losses = []
    for epoch in range(config.epochs):
        total = 0.0
        batches = _batches(encoded, config.batch_size, random.Random(seed * 1000 + epoch))  # noqa: S311
        for ids in tqdm(batches, desc=f"epoch {epoch + 1}", file=sys.stderr):
            loss = _loss(network, collate([{"input_ids": one} for one in ids]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimizer.step()
            schedule.step()
            total += loss.item()
        losses.append(total / len(batches))
    network.base_model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return losses


def _loss(network: Any, batch: Any) -> torch.Tensor:
    """Return the mean cross-entropy at the hidden places; the head reads no others."""
    hidden = batch["labels"] != -100
    states = network.base_model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
    ).last_hidden_state[hidden]
    return torch.nn.functional.cross_entropy(network.cls(states), batch["labels"][hidden])


def _batches(encoded: Sequence[list[int]], size: int, rng: random.Random) -> list[list[list[int]]]:
    """Return batches of like lengths in random order, cut differently each time."""
    order = sorted(encoded, key=lambda ids: len(ids) + rng.uniform(0, LENGTH_STEP))
    batches = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(batches)
    return batches


def domain_texts(unlabelled: Sequence[Path]) -> list[str]:
    """Return the texts of the train split and of the files. Raises RowErrors or OSError."""
    texts = [row.text for row in load_split("train")]
    return texts + [text.text for path in unlabelled for text in read_unlabelled(path)]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default=E5_SMALL, help="e5-small, a Hub name or a local folder")
    parser.add_argument("--layers", type=int, nargs="+", help="keep these of e5-small only")
    parser.add_argument("--unlabelled", type=Path, nargs="*", help="in place of data/unlabelled")
    parser.add_argument("--limit", type=int, help="so many texts only, at random")
    parser.add_argument("--epochs", type=int, default=SETTINGS.epochs)
    parser.add_argument("--learning-rate", type=float, default=SETTINGS.learning_rate)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args(argv)
    given = {"base", "layers", "limit", "epochs", "learning_rate"}
    try:
        config = changed(SETTINGS, {name: vars(args)[name] for name in given})
        files = (
            sorted(UNLABELLED_DIR.glob("*.jsonl")) if args.unlabelled is None else args.unlabelled
        )
        texts = domain_texts(files)
        if config.limit is not None:
            texts = random.Random(0).sample(texts, min(config.limit, len(texts)))  # noqa: S311
        started = time.perf_counter()
        losses = pretrain(config, texts, args.output)
    except (ConfigError, RowErrors, BaseEncoderError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    seconds = round(time.perf_counter() - started)
    print(json.dumps({"texts": len(texts), "loss": losses, "seconds": seconds}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

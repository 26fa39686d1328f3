"""Fine-tune the encoder on the corpus: `python -m training.train --config FILE`.

For each seed: epochs with early stopping on the development split, then the weights of all seeds
are averaged (Wortsman et al. 2022, "Model soups"). A run folder holds everything to repeat it; a
killed run goes on from its last epoch when the same command is given again.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from data.corpus import load_split
from data.labels import LABELS
from data.rows import Row, RowErrors, read_rows
from model.e5_file import BaseEncoderError
from model.encoder import resolve_base
from model.network import DunLensForSequenceClassification
from training.batches import epoch_batches
from training.config import ConfigError, TrainConfig, load_config
from training.distil import fingerprint, student_of, teacher_probabilities
from training.runs import RunFolder, describe_environment
from training.scoring import predict_logits, quick_scores

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "default.yaml"
HEAD_SEED = 0  # all seeds start from one head, or their weights could not be averaged
CLIP = 1.0


@dataclass
class State:
    """All that an epoch changes."""

    network: DunLensForSequenceClassification
    average: DunLensForSequenceClassification
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler
    step: int = 0
    epoch: int = 0
    best: float = -1.0
    since_best: int = 0


def train(config: TrainConfig, folder: Path) -> dict[str, Any]:
    """Run (or finish) a training run; return development scores of each seed and of the average.

    Writes `folder`/model (a Hugging Face folder), log.jsonl, config.yaml and environment.json.
    Raises RowErrors, BaseEncoderError or OSError where rows or base encoder are not usable.
    """
    torch.set_num_threads(config.threads or torch.get_num_threads())
    run = RunFolder(folder)
    rows, dev = training_rows(config), load_split("dev")
    source = config.teacher or resolve_base(config.base, config.layers)
    tokenizer = AutoTokenizer.from_pretrained(source)
    environment = describe_environment(rows, dev)
    if config.teacher is not None:
        environment["teacher"] = fingerprint(config.teacher)
    run.start(config, environment)
    scores: dict[str, Any] = {}
    soft = None
    for seed in config.seeds:
        if not run.is_finished(seed):
            soft = teacher_probabilities(config, tokenizer, rows) if soft is None else soft
            train_seed(config, seed, run, tokenizer, rows, dev, soft)
        scores[f"seed {seed}"] = score(run.load_best(seed), tokenizer, dev, config)
    network = average_weights([run.load_best(seed) for seed in config.seeds])
    scores["average"] = score(network, tokenizer, dev, config)
    network.save_pretrained(run.model)
    tokenizer.save_pretrained(run.model)
    run.write_json("dev_scores.json", scores)
    return scores


def training_rows(config: TrainConfig) -> list[Row]:
    """Return the train split (of `files`) and the extra rows, or `limit` of them at random."""
    train_split = load_split("train")
    known = {row.file for row in train_split}
    wanted = known if config.files is None else set(config.files)
    if unknown := wanted - known:
        raise ConfigError(f"files: no such corpus file: {', '.join(sorted(unknown))}")
    rows: list[Row] = [row for row in train_split if row.file in wanted]
    for path in config.extra:
        rows += read_rows(path)
    if config.limit is not None:
        rows = random.Random(0).sample(rows, min(config.limit, len(rows)))  # noqa: S311
    return rows


def train_seed(
    config: TrainConfig,
    seed: int,
    run: RunFolder,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[Row],
    dev: Sequence[Row],
    soft: torch.Tensor | None = None,
) -> None:
    """Train with one seed until the epochs or the patience are used up.

    soft: a teacher's probabilities for the rows, float32 [n, 4].
    """
    state = start_state(config, len(rows))
    run.resume(seed, state)
    while state.epoch < config.epochs and state.since_best < config.patience:
        # seeded by the epoch, so that a resumed run sees the same batches and dropout
        torch.manual_seed(seed * 1000 + state.epoch)
        batches = epoch_batches(
            rows,
            tokenizer,
            config,
            random.Random(seed * 1000 + state.epoch),  # noqa: S311
        )
        started = time.perf_counter()
        steps = -(-len(rows) // config.batch_size)
        loss = train_epoch(state, config, batches, steps, seed, soft)
        found = score(state.average, tokenizer, dev, config)
        state.epoch += 1
        improved = found["macro_f1_five"] > state.best
        state.since_best = 0 if improved else state.since_best + 1
        if improved:
            state.best = found["macro_f1_five"]
            run.save_best(seed, state.average)
        seconds = round(time.perf_counter() - started, 1)
        run.save_checkpoint(seed, state)
        run.log({"seed": seed, "epoch": state.epoch, "loss": loss, "seconds": seconds, **found})
    run.finish(seed)


def start_state(config: TrainConfig, rows: int) -> State:
    """Build network, averaged copy, optimizer and schedule at step 0."""
    network = _student(config) if config.teacher else _beginner(config)
    optimizer = torch.optim.AdamW(parameter_groups(network, config), fused=True)
    total = config.epochs * -(-rows // config.batch_size)
    warm = max(1, int(config.warmup * total))

    def rate(step: int) -> float:
        return min((step + 1) / warm, max(0.0, (total - step) / max(1, total - warm)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    return State(network, copy.deepcopy(network), optimizer, scheduler)


def _student(config: TrainConfig) -> DunLensForSequenceClassification:
    assert config.teacher is not None  # noqa: S101, for the checker
    return student_of(config.teacher, config.layers, config.dropout)


def _beginner(config: TrainConfig) -> DunLensForSequenceClassification:
    """Return the base encoder with a new head."""
    network = DunLensForSequenceClassification.from_pretrained(
        resolve_base(config.base, config.layers),
        id2label=dict(enumerate(LABELS)),
        label2id={label: index for index, label in enumerate(LABELS)},
        problem_type="multi_label_classification",
        hidden_dropout_prob=config.dropout,
        # dropout on attention weights switches the fused attention off and gained nothing
        attention_probs_dropout_prob=0.0,
    )
    generator = torch.Generator().manual_seed(HEAD_SEED)
    torch.nn.init.normal_(network.classifier.weight, std=0.02, generator=generator)
    torch.nn.init.zeros_(network.classifier.bias)
    assert isinstance(network, DunLensForSequenceClassification)  # noqa: S101, for the checker
    return network


def parameter_groups(
    network: DunLensForSequenceClassification, config: TrainConfig
) -> list[dict[str, Any]]:
    """Return AdamW groups: lower layers learn slower (layer-wise rates), no decay on vectors."""
    layers = network.config.num_hidden_layers
    groups = []
    for name, parameter in network.named_parameters():
        if name.startswith("classifier"):
            rate = config.head_learning_rate
        elif ".layer." in name:
            depth = layers - 1 - int(name.split(".layer.")[1].split(".")[0])
            rate = config.learning_rate * config.layer_decay**depth
        else:
            rate = config.learning_rate * config.layer_decay**layers
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    return groups


def train_epoch(
    state: State,
    config: TrainConfig,
    batches: Iterator[Any],
    steps: int,
    seed: int,
    soft: torch.Tensor | None = None,
) -> float:
    """Pass once over the batches; return the mean loss."""
    state.network.train()
    total = 0.0
    bar = tqdm(batches, total=steps, desc=f"seed {seed} epoch {state.epoch + 1}", file=sys.stderr)
    for count, batch in enumerate(bar, 1):
        goal = batch.targets * (1 - 2 * config.label_smoothing) + config.label_smoothing
        if soft is not None:  # the loss is linear in its target: this mixes two losses
            goal = goal.lerp(soft[batch.rows], config.soft_share)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config.bf16):
            loss = state.network(batch.input_ids, batch.attention_mask, labels=goal).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(state.network.parameters(), CLIP)
        state.optimizer.step()
        state.scheduler.step()
        state.optimizer.zero_grad()
        state.step += 1
        update_average(state, config.ema)
        total += loss.item()
        bar.set_postfix(loss=f"{total / count:.4f}", refresh=False)
    return round(total / count, 5)


@torch.no_grad()
def update_average(state: State, decay: float) -> None:
    """Move the averaged weights towards the current ones (exponential moving average)."""
    keep = min(decay, (1 + state.step) / (10 + state.step))  # follow closely at first
    for mean, new in zip(state.average.parameters(), state.network.parameters(), strict=True):
        mean.lerp_(new, 1 - keep)


def average_weights(
    networks: Sequence[DunLensForSequenceClassification],
) -> DunLensForSequenceClassification:
    """Return a network whose weights are the mean of the given ones."""
    result = networks[0]
    with torch.no_grad():
        for parameters in zip(*(network.parameters() for network in networks), strict=True):
            parameters[0].copy_(torch.stack(list(parameters)).mean(0))
    return result


def score(
    network: DunLensForSequenceClassification,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[Row],
    config: TrainConfig,
) -> dict[str, float]:
    """Return development scores at threshold 0.5, before any calibration."""
    logits = predict_logits(network, tokenizer, [row.text for row in rows], config)
    return quick_scores(logits, rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(prog="dunlens train", description=__doc__)
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    parser.add_argument("--output", type=Path, help="run folder (default: runs/NAME)")
    parser.add_argument("--extra", type=Path, nargs="+", default=[], metavar="JSONL")
    args = parser.parse_args(argv)
    try:
        config = load_config(args.config)
        config = config.model_copy(update={"extra": [*config.extra, *args.extra]})
        scores = train(config, args.output or Path("runs") / config.name)
    except (ConfigError, RowErrors, BaseEncoderError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(scores, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

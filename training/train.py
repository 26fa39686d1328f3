"""Train from a configuration: `python -m training.train --config FILE`.

An encoder is fine-tuned on the corpus, or with --data and --label-map on rows and labels of one's
own. For each seed: epochs with early stopping on the development split, then the weights of all
seeds are averaged (Wortsman et al. 2022, "Model soups"). A run folder holds everything to repeat
it; a killed run goes on from its last epoch when the same command is given again. On several GPUs
or machines: `accelerate launch -m training.train --config FILE`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import torch
from tqdm import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from data.corpus import load_split
from data.labelmap import LabelMapError
from data.rows import RowErrors, read_rows
from data.scheme import DEFAULT, Scheme
from data.unlabelled import read_unlabelled
from model.any_encoder import Network, load_network
from model.e5_file import BaseEncoderError
from model.encoder import resolve_base
from training.aim import Aim
from training.baseline_run import train_baseline
from training.batches import check_tokenizer, epoch_batches
from training.config import ConfigError, Method, TrainConfig, changed, load_config
from training.distil import fingerprint, mixed_targets, teacher_probabilities
from training.material import Labelled, Material, own_material
from training.runs import RunFolder, describe_environment
from training.scoring import autocast, predict_logits, quick_scores
from training.state import State, average_weights, start_state, update_average
from training.workers import Workers

DEFAULT_CONFIG = Path(__file__).parent / "configs" / "default.yaml"
CLIP = 1.0


Report = Callable[[dict[str, Any]], None]


def train(config: TrainConfig, folder: Path, report: Report | None = None) -> dict[str, Any]:
    """Run (or finish) a training run; return development scores of each seed and of the average.

    Writes `folder`/model (a Hugging Face folder), log.jsonl, config.yaml and environment.json.
    report: is given each epoch's line of the log. The scores are empty in all processes but the
    main one. Raises RowErrors, LabelMapError, ConfigError, BaseEncoderError or OSError where rows,
    labels, configuration or base encoder are not usable.
    """
    torch.set_num_threads(config.threads or torch.get_num_threads())
    if config.method != "finetune":
        return train_baseline(config, folder, material_of(config))
    workers, run, material = Workers(config, folder), RunFolder(folder), material_of(config)
    rows, scheme = material.lessons, material.scheme
    source = config.teacher or resolve_base(config.base, config.layers)
    tokenizer = AutoTokenizer.from_pretrained(source)
    check_tokenizer(tokenizer, config)
    environment = describe_environment(rows, material.dev)
    if config.teacher is not None:
        environment["teacher"] = fingerprint(config.teacher)
        environment["more_teachers"] = [fingerprint(one) for one in config.more_teachers]
    with workers.main_first():
        run.start(config, environment, scheme)
    soft = aim = None
    with workers.tracking(config):
        for seed in config.seeds:
            if not run.is_finished(seed):
                soft = teacher_probabilities(config, tokenizer, rows) if soft is None else soft
                aim = Aim(material.train) if config.aimed_share and aim is None else aim
                train_seed(config, seed, run, tokenizer, material, workers, soft, aim, report)
    return finish(config, run, tokenizer, material) if workers.main else {}


def finish(
    config: TrainConfig, run: RunFolder, tokenizer: PreTrainedTokenizerBase, material: Material
) -> dict[str, Any]:
    """Write the average of all seeds as the run's model; return the scores of each and of it.

    With `teacher_share` the teacher has that share in it (Wortsman et al. 2022, "Robust fine-tuning
    of zero-shot models").
    """
    scores: dict[str, Any] = {
        f"seed {seed}": score(run.load_best(seed), tokenizer, material.dev, config, material.scheme)
        for seed in config.seeds
    }
    network = average_weights([run.load_best(seed) for seed in config.seeds])
    if config.teacher is not None and config.teacher_share:
        teacher, share = load_network(config.teacher, dtype=torch.float32), config.teacher_share
        network = average_weights([teacher, network], [share, 1 - share])
    scores["average"] = score(network, tokenizer, material.dev, config, material.scheme)
    network.save_pretrained(run.model)
    tokenizer.save_pretrained(run.model)
    run.write_json("dev_scores.json", scores)
    return scores


def material_of(config: TrainConfig) -> Material:
    """Return the user's own rows where the configuration names any, else those of the corpus."""
    if config.data:
        material = own_material(config)
    else:
        material = Material(DEFAULT, training_rows(config), load_split("dev"))
    more = [text for path in config.unlabelled for text in read_unlabelled(path)]
    return replace(material, unlabelled=more)


def training_rows(config: TrainConfig) -> list[Labelled]:
    """Return the train split (of `files`) and the extra rows, or `limit` of them at random."""
    train_split = load_split("train")
    known = {row.file for row in train_split}
    wanted = known if config.files is None else set(config.files)
    if unknown := wanted - known:
        raise ConfigError(f"files: no such corpus file: {', '.join(sorted(unknown))}")
    rows: list[Labelled] = [row for row in train_split if row.file in wanted]
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
    material: Material,
    workers: Workers,
    soft: torch.Tensor | None = None,
    aim: Aim | None = None,
    report: Report | None = None,
) -> None:
    """Train with one seed until the epochs or the patience are used up.

    soft: a teacher's probabilities for the rows, float32 [n, labels]. aim: where to disguise.
    """
    rows, scheme = material.lessons, material.scheme
    state = start_state(config, len(rows), scheme, workers.device)
    with workers.main_first():
        run.resume(seed, state)
    network = workers.parallel(state.network)
    while state.epoch < config.epochs and state.since_best < config.patience:
        # seeded by the epoch, so that a resumed run sees the same batches and dropout
        workers.seed(seed * 1000 + state.epoch)
        rng = random.Random(seed * 1000 + state.epoch)  # noqa: S311
        batches = epoch_batches(rows, tokenizer, config, rng, scheme, aim)
        started = time.perf_counter()
        steps = -(-len(rows) // config.batch_size)
        loss = train_epoch(state, config, batches, steps, seed, soft, network, workers)
        found = workers.from_main(
            score(state.average, tokenizer, material.dev, config, scheme) if workers.main else None
        )
        state.epoch += 1
        improved = found["macro_f1_five"] > state.best
        state.since_best = 0 if improved else state.since_best + 1
        state.best = max(state.best, found["macro_f1_five"])
        seconds = round(time.perf_counter() - started, 1)
        entry = {"seed": seed, "epoch": state.epoch, "loss": loss, "seconds": seconds, **found}
        if workers.main:
            if improved:
                run.save_best(seed, state.average)
            run.save_checkpoint(seed, state)
            run.log(entry)
        workers.log(entry)
        workers.wait()
        if report is not None:
            report(entry)
    if workers.main:
        run.finish(seed)
    workers.wait()


def train_epoch(
    state: State,
    config: TrainConfig,
    batches: Iterator[Any],
    steps: int,
    seed: int,
    soft: torch.Tensor | None,
    network: torch.nn.Module,
    workers: Workers,
) -> float:
    """Pass once over the batches; return the mean loss. network: as this process calls it."""
    network.train()
    total, device = 0.0, workers.device
    title = f"seed {seed} epoch {state.epoch + 1}"
    bar = tqdm(batches, total=steps, desc=title, file=sys.stderr, disable=not workers.main)
    for count, whole in enumerate(bar, 1):
        batch, weight = workers.share(whole)
        goal = batch.targets * (1 - 2 * config.label_smoothing) + config.label_smoothing
        if soft is not None:
            goal = mixed_targets(goal, soft[batch.rows], config.soft_share)
        ids, mask = batch.input_ids.to(device), batch.attention_mask.to(device)
        with autocast(device, config):
            loss = network(ids, mask, labels=goal.to(device)).loss * weight
        state.scaler.scale(loss).backward()
        state.scaler.unscale_(state.optimizer)
        torch.nn.utils.clip_grad_norm_(state.network.parameters(), CLIP)
        state.scaler.step(state.optimizer)
        state.scaler.update()
        state.scheduler.step()
        state.optimizer.zero_grad()
        state.step += 1
        update_average(state, config.ema)
        total += loss.item()
        bar.set_postfix(loss=f"{total / count:.4f}", refresh=False)
    return round(workers.mean(total / count), 5)


def score(
    network: Network,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[Labelled],
    config: TrainConfig,
    scheme: Scheme = DEFAULT,
) -> dict[str, float]:
    """Return development scores at threshold 0.5, before any calibration."""
    logits = predict_logits(network, tokenizer, [row.text for row in rows], config)
    return quick_scores(logits, rows, scheme)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="dunlens train",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    args = parser.parse_args(argv)
    try:
        config = configure(args)
        scores = train(config, args.output or Path("runs") / config.name)
    except (ConfigError, LabelMapError, RowErrors, BaseEncoderError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if scores:
        print(json.dumps(scores, indent=1))
    return 0


def configure(args: argparse.Namespace) -> TrainConfig:
    """Return the configuration that the command names, changed by its options.

    Raises ConfigError where they do not fit together.
    """
    config = load_config(args.config or DEFAULT_CONFIG)
    changes: dict[str, Any] = {}
    if args.base:
        changes |= {"base": args.base, "layers": None}
    if args.method:  # a baseline on the very rows of a configuration, under a name of its own
        changes |= {"method": args.method, "name": f"{config.name}-{args.method}"}
    if args.label_map:
        changes["labels"] = args.label_map
    if args.data:
        changes |= {"data": args.data, "extra": [], "files": None}
        if args.config is None:  # the name of what ships is not for another run
            stem = re.sub(r"[^A-Za-z0-9._-]+", "-", args.data[0].stem)
            changes["name"] = f"{stem}-{args.method}" if args.method else stem
    if args.extra:
        if args.data:
            raise ConfigError("--extra adds to the corpus; with --data give all files there")
        changes["extra"] = [*config.extra, *args.extra]
    return changed(config, changes)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `configure` reads, and the output folder."""
    add = parser.add_argument
    add("--config", type=Path, help=f"default: {DEFAULT_CONFIG.name}")
    add("--data", type=Path, nargs="+", metavar="FILE", help="own rows, CSV or JSON Lines")
    add("--label-map", type=Path, metavar="FILE", help="their labels and columns, TOML")
    add("--base", help="a Hugging Face encoder: name or folder (default: the configuration's)")
    add("--method", choices=get_args(Method), help="finetune, or a baseline on the same rows")
    add("--extra", type=Path, nargs="+", default=[], metavar="FILE", help="more rows, JSON Lines")
    add("--output", type=Path, help="folder to write (default: below runs)")


if __name__ == "__main__":
    raise SystemExit(main())

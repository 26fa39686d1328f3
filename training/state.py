"""The state of a training run: networks, optimizer and schedule at every step."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from data.scheme import DEFAULT, Scheme
from model.any_encoder import Network, layers_of, most_tokens, new_network
from model.encoder import resolve_base
from training.config import ConfigError, TrainConfig
from training.distil import student_of
from training.scoring import half_precision

HEAD_SEED = 0  # all seeds start from one head, or their weights could not be averaged


@dataclass
class State:
    """All that an epoch changes, and the network as training calls it (several processes)."""

    network: Network
    average: Network
    optimizer: torch.optim.Optimizer
    scheduler: torch.optim.lr_scheduler.LRScheduler
    scaler: torch.amp.GradScaler  # type: ignore[name-defined]  # not exported to the checker
    step: int = 0
    epoch: int = 0
    best: float = -1.0
    since_best: int = 0


def start_state(
    config: TrainConfig,
    rows: int,
    scheme: Scheme = DEFAULT,
    device: torch.device = torch.device("cpu"),  # noqa: B008, immutable
) -> State:
    """Build network, averaged copy, optimizer and schedule at step 0.

    Raises ConfigError where the encoder reads fewer tokens than the configuration wants.
    """
    network = _student(config, scheme) if config.teacher else _beginner(config, scheme)
    if (most := most_tokens(network)) < config.max_tokens:
        raise ConfigError(f"max_tokens: {config.base} reads {most} tokens at most; set it to that")
    network = network.to(device)
    optimizer = torch.optim.AdamW(parameter_groups(network, config), fused=True)
    total = config.epochs * -(-rows // config.batch_size)
    warm = max(1, int(config.warmup * total))

    def rate(step: int) -> float:
        return min((step + 1) / warm, max(0.0, (total - step) / max(1, total - warm)))

    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
    scaled = config.bf16 and half_precision(device) == torch.float16
    scaler = torch.amp.GradScaler(device.type, enabled=scaled)  # type: ignore[attr-defined]
    return State(network, copy.deepcopy(network), optimizer, scheduler, scaler)


def _student(config: TrainConfig, scheme: Scheme) -> Network:
    assert config.teacher is not None  # noqa: S101, for the checker
    student = student_of(config.start or config.teacher, config.layers, config.dropout)
    taught = [student.config.id2label[index] for index in range(student.config.num_labels)]
    if taught != list(scheme.labels):
        raise ConfigError(f"teacher: knows {', '.join(taught)}, not {', '.join(scheme.labels)}")
    return student


def _beginner(config: TrainConfig, scheme: Scheme) -> Network:
    """Return the base encoder with a new head."""
    network = new_network(resolve_base(config.base, config.layers), scheme.labels, config.dropout)
    generator = torch.Generator().manual_seed(HEAD_SEED)
    torch.nn.init.normal_(network.classifier.weight, std=0.02, generator=generator)
    torch.nn.init.zeros_(network.classifier.bias)
    return network


def parameter_groups(network: Network, config: TrainConfig) -> list[dict[str, Any]]:
    """Return AdamW groups: lower layers learn slower (layer-wise rates), no decay on vectors.

    An encoder that is not one stack of layers (ALBERT shares one) has one rate for all of it.
    """
    try:
        stack, layers = layers_of(network)
        count = len(layers)
    except ValueError:
        stack, count = "", 0
    groups = []
    for name, parameter in network.named_parameters():
        if name.startswith("classifier"):
            rate = config.head_learning_rate
        elif stack and name.startswith(f"{stack}."):
            depth = count - 1 - int(name.removeprefix(f"{stack}.").split(".")[0])
            rate = config.learning_rate * config.layer_decay**depth
        else:
            rate = config.learning_rate * config.layer_decay**count
        decay = config.weight_decay if parameter.ndim > 1 else 0.0
        groups.append({"params": [parameter], "lr": rate, "weight_decay": decay})
    return groups


@torch.no_grad()
def update_average(state: State, decay: float) -> None:
    """Move the averaged weights towards the current ones (exponential moving average)."""
    keep = min(decay, (1 + state.step) / (10 + state.step))  # follow closely at first
    for mean, new in zip(state.average.parameters(), state.network.parameters(), strict=True):
        mean.lerp_(new, 1 - keep)


def average_weights(networks: Sequence[Network], shares: Sequence[float] | None = None) -> Network:
    """Return a network whose weights are the mean of the given ones.

    shares: of each network in the mean, of sum 1; equal where None.
    """
    result = copy.deepcopy(networks[0])
    weights = torch.tensor(shares or [1 / len(networks)] * len(networks))
    with torch.no_grad():
        for parameters in zip(*(one.parameters() for one in (result, *networks)), strict=True):
            parameters[0].copy_(torch.tensordot(weights, torch.stack(parameters[1:]), 1))
    return result

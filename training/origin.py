"""What an artifact or a run was trained on, read from its own record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from training.config import ConfigError, TrainConfig, changed

RUN_RECORD = "training.json"  # of an artifact: configuration, environment, scores, calibration


def origin_of(folder: Path) -> TrainConfig | None:
    """Return the rows that a run or an artifact was trained on; None for those of the corpus.

    Of the configuration only `data` and `labels` are kept. Raises ConfigError where the record is
    damaged.
    """
    values = _configuration(folder)
    if not values.get("data"):
        return None
    return changed(TrainConfig(), {"data": values["data"], "labels": values.get("labels")})


def _configuration(folder: Path) -> dict[str, Any]:
    record, config = folder / RUN_RECORD, folder / "config.yaml"
    try:
        if record.is_file():
            text = json.loads(record.read_text(encoding="utf-8"))["config"]
        else:
            text = config.read_text(encoding="utf-8") if config.is_file() else "{}"
        values = yaml.safe_load(text)
        if not isinstance(values, dict):
            raise ValueError("holds no configuration")
    except (ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise ConfigError(f"{folder}: {error}") from error
    return values

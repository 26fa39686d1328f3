"""The configuration of a training run, read from YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator


class ConfigError(ValueError):
    """A configuration file is wrong; the message names the file and every bad field."""


Layer = Annotated[int, Field(ge=0, le=11)]
Method = Literal["finetune", "words", "characters", "frozen", "contrastive"]
Tracker = Literal["tensorboard", "mlflow"]


class TrainConfig(BaseModel):
    """What decides a run. Paths are relative to the current folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="dunlens", pattern=r"^[A-Za-z0-9._-]+$")
    method: Method = Field(default="finetune", description="or a baseline: training/baselines.py")
    base: str = Field(default="e5-small", description="e5-small, a Hub name or a local folder")
    data: list[Path] = Field(
        default=[], description="own rows (CSV or JSON Lines) in place of the corpus"
    )
    labels: Path | None = Field(
        default=None, description="label map (TOML) of `data`: data/labelmap.py"
    )
    layers: list[Layer] | None = Field(
        default=None, min_length=1, description="keep these layers of e5-small"
    )
    teacher: Path | None = Field(
        default=None, description="distil from this model folder; `layers` then chooses of its own"
    )
    more_teachers: list[Path] = Field(
        default=[], description="the probabilities of these and of the teacher are averaged"
    )
    start: Path | None = Field(
        default=None,
        description="begin with this student's layers (`layers` of them), not with the teacher's",
    )
    soft_share: float = Field(
        default=0.5, ge=0, le=1, description="of the teacher's probabilities in the targets"
    )
    teacher_share: float = Field(
        default=0, ge=0, lt=1, description="of the teacher's weights in the student's, at the end"
    )
    extra: list[Path] = Field(default=[], description="more training rows (JSON Lines)")
    unlabelled: list[Path] = Field(
        default=[], description="texts that the teacher alone judges (JSON Lines)"
    )
    files: list[str] | None = Field(
        default=None,
        min_length=1,
        description="train on these corpus files only (no .jsonl)",
    )
    limit: int | None = Field(default=None, ge=8, description="train on so many rows only")
    seeds: list[int] = Field(default=[1], min_length=1, description="weights are averaged")
    epochs: int = Field(default=5, ge=1)
    patience: int = Field(default=2, ge=1, description="epochs without gain before stopping")
    batch_size: int = Field(default=32, ge=1)
    max_tokens: int = Field(default=256, ge=16, le=512)
    learning_rate: float = Field(default=1e-4, gt=0)
    head_learning_rate: float = Field(default=1e-3, gt=0)
    layer_decay: float = Field(default=0.9, gt=0, le=1, description="rate factor a layer down")
    weight_decay: float = Field(default=0.01, ge=0)
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the steps")
    dropout: float = Field(default=0.1, ge=0, lt=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=0.5)
    ema: float = Field(default=0.998, ge=0, lt=1, description="decay of the averaged weights")
    obfuscate_share: float = Field(default=0.0, ge=0, le=1, description="of the rows, all labels")
    obfuscate_strength: float = Field(default=0.2, gt=0, le=1, description="upper bound")
    aimed_share: float = Field(
        default=0.0, ge=0, le=1, description="of the obfuscated rows, where their label shows"
    )
    swap_share: float = Field(
        default=0.0, ge=0, le=1, description="of the rows, read with other names, sex or lender"
    )
    mask_share: float = Field(default=0.0, ge=0, lt=1, description="tokens hidden in training")
    bf16: bool = Field(
        default=True, description="matrix products in bfloat16 (float16 on GPUs without it)"
    )
    track: list[Tracker] = Field(default=[], description="beside log.jsonl, into RUN/tracking")
    threads: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _layers_belong_to_e5(self) -> TrainConfig:
        if self.layers is not None and self.base != "e5-small" and self.teacher is None:
            raise ValueError("layers: chooses layers of e5-small; leave it out with another base")
        return self

    @model_validator(mode="after")
    def _own_rows_stand_alone(self) -> TrainConfig:
        if self.labels is not None and not self.data:
            raise ValueError("labels: is the label map of `data`; give data as well")
        if self.data and (self.files is not None or self.extra):
            raise ValueError("data: takes the place of the corpus; leave out files and extra")
        if self.method != "finetune" and self.teacher is not None:
            raise ValueError(f"teacher: {self.method} is no student; leave one of the two out")
        if self.more_teachers and self.teacher is None:
            raise ValueError("more_teachers: stand beside a teacher; give one as well")
        if self.start is not None and self.teacher is None:
            raise ValueError("start: is where a student begins; give a teacher as well")
        if self.teacher_share and (self.teacher is None or self.layers is not None):
            raise ValueError("teacher_share: needs a teacher, and a student with all its layers")
        if self.unlabelled and self.teacher is None:
            raise ValueError("unlabelled: nobody says what these texts are; give a teacher as well")
        return self


def load_config(path: Path) -> TrainConfig:
    """Read a YAML configuration. Raises ConfigError, listing every bad field."""
    try:
        return _checked(str(path), yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error


def changed(config: TrainConfig, changes: dict[str, Any]) -> TrainConfig:
    """Return the configuration with other values. Raises ConfigError, listing every bad field."""
    return _checked("options", config.model_dump() | changes) if changes else config


def _checked(source: str, values: Any) -> TrainConfig:
    try:
        return TrainConfig.model_validate(values)
    except ValidationError as error:
        lines = [_line(source, item["loc"], item["msg"]) for item in error.errors()]
        raise ConfigError("\n".join(lines)) from error


def _line(source: str, loc: tuple[int | str, ...], message: str) -> str:
    return ": ".join(filter(None, (source, ".".join(map(str, loc)), message)))

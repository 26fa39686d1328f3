"""Search for training settings on a budget: `dunlens search --space FILE --trials N --minutes M`.

Optuna's tree-structured Parzen estimator (Bergstra et al. 2011) proposes settings; each trial is a
run of its own with one seed, judged by its macro-F1 on the development split and broken off where
it falls behind the median of the others. A killed search goes on where it was, to the same result.
The winner's figure is the best of many on one split and flatters: train it anew and judge it on
rows that no trial was chosen by.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import optuna
import yaml
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from data.labelmap import LabelMapError
from data.rows import RowErrors
from model.e5_file import BaseEncoderError
from training.config import ConfigError, TrainConfig, changed
from training.tables import table
from training.train import add_options, configure, train

DEFAULT_SPACE = Path(__file__).parent / "configs" / "search_space.yaml"
FIGURE = "macro_f1_five"
STUDY = "search"


class Numbers(BaseModel):
    """A range of numbers; whole ones where both ends are, `log`: searched by order of magnitude."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float
    high: float
    log: bool = False


Choices = Annotated[list[Any], Field(min_length=1)]
Space = dict[str, Numbers | Choices]


class Budget(BaseModel):
    """How much a search may spend: trials in all, minutes of this call."""

    trials: int = Field(default=20, ge=1)
    minutes: float | None = Field(default=None, gt=0)


def load_space(path: Path) -> Space:
    """Return setting -> range or choices, from YAML. Raises ConfigError, listing what is wrong."""
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        space = TypeAdapter(Space).validate_python(values)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigError(f"{path}: {error}") from error
    unknown = space.keys() - TrainConfig.model_fields.keys()
    problems = [f"{path}: {name}: no such setting" for name in sorted(unknown)]
    for name, values in space.items():
        if isinstance(values, Numbers) and not values.low < values.high:
            problems.append(f"{path}: {name}: low must be below high")
        if isinstance(values, Numbers) and values.log and values.low <= 0:
            problems.append(f"{path}: {name}: log needs numbers above 0")
    if problems or not space:
        raise ConfigError("\n".join(problems) or f"{path}: names no setting")
    return space


def search(
    config: TrainConfig, space: Space, budget: Budget, output: Path, seed: int = 0
) -> optuna.Study:
    """Run trials until the budget is spent; write best.yaml, trials.json and trials.md.

    Raises FileExistsError where `output` holds a search from another configuration or space.
    """
    output.mkdir(parents=True, exist_ok=True)
    _check_same(config, space, seed, output)
    study = optuna.create_study(
        study_name=STUDY,
        storage=JournalStorage(JournalFileBackend(str(output / "journal.log"))),
        direction="maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=4),
        load_if_exists=True,
    )
    _requeue_killed(study)
    end = None if budget.minutes is None else time.monotonic() + 60 * budget.minutes
    while _done(study) < budget.trials and (end is None or time.monotonic() < end):
        # seeded by the trial, so that a search that was killed proposes what it would have
        study.sampler = optuna.samplers.TPESampler(seed=seed + _done(study))
        _try(study, study.ask(), config, space, output)
        write_results(study, config, output)
    return study


def _done(study: optuna.Study) -> int:
    return sum(t.state in (TrialState.COMPLETE, TrialState.PRUNED) for t in study.get_trials(False))


def _requeue_killed(study: optuna.Study) -> None:
    """Give up trials that a kill left running and queue their settings again."""
    for trial in study.get_trials(deepcopy=False):
        if trial.state == TrialState.RUNNING:
            study.enqueue_trial(trial.params)
            study.tell(trial.number, state=TrialState.FAIL)


def _try(
    study: optuna.Study, trial: optuna.Trial, config: TrainConfig, space: Space, output: Path
) -> None:
    """Train one trial and tell the study what it reached."""
    settings = {name: _suggest(trial, name, values) for name, values in space.items()}
    settings |= {"seeds": config.seeds[:1]}
    folder = output / f"trial-{_digest(settings)}"  # the same settings go on in the same folder

    def report(entry: Mapping[str, Any]) -> None:
        trial.report(entry[FIGURE], entry["epoch"])
        if trial.should_prune():
            raise optuna.TrialPruned

    trial.set_user_attr("folder", folder.name)
    try:
        scores = train(changed(config, settings), folder, report)
    except optuna.TrialPruned:
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, scores["average"][FIGURE])


def _suggest(trial: optuna.Trial, name: str, values: Numbers | list[Any]) -> Any:
    if isinstance(values, list):
        # by place, because a choice may be a list (of layers)
        return values[trial.suggest_categorical(name, list(range(len(values))))]
    if TrainConfig.model_fields[name].annotation is int:
        return trial.suggest_int(name, int(values.low), int(values.high), log=values.log)
    return trial.suggest_float(name, values.low, values.high, log=values.log)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:10]


def _check_same(config: TrainConfig, space: Space, seed: int, output: Path) -> None:
    """Write what the search is given, or check that one to be gone on with was given the same."""
    path = output / "search.json"
    plain = {k: v if isinstance(v, list) else v.model_dump() for k, v in space.items()}
    given = {"config": config.model_dump(mode="json"), "space": plain, "seed": seed}
    if not path.exists():
        path.write_text(json.dumps(given, indent=1) + "\n", encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != given:
        raise FileExistsError(f"{output} holds a search with another configuration or space")


def write_results(study: optuna.Study, config: TrainConfig, output: Path) -> None:
    """Write trials.json and trials.md, best first, and the best trial's configuration."""
    space = load_plain_space(output)
    trials: list[dict[str, Any]] = [
        {
            "number": trial.number,
            "state": trial.state.name.lower(),
            FIGURE: trial.value if trial.state == TrialState.COMPLETE else None,
            "epochs": len(trial.intermediate_values),
            "seconds": trial.duration.total_seconds() if trial.duration else None,
            "settings": {
                name: space[name][value] if isinstance(space[name], list) else value
                for name, value in trial.params.items()
            },
            "folder": trial.user_attrs.get("folder"),
        }
        for trial in study.get_trials(deepcopy=False)
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)
    ]
    trials.sort(key=lambda trial: (trial[FIGURE] is None, -(trial[FIGURE] or 0), trial["number"]))
    text = json.dumps(trials, indent=1, ensure_ascii=False) + "\n"
    (output / "trials.json").write_text(text, encoding="utf-8")
    (output / "trials.md").write_text(_table(trials, list(space)), encoding="utf-8")
    if trials and trials[0][FIGURE] is not None:
        best = changed(config, dict(trials[0]["settings"]))
        values = best.model_dump(mode="json", exclude_defaults=True)
        (output / "best.yaml").write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")


def load_plain_space(output: Path) -> dict[str, Any]:
    """Return the space that a search in this folder was given, as JSON values."""
    found: dict[str, Any] = json.loads((output / "search.json").read_text(encoding="utf-8"))[
        "space"
    ]
    return found


def _table(trials: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    def line(trial: Mapping[str, Any]) -> list[str]:
        values = [f"{trial['settings'].get(name, '')!s:.12}" for name in names]
        figure = "broken off" if trial[FIGURE] is None else f"{trial[FIGURE]:.4f}"
        return [str(trial["number"]), *values, figure, str(trial["epochs"])]

    header = ["trial", *names, "dev macro-F1", "epochs"]
    warning = "Best of many on one split: the first figure flatters.\n\n"
    return warning + table(header, [line(trial) for trial in trials])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(
        prog="dunlens search",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(parser)
    add = parser.add_argument
    add("--space", type=Path, default=DEFAULT_SPACE, help=f"YAML (default: {DEFAULT_SPACE.name})")
    add("--trials", type=int, default=20, help="trials in all, earlier calls included")
    add("--minutes", type=float, help="begin no trial after so many minutes of this call")
    add("--seed", type=int, default=0, help="of the search")
    args = parser.parse_args(argv)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        config, space = configure(args), load_space(args.space)
        budget = Budget(trials=args.trials, minutes=args.minutes)
        output = args.output or Path("runs") / f"search-{config.name}"
        search(config, space, budget, output, args.seed)
    except (ValidationError, ConfigError, LabelMapError, RowErrors, BaseEncoderError, OSError) as e:
        print(e, file=sys.stderr)
        return 2
    print((output / "trials.md").read_text(encoding="utf-8"), end="")
    print(f"best: {output / 'best.yaml'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

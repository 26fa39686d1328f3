"""Write the model card from an evaluation: `python -m training.card reports/latest/metrics.json`.

Puts metrics.json and README.md (card and Hub metadata) into the artifact and renews its hashes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

import yaml

from model.classifier import CALIBRATION
from model.manifest import ArtifactError, read_manifest
from model.shipped import DEFAULT_ARTIFACT, SHIPPED, artifact_folder
from training.export import seal
from training.origin import RUN_RECORD
from training.report import metrics_table
from training.tables import comparison_table, goals_table

START, END = "<!-- figures -->", "<!-- /figures -->"
NETWORK = "config.json"
E5 = "intfloat/multilingual-e5-small"
TEMPLATE = Path(__file__).parent / "card_template.md"


def render(
    metrics: dict[str, Any],
    record: dict[str, Any],
    calibration: dict[str, Any],
    network: dict[str, Any],
    version: str,
    name: str | None = "default",
) -> str:
    """Return the card as Markdown.

    metrics: of `training.evaluate`; record, calibration, network: training.json, calibration.json
    and config.json of the artifact; name: of `model.shipped`, None for one that does not ship.
    Raises ValueError where the metrics are of another model than
    `version`.
    """
    measured = metrics["about"]["model"]
    if measured != version:
        raise ValueError(f"the metrics are of {measured}, the artifact is {version}")
    if "test" not in metrics["sets"]:
        raise ValueError("the metrics lack the test split: evaluate with --split test")
    review, about = record["calibration"]["review"], metrics["about"]
    config = yaml.safe_load(record["config"])
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        version=version,
        load={"default": "", None: '"FOLDER"'}.get(name, f'"{name}"'),
        folder=f"model/{SHIPPED[name].name}" if name else "FOLDER",
        base=E5 if config["base"] == "e5-small" else config["base"],
        network=_network(config, network, record["environment"]),
        messages=_messages(config),
        train_rows=f"{record['environment']['train']['rows']:,}",
        dev_rows=f"{record['calibration']['rows']:,}",
        config=record["config"].strip(),
        packages=", ".join(f"{k} {v}" for k, v in record["environment"]["packages"].items()),
        commit=record["environment"]["commit"],
        costs=_costs_table(record["calibration"]["cost_table"]),
        rules=_rules_table(record["calibration"]["mean_cost"]),
        review_below=calibration["review_below"],
        review_unlawful=calibration["review_unlawful"],
        review_coverage=f"{100 * review['coverage']:.1f}",
        review_error=f"{100 * review['error_of_unmarked']:.1f}",
        created=about["created"],
        measured_at=f" at commit `{about['commit']}`" if about.get("commit") else "",
        command=about.get("command") or _command(metrics),
        goals=goals_table(metrics["targets"]),
        table=metrics_table(metrics, "model"),
    )


def _network(config: dict[str, Any], network: dict[str, Any], environment: dict[str, Any]) -> str:
    """Say what encoder it is and, of a student, who taught it."""
    layers = f"{network['num_hidden_layers']} layers of "
    of_e5 = config["base"] == "e5-small"
    known = "multilingual-e5-small (BERT, MIT), vocabulary cut to Chinese" if of_e5 else None
    if teacher := config.get("teacher"):
        source = f"its teacher `{Path(teacher).name}` (distilled{_which(config, environment)})" + (
            f", once {known}" if known else ""
        )
    else:
        source = known or f"`{config['base']}`"
    size = f"hidden size {network['hidden_size']}, mean pooling"
    outputs = f"{len(network['id2label'])} independent sigmoid outputs"
    return f"{layers}{source}; {size}, {outputs} ([config.json](config.json))."


def _which(config: dict[str, Any], environment: dict[str, Any]) -> str:
    """Tell a teacher from others of its name, and what share of its weights is in the mean."""
    digest, share = environment.get("teacher"), config.get("teacher_share")
    return (f"; SHA-256 of its weights `{digest[:12]}…`" if digest else "") + (
        f", of which the mean has a share of {share:g}" if share else ""
    )


def _messages(config: dict[str, Any]) -> str:
    """Say whether other people's texts were trained on."""
    if others := [*config.get("data", ()), *config.get("extra", ())]:
        names = ", ".join(f"`{Path(file).name}`" for file in others)
        return f"Rows from outside the corpus are among them: {names}."
    if files := config.get("unlabelled"):
        names = ", ".join(f"`{Path(file).name}`" for file in files)
        return (
            f"Among them other people's published texts without labels ({names}), which the "
            "teacher alone judged; no collector's real message was trained on."
        )
    return "All of them were written for the corpus; no real message was trained on."


def _command(metrics: dict[str, Any]) -> str:
    """Return the command of an evaluation that does not record its own."""
    sets = " ".join(f"{n}=…" for n in metrics["sets"] if n != "test" and "+" not in n)
    return f'make evaluate SETS="{sets}"'


def _costs_table(table: dict[str, Any]) -> str:
    names = table["classes"]
    head = ["| truth \\ answer |", *(f" {name} |" for name in names)]
    lines = ["".join(head), "| --- |" + " ---: |" * len(names)]
    for name, costs in zip(names, table["costs"], strict=True):
        lines.append(f"| {name} |" + "".join(f" {cost:g} |" for cost in costs))
    return "\n".join(lines)


def _rules_table(costs: dict[str, float]) -> str:
    lines = ["| rule for the primary label | mean cost |", "| --- | ---: |"]
    return "\n".join(lines + [f"| {rule} | {cost:.3f} |" for rule, cost in costs.items()])


def figures_block(metrics: dict[str, Any]) -> str:
    """Return the README's figures: the targets, and the baselines on the same rows."""
    model, command = metrics["about"]["model"], _command(metrics)
    head = f"Model `{model}`; printed by `{command}`. Brackets: 95 % interval."
    return f"{head}\n\n{goals_table(metrics['targets'])}\n\n{comparison_table(metrics)}"


def update_readme(readme: Path, metrics: dict[str, Any]) -> None:
    """Put the figures between the markers of the README."""
    before, rest = readme.read_text(encoding="utf-8").split(START, 1)
    after = rest.split(END, 1)[1]
    text = f"{before}{START}\n\n{figures_block(metrics)}\n\n{END}{after}"
    readme.write_text(text, encoding="utf-8")


def write_card(metrics: dict[str, Any], artifact: Path) -> None:
    """Write metrics.json and README.md into the artifact and renew manifest.json."""
    version, _ = read_manifest(artifact)
    record = json.loads((artifact / RUN_RECORD).read_text(encoding="utf-8"))
    calibration = json.loads((artifact / CALIBRATION).read_text(encoding="utf-8"))
    network = json.loads((artifact / NETWORK).read_text(encoding="utf-8"))
    name = next((name for name, at in SHIPPED.items() if at == artifact.resolve()), None)
    card = render(metrics, record, calibration, network, version, name)
    (artifact / "README.md").write_text(card, encoding="utf-8")
    for entry in metrics["sets"].values():  # slices stay in the report: they are most of the bytes
        for system in entry["systems"].values():
            system.pop("slices", None)
    text = json.dumps(metrics, ensure_ascii=False, separators=(",", ":"))
    (artifact / "metrics.json").write_text(text + "\n", encoding="utf-8")
    seal(artifact, version.partition("+")[0])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("metrics", type=Path, help="metrics.json of `dunlens evaluate`")
    parser.add_argument("--artifact", type=artifact_folder, default=DEFAULT_ARTIFACT)
    parser.add_argument("--readme", type=Path, help="README whose figures to renew as well")
    args = parser.parse_args(argv)
    try:
        metrics = json.loads(args.metrics.read_text(encoding="utf-8"))
        write_card(metrics, args.artifact)
        if args.readme:
            update_readme(args.readme, metrics)
    except (ArtifactError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Write the model card from an evaluation: `python -m training.card reports/latest/metrics.json`.

Puts metrics.json and README.md (card and Hub metadata) into the artifact and renews its hashes.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from model.classifier import CALIBRATION, DEFAULT_ARTIFACT
from model.manifest import read_manifest
from training.export import RUN_RECORD, seal
from training.report import metrics_table
from training.tables import goals_table

TEMPLATE = Path(__file__).parent / "card_template.md"


def render(
    metrics: dict[str, Any], record: dict[str, Any], calibration: dict[str, Any], version: str
) -> str:
    """Return the card as Markdown.

    metrics: of `training.evaluate`; record: training.json of the artifact; calibration: its
    calibration.json. Raises ValueError where the metrics are of another model than `version`.
    """
    measured = metrics["about"]["model"]
    if measured != version:
        raise ValueError(f"the metrics are of {measured}, the artifact is {version}")
    review = record["calibration"]["review"]
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        version=version,
        train_rows=f"{record['environment']['train']['rows']:,}",
        dev_rows=f"{record['environment']['dev']['rows']:,}",
        config=record["config"].strip(),
        packages=", ".join(f"{k} {v}" for k, v in record["environment"]["packages"].items()),
        commit=record["environment"]["commit"],
        costs=_costs_table(record["calibration"]["cost_table"]),
        rules=_rules_table(record["calibration"]["mean_cost"]),
        review_below=calibration["review_below"],
        review_unlawful=calibration["review_unlawful"],
        review_coverage=f"{100 * review['coverage']:.1f}",
        review_error=f"{100 * review['error_of_unmarked']:.1f}",
        goals=goals_table(metrics["targets"]),
        table=metrics_table(metrics, "model"),
    )


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


def write_card(metrics: dict[str, Any], artifact: Path) -> None:
    """Write metrics.json and README.md into the artifact and renew manifest.json."""
    version, _ = read_manifest(artifact)
    record = json.loads((artifact / RUN_RECORD).read_text(encoding="utf-8"))
    calibration = json.loads((artifact / CALIBRATION).read_text(encoding="utf-8"))
    card = render(metrics, record, calibration, version)
    (artifact / "README.md").write_text(card, encoding="utf-8")
    text = json.dumps(metrics, ensure_ascii=False, indent=1)
    (artifact / "metrics.json").write_text(text + "\n", encoding="utf-8")
    seal(artifact, version.partition("+")[0])


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("metrics", type=Path, help="metrics.json of `dunlens evaluate`")
    parser.add_argument("--artifact", type=Path, default=DEFAULT_ARTIFACT)
    args = parser.parse_args(argv)
    write_card(json.loads(args.metrics.read_text(encoding="utf-8")), args.artifact)


if __name__ == "__main__":
    main()

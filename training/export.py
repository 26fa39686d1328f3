"""Make the artifact from a run: `python -m training.export runs/NAME --output model/artifact`.

Writes the weights (fp16 safetensors), the ONNX graph (int8), the calibration fitted with that very
graph on the development split, and the list of hashes. `training.card` adds card and figures.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import AutoTokenizer

from data.corpus import group_ids, load_split
from data.scheme import DEFAULT, Scheme
from model.any_encoder import load_network, most_tokens
from model.backends import OnnxBackend
from model.classifier import (
    CALIBRATION,
    GRAPH,
    LONGEST,
    SPECIAL,
    TOKENIZER,
    Classifier,
    read_longest,
)
from model.manifest import MANIFEST, write_manifest
from model.shipped import DEFAULT_ARTIFACT
from training.calibrate import fit
from training.config import ConfigError, TrainConfig, load_config
from training.material import Labelled, check_same_rows, own_split
from training.onnx_graph import export_fp32, quantise
from training.origin import RUN_RECORD
from training.runs import digest

MAX_MIB = 60  # of the artifact that is committed; other bases may need more


def export(run: Path, output: Path, name: str, max_mib: int = MAX_MIB) -> dict[str, Any]:
    """Write the artifact of `run` into folder `output` (replaced); return the calibration report.

    Raises OSError where the run is not finished, FileExistsError where `output` holds something
    else than an artifact, ValueError (RowErrors, ConfigError, LabelMapError) where the artifact is
    too large, the run is a baseline, or its own rows cannot be read again as they were.
    """
    if output.exists() and any(output.iterdir()) and not (output / MANIFEST).is_file():
        raise FileExistsError(f"{output} holds something else than an artifact; not replaced")
    config, scheme = load_config(run / "config.yaml"), Scheme.load(run)
    if config.method != "finetune":
        raise ConfigError(f"{run}: {config.method} is a baseline, to compare with; not exported")
    environment = json.loads((run / "environment.json").read_text(encoding="utf-8"))
    network = load_network(run / "model").eval()
    if (most := most_tokens(network) - SPECIAL) < LONGEST:
        network.config.longest = most
    tokenizer = AutoTokenizer.from_pretrained(run / "model")
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as scratch:
        folder = Path(scratch) / "artifact"
        network.half().save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        scheme.save(folder)
        fp32 = Path(scratch) / "fp32.onnx"
        export_fp32(folder, fp32)
        quantise(fp32, folder / GRAPH)
        report = calibrate_artifact(folder, *own_dev(config, environment), scheme)
        record = {
            "config": (run / "config.yaml").read_text(encoding="utf-8"),
            "environment": environment,
            "dev_scores": json.loads((run / "dev_scores.json").read_text(encoding="utf-8")),
            "calibration": report,
        }
        text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
        (folder / RUN_RECORD).write_text(text, encoding="utf-8")
        seal(folder, name, max_mib)
        shutil.rmtree(output, ignore_errors=True)
        shutil.move(folder, output)
    return report


def seal(folder: Path, name: str, max_mib: int = MAX_MIB) -> None:
    """Write the list of hashes. Raises ValueError where the folder is over its size budget."""
    write_manifest(folder, name)
    size = sum(path.stat().st_size for path in folder.iterdir())
    if size > max_mib * 2**20:
        raise ValueError(f"{folder}: {size / 2**20:.1f} MiB, the limit is {max_mib} (--max-mib)")


def own_dev(
    config: TrainConfig, environment: dict[str, Any]
) -> tuple[Sequence[Labelled] | None, Sequence[str] | None]:
    """Return the development rows of the run's own data and their groups; None for the corpus."""
    if not config.data:
        return None, None
    rows, groups = own_split(config, "dev")
    check_same_rows(config, environment, digest(rows))
    return rows, groups


def calibrate_artifact(
    folder: Path,
    rows: Sequence[Labelled] | None = None,
    groups: Sequence[str] | None = None,
    scheme: Scheme = DEFAULT,
) -> dict[str, Any]:
    """Fit calibration.json to the logits of the folder's own graph on the development split.

    rows, groups: of another development split than the corpus's.
    """
    if rows is None or groups is None:
        split = load_split("dev")
        rows, groups = split, group_ids(split)
    backend = OnnxBackend(folder / GRAPH)
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    reader = Classifier(tokenizer, backend, None, "", scheme, read_longest(folder))
    calibration, report = fit(reader.logits([row.text for row in rows]), rows, groups, scheme)
    calibration.save(folder / CALIBRATION)
    return report


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command. Returns 0, or 2 for bad input."""
    parser = argparse.ArgumentParser(prog="dunlens export", description=__doc__)
    parser.add_argument("run", type=Path, help="run folder, as written by `dunlens train`")
    parser.add_argument("--output", type=Path, default=DEFAULT_ARTIFACT)
    parser.add_argument("--name", default="dunlens-1.2.0", help="first part of the version")
    parser.add_argument("--max-mib", type=int, default=MAX_MIB, help="refuse a larger artifact")
    args = parser.parse_args(argv)
    try:
        report = export(args.run, args.output, args.name, args.max_mib)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

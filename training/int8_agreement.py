"""Does the int8 graph decide as the fp32 weights? `python -m training.int8_agreement`.

Labels of PyTorch fp32 against those of the shipped graph, on the test split and on the files of
`--sets`, with each backend on this processor. With `--emulator "qemu-x86_64 -cpu Haswell"` some
rows of each set are also read on a processor without AVX-512: ONNX Runtime chooses its kernels by
the processor and has no switch for it (its `ORT_QMOE_CPU_DISABLE_AVX512` is about mixtures of
experts only), and OpenVINO is not used there (`model.backends`). Writes int8_agreement.json.
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from model.backends import installed_backends
from model.classifier import Classifier
from model.manifest import read_manifest
from model.shipped import DEFAULT_ARTIFACT, artifact_folder
from model.verdict import Verdict
from training.evalsets import EvalSet, file_set, named_file, split_set
from training.figures import save_figures
from training.intervals import wilson
from training.tables import table
from training.torch_backend import TorchBackend, classifier_with

TARGET: Final = 0.995
TIMEOUT_S: Final = 3600
CHILD: Final = """
import dataclasses, json, sys
from model import Classifier
classifier = Classifier.load(sys.argv[1], remember=0, backend="onnx")
print(json.dumps([dataclasses.asdict(v) for v in classifier.classify(json.load(sys.stdin))]))
"""


def agreement(expected: Sequence[Verdict], found: Sequence[Verdict]) -> dict[str, Any]:
    """Return in how many rows the label is the same, with the Wilson interval of the share.

    labels_and_also: share in which the further labels are the same too. largest_score_change: of
    any label's probability in any row. Raises ValueError where the rows differ in number.
    """
    pairs = list(zip(expected, found, strict=True))
    same = sum(one.label == other.label for one, other in pairs)
    low, high = wilson(same, len(pairs))
    return {
        "n": len(pairs),
        "same": same,
        "share": same / len(pairs),
        "low": low,
        "high": high,
        "labels_and_also": sum((a.label, a.also) == (b.label, b.also) for a, b in pairs)
        / len(pairs),
        "largest_score_change": max(
            abs(a.scores[label] - b.scores[label]) for a, b in pairs for label in a.scores
        ),
    }


def emulated(artifact: Path, texts: Sequence[str], emulator: str) -> list[Verdict]:
    """Return the graph's verdicts in a process that the emulator's command line runs."""
    done = subprocess.run(  # noqa: S603
        [*shlex.split(emulator), sys.executable, "-c", CHILD, str(artifact.resolve())],
        input=json.dumps(list(texts)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=TIMEOUT_S,
    )
    return [Verdict(**row) for row in json.loads(done.stdout)]


def compare_set(
    artifact: Path,
    chosen: EvalSet,
    emulator: str | None = None,
    emulated_rows: int = 0,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Return processor and backend -> agreement with PyTorch fp32 on one set."""
    texts = [text for text, _ in chosen.rows()]
    expected = classifier_with(artifact, TorchBackend(artifact)).classify(texts)
    found, here = {}, {}
    for backend in installed_backends():
        here[backend] = Classifier.load(artifact, remember=0, backend=backend).classify(texts)
        found[f"this processor, {backend}"] = agreement(expected, here[backend])
    if emulator:
        drawn = random.Random(seed).sample(range(len(texts)), min(emulated_rows, len(texts)))  # noqa: S311
        answers = emulated(artifact, [texts[i] for i in drawn], emulator)
        reference = [expected[i] for i in drawn]
        found[f"{emulator}, onnx"] = agreement(reference, answers)
        same = [here["onnx"][i] for i in drawn]
        found["this processor, onnx, the same rows"] = agreement(reference, same)
    return found


def pooled(sets: dict[str, dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return processor and backend -> agreement over the rows of all sets together."""
    found = {}
    for way in next(iter(sets.values())):
        n, same = (sum(by_way[way][key] for by_way in sets.values()) for key in ("n", "same"))
        low, high = wilson(same, n)
        found[way] = {"n": n, "same": same, "share": same / n, "low": low, "high": high}
    return found


def render(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    rows = []
    for name, by_way in [*found["sets"].items(), ("all together", found["pooled"])]:
        for way, one in by_way.items():
            interval = f"{100 * one['low']:.2f}–{100 * one['high']:.2f}"
            also = one.get("labels_and_also")
            change = one.get("largest_score_change")
            rows.append(
                [
                    f"{name}: {way}",
                    str(one["n"]),
                    f"{100 * one['share']:.2f} % ({interval})",
                    "–" if also is None else f"{100 * also:.2f} %",
                    "–" if change is None else f"{change:.3f}",
                    "met" if one["share"] >= TARGET else "missed",
                ]
            )
    head = [
        f"{found['model']}, int8 against PyTorch fp32",
        "n",
        "same label (95 %)",
        "also the same",
        "largest change of a score",
        f"≥ {100 * TARGET:.1f} %",
    ]
    return table(head, rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", type=artifact_folder, default=DEFAULT_ARTIFACT)
    parser.add_argument("--split", choices=("test", "dev", "none"), default="test")
    parser.add_argument("--sets", nargs="*", default=[], metavar="NAME=FILE")
    parser.add_argument("--emulator", help="command line that runs a program on another processor")
    parser.add_argument("--emulated-rows", type=int, default=60, help="of each set")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("reports/latest/int8_agreement.json"))
    args = parser.parse_args(argv)
    chosen = [] if args.split == "none" else [split_set(args.split)]
    chosen += [file_set(*named_file(item)) for item in args.sets]
    sets = {
        one.name: compare_set(args.artifact, one, args.emulator, args.emulated_rows, args.seed)
        for one in chosen
    }
    version, _ = read_manifest(args.artifact)
    found = {"model": version, "sets": sets, "pooled": pooled(sets)}
    save_figures(found, args.output)
    print(render(found), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Other ways to quantise, beside the shipped graph: `python -m training.quantisation`.

Speed on the same texts in interleaved rounds, one text at a time in ONNX Runtime and texts of one
length together in OpenVINO, and how often the label is that of PyTorch fp32. Prints Markdown and
writes quantisation.json; no graph is kept.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from tokenizers import Tokenizer

from data.corpus import load_split
from data.text import normalise
from model.backends import installed_backends, open_backend
from model.classifier import TOKENIZER, Classifier
from model.shipped import ARTIFACT_HELP, DEFAULT_ARTIFACT, artifact_folder
from training.bench import rounds_of
from training.evalsets import file_set, named_file
from training.figures import save_figures
from training.int8_agreement import agreement
from training.onnx_graph import BLOCK, export_fp32, quantise
from training.tables import table
from training.torch_backend import TorchBackend, classifier_with

TOKENS: Final = 48
LARGER: Final = (64, 128)  # weights that share a scale; the width of the network is 3 * 128
PRODUCTS: Final = {"op_types_to_quantize": ["MatMul"]}


class Examples(CalibrationDataReader):  # type: ignore[misc]  # untyped library
    """Beginnings of texts of the train split, from which activation ranges are taken.

    Of one length, as percentiles are taken over equal shapes only.
    """

    def __init__(self, artifact: Path, count: int) -> None:
        tokenizer = Tokenizer.from_file(str(artifact / TOKENIZER))
        rows = load_split("train")
        random.Random(0).shuffle(rows)  # noqa: S311
        read = (tokenizer.encode(normalise(row.text).text).ids for row in rows)
        self._left: Iterator[Sequence[int]] = islice(
            (ids[:TOKENS] for ids in read if len(ids) >= TOKENS), count
        )

    def get_next(self) -> dict[str, Any] | None:
        """Return the next text's inputs; None after the last."""
        if (ids := next(self._left, None)) is None:
            return None
        feed = np.array([ids], dtype=np.int64)
        return {"input_ids": feed, "attention_mask": np.ones_like(feed)}


def make_graphs(artifact: Path, folder: Path, examples: int) -> dict[str, Path]:
    """Write the shipped way and the others into a folder; return name -> graph."""
    fp32, ready = folder / "fp32.onnx", folder / "ready.onnx"
    export_fp32(artifact, fp32)
    quant_pre_process(str(fp32), str(ready), skip_symbolic_shape=True)
    found: dict[str, Path] = {}
    for block in (BLOCK, *LARGER):
        name = f"blocks of {block}{' (shipped)' if block == BLOCK else ''}"
        found[name] = folder / f"blocks{block}.onnx"
        quantise(fp32, found[name], block)
    for channel in (False, True):
        name = f"dynamic, weights by {'the channel' if channel else 'the matrix'}"
        found[name] = folder / f"dynamic{channel}.onnx"
        quantize_dynamic(ready, found[name], per_channel=channel, **PRODUCTS)
    for method in (CalibrationMethod.MinMax, CalibrationMethod.Percentile):
        name = f"static, by the channel, ranges by {method.name}"
        found[name] = folder / f"static{method.name}.onnx"
        quantize_static(
            ready,
            found[name],
            Examples(artifact, examples),
            calibrate_method=method,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            **PRODUCTS,
        )
    return found


def rates(
    classifiers: dict[str, Classifier], texts: Sequence[str], rounds: int
) -> dict[str, list[float]]:
    """Return name -> ratio of its texts a second to the first one's in each round."""
    spent = rounds_of({name: one.logits for name, one in classifiers.items()}, texts, rounds)
    first = next(iter(spent.values()))
    return {
        name: [base / own for base, own in zip(first, seconds, strict=True)]
        for name, seconds in spent.items()
    }


def measure(artifact: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Return backend -> way -> agreement on each set, and its speed."""
    rows = random.Random(1).sample(load_split("dev"), args.rows)  # noqa: S311
    sets = {"dev": [row.text for row in rows]}
    for one in (file_set(*named_file(item)) for item in args.sets):
        sets[one.name] = [text for text, _ in one.rows()]
    fp32 = classifier_with(artifact, TorchBackend(artifact))
    expected = {name: fp32.classify(texts) for name, texts in sets.items()}
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        graphs = make_graphs(artifact, Path(scratch), args.examples)
        for backend in installed_backends():
            ways = {
                name: classifier_with(artifact, open_backend(path, name=backend))
                for name, path in graphs.items()
            }
            speed = rates(ways, sets["dev"][: args.timed], args.rounds)
            found[backend] = {
                name: {
                    "times": speed[name],
                    "mib": graphs[name].stat().st_size / 2**20,
                    "sets": {
                        key: agreement(expected[key], way.classify(texts))
                        for key, texts in sets.items()
                    },
                }
                for name, way in ways.items()
            }
    return found


def render(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    rows = []
    for backend, ways in found.items():
        for name, way in ways.items():
            low, high = min(way["times"]), max(way["times"])
            rows.append(
                [
                    f"{backend}: {name}",
                    f"{way['mib']:.1f}",
                    f"{median(way['times']):.2f} ({low:.2f}–{high:.2f})",
                    *map(_share, way["sets"].values()),
                ]
            )
    sets = next(iter(next(iter(found.values())).values()))["sets"]
    labels = [f"label as in fp32, {name} (n = {one['n']})" for name, one in sets.items()]
    return table(["way", "MiB", "times as fast as the shipped way (range)", *labels], rows)


def _share(one: dict[str, Any]) -> str:
    return f"{100 * one['share']:.2f} % ({100 * one['low']:.1f}–{100 * one['high']:.1f})"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--artifact", type=artifact_folder, default=DEFAULT_ARTIFACT, help=ARTIFACT_HELP
    )
    parser.add_argument("--sets", nargs="*", default=[], metavar="NAME=FILE", help="beside dev")
    parser.add_argument("--rows", type=int, default=500, help="of the development split")
    parser.add_argument("--timed", type=int, default=200, help="of those, to be timed")
    parser.add_argument("--examples", type=int, default=200, help="texts that give the ranges")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("reports/latest/quantisation.json"))
    args = parser.parse_args(argv)
    found = measure(args.artifact, args)
    save_figures(found, args.output)
    print(render(found), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

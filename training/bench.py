"""How fast are verdicts? `python -m training.bench` (or `make bench`).

One process, the same threads and texts for all, a warm-up, then interleaved rounds: in each, every
way of reading reads all texts once. No text comes twice, and nothing is remembered. Ratios are
taken within a round; medians and the range over rounds are printed. The machine's own peak is
measured in the same run. Writes bench.json, bench.md and bench.png.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoTokenizer

from data.corpus import load_split
from data.text import normalise
from model.backends import Name, installed_backends
from model.classifier import GRAPH, TOKENIZER
from model.shipped import ARTIFACT_HELP, SHIPPED, artifact_folder
from training.bench_peak import fp32_peak, int8_peak, operations
from training.bench_process import TIMES, cold_start
from training.bench_readers import (
    PIPELINE_BATCHES,
    Reader,
    graph_reader,
    pipeline_reader,
    shipped_reader,
    torch_reader,
)
from training.bench_repeats import saved_by_repeats
from training.bench_report import draw, render
from training.evalrows import check_file, stream_file
from training.evalsets import named_file
from training.growth_series import peak_mib
from training.onnx_graph import export_fp32

PIPELINE = "transformers.pipeline, fp32"
SHIPPED_GRAPH = "DunLens, int8"
SINGLES = 300  # messages read one at a time


def sample_texts(count: int, files: Sequence[Path], seed: int) -> list[str]:
    """Return different texts of the development split and of the files, drawn evenly from each."""
    rng = random.Random(seed)  # noqa: S311
    sources = [[row.text for row in load_split("dev")]]
    sources += [[text for text, _ in stream_file(path)] for path in files]
    share = -(-count // len(sources))
    texts = [text for source in sources for text in rng.sample(source, min(share, len(source)))]
    rng.shuffle(texts)
    return list({normalise(text).text: text for text in texts}.values())[:count]


def best_pipeline(artifact: Path, texts: Sequence[str]) -> tuple[int, Reader]:
    """Return the pipeline with its fastest batch size on these texts."""
    spent = {}
    for size in PIPELINE_BATCHES:
        read = pipeline_reader(artifact, size)
        read(texts[:8])
        start = time.perf_counter()
        read(texts)
        spent[size] = (time.perf_counter() - start, read)
    size = min(spent, key=lambda size: spent[size][0])
    return size, spent[size][1]


def rounds_of(
    readers: dict[str, Reader], texts: Sequence[str], rounds: int
) -> dict[str, list[float]]:
    """Return the seconds of each reader in each round; every round begins with another reader."""
    for read in readers.values():
        read(texts[:16])
    spent: dict[str, list[float]] = {name: [] for name in readers}
    names = list(readers)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            read = readers[name]
            start = time.perf_counter()
            read(texts)
            spent[name].append(time.perf_counter() - start)
    return spent


def single_messages(
    readers: dict[str, Reader], texts: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return p50 and p99 milliseconds of one text at a time, readers taking turns."""
    spent: dict[str, list[float]] = {name: [] for name in readers}
    for text in texts:
        for name, read in readers.items():
            start = time.perf_counter()
            read([text])
            spent[name].append(1000 * (time.perf_counter() - start))
    return {
        name: {"p50_ms": float(np.percentile(v, 50)), "p99_ms": float(np.percentile(v, 99))}
        for name, v in spent.items()
    }


def padding(artifact: Path, texts: Sequence[str], batch_size: int) -> tuple[int, float]:
    """Return the real tokens, and how many the pipeline reads for each of them."""
    tokenizer = AutoTokenizer.from_pretrained(artifact)
    lengths = [len(tokenizer(normalise(text).text)["input_ids"]) for text in texts]
    parts = [lengths[i : i + batch_size] for i in range(0, len(lengths), batch_size)]
    return sum(lengths), sum(max(part) * len(part) for part in parts) / sum(lengths)


def readers_of(
    models: dict[str, Path], texts: Sequence[str], threads: int, scratch: Path
) -> tuple[dict[str, Reader], dict[str, int]]:
    """Return every way of reading, named MODEL: WAY, and each pipeline's best batch size.

    The first model is read in all ways, the others by the pipeline and as they are served.
    """
    readers: dict[str, Reader] = {}
    sizes: dict[str, int] = {}
    for name, artifact in models.items():
        sizes[name], readers[f"{name}: {PIPELINE}"] = best_pipeline(artifact, texts)
        readers[f"{name}: {SHIPPED_GRAPH}"] = shipped_reader(artifact, threads)
    first, artifact = next(iter(models.items()))
    export_fp32(artifact, scratch / "fp32.onnx")
    readers[f"{first}: PyTorch, fp32, sorted"] = torch_reader(artifact)
    readers[f"{first}: ONNX Runtime, fp32"] = graph_reader(artifact, scratch / "fp32.onnx", threads)
    chosen: Name
    for chosen in installed_backends():
        readers[f"{first}: {SHIPPED_GRAPH}, {chosen}"] = shipped_reader(artifact, threads, chosen)
    return readers, sizes


def measure(
    models: dict[str, Path], texts: Sequence[str], threads: int, rounds: int
) -> dict[str, Any]:
    """Return all figures for one number of threads."""
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as scratch:
        readers, sizes = readers_of(models, texts, threads, Path(scratch))
        spent = rounds_of(readers, texts, rounds)
        lone = {f"{name}: {PIPELINE}": pipeline_reader(path, 1) for name, path in models.items()}
        singles = single_messages(readers | lone, texts[:SINGLES])
    first = next(iter(models))
    middle = sorted(texts, key=len)[len(texts) // 2]
    served = f"{first}: {SHIPPED_GRAPH}"
    again = single_messages({served: readers[served]}, [middle] * SINGLES)[served]
    peaks = {"int8": int8_peak(threads), "fp32": fp32_peak(threads)}
    pads = {name: padding(path, texts, sizes[name]) for name, path in models.items()}
    work = {name: operations(path / GRAPH) for name, path in models.items()}
    found = {}
    for name, seconds in spent.items():
        model = name.partition(":")[0]
        tokens, median = pads[model][0], float(np.median(seconds))
        rate = work[model] * tokens / median
        found[name] = {
            "model": model,
            "messages_per_second": len(texts) / median,
            "messages_per_second_range": [len(texts) / max(seconds), len(texts) / min(seconds)],
            "tokens_per_second": tokens / median,
            "ratio_to": {other: _ratio(spent[f"{other}: {PIPELINE}"], seconds) for other in models},
            "share_of_int8_peak": rate / peaks["int8"],
            "share_of_fp32_peak": rate / peaks["fp32"],
            **singles[name],
        }
    return {
        "threads": threads,
        "texts": len(texts),
        "tokens": pads[first][0],
        "pipeline_batch_size": sizes,
        "pipeline_tokens_read_for_each_real_one": {name: pads[name][1] for name in models},
        "peak_operations_per_second": peaks,
        "one_text_again_and_again": again,
        "readers": found,
    }


def _ratio(base: Sequence[float], own: Sequence[float]) -> list[float]:
    """Return median, least and greatest of the ratios within a round."""
    ratios = [one / other for one, other in zip(base, own, strict=True)]
    return [float(np.median(ratios)), min(ratios), max(ratios)]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--models", nargs="+", default=list(SHIPPED), help=f"the first is judged; {ARTIFACT_HELP}"
    )
    parser.add_argument("--sets", nargs="*", default=[], metavar="NAME=FILE", help="beside dev")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=TIMES, help="of a fresh process, each model")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("reports/latest"))
    args = parser.parse_args(argv)
    files = [named_file(item) for item in args.sets]
    for _, path in files:
        check_file(path)
    texts = sample_texts(args.count, [path for _, path in files], args.seed)
    models: dict[str, Path] = {}
    for name in args.models:
        if artifact_folder(name) not in models.values():  # two names may be of one model
            models[Path(name).name] = artifact_folder(name)
    sizes = {
        name: sum((path / file).stat().st_size for file in (GRAPH, TOKENIZER)) / 1e6
        for name, path in models.items()
    }
    first = next(iter(models.values()))
    most = max(args.threads)
    found: dict[str, Any] = {
        "sets": ["dev", *(name for name, _ in files)],
        "rounds": args.rounds,
        "cold_start": {name: cold_start(path, args.starts) for name, path in models.items()},
        "artifact_mb": sizes,
        "repeats": saved_by_repeats(first, texts, most, args.rounds, args.seed),
        "runs": [measure(models, texts, n, args.rounds) for n in args.threads],
        "peak_mib_of_this_process": peak_mib(),
    }
    args.output.mkdir(parents=True, exist_ok=True)
    (args.output / "bench.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    report = render(found, PIPELINE, SHIPPED_GRAPH)
    (args.output / "bench.md").write_text(report, encoding="utf-8")
    draw(found, args.output / "bench.png")
    print(report, end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""How fast are verdicts? `python -m training.bench` (or `make bench`).

One process, the same threads and texts for all, a warm-up, then interleaved rounds: in each, every
way of reading reads all texts once. Ratios are taken within a round; medians and the range over
rounds are printed. The machine's own peak is measured in the same run. Writes bench.json.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
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
from model.classifier import GRAPH, TOKENIZER
from model.shipped import DEFAULT_ARTIFACT, artifact_folder
from training.bench_peak import fp32_peak, int8_peak, operations
from training.bench_readers import (
    PIPELINE_BATCHES,
    Reader,
    graph_reader,
    pipeline_reader,
    shipped_reader,
    torch_reader,
)
from training.evalrows import stream_file
from training.onnx_graph import export_fp32
from training.tables import table

BASE = "transformers.pipeline, fp32"
SHIPPED = "DunLens, int8"
COLD = "import model; model.Classifier.load().classify(['您的借款已逾期，请尽快还款。'])"


def sample_texts(count: int, files: Sequence[Path], seed: int) -> list[str]:
    """Return texts of the development split and of the files, drawn evenly from each."""
    rng = random.Random(seed)  # noqa: S311
    sources = [[row.text for row in load_split("dev")]]
    sources += [[text for text, _ in stream_file(path)] for path in files]
    share = -(-count // len(sources))
    texts = [text for source in sources for text in rng.sample(source, min(share, len(source)))]
    rng.shuffle(texts)
    return texts[:count]


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
    """Return the seconds of each reader in each round."""
    for read in readers.values():
        read(texts[:16])
    spent: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(rounds):
        for name, read in readers.items():
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


def cold_start(times: int = 5) -> dict[str, float]:
    """Return median seconds from nothing to the first verdict, and peak memory in MiB."""
    spent, memory = [], 0
    code = f"{COLD}; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    for _ in range(times):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # noqa: S603
        spent.append(time.perf_counter() - start)
        memory = max(memory, int(done.stdout))
    return {"seconds": float(np.median(spent)), "peak_mib": memory / 1024}


def padding(artifact: Path, texts: Sequence[str], batch_size: int) -> tuple[int, float]:
    """Return the real tokens, and how many the pipeline reads for each of them."""
    tokenizer = AutoTokenizer.from_pretrained(artifact)
    lengths = [len(tokenizer(normalise(text).text)["input_ids"]) for text in texts]
    parts = [lengths[i : i + batch_size] for i in range(0, len(lengths), batch_size)]
    return sum(lengths), sum(max(part) * len(part) for part in parts) / sum(lengths)


def measure(artifact: Path, texts: Sequence[str], threads: int, rounds: int) -> dict[str, Any]:
    """Return all figures for one number of threads."""
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as scratch:
        fp32 = Path(scratch) / "fp32.onnx"
        export_fp32(artifact, fp32)
        size, pipe = best_pipeline(artifact, texts)
        readers = {
            BASE: pipe,
            "PyTorch, fp32, sorted": torch_reader(artifact),
            "ONNX Runtime, fp32": graph_reader(artifact, fp32, threads),
            SHIPPED: shipped_reader(artifact, threads, "onnx"),
            f"{SHIPPED}, OpenVINO": shipped_reader(artifact, threads, "openvino"),
        }
        spent = rounds_of(readers, texts, rounds)
        alone = readers | {BASE: pipeline_reader(artifact, 1)}
        singles = single_messages(alone, texts[: min(len(texts), 120)])
    tokens, waste = padding(artifact, texts, size)
    work = operations(artifact / GRAPH) * tokens
    peaks = {"int8": int8_peak(threads), "fp32": fp32_peak(threads)}
    found = {}
    for name, seconds in spent.items():
        ratios = [base / own for base, own in zip(spent[BASE], seconds, strict=True)]
        median = float(np.median(seconds))
        found[name] = {
            "messages_per_second": len(texts) / median,
            "tokens_per_second": tokens / median,
            "ratio": float(np.median(ratios)),
            "ratio_range": [min(ratios), max(ratios)],
            "share_of_int8_peak": work / median / peaks["int8"],
            "share_of_fp32_peak": work / median / peaks["fp32"],
            **singles[name],
        }
    return {
        "threads": threads,
        "texts": len(texts),
        "tokens": tokens,
        "pipeline_batch_size": size,
        "pipeline_tokens_read_for_each_real_one": waste,
        "peak_operations_per_second": peaks,
        "readers": found,
    }


def render(found: dict[str, Any]) -> str:
    """Return one measurement as Markdown."""
    lines = [
        [
            name,
            f"{r['messages_per_second']:.0f}",
            f"{r['tokens_per_second']:.0f}",
            f"{r['ratio']:.2f} ({r['ratio_range'][0]:.2f}–{r['ratio_range'][1]:.2f})",
            f"{100 * r['share_of_int8_peak']:.0f} % / {100 * r['share_of_fp32_peak']:.0f} %",
            f"{r['p50_ms']:.1f} / {r['p99_ms']:.1f}",
        ]
        for name, r in found["readers"].items()
    ]
    head = [
        "",
        "messages/s",
        "tokens/s",
        "times the pipeline",
        "of int8 / fp32 peak",
        "one message, p50 / p99 ms",
    ]
    return (
        f"{found['texts']} texts, {found['tokens']} tokens, {found['threads']} threads; "
        f"the pipeline's best batch is {found['pipeline_batch_size']}, it reads "
        f"{found['pipeline_tokens_read_for_each_real_one']:.2f} tokens for each real one.\n\n"
        f"{table(head, lines)}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", type=artifact_folder, default=DEFAULT_ARTIFACT)
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="row files, beside dev")
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path("reports/latest/bench.json"))
    args = parser.parse_args(argv)
    texts = sample_texts(args.count, args.texts, args.seed)
    found: dict[str, Any] = {
        "cold_start": cold_start(),
        "artifact_mib": {
            name: (args.artifact / name).stat().st_size / 2**20 for name in (GRAPH, TOKENIZER)
        },
        "runs": [measure(args.artifact, texts, n, args.rounds) for n in args.threads],
        "peak_mib_of_this_process": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    cold, sizes = found["cold_start"], found["artifact_mib"]
    print(
        f"From nothing to the first verdict: {cold['seconds']:.2f} s, {cold['peak_mib']:.0f} MiB; "
        f"graph {sizes[GRAPH]:.1f} MiB, tokenizer {sizes[TOKENIZER]:.1f} MiB.\n"
    )
    print("\n".join(render(run) for run in found["runs"]), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

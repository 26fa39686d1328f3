"""Tables, targets and plot of `training.bench`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from training.plots import COLOURS, GREY, MARKERS
from training.tables import table

BATCH_RATIO: Final = 10.0
INT8_SHARE: Final = 0.6
SINGLE_SHARE: Final = 1 / 8
TAIL: Final = 3.0
ARTIFACT_MB: Final = 25.0
COLD_S: Final = 1.5


def render(found: Mapping[str, Any], pipeline: str, served: str) -> str:
    """Return the report as Markdown; pipeline, served: names of the two ways that are compared."""
    parts = [
        "# How fast\n",
        f"Texts of {', '.join(found['sets'])}, no text twice, {found['rounds']} rounds.\n",
        "## Targets\n",
        targets_table(found, pipeline, served),
        "## Speed and size\n",
        models_table(found, served),
    ]
    for run in found["runs"]:
        parts += [f"## {run['threads']} thread(s)\n", run_table(run)]
    again = found["repeats"]
    parts.append(
        f"Repeats: of {again['texts']} rows whose texts are drawn by Zipf's law, "
        f"{100 * again['repeats']:.0f} % are repeats; remembering them is "
        f"{again['ratio']:.2f} ({again['ratio_range'][0]:.2f}–{again['ratio_range'][1]:.2f}) "
        "times as fast. No other figure counts repeats.\n"
    )
    return "\n".join(parts)


def targets(
    found: Mapping[str, Any], pipeline: str, served: str
) -> Iterator[tuple[str, str, str, bool]]:
    """Yield what is wanted of the first model, the figure, the bound and whether it is met."""
    models = list(found["artifact_mb"])
    first = models[0]
    for run in found["runs"]:
        threads = f"{run['threads']} thread(s)"
        own = run["readers"][f"{first}: {served}"]
        for other in models:
            median, low, high = own["ratio_to"][other]
            what = f"batch, times the pipeline of {other}, {threads}"
            figure = f"{median:.2f} ({low:.2f}–{high:.2f})"
            yield what, figure, f"≥ {BATCH_RATIO:.0f}", median >= BATCH_RATIO
        share = own["share_of_int8_peak"]
        bound = f"≥ {100 * INT8_SHARE:.0f} %"
        yield (
            f"share of the int8 peak, {threads}",
            f"{100 * share:.0f} %",
            bound,
            share >= INT8_SHARE,
        )
        for other in models:
            share = own["p50_ms"] / run["readers"][f"{other}: {pipeline}"]["p50_ms"]
            what = f"one message, p50 over that of the pipeline of {other}, {threads}"
            yield what, f"1/{1 / share:.1f}", "≤ 1/8", share <= SINGLE_SHARE
        tail = own["p99_ms"] / own["p50_ms"]
        what = f"one message, p99 over p50, texts of all lengths, {threads}"
        yield what, f"{tail:.2f}", f"≤ {TAIL:.0f}", tail <= TAIL
        again = run["one_text_again_and_again"]
        tail = again["p99_ms"] / again["p50_ms"]
        what = f"the same for one text of median length, {threads}"
        yield what, f"{tail:.2f}", f"≤ {TAIL:.0f}", tail <= TAIL
    size, cold = found["artifact_mb"][first], found["cold_start"][first]
    yield "graph and tokenizer", f"{size:.1f} MB", f"≤ {ARTIFACT_MB:.0f} MB", size <= ARTIFACT_MB
    low, high = cold["first_verdict_range"]
    figure = f"{cold['first_verdict_s']:.2f} s ({low:.2f}–{high:.2f})"
    bound = f"≤ {COLD_S} s"
    yield "fresh process to first verdict", figure, bound, cold["first_verdict_s"] <= COLD_S
    ever = cold["first_ever_s"]
    yield "the same, first time ever on a machine", f"{ever:.2f} s", bound, ever <= COLD_S


def targets_table(found: Mapping[str, Any], pipeline: str, served: str) -> str:
    """Return the figures of the first model beside the targets."""
    rows = [
        [what, figure, bound, "met" if met else "**missed**"]
        for what, figure, bound, met in targets(found, pipeline, served)
    ]
    return table([next(iter(found["artifact_mb"])), "median (range)", "target", ""], rows)


def models_table(found: Mapping[str, Any], served: str) -> str:
    """Return speed at the most threads, size, start and memory of each model as it is served."""
    run = max(found["runs"], key=lambda run: run["threads"])
    rows = []
    for name, size in found["artifact_mb"].items():
        own, cold = run["readers"][f"{name}: {served}"], found["cold_start"][name]
        rows.append(
            [
                name,
                f"{size:.1f}",
                f"{own['messages_per_second']:.0f}",
                f"{own['p50_ms']:.1f}",
                f"{cold['import_s']:.2f} + {cold['load_s']:.2f}",
                f"{cold['peak_mib']:.0f}",
            ]
        )
    head = ["model", "MB", f"messages/s, {run['threads']} threads", "one message, ms"]
    return table([*head, "import + load, s", "MiB at first verdict"], rows)


def run_table(run: Mapping[str, Any]) -> str:
    """Return one measurement as Markdown."""
    lines = []
    for name, one in run["readers"].items():
        median, low, high = one["ratio_to"][one["model"]]
        lines.append(
            [
                name,
                f"{one['messages_per_second']:.0f}",
                f"{one['tokens_per_second']:.0f}",
                f"{median:.2f} ({low:.2f}–{high:.2f})",
                " / ".join(
                    f"{100 * one[f'share_of_{kind}_peak']:.0f} %" for kind in ("int8", "fp32")
                ),
                f"{one['p50_ms']:.1f} / {one['p99_ms']:.1f}",
            ]
        )
    head = ["", "messages/s", "tokens/s", "times the model's own pipeline"]
    peaks = run["peak_operations_per_second"]
    waste = run["pipeline_tokens_read_for_each_real_one"]
    read = "; ".join(
        f"{name}: {size}, {waste[name]:.2f}" for name, size in run["pipeline_batch_size"].items()
    )
    return (
        f"{run['texts']} texts, {run['tokens']} tokens. Peaks: int8 {peaks['int8'] / 1e9:.0f}, "
        f"fp32 {peaks['fp32'] / 1e9:.0f} thousand million operations a second. The pipelines' best "
        f"batch size, and tokens they read for each real one (DunLens: 1, it pads nothing): "
        f"{read}.\n\n"
        f"{table([*head, 'of int8 / fp32 peak', 'one message, p50 / p99 ms'], lines)}"
    )


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw messages a second of every way of reading, and speed against size of each model."""
    from matplotlib import pyplot as plt

    run = max(found["runs"], key=lambda run: run["threads"])
    figure, (bars, plane) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
    try:
        names = sorted(run["readers"], key=lambda n: run["readers"][n]["messages_per_second"])
        models = list(found["artifact_mb"])
        for place, name in enumerate(names):
            one = run["readers"][name]
            rate, (low, high) = one["messages_per_second"], one["messages_per_second_range"]
            colour = COLOURS[models.index(one["model"]) % 5]
            bars.barh(place, rate, color=colour, alpha=0.8)
            bars.plot([low, high], [place, place], color="black", linewidth=1)
            if "int8" in name and name.count(",") == 1:
                mark = MARKERS[models.index(one["model"]) % 5]
                size = found["artifact_mb"][one["model"]]
                plane.plot(size, rate, mark, color=colour, label=one["model"], markersize=9)
        bars.set_yticks(range(len(names)), names)
        bars.set(xlabel="messages a second (line: range)", title=f"{run['threads']} thread(s)")
        plane.axvline(ARTIFACT_MB, color=GREY, linestyle=":", label="size allowed")
        plane.set(xlabel="graph and tokenizer, MB", ylabel="messages a second", title="Speed, size")
        plane.set_xlim(left=0)
        plane.set_ylim(bottom=0)
        plane.legend(loc="best")
        for axes in (bars, plane):
            axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(path, dpi=120, metadata={"Software": None})
    finally:
        plt.close(figure)

"""How do time and memory grow? `python -m training.growth` (or `make growth`).

Against rows (streamed in one pass, until a number of seconds is up; 10^6 is extrapolated), against
the length of a text, against threads, and, out of a file, against the workers of a Ray cluster.
Prints the exponents b of time = a * n^b, fitted by least squares on logarithms. Points of one
stream are not independent: the interval of its exponent says how straight the line is, no more.
Writes growth.json and growth.png.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import stats

from model.processors import available_threads
from model.shipped import ARTIFACT_HELP, DEFAULT_ARTIFACT, artifact_folder
from training.figures import save_figures
from training.growth_series import Point, alone, length_series, rows_series, threads_point
from training.intervals import LEVEL
from training.plots import COLOURS, GREY
from training.tables import table

ROWS: Final = (1_000, 3_000, 10_000, 30_000, 100_000)
LENGTHS: Final = (8, 16, 32, 64, 128, 254, 512)
EXTRAPOLATED: Final = 1_000_000


def fit(points: Sequence[Point], key: str = "seconds") -> dict[str, float] | None:
    """Return exponent, its 95 % interval and factor of `key` = factor * at^exponent.

    None for less than three points: a line through two has no interval.
    """
    if len(points) < 3:
        return None
    x, y = (np.log([point[name] for point in points]) for name in ("at", key))
    line = stats.linregress(x, y)
    half = float(stats.t.ppf((1 + LEVEL) / 2, len(points) - 2) * line.stderr)
    return {
        "exponent": float(line.slope),
        "low": float(line.slope) - half,
        "high": float(line.slope) + half,
        "factor": float(np.exp(line.intercept)),
    }


def extrapolate(points: Sequence[Point], at: int) -> float | None:
    """Return the seconds of `at` rows by the fitted line; None without one."""
    line = fit(points)
    return None if line is None else line["factor"] * at ** line["exponent"]


def measure(artifact: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Return every series with its fits."""
    series = {
        "rows": alone(rows_series, artifact, max(args.threads), args.rows, args.cap),
        "tokens": alone(length_series, artifact, 1, args.lengths),
        "threads": [
            point for n in args.threads for point in alone(threads_point, artifact, n, args.batch)
        ],
    }
    if args.workers:
        series["workers"] = json.loads(args.workers.read_text(encoding="utf-8"))["points"]
    return {
        "processors": available_threads(),
        "series": series,
        "time": {name: fit(points) for name, points in series.items()},
        "memory": {name: fit(points, "peak_mib") for name, points in series.items()},
        "extrapolated": {"at": EXTRAPOLATED, "seconds": extrapolate(series["rows"], EXTRAPOLATED)},
    }


def render(found: Mapping[str, Any]) -> str:
    """Return the series and their exponents as Markdown."""
    rows = [
        [name, str(point["at"]), f"{point['seconds']:.3g}", f"{point['peak_mib']:.0f}"]
        for name, points in found["series"].items()
        for point in points
    ]
    if (seconds := found["extrapolated"]["seconds"]) is not None:
        rows.append(["rows, extrapolated", str(found["extrapolated"]["at"]), f"{seconds:.3g}", "–"])
    fits = [
        [name, exponent(found["time"][name]), exponent(found["memory"][name])]
        for name in found["series"]
    ]
    return (
        f"{found['processors']} processor(s).\n\n"
        f"{table(['against', 'n', 'seconds', 'peak MiB'], rows)}\n"
        f"{table(['against', 'exponent of time (95 %)', 'exponent of memory'], fits)}"
    )


def exponent(line: Mapping[str, float] | None) -> str:
    """Return ``0.98 (0.95 to 1.01)``; for two points, that there is none."""
    if line is None:
        return "– (under three points)"
    return f"{line['exponent']:.2f} ({line['low']:.2f} to {line['high']:.2f})"


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw a panel a series: seconds in front, memory behind it."""
    from matplotlib import pyplot as plt
    from matplotlib.ticker import ScalarFormatter

    series = found["series"]
    figure, panels = plt.subplots(
        1, len(series), figsize=(4.2 * len(series), 4), layout="constrained", squeeze=False
    )
    try:
        for panel, (name, points) in zip(panels[0], series.items(), strict=True):
            x = [point["at"] for point in points]
            seconds = [point["seconds"] for point in points]
            panel.plot(x, seconds, "o-", color=COLOURS[0], label="seconds")
            if (line := found["time"][name]) is not None:
                panel.set_title(f"time ∝ {name}^{line['exponent']:.2f}")
            else:
                panel.set_title(f"{seconds[0] / seconds[-1]:.2f}× as fast with {x[-1]}")
            last = found["extrapolated"]
            if name == "rows" and last["seconds"] is not None:
                ends = [x[-1], last["at"]], [seconds[-1], last["seconds"]]
                panel.plot(*ends, "o:", color=GREY, label="extrapolated", fillstyle="none")
            if len(points) > 2:
                panel.set(xscale="log", yscale="log")
            else:
                panel.set_xticks(x)
                panel.set_ylim(bottom=0)
            if name == "tokens":
                panel.set_xticks(x, [str(at) for at in x], minor=False)
                panel.xaxis.minorticks_off()
            memory = panel.twinx()
            memory.plot(x, [p["peak_mib"] for p in points], "s--", color=COLOURS[1])
            memory.set_ylabel("peak MiB (dashed)", color=COLOURS[1])
            memory.set_ylim(0, 1.6 * max(p["peak_mib"] for p in points))  # room for the legend
            memory.yaxis.set_major_formatter(ScalarFormatter())
            panel.set(xlabel=name, ylabel="seconds")
            panel.legend(loc="upper left" if len(points) > 2 else "lower left")
        figure.savefig(path, dpi=120, metadata={"Software": None})
    finally:
        plt.close(figure)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--artifact", type=artifact_folder, default=DEFAULT_ARTIFACT, help=ARTIFACT_HELP
    )
    parser.add_argument("--rows", type=int, nargs="+", default=list(ROWS))
    parser.add_argument("--lengths", type=int, nargs="+", default=list(LENGTHS))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--cap", type=float, default=300, help="seconds of reading rows, at most")
    parser.add_argument("--batch", type=int, default=2_000, help="rows read by each thread count")
    parser.add_argument("--workers", type=Path, help="file of tests/serve/triage/ray_growth.py")
    parser.add_argument("--output", type=Path, default=Path("reports/latest"))
    args = parser.parse_args(argv)
    found = measure(args.artifact, args)
    save_figures(found, args.output / "growth.json")
    draw(found, args.output / "growth.png")
    print(render(found), end="")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Measure how well screenshots are read: ``python -m serve.ocr.measure --screens 66``.

Renders rows of the development split as screenshots in three styles, reads each clean and under
some of the disturbances (in rotation), and compares characters, sides and verdicts with what was
shown. Writes measure.md and measure.json into --output and prints the former.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from data.corpus import load_split
from model.verdict import Verdict
from serve.classifier import TextClassifier, load_classifier
from serve.ocr.engine import Engine
from serve.ocr.measure.disturb import DISTURBANCES
from serve.ocr.measure.figures import Figure, Labels, as_json, as_markdown, figures
from serve.ocr.measure.render import Picture, chromium, render
from serve.ocr.measure.score import Score, score
from serve.ocr.measure.screens import compose
from serve.ocr.reader import Reading, read_pixels

CLEAN = "clean"
EACH = 2
"""Disturbances that each picture is also read under."""

Result = tuple[str, Score, Labels]
COLOURS = {"message": "red", "time": "blue", "interface": "grey"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m serve.ocr.measure", description=__doc__)
    parser.add_argument("--screens", type=int, default=66, help="pictures, styles in turn")
    parser.add_argument("--limit", type=int, help="the same as --screens, to try things out")
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--output", type=Path, default=Path("reports/ocr"))
    parser.add_argument("--keep", type=Path, help="folder for the pictures with the boxes drawn in")
    options = parser.parse_args(argv)
    count = options.limit or options.screens
    screens = compose(load_split("dev"), count, options.seed)
    with chromium() as browser:
        pictures = list(render(browser, screens))
    started = time.process_time()
    results = list(_results(pictures, load_classifier(), options.keep))
    seconds = (time.process_time() - started) / len(results)
    found = _all_figures(results)
    text = _report(found, count, options.seed, seconds)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "measure.md").write_text(text, encoding="utf-8")
    facts = {"screens": count, "seed": options.seed, "figures": as_json(found)}
    (options.output / "measure.json").write_text(
        json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    print(text)
    return int(any(figure.met is False for figure in found))


def _results(
    pictures: Sequence[Picture], classifier: TextClassifier, keep: Path | None
) -> Iterator[Result]:
    engine, names = Engine(), list(DISTURBANCES)
    for number, picture in enumerate(pictures):
        clean = Image.open(io.BytesIO(picture.png)).convert("RGB")
        truth = classifier.classify([bubble.text for bubble in picture.screen.bubbles])
        chosen = [names[(EACH * number + i) % len(names)] for i in range(EACH)]
        for kind in (CLEAN, *chosen):
            image = clean if kind == CLEAN else DISTURBANCES[kind](clean, number)
            factor = image.width / clean.width
            boxes = [tuple(factor * side for side in box) for box in picture.boxes]
            reading = read_pixels(np.asarray(image), engine)
            scored = score(picture.screen.bubbles, boxes, reading)
            if keep:
                _draw(image, reading, keep / f"{number:03d}-{picture.screen.style}-{kind}.png")
            yield kind, scored, _labels(scored, truth, classifier)
        print(f"{number + 1}/{len(pictures)}", file=sys.stderr)


def _labels(scored: Score, truth: Sequence[Verdict], classifier: TextClassifier) -> Labels:
    """Return how the verdicts on what was read compare; a message not found agrees with none."""
    came_in = [
        (read, verdict)
        for read, verdict in zip(scored.reads, truth, strict=True)
        if read.bubble.side == "left"
    ]
    found = classifier.classify([read.text.strip() or " " for read, _ in came_in])
    pairs = [
        (verdict.label, new.label if read.text.strip() else None, read.bubble.label)
        for (read, verdict), new in zip(came_in, found, strict=True)
    ]
    return Labels(
        messages=len(pairs),
        agree=sum(clean == new for clean, new, _ in pairs),
        clean_right=sum(clean == true for clean, _, true in pairs),
        read_right=sum(new == true for _, new, true in pairs),
    )


def _all_figures(results: Sequence[Result]) -> list[Figure]:
    def of(name: str, kinds: Sequence[str]) -> list[Figure]:
        chosen = [(scored, labels) for kind, scored, labels in results if kind in kinds]
        return figures(name, [x for x, _ in chosen], [x for _, x in chosen]) if chosen else []

    found = of(CLEAN, [CLEAN]) + of("disturbed", list(DISTURBANCES))
    for name in DISTURBANCES:
        found += of(name, [name])[:1]
    return found


def _report(found: Sequence[Figure], count: int, seed: int, seconds: float) -> str:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"# Screenshots\n\n`python -m serve.ocr.measure --screens {count} --seed {seed}`\n\n"
        f"{count} pictures rendered in Chromium from rows of the development split (WeChat, "
        "text messages of iOS, dark ones of Android), each read clean and under "
        f"{EACH} of {len(DISTURBANCES)} disturbances. CER: Levenshtein distance over the true "
        "characters of all messages of a picture, joined in order, so that what is missed, out "
        "of order or taken from the interface counts; both sides after NFKC (full-width forms), "
        "with straight quotation marks and without white space. Intervals: bootstrap over "
        "pictures. Labels: of the messages that came in.\n\n"
        f"{as_markdown(found)}\n\n"
        f"{seconds:.1f} s of one processor a picture, at most {memory:.0f} MiB of memory in all.\n"
    )


def _draw(image: Image.Image, reading: Reading, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    copy = image.copy()
    pen = ImageDraw.Draw(copy)
    for block in reading.blocks:
        colour = "purple" if block.side == "right" else COLOURS[block.kind]
        pen.rectangle(tuple(block.box), outline=colour, width=3)
    copy.save(path)


if __name__ == "__main__":
    raise SystemExit(main())

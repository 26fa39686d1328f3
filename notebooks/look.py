"""What the notebooks share: where they run, how much they do, and letters that plots can draw."""

from __future__ import annotations

import logging
import os
import random
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SMALL = os.environ.get("DUNLENS_NOTEBOOKS", "small") != "full"
"""Whether to run on samples, in seconds. `DUNLENS_NOTEBOOKS=full jupyter lab` takes all rows."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")  # Okabe and Ito
FONTS = ROOT / "serve" / "report" / "fonts"


def start() -> None:
    """Go to the repository's root; plots in the notebook, with Chinese letters."""
    import matplotlib
    from IPython import get_ipython
    from matplotlib import font_manager

    os.chdir(ROOT)
    if SMALL:  # before tqdm is imported: bars of seconds are noise
        os.environ.setdefault("TQDM_DISABLE", "1")
        logging.disable(logging.INFO)  # exporting tells of every node of the graph
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    import training.plots  # draws without a screen, so imported before the notebook's choice

    del training
    get_ipython().run_line_magic("matplotlib", "inline")
    font = FONTS / "wqy-microhei.ttc"  # the one that reports are set in
    font_manager.fontManager.addfont(font)
    chinese = font_manager.FontProperties(fname=font).get_name()
    matplotlib.rcParams |= {
        "font.family": ["DejaVu Sans", chinese],
        "figure.dpi": 100,
        "figure.constrained_layout.use": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }


def sample(split: str, rows: int, seed: int = 0) -> list:
    """Return rows of a split of the corpus, as many of each class; all of them when not small."""
    from data.corpus import load_split
    from data.labels import CLASSES

    found = load_split(split)
    if not SMALL:
        return found
    rng = random.Random(seed)
    each = rows // len(CLASSES)
    return [
        row
        for label in CLASSES
        for row in rng.sample([one for one in found if one.label == label], each)
    ]


def truths(rows: list) -> list:
    """Return text and truth of corpus rows, as evaluation takes them."""
    from training.evalrows import Truth

    return [
        (
            row.text,
            Truth(
                row.label,
                tuple(row.also),
                facets={"form": row.form, "recipient": row.recipient, "hard": str(row.hard).lower()},
            ),
        )
        for row in rows
    ]

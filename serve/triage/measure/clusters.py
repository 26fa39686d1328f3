"""``python -m serve.triage.measure.clusters``: how well scripts are recognised, and how fast.

A batch is made of the corpus: known scripts with other names, amounts and light edits, beside texts
that occur once. Printed: pairwise precision, recall and F1, a row's CPU time, and the memory.
"""

from __future__ import annotations

import argparse
import resource
import time

from data.corpus import load_corpus
from serve.triage.clusters import Clusterer
from serve.triage.measure.batches import batch, pairwise


def main() -> None:
    """Print one line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--scripts", type=int, default=500)
    parser.add_argument("--singles", type=int, default=2_000, help="texts that occur once")
    parser.add_argument("--edits", type=int, default=0, help="further light edits in each row")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    texts = sorted({row.text for row in load_corpus()})
    for seed in range(1, options.seeds + 1):
        pairs = batch(texts, options.rows, options.scripts, options.singles, seed, options.edits)
        clusterer, start = Clusterer(), time.process_time()
        found = [clusterer.add(number, text) for number, (text, _) in enumerate(pairs, 1)]
        spent = (time.process_time() - start) / len(pairs)
        precision, recall, f1 = pairwise([script for _, script in pairs], found)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"seed {seed}: {len(pairs)} rows, {len({script for _, script in pairs})} scripts, "
            f"{len(set(found))} clusters; pairwise precision {precision:.4f} recall {recall:.4f} "
            f"F1 {f1:.4f}; {spent * 1e6:.0f} µs CPU a row; peak RSS {peak} MiB"
        )


if __name__ == "__main__":
    main()

"""Make ``data/unlabelled`` from collections of texts: what a student reads with its teacher.

``python -m data.build_unlabelled --questions legal_questions.jsonl --comments cold.jsonl
--leave-out FILE ...``: masked (`data.deidentify`), each text once, and none that shares more than
a tenth of its 5-grams with a text of the files to leave out, which are for evaluation.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Final

from data.deidentify import deidentify
from data.text import normalise
from data.unlabelled import UNLABELLED_DIR

COMMENTS: Final = 2_000
LONGEST: Final = 300
GRAM: Final = 5
SHARE: Final = 0.1


def choose(
    texts: Iterable[str], left_out: Iterable[str], most: int | None = None, seed: int = 0
) -> list[str]:
    """Return the texts masked, each once, at most `most` at random, in the order given.

    Texts over LONGEST characters, and those too like one of `left_out`, are not among them.
    """
    held = [grams(text) for text in left_out]
    known: dict[str, set[int]] = {}
    for index, found in enumerate(held):
        for gram in found:
            known.setdefault(gram, set()).add(index)
    kept = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    kept = [text for text in kept if len(text) <= LONGEST and not _known(grams(text), known)]
    if most is not None and len(kept) > most:
        wanted = sorted(Random(seed).sample(range(len(kept)), most))  # noqa: S311, no secret
        kept = [kept[index] for index in wanted]
    return list(dict.fromkeys(deidentify(text) for text in kept))


def grams(text: str) -> frozenset[str]:
    """Return the character 5-grams of a text as it is read; a shorter text is its own gram."""
    plain = normalise(text).text
    return frozenset(plain[i : i + GRAM] for i in range(max(1, len(plain) - GRAM + 1)))


def _known(found: frozenset[str], known: dict[str, set[int]]) -> bool:
    """Tell whether more than SHARE of the grams stand in one and the same text left out."""
    hits: dict[int, int] = {}
    for gram in found:
        for index in known.get(gram, ()):
            hits[index] = hits.get(index, 0) + 1
    return max(hits.values(), default=0) > SHARE * len(found)


def read(path: Path) -> list[str]:
    """Return the field ``text`` of every line."""
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def main(argv: Sequence[str] | None = None) -> int:
    """Write the files and print how many texts each has."""
    parser = argparse.ArgumentParser(prog="python -m data.build_unlabelled", description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--comments", type=Path, required=True)
    parser.add_argument("--leave-out", type=Path, nargs="+", default=[])
    parser.add_argument("--output", type=Path, default=UNLABELLED_DIR)
    args = parser.parse_args(argv)
    left_out = [text for path in args.leave_out for text in read(path)]
    args.output.mkdir(parents=True, exist_ok=True)
    for name, path, most in (
        ("questions", args.questions, None),
        ("comments", args.comments, COMMENTS),
    ):
        texts = choose(read(path), left_out, most)
        lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
        target = args.output / f"{name}.jsonl"
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{target}: {len(texts)} texts")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Choose which pieces of the base vocabulary are kept: `python -m model.vocabulary --public FILE`.

Run once when the corpus has changed much; the list is committed, since another list is another
model.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from data.corpus import load_corpus
from data.text import normalise
from model.e5_file import E5File, read_e5_file
from model.encoder import SPECIAL_PIECES, VOCABULARY_FILE, WORD_START, build_tokenizer

CORPUS_MIN, PUBLIC_MIN, SINGLE_MIN = 3, 20, 2

# Han characters, CJK and ASCII punctuation, digits, emoji, and Latin pieces of up to four letters.
_CHINESE = re.compile(
    WORD_START
    + r"?(?:[\u3400-\u9fff\U00020000-\U0002fa1f]*|[0-9]*|[A-Za-z]{1,4}"
    + r"|[!-/:-@\[-`{-~\u00a1-\u00d7\u2010-\u206f\u20a0-\u20bf"
    + r"\u2100-\u27bf\u3000-\u303f\uff00-\uffef"
    + r"\U0001f300-\U0001faff]*)"
)


def candidate_rows(file: E5File) -> list[int]:
    """Return the rows of the pieces that can occur in normalised (simplified) Chinese text."""
    return [
        row
        for row, piece in enumerate(file.pieces)
        if row < len(SPECIAL_PIECES)
        or (_CHINESE.fullmatch(piece) and normalise(piece).text.strip() == piece.strip())
    ]


def choose(file: E5File, corpus: Iterable[str], public: Iterable[str]) -> list[str]:
    """Return the pieces to keep, in row order: frequent enough, or single characters that occur."""
    tokenizer = build_tokenizer(file, candidate_rows(file))
    counts = []
    for texts in (corpus, public):
        encoded = tokenizer.encode_batch(
            [normalise(text).text for text in texts], add_special_tokens=False
        )
        counts.append(Counter(token for encoding in encoded for token in encoding.tokens))
    own, other = counts
    return [
        piece
        for piece in (file.pieces[row] for row in candidate_rows(file)[len(SPECIAL_PIECES) :])
        if own[piece] >= CORPUS_MIN
        or other[piece] >= PUBLIC_MIN
        or (len(piece) == 1 and own[piece] + other[piece] >= SINGLE_MIN)
    ]


def main(argv: list[str] | None = None) -> None:
    """Run the command: write the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--public", nargs="*", type=Path, default=[], help="JSON Lines with `text`")
    args = parser.parse_args(argv)
    public = [
        json.loads(line)["text"] for path in args.public for line in path.open(encoding="utf-8")
    ]
    pieces = choose(read_e5_file(), [row.text for row in load_corpus()], public)
    VOCABULARY_FILE.write_text("\n".join(pieces) + "\n", encoding="utf-8")
    print(f"{len(pieces)} pieces")


if __name__ == "__main__":
    main()

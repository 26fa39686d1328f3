"""The tokenizer against the definition of unigram segmentation: the most probable pieces."""

import re
import unicodedata
from pathlib import Path
from random import Random

import pytest
from tokenizers import Tokenizer

from data.corpus import load_corpus
from data.text import normalise
from model.e5_file import E5File
from model.encoder import MASK, SPECIAL_PIECES, WORD_START, build_tokenizer, kept_rows

UNKNOWN_PENALTY = 10.0  # sentencepiece: below the lowest score of any piece
TEXTS = 1000


class Definition:
    """Unigram segmentation by plain dynamic programming over all pieces."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores
        self.unknown = min(scores.values()) - UNKNOWN_PENALTY
        self.longest = max(map(len, scores))

    def segment(self, text: str) -> list[str]:
        """Return the segmentation with the highest sum of scores; unknown characters alone."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(text) + 1):
            options = []
            for start in range(max(0, end - self.longest), end):
                piece = text[start:end]
                score = self.scores.get(piece, self.unknown if len(piece) == 1 else None)
                if score is not None:
                    options.append((best[start][0] + score, start))
            best.append(max(options))
        pieces, end = [], len(text)
        while end:
            start = best[end][1]
            pieces.append(text[start:end])
            end = start
        return pieces[::-1]

    def score(self, pieces: list[str]) -> float:
        """Return the sum of scores; other pieces are runs of unknown characters."""
        return sum(self.scores.get(piece, self.unknown * len(piece)) for piece in pieces)


def marked(text: str) -> str:
    """Return the text as unigram models see it: NFKC, single spaces, words marked by U+2581."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return WORD_START + text.replace(" ", WORD_START)


@pytest.fixture(scope="module")
def tokenizer(e5: E5File) -> Tokenizer:
    return build_tokenizer(e5, kept_rows(e5))


@pytest.fixture(scope="module")
def definition(e5: E5File) -> Definition:
    rows = kept_rows(e5)
    ordinary = [row for row in rows if e5.pieces[row] not in (*SPECIAL_PIECES, MASK)]
    return Definition({e5.pieces[row]: float(e5.scores[row]) for row in ordinary})


def test_corpus_texts_get_the_most_probable_segmentation(
    tokenizer: Tokenizer, definition: Definition
) -> None:
    rows = Random(7).sample(load_corpus(), TEXTS)
    same = 0
    for row in rows:
        text = normalise(row.text).text
        encoding = tokenizer.encode(text, add_special_tokens=False)
        found, expected = encoding.tokens, definition.segment(marked(text))
        assert "".join(found) == marked(text)
        assert definition.score(found) == pytest.approx(definition.score(expected), abs=1e-3)
        same += fused(expected, definition) == found
    # pieces differ only where two segmentations have the same score
    assert same >= 0.99 * TEXTS


def fused(pieces: list[str], definition: Definition) -> list[str]:
    """Join neighbouring unknown characters, which the tokenizer gives one <unk>."""
    out: list[str] = []
    known = True
    for piece in pieces:
        if piece not in definition.scores and not known:
            out[-1] += piece
        else:
            out.append(piece)
        known = piece in definition.scores
    return out


def test_corpus_texts_have_next_to_no_unknown_pieces(tokenizer: Tokenizer) -> None:
    texts = [normalise(row.text).text for row in Random(8).sample(load_corpus(), TEXTS)]
    ids = [i for e in tokenizer.encode_batch(texts, add_special_tokens=False) for i in e.ids]
    assert ids.count(3) <= 0.002 * len(ids)


def test_special_tokens_have_their_places(tokenizer: Tokenizer) -> None:
    assert [tokenizer.token_to_id(piece) for piece in SPECIAL_PIECES] == [0, 1, 2, 3]
    assert tokenizer.token_to_id(MASK) == tokenizer.get_vocab_size() - 1
    assert tokenizer.encode("还款").ids[0] == 0
    assert tokenizer.encode("还款").ids[-1] == 2
    assert tokenizer.encode("还款", "谢谢").tokens.count("</s>") == 3


@pytest.mark.parametrize("text", ["您好，您的账单已逾期。", "请 还 款 100 元", "好的🙏 OK?"])
def test_decoding_gives_the_text_back(text: str, tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(text).ids
    assert 3 not in ids
    assert tokenizer.decode(ids) == unicodedata.normalize("NFKC", text)


def test_the_saved_file_segments_the_same(tokenizer: Tokenizer, base_folder: Path) -> None:
    saved = Tokenizer.from_file(str(base_folder / "tokenizer.json"))
    for text in ("您的借款已逾期3天", "再不还钱 就上门", ""):
        assert saved.encode(text).ids == tokenizer.encode(text).ids

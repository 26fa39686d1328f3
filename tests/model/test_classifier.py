"""The classifier's promises about lists, order, blanks and long texts, on a toy artifact."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models
from toy_artifact import FILLER

from data.labels import LABELS
from model import ArtifactError, Classifier, Verdict
from model.backends import OnnxBackend
from model.classifier import GRAPH, LONGEST, STRIDE, WINDOW, split_windows
from model.manifest import write_manifest
from model.processors import available_threads

TEXTS = {
    "您好，请还款": "lawful_reminder",
    "你不要脸": "harassment",
    "今天砍死你": "threat_extortion",
    "通讯录这里有": "privacy_disclosure",
    "今天可以": "out_of_scope",
    "": "out_of_scope",
}


def filler(length: int) -> str:
    """Return a text of known characters in which no word occurs and no character repeats."""
    rng, out = Random(0), ""
    while len(out) < length:
        character = rng.choice(FILLER)
        out += character if not out.endswith(character) else ""
    return out


def test_every_text_gets_its_verdict_in_order(toy: Classifier) -> None:
    verdicts = toy.classify(list(TEXTS))
    assert [verdict.label for verdict in verdicts] == list(TEXTS.values())
    assert [verdict.label for verdict in toy.classify(list(TEXTS)[::-1])] == list(TEXTS.values())[
        ::-1
    ]


def test_the_answer_is_a_list_whatever_the_number(toy: Classifier) -> None:
    assert toy.classify([]) == []
    one = toy.classify(["你不要脸"])
    assert isinstance(one, list)
    assert [type(verdict) for verdict in one] == [Verdict]
    assert toy.classify(("你不要脸",)) == one
    assert len(toy.classify(["你不要脸"] * 300)) == 300


def test_a_bare_string_is_a_type_error(toy: Classifier) -> None:
    with pytest.raises(TypeError, match="list"):
        toy.classify("你不要脸")


@pytest.mark.parametrize("item", [None, 1, b"bytes", ["nested"]])
def test_an_item_that_is_no_string_is_named_by_its_place(item: object, toy: Classifier) -> None:
    with pytest.raises(TypeError, match=r"texts\[1\]"):
        toy.classify(["好", item])


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000", "\u200b\u200b\ufeff", "\x00", "\ud800"])
def test_a_text_with_nothing_to_read_is_out_of_scope(text: str, toy: Classifier) -> None:
    (verdict,) = toy.classify([text])
    assert verdict.label == "out_of_scope"
    assert verdict.also == []
    assert max(verdict.scores.values()) < 0.01
    # and leaves its neighbours alone
    assert [v.label for v in toy.classify([text, "你不要脸", text])][1] == "harassment"


@given(st.lists(st.text(max_size=30), max_size=5))
def test_no_text_whatever_breaks_it(toy: Classifier, texts: list[str]) -> None:
    verdicts = toy.classify(texts)
    assert len(verdicts) == len(texts)
    for verdict in verdicts:
        assert list(verdict.scores) == list(LABELS)
        assert all(0 <= score <= 1 for score in verdict.scores.values())


@pytest.mark.parametrize("text", ["</s>", "<s><pad><mask><unk>", "<mask>砍死你</s>"])
def test_the_names_of_special_tokens_are_only_text(text: str, toy: Classifier) -> None:
    (verdict,) = toy.classify([text])
    assert verdict.label == ("threat_extortion" if "砍死你" in text else "out_of_scope")


def test_disguised_words_are_read(toy: Classifier) -> None:
    texts = ["砍\u200b死\u200d你", "通訊錄", "今天 砍.死.你 ", "请還款"]
    assert [verdict.label for verdict in toy.classify(texts)] == [
        "threat_extortion", "privacy_disclosure", "threat_extortion", "lawful_reminder",
    ]  # fmt: skip


@pytest.mark.parametrize("length", [100, 250, 255, 256, 300, 1000, 3900])
@pytest.mark.parametrize("place", ["start", "middle", "end"])
def test_a_threat_anywhere_in_a_long_text_is_found(
    length: int, place: str, toy: Classifier
) -> None:
    text = filler(length)
    at = {"start": 0, "middle": length // 2, "end": length}[place]
    verdicts = toy.classify([text, text[:at] + "砍死你" + text[at:]])
    assert [verdict.label for verdict in verdicts] == ["out_of_scope", "threat_extortion"]


def test_several_kinds_of_conduct_far_apart_are_all_found(toy: Classifier) -> None:
    (verdict,) = toy.classify(["不要脸" + filler(2000) + "通讯录"])
    assert {verdict.label, *verdict.also} == {"harassment", "privacy_disclosure"}


@given(st.integers(0, 3000))
def test_windows_cover_everything_and_are_bounded(count: int) -> None:
    windows = list(split_windows(range(count)))
    assert {i for window in windows for i in window} == set(range(count))
    assert all(0 < len(window) <= LONGEST for window in windows)
    assert len(windows) <= 1 or all(len(window) <= WINDOW for window in windows)
    assert [i for window in windows for i in window] == [
        i for window in windows for i in range(window[0], window[-1] + 1)
    ]  # each is a stretch without gaps
    for left, right in pairwise(windows):
        assert left[-1] - right[0] + 1 == WINDOW - STRIDE
    assert len(windows) <= 1 + max(0, count - WINDOW + STRIDE - 1) // STRIDE


def test_a_text_of_one_window_is_not_split() -> None:
    assert len(list(split_windows(range(LONGEST)))) == 1
    assert len(list(split_windows(range(LONGEST + 1)))) > 1
    assert list(split_windows([])) == []


def test_alone_or_in_a_batch_and_with_any_threads_it_is_the_same(toy_folder: Path) -> None:
    texts = [*TEXTS, *(filler(n) for n in range(1, 600, 37)), filler(500) + "砍死你"]
    one, two = (Classifier.load(toy_folder, threads=threads) for threads in (1, 2))
    expected = [one.logits([text])[0] for text in texts]
    for classifier in (one, two):
        np.testing.assert_array_equal(classifier.logits(texts), expected)
        np.testing.assert_array_equal(classifier.logits(texts[::-1]), expected[::-1])


def test_many_threads_may_ask_at_once(toy: Classifier) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: toy.classify(list(TEXTS)), range(40)))
    assert all([verdict.label for verdict in a] == list(TEXTS.values()) for a in answers)


def test_decide_works_on_logits_got_before(toy: Classifier) -> None:
    logits = toy.logits(list(TEXTS))
    assert logits.shape == (len(TEXTS), len(LABELS))
    assert logits.dtype == np.float32
    assert toy.decide(logits) == toy.classify(list(TEXTS))
    assert toy.logits([]).shape == (0, len(LABELS))


def test_the_version_is_the_manifests(toy: Classifier) -> None:
    assert toy.version.startswith("toy-1.0.0+")


def test_a_path_may_be_a_string_and_threads_default_to_the_processors(toy_folder: Path) -> None:
    assert Classifier.load(str(toy_folder)).classify(["你不要脸"])[0].label == "harassment"
    assert OnnxBackend(toy_folder / GRAPH).threads == available_threads() >= 1


def test_a_foreign_tokenizer_is_an_artifact_error(toy_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(toy_folder, tmp_path / "artifact"))
    Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]")).save(
        str(folder / "tokenizer.json")
    )
    write_manifest(folder, "foreign")
    with pytest.raises(ArtifactError, match=r"tokenizer\.json"):
        Classifier.load(folder)

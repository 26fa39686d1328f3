"""What the evidence promises for any text, and that it finds the words that decide."""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_classifier import filler
from test_shipped_artifact import ordinary

from data.labels import GRAVITY, LABELS
from model import Classifier, Verdict
from model.evidence import Evidence, explain

ANY = st.text(st.characters(codec=None, categories=None), max_size=60)  # surrogates too
WORDS = st.lists(
    st.sampled_from([
        "请还款", "不要脸", "砍死你", "砍.死.你", "通訊錄", "今天", "我們", "，", "……", "\u200b",
        " ", "e\u0301", "\ud83d\ude00", "👨\u200d👩\u200d👧", "👍🏽", "❤\ufe0f", "㎏", "138****00",
    ]),
    max_size=40,
).map("".join)  # fmt: skip
EVERYTHING = Verdict("threat_extortion", dict.fromkeys(LABELS, 0.9), list(LABELS[1:]), None, 0.9)


def words(text: str, evidence: Evidence) -> list[str]:
    return [text[span.start : span.end] for span in evidence.spans]


def check(text: str, found: Sequence[Evidence]) -> None:
    for one in found:
        assert one.spans
        assert 0 <= one.without <= 1
        assert 0 <= one.alone <= 1
        assert all(0 <= span.start < span.end <= len(text) for span in one.spans)
        assert all(left.end < right.start for left, right in pairwise(one.spans))
        for at in {at for span in one.spans for at in (span.start, span.end)} - {0, len(text)}:
            left, right = text[at - 1], text[at]
            assert not unicodedata.combining(right), "cut between a letter and its mark"
            assert not (left in "\ud83d" and "\udc00" <= right <= "\udfff"), "cut a surrogate pair"
            assert "\u200d" not in (left, right), "cut a joined emoji"
            assert right not in "\ufe0f🏽", "cut between an emoji and its variant"


@settings(max_examples=150, deadline=None)
@given(ANY | WORDS)
@example("")
@example("\u0301")
@example("。。。")
@example("砍死你" * 400)
@example("a1" * 600)
def test_spans_are_sound_for_any_text(toy: Classifier, text: str) -> None:
    (verdict,) = toy.classify([text])
    found = toy.explain(text, verdict)
    reported = {verdict.label, *verdict.also} - {"out_of_scope"}
    assert [one.label for one in found] == [label for label in GRAVITY if label in reported]
    check(text, found)
    assert toy.explain(text, verdict) == found


@settings(max_examples=100, deadline=None)
@given(ANY | WORDS)
def test_a_verdict_on_another_text_breaks_nothing(toy: Classifier, text: str) -> None:
    check(text, explain(toy, text, EVERYTHING))
    nothing = Verdict("harassment", dict.fromkeys(LABELS, 0.0), [], None, 0.5)
    check(text, explain(toy, text, nothing))


@pytest.mark.parametrize("text", ["", "今天可以", "\u200b", "晚上我们可以"])
def test_out_of_scope_has_no_evidence(text: str, toy: Classifier) -> None:
    (verdict,) = toy.classify([text])
    assert verdict.label == "out_of_scope"
    assert toy.explain(text, verdict) == ()


@pytest.mark.parametrize(
    ("disguised", "label"),
    [
        ("砍死你", "threat_extortion"),
        ("砍.死.你", "threat_extortion"),
        ("砍\u200b死\u200d你", "threat_extortion"),
        ("通訊錄", "privacy_disclosure"),
        ("不要脸", "harassment"),
        ("请還款", "lawful_reminder"),
    ],
)
@pytest.mark.parametrize("size", [0, 20, 60, 1000])
def test_the_word_is_found_in_the_original(
    disguised: str, label: str, size: int, toy: Classifier
) -> None:
    text = filler(size) + disguised + filler(size)[::-1]
    (verdict,) = toy.classify([text])
    (found,) = toy.explain(text, verdict)
    assert found.label == label
    assert any(disguised in part for part in words(text, found))
    assert len("".join(words(text, found))) <= len(disguised) + 40
    assert found.without < 0.1
    assert found.alone > 0.9


def test_each_label_has_its_own_words_gravest_first(toy: Classifier) -> None:
    text = "今天你不要脸，" + filler(20) + "，明天已经砍死你，" + filler(20) + "通讯录这里有"
    (verdict,) = toy.classify([text])
    found = toy.explain(text, verdict)
    assert [one.label for one in found] == ["threat_extortion", "privacy_disclosure", "harassment"]
    for one, word in zip(found, ("砍死你", "通讯录", "不要脸"), strict=True):
        (part,) = words(text, one)
        assert word in part
        assert len(part) < len(text) / 3


def test_the_probabilities_are_those_of_the_text_cut(shipped: Classifier) -> None:
    text = "【某金融】李先生您好，您的借款逾期３天了……今晚不还，明天就带人去你家泼漆！望周知。"
    (verdict,) = shipped.classify([text])
    for one in shipped.explain(text, verdict):
        held = "".join(words(text, one))
        left, at = "", 0
        for span in one.spans:
            left, at = left + text[at : span.start], span.end
        cut, kept = shipped.classify([left + text[at:], held])
        assert one.without == pytest.approx(cut.scores[one.label])
        assert one.alone == pytest.approx(kept.scores[one.label])


@pytest.mark.parametrize(
    ("text", "label", "decisive"),
    [
        ("您好，您的借款已经逾期，今天不还钱，明天我就带人上门打断你的腿，请知悉。",
         "threat_extortion", "上门打断你的腿"),
        ("今天天气不错，我刚下班回来。你个不要脸的老赖，全家都是骗子！我七点钟再打过来。",
         "harassment", "不要脸的老赖，全家都是骗子"),
        ("麻烦各位邻居了，打扰大家休息。三单元的王建国欠我公司三万块钱不还，谢谢大家。",
         "privacy_disclosure", "王建国欠我公司三万块钱不还"),
    ],
)  # fmt: skip
def test_plain_cases_show_the_deciding_words(
    text: str, label: str, decisive: str, shipped: Classifier
) -> None:
    (verdict,) = shipped.classify([text])
    (found,) = (one for one in shipped.explain(text, verdict) if one.label == label)
    start = text.index(decisive)
    assert any(span.start < start + len(decisive) and start < span.end for span in found.spans)
    assert found.without < verdict.scores[label] < found.alone / 0.8


def test_a_threat_in_a_very_long_text_is_shown(shipped: Classifier) -> None:
    threat = "欠我们的钱今天不还，晚上就带人上门打断你的腿！"
    text = ordinary(3900 - len(threat)) + threat
    (verdict,) = shipped.classify([text])
    (found,) = (one for one in shipped.explain(text, verdict) if one.label == "threat_extortion")
    assert found.spans[-1].end > text.index(threat)
    assert len("".join(words(text, found))) < 200


class Counted:
    """A backend that counts the tokens it reads, with what each run costs beside them."""

    RUN = 6  # tokens' worth of time that a run takes however short (measured)

    def __init__(self, backend: object) -> None:
        self.backend, self.tokens = backend, 0

    def logits(self, batch: Sequence[Sequence[int]]) -> np.ndarray:
        self.tokens += sum(len(ids) + self.RUN for ids in batch)
        return self.backend.logits(batch)


@pytest.fixture
def counted(shipped_folder: Path) -> tuple[Classifier, Counted]:
    classifier = Classifier.load(shipped_folder, remember=0)
    backend = Counted(classifier._backend)
    classifier._backend = backend
    return classifier, backend


def cost(text: str, classifier: Classifier, backend: Counted) -> float:
    backend.tokens = 0
    (verdict,) = classifier.classify([text])
    once, backend.tokens = backend.tokens, 0
    classifier.explain(text, verdict)
    return backend.tokens / once


def test_evidence_costs_few_verdicts(counted: tuple[Classifier, Counted]) -> None:
    texts = [
        "【某银行】您的信用卡账单已逾期3天，应还1,284.50元，请尽快还款，如有疑问请致电客服，谢谢。",
        "你个不要脸的老赖，欠钱不还的垃圾，全家都是骗子，我看你以后怎么在村里抬头做人！",
        "今天不还钱，明天我就带人上门打断你的腿，你等着，别以为躲起来我就找不到你了。",
        "您好，请转告您的同事张伟，他欠我们公司两万块钱已经三个月了，再不还我们只能走程序。",
        "再不还款，就把你欠钱的事发给你通讯录里的所有同事和家人，让大家都看看你是什么人。",
    ]
    assert np.median([cost(text, *counted) for text in texts]) <= 12
    assert max(cost(text, *counted) for text in texts) <= 25


def test_a_long_text_costs_less_of_its_own_verdict(counted: tuple[Classifier, Counted]) -> None:
    insult = "你个不要脸的老赖，欠钱不还的垃圾，全家都是骗子！"
    for text in (ordinary(1500) + insult, insult * 60, "打断你的腿今天还钱" * 160):
        assert cost(text, *counted) <= 8

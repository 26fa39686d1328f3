"""The measure of the evidence: what it counts, on texts and a classifier with known answers."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.labels import LABELS
from model import Verdict
from model.evidence import Evidence, Span
from training import faithfulness as measured
from training.contrast_pairs import Pair, common, contrast_pairs, edited_spans
from training.evalrows import Truth

KNIFE = "今天晚上我们过去砍死你全家"
AT = KNIFE.index("砍死你")


class OneWord:
    """Calls a text a threat, at 0.8, where it has the word; its evidence is where it is told."""

    version = "one-word"

    def __init__(self, *spans: Span) -> None:
        self.spans = spans

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        found = []
        for text in texts:
            p = 0.8 if "砍死你" in text else 0.2
            scores = dict.fromkeys(LABELS, 0.1) | {"threat_extortion": p}
            label = "threat_extortion" if p > 0.5 else "out_of_scope"
            found.append(Verdict(label, scores, [], None, p))
        return found

    def explain(self, text: str, verdict: Verdict) -> tuple[Evidence, ...]:
        if verdict.label == "out_of_scope":
            return ()
        return (Evidence("threat_extortion", self.spans, 0.0, 0.0),)


@given(st.integers(1, 60), st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 99))
def test_random_spans_are_as_long_and_disjoint(spare: int, sizes: list[int], seed: int) -> None:
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    spans = [(end - size, end) for size, end in zip(sizes, ends, strict=True)]
    length = ends[-1] + spare
    found = measured.random_spans(length, spans, Random(seed))
    assert sum(end - start for start, end in found) == sum(sizes)
    assert all(0 <= start < end <= length for start, end in found)
    assert all(left[1] < right[0] for left, right in pairwise(found))


def test_random_spans_reach_every_place() -> None:
    rng = Random(0)
    starts = {measured.random_spans(10, [(2, 5)], rng)[0][0] for _ in range(300)}
    assert starts == set(range(8))


def test_the_deciding_word_is_faithful_and_another_is_not() -> None:
    right, wrong = OneWord(Span(AT, AT + 3)), OneWord(Span(0, 3))
    (verdict,) = right.classify([KNIFE])
    rows = []
    for classifier in (right, wrong):
        (evidence,) = classifier.explain(KNIFE, verdict)
        rows.append(measured.faithfulness(classifier, KNIFE, verdict, evidence, Random(0)))
    drop, random_drop, held, random_held, share = rows[0]
    assert (drop, held, share) == pytest.approx((0.6, 1.0, 3 / len(KNIFE)))
    assert random_drop < 0.6
    assert random_held < 1
    assert rows[1][0] == pytest.approx(0.0)
    assert rows[1][2] == pytest.approx(0.25)


def test_edited_words_are_those_that_the_other_text_lacks() -> None:
    text, other = "今天不还明天就砍死你，请知悉", "今天不还明天就起诉，请知悉"
    (span,) = edited_spans(text, other)
    assert text[slice(*span)] == "砍死你"
    assert edited_spans(text, text) == ()
    assert edited_spans("甲乙丙", "丁戊己") == ((0, 3),)
    assert edited_spans("请您还款", "请您尽快还款") == ((0, 4),)  # runs of two are chance


def test_pairs_are_of_one_set_and_know_whose_label_it_is() -> None:
    rows = [
        ("今天不还明天就砍死你", Truth("threat_extortion", ("harassment",), contrast="a/1")),
        ("今天不还明天就起诉你", Truth("lawful_reminder", contrast="a/1")),
        ("今天不还明天就烦死你", Truth("harassment", contrast="a/1")),
        ("今天不还明天就砍死他", Truth("threat_extortion", contrast="a/2")),
        ("今天不还明天就打死你", Truth("threat_extortion")),
    ]
    found = {(pair.text[-3:], tuple(sorted(pair.labels))) for pair in contrast_pairs(rows)}
    assert found == {
        ("砍死你", ("harassment", "threat_extortion")),
        ("砍死你", ("threat_extortion",)),
        ("起诉你", ("lawful_reminder",)),
        ("烦死你", ("harassment",)),
    }


def test_common_characters_are_counted() -> None:
    assert common([(0, 4), (6, 9)], [(3, 7)]) == 2
    assert common([(0, 3)], [(3, 7)]) == 0


def test_overlap_counts_pairs_with_known_words_only() -> None:
    labels = frozenset({"threat_extortion"})
    close = Pair(KNIFE, ((AT, AT + 3),), labels, "a")
    rewritten = Pair(KNIFE, ((0, len(KNIFE) - 1),), labels, "a")
    other_label = Pair(KNIFE, ((AT, AT + 3),), frozenset({"harassment"}), "b")
    pairs = [close, rewritten, other_label]
    hit = measured.overlap(OneWord(Span(AT + 1, AT + 5)), pairs, 20, 0)
    assert (hit["pairs"], hit["edited_half_at_most"], hit["met"]["n"]) == (3, 2, 1)
    assert hit["met"]["value"] == 1
    assert hit["inside"]["value"] == pytest.approx(2 / 4)
    assert 0 < hit["random_met"]["value"] < 1
    missed = measured.overlap(OneWord(Span(0, 3)), pairs, 20, 0)
    assert missed["met"]["value"] == missed["inside"]["value"] == 0
    assert "met" not in measured.overlap(OneWord(Span(0, 3)), [rewritten], 20, 0)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Truth]]:
    chosen = [
        (
            "您的借款已经逾期，今天再不还钱就带人上门打断你的腿！",
            Truth("threat_extortion", group="1", contrast="1"),
        ),
        (
            "您的借款已经逾期，今天再不还钱我们只能依法起诉。",
            Truth("lawful_reminder", group="1", contrast="1"),
        ),
        ("你个不要脸的老赖，全家都是骗子！", Truth("harassment", group="2")),
        ("晚上一起吃饭吗？我七点下班。", Truth("out_of_scope", group="3")),
    ]
    monkeypatch.setattr(measured, "load_split_rows", lambda _: chosen)
    return chosen


def test_the_command_prints_tables_and_writes_json(
    rows: list[tuple[str, Truth]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "deep" / "faithfulness.json"
    assert measured.main(["--output", str(path), "--resamples", "20"]) == 0
    printed = capsys.readouterr().out
    result = json.loads(path.read_text(encoding="utf-8"))
    assert result["rows"] == len(rows)
    assert result["faithfulness"]["all"]["sufficiency_median"]["n"] >= 2
    assert result["latency"]["verdicts_median"] > 1
    assert result["overlap"]["pairs"] == 2
    for words in ("comprehensiveness, median", "sufficiency, mean", "Latency: ", "edited words"):
        assert words in printed
    assert not any(text in printed + path.read_text(encoding="utf-8") for text, _ in rows)


def test_rows_without_a_label_are_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(measured, "load_split_rows", lambda _: [("……", Truth("out_of_scope"))])
    assert measured.main(["--output", str(tmp_path / "x.json")]) == 2
    assert "no label" in capsys.readouterr().err

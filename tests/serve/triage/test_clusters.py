"""One script sent to many is one cluster; different scripts are not."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.corpus import load_corpus
from serve.triage.clusters import Clusterer, text_key
from serve.triage.masking import masked
from serve.triage.measure.batches import batch, distinct_texts, pairwise, vary

SCRIPT = "您尾号{}的借款{}元已逾期，今天五点前不还，就把你通讯录里的人挨个通知一遍，后果自负"


@pytest.fixture(scope="module")
def corpus() -> list[str]:
    return sorted({row.text for row in load_corpus()})


def test_known_scripts_are_found_again(corpus: list[str]) -> None:
    pairs = batch(corpus, rows=3000, scripts=200, singles=600, seed=11)
    clusterer = Clusterer()
    found = [clusterer.add(number, text) for number, (text, _) in enumerate(pairs, 1)]
    precision, recall, f1 = pairwise([script for _, script in pairs], found)
    assert f1 >= 0.95
    assert precision >= 0.99
    assert recall >= 0.95


@pytest.mark.parametrize(
    "other",
    [
        SCRIPT.format("0001", "56,203"),
        "张伟先生您好，" + SCRIPT.format("0001", "八千"),
        "【好借钱】李*：" + SCRIPT.format("****", "1.5万"),
        "王芳，" + SCRIPT.format("8888", "5000").replace("挨个", "逐个"),
        SCRIPT.format("8888", "5000").replace("，", "!  ") + "13800000000",
        "您尾号8888的借款5000元已逾期，今天五点前不还，就把你爆通\u200b讯录，挨個通知一遍，後果自負",
    ],
)
def test_names_amounts_and_light_edits_change_nothing(other: str) -> None:
    clusterer = Clusterer()
    assert clusterer.add(1, SCRIPT.format("8888", "5000")) == 1
    assert clusterer.add(2, other) == 1
    assert clusterer.size(1) == 2


def test_other_scripts_open_clusters_in_order() -> None:
    clusterer = Clusterer()
    texts = [
        "您的快递到了，请到菜鸟驿站领取",
        SCRIPT.format(1, 2),
        "明天带人去你家泼油漆堵门",
        "",
        "12345",
    ]
    assert [clusterer.add(i, text) for i, text in enumerate(texts)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("【好借钱】张伟先生您好，您尾号8888的借款5,000.00元", "您尾号0的借款0元"),
        ("尊敬的客户您好：请还款", "请还款"),
        ("尊敬的李*明女士，请还款三千元", "请还款0元"),
        ("详情 https://a.cn/x?y=1 或 t.cn/Abc9", "详情或"),
        ("还。款！", "还款"),
    ],
)
def test_masks(text: str, bare: str) -> None:
    assert masked(text) == bare


def test_a_restart_changes_no_id(corpus: list[str]) -> None:
    """What a job does: after a stop, the state comes from the first texts and the sizes."""
    pairs = batch(corpus, rows=1200, scripts=100, singles=200, seed=3)
    texts = [text for text, _ in pairs]
    whole = Clusterer()
    expected = [whole.add(number, text) for number, text in enumerate(texts, 1)]
    for stop in (1, 500, 1199):
        firsts: dict[int, str] = {}
        for text, cluster in zip(texts[:stop], expected[:stop], strict=True):
            firsts.setdefault(cluster, text)
        again = Clusterer()
        again.rebuild(
            (cluster, firsts[cluster], expected[:stop].count(cluster)) for cluster in sorted(firsts)
        )
        rest = [again.add(number, text) for number, text in enumerate(texts[stop:], stop + 1)]
        assert rest == expected[stop:]
        assert again.size(expected[0]) == whole.size(expected[0])


def test_a_gap_in_the_clusters_is_an_error() -> None:
    with pytest.raises(ValueError, match="order"):
        Clusterer().rebuild([(2, "今天不还就上门", 1)])


def test_memory_is_bounded_for_each_cluster() -> None:
    rng = random.Random(1)
    clusterer = Clusterer()
    for number in range(6000):
        clusterer.add(number, "".join(chr(rng.randrange(0x4E00, 0x9000)) for _ in range(30)))
    held = [value for value in vars(clusterer).values() if not isinstance(value, int)]
    assert all(isinstance(value, np.ndarray) for value in held)
    assert sum(value.nbytes for value in held) < 6000 * 500


@settings(max_examples=60)
@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_texts(texts: list[str]) -> None:
    clusterer = Clusterer()
    ids = [clusterer.add(number, text) for number, text in enumerate(texts, 1)]
    for text, cluster in zip(texts, ids, strict=True):
        assert 1 <= cluster <= len(texts)
        assert clusterer.size(cluster) == ids.count(cluster)
        assert masked(text) == masked(text)
    # the same text comes into the same cluster at once
    assert all(
        clusterer.add(0, text) == cluster for text, cluster in zip(texts[:1], ids, strict=False)
    )


def test_long_runs_of_one_kind_take_no_long_time() -> None:
    for piece in ("一二", "1.", "a-", "王", "某*", "【", "尊敬的"):
        assert len(masked(piece * 2000)) <= 8000


def test_text_key_is_that_of_what_the_model_reads() -> None:
    assert text_key("死.全.家，Ａ  还錢") == text_key("死全家，A 还钱")
    assert text_key("还钱") != text_key("还钱！")
    assert len(text_key("\ud800")) == 32


def test_the_batch_is_what_it_says(corpus: list[str]) -> None:
    """A measure is only as good as its truth: the scripts differ, the sent texts vary."""
    rng = random.Random(2)
    texts = distinct_texts(corpus, 50, rng)
    assert len(set(texts)) == 50
    varied = {vary(SCRIPT.format("8888", "5000"), rng) for _ in range(30)}
    assert len(varied) == 30
    assert pairwise([1, 1, 2, 2], [1, 1, 2, 2]) == (1, 1, 1)
    precision, recall, _ = pairwise([1, 1, 2, 2], [1, 1, 1, 1])
    assert (precision, recall) == (pytest.approx(1 / 3), 1)

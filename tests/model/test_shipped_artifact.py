"""The artifact in the repository: whole, small enough, and its three forms agree."""

import json
import re
from pathlib import Path
from random import Random

import numpy as np
import pytest

from data.corpus import CorpusRow, load_split
from data.labels import LABELS
from model import Classifier, Verdict
from model.backends import Name, OnnxBackend
from model.manifest import read_manifest, verify

MAX_BYTES = 60 * 2**20
FILES = {
    "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    "model.int8.onnx", "calibration.json", "metrics.json", "README.md", "manifest.json",
}  # fmt: skip
FP32_TEXTS = 300  # corpus texts on which ONNX fp32 must give every label of PyTorch
INT8_AGREEMENT = 0.995
EACH_BACKEND = pytest.mark.parametrize("backend", ["onnx", "openvino"])


def test_the_artifact_is_whole(shipped_folder: Path) -> None:
    names = {path.name for path in shipped_folder.iterdir()}
    assert names >= FILES
    version, files = read_manifest(shipped_folder)
    assert set(files) == names - {"manifest.json"}
    verify(shipped_folder, files, tuple(files))
    assert re.fullmatch(r"dunlens-\d+\.\d+\.\d+\+[0-9a-f]{8}", version)


def test_the_artifact_keeps_its_size(shipped_folder: Path) -> None:
    assert sum(path.stat().st_size for path in shipped_folder.iterdir()) <= MAX_BYTES


def test_no_file_can_run_code(shipped_folder: Path) -> None:
    suffixes = {path.suffix for path in shipped_folder.iterdir()}
    assert suffixes <= {".json", ".safetensors", ".onnx", ".md"}


def test_plain_transformers_can_name_the_labels(shipped_folder: Path) -> None:
    config = json.loads((shipped_folder / "config.json").read_text(encoding="utf-8"))
    assert [config["id2label"][str(index)] for index in range(4)] == list(LABELS)
    assert config["problem_type"] == "multi_label_classification"
    tokenizer = json.loads((shipped_folder / "tokenizer.json").read_text(encoding="utf-8"))
    assert tokenizer["truncation"] is None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("【某银行】您的信用卡账单已逾期3天，请尽快还款，如有疑问请致电客服。", "lawful_reminder"),
        ("你个不要脸的老赖，欠钱不还的垃圾，全家都是骗子！", "harassment"),
        ("今天不还钱，明天我就带人上门打断你的腿，你等着！", "threat_extortion"),
        ("再不还款，就把你欠钱的事发给你通讯录里的所有同事和家人。", "privacy_disclosure"),
        ("您的快递已到菜鸟驿站，请凭取件码3-2-1045领取。", "out_of_scope"),
        ("晚上一起吃饭吗？我七点下班。", "out_of_scope"),
    ],
)  # fmt: skip
def test_plain_cases_are_right(text: str, label: str, shipped: Classifier) -> None:
    (verdict,) = shipped.classify([text])
    assert label in (verdict.label, *verdict.also)


def ordinary(length: int) -> str:
    """Return so many characters of an ordinary talk that never repeats a line."""
    lines = [
        "今天{}点我去超市买了{}斤苹果。", "晚上{}点一起吃饭吧，我订了{}个人的位子。",
        "周末天气不错，爬山的有{}个人，走了{}公里。", "孩子的家长会在{}号，老师说要带{}本书。",
        "电影{}点开始，票是{}排的。", "妈妈说国庆回家住{}天，高铁要坐{}个小时。",
    ]  # fmt: skip
    rng, text = Random(5), ""
    while len(text) < length:
        text += rng.choice(lines).format(rng.randint(1, 30), rng.randint(2, 20))
    return text[:length]


def test_a_threat_at_the_end_of_a_very_long_text_is_found(shipped: Classifier) -> None:
    threat = "欠我们的钱今天不还，晚上就带人上门打断你的腿！"
    plain = ordinary(3900 - len(threat))
    verdicts = shipped.classify([plain, plain + threat])
    assert "threat_extortion" not in (verdicts[0].label, *verdicts[0].also)
    assert "threat_extortion" in (verdicts[1].label, *verdicts[1].also)


@pytest.fixture(scope="session")
def dev() -> list[CorpusRow]:
    return load_split("dev")


@EACH_BACKEND
def test_a_verdict_depends_on_neither_neighbours_nor_threads(
    backend: Name, shipped_folder: Path, dev: list[CorpusRow]
) -> None:
    texts = [row.text for row in dev[::20]] + [ordinary(900)]
    one, two = (
        Classifier.load(shipped_folder, threads, backend=backend, remember=0) for threads in (1, 2)
    )
    together = two.logits(texts)
    np.testing.assert_array_equal(one.logits(texts), together)
    np.testing.assert_array_equal(two.logits(texts[::-1]), together[::-1])
    for text, expected in zip(texts, together, strict=True):
        np.testing.assert_array_equal(two.logits([text])[0], expected)
    assert one.decide(together) == two.classify(texts)


@pytest.fixture(scope="session")
def torch_verdicts(shipped_folder: Path, dev: list[CorpusRow]) -> list[Verdict]:
    pytest.importorskip("torch")
    from training.torch_backend import TorchBackend, classifier_with

    backend = TorchBackend(shipped_folder)
    return classifier_with(shipped_folder, backend).classify([row.text for row in dev])


def test_onnx_fp32_gives_every_label_of_pytorch(
    shipped_folder: Path, dev: list[CorpusRow], torch_verdicts: list[Verdict], tmp_path: Path
) -> None:
    from training.onnx_graph import export_fp32
    from training.torch_backend import classifier_with

    export_fp32(shipped_folder, tmp_path / "fp32.onnx")
    classifier = classifier_with(shipped_folder, OnnxBackend(tmp_path / "fp32.onnx"))
    chosen = Random(1).sample(range(len(dev)), FP32_TEXTS)
    found = classifier.classify([dev[i].text for i in chosen])
    assert [(v.label, v.also) for v in found] == [
        (torch_verdicts[i].label, torch_verdicts[i].also) for i in chosen
    ]


@EACH_BACKEND
def test_int8_gives_the_labels_of_fp32(
    backend: Name, shipped_folder: Path, dev: list[CorpusRow], torch_verdicts: list[Verdict]
) -> None:
    shipped = Classifier.load(shipped_folder, backend=backend)
    found = shipped.classify([row.text for row in dev])
    same = [one.label == other.label for one, other in zip(found, torch_verdicts, strict=True)]
    assert np.mean(same) >= INT8_AGREEMENT
    scores = [
        [abs(one.scores[label] - other.scores[label]) for label in LABELS]
        for one, other in zip(found, torch_verdicts, strict=True)
    ]
    assert np.mean(scores) < 0.01


def test_it_is_the_model_and_not_a_stand_in(
    dev: list[CorpusRow], torch_verdicts: list[Verdict]
) -> None:
    right = [v.label == row.label for v, row in zip(torch_verdicts, dev, strict=True)]
    assert np.mean(right) > 0.7

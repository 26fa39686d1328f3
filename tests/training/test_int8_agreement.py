"""The int8 graph decides as the fp32 weights do, and the command counts where it does not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

from data.corpus import load_split
from model import Classifier
from model.shipped import SHIPPED
from training import int8_agreement
from training.int8_agreement import TARGET, agreement, emulated
from training.torch_backend import TorchBackend, classifier_with

SAMPLE = 400  # corpus rows; the default model reads all of dev in test_shipped_artifact


@pytest.mark.parametrize("folder", sorted(set(SHIPPED.values())), ids=lambda path: path.name)
def test_the_graphs_that_ship_give_the_labels_of_fp32(folder: Path) -> None:
    rows = load_split("test")
    texts = [row.text for row in rows[:: len(rows) // SAMPLE]]
    expected = classifier_with(folder, TorchBackend(folder)).classify(texts)
    found = Classifier.load(folder, remember=0, backend="onnx").classify(texts)
    assert agreement(expected, found)["share"] >= TARGET


def test_a_changed_label_is_counted(tiny_artifact: Path) -> None:
    texts = [row.text for row in load_split("dev")[::300]]
    verdicts = Classifier.load(tiny_artifact, backend="onnx").classify(texts)
    assert agreement(verdicts, verdicts)["share"] == 1
    other = replace(verdicts[0], label="no label", scores=dict.fromkeys(verdicts[0].scores, 2.0))
    found = agreement(verdicts, [other, *verdicts[1:]])
    assert found["same"] == len(texts) - 1
    assert found["labels_and_also"] == found["share"]
    assert found["low"] < found["share"] < found["high"]
    assert found["largest_score_change"] >= 1
    with pytest.raises(ValueError, match="zip"):
        agreement(verdicts, verdicts[1:])


def test_a_process_behind_another_command_gives_the_same_verdicts(tiny_artifact: Path) -> None:
    texts = ["今天还钱", "带人上门打断你的腿😀", ""]
    expected = Classifier.load(tiny_artifact, backend="onnx").classify(texts)
    assert emulated(tiny_artifact, texts, "env NOTHING=1") == expected


def test_the_command_writes_what_it_prints(
    tiny_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": row.text, "label": row.label} for row in load_split("dev")[:9]]
    file, output = tmp_path / "few.jsonl", tmp_path / "found.json"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rows_of = ["--split", "none", "--sets", f"few={file}"]
    emulator = ["--emulator", "env", "--emulated-rows", "4"]
    options = ["--artifact", str(tiny_artifact), "--output", str(output)]
    assert int8_agreement.main([*options, *rows_of, *emulator]) == 0
    found = json.loads(output.read_text())
    assert {way: one["n"] for way, one in found["sets"]["few"].items()} == {
        "this processor, onnx": 9,
        "this processor, openvino": 9,
        "env, onnx": 4,
        "this processor, onnx, the same rows": 4,
    }
    few = found["sets"]["few"]  # this "emulator" is this processor
    assert few["env, onnx"] == few["this processor, onnx, the same rows"]
    assert found["pooled"]["env, onnx"]["n"] == 4
    printed = capsys.readouterr().out
    assert "few: env, onnx" in printed
    assert rows[0]["text"] not in output.read_text() + printed

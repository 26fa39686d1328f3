"""An artifact whose every logit is known beforehand: a text has the words that it has."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from data.labels import LABELS
from model.calibration import Calibration
from model.classifier import CALIBRATION, GRAPH, TOKENIZER
from model.e5_file import E5Config, E5File
from model.encoder import MASK, SPECIAL_PIECES, build_tokenizer
from model.manifest import write_manifest

WORDS = {  # piece: logits of lawful_reminder, harassment, threat_extortion, privacy_disclosure
    "请还款": [6.0, -6.0, -6.0, -6.0],
    "不要脸": [-6.0, 6.0, -6.0, -6.0],
    "砍死你": [-6.0, -6.0, 6.0, -6.0],
    "通讯录": [-6.0, -6.0, -6.0, 6.0],
}
FILLER = "今天明后你我他们这里那可以已经还有因为所,"
NOTHING = [-6.0] * 4

COSTS = [[0.0, 1, 1, 1, 1], [1, 0, 1, 1, 1], [1, 1, 0, 1, 1], [1, 1, 1, 0, 1], [1, 1, 1, 1, 0]]
IDENTITY = Calibration(
    platt=dict.fromkeys(LABELS, (1.0, 0.0)),
    thresholds=dict.fromkeys(LABELS, 0.5),
    temperature=1.0,
    costs=COSTS,
    review_below=0.6,
    review_unlawful=0.3,
)
"""Logits go through as they are; all mistakes cost the same."""


def write_toy_artifact(folder: Path) -> Path:
    """Write an artifact that finds WORDS: a text's logit is the highest over its pieces."""
    folder.mkdir(parents=True)
    pieces = [*SPECIAL_PIECES, "\u2581", *WORDS, *sorted(set("".join(WORDS) + FILLER)), MASK]
    scores = np.array([-1.0 if piece in WORDS else -5.0 for piece in pieces], dtype=np.float32)
    sizes = E5Config(4, 0, 1, 4, len(pieces), 512, 1, 1e-12)
    file = E5File(sizes, pieces, scores, memoryview(b""), {})
    build_tokenizer(file, range(len(pieces))).save(str(folder / TOKENIZER))
    table = np.array([WORDS.get(piece, NOTHING) for piece in pieces], dtype=np.float32)
    onnx.save(_highest_over_tokens(table), folder / GRAPH)
    IDENTITY.save(folder / CALIBRATION)
    write_manifest(folder, "toy-1.0.0")
    return folder


def _highest_over_tokens(table: np.ndarray) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"])
        for name in ("input_ids", "attention_mask")
    ]
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
            helper.make_node("ReduceMax", ["rows"], ["logits"], axes=[1], keepdims=0),
        ],
        "toy",
        inputs,
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(table, "table")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

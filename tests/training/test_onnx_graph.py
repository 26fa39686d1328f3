"""The ONNX graphs against the network that they were made from."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

from data.corpus import load_split
from data.text import normalise
from model.backends import OnnxBackend
from model.calibration import Calibration
from model.classifier import GRAPH

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from model.network import DunLensForSequenceClassification  # noqa: E402
from training.onnx_graph import export_fp32, quantise  # noqa: E402

TEXTS = 300


@pytest.fixture(scope="module")
def fp32(tiny_artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "fp32.onnx"
    export_fp32(tiny_artifact, path)
    return path


@pytest.fixture(scope="module")
def network(tiny_artifact: Path) -> DunLensForSequenceClassification:
    return DunLensForSequenceClassification.from_pretrained(
        tiny_artifact, dtype=torch.float32
    ).eval()


@pytest.fixture(scope="module")
def ids(tiny_artifact: Path) -> list[list[int]]:
    """Return the tokens of corpus texts."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_artifact)
    texts = [normalise(row.text).text for row in load_split("dev")[: 3 * TEXTS : 3]]
    return [tokens[:254] for tokens in tokenizer(texts)["input_ids"]]


@pytest.fixture(scope="module")
def expected(network: DunLensForSequenceClassification, ids: list[list[int]]) -> np.ndarray:
    with torch.no_grad():
        return np.concatenate([network(torch.tensor([row])).logits.numpy() for row in ids])


def run(path: Path, batch: torch.Tensor) -> np.ndarray:
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    feed = {"input_ids": batch.numpy(), "attention_mask": (batch != 1).long().numpy()}
    (logits,) = session.run(["logits"], feed)
    return np.asarray(logits)


def test_fp32_gives_the_labels_of_pytorch_for_every_text(
    fp32: Path, tiny_artifact: Path, ids: list[list[int]], expected: np.ndarray
) -> None:
    found = OnnxBackend(fp32, threads=1).logits(ids)
    assert len(found) == TEXTS
    np.testing.assert_allclose(found, expected, atol=1e-3)
    calibration = Calibration.load(tiny_artifact / "calibration.json")
    one, other = calibration.decide(found), calibration.decide(expected)
    assert [(v.label, v.also) for v in one] == [(v.label, v.also) for v in other]


def test_int8_stays_close_to_fp32(
    tiny_artifact: Path, ids: list[list[int]], expected: np.ndarray
) -> None:
    found = OnnxBackend(tiny_artifact / GRAPH, threads=1).logits(ids)
    scale = expected.std()
    assert np.abs(found - expected).mean() < 0.05 * scale
    agree = (found > 0) == (expected > 0)
    assert agree.mean() >= 0.99


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (5, 7), (2, 256)])
def test_any_number_of_texts_and_tokens_will_do(
    shape: tuple[int, int], fp32: Path, network: DunLensForSequenceClassification
) -> None:
    batch = torch.randint(5, 500, shape, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = network(batch).logits.numpy()
    found = run(fp32, batch)
    assert found.shape == (shape[0], 4)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("graph", ["fp32", "int8"])
def test_padding_and_neighbours_change_nothing(
    graph: str, fp32: Path, tiny_artifact: Path, ids: list[list[int]]
) -> None:
    path = fp32 if graph == "fp32" else tiny_artifact / GRAPH
    rows = [torch.tensor(row) for row in sorted(ids, key=len)[::60]]
    batch = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=1)
    alone = np.concatenate([run(path, row[None]) for row in rows])
    np.testing.assert_allclose(run(path, batch), alone, atol=1e-3 if graph == "fp32" else 0.02)


def test_int8_keeps_no_large_table_of_floats(fp32: Path, tmp_path: Path) -> None:
    quantise(fp32, tmp_path / "int8.onnx")
    onnx.checker.check_model(str(tmp_path / "int8.onnx"))
    graph = onnx.load(tmp_path / "int8.onnx").graph
    floats = [
        int(np.prod(tensor.dims))
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    ]
    whole = sum(int(np.prod(tensor.dims)) for tensor in onnx.load(fp32).graph.initializer)
    assert sum(floats) < 0.05 * whole
    assert (tmp_path / "int8.onnx").stat().st_size < 0.32 * fp32.stat().st_size


def test_the_graph_has_the_names_that_serving_uses(tiny_artifact: Path) -> None:
    graph = onnx.load(tiny_artifact / GRAPH).graph
    assert {value.name for value in graph.input} == {"input_ids", "attention_mask"}
    assert [value.name for value in graph.output] == ["logits"]

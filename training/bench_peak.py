"""What this machine could do at most: its peak of matrix products, and what the graph asks for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper

SIZE = 1024  # rows, columns and depth of the product that is timed
SECONDS = 1.0


def operations(graph: Path) -> int:
    """Return the multiplications and additions of the graph's weight matrices, for one token.

    Attention between tokens is left out: at a message's length it is a few per cent.
    """
    total = 0
    for node in onnx.load(graph).graph.node:
        if node.op_type == "MatMulNBits":
            shape = {item.name: item.i for item in node.attribute if item.name in ("K", "N")}
            total += 2 * shape["K"] * shape["N"]
    return total


def int8_peak(threads: int) -> float:
    """Return operations a second of a large int8 product in ONNX Runtime."""
    weights = np.random.default_rng(0).integers(-127, 127, (SIZE, SIZE), dtype=np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        "peak",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [SIZE, SIZE])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, [SIZE, SIZE])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    x = np.random.default_rng(1).integers(0, 255, (SIZE, SIZE), dtype=np.uint8)
    return _rate(lambda: session.run(None, {"x": x}))


def fp32_peak(threads: int) -> float:
    """Return operations a second of a large fp32 product in PyTorch."""
    torch.set_num_threads(threads)
    left, right = torch.rand(SIZE, SIZE), torch.rand(SIZE, SIZE)
    return _rate(lambda: left @ right)


def _rate(product: Callable[[], object]) -> float:

    product()
    best, start = 0.0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        begun = time.perf_counter()
        product()
        best = max(best, 2 * SIZE**3 / (time.perf_counter() - begun))
    return best

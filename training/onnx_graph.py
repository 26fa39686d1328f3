"""The network as an ONNX graph: fp32 for checks, int8 for serving."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from torch import nn

from model.any_encoder import Network, load_network

OPSET = 17
BLOCK = 32  # weights that share a scale
INT8 = 4  # accuracy level: products of int8 by int8
SMALL_TABLE = 16  # rows: below it (token types, tasks) nothing is won


class _Logits(nn.Module):
    """The network with tensors in and a tensor out, as the exporter wants it."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(input_ids, attention_mask).logits
        return logits


def export_fp32(weights: Path, path: Path) -> None:
    """Write a model's graph: input_ids, attention_mask int64 [n, t] -> logits [n, labels]."""
    network = load_network(
        weights,
        attn_implementation="eager",  # plain operators that quantise
        dtype=torch.float32,
    ).eval()
    ids = torch.tensor([[0, 5, 6, 7, 2], [0, 5, 2, 1, 1]])
    axes = {0: "batch", 1: "tokens"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's notes on its own deprecations
        torch.onnx.export(
            _Logits(network),
            (ids, (ids != 1).long()),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )


def quantise(fp32: Path, int8: Path, block: int = BLOCK) -> None:
    """Write the int8 graph: weights in blocks of int8, embedding tables as int8 rows.

    A block of activations is quantised with its own scale too (accuracy level 4). The stock dynamic
    quantisation takes one scale for all activations of a product: it is faster, but moves logits
    further and lets the texts of a batch change each other.
    """
    quantiser = MatMulNBitsQuantizer(
        onnx.load(fp32), block_size=block, is_symmetric=True, accuracy_level=INT8, bits=8
    )
    quantiser.process()
    model = quantiser.model.model
    for table in _tables(model.graph):
        _quantise_table(model.graph, table)
    onnx.checker.check_model(model)
    onnx.save(model, int8)


def _tables(graph: onnx.GraphProto) -> list[onnx.TensorProto]:
    """Return the embedding tables, the largest first: matrices that only a look-up reads."""
    readers: dict[str, list[str]] = {}
    for node in graph.node:
        for place, name in enumerate(node.input):
            readers.setdefault(name, []).append(f"{node.op_type} {place}")
    found = [
        tensor
        for tensor in graph.initializer
        if tensor.data_type == TensorProto.FLOAT
        and len(tensor.dims) == 2
        and tensor.dims[0] > SMALL_TABLE
        and readers.get(tensor.name) == ["Gather 0"]
    ]
    return sorted(found, key=lambda tensor: -int(tensor.dims[0]))


def _quantise_table(graph: onnx.GraphProto, old: onnx.TensorProto) -> None:
    """Store an embedding table as int8 rows with a scale each, multiplied after the look-up."""
    table = old.name.removesuffix(".weight").rpartition(".")[2]
    (gather,) = [n for n in graph.node if n.op_type == "Gather" and n.input[0] == old.name]
    values = numpy_helper.to_array(old)
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-8) / 127.0
    graph.initializer.remove(old)
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.round(values / scale).astype(np.int8), f"{table}.int8"),
            numpy_helper.from_array(scale.astype(np.float32), f"{table}.scale"),
        ]
    )
    ids, out = gather.input[1], gather.output[0]
    nodes = [
        helper.make_node("Gather", [f"{table}.int8", ids], [f"{table}.rows"]),
        helper.make_node("Cast", [f"{table}.rows"], [f"{table}.float"], to=TensorProto.FLOAT),
        helper.make_node("Gather", [f"{table}.scale", ids], [f"{table}.row_scale"]),
        helper.make_node("Mul", [f"{table}.float", f"{table}.row_scale"], [out]),
    ]
    at = list(graph.node).index(gather)
    graph.node.remove(gather)
    for node in reversed(nodes):
        graph.node.insert(at, node)

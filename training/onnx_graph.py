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

from model.network import DunLensForSequenceClassification

OPSET = 17
BLOCK = 32  # weights that share a scale
INT8 = 4  # accuracy level: products of int8 by int8


class _Logits(nn.Module):
    """The network with tensors in and a tensor out, as the exporter wants it."""

    def __init__(self, network: DunLensForSequenceClassification) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(input_ids, attention_mask).logits
        return logits


def export_fp32(weights: Path, path: Path) -> None:
    """Write a model folder's graph: input_ids, attention_mask int64 [n, t] -> logits [n, 4]."""
    network = DunLensForSequenceClassification.from_pretrained(
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


def quantise(fp32: Path, int8: Path) -> None:
    """Write the int8 graph: weights in blocks of int8, embedding tables as int8 rows.

    A block of activations is quantised with its own scale too (accuracy level 4). The stock dynamic
    quantisation takes one scale for all activations of a product: it is faster, but moves logits
    further and lets the texts of a batch change each other.
    """
    quantiser = MatMulNBitsQuantizer(
        onnx.load(fp32), block_size=BLOCK, is_symmetric=True, accuracy_level=INT8, bits=8
    )
    quantiser.process()
    model = quantiser.model.model
    for table in ("word_embeddings", "position_embeddings"):
        _quantise_table(model.graph, table)
    onnx.checker.check_model(model)
    onnx.save(model, int8)


def _quantise_table(graph: onnx.GraphProto, table: str) -> None:
    """Store an embedding table as int8 rows with a scale each, multiplied after the look-up."""
    (old,) = [t for t in graph.initializer if f"{table}.weight" in t.name]
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

"""Cuts the last layer off an ONNX model, so that it can be reckoned in another way.

Knows nothing of what the model reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from docextract.documents.ocr.model_files import onnx_message as onnx

_FLOAT_TENSOR = b"\x0a\x02\x08\x01"
"""A type: a tensor (field 1) whose elements (its field 1) are of 32 bits (1)."""


@dataclass(frozen=True, slots=True)
class HeadlessModel:
    """A model that ends before its last layer, ``softmax(states @ weights + bias)``.

    Attributes:
        data: the file; its outputs are the three below.
        states, weights, bias: names of outputs.
    """

    data: bytes
    states: str
    weights: str
    bias: str


def without_head(model: bytes) -> HeadlessModel:
    """Return a model without its last layer.

    Raises:
        ValueError: it does not end in a product, a sum and a softmax.
    """
    (graph,) = onnx.contents(model, onnx.GRAPH)
    nodes = onnx.contents(graph, onnx.NODE)
    (end,) = onnx.contents(graph, onnx.OUTPUT)
    head, (states, weights, bias) = _head(nodes, onnx.texts(end, onnx.NAME)[0])
    kept = [
        bytes(raw)
        for number, raw, value in onnx.fields(graph)
        if number != onnx.OUTPUT
        and not (number == onnx.NODE and onnx.texts(value, onnx.OUTPUTS)[0] in head)
    ]
    kept += [onnx.field(onnx.OUTPUT, _tensor(name)) for name in (states, weights, bias)]
    rest = [bytes(raw) for number, raw, _ in onnx.fields(model) if number != onnx.GRAPH]
    data = b"".join([*rest, onnx.field(onnx.GRAPH, b"".join(kept))])
    return HeadlessModel(data, states, weights, bias)


def _head(nodes: list[memoryview], end: str) -> tuple[set[str], tuple[str, str, str]]:
    """Return what the last layer's nodes give, and what goes into it."""
    makers = {onnx.texts(node, onnx.OUTPUTS)[0]: node for node in nodes}
    head, bias = {end}, ""
    node = makers[end]
    if onnx.texts(node, onnx.OPERATION) != ["Softmax"]:
        raise ValueError("the model does not end in a softmax")
    while onnx.texts(node, onnx.OPERATION) != ["MatMul"]:
        inputs = onnx.texts(node, onnx.INPUTS)
        bias = inputs[1] if onnx.texts(node, onnx.OPERATION) == ["Add"] else bias
        if inputs[0] not in makers:
            raise ValueError("the model's last layer is no product")
        head.add(inputs[0])
        node = makers[inputs[0]]
    states, weights = onnx.texts(node, onnx.INPUTS)
    return head, (states, weights, bias)


def _tensor(name: str) -> bytes:
    return onnx.field(onnx.NAME, name.encode()) + onnx.field(onnx.TYPE, _FLOAT_TENSOR)

"""Gives RapidOCR's models with layers of ours, which take less time.

The files beside this one were made by ``benchmarks/integers.py`` of the float weights in
RapidOCR's wheel, and each says of which by a SHA-256. Where the wheel holds others, those are read
as they are: right, but slower. The recogniser's large layers are in integers, whose weights are of
7 bits, so that no processor's sums overflow: all give the same integers. The detector's are in
floats, written in another way that gives the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from docextract.documents.ocr.model_files import onnx_message as onnx

MADE_FROM = "made_from"
"""Under this name a file says the SHA-256 of the one it was made of."""

DETECTOR_LAYERS = Path(__file__).with_name("detector_layers.onnx")
RECOGNISER_LAYERS = Path(__file__).with_name("recogniser_layers.onnx")
"""Layers of a model: what goes in and comes out has the names it has in the whole model."""


def with_own_layers(floats: bytes, layers_file: Path) -> bytes:
    """Return a model with layers of ours; as it is where they were not made of it."""
    layers = layers_file.read_bytes()
    if not _is_made_of(layers, floats):
        return floats
    (graph,), (new,) = onnx.contents(floats, onnx.GRAPH), onnx.contents(layers, onnx.GRAPH)
    nodes = _needed([*_nodes(new), *_nodes(graph)], _names(graph, onnx.OUTPUT))
    read = {name for node in nodes for name in onnx.texts(node, onnx.INPUTS)}
    parts = [onnx.field(onnx.NODE, node) for node in nodes]
    parts += [
        onnx.field(onnx.NUMBERS, numbers)
        for numbers in [*onnx.contents(new, onnx.NUMBERS), *onnx.contents(graph, onnx.NUMBERS)]
        if onnx.texts(numbers, onnx.NUMBERS_NAME)[0] in read
    ]
    parts += [
        bytes(raw)
        for number, raw, _ in onnx.fields(graph)
        if number not in (onnx.NODE, onnx.NUMBERS)
    ]
    rest = [bytes(raw) for number, raw, _ in onnx.fields(floats) if number != onnx.GRAPH]
    return b"".join([*rest, *_new_opsets(floats, layers), onnx.field(onnx.GRAPH, b"".join(parts))])


def _is_made_of(integers: bytes, floats: bytes) -> bool:
    said = {
        key: value
        for entry in onnx.contents(integers, onnx.METADATA)
        for key, value in zip(
            onnx.texts(entry, onnx.KEY), onnx.texts(entry, onnx.VALUE), strict=True
        )
    }
    return said.get(MADE_FROM) == hashlib.sha256(floats).hexdigest()


def _nodes(graph: memoryview) -> list[memoryview]:
    return onnx.contents(graph, onnx.NODE)


def _names(graph: memoryview, kind: int) -> list[str]:
    return [onnx.texts(value, onnx.NAME)[0] for value in onnx.contents(graph, kind)]


def _needed(nodes: Iterable[memoryview], outputs: list[str]) -> list[memoryview]:
    """Return the nodes that outputs need, makers before users; of two makers the first counts."""
    makers: dict[str, memoryview] = {}
    for node in nodes:
        for name in onnx.texts(node, onnx.OUTPUTS):
            makers.setdefault(name, node)
    ordered: dict[memoryview, None] = {}
    waiting = [makers[name] for name in outputs]
    while waiting:
        inputs = (makers.get(name) for name in onnx.texts(waiting[-1], onnx.INPUTS))
        missing = [node for node in inputs if node is not None and node not in ordered]
        if missing:
            waiting += missing
        else:
            ordered.setdefault(waiting.pop())
    return list(ordered)


def _new_opsets(model: bytes, layers: bytes) -> list[bytes]:
    """Return what the layers need beside the operations of a model."""
    known = [onnx.texts(opset, onnx.DOMAIN) for opset in onnx.contents(model, onnx.OPSETS)]
    needed = onnx.contents(layers, onnx.OPSETS)
    return [
        onnx.field(onnx.OPSETS, opset)
        for opset in needed
        if any(onnx.texts(opset, onnx.DOMAIN)) and onnx.texts(opset, onnx.DOMAIN) not in known
    ]

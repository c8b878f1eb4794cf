"""Cuts the last layer off an ONNX model, so that it can be reckoned in another way.

Knows nothing of what the model reads. The file is taken apart as what it is, a message of
protocol buffers (fields and numbers: onnx.proto of ONNX), since the package ``onnx`` is large
and needed for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_GRAPH = 7  # of a model
_NODE, _OUTPUT = 1, 12  # of a graph
_INPUTS, _OUTPUTS, _OPERATION = 1, 2, 4  # of a node
_NAME, _TYPE = 1, 2  # of a value
_FLOAT_TENSOR = b"\x0a\x02\x08\x01"
"""A type: a tensor (field 1) whose elements (its field 1) are of 32 bits (1)."""

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


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
    graph = next(value for number, _, value in _fields(model) if number == _GRAPH)
    nodes = [value for number, _, value in _fields(graph) if number == _NODE]
    (end,) = (value for number, _, value in _fields(graph) if number == _OUTPUT)
    head, (states, weights, bias) = _head(nodes, _texts(end, _NAME)[0])
    kept = [
        bytes(raw)
        for number, raw, value in _fields(graph)
        if number != _OUTPUT and not (number == _NODE and _texts(value, _OUTPUTS)[0] in head)
    ]
    kept += [_field(_OUTPUT, _tensor(name)) for name in (states, weights, bias)]
    rest = [bytes(raw) for number, raw, _ in _fields(model) if number != _GRAPH]
    return HeadlessModel(b"".join([*rest, _field(_GRAPH, b"".join(kept))]), states, weights, bias)


def _head(nodes: list[memoryview], end: str) -> tuple[set[str], tuple[str, str, str]]:
    """Return what the last layer's nodes give, and what goes into it."""
    makers = {_texts(node, _OUTPUTS)[0]: node for node in nodes}
    head, bias = {end}, ""
    node = makers[end]
    if _texts(node, _OPERATION) != ["Softmax"]:
        raise ValueError("the model does not end in a softmax")
    while _texts(node, _OPERATION) != ["MatMul"]:
        inputs = _texts(node, _INPUTS)
        bias = inputs[1] if _texts(node, _OPERATION) == ["Add"] else bias
        if inputs[0] not in makers:
            raise ValueError("the model's last layer is no product")
        head.add(inputs[0])
        node = makers[inputs[0]]
    states, weights = _texts(node, _INPUTS)
    return head, (states, weights, bias)


def _fields(message: bytes | memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Yield the number, the bytes and the content of each field of a message."""
    view, place = memoryview(message), 0
    while place < len(view):
        start = place
        key, place = _varint(view, place)
        content = place
        if key & 7 == _LENGTH:
            length, content = _varint(view, place)
            place = content + length
        elif key & 7 == _VARINT:
            _, place = _varint(view, place)
        else:
            place += {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}[key & 7]
        yield key >> 3, view[start:place], view[content:place]


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    """Return a number written in groups of 7 bits, the lowest first, and where it ends."""
    number = shift = 0
    while True:
        byte = view[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return number, place


def _texts(message: memoryview, wanted: int) -> list[str]:
    return [bytes(value).decode() for number, _, value in _fields(message) if number == wanted]


def _tensor(name: str) -> bytes:
    return _field(_NAME, name.encode()) + _field(_TYPE, _FLOAT_TENSOR)


def _field(number: int, content: bytes) -> bytes:
    length, groups = len(content), bytearray()
    while length > 0x7F:
        groups.append(length & 0x7F | 0x80)
        length >>= 7
    groups.append(length)
    return bytes([number << 3 | _LENGTH]) + bytes(groups) + content

"""Takes an ONNX file apart as what it is: a message of protocol buffers, fields and numbers.

Knows nothing of what a model does. The package ``onnx`` is large and needed for nothing else; the
numbers of fields are those of its ``onnx.proto``.
"""

from __future__ import annotations

from collections.abc import Iterator

OPSETS, METADATA, GRAPH = 8, 14, 7  # of a model
NODE, NUMBERS, OUTPUT = 1, 5, 12  # of a graph
INPUTS, OUTPUTS, OPERATION = 1, 2, 4  # of a node
NUMBERS_NAME = 8
NAME, TYPE = 1, 2  # of a value
DOMAIN = 1  # of an opset
KEY, VALUE = 1, 2  # of metadata

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


def fields(message: bytes | memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
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


def contents(message: bytes | memoryview, wanted: int) -> list[memoryview]:
    """Return the contents of the fields of one number."""
    return [content for number, _, content in fields(message) if number == wanted]


def texts(message: bytes | memoryview, wanted: int) -> list[str]:
    """Return the contents of the fields of one number, which are texts."""
    return [bytes(content).decode() for content in contents(message, wanted)]


def field(number: int, content: bytes | memoryview) -> bytes:
    """Return a field that holds a text or a message."""
    length, groups = len(content), bytearray()
    while length > 0x7F:
        groups.append(length & 0x7F | 0x80)
        length >>= 7
    groups.append(length)
    return bytes([number << 3 | _LENGTH]) + bytes(groups) + bytes(content)


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    """Return a number written in groups of 7 bits, the lowest first, and where it ends."""
    number = shift = 0
    while True:
        byte = view[place]
        number |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return number, place

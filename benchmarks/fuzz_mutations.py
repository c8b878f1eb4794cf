"""Changes files by what they are made of: objects of a PDF, chunks of a picture, elements, leaves.

Knows nothing of who reads them. All chance comes from the ``random.Random`` that is given, so a
change can be made again.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

Mutation = Callable[[bytes, bytes, Random], bytes]
"""From a file and another of its kind to a changed one."""

_NUMBERS = (
    b"0",
    b"-1",
    b"1e9",
    b"2147483648",
    b"-2147483649",
    b"0.0000001",
    b"99999999999999999999",
)
_OBJECT = re.compile(rb"\d+ 0 obj\b.*?endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_ELEMENT = re.compile(rb"<([\w:]+)[^<>/]*>[^<>]*</\1>")
_TEXTS = (
    "",
    "\0",
    "=1+1",
    "9" * 400,
    "NaN",
    "١٢٣",
    "\u202e12",
    "x" * 20_000,
    "-0",
    "1e999",
    "1.234,56-",
)


def mutate(kind: str, data: bytes, other: bytes, rng: Random) -> bytes:
    """Return a file with one to four changes.

    Args:
        kind: ``pdf``, ``packet``, ``image``, ``xml``, ``container`` or ``answers``.
        data: the file.
        other: another of the kind, to take pieces from.
        rng: decides.
    """
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = rng.choice(_MUTATIONS[kind])(data, other, rng)
    return data


def _flip(data: bytes, other: bytes, rng: Random) -> bytes:
    del other
    changed = bytearray(data)
    for _ in range(rng.choice((1, 4, 32))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(data: bytes, other: bytes, rng: Random) -> bytes:
    del other
    start = rng.randrange(len(data) + 1)
    size = rng.choice((1, 16, 300, len(data)))
    return data[:start] + data[start + size :]


def _splice(data: bytes, other: bytes, rng: Random) -> bytes:
    start, end = sorted(rng.randrange(len(other) + 1) for _ in range(2))
    place = rng.randrange(len(data) + 1)
    return data[:place] + other[start : min(end, start + 2000)] + data[place:]


def _replace_one(pattern: re.Pattern[bytes], data: bytes, rng: Random, new: bytes) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    at = rng.choice(found)
    return data[: at.start()] + new + data[at.end() :]


def _number(data: bytes, other: bytes, rng: Random) -> bytes:
    del other
    return _replace_one(re.compile(rb"(?<![\w.])-?\d+(\.\d+)?"), data, rng, rng.choice(_NUMBERS))


def _name(data: bytes, other: bytes, rng: Random) -> bytes:
    names = re.findall(rb"/[A-Za-z]\w*", other) or [b"/X"]
    return _replace_one(re.compile(rb"/[A-Za-z]\w*"), data, rng, rng.choice(names))


def _reference(data: bytes, other: bytes, rng: Random) -> bytes:
    """Let a reference lead elsewhere, often in a circle."""
    del other
    new = b"%d 0 R" % rng.randrange(1, 12)
    return _replace_one(re.compile(rb"\d+ 0 R"), data, rng, new)


def _objects(data: bytes, other: bytes, rng: Random) -> bytes:
    """Drop an object, say it twice, or put one of another file in its place."""
    found = _OBJECT.findall(data)
    if not found:
        return data
    old = rng.choice(found)
    news = [b"", old + b"\n" + old, rng.choice(found), rng.choice(_OBJECT.findall(other) or [b""])]
    return data.replace(old, rng.choice(news), 1)


def _content(data: bytes, other: bytes, rng: Random) -> bytes:
    """Change what a stream holds, and pack it again."""
    found = list(_STREAM.finditer(data))
    if not found:
        return data
    at = rng.choice(found)
    try:
        inside, is_packed = zlib.decompress(at[1]), True
    except zlib.error:
        inside, is_packed = at[1], False
    change = rng.choice((_number, _splice, _cut, _flip, _repeat))
    inside = change(inside, inside if change is _splice else other, rng)
    packed = zlib.compress(inside) if is_packed else inside
    return data[: at.start(1)] + packed + data[at.end(1) :]


def _repeat(data: bytes, other: bytes, rng: Random) -> bytes:
    del other
    return data * rng.choice((2, 50)) if len(data) < 100_000 else data


def _chunks(data: bytes) -> list[bytes]:
    """Return a PNG's chunks, or the segments of a JPEG; what is neither is one piece."""
    if data[:4] == b"\x89PNG":
        pieces, at = [data[:8]], 8
        while at + 8 <= len(data):
            size = 12 + struct.unpack_from(">I", data, at)[0]
            pieces.append(data[at : at + size])
            at += size
        return pieces
    return re.split(rb"(?=\xff[\xc0-\xfe])", data)


def _sealed(piece: bytes) -> bytes:
    """Return a PNG chunk with a checksum that fits."""
    if len(piece) < 12 or not piece[4:8].isalpha():
        return piece
    return piece[:-4] + struct.pack(">I", zlib.crc32(piece[4:-4]))


def _pieces(data: bytes, other: bytes, rng: Random) -> bytes:
    """Drop, double, swap or change pieces of a picture, so that its checksums fit."""
    pieces = _chunks(data)
    place = rng.randrange(len(pieces))
    match rng.randrange(5):
        case 0:
            del pieces[place]
        case 1:
            pieces.insert(place, pieces[place])
        case 2:
            pieces.insert(place, rng.choice(_chunks(other)))
        case 3:
            rng.shuffle(pieces)
        case _:
            pieces[place] = _sealed(_header_field(pieces[place], rng))
    return b"".join(pieces)


def _header_field(piece: bytes, rng: Random) -> bytes:
    if len(piece) < 10:
        return piece
    place = rng.randrange(4, min(len(piece) - 1, 40))
    new = rng.choice((b"\0", b"\xff", b"\x01", b"\x10\0\0\0", b"\x7f\xff\xff\xff", b"\x03"))
    return piece[:place] + new + piece[place + len(new) :]


def _elements(data: bytes, other: bytes, rng: Random) -> bytes:
    found = [match[0] for match in _ELEMENT.finditer(data)]
    if not found:
        return data
    old = rng.choice(found)
    text = rng.choice(_TEXTS).encode().replace(b"\0", b"&#0;")
    head, tail = old[: old.index(b">") + 1], old[old.rindex(b"</") :]
    others = [match[0] for match in _ELEMENT.finditer(other)] or [b""]
    return data.replace(
        old, rng.choice((b"", old * 200, head + text + tail, rng.choice(others))), 1
    )


def _prologue(data: bytes, other: bytes, rng: Random) -> bytes:
    del other
    heads = (
        b'<!DOCTYPE a [<!ENTITY b "c">]>', b"<!--" + b"-" * 5000 + b"-->", b"<a>" * 3000,
        b"\xff\xfe", b'<?xml version="1.0" encoding="utf-7"?>', b"<!DOCTYPE " + b"[" * 4000,
    )  # fmt: skip
    return rng.choice(heads) + data


def _leaf(data: bytes, other: bytes, rng: Random) -> bytes:
    """Change one value, or what holds it, in one line of JSON."""
    del other
    lines = data.splitlines()
    if not lines:
        return data
    place = rng.randrange(len(lines))
    try:
        tree = json.loads(lines[place])
    except ValueError:
        return data
    nodes = list(_nodes(tree))
    if nodes:
        holder, key = rng.choice(nodes)
        holder[key] = _odd(holder[key], rng)
    lines[place] = json.dumps(tree).encode()
    return b"\n".join(lines) + b"\n"


def _nodes(tree: Any) -> list[tuple[Any, Any]]:
    keys = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    return [pair for key in list(keys) for pair in [(tree, key), *_nodes(tree[key])]]


def _odd(old: Any, rng: Random) -> Any:
    deep: Any = old
    for _ in range(rng.choice((1, 60))):
        deep = [deep]
    odd = [None, True, -1, 1e308, float("nan"), [], {}, [old] * 400, {"x": old}, deep]
    return rng.choice([*odd, *_TEXTS, *_TEXTS])


def _header(data: bytes, other: bytes, rng: Random) -> bytes:
    """Change a header of a mail or of one of its parts, drop it, or say it twice."""
    found = re.findall(rb"^[A-Z][\w-]+: .*\n", data, re.MULTILINE)
    if not found:
        return data
    old = rng.choice(found)
    name = old.partition(b":")[0]
    texts = (*(text.encode() for text in _TEXTS), *_HEADER_TEXTS)
    others = re.findall(rb"^[A-Z][\w-]+: .*\n", other, re.MULTILINE) or [b""]
    new = (b"", old * 2, rng.choice(others), name + b": " + rng.choice(texts) + b"\n")
    return data.replace(old, rng.choice(new), 1)


def _boundary(data: bytes, other: bytes, rng: Random) -> bytes:
    """Drop a line between the parts of a mail, double it, or put a part below another."""
    del other
    found = re.findall(rb"^--[=\w-]+\n", data, re.MULTILINE)
    if not found:
        return data
    old = rng.choice(found)
    nested = old + b"Content-Type: message/rfc822\n\n"
    return _replace_one(
        re.compile(re.escape(old)), data, rng, rng.choice((b"", old * 3, nested * 60))
    )


def _zip_header(data: bytes, other: bytes, rng: Random) -> bytes:
    """Let a record of a zip say another size, method, name or place."""
    del other
    found = [at.start() for at in re.finditer(rb"PK(\x01\x02|\x03\x04|\x05\x06)", data)]
    if not found:
        return data
    place = rng.choice(found) + rng.randrange(4, 46)
    new = rng.choice((b"\0", b"\xff\xff", b"\xff\xff\xff\xff", b"\x01", b"\x09", b"../", b"\x7f"))
    return data[:place] + new + data[place + len(new) :]


_HEADER_TEXTS = (
    b"multipart/mixed; boundary=",
    b'multipart/mixed; boundary="a\r\nb"',
    b"message/rfc822",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"=?utf-8?b?" + b"4oCu" * 400 + b"?=",
    b"=?nonsense?q?=ff?=",
    b'attachment; filename="../../../etc/passwd"',
    b'attachment; filename="a!b.pdf\x1b[2J"',
    b"attachment; filename*=utf-7''%00%0a",
    b"Mon, 99 Foo 99999 99:99:99 +9999",
)

_BYTES: tuple[Mutation, ...] = (_flip, _cut, _splice)
_MUTATIONS: dict[str, tuple[Mutation, ...]] = {
    "pdf": (*_BYTES, _number, _number, _name, _reference, _objects, _content, _content, _content),
    "packet": (_number, _number, _name, _reference, _objects, _content, _content, _flip),
    "container": (*_BYTES, _header, _header, _header, _boundary, _zip_header, _zip_header),
    "image": (*_BYTES, _pieces, _pieces, _pieces, _pieces),
    "xml": (*_BYTES, _elements, _elements, _elements, _number, _prologue),
    "answers": (_leaf, _leaf, _leaf, _leaf),
}

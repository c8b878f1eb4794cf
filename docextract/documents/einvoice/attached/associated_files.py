"""Finds files that a PDF associates with itself or pins to a page: ``/AF`` and annotations.

PDFium lists the name tree of embedded files alone. Knows nothing of e-invoices, and reads no more
of the format than it needs: objects are found by their headings, the last of a number wins,
object streams are opened; encrypted files are left alone.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

_MAX_OBJECTS = 200_000
_MAX_STREAM_BYTES = 10 * 2**20
_MAX_DICT_BYTES = 64 * 2**10
_MAX_FILES = 50

_HOLDS_FILE = re.compile(rb"/EmbeddedFile\b|/(?:text|application)#2[fF]xml")
"""An embedded file is a stream, and streams stand in the open."""

_OBJECT = re.compile(rb"(?<!\d)(\d{1,9})\s+\d{1,5}\s+obj\b")
_END = re.compile(rb"endobj|\bstream\r?\n")
_STREAM = re.compile(rb"\bstream\r?\n")
_ASSOCIATED = re.compile(rb"/AF\s*(?:\[([^\]]*)\]|(\d+)\s+\d+\s+R)")
_PINNED = re.compile(rb"/FS\s+(\d+)\s+\d+\s+R")
_REFERENCE = re.compile(rb"(\d+)\s+\d+\s+R")
_CONTENT = re.compile(rb"/EF\s*<<.*?/U?F\s+(\d+)\s+\d+\s+R", re.S)
_NAME = re.compile(rb"/(?:UF|F)\s*(?:\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f\s]*)>)", re.S)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file inside a PDF.

    Attributes:
        name: as the PDF gives it.
        data: its bytes.
        is_associated: whether ``/AF`` relates it to the document or a page.
    """

    name: str
    data: bytes
    is_associated: bool = False


def holds_files(data: bytes) -> bool:
    """Return whether a PDF may hold files; a quick look."""
    return _HOLDS_FILE.search(data) is not None and b"/Encrypt" not in data


def associated_files(data: bytes) -> list[AttachedFile]:
    """Return the files that ``/AF`` or an annotation names, those of ``/AF`` first."""
    objects = _Objects(data)
    related = dict.fromkeys(objects.related())
    pinned = [number for number in dict.fromkeys(objects.pinned()) if number not in related]
    files = (
        *(objects.file(number, is_associated=True) for number in list(related)[:_MAX_FILES]),
        *(objects.file(number, is_associated=False) for number in pinned[:_MAX_FILES]),
    )
    return [file for file in files if file is not None]


@dataclass(slots=True)
class _Objects:
    """The objects of a PDF by number: where they begin, or their text."""

    data: bytes
    starts: dict[int, int] = field(default_factory=dict)
    texts: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for count, found in enumerate(_OBJECT.finditer(self.data)):
            if count >= _MAX_OBJECTS:
                break
            self.starts[int(found[1])] = found.end()
        for number in list(self.starts):
            text = self._plain(number)
            if b"/ObjStm" in text:
                self._open(number, text)

    def text(self, number: int) -> bytes:
        """Return an object up to its stream."""
        return self._plain(number) if number in self.starts else self.texts.get(number, b"")

    def related(self) -> Iterator[int]:
        for number in (*self.starts, *self.texts):
            for found in _ASSOCIATED.finditer(self.text(number)):
                # A reference stands for an array of its own.
                array = found[1] if found[1] is not None else self.text(int(found[2]))
                yield from (int(item) for item in _REFERENCE.findall(array))

    def pinned(self) -> Iterator[int]:
        for number in (*self.starts, *self.texts):
            text = self.text(number)
            if b"/FileAttachment" in text and (found := _PINNED.search(text)):
                yield int(found[1])

    def file(self, number: int, *, is_associated: bool) -> AttachedFile | None:
        text = self.text(number)
        content, name = _CONTENT.search(text), _NAME.search(text)
        if content is None or name is None:
            return None
        data = self._stream(int(content[1]))
        return AttachedFile(_decoded(name), data, is_associated) if data else None

    def _plain(self, number: int) -> bytes:
        start = self.starts[number]
        end = _END.search(self.data, start, start + _MAX_DICT_BYTES)
        return self.data[start : end.start() if end else start + _MAX_DICT_BYTES]

    def _stream(self, number: int) -> bytes:
        start = self.starts.get(number)
        head = _STREAM.search(self.data, start) if start else None
        if start is None or head is None:
            return b""
        end = self.data.find(b"endstream", head.end())
        body = self.data[head.end() : end]
        if b"/Filter" not in self.data[start : head.start()]:
            return body[:_MAX_STREAM_BYTES]
        try:
            return zlib.decompressobj().decompress(body, _MAX_STREAM_BYTES)
        except zlib.error:
            return b""

    def _open(self, number: int, text: bytes) -> None:
        first = re.search(rb"/First\s+(\d+)", text)
        body = self._stream(number)
        if first is None or not body:
            return
        offset = int(first[1])
        heads = [int(item) for item in re.findall(rb"\d+", body[:offset])]
        places = list(zip(heads[::2], heads[1::2], strict=False))
        ends = [place for _, place in places[1:]] + [len(body)]
        for (inner, begin), end in zip(places, ends, strict=True):
            self.texts[inner] = body[offset + begin : offset + end][:_MAX_DICT_BYTES]


def _decoded(name: re.Match[bytes]) -> str:
    if name[1] is not None:
        raw = re.sub(rb"\\(.)", rb"\1", name[1], flags=re.S)
    else:
        digits = bytes(name[2]).translate(None, b" \t\r\n")
        raw = bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace")
    return raw.decode("latin-1")

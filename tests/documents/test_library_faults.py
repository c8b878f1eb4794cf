"""Whatever a library raises on a stranger's bytes is the file's fault; what we raise is a bug."""

from __future__ import annotations

import struct
import zlib

import pytest

from docextract.core import Document, DocumentError, ReadOptions, Reason
from docextract.documents.counting import count_job
from docextract.documents.opening import open_document
from docextract.documents.pages import library_faults


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def palette_png() -> bytes:
    """Return a PNG whose pixels are numbers of colours that it does not name."""
    rows = zlib.compress(b"".join(b"\0" + bytes([y % 4]) * 40 for y in range(40)))
    header = struct.pack(">IIBBBBB", 40, 40, 8, 3, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def test_a_png_without_its_palette_is_corrupt(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(palette_png())
    document = Document(str(path), str(path).encode())
    with pytest.raises(DocumentError, match="PIL cannot read it") as caught:
        list(open_document(document, ReadOptions()))
    assert caught.value.reason is Reason.CORRUPT


def test_what_a_library_says_stands_in_the_message():
    from PIL import Image

    expected = pytest.raises(DocumentError, match=r"PIL cannot read it \(ValueError: unrecog")
    with expected as caught, library_faults(3):
        Image.new("nonsense", (1, 1))
    assert (caught.value.reason, caught.value.page) == (Reason.CORRUPT, 3)


def test_a_bug_of_our_own_stays_one():
    with pytest.raises(ZeroDivisionError), library_faults():
        raise ZeroDivisionError
    with pytest.raises(MemoryError), library_faults():
        raise MemoryError


def test_counting_pages_has_the_same_net(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(palette_png())
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile._open", None)
    with pytest.raises(DocumentError) as caught:
        list(count_job(Document(str(path), str(path).encode()), ReadOptions()))
    assert caught.value.reason is Reason.CORRUPT

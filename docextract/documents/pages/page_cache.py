"""Packs a page whose words cost OCR, so that they are read off its pixels once only.

Knows nothing of where the packed pages are kept, nor of how pages are read.

Pages read from a text layer are not packed: reading one again takes a few milliseconds,
where OCR takes seconds, and a store that held them would grow with every archive.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from docextract.core import Box, Page, ReadOptions, Tree, Word, WordSource

READING_VERSION = 6
"""Raised whenever other words are read off the same pixels, or other pages are read by OCR."""

_OCR_PACKAGES = ("rapidocr", "onnxruntime", "opencv-python-headless")

MAX_PACKED_BYTES = 4 * 2**20
_MAX_BYTES = 16 * MAX_PACKED_BYTES


def reading_id(options: ReadOptions) -> str:
    """Return 16 hex digits that change whenever a page's words could.

    Page selection and limits on time decide which pages are read, not what they say.
    """
    parts = [
        READING_VERSION,
        options.renderer,
        options.dpi,
        options.max_pixels,
        _installed_versions(),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _installed_versions() -> dict[str, str]:
    """Return the versions of all that words read off pixels depend on; nothing is imported."""
    found = {}
    for name in _OCR_PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def pack(page: Page) -> bytes | None:
    """Return a page without its pixels as bytes; None where it is not worth keeping."""
    if page.word_source is WordSource.TEXT_LAYER:
        return None
    tree = {
        "size": [page.width, page.height],
        "rotation": page.rotation,
        "source": page.word_source.value,
        "notes": list(page.notes),
        "words": [[word.text, *word.box, word.confidence] for word in page.words],
    }
    packed = zlib.compress(json.dumps(tree, separators=(",", ":")).encode())
    return packed if len(packed) <= MAX_PACKED_BYTES else None


def unpack(number: int, packed: bytes) -> Page | None:
    """Return a packed page; None where the bytes are damaged, so that it is read again."""
    try:
        decompressor = zlib.decompressobj()
        text = decompressor.decompress(packed, _MAX_BYTES)
        return _page(number, json.loads(text)) if decompressor.eof else None
    except (zlib.error, ValueError, TypeError, KeyError):
        return None


def _page(number: int, tree: Tree) -> Page:
    width, height = tree["size"]
    words = tuple(
        Word(str(text), Box(left, top, right, bottom), confidence)
        for text, left, top, right, bottom, confidence in tree["words"]
    )
    return Page(
        number,
        width,
        height,
        words,
        WordSource(tree["source"]),
        int(tree["rotation"]),
        notes=tuple(tree["notes"]),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a document's pages, and what is known of them already.

    Attributes:
        with_images: whether pages carry their pixels; words come in any case.
        kept: packed pages by number, read before under the same ``reading_id``.
    """

    with_images: bool
    kept: Mapping[int, bytes]

    def known(self, number: int) -> Page | None:
        """Return a page that was kept, without pixels."""
        packed = self.kept.get(number)
        return None if packed is None else unpack(number, packed)

    def finished(self, number: int) -> Page | None:
        """Return a page there is nothing left to do for."""
        return None if self.with_images else self.known(number)

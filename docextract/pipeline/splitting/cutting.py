"""Cuts the parts of an opened file into those of its documents, where boundaries are certain.

Knows nothing of schemas, engines or records; what is doubtful is left whole, and told by
``mixture``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from docextract.core import Document, ErrorItem, Page, Record
from docextract.documents.pages import OpenedHeader, OpenTimings, Part
from docextract.pipeline.splitting.boundaries import boundaries_of


@dataclass(frozen=True, slots=True)
class CutFile:
    """What came of a file that held several documents: their records, which belong together."""

    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class ToBeCut:
    """A file that is to be read once more, document by document.

    Attributes:
        documents: its parts.
        kept: packed pages by number, whose words were read already.
    """

    documents: tuple[Document, ...]
    kept: Mapping[int, bytes]


def cut(parts: Sequence[Part], split: str) -> list[list[Part]]:
    """Return the parts of each document of a file, in order; of most files all are one.

    A file with an e-invoice inside is one, and so is one that could not be hashed: its parts
    would have no key.

    Args:
        parts: of the opened file.
        split: see ``ReadOptions.split``; only ``sure`` cuts.
    """
    header = next(part for part in parts if isinstance(part, OpenedHeader))
    spans = _spans(parts) if split == "sure" and _may_be_cut(header) else []
    if len(spans) < 2:
        return [list(parts)]
    return [list(_of(parts, header, span, is_first=span is spans[0])) for span in spans]


def _may_be_cut(header: OpenedHeader) -> bool:
    return header.embedded is None and bool(header.document.sha256)


def _spans(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Return first and last page of each document; nothing where a page could not be read.

    What stands on such a page may change where a document ends. A single page, as most files
    have, is not even looked at.
    """
    pages = [part for part in parts if isinstance(part, Page)]
    is_damaged = any(isinstance(part, ErrorItem) and part.page is not None for part in parts)
    if is_damaged or len(pages) < 2:
        return []
    return boundaries_of(pages).only_sure().spans()


def _of(
    parts: Sequence[Part], header: OpenedHeader, span: tuple[int, int], *, is_first: bool
) -> Iterator[Part]:
    """Yield the parts of one document; the time that opening took stands with the first."""
    first, last = span
    own = [part for part in parts if isinstance(part, Page) and first <= part.number <= last]
    yield replace(header, document=header.document.part(first, last), num_pages=len(own))
    yield from own
    yield from (part for part in parts if isinstance(part, ErrorItem))
    if is_first:
        yield from (part for part in parts if isinstance(part, OpenTimings))

"""Opens a file for an engine that looks at pixels: as one, or to be cut first, or one part of it.

Knows nothing of engines or records. Pixels of a pile of pages would fill the memory before the last
page tells where documents end: words alone are read first, and each part is then opened by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from docextract.core import Document, Page, PageSelection, ReadOptions
from docextract.documents.opening import open_document, open_job
from docextract.documents.pages import OpenedHeader, OpenTimings, Part, pack
from docextract.pipeline.splitting.cutting import ToBeCut, cut


def open_or_cut(
    document: Document,
    read: ReadOptions,
    with_images: bool,
    kept: Mapping[int, bytes] = MappingProxyType({}),
    is_second_try: bool = False,
) -> Iterator[Part | ToBeCut]:
    """Yield a document's parts, or only into which documents its file is to be cut.

    Pages that a person chose are read as they are. See ``open_document`` for the arguments.

    Raises:
        DocumentError: the document as a whole cannot be read.
    """
    if document.pages is not None:
        yield from _one_part(document, read, with_images, kept, is_second_try)
        return
    known = dict(kept)
    if read.split == "sure" and not read.pages.ranges:
        found = list[Document]()
        for news in _survey(document, read, known, is_second_try):
            if isinstance(news, Document):
                found.append(news)
            else:
                yield news
        if found:
            yield ToBeCut(tuple(found), known)
            return
    yield from open_job(document, read, with_images, known, is_second_try)


def _survey(
    document: Document, read: ReadOptions, known: dict[int, bytes], is_second_try: bool
) -> Iterator[Document | OpenTimings]:
    """Yield a sign of life for each page, then the documents of a file that holds several.

    Args:
        document: the file.
        read: how it is opened.
        known: packed pages by number; those read here are added.
        is_second_try: see ``open_document``.
    """
    opened = open_document(document, read, kept=dict(known), is_second_try=is_second_try)
    parts = list[Part]()
    for part in opened:
        if isinstance(part, OpenedHeader) and part.num_pages < 2:
            return
        parts.append(part)
        if isinstance(part, Page):
            packed = pack(part)
            known |= {} if packed is None else {part.number: packed}
            yield OpenTimings()
    documents = cut(parts, read.split)
    for own in documents if len(documents) > 1 else ():
        yield next(part.document for part in own if isinstance(part, OpenedHeader))


def _one_part(
    document: Document,
    read: ReadOptions,
    with_images: bool,
    kept: Mapping[int, bytes],
    is_second_try: bool,
) -> Iterator[Part]:
    """Yield one part of a file: its own pages are all it has."""
    assert document.pages is not None
    first, last = document.pages
    own = replace(read, pages=PageSelection((document.pages,)))
    for part in open_job(document, own, with_images, kept, is_second_try):
        if isinstance(part, OpenedHeader):
            yield replace(part, num_pages=last - first + 1)
        else:
            yield part

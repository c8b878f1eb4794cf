"""What a question was about: one document, or several whose pages are numbered through.

Knows nothing of questions, engines or answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from docextract.core import HINTS, Document, ErrorItem, OpenedDocument, Page, Reason
from docextract.documents.pages import OpenedHeader, Part

_SEPARATOR = " + "


@dataclass(frozen=True, slots=True)
class Source:
    """A document that was asked about, alone or with others.

    Attributes:
        document: which file it is.
        pages: numbers of its pages that were read, as in the document.
        first: number that the first of them has among the pages of all sources.
    """

    document: Document
    pages: tuple[int, ...] = ()
    first: int = 1


def locate(sources: Sequence[Source], number: int) -> tuple[Document, int]:
    """Return the document of a page that was asked about, and the page's number in it."""
    if len(sources) == 1:
        return sources[0].document, number
    source = next(item for item in reversed(sources) if item.pages and item.first <= number)
    return source.document, source.pages[number - source.first]


def number_through(documents: Iterable[OpenedDocument]) -> tuple[Source, ...]:
    """Return opened documents as sources whose pages are numbered from 1, one after another."""
    sources: list[Source] = []
    first = 1
    for opened in documents:
        pages = tuple(page.number for page in opened.pages)
        sources.append(Source(opened.document, pages, first))
        first += len(pages)
    return tuple(sources)


def parts_of(documents: Sequence[OpenedDocument], sources: Sequence[Source]) -> Iterator[Part]:
    """Yield the parts of several documents as if they were one.

    What went wrong with a page is told with its document's path. Embedded e-invoices are left
    out: none of them speaks for all.
    """
    num_pages = sum(opened.num_pages for opened in documents)
    yield OpenedHeader(joined([opened.document for opened in documents]), num_pages)
    for opened, source in zip(documents, sources, strict=True):
        yield from opened.pages if len(sources) == 1 else _renumbered(opened.pages, source.first)
        yield from (of_source(error, opened.document) for error in opened.errors)


def _renumbered(pages: Iterable[Page], first: int) -> Iterator[Page]:
    return (replace(page, number=number) for number, page in enumerate(pages, first))


def joined(documents: Sequence[Document]) -> Document:
    """Return the name under which several documents are one; its hash is that of their hashes."""
    if len(documents) == 1:
        return documents[0]
    hashes = "".join(document.sha256 for document in documents)
    return Document(
        path=_SEPARATOR.join(document.path for document in documents),
        raw_path=b"",
        sha256=hashlib.sha256(hashes.encode()).hexdigest(),
        num_bytes=sum(document.num_bytes for document in documents),
    )


def of_source(error: ErrorItem, document: Document) -> ErrorItem:
    """Return an error of one of several documents, with its path in the message."""
    return replace(error, message=f"{document.path}: {error.message}")


def nothing_to_see(opened: OpenedDocument) -> Iterator[ErrorItem]:
    """Yield why there is no page to look at, where nothing else says so."""
    if opened.pages or opened.errors:
        return
    reason = Reason.ZERO_PAGES
    message, hint = "It holds no page.", HINTS[reason]
    if opened.embedded is not None:
        message = "An e-invoice XML has no page to look at."
        hint = "Its data are read by docextract run --schema invoice."
    yield ErrorItem("open", reason.value, message, hint)

"""What is asked about: one opened document, or several put together as if they were one.

Knows nothing of questions, engines or answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from docextract.records import Document, ErrorItem, OpenedDocument, Page

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


@dataclass(frozen=True, slots=True)
class Subject:
    """Pages that are asked about, and where they come from.

    Attributes:
        opened: the document; of several, their pages numbered through from 1.
        sources: the documents, in the order of their pages.
    """

    opened: OpenedDocument
    sources: tuple[Source, ...]

    @property
    def is_together(self) -> bool:
        """Whether several documents are asked about at once."""
        return len(self.sources) > 1

    def locate(self, number: int) -> tuple[Document, int]:
        """Return the document of a page and the page's number in it."""
        return locate(self.sources, number)


def locate(sources: Sequence[Source], number: int) -> tuple[Document, int]:
    """Return which document a page of a subject is from, and its number in that document."""
    if len(sources) == 1:
        return sources[0].document, number
    source = next(item for item in reversed(sources) if item.pages and item.first <= number)
    return source.document, source.pages[number - source.first]


def alone(opened: OpenedDocument) -> Subject:
    """Return one document as what is asked about."""
    pages = tuple(page.number for page in opened.pages)
    return Subject(opened, (Source(opened.document, pages),))


def together(documents: Sequence[OpenedDocument]) -> Subject:
    """Return several documents as one, in order.

    What went wrong with a page is told with its document's path. Embedded e-invoices are left
    out: none of them speaks for all.
    """
    if len(documents) == 1:
        return alone(documents[0])
    pages: list[Page] = []
    sources: list[Source] = []
    errors: list[ErrorItem] = []
    for opened in documents:
        own = tuple(page.number for page in opened.pages)
        sources.append(Source(opened.document, own, len(pages) + 1))
        pages += [
            replace(page, number=number) for number, page in enumerate(opened.pages, len(pages) + 1)
        ]
        errors += [of_source(error, opened.document) for error in opened.errors]
    whole = OpenedDocument(
        joined([opened.document for opened in documents]),
        sum(opened.num_pages for opened in documents),
        tuple(pages),
        errors=tuple(errors),
    )
    return Subject(whole, tuple(sources))


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

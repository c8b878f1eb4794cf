"""The parts that an opened document is sent in, and how they are put together again.

Knows nothing of files or of how a document is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from docextract.core import (
    Document,
    DocumentError,
    EmbeddedInvoice,
    ErrorItem,
    OpenedDocument,
    Page,
    ReadOptions,
    Reason,
)


@dataclass(frozen=True, slots=True)
class OpenedHeader:
    """What is known before the first page; the first part of every opened document."""

    document: Document
    num_pages: int
    embedded: EmbeddedInvoice | None = None


@dataclass(frozen=True, slots=True)
class OpenTimings:
    """Milliseconds by stage; the last part of every opened document."""

    ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageRead:
    """A sign of life in place of a page, of a document that is finished where it is read.

    Attributes:
        number: from 1.
        packed: the page, where it is worth keeping.
    """

    number: int
    packed: bytes | None = None


Part = OpenedHeader | Page | ErrorItem | OpenTimings


def collect(parts: Iterable[Part]) -> OpenedDocument:
    """Return the parts of one opened document, put together.

    Raises:
        ValueError: there is no header among them.
    """
    header: OpenedHeader | None = None
    pages: list[Page] = []
    errors: list[ErrorItem] = []
    timings: Counter[str] = Counter()
    for part in parts:
        match part:
            case OpenedHeader():
                header = part
            case Page():
                pages.append(part)
            case ErrorItem():
                errors.append(part)
            case OpenTimings():
                timings.update(part.ms)
    if header is None:
        raise ValueError("an opened document has no header")
    return OpenedDocument(
        header.document,
        header.num_pages,
        tuple(pages),
        header.embedded,
        tuple(errors),
        dict(timings),
    )


def selected_pages(num_pages: int, options: ReadOptions) -> list[int]:
    """Return the page numbers to be read.

    Raises:
        DocumentError: ``no_such_page`` if none is there, ``too_many_pages`` over the limit.
    """
    numbers = options.pages.numbers(num_pages)
    if not numbers:
        message = f"None of the pages asked for is there; it has {num_pages}."
        raise DocumentError(Reason.NO_SUCH_PAGE, message)
    if len(numbers) > options.max_pages:
        message = f"{len(numbers)} pages, over the limit of {options.max_pages}."
        raise DocumentError(Reason.TOO_MANY_PAGES, message)
    return numbers


def page_error(error: DocumentError, page: int | None, stage: str = "open") -> ErrorItem:
    """Return an error as it is stored in a record."""
    return ErrorItem(stage, error.reason.value, str(error), error.hint, page or error.page)

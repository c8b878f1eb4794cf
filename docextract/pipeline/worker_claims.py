"""Holds what a worker sent of a document against what it was given.

Knows nothing of jobs or processes.
"""

from __future__ import annotations

from typing import Any

from docextract.core import Document, ErrorItem, FieldStatus, Page, Reason, Record, RecordStatus
from docextract.documents.pages import OpenedHeader
from docextract.pipeline.splitting.cutting import CutFile, ToBeCut


def doubt_of(document: Document, fingerprint: str, payload: Any) -> str:
    """Return what is wrong with what a worker sent of a document; empty if nothing is.

    A worker may have been taken over by the file: it could speak of other documents, or say what
    is a person's or the run's to say.

    Args:
        document: what the worker was given.
        fingerprint: of the run; empty where no record is made of it.
        payload: a part of the document, or its record.
    """
    match payload:
        case OpenedHeader() if not _is_own(payload.document, document) or payload.num_pages < 0:
            return "the header of another document"
        case Page() if not _has_its_pixels(payload):
            return "a page with pixels of another size"
        case ErrorItem() if payload.reason not in _REASONS:
            return "an error for no known reason"
        case Record():
            return _doubt_of_record(document, fingerprint, payload)
        case CutFile():
            told = (_doubt_of_record(document, fingerprint, it) for it in payload.records)
            return next(filter(None, told), "")
        case ToBeCut() if not all(_is_own(it, document) for it in payload.documents):
            return "parts of another file"
    return ""


def _has_its_pixels(page: Page) -> bool:
    if page.image is None:
        return page.number >= 1
    width, height = page.size or (0, 0)
    return page.number >= 1 and min(width, height) > 0 and len(page.image) == 3 * width * height


def _doubt_of_record(document: Document, fingerprint: str, record: Record) -> str:
    is_own = _is_own(record.document, document)
    if not is_own or record.fingerprint != fingerprint or record.num_pages < 0:
        return "the record of another document or run"
    if any(error.reason not in _REASONS for error in record.errors):
        return "an error for no known reason"
    if record.status is RecordStatus.SKIPPED:
        return "that a document was left out"
    said_by_people = (FieldStatus.CONFIRMED,)
    if any(field.status in said_by_people for field in record.fields.values()):
        return "that a person has confirmed a value"
    return ""


_REASONS = frozenset(Reason)


def _is_own(found: Document, document: Document) -> bool:
    """Return whether a document is the one that was given, or one of its pages."""
    return found == document or (found.pages is not None and found == document.part(*found.pages))

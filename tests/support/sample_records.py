"""Records as the pipeline makes them, for tests of what comes after it."""

from __future__ import annotations

import hashlib
from typing import Any

from docextract.core import (
    HINTS,
    Box,
    Check,
    Document,
    EngineInfo,
    ErrorItem,
    Evidence,
    FieldRecord,
    FieldStatus,
    Match,
    Outcome,
    Reason,
    Record,
    RecordStatus,
    WordSource,
)

FINGERPRINT = "0123456789abcdef"
FIELDS = [
    ("invoice_number", "identifier"),
    ("issue_date", "date"),
    ("seller.name", "name"),
    ("totals.gross", "money"),
    ("taxes[].rate", "percent"),
    ("taxes[].amount", "money"),
    ("lines[].description", "text"),
    ("lines[].net", "money"),
]
OPTIONS = {"schema_name": "invoice", "fields": FIELDS}


def document(name: str, relative: str | None = None, data: bytes | None = None) -> Document:
    """Return a document whose bytes are made from its name unless given."""
    sha256 = hashlib.sha256(name.encode() if data is None else data).hexdigest()
    path = f"in/{name}"
    return Document(
        path, path.encode(), sha256, "application/pdf", 1000, name if relative is None else relative
    )


def record(doc: Document, number: str = "INV-1", **values: Any) -> Record:
    """Return an ok invoice record with one line."""
    tree = {
        "invoice_number": number,
        "issue_date": "2024-03-01",
        "seller": {"name": "Müller & Söhne"},
        "totals": {"gross": "-59.40"},
        "taxes": [{"rate": "20", "amount": "9.90"}],
        "lines": [{"description": "Bolts", "net": "49.50"}],
    }
    evidence = Evidence(1, Box(0.1, 0.2, 0.3, 0.25), number, Match.EXACT, WordSource.TEXT_LAYER)
    field = FieldRecord(number, FieldStatus.VERIFIED, 0.98, (evidence,))
    return Record(
        document=doc,
        num_pages=1,
        schema_name="invoice",
        schema_id="abc",
        status=RecordStatus.OK,
        values=tree | values,
        fields={"invoice_number": field},
        checks=(Check("BR-CO-15", Outcome.PASSED, ("totals.gross",)),),
        engine=EngineInfo("text"),
        errors=(),
        timings_ms={"open": 12.0, "answer": 31.0},
        fingerprint=FINGERPRINT,
        pages=({"number": 1},),
    )


def failed(doc: Document, reason: Reason = Reason.CORRUPT) -> Record:
    """Return the record of a document that could not be read."""
    return Record(
        document=doc,
        num_pages=0,
        schema_name="invoice",
        schema_id="abc",
        status=RecordStatus.FAILED,
        values=None,
        fields={},
        checks=(),
        engine=EngineInfo("text"),
        errors=(ErrorItem("open", reason.value, "it is broken", HINTS[reason]),),
        timings_ms={},
        fingerprint=FINGERPRINT,
    )

"""Makes the record of a document: of what was judged, or of why nothing could be.

Knows nothing of engines, or of how values are judged.
"""

from __future__ import annotations

from dataclasses import replace

from docextract.core import (
    Document,
    EngineInfo,
    ErrorItem,
    OpenedDocument,
    Page,
    Record,
    RecordStatus,
    Tree,
)
from docextract.pipeline.kinds.kind_check import find_other_kind
from docextract.pipeline.kinds.schema_choice import Choice
from docextract.pipeline.kinds.status_marks import find_mark
from docextract.pipeline.questions import Asking
from docextract.pipeline.splitting.mixture import find_faults
from docextract.schema import Schema
from docextract.verify.confidence.weights import Calibration
from docextract.verify.injection import INJECTION, find_warnings
from docextract.verify.status.field_status import Judgement
from docextract.verify.status.record_status import assess_record
from docextract.verify.status.review_reasons import Findings


def make_record(
    opened: OpenedDocument,
    engine: EngineInfo,
    fingerprint: str,
    judgement: Judgement,
    asking: Asking,
    errors: list[ErrorItem],
    timings_ms: dict[str, float],
    calibration: Calibration,
    *,
    split: str,
    choice: Choice | None = None,
) -> Record:
    """Return the record of a document that was read.

    Args:
        opened: the document.
        engine: which engine answered.
        fingerprint: of all that can change an answer.
        judgement: what was answered, and what it is worth.
        asking: what was asked.
        errors: of pages and questions.
        timings_ms: by stage, after opening.
        calibration: how sure the record as a whole is, and how sure is sure enough.
        split: see ``ReadOptions.split``.
        choice: of the schema, where there were several.
    """
    fields = judgement.fields
    schema = fields.schema
    warnings = find_warnings(opened.pages)
    of_kind = find_other_kind(opened, schema.name) if choice is None else choice.checks
    about = (*find_faults(opened, split), *of_kind, *find_mark(opened, schema.name))
    checks = (*judgement.checks, *about)
    findings = Findings(
        schema,
        fields,
        checks,
        errors,
        judgement.repairs,
        [item for item in warnings if item.id == INJECTION],
    )
    is_read = bool(opened.pages) and not asking.is_in_vain
    verdict = assess_record(findings, calibration, is_read=is_read)
    is_failed = verdict.status is RecordStatus.FAILED
    bare = failed_record(opened.document, schema, engine, tuple(errors), fingerprint)
    return replace(
        bare,
        num_pages=opened.num_pages,
        status=verdict.status,
        confidence=verdict.confidence,
        review_reasons=tuple(reason.text for reason in verdict.reasons),
        values=None if is_failed else judgement.values,
        fields={} if is_failed else {path: fields[path].to_record() for path in fields},
        checks=() if is_failed else (*checks, *warnings),
        timings_ms={**opened.timings_ms, **timings_ms},
        pages=tuple(_page_json(page) for page in opened.pages),
        repairs=judgement.repairs,
        questions=asking.asked,
        usage=asking.usage,
        kind=None if choice is None else choice.kind,
    )


def unread_record(
    opened: OpenedDocument,
    schema: Schema,
    engine: EngineInfo,
    fingerprint: str,
    choice: Choice,
    *,
    split: str,
) -> Record:
    """Return the record of a document that none of several schemas is for; people look at it.

    Args:
        opened: the document.
        schema: the several as one, which the record names.
        engine: which engine would have answered.
        fingerprint: of all that can change an answer.
        choice: why it is for none.
        split: see ``ReadOptions.split``.
    """
    checks = (*choice.checks, *find_faults(opened, split))
    told = [error.message for error in opened.errors] + [check.message for check in checks]
    return replace(
        failed_record(opened.document, schema, engine, opened.errors, fingerprint),
        num_pages=opened.num_pages,
        status=RecordStatus.REVIEW,
        review_reasons=tuple(f"{text[:1].upper()}{text[1:].rstrip('.')}." for text in told),
        values={},
        checks=checks,
        timings_ms=dict(opened.timings_ms),
        pages=tuple(_page_json(page) for page in opened.pages),
        kind=choice.kind,
    )


def _page_json(page: Page) -> Tree:
    return {
        "page": page.number,
        "width": round(page.width, 1),
        "height": round(page.height, 1),
        "rotation": page.rotation,
        "words": len(page.words),
        "word_source": page.word_source.value,
        "notes": list(page.notes),
    }


def failed_record(
    document: Document,
    schema: Schema,
    engine: EngineInfo,
    errors: tuple[ErrorItem, ...],
    fingerprint: str,
) -> Record:
    """Return the record of a document that could not be read."""
    return Record(
        document=document,
        num_pages=0,
        schema_name=schema.name,
        schema_id=schema.id,
        status=RecordStatus.FAILED,
        values=None,
        fields={},
        checks=(),
        engine=engine,
        errors=errors,
        timings_ms={},
        fingerprint=fingerprint,
    )

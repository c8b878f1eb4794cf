"""The order for one document: open, ask, answer, normalise, merge, validate, ground, judge.

Knows nothing of runs, stores or terminals; one opened document in, one record out.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from docextract.assessment import Finding, Verdicts, assess_field, assess_record
from docextract.engine.base import Answer, Engine, Question, StopReason
from docextract.errors import HINTS, DocumentError, EngineError, Reason
from docextract.grounding import Grounder
from docextract.merging import Disagreement, Merged, leaves, merge_answers, merge_embedded
from docextract.normalise.locale import LocaleEvidence, gather_evidence
from docextract.normalise.reading import NOTHING, Reading
from docextract.normalise.values import normalise_tree
from docextract.records import (
    Check,
    Document,
    EngineInfo,
    ErrorItem,
    FieldRecord,
    OpenedDocument,
    Page,
    Record,
    RecordStatus,
    Tree,
)
from docextract.schema.fields import Field, Schema
from docextract.validation import PROOFS, strict_values, validate


@dataclass(frozen=True, slots=True)
class DocumentJob:
    """What is the same for every document of a run."""

    schema: Schema
    engine: Engine
    fingerprint: str
    today: dt.date


class Stopwatch:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.ms[stage] = self.ms.get(stage, 0) + 1000 * (time.perf_counter() - start)


def make_record(opened: OpenedDocument, job: DocumentJob) -> Record:
    """Return the record of one opened document.

    An engine that fails on this document leaves an error on the record; what embedded
    data gives is kept.
    """
    watch = Stopwatch()
    errors = list(opened.errors)
    with watch.time("answer"):
        answer, disagreements = _ask(opened, job, errors)
    with watch.time("normalise"):
        evidence = gather_evidence(_lines(opened.pages))
        typed, readings = normalise_tree(answer.values, job.schema, evidence)
        merged = _merge(opened, typed, job.schema)
    with watch.time("validate"):
        checks = validate(merged.values, job.schema, job.today)
        values, schema_checks = strict_values(merged.values, job.schema)
        checks = (*checks, *schema_checks)
    with watch.time("ground"):
        by_path = {item.path: item for item in (*disagreements, *merged.disagreements)}
        grounder = Grounder(opened.pages, evidence)
        answered = _Answered(answer, merged, readings, by_path, grounder)
        findings = list(_findings(job.schema, answered))
        supported = frozenset(item.path for item in findings if item.is_supported)
        verdicts = Verdicts(checks, PROOFS, supported)
        fields = {item.path: assess_field(item, verdicts) for item in findings}
    return _record(opened, job, values, fields, checks, errors, watch)


def _ask(
    opened: OpenedDocument, job: DocumentJob, errors: list[ErrorItem]
) -> tuple[Answer, tuple[Disagreement, ...]]:
    if not opened.pages:
        return Answer({}), ()
    # A model sees one page at a time; a reader of words sees the whole document.
    views = [(page,) for page in opened.pages] if job.engine.needs_images else [opened.pages]
    questions = [Question(opened.document.sha256, view, job.schema) for view in views]
    try:
        answers = job.engine.answer(questions)
    except EngineError as error:
        errors.append(error_item(error, "answer"))
        return Answer({}), ()
    answer, disagreements = merge_answers(answers)
    if answer.stop_reason is not StopReason.END:
        reason = Reason.TRUNCATED_ANSWER
        message = f"the answer stopped early: {answer.stop_reason}"
        errors.append(ErrorItem("answer", reason, message, HINTS[reason]))
    return answer, disagreements


def _lines(pages: tuple[Page, ...]) -> Iterator[str]:
    """Yield each page's words as one text; enough context for locale evidence."""
    for page in pages:
        yield " ".join(word.text for word in page.words)


def _merge(opened: OpenedDocument, typed: Tree, schema: Schema) -> Merged:
    if opened.embedded is None:
        return Merged(typed)
    # XML writes decimals with a point and dates in ISO, whatever the page does.
    habits = LocaleEvidence(decimal_mark=".")
    embedded, readings = normalise_tree(opened.embedded.values, schema, habits)
    quotes = {
        path: opened.embedded.quotes.get(reading.source_path or path, reading.value)
        for path, reading in readings.items()
        if reading.value is not None
    }
    return merge_embedded(embedded, typed, schema, quotes)


@dataclass(frozen=True, slots=True)
class _Answered:
    """One document's answer on its way to findings."""

    answer: Answer
    merged: Merged
    readings: dict[str, Reading]
    disagreements: dict[str, Disagreement]
    grounder: Grounder


def _finding(path: str, value: str | None, field: Field, answered: _Answered) -> Finding:
    xml_quote = answered.merged.quotes.get(path)
    disagreement = answered.disagreements.get(path)
    if value is None:
        return Finding(path, field, None, answered.readings.get(path), ())
    if xml_quote is not None:
        grounded = answered.grounder.ground(field, value, None)
        if disagreement and answered.grounder.is_printed(field, value):
            # The page prints the XML's value too, so the reading of the page was wrong.
            disagreement = None
        return Finding(path, field, value, None, grounded, None, disagreement, xml_quote)
    reading = answered.readings.get(path, NOTHING)
    source = reading.source_path or path
    probability = answered.answer.probabilities.get(source)
    grounded = answered.grounder.ground(
        field, value, reading.raw, answered.answer.places.get(source), probability
    )
    return Finding(path, field, value, reading, grounded, probability, disagreement)


def _findings(schema: Schema, answered: _Answered) -> Iterator[Finding]:
    for path, value in leaves(answered.merged.values):
        field = schema.field_at(path)
        if field is not None:
            yield _finding(path, None if value is None else str(value), field, answered)


def _record(
    opened: OpenedDocument,
    job: DocumentJob,
    values: Tree | None,
    fields: dict[str, FieldRecord],
    checks: tuple[Check, ...],
    errors: list[ErrorItem],
    watch: Stopwatch,
) -> Record:
    status = assess_record(job.schema, fields, checks, errors, len(opened.pages))
    return Record(
        document=opened.document,
        num_pages=opened.num_pages,
        schema_name=job.schema.name,
        schema_id=job.schema.id,
        status=status,
        values=None if status is RecordStatus.FAILED else values,
        fields={} if status is RecordStatus.FAILED else fields,
        checks=checks if status is not RecordStatus.FAILED else (),
        engine=job.engine.info,
        errors=tuple(errors),
        timings_ms={**opened.timings_ms, **watch.ms},
        fingerprint=job.fingerprint,
        pages=tuple(_page_json(page) for page in opened.pages),
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


def error_item(error: DocumentError, stage: str) -> ErrorItem:
    """Return a document error as it is stored."""
    return ErrorItem(stage, error.reason.value, str(error), error.hint, error.page)

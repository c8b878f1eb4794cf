"""The order for one document: open, ask, answer, normalise, merge, repair, validate, ground, judge.

Knows nothing of runs, stores or terminals; one opened document in, one record out.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from docextract.assessment import Verdicts, assess_field, assess_record
from docextract.confidence import Weights, shipped_weights
from docextract.documents.parts import OpenedHeader, Part, collect
from docextract.engine.base import Answer, Engine, Question, StopReason
from docextract.errors import HINTS, DocumentError, EngineError, Reason
from docextract.findings import Answered, make_findings
from docextract.grounding import Grounder
from docextract.merging import Merged, merge_answers, merge_embedded
from docextract.normalise.locale import LocaleEvidence, gather_evidence
from docextract.normalise.reading import Reading
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
    Repair,
    Tree,
    WordSource,
)
from docextract.repairing import Repaired, Sources, repair
from docextract.schema.fields import Schema
from docextract.suspicion import INJECTION, find_warnings
from docextract.validation import PROOFS, REPAIRS, UPWARD, Print, strict_values, validate


@dataclass(frozen=True, slots=True)
class DocumentJob:
    """What is the same for every document of a run."""

    schema: Schema
    engine: Engine
    fingerprint: str
    today: dt.date
    weights: Weights = field(default_factory=shipped_weights)


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


class Assembly:
    """Takes a document's parts as they come and makes its record of them.

    A page with pixels is asked about at once and then loses them, so that a document of any
    length needs the memory of one page image.
    """

    def __init__(self, job: DocumentJob) -> None:
        self._job = job
        self._parts: list[Part] = []
        self._asked = _Asked(job)

    def add(self, part: Part) -> None:
        """Take one part, in the order in which the document was opened."""
        if isinstance(part, OpenedHeader):
            self._asked.document_id = part.document.sha256
        if isinstance(part, Page) and self._job.engine.needs_images:
            self._asked.ask((part,))
            part = replace(part, image=None, size=None)
        self._parts.append(part)

    def record(self) -> Record:
        """Return the record, once all parts are there."""
        opened = collect(self._parts)
        if opened.pages and not self._job.engine.needs_images:
            self._asked.ask(opened.pages)
        return _make_record(opened, self._job, self._asked)


class _Asked:
    """Answers so far, what went wrong with others, and how long they took."""

    def __init__(self, job: DocumentJob) -> None:
        self.answers: list[Answer] = []
        self.errors: list[ErrorItem] = []
        self.watch = Stopwatch()
        self.document_id = ""
        self._job = job

    def ask(self, pages: tuple[Page, ...]) -> None:
        """Ask one question; an engine that fails leaves an error and no answer."""
        question = Question(self.document_id, pages, self._job.schema)
        with self.watch.time("answer"):
            try:
                self.answers += self._job.engine.answer([question])
            except EngineError as error:
                self.errors.append(error_item(error, "answer"))


def _make_record(opened: OpenedDocument, job: DocumentJob, asked: _Asked) -> Record:
    watch, errors = asked.watch, [*opened.errors, *asked.errors]
    answer, disagreements = merge_answers(asked.answers or [Answer({})])
    if answer.stop_reason is not StopReason.END:
        reason = Reason.TRUNCATED_ANSWER
        message = f"the answer stopped early: {answer.stop_reason}"
        errors.append(ErrorItem("answer", reason, message, HINTS[reason]))
    with watch.time("normalise"):
        evidence = gather_evidence(_lines(opened.pages))
        typed, readings = normalise_tree(answer.values, job.schema, evidence)
        merged = _merge(opened, typed, job.schema)
    grounder = Grounder(opened.pages, evidence)
    with watch.time("repair"):
        sources = Sources(answer, job.schema, readings, grounder, evidence)
        repaired = _repair(merged, sources, job)
        merged = replace(merged, values=repaired.values)
    with watch.time("validate"):
        values, schema_checks = strict_values(merged.values, job.schema)
        prints = _prints(answer, readings, repaired)
        checks = (*validate(merged.values, job.schema, job.today, prints), *schema_checks)
    warnings = find_warnings(opened.pages)
    with watch.time("ground"):
        by_path = {item.path: item for item in (*disagreements, *merged.disagreements)}
        is_exact = _is_exact_text(opened)
        answered = Answered(answer, merged, readings, by_path, grounder, repaired, is_exact)
        findings = list(make_findings(job.schema, answered))
        supported = frozenset(item.path for item in findings if item.is_supported)
        verdicts = Verdicts(checks, PROOFS, supported)
        fields = {item.path: assess_field(item, verdicts, job.weights) for item in findings}
    repairs = tuple(repaired.repairs.values())
    return _record(opened, job, values, fields, (*checks, *warnings), repairs, errors, watch)


def _is_exact_text(opened: OpenedDocument) -> bool:
    """Whether every page was read and its words are those of a text layer."""
    is_whole = 0 < opened.num_pages == len(opened.pages)
    return is_whole and all(page.word_source is WordSource.TEXT_LAYER for page in opened.pages)


def _repair(merged: Merged, sources: Sources, job: DocumentJob) -> Repaired:
    """Repair what was read from pages; embedded data is the sender's word and stays as it is."""
    if merged.quotes:
        return Repaired(merged.values, {}, {})

    def judge(values: Tree) -> tuple[Check, ...]:
        return validate(values, job.schema, job.today)

    return repair(merged.values, sources, judge, frozenset(REPAIRS), PROOFS, UPWARD)


def _prints(answer: Answer, readings: dict[str, Reading], repaired: Repaired) -> dict[str, Print]:
    """Return how each value is printed, and on which page if the engine said where."""
    found = {path: item.reading for path, item in repaired.candidates.items()}
    places = {path: item.place for path, item in repaired.candidates.items()}
    prints = {}
    for path, reading in (readings | found).items():
        place = places.get(path) or answer.places.get(reading.source_path or path)
        prints[path] = Print(reading.raw, place.page if place else None)
    return prints


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


def _record(
    opened: OpenedDocument,
    job: DocumentJob,
    values: Tree | None,
    fields: dict[str, FieldRecord],
    checks: tuple[Check, ...],
    repairs: tuple[Repair, ...],
    errors: list[ErrorItem],
    watch: Stopwatch,
) -> Record:
    status = assess_record(
        job.schema,
        fields,
        checks,
        errors,
        len(opened.pages),
        is_for_people=bool(repairs) or any(check.id == INJECTION for check in checks),
    )
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
        repairs=repairs,
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

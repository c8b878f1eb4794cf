"""Makes replies: a record where fields are asked for, else what was said and where it stands.

Knows nothing of workers, files of questions or terminals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from docextract.ask.questions.free_questions import Inquired, Inquiry
from docextract.ask.questions.subjects import Source, joined
from docextract.ask.replies.reply import FieldsReply, FreeReply, Reply
from docextract.ask.replies.support import free_replies
from docextract.core import Document, ErrorItem, ReadOptions, Record, fingerprint
from docextract.engine.base import Engine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.pipeline.driver import Assembling
from docextract.pipeline.record import failed_record
from docextract.schema import Schema
from docextract.verify.confidence.weights import shipped_calibration

Outcome = Record | Inquired


@dataclass(frozen=True, slots=True)
class Replier:
    """Makes the replies of one call.

    Attributes:
        engine: which answers.
        read: how documents are opened.
        today: dates of fields are judged by it.
        schema: the fields that are asked for; None for questions in a person's own words.
    """

    engine: Engine
    read: ReadOptions
    today: dt.date
    schema: Schema | None

    def begin(self, questions: Sequence[str], *, is_together: bool = False) -> Assembling[Outcome]:
        """Return the place where a document, or several together, are asked about."""
        if self.schema is None:
            return Inquiry(self.engine, questions, is_one_question=is_together)
        job = DocumentJob(self.schema, self.engine, self.fingerprint(self.schema), self.today)
        return Assembly(job, is_one_question=is_together)

    def replies(self, outcome: Outcome, sources: tuple[Source, ...]) -> list[Reply]:
        """Return the replies to all that was asked of a document."""
        if isinstance(outcome, Record):
            return [FieldsReply(outcome, sources)]
        return [*free_replies(outcome, sources, self.engine.info)]

    def failures(
        self, questions: Sequence[str], sources: tuple[Source, ...], errors: tuple[ErrorItem, ...]
    ) -> list[Reply]:
        """Return the replies about what could not be opened or asked about."""
        info, schema = self.engine.info, self.schema
        if schema is None:
            return [FreeReply(text, sources, (), False, info, errors) for text in questions]
        document = joined([source.document for source in sources])
        record = failed_record(document, schema, info, errors, self.fingerprint(schema))
        return [FieldsReply(record, sources)]

    def fingerprint(self, schema: Schema) -> str:
        """Return what changes whenever a record of these fields could."""
        calibration = shipped_calibration()
        return fingerprint(schema.id, self.read, asdict(self.engine.info), calibration.id)


def source_of(outcome: Outcome, document: Document) -> Source:
    """Return the one document that an outcome is about, with its pages that were read."""
    if isinstance(outcome, Record):
        return Source(document, tuple(int(page["page"]) for page in outcome.pages))
    return Source(document, tuple(page.number for page in outcome.opened.pages))

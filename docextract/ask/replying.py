"""Makes replies: a record where fields were asked for, else what was said and where it stands.

Knows nothing of workers, questions' files or terminals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from docextract.ask.judging import free_reply
from docextract.ask.replies import FieldsReply, FreeReply, Reply
from docextract.ask.subjects import Source, Subject, joined
from docextract.ask.wanted import Heard, Wanted
from docextract.confidence import shipped_weights
from docextract.config import ReadOptions, fingerprint
from docextract.engine.base import Engine
from docextract.pipeline import DocumentJob, failed_record, record_of
from docextract.records import ErrorItem
from docextract.schema.fields import Schema
from docextract.schema.free import is_free_answer


@dataclass(frozen=True, slots=True)
class Replier:
    """Makes the replies of one call.

    Attributes:
        engine: which answers.
        read: how documents are opened.
        today: dates of fields are judged by it.
    """

    engine: Engine
    read: ReadOptions
    today: dt.date

    def replies(
        self, wanted: Sequence[Wanted], subject: Subject, heard: Sequence[Sequence[Heard]]
    ) -> list[Reply]:
        """Return one reply for each thing wanted, from what was heard of it."""
        return [
            self._reply(item, subject, answers) for item, answers in zip(wanted, heard, strict=True)
        ]

    def failures(
        self, wanted: Sequence[Wanted], sources: tuple[Source, ...], errors: tuple[ErrorItem, ...]
    ) -> list[Reply]:
        """Return one reply for each thing wanted of what could not be opened or asked about."""
        return [self._failure(item, sources, errors) for item in wanted]

    def fingerprint(self, schema: Schema) -> str:
        """Return what changes whenever a record of these fields could."""
        weights = shipped_weights()
        return fingerprint(schema.id, self.read, asdict(self.engine.info), weights.id)

    def _reply(self, wanted: Wanted, subject: Subject, heard: Sequence[Heard]) -> Reply:
        if is_free_answer(wanted.schema):
            return free_reply(wanted.question, subject, heard, self.engine.info)
        schema = wanted.schema
        job = DocumentJob(schema, self.engine, self.fingerprint(schema), self.today)
        answers = [item.answer for item in heard]
        return FieldsReply(record_of(subject.opened, job, answers), subject.sources)

    def _failure(
        self, wanted: Wanted, sources: tuple[Source, ...], errors: tuple[ErrorItem, ...]
    ) -> Reply:
        info, schema = self.engine.info, wanted.schema
        if is_free_answer(schema):
            return FreeReply(wanted.question, sources, (), False, info, errors)
        document = joined([source.document for source in sources])
        mark = self.fingerprint(schema)
        return FieldsReply(failed_record(document, schema, info, errors, mark), sources)

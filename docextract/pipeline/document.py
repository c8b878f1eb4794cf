"""The order for one document: open, ask, answer, judge, look closer, record.

Knows nothing of runs, stores or terminals; one opened document in, one record out. To judge
is to normalise, merge, repair, validate, ground and assess (``assess``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from docextract.core import ANSWER_STAGE, HINTS, ErrorItem, OpenedDocument, Page, Reason, Record
from docextract.documents.pages.parts import OpenedHeader, Part, collect
from docextract.engine.base import Answer, Engine, Question, StopReason
from docextract.pipeline.assess import Judge, Stopwatch
from docextract.pipeline.dispatch import Reply, ask
from docextract.pipeline.questions import Asking, without_pixels
from docextract.pipeline.reask import closer_questions
from docextract.pipeline.record import make_record
from docextract.pipeline.revision import revise
from docextract.schema import Schema
from docextract.verify.confidence.weights import Calibration, shipped_calibration
from docextract.verify.merging import merge_answers


@dataclass(frozen=True, slots=True)
class DocumentJob:
    """What is the same for every document of a run."""

    schema: Schema
    engine: Engine
    fingerprint: str
    today: dt.date
    calibration: Calibration = field(default_factory=shipped_calibration)


class Assembly:
    """Takes a document's parts and answers as they come and makes its record of them.

    Questions can be carried to the engine together with those of other documents: take what
    is in ``questions()``, give back each reply, and ask for the ``outcome()``. ``record()``
    does all of it for a document that stands alone and has no pixels to hold.

    Args:
        job: what is the same for every document.
        is_one_question: all pages stand in one question, however many.

    Attributes:
        is_whole: whether all parts are there.
    """

    def __init__(self, job: DocumentJob, *, is_one_question: bool = False) -> None:
        self._job = job
        self._parts: list[Part] = []
        self._asking = Asking(job.engine, job.schema, is_one_question=is_one_question)
        self._watch = Stopwatch()
        self.is_whole = False
        self._draft: _Draft | None = None

    @property
    def kept_pages(self) -> tuple[Page, ...]:
        """The pages whose pixels are kept for a closer look."""
        return self._asking.kept_pages

    def add(self, part: Part) -> None:
        """Take one part, in the order in which the document was opened."""
        if isinstance(part, OpenedHeader):
            self._asking.document_id = part.document.sha256
        if isinstance(part, Page):
            self._asking.add(part)
            part = without_pixels(part)
        self._parts.append(part)

    def end(self) -> None:
        """Say that all parts are there."""
        self.is_whole = True
        self._asking.end()

    def questions(self) -> list[Question]:
        """Return the questions that are to be asked now; each is returned once."""
        return self._asking.take()

    def answered(self, question: Question, reply: Reply) -> None:
        """Take the reply to one question.

        Raises:
            Exception: the engine's bug, if that is what came back.
        """
        self._watch.add(ANSWER_STAGE, reply.ms)
        if reply.bug is not None:
            raise reply.bug
        self._asking.answered(question, reply.answer)

    def outcome(self) -> Record | None:
        """Return the record; None while parts, questions or answers are to come."""
        if not self.is_whole or self._asking.ready or self._asking.num_open:
            return None
        if self._draft is None:
            self._draft = _Draft(collect(self._parts), self._job, self._asking, self._watch)
            self._asking.look_closer(self._draft.doubts())
            if self._asking.ready:
                return None
        return self._draft.record()

    def record(self) -> Record:
        """Ask all there is to ask and return the record, once all parts are there."""
        self.end()
        while (record := self.outcome()) is None:
            questions = self.questions()
            for question, reply in zip(questions, ask(self._job.engine, questions), strict=True):
                self.answered(question, reply)
        return record


class _Draft:
    """A document whose whole questions are answered: judged, perhaps looked at again."""

    def __init__(
        self, opened: OpenedDocument, job: DocumentJob, asking: Asking, watch: Stopwatch
    ) -> None:
        self._opened = opened
        self._job = job
        self._asking = asking
        self._watch = watch
        self._judge = Judge(opened, job.schema, job.today, job.calibration, watch)
        self._judged = self._judge.judge(*merge_answers(asking.answers or [Answer({})]))
        self._num_doubts = 0

    def doubts(self) -> list[Question]:
        """Return the closer looks worth asking for, where pixels are still there."""
        pages, asking = self._asking.kept_pages, self._asking
        is_whole = len(pages) == len(self._opened.pages)
        if not asking.answers or not is_whole:
            return []
        found = closer_questions(asking.document_id, pages, self._job.schema, self._judged)
        self._num_doubts = len(found)
        return found

    def record(self) -> Record:
        job, asking = self._job, self._asking
        judged = revise(
            self._judged, asking.closer_answers, job.schema, self._judge.judge, self._num_doubts
        )
        errors = [*self._opened.errors, *asking.errors, *_cut(self._judged.answer)]
        if asking.is_in_vain:
            # A page that is missing is not why there is nothing.
            errors.sort(key=lambda item: item.stage != ANSWER_STAGE)
        info, key, ms = job.engine.info, job.fingerprint, self._watch.ms
        fitted = job.calibration
        return make_record(self._opened, info, key, judged, asking, errors, ms, fitted)


def _cut(answer: Answer) -> list[ErrorItem]:
    """Return the error of an answer that stopped early, if it did."""
    if answer.stop_reason is StopReason.END:
        return []
    reason = Reason.TRUNCATED_ANSWER
    message = f"the answer stopped early: {answer.stop_reason}"
    return [ErrorItem(ANSWER_STAGE, reason, message, HINTS[reason])]

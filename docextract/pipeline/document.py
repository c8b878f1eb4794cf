"""The order for one document: open, ask, answer, judge, look closer, record.

Knows nothing of runs, stores or terminals; one opened document in, one record out. To judge
is to normalise, merge, repair, validate, ground and assess (``assess``). Where the text engine
reads first, a model is asked what that leaves in doubt, or all, and both are joined.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from docextract.core import (
    ANSWER_STAGE,
    HINTS,
    EngineInfo,
    ErrorItem,
    OpenedDocument,
    Page,
    Reason,
    Record,
    RecordStatus,
)
from docextract.documents.pages import OpenedHeader, Part, collect
from docextract.engine.base import Answer, Engine, Question, StopReason
from docextract.learning.memory import NO_MEMORY, Memory
from docextract.pipeline.assess import Judge, Stopwatch
from docextract.pipeline.dispatch import Reply, ask
from docextract.pipeline.kinds.schema_choice import Choice, choose, is_enough
from docextract.pipeline.questions import Asking, without_pixels
from docextract.pipeline.reask import closer_questions, doubtful_questions
from docextract.pipeline.record import make_record, unread_record
from docextract.pipeline.revision import revise
from docextract.pipeline.two_readers import join
from docextract.schema import Schema
from docextract.verify.confidence.weights import Calibration, shipped_calibration
from docextract.verify.merging import merge_answers
from docextract.verify.status.field_status import Judgement


@dataclass(frozen=True, slots=True)
class DocumentJob:
    """What is the same for every document of a run.

    Attributes:
        info: which engine records name; ``ask`` says what it is asked of what the text engine
            has read, None where it reads alone. That of ``engine`` if None.
        split: see ``ReadOptions.split``.
        choice: of the schema for one document, where there were several.
    """

    schema: Schema
    engine: Engine
    fingerprint: str
    today: dt.date
    calibration: Calibration = field(default_factory=shipped_calibration)
    info: EngineInfo | None = None
    memory: Memory = NO_MEMORY
    split: str = "sure"
    choice: Choice | None = None

    def chosen(self, opened: OpenedDocument) -> DocumentJob:
        """Return the job with the one of several schemas that a document is to be read with.

        Where none is for it, the several stay.
        """
        if not self.schema.among or self.choice is not None:
            return self
        choice = choose(self.schema.among, opened)
        return replace(self, schema=choice.schema or self.schema, choice=choice)

    @property
    def reader(self) -> EngineInfo:
        """Which engine records name."""
        return self.info or self.engine.info


@dataclass(frozen=True, slots=True)
class FirstReading:
    """What the text engine says of a document, as a part that comes after all others.

    Attributes:
        answer: its answer.
        ms: milliseconds it took.
        parts: what it was read from, where those parts were not sent before; without pixels.
    """

    answer: Answer
    ms: float = 0.0
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page of a first reading once more, with its pixels, as a model is to be asked about it."""

    page: Page


def read_first(job: DocumentJob, parts: Sequence[Part]) -> FirstReading:
    """Return what an engine without eyes says of a document.

    Args:
        job: the text engine and what is wanted.
        parts: of the opened document.

    Raises:
        Exception: the engine's bug.
    """
    opened = collect(parts)
    schema = job.chosen(opened).schema
    if not opened.pages or schema.among:
        return FirstReading(Answer({}))
    (reply,) = ask(job.engine, [Question(opened.document.sha256, opened.pages, schema)])
    if reply.bug is not None:
        raise reply.bug
    return FirstReading(reply.answer, reply.ms)


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
        self._is_one_question = is_one_question
        self._asking = self._new_asking()
        self._held: list[Page] = []
        self._pages: list[Page] = []
        self._watch = Stopwatch()
        self.is_whole = False
        self._draft: _Draft | None = None
        self._first: FirstReading | None = None
        self._shown: dict[int, Page] = {}

    @property
    def kept_pages(self) -> tuple[Page, ...]:
        """The pages whose pixels are kept for later questions."""
        return (*self._asking.kept_pages, *self._shown.values(), *self._held)

    def add(self, part: Part | FirstReading | ShownPage) -> None:
        """Take one part, in the order in which the document was opened."""
        if isinstance(part, FirstReading):
            self._first = part
            self._parts += part.parts
            self._watch.add(ANSWER_STAGE, part.ms)
        elif isinstance(part, ShownPage):
            self._shown[part.page.number] = part.page
        else:
            self._add(part)

    def _add(self, part: Part) -> None:
        if isinstance(part, OpenedHeader):
            self._asking.document_id = part.document.sha256
        if not isinstance(part, Page):
            self._parts.append(part)
            return
        self._pages.append(without_pixels(part))
        self._parts.append(self._pages[-1])
        if self._job.reader.ask != "doubt":
            self._held.append(part)
        if is_enough(self._pages):
            self._choose()
        if not self._is_open:
            self._ask_about_held()

    def end(self) -> None:
        """Say that all parts are there."""
        self.is_whole = True
        self._choose()
        self._ask_about_held()
        self._asking.end()

    @property
    def _is_open(self) -> bool:
        """Whether it is still to be told which of several schemas the document is for."""
        return bool(self._job.schema.among) and self._job.choice is None

    def _new_asking(self) -> Asking:
        job = self._job
        return Asking(job.engine, job.schema, is_one_question=self._is_one_question)

    def _choose(self) -> None:
        """Choose the schema, where there are several; nothing was asked before."""
        if not self._is_open:
            return
        self._job = self._job.chosen(collect(self._parts))
        document_id, self._asking = self._asking.document_id, self._new_asking()
        self._asking.document_id = document_id

    def _ask_about_held(self) -> None:
        """Ask about the pages that have waited; of a document that no schema is for, nothing."""
        for page in () if self._job.schema.among else self._held:
            self._asking.add(page)
        self._held = []

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
        job = self._job
        if job.schema.among and job.choice is not None:
            opened, mark = collect(self._parts), job.fingerprint
            return unread_record(opened, job.schema, job.reader, mark, job.choice, split=job.split)
        if self._draft is None:
            self._draft = self._begun()
            if self._asking.ready:
                return None
        return self._draft.record()

    def _begun(self) -> _Draft:
        opened = collect(self._parts)
        if self._job.reader.ask is None:
            draft = _Draft(opened, self._job, self._asking, self._watch)
            self._asking.look_closer(draft.doubts())
            return draft
        first = self._first.answer if self._first is not None else Answer({})
        pair = _Pair(opened, self._job, self._asking, self._watch, first)
        if self._job.reader.ask == "doubt":
            self._asking.ask(pair.doubtful(self._shown))
            self._shown = {}
        return pair

    def record(self) -> Record:
        """Ask all there is to ask and return the record, once all parts are there."""
        self.end()
        while (record := self.outcome()) is None:
            questions = self.questions()
            for question, reply in zip(questions, ask(self._job.engine, questions), strict=True):
                self.answered(question, reply)
        return record


class _Draft:
    """A document whose whole questions are answered: judged, perhaps looked at again.

    Args:
        opened: the document.
        job: what is the same for every document.
        asking: what was asked.
        watch: takes the time of each stage.
        first: the answer that is judged; what was answered to whole questions if None.
    """

    def __init__(
        self,
        opened: OpenedDocument,
        job: DocumentJob,
        asking: Asking,
        watch: Stopwatch,
        first: Answer | None = None,
    ) -> None:
        self._opened = opened
        self._job = job
        self._asking = asking
        self._watch = watch
        self._judge = Judge(opened, job.schema, job.today, job.calibration, watch, job.memory)
        self._judged = self._judge.judge(
            *merge_answers([first] if first is not None else asking.answers or [Answer({})])
        )
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
        judged = revise(
            self._judged,
            self._asking.closer_answers,
            self._job.schema,
            self._judge.judge,
            self._num_doubts,
        )
        return self._recorded(judged, self._judged.answer)

    def _recorded(self, judged: Judgement, answer: Answer) -> Record:
        """Return the record of a judgement, with all that failed or stopped early."""
        job, asking = self._job, self._asking
        errors = [*self._opened.errors, *asking.errors, *_cut(answer)]
        if asking.is_in_vain:
            # A page that is missing is not why there is nothing.
            errors.sort(key=lambda item: item.stage != ANSWER_STAGE)
        key, ms = job.fingerprint, self._watch.ms
        reader, fitted = self._reader(), job.calibration
        record = make_record(
            self._opened, reader, key, judged, asking, errors, ms, fitted,
            split=job.split, choice=job.choice,
        )  # fmt: skip
        layout = self._judge.layout
        has_told = any(value.memory for value in judged.fields.values())
        return replace(record, memory=layout.naming()) if layout and has_told else record

    def _reader(self) -> EngineInfo:
        """Return which engine answered, and whether its confidences are its own."""
        info = self._job.reader
        is_own = info.name == self._job.calibration.engine
        is_text = info.ask is not None and not self._asking.asked
        return info if is_own or is_text else replace(info, confidence="uncalibrated")


class _Pair(_Draft):
    """A document that the text engine has read, and a model is asked about."""

    def doubtful(self, shown: Mapping[int, Page]) -> list[Question]:
        """Return what is left in doubt; nothing of a document that is ``ok`` as it is."""
        if self._recorded(self._judged, self._judged.answer).status is RecordStatus.OK:
            return []
        pages = [shown.get(page.number, page) for page in self._opened.pages]
        found = doubtful_questions(self._asking.document_id, pages, self._job.schema, self._judged)
        self._num_doubts = len(found)
        return found

    def record(self) -> Record:
        said = self._asking.answers
        num_asked = self._num_doubts or len(self._asking.asked)
        name = self._job.reader.name
        judged = join(self._judged, said, self._judge, num_asked, name)
        return self._recorded(judged, merge_answers(said or [Answer({})])[0])


def _cut(answer: Answer) -> list[ErrorItem]:
    """Return the error of an answer that stopped early, if it did."""
    if answer.stop_reason is StopReason.END:
        return []
    reason = Reason.TRUNCATED_ANSWER
    message = f"the answer stopped early: {answer.stop_reason}"
    return [ErrorItem(ANSWER_STAGE, reason, message, HINTS[reason])]

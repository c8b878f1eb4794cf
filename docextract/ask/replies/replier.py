"""Makes replies: a record where fields are asked for, else what was said and where it stands.

Knows nothing of workers, files of questions or terminals.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from docextract.ask.questions.free_questions import Heard, Inquired, Inquiry
from docextract.ask.questions.subjects import Source, joined, nothing_to_see
from docextract.ask.replies.reply import FieldsReply, FreeReply, Reply, Said
from docextract.core import (
    Document,
    EngineInfo,
    ErrorItem,
    Evidence,
    Match,
    Page,
    ReadOptions,
    Reason,
    Record,
    fingerprint,
)
from docextract.engine.base import Engine, StopReason
from docextract.normalise import LocaleEvidence, gather_evidence, normalise
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.pipeline.driver import Assembling
from docextract.pipeline.record import failed_record
from docextract.schema import Field, FieldType, Kind, Schema
from docextract.schema.sources.free_question import ANSWER, free_answer
from docextract.verify.confidence.weights import shipped_calibration
from docextract.verify.grounding.grounder import Grounder

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


_FIELD = free_answer().fields[0]
_BY_VALUE = tuple(
    replace(_FIELD, kind=kind, comparison=FieldType(kind).comparison)
    for kind in (Kind.MONEY, Kind.DATE)
)
"""How an answer may say the same as the page in another spelling."""

_ALIKE = (Match.EXACT, Match.NORMALIZED, Match.FUZZY)


def free_replies(
    inquired: Inquired, sources: tuple[Source, ...], engine: EngineInfo
) -> list[FreeReply]:
    """Return the reply to each question that was asked.

    Args:
        inquired: what was answered.
        sources: the documents that were asked about.
        engine: which engine answered.
    """
    return [_free_reply(text, inquired, sources, engine) for text in inquired.heard]


def _free_reply(
    question: str, inquired: Inquired, sources: tuple[Source, ...], engine: EngineInfo
) -> FreeReply:
    opened, heard = inquired.opened, inquired.heard[question]
    pages = {page.number: page for page in opened.pages}
    habits = gather_evidence(" ".join(word.text for word in page.words) for page in opened.pages)
    said: dict[str, Said] = {}
    for item in heard:
        judged = _judged(item, [pages[number] for number in item.pages], habits)
        if judged is not None:
            known = said.get(judged.text, judged)
            best = max(known, judged, key=_worth)
            pages_of_both = tuple(dict.fromkeys((*known.pages, *judged.pages)))
            said[judged.text] = replace(best, pages=pages_of_both)
    is_answered = bool(said) or any(item.answer.stop_reason is StopReason.END for item in heard)
    errors = (*opened.errors, *inquired.errors[question], *_cut(heard), *nothing_to_see(opened))
    best_first = tuple(sorted(said.values(), key=_worth, reverse=True))
    asked = tuple(inquired.asked[question])
    return FreeReply(question, sources, best_first, is_answered, engine, errors, asked)


def _worth(said: Said) -> tuple[bool, bool, float]:
    evidence = said.evidence
    is_near = evidence is not None and evidence.match is not Match.FUZZY
    return is_near, evidence is not None, said.probability or 0.0


def _judged(item: Heard, pages: Sequence[Page], habits: LocaleEvidence) -> Said | None:
    raw = item.answer.values.get(ANSWER)
    text = normalise(raw, _FIELD, habits).value
    if text is None:
        return None
    return Said(
        text,
        item.pages,
        item.answer.probabilities.get(ANSWER),
        _find(text, str(raw), pages, habits),
        any(page.words for page in pages),
    )


def _find(text: str, raw: str, pages: Sequence[Page], habits: LocaleEvidence) -> Evidence | None:
    """Return where the answer is printed, the most alike first; None where no page has it."""
    found = [
        item.evidence
        for page in pages
        for field, value in _readings(text, raw, habits)
        for item in Grounder([page], habits).ground(field, value, raw)
    ]
    alike = [item for item in found if item.match is not Match.FUZZY or _same_digits(item, text)]
    return min(alike, key=lambda item: _ALIKE.index(item.match), default=None)


def _same_digits(evidence: Evidence, text: str) -> bool:
    """Whether all digits agree: 7 mm for 2 mm is no slip of the pen."""
    return re.findall(r"\d", evidence.quote) == re.findall(r"\d", text)


def _readings(text: str, raw: str, habits: LocaleEvidence) -> Iterator[tuple[Field, str]]:
    """Yield the answer as text and, where it is a number or a date, as what it means."""
    yield _FIELD, text
    for field in _BY_VALUE:
        value = normalise(raw, field, habits).value
        if value is not None:
            yield field, value


def _cut(heard: Sequence[Heard]) -> Iterator[ErrorItem]:
    for item in heard:
        stop = item.answer.stop_reason
        if stop is not StopReason.END:
            page = item.pages[0] if len(item.pages) == 1 else None
            message = f"the answer stopped early: {stop}"
            reason = Reason.TRUNCATED_ANSWER
            yield ErrorItem("answer", reason.value, message, _TRUNCATED[stop], page)


_TRUNCATED: Mapping[StopReason, str] = {
    StopReason.LENGTH: "It grew too long; ask for less at once.",
    StopReason.REPETITION: "The model repeated itself; ask in other words, or another model.",
}

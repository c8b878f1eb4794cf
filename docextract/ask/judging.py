"""What answers in a person's own words are worth: is what they say printed on the page?

Knows nothing of engines, files or terminals. That something is printed is no proof that it
answers the question, so no status is given: what is said is shown with its place and with the
probability of its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from docextract.ask.replies import FreeReply, Said
from docextract.ask.subjects import Subject
from docextract.ask.wanted import Heard
from docextract.engine.base import StopReason
from docextract.errors import HINTS, Reason
from docextract.grounding import Grounder
from docextract.normalise.locale import LocaleEvidence, gather_evidence
from docextract.normalise.values import normalise
from docextract.records import EngineInfo, ErrorItem, Evidence, Match, Page
from docextract.schema.fields import Field
from docextract.schema.free import ANSWER, free_answer
from docextract.schema.kinds import FieldType, Kind

_FIELD = free_answer().fields[0]
_BY_VALUE = tuple(
    replace(_FIELD, kind=kind, comparison=FieldType(kind).comparison)
    for kind in (Kind.MONEY, Kind.DATE)
)
"""How an answer may say the same as the page in another spelling."""

_ALIKE = (Match.EXACT, Match.NORMALIZED, Match.FUZZY)


def free_reply(
    question: str, subject: Subject, heard: Sequence[Heard], engine: EngineInfo
) -> FreeReply:
    """Return the reply to a question from all that was answered to it.

    Args:
        question: as it was asked.
        subject: what it was asked about, with its pages' words.
        heard: what the engine said, in the order of the pages.
        engine: which it is.
    """
    pages = {page.number: page for page in subject.opened.pages}
    habits = gather_evidence(" ".join(word.text for word in page.words) for page in pages.values())
    said: dict[str, Said] = {}
    for item in heard:
        judged = _judged(item, [pages[number] for number in item.pages], habits)
        if judged is not None:
            known = said.get(judged.text)
            said[judged.text] = judged if known is None else max(known, judged, key=_worth)
    is_answered = bool(said) or any(_is_whole(item) for item in heard)
    return FreeReply(
        question,
        subject.sources,
        tuple(sorted(said.values(), key=_worth, reverse=True)),
        is_answered,
        engine,
        (*subject.opened.errors, *_errors(heard), *_nothing_to_see(subject)),
    )


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


def _is_whole(item: Heard) -> bool:
    return item.answer.error is None and item.answer.stop_reason is StopReason.END


def _errors(heard: Sequence[Heard]) -> Iterator[ErrorItem]:
    for item in heard:
        error, stop = item.answer.error, item.answer.stop_reason
        page = item.pages[0] if len(item.pages) == 1 else None
        if error is not None:
            yield ErrorItem("answer", error.reason.value, str(error), error.hint, page)
        elif stop is not StopReason.END:
            reason = Reason.TRUNCATED_ANSWER
            message = f"the answer stopped early: {stop}"
            yield ErrorItem("answer", reason.value, message, _TRUNCATED[stop], page)


_TRUNCATED: Mapping[StopReason, str] = {
    StopReason.LENGTH: "It grew too long; ask for less at once.",
    StopReason.REPETITION: "The model repeated itself; ask in other words, or another model.",
}


def _nothing_to_see(subject: Subject) -> Iterator[ErrorItem]:
    opened = subject.opened
    if opened.pages or opened.errors:
        return
    reason = Reason.ZERO_PAGES
    message, hint = "It holds no page.", HINTS[reason]
    if opened.embedded is not None:
        message = "An e-invoice XML has no page to look at."
        hint = "Its data are read by docextract run --schema invoice."
    yield ErrorItem("open", reason.value, message, hint)

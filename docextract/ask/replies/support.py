"""What answers in a person's own words are worth: is what they say printed on the page?

Knows nothing of engines, files or terminals. That something is printed is no proof that it
answers the question, so no status is given: what is said is shown with its place and with the
probability of its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from docextract.ask.questions.free_questions import Heard, Inquired
from docextract.ask.questions.subjects import Source, nothing_to_see
from docextract.ask.replies.reply import FreeReply, Said
from docextract.core import EngineInfo, ErrorItem, Evidence, Match, Page, Reason
from docextract.engine.base import StopReason
from docextract.normalise.locale.habits import LocaleEvidence, gather_evidence
from docextract.normalise.values import normalise
from docextract.schema import Field, FieldType, Kind
from docextract.schema.sources.free_question import ANSWER, free_answer
from docextract.verify.grounding.grounder import Grounder

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

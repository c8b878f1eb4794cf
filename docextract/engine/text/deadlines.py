"""Finds the day of payment that a sentence gives, such as ``Please pay by 5 March 2025``.

Knows nothing of labelled dates, which are weighed first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docextract.engine.text.candidates import Candidate
from docextract.engine.text.evidence import Option, Reader
from docextract.engine.text.layout import Segment
from docextract.engine.text.tokens import join
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind

_PAY = re.compile(
    r"überweis|zahl|begleich|\bpay|settle|remit|r[ée]gl(?:er|é|ement)|vire(?:r|ment)|\babonar"
    r"|\bpag(?:ar|o|uese|are|ato|amento)|betal|voldoe|overmaken",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"(?:\bbis(?: zum| spätestens| spätestens zum)?|\bspätestens(?: am| bis)?|\bby|\bbefore"
    r"|\bno later than|\bon or before|\bavant le|\bau plus tard le|\bantes del?|\bhasta el"
    r"|\bentro il|\bv[oó][oó]r|\buiterlijk(?: op)?|\baté(?: a)?)\W*$",
    re.IGNORECASE,
)
_DISCOUNT = re.compile(r"skonto|abzug|discount|escompte|sconto|descuento|korting|%", re.IGNORECASE)
_DEBITED = re.compile(
    r"\w*eingezogen|abgebucht|abbuchen|einziehen|belastet|lastschrift|debit|collect"
    r"|pr[ée]l[eè]v|domicili|addebit|incass|ge[ïi]nd",
    re.IGNORECASE,
)
_WILL = re.compile(
    r"\b(?:wird|werden|buchen|ziehen|will|shall|sera|seront|ser[áà]|wordt|worden|verr[àa])\b",
    re.IGNORECASE,
)
_ON = re.compile(r"\b(?:am|zum|on|le|el|il|op|em)$", re.IGNORECASE)
_BREAK = re.compile(r"[,;]")
_SCORE = 0.6


def payment_day(reader: Reader, item: Field) -> Option | None:
    """Return the last day a sentence allows for payment, or None.

    Days up to which a discount is granted do not count; of several the latest does. Where
    the seller collects the amount, the day of collection counts: SEPA announces it.
    """
    if reader.index.concept_of[item.path] != "due_date":
        return None
    found = [c for s in reader.layout.segments for c in _days(reader, s)]
    found = found or [c for s in reader.layout.segments for c in _debits(reader, s)]
    if not found:
        return None
    last = max(found, key=lambda candidate: candidate.value)
    return Option(item.path, last.tokens, last.text, _SCORE, last)


def _days(reader: Reader, segment: Segment) -> Iterator[Candidate]:
    """Yield the days a segment's sentence names as the end of the time for payment."""
    start = 0
    for candidate in reader.candidates_of(segment):
        if candidate.kind is not Kind.DATE:
            continue
        at = next(i for i, t in enumerate(segment.tokens) if t is candidate.tokens[0])
        end = at + len(candidate.tokens)
        before = join(segment.tokens[:at])
        clause = _BREAK.split(join(segment.tokens[start:at]))[-1]
        clause += _BREAK.split(join(segment.tokens[end : end + 4]))[0]
        start = end
        if _UNTIL.search(before) and _PAY.search(before) and not _DISCOUNT.search(clause):
            yield candidate


def _debits(reader: Reader, segment: Segment) -> Iterator[Candidate]:
    """Yield the days on which a sentence of up to two lines says the amount is collected."""
    text = segment.text
    for line in reader.layout.lines[segment.line + 1 : segment.line + 2]:
        text += " ".join(["", *(s.text for s in line.segments if s.page == segment.page)])
    for candidate in reader.candidates_of(segment):
        if candidate.kind is not Kind.DATE:
            continue
        at = next(i for i, t in enumerate(segment.tokens) if t is candidate.tokens[0])
        before = join(segment.tokens[:at])
        is_announced = _WILL.search(before) and _ON.search(before)
        if is_announced and _DEBITED.search(text[len(before) :]):
            yield candidate

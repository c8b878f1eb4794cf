"""Dates and times that no label announces but whose place does.

Knows nothing of labelled values; it is asked only where none was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from docextract.engine.text.fields.labelled import segments_below
from docextract.engine.text.text_document import (
    Candidate,
    Option,
    Reader,
    Segment,
    given,
    join,
    pattern,
)
from docextract.engine.text.values.pick import with_clock
from docextract.schema import Field, Kind

_TOP_SHARE, _FOOT_SHARE = 0.45, 0.88
_OWN_DATES = ("receipt_date", "issue_date")
_OTHER_DATES = re.compile(rf"\b(?:{pattern('dates', 'of_other_things')})\b", re.IGNORECASE)


def _all(reader: Reader, kind: Kind) -> list[Candidate]:
    return [c for found in reader.candidates.values() for c in found if c.kind is kind]


def bare_date(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the day of issue where it stands alone, or None for any other date.

    On a till receipt it is the date beside the time of day, else the first one; on other
    documents the only unlabelled date in the upper part of the first page.
    """
    concept = reader.index.concept_of[item.path]
    if concept not in _OWN_DATES:
        return None
    taken = {option.key for option in chosen.values()}
    dates = [c for c in _all(reader, Kind.DATE) if c.key not in taken]
    dates = [c for c in dates if not _is_other_date(reader, c)]
    if not dates:
        return None
    if concept == "receipt_date":
        return _sale_date(reader, item, dates)
    page = reader.layout.lines[0].page
    limit = _TOP_SHARE * reader.layout.sizes[page][1]
    upper = [c for c in dates if c.segment.page == page and c.segment.top < limit]
    if len({c.value for c in upper}) != 1:
        return None
    return Option(item.path, upper[0].tokens, upper[0].text, given("date.on_top"), upper[0])


def _sale_date(reader: Reader, item: Field, dates: list[Candidate]) -> Option | None:
    """Return the day of a sale: beside the time of day, else the first that is no other's.

    What expires, is returned or spans two days has dates of its own.
    """
    times = {c.segment.line for c in _all(reader, Kind.TIME)}
    beside = [c for c in dates if c.segment.line in times]
    if beside:
        found, why = beside[0], given("date.beside_clock")
    else:
        is_one_of_many = len({c.value for c in dates}) > 1
        found, why = dates[0], (*given("date.first"), ("doubt.several_dates", is_one_of_many))
    return Option(item.path, found.tokens, found.text, why, found)


def _is_other_date(reader: Reader, candidate: Candidate) -> bool:
    line = reader.layout.lines[candidate.segment.line]
    in_segment = [c for c in reader.candidates_of(candidate.segment) if c.kind is Kind.DATE]
    return len(in_segment) > 1 or bool(_OTHER_DATES.search(line.text))


def bare_moment(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the day of issue where it stands alone, with the time of day beside it."""
    found = bare_date(reader, item, chosen)
    if found is None or found.candidate is None:
        return found
    segment = found.candidate.segment
    run = with_clock(found.tokens, segment, reader.candidates_of(segment))
    return found if run is found.tokens else replace(found, tokens=run, text=join(run))


def bare_time(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the time of day that stands on the line of the chosen date."""
    lines = {
        option.candidate.segment.line
        for option in chosen.values()
        if option.candidate is not None and option.candidate.kind is Kind.DATE
    }
    for candidate in _all(reader, Kind.TIME):
        if min((abs(candidate.segment.line - line) for line in lines), default=9) <= 1:
            return Option(
                item.path, candidate.tokens, candidate.text, given("alone.clock"), candidate
            )
    return None


def weigh_dates(reader: Reader, options: dict[str, list[Option]]) -> None:
    """Lower a document's own dates where they are another's.

    Those of a column belong to its rows, and a day of issue neither begins a period nor stamps a
    print: date, time and page at a foot.
    """
    for path, found in options.items():
        concept = reader.index.concept_of[path]
        if concept in _OWN_DATES:
            found = [o.also("doubt.column_of_dates", _is_column(reader, o)) for o in found]
        if concept == "issue_date":
            found = sorted((_as_issued(reader, o) for o in found), key=lambda o: -o.score)
        options[path] = found


def _as_issued(reader: Reader, option: Option) -> Option:
    """Return a date with what speaks against its being a day of issue."""
    date = option.candidate
    if date is None or date.kind is not Kind.DATE:
        return option
    stamped = option.also("date.stamped", _is_stamp(reader, date))
    return stamped.also("date.in_period", _is_period(reader, date))


def _is_column(reader: Reader, option: Option) -> bool:
    """Return whether a label heads a column of dates that differ: those of rows, not its own."""
    hit, first = option.hit, option.tokens[0]
    if hit is None or hit.segment.line == reader.line_of.get(id(first), -1):
        return False
    return any(
        c.value != option.candidate.value
        for segment in segments_below(reader.layout, hit.segment, first.left, first.right)
        for c in reader.candidates_of(segment)
        if c.kind is Kind.DATE and option.candidate is not None
    )


def _is_stamp(reader: Reader, date: Candidate) -> bool:
    segment = date.segment
    line = reader.layout.lines[segment.line]
    has_time = any(c.kind is Kind.TIME for s in line.segments for c in reader.candidates_of(s))
    return has_time and segment.top > _FOOT_SHARE * reader.layout.sizes[segment.page][1]


def _is_period(reader: Reader, date: Candidate) -> bool:
    """Return whether a word or two join a date to another one of its segment."""
    at = {id(token): index for index, token in enumerate(date.segment.tokens)}
    others = [
        c for c in reader.candidates_of(date.segment) if c.kind is Kind.DATE and c is not date
    ]
    gaps = [
        (at[id(other.tokens[0])] - at[id(date.tokens[-1])],
         at[id(date.tokens[0])] - at[id(other.tokens[-1])]) for other in others
    ]  # fmt: skip
    return any(1 < max(gap) < 4 for gap in gaps)


def range_options(reader: Reader) -> list[Option]:
    """Return the last day of periods printed as ``1 Mar 2025 to 31 Mar 2025``."""
    index = reader.index
    ends = [p for p, concept in index.concept_of.items() if concept == "statement_end"]
    starts = {p for p, concept in index.concept_of.items() if concept == "statement_start"}
    options: list[Option] = []
    for hit in reader.hits if ends else ():
        if not starts & hit.entry.ranks.keys() and ends[0] not in hit.entry.ranks:
            continue
        line = reader.layout.lines[hit.segment.line]
        below = segments_below(reader.layout, hit.segment, hit.left, hit.right, num_lines=2)
        for segment in (*line.segments[hit.segment.column :], *below):
            dates = [c for c in reader.candidates_of(segment) if c.kind is Kind.DATE]
            if len(dates) == 2 and dates[0].left >= hit.left:
                is_label = hit.is_closed or hit.is_whole
                why = given("date.period_end" if is_label else "date.period_end_open")
                last = dates[1]
                options.append(Option(ends[0], last.tokens, last.text, why, last, hit))
    return options


_PAY = re.compile(pattern("deadlines", "pay"), re.IGNORECASE)
_UNTIL = re.compile(rf"(?:{pattern('deadlines', 'until')})\W*$", re.IGNORECASE)
_DISCOUNT = re.compile(pattern("deadlines", "discount"), re.IGNORECASE)
_BREAK = re.compile(r"[,;]")


def payment_day(reader: Reader, item: Field) -> Option | None:
    """Return the last day a sentence allows for payment, or None.

    Days up to which a discount is granted do not count; of several the latest does.
    """
    if reader.index.concept_of[item.path] != "due_date":
        return None
    found = [c for s in reader.layout.segments for c in _days(reader, s)]
    last = max(found, key=lambda candidate: candidate.value, default=None)
    if last is None:
        return None
    return Option(item.path, last.tokens, last.text, given("date.payment_day"), last)


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

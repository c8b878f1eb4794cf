"""Numbers of documents in titles, beside and below them, and the day that stands with such one.

Knows nothing of how labels give values, but that one label may name number and day together.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator

from docextract.engine.text.fields.other_papers import HEAD, STEMS, own_stems, tells_of_other
from docextract.engine.text.text_document import (
    NUMBER_WORDS,
    Candidate,
    Option,
    Reader,
    Segment,
    Token,
    fold,
    fold_words,
    given,
    join,
    num_digits,
)
from docextract.engine.text.values.names import is_heading, is_title
from docextract.schema import Kind

_OTHERS = fold_words("titles", "other_stems")
_ACCOUNTS = fold_words("labels", "account_number")
"""``Bankszámla`` ends as a title does."""
_REFERRING = fold_words("titles", "referring")
"""What leads from a title over to another document, whose number and date follow."""
_JOINTS = fold_words("titles", "and") | {""}
"""What stands between the titles of a document that is two: ``Rechnung / Lieferschein``."""
_OF_DAYS = fold_words("titles", "of_days")
"""What stands between a number and its day: ``Rechnung 17 vom 3.2.2025``."""
_TAXES = fold_words("taxes", "names")
_EDGE = ":;,.()[]#/"
_TITLE_TOKENS, _MAX_WORDS = 4, 6
_ORDINAL = re.compile(r"\d{1,2}\.")
_MARKED = re.compile(r"#[\w./-]*\d[\w./-]*")
"""A number that its own sign makes one, whatever it looks like: ``Invoice #2024-11-04``."""
_CODE = re.compile(r"(?:[^\W\d_]{1,4} )?[^\W_][\w./'’·-]*(?: ?/ ?\d+| \d{2,4})*")
_SEASON = re.compile(r"(?:19|20)(\d\d)(?:/(\d\d))?")
_DAY_MARKS = re.compile(r"\w+")
_MAX_SERIES = 4
"""More letters without a digit are no series of a number."""
_MIN_DIGITS, _MAX_DIGITS = 3, 16
_NEAR, _BELOW_TITLE = 1.5, 5.0
"""What stands right below a title, and shortly below it, in heights of a line."""
_TYPED = (Kind.DATE, Kind.MONEY, Kind.IBAN, Kind.TAX_ID, Kind.PHONE, Kind.EMAIL)
_PAIR = re.compile(r"\s*[/&+]\s*")
_TYPE_CODE = re.compile(r"\(\d{1,3}\)$")
"""A code of UNTDID 1001, as printed behind a title by viewers of e-invoices."""


def titled_options(reader: Reader) -> Iterator[Option]:
    """Yield number and date of a title such as ``Rechnung (380) Nr. 4711 vom 1.2.2025``."""
    for concept in STEMS:
        for path in reader.index.paths_of(concept)[-1:]:
            stems = own_stems(reader, concept)
            yield from (
                _in_title(reader, path, stems)
                or _paired(reader, path, concept)
                or _beside_title(reader, path, concept)
            )


def titles_of(reader: Reader, concept: str) -> Iterator[Segment]:
    """Yield the texts that are titles of a kind of document: ``Tax invoice``, ``Fee invoice``."""
    endings = tuple(own_stems(reader, concept))
    for segment in reader.layout.segments:
        words = (*(token.fold for token in segment.tokens if token.fold), fold(segment.text))
        is_own = any(word.endswith(endings) for word in words)
        if is_own and (is_title(segment.text) or is_heading(segment.text)):
            yield segment


def is_over(title: Segment, segment: Segment) -> bool:
    """Return whether a title stands shortly above a segment, in its column."""
    gap = segment.top - title.bottom
    is_near = title.page == segment.page and 0 <= gap < _BELOW_TITLE * segment.height
    return is_near and title.left < segment.right and title.right > segment.left


def code_at_end(segment: Segment, start: int) -> list[Token]:
    """Return the code that ends a title: ``Beitragsrechnung B26/4402``, ``Rechnung R 905 771``.

    What goes on with the title in capitals is none of it: ``Faktura VAT FS 417``.
    """
    rest = list(
        itertools.takewhile(lambda t: t.has_digit or t.text.isupper(), segment.tokens[start:])
    )
    is_end = start + len(rest) == len(segment.tokens)
    head = itertools.takewhile(lambda token: not token.has_digit, rest)
    is_behind = start > 0 and segment.tokens[start - 1].fold not in NUMBER_WORDS
    words = (
        n for n, token in enumerate(head, 1)
        if token.fold in _TAXES or (is_behind and len(token.fold) > _MAX_SERIES)
    )  # fmt: skip
    rest = rest[max(words, default=0) :]
    text = join(rest).lstrip("#")
    is_code = is_end and _MIN_DIGITS <= num_digits(text) <= _MAX_DIGITS and not _is_season(text)
    return rest if is_code and _CODE.fullmatch(text) else []


def _is_season(text: str) -> bool:
    """Return whether a number is a year, or two that follow each other: ``2026/27``."""
    found = _SEASON.fullmatch(text)
    return found is not None and found[2] in (None, f"{(int(found[1]) + 1) % 100:02}")


def _number(path: str, code: list[Token], why: str) -> Option:
    return Option(path, code, join(code).strip(_EDGE), given(why))


def _days(reader: Reader, days: Iterable[Candidate]) -> Iterator[Option]:
    """Yield days of a title as days of issue, where any is asked for."""
    for path in reader.index.paths_of("issue_date")[-1:]:
        yield from (Option.of(path, day, "date.in_title") for day in days)


def _in_title(reader: Reader, path: str, stems: frozenset[str]) -> list[Option]:
    """Return the number that the first title with one holds, and the day with it or below."""
    for segment in reader.layout.segments:
        if code := _number_of(reader, segment, stems):
            number = _number(path, code, "number.in_title")
            days = reader.dates_of(segment)[:1]
            own = [d for d in days if d.left > code[-1].left and _goes_with(d, code[-1])]
            return [number, *_days(reader, own if days else _days_near(reader, segment))]
    return []


def _days_near(reader: Reader, number: Segment) -> Iterator[Candidate]:
    """Yield the day beside a number, or that the line below it gives: ``vom 3.2.2025``."""
    beside = reader.layout.beside(number)[:1]
    for spot in (*beside, *reader.layout.below(number, num_lines=1)):
        start = int(spot.tokens[0].fold in _OF_DAYS)
        days = [c for c in reader.dates_of(spot) if c.start == start]
        is_all = any(day.tokens[-1] is spot.tokens[-1] for day in days)
        if start or (is_all and spot in beside and not _is_headed(reader, spot)):
            yield from days


def _is_headed(reader: Reader, spot: Segment) -> bool:
    """Return whether words right above a day say of what it is: ``Required on site``."""
    near = [
        s for s in reader.layout.above(spot)
        if s.left < spot.right and s.right > spot.left and spot.top - s.bottom < _NEAR * spot.height
    ]  # fmt: skip
    hits = (hit for s in near for hit in reader.hits_in(s) if hit.is_leading)
    is_own = any("issue_date" in hit.entry.concepts for hit in hits)
    return not is_own and any(not any(token.has_digit for token in s.tokens) for s in near)


def _goes_with(date: Candidate, code: Token) -> bool:
    """Return whether a date is that of a title's number, not of another paper in brackets."""
    tokens = date.segment.tokens
    between = tokens[next(i for i, t in enumerate(tokens, 1) if t is code) : date.start]
    if any(t.has_digit or t.text[0] == "(" for t in between):
        return False
    # ``Rechnung Nr. 9 über die Feier am 21.6.2025`` tells another day.
    return len(between) < 2 or between[-1].fold in _OF_DAYS or not between[-1].fold.isalpha()


def _number_of(reader: Reader, segment: Segment, stems: frozenset[str]) -> list[Token]:
    """Return the code of a title that is no day, but where its own sign makes it a number."""
    code = _titled_code(reader, segment, stems)
    is_day = any(fold(join(code)) == fold(day.text) for day in reader.dates_of(segment))
    is_number = is_day and (_MARKED.fullmatch(code[-1].text) or _is_no_day(reader, segment, code))
    return [] if is_day and not is_number else code


def _is_no_day(reader: Reader, segment: Segment, code: list[Token]) -> bool:
    """Return whether ``nr 17/05/2025`` is a number: days are written otherwise on the paper."""
    at = next(i for i, token in enumerate(segment.tokens) if token is code[0])
    text = join(code)
    days = [c.text for c in reader.all_of(Kind.DATE) if c.text != text]
    marks = {_DAY_MARKS.sub("", day) for day in days}
    is_counted = at > 0 and segment.tokens[at - 1].fold in NUMBER_WORDS
    return is_counted and bool(days) and _DAY_MARKS.sub("", text) not in marks


def _titled_code(reader: Reader, segment: Segment, stems: frozenset[str]) -> list[Token]:
    """Return the code after the number word of a segment that begins with a title, if any.

    A word or two may stand before it in the page's head: ``Unsere Rechnung``.
    """
    tokens = segment.tokens
    words = [fold(_TYPE_CODE.sub("", token.text)) for token in tokens[:_TITLE_TOKENS]]
    titles = (i for i, word in enumerate(words) if word.endswith(tuple(stems)))
    title = None if words[0] in _ACCOUNTS or tells_of_other(segment) else next(titles, None)
    # ``2. Abschlagsrechnung``
    start = int(_ORDINAL.fullmatch(tokens[0].text) is not None)
    if title is None or any(token.has_digit for token in tokens[start:title]):
        return []
    # ``zu Abschlagsrechnung Nr. 4301`` below a title; ``Re: Invoice 17`` is the paper itself.
    before = (token for token in tokens[start:title] if token.text[-1] != ":")
    if any(token.fold in _REFERRING for token in before):
        return []
    if title > start and (
        tokens[title - 1].text[-1] in ",;." or not reader.layout.is_on_top(segment, HEAD)
    ):
        return []
    # ``Invoice #4711``, ``Invoice for #4711``.
    if len(tokens) in (title + 2, title + 3) and _MARKED.fullmatch(tokens[-1].text):
        return [tokens[-1]]
    return code_at_end(segment, title + 1) or _code_behind_word(tokens, title, stems)


def _code_behind_word(tokens: list[Token], title: int, stems: frozenset[str]) -> list[Token]:
    """Return the code behind a word for number that follows a title, before that of another."""
    foreign = _OTHERS | frozenset().union(*STEMS.values()) - stems
    for position in range(title + 1, min(title + 1 + _MAX_WORDS, len(tokens) - 1)):
        word = tokens[position].fold
        if word in _REFERRING:
            foreign |= stems
        if tokens[position - 1].fold not in _JOINTS and word.endswith(tuple(foreign)):
            return []
        if word in NUMBER_WORDS:
            rest = tokens[position + 1 :]
            # Its series may stand apart: ``nr FV 1/05/2021``.
            is_series = len(rest) == 2 and rest[0].text.isalpha() and rest[0].text.isupper()
            code = rest if is_series else rest[:1]
            return code if code[-1].has_digit else []
    return []


def _paired(reader: Reader, path: str, concept: str) -> list[Option]:
    """Return number and date of one label for both: ``PO Number/Date`` at ``4711 / 3.2.2025``."""
    titles = list(titles_of(reader, concept))
    for label in reader.layout.segments:
        if not (reader.layout.is_on_top(label, HEAD) and _is_pair(reader, label, path)):
            continue
        is_bare = fold(_PAIR.split(label.text)[0]) in NUMBER_WORDS
        if is_bare and not any(is_over(t, label) or t.line == label.line for t in titles):
            continue
        below = reader.layout.below(label, num_lines=1)
        for spot in (*reader.layout.beside(label)[:1], *below):
            is_day = any(not day.start for day in reader.dates_of(spot))
            if spot.tokens[0].has_digit and not is_day:
                near = (spot, *reader.layout.below(spot, num_lines=1))
                days = [day for segment in near for day in reader.dates_of(segment)][:1]
                number = _number(path, spot.tokens[:1], "number.in_title")
                return [number, *_days(reader, days)]
    return []


def _is_pair(reader: Reader, label: Segment, path: str) -> bool:
    """Return whether a label names a number and a date: ``Proforma No. & Date``."""
    parts = _PAIR.split(label.text)
    if len(parts) != 2:
        return False
    number, day = (reader.index.entries.get(fold(part)) for part in parts)
    is_bare = fold(parts[0]) in NUMBER_WORDS
    is_number = path in number.ranks if number else is_bare or is_title(parts[0])
    dates = reader.index.paths_of("issue_date")[-1:]
    return is_number and day is not None and any(date in day.ranks for date in dates)


def _beside_title(reader: Reader, path: str, concept: str) -> list[Option]:
    """Return the code that stands alone beside a title, or right below it, and its day."""
    for title in titles_of(reader, concept):
        below = reader.layout.below(title, num_lines=1)
        for spot in (*reader.layout.beside(title)[:1], *below):
            if spot.top - title.bottom >= _NEAR * title.height:
                continue
            start = int(spot.tokens[0].fold in NUMBER_WORDS and len(spot.tokens) > 1)
            day = _day_behind_code(reader, spot, start)
            if code := spot.tokens[start : start + 1] if day else _code_alone(reader, spot, start):
                number = _number(path, code, "number.beside_title")
                return [number, *_days(reader, [day] if day else _days_near(reader, spot))]
    return []


def _code_alone(reader: Reader, spot: Segment, start: int) -> list[Token]:
    """Return the code that a segment is from a token on, if it is nothing else."""
    is_typed = any(c.kind in _TYPED for c in reader.candidates_of(spot))
    return [] if is_typed else code_at_end(spot, start)


def _day_behind_code(reader: Reader, spot: Segment, start: int) -> Candidate | None:
    """Return the day of a segment that is a code and a day: ``CM-55019 / Feb 10, 2026``."""
    code, days = spot.tokens[start].text, reader.dates_of(spot)
    if len(days) != 1 or not _CODE.fullmatch(code) or num_digits(code) < _MIN_DIGITS:
        return None
    at, end = days[0].start, days[0].start + len(days[0].tokens)
    others = (*spot.tokens[start + 1 : at], *spot.tokens[end : end + 1])
    return days[0] if at > start and not any(token.fold for token in others) else None

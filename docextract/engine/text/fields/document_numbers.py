"""Numbers of documents and accounts in titles, at bare labels, repeated, or without any label.

Knows nothing of how labels give values, nor of dates but that one stands in a title.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from docextract.engine.text.fields.credited import is_of_credited, own_stems
from docextract.engine.text.fields.payers_account import is_payers
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
    level,
    pattern,
    segments_below,
)
from docextract.engine.text.values.names import is_heading, is_title
from docextract.engine.text.values.pick import pick
from docextract.normalise.text.printed_shapes import IBAN_LENGTHS
from docextract.schema import Field, Kind

_LINE_OF = re.compile(
    rf"(?:{pattern('codes', 'line_of')})[. ]*(?:nr|no|n[°o]|#)?[.: ]*\d{{1,5}}\W*$", re.IGNORECASE
)
_REFERENCES = fold_words("codes", "reference")
_HEAD, _TOP = 0.5, 0.4
_BELOW_TITLE = 5.0
_STEMS = {
    "invoice_number": fold_words("titles", "invoice_stems"),
    "po_number": fold_words("titles", "order_stems"),
}
"""How titles end whose document the number is of."""
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
_THEIRS = re.compile(rf"\b(?:{pattern('parties', 'addressee')})\b", re.IGNORECASE)
_EDGE = ":;,.()[]#"
_TITLE_TOKENS, _MAX_WORDS = 4, 6
_ORDINAL = re.compile(r"\d{1,2}\.")
_MARKED = re.compile(r"#[\w./-]*\d[\w./-]*")
"""A number that its own sign makes one, whatever it looks like: ``Invoice #2024-11-04``."""
_CODE = re.compile(r"(?:[^\W\d_]{1,4} )?[^\W_][\w./'’·-]*(?: ?/ ?\d+| \d{2,4})*")
_SEASON = re.compile(r"(?:19|20)(\d\d)(?:/(\d\d))?")
_DAY_MARKS = re.compile(r"\w+")
_MIN_DIGITS, _MAX_DIGITS, _NEAR = 3, 16, 1.5
_TYPED = (Kind.DATE, Kind.MONEY, Kind.IBAN, Kind.TAX_ID, Kind.PHONE, Kind.EMAIL)
_PAIR = re.compile(r"\s*[/&+]\s*")
_TYPE_CODE = re.compile(r"\(\d{1,3}\)$")
"""A code of UNTDID 1001, as printed behind a title by viewers of e-invoices."""


def titled_options(reader: Reader) -> Iterator[Option]:
    """Yield number and date of a title such as ``Rechnung (380) Nr. 4711 vom 1.2.2025``."""
    dates = reader.index.paths_of("issue_date")
    for concept, all_stems in _STEMS.items():
        paths, stems = reader.index.paths_of(concept), own_stems(reader, all_stems)
        titled = ((s, _number_of(reader, s, stems)) for s in reader.layout.segments if paths)
        segment, code = next(((s, code) for s, code in titled if code), (None, []))
        if segment is None:
            for path in paths[-1:]:
                found = _paired(reader, path, dates, stems) or list(
                    _beside_titles(reader, path, stems)
                )
                yield from (*found, *_day_below(reader, found, dates))
            continue
        number = Option(paths[-1], code, join(code).strip(_EDGE), given("number.in_title"))
        yield number
        days = reader.dates_of(segment)[:1] if dates else ()
        for date in days:
            if date.left > code[-1].left and _goes_with(segment, code[-1], date.start):
                yield Option.of(dates[-1], date, "date.in_title")
        yield from _day_below(reader, [] if days else [number], dates)


def _day_below(reader: Reader, numbers: list[Option], dates: list[str]) -> Iterator[Option]:
    """Yield the day that the line below a title's number gives: ``vom 3.2.2025``."""
    lines = reader.layout.lines
    for line in (lines[reader.line_of.get(id(o.tokens[0]), -1)] for o in numbers[:1] if dates):
        own = next(s for s in line.segments if numbers[0].tokens[0] in s.tokens)
        below = segments_below(reader.layout, own, own.left, own.right, num_lines=1)
        beside = line.segments[own.column + 1 :][:1]
        for spot in (*beside, *below):
            start = int(spot.tokens[0].fold in _OF_DAYS)
            days = [c for c in reader.dates_of(spot) if c.start == start]
            is_all = any(day.tokens[-1] is spot.tokens[-1] for day in days)
            if start or (is_all and spot in beside and not _is_headed(reader, spot)):
                yield from (Option.of(dates[-1], day, "date.in_title") for day in days)


def _is_headed(reader: Reader, spot: Segment) -> bool:
    """Return whether words right above a day say of what it is: ``Required on site``."""
    above = reader.layout.lines[spot.line - 1].segments if spot.line else []
    over = (s for s in above if s.page == spot.page and s.left < spot.right and s.right > spot.left)
    near = [s for s in over if spot.top - s.bottom < _NEAR * spot.height]
    hits = (hit for s in near for hit in reader.hits_of.get(id(s), ()) if hit.is_leading)
    is_own = any("issue_date" in hit.entry.concepts for hit in hits)
    return not is_own and any(not any(token.has_digit for token in s.tokens) for s in near)


def _goes_with(segment: Segment, code: Token, start: int) -> bool:
    """Return whether a date is that of a title's number, not of another paper in brackets."""
    at = next(i for i, token in enumerate(segment.tokens) if token is code)
    between = segment.tokens[at + 1 : start]
    if any(t.has_digit or t.text[0] == "(" for t in between):
        return False
    # ``Rechnung Nr. 9 über die Feier am 21.6.2025`` tells another day.
    is_told = len(between) > 1 and between[-1].fold not in _OF_DAYS and between[-1].fold.isalpha()
    return len(between) <= _MAX_WORDS and not is_told


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
    is_account = words[:1] and words[0] in _ACCOUNTS
    titles = (i for i, word in enumerate(words) if word.endswith(tuple(stems)))
    title = None if is_account else next(titles, None)
    # ``2. Abschlagsrechnung``
    start = int(_ORDINAL.fullmatch(tokens[0].text) is not None)
    if title is None or any(token.has_digit for token in tokens[start:title]):
        return []
    if title > start and (
        tokens[title - 1].text[-1] in ",;." or not reader.layout.is_on_top(segment, _HEAD)
    ):
        return []
    if len(tokens) == title + 2 and _MARKED.fullmatch(tokens[-1].text):
        return [tokens[-1]]
    if code := _code_right_behind(segment, title + 1):
        return code
    foreign = _OTHERS.union(*(other for other in _STEMS.values() if other is not stems))
    for position in range(title + 1, min(title + 1 + _MAX_WORDS, len(tokens) - 1)):
        word = tokens[position].fold
        if word in _REFERRING:
            foreign |= stems
        if tokens[position - 1].fold not in _JOINTS and word.endswith(tuple(foreign)):
            return []
        if word in NUMBER_WORDS:
            return _code_behind(tokens[position + 1 :])
    return []


def _code_right_behind(segment: Segment, start: int) -> list[Token]:
    """Return the code that ends a title: ``Beitragsrechnung B26/4402``, ``Rechnung R 905 771``."""
    rest = list(
        itertools.takewhile(lambda t: t.has_digit or t.text.isupper(), segment.tokens[start:])
    )
    is_end = start + len(rest) == len(segment.tokens)
    rest = list(itertools.dropwhile(lambda t: t.fold in _TAXES, rest))  # ``Faktura VAT FS 417``
    text = join(rest).lstrip("#")
    num_digits = sum(map(str.isdigit, text))
    is_code = is_end and _MIN_DIGITS <= num_digits <= _MAX_DIGITS and not _is_season(text)
    return rest if is_code and _CODE.fullmatch(text) else []


def _is_season(text: str) -> bool:
    """Return whether a number is a year, or two that follow each other: ``2026/27``."""
    found = _SEASON.fullmatch(text)
    return found is not None and found[2] in (None, f"{(int(found[1]) + 1) % 100:02}")


def _paired(reader: Reader, path: str, dates: list[str], stems: frozenset[str]) -> list[Option]:
    """Return number and date of one label for both: ``PO Number/Date`` at ``4711 / 3.2.2025``."""
    titles = list(_titles(reader, stems))
    for label in reader.layout.segments:
        if not (reader.layout.is_on_top(label, _HEAD) and _is_pair(reader, label, path, dates)):
            continue
        is_bare = fold(_PAIR.split(label.text)[0]) in NUMBER_WORDS
        if is_bare and not any(_is_over(t, label) or t.line == label.line for t in titles):
            continue
        below = segments_below(reader.layout, label, label.left, label.right, num_lines=1)
        for spot in (*reader.layout.beside(label)[:1], *below):
            if spot.tokens[0].has_digit:
                code, text = spot.tokens[:1], spot.tokens[0].text.strip(_EDGE + "/")
                number = Option(path, code, text, given("number.in_title"))
                under = segments_below(reader.layout, spot, spot.left, spot.right, num_lines=1)
                days = [day for near in (spot, *under) for day in reader.dates_of(near)][:1]
                return [number, *(Option.of(dates[-1], day, "date.in_title") for day in days)]
    return []


def _is_pair(reader: Reader, label: Segment, path: str, dates: list[str]) -> bool:
    """Return whether a label names a number and a date: ``Proforma No. & Date``."""
    parts = _PAIR.split(label.text)
    if len(parts) != 2 or not dates:
        return False
    number, day = (reader.index.entries.get(fold(part)) for part in parts)
    is_bare = fold(parts[0]) in NUMBER_WORDS
    is_number = path in number.ranks if number else is_bare or is_title(parts[0])
    return is_number and day is not None and dates[-1] in day.ranks


def _beside_titles(reader: Reader, path: str, stems: frozenset[str]) -> Iterator[Option]:
    """Yield the code that stands alone beside a title, or right below it."""
    for title in _titles(reader, stems):
        below = segments_below(reader.layout, title, title.left, title.right, num_lines=1)
        for spot in (*reader.layout.beside(title)[:1], *below):
            is_near = spot.top - title.bottom < _NEAR * title.height
            day = _day_behind_code(reader, spot) if is_near else None
            code = spot.tokens[:1] if day else _code_alone(reader, spot) if is_near else []
            if code:
                yield Option(path, code, join(code).strip(_EDGE), given("number.beside_title"))
                dates = reader.index.paths_of("issue_date")[-1:]
                yield from (Option.of(date, day, "date.in_title") for date in dates if day)
                return


def _code_alone(reader: Reader, spot: Segment) -> list[Token]:
    """Return the code that a segment is, if it is nothing else."""
    is_typed = any(c.kind in _TYPED for c in reader.candidates_of(spot))
    start = int(spot.tokens[0].fold in NUMBER_WORDS)
    return [] if is_typed else _code_right_behind(spot, start)


def _day_behind_code(reader: Reader, spot: Segment) -> Candidate | None:
    """Return the day of a segment that is a code and a day: ``CM-55019 / Feb 10, 2026``."""
    code, *rest = spot.tokens
    days = reader.dates_of(spot)
    is_code = _CODE.fullmatch(code.text) and sum(map(str.isdigit, code.text)) >= _MIN_DIGITS
    if len(days) != 1 or not days[0].start or not is_code:
        return None
    is_behind = not any(token.fold for token in rest[: days[0].start - 1])
    after = spot.tokens[days[0].start + len(days[0].tokens) :][:1]
    return days[0] if is_behind and not any(token.fold for token in after) else None


def _titles(reader: Reader, stems: frozenset[str]) -> Iterator[Segment]:
    """Yield the texts that are titles of a kind of document: ``Tax invoice``, ``Fee invoice``."""
    endings = tuple(stems)
    for segment in reader.layout.segments:
        words = (*(token.fold for token in segment.tokens if token.fold), fold(segment.text))
        is_own = any(word.endswith(endings) for word in words)
        if is_own and (is_title(segment.text) or is_heading(segment.text)):
            yield segment


def _code_behind(rest: list[Token]) -> list[Token]:
    """Return the code that follows; its series may stand apart: ``nr FV 1/05/2021``."""
    is_series = len(rest) == 2 and rest[0].text.isalpha() and rest[0].text.isupper()
    code = rest if is_series else rest[:1]
    return code if code[-1].has_digit else []


def weighed_numbers(reader: Reader, options: list[Option]) -> list[Option]:
    """Return a field's numbers without those of lines, and those that one label repeats weakened.

    A document has one order number; where ``Order no.`` stands below several positions, each
    with another number, none of them is the document's. The head of the first page is exempt.
    A number that names a line of an order (``Order no. 4711 line 3``) is never the document's, one
    in a row of prices hardly ever.
    """
    found = [o for o in options if not _is_line_of(o) and _has_digit(reader, o)]
    has_theirs = any(_is_theirs(option) for option in found)
    found = [
        option.also("number.in_row", _is_in_row(reader, option))
        .also("number.of_credited", is_of_credited(reader, option))
        .also("number.of_issuer", has_theirs and _is_of_issuer(reader, option))
        for option in found
    ]
    values: defaultdict[str, set[str]] = defaultdict(set)
    for option in found:
        if option.hit is not None and option.score > level("fair"):
            values[option.hit.entry.phrase].add(fold(option.text))
    return [
        option
        if option.hit is None or reader.layout.is_on_top(option.tokens[0], _HEAD)
        else option.also("number.repeated", len(values[option.hit.entry.phrase]) > 1)
        for option in found
    ]


def _is_theirs(option: Option) -> bool:
    """Return whether a label says that a number is the addressee's: ``Your order no.``."""
    label = option.hit.segment.tokens[option.hit.start : option.hit.end] if option.hit else []
    return _THEIRS.search(join(label)) is not None


def _is_of_issuer(reader: Reader, option: Option) -> bool:
    """Return whether an order's number on an invoice is that of its issuer, beside theirs."""
    is_order = reader.index.concept_of[option.path] == "purchase_order"
    return is_order and not _is_theirs(option)


def _has_digit(reader: Reader, option: Option) -> bool:
    """Return whether a number has a digit, as all numbers of documents do."""
    is_own = reader.index.concept_of[option.path] in _STEMS
    return not is_own or any(c.isdigit() for c in option.text)


def _is_in_row(reader: Reader, option: Option) -> bool:
    """Return whether a label ends the text of a row with its prices: ``Birthday cake, order``."""
    if option.hit is None or not option.hit.start:
        return False
    return reader.is_row_of_prices(option.hit.segment.line)


def _is_line_of(option: Option) -> bool:
    if option.hit is None:
        return False
    code, rest = join(option.tokens), join(option.hit.rest)
    return is_line_of(code, rest.partition(code)[2])


def is_line_of(code: str, after: str) -> bool:
    """Return whether a code and what follows name a line of an order: ``4711 line 3``."""
    glued = _LINE_OF.search(code)
    is_glued = glued is not None and glued.start() > 2
    return is_glued or _LINE_OF.fullmatch(after.strip(" ,;/-(")) is not None


def numbered_option(reader: Reader, item: Field) -> Option | None:
    """Return the number that a bare label gives: ``Number:`` shortly below the title.

    The only such label of the page's head will do as well. Where there is none, ``Reference:``
    in the upper part of the first page will; right under the title, or with a sign of its own, it
    is about as sure.
    """
    concept = reader.index.concept_of[item.path]
    if concept not in _STEMS:
        return None
    titles = list(_titles(reader, own_stems(reader, _STEMS[concept])))
    bare = [s for s in reader.layout.segments if _is_bare_label(s)]
    near = [s for s in bare if any(_is_over(t, s) or t.line == s.line for t in titles)]
    # ``Number`` over a line of values that begins with ``Invoice``.
    alone = (s for s in bare if len(s.tokens) == 1)
    near += [s for s in alone if any(t.line == s.line + 1 for t in titles)]
    heads = [s for s in bare if reader.layout.is_on_top(s, _TOP)]
    for segment in (*near, *(heads if len(heads) == 1 else ())):
        found = _number_behind(reader, item, segment, 1)
        if found is not None:
            return found
    for segment in reader.layout.segments:
        label = next((n for n, t in enumerate(segment.tokens[:3], 1) if t.text[-1] == ":"), 0)
        is_reference = "".join(t.fold for t in segment.tokens[:label]) in _REFERENCES
        if label and is_reference and reader.layout.is_on_top(segment, _HEAD):
            found = _number_behind(reader, item, segment, label)
            if found is not None:
                is_under = any(t.line + 1 == segment.line and _is_over(t, segment) for t in titles)
                is_own = is_under or found.tokens[0].text.startswith("#")
                return replace(found, factors=given("number.titled_reference")) if is_own else found
    return None


def _is_bare_label(segment: Segment) -> bool:
    """Return whether a segment begins with a word for number, and with no list of them."""
    num_words = sum(token.fold in NUMBER_WORDS for token in segment.tokens)
    return num_words == 1 and segment.tokens[0].fold in NUMBER_WORDS


def _number_behind(reader: Reader, item: Field, label: Segment, start: int) -> Option | None:
    """Return the code behind a label's first tokens, beside it, or alone below it."""
    for spot, begin in ((label, start), *((s, 0) for s in reader.layout.beside(label)[:1])):
        for found in pick(item, spot, begin, None, reader.candidates_of(spot))[:1]:
            return Option(item.path, found.tokens, found.text, given("number.bare_label"))
    below = segments_below(reader.layout, label, label.left, label.right)
    codes = [_code_right_behind(s, 0) for s in itertools.islice(below, 2)]
    # Codes one below another are those of rows.
    if len(label.tokens) == 1 and codes and codes[0] and not any(codes[1:]):
        return Option(item.path, codes[0], join(codes[0]), given("number.bare_label"))
    return None


def _is_over(title: Segment, segment: Segment) -> bool:
    """Return whether a title stands shortly above a segment, in its column."""
    gap = segment.top - title.bottom
    is_near = title.page == segment.page and 0 <= gap < _BELOW_TITLE * segment.height
    return is_near and title.left < segment.right and title.right > segment.left


def sole_iban(reader: Reader, item: Field, chosen: Mapping[str, Option]) -> Option | None:
    """Return the account number no label announces: its shape tells it from all else.

    Only whole ones count, by the length ISO 13616 gives each country; of several the
    first is taken, with a score that leaves it unverified.
    """
    found = [
        Option.of(item.path, c, "number.sole_iban")
        for c in reader.all_of(Kind.IBAN)
        if IBAN_LENGTHS.get(c.text[:2]) == sum(map(str.isalnum, c.text))
    ]
    found = [option for option in found if not is_payers(reader, option, chosen)]
    is_one_of_many = len({fold(option.text) for option in found}) > 1
    return found[0].also("doubt.several_ibans", is_one_of_many) if found else None

"""Dates and times that no label announces but whose place does, and whose dates labelled ones are.

Knows nothing of how labels give values, nor of numbers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from docextract.engine.text.fields.other_papers import STEMS, THEIRS, is_of_credited
from docextract.engine.text.text_document import (
    NUMBER_WORDS,
    Candidate,
    Hit,
    Option,
    Reader,
    Segment,
    Token,
    fold,
    fold_words,
    is_prose,
    join,
    pattern,
)
from docextract.engine.text.values.pick import with_clock
from docextract.schema import Field, Kind

_TOP_SHARE, _FOOT_SHARE = 0.45, 0.88
_OF_ORDERS = fold_words("dates", "of_orders")
_OWN_DATES = ("receipt_date", "issue_date")
_ORDER_NUMBERS = frozenset({"purchase_order", "po_number", "sales_order", "contract_number"})
_OTHER_DATES = re.compile(rf"\b(?:{pattern('dates', 'of_other_things')})\b", re.IGNORECASE)
_OF_TERMS = re.compile(rf"\W*(?:{pattern('dates', 'of_terms')})\b", re.IGNORECASE)
_TO_COME = re.compile(rf"\b(?:{pattern('dates', 'to_come')})\b", re.IGNORECASE)
_DATELINE = re.compile(
    r"[^\W\d_a-z][^\W\d_]{2,20}(?:[ ./-][^\W\d_]{2,20}){0,3},"
    rf"(?: (?i:{pattern('titles', 'before_date')}))?"
)
"""The place before a letter's date, as in ``Bremen, den``."""
_PAY = re.compile(pattern("deadlines", "pay"), re.IGNORECASE)
_UNTIL = re.compile(rf"(?:{pattern('deadlines', 'until')})\W*$", re.IGNORECASE)
_DISCOUNT = re.compile(pattern("deadlines", "discount"), re.IGNORECASE)
_WEEKDAY = re.compile(r"[^\W\d_]{5,12},")
_CELLS = 3
_WORDS_OF_PERIOD, _LABEL_LETTERS = 3, 4
_MOST_SMALL = 3
"""So many words in small letters before a day make a sentence: ``services rendered through``."""
_NEXT, _INITIALS = 5, 5
"""So many letters behind a letter's date may say who wrote it: ``Altdorf, 18. März 2026 / rb``."""
_INVOICES, _ORDERS = (tuple(stems) for stems in STEMS.values())
_OTHERS = tuple(fold_words("titles", "other_stems"))
_DUE_DATE = 2
"""Labels of more words say themselves what is due."""
_PAYABLE = (*_INVOICES, *fold_words("totals", "words"))
_OF_DAYS = fold_words("titles", "of_days")
_OR = re.compile(rf"(?:{pattern('deadlines', 'or')})\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[^\W\d_]{3})[.!?] ")
_BREAK = re.compile(rf"[,;](?!\d)|[.]\s|\b(?:{pattern('deadlines', 'or')})\b")


def placed_dates(reader: Reader) -> Iterator[Option]:
    """Yield days of issue in datelines and the last days of periods."""
    for path in reader.index.paths_of("issue_date")[-1:]:
        yield from _datelines(reader, path)
    for path in reader.index.paths_of("statement_end")[:1]:
        yield from _ends_of_periods(reader, path)


def _datelines(reader: Reader, path: str) -> Iterator[Option]:
    """Yield the dates behind a place in the upper part of the first page."""
    for date in reader.all_of(Kind.DATE):
        segment, first = date.segment, date.start
        if reader.is_row_of_prices(segment.line):
            continue
        left = reader.layout.before(segment)
        place = join(segment.tokens[:first]) or (left.text if left else "")
        after = segment.tokens[first + len(date.tokens) :]
        is_last = len(join(after)) <= _INITIALS or not after[0].fold or _ends(date)
        if is_last and _DATELINE.fullmatch(place) and reader.layout.is_on_top(segment, _TOP_SHARE):
            yield Option.of(path, date, "date.dateline")


def _ends_of_periods(reader: Reader, path: str) -> Iterator[Option]:
    """Yield the last day of periods printed as ``1 Mar 2025 to 31 Mar 2025``."""
    labels = {path, *reader.index.paths_of("statement_start")}
    for hit in reader.hits:
        if not labels & hit.entry.ranks.keys():
            continue
        beside = (hit.segment, *reader.layout.beside(hit.segment))
        below = reader.layout.below(hit.segment, hit.left, hit.right, num_lines=2)
        for dates in map(reader.dates_of, (*beside, *below)):
            if len(dates) == 2 and dates[0].left >= hit.left:
                yield replace(Option.of(path, dates[1], "date.period_end"), hit=hit)


def weighed_date(reader: Reader, option: Option) -> Option:
    """Return a document's own date with what makes it another's.

    Those of a column belong to its rows, and a day of issue neither begins a period nor stamps a
    print: date, time and page at a foot.
    """
    concept, date = reader.index.concept_of[option.path], option.candidate
    if concept == "due_date" and date is not None:
        clause = f"{_BREAK.split(_before(date))[-1]} {_BREAK.split(_after(date))[0]}"
        option = option.also("date.of_discount", _DISCOUNT.search(clause) is not None)
        return option.also("date.of_theirs", _is_of_other_thing(option))
    if concept == "delivery_date" and option.hit is not None:
        is_to_come = _TO_COME.search(option.hit.segment.text) is not None
        return option.also("date.of_theirs", is_to_come)
    if concept not in _OWN_DATES or date is None or date.kind is not Kind.DATE:
        return option
    option = option.also("doubt.column_of_dates", _is_column(reader, option, date))
    if concept != "issue_date":
        return option
    if option.hit is not None and reader.index.paths_of("invoice_number"):
        is_of_order = option.hit.entry.phrase in _OF_ORDERS or _is_beside_order(reader, option.hit)
        option = option.also("date.of_order", is_of_order)
    before = _announced(option, date)
    option = option.also("date.of_theirs", _is_bracketed(before) or _is_of_theirs(reader, before))
    option = option.also("date.of_credited", is_of_credited(reader, option))
    option = option.also("date.stamped", _is_stamp(reader, date))
    return option.also("date.in_period", _is_period(reader, date))


def _is_of_other_thing(option: Option) -> bool:
    """Return whether words before a label say what else is due, or a term begins with the day.

    Examples: ``Next inspection due``, ``Échéance garantie``, ``due 30 days after``.
    """
    hit, date = option.hit, option.candidate
    if hit is None or date is None:
        return False
    tokens = hit.segment.tokens
    between = tokens[hit.end : date.start] if date.segment is hit.segment else []
    before = tokens[: hit.start]
    # ``30 days net, due on``, ``Échéance / Due``
    is_own = any(t.has_digit or not t.fold or t.fold.endswith(_PAYABLE) for t in before)
    is_own = is_own or hit.end - hit.start > _DUE_DATE
    is_own = is_own or _PAY.search(join(before)) is not None
    is_other = any(token.fold.isalpha() for token in before) and not is_own
    is_told = _OTHER_DATES.search(join(before)) is not None
    is_told = is_told or _OF_TERMS.match(join(hit.rest)) is not None
    # ``Payment due on presentation. The next service is due 2 June``
    is_next = any(t.fold.isalpha() and t.text[-1] == "." and len(t.fold) > 2 for t in between)
    return is_told or is_other or is_next or any(token.has_digit for token in between)


def _is_beside_order(reader: Reader, label: Hit) -> bool:
    """Return whether a label stands right of that of an order's number: ``Order No. | Dated``."""
    left = reader.layout.before(label.segment)
    hits = reader.hits_in(left) if left else ()
    concepts = frozenset().union(*(hit.entry.concepts for hit in hits))
    return bool(concepts & _ORDER_NUMBERS) and "invoice_number" not in concepts


def _is_column(reader: Reader, option: Option, date: Candidate) -> bool:
    """Return whether a label heads a column of dates that differ: those of rows, not its own."""
    hit, first = option.hit, option.tokens[0]
    if hit is None or hit.segment.line >= date.segment.line:
        return False
    below = reader.layout.below(hit.segment, first.left, first.right)
    own = itertools.takewhile(lambda s: reader.dates_of(s) and not is_prose(s.tokens), below)
    return any(c.value != date.value for segment in own for c in reader.dates_of(segment))


def _before(date: Candidate) -> str:
    return join(date.segment.tokens[: date.start])


def _announced(option: Option, date: Candidate) -> str:
    """Return what stands before a date, or its label with it where that is printed apart."""
    hit = option.hit
    is_apart = hit is not None and hit.segment is not date.segment
    return join(hit.segment.tokens[: hit.end]) if hit and is_apart else _before(date)


def _is_bracketed(before: str) -> bool:
    return before.count("(") > before.count(")")


def _is_of_theirs(reader: Reader, before: str) -> bool:
    """Return whether a date is that of another paper: ``Ihre Bestellung vom``, no invoice."""
    is_order = not reader.index.paths_of("invoice_number")
    own, others = (_ORDERS, _OTHERS) if is_order else (_INVOICES, _OTHERS + _ORDERS)
    near = " ".join(before.split()[-_NEXT:])
    found = THEIRS.search(near)
    words = near[found.end() :].split() if found else []
    is_own = any(fold(word).endswith(own) for word in words)
    return (bool(words) and not is_own) or _is_of_number(near.split(), others)


def _is_of_number(words: list[str], papers: tuple[str, ...]) -> bool:
    """Return whether a day is that of a number of some papers: ``Lieferschein 882 vom``."""
    if not words or fold(words[-1]) not in _OF_DAYS:
        return False
    said = (fold(word) for word in words[:-1] if not any(c.isdigit() for c in word))
    return "".join(word for word in said if word not in NUMBER_WORDS).endswith(papers)


def _after(date: Candidate) -> str:
    """Return what follows a date, up to the end of its sentence if that is at once."""
    end = date.start + len(date.tokens)
    return "" if _ends(date) else join(date.segment.tokens[end : end + _NEXT])


def _ends(date: Candidate) -> bool:
    """Return whether a day ends a sentence."""
    return date.tokens[-1].text[-1] == "."


def _is_stamp(reader: Reader, date: Candidate) -> bool:
    line = reader.layout.lines[date.segment.line]
    is_foot = date.segment.top > _FOOT_SHARE * reader.layout.sizes[line.page][1]
    return is_foot and any(c.kind is Kind.TIME for c in reader.candidates_at(line.tokens))


def _is_period(reader: Reader, date: Candidate) -> bool:
    """Return whether a word or two join a date to another one of its segment."""
    tokens = date.segment.tokens
    dated = {path for path, item in reader.index.fields.items() if item.kind is Kind.DATE}
    others = (c for c in reader.dates_of(date.segment) if c is not date)
    pairs = (sorted((date, c), key=lambda each: each.start) for c in others)
    gaps = (tokens[one.start + len(one.tokens) : other.start] for one, other in pairs)
    hits = (hit for hit in reader.hits_in(date.segment) if hit.entry.ranks.keys() & dated)
    labels = {id(hit.segment.tokens[hit.start]) for hit in hits}
    gaps = (gap for gap in gaps if labels.isdisjoint(map(id, gap)))
    joints = (gap for gap in gaps if 0 < len(gap) < _WORDS_OF_PERIOD)
    return any(not (_is_label(gap[-1]) or _is_label(gap[0])) for gap in joints)


def _is_label(token: Token) -> bool:
    """Return whether a word may announce what follows: ``Promised``, not ``to`` or ``bis``."""
    is_word = token.text[0].isupper() and len(token.fold) >= _LABEL_LETTERS
    return is_word or token.text[-1] == ":"


def bare_date(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the day of issue or the last one for payment where it stands without a label.

    On a till receipt it is the date beside the time of day, else the first one; on other
    documents the only unlabelled date in the upper part of the first page, or the only one there
    that stands alone.
    """
    concept = reader.index.concept_of[item.path]
    if concept == "due_date":
        return _payment_day(reader, item.path)
    taken = {option.key for option in chosen.values()}
    dates = [c for c in reader.all_of(Kind.DATE) if c.key not in taken]
    dates = [c for c in dates if concept in _OWN_DATES and not is_other_date(reader, c)]
    if concept == "receipt_date":
        return _sale_date(reader, item.path, dates)
    if concept == "issue_date" and (day := _day_of_number(reader, chosen)) is not None:
        return Option.of(item.path, day, "date.in_title")
    columns = _columns(reader)
    dates = [
        c for c in dates if not (_is_said_of_another(reader, c) or _is_in_rows(reader, c, columns))
    ]
    upper = [c for c in dates if reader.layout.is_on_top(c.segment, _TOP_SHARE)]
    apart = [c for c in upper if len(c.tokens) == len(c.segment.tokens)]
    for found in (upper, apart):
        if len({c.value for c in found}) == 1:
            return Option.of(item.path, found[0], "date.on_top")
    return None


def _day_of_number(reader: Reader, chosen: dict[str, Option]) -> Candidate | None:
    """Return the day right behind the document's own number: ``Facture F24-0652 du 9.7.2024``."""
    paths = (path for concept in STEMS for path in reader.index.paths_of(concept))
    ends = {id(chosen[path].tokens[-1]) for path in paths if path in chosen}
    for date in reader.all_of(Kind.DATE):
        before = date.segment.tokens[: date.start]
        is_joined = bool(before) and (before[-1].fold in _OF_DAYS or not before[-1].fold)
        if any(id(token) in ends for token in before[-1 - is_joined :][:1]):
            return date
    return None


def _is_said_of_another(reader: Reader, date: Candidate) -> bool:
    """Return whether a date stands behind another label, in brackets or in a sentence."""
    before = _before(date)
    is_other = before.endswith(":") or _is_bracketed(before) or _is_of_theirs(reader, before)
    is_glued = date.tokens[0].text.startswith("(")
    num_small = sum(word.islower() for word in before.split())
    return is_other or is_glued or num_small >= _MOST_SMALL or is_prose(date.segment.tokens)


def is_other_date(reader: Reader, date: Candidate) -> bool:
    """Return whether a date is that of something else: one of several, or named before it."""
    line = reader.layout.lines[date.segment.line]
    before = join([t for t in line.tokens if t.left < date.left])
    is_told = _OTHER_DATES.search(before) or _OTHER_DATES.search(date.segment.text)
    is_one_of_many = len(reader.dates_of(date.segment)) > 1 and not _leads(date)
    return is_one_of_many or is_told is not None


def _leads(date: Candidate) -> bool:
    """Return whether a date begins a line of remarks set apart: ``7 augustus 2026 · factuur``."""
    after = date.segment.tokens[len(date.tokens) :]
    return not date.start and bool(after) and not after[0].fold


def _columns(reader: Reader) -> dict[tuple[int, int], set[int]]:
    """Return the days in rows of three cells or more, by where they begin and how they look."""
    columns: dict[tuple[int, int], set[int]] = {}
    for date in reader.all_of(Kind.DATE):
        if _is_row(reader, date):
            columns.setdefault(_column(date), set()).add(date.value)
    return columns


def _is_in_rows(reader: Reader, date: Candidate, columns: dict[tuple[int, int], set[int]]) -> bool:
    """Return whether a date stands in a column of days that differ, in rows."""
    at, num = _column(date)
    near = (columns.get((place, num), set()) for place in (at - 1, at, at + 1))
    return _is_row(reader, date) and len(set().union(*near)) > 1


def _is_row(reader: Reader, date: Candidate) -> bool:
    """Return whether a date is a cell of a line of several."""
    is_cell = len(date.tokens) == len(date.segment.tokens)
    return is_cell and len(reader.layout.lines[date.segment.line].segments) >= _CELLS


def _column(date: Candidate) -> tuple[int, int]:
    """Return where a day begins, in heights, and of how many words it is."""
    return round(date.left / max(date.segment.height, 1e-6)), len(date.tokens)


def _sale_date(reader: Reader, path: str, dates: list[Candidate]) -> Option | None:
    """Return the day of a sale: beside the time of day, else the first."""
    times = {c.segment.line for c in reader.all_of(Kind.TIME)}
    beside = next((c for c in dates if c.segment.line in times), None)
    if beside is not None:
        return Option.of(path, beside, "date.beside_clock")
    is_one_of_many = len({c.value for c in dates}) > 1
    first = (Option.of(path, date, "date.first") for date in dates)
    return next((date.also("doubt.several_dates", is_one_of_many) for date in first), None)


def bare_moment(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the day of issue where it stands alone, with the time of day beside it."""
    found = bare_date(reader, item, chosen)
    if found is None or found.candidate is None:
        return found
    segment = found.candidate.segment
    run = with_clock(found.tokens, segment, reader.candidates_of(segment))
    return found if run is found.tokens else replace(found, tokens=run, text=join(run))


def bare_time(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the time of day that stands on the line of a chosen date, or the next one."""
    dates = [o.candidate for o in chosen.values() if o.candidate and o.candidate.kind is Kind.DATE]
    near = {date.segment.line + off for date in dates for off in (-1, 0, 1)}
    found = next((c for c in reader.all_of(Kind.TIME) if c.segment.line in near), None)
    return Option.of(item.path, found, "alone.clock") if found else None


def _payment_day(reader: Reader, path: str) -> Option | None:
    """Return the last day a sentence allows for payment, or None.

    Days up to which a discount is granted do not count; of several the latest does.
    """
    found = [date for segment in reader.layout.segments for date in _days(reader, segment)]
    last = max(found, key=lambda date: date.value, default=None)
    return Option.of(path, last, "date.payment_day") if last else None


def _begun(reader: Reader, segment: Segment) -> str:
    """Return the line above that a sentence begins on, or nothing."""
    over = (s for s in reader.layout.above(segment) if abs(s.left - segment.left) < s.height)
    is_joined = _OR.match(segment.text) is not None
    begun = (s for s in over if is_joined or is_prose(s.tokens) or _UNTIL.search(s.text))
    text = next((s.text for s in begun if s.text[-1] not in ".!?:"), "")
    return _SENTENCE.split(text)[-1] + " " if text else ""


def _ended(reader: Reader, segment: Segment) -> str:
    """Return the two lines below that a sentence ends on, or nothing."""
    lines = itertools.islice(reader.layout.below(segment, num_lines=2), 2)
    under = (s.text for s in lines if abs(s.left - segment.left) < s.height)
    is_open = is_prose(segment.tokens) and segment.text[-1] not in ".!?:"
    return " " + " ".join(under) if is_open else ""


def _days(reader: Reader, segment: Segment) -> Iterator[Candidate]:
    """Yield the days a segment's sentence names as the end of the time for payment."""
    tokens, done = segment.tokens, 0
    for date in reader.dates_of(segment):
        at, end = date.start, date.start + len(date.tokens)
        before, after = join(tokens[:at]), _after(date)
        if _WEEKDAY.fullmatch(before):
            before = ""
        clause = _BREAK.split(join(tokens[done:at]))[-1] + _BREAK.split(after)[0]
        done = end
        rest, begun = join(tokens[end:]) + _ended(reader, segment), _begun(reader, segment)
        if date.tokens[-1].text[-1] == "." and rest[:1].isupper():
            rest = ""  # Another sentence follows.
        said = _SENTENCE.split(before)[-1]
        # ``Payment: until 3 May less 2 %. Until 9 May in full``
        verb = begun + (before if _UNTIL.match(said) else said) + _BREAK.split(rest)[0]
        is_offer = _DISCOUNT.search(clause) or (not before and _DISCOUNT.search(begun))
        if _UNTIL.search(before or begun) and _PAY.search(verb) and not is_offer:
            yield date

"""Reads printed numbers of every style into plain decimals; ambiguity is kept, not guessed.

Knows nothing of fields beyond their kind, nor of pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from docextract.normalise.currencies import (
    THREE_DECIMALS,
    WORD,
    ZERO_DECIMALS,
    is_currency,
)
from docextract.normalise.digit_groups import Interpretation, interpret
from docextract.normalise.locale import NO_EVIDENCE, LocaleEvidence
from docextract.normalise.reading import NOTHING, Reading, certain, doubtful, refused
from docextract.normalise.wrapping import Wrapped, fold_characters, unwrap
from docextract.schema.kinds import Kind

MAX_CHARS = 80
"""A longer text is no number, whatever it holds."""

MAX_DIGITS = 24
"""More digits than any amount has; longer runs are identifiers."""

_LANGUAGES = "de fr es it nl pt sv da no fi pl cs"
_COMMA_LANGUAGES = frozenset(_LANGUAGES.split())
"""Languages whose countries mostly print a decimal comma."""

_SCALE_WORD = re.compile(r"million|mio\b|mln\b|thousand|tsd\b|'000|milliard|billion", re.I)
_CORE = re.compile(r"[\d., ']+")
_SPLIT_BY_SPACE = re.compile(r"(?<=\d) ?([.,]) (?=\d{2,3}(?!\d))|(?<=\d) ([.,])(?=\d)")
_CONFUSED = str.maketrans("OoQDlI|SBZ", "0000111582")
_CONFUSABLE = re.compile(
    r"(?:^[OoIl|]|(?<=[\d.,OolI|SB])[OoQDlI|SBZ])(?=[\d.,OoQDlI|SBZ])"
    r"|(?<=[\d.,])[Oo]$"
)


def parse_number(
    text: str, evidence: LocaleEvidence = NO_EVIDENCE, kind: Kind = Kind.MONEY
) -> Reading:
    """Return the number a printed text stands for.

    Args:
        text: one printed number with its sign, currency, per-cent sign or brackets.
        evidence: the document's habits; decides between 1234 and 1.234 for ``1.234``.
        kind: what it should be; money rarely has three decimals, a percentage is
            rarely above a thousand.

    Returns:
        A reading whose value is a plain decimal such as ``-1234.50`` with the printed
        decimals. ``CR`` and ``DR`` keep both signs as readings, since invoices and bank
        statements use them the other way round. None where the text is no single number.
    """
    cleaned = fold_characters(text[: 4 * MAX_CHARS])
    if not cleaned or len(cleaned) > MAX_CHARS:
        return NOTHING
    wrapped = unwrap(cleaned)
    core, notes = _repair(wrapped.core)
    found = interpret(core) if _CORE.fullmatch(core) and len(core) <= 2 * MAX_DIGITS else ()
    if found and sum(char.isdigit() for char in core) <= MAX_DIGITS:
        chosen = _choose(found, evidence, Kind.PERCENT if wrapped.is_percent else kind)
        return _dress(chosen, wrapped, notes)
    return _read_amid_words(cleaned, evidence, kind)


def _repair(core: str) -> tuple[str, tuple[str, ...]]:
    """Undo OCR confusions inside a token that is numeric otherwise, and say so."""
    repaired = _SPLIT_BY_SPACE.sub(r"\1\2", core)
    num_letters = sum(char.isalpha() or char == "|" for char in repaired)
    if num_letters and num_letters <= sum(char.isdigit() for char in repaired):
        repaired = _CONFUSABLE.sub(lambda found: found[0].translate(_CONFUSED), repaired)
    is_changed = repaired != core and _CORE.fullmatch(repaired) is not None
    return (repaired, (f"read {core} as {repaired}",)) if is_changed else (core, ())


def _choose(found: tuple[Interpretation, ...], evidence: LocaleEvidence, kind: Kind) -> Reading:
    """Choose between 1.234 as a decimal and as a thousand, or keep both."""
    if len(found) == 1:
        return certain(found[0].value)
    decimal, grouped = found
    if evidence.decimal_mark is not None:
        is_decimal = decimal.decimal_mark == evidence.decimal_mark
        return certain((decimal if is_decimal else grouped).value)
    if kind is Kind.PERCENT:
        return certain(decimal.value)
    if kind is Kind.MONEY and evidence.currency in ZERO_DECIMALS:
        return certain(grouped.value, f"{evidence.currency} is printed without decimals")
    first, second = _order(decimal, grouped, evidence, kind)
    return doubtful((first.value, second.value), f"{first.value} or {second.value}")


def _order(
    decimal: Interpretation, grouped: Interpretation, evidence: LocaleEvidence, kind: Kind
) -> tuple[Interpretation, Interpretation]:
    has_comma_language = evidence.language in _COMMA_LANGUAGES
    usual_mark = "," if has_comma_language else "."
    if kind is Kind.MONEY:
        is_decimal = evidence.currency in THREE_DECIMALS
    else:
        is_decimal = decimal.decimal_mark == usual_mark
    return (decimal, grouped) if is_decimal else (grouped, decimal)


def _dress(chosen: Reading, wrapped: Wrapped, notes: tuple[str, ...]) -> Reading:
    """Put sign and scale back on every reading."""
    values = tuple(_shift(value, wrapped.scale) for value in chosen.readings)
    if wrapped.is_negative:
        values = tuple(_negate(value) for value in values)
    is_ambiguous = chosen.is_ambiguous
    if wrapped.booking and not wrapped.is_negative:
        # Both conventions exist; who knows the kind of document can tell (see values.py).
        values = (*(_negate(value) for value in values), *values)
        is_ambiguous = True
        notes = (*notes, "credit" if wrapped.booking == "C" else "debit")
    note = "; ".join((*notes, *([chosen.note] if chosen.note else []))) or None
    return Reading(values[0], tuple(dict.fromkeys(values)), is_ambiguous, note)


def _shift(value: str, power: int) -> str:
    return f"{Decimal(value).scaleb(power):f}" if power else value


def _negate(value: str) -> str:
    if value.startswith("-"):
        return value[1:]
    return value if not value.strip("0.") else f"-{value}"


def _read_amid_words(text: str, evidence: LocaleEvidence, kind: Kind) -> Reading:
    """Read ``Total: 12.50``: words around one single number."""
    tokens = [token for _, _, token in _tokens(text)]
    if len(tokens) != 1 or tokens[0] == text:
        return refused("several numbers") if len(tokens) > 1 else NOTHING
    if sum(char.isdigit() for char in text) != sum(char.isdigit() for char in tokens[0]):
        return refused("several numbers")
    if _SCALE_WORD.search(text):
        return refused("in thousands or millions")
    return parse_number(tokens[0], evidence, kind)


# In running text every quantifier is bounded by the digits it eats: time is linear.
_RUN = re.compile(
    r"[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f]\d{3}(?!\d))+(?:[.,]\d+)?"
    r"|\d+(?:[.,'’]\d+)*"
)
_BEFORE = re.compile(
    rf"(?:(?P<outer>{WORD})\s?)?(?P<sign>[-−–(+])(?:(?P<inner>{WORD})\s?)?$|(?P<word>{WORD})\s?$"
)
_AFTER = re.compile(rf"[.,][-–]{{1,2}}(?!\d)|-(?![\w-])|\)|\s?%|\s?(?:CR|DR)\b|\s?({WORD})(?!\w)")


def find_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of every printed number, with its sign and currency.

    Digits that belong to a word, date, time or code are left out. Where a plain space may
    group digits or separate columns (``2 150,00``), the whole and its parts are yielded.
    """
    for start, end, token in _tokens(text):
        yield start, end, token
        if " " not in token:
            continue
        runs = list(re.finditer(r"[\d.,'’]*\d", token))
        if len(runs) > 1:
            yield from ((start + r.start(), start + r.end(), r[0]) for r in runs)


def _tokens(text: str) -> Iterator[tuple[int, int, str]]:
    for run in _RUN.finditer(text):
        if not _is_free(text, run.start(), run.end()):
            continue
        start = _extend_left(text, run.start())
        end = _extend_right(text, run.end())
        if start is not None and end is not None:
            yield start, end, text[start:end]


def _is_free(text: str, start: int, end: int) -> bool:
    """Whether digits are not joined to others by a hyphen, slash, colon or point."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    is_joined_left = len(before) == 2 and before[1] in "-/:.,'_#" and before[0].isdigit()
    is_joined_right = len(after) == 2 and after[0] in "-/:'" and after[1].isalnum()
    return not (is_joined_left or is_joined_right)


def _extend_left(text: str, start: int) -> int | None:
    """Return where sign and currency begin, or None if the digits belong to a word."""
    offset = max(0, start - 10)
    found = _BEFORE.search(text[offset:start])
    if found is None:
        return start
    outer, word = found["outer"], found["word"] or found["inner"]
    if word and not is_currency(word):
        is_glued = text[start - 1].isalpha() or text[start - 1] == "/"
        return None if is_glued else start
    if not found["sign"]:
        return offset + found.start("word")
    if outer and is_currency(outer):
        return offset + found.start("outer")
    is_hyphen = outer is not None and found.end("outer") == found.start("sign")
    return None if is_hyphen else offset + found.start("sign")


def _extend_right(text: str, end: int) -> int | None:
    """Return where suffixes end, or None if the digits run on into a word."""
    found = _AFTER.match(text, end)
    if found is None:
        return None if text[end : end + 1].isalpha() or text[end : end + 1] == "_" else end
    if found[1] is None:
        return found.end()
    if is_currency(found[1]):
        return found.end()
    return None if found.start(1) == end and found[1][0].isalpha() else end

"""Reads printed numbers of every style into plain decimals; ambiguity is kept, not guessed.

Knows nothing of fields beyond their kind, nor of pages.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from decimal import Decimal

from docextract.normalise.locale.habits import NO_EVIDENCE, LocaleEvidence
from docextract.normalise.numbers.currencies import THREE_DECIMALS, ZERO_DECIMALS, code_of
from docextract.normalise.numbers.digit_groups import Interpretation, interpret
from docextract.normalise.numbers.number_search import (
    LOOKALIKES,
    Wrapped,
    find_numbers,
    find_whole_numbers,
    fold_characters,
    unwrap,
)
from docextract.normalise.reading import NOTHING, Reading, certain, doubtful, refused
from docextract.schema import Kind
from docextract.schema.languages import pattern, speaking

__all__ = ["find_numbers", "parse_number"]

MAX_CHARS = 80
"""A longer text is no number, whatever it holds."""

MAX_DIGITS = 24
"""More digits than any amount has; longer runs are identifiers."""

_COMMA_LANGUAGES = speaking("decimal_mark", ",")
"""Languages whose countries mostly print a decimal comma."""

_SCALE_WORD = re.compile(pattern("numbers", "scale"), re.IGNORECASE)
_CORE = re.compile(r"[\d., ']+")
_SPLIT_BY_SPACE = re.compile(r"(?<=\d) ?([.,]) (?=\d{2,3}(?!\d))|(?<=\d) ([.,])(?=\d)")
_CONFUSED = str.maketrans(LOOKALIKES, "0000111582")
_CONFUSABLE = re.compile(
    rf"(?:^[OoIl|]|(?<=[\d.,OolI|SB])[{LOOKALIKES}])(?=[\d.,{LOOKALIKES}])"
    rf"|(?<=\d[.,]\d)[{LOOKALIKES}]$|(?<=[\d.,])[Oo]$"
)
_ONE_MARK_TOO_MANY = re.compile(r"(\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*)(?P=mark)(\d\d)")
_SIGN_AS_MARK = re.compile(r"(?<=\d)[€$£](?=\d\d$)")
_FRACTION = re.compile(r"(\d{0,6}) ?([¼½¾⅕⅖⅗⅘⅛⅜⅝⅞])")


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
    if wrapped.booking in ("H", "S") and evidence.language != "de":
        wrapped.booking = ""  # elsewhere the letter is a receipt's tax code
    core = _plain(wrapped.core)
    repaired = _repair(core)
    found = _interpret(repaired)
    if not found:
        return _read_amid_words(cleaned, evidence, kind)
    chosen = _choose(found, wrapped, evidence, kind)
    if core.startswith("|") and (inner := _interpret(_repair(core[1:]))):
        # Either a misread 1 or a rule between columns: nothing printed can tell.
        without = _choose(inner, wrapped, evidence, kind)
        chosen = doubtful((*chosen.readings, *without.readings), "| could be a 1 or a rule")
    reading = _dress(chosen, wrapped)
    return reading if repaired == core else _repaired(reading, core, repaired)


def _plain(core: str) -> str:
    """Return digits with a fraction (1½) or a currency sign for a mark (12€50) written out."""
    fraction = _FRACTION.fullmatch(core)
    if fraction is not None:
        return f"{fraction[1] or 0}{str(unicodedata.numeric(fraction[2]))[1:]}"
    return core if re.search("[.,]", core) else _SIGN_AS_MARK.sub(",", core)


def _repair(core: str) -> str:
    """Return ``core`` without OCR confusions, where the rest of it is a number."""
    repaired = _SPLIT_BY_SPACE.sub(r"\1\2", core)
    num_letters = sum(char.isalpha() or char == "|" for char in repaired)
    if num_letters and num_letters <= sum(map(str.isdigit, repaired)):
        repaired = _CONFUSABLE.sub(lambda found: found[0].translate(_CONFUSED), repaired)
    doubled = _ONE_MARK_TOO_MANY.fullmatch(repaired)
    if doubled is not None:
        repaired = f"{doubled[1]}{',' if doubled['mark'] == '.' else '.'}{doubled[3]}"
    return repaired if _CORE.fullmatch(repaired) else core


def _repaired(reading: Reading, printed: str, repaired: str) -> Reading:
    note = _join(f"read {printed} as {repaired}", reading)
    return replace(reading, note=note, is_repaired=True)


def _interpret(core: str) -> tuple[Interpretation, ...]:
    is_number = _CORE.fullmatch(core) is not None and len(core) <= 2 * MAX_DIGITS
    return interpret(core) if is_number and _num_digits(core) <= MAX_DIGITS else ()


def _num_digits(text: str) -> int:
    """How many characters are part of a number, fractions such as ½ among them."""
    return sum(char.isdigit() or char.isnumeric() for char in text)


def _choose(
    found: tuple[Interpretation, ...], wrapped: Wrapped, evidence: LocaleEvidence, kind: Kind
) -> Reading:
    """Choose between 1.234 as a decimal and as a thousand, or keep both."""
    if len(found) == 1:
        return certain(found[0].value)
    decimal, grouped = found
    kind = Kind.PERCENT if wrapped.is_percent else kind
    currency = code_of(wrapped.currency)
    if currency in ZERO_DECIMALS:
        return certain(grouped.value, f"{currency} is printed without decimals")
    if currency in THREE_DECIMALS:
        return certain(decimal.value, f"{currency} has three decimals")
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


def _dress(chosen: Reading, wrapped: Wrapped) -> Reading:
    """Put sign and scale back on every reading."""
    values = tuple(_shift(value, wrapped.scale) for value in chosen.readings)
    if wrapped.is_negative:
        values = tuple(_negate(value) for value in values)
    is_ambiguous = chosen.is_ambiguous
    if wrapped.booking and not wrapped.is_negative:
        # Both conventions exist; who knows the kind of document can tell (see values.py).
        values = (*(_negate(value) for value in values), *values)
        is_ambiguous = True
        booking = "credit" if wrapped.booking in ("C", "H") else "debit"
        return Reading(
            values[0], tuple(dict.fromkeys(values)), is_ambiguous, _join(booking, chosen)
        )
    return Reading(values[0], tuple(dict.fromkeys(values)), is_ambiguous, chosen.note)


def _join(note: str, reading: Reading) -> str:
    return "; ".join(filter(None, (note, reading.note)))


def _shift(value: str, power: int) -> str:
    return f"{Decimal(value).scaleb(power):f}" if power else value


def _negate(value: str) -> str:
    if value.startswith("-"):
        return value[1:]
    return value if not value.strip("0.") else f"-{value}"


def _read_amid_words(text: str, evidence: LocaleEvidence, kind: Kind) -> Reading:
    """Read ``Total: 12.50``: words around one single number."""
    tokens = [token for _, _, token in find_whole_numbers(text)]
    if len(tokens) != 1 or tokens[0] == text:
        return refused("several numbers") if len(tokens) > 1 else NOTHING
    if _num_digits(text) != _num_digits(tokens[0]):
        return refused("several numbers")
    if _SCALE_WORD.search(text):
        return refused("in thousands or millions")
    return parse_number(tokens[0], evidence, kind)

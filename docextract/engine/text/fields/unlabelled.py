"""Values that a field's kind and their place give away without a label.

Knows nothing of tables or of how amounts are chosen.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from docextract.engine.text.fields.bank_accounts import sole_iban
from docextract.engine.text.fields.bare_dates import bare_date, bare_moment, bare_time
from docextract.engine.text.fields.bare_numbers import numbered_option
from docextract.engine.text.text_document import (
    Candidate,
    Option,
    Reader,
    Segment,
    Token,
    fold,
    fold_keys,
    given,
    join,
)
from docextract.engine.text.values.amounts import is_code, is_currency
from docextract.engine.text.values.checkboxes import boxed
from docextract.normalise import gather_evidence
from docextract.normalise.locale.regions import find_clues
from docextract.normalise.numbers.currencies import SIGNS
from docextract.schema import Field, Kind

_TITLES = fold_keys("document_titles")
_TITLE_TOKENS = 3
_HUNDRED = 100
"""Sizes are told in hundredths of the page's height."""
_BRACKETED = re.compile(r"\(([^()\s]{1,4})\)[:.]?$")
_LETTERS = frozenset(sign.upper() for sign in SIGNS if len(sign) == 1 and sign.isalpha())
"""Currencies that a single letter stands for: ``R 120.00``."""
_TOTALS = ("gross", "receipt_total", "amount_due")

_TITLED = "Eur"
"""The one code that is printed like a name and is none."""

Chosen = Mapping[str, Option]


def unlabelled(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the value that a field's kind and its place give away without a label, or None."""
    find = _FINDERS.get(item.kind)
    return find(reader, item, chosen) if find else None


def _currency(reader: Reader, item: Field, chosen: Chosen) -> Option | None:
    """Return the sign at the total, or the one printed most often at amounts, or a bare code."""
    totals = (chosen[p].candidate for n in _TOTALS for p in reader.index.paths_of(n) if p in chosen)
    total = next(totals, None)
    for token in _in_label(reader, chosen):
        return Option(item.path, [token], token.text.strip("()[]:"), given("alone.sign_at_total"))
    if total is not None and total.currency_token is not None:
        why = given("alone.sign_at_total")
        return Option(item.path, [total.currency_token], total.currency, why)
    priced = [c for c in reader.all_money() if c.currency]
    # ``KR 30`` is a part's name as often as an amount, ``R22.5`` always.
    found = [c for c in priced if c.num_decimals > 1 or not c.currency.isalpha()]
    counts = Counter(c.currency.upper() for c in found)
    for sign, count in counts.most_common(1):
        last = next(c for c in reversed(found) if c.currency.upper() == sign)
        is_stray = count == 1 and last.key not in {option.key for option in chosen.values()}
        why = *given("alone.signs"), ("alone.sign", 1 - count / counts.total())
        why = (*why, ("alone.stray_sign", is_stray))
        return Option(item.path, [last.currency_token or last.tokens[-1]], last.currency, why)
    return _worded(reader, item, total) or _bare_code(reader, item) or _of_country(reader, item)


def _in_label(reader: Reader, chosen: Chosen) -> Iterator[Token]:
    """Yield the currency at the end of the total's label: ``Total due EUR``, ``Total (EUR):``."""
    for path in (p for name in _TOTALS for p in reader.index.paths_of(name) if p in chosen):
        hit, amount = chosen[path].hit, chosen[path].tokens[0]
        before = [t for t in hit.segment.tokens if t.left < amount.left] if hit else []
        yield from (t for t in before[-1:] if is_currency(t.text.strip("()[]:")))


def _worded(reader: Reader, item: Field, total: Candidate | None) -> Option | None:
    """Return a code or letter that is a word too, beside several amounts or the total: PEN."""
    priced = [found for found in reader.all_money() if found.num_decimals]
    near = (token for found in priced for token in _neighbours(found))
    beside = [token for token in near if is_code(token.text) or token.text in _LETTERS]
    for code, count in Counter(token.text for token in beside).most_common(1):
        token = next(t for t in beside if t.text == code)
        is_known = count > 1 or (total is not None and token in _neighbours(total))
        return Option(item.path, [token], code, given("alone.worded_code")) if is_known else None
    return None


def _neighbours(found: Candidate) -> list[Token]:
    tokens, start = found.segment.tokens, found.start
    return tokens[max(0, start - 1) : start] + tokens[start + len(found.tokens) :][:1]


def _bare_code(reader: Reader, item: Field) -> Option | None:
    """Return the code or sign printed most often anywhere, as in a table's head."""
    tokens = (token for segment in reader.layout.segments for token in segment.tokens)
    codes = [(token, code) for token in tokens if (code := _code_in(token.text))]
    # ``Fr`` and ``kr`` are words of other things too.
    sure = [code for _, code in codes if is_code(code) or not code.isalpha()]
    for best, count in Counter(sure or (code for _, code in codes)).most_common(1):
        token = next(token for token, code in codes if code == best)
        why = *given("alone.bare_code"), ("alone.code", min(2, count - 1))
        return Option(item.path, [token], best, why)
    return None


def _code_in(text: str) -> str:
    """Return the currency a word names, whole or in brackets at its end: ``Amt(RM)``."""
    bracketed = _BRACKETED.search(text)
    code = (bracketed[1] if bracketed else text).strip("()[].,:;")
    is_common = not is_code(code) or is_code(code.lower())
    # ``lei`` and ``kr`` are words, ``(lei)`` and ``zł`` are not.
    is_word = code.islower() and code.isascii() and bracketed is None
    # So are ``Cad.`` and ``Ron``: streets and persons.
    is_word |= code.istitle() and is_code(code) and bracketed is None and code != _TITLED
    return code if is_currency(code) and is_common and not is_word else ""


def _of_country(reader: Reader, item: Field) -> Option | None:
    """Return what shows the country of a receipt that prints no currency at all.

    Tills take the local currency, while an invoice may ask for any. Too weak to be verified:
    the place does not say the currency, it only implies one.
    """
    if not reader.index.paths_of("receipt_total"):
        return None
    segments = reader.layout.segments
    country = gather_evidence(segment.text for segment in segments).country
    for segment in segments:
        for clue in find_clues(segment.text):
            tokens = segment.tokens_between(clue.start, clue.end)
            if clue.country == country and tokens:
                return Option(item.path, tokens, join(tokens), given("doubt.country_of_till"))
    return None


def _choice(reader: Reader, item: Field, _: Chosen) -> Option | None:
    """Return the one choice whose box is ticked; where none has a box, the one in a title."""
    boxes = list(boxed(reader.layout.segments, item.choices))
    on = {choice: box for box, choice in reversed(boxes) if box.is_on}
    if len(on) == 1:
        ((choice, box),) = on.items()
        return Option(item.path, box.tokens, choice, given("alone.ticked"))
    titles = () if boxes else _titles(reader, item)
    return max(titles, key=lambda option: option.score, default=None)


def _titles(reader: Reader, item: Field) -> Iterator[Option]:
    """Yield the choices that titles on the first page name; larger and higher ones weigh more.

    The text is the choice itself, because a schema's choices are seldom printed.
    """
    names = {fold(choice): choice for choice in item.choices}
    names |= {printed: c for printed, c in _TITLES.items() if c in item.choices}
    page = reader.layout.lines[0].page
    height = reader.layout.sizes[page][1]
    for segment in reader.layout.segments:
        tokens, choice = _title(segment, names)
        if choice and segment.page == page:
            why = (
                ("title.base", 1),
                ("title.height", _HUNDRED * segment.height / height),
                ("title.depth", segment.top / height),
                ("title.part_of_line", len(tokens) < len(segment.tokens)),
                ("title.plain_invoice", choice == "invoice"),
            )
            yield Option(item.path, tokens, choice, why)


def _title(segment: Segment, names: Mapping[str, str]) -> tuple[list[Token], str]:
    """Return the longest title a segment begins with, and the choice it names; none if empty."""
    for end in range(_TITLE_TOKENS, 0, -1):
        tokens = segment.tokens[:end]
        choice = names.get("".join(token.fold for token in tokens))
        if choice:
            return tokens, choice
    return [], ""


_FINDERS: dict[Kind, Callable[[Reader, Field, dict[str, Option]], Option | None]] = {
    Kind.CURRENCY: _currency,
    Kind.DATE: bare_date,
    Kind.DATETIME: bare_moment,
    Kind.TIME: bare_time,
    Kind.IDENTIFIER: lambda reader, item, _: numbered_option(reader, item),
    Kind.IBAN: sole_iban,
    Kind.ENUM: _choice,
}

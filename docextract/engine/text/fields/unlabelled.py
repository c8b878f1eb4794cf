"""Values that stand alone: currencies beside amounts, titles, a party's country.

Knows nothing of tables or of how amounts are chosen.
"""

from __future__ import annotations

import re
from collections import Counter

from docextract.engine.text.parties.addresses import is_country
from docextract.engine.text.parties.blocks import Party
from docextract.engine.text.text_document import (
    Candidate,
    Factors,
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
from docextract.normalise import gather_evidence
from docextract.normalise.locale.regions import find_clues
from docextract.schema import Field, Kind, Role

_TITLES = fold_keys("document_titles")
_TITLE_TOKENS = 3
_HUNDRED = 100
"""Sizes are told in hundredths of the page's height."""


def currency_option(reader: Reader, path: str, near: Option | None) -> Option | None:
    """Return the sign or code printed most often at amounts, or alone in a table's head.

    Args:
        reader: the document.
        path: the currency field's path.
        near: the total; the sign printed at it counts most.
    """
    found: dict[str, list[Candidate]] = {}
    for candidates in reader.candidates.values():
        for candidate in candidates:
            if candidate.currency and candidate.kind is Kind.MONEY:
                found.setdefault(candidate.currency.upper(), []).append(candidate)
    total = near.candidate if near is not None else None
    if total is not None and total.currency:
        return _sign(path, total, given("alone.sign_at_total"))
    if found:
        best = max(found, key=lambda sign: len(found[sign]))
        share = len(found[best]) / sum(len(items) for items in found.values())
        return _sign(path, found[best][-1], (*given("alone.signs"), ("alone.sign", 1 - share)))
    return _worded(reader, path) or _bare_currency(reader, path) or _of_country(reader, path)


def _worded(reader: Reader, path: str) -> Option | None:
    """Return a code that is a word too, printed right before or behind several amounts: PEN."""
    beside = [
        token
        for found in (c for candidates in reader.candidates.values() for c in candidates)
        if found.kind is Kind.MONEY and found.num_decimals
        for token in _neighbours(found)
        if is_code(token.text)
    ]
    ((code, count),) = Counter(token.text for token in beside).most_common(1) or [("", 0)]
    token = next((t for t in beside if t.text == code and count > 1), None)
    return Option(path, [token], code, given("alone.worded_code")) if token is not None else None


def _neighbours(found: Candidate) -> list[Token]:
    tokens = found.segment.tokens
    first, last = tokens.index(found.tokens[0]), tokens.index(found.tokens[-1])
    return tokens[max(0, first - 1) : first] + tokens[last + 1 : last + 2]


def _of_country(reader: Reader, path: str) -> Option | None:
    """Return what shows the country of a receipt that prints no currency at all.

    Tills take the local currency, while an invoice may ask for any. Too weak to be verified:
    the place does not say the currency, it only implies one.
    """
    if "receipt_total" not in reader.index.concept_of.values():
        return None
    segments = reader.layout.segments
    country = gather_evidence(segment.text for segment in segments).country
    for segment in segments:
        for clue in find_clues(segment.text):
            tokens = segment.tokens_between(clue.start, clue.end)
            if clue.country == country and tokens:
                return Option(path, tokens, join(tokens), given("doubt.country_of_till"))
    return None


def _sign(path: str, candidate: Candidate, why: Factors) -> Option | None:
    if candidate.currency_token is None:
        return None
    return Option(path, [candidate.currency_token], candidate.currency, why)


def _bare_currency(reader: Reader, path: str) -> Option | None:
    codes = [(t, c) for s in reader.layout.segments for t in s.tokens if (c := _code_in(t.text))]
    if not codes:
        return None
    (best, count), *_ = Counter(code for _, code in codes).most_common(1)
    token = next(token for token, code in codes if code == best)
    return Option(
        path, [token], best, (*given("alone.bare_code"), ("alone.code", min(2, count - 1)))
    )


def _code_in(text: str) -> str:
    """Return the currency a word names, whole or in brackets at its end: ``Amt(RM)``."""
    bracketed = re.search(r"\(([^()\s]{1,4})\)[:.]?$", text)
    code = (bracketed[1] if bracketed else text).strip("()[].,:;")
    is_common = not is_code(code) or is_code(code.lower())
    return code if is_currency(code) and is_common and not code.islower() else ""


def title_option(reader: Reader, item: Field) -> Option | None:
    """Return the choice a title on the first page names; its place is the title's.

    Titles are looked for at the beginning of segments, larger and higher ones first. The
    text returned is the choice itself, because a schema's choices are seldom printed.
    """
    names = {fold(choice): choice for choice in item.choices}
    names |= {printed: c for printed, c in _TITLES.items() if c in item.choices}
    best: Option | None = None
    first_page = next((line.page for line in reader.layout.lines), None)
    height = reader.layout.sizes[first_page][1] if first_page is not None else 1.0
    for segment in reader.layout.segments:
        if segment.page != first_page:
            break
        found = _title(segment, names)
        if found is None:
            continue
        tokens, choice = found
        why = (
            ("title.base", 1),
            ("title.height", _HUNDRED * segment.height / height),
            ("title.depth", segment.top / height),
            ("title.part_of_line", len(tokens) < len(segment.tokens)),
            ("title.plain_invoice", choice == "invoice"),
        )
        option = Option(item.path, tokens, choice, why)
        if best is None or option.score > best.score:
            best = option
    return best


def _title(segment: Segment, names: dict[str, str]) -> tuple[list[Token], str] | None:
    text = ""
    found = None
    for end, token in enumerate(segment.tokens[:_TITLE_TOKENS]):
        text += token.fold
        if text in names:
            found = (segment.tokens[: end + 1], names[text])
    return found


def country_options(reader: Reader, parties: dict[Role, Party]) -> list[Option]:
    """Return the country line under a party's address."""
    options: list[Option] = []
    for item in reader.index.fields.values():
        party = parties.get(item.role) if item.role else None
        if item.kind is not Kind.COUNTRY or party is None or not party.block.zone:
            continue
        for line in sorted(party.block.zone):
            for segment in reader.layout.lines[line].segments if line >= 0 else ():
                near = abs(segment.left - party.name[0].left) < 3 * segment.height
                if near and is_country(segment.tokens) and segment.text.strip() != "":
                    options.append(
                        Option(item.path, segment.tokens, segment.text, given("alone.country"))
                    )
    return options

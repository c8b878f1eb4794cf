"""Tells accounts to pay to from others, and finds the one that no label announces.

Knows nothing of labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from docextract.engine.text.text_document import Candidate, Option, Reader, fold, pattern
from docextract.normalise.text.printed_shapes import IBAN_LENGTHS
from docextract.schema import Field, Kind

_PAYER = re.compile(rf"\b(?:{pattern('banks', 'payer')})", re.IGNORECASE)
_ASSIGNED = re.compile(rf"\b(?:{pattern('banks', 'assigned')})", re.IGNORECASE)
_ACCOUNT = re.compile(rf"\b(?:{pattern('banks', 'account')})\b", re.IGNORECASE)
_MIN_NAME = 5
"""Shorter names are parts of words."""


def accounts_to_pay(
    reader: Reader, options: dict[str, list[Option]], chosen: Mapping[str, Option]
) -> dict[str, list[Option]]:
    """Return options by path without accounts of whoever pays, or has sold the claim.

    Args:
        reader: the document.
        options: by field path.
        chosen: options that were chosen, among them the buyer's name.
    """
    return {
        path: _of_payees(reader, found, chosen)
        if reader.index.fields[path].kind is Kind.IBAN
        else found
        for path, found in options.items()
    }


def _of_payees(
    reader: Reader, found: Iterable[Option], chosen: Mapping[str, Option]
) -> list[Option]:
    """Return the options of accounts to pay to; that of who bought the claim, where it is told."""
    kept = [option for option in found if not _is_payers(reader, option, chosen)]
    accounts = reader.all_of(Kind.IBAN) if kept else []
    # ``Client account: ...`` and ``Office account: ...``: words say of one what it is for.
    is_told = any(_ACCOUNT.search(account.segment.text) for account in accounts)
    is_of_several = is_told and len({fold(account.text) for account in accounts}) > 1
    kept = [option.also("doubt.several_ibans", is_of_several) for option in kept]
    sold_to = {id(c.tokens[0]) for c in accounts if _is_assigned(reader, c)}
    return [o for o in kept if id(o.tokens[0]) in sold_to] if sold_to else kept


def _is_assigned(reader: Reader, account: Candidate) -> bool:
    """Return whether the sentence an account stands in says to whom a claim was sold."""
    segment = account.segment
    above = (s for s in reader.layout.above(segment) if segment.top - s.bottom < segment.height)
    return any(_ASSIGNED.search(s.text) for s in (segment, *above))


def sole_iban(reader: Reader, item: Field, chosen: Mapping[str, Option]) -> Option | None:
    """Return the account number no label announces: its shape tells it from all else.

    Only whole ones count, by the length ISO 13616 gives each country; of several the
    first is taken, with a score that leaves it unverified.
    """
    whole = (
        Option.of(item.path, c, "number.sole_iban")
        for c in reader.all_of(Kind.IBAN)
        if IBAN_LENGTHS.get(c.text[:2]) == sum(map(str.isalnum, c.text))
    )
    found = _of_payees(reader, whole, chosen)
    is_one_of_many = len({fold(option.text) for option in found}) > 1
    return found[0].also("doubt.several_ibans", is_one_of_many) if found else None


def _is_payers(reader: Reader, option: Option, chosen: Mapping[str, Option]) -> bool:
    """Return whether the words around an account, or the name beside it, make it the payer's.

    As in ``We debit your account DE02 ...``.
    """
    own = option.candidate.segment.text if option.candidate else ""
    text = f"{option.hit.segment.text} {own}" if option.hit is not None else own
    names = {fold(chosen[path].text) for path in reader.index.paths_of("buyer") if path in chosen}
    is_named = any(len(name) >= _MIN_NAME and name in fold(text) for name in names)
    return is_named or _PAYER.search(text) is not None

"""Check digits, prefixes and code lists of identifiers, through python-stdnum.

Knows nothing of whose identifiers they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from docextract.core import Check
from docextract.normalise.locale.countries import CODES as COUNTRIES
from docextract.normalise.numbers.currencies import CODES as CURRENCIES
from docextract.normalise.text.identifiers import is_valid_bic, is_valid_iban, is_valid_vat_id
from docextract.schema import Kind
from docextract.verify.checks.view import View, failed, not_applicable, passed

_WITH_PREFIX = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")


def by_kind(
    kind: Kind, judge: Callable[[str], str | bool | None]
) -> Callable[[str, View], Iterator[Check]]:
    """Return a check of every leaf of a kind.

    Args:
        kind: whose leaves are judged.
        judge: True where a value is right, a complaint where it is wrong, None where no
            rule applies to it.
    """

    def check(rule: str, view: View) -> Iterator[Check]:
        for path, field, value in view.leaves:
            if field.kind is kind:
                yield _verdict(rule, path, judge(value))

    return check


def _verdict(rule: str, path: str, judged: str | bool | None) -> Check:
    if judged is None:
        return not_applicable(rule, path)
    return passed(rule, path) if judged is True else failed(rule, path, message=str(judged))


def judge_iban(value: str) -> str | bool | None:
    """Judge structure, length and ISO 7064 check digits of an IBAN."""
    return is_valid_iban(value) or f"{value} has a wrong checksum or length"


def judge_bic(value: str) -> str | bool | None:
    """Judge a BIC's pattern and country (ISO 9362 has no check digit)."""
    return is_valid_bic(value) or f"{value} is no BIC"


def judge_vat_id(value: str) -> str | bool | None:
    """Judge a VAT id by its country's rule; national tax numbers have none here."""
    is_valid = is_valid_vat_id(value)
    if is_valid is None:
        return None
    return is_valid or f"{value} has a wrong checksum or length"


def judge_vat_prefix(value: str) -> str | bool | None:
    """Judge a VAT id's prefix: ISO 3166-1, or EL for Greece, XI for Northern Ireland."""
    if not _WITH_PREFIX.fullmatch(value):
        return None
    is_known = value[:2] in COUNTRIES or value[:2] in ("EL", "XI")
    return is_known or f"{value[:2]} is no country"


def judge_currency(value: str) -> str | bool | None:
    """Judge whether a currency code exists."""
    return value in CURRENCIES or f"{value} is no ISO 4217 code"

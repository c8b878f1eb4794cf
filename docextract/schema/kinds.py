"""What a field's values look like, what announces them, and how two are compared.

Knows nothing of any schema or page; it holds the markers schemas are annotated with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of leaf; each has one normaliser and one way to be recognised."""

    TEXT = "text"
    NAME = "name"
    ADDRESS = "address"
    IDENTIFIER = "identifier"
    MONEY = "money"
    DECIMAL = "decimal"
    PERCENT = "percent"
    QUANTITY = "quantity"
    UNIT = "unit"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    CURRENCY = "currency"
    COUNTRY = "country"
    IBAN = "iban"
    BIC = "bic"
    TAX_ID = "tax_id"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    BOOLEAN = "boolean"
    ENUM = "enum"

    @property
    def is_number(self) -> bool:
        """Whether values of this kind are decimals."""
        return self in (Kind.MONEY, Kind.DECIMAL, Kind.PERCENT, Kind.QUANTITY)


class Comparison(StrEnum):
    """How two values of a field are compared."""

    EQUAL = "equal"
    IDENTIFIER = "identifier"
    SIMILAR = "similar"


class Role(StrEnum):
    """Whose property a field is."""

    SELLER = "seller"
    BUYER = "buyer"
    SHIP_TO = "ship_to"
    BANK = "bank"
    HOLDER = "holder"


_COMPARISONS = {
    Kind.TEXT: Comparison.SIMILAR,
    Kind.NAME: Comparison.SIMILAR,
    Kind.ADDRESS: Comparison.SIMILAR,
    Kind.IDENTIFIER: Comparison.IDENTIFIER,
    Kind.IBAN: Comparison.IDENTIFIER,
    Kind.BIC: Comparison.IDENTIFIER,
    Kind.TAX_ID: Comparison.IDENTIFIER,
    Kind.PHONE: Comparison.IDENTIFIER,
}


@dataclass(frozen=True)
class FieldType:
    """Marks an ``Annotated`` type with its kind."""

    kind: Kind

    @property
    def comparison(self) -> Comparison:
        """How two values of this kind are compared."""
        return _COMPARISONS.get(self.kind, Comparison.EQUAL)


@dataclass(frozen=True, init=False)
class Labels:
    """Phrases that announce a field on a page, by language, best first.

    Example:
        >>> from docextract.schema.types import Labels
        >>> Labels(en=["job no"], de=["Auftrag"]).phrases
        ('job no', 'auftrag')
    """

    by_language: tuple[tuple[str, tuple[str, ...]], ...]

    def __init__(self, **by_language: Iterable[str]) -> None:
        pairs = tuple(
            (language, tuple(phrase.lower() for phrase in phrases))
            for language, phrases in by_language.items()
        )
        object.__setattr__(self, "by_language", pairs)

    def plus(self, **by_language: Iterable[str]) -> Labels:
        """Return these labels with more of them, the added ones first."""
        added = Labels(**by_language)
        object.__setattr__(added, "by_language", added.by_language + self.by_language)
        return added

    @property
    def phrases(self) -> tuple[str, ...]:
        """All phrases without repetition: the best of every language, then the second best ...

        A phrase of several languages ranks as in the first that has it.
        """
        ranks = self.ranks
        return tuple(sorted(ranks, key=lambda phrase: ranks[phrase]))

    @property
    def ranks(self) -> dict[str, int]:
        """The place of every phrase within the first language that has it, from 0."""
        ranks: dict[str, int] = {}
        for _, phrases in self.by_language:
            for rank, phrase in enumerate(phrases):
                ranks.setdefault(phrase, rank)
        return ranks


@dataclass(frozen=True)
class Key:
    """Marks a field without which a record needs review.

    Attributes:
        unless: the name of a field beside it that will do in its place, as ``net`` for ``gross``.
    """

    unless: str = ""

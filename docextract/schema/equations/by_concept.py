"""The equations as the text engine reads them: sums of concepts, in whole hundredths.

Knows nothing of paths. Amounts count without their sign: a discount is taken off however printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from docextract.schema.equations.shapes import Product, Share, Sum, Way, terms_of
from docextract.schema.equations.table import CONCEPTS, EQUATIONS, INVOICES, STATEMENT


def canonical(concept: str) -> str:
    """Return the name that an amount of the vocabulary has in the equations."""
    return CONCEPTS.get(concept, concept)


@dataclass(frozen=True, slots=True)
class PrintedSum:
    """One way to calculate a result, all of whose terms are printed.

    Attributes:
        id: of the equation.
        result: the concept of the sum.
        terms: sign and concept of each summand.
    """

    id: str
    result: str
    terms: tuple[tuple[int, str], ...]

    @property
    def summands(self) -> tuple[str, ...]:
        """The concepts of the terms."""
        return tuple(concept for _, concept in self.terms)

    @property
    def names(self) -> tuple[str, ...]:
        """The concepts of the terms and, last, of the result."""
        return (*self.summands, self.result)

    def of(self, *amounts: int) -> int:
        """Return the sum of amounts that are given in the order of the terms."""
        return sum(sign * amount for (sign, _), amount in zip(self.terms, amounts, strict=True))

    def excess(self, amounts: Mapping[str, int]) -> int:
        """Return by how much the terms are more than the result; 0 where the sum is right."""
        return self.of(*(amounts[name] for name in self.summands)) - amounts[self.result]

    def missing(self, name: str, amounts: Mapping[str, int]) -> int:
        """Return what an amount has to be for the sum to be right, whatever is given for it."""
        signs = {concept: sign for sign, concept in self.terms}
        return -signs.get(name, -1) * self.excess({**amounts, name: 0})


def _printed() -> Iterator[PrintedSum]:
    for equation in EQUATIONS:
        if isinstance(equation, Sum):
            for way in equation.ways:
                if way.is_read:
                    yield PrintedSum(equation.id, equation.result, _read_terms(way))


def _read_terms(way: Way) -> tuple[tuple[int, str], ...]:
    """Return the terms the text engine asks for: all but those that the way says it leaves out."""
    named = ((term.sign, term.names[0]) for term in terms_of(way.text))
    return tuple((sign, name) for sign, name in named if name not in way.unread)


PRINTED = tuple(_printed())
"""All sums that the text engine knows; any may hold, so their order means nothing."""


def _sum_of(rule: str) -> PrintedSum:
    return next(item for item in PRINTED if item.id == rule)


NET_AND_TAX = _sum_of("BR-CO-15")
"""net + tax = gross, the core of every total."""

TENDERED = _sum_of("receipt-cash")
"""cash given - change = what was to be paid."""

LINE = next(item for item in EQUATIONS if isinstance(item, Product))
"""quantity x unit price = amount of a line."""

MORE = "is more than"
"""What a product is said to be that a discount would explain; one too small nothing would."""

TAX_ROW = next(item for item in EQUATIONS if isinstance(item, Share))
"""base x rate = tax of a row."""

WHOLE = 10_000
"""The rate of all of a base: rates are read in hundredths of a percent."""

TOTALS = frozenset(item.result for item in INVOICES if isinstance(item, Sum)) | {
    alias for alias, name in CONCEPTS.items() if name == "gross"
}
"""The concepts of an invoice's or a receipt's sums."""

AMOUNTS = TOTALS.union(*(item.names for item in PRINTED)) - STATEMENT.keys()
"""The concepts of all amounts that stand outside tables on invoices and receipts."""


def beside(result: str, *terms: str, signs: tuple[int, ...] = (1, -1)) -> frozenset[str]:
    """Return the concepts that may be added to some terms, or taken off, to give a result."""
    return frozenset(
        name
        for item in PRINTED
        if item.result == result and set(terms) <= set(item.summands)
        for sign, name in item.terms
        if sign in signs and name not in terms
    )

"""Reads item rows that no header announces, by their numbers: quantity x price = amount.

Knows nothing of labels; tables with a header are read before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from docextract.engine.text.tables.rows.row_products import PRODUCT, is_product
from docextract.engine.text.text_document import (
    Candidate,
    Line,
    Option,
    Reader,
    Token,
    given,
    join,
    length,
)
from docextract.schema import Field, Kind

_MAX_NUMBERS = 6


@dataclass(slots=True)
class _Item:
    """Quantity, price and amount that prove each other, and the words before them."""

    numbers: tuple[Candidate, Candidate, Candidate]
    words: list[Token]


def proven_rows(reader: Reader, members: Sequence[Field], base: str) -> list[list[Option]]:
    """Return the rows of lines whose last amount is the product of two numbers before it.

    The amounts stand below each other, and a count other than one proves at least one row.

    Args:
        reader: the document.
        members: the members of the list.
        base: the list's path, with ``[0]`` for outer lists.
    """
    concepts = reader.index.concept_of
    fields = {concepts.get(field.path, ""): field for field in members}
    if not set(PRODUCT) <= fields.keys():
        return []
    text = next((field for field in members if field.kind is Kind.TEXT), None)
    items = _aligned([item for line in reader.layout.lines if (item := _item(reader, line))])
    rows: list[list[Option]] = []
    for item in items:
        path = f"{base}[{len(rows)}]"
        row = [
            Option.of(f"{path}.{fields[concept].name}", found, "cell.plain")
            for concept, found in zip(PRODUCT, item.numbers, strict=True)
        ]
        if text is not None:
            why = given("cell.plain")
            row.append(Option(f"{path}.{text.name}", item.words, join(item.words), why))
        rows.append(row)
    return rows


def _item(reader: Reader, line: Line) -> _Item | None:
    found = reader.money_on(line)
    if len(found) < 3 or found[-1].num_decimals != 2 or len(found) > _MAX_NUMBERS:
        return None
    amount = found[-1]
    for quantity, price in permutations(found[:-1], 2):
        is_price = price.num_decimals >= 2 and quantity.value > 0
        if is_price and is_product(quantity.value / 100, price.value / 100, amount.value / 100):
            used = {id(t) for c in found for t in c.tokens}
            words = [t for t in line.tokens if id(t) not in used and t.left < amount.left]
            words = [t for t in words if t.left < max(quantity.left, price.left)]
            text = [t for t in words if sum(c.isalpha() for c in t.text) > 2]
            return _Item((quantity, price, amount), words) if text else None
    return None


def _aligned(items: list[_Item]) -> list[_Item]:
    """Return the items below each other, none where no count but one proves them."""
    if not items:
        return []
    amounts = [item.numbers[-1] for item in items]
    slack = length("aligned") * amounts[0].tokens[0].height
    groups = [
        [i for i, other in zip(items, amounts, strict=True) if abs(other.right - a.right) < slack]
        for a in amounts
    ]
    best = max(groups, key=len)
    return best if any(item.numbers[0].value != 100 for item in best) else []

"""Reads item rows that no header announces, by their numbers: quantity x price = amount.

Knows nothing of labels; tables with a header are read before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from docextract.engine.text.tables.rows.row_bands import SUB_LABEL
from docextract.engine.text.tables.rows.row_products import PRODUCT, is_product
from docextract.engine.text.text_document import (
    Candidate,
    Line,
    Option,
    Reader,
    Token,
    given,
    join,
)
from docextract.schema import Field, Kind

_MAX_NUMBERS = 6
_ALIGNED, _NEAR = 0.7, 0.9


@dataclass(slots=True)
class _Item:
    """A line whose numbers prove each other, and the words before them."""

    line: Line
    quantity: Candidate
    price: Candidate
    amount: Candidate
    words: list[Token]


def proven_rows(reader: Reader, members: Sequence[Field], base: str) -> list[list[Option]]:
    """Return the rows of lines whose last amount is the product of two numbers before it.

    The amounts stand below each other, and a count other than one proves at least one row;
    lines of text close below a row carry on its description.

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
            Option(
                f"{path}.{fields[concept].name}",
                found.tokens,
                found.text,
                given("cell.plain"),
                found,
            )
            for concept, found in zip(
                PRODUCT, (item.quantity, item.price, item.amount), strict=True
            )
        ]
        words = [*item.words, *_below(reader, item, {other.line.index for other in items})]
        if text is not None and words:
            row.append(Option(f"{path}.{text.name}", words, join(words), given("cell.plain")))
        rows.append(row)
    return rows


def _item(reader: Reader, line: Line) -> _Item | None:
    found = [c for c in reader.candidates_at(line.tokens) if c.kind is Kind.MONEY]
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
            return _Item(line, quantity, price, amount, words) if text else None
    return None


def _aligned(items: list[_Item]) -> list[_Item]:
    """Return the items below each other, none where no count but one proves them."""
    if not items:
        return []
    groups = [
        [i for i in items if abs(i.amount.right - first.amount.right) < _slack(first)]
        for first in items
    ]
    best = max(groups, key=len)
    return best if any(item.quantity.value != 100 for item in best) else []


def _slack(item: _Item) -> float:
    return _ALIGNED * item.amount.tokens[0].height


def _below(reader: Reader, item: _Item, cores: set[int]) -> list[Token]:
    """Return the words of the lines close below that begin where the item's words begin."""
    words: list[Token] = []
    last = item.line
    for line in reader.layout.lines[item.line.index + 1 :]:
        first = line.segments[0]
        is_near = line.page == last.page and line.top - last.bottom < _NEAR * first.height
        is_below = any(abs(first.left - t.left) < _slack(item) for t in item.words)
        is_text = len(line.segments) == 1 and not SUB_LABEL.match(line.text)
        if line.index in cores or not (is_near and is_below and is_text):
            break
        words += line.tokens
        last = line
    return words

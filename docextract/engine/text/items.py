"""Reads lists that have no header: the items of a till receipt, tax rows near the totals.

Knows nothing of tables with a header, which are read before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docextract.engine.text.candidates import Candidate
from docextract.engine.text.evidence import Option, Reader
from docextract.engine.text.layout import Line, Token, fold, join
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind

_TOTALS = frozenset(
    "net tax gross amount_due receipt_total line_total cash_given change rounding discount "
    "tip paid charges".split()
)
_TIMES = frozenset("x × * @ à".split())
_TAX_WORDS = frozenset(
    "mwst ust umsatzsteuer mehrwertsteuer tva iva btw vat gst tax moms hst igic ivan steuer "
    "sst vatat mwstsatz ustsatz".split()
)
_MAX_ITEMS = 500
_MAX_TAX_ROWS = 20


def receipt_items(reader: Reader, members: Sequence[Field], base: str) -> list[list[Option]]:
    """Return the rows between the head of a receipt and its first total.

    A row is a line of text that ends in an amount with two decimals; a line without text
    such as ``2 x 3,50`` gives the quantity and price of its neighbour.
    """
    by_kind = {item.kind: item for item in reversed(members)}
    text = by_kind.get(Kind.TEXT) or by_kind.get(Kind.NAME)
    money = [item for item in members if item.kind in (Kind.MONEY, Kind.DECIMAL)]
    if text is None or not money:
        return []
    total = money[-1]
    price = money[0] if len(money) > 1 else None
    quantity = by_kind.get(Kind.QUANTITY)
    rows: list[list[Option]] = []
    for line in _item_lines(reader):
        path = f"{base}[{len(rows)}]"
        row = _item(reader, line, path, text, total, quantity, price)
        if row:
            rows.append(row)
        if len(rows) >= _MAX_ITEMS:
            break
    return rows


def _item_lines(reader: Reader) -> Iterator[Line]:
    started = False
    for line in reader.layout.lines:
        amounts = [c for c in reader.candidates_at(line.tokens) if _is_price(c)]
        hits = [h for s in line.segments for h in reader.hits_of.get(id(s), ())]
        is_total = any(
            h.start == 0 and h.segment.column == 0 and h.entry.concepts & _TOTALS
            and len(h.entry.phrase) > 2 for h in hits
        )  # fmt: skip
        if amounts and is_total and (started or len(hits[0].entry.phrase) > 4):
            return
        if amounts:
            started = True
            yield line


def _is_price(candidate: Candidate) -> bool:
    return candidate.kind is Kind.MONEY and candidate.num_decimals == 2


def _item(
    reader: Reader,
    line: Line,
    path: str,
    text: Field,
    total: Field,
    quantity: Field | None,
    price: Field | None,
) -> list[Option]:
    found = reader.candidates_at(line.tokens)
    if any(c.kind in (Kind.DATE, Kind.IBAN) for c in found):
        return []
    amounts = [c for c in found if _is_price(c)]
    last = amounts[-1]
    tokens = [t for t in line.tokens if t.left < amounts[0].left]
    count = _leading_count(tokens)
    words = tokens[1:] if count else tokens
    while words and (fold(words[-1].text) in ("", "x") or words[-1].text in _TIMES):
        words = words[:-1]
    if sum(c.isalpha() for c in join(words)) < 2:
        return []
    options = [
        Option(f"{path}.{text.name}", words, join(words).strip(" :*"), 0.6),
        Option(f"{path}.{total.name}", last.tokens, last.text, 0.65, last),
    ]
    if count and quantity is not None:
        options.append(Option(f"{path}.{quantity.name}", [count], count.text.strip("xX*"), 0.6))
    if price is not None and len(amounts) > 1:
        first = amounts[0]
        options.append(Option(f"{path}.{price.name}", first.tokens, first.text, 0.5, first))
    return options


def _leading_count(tokens: Sequence[Token]) -> Token | None:
    if len(tokens) > 1 and re.fullmatch(r"\d{1,3}[xX*]?", tokens[0].text):
        return tokens[0]
    return None


def tax_rows(reader: Reader, members: Sequence[Field], base: str) -> list[list[Option]]:
    """Return break-down rows printed without a header, such as ``MwSt 19% auf 100 19``.

    The amounts on a line with a rate are told apart by arithmetic: tax = base x rate, or
    tax = gross x rate / (100 + rate).
    """
    rate = next((f for f in members if f.kind is Kind.PERCENT), None)
    money = [f for f in members if f.kind is Kind.MONEY]
    if rate is None or len(money) < 2:
        return []
    base_field, amount_field = money[0], money[-1]
    rows: list[list[Option]] = []
    for line in reader.layout.lines:
        found = reader.candidates_at(line.tokens)
        rates = [c for c in found if c.kind is Kind.PERCENT and 0 <= c.value <= 4000]
        amounts = [c for c in found if _is_price(c)]
        if len(rates) != 1 or not amounts or len(rows) >= _MAX_TAX_ROWS:
            continue
        pair = _tax_pair(rates[0].value, amounts)
        has_word = any(
            _is_tax_word(t.fold) for t in line.tokens if t.left < amounts[0].left
        )
        if pair is None and not (has_word and len(amounts) == 1):
            continue
        path = f"{base}[{len(rows)}]"
        base_found, tax_found = pair or (None, amounts[0])
        row = [Option(f"{path}.{rate.name}", rates[0].tokens, rates[0].text, 0.8, rates[0])]
        score = 0.85 if pair else 0.65
        row.append(
            Option(f"{path}.{amount_field.name}", tax_found.tokens, tax_found.text, score, tax_found)
        )
        if base_found is not None:
            row.append(
                Option(f"{path}.{base_field.name}", base_found.tokens, base_found.text, score, base_found)
            )
        rows.append(row)
    return rows


def _is_tax_word(folded: str) -> bool:
    return folded in _TAX_WORDS or folded.rstrip("0123456789%") in _TAX_WORDS


def _tax_pair(
    rate: int, amounts: Sequence[Candidate]
) -> tuple[Candidate | None, Candidate] | None:
    """Return base and tax among a line's amounts; the base may not be printed there."""
    for base in amounts:
        for tax in amounts:
            if tax is not base and base.value and rate and (
                abs(base.value * rate / 10000 - tax.value) <= 2
            ):
                return base, tax
    for gross in amounts:
        for tax in amounts:
            if tax is not gross and rate and abs(
                gross.value * rate / (10000 + rate) - tax.value
            ) <= 1.5:
                rest = [a for a in amounts if a.value == gross.value - tax.value]
                return (rest[0] if rest else None), tax
    return None

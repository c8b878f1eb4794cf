"""Reads the business terms that the rules of EN 16931 are about, out of CII or UBL.

Knows nothing of the rules, nor of the values of a schema; each syntax says where a term stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from docextract.core import InvoiceTerms, LineTerms, TaxRowTerms, Tree
from docextract.documents.einvoice.invoice_values import (
    as_date,
    as_decimal,
    as_iban,
    own_tax_totals,
)
from docextract.documents.einvoice.xml_tree import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPaths:
    """Where a syntax has the terms; paths of local names, as ``Node.all`` takes them.

    Attributes:
        totals: element with the amounts of the whole invoice.
        amounts: its amounts, by the name of the term.
        charge: allowances and charges of the document.
        charge_amount: of an allowance or charge.
        indicator: whether it is a charge.
        tax_total: totals of VAT, from the root.
        row_amounts: base, rate and amount of a row.
        line_charge: allowances and charges of a line.
        line_amounts: net, quantity, price, gross price and base quantity of a line.
        category: of a line.
        line_period: start and end of a line's period.
        period: start and end of the invoice's.
        point_date: BT-7.
        point_code: BT-8.
        payment: due date and terms of payment.
        vat_ids: path of the schema, element of the party.
        seller_ids: of the seller, from the root.
        currency: BT-5.
        third_party: amounts collected for others.
        is_ubl: see ``InvoiceTerms``.
    """

    totals: tuple[str, ...]
    amounts: dict[str, str]
    charge: str
    charge_amount: str
    indicator: str
    tax_total: tuple[str, ...]
    row_amounts: tuple[str, tuple[str, ...], str]
    line_charge: str
    line_amounts: dict[str, tuple[str, ...]]
    category: str
    line_period: tuple[str, str]
    period: tuple[str, str]
    point_date: str
    point_code: str
    payment: tuple[str, ...]
    vat_ids: tuple[tuple[str, str], ...]
    seller_ids: tuple[str, ...]
    currency: str
    third_party: str = ""
    is_ubl: bool = False


def read_terms(
    root: Node,
    paths: TermPaths,
    lines: Sequence[Node],
    tax_rows: Sequence[Node],
    tree: Tree,
    uncounted: frozenset[int] = frozenset(),
) -> InvoiceTerms:
    """Return the terms of an invoice.

    Args:
        root: of the XML.
        paths: of its syntax.
        lines: its line elements, in the order of the rows of its values.
        tax_rows: its rows of the VAT breakdown, likewise.
        tree: its values.
        uncounted: numbers of those whose net is no part of the line total.
    """
    totals = root.first(*paths.totals)
    scalars = {name: _number(totals, path) for name, path in paths.amounts.items()}
    allowances, charges = _charges(root, paths.charge, paths)
    base, rate, amount = paths.row_amounts
    return InvoiceTerms(
        lines=tuple(
            _line(node, row, paths, is_counted=row not in uncounted)
            for row, node in enumerate(lines)
        ),
        allowances=allowances,
        charges=charges,
        tax_totals=tuple(_tax_totals(root, paths, tree)),
        tax_rows=tuple(
            TaxRowTerms(
                base=_number(node, base), rate=_number(node, *rate), amount=_number(node, amount)
            )
            for node in tax_rows
        ),
        third_party=tuple(_numbers(root, paths.third_party)) if paths.third_party else (),
        vat_ids=tuple(_vat_ids(root, paths)),
        accounts=frozenset(_accounts(root)),
        seller_ids=tuple(text for path in paths.seller_ids for text in _texts(root, path)),
        is_point_dated=root.text_at(paths.point_date) is not None,
        is_point_coded=root.text_at(paths.point_code) is not None,
        has_terms_of_payment=root.text_at(*paths.payment) is not None,
        period=_period(root, paths.period),
        has_currency=root.text_at(paths.currency) is not None,
        is_ubl=paths.is_ubl,
        line_total=scalars["line_total"],
        allowance_total=scalars["allowance_total"],
        charge_total=scalars["charge_total"],
        net=scalars["net"],
        gross=scalars["gross"],
        paid=scalars["paid"],
        rounding=scalars["rounding"],
        due=scalars["due"],
    )  # fmt: skip


def _line(node: Node, row: int, paths: TermPaths, *, is_counted: bool) -> LineTerms:
    allowances, charges = _charges(node, paths.line_charge, paths)
    found = {name: _number(node, *path) for name, path in paths.line_amounts.items()}
    return LineTerms(
        row=row,
        net=found["net"] if is_counted else None,
        quantity=found["quantity"],
        price=found["price"],
        gross_price=found["gross_price"],
        base_quantity=found["base_quantity"] or Decimal(1),
        allowances=allowances,
        charges=charges,
        category=node.text_at(paths.category),
        period=_period(node, paths.line_period),
    )


def _tax_totals(root: Node, paths: TermPaths, tree: Tree) -> Iterator[Decimal]:
    found = (node for path in paths.tax_total for node in root.all(path))
    for node in own_tax_totals(found, tree):
        amount = as_decimal(node.text)
        if amount is not None:
            yield Decimal(amount)


def _charges(
    node: Node, path: str, paths: TermPaths
) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    """Return allowances and charges."""
    taken: list[Decimal] = []
    added: list[Decimal] = []
    for item in node.all(path):
        amount = _number(item, paths.charge_amount)
        if amount is not None:
            is_charge = (item.text_at(paths.indicator) or "").lower() in ("true", "1")
            (added if is_charge else taken).append(amount)
    return tuple(taken), tuple(added)


def _accounts(root: Node) -> Iterator[str]:
    pending = [root]
    while pending:
        node = pending.pop()
        pending += node.children
        account = as_iban(node.text) if node.text else None
        if account:
            yield account


def _vat_ids(root: Node, paths: TermPaths) -> Iterator[tuple[str, str]]:
    for path, element in paths.vat_ids:
        for text in _texts(root, element):
            yield path, text


def _texts(root: Node, path: str) -> Iterator[str]:
    element, _, scheme = path.partition("?")
    for node in root.all(element):
        if not scheme:
            text = " ".join(node.text.split())
        elif (node.text_at("TaxScheme/ID") or "").upper() == scheme:
            text = node.text_at("CompanyID") or ""
        else:
            continue
        if text and node.attributes.get("schemeID") != "SEPA":
            yield text


def _period(node: Node, paths: tuple[str, str]) -> tuple[dt.date | None, dt.date | None]:
    start, end = (_date(node.text_at(path)) for path in paths)
    return start, end


def _date(text: str | None) -> dt.date | None:
    day = as_date(text) if text else None
    return dt.date.fromisoformat(day) if day else None


def _numbers(root: Node, path: str) -> Iterator[Decimal]:
    for node in root.all(path):
        amount = as_decimal(node.text)
        if amount is not None:
            yield Decimal(amount)


def _number(node: Node | None, *paths: str) -> Decimal | None:
    if node is None:
        return None
    found = (amount for path in paths for amount in _numbers(node, path))
    return next(found, None)

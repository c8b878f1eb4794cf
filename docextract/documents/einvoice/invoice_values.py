"""Collects typed values and their quotes out of e-invoice XML, in schema paths.

Knows nothing of CII or UBL; they say which element is which field.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from docextract.core import Tree
from docextract.documents.einvoice.xml_tree import Node

Reader = Callable[[str], str | None]

DOCUMENT_TYPES = {
    "80": "debit_note", "81": "credit_note", "82": "invoice", "83": "credit_note",
    "84": "debit_note", "130": "invoice", "202": "invoice", "203": "invoice", "204": "invoice",
    "211": "invoice", "261": "credit_note", "262": "credit_note", "295": "invoice",
    "296": "credit_note", "308": "credit_note", "325": "proforma", "326": "invoice",
    "380": "invoice", "381": "credit_note", "383": "debit_note", "384": "correction",
    "385": "invoice", "386": "invoice", "387": "invoice", "388": "invoice", "389": "invoice",
    "390": "invoice", "393": "invoice", "394": "invoice", "395": "invoice",
    "396": "credit_note", "420": "credit_note", "456": "debit_note", "457": "debit_note",
    "458": "credit_note", "527": "debit_note", "532": "credit_note", "575": "invoice",
    "623": "invoice", "633": "invoice", "751": "invoice", "780": "invoice", "875": "invoice",
    "876": "invoice", "877": "invoice", "935": "invoice",
}  # fmt: skip
"""UNTDID 1001 codes that EN 16931 allows in BT-3."""

PAYMENT_MEANS = {
    "10": "cash", "20": "cheque", "30": "transfer", "31": "transfer", "42": "transfer",
    "48": "card", "49": "direct_debit", "54": "card", "55": "card", "57": "standing_agreement",
    "58": "transfer", "59": "direct_debit", "97": "clearing",
}  # fmt: skip
"""UNTDID 4461 codes (BT-81) in common use."""


def as_text(text: str) -> str | None:
    """Return text with white space collapsed."""
    return " ".join(text.split()) or None


def as_decimal(text: str) -> str | None:
    """Return a plain decimal with the decimals as written, or None."""
    compact = text.strip()
    try:
        value = Decimal(compact)
    except InvalidOperation:
        return None
    if not value.is_finite() or len(compact) > 40 or abs(value.adjusted()) > 30:
        return None
    return f"{value:f}"


def as_date(text: str) -> str | None:
    """Return an ISO date from ``20240131`` (UNTDID 2379 format 102) or ``2024-01-31``."""
    found = re.match(r"\s*(\d{4})-?(\d\d)-?(\d\d)", text)
    if found is None:
        return None
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def as_document_type(text: str) -> str | None:
    """Return what a UNTDID 1001 code stands for."""
    return DOCUMENT_TYPES.get(text.strip())


def as_payment_means(text: str) -> str | None:
    """Return what a UNTDID 4461 code stands for, or the code itself."""
    return PAYMENT_MEANS.get(text.strip(), as_text(text))


def as_iban(text: str) -> str | None:
    """Return a compact IBAN, or None for another kind of account number."""
    compact = re.sub(r"\s", "", text).upper()
    return compact if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", compact) else None


class Row(NamedTuple):
    """Which elements give a field: the first with a readable value wins."""

    path: str
    read: Reader
    elements: tuple[str, ...]


def row(path: str, read: Reader, *elements: str) -> Row:
    """Return a mapping row."""
    return Row(path, read, elements)


@dataclass
class Values:
    """A tree under construction, and where every leaf came from."""

    tree: Tree = field(default_factory=dict)
    quotes: dict[str, str] = field(default_factory=dict)

    def read(self, node: Node, rows: Iterable[Row], prefix: str = "") -> None:
        """Fill one field per row from the elements below ``node``."""
        for item in rows:
            found = (leaf for element in item.elements for leaf in node.all(element))
            for leaf in found:
                value = item.read(leaf.text)
                if value is not None:
                    self.put(f"{prefix}{item.path}", value, leaf.text)
                    break

    def put(self, path: str, value: str | None, quote: str) -> None:
        """Set one leaf by its concrete path; None is left out."""
        if value is None:
            return
        target: Any = self.tree
        *parents, name = path.split(".")
        for parent in parents:
            target = _descend(target, parent)
        target[name] = value
        self.quotes[path] = quote

    def drop_amount(self, path: str) -> None:
        """Take back an amount other than zero that must not be summed."""
        list_path, _, name = path.rpartition(".")
        row_values = _descend(self.tree, list_path)
        if Decimal(row_values.get(name, "0")) != 0:
            del row_values[name], self.quotes[path]

    def put_sum(self, path: str, nodes: Iterable[tuple[int, Node]]) -> None:
        """Set a leaf to the signed sum of amounts; nothing where there is none."""
        signed = [(sign, amount) for sign, node in nodes if (amount := as_decimal(node.text))]
        if signed:
            total = sum((sign * Decimal(amount) for sign, amount in signed), Decimal(0))
            self.put(path, f"{total:f}", " ".join(amount for _, amount in signed))


def _descend(target: Any, step: str) -> Any:
    name, bracket, index = step.partition("[")
    if not bracket:
        return target.setdefault(name, {})
    rows = target.setdefault(name, [])
    while len(rows) <= int(index.rstrip("]")):
        rows.append({})
    return rows[int(index.rstrip("]"))]


def join_address(parts: Iterable[str | None]) -> str | None:
    """Return address lines joined by commas, or None where there is none."""
    return ", ".join(part for part in parts if part) or None


def own_tax_totals(totals: Iterable[Node], tree: Tree) -> list[Node]:
    """Return the totals of tax in the invoice's currency (BT-110), not in that of the accounts.

    Where none says its currency, the one that the gross holds beside the net.

    Args:
        totals: BT-110 and BT-111, in the XML's order.
        tree: the values, with currency and totals.
    """
    found, currency = list(totals), tree.get("currency")
    said = [item for item in found if item.attributes.get("currencyID") == currency]
    if said and currency is not None:
        return said
    unsaid = [item for item in found if not item.attributes.get("currencyID") or not currency]
    amounts = tree.get("totals", {})
    if len(unsaid) < 2 or not {"gross", "net"} <= amounts.keys():
        return unsaid
    tax = Decimal(amounts["gross"]) - Decimal(amounts["net"])
    fitting = [item for item in unsaid if Decimal(as_decimal(item.text) or "NaN") == tax]
    return fitting[:1] or unsaid

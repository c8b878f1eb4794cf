"""Drops the minus some print before what is subtracted anyway: discounts and payments.

Knows nothing of pages. EN 16931 states allowances (BT-107) and paid amounts (BT-113) as
positive; a document whose amounts are all negative, such as a credit note, keeps its signs.
What is left to pay may be negative all the same: more was paid than was due.
"""

from __future__ import annotations

from dataclasses import replace

from docextract.core import Tree
from docextract.normalise.reading import Reading
from docextract.schema import Kind, Schema, put

_DEDUCTIONS = frozenset({"discount", "paid", "prepaid", "withheld", "withdrawal", "total_out"})
_LEFT = frozenset({"amount_due"})


def settle_deductions(
    tree: Tree, readings: dict[str, Reading], schema: Schema
) -> tuple[Tree, dict[str, Reading]]:
    """Return tree and readings with positive deductions, unless other amounts are negative."""
    negative = [
        path
        for path, reading in readings.items()
        if _is_negative(path, reading, schema) and _name(path) not in _LEFT
    ]
    if any(_name(path) not in _DEDUCTIONS for path in negative):
        return tree, readings
    settled = {path: _positive(readings[path]) for path in negative}
    for path, reading in settled.items():
        put(tree, path, reading.value)
    return tree, readings | settled


def _is_negative(path: str, reading: Reading, schema: Schema) -> bool:
    field = schema.field_at(path)
    is_money = field is not None and field.kind is Kind.MONEY
    return is_money and (reading.value or "").startswith("-")


def _positive(reading: Reading) -> Reading:
    values = tuple(value.lstrip("-") for value in reading.readings)
    return replace(reading, value=values[0], readings=values, note="printed with a minus sign")


def _name(path: str) -> str:
    return path.rpartition(".")[2]

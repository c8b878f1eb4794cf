"""One table, two readers: what the text engine takes for a sum, the checks take for one too."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from docextract.core import Check, Outcome
from docextract.engine.text.tables.columns.column_arithmetic import is_product
from docextract.schema import Schema, leaves, put
from docextract.schema.equations import (
    EQUATIONS,
    PRINTED,
    SUM,
    TAX_ROW,
    WHOLE,
    Equation,
    PrintedSum,
    Sum,
    Way,
    terms_of,
)
from docextract.schema.loading import load_schema
from docextract.verify.checks import PROOFS, REPAIRS, RULES, UPWARD, validate
from docextract.verify.checks.arithmetic import find_summands, holds, operands_of
from docextract.verify.checks.view import Remedy, View, row_of
from docextract.verify.value import FieldValue, FieldValues

SCHEMAS = [load_schema(name) for name in ("invoice", "receipt", "bank_statement")]
INVOICES = SCHEMAS[0]
TODAY = dt.date(2024, 6, 1)
BOTH = [
    (equation, way)
    for equation in EQUATIONS
    if isinstance(equation, Sum)
    for way in equation.ways
    if way.is_checked and way.is_read
]
NEAR, FAR = st.integers(-SUM.printed, SUM.printed), st.integers(6, 10**6)

both = pytest.mark.parametrize(
    ("equation", "way"), BOTH, ids=[f"{e.id}: {w.text}" for e, w in BOTH]
)


def printed_sum(equation: Sum, way: Way) -> PrintedSum:
    """Return how the text engine reads a way."""
    terms = {(term.sign, term.names[0]) for term in terms_of(way.text)}
    wanted = {(sign, name) for sign, name in terms if name not in way.unread}
    return next(i for i in PRINTED if i.id == equation.id and set(i.terms) == wanted)


def values_of_tree(tree: dict[str, Any], schema: Schema) -> FieldValues:
    """Return the amounts of a tree as they are on their way into a record."""
    fields = ((path, schema.field_at(path), text) for path, text in leaves(tree))
    return FieldValues(
        schema, (FieldValue(path, field, text) for path, field, text in fields if field)
    )


def schema_of(equation: Sum) -> Schema:
    """Return the built-in schema that has an equation's result."""
    return next(s for s in SCHEMAS if s.field_at(equation.places[equation.result]))


def tree_of(equation: Sum, amounts: dict[str, int]) -> dict[str, Any]:
    """Return values in paths; what stands in a list is put in its first row."""
    tree: dict[str, Any] = {"totals": {}, "accounts": [{}]}
    for name, cents in amounts.items():
        put(tree, equation.places[name].replace("[]", "[0]"), f"{Decimal(cents) / 100:.2f}")
    return tree


def check_holds(equation: Sum, way: Way, amounts: dict[str, int]) -> bool:
    """Return what the checks say of a way, whatever other ways there are."""
    values = values_of_tree(tree_of(equation, amounts), schema_of(equation))
    view = View(values, TODAY)
    path = equation.places[equation.result].replace("[]", "[0]")
    row = row_of(path) if "[" in path else ""
    result = view.number(path)
    assert result is not None
    return holds(result, find_summands(view, operands_of(equation, way, row)), equation.tolerance)


def draw_amounts(data: st.DataObject, item: PrintedSum, off: int) -> dict[str, int]:
    cents = st.integers(0, 10**8)
    amounts = {name: data.draw(cents, label=name) for name in item.summands}
    result = item.of(*amounts.values())
    assume(result >= 0 and result + off >= 0)
    return {**amounts, item.result: result + off}


@both
@given(data=st.data(), off=NEAR)
def test_both_take_what_misses_by_the_rounding_of_its_print(
    equation: Sum, way: Way, data: st.DataObject, off: int
) -> None:
    item = printed_sum(equation, way)
    amounts = draw_amounts(data, item, off)
    assert abs(item.excess(amounts)) <= equation.tolerance.printed
    assert check_holds(equation, way, amounts)


@both
@given(data=st.data(), off=FAR, is_less=st.booleans())
def test_both_refuse_what_misses_by_more(
    equation: Sum, way: Way, data: st.DataObject, off: int, is_less: bool
) -> None:
    item = printed_sum(equation, way)
    amounts = draw_amounts(data, item, -off if is_less else off)
    assert abs(item.excess(amounts)) > equation.tolerance.printed
    assert not check_holds(equation, way, amounts)


@both
@given(data=st.data())
def test_both_take_off_what_is_printed_with_a_minus(
    equation: Sum, way: Way, data: st.DataObject
) -> None:
    item = printed_sum(equation, way)
    amounts = draw_amounts(data, item, 0)
    taken = {name: -amounts[name] for sign, name in item.terms if sign < 0}
    assert item.excess({name: abs(amount) for name, amount in (amounts | taken).items()}) == 0
    assert check_holds(equation, way, amounts | taken)


def outcome_of(rule: str, tree: dict[str, Any], schema: Schema = INVOICES) -> Outcome:
    values = values_of_tree(tree, schema)
    found: list[Check] = [c for c in validate(values, TODAY) if c.id == rule]
    assert len(found) == 1
    return found[0].outcome


@given(quantity=st.integers(1, 99), price=st.integers(1, 10**6), off=st.integers(-1, 1))
def test_both_take_a_product_to_the_cent(quantity: int, price: int, off: int) -> None:
    amount = quantity * price + off
    assume(amount > 200)
    line = {"quantity": str(quantity), "unit_price": str(Decimal(price) / 100)}
    tree = {"lines": [{**line, "net": str(Decimal(amount) / 100)}]}
    assert is_product(quantity, price / 100, amount / 100)
    assert outcome_of("line-net", tree) is Outcome.PASSED


@given(quantity=st.integers(1, 99), price=st.integers(1, 10**6), off=st.integers(1, 10**6))
def test_both_refuse_a_product_beyond_the_rounding_of_its_price(
    quantity: int, price: int, off: int
) -> None:
    amount = quantity * price + off + 2 + quantity
    scaled = (abs(quantity * price / scale - amount) <= 2 for scale in (10, 100, 1000))
    assume(not any(scaled))
    line = {"quantity": str(quantity), "unit_price": str(Decimal(price) / 100)}
    tree = {"lines": [{**line, "net": str(Decimal(amount) / 100)}]}
    assert not is_product(quantity, price / 100, amount / 100)
    assert outcome_of("line-net", tree) is Outcome.FAILED


@given(base=st.integers(1, 10**8), rate=st.integers(1, 4000))
def test_both_take_the_same_tax_of_a_row(base: int, rate: int) -> None:
    tax = round(TAX_ROW.of(base, rate, WHOLE))
    row = {"base": str(Decimal(base) / 100), "rate": str(Decimal(rate) / 100)}
    tree = {"taxes": [{**row, "amount": str(Decimal(tax) / 100)}], "lines": []}
    assert outcome_of("BR-CO-17", tree) is Outcome.PASSED


RECEIPTS = SCHEMAS[1]
LINES = {"lines": [{"total": "4.00"}, {"total": "6.00"}]}


@pytest.mark.parametrize(
    ("rule", "receipt"),
    [
        ("receipt-total", {"subtotal": "10.00", "charges": "1.00", "total": "11.00"}),
        (
            "receipt-total",
            {"subtotal": "10.00", "charges": "1.00", "tax_total": "0.66", "total": "11.66"},
        ),
        (
            "receipt-total",
            {
                "subtotal": "10.00",
                "charges": "1.00",
                "taxes": [{"amount": "0.33"}, {"amount": "0.44"}],
                "total": "11.77",
            },
        ),
        ("receipt-lines", {**LINES, "charges": "1.00", "total": "11.00"}),
        ("receipt-lines", {**LINES, "charges": "1.00", "discount": "2.00", "total": "9.00"}),
        ("receipt-lines", {**LINES, "charges": "1.00", "tax_total": "0.66", "total": "11.66"}),
    ],
)
def test_a_receipts_total_may_hold_a_charge_for_service(rule: str, receipt: dict[str, Any]) -> None:
    assert outcome_of(rule, receipt, RECEIPTS) is Outcome.PASSED
    assert outcome_of(rule, {**receipt, "total": "15.00"}, RECEIPTS) is not Outcome.PASSED


ROUNDED = {"net": "200.00", "tax": "40.40", "rounding": "-0.40", "gross": "240.00"}


def test_the_total_of_an_invoice_may_be_rounded_already() -> None:
    assert outcome_of("BR-CO-15", {"totals": ROUNDED}) is Outcome.PASSED
    assert outcome_of("BR-CO-15", {"totals": {**ROUNDED, "rounding": "0.40"}}) is Outcome.FAILED


def test_what_is_due_of_a_rounded_total_is_not_rounded_again() -> None:
    due = {**ROUNDED, "amount_due": "240.00"}  # Two equal amounts prove nothing.
    assert outcome_of("BR-CO-16", {"totals": due}) is Outcome.NOT_APPLICABLE
    left = {**ROUNDED, "paid": "100.00", "amount_due": "140.00"}
    assert outcome_of("BR-CO-16", {"totals": left}) is Outcome.PASSED


@pytest.mark.parametrize(
    ("due", "paid", "outcome"),
    [
        ("0.00", None, Outcome.NOT_APPLICABLE),
        ("0.00", "100.00", Outcome.FAILED),
        ("50.00", None, Outcome.FAILED),
    ],
)
def test_nothing_due_fails_only_where_a_payment_that_is_too_small_is_printed(
    due: str, paid: str | None, outcome: Outcome
) -> None:
    settled = {"paid": paid} if paid else {}
    assert outcome_of(
        "BR-CO-16", {"totals": {"gross": "240.00", "amount_due": due, **settled}}
    ) is (outcome)


def rules_of(equation: Equation) -> list[Any]:
    asked = tuple(equation.places[name] for name in equation.asked)
    return [rule for rule in RULES if rule.id == equation.id and rule.paths == asked]


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda item: item.id)
def test_every_equation_is_one_rule_that_is_proof(equation: Equation) -> None:
    (rule,) = rules_of(equation)
    assert (rule.holds, rule.tolerance) == (equation.holds, equation.tolerance.words)
    assert rule.id in PROOFS


def test_repairs_follow_sums_and_nothing_else_of_the_table() -> None:
    sums = {equation.id for equation in EQUATIONS if isinstance(equation, Sum)}
    amounts = (Remedy.AMOUNT, Remedy.LARGER_AMOUNT)
    assert {rule for rule, what in REPAIRS.items() if what in amounts} == sums
    assert {e.id for e in EQUATIONS if isinstance(e, Sum) and e.is_upward} == UPWARD

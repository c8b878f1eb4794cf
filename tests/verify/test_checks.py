"""Checks between fields: they hold on real papers, break where a value is wrong, and say where."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, field_validator, model_validator

from docextract.core import Check, Outcome
from docextract.normalise import normalise_tree
from docextract.schema.fields import Schema
from docextract.schema.loading import load_schema
from docextract.schema.types import Date, Iban, Money
from docextract.verify.checks import PROOFS, strict_values, validate
from docextract.verify.checks.arithmetic import sum_tolerance
from docextract.verify.merging import values_of

TODAY = dt.date(2024, 6, 1)
INVOICE: dict[str, Any] = {
    "invoice_number": "7", "issue_date": "2024-03-05", "due_date": "2024-04-04",
    "currency": "EUR", "period_start": "2024-02-01", "period_end": "2024-02-29",
    "seller": {"name": "S", "tax_id": "DE136695976"},
    "payment": {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX"},
    "totals": {"line_total": "110.00", "discount": "10.00", "charges": "5.00", "net": "105.00",
               "tax": "19.95", "gross": "124.95", "paid": "24.95", "amount_due": "100.00"},
    "taxes": [{"rate": "19", "base": "100.00", "amount": "19.00"},
              {"rate": "19", "base": "5.00", "amount": "0.95"}],
    "lines": [{"quantity": "2", "unit_price": "30.00", "net": "60.00"},
              {"quantity": "1", "unit_price": "60.00", "discount": "10.00", "net": "50.00"}],
}  # fmt: skip


def check_all(schema_name: str, values: dict[str, Any], today: dt.date = TODAY) -> list[Check]:
    return validated(load_schema(schema_name), values, today)


def validated(schema: Schema, values: dict[str, Any], today: dt.date = TODAY) -> list[Check]:
    _, readings = normalise_tree(values, schema)
    return list(validate(values_of(schema, readings), today))


def failures(checks: list[Check]) -> set[str]:
    return {check.id for check in checks if check.outcome is Outcome.FAILED}


def passes(checks: list[Check]) -> set[str]:
    return {check.id for check in checks if check.outcome is Outcome.PASSED}


def changed(values: dict[str, Any], path: str, value: str | None) -> dict[str, Any]:
    tree = deepcopy(values)
    target: Any = tree
    *parents, name = path.split(".")
    for parent in parents:
        key, _, index = parent.partition("[")
        target = target.setdefault(key, {}) if not index else target[key][int(index[:-1])]
    target[name] = value
    return tree


def test_a_right_invoice_passes_every_rule() -> None:
    checks = check_all("invoice", INVOICE)
    assert failures(checks) == set()
    assert passes(checks) == {
        "BR-CO-10", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16", "BR-CO-17", "BR-CO-09",
        "BR-CO-26", "BR-27", "BR-29", "BR-DEC", "line-net", "due-date", "date-plausible", "iban",
        "bic", "vat-id", "currency-known", "tax-rate", "tax-share",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "broken"),
    [
        ("totals.line_total", "111.00", {"BR-CO-10"}),
        ("totals.discount", "1.00", {"BR-CO-13"}),
        ("totals.tax", "19.59", {"BR-CO-14", "BR-CO-15"}),
        ("totals.gross", "142.95", {"BR-CO-15", "BR-CO-16"}),
        ("totals.paid", None, {"BR-CO-16"}),
        ("taxes[0].rate", "9", {"BR-CO-17"}),
        ("lines[0].quantity", "3", {"line-net"}),
        ("lines[0].unit_price", "-30.00", {"BR-27", "line-net"}),
        ("period_end", "2024-01-29", {"BR-29"}),
        ("due_date", "2024-03-04", {"due-date"}),
        ("issue_date", "2024-07-01", {"date-plausible", "due-date"}),
        ("issue_date", "1924-03-05", {"date-plausible"}),
        ("payment.iban", "DE89370400440532013001", {"iban"}),
        ("seller.tax_id", "DE136695978", {"vat-id"}),
        ("seller.tax_id", "QQ136695976", {"BR-CO-09"}),
    ],
)
def test_a_wrong_value_breaks_its_rules(path: str, value: str | None, broken: set[str]) -> None:
    assert failures(check_all("invoice", changed(INVOICE, path, value))) == broken


def test_a_failure_names_paths_and_figures() -> None:
    checks = check_all("invoice", changed(INVOICE, "totals.gross", "142.95"))
    broken = next(check for check in checks if check.id == "BR-CO-15")
    assert broken.paths == ("totals.gross", "totals.net", "totals.tax")
    assert broken.message == "105.00 + 19.95 is not 142.95"


def test_checks_touch_concrete_rows() -> None:
    checks = check_all("invoice", changed(INVOICE, "lines[1].net", "40.00"))
    rows = {check.paths[2]: check.outcome for check in checks if check.id == "line-net"}
    assert rows == {"lines[0].net": Outcome.PASSED, "lines[1].net": Outcome.FAILED}


def test_nothing_to_check_is_not_applicable() -> None:
    checks = check_all("invoice", {"invoice_number": "1"})
    assert {check.outcome for check in checks} == {Outcome.NOT_APPLICABLE}


def test_two_equal_amounts_prove_nothing() -> None:
    values = {"totals": {"gross": "59.40", "amount_due": "59.40", "net": "59.40"}}
    assert passes(check_all("invoice", values)) & PROOFS == set()
    values["totals"]["amount_due"] = "50.00"
    assert failures(check_all("invoice", values)) == {"BR-CO-16"}


def test_credit_notes_may_be_negative() -> None:
    def negated(tree: Any) -> Any:
        if isinstance(tree, dict):
            kept = ("rate", "quantity")
            return {k: v if k in kept else negated(v) for k, v in tree.items()}
        if isinstance(tree, list):
            return [negated(item) for item in tree]
        is_amount = tree.replace(".", "").isdigit() and "." in tree
        return f"-{tree}" if is_amount else tree

    values = negated(INVOICE) | {"document_type": "credit note"}
    assert failures(check_all("invoice", values)) == set()


def test_a_row_that_gives_something_back_may_have_a_negative_price() -> None:
    row = {"description": "Haulage", "quantity": "9", "unit_price": "-14.50", "net": "-130.50"}
    assert failures(check_all("invoice", {"lines": [row]})) == set()
    assert failures(check_all("invoice", {"lines": [row | {"net": "130.50"}]})) >= {"BR-27"}


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (("300", "0.74", "-222.00"), Outcome.NOT_APPLICABLE),
        (("300", "0.74", "-221.00"), Outcome.FAILED),
        (("300", "-0.74", "222.00"), Outcome.FAILED),
    ],
)
def test_the_amount_alone_may_have_the_minus_of_a_credit(
    row: tuple[str, str, str], outcome: Outcome
) -> None:
    values = {"lines": [dict(zip(("quantity", "unit_price", "net"), row, strict=True))]}
    checks = [check for check in check_all("invoice", values) if check.id == "line-net"]
    assert [check.outcome for check in checks] == [outcome]


def test_line_amounts_with_tax_in_them_are_accepted() -> None:
    values = {
        "totals": {"net": "100.00", "tax": "19.00", "gross": "119.00"},
        "lines": [{"net": "59.50"}, {"net": "59.50"}],
    }
    assert failures(check_all("invoice", values)) == set()


def test_a_price_per_hundred_is_neither_proof_nor_contradiction() -> None:
    values = {"lines": [{"quantity": "200", "unit_price": "49.29", "net": "98.58"}]}
    checks = [check for check in check_all("invoice", values) if check.id == "line-net"]
    assert [check.outcome for check in checks] == [Outcome.NOT_APPLICABLE]


@given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=2, max_size=20))
def test_true_sums_pass_and_wrong_ones_fail(nets: list[Decimal]) -> None:
    total = sum(nets, Decimal(0))
    values: dict[str, Any] = {
        "totals": {"line_total": f"{total}"},
        "lines": [{"net": f"{net}"} for net in nets],
    }
    assert "BR-CO-10" not in failures(check_all("invoice", values))
    values["totals"]["line_total"] = f"{total + Decimal('0.06')}"
    assert "BR-CO-10" in failures(check_all("invoice", values))


def test_whole_amounts_must_add_up_exactly() -> None:
    assert sum_tolerance([Decimal(100), Decimal(60), Decimal(40)]) == 0
    assert sum_tolerance([Decimal("1.5")] * 50) == Decimal("0.05")


@pytest.mark.parametrize(
    "receipt",
    [
        {"subtotal": "10.00", "tax_total": "1.90", "total": "11.90"},
        {"subtotal": "10.00", "tax_total": "1.90", "tip": "2.00", "total": "13.90"},
        {"subtotal": "10.00", "tax_total": "1.60", "tip": "2.00", "total": "12.00"},
        {"subtotal": "10.02", "tax_total": "0.60", "total": "10.60"},
        {"lines": [{"total": "4.00"}, {"total": "6.00"}], "total": "10.00"},
        {"lines": [{"total": "4.00"}, {"total": "6.00"}], "tax_total": "0.60", "total": "10.60"},
        {"cash_given": "20.00", "change": "8.10", "total": "11.90"},
        {"cash_given": "20.00", "change": "-8.10", "total": "11.90"},
        {"taxes": [{"rate": "19", "base": "11.90", "amount": "1.90"}]},
    ],
)
def test_receipts_that_add_up(receipt: dict[str, Any]) -> None:
    checks = check_all("receipt", receipt)
    assert failures(checks) == set()
    assert passes(checks) & PROOFS


@pytest.mark.parametrize(
    "receipt",
    [
        {"subtotal": "10.00", "tax_total": "1.90", "total": "13.90"},
        {"lines": [{"total": "4.00"}, {"total": "6.00"}], "total": "9.00"},
        {"cash_given": "20.00", "change": "8.00", "total": "11.90"},
    ],
)
def test_receipts_that_do_not_add_up(receipt: dict[str, Any]) -> None:
    assert failures(check_all("receipt", receipt))


def statement(**changes: str) -> dict[str, Any]:
    rows = [
        {"date": "2024-05-02", "deposit": "50.00", "balance": "150.00"},
        {"date": "2024-05-03", "withdrawal": "30.00", "balance": "120.00"},
        {"date": "2024-05-04", "withdrawal": "-20.00"},
        {"date": "2024-05-05", "deposit": "5.00", "balance": "105.00"},
    ]
    account = {"beginning_balance": "100.00", "ending_balance": "105.00", "total_in": "55.00",
               "total_out": "50.00", "transactions": rows}  # fmt: skip
    return {"statement_start": "2024-05-01", "statement_end": "2024-05-31", "currency": "EUR",
            "accounts": [account | changes]}  # fmt: skip


def test_a_right_statement_passes() -> None:
    checks = check_all("bank_statement", statement())
    assert failures(checks) == set()
    assert {"statement-balance", "statement-totals", "running-balance"} <= passes(checks)


def test_newest_first_is_read_from_the_bottom() -> None:
    values = statement()
    values["accounts"][0]["transactions"].reverse()
    checks = check_all("bank_statement", values)
    assert "running-balance" not in failures(checks)


def test_the_running_balance_says_where_a_row_is_missing() -> None:
    values = statement()
    del values["accounts"][0]["transactions"][1]
    checks = check_all("bank_statement", values)
    broken = [c for c in checks if c.id == "running-balance" and c.outcome is Outcome.FAILED]
    assert len(broken) == 1
    expected = "row 3: 135.00 expected, 105.00 printed; -30.00 is missing or misread"
    assert broken[0].message == expected
    assert "accounts[0].transactions[2].balance" in broken[0].paths


def test_bookings_outside_the_period_are_named() -> None:
    values = statement()
    values["accounts"][0]["transactions"][0]["date"] = "2023-05-02"
    broken = [c for c in check_all("bank_statement", values) if c.id == "dates-in-period"]
    assert [c.paths[0] for c in broken if c.outcome is Outcome.FAILED] == [
        "accounts[0].transactions[0].date"
    ]


def test_schemas_of_others_profit_by_path_and_kind() -> None:
    class Sums(BaseModel):
        net: Money | None = None
        tax: Money | None = None
        gross: Money | None = None

    class Own(BaseModel):
        totals: Sums = Sums()
        account: Iban | None = None
        valid_until: Date | None = None

    schema = Schema.from_model(Own)
    values = {
        "totals": {"net": "10.00", "tax": "2.00", "gross": "13.00"},
        "account": "DE89370400440532013001",
        "valid_until": "2031-01-01",
    }
    checks = validated(schema, values)
    assert failures(checks) == {"BR-CO-15", "iban", "date-plausible"}


def test_strict_values_come_back_typed() -> None:
    schema = load_schema("invoice")
    tree, _ = normalise_tree(INVOICE, schema)
    values, checks = strict_values(tree, schema)
    assert checks == []
    assert values["totals"]["gross"] == "124.95"
    assert values["issue_date"] == "2024-03-05"
    assert values["seller"]["email"] is None


def test_strict_values_keep_what_is_invalid_and_say_why() -> None:
    class Strict(BaseModel):
        name: str
        count: int = 1
        code: str | None = Field(None, alias="theCode")
        amount: Decimal | None = None

        @field_validator("amount")
        @classmethod
        def _positive(cls, value: Decimal | None) -> Decimal | None:
            if value is not None and value < 0:
                raise ValueError("must not be negative")
            return value

        @model_validator(mode="after")
        def _consistent(self) -> Strict:
            if self.name == "odd":
                raise ValueError("an odd name")
            return self

    schema = Schema.from_model(Strict)
    good = {"name": "a", "count": None, "code": "x", "amount": "5.00"}
    assert strict_values(good, schema) == (
        {"name": "a", "count": 1, "code": "x", "amount": "5.00"}, []
    )  # fmt: skip
    bad = {"name": None, "amount": "-5.00", "code": None, "count": None}
    values, checks = strict_values(bad, schema)
    assert values == bad
    assert {check.paths for check in checks} == {("name",), ("amount",)}
    assert all(check.id == "schema" and check.outcome is Outcome.FAILED for check in checks)
    _, checks = strict_values({"name": "odd"}, schema)
    assert [(check.paths, "odd name" in check.message) for check in checks] == [((), True)]


def test_overlong_text_is_cut_and_said_so() -> None:
    schema = load_schema("invoice")
    tree, _ = normalise_tree({"lines": [{"description": "x" * 500}]}, schema)
    values, checks = strict_values(tree, schema)
    assert values["lines"][0]["description"] == "x" * 400
    assert [(check.outcome, check.paths) for check in checks] == [
        (Outcome.PASSED, ("lines[0].description",))
    ]


def test_proofs_are_arithmetic_and_checksums_only() -> None:
    assert "iban" in PROOFS
    assert not PROOFS & {"bic", "due-date", "date-plausible", "currency-known", "BR-27"}


def test_discounts_and_charges_may_come_after_the_net() -> None:
    late = deepcopy(INVOICE)
    late["totals"] = {
        "discount": "10.00", "charges": "5.00", "net": "110.00", "tax": "20.90",
        "gross": "125.90",
    }  # fmt: skip
    late["taxes"] = []
    assert {"BR-CO-13", "BR-CO-15"} <= passes(check_all("invoice", late))
    late["totals"]["gross"] = "126.90"
    assert "BR-CO-15" in failures(check_all("invoice", late))


def test_zeros_behind_an_amount_are_no_decimals_too_many() -> None:
    for gross, is_wrong in (("124.9500", False), ("124.9501", True)):
        found = failures(check_all("invoice", changed(INVOICE, "totals.gross", gross)))
        assert ("BR-DEC" in found) is is_wrong


@pytest.mark.parametrize(
    ("totals", "taxes"),
    [
        # Items with the taxes of two rates in them, whose sum is not printed.
        ({"net": "97.00", "gross": "115.00", "charges": "5.00"}, ("11.00", "7.00")),
        # Items with tax and freight in them; both come after the net.
        ({"net": "87.00", "tax": "18.00", "gross": "110.00", "charges": "5.00"}, ()),
    ],
)  # fmt: skip
def test_items_make_the_net_in_whichever_way_it_is_printed(
    totals: dict[str, Any], taxes: tuple[str, ...]
) -> None:
    tree = deepcopy(INVOICE)
    tree["totals"] = totals
    tree["lines"] = [{"net": "60.00"}, {"net": "50.00"}]
    tree["taxes"] = [{"amount": amount} for amount in taxes]
    assert "BR-CO-13" in passes(check_all("invoice", tree))
    tree["lines"] = [{"net": "60.00"}, {"net": "57.77"}]
    assert "BR-CO-13" in failures(check_all("invoice", tree))

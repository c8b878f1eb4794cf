"""Every rule on real PDFs: it passes where a paper agrees and fails where a value is wrong."""

from __future__ import annotations

import pytest
from support.papers import (
    COLUMNS,
    INVOICE,
    STATEMENT,
    invoice,
    outcomes,
    read,
    receipt,
    replay,
    statement,
    table,
)  # fmt: skip

from docextract.verify.checks import RULES

ROWS, TAXES, BOOKINGS = INVOICE["rows"], INVOICE["taxes"], STATEMENT["rows"]
DRILL, GRINDER = ROWS

PLANTED = [
    ("BR-CO-10", invoice, {"line_total": "111.00"}),
    ("BR-CO-13", invoice, {"charges": "7.00"}),
    ("BR-CO-14", invoice, {"tax": "19.59"}),
    ("BR-CO-15", invoice, {"gross": "142.95"}),
    ("BR-CO-16", invoice, {"paid": "42.95"}),
    ("tax-share", invoice, {"tax": "95.19"}),
    ("BR-27", invoice, {"rows": [DRILL, ("Angle grinder", "1", "-50.00", "50.00")]}),
    ("line-net", invoice, {"rows": [("Cordless drill", "1", "30.00", "60.00"), GRINDER]}),
    ("BR-29", invoice, {"until": "29 January 2024"}),
    ("due-date", invoice, {"due": "4 March 2024"}),
    ("BR-CO-17", invoice, {"taxes": [("7%", "100.00", "19.00"), TAXES[1]]}),
    ("date-plausible", invoice, {"date": "5 March 1924"}),
    ("tax-rate", invoice, {"taxes": [("91%", "100.00", "19.00"), TAXES[1]]}),
    ("iban", invoice, {"iban": "DE89 3704 0044 0532 0130 07"}),
    ("vat-id", invoice, {"vat_id": "DE136695978"}),
    ("receipt-total", receipt, {"subtotal": "8.00"}),
    ("receipt-lines", receipt, {"rows": [("Coffee beans", "2", "4.50", "9.00")]}),
    ("receipt-taxes", receipt, {"taxes": [("19%", "8.00", "1.52"), ("19%", "3.00", "0.57")]}),
    ("receipt-cash", receipt, {"change": "7.10"}),
    ("statement-balance", statement, {"end": "115.00"}),
    ("statement-totals", statement, {"out": "60.00"}),
    ("statement-in", statement, {"in": "66.00"}),
    ("statement-out", statement, {"out": "60.00"}),
    ("running-balance", statement, {"rows": [BOOKINGS[0], *BOOKINGS[2:]]}),
    ("statement-period", statement, {"until": "30 April 2024"}),
    ("dates-in-period", statement, {"from": "3 May 2024", "rows": [
        ("2 May 2024", *BOOKINGS[0][1:]), *BOOKINGS[1:]]}),
]  # fmt: skip
SCHEMAS = {invoice: "invoice", receipt: "receipt", statement: "bank_statement"}


@pytest.mark.parametrize(("rule", "paper", "wrong"), PLANTED, ids=[item[0] for item in PLANTED])
def test_a_wrong_print_is_found_by_its_rule(tmp_path, rule, paper, wrong):
    right = read(tmp_path, paper(), schema=SCHEMAS[paper])
    assert outcomes(right, rule) == {"passed"}
    broken = read(tmp_path, paper(**wrong), schema=SCHEMAS[paper])
    assert "failed" in outcomes(broken, rule)
    # A tax number that is no key field and misses its checksum is told of, and holds nothing up.
    assert broken.status.value == ("ok" if rule == "vat-id" else "review")


OWN = {
    "payments": "total: money, change: money, payments: [method, amount: money]",
    "prices": "lines: [description, gross_unit_price: money]",
    "periods": "lines: [description, period_start: date, period_end: date]",
}
MODELLED = [
    ("receipt-payments", OWN["payments"], "20.00", "18.00",
     lambda x: {"total": "30.00", "payments": [{"amount": "10.00"}, {"amount": x}]}),
    ("receipt-tax-share", "receipt", "1.90", "9.10",
     lambda x: {"subtotal": "10.00", "tax_total": x}),
    ("BR-28", OWN["prices"], "30.00", "-30.00",
     lambda x: {"lines": [{"description": "Drill", "gross_unit_price": x}]}),
    ("BR-30", OWN["periods"], "2024-02-29", "2024-01-29",
     lambda x: {"lines": [{"period_start": "2024-02-01", "period_end": x}]}),
    ("BR-DEC", "invoice", "GBP 49.50", "GBP 49.505", lambda x: {"totals": {"net": x}}),
    ("one-currency", "invoice", "EUR49.50", "GBP49.50",
     lambda x: {"currency": "EUR", "totals": {"net": x}}),
    ("bic", "vendor, bank_code: bic", "COBADEFFXXX", None, lambda x: {"bank_code": x}),
    ("currency-known", "total: money, currency", "EUR", None, lambda x: {"currency": x}),
    ("BR-CO-09", "invoice", "DE136695976", "QQ136695976", lambda x: {"seller": {"tax_id": x}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "schema", "right", "wrong", "values"), MODELLED, ids=[item[0] for item in MODELLED]
)
def test_a_wrong_answer_is_found_by_its_rule(tmp_path, rule, schema, right, wrong, values):
    page = [(40, 50, "Drill 30.00 and 10.00"), (40, 70, f"Here stands {right} or {wrong}")]
    good = replay(tmp_path, values(right), page, schema=schema)
    assert outcomes(good, rule) == {"passed"}
    if wrong is not None:
        bad = replay(tmp_path, values(wrong), page, schema=schema)
        assert outcomes(bad, rule) == {"failed"}


def test_what_a_reader_of_values_refuses_never_reaches_its_rule(tmp_path):
    """A text that is no BIC or currency becomes no value, so these rules guard other sources."""
    page = [(40, 50, "BIC: COBAQQ99 Currency: EUX")]
    for schema, values in (
        ("bank_code: bic", {"bank_code": "COBAQQ99"}),
        ("total: money, currency", {"currency": "EUX"}),
    ):
        record = replay(tmp_path, values, page, schema=schema)
        assert {item.status.value for item in record.fields.values()} == {"absent"}


def test_a_seller_without_any_number_is_a_warning_only(tmp_path):
    record = read(tmp_path, invoice(vat_id=None))
    assert outcomes(record, "BR-CO-26") == {"warning"}
    assert outcomes(read(tmp_path, invoice()), "BR-CO-26") == {"passed"}
    assert record.status.value == "ok"


def test_an_order_is_not_asked_what_the_norm_asks_of_invoices(root):
    from docextract.api import extract

    found = extract(root / "fixtures/purchase_orders/larkspur-valley.pdf", "purchase_order").record
    assert not {check.id for check in found.checks if check.outcome.value in ("failed", "warning")}
    assert "BR-CO-26" not in {check.id for check in found.checks}


def test_a_dropped_row_is_found_with_its_place_and_amount(tmp_path):
    record = read(tmp_path, statement(rows=[BOOKINGS[0], *BOOKINGS[2:]]), schema="bank_statement")
    broken = [c for c in record.checks if c.id == "running-balance" and c.outcome.value == "failed"]
    assert [check.message for check in broken] == [
        "row 2: 130.00 expected, 100.00 printed; -30.00 is missing or misread"
    ]


def pages(first, second):
    """Return a statement whose table goes on over two pages."""
    return statement(rows=first), table(60, COLUMNS, second, step=100)


def test_a_row_lost_between_pages_breaks_the_carry_over(tmp_path):
    whole = read(tmp_path, *pages(BOOKINGS[:2], BOOKINGS[2:]), schema="bank_statement")
    assert outcomes(whole, "carry-over") == {"passed"}
    lost = read(tmp_path, *pages(BOOKINGS[:1], BOOKINGS[2:]), schema="bank_statement")
    assert outcomes(lost, "carry-over") == {"failed"}
    (broken,) = [c for c in lost.checks if c.id == "carry-over"]
    assert broken.message.startswith("row 2, page 1 to 2: 130.00 expected, 100.00 printed")


def test_rows_without_a_year_take_it_from_the_period(tmp_path):
    across = {
        "from": "15 December 2023", "until": "14 January 2024",
        "rows": [("12/20", *BOOKINGS[0][1:]), ("01/03", *BOOKINGS[1][1:]), *BOOKINGS[2:]],
    }  # fmt: skip
    record = read(tmp_path, statement(**across), schema="bank_statement")
    assert record.values is not None
    dates = [row["date"] for row in record.values["accounts"][0]["transactions"]]
    assert dates == ["2023-12-20", "2024-01-03", None, None]
    field = record.fields["accounts[0].transactions[0].date"]
    assert (field.raw, field.note) == ("12/20", "the year is that of the period")


def test_every_rule_is_planted_once():
    elsewhere = {"BR-CO-26", "carry-over"}
    tested = {item[0] for item in (*PLANTED, *MODELLED)} | elsewhere
    assert tested == {rule.id for rule in RULES}

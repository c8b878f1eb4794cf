"""Amounts that are no payment or total of the document, names that are no currency."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

from docextract.normalise.dates.dates import find_dates

TOTALS: tuple[Printed, ...] = (
    (50, 400, "Net"), (-540, 400, "£1,500.00"), (50, 414, "VAT 20%"), (-540, 414, "£300.00"),
    (50, 428, "Total"), (-540, 428, "£1,800.00"),
)  # fmt: skip


def read(path: str, *printed: Printed) -> object:
    head = (330, 60, "Invoice no."), (430, 60, "N-2041")
    return leaf(ask("invoice", A4.page(*head, *printed)).values, path)


@pytest.mark.parametrize(
    ("line", "paid"),
    [
        ("Deposit paid £150.00 - balance £1,650.00", "£150.00"),
        ("Deposit £600.00 / Balance £1,200.00 due 13 June 2026", "£600.00"),
        ("Anzahlung £600.00 erhalten, Rest £1,200.00", "£600.00"),
        ("Amount paid to date on this contract £6,300.00", None),
    ],
)
def test_what_was_paid_stands_first_and_is_no_more_than_the_total(
    line: str, paid: str | None
) -> None:
    assert read("totals.paid", *TOTALS, (50, 456, line)) == paid


def test_more_than_the_total_may_be_paid_where_some_is_paid_back() -> None:
    back = (
        (50, 442, "Paid"), (-540, 442, "£2,000.00"), (50, 456, "Amount due"),
        (-540, 456, "-£200.00"),
    )  # fmt: skip
    assert read("totals.paid", *TOTALS, *back) == "£2,000.00"


@pytest.mark.parametrize("behind", ["+ VAT", "plus VAT", "zzgl. MwSt.", "excl. VAT"])
def test_an_amount_that_a_tax_is_added_to_is_no_total(behind: str) -> None:
    items = (
        (50, 380, "Van wrap"),
        (-540, 380, "1,000.00"),
        (50, 394, "Decals"),
        (-540, 394, "500.00"),
    )
    total = (50, 420, "Sum"), (450, 420, f"£1,500.00 {behind}")
    said = (50, 450, "Our quote was £1,650.00 in total; we reduced it by £150.00.")
    assert read("totals.gross", *items, *total, said) is None


@pytest.mark.parametrize(
    ("street", "sign", "currency"),
    [
        ("Atatürk Cad. No:14, Ankara", "TL", "TL"),
        ("Attn: Mr Ron Sell, 5 Chf. Lane", "", None),
    ],
)
def test_names_are_no_currencies(street: str, sign: str, currency: str | None) -> None:
    total = (50, 420, "Total"), (450, 420, f"1.800,00 {sign}".strip())
    assert read("currency", (50, 80, street), *total) == currency


def test_a_number_before_a_month_is_none_of_a_day_with_its_year_behind() -> None:
    text = "Invoice 88213, Suite 12 May 20, 2026"
    assert [printed for _, _, printed in find_dates(text)] == ["May 20, 2026"]
    assert [printed for _, _, printed in find_dates("12 May 20, paid")] == ["12 May 20"]


def test_a_sentence_says_when_an_amount_is_due() -> None:
    text = (
        "The full amount of this bill is due by June 14, 2026 at the latest, by cheque or transfer."
    )
    assert read("due_date", *TOTALS, (50, 480, text)) == "June 14, 2026"

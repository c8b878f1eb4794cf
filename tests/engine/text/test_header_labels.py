"""Labels of an invoice's number, dates and order that few papers print."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

HEAD: tuple[Printed, ...] = (
    (50, 40, 14, "Alder Tools Ltd"), (50, 60, "3 Mill Lane"), (50, 74, "Leeds LS1 4AB"),
    (380, 40, 16, "INVOICE"),
    (50, 150, "Bill To"), (50, 164, "Quay Interiors Ltd"), (50, 178, "5 Dock Street"),
    (50, 192, "Hull HU1 2AA"),
)  # fmt: skip


def read(path: str, *printed: Printed) -> object:
    return leaf(ask("invoice", A4.page(*HEAD, *printed)).values, path)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("NO: 138277", "138277"),
        ("Reference: MG-202417", "MG-202417"),
        ("Invoice #2024-11-04", "2024-11-04"),
        ("Invoice Reference: 77-A", "77-A"),
    ],
)
def test_the_number_beside_or_below_the_title(line: str, number: str) -> None:
    assert read("invoice_number", (380, 64, line), (380, 78, "Date: 14/03/2024")) == number


def test_the_number_of_the_invoice_wins_over_a_reference() -> None:
    printed = (380.0, 64.0, "Reference: MG-202417"), (380.0, 78.0, "Invoice No: 8841")
    assert read("invoice_number", *printed) == "8841"


@pytest.mark.parametrize(
    "label",
    [
        "Payment until:",
        "Pay until:",
        "Payment deadline:",
        "Payment due by:",
        "To be paid not later than:",
    ],
)
def test_the_last_day_to_pay(label: str) -> None:
    printed = (380.0, 64.0, "Date: 14/03/2024"), (380.0, 78.0, f"{label} 30/04/2024")
    assert read("due_date", *printed) == "30/04/2024"


def test_the_day_of_issue_under_dated() -> None:
    printed = (
        (320.0, 64.0, "Invoice No."), (430.0, 64.0, "Dated"),
        (320.0, 78.0, "2023/0417"), (430.0, 78.0, "10-Dec-23"),
    )  # fmt: skip
    assert read("issue_date", *printed) == "10-Dec-23"
    assert read("invoice_number", *printed) == "2023/0417"


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("P.O./S.O. Number: AD29094", "AD29094"),
        ("Buyer's Order No.: 7781", "7781"),
    ],
)
def test_the_order_an_invoice_answers(line: str, order: str) -> None:
    printed = (380.0, 64.0, "Invoice No: 12"), (380.0, 78.0, line)
    assert read("purchase_order", *printed) == order


def test_labels_in_two_languages_stand_over_one_value() -> None:
    answer = ask("purchase_order", A4.page(
        (50, 40, 14, "Harbour Trading Ltd"), (380, 40, 14, "PURCHASE ORDER"),
        (380, 62, "No. P00342"),
        (50, 111, "VENDOR"), (300, 111, "BUYER"), (50, 123, "Leverantör"), (300, 123, "Köpare"),
        (50, 137, "Elm Phones"), (300, 137, "Harbour Trading Ltd"), (50, 151, "12 Quay Road"),
        (50, 191, "ORDER DATE"), (50, 203, "Beställningsdatum"), (50, 217, "06/19/2024"),
    ))  # fmt: skip
    found = [leaf(answer.values, path) for path in ("seller.name", "buyer.name", "issue_date")]
    assert found == ["Elm Phones", "Harbour Trading Ltd", "06/19/2024"]

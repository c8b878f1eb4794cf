"""What a page does not print is not answered: parts of sums, guesses, words of other lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.word_pages import Paper, Printed, ask_printed, leaf

from docextract.engine.base import Question
from docextract.engine.text import TextEngine
from docextract.schema.loading import load_schema

HEAD: tuple[Printed, ...] = ((60, 40, "Harbour Café Ltd"), (60, 54, "9 Quay Street, York YO1 7HH"))


def rows(*printed: tuple[str, ...], top: float = 150.0) -> tuple[Printed, ...]:
    """Return rows of cells: the first on the left, the others in columns right of it."""
    return tuple(
        (60.0 if column == 0 else 160.0 + 80.0 * column, top + 14 * row, text)
        for row, cells in enumerate(printed)
        for column, text in enumerate(cells)
    )


def test_the_taxes_of_two_rates_are_not_the_tax() -> None:
    table = rows(
        ("Total (EURO):", "6,40"),
        ("% TVA", "TVA excl", "TVA", "TVA incl"),
        ("12", "2,50", "0,30", "2,80"),
        ("21", "2,98", "0,62", "3,60"),
    )
    values = ask_printed("receipt", *HEAD, *table).values
    assert leaf(values, "total") == "6,40"
    assert leaf(values, "tax_total") is None


def test_the_sum_of_several_taxes_is_the_tax() -> None:
    table = rows(
        ("Summe", "59,50"), ("MwSt. 19%", "3,78"), ("Netto 19%", "19,92"), ("MwSt. 7%", "2,34"),
        ("Netto 7%", "33,46"), ("MwSt", "6,12"),
    )  # fmt: skip
    values = ask_printed("receipt", *HEAD, *table).values
    assert leaf(values, "tax_total") == "6,12"
    assert leaf(values, "subtotal") is None


def test_one_of_several_taxes_without_their_sum_is_not_the_tax() -> None:
    table = rows(
        ("Room", "88.00"), ("County Tax", "5.28"), ("Parking Tax", "0.36"), ("Total", "93.64")
    )
    assert leaf(ask_printed("receipt", *HEAD, *table).values, "tax_total") is None


@pytest.mark.parametrize(("deduction", "subtotal"), [((), None), (("Discount", "1.00"), "10.00")])
def test_a_subtotal_above_the_total_needs_a_deduction(
    deduction: tuple[str, ...], subtotal: str | None
) -> None:
    table = rows(("Subtotal", "10.00"), deduction, ("Total", "9.00"), ("Cash", "9.00"))
    assert leaf(ask_printed("receipt", *HEAD, *table).values, "subtotal") == subtotal


def test_an_invoice_that_prints_no_currency_has_none() -> None:
    table = rows(("Subtotaal", "100,00"), ("BTW 21%", "21,00"), ("Totaal", "121,00"))
    seller = (
        (60, 40, "Haven Handel B.V."),
        (60, 54, "Lindengracht 123"),
        (60, 68, "1015 AB Amsterdam"),
    )
    assert leaf(ask_printed("invoice", *seller, *table).values, "currency") is None


def test_a_line_that_calls_a_number_is_no_name() -> None:
    called = ((60, 10, "YOUR GUEST NUMBER IS"), (110, 22, "53"))
    table = rows(("Burger", "4.80"), ("Total", "4.80"))
    values = ask_printed("receipt", *called, *HEAD, *table).values
    assert leaf(values, "merchant.name") == "Harbour Café Ltd"


def test_a_threshold_is_no_amount() -> None:
    table = rows(
        ("Total HT", "624,90 €"), ("TVA 20%", "124,98 €"), ("Total TTC", "749,88 €"),
        ("Franco de port (commande > 300 € HT)",),
    )  # fmt: skip
    assert leaf(ask_printed("invoice", *table).values, "totals.charges") is None


@pytest.mark.parametrize(("height", "total"), [(1.0, None), (1.6, "59,50")])
def test_a_large_amount_beside_a_currency_alone_is_the_total(
    height: float, total: str | None
) -> None:
    table = rows(("Schnitzel", "16,60"), ("Hefe hell", "13,20"), ("EURO", "*59,50"), ("Danke",))
    plain = Paper().page(*HEAD, *table)
    words = [
        word._replace(box=word.box._replace(bottom=word.box.top + height * word.box.height))
        if word.text in ("EURO", "*59,50")
        else word
        for word in plain.words
    ]
    question = Question("d", (replace(plain, words=tuple(words)),), load_schema("receipt"))
    (answer,) = TextEngine().answer([question])
    found = leaf(answer.values, "total")
    assert (str(found).strip("*") if found else None) == total


def test_the_day_goods_are_shipped_is_not_that_of_issue() -> None:
    printed = (
        (60, 40, "Invoice:"), (200, 40, "0116271"), (60, 60, "Ship Date:"), (200, 60, "2/10/2020"),
        (60, 300, "Grand Total:"), (200, 300, "$247.31"),
    )  # fmt: skip
    assert leaf(ask_printed("invoice", *printed).values, "issue_date") is None


@pytest.mark.parametrize("text", ["City, State Zipcode", "customer@harbour.example"])
def test_parts_of_an_address_name_nobody(text: str) -> None:
    printed = (
        (60, 40, "Example, LLC"), (60, 52, "123 Mill Street"), (60, 64, "New Harbour, NY 10012"),
        (340, 40, "Bill To"), (340, 52, text), (60, 300, "Amount Due"), (340, 300, "$19.00"),
    )  # fmt: skip
    assert leaf(ask_printed("invoice", *printed).values, "buyer.name") is None


def test_a_decimal_mark_may_stand_apart() -> None:
    printed = ((60, 40, "Invoice no. 17"), (60, 300, "Gross amount"), (300, 300, "4,759 .20"))
    assert leaf(ask_printed("invoice", *printed).values, "totals.gross") == "4,759 .20"


@pytest.mark.parametrize(
    "title", ["請求書", "电子发票(普通发票)", "세금계산서", "فاتورة ضريبية", "חשבונית מס"]
)
def test_a_title_in_another_script_is_no_seller(title: str) -> None:
    printed = ((240, 40, 16, title), (60, 90, "株式会社みどり製作所"), (60, 200, "¥107,800"))
    assert leaf(ask_printed("invoice", *printed).values, "seller.name") != title

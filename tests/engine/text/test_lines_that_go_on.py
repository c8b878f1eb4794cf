"""Sentences and labels that go on in another line, and days and numbers within tables."""

from __future__ import annotations

import pytest
from support.two_parties import read
from support.word_pages import Printed


def lines(*texts: str, top: float = 500) -> tuple[Printed, ...]:
    return tuple((50.0, top + 12 * n, text) for n, text in enumerate(texts))


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        (("Wir bitten, den Gesamtbetrag von 2.641,80 € bis spätestens 05.06.2025 auf das Konto",
          "bei der Volksbank Nord in Bremen", "einzuzahlen."), "05.06.2025"),
        (("Zahlbar bis 24.01.2025 mit 2,00 % Skonto = 4.171,42 EUR",
          "oder bis 13.02.2025 ohne Abzug."), "13.02.2025"),
        (("Please pay by EFT on or before", "30 June 2025 to Bank of Ireland"), "30 June 2025"),
        (("I should be grateful if the amount could reach my euro account by",
          "18 February 2025: HSBC, Totnes"), "18 February 2025"),
    ],
)  # fmt: skip
def test_a_sentence_about_paying_goes_on(texts: tuple[str, ...], day: str) -> None:
    assert read("due_date", *lines("Rechnung 4711", top=230), *lines(*texts)) == day


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        (("Please pay this invoice in full before the end of the month following, by 30",
          "April 2025. Prices are valid until 31 December 2025."), "30 April 2025"),
        (("This invoice replaces the pro forma of 20 March 2025. Please pay by 13 April",
          "2025; goods remain our property until then."), "13 April 2025"),
        (("Discount of 2% for payment received by 24 March 2025, net due", "13 April 2025."),
         "13 April 2025"),
        (("Quotation valid until 30 April 2025. Payment is expected no later than",
          "Sunday, 13 April 2025."), "13 April 2025"),
        (("Wir bitten um Überweisung des Betrags bis zum", "13. April", "2025."), "13. April 2025"),
    ],
)  # fmt: skip
def test_a_day_to_pay_may_break_over_lines(texts: tuple[str, ...], day: str) -> None:
    assert read("due_date", *lines("Invoice 4711", top=230), *lines(*texts)) == day


def test_numbers_above_a_month_of_no_day_are_none() -> None:
    texts = "Please pay by bank transfer before you leave room 98", "June 2025 was a good month."
    assert read("due_date", *lines("Invoice 4711", top=230), *lines(*texts)) is None


def test_a_letters_day_is_not_that_of_a_sentence_that_goes_on() -> None:
    texts = (
        "To our services in the matter above, as per our section 150 letter dated",
        "2 May 2024:",
    )
    title = lines("Invoice 4711", top=230), lines("19 September 2024", top=200)
    assert read("issue_date", *title[0], *title[1], *lines(*texts)) != "2 May 2024"


def test_the_next_sentence_says_nothing_of_a_day() -> None:
    texts = "The works went on by 5 June 2025.", "Please pay what is due into the account"
    assert read("due_date", *lines("Invoice 4711", top=230), *lines(*texts)) is None


def test_a_value_stands_between_the_two_lines_of_its_label() -> None:
    printed = (50, 230, "Rechnungsdatum"), (50, 242, "/Lieferdatum"), (200, 236, "26.11.2024")
    other = (50, 300, "Bestelldatum 24.11.2024")
    assert read("issue_date", *printed, other, (50, 210, "Rechnung 4711")) == "26.11.2024"


@pytest.mark.parametrize(
    "texts",
    [
        ("A discount of £30.00 applies for payment received on or before 21 March 2025.",),
        ("Rebate of £30.00 for payment received no later than 21 March 2025.",),
        ("Payment due on presentation. The next service is due 2 June 2025.",),
        ("Payment due: upon receipt. Next invoice due 13 April 2025.",),
    ],
)
def test_days_of_discounts_and_of_what_is_next(texts: tuple[str, ...]) -> None:
    assert read("due_date", *lines("Invoice 4711", top=230), *lines(*texts)) is None


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Rechnungs-Nr. HK-2025-06-17 · Steuernummer 41/207/03318", "HK-2025-06-17"),
        ("Invoice for #SS10482", "SS10482"),
        ("Debit note no. DN-41176", "DN-41176"),
    ],
)
def test_numbers_that_look_like_something_else(printed: str, number: str) -> None:
    assert str(read("invoice_number", (50, 230, printed))).lstrip("#") == number


def test_the_number_of_a_debit_note_stands_beside_its_label() -> None:
    pair = (50, 230, "Debit note no."), (200, 230, "DN 41176")
    assert read("invoice_number", *pair) == "DN 41176"


def test_the_page_of_a_register_is_no_number() -> None:
    register = "Inscrita en el Reg. Mercantil de Valencia, tomo 2211, folio 84, hoja V-18440"
    bare = (50, 230, "Número:"), (150, 230, "A/25/004417")
    assert read("invoice_number", *bare, (50, 780, register)) == "A/25/004417"
    assert read("invoice_number", (50, 780, register)) is None


def placed(top: float, *cells: str) -> tuple[Printed, ...]:
    return tuple((40.0 + 85 * n, top, cell) for n, cell in enumerate(cells) if cell)


def test_a_table_of_one_row_says_until_when_to_pay() -> None:
    heads = ("Description", "Qty", "Due date", "Price", "Amount")
    table = (*placed(400, *heads), *placed(414, "Rent", "1", "30-09-2025", "2,377.83", "2,377.83"))
    assert read("due_date", (50, 210, "Invoice 4711"), *table) == "30-09-2025"
    second = placed(428, "Heating", "1", "30-10-2025", "100.00", "100.00")
    assert read("due_date", (50, 210, "Invoice 4711"), *table, *second) is None

"""Totals under labels nobody knows: what a column of amounts comes to, and what is due."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

HEAD: Printed = (50, 120, "Invoice no. N-2041")


def totals(*printed: Printed) -> dict[str, object]:
    found = ask("invoice", A4.page(HEAD, *printed)).values["totals"]
    assert isinstance(found, dict)
    return {name: amount for name, amount in found.items() if amount is not None}


def column(left: float, *texts: str) -> tuple[Printed, ...]:
    return tuple((left, 300.0 + 16 * n, text) for n, text in enumerate(texts))


def test_amounts_may_stand_left_of_what_they_are_for() -> None:
    found = totals(
        *column(-120, "€4,800.00", "€6,900.00", "€495.00", "€483.00", "€12,678.00"),
        *column(140, "Platform support", "Senior days", "Incident", "Log retention", "altogether"),
        *column(-540, "€4,800.00", "€920.00", "€165.00", "€1.15"),
    )
    assert found["gross"] == "€12,678.00"


def test_prices_of_a_piece_between_the_items_are_none_of_them() -> None:
    found = totals(
        (50, 300, "Catalogue, autumn"), (-540, 300, "686,40 €"), (50, 314, "6240 words at 0,11 €"),
        (50, 330, "Contract"), (-540, 330, "135,00 €"), (50, 344, "3 hours at 45,00 €"),
        (50, 360, "Layout"), (-540, 360, "80,00 €"), (50, 374, "2 hours at 40,00 €"),
        (50, 400, "by 2 December"), (-540, 400, "901,40 €"),
    )  # fmt: skip
    assert found["gross"] == "901,40"


def test_what_is_due_is_the_total_where_the_items_come_to_it() -> None:
    items = column(50, "Commission", "Handling of guests", "Visibility", "Offener Betrag")
    amounts = column(-540, "412,38 €", "57,90 €", "89,00 €", "559,28 €")
    sales = (50.0, 420.0, "Ihr Buchungsumsatz im Abrechnungszeitraum: 2.749,20 €")
    assert totals(*items, *amounts, sales)["gross"] == "559,28"


def test_two_items_are_enough_for_what_is_known_to_be_due() -> None:
    found = totals(
        (50, 300, "Occupation du domaine public 518,40"), (50, 316, "Frais de dossier 35,00"),
        (50, 340, "SOMME À PAYER 553,40"),
    )  # fmt: skip
    assert (found["gross"], found["amount_due"]) == ("553,40", "553,40")


def test_with_what_was_paid_before_the_total_is_more_than_what_is_due() -> None:
    found = totals(
        *column(50, "Fees", "Searches", "Filing", "Sum", "Less paid", "Balance due"),
        *column(-540, "1,500.00", "208.40", "381.00", "2,089.40", "400.00", "1,689.40"),
    )
    assert (found["gross"], found["amount_due"]) == ("2,089.40", "1,689.40")


def test_no_other_sum_is_the_total_than_what_is_due() -> None:
    found = totals(
        *column(50, "Hall for a day", "Chairs", "Tables", "Value of it all", "Amount due"),
        *column(-540, "500.00", "120.00", "80.00", "9,000.00", "700.00"),
    )
    assert "gross" not in found


@pytest.mark.parametrize(
    ("printed", "amount"),
    [
        ("The total comes to R5 124.50, which I would be glad to receive soon.", "R5 124.50,"),
        ("All in all that makes kr 9 124,00. I am grateful for it.", "kr 9 124,00."),
        ("Altogether (total with tax: R 1 201.30).", "1 201.30)."),
    ],
)
def test_thousands_stand_apart_at_the_end_of_a_sentence_too(printed: str, amount: str) -> None:
    found = leaf(ask("total: money", A4.page(HEAD, (50, 300, printed))).values, "total")
    assert str(found).strip("kRr ").rstrip(".,)") == amount.strip("kRr ").rstrip(".,)")

"""Taxes by rates, recapitulations of rates, and what a bracket says of a tax."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask

from docextract.normalise.numbers.currencies import code_of
from docextract.normalise.numbers.numbers import find_numbers, parse_number

HEAD: tuple[Printed, ...] = ((330, 60, "Invoice no."), (470, 60, "N-2041"))


def row(top: float, *cells: str, left: float = 250.0, step: float = 95.0) -> tuple[Printed, ...]:
    """Return a label and amounts right-aligned behind it."""
    amounts = ((-left - step * n, top, cell) for n, cell in enumerate(cells[1:], start=1))
    return ((left - 200, top, cells[0]), *amounts)


def totals(*rows: tuple[str, ...], schema: str = "invoice") -> dict[str, object]:
    """Return the totals of rows printed one below another."""
    printed = (item for n, cells in enumerate(rows) for item in row(300 + 16 * n, *cells))
    found = ask(schema, A4.page(*HEAD, *printed)).values["totals"]
    assert isinstance(found, dict)
    return {name: amount for name, amount in found.items() if amount is not None}


def test_a_bracket_tells_what_is_taxed_and_a_rate_the_tax() -> None:
    found = totals(
        ("Professional charges", "£2,150.00"), ("Searches (plus VAT)", "28.00"),
        ("Registry fee (no VAT)", "45.00"), ("VAT at 20% on £2,178.00", "435.60"),
        ("Total", "£2,658.60"),
    )  # fmt: skip
    assert found["tax"] == "435.60"


def test_net_tax_and_total_stand_in_a_row_above_what_was_paid() -> None:
    found = totals(
        ("Sum of items", "35 190,00", "7 389,90", "42 579,90"),
        ("Payment method: transfer",), ("Amount paid", "-10 000,00"),
        ("Amount due", "32 579,90"),
    )  # fmt: skip
    assert found["net"] == "35 190,00"
    assert (found["tax"], found["gross"]) == ("7 389,90", "42 579,90")
    assert found["amount_due"] == "32 579,90"


def test_a_recapitulation_may_stand_below_the_total() -> None:
    found = totals(
        ("Invoice total", "164,87 €"), ("VAT rate", "Net", "VAT"), ("19 %", "138,55 €", "26,32 €")
    )
    assert (found["net"], found["tax"]) == ("138,55", "26,32")


def test_a_total_may_stand_beside_a_count() -> None:
    found = totals(
        ("Round off", "(-)0.30"), ("Total", "610 Nos", "107,067.00"), ("", "", ""),
        ("90,735.00", "8,166.15", "8,166.15", "16,332.30"),
    )  # fmt: skip
    assert (found["net"], found["tax"]) == ("90,735.00", "16,332.30")


PARTS = ("VAT on parts 23%", "51.96"), ("VAT on labour 13.5%", "20.93")


def test_the_tax_of_one_rate_is_not_the_tax() -> None:
    assert "tax" not in totals(*PARTS, ("Total due", "453.79"))
    assert totals(*PARTS, ("Total VAT", "72.89"), ("Total due", "453.79"))["tax"] == "72.89"
    assert totals(PARTS[0], ("VAT 0%", "0.00"), ("Total due", "453.79"))["tax"] == "51.96"


@pytest.mark.parametrize(
    "parts",
    [
        (("davon 7 % MwSt.", "25.20"), ("davon 19 % MwSt.", "26.60")),
        (("incl. VAT 20%", "£140.00"), ("incl. VAT 5%", "£10.00")),
        (("Includes VAT at 20%:", "£140.00"), ("Includes VAT at 5%:", "£10.00")),
    ],
)
def test_nor_are_rates_before_a_tax_or_with_a_colon(parts: tuple[tuple[str, str], ...]) -> None:
    assert "tax" not in totals(("Total", "£1,150.00"), *parts)


def test_what_a_tax_is_on_is_no_tax_of_another_rate() -> None:
    found = totals(("VAT 0 % on 12,678.00", "0.00"), ("Total", "12,678.00"))
    assert (found["tax"], found["gross"]) == ("0.00", "12,678.00")


def test_an_amount_named_anew_is_not_the_tax_whose_rate_stands_before_it() -> None:
    found = totals(
        ("Credit total EUR", "666,00"), ("incl. VAT 10 %", "Net 580,00", "VAT 58,00"),
        ("incl. VAT 20 %", "Net 23,33", "VAT 4,67"), ("Sum", "Net 603,33", "VAT 62,67"),
    )  # fmt: skip
    assert (found["net"], found["tax"]) == ("603,33", "62,67")


def test_lines_of_taxes_are_no_rows_though_amounts_stand_as_theirs() -> None:
    heads = ("Description", "Price", "Amount")
    items = ("Gardening", "47.50", "760.00"), ("Planting", "3.85", "462.00")
    sums = ("Subtotal", "", "1,222.00"), ("9% VAT on", "462.00", "41.58"), (
        "21% VAT on", "760.00", "159.60"), ("Total", "", "1,423.18")  # fmt: skip
    printed = [
        item for n, cells in enumerate((heads, *items, *sums))
        for item in row(300 + 16 * n, *cells) if item[2]
    ]  # fmt: skip
    lines = ask("invoice", A4.page(*HEAD, *printed)).values["lines"]
    assert isinstance(lines, list)
    assert [line["net"] for line in lines] == ["760.00", "462.00"]


@pytest.mark.parametrize("text", ["(-)0.30", "(-)Rs 1,000.00"])
def test_a_minus_in_brackets(text: str) -> None:
    assert str(parse_number(text).value).startswith("-")
    assert [found for *_, found in find_numbers(f"Round off {text}")][:1] == [text]


@pytest.mark.parametrize(("head", "code"), [("Value (lei)", "RON"), ("Cena brutto zł", "PLN")])
def test_a_small_currency_in_a_head(head: str, code: str) -> None:
    rows = (("Goods", "Qty", head), ("Diplomas", "250", "600,00"), ("Posters", "40", "260,00"))
    printed = (item for n, cells in enumerate(rows) for item in row(300 + 16 * n, *cells))
    found = ask("invoice", A4.page(*HEAD, *printed, *row(400, "Total", "", "860,00")))
    assert code_of(str(found.values["currency"])) == code


def test_total_charges_are_the_total() -> None:
    found = totals(
        ("Total charges", "$1,561.50"), ("Less: deposit received", "-$250.00"),
        ("Balance due", "$1,311.50"),
    )  # fmt: skip
    assert (found["gross"], found["amount_due"]) == ("$1,561.50", "$1,311.50")


def test_prices_with_tax_are_no_tax() -> None:
    lines = (50, 300, "as told at your special"), (50, 314, "prices (inclusive VAT):")
    item = (50, 332, "35 hymn books at 16.80"), (-440, 332, "588.00")
    both = (50, 348, "together"), (-440, 348, "588.00"), (50, 364, "Total"), (-440, 364, "588.00")
    found = ask("invoice", A4.page(*HEAD, *lines, *item, *both)).values["totals"]
    assert isinstance(found, dict)
    assert (found["gross"], found["tax"]) == ("588.00", None)


@pytest.mark.parametrize(
    "label",
    ["Total (+ VAT)", "Total (VAT to be added)", "Total due (plus VAT)", "Totale (oltre IVA)"],
)
def test_a_bracket_that_adds_a_tax_makes_a_total_net(label: str) -> None:
    found = totals(("Shelving", "840.00"), ("Fixing", "160.00"), (label, "1,000.00"))
    assert "gross" not in found and "tax" not in found


@pytest.mark.parametrize(
    "label",
    [
        "VAT included: £140.00 (20%) and £10.00 (5%).",
        "Enthaltene Mehrwertsteuer: 7 % = 140,00 €, 19 % = 10,00 €",
    ],
)
def test_taxes_of_two_rates_in_one_sentence_are_no_total(label: str) -> None:
    assert "tax" not in totals(("Total", "1,150.00"), (label,))


@pytest.mark.parametrize(
    "label", ["Deposit required now", "Deposit held (refundable)", "Acompte exigible"]
)
def test_a_deposit_that_is_asked_for_is_not_paid(label: str) -> None:
    rows = ("Subtotal", "1,000.00"), ("VAT 20%", "200.00"), ("Total", "1,200.00")
    assert totals(*rows, (label, "400.00")).get("paid") is None
    assert totals(*rows, ("Deposit", "400.00")).get("paid") == "400.00"

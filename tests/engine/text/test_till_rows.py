"""Rows of tills and of taxes that print a count, a sum or a rate where others print none."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

SHOP: tuple[Printed, ...] = (
    (50, 40, "Hofladen Winter GmbH"), (50, 54, "Mohnweg 4"), (50, 68, "04109 Leipzig"),
)  # fmt: skip
INVOICE: tuple[Printed, ...] = (
    (330, 60, "Invoice no."), (470, 60, "N-2041"),
    (50, 200, "Description"), (-540, 200, "Amount"),
    (50, 216, "Bench vice"), (-540, 216, "120.00"), (50, 232, "Steel rule"), (-540, 232, "80.00"),
    (330, 280, "Net total"), (-540, 280, "200.00"), (330, 296, "VAT"), (-540, 296, "25.00"),
    (330, 312, "Total"), (-540, 312, "225.00"),
    (50, 400, "VAT rate"), (-200, 400, "Net"), (-300, 400, "VAT amount"),
    (50, 416, "20 %"), (-200, 416, "100.00"), (-300, 416, "20.00"),
)  # fmt: skip
Row = dict[str, object]


def rows(path: str, schema: str, *printed: Printed) -> list[Row]:
    found = leaf(ask(schema, A4.page(*printed)).values, path)
    assert isinstance(found, list)
    return found


def till(*lines: tuple[str, str]) -> list[Row]:
    """Return the items of a till roll that prints a text and an amount on each line."""
    columns = tuple(
        (left, 100.0 + 14 * n, text)
        for n, line in enumerate(lines)
        for left, text in zip((50.0, -400.0), line, strict=True)
    )
    return rows("lines", "receipt", *SHOP, *columns)


def cells(items: list[Row]) -> list[tuple[object, ...]]:
    return [tuple(item[n] for n in ("description", "quantity", "unit_price", "total"))
            for item in items]  # fmt: skip


@pytest.mark.parametrize("count", ["2 Rolle x", "2 x", "2 Stk. x"])
def test_a_count_may_name_its_unit_and_have_its_price_in_the_next_column(count: str) -> None:
    printed = till((count, "4,85"), ("Klebeband", "9,70"), ("Stift", "1,20"), ("SUMME", "10,90"))
    assert cells(printed) == [
        ("Klebeband", "2", "4,85", "9,70"), ("Stift", None, None, "1,20"),
    ]  # fmt: skip


def test_a_count_that_makes_the_amount_beside_it_is_an_item_without_words() -> None:
    printed = till(("Stift", "1,20"), ("2 x 4,85", "9,70"), ("SUMME", "10,90"))
    assert cells(printed) == [("Stift", None, None, "1,20"), (None, "2", "4,85", "9,70")]


def test_a_count_that_makes_another_amount_is_no_item() -> None:
    assert len(till(("Stift", "1,20"), ("2 x 4,85", "9,60"), ("SUMME", "10,80"))) == 1


def test_a_sum_without_a_known_label_ends_the_items_of_a_till() -> None:
    printed = till(
        ("Stift", "1,20"), ("Klebeband", "9,70"), ("Posten", "10,90"), ("SUMME", "10,90")
    )
    assert [item["description"] for item in printed] == ["Stift", "Klebeband"]


def test_what_the_total_holds_behind_such_a_sum_is_an_item_too() -> None:
    printed = till(
        ("Stift", "1,20"), ("Klebeband", "9,70"), ("Posten", "10,90"), ("Tüte", "0,10"),
        ("SUMME", "11,00"),
    )  # fmt: skip
    assert [row["description"] for row in printed] == ["Stift", "Klebeband", "Tüte"]


def test_an_item_for_as_much_as_those_before_it_stays_where_all_make_the_total() -> None:
    printed = till(("Stift", "1,20"), ("Block", "1,20"), ("Tüte", "0,10"), ("SUMME", "2,50"))
    assert [item["description"] for item in printed] == ["Stift", "Block", "Tüte"]


def test_the_last_row_of_a_tax_table_that_is_the_sum_of_the_others_is_none() -> None:
    printed = (
        (50, 432, "5 %"), (-200, 432, "100.00"), (-300, 432, "5.00"),
        (50, 448, "All"), (-200, 448, "200.00"), (-300, 448, "25.00"),
    )  # fmt: skip
    found = rows("taxes", "invoice", *INVOICE, *printed)
    assert [row["amount"] for row in found] == ["20.00", "5.00"]


def test_a_rate_that_comes_to_as_much_as_the_others_keeps_its_row() -> None:
    printed = (50, 432, "10 %"), (-200, 432, "200.00"), (-300, 432, "20.00")
    found = rows("taxes", "invoice", *INVOICE, *printed)
    assert [row["rate"] for row in found] == ["20", "10"]


def test_an_amount_in_the_column_of_rates_is_no_rate() -> None:
    table = *INVOICE[:-6], (-90, 400, "VAT %"), (-200, 400, "Base"), (-300, 400, "VAT amount")
    printed = (
        (-90, 416, "20"), (-200, 416, "100.00"), (-300, 416, "20.00"),
        (-90, 432, "105.00"), (-200, 432, "100.00"), (-300, 432, "5.00"),
    )  # fmt: skip
    found = rows("taxes", "invoice", *table, *printed)
    assert [row["rate"] for row in found] == ["20", None]


def order(*lines: tuple[str, str]) -> list[Row]:
    """Return the items of an order that prints a text and an amount on each line, no heads."""
    columns = tuple(
        (left, 300.0 + 14 * n, text)
        for n, line in enumerate(lines)
        for left, text in zip((50.0, -540.0), line, strict=True) if text
    )  # fmt: skip
    total = (330.0, 600.0, "Net total"), (-540.0, 600.0, "99.00")
    return rows("lines", "invoice", (330, 60, "Invoice no."), (470, 60, "N-2041"), *columns, *total)


def counted(items: list[Row]) -> list[tuple[object, ...]]:
    return [tuple(item[n] for n in ("quantity", "unit_price", "net")) for item in items]


@pytest.mark.parametrize(
    ("count", "number", "price"),
    [
        ("12 cases @ R 870.00", "12", "870.00"),
        ("2 unité(s) à 5 220.00 € HT", "2", "5 220.00"),
        ("600 Stück 17.40 EUR / 1 ST", "600", "17.40"),
        ("1 LE 10 440.00 EUR / 1 LE", "1", "10 440.00"),
    ],
)
def test_a_line_below_an_item_tells_its_count_and_price(
    count: str, number: str, price: str
) -> None:
    found = order(("Chenin Blanc", "10 440.00"), (count, ""), ("Corks", "60.00"))
    assert counted(found) == [(number, price, "10 440.00"), (None, None, "60.00")]


def test_what_stands_beside_the_items_hides_no_count() -> None:
    found = order(("Steynsrus Vlei", ""), ("Serum", "2 967.00"), ("", ""), ("Corks", "60.00"))
    beside = ((50.0, 328.0, "5922"), (250.0, 328.0, "86 x R 34.50"))
    assert counted(found)[0] == (None, None, "2 967.00")
    printed = (
        (330.0, 60.0, "Invoice no."), (470.0, 60.0, "N-2041"),
        (50.0, 314.0, "Steynsrus Vlei"), (250.0, 314.0, "Serum"), (-540.0, 314.0, "R 2 967.00"),
        *beside, (250.0, 342.0, "Corks"), (-540.0, 342.0, "R 60.00"),
        (330.0, 600.0, "Net total"), (-540.0, 600.0, "R 3 027.00"),
    )  # fmt: skip
    assert counted(rows("lines", "invoice", *printed))[0][:2] == ("86", "34.50")


def test_two_of_the_same_price_are_two_items() -> None:
    found = order(("Tea", "3.50"), ("1 Mug of tea", "3.50"), ("Cake", "4.20"))
    assert [net for *_, net in counted(found)] == ["3.50", "3.50", "4.20"]

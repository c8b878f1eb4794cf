"""Rows of tables by the role of their columns; sums and carried lines are no rows."""

from __future__ import annotations

from support.word_pages import A4, Printed, ask, ask_printed, leaf

HEAD: tuple[Printed, ...] = ((330, 60, "Invoice no."), (470, 60, "N-2041"))


def rows(schema: str, *printed: Printed, path: str = "lines") -> list[dict[str, object]]:
    found = leaf(ask_printed(schema, *printed).values, path)
    assert isinstance(found, list)
    return found


def test_a_column_of_words_left_of_the_description_is_a_code_and_no_row_number() -> None:
    found = rows(
        "invoice", *HEAD,
        (50, 251, "Item"), (150, 251, "Description"), (290, 251, "Unit price"),
        (390, 251, "Quantity"), (510, 251, "Total"),
        (50, 271, "Coffee"), (150, 271, "One cup per hour"), (-330, 271, "2.00"),
        (-430, 271, "24"), (-540, 271, "48.00"),
        (50, 287, "Soda"), (-330, 287, "2.00"), (-430, 287, "3"), (-540, 287, "6.00"),
        (380, 321, "Total"), (-540, 321, "54.00"),
    )  # fmt: skip
    assert [(row["line_no"], row["product_code"]) for row in found] == [
        (None, "Coffee"), (None, "Soda"),
    ]  # fmt: skip


def test_the_one_column_of_prices_without_quantities_holds_the_amounts() -> None:
    found = rows(
        "invoice", *HEAD,
        (50, 251, "Item"), (510, 251, "Price"),
        (50, 271, "Bench vice"), (-540, 271, "120.00 USD"),
        (50, 287, "Steel rule"), (-540, 287, "20.00 USD"),
        (-540, 321, "Total: 140.00 USD"),
    )  # fmt: skip
    assert [(row["unit_price"], row["net"]) for row in found] == [(None, "120.00"), (None, "20.00")]


def test_a_total_in_the_columns_of_the_table_is_no_row() -> None:
    found = rows(
        "purchase_order",
        (50, 251, "Description"), (290, 251, "Quantity"), (410, 251, "Cost"), (505, 251, "Amount"),
        (50, 271, "PALLET 4WAY"), (-330, 271, "504"), (-430, 271, "3.881"), (-540, 271, "1,956.02"),
        (50, 287, "PURCHASE ORDER TOTAL:"), (-330, 287, "504"), (-540, 287, "1,956.02"),
    )  # fmt: skip
    assert [row["description"] for row in found] == ["PALLET 4WAY"]


def test_what_came_in_and_went_out_is_told_by_the_sign_of_one_column() -> None:
    found = rows(
        "bank_statement",
        (50, 121, "Opening Balance"), (-300, 121, "$5,600.00"),
        (50, 135, "Closing Balance"), (-300, 135, "$5,950.00"),
        (50, 171, "Date"), (130, 171, "Description"), (-430, 171, "Amount"), (-540, 171, "Balance"),
        (50, 187, "01/15/2024"), (130, 187, "ATM Withdrawal"), (-430, 187, "-$150.00"),
        (-540, 187, "$5,450.00"),
        (50, 203, "01/16/2024"), (130, 203, "Refund"), (-430, 203, "$500.00"),
        (-540, 203, "$5,950.00"),
        path="accounts",
    )  # fmt: skip
    booked = found[0]["transactions"]
    assert isinstance(booked, list)
    assert [(row["deposit"], row["withdrawal"]) for row in booked] == [
        (None, "$150.00"), ("$500.00", None),
    ]  # fmt: skip


def test_a_carried_sum_ends_no_table_even_without_a_header_on_the_next_page() -> None:
    header = (
        (60, 215, "Pos"), (160, 215, "Bezeichnung"), (336, 215, "Menge"), (395, 215, "Einzelpreis"),
        (478, 215, "Gesamt EUR"),
    )  # fmt: skip

    def row(top: float, number: int, price: str, amount: str) -> tuple[Printed, ...]:
        return (
            (60, top, f"{number}"), (160, top, f"Schraube M{number}"), (-370, top, "10"),
            (-450, top, price), (-540, top, amount),
        )  # fmt: skip

    first = A4.page(
        *header, *row(233, 1, "4,50", "45,00"), *row(249, 2, "2,50", "25,00"),
        (160, 268, "Zwischensumme / Übertrag"), (-540, 268, "70,00"),
    )  # fmt: skip
    second = A4.page(
        (160, 74, "Übertrag von Seite 1"), (-540, 74, "70,00"),
        *row(93, 3, "3,00", "30,00"), *row(109, 4, "1,00", "10,00"),
        (360, 192, "Nettobetrag"), (-540, 192, "110,00"),
        number=2,
    )  # fmt: skip
    lines = leaf(ask("invoice", first, second).values, "lines")
    assert isinstance(lines, list)
    assert [line["line_no"] for line in lines] == ["1", "2", "3", "4"]


ITEMS: tuple[Printed, ...] = (
    (50, 251, "Description"), (250, 251, "Quantity"), (330, 251, "Unit price"),
    (510, 251, "Amount"),
)  # fmt: skip


def test_amount_and_tax_side_by_side_are_base_and_tax_of_a_row() -> None:
    found = rows(
        "receipt",
        (50, 40, "Hilltop Stationery"), (50, 56, "Paper"), (-540, 56, "27.56"),
        (50, 72, "Total"), (-540, 72, "27.56"),
        (50, 120, "GST Summary"), (-300, 120, "Amount (RM)"), (-540, 120, "Tax (RM)"),
        (50, 136, "SR @6%"), (-300, 136, "26.00"), (-540, 136, "1.56"),
        path="taxes",
    )  # fmt: skip
    assert [(row["base"], row["amount"]) for row in found] == [("26.00", "1.56")]


def test_a_line_that_names_the_tax_beside_its_base_is_no_tax_of_a_row() -> None:
    found = rows(
        "receipt",
        (50, 40, "Hilltop Bakery"), (50, 56, "Bread"), (-540, 56, "25.56"),
        (50, 80, "Total 6% supplies (excl. GST):"), (-540, 80, "25.56"),
        (50, 96, "GST:"), (-540, 96, "1.53"), (50, 112, "Total Payable:"), (-540, 112, "27.09"),
        path="taxes",
    )  # fmt: skip
    assert "25.56" not in [row["amount"] for row in found]


def test_of_two_columns_named_after_the_tax_the_one_of_rates_is_the_rate() -> None:
    found = rows(
        "invoice", *HEAD,
        (50, 251, "Description"), (200, 251, "Quantité"), (280, 251, "Prix unitaire HT"),
        (390, 251, "% TVA"), (440, 251, "Total TVA"), (515, 251, "Total HT"),
        (50, 271, "Tiroir"), (-230, 271, "16,00"), (-330, 271, "14,00"), (-415, 271, "20,0"),
        (-480, 271, "44,80"), (-555, 271, "224,00"),
        (50, 287, "Bureau"), (-230, 287, "50,00"), (-330, 287, "500,00"), (-415, 287, "20,0"),
        (-480, 287, "5000,00"), (-555, 287, "25000,00"),
    )  # fmt: skip
    assert [row["tax_rate"] for row in found] == ["20,0", "20,0"]


def test_the_rows_of_a_copy_that_follows_are_not_counted_again() -> None:
    page = (
        *HEAD, *ITEMS,
        (50, 271, "Plank"), (-290, 271, "4"), (-380, 271, "5.00"), (-540, 271, "20.00"),
        (50, 287, "Screws"), (-290, 287, "3"), (-380, 287, "2.50"), (-540, 287, "7.50"),
        (380, 321, "Total"), (-540, 321, "27.50"),
    )  # fmt: skip
    pages = [A4.page(*page, number=number) for number in (1, 2)]
    found = leaf(ask("invoice", *pages).values, "lines")
    assert isinstance(found, list)
    assert [row["description"] for row in found] == ["Plank", "Screws"]


def test_the_sum_under_a_tills_items_is_no_item_whatever_it_is_called() -> None:
    found = rows(
        "receipt", (50, 40, "Corner Shop"),
        (50, 56, "Tea"), (-540, 56, "3.10"), (50, 72, "Milk"), (-540, 72, "1.20"),
        (50, 88, "Bread"), (-540, 88, "2.45"), (50, 104, "Mindent egybe"), (-540, 104, "6.75"),
    )  # fmt: skip
    assert [row["description"] for row in found] == ["Tea", "Milk", "Bread"]


def test_a_tax_printed_under_the_items_is_the_tax_and_no_item() -> None:
    printed: tuple[Printed, ...] = (
        *HEAD, (50, 251, "Description of Goods"), (250, 251, "Quantity"), (330, 251, "Rate"),
        (510, 251, "Amount"),
        (50, 271, "PAPER ROLLS"), (-290, 271, "100"), (-380, 271, "193.00"),
        (-540, 271, "19,300.00"),
        (150, 287, "IGST @ 18%"), (-540, 287, "3,474.00"),
        (150, 303, "ROUND OFF"), (-540, 303, "0.00"), (150, 319, "Total"),
        (-540, 319, "22,774.00"),
    )  # fmt: skip
    assert [row["description"] for row in rows("invoice", *printed)] == ["PAPER ROLLS"]
    values = ask_printed("invoice", *printed).values
    assert leaf(values, "totals.tax") == "3,474.00"


def test_a_sum_carried_to_the_next_page_is_no_total_of_the_lines() -> None:
    first = A4.page(
        *ITEMS, (50, 271, "Plank"), (-290, 271, "4"), (-380, 271, "5,00"), (-540, 271, "20,00"),
        (50, 287, "Zwischensumme / Übertrag"), (-540, 287, "20,00"),
    )  # fmt: skip
    second = A4.page(
        (50, 74, "Übertrag von Seite 1"), (-540, 74, "20,00"),
        *((item[0], 90.0, str(item[-1])) for item in ITEMS),
        (50, 106, "Screws"), (-290, 106, "3"), (-380, 106, "2,50"), (-540, 106, "7,50"),
        (330, 150, "Nettobetrag"), (-540, 150, "27,50"),
        number=2,
    )  # fmt: skip
    values = ask("invoice", first, second).values
    assert leaf(values, "totals.line_total") is None
    assert leaf(values, "totals.net") == "27,50"


def test_a_tax_with_its_rate_below_a_net_total_of_whole_francs_is_no_item() -> None:
    printed: tuple[Printed, ...] = (
        *HEAD, (330, 300, "Net total"), (-530, 300, "900.–"),
        (330, 316, "VAT 8.1 %"), (-530, 316, "72.90"),
        (330, 332, "Total"), (-530, 332, "CHF 972.90"),
    )  # fmt: skip
    assert rows("invoice", *printed) == []
    assert leaf(ask_printed("invoice", *printed).values, "totals.net") == "900.–"

"""Rows beside, above and below totals, and numbers whose thousands stand apart."""

from __future__ import annotations

from support.word_pages import A4, Printed, ask, leaf

HEAD: tuple[Printed, ...] = ((330, 60, "Invoice no."), (430, 60, "N-2041"))
EDGES = (-300.0, -370.0, -450.0, -540.0)


def table(top: float, *rows: tuple[str, ...], step: float = 14.0) -> tuple[Printed, ...]:
    """Return rows of a text at the left and cells that end at the same edges."""
    return tuple(
        (x, top + step * n, cell)
        for n, row in enumerate(rows)
        for x, cell in zip((50.0, *EDGES), row, strict=False)
        if cell
    )


def read(*printed: Printed, schema: str = "invoice") -> dict[str, object]:
    return ask(schema, A4.page(*HEAD, *printed)).values


def rows(values: dict[str, object], *names: str) -> list[tuple[object, ...]]:
    lines = values["lines"]
    assert isinstance(lines, list)
    return [tuple(line[name] for name in names) for line in lines]


ITEMS = (
    ("Description", "Qty", "Price", "Amount"),
    ("Mayonnaise", "2", "27.60", "55.20"),
    ("Crisps", "3", "24.96", "74.88"),
)
READ = [("2", "27.60", "55.20"), ("3", "24.96", "74.88")]
"""Their quantities, prices and amounts."""


def test_totals_beside_a_table_of_rates_are_no_items() -> None:
    analysis = (
        (50, 400, "VAT"), (-130, 400, "Rate"), (-190, 400, "Net"), (-250, 400, "VAT"),
        (350, 400, "Total net"), (-540, 400, "130.08"),
        (-130, 414, "0%"), (-190, 414, "74.88"), (-250, 414, "0.00"),
        (350, 414, "Total VAT"), (-540, 414, "12.70"),
        (-130, 428, "23%"), (-190, 428, "55.20"), (-250, 428, "12.70"),
        (350, 428, "Invoice total"), (-540, 428, "142.78"),
        (50, 456, "Payment is due 14 days from the date of this invoice, by transfer please."),
        (50, 470, "Received in good order by us: chilled +2.8 and frozen -19 degrees."),
    )  # fmt: skip
    values = read(*table(200, *ITEMS), *analysis)
    assert rows(values, "quantity", "unit_price", "net") == READ
    taxes = values["taxes"]
    assert isinstance(taxes, list)
    assert [tax["amount"] for tax in taxes] == ["0.00", "12.70"]
    assert leaf(values, "totals.net") == "130.08"


def test_labels_of_totals_over_their_amounts_head_no_table() -> None:
    strip = (
        (50, 400, "Goods"), (-250, 400, "Net"), (-370, 400, "VAT 19 %"), (-540, 400, "Total EUR"),
        (50, 414, "130.08"), (-250, 414, "130.08"), (-370, 414, "24.72"), (-540, 414, "154.80"),
    )  # fmt: skip
    values = read(*table(200, *ITEMS), *strip)
    assert values["taxes"] == []
    assert leaf(values, "totals.gross") == "154.80"


def test_bare_rows_around_those_that_make_the_total_are_none() -> None:
    printed = table(
        200, ("Description", "Qty", "", "Amount"), ("Chrysanthemum", "2", "", "24.60"),
        ("Candle", "3", "", "41.97"), ("Sales taxed A", "", "", "41.97"),
        ("TOTAL", "", "", "66.57"),
    )  # fmt: skip
    values = read(*printed)
    assert rows(values, "quantity", "net") == [("2", "24.60"), ("3", "41.97")]


def test_an_amount_above_the_items_is_none_though_rates_are_rows_too() -> None:
    printed = table(
        200, ("Description", "Qty", "Price", "Amount"), ("Share capital", "", "", "25,000.00"),
        ("Tent", "1", "780.00", "780.00"), ("Chairs", "120", "1.90", "228.00"),
    )  # fmt: skip
    totals = (
        (350, 400, "Net"), (-540, 400, "1,008.00"), (350, 414, "VAT 23%"), (-540, 414, "231.84"),
        (350, 428, "Total"), (-540, 428, "1,239.84"),
    )  # fmt: skip
    found = rows(read(*printed, *totals), "quantity", "net")
    assert found == [("1", "780.00"), ("120", "228.00")]


def test_sums_of_items_before_them_are_no_items() -> None:
    printed = table(
        200, ("Description", "", "", "Amount"), ("Layout", "", "", "1,800.00"),
        ("Supervision", "", "", "720.00"), ("Fees", "", "", "2,520.00"),
        ("Fund 4%", "", "", "100.80"),
    )  # fmt: skip
    totals = ((350, 400, "Net"), (-540, 400, "2,620.80"))
    assert ("1,800.00",) in rows(read(*printed, *totals), "net")


def test_rows_that_make_the_total_stay_as_they_are() -> None:
    printed = table(
        200, ("Description", "Qty", "", "Amount"), ("Chrysanthemum", "2", "", "24.60"),
        ("Candle", "3", "", "41.97"), ("Ribbon", "", "", "10.00"), ("TOTAL", "", "", "76.57"),
    )  # fmt: skip
    assert len(rows(read(*printed), "net")) == 3


def test_thousands_apart_stand_beside_rates_and_units() -> None:
    printed = (
        *table(200, ("Description", "Qty", "Price", "Amount"), ("Leaflets", "5 000 pcs", "11,40"),
               ("Boxes", "24 pcs", "2 450"), ("Delivery", "1 pcs", "8 500")),
        (-450, 214, "57 000"), (-478, 214, "27%"), (-450, 228, "58 800"), (-478, 228, "27%"),
        (-450, 242, "8 500"), (-478, 242, "27%"),
        (350, 300, "Total"), (-540, 300, "124 300 Ft"),
    )  # fmt: skip
    found = rows(read(*printed), "quantity", "unit_price", "net")
    assert found == [
        ("5 000", "11,40", "57 000"),
        ("24", "2 450", "58 800"),
        ("1", "8 500", "8 500"),
    ]


def test_an_amount_due_is_the_total_though_a_weight_is_called_one() -> None:
    printed = (
        (50, 300, "Poids total 361 kg – lots sur BL – DDM voir emballage"),
        (350, 400, "Net total"), (-540, 400, "130.08"),
        (350, 428, "Amount due (EUR)"), (-540, 428, "154.80"),
    )  # fmt: skip
    assert leaf(read(*printed), "totals.gross") == "154.80"


def test_items_of_a_receipt_above_its_total_are_not_the_total() -> None:
    printed = (
        (50, 60, "Thistle Lane Lighting"), *table(
            150, ("LED desk lamp", "", "", "£54.98"), ("Filament bulb", "", "", "£13.25"),
            ("Items", "", "", "£68.23"), ("Postage", "", "", "£3.99"),
            ("Voucher", "", "", "-£5.00"),
            ("Order total", "", "", "£67.22"),
        ),
    )  # fmt: skip
    assert leaf(ask("receipt", A4.page(*printed)).values, "total") == "£67.22"


def test_a_value_with_a_label_of_its_own_is_not_that_of_the_label_beside_it() -> None:
    printed = (
        (30, 230, "Invoice no"), (220, 230, "ABN 91 223 104 778"),
        (30, 243, "KC-25-07719"), (220, 243, "Attn: Payables"),
    )  # fmt: skip
    values = ask("invoice", A4.page(*printed)).values
    assert leaf(values, "invoice_number") == "KC-25-07719"


def test_what_a_label_of_its_own_names_does_not_stand_below_a_title() -> None:
    printed = (50, 40, "TAX INVOICE"), (60, 54, "ABN 53 118 220 947"), (400, 120, "No. TB-2207")
    values = ask("invoice", A4.page(*printed)).values
    assert leaf(values, "invoice_number") == "TB-2207"


def test_a_day_beside_another_label_begins_no_period() -> None:
    printed = (50, 200, "INVOICE 11874"), (300, 200, "Invoice date 09/03/2026 Date in 06/03/2026")
    values = ask("invoice", A4.page(*printed)).values
    assert leaf(values, "issue_date") == "09/03/2026"


def test_a_rate_without_its_sign_is_not_the_tax() -> None:
    printed = (
        (50, 400, "GOODS"), (-540, 400, "-148.40"), (50, 414, "VAT 20.00"), (-540, 414, "-29.68"),
        (50, 428, "TOTAL GBP"), (-540, 428, "-178.08"),
    )  # fmt: skip
    assert leaf(read(*printed), "totals.tax") == "-29.68"


def test_a_number_with_its_day_stands_below_a_title() -> None:
    printed = (250, 150, "COMANDĂ FERMĂ"), (250, 164, "Nr. 331 / 17.02.2025")
    values = ask("purchase_order", A4.page(*printed)).values
    assert (leaf(values, "po_number"), leaf(values, "issue_date")) == ("331", "17.02.2025")


def test_a_size_is_no_amount_in_rand() -> None:
    printed = (
        (50, 200, "Description"), (-450, 200, "Price (lei)"), (-540, 200, "Amount (lei)"),
        (50, 214, "Tyre 315/80 R22.5"), (-450, 214, "1.685,00"), (-540, 214, "6.740,00"),
        (50, 300, "TOTAL"), (-540, 300, "6.740,00"),
    )  # fmt: skip
    assert leaf(read(*printed), "currency") == "lei"


def test_units_are_no_labels_of_a_number() -> None:
    printed = (
        (50, 180, "NUMERO"), (150, 180, "CLIENTE"), (50, 194, "1182/25"), (150, 194, "C03391"),
        *table(250, ("Description", "U.M.", "Price", "Amount"), ("Box", "NR", "0,84", "334,00"),
               ("Tape", "NR", "1,95", "140,40")),
    )  # fmt: skip
    values = ask("invoice", A4.page(*printed)).values
    assert leaf(values, "invoice_number") == "1182/25"


def test_items_that_make_the_net_total_with_its_discount_stay_alone() -> None:
    printed = table(
        200, ("Description", "Qty", "Price", "Amount"), ("Share capital", "", "", "25,000.00"),
        ("Tent", "1", "780.00", "780.00"), ("Chairs", "120", "1.90", "228.00"),
    )  # fmt: skip
    totals = (
        (350, 386, "Discount"), (-540, 386, "-108.00"), (350, 400, "Net"), (-540, 400, "900.00"),
        (350, 414, "VAT 20%"), (-540, 414, "180.00"), (350, 428, "Total"), (-540, 428, "1,080.00"),
    )  # fmt: skip
    assert rows(read(*printed, *totals), "net") == [("780.00",), ("228.00",)]


def test_rows_of_whole_amounts_stand_above_a_sum_with_its_currency() -> None:
    printed = table(
        200, ("Description", "Qty", "Price", "Amount"), ("Translation", "38", "4 200", "159 600"),
        ("Proofreading", "38", "1 500", "57 000"), ("Certificate", "2", "6 500", "13 000"),
        ("Altogether", "", "", "229 600 Ft"),
    )  # fmt: skip
    assert ("38", "1 500", "57 000") in rows(read(*printed), "quantity", "unit_price", "net")

"""Ways of printing items on real documents: one small drawn PDF for each, read as a whole."""

from __future__ import annotations

from pathlib import Path

from support.papers import read

Printed = tuple[float, float, str]
Row = tuple[object, ...]
WIDTHS = {",": 2.78, ".": 2.78, " ": 2.78, "-": 3.33, "%": 8.89}
"""Helvetica's advance widths at 10 points; a digit's is 5.56."""


def at_right(right: float, top: float, text: str) -> Printed:
    return (right - sum(WIDTHS.get(c, 5.56) for c in text), top, text)


def rows(tmp_path: Path, *pages: list[Printed]) -> list[Row]:
    lines = (read(tmp_path, *pages).values or {})["lines"]
    names = ("description", "quantity", "unit_price", "net")
    return [tuple(line[name] for name in names) for line in lines]


def item(top: float, text: str, count: str, price: str, amount: str) -> list[Printed]:
    cells = zip((330, 430, 550), (count, price, amount), strict=True)
    return [(60, top, text), *(at_right(right, top, cell) for right, cell in cells)]


def header(top: float) -> list[Printed]:
    return [(60, top, "Description"), (310, top, "Qty"), (385, top, "Unit price"),
            (514, top, "Amount")]  # fmt: skip


def total(top: float, amount: str, label: str = "Total") -> list[Printed]:
    return [(380, top, label), at_right(550, top, amount)]


def test_a_column_named_like_a_rate_holds_the_prices_where_all_rows_prove_it(
    tmp_path: Path,
) -> None:
    printed: list[Printed] = [
        (60, 300, "Detail"),
        (310, 300, "Qte"),
        (400, 300, "Taux"),
        (525, 300, "Prix"),
    ]
    printed += item(330, "Lampe de chevet", "12,00", "40,00", "480,00")
    printed += item(360, "Banc en bois", "3,00", "310,00", "930,00")
    printed += item(390, "Coussin", "8,00", "15,50", "124,00")
    printed += total(430, "1 534,00", "TOTAL HT")
    assert rows(tmp_path, printed) == [
        ("Lampe de chevet", "12.00", "40.00", "480.00"),
        ("Banc en bois", "3.00", "310.00", "930.00"),
        ("Coussin", "8.00", "15.50", "124.00"),
    ]


def test_a_rate_stays_a_rate_where_one_row_proves_it_by_accident(tmp_path: Path) -> None:
    printed: list[Printed] = [(60, 300, "Designation"), (310, 300, "Qte"), (400, 300, "Taux TVA"),
               (500, 300, "Montant HT")]  # fmt: skip
    printed += item(330, "Tiroir", "5", "20,00", "100,00") + total(370, "100,00", "Total HT")
    assert [row[2] for row in rows(tmp_path, printed)] == [None]


def test_a_column_named_like_a_rate_holds_the_price_of_the_one_row_that_proves_it(
    tmp_path: Path,
) -> None:
    printed: list[Printed] = [(60, 300, "Details"), (310, 300, "Hours"), (400, 300, "Rate"),
               (525, 300, "Amount")]  # fmt: skip
    printed += item(330, "Call-out", "1", "79.90", "79.90") + item(
        350, "Screws", "2", "4.50", "9.00"
    )
    printed += total(370, "88.90")
    assert rows(tmp_path, printed) == [
        ("Call-out", "1", "79.90", "79.90"),
        ("Screws", "2", "4.50", "9.00"),
    ]


def test_a_rate_is_a_price_where_one_row_alone_tells(tmp_path: Path) -> None:
    heads = zip((60, 310, 400, 525), ("Omschrijving", "Aantal", "Tarief", "Bedrag"), strict=True)
    printed: list[Printed] = [(left, 300, head) for left, head in heads]
    printed += item(330, "Rit naar Gent", "1", "85,00", "85,00")
    printed += item(350, "Rit naar Breda", "1", "98,50", "98,50")
    printed += item(370, "Wachturen", "2,5", "55,00", "137,50") + total(400, "321,00", "Totaal")
    assert [row[2] for row in rows(tmp_path, printed)] == ["85.00", "98.50", "55.00"]


def test_a_side_band_left_of_the_table_is_no_part_of_its_rows(tmp_path: Path) -> None:
    printed: list[Printed] = [
        (left + 140 * (left < 100), top, text) for left, top, text in header(300)
    ]
    items = [("Chaise", "2", "90.00"), ("Table", "1", "45.00"), ("Tabouret", "4", "180.00")]
    for top, (text, count, amount) in zip((330, 360, 390), items, strict=True):
        printed += [(200, top, text), *item(top, "", count, "45.00", amount)[1:]]
    band = [(20, 330, "Maison Duval"), (20, 345, "8 rue du Port"), (20, 360, "29200 Brest")]
    found = rows(tmp_path, [*band, *printed, *total(430, "315.00")])
    assert [row[0] for row in found] == ["Chaise", "Table", "Tabouret"]


def test_a_table_of_charges_below_the_items_gives_no_items(tmp_path: Path) -> None:
    printed = header(200) + item(230, "Felt", "3", "10.00", "30.00")
    printed += item(250, "Wool", "2", "25.00", "50.00") + total(280, "80.00", "Subtotal")
    printed += [(230, 330, "Base"), (310, 330, "Quantity"), (400, 330, "VAT %"),
                (514, 330, "Amount")]  # fmt: skip
    printed += [(60, 350, "Discount, regular customer"), at_right(430, 350, "20"),
                at_right(250, 350, "30.00"), at_right(550, 350, "-3.00")]  # fmt: skip
    printed += [(60, 370, "Shipping"), at_right(430, 370, "20"), at_right(250, 370, "80.00"),
                at_right(550, 370, "8.00"), *total(420, "85.00", "Net total")]  # fmt: skip
    assert [row[0] for row in rows(tmp_path, printed)] == ["Felt", "Wool"]


def test_a_discount_below_the_only_item_is_part_of_it(tmp_path: Path) -> None:
    printed = header(200) + item(230, "Steel coil", "10", "100.00", "850.00")
    printed += [(60, 250, "Discount stock goods"), at_right(550, 250, "-100.00")]
    printed += [(60, 270, "Discount direct delivery"), at_right(550, 270, "-50.00")]
    printed += total(310, "850.00", "Subtotal") + total(330, "1011.50")
    assert [row[0] for row in rows(tmp_path, printed)] == ["Steel coil"]


def test_a_totals_page_after_another_list_carries_no_rows_on(tmp_path: Path) -> None:
    first = header(100) + item(130, "Rope", "2", "10.00", "20.00")
    first += item(150, "Anchor", "1", "55.00", "55.00")
    first += [
        (60, 270, "Taxes in detail"),
        (60, 290, "VAT rate"),
        (310, 290, "Net"),
        (500, 290, "VAT amount"),
    ]
    first += [(60, 310, "20 %"), at_right(330, 310, "75.00"), at_right(550, 310, "15.00")]
    second = [(60, 100, "Rebate on orders"), at_right(430, 100, "75.00"),
              at_right(550, 100, "-7.50")]  # fmt: skip
    assert [row[0] for row in rows(tmp_path, first, second)] == ["Rope", "Anchor"]


def test_rows_go_on_above_another_lists_header_on_the_next_page(tmp_path: Path) -> None:
    first = header(700) + item(730, "Rope", "2", "10.00", "20.00")
    second = item(60, "Anchor", "1", "55.00", "55.00") + item(80, "Buoy", "3", "7.00", "21.00")
    second += [(60, 300, "VAT rate"), (310, 300, "Net"), (500, 300, "VAT amount")]
    second += [(60, 320, "20 %"), at_right(330, 320, "96.00"), at_right(550, 320, "19.20")]
    assert [row[0] for row in rows(tmp_path, first, second)] == ["Rope", "Anchor", "Buoy"]


def test_a_header_at_the_foot_of_a_page_heads_the_next(tmp_path: Path) -> None:
    second = item(60, "Anchor, 10 % off", "2", "30.00", "54.00")
    second += item(80, "Buoy", "3", "7.00", "21.00") + total(120, "75.00")
    assert rows(tmp_path, header(800), second) == [
        ("Anchor, 10 % off", "2", "30.00", "54.00"),
        ("Buoy", "3", "7.00", "21.00"),
    ]


def test_notes_longer_than_a_page_of_rows_do_not_end_a_table(tmp_path: Path) -> None:
    printed = header(60) + item(80, "Mooring line", "2", "10.00", "20.00")
    printed += [(64, 96 + 12 * n, "delivered to the harbour office") for n in range(15)]
    printed += item(290, "Fender", "3", "7.00", "21.00") + total(330, "41.00")
    assert [row[1:] for row in rows(tmp_path, printed)] == [
        ("2", "10.00", "20.00"), ("3", "7.00", "21.00")
    ]  # fmt: skip


def test_numbers_centred_beside_notes_below_their_rows_core(tmp_path: Path) -> None:
    printed: list[Printed] = [(20, 200, "Pos"), *header(200)]
    for n, (top, text, count, amount) in enumerate(
        ((230, "Turf", "3", "12.00"), (300, "Bark mulch", "5", "20.00")), start=1
    ):
        printed += item(top, text, count, "4.00", amount)
        printed += [(22, top + 30, str(n)),
                    (60, top + 30, "Taken from delivery 51112 of June and invoiced as agreed with "
                                   "your head office")]  # fmt: skip
    assert rows(tmp_path, [*printed, *total(400, "32.00")]) == [
        ("Turf", "3", "4.00", "12.00"), ("Bark mulch", "5", "4.00", "20.00")
    ]  # fmt: skip


def test_a_description_that_begins_with_a_label_goes_on_over_labels(tmp_path: Path) -> None:
    printed = header(200) + item(230, "EAN: 4099999000017", "20", "9.90", "198.00")
    printed += [(60, 242, "Our ref: TB7"), (60, 254, "Dividers A4"), *total(300, "198.00")]
    assert [row[0] for row in rows(tmp_path, printed)] == [
        "EAN: 4099999000017 Our ref: TB7 Dividers A4"
    ]


def test_a_number_that_wraps_within_the_text_stays_there(tmp_path: Path) -> None:
    printed: list[Printed] = [(20, 200, "Pos"), (50, 200, "Art. no."), (92, 200, "Description")]
    printed += [*header(200)[1:], (22, 230, "1"), (92, 230, "Flat rate")]
    printed += [*item(230, "", "1", "3.90", "3.90")[1:], (22, 250, "2"), (92, 250, "City ride")]
    printed += [*item(250, "", "6", "2.00", "12.00")[1:], (92, 262, "- 2.00")]
    printed += [(92, 274, "per kilometre"), *total(310, "15.90")]
    assert [row[0] for row in rows(tmp_path, printed)] == [
        "Flat rate",
        "City ride - 2.00 per kilometre",
    ]


def test_of_a_tax_in_two_currencies_the_one_that_closes_the_sum(tmp_path: Path) -> None:
    printed = header(200) + item(230, "Steel coil", "10", "85.00", "850.00")
    printed += [(60, 300, "Category"), (140, 300, "Value"), (220, 300, "Charges"),
                (310, 300, "Tax base"), (400, 300, "VAT %"), (500, 300, "VAT amount")]  # fmt: skip
    amounts = ((170, "850.00"), (250, "8.75"), (340, "858.75"), (430, "19"), (550, "163.16"))
    printed += [(60, 320, "VAT (S)"), *(at_right(right, 320, text) for right, text in amounts)]
    printed += total(400, "858.75", "Total net") + total(420, "163.16183.14", "VAT")
    printed += total(440, "1021.91", "Total gross")
    totals = (read(tmp_path, printed).values or {})["totals"]
    assert (totals["net"], totals["tax"], totals["gross"]) == ("858.75", "163.16", "1021.91")

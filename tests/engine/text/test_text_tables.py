"""Tables of the text engine: one small drawn page per convention of printing line items."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from support.word_pages import Paper, Printed, ask

from docextract.core import Page, Tree

Row = tuple[object, ...]


page = Paper(600.0, 840.0).page


def lines(*pages: Page, schema: str = "invoice") -> list[Tree]:
    found: list[Tree] = ask(schema, *pages).values["lines"]
    return found


def rows(*pages: Page) -> list[Row]:
    names = ("description", "quantity", "unit_price", "net")
    return [tuple(line[name] for name in names) for line in lines(*pages)]


def item(top: float, text: str, count: str, price: str, amount: str) -> tuple[Printed, ...]:
    return ((50, top, text), (-330, top, count), (-430, top, price), (-550, top, amount))


HEADER: tuple[Printed, ...] = (
    (50, 200, "Description"), (-330, 200, "Qty"), (-430, 200, "Unit price"), (-550, 200, "Amount"),
)  # fmt: skip


def test_a_table_over_three_pages_with_amounts_carried_over() -> None:
    def head(top: float) -> tuple[Printed, ...]:
        return tuple((left, top, text) for left, _, *_, text in HEADER)

    first = page(
        *head(700), *item(720, "Rope", "2", "10.00", "20.00"),
        (50, 740, "Carried forward"), (-550, 740, "20.00"), (280, 800, "Page 1 of 3"),
    )  # fmt: skip
    second = page(
        (50, 40, "Harbour Stores Ltd"), *head(100), (50, 120, "Brought forward"),
        (-550, 120, "20.00"), *item(140, "Anchor", "1", "55.00", "55.00"),
        (60, 152, "galvanised"), *item(172, "Buoy", "3", "7.00", "21.00"),
        (50, 192, "Carried forward"), (-550, 192, "96.00"), (280, 800, "Page 2 of 3"), number=2,
    )  # fmt: skip
    third = page(
        (50, 40, "Harbour Stores Ltd"), *head(100), (50, 120, "Brought forward"),
        (-550, 120, "96.00"), *item(140, "Lamp", "4", "1.50", "6.00"),
        (330, 180, "Total"), (-550, 180, "102.00"), (280, 800, "Page 3 of 3"), number=3,
    )  # fmt: skip
    assert rows(first, second, third) == [
        ("Rope", "2", "10.00", "20.00"),
        ("Anchor galvanised", "1", "55.00", "55.00"),
        ("Buoy", "3", "7.00", "21.00"),
        ("Lamp", "4", "1.50", "6.00"),
    ]


def test_a_table_goes_on_over_a_page_that_repeats_no_header() -> None:
    second = page(
        (50, 40, "Harbour Stores Ltd"), *item(120, "Buoy", "3", "7.00", "21.00"),
        (330, 160, "Total"), (-550, 160, "41.00"), number=2,
    )  # fmt: skip
    first = page(
        *((left, 690, text) for left, _, *_, text in HEADER),
        *item(720, "Rope", "2", "10.00", "20.00"), (280, 800, "Page 1"),
    )  # fmt: skip
    assert [row[0] for row in rows(first, second)] == ["Rope", "Buoy"]


def test_items_without_a_header_are_known_by_their_numbers() -> None:
    printed = page(
        (50, 100, "Invoice 77"),
        (50, 300, "2"), (80, 300, "Garden chairs"), (-430, 300, "35.50"), (-550, 300, "71.00"),
        (50, 340, "1"), (80, 340, "Parasol"), (-430, 340, "60.00"), (-550, 340, "60.00"),
        (300, 380, "Total"), (-550, 380, "131.00"),
    )  # fmt: skip
    assert rows(printed) == [
        ("Garden chairs", "2", "35.50", "71.00"),
        ("Parasol", "1", "60.00", "60.00"),
    ]


def test_numbers_that_prove_nothing_are_no_items() -> None:
    printed = page(
        (50, 300, "Meter reading"), (-330, 300, "17"), (-430, 300, "20.00"), (-550, 300, "91.30"),
        (50, 320, "Meter reading"), (-330, 320, "11"), (-430, 320, "21.00"), (-550, 320, "44.10"),
    )  # fmt: skip
    assert all(row[1] is None for row in rows(printed))


def test_a_header_over_two_lines_and_an_amount_labelled_like_a_price() -> None:
    printed = page(
        (60, 206, "Description"), (300, 206, "Quantité"), (380, 200, "Prix"),
        (375, 212, "unitaire"), (490, 206, "Prix HT"),
        (50, 230, "Miel de lavande"), (-330, 230, "4"), (-430, 230, "5,50"), (-550, 230, "22,00"),
        (50, 250, "Nougat"), (-330, 250, "3"), (-430, 250, "2,00"), (-550, 250, "6,00"),
        (400, 290, "Total HT"), (-550, 290, "28,00"),
    )  # fmt: skip
    assert rows(printed) == [
        ("Miel de lavande", "4", "5,50", "22,00"),
        ("Nougat", "3", "2,00", "6,00"),
    ]


def test_numbers_at_the_right_of_wide_cells_under_headers_at_their_left() -> None:
    printed = page(
        (50, 200, "Artikel"), (220, 200, "Menge"), (300, 200, "Einzelpreis"), (400, 200, "USt"),
        (470, 200, "Betrag"),
        (50, 220, "Kabel"), (-290, 220, "12"), (-390, 220, "1,50"), (-460, 220, "19,00"),
        (-570, 220, "18,00"),
        (50, 240, "Dose"), (-290, 240, "2"), (-390, 240, "3,00"), (-460, 240, "19,00"),
        (-570, 240, "6,00"),
    )  # fmt: skip
    assert rows(printed) == [("Kabel", "12", "1,50", "18,00"), ("Dose", "2", "3,00", "6,00")]
    assert [line["tax_rate"] for line in lines(printed)] == ["19,00", "19,00"]


def test_a_row_from_its_position_number_to_the_amount_on_its_last_line() -> None:
    printed = page(
        (30, 200, "Pos"), *HEADER,
        (30, 220, "1"), (50, 220, "Pump"), (50, 232, "with filter"),
        (-330, 244, "2"), (-430, 244, "80.00"), (-550, 244, "160.00"), (50, 244, "and hose"),
        (30, 256, "2"), (50, 256, "Tank"),
        (-330, 268, "1"), (-430, 268, "90.00"), (-550, 268, "90.00"), (50, 268, "of steel"),
    )  # fmt: skip
    assert rows(printed) == [
        ("Pump with filter and hose", "2", "80.00", "160.00"),
        ("Tank of steel", "1", "90.00", "90.00"),
    ]


def test_numbers_centred_beside_text_of_several_lines() -> None:
    printed = page(
        *HEADER,
        (50, 220, "Pump"), *item(231, "", "2", "80.00", "160.00")[1:], (50, 232, "with filter"),
        (50, 244, "and hose"),
        (50, 276, "Tank"), *item(287, "", "1", "90.00", "90.00")[1:], (50, 288, "of steel"),
        (50, 300, "for rain"),
    )  # fmt: skip
    assert [row[0] for row in rows(printed)] == [
        "Pump with filter and hose",
        "Tank of steel for rain",
    ]


def test_a_subtotal_amid_the_rows_does_not_end_them() -> None:
    printed = page(
        *HEADER, *item(220, "Pump", "2", "80.00", "160.00"),
        (380, 240, "Subtotal"), (-550, 240, "160.00"),
        *item(260, "Tank", "3", "30.00", "90.00"),
        (380, 290, "Subtotal"), (-550, 290, "250.00"), (380, 310, "Total"), (-550, 310, "250.00"),
    )  # fmt: skip
    assert [row[0] for row in rows(printed)] == ["Pump", "Tank"]


def test_discounts_on_the_document_and_parts_of_a_row_are_no_items() -> None:
    printed = page(
        *HEADER, *item(220, "Tablet", "1", "399.00", "399.00"),
        (60, 240, "incl. copying levy"), (-550, 240, "4.24"),
        *item(260, "Sleeve", "2", "10.00", "20.00"),
        (50, 280, "Discount: loyal customers"), (-550, 280, "-9.00"),
        (380, 310, "Subtotal"), (-550, 310, "419.00"), (380, 330, "Total"), (-550, 330, "410.00"),
    )  # fmt: skip
    assert [row[0] for row in rows(printed)] == ["Tablet", "Sleeve"]


def test_two_header_cells_read_as_one_are_cut_where_the_numbers_stand() -> None:
    printed = page(
        (50, 200, "QTÉ"), (90, 200, "DÉSIGNATION"), (380, 200, "PRIX UNIT. HT MONTANT HT"),
        (-65, 220, "8"), (90, 220, "Lampe de bureau"), (-440, 220, "35,00"), (-540, 220, "280,00"),
        (-65, 240, "5"), (90, 240, "Tiroir"), (-440, 240, "100,00"), (-540, 240, "500,00"),
    )  # fmt: skip
    assert rows(printed) == [
        ("Lampe de bureau", "8", "35,00", "280,00"),
        ("Tiroir", "5", "100,00", "500,00"),
    ]


def test_the_widest_column_of_words_is_the_description_whatever_its_header() -> None:
    printed = page(
        (50, 200, "Your purchases"), *HEADER[1:], *item(220, "Copy paper", "3", "4.00", "12.00"),
        *item(240, "Pencils", "2", "1.00", "2.00"),
    )  # fmt: skip
    assert [row[0] for row in rows(printed)] == ["Copy paper", "Pencils"]


def test_of_several_prices_the_one_that_makes_the_amount() -> None:
    printed = page(
        (30, 200, "Pos"), *HEADER,
        (30, 232, "1"), (50, 220, "Support"), (-430, 220, "65.00"), (-330, 232, "3"),
        (-430, 232, "5.00"), (-550, 232, "180.00"), (-430, 244, "60.00"),
        (30, 282, "2"), (50, 270, "Paper"), (-430, 270, "9.00"), (-330, 282, "2"),
        (-430, 282, "1.00"), (-550, 282, "16.00"), (-430, 294, "8.00"),
    )  # fmt: skip
    assert [row[1:] for row in rows(printed)] == [("3", "60.00", "180.00"), ("2", "8.00", "16.00")]


counts = st.integers(1, 40)
prices = st.decimals("0.05", "900", places=2)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(counts, prices, st.integers(0, 2)), min_size=1, max_size=12))
def test_every_row_comes_back_once_and_in_order(drawn: list[tuple[int, Decimal, int]]) -> None:
    printed: list[Printed] = list(HEADER)
    top = 220.0
    expected = []
    for number, (count, price, num_more) in enumerate(drawn):
        name = "Part " + "abcdefghijkl"[number]
        amount = f"{count * price:.2f}"
        printed += item(top, name, str(count), f"{price:.2f}", amount)
        expected.append((name + " more" * num_more, str(count), f"{price:.2f}", amount))
        for _ in range(num_more):
            top += 11
            printed.append((50, top, "more"))
        top += 17
    total = sum(count * price for count, price, _ in drawn)
    printed += [(380, top + 20, "Total"), (-550, top + 20, f"{total:.2f}")]
    assert rows(page(*printed)) == expected

"""What stands around an invoice's table: parties, numbers, dates and terms, on drawn pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.papers import pair, read, table

from docextract.core import Record

Line = tuple[float, float, str]


def value(record: Record, path: str) -> object:
    node: object = record.values
    for part in path.split("."):
        assert isinstance(node, dict)
        node = node[part]
    return node


def test_a_card_in_the_side_band_is_the_sellers(tmp_path: Path) -> None:
    rows = [("Oak desk", "2", "300,00", "600,00"), ("Chair", "4", "50,00", "200,00")]
    page: list[Line] = [
        (420, 40, "INVOICE"), (400, 90, "Invoice no. F-2021-77"), (400, 106, "Date - 2021-08-02"),
        (200, 90, "Bill to:"), (200, 106, "Menuiserie Le Bihan"),
        (200, 120, "8 rue des Forges"), (200, 134, "56100 Lorient"),
        (200, 148, "+33 2 97 00 00 00"),
        *table(220, ("Description", "Qty", "Unit price", "Amount"), rows, x=200, step=100),
        (30, 262, "Atelier Boreal"), (30, 276, "31 quai Nord"), (30, 290, "29200 Brest"),
        (30, 304, "+33 2 98 00 00 00"), (30, 318, "atelier@boreal.example"),
        *pair(300, "Net total", "800,00 EUR", x=380), *pair(320, "VAT 20%", "160,00 EUR", x=380),
        *pair(340, "Total", "960,00 EUR", x=380), (200, 600, "Due date - 2021-30-09"),
    ]  # fmt: skip
    record = read(tmp_path, page)
    assert value(record, "seller.name") == "Atelier Boreal"
    assert value(record, "buyer.name") == "Menuiserie Le Bihan"
    assert value(record, "issue_date") == "2021-02-08"
    assert value(record, "due_date") == "2021-09-30"


ROWS = [("Oak desk", "2", "300.00", "600.00"), ("Chair", "4", "50.00", "200.00")]


def paper(
    *head: Line, rows: Sequence[tuple[str, ...]] = ROWS, foot: tuple[Line, ...] = ()
) -> list[Line]:
    """Return a page with this head, a seller, a buyer, a table and its totals."""
    return [
        (40, 40, "Nordwind Werkzeuge GmbH"), (40, 54, "Hafenstr. 12"), (40, 68, "20457 Hamburg"),
        (40, 110, "Bill to:"), (40, 124, "Tischlerei Ahlers GmbH"), (40, 138, "Am Kai 3"),
        (40, 152, "28195 Bremen"), *head,
        *table(300, ("Description", "Qty", "Unit price", "Amount"), rows, step=110),
        *pair(420, "Net total", "800.00"), *pair(435, "VAT 20%", "160.00"),
        *pair(450, "Total", "960.00"), *foot,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("title", "number", "date"),
    [
        ("HANDELSRECHNUNG(380) Nr. 77120 vom 05.06.2024", "77120", "2024-06-05"),
        ("Beleg - Keine Rechnung Nr. 77120 vom 05.06.2024", "77120", "2024-06-05"),
        ("Invoice information for booking (751) Nr. 77120 vom 05.06.2024", "77120", "2024-06-05"),
        ("Rechnung / Lieferschein Nr. 77120 vom 05.06.2024", "77120", "2024-06-05"),
    ],
)
def test_titles_give_number_and_date(tmp_path: Path, title: str, number: str, date: str) -> None:
    remark = (40, 240, "Rechnung laut Bestellung Nr. 2024-4711 vom 01.03.2024.")
    record = read(tmp_path, paper((40, 10, "Viewer-Version : 2.1 vom 11.02.2020"),
                                  (40, 200, title), remark))  # fmt: skip
    assert (value(record, "invoice_number"), value(record, "issue_date")) == (number, date)


@pytest.mark.parametrize(
    "title",
    ["Rechnung laut Bestellung Nr. 2024-4711 vom 01.03.2024",
     "Rechnungskorrektur zur Rechnung Nr. 2024-4711 vom 01.03.2024",
     "Invoice for delivery no. 2024-4711"],
)  # fmt: skip
def test_the_number_of_another_document_is_not_the_invoices(tmp_path: Path, title: str) -> None:
    record = read(tmp_path, paper((40, 200, title), (320, 110, "Belegnummer:"), (420, 110, "R-88"),
                                  (320, 125, "Belegdatum:"), (420, 125, "05.06.2024")))  # fmt: skip
    assert value(record, "invoice_number") == "R-88"
    assert value(record, "issue_date") == "2024-06-05"


def test_a_letters_date_wins_over_the_prints_stamp(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        paper((320, 110, "Rechnungsnummer: R-88"), (320, 140, "Hamburg, den"),
              (420, 140, "05.06.2024"),
              foot=((40, 810, "Datum: 03.06.2024"), (300, 810, "Zeit: 06:12:40 Seite: 1"))),
    )  # fmt: skip
    assert value(record, "issue_date") == "2024-06-05"


def test_the_first_day_of_a_period_is_no_day_of_issue(tmp_path: Path) -> None:
    head = (40, 220, "Vom 20. Dezember 2024 bis 3. Januar 2025 bleibt das Lager zu.")
    record = read(tmp_path, paper((320, 110, "Rechnung Nr. R-88"), head))
    assert value(record, "issue_date") is None


@pytest.mark.parametrize(
    "reference", ["Bestellung Nr. ORDER5521Zeile1", "Bestellung Nr. ORDER5521 Zeile 1",
                  "Order no. 5521, line 3", "Order number 5521 / pos. 10"],
)  # fmt: skip
def test_a_line_of_an_order_is_not_the_invoices_order(tmp_path: Path, reference: str) -> None:
    head = ((320, 110, "Invoice no. R-88"), (320, 125, "Invoice date: 05.06.2024"))
    record = read(tmp_path, paper(*head, foot=((40, 362, reference),)))
    assert value(record, "purchase_order") is None
    record = read(tmp_path, paper(*head, (320, 140, "Order number: PO-77"),
                                  foot=((40, 362, reference),)))  # fmt: skip
    assert value(record, "purchase_order") == "PO-77"


def test_the_label_of_an_article_number_announces_no_buyer(tmp_path: Path) -> None:
    foot = ((40, 364, "Art-Nr-Kunde: Ahorn"), (40, 377, "1000 Rundholz"))
    page = [line for line in paper((320, 110, "Invoice no. R-88"), foot=foot)
            if not 100 < line[1] < 160 or line[0] > 40]  # fmt: skip
    assert value(read(tmp_path, page), "buyer.name") is None


def test_an_article_number_is_no_amount_in_kroner(tmp_path: Path) -> None:
    rows = [("KR4T", "2", "300.00", "600.00"), *ROWS[1:]]
    record = read(tmp_path, paper((320, 110, "Amounts in"), (420, 110, "EUR"), rows=rows))
    assert value(record, "currency") == "EUR"


def test_a_town_and_its_country_name_no_seller(tmp_path: Path) -> None:
    page = [
        (400, 40, "INVOICE"), (400, 60, "Invoice no. R-88"),
        (60, 120, "From: Plover Press"), (100, 140, "Riverton, USA"),
        (300, 120, "To: Jane Roe"), (340, 140, "Riverton, USA"),
        *table(300, ("Description", "Qty", "Unit price", "Amount"), ROWS, step=110),
        *pair(420, "Total", "800.00"),
    ]  # fmt: skip
    assert value(read(tmp_path, page), "seller.name") == "Plover Press"


def test_the_account_to_pay_to_wins_over_one_in_a_remark(tmp_path: Path) -> None:
    foot = (
        (40, 500, "Bank: Kontor BLZ: 111 222 33, IBAN: DE21 1112 2233 0007 7654 32"),
        (40, 560, "IBAN :"), (200, 560, "DE44 2223 3344 0007 7654 32"),
    )  # fmt: skip
    record = read(tmp_path, paper((320, 110, "Invoice no. R-88"), foot=foot))
    assert str(value(record, "payment.iban")).replace(" ", "") == "DE44222333440007765432"


@pytest.mark.parametrize("label", ["Vervaldag:", "Vervaldatum:"])
def test_dutch_words_for_the_day_of_payment(tmp_path: Path, label: str) -> None:
    head = ((320, 110, "Factuurdatum: 02.05.2024"), (320, 125, f"{label} 03.06.2024"))
    assert value(read(tmp_path, paper(*head)), "due_date") == "2024-06-03"

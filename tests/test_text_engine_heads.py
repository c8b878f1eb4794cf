"""What stands around an invoice's table: parties, numbers, dates and terms, on drawn pages."""

from __future__ import annotations

from pathlib import Path

from papers import pair, read, table

from docextract.records import Record

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

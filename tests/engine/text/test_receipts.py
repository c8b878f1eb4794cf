"""Receipts drawn with a text layer, from the bytes to the record: one convention each."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support.pdfs import text_pdf

from docextract.core import FieldRecord, ReadOptions, Record
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.engine.text import TextEngine
from docextract.pipeline.document import Assembly, DocumentJob
from docextract.schema.loading import load_schema

TODAY = dt.date(2026, 11, 23)
Lines = list[tuple[str, str]]
"""What stands left and right on each line of a till roll."""

SHOP: Lines = [
    ("Lantern Books Sdn Bhd", ""),
    ("(1234567-K)", ""),
    ("No 8, Jalan Mawar 3,", ""),
    ("Taman Bunga, 43000 Kajang,", ""),
    ("Selangor", ""),
    ("Tel: 03-5555 0100", ""),
    ("TAX INVOICE", ""),
    ("Date: 04/03/2024", "18:22"),
]


def read(folder: Path, lines: Lines) -> Record:
    """Draw lines 14 points apart, left and right, and read them as a receipt."""
    drawn = []
    for row, (left, right) in enumerate(lines):
        top = 60 + 14 * row
        drawn += [(60, top, left)] * bool(left) + [(300, top, right)] * bool(right)
    path = folder / "receipt.pdf"
    path.write_bytes(text_pdf(drawn))
    assembly = Assembly(DocumentJob(load_schema("receipt"), TextEngine(), "x", TODAY))
    (entry,) = Discovery([str(path)])
    for part in open_document(entry.document, ReadOptions()):
        assembly.add(part)
    return assembly.record()


def value(record: Record, path: str) -> str | None:
    node = record.values
    for part in path.split("."):
        assert node is not None
        node = node[part]
    return None if node is None else str(node)


def found(record: Record, path: str) -> FieldRecord:
    return record.fields[path]


TOTALS = {
    "cash less change names it, whatever its label": (
        [("Pen", "6.00"), ("Paper", "3.50"), ("ZU BEGLEICHEN", "9.50"), ("Cash", "20.00"),
         ("Change", "10.50")],
        "9.50",
    ),
    "after service charge, tax and rounding": (
        [("Noodles", "53.70"), ("Tea", "4.00"), ("Subtotal", "57.70"), ("Discount", "-7.70"),
         ("Total Amount", "50.00"), ("Service Charge 10%", "5.00"), ("GST 6%", "3.31"),
         ("Rounding Adj", "-0.01"), ("TOTAL", "58.30")],
        "58.30",
    ),
    "rounded to five sen": (
        [("Bun", "3.05"), ("Greens", "3.78"), ("Total with GST", "6.83"), ("Rounding", "0.02"),
         ("TOTAL", "6.85"), ("Cash", "10.00"), ("Change", "3.15")],
        "6.85",
    ),
    "of goods with and without tax": (
        [("Loaf", "14.35"), ("Total 0% supplies", "14.35"), ("Cake", "25.56"),
         ("Total 6% supplies (excl. GST)", "25.56"), ("GST", "1.53"),
         ("Total 6% supplies (inc. GST)", "27.09"), ("Total 0% supplies", "14.35"),
         ("Total Payable", "41.44")],
        "41.44",
    ),
    "not the subtotal the items come to": (
        [("Pasta", "15.80"), ("Water", "1.00"), ("SUBTOTAL", "16.80"), ("10% SVC CHG", "1.68"),
         ("7% GST", "1.29"), ("TOTAL", "19.77")],
        "19.77",
    ),
    "not what is counted or saved": (
        [("Brush", "12.00"), ("Paint", "30.00"), ("Total Qty: 2", "42.00"), ("Total", "42.00"),
         ("Total Saving", "55.00")],
        "42.00",
    ),
    "by card, with words we do not know": (
        [("Voda", "13.90"), ("Hrozny", "59.90"), ("Ceikem", "73.80"), ("Mastercard", "73.80")],
        "73.80",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "total"), TOTALS.values(), ids=TOTALS)
def test_the_total_is_what_payments_and_sums_agree_on(
    tmp_path: Path, lines: Lines, total: str
) -> None:
    assert value(read(tmp_path, [*SHOP, *lines]), "total") == total


def test_a_label_ocr_damaged_leaves_the_total_unverified_where_nothing_agrees(
    tmp_path: Path,
) -> None:
    record = read(tmp_path, [*SHOP, ("Total", "31.02"), ("Total", "31.20")])
    assert found(record, "total").status == "unverified"


SPLITS = {
    "a row that prints all three": ([("7,00", "4,86   5,20   0,34")], "5,20"),
    "a row with its rate": ([("B 15 %", "90,17   13,53")], "103,70"),
}


@pytest.mark.parametrize(("rows", "total"), SPLITS.values(), ids=SPLITS)
def test_net_and_tax_are_read_off_the_row_that_makes_the_total(
    tmp_path: Path, rows: Lines, total: str
) -> None:
    lines = [("Summe EUR", total), *rows]
    record = read(tmp_path, [("Hofladen Winter GmbH", ""), ("Mohnweg 4", ""), *lines])
    net, tax = value(record, "subtotal"), value(record, "tax_total")
    assert net is not None
    assert tax is not None
    assert round(float(net) + float(tax), 2) == float(total.replace(",", "."))


def test_the_sum_of_a_box_of_rates_gives_net_and_tax(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        [*SHOP, ("TOTALT NOK", "869.41"), ("MVA%   Grunnlag", "MVA"), ("15.00   72.17", "10.83"),
         ("25.00   629.13", "157.28"), ("Sum   701.30", "168.11")],
    )  # fmt: skip
    assert (value(record, "subtotal"), value(record, "tax_total")) == ("701.30", "168.11")


def test_a_tax_inside_the_total_is_told_by_its_rate(tmp_path: Path) -> None:
    record = read(tmp_path, [*SHOP, ("TOTAL", "11.56"), ("INCL. VAT 19.00%", "11.56   1.85")])
    assert value(record, "tax_total") == "1.85"


def test_a_charge_for_service_is_no_tax(tmp_path: Path) -> None:
    lines = [
        ("Sushi", "500.00"), ("Noodles", "590.00"), ("Sub Total", "1090.00"),
        ("Service Charge 10%", "109.00"), ("Total", "1199.00"),
    ]  # fmt: skip
    assert value(read(tmp_path, [*SHOP, *lines]), "tax_total") is None
    record = read(tmp_path, [*SHOP, *lines, ("VAT Included", ""), ("VAT(7.00%):", "78.44")])
    assert value(record, "tax_total") == "78.44"


def test_what_is_added_to_a_sum_is_no_tax_where_one_is_named(tmp_path: Path) -> None:
    meal = [("Brisket", "59.91"), ("Cobbler", "6.95"), ("Subtotal", "66.86"), ("Tax 8.25%", "5.52")]
    end = [("Total", "72.38"), ("Tip", "13.00"), ("Amount charged", "85.38")]
    record = read(tmp_path, [*SHOP, *meal, *end])
    assert (value(record, "subtotal"), value(record, "tax_total")) == ("66.86", "5.52")
    tea = [("Breakfast", "26.20"), ("SUBTOTAL", "26.20"), ("Service 10% (optional)", "2.62")]
    record = read(tmp_path, [*SHOP, *tea, ("TOTAL", "28.82"), ("Incl. VAT @20%", "4.37")])
    assert value(record, "tax_total") == "4.37"


def test_a_box_of_taxes_may_say_that_there_is_none(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        [("Kvitto", ""), ("Lanternmuseet", ""), ("1x Entré", "150,00"), ("Total:", "150,00"),
         ("Moms %   Netto   Moms", "Brutto"), ("0   150,00   0,00", "150,00")],
    )  # fmt: skip
    assert (value(record, "subtotal"), value(record, "tax_total")) == ("150.00", "0.00")


def test_a_time_glued_to_a_short_year_leaves_the_year(tmp_path: Path) -> None:
    record = read(tmp_path, [*SHOP[:-1], ("Total", "9.50"), ("3182 295069/02", "30.04.2009:58")])
    assert (value(record, "date"), value(record, "time")) == ("2020-04-30", "09:58:00")


def test_the_dates_of_a_column_are_those_of_its_rows(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        [*SHOP[:-1], ("DATE", "CHARGES"), ("27 Mar 2021", "88.00"), ("28 Mar 2021", "16.92"),
         ("Total", "104.92")],
    )  # fmt: skip
    assert found(record, "date").status == "unverified"


def test_what_a_tax_is_due_on_is_no_tax(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        [("Hofladen Winter GmbH", ""), ("Mohnweg 4", ""), ("SUMME EUR", "54,99"),
         ("MwSt A=19,00 %", "46,21   8,78")],
    )  # fmt: skip
    assert (value(record, "subtotal"), value(record, "tax_total")) == ("46.21", "8.78")


def test_items_end_where_the_total_is_printed_or_paid(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        [*SHOP, ("Latte", "4.50"), ("Muffin", "2.50"), ("Credit Card", "7.00"),
         ("Subtotal", "7.00"), ("INNEN TOTAL", "7.00")],
    )  # fmt: skip
    assert record.values is not None
    assert [row["total"] for row in record.values["lines"]] == ["4.50", "2.50"]
    assert found(record, "total").status == "verified"


def test_a_subtotal_and_several_rates_make_the_total(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        [*SHOP, ("Subtotal", "43.39"), ("VAT 19 %", "2.49"), ("VAT 7 %", "2.12"),
         ("Total", "48.00"), ("Mastercard", "48.00")],
    )  # fmt: skip
    assert found(record, "total").status == "verified"


def test_no_total_no_sure_subtotal(tmp_path: Path) -> None:
    record = read(tmp_path, [*SHOP, ("Pen", "9.00"), ("Subtotal", "3.10")])
    assert value(record, "total") is None
    assert found(record, "subtotal").status != "verified"


def test_shares_of_several_rates_are_no_subtotal(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        [*SHOP, ("Ale", "25.00"), ("Pie", "32.15"), ("Total", "57.15"), ("Card", "57.15"),
         ("Gross 9.50 VAT", "1.90"), ("Net 4.10 VAT", "0.37")],
    )  # fmt: skip
    assert value(record, "subtotal") is None


def test_a_shops_address_ends_with_its_region_and_begins_after_its_number(tmp_path: Path) -> None:
    record = read(tmp_path, [*SHOP, ("Total", "5.00")])
    assert value(record, "merchant.name") == "Lantern Books Sdn Bhd"
    expected = "No 8, Jalan Mawar 3, Taman Bunga, 43000 Kajang, Selangor"
    assert value(record, "merchant.address") == expected


@pytest.mark.parametrize(
    "between", ["04 Mar 2024 18:24", "GST No. 000417619968", "Licensee of Lantern Group"]
)
def test_what_stands_between_name_and_address_is_stepped_over(tmp_path: Path, between: str) -> None:
    lines = [SHOP[0], (between, ""), *SHOP[2:], ("Total", "5.00")]
    address = value(read(tmp_path, lines), "merchant.address")
    assert address is not None
    assert address.startswith("No 8, Jalan Mawar 3")


def test_a_welcome_names_the_shop(tmp_path: Path) -> None:
    lines = [("Welcome to Harbour Lights #12", ""), ("901 Pier Ave", ""),
             ("Salem, OR 97301", ""), ("12/28/2023 18:22", ""), ("Total", "$5.00")]  # fmt: skip
    assert value(read(tmp_path, lines), "merchant.name") == "Harbour Lights #12"


def test_the_branch_a_till_names_is_not_the_shop(tmp_path: Path) -> None:
    lines = [("Harbour Lights", ""), ("www.harbourlights.com", ""), ("Store: Pier Avenue", ""),
             ("Total", "$5.00")]  # fmt: skip
    assert value(read(tmp_path, lines), "merchant.name") == "Harbour Lights"


def test_an_address_in_the_second_column_stays_in_it(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        [("Hofladen", "Hofladen Winter GmbH"), ("", "Mohnstr. 4"), ("Gut, frisch", "04109 Leipzig"),
         ("Summe EUR", "5,00")],
    )  # fmt: skip
    assert value(record, "merchant.address") == "Mohnstr. 4, 04109 Leipzig"


def test_a_telephone_beside_the_name_is_none_of_it(tmp_path: Path) -> None:
    lines = [("Harbour Lights Phone 503-555-0100", ""), ("901 Pier Ave", ""),
             ("Salem, OR 97301", ""), ("Total", "$5.00")]  # fmt: skip
    assert value(read(tmp_path, lines), "merchant.name") == "Harbour Lights"


@pytest.mark.parametrize(
    ("lines", "is_verified"),
    [
        ([("Blorp", "")], False),
        ([("Blorp", ""), ("www.blorp.com", "")], True),
        ([("Restaurant", "")], False),
        ([("Blorp GmbH", ""), ("Mohnweg 4", ""), ("04109 Leipzig", "")], True),
    ],
)
def test_a_lone_word_on_top_is_no_verified_name(
    tmp_path: Path, lines: Lines, is_verified: bool
) -> None:
    sums = [("Subtotal", "2.00"), ("Tax", "0.38"), ("Total", "2.38")]
    record = read(tmp_path, [*lines, ("Date", "2026-03-12"), ("Milk", "2.00"), *sums])
    assert value(record, "merchant.name") in ("Blorp", "Blorp GmbH", "Restaurant")
    assert (found(record, "merchant.name").status == "verified") is is_verified


def test_a_currency_that_is_not_printed_is_a_guess_and_says_so(tmp_path: Path) -> None:
    record = read(tmp_path, [*SHOP, ("Pen", "5.00"), ("Total", "5.00")])
    assert value(record, "currency") == "MYR"
    assert found(record, "currency").status == "unverified"
    assert "not printed" in (found(record, "currency").note or "")


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ("Vancouver, British Columbia V6B 1A1", "CAD"),
        ("Montreal QC (514) 555-0100", "CAD"),
        ("Portland, OR", "USD"),
        ("Tel 503-555-0100", "USD"),
        ("12 Canal Road, Kowloon", "HKD"),
        ("www.example.com.au ABN 51 824 753 556", "AUD"),
    ],
)
def test_a_dollar_is_the_dollar_of_the_shops_country(tmp_path: Path, where: str, code: str) -> None:
    lines = [("Lantern Books", ""), (where, ""), ("Pen", "$5.00"), ("Total", "$5.00")]
    record = read(tmp_path, lines)
    assert value(record, "currency") == code


def test_a_dollar_outside_the_countries_of_dollars_keeps_both_readings(tmp_path: Path) -> None:
    record = read(tmp_path, [*SHOP, ("Pen", "$5.00"), ("Total", "$5.00")])
    assert value(record, "currency") == "MYR"
    assert set(found(record, "currency").readings) == {"MYR", "USD"}
    assert found(record, "currency").status == "unverified"


def test_no_country_no_currency(tmp_path: Path) -> None:
    record = read(tmp_path, [("Lantern Books", ""), ("Pen", "5.00"), ("Total", "5.00")])
    assert value(record, "currency") is None


@pytest.mark.parametrize(
    ("lines", "date"),
    [
        ([("Exp 30/04/2027", ""), ("13/05/2024 18:22", "")], "2024-05-13"),
        ([("Valid 14/05/2024 - 30/06/2024", ""), ("13/05/2024", "")], "2024-05-13"),
        ([("Refund until 30/06/2024", "")], None),
        ([("May13'24 06:22PM", "")], "2024-05-13"),
    ],
)
def test_the_date_is_the_days_of_the_sale(tmp_path: Path, lines: Lines, date: str | None) -> None:
    record = read(tmp_path, [("Lantern Books", ""), *lines, ("Pen", "5.00"), ("Total", "5.00")])
    assert value(record, "date") == date


@pytest.mark.parametrize(
    ("where", "date", "status"),
    [
        ("43000 Kajang, Selangor", "2024-03-04", "verified"),
        ("Salem, OR 97301", "2024-04-03", "verified"),
        ("", "2024-03-04", "unverified"),
    ],
)
def test_day_and_month_go_by_the_shops_country(
    tmp_path: Path, where: str, date: str, status: str
) -> None:
    lines = [("Lantern Books", ""), (where, ""), ("04/03/2024 18:22", ""), ("Total", "5.00")]
    record = read(tmp_path, lines)
    assert value(record, "date") == date
    assert found(record, "date").status == status

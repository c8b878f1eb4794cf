"""Headings, grids and pictures around the names of seller and buyer."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

from docextract.verify.value import MIN_FIT

ORDER: tuple[Printed, ...] = (
    (50, 40, "Larch Joinery"), (50, 54, "502 Middle Street"), (50, 68, "Archbold, OH 43502"),
    (400, 40, 14, "Purchase Order"), (400, 62, "PO Number: 4500248591"),
    (400, 76, "Date: 01/27/2024"),
)  # fmt: skip
ADDRESS = ("PALM USA INC", "7501 Green Parkway", "ORLANDO, FL 32819")


def parties(schema: str, *printed: Printed) -> tuple[object, object]:
    values = ask(schema, A4.page(*printed)).values
    return leaf(values, "seller.name"), leaf(values, "buyer.name")


def block(left: float, top: float, *lines: str) -> tuple[Printed, ...]:
    return tuple((left, top + 13 * n, line) for n, line in enumerate(lines))


@pytest.mark.parametrize(
    "heading", ["Vendor Address", "Purchased From", "ORDERED FROM", "Supplier", "Order to:"]
)
def test_whom_an_order_goes_to(heading: str) -> None:
    found = parties("purchase_order", *ORDER, *block(50, 130, heading, *ADDRESS))
    assert found == ("PALM USA INC", "Larch Joinery")


def test_the_number_of_a_vendor_stands_over_its_name() -> None:
    lines = ("Vendor Address", "Vendor#: 3002130", *ADDRESS)
    beside = block(300, 130, "Information", "PO Number", "Date")
    found = parties("purchase_order", *ORDER, *block(50, 130, *lines), *beside)
    assert found == ("PALM USA INC", "Larch Joinery")


def test_a_grid_of_keys_and_values_without_colons() -> None:
    keys = ("Payment Terms", "Supplier", "Address", "", "Telephone", "Fax")
    values = ("NET 30", "PALM USA-ATLANTA", "PO BOX 281033", "ATLANTA, GA 30384")
    person = (50.0, 200.0, "Buyer: In house accounts")
    grid = (*block(320, 120, *keys), *block(430, 120, *values), person)
    assert parties("purchase_order", *ORDER, *grid) == ("PALM USA-ATLANTA", "Larch Joinery")


def test_an_invoice_under_a_picture_has_a_buyer_and_no_seller() -> None:
    found = parties(
        "invoice", (50, 40, "Invoice date: 14/03/2024"), (50, 54, "Invoice number: 20440817"),
        *block(330, 100, "Quay Interiors Ltd", "5 Dock Street", "Hull HU1 2AA"),
    )  # fmt: skip
    assert found == (None, "Quay Interiors Ltd")


def test_whoever_is_written_to_twice_does_not_bill_itself() -> None:
    lines = ("Fern Services, LLC", "227 N 5th Avenue", "Ridgefield, WA 98642")
    found = parties(
        "invoice", (440, 60, "Invoice: 116271"),
        *block(58, 150, "Sold To:", "Address:", "City, State, ZIP:"), *block(143, 150, *lines),
        *block(307, 150, "Ship To:", "Address:", "City, State, ZIP:"), *block(393, 150, *lines),
    )  # fmt: skip
    assert found == (None, "Fern Services, LLC")


def test_a_bank_named_by_its_label_is_no_seller() -> None:
    found = parties(
        "invoice", (230, 30, 12, "Tax Invoice"), (320, 60, "Invoice No."), (430, 60, "Dated"),
        (320, 74, "812"), (430, 74, "2-Dec-2023"),
        *block(50, 60, "Neel Traders", "Shop 19, Tower A, Station Road"),
        *block(50, 120, "Buyer (if other than consignee)", "Omkar Overseas", "16, 2nd Cross"),
        *block(320, 460, "Company's Bank Details", "Bank Name :", "A/c No. :"),
        (406, 473, "Hill BANK Ltd"), (406, 486, "59209444079789"),
    )  # fmt: skip
    assert found[0] == "Neel Traders"


def test_a_buyer_without_a_postcode_under_a_bare_word() -> None:
    found = parties(
        "invoice", (230, 30, 12, "Tax Invoice"), (320, 60, "Invoice No."), (430, 60, "Dated"),
        (320, 74, "2023/0417"), (430, 74, "10-Dec-23"),
        *block(50, 60, "Neel Traders", "Shop 19, Tower A", "Near Station Road", "Pune - 411034"),
        *block(50, 150, "Buyer", "Omkar Stationers", "Ambegaon Bk, Pune"),
    )  # fmt: skip
    assert found == ("Neel Traders", "Omkar Stationers")


def test_prose_and_streets_under_a_label_are_no_names() -> None:
    terms = "The risk of loss remains with the seller until actual delivery to the buyer. Seller"
    rest = "shall be responsible for damages sustained during delivery and for any claims"
    found = parties("purchase_order", *ORDER, (50, 600, terms), (50, 613, rest))
    assert found[0] is None
    street = block(50, 150, "Bill To", "1234 Customer St", "Town, ST 12345")
    assert parties("invoice", (50, 40, "Acme Inc."), *street)[1] is None


def test_capitals_that_look_like_a_bic_are_part_of_an_address() -> None:
    lines = ("M DELATTRE ALEXIS", "ALEXINUX SARL", "35 B RUE MONTGOLFIER", "69100 VILLEURBANNE")
    printed = (31.0, 110.0, "Date de facture : 02/11/2019"), *block(318, 200, *lines)
    assert parties("invoice", *printed) == (None, "M DELATTRE ALEXIS")


def test_on_a_page_in_an_unknown_language_no_name_is_sure() -> None:
    words = ["keqtu", "morvel", "sindar", "aplo", "runtek", "vasiro", "meltu"]
    prose = [" ".join(words[n % 7 :] + words[: n % 7]) for n in range(8)]
    answer = ask("invoice", A4.page(
        (50, 40, 16, "Korvanta Ltd"), *block(50, 64, "12 Ringto Street", "Zemlo 12345"),
        *block(50, 300, *prose),
    ))  # fmt: skip
    assert answer.probabilities.get("seller.name", 0.0) < MIN_FIT


def test_whose_attention_is_asked_works_for_the_party_above() -> None:
    lines = ("Copper Bakery, Inc.", "Attention: Ms. Joan Fitch, President", *ADDRESS[1:])
    seller = block(50, 40, "Oakes & Pryor", "410 Main Street", "ORLANDO, FL 32801")
    assert parties("invoice", *seller, *block(50, 160, *lines))[1] == "Copper Bakery, Inc."


def test_a_block_with_a_line_for_attention_is_the_addressee() -> None:
    """Whichever of two blocks stands where addresses usually do."""
    buyer = block(
        50, 30, "Valley Curling Club", "Attn: Pat Lee", "115 Main Road", "ORLANDO, FL 32801"
    )
    seller = block(400, 260, "Maple Press Ltd", "740 Jacobs Street", "ORLANDO, FL 32819")
    head = (400.0, 20.0, "INVOICE 4711"), (400.0, 120.0, 16.0, "MAPLE PRESS")
    assert parties("invoice", *head, *buyer, *seller) == ("Maple Press Ltd", "Valley Curling Club")


def test_an_addressee_with_a_company_form_does_not_bill_the_town_that_writes() -> None:
    """The form makes a name, not a seller: letterheads of offices and sole traders have none."""
    head = block(50, 60, "Skogfjord kommune", "Kommunalteknikk", "Rådhusgata 2, 7601 Skogfjord")
    window = block(50, 130, "Fjordlaks Foredling AS", "Kaiveien 18", "7606 Skogfjord")
    title = (400.0, 40.0, 16.0, "FAKTURA"), (400.0, 60.0, "Fakturanr: 70114829")
    due = (50.0, 250.0, "Å betale"), (200.0, 250.0, "70 981,00")
    found = parties("invoice", *title, *head, *window, *due)
    assert found == ("Skogfjord kommune", "Fjordlaks Foredling AS")


def test_in_whose_care_a_letter_goes_is_no_party() -> None:
    lines = ("C/o Erisha Infratech LLP", "12 Mill Lane", "ORLANDO, FL 32801")
    assert parties("invoice", *block(50, 160, *lines))[1] is None


@pytest.mark.parametrize(
    "heading", ["Details of Receiver (Billed to)", "Details of Buyer (Bill to)"]
)
def test_the_caption_of_a_form_announces_the_buyer(heading: str) -> None:
    lines = block(50, 130, heading, *ADDRESS)
    seller = (50.0, 40.0, 16.0, "Shreenath Powertronics Ltd")
    assert parties("invoice", seller, *lines)[1] == "PALM USA INC"


@pytest.mark.parametrize("cell", ["DEL. NOTE", "YOUR ORDER", "Status"])
def test_the_label_of_another_number_is_no_seller(cell: str) -> None:
    rows = (400.0, 40.0, cell), (480.0, 40.0, "D220417")
    assert parties("invoice", *rows, *block(50, 130, "Bill to", *ADDRESS))[0] != cell

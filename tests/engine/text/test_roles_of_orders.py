"""Who orders and who delivers: orders, answers to them, and captions over the names of both."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

from docextract.engine.text.values.names import is_caption, is_heading, is_no_name

SHOP = ("Grünkern Objektbau GmbH", "Am Speicher 14", "50733 Köln")
CLIENT = ("WEG Erlenhof", "Sülztalstr. 201", "50937 Köln")


def block(left: float, top: float, *lines: str) -> tuple[Printed, ...]:
    return tuple((left, top + 13 * n, line) for n, line in enumerate(lines))


def parties(schema: str, *printed: Printed) -> tuple[object, object]:
    values = ask(schema, A4.page(*printed)).values
    return leaf(values, "seller.name"), leaf(values, "buyer.name")


def letter(*title: str) -> tuple[Printed, ...]:
    return (*block(350, 40, *SHOP), *block(50, 130, *CLIENT), *block(50, 230, *title))


@pytest.mark.parametrize(
    "title",
    [
        ("Auftragsbestätigung AB-119",),
        ("Betreft: orderbevestiging 25/0418",),
        ("Order confirmation SO-11877 | Your PO: 4500-771",),
        ("Your reference 7", "Thanks for your order, Priya!"),
        ("CONFIRMATION DE", "COMMANDE CC2509"),
    ],
)
def test_who_confirms_an_order_sells(title: tuple[str, ...]) -> None:
    assert parties("purchase_order", *letter(*title)) == (SHOP[0], CLIENT[0])


@pytest.mark.parametrize(
    "title",
    [
        ("Bestellung Nr. 318",),
        ("Bestellung 7", "Auftragsbestätigung erbeten bis 13.02.2026."),
        ("PURCHASE ORDER 77", "Please send an order confirmation by Friday."),
    ],
)
def test_who_asks_for_a_confirmation_buys(title: tuple[str, ...]) -> None:
    assert parties("purchase_order", *letter(*title)) == (CLIENT[0], SHOP[0])


@pytest.mark.parametrize("label", ["To", "An:", "Attention: Orders Desk", "Spett.le Fornitore"])
def test_an_order_goes_to_its_seller(label: str) -> None:
    order = (*block(50, 40, *SHOP), (300, 40, "Order No: P-4711"), *block(50, 120, label, *CLIENT))
    assert parties("purchase_order", *order) == (CLIENT[0], SHOP[0])


@pytest.mark.parametrize("caption", ["SERVICE FOR", "TITULAR", "Para", "pour", "Eheleute", "Frau"])
def test_a_caption_is_not_the_buyer(caption: str) -> None:
    lines = (*block(350, 40, *SHOP), *block(50, 130, caption, *CLIENT))
    found = parties("invoice", *lines, (50, 240, "Rechnung Nr. 12"))
    assert found == (SHOP[0], CLIENT[0])


def test_from_and_to_in_the_words_of_the_page() -> None:
    seller, buyer = ("Nuria Bastida Romeu", "C/ Verdi 88", "08012 Barcelona"), CLIENT
    page = (
        *block(50, 100, "De", *seller),
        *block(250, 100, "Para", *buyer),
        (50, 40, 20, "Factura"),
    )
    assert parties("invoice", *page) == (seller[0], buyer[0])


def test_a_person_above_the_company_that_is_addressed() -> None:
    lines = (
        "Mr. Theodore Vance",
        "Vance Bakery Holdings, LLC",
        "418 Oak Street",
        "Columbus, OH 43201",
    )
    page = (*block(200, 40, *SHOP), *block(50, 130, *lines), (50, 240, "Invoice No. 48813"))
    assert parties("invoice", *page) == (SHOP[0], lines[1])


def test_an_office_before_the_company_in_one_line() -> None:
    lines = ("To", "Sales Office, Acme Fasteners Ltd", "12 High Street", "Leeds LS1 4AP")
    order = (*block(50, 40, *SHOP), (300, 40, "Order No: P-4711"), *block(50, 120, *lines))
    assert parties("purchase_order", *order) == ("Acme Fasteners Ltd", SHOP[0])


def test_a_key_without_colon_beside_a_name_with_its_address() -> None:
    keys = block(50, 100, "Huurder", "", "Object", "Notanr.")
    values = ("Stichting Taalmaat", "Assenstraat 81, 7411 JT Deventer", "Het Pand, unit 2", "H-26")
    page = (*keys, *block(190, 100, *values), (50, 40, 18, "Huurnota"))
    assert parties("invoice", *page)[1] == "Stichting Taalmaat"


@pytest.mark.parametrize("text", ["De", "Delivering to", "Spett.le Fornitore", "Orders Desk", "An"])
def test_captions(text: str) -> None:
    assert is_caption(text) and is_no_name(text)


@pytest.mark.parametrize(
    "text", ["Fee invoice", "Jahresabrechnung Strom", "FREIGHT BILL / INVOICE"]
)
def test_longer_titles(text: str) -> None:
    assert is_heading(text) and is_no_name(text)


@pytest.mark.parametrize(
    "text", ["LE CLIENT", "BUYER_NAME", "Acme Service GmbH", "Customer First Ltd", "Orderly Books"]
)
def test_names_that_look_like_captions(text: str) -> None:
    assert not is_caption(text) and not is_heading(text)


def test_part_of_another_company_is_no_name() -> None:
    assert is_no_name("A division of Harrow Industries Inc.") and is_no_name("M. Stanek x4417")

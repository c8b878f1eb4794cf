"""Words and numbers beside labels that are another paper's, a count, a sum or a sentence."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

from docextract.engine.text.values.names import is_no_name

SELLER: tuple[Printed, ...] = (
    (50, 40, 16, "Fern Services Ltd"), (50, 60, "1 Dock Road"), (50, 74, "Hull HU1 2AB"),
    (400, 40, "INVOICE"), (400, 60, "Invoice number: 4711"), (400, 74, "Date: 3 May 2025"),
)  # fmt: skip

ABOUT, OWN = "Vedr. faktura nr. F-8841", "Kreditnota nr. K-1093"


def number(*printed: Printed) -> object:
    return leaf(ask("invoice", A4.page((50, 40, "Ann Lee"), *printed)).values, "invoice_number")


def addressee(*lines: str) -> object:
    """Return who is found in a window of a letter below the seller's head."""
    window = tuple((50, 160 + 13 * n, line) for n, line in enumerate(lines))
    return leaf(ask("invoice", A4.page(*SELLER, *window)).values, "buyer.name")


def test_a_small_number_that_counts_the_word_behind_it_is_no_number() -> None:
    assert number((50, 60, "Invoice 30 days")) is None


@pytest.mark.parametrize("line", ["Faktura 17 den 3 maj 2025", "Invoice 3017 days", "Invoice 30"])
def test_a_number_before_its_day_or_too_long_for_a_count_is_one(line: str) -> None:
    assert number((50, 60, line)) == line.split()[1]


@pytest.mark.parametrize("cell", ["Number 2025-003", "Nº R-2025-318"])
def test_a_word_for_numbers_in_a_cell_is_no_part_of_the_number(cell: str) -> None:
    assert number((300, 60, "Invoice no."), (400, 60, cell)) == cell.split()[1]


def test_a_postcode_beside_a_label_gives_way_to_the_number_below_it() -> None:
    printed = ((250, 60, "Invoice number"), (400, 60, "HULL HU2 8NX"), (250, 74, "INV-2291"))
    assert number(*printed) == "INV-2291"


def test_a_page_beside_a_label_is_no_number() -> None:
    assert number((250, 60, "Invoice no."), (400, 60, "Page 12"), (250, 74, "INV-2291")) != "12"


@pytest.mark.parametrize("lines", [(ABOUT, OWN), (OWN, ABOUT)], ids=["above", "below"])
def test_the_number_of_an_invoice_that_a_credit_note_is_about_is_not_its_own(
    lines: tuple[str, str],
) -> None:
    assert number(*((300, 60 + 30 * n, line) for n, line in enumerate(lines))) == "K-1093"


STREET = ("3 Mill Lane", "Hull HU1 2AC")


@pytest.mark.parametrize(
    "lines",
    [
        ("Bill to", "Tilia Trading Reg No. 614 8203 61", *STREET),
        ("Nettobetrag", *STREET),
        ("Subtotal Goods", *STREET),
        ("Harbour Stores", "and we ask you to pay this at the", *STREET),
    ],
    ids=["a number", "a sum", "a sum and more", "prose"],
)
def test_no_addressee(lines: tuple[str, ...]) -> None:
    assert addressee(*lines) is None


@pytest.mark.parametrize("name", ["Tilia Trading", "Bistro No. 7", "Harbour Stores"])
def test_an_addressee_in_the_same_place(name: str) -> None:
    assert addressee(name, *STREET) == name
    assert addressee("Bill to", name, *STREET) == name


def test_neither_a_caption_in_two_languages_nor_a_service_desk_nor_a_post_is_an_addressee() -> None:
    for line in ("SOLD TO / VENDU À", "Service clients", "Finance director"):
        assert addressee(line, "Tilia Trading", *STREET) == "Tilia Trading"


@pytest.mark.parametrize(
    "place", ["Co. Mayo", "Tullaroan, Co. Kilkenny", "Ardfert, Co. Kerry V92 X9T2", "jud. Cluj"]
)
def test_a_county_is_no_name(place: str) -> None:
    assert is_no_name(place)


@pytest.mark.parametrize("name", ["Murphy & Co. Solicitors", "Acme Ltd, Co. Kerry", "Kerry Co."])
def test_a_company_is_one_with_its_county_too(name: str) -> None:
    assert not is_no_name(name)


def test_how_a_letter_is_to_be_handled_is_no_addressee() -> None:
    lines = ("PERSONAL AND CONFIDENTIAL", "Copper Bakery", "88 Pine Street", "Hull HU2 8NX")
    assert addressee(*lines) == "Copper Bakery"


def test_a_canadian_postcode_is_no_number() -> None:
    printed = ((250, 60, "Invoice"), (400, 60, "QC J0P 1H0"), (250, 74, "MP-6620"))
    assert number(*printed) == "MP-6620"


@pytest.mark.parametrize("label", ["Vendor Quote #", "Work done"])
def test_a_label_that_nobody_filled_in_is_no_name(label: str) -> None:
    assert is_no_name(label)

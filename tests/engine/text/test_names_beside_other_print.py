"""Labels with notes, offices, mottos, imprints: what stands around a party's name."""

from __future__ import annotations

import pytest
from support.two_parties import CLUB, MAKER, block, parties
from support.word_pages import A4, Printed, ask, leaf

from docextract.engine.text.values.names import is_caption, is_form, is_no_name

DOCK = ("Stores Officer, West Basin", "28 Dock Street", "Bristol BS1 6XN")
ORDER: tuple[Printed, ...] = (
    (50, 40, *CLUB[:1]), (50, 53, CLUB[1]), (50, 66, CLUB[2]), (400, 40, 14, "Purchase Order"),
    (400, 62, "PO Number: 4417-B"),
)  # fmt: skip


@pytest.mark.parametrize("note", ["(acct 2-OST)", "(S-00418)", "(PBN 1004481PG0001)"])
def test_a_note_in_brackets_behind_a_label_is_no_name(note: str) -> None:
    printed = (*ORDER, *block(50, 130, f"SUPPLIER {note}", *MAKER), *block(300, 130, "SHIP TO"))
    assert parties("purchase_order", *printed) == (MAKER[0], CLUB[0])


def test_a_label_in_two_languages_with_a_dash_between() -> None:
    head = ((50, 40, CLUB[0]), (400, 40, 14, "Purchase Order"), (400, 62, "PO Number: 4417-B"))
    vendor = block(50, 130, "Supplier – Fournisseur (PBN 1004481)", *MAKER)
    goods = block(300, 130, "Consignee – Destinataire", *DOCK)
    assert parties("purchase_order", *head, *vendor, *goods) == (MAKER[0], CLUB[0])


@pytest.mark.parametrize("terms", ["FOB Ningbo (Incoterms 2020)", "DDP Bristol", "Incoterms: EXW"])
def test_terms_of_delivery_beside_a_label_are_no_name(terms: str) -> None:
    to = block(
        50, 130, "To:", "Haoyue Cycle Parts Co., Ltd.", "No. 88 Fourth Block", "Ningbo 31, CN"
    )
    beside = block(300, 130, terms, "Port of discharge Hull", "30 % in advance", "Origin CN 8714")
    names = parties("purchase_order", *ORDER, *to, *beside)
    assert names == ("Haoyue Cycle Parts Co., Ltd.", CLUB[0])
    assert not is_no_name("DAP Ltd")


def test_the_letterhead_tells_the_full_name_of_an_office_a_label_names() -> None:
    head = (
        *block(50, 40, "Harbour Rowing Supplies, Inc.", *CLUB[1:]), (400, 40, 14, "Purchase Order"),
        (400, 62, "PO Number: 4417-B"), *block(50, 130, "VENDOR", *MAKER),
    )  # fmt: skip
    office = block(350, 130, "BILL TO", "Harbour Rowing – A/P", "PO Box 91", "Bristol BS1 4NE")
    names = parties("purchase_order", *head, *office)
    assert names == (MAKER[0], "Harbour Rowing Supplies, Inc.")


def test_a_department_behind_a_dash_is_no_part_of_a_name() -> None:
    printed = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    office = block(50, 150, "BILL TO", "Harbour Rowing – Accounts Payable", *CLUB[1:])
    assert parties("invoice", *printed, *office)[1] == "Harbour Rowing"


def test_a_name_ends_before_the_next_label_of_its_line() -> None:
    printed = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    line = (50, 150, "Customer: Harbour Rowing Society – Surveyor: Ann Lee")
    assert parties("invoice", *printed, line)[1] == CLUB[0]


def test_a_name_that_the_imprint_at_the_foot_repeats_is_the_issuer() -> None:
    imprint = "SARL Ateliers Morvan Frères au capital de 12 000 € – RCS Brest 412 885 310"
    printed = (
        (50, 40, 13, "Ateliers MORVAN Frères"), (50, 70, "Facture n° FT25-0318"),
        *block(330, 70, "KERVAL DISTRIBUTION SA", "12, avenue des Pins", "29200 BREST",
               "N° TVA FR 27 398 441 205"),
        (50, 120, "Donneur d'ordre : Lannic SAS (agence de Brest), ordre AF-663"),
        (50, 300, "Pose d'une vanne"), (450, 300, "890,00"),
        (50, 780, imprint), (50, 793, "TVA intracommunautaire FR 61 412 885 310"),
    )  # fmt: skip
    assert parties("invoice", *printed)[0] == "Ateliers MORVAN Frères"


def test_what_a_sentence_says_of_a_company_is_no_part_of_its_name() -> None:
    sentence = "J. Rossmore & Sons Ltd t/a Rossmore Brokers is regulated by the Central Office."
    printed = (
        (50, 40, 18, "Rossmore Brokers"), (400, 60, "Invoice 60441"),
        *block(50, 150, "The Directors", "Kilduff Joinery DAC", "Unit 2, Mill Estate",
               "Kilduff, Co. Kerry"),
        (50, 300, "Annual premium"), (450, 300, "1,581.58"),
        (50, 700, "Client"), (120, 700, "KILD0009"), (250, 700, "Our note"), (320, 700, "60441"),
        (50, 740, sentence), (50, 753, "14 Denny Street, Tralee, V92 X0P3"),
    )  # fmt: skip
    assert parties("invoice", *printed) == ("Rossmore Brokers", "Kilduff Joinery DAC")


def test_a_row_of_numbers_beside_labels_announces_nothing_below() -> None:
    pairs = ((50, 400, "Client"), (120, 400, "KILD0009"), (250, 400, "Our note"))
    printed = (
        *block(50, 40, *MAKER), (400, 40, "Invoice 3207"), *pairs, (320, 400, "60441"),
        *block(50, 420, "Sealing Rings Ltd", "9 Mill Road", "Leeds LS1 4AP"),
    )  # fmt: skip
    assert parties("invoice", *printed, *block(50, 150, *CLUB)) == (MAKER[0], CLUB[0])


@pytest.mark.parametrize("below", ["SOLICITORS · NOTARIES PUBLIC", "Architektin ·Gutachterin"])
def test_professions_below_a_name_are_no_name(below: str) -> None:
    head = ((50, 40, 11, "DR. WALTRAUD HIMMEL"), (50, 68, 11, below), (50, 82, "7 Quay Lane"))
    buyer = block(50, 150, "BILL TO", *CLUB)
    assert parties("invoice", *head, (400, 60, "Invoice 3207"), *buyer)[0] == "DR. WALTRAUD HIMMEL"


def test_an_association_in_brackets_gives_a_line_no_form() -> None:
    below = "Steuerberaterin ·Fachberaterin für Heilberufe (BStV e.V.)"
    head = ((50, 40, 11, "DR. WALTRAUD HIMMEL"), (50, 58, 11, below))
    printed = (*head, *block(50, 130, *MAKER), (50, 220, 13, "Rechnung 2026-0031"))
    assert parties("invoice", *printed) == ("DR. WALTRAUD HIMMEL", MAKER[0])


@pytest.mark.parametrize("text", ["Vignerons depuis 1911", "Bakers since 1884", "Gegründet 1902"])
def test_since_when_a_trade_is_plied_is_no_name(text: str) -> None:
    assert is_no_name(text)
    assert not is_no_name("Studio 1911")


def test_a_name_broken_before_its_forms() -> None:
    vendor = block(50, 130, "VENDOR", "MIDLAND LAB SUPPLY", "CO., INC.", *MAKER[1:])
    goods = block(300, 130, "SHIP TO", "ROWING RECEIVING", "600 PARK ST", "HAYS KS 67601")
    names = parties("purchase_order", *ORDER, *vendor, *goods)
    assert names == ("MIDLAND LAB SUPPLY CO., INC.", CLUB[0])
    assert is_form("Co., Ltd.") and not is_form("Co. Down")


def test_forms_behind_a_comma_are_part_of_a_name() -> None:
    vendor = block(50, 130, "To:", "Haoyue Cycle Parts Co., Ltd.", *MAKER[1:])
    assert parties("purchase_order", *ORDER, *vendor)[0] == "Haoyue Cycle Parts Co., Ltd."


def test_an_office_stands_above_the_party() -> None:
    window = block(50, 150, "The Treasurer", "The Old Mill Hall", "7 Quay Lane", "Bristol BS1 4ND")
    printed = (*block(330, 40, *MAKER), *window, (50, 240, "Invoice 3207"))
    assert parties("invoice", *printed)[1] == "The Old Mill Hall"


def test_to_whom_an_order_is_issued_sells() -> None:
    printed = (*ORDER, (50, 150, "Issued to"), (140, 150, "Ostwall Pumpen GmbH, Am Deich 4, Emden"))
    assert parties("purchase_order", *printed) == (MAKER[0], CLUB[0])


@pytest.mark.parametrize(
    "text", ["Guten Tag Frau Lee", "Exmo.(a) Sr.(a)", "A/P", "Finance and Revenues"]
)
def test_greetings_salutations_and_departments_are_no_names(text: str) -> None:
    assert is_no_name(text)


def test_a_shop_over_a_street_and_a_county() -> None:
    printed = block(60, 40, "AN POBAL", "Post Office - Ardfert", "Mill St, Ardfert, Co. Kerry")
    values = ask("receipt", A4.page(*printed, (60, 130, "Stamps"), (250, 130, "9.50"))).values
    assert leaf(values, "merchant.name") == "AN POBAL"
    assert is_caption("Accounts Payable")


def test_whoever_alone_has_numbers_of_taxes_sends_the_bill() -> None:
    club = ("Verein Salzkammergut Lesekreis", "Obfrau Mag. Edeltraud Pirklbauer", "Esplanade 2",
            "4810 Gmunden")  # fmt: skip
    inn = ("Seegasthof Almtaler OG", "Seeuferweg 17", "4801 Traunkirchen")
    numbers = ("ATU 67118204", "FN 418820 k")
    title = (50.0, 400.0, 16.0, "Gutschrift GS-2025-019")
    printed = (*block(50, 60, *club), *block(390, 60, *inn, *numbers), title)
    assert parties("invoice", *printed) == (inn[0], club[0])
    # Where both have some, the first is the sender as before.
    both = (*block(50, 60, *club[:1], *club[2:], "UID ATU 11118206"), *printed[4:])
    assert parties("invoice", *both)[0] == club[0]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("TOWNSHIP OF", "NORTH", "DUFFIELD", "Recreation Services"), "TOWNSHIP OF NORTH DUFFIELD"),
        (("Friends and Neighbours of", "Hopesay Common", "The Old School"),
         "Friends and Neighbours of Hopesay Common"),
        (("Harper &", "Daughters", "The Old Mill"), "Harper & Daughters"),
        (("Comité de Pétanque", "et Jeu Provençal", "The Old Mill"),
         "Comité de Pétanque et Jeu Provençal"),
    ],
)  # fmt: skip
def test_a_name_goes_on_behind_a_word_that_ends_none(lines: tuple[str, ...], name: str) -> None:
    printed = block(50, 60, *lines, "110 Rink Road", "Duffield ON K0H 1V0")
    club = block(50, 200, "Billed to:", *CLUB)
    assert parties("invoice", *printed, *club) == (name, CLUB[0])


def test_whom_to_turn_to_stands_between_a_name_and_its_address() -> None:
    sidebar = block(420, 64, "Rink Services Ltd", "110 Rink Road", "Duffield ON K0H 1V0")
    club = block(50, 60, "Billed to:", "Duffield Minor Hockey Association",
                 "Attention: Treasurer, Marc Tremblay", "Box 209, Duffield ON K0H 1V0")  # fmt: skip
    names = parties("invoice", *sidebar, *club)
    assert names == ("Rink Services Ltd", "Duffield Minor Hockey Association")


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (
            ("Cartwright, Benson &", "Holloway Solicitors LLP"),
            "Cartwright, Benson & Holloway Solicitors LLP",
        ),
        (("Thompson,", "Reid & Partners Ltd"), "Thompson, Reid & Partners Ltd"),
        (("Gesellschaft für", "Umwelttechnik mbH"), "Gesellschaft für Umwelttechnik mbH"),
        (("Brothers Moving +", "Storage LLC"), "Brothers Moving + Storage LLC"),
        (
            ("American Heating", "& Air Conditioning Corp."),
            "American Heating & Air Conditioning Corp.",
        ),
        (("BRIGHTON", "BOILER", "COMPANY"), "BRIGHTON BOILER COMPANY"),
        (("Stadtwerke", "Bad Salzungen GmbH"), "Stadtwerke Bad Salzungen GmbH"),
    ],
)
def test_a_letterhead_over_several_lines_is_one_name(lines: tuple[str, ...], name: str) -> None:
    head = tuple((50.0, 50.0 + 18 * n, 17.0, text) for n, text in enumerate(lines))
    address = block(50, 120, "4 Quay Street", "Bristol BS1 4TX")
    club = block(50, 200, "Bill to:", *CLUB)
    text = block(50, 400, "Thank you for your custom.", "We look forward to the next time.")
    assert parties("invoice", *head, *address, *club, *text) == (name, CLUB[0])


def test_another_line_tells_that_two_are_one_name() -> None:
    head = (50.0, 50.0, 20.0, "Pine Valley"), (50.0, 72.0, 14.0, "Veterinary Clinic")
    rest = (*block(50, 120, "4 Quay Street", "Bristol BS1 4TX"), *block(50, 200, "Bill to:", *CLUB))
    footer = (50.0, 760.0, "Please make checks payable to Pine Valley Veterinary Clinic")
    assert parties("invoice", *head, *rest, footer)[0] == "Pine Valley Veterinary Clinic"
    assert parties("invoice", *head, *rest)[0] != "Pine Valley Veterinary Clinic"


@pytest.mark.parametrize(
    "lines",
    [("American Heating", "& Air Conditioning Corp."),
     ("Gemeinnützige Gesellschaft", "für Altenhilfe mbH")],
)  # fmt: skip
def test_a_name_that_goes_on_is_no_person_above_a_company(lines: tuple[str, ...]) -> None:
    club = block(50, 200, "Bill to:", *lines, "4 Quay Street", "Bristol BS1 4TX")
    maker = block(50, 60, *MAKER)
    assert parties("invoice", *maker, *club)[1] == " ".join(lines)


def test_whoever_bought_the_claim_did_not_sell_the_goods() -> None:
    head = (
        (50.0, 50.0, 17.0, "Tidewater Staffing Inc."),
        *block(50, 75, "4 Quay St", "Boston MA 02110"),
    )
    club = block(50, 150, "Bill to:", *CLUB)
    remit = block(
        50, 600, "Remit payment to:", "Capital Credit Inc.", "PO Box 204", "Dallas TX 75201"
    )
    assert parties("invoice", *head, *club, *remit)[0] == "Tidewater Staffing Inc."
    assert parties("invoice", *club, *remit)[0] == "Capital Credit Inc."

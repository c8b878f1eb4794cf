"""What stands where a name might and is none, and which of two names is the party's."""

from __future__ import annotations

import pytest
from support.two_parties import CLUB, MAKER, block, parties
from support.word_pages import A4, Printed, ask, leaf

from docextract.engine.text.parties.addresses import has_postcode
from docextract.engine.text.values.names import is_initialled, is_no_name, may_be_person
from docextract.verify.value import MIN_FIT

ITEMS: tuple[Printed, ...] = (
    (50, 320, "11. Line"), (100, 320, "12. Description"), (330, 320, "13. Quantity"),
    (440, 320, "14. Amount"),
    (50, 336, "1"), (100, 336, "Ball valve"), (340, 336, "2"), (450, 336, "30.00"),
    (50, 352, "2"), (100, 352, "Sealing ring"), (340, 352, "4"), (450, 352, "12.00"),
)  # fmt: skip


def sureness(schema: str, path: str, *printed: Printed) -> float:
    return ask(schema, A4.page(*printed)).probabilities.get(path, 0.0)


def order(*printed: Printed) -> tuple[Printed, ...]:
    head = (*block(50, 40, *CLUB), (400, 40, 14, "Purchase Order"), (400, 62, "PO Number: 4417-B"))
    return (*head, *block(50, 130, "Vendor", *MAKER), *printed)


def test_heads_of_columns_below_a_label_are_no_name() -> None:
    printed = order((440, 294, "10. Buyer"), (440, 307, "D. Ruiz, ext. 4410"), *ITEMS)
    assert parties("purchase_order", *printed) == (MAKER[0], CLUB[0])


@pytest.mark.parametrize("person", ["P. van Dam", "J.-P. Moreau", "K. O'Neill"])
def test_initials_and_surname_are_whoever_orders(person: str) -> None:
    printed = order((350, 130, "Buyer :"), (450, 130, person), (350, 143, "Your offer :"))
    assert parties("purchase_order", *printed, (450, 143, "2025.1180"))[1] == CLUB[0]


def test_initials_and_surname_over_an_address_are_the_buyer() -> None:
    printed = order(*block(350, 130, "Buyer:", "P. van Dam", "3 Mill Road", "Leeds LS1 4AP"))
    assert parties("purchase_order", *printed)[1] == "P. van Dam"


def test_words_that_end_in_a_preposition_announce_what_stands_below() -> None:
    head = (*block(50, 40, *CLUB), (400, 40, "Order 0655"), (400, 54, "9 January 2025"))
    pairs = (*block(50, 140, "We are ordering from", *MAKER), *block(300, 140, "Please send to"))
    door = block(300, 153, "Boathouse, slipway side", "Bristol BS1 6XN")
    assert parties("purchase_order", *head, *pairs, *door) == (MAKER[0], CLUB[0])


@pytest.mark.parametrize("text", ["Goods come from", "Wir liefern an", "Nous livrons chez"])
def test_announcements(text: str) -> None:
    assert is_no_name(text)
    assert not is_no_name(text.upper().replace("FROM", "Fromm"))


def row(*cells: tuple[float, str, str]) -> tuple[Printed, ...]:
    labels = tuple((left, 120.0, 7.0, label) for left, label, _ in cells)
    return (*labels, *((left, 132.0, value) for left, _, value in cells))


def test_a_word_over_a_date_in_a_row_of_cells_is_a_label() -> None:
    cells = row((50, "Rechnung", "R-25-19"), (180, "Prüftag", "09.10.2025"), (310, "Anlage", "417"))
    lower = (50, 160, 7, "Kunde"), (50, 172, "Gasthof Sonnblick OG"), (310, 160, 7, "Anschrift")
    head = (50, 40, 12, "Ing. Hedwig Moser"), (330, 42, "Hauptplatz 6, 8970 Schladming")
    printed = *head, *cells, *lower, (310, 172, "Seestr. 1, 8972 Ramsau")
    assert parties("invoice", *printed) == ("Ing. Hedwig Moser", "Gasthof Sonnblick OG")
    assert sureness("invoice", "buyer.name", *printed) >= MIN_FIT


def test_a_name_beside_a_label_whose_number_stands_below() -> None:
    head = block(50, 40, *MAKER)
    cells = row((50, "Invoice no.", "25/118"), (150, "Customer no.", "00417"))
    buyer = block(340, 120, *CLUB)
    assert parties("invoice", *head, *cells, *buyer) == (MAKER[0], CLUB[0])


def test_a_name_beside_a_label_whose_address_stands_below() -> None:
    printed = (
        *block(400, 40, *CLUB),
        *block(50, 110, "Delivery address:", "Boathouse", "9 Quay Lane", "Bristol BS1 6XN"),
        *block(320, 110, *MAKER), (50, 190, 16, "Purchase order P0316"),
    )  # fmt: skip
    assert parties("purchase_order", *printed) == (MAKER[0], CLUB[0])


def test_a_name_beside_its_label_comes_before_what_a_caption_below_heads() -> None:
    printed = (
        *block(50, 40, *MAKER), (400, 40, "Invoice 1096"), (50, 150, "Customer"),
        (140, 150, "Coolan Bowling Club Inc."), (50, 175, "Work done"), (50, 200, "Stump grinding"),
        (50, 213, "12 trees"), (450, 200, "1,320.00"),
    )  # fmt: skip
    assert parties("invoice", *printed)[1] == "Coolan Bowling Club Inc."


def test_a_person_above_the_party_that_is_named_elsewhere() -> None:
    person = ("Sarah Whitlock", *CLUB)
    head = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    labelled = (*block(50, 150, "BILL TO", *person), *block(250, 150, "SHIP TO", *CLUB))
    assert parties("invoice", *head, *labelled) == (MAKER[0], CLUB[0])
    window = (*block(50, 150, *person), *block(250, 150, "Ship To:", *CLUB))
    assert parties("invoice", *head, *window) == (MAKER[0], CLUB[0])


def test_a_person_who_is_named_in_both_blocks_is_the_party() -> None:
    person = ("Sarah Whitlock", "Rose Cottage", *CLUB[1:])
    head = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    printed = (*head, *block(50, 150, "BILL TO", *person), *block(250, 150, "SHIP TO", *person))
    assert parties("invoice", *printed)[1] == "Sarah Whitlock"


@pytest.mark.parametrize(
    ("person", "below", "buyer"),
    [
        ("Sarah Whitlock", "Quayside Marine Ltd", "Quayside Marine Ltd"),
        ("Ms. Sarah Whitlock", "Quayside Marine Ltd", "Quayside Marine Ltd"),
        ("Whitlock Marine", "Whitlock Marine Ltd", "Whitlock Marine Ltd"),
        ("Gasthaus Linde", "Inh. Petra Schollmeyer e.K.", "Gasthaus Linde"),
        ("Tenants Tallbacken", "c/o Quayside Marine Ltd", "Tenants Tallbacken"),
        ("Mrs E. Hollis", "Rose Cottage", "Mrs E. Hollis"),
        ("Mag. Sarah Whitlock", "Quayside Marine KG", "Quayside Marine KG"),
        ("M. Karim Benhaddou", "SARL Le Gall", "SARL Le Gall"),
        ("Vergers Kervadec", "SARL – Le Gall", "Vergers Kervadec"),
        ("The School Business Manager", "Clee Hill Primary School", "Clee Hill Primary School"),
        ("N. Dlamini, Marketing Manager", "Karoo Solar", "Karoo Solar"),
        ("Estates Team", "Norfolk Wildlife Trust", "Norfolk Wildlife Trust"),
    ],
)
def test_the_company_right_below_a_person_is_the_party(person: str, below: str, buyer: str) -> None:
    head = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    lines = (person, below, "7 Quay Lane", "Bristol BS1 4ND")
    assert parties("invoice", *head, *block(50, 150, "BILL TO", *lines))[1] == buyer


def test_a_person_above_a_company_of_two_lines_leaves_the_buyer_in_doubt() -> None:
    head = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    lines = ("Sarah Whitlock", "Quayside Marine", "Supplies, Inc.", *CLUB[1:])
    assert sureness("invoice", "buyer.name", *head, *block(50, 150, "BILL TO", *lines)) < MIN_FIT


def test_a_person_above_who_else_goods_are_for_is_not_the_party() -> None:
    head = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    printed = (
        *block(50, 150, "BILL TO", "Ms. Sarah Whitlock", *CLUB),
        *block(250, 150, "SHIP TO", *CLUB),
    )
    assert parties("invoice", *head, *printed) == (MAKER[0], CLUB[0])


def test_a_name_behind_its_label_stands_over_its_address() -> None:
    head = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    grid = ((50, 150, "Number"), (110, 150, "3207"), (250, 150, f"Customer {CLUB[0]}"))
    assert parties("invoice", *head, *grid, *block(295, 163, *CLUB[1:]))[1] == CLUB[0]


def test_a_street_without_a_number_is_part_of_the_address() -> None:
    head = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    lines = ("Orchard Trading Ltd", "Mill Road", "Ely CB7 4AA")
    values = ask("invoice", A4.page(*head, *block(50, 150, "BILL TO", *lines))).values
    assert leaf(values, "buyer.address") == "Mill Road, Ely CB7 4AA"


def test_labels_one_below_another_are_no_address() -> None:
    head = (*block(50, 40, *MAKER), (400, 40, "Invoice 3207"))
    labels = ("Fakturadato", "Forfallsdato", "Kundenummer 10044", "Deres ref")
    assert parties("invoice", *head, *block(330, 62, *labels)) == (MAKER[0], None)


@pytest.mark.parametrize("town", ["831 23 ÖSTERSUND", "90-001 ŁÓDŹ", "787 01 Šumperk"])
def test_a_town_may_begin_with_any_letter(town: str) -> None:
    assert has_postcode(town)


def test_of_two_names_at_the_head_the_likelier_sells() -> None:
    maker = block(50, 40, "Nuria Echávarri Sola", "C/ Mayor 3", "28013 Madrid")
    club = block(330, 40, "Bodegas Monteruelo, S.L.", "Av. Sol 2", "41001 Sevilla")
    found = parties("invoice", *maker, *club, (50, 230, 14, "FACTURA 17/2025"))
    assert found == ("Nuria Echávarri Sola", "Bodegas Monteruelo, S.L.")


def test_a_trade_name_over_its_company_leaves_the_other_side_to_the_addressee() -> None:
    club = block(50, 60, "Roskilde Roklub af 1911", "Havnevej 51", "4000 Roskilde")
    maker = block(400, 62, "Madam Skov ApS", "Hovedgaden 88, 4320 Lejre", "CVR-nr. 39 41 70 22")
    head = ((400, 40, 16, "Madam Skovs Køkken"), (50, 230, 14, "FAKTURA"))
    found = parties("invoice", *club, *head, *maker)
    assert found == ("Madam Skov ApS", "Roskilde Roklub af 1911")


def test_one_name_in_both_roles_is_one_party() -> None:
    long = ("Lindgren Marine Ltd", "1 Dock Road", "Hull HU1 2AA")
    printed = (50, 40, 22, "Lindgren"), *block(350, 100, *long), (50, 250, "Invoice 81")
    assert None in parties("invoice", *printed)


def test_a_word_before_the_address_within_a_letterhead_is_no_sender_line() -> None:
    letterhead = (
        (60, 57, 11, "Commune de Valbrune"), (60, 69, "Mairie – 2 place du Lavoir"),
        (60, 80, "39380 VALBRUNE"),
    )  # fmt: skip
    vendor = block(330, 57, "FOURNISSEUR", "Acier Durand SARL", "4 rue Neuve", "39100 DOLE")
    printed = *letterhead, *vendor, (150, 130, 14, "BON DE COMMANDE N° 2025-0147")
    assert parties("purchase_order", *printed) == ("Acier Durand SARL", "Commune de Valbrune")


def test_a_title_and_a_date_stand_above_the_addressee() -> None:
    window = ("3 July 2025", "Heron Cottages CLG", "F.A.O. Aoife Burke", "Upper Ross, Co. Sligo")
    side = block(20, 90, "Ciarán Daly", "Kilmore", "Ballina", "Co. Mayo F26 X2K7", "085 555 0132")
    printed = ((180, 74, "Invoice 2025-19"), *block(180, 86, *window), *side)
    assert parties("invoice", *printed)[1] == "Heron Cottages CLG"


@pytest.mark.parametrize("text", ["Ann Lee", "Ann M. Lee", "P. van der Veen", "Hubert PERNIN"])
def test_names_of_persons(text: str) -> None:
    assert may_be_person(text)


@pytest.mark.parametrize("text", ["LE CLIENT", "Lee Ltd", "Ann", "The Paper Mill at Night", "A 4"])
def test_no_names_of_persons(text: str) -> None:
    assert not may_be_person(text) and not is_initialled(text)

"""Who sells and who buys, over the conventions invoices and orders are laid out by."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

from docextract.engine.text.values.names import is_no_name, is_same_name, is_title
from docextract.verify.value import MIN_FIT

page = A4.page


def column(left: float, top: float, *lines: str, size: float = 10) -> tuple[Printed, ...]:
    return tuple((left, top + 1.25 * size * n, size, line) for n, line in enumerate(lines))


DIN_LETTER = (
    *column(57, 140, "Brückner Metallbau GmbH · Am Kanal 7 · 49084 Osnabrück", size=7),
    *column(57, 155, "Hofladen Tiemann", "Frau Ilse Tiemann", "Dorfstraße 11", "49191 Belm"),
    *column(350, 155, "Kundennummer: 20417", "Bearbeiter: Jens Oltmann"),
    (57, 260, 14, "Rechnung Nr. 2025-118"), (430, 264, 10, "Osnabrück, 03.02.2025"),
    (57, 300, 10, "Sehr geehrte Frau Tiemann,"),
    *column(57, 770, "Brückner Metallbau GmbH", "Am Kanal 7", "49084 Osnabrück", size=7),
    *column(200, 770, "Sparkasse Osnabrück", "IBAN DE89 3704 0044 0532 0130 00", size=7),
    *column(400, 770, "HRB 20711", "USt-IdNr. DE136695976", size=7),
)  # fmt: skip
FRENCH_LEFT_RIGHT = (
    (40, 40, 16, "Atelier du Verre"),
    *column(40, 62, "14 rue des Carmes", "44000 Nantes", "Tél : 02 40 00 00 01"),
    *column(340, 130, "Maison Delmas", "2 place du Marché", "49100 Angers"),
    (40, 220, 18, "Facture FV-2025-031"), (40, 250, 10, "Date : 12/03/2025"),
    (40, 800, 7, "SARL au capital de 8 000 € - SIRET 123 456 789 00012 - TVA FR32123456789"),
)  # fmt: skip
FRENCH_TITLE_OVER_BUYER = (
    (120, 30, 9, "Le Fournil Breton SARL - 3 quai des Indes - 56100 Lorient - France"),
    (120, 42, 9, "TVA : FR32123456789 - SIRET : 123 456 789 00012"),
    (31, 92, 20, "Avoir AV-2025-0005"),
    *column(326, 133, "Épicerie Kermadec", "Anne Le Goff", "8 rue du Port", "29900 Concarneau"),
    *column(37, 123, "Adresse de livraison", "Épicerie Kermadec", "8 rue du Port",
            "29900 Concarneau"),
    (34, 222, 10, "Date de facture"), (155, 222, 10, "16/11/2025"),
    (34, 239, 10, "Votre référence"), (155, 239, 10, "BC-7781"),
)  # fmt: skip
US_COLUMNS = (
    (40, 40, 22, "INVOICE"),
    *column(40, 80, "Larkspur Analytics, Inc.", "510 Mission Street", "San Francisco, CA 94105",
            "billing@larkspur-analytics.com"),
    *column(300, 80, "Bill to", "Otter Creek Schools", "77 Elm Avenue", "Boise, ID 83702"),
    *column(440, 80, "Ship to", "Otter Creek Warehouse", "9 Dock Road", "Boise, ID 83705"),
    (40, 170, 10, "Invoice number"), (160, 170, 10, "LA-20931"),
)  # fmt: skip
BUYER_FIRST = (
    (40, 40, 20, "TAX INVOICE"),
    *column(40, 90, "Penrose Dental Practice", "12 Fore Street", "Truro TR1 2PX"),
    *column(300, 90, "Invoice Date", "3 Mar 2025", "", "Invoice Number", "INV-0771"),
    *column(450, 90, "Seaview Supplies Ltd", "Unit 4 Harbour Way", "Falmouth TR11 3XP",
            "GB 123 4567 89"),
    (40, 780, 7, "Company Registration No: 0712345. Registered Office: Unit 4 Harbour Way"),
    (40, 640, 10, "Account name: Seaview Supplies Ltd"),
)  # fmt: skip
ITALIAN = (
    (40, 40, 14, "Officine Ferraro S.r.l."),
    *column(40, 60, "Via Garibaldi 18", "20121 Milano", "P. IVA 01234567890"),
    *column(330, 110, "Spett.le", "Panificio Moretti", "Corso Italia 5", "10121 Torino"),
    (40, 220, 12, "Fattura n. 87/2025 del 04/03/2025"),
)  # fmt: skip
SPANISH = (
    (40, 40, 12, "Talleres Ibarra S.L."),
    *column(40, 56, "Calle Mayor 21", "48001 Bilbao", "CIF B12345678"),
    *column(330, 56, "Datos del cliente", "Librería El Faro", "Plaza Nueva 3", "31001 Pamplona"),
    (40, 180, 12, "Factura nº F-2025/19"),
)  # fmt: skip
DUTCH = (
    (40, 40, 24, "FACTUUR"), (40, 66, 20, "Altijd op tijd geleverd."),
    *column(45, 100, "Fietsenmaker De Wit", "Molenweg 32", "1025 RX Amsterdam", size=12),
    *column(445, 43, "Wielen & Zo B.V.", "Havenkade 6", "3012 CN Rotterdam", "www.wielenzo.nl"),
    (45, 180, 10, "Factuurnummer: 5500123"),
)  # fmt: skip
PORTUGUESE = (
    (40, 40, 12, "Oliveira & Filhos, Lda."),
    *column(40, 56, "Rua do Almada 110", "4050-031 Porto", "Contribuinte 501234567"),
    *column(330, 120, "Exmo.(s) Sr.(s)", "Café Avenida", "Avenida Central 8", "4700-228 Braga"),
    (40, 220, 12, "Fatura nº FT 2025/44"),
)  # fmt: skip
NO_WORD_FOR_EITHER = (
    *column(40, 40, "Nordvik Partners", "4557 Birch Street", "Fremont CA 94538", "United States"),
    *column(354, 140, "Lumberline Inc", "215 Vine Street", "Scranton PA 18503", "United States"),
    (30, 206, 20, "Invoice INV/2025/03/0008"),
)  # fmt: skip
STACKED_TITLE = (
    (120, 80, 22, "Lakeside Clinic of Ardmore"), (440, 80, 30, "MEDICAL"),
    (440, 120, 30, "INVOICE"),
    *column(120, 110, "Street Address: 9 Oak Lane", "Phone: (920) 555-0101"),
    *column(120, 250, "Bill To", "Name: Jordan Reyes", "Street Address: 123 Any Street"),
)  # fmt: skip
TRADE_NAME_AND_HOLDER = (
    *column(50, 80, "SUNRISE", "Hartmann Solar", "35 Mill Road", "Leeds LS1 4AP",
            "Tel: 0113 496 0000"),
    *column(350, 80, "Customer:", "Contact: Ann Poole", "Dales Farm Shop", "4 Moor Lane",
            "Skipton BD23 1AA"),
    *column(50, 700, "Account name: Hartmann Solar", "Sort code: 20-00-00"),
    (50, 780, 7, "Hartmann Solar is registered in England"),
)  # fmt: skip
FOOT_ALONE_NAMES_THE_SELLER = (
    *column(57, 150, "Tischlerei Kurz", "Lindenallee 12", "16303 Schwedt"),
    (57, 240, 16, "RECHNUNG"), (57, 262, 10, "Rechnungsnr.: 4711"),
    *column(57, 770, "Holzgroßhandel Oder", "Hafenweg 1", "15230 Frankfurt (Oder)", size=7),
    *column(220, 770, "Telefon 0335 555 01", "info@holz-oder.de", size=7),
    *column(400, 770, "Oderbank", "IBAN DE89 3704 0044 0532 0130 00", size=7),
)  # fmt: skip
SALUTATION_AND_FAR_FOOT = (
    (57, 130, 6, "Fonica Deutschland GmbH, Postfach 1000, 53105 Bonn"),
    *column(57, 145, "Herrn", "Karl Ebert", "Rosenweg 8", "53123 Bonn"),
    (57, 230, 16, "Ihre Rechnung für März 2025"),
    (57, 800, 6, "Fonica Deutschland GmbH · Geschäftsführer: A. Weiß · Amtsgericht Bonn"),
)  # fmt: skip
FRENCH_CAPITALS = (
    (40, 30, 14, "MENUISERIE LECLERC"),
    *column(40, 50, "ZA des Prés", "35000 RENNES", "Tél. 02 99 00 00 01"),
    *column(330, 120, "SCI LES TILLEULS", "M. Pierre ROBIN", "4 allée des Lilas", "35200 RENNES"),
    (330, 190, 10, "Rennes, le 3 mars 2025"), (40, 220, 14, "FACTURE N° 25-0107"),
    (40, 800, 7, "SARL MENUISERIE LECLERC au capital de 7 500 € - RCS Rennes 123 456 789"),
)  # fmt: skip
E_INVOICE_VIEWER = (
    (40, 40, 14, "Rechnung"),
    (40, 70, 9, "Informationen zum Käufer"), (320, 70, 9, "Informationen zum Verkäufer"),
    (40, 86, 9, "Leitweg-ID:"), (140, 86, 9, "04011000-12345-34"),
    (320, 86, 9, "Firmenname:"), (430, 86, 9, "Seilerei Lüders GmbH"),
    (40, 98, 9, "Name:"), (140, 98, 9, "Stadt Bremerhaven"),
    (320, 98, 9, "PLZ:"), (430, 98, 9, "28195"),
    (40, 110, 9, "PLZ:"), (140, 110, 9, "27568"), (320, 110, 9, "Ort:"), (430, 110, 9, "Bremen"),
)  # fmt: skip
VALUES_BESIDE_LABELS = (
    (40, 40, 14, "FACTURA"), (40, 70, 10, "Cliente:"), (120, 70, 10, "Bodegas Lerma S.A."),
    (40, 84, 10, "Domicilio:"), (120, 84, 10, "Calle Real 4, 09340 Lerma"),
    (40, 98, 10, "NIF:"), (120, 98, 10, "A09012345"), (350, 40, 14, "Transportes Gil SL"),
    *column(350, 60, "Polígono Sur 8", "09001 Burgos", "CIF: B09054321"),
)  # fmt: skip
LABELS_ON_ONE_LINE = (
    (40, 40, 16, "RECHNUNG"),
    (40, 70, 10, "Lieferant: Elektro Hansen GmbH, Deichweg 3, 25813 Husum"),
    (40, 84, 10, "Kunde: Reederei Petersen KG, Hafenstr. 9, 25980 Sylt"),
)  # fmt: skip
LOGO_WITHOUT_THE_FORM = (
    (40, 30, 16, "nordlicht energie"),
    (57, 140, 6, "Nordlicht Energie GmbH, Postfach 10, 24001 Kiel"),
    *column(57, 152, "Frau", "Gesa Holm", "Deich 4", "25899 Niebüll"),
    *column(400, 140, "Ihr Ansprechpartner:", "Tim Brodersen", "Telefon 0431 555 100"),
)  # fmt: skip
FACTORING = (
    (40, 30, 16, "Stahlbau Nord GmbH"), *column(40, 50, "Werftstr. 3", "24143 Kiel"),
    *column(57, 140, "Hafenbetriebe Kiel AG", "Kai 5", "24103 Kiel"),
    *column(57, 600, "Zahlungsempfänger: Factorbank AG", "IBAN DE89 3704 0044 0532 0130 00"),
)  # fmt: skip
FREELANCER = (
    *column(40, 30, "Julie Fontaine", "Graphiste indépendante", "12 rue Basse", "59000 Lille",
            "SIRET 123 456 789 00012"),
    *column(350, 120, "Association Les Amis", "À l'attention de Mme Roy", "3 place Simon",
            "59800 Lille"),
    (40, 220, 14, "FACTURE N° 2025-04"),
)  # fmt: skip
WORD_OVER_A_COLUMN = (
    (220, 20, 20, "FORGES DU LAC"), *column(333, 85, "Atelier Besson", "1 rue Neuve",
    "75015 PARIS"), (34, 300, 9, "No"), (126, 300, 9, "Client"), (236, 300, 9, "Désignation"),
    (34, 315, 9, "1"), (126, 315, 9, "AAA"), (236, 315, 9, "Produit"),
    (71, 600, 9, "Par virement sur le compte de : FORGES DU LAC"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "seller", "buyer"),
    [
        (DIN_LETTER, "Brückner Metallbau GmbH", "Hofladen Tiemann"),
        (FRENCH_LEFT_RIGHT, "Atelier du Verre", "Maison Delmas"),
        (FRENCH_TITLE_OVER_BUYER, "Le Fournil Breton SARL", "Épicerie Kermadec"),
        (US_COLUMNS, "Larkspur Analytics, Inc.", "Otter Creek Schools"),
        (BUYER_FIRST, "Seaview Supplies Ltd", "Penrose Dental Practice"),
        (ITALIAN, "Officine Ferraro S.r.l.", "Panificio Moretti"),
        (SPANISH, "Talleres Ibarra S.L.", "Librería El Faro"),
        (DUTCH, "Wielen & Zo B.V.", "Fietsenmaker De Wit"),
        (PORTUGUESE, "Oliveira & Filhos, Lda.", "Café Avenida"),
        (NO_WORD_FOR_EITHER, "Nordvik Partners", "Lumberline Inc"),
        (STACKED_TITLE, "Lakeside Clinic of Ardmore", "Jordan Reyes"),
        (TRADE_NAME_AND_HOLDER, "Hartmann Solar", "Dales Farm Shop"),
        (FOOT_ALONE_NAMES_THE_SELLER, "Holzgroßhandel Oder", "Tischlerei Kurz"),
        (SALUTATION_AND_FAR_FOOT, "Fonica Deutschland GmbH", "Karl Ebert"),
        (FRENCH_CAPITALS, "MENUISERIE LECLERC", "SCI LES TILLEULS"),
        (E_INVOICE_VIEWER, "Seilerei Lüders GmbH", "Stadt Bremerhaven"),
        (VALUES_BESIDE_LABELS, "Transportes Gil SL", "Bodegas Lerma S.A."),
        (LABELS_ON_ONE_LINE, "Elektro Hansen GmbH", "Reederei Petersen KG"),
        (LOGO_WITHOUT_THE_FORM, "Nordlicht Energie GmbH", "Gesa Holm"),
        (FACTORING, "Stahlbau Nord GmbH", "Hafenbetriebe Kiel AG"),
        (FREELANCER, "Julie Fontaine", "Association Les Amis"),
        (WORD_OVER_A_COLUMN, "FORGES DU LAC", "Atelier Besson"),
    ],
)  # fmt: skip
def test_each_convention_tells_seller_from_buyer(
    printed: tuple[Printed, ...], seller: str, buyer: str
) -> None:
    answer = ask("invoice", page(*printed))
    found = leaf(answer.values, "seller.name"), leaf(answer.values, "buyer.name")
    assert found == (seller, buyer)


def test_a_section_says_name_and_address_in_rows() -> None:
    answer = ask("invoice", page(
        (60, 100, 9, "Käufer/Leistungsempfänger"),
        (60, 113, 9, "Nummer:"), (300, 113, 9, "75969"),
        (60, 126, 9, "Name:"), (300, 126, 9, "Bundesamt für Seen"), (300, 139, 9, "und Flüsse"),
        (60, 152, 9, "Anschrift:"), (300, 152, 9, "Pappelallee 15"),
        (300, 165, 9, "DE 12345 Leipzig"), (60, 178, 9, "USt.-Id.-Nr.:"),
        (300, 178, 9, "DE123456789"),
    ))  # fmt: skip
    assert leaf(answer.values, "buyer.name") == "Bundesamt für Seen und Flüsse"
    assert leaf(answer.values, "buyer.address") == "Pappelallee 15, DE 12345 Leipzig"


def test_a_seller_alone_has_no_buyer() -> None:
    answer = ask("invoice", page(
        (40, 40, 16, "Corner Garage Ltd"), *column(40, 60, "5 Bridge St", "Bath BA1 1AA"),
        (40, 120, 14, "Invoice 551"), (40, 140, 10, "Date 3 March 2025"),
    ))  # fmt: skip
    assert leaf(answer.values, "seller.name") == "Corner Garage Ltd"
    assert leaf(answer.values, "seller.address") == "5 Bridge St, Bath BA1 1AA"
    assert leaf(answer.values, "buyer.name") is None


def test_a_bank_to_remit_to_is_not_the_seller() -> None:
    answer = ask("invoice", page(
        *column(40, 47, "TINLEAF PARTS INC", "7700 RESISTOR PKWY", "TEMPE AZ 85284"),
        *column(40, 170, "SOLD TO:", "MESA GRANDE LLC", "1901 E BROADWAY RD", "MESA AZ 85204"),
        (40, 505, 9, "REMIT TO: SILVER STATE TRUST"),
    ))  # fmt: skip
    assert leaf(answer.values, "seller.name") == "TINLEAF PARTS INC"


def test_an_order_is_issued_by_the_buyer() -> None:
    answer = ask("purchase_order", page(
        *column(57, 140, "Stadtwerke Altheim GmbH · Ring 1 · 88499 Altheim", size=7),
        *column(57, 155, "Rohrbau Schmid AG", "Industriestr. 7", "89073 Ulm"),
        (57, 250, 14, "Bestellung Nr. 4500001234"),
    ))  # fmt: skip
    assert leaf(answer.values, "buyer.name") == "Stadtwerke Altheim GmbH"
    assert leaf(answer.values, "seller.name") == "Rohrbau Schmid AG"
    assert leaf(answer.values, "po_number") == "4500001234"


def test_an_order_change_has_a_number_of_its_own() -> None:
    answer = ask("purchase_order", page(
        (40, 40, 12, "BUYER: Nordhafen AG"), (500, 40, 12, "ORDER CHANGE:"),
        (680, 40, 12, "PO-778-C02"), (500, 80, 12, "PURCHASE ORDER ID: PO-778"),
    ))  # fmt: skip
    assert leaf(answer.values, "po_number") == "PO-778-C02"


def test_nothing_but_a_name_in_large_print_stays_below_the_odds_of_a_verified_one() -> None:
    answer = ask(
        "invoice",
        page(
            (40, 20, 40, "Zephyr"),
            (40, 90, 10, "Bill To:"),
            *column(40, 104, "Jane Ashby", "1 Ferry Road", "Mountain View, CA 94043"),
        ),
    )
    assert leaf(answer.values, "buyer.name") == "Jane Ashby"
    assert answer.probabilities.get("seller.name", 0.0) < MIN_FIT


def test_two_likely_buyers_leave_the_buyer_in_doubt() -> None:
    answer = ask("invoice", page(
        (40, 30, 16, "Meridian Print Ltd"), (40, 50, 9, "www.meridianprint.co.uk"),
        *column(40, 130, "Oakwood School", "3 Park Lane", "Leeds LS1 4AP"),
        *column(320, 130, "Elmfield College", "9 Mill Road", "York YO1 7HH"),
    ))  # fmt: skip
    assert answer.probabilities["buyer.name"] < MIN_FIT


@pytest.mark.parametrize(
    ("printed", "address"),
    [
        ("9 Quay Street, York YO1 7HH", "9 Quay Street, York YO1 7HH"),
    ],
)  # fmt: skip
def test_an_address_ends_where_the_telephone_begins(printed: str, address: str) -> None:
    answer = ask("invoice", page((57, 40, 20, "MUSIKHAUS PICHLER GmbH"), (57, 62, 8, printed)))
    assert leaf(answer.values, "seller.address") == address


def test_tax_ids_below_a_party_are_that_partys() -> None:
    answer = ask("invoice", page(
        *column(40, 40, "Lotus Traders Ltd", "Hill Road 4",
                "York YO1 7HH GSTIN: 12ABCDE0123A1A2"),
        *column(40, 100, "INVOICE TO", "Banyan Books Ltd", "Lake Road 2", "Leeds LS1 4AP"),
        (80, 165, 10, "GSTIN:"), (130, 165, 10, "98AAAAA7654Z3Z2"),
    ))  # fmt: skip
    assert leaf(answer.values, "seller.tax_id") == "12ABCDE0123A1A2"


@pytest.mark.parametrize(
    "text",
    [
        "Facture FA-2025-0008", "Rechnung Nr. 17 vom 3.2.2025", "INVOICE", "Avoir AV-5",
        "Nota di credito 7",
    ],
)  # fmt: skip
def test_a_title_with_its_number_is_no_party(text: str) -> None:
    assert is_title(text)
    assert is_no_name(text)


@pytest.mark.parametrize("text", ["Invoice Ninja LLC", "Order of Malta", "Bon Appetit 24 GmbH"])
def test_a_name_that_begins_like_a_title_is_one(text: str) -> None:
    assert not is_title(text)


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("Coolair B.V.", "COOLAIR", True), ("Nordhafen GmbH", "Nordhaten GmbH", True),
        ("Deutsche Post", "Deutsche Post Immobilien GmbH", False), ("Acme Ltd", "Apex Ltd", False),
    ],
)  # fmt: skip
def test_names_are_compared_without_the_companys_form(one: str, other: str, is_one: bool) -> None:
    assert is_same_name(one, other) is is_one


def test_a_block_where_windows_are_is_the_addressee_though_nothing_stands_above() -> None:
    answer = ask("invoice", page(
        *column(60, 115, "Stadtwerke Altheim", "Marktplatz 4", "88499 Altheim", size=10),
        *column(60, 180, "Rechnung", "Rechnungsnummer RE-55410", size=10),
        *column(60, 240, "Datum 12.03.2026", "Gesamtbetrag 119,00 €", size=10),
    ))  # fmt: skip
    assert leaf(answer.values, "seller.name") is None
    assert leaf(answer.values, "buyer.name") == "Stadtwerke Altheim"


def test_whom_a_bank_writes_to_is_not_the_bank() -> None:
    answer = ask("bank_statement", page(
        *column(60, 130, "JO MARSH", "123 ORCHARD ROAD", "#03-15", "SINGAPORE 238800", size=10),
        (60, 240, 10, "STATEMENT DATE"), (300, 240, 10, "ACCOUNT HOLDER"),
        (60, 254, 10, "01-07-2023"), (300, 254, 10, "JO MARSH"),
    ))  # fmt: skip
    assert leaf(answer.values, "bank.name") is None
    assert leaf(answer.values, "account_holder.name") == "JO MARSH"


def test_a_tax_number_below_an_address_is_no_part_of_it() -> None:
    answer = ask("invoice", page(
        *column(60, 40, "Tamarack Parts Inc.", "88 Mill Road, Burlington, VT 05401",
                "EIN 98-7654321", size=10),
        (60, 100, 14, "INVOICE"), (60, 130, 10, "Bill To:"),
        *column(60, 145, "Harlow Dental LLC", "1 High Street", "Dover, NH 03820", size=10),
    ))  # fmt: skip
    assert leaf(answer.values, "seller.address") == "88 Mill Road, Burlington, VT 05401"

"""What papers of unknown senders print in their own way: totals, numbers, days, names."""

from __future__ import annotations

import pytest
from support.word_pages import A4, Printed, ask, leaf

TABLE: tuple[Printed, ...] = (
    (50, 300, "Work carried out"), (400, 300, "No."), (500, 300, "£"),
    (50, 316, "Copy-editing"), (400, 316, "1"), (500, 316, "640.00"),
    (50, 332, "Proofreading"), (400, 332, "4.5"), (500, 332, "171.00"),
)  # fmt: skip
HEAD: tuple[Printed, ...] = (
    (50, 40, "Ann Lee"),
    (50, 60, "Invoice 2025/17"),
    (50, 90, "2 May 2025"),
)


def read(path: str, *printed: Printed, schema: str = "invoice") -> object:
    return leaf(ask(schema, A4.page(*printed)).values, path)


@pytest.mark.parametrize("label", ["Order value", "Payable", "Celkem za dílo"])
def test_what_the_items_come_to_is_the_total_whatever_its_label(label: str) -> None:
    printed = *HEAD, *TABLE, (300, 356, label), (500, 356, "811.00")
    assert read("totals.gross", *printed) == "811.00"


def test_a_sum_that_is_not_the_items_is_no_total() -> None:
    printed = *HEAD, *TABLE, (300, 356, "Budget left"), (500, 356, "813.00")
    assert read("totals.gross", *printed) is None


def test_what_is_left_after_a_payment_is_not_the_total() -> None:
    printed = (
        *HEAD, *TABLE, (300, 356, "Charged"), (500, 356, "811.00"), (300, 372, "Paid by card"),
        (500, 372, "-60.00"), (300, 388, "Left"), (500, 388, "751.00"),
    )  # fmt: skip
    assert read("totals.gross", *printed) == "811.00"


def test_the_only_amount_of_a_letter_is_its_total() -> None:
    printed = *HEAD, (50, 300, "for the repair we agreed on a fixed price of 1.260,00 Euro.")
    assert read("totals.gross", *printed) == "1.260,00"
    assert read("totals.gross", *HEAD, (50, 300, "Order"), (120, 300, "7781")) is None


@pytest.mark.parametrize("extra", [(), ((300, 356, "0.50"),)])
def test_a_row_of_net_rate_and_tax_ends_in_the_total(extra: tuple[Printed, ...]) -> None:
    total = "112.50" if extra else "112.00"
    row = (50, 356, "100.00"), (180, 356, "12.00"), *extra, (420, 356, total)
    printed = *HEAD, (50, 340, "Netto"), (180, 340, "Moms 12 %"), (420, 340, "ATT SWISHA"), *row
    assert read("totals.gross", *printed) == total
    assert read("totals.tax", *printed) == "12.00"


def test_a_quantity_on_the_line_of_a_total_is_not_it() -> None:
    printed = *HEAD, (50, 300, "Total"), (250, 300, "406.00 Nos"), (450, 300, "₹ 2,65,917.76")
    assert str(read("totals.gross", *printed)).endswith("2,65,917.76")


def test_net_and_tax_alone_close_a_sum_before_net_charges_and_tax() -> None:
    printed = (
        *HEAD, (300, 300, "Total HT"), (500, 300, "904,10 €"), (300, 316, "Port"),
        (500, 316, "12,00 €"), (300, 332, "Net HT"), (500, 332, "916,10 €"), (300, 348, "TVA"),
        (500, 348, "147,51 €"), (300, 364, "NET À PAYER"), (500, 364, "1 063,61 €"),
    )  # fmt: skip
    assert str(read("totals.net", *printed)).startswith("916,10")


def test_a_currency_behind_a_label_leaves_it_whole() -> None:
    printed = (
        *HEAD, (50, 300, "Goods"), (200, 300, "TOTALE FATTURA EURO"), (50, 314, "18.20"),
        (200, 314, "702,62"),
    )  # fmt: skip
    assert read("totals.gross", *printed) == "702,62"


@pytest.mark.parametrize(
    "printed",
    [
        ((300, 40, "Número"), (420, 40, "Fecha"), (300, 54, "2025-A/009"), (420, 54, "15/05/2025")),
        ((300, 40, "Nr."), (340, 40, "2025-A/009")),
        ((300, 40, "Proforma No. & Date"), (300, 54, "2025-A/009 dt. 19.02.2026")),
        ((50, 60, "RECHNUNG"), (300, 60, "Nummer/Datum"), (300, 74, "2025-A/009/ 19.02.2026")),
        ((300, 40, "FACTURA DE ALQUILER"), (300, 54, "2025-A/009")),
    ],
)
def test_where_papers_print_their_number(printed: tuple[Printed, ...]) -> None:
    assert read("invoice_number", (50, 40, "Ann Lee"), *printed) == "2025-A/009"


def test_one_label_for_number_and_day_gives_the_day_too() -> None:
    printed = (300, 40, "PO Number/Date"), (420, 40, "4500417088 /"), (420, 54, "24.11.2026")
    assert read("po_number", *printed, schema="purchase_order") == "4500417088"
    assert read("issue_date", *printed, schema="purchase_order") == "24.11.2026"


@pytest.mark.parametrize("label", ["Reference No. & Date", "Lieferscheinnr./Datum", "Nummer/Datum"])
def test_number_and_day_of_another_paper_are_not_the_invoices(label: str) -> None:
    printed = (50, 40, "Ann Lee"), (300, 100, label), (300, 114, "Q/0551 19.02.2026")
    assert read("invoice_number", *printed) is None


def test_numbers_one_below_another_are_those_of_rows() -> None:
    rows = (50, 300, "Nr."), (50, 314, "A-1001"), (50, 328, "A-1002")
    assert read("invoice_number", (50, 40, "Ann Lee"), *rows) is None


def test_a_number_has_a_digit_and_no_account_is_one() -> None:
    printed = (300, 40, "INVOICE"), (300, 54, "PAGE"), (300, 68, "NUMBER 0338217")
    assert read("invoice_number", *printed) == "0338217"
    account = (50, 40, "Bankszámla: 0099 0010 4418 7720 1300 0000"), (50, 90, "SZÁMLA")
    assert read("invoice_number", *account) is None


def test_an_invoice_that_a_row_credits_is_another() -> None:
    printed = (
        (50, 40, "Fakturanummer"), (50, 54, "26307"),
        (50, 500, "Kreditering felaktig tid, faktura 26190"), (500, 500, "-847,50"),
    )  # fmt: skip
    assert read("invoice_number", *printed) == "26307"


def test_a_day_that_leads_a_line_of_remarks_is_the_day_of_issue() -> None:
    line = "7 augustus 2026 · behoort bij factuur VF-263388 van 21 juli 2026"
    assert read("issue_date", (50, 40, "Creditnota CN-260417"), (50, 60, line)) == "7 augustus 2026"


@pytest.mark.parametrize(
    "day", ["van 4 augustus 2025, te voldoen vóór 18 augustus 2025", "vom 4. August 2025"]
)
def test_the_line_below_a_titles_number_gives_its_day(day: str) -> None:
    printed = (50, 40, "Factuur 20253306"), (50, 54, day), (50, 300, "Levering 11-07-2025")
    assert str(read("issue_date", *printed)).startswith("4")


def test_words_in_brackets_belong_to_the_label_before_them() -> None:
    printed = (50, 40, "Invoice 17"), (50, 60, "Bill date (tax point): 1 June 2026")
    assert read("issue_date", *printed) == "1 June 2026"


def test_a_letters_day_may_stand_before_a_remark() -> None:
    line = "Horn, 22.04.2025 – Ihre Bestellung vom 15.04.2025 per E-Mail."
    assert read("issue_date", (50, 40, "Rechnung 17"), (50, 60, line)) == "22.04.2025"


def test_days_in_rows_are_not_the_day_of_issue() -> None:
    rows = [(f"0{day}/03/2025", f"{day}08.00") for day in (3, 5, 6)]
    table = tuple(
        cell for top, (day, amount) in zip((220, 236, 252), rows, strict=True)
        for cell in ((50, top, day), (150, top, "KMO"), (500, top, amount))
    )  # fmt: skip
    printed = (50, 40, "Ann Lee"), (50, 60, "March 31, 2025"), (50, 200, "Date"), *table
    assert read("issue_date", *printed) == "March 31, 2025"


def test_payment_is_asked_for_behind_the_day_as_well() -> None:
    line = "Der Betrag ist bis 10. Juli 2026 an die Gemeindekasse zu überweisen."
    assert read("due_date", *HEAD, (50, 400, line)) == "10. Juli 2026"


def test_umlauts_may_be_spelled_out() -> None:
    assert read("due_date", *HEAD, (50, 300, "Faellig am: 26.02.2026")) == "26.02.2026"


def test_an_account_number_goes_on_in_the_next_line_of_a_text() -> None:
    lines = "Please pay to account (IBAN GB33 BUKB 2020 1555", "5555 55) by 1st June."
    printed = *HEAD, *((50, 400 + 14 * n, line) for n, line in enumerate(lines))
    assert str(read("payment.iban", *printed)).strip(") ") == "GB33 BUKB 2020 1555 5555 55"


SELLER: tuple[Printed, ...] = (
    (50, 40, 16, "Fern Services Ltd"), (50, 60, "1 Dock Road"), (50, 74, "Hull HU1 2AB"),
    (400, 40, "INVOICE"), (400, 60, "Invoice number: 4711"), (400, 74, "Date: 3 May 2025"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("Claddagh Stores Ltd.,", "Accounts Dept.,", "Docks Road,", "Galway."), "Claddagh Stores"),
        (("Mrs J Pellow", "Trewarne Cottage", "Church Lane", "St Keyne"), "Mrs J Pellow"),
        (("For:", "Saltgrass Kitchen LLC", "27 Harbor Loop", "Anacortes"), "Saltgrass Kitchen LLC"),
    ],
)
def test_an_addressee_without_a_postcode(lines: tuple[str, ...], name: str) -> None:
    window = tuple((50, 160 + 13 * n, line) for n, line in enumerate(lines))
    assert str(read("buyer.name", *SELLER, *window)).startswith(name)


def test_a_window_right_below_the_letterhead() -> None:
    lines = (
        "Kallenbach & Söhne OHG · Gewerbepark 6 · 52078 Aachen", "Printenfabrik Oellers GmbH",
        "Rechnungsprüfung", "Süsterfeldstraße 88", "52072 Aachen",
    )  # fmt: skip
    block = tuple((50, 60 + 13 * n, line) for n, line in enumerate(lines))
    assert read("buyer.name", (50, 47, "KALLENBACH"), *block) == "Printenfabrik Oellers GmbH"


def test_a_person_before_the_company_they_work_for() -> None:
    lines = (
        "Bill to",
        "Mme Solène Cazaubon",
        "Directrice",
        "Conserverie du Gave SAS",
        "ZI du Pont 1",
    )
    block = tuple((50, 160 + 13 * n, line) for n, line in enumerate(lines))
    assert read("buyer.name", *SELLER, *block) == "Conserverie du Gave SAS"


def test_a_labelled_name_and_its_address_stand_on_one_line() -> None:
    printed = (
        (50, 40, "Inkooporder"), (50, 60, "Ordernummer"), (200, 60, "IO26-0559"),
        (50, 80, "Leverancier"), (200, 80, "Maatschap Buis, Zandvaart 12, 2211 ZZ Rijp"),
    )  # fmt: skip
    assert read("seller.name", *printed, schema="purchase_order") == "Maatschap Buis"


def test_an_office_to_bill_is_not_who_orders() -> None:
    printed = (
        (50, 40, 16, "Cascadia Ridge Hospital District"), (50, 60, "2100 Alder Drive"),
        (50, 74, "Wenatchee, WA 98801"), (400, 40, "PURCHASE ORDER"), (400, 60, "PO Number: 71842"),
        (50, 160, "VENDOR"), (50, 173, "Bluefin Supply Co."), (50, 186, "4410 Commerce Pkwy"),
        (50, 199, "Boise, ID 83709"), (300, 160, "BILL TO"), (300, 173, "CRHD Accounts Payable"),
        (300, 186, "PO Box 1180"), (300, 199, "Wenatchee, WA 98807"),
    )  # fmt: skip
    found = read("buyer.name", *printed, schema="purchase_order")
    assert found == "Cascadia Ridge Hospital District"


def test_the_foot_names_the_seller_in_one_line() -> None:
    foot = (
        "Locavert Lease SA · Avenue de l'Industrie 9 · 1420 Braine-l'Alleud · RPM Nivelles · TVA BE"
        " 0471.883.323 · IBAN BE98 7350 4178 8493 · Tél. 02 555 41 70 · www.locavert.example"
    )
    window = ("Boulangerie Delcroix", "Chaussée de Namur 118", "5030 Gembloux")
    lines: tuple[Printed, ...] = tuple((50, 160 + 13 * n, line) for n, line in enumerate(window))
    printed: tuple[Printed, ...] = (
        (50, 40, 16, "FACTURE"), *lines,
        (350, 160, "Contrats"), (450, 160, "88417-01"), (50, 790, 5, foot),
    )  # fmt: skip
    assert read("seller.name", *printed) == "Locavert Lease SA"


def test_what_somebody_does_stands_below_their_name_in_smaller_print() -> None:
    printed = (
        (50, 40, 18, "Camille Vasseur"), (50, 66, "Photographe"), (50, 80, "5, venelle du Four"),
        (50, 94, "29300 Quimperlé"), (50, 108, "SIRET 509 441 788 00018"), (400, 40, "FACTURE"),
    )  # fmt: skip
    assert read("seller.name", *printed) == "Camille Vasseur"


def test_what_a_discount_leaves_is_the_total_of_a_receipt() -> None:
    printed = (
        (50, 40, "Farmácia Azul Ltda"), (50, 60, "21/07/2026 15:03"), (50, 80, "Cabo HDMI"),
        (400, 80, "69,80"), (50, 94, "Mouse"), (400, 94, "135,40"), (50, 108, "Valor total R$"),
        (400, 108, "205,20"), (50, 122, "Desconto R$"), (400, 122, "10,00"),
        (50, 136, "Valor a pagar R$"), (400, 136, "195,20"), (50, 150, "Pix"), (400, 150, "195,20"),
    )  # fmt: skip
    assert read("total", *printed, schema="receipt") == "195,20"


def test_thousands_in_letters_of_one_width() -> None:
    words = (50, 40, "ÖSSZESEN:"), (400, 40, "9"), (409, 40, "950"), (430, 40, "Ft")
    assert str(read("total", *words, schema="receipt")).startswith("9 950")


def test_a_series_is_no_currency() -> None:
    printed = (50, 40, "Fatura FR 2026A/2094"), (50, 300, "TOTAL (EUR)"), (400, 300, "341,08")
    assert read("currency", *printed) == "EUR"


def test_a_line_with_a_day_names_nobody() -> None:
    printed = *SELLER, (50, 160, "Te betalen voor: 27/02/26"), (50, 173, "Klant: 4420 Route: 7")
    assert read("buyer.name", *printed) is None


def test_the_tax_of_one_of_two_rates_is_not_the_tax() -> None:
    printed = (
        (50, 40, "AU FOURNIL DE MARGOT SARL"), (50, 60, "06/06/2026 07:31"), (50, 80, "Tarte"),
        (400, 80, "72,80 €"), (50, 94, "Sac"), (400, 94, "0,20 €"), (50, 108, "TOTAL TTC"),
        (400, 108, "73,00 €"), (50, 122, "TVA 5,50% sur HT 69,00"), (400, 122, "3,80"),
        (50, 136, "TVA 20,00% sur HT 0,17"), (400, 136, "0,03"),
        (50, 115, "CB"), (400, 115, "73,00"),
    )  # fmt: skip
    assert read("tax_total", *printed, schema="receipt") is None


def test_a_street_below_whom_to_turn_to_names_nobody() -> None:
    lines = (
        "Brackenridge Academy",
        "Attention: Finance Office",
        "Old Mill Lane",
        "KETTERING",
        "NN15 6QD",
    )
    window = tuple((50, 160 + 13 * n, line) for n, line in enumerate(lines))
    assert read("buyer.name", *SELLER, *window) != "Old Mill Lane"


def test_who_is_delivered_to_is_not_who_is_written_to() -> None:
    left = ("Milena Brockhage", "Lindenallee 14a", "04158 Leipzig")
    right = ("Lieferadresse:", "Packstation 133", "Postnr. 90044182", "04158 Leipzig")
    window = tuple((50, 160 + 13 * n, line) for n, line in enumerate(left))
    other = tuple((250, 160 + 13 * n, line) for n, line in enumerate(right))
    assert read("buyer.name", *SELLER, *window, *other) == "Milena Brockhage"


def test_a_parts_name_is_no_currency() -> None:
    printed = (
        *HEAD, (50, 300, "Klemmring KR 30"), (500, 300, "10,24"), (50, 316, "Gesamt EUR"),
        (500, 316, "10,24"),
    )  # fmt: skip
    assert read("currency", *printed) == "EUR"


def test_on_a_payment_slip_the_recipient_is_who_is_paid() -> None:
    window = ("Sameiet Granlitoppen", "v/ Hagen Forvaltning", "Postboks 4471", "2608 Lillehammer")
    printed: tuple[Printed, ...] = (
        *((50, 110 + 13 * n, line) for n, line in enumerate(window)), (50, 40, 14, "Faktura"),
        (50, 220, "Øverbygd Maskin AS"), (50, 233, "Sagstuvegen 3, 2636 Øyer"),
        (50, 246, "Org.nr. NO 961 101 573 MVA"),
        (50, 760, "Mottaker: Øverbygd Maskin AS"), (300, 760, "Betaler: Sameiet Granlitoppen"),
    )  # fmt: skip
    assert read("buyer.name", *printed) != "Øverbygd Maskin AS"


def test_a_line_with_a_day_below_a_label_names_nobody() -> None:
    printed = *SELLER, (50, 160, "Klant:"), (50, 173, "Te betalen voor: 27/02/26")
    assert read("buyer.name", *printed) is None


def test_a_number_with_its_label_is_no_addressee() -> None:
    lines = ("Vertragskonto 200 311 874", "Rainweg 3", "34117 Kassel")
    window = tuple((50, 160 + 13 * n, line) for n, line in enumerate(lines))
    assert read("buyer.name", *SELLER, *window) is None


def test_an_account_number_with_a_space_behind_its_country() -> None:
    printed = *HEAD, (50, 400, "IBAN: PL 09 1111 6136 3255 0204 9737 7213")
    assert read("payment.iban", *printed) == "PL 09 1111 6136 3255 0204 9737 7213"


def test_a_foot_names_a_seller_without_a_companys_form() -> None:
    foot = (
        "Wasserverband Hasetal · Klärstraße 1 · 49565 Bramsche · Vorstand: Dr. S. Tappe"
        " · USt-IdNr. DE144028717 · IBAN DE60 2655 0105 0000 0711 82 · www.hase.example"
        " · Tel. 0541 5557000"
    )
    window = tuple(
        (50.0, 160.0 + 13 * n, line)
        for n, line in enumerate(("Karin Wübbels", "Am Diekhof 7", "49134 Wallenhorst"))
    )
    assert read("seller.name", *window, (50, 790, 5, foot)) == "Wasserverband Hasetal"

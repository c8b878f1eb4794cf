"""Whose a number or a day is where several papers are named, and labels few lists hold."""

from __future__ import annotations

import pytest
from support.two_parties import PARTIES, read
from support.word_pages import A4, ask, leaf

from docextract.engine.text.labels.total_kinds import sense
from docextract.engine.text.layout import read_layout

_LIKELY = 0.5


@pytest.mark.parametrize(
    "other",
    [
        "Lieferschein 882 vom 26.9.2025",
        "Auf Grundlage Ihres Angebots 25-331 vom 20.9.2025",
        "Delivery note no. 4471 dated 26.9.2025",
    ],
)
def test_the_day_of_another_papers_number_is_not_the_day_of_issue(other: str) -> None:
    title = (50.0, 210.0, "Rechnung 4471")
    assert read("issue_date", title, (50, 230, other)) is None
    assert read("issue_date", title, (300, 210, "30.9.2025"), (50, 230, other)) == "30.9.2025"


def test_a_sentence_below_a_day_makes_no_column_of_days() -> None:
    head = ((50.0, 210.0, "Nummer"), (150.0, 210.0, "Datum"), (250.0, 210.0, "Termin"))
    values = ((50.0, 224.0, "B25-719"), (150.0, 224.0, "26.08.2025"), (250.0, 224.0, "KW 37"))
    prose = "Auf Grundlage des gemeinsamen Gespräches vom 20.08.2025 bestellen wir frei Ihren Hof:"
    page = A4.page(*PARTIES, *head, *values, (50, 250, prose))
    assert ask("purchase_order", page).probabilities["issue_date"] > _LIKELY


def test_a_number_that_looks_like_a_day_where_days_look_otherwise() -> None:
    title = (50.0, 210.0, "Faktura VAT nr 17/05/2025")
    day = (350.0, 210.0, "Data wystawienia: 23.05.2025")
    assert read("invoice_number", title, day) == "17/05/2025"
    assert read("issue_date", title, day) == "23.05.2025"
    day = (350.0, 210.0, "Data wystawienia: 23/05/2025")
    assert read("invoice_number", title, day) is None


@pytest.mark.parametrize("number", ["20260911-02", "20260318"])
def test_a_number_that_begins_with_a_day(number: str) -> None:
    order = ((50.0, 210.0, "PO NUMBER"), (300.0, 210.0, "PO DATE"))
    values = ((50.0, 224.0, number), (300.0, 224.0, "09/11/2026"))
    assert read("po_number", *order, *values, schema="purchase_order") == number


def test_days_in_cells_beside_words_make_no_column() -> None:
    rows = [
        ("Marisol Trevino", "Rental unit B", "Feb 6, 2026"),
        ("418 Sycamore Ave", "77 Mill St", "Work completed Feb 4, 2026"),
        ("New Braunfels", "Seguin", "Please pay by Feb 20, 2026"),
    ]
    printed = [
        (left, 210.0 + 14 * n, text)
        for n, row in enumerate(rows)
        for left, text in zip((50.0, 220.0, -545.0), row, strict=True)
    ]
    title = ((50.0, 180.0, "Invoice number: 1187"), (50.0, 600.0, "Amount due: $242.12"))
    assert read("issue_date", *title, *printed) == "Feb 6, 2026"


def test_two_labelled_days_side_by_side_are_no_period() -> None:
    line = (50.0, 210.0, "Ordered 30/05/2025 Promised 13/06/2025")
    assert read("issue_date", line, schema="purchase_order") == "30/05/2025"
    line = (50.0, 210.0, "Ordered 30/05/2025 to 13/06/2025")
    assert read("issue_date", line, schema="purchase_order") is None


@pytest.mark.parametrize("line", ["Próxima cita: 23/03/2025 10:30", "Entrée 23/03/25 07:41"])
def test_the_day_of_something_to_come_is_not_that_of_a_sale(line: str) -> None:
    receipt = ((50.0, 210.0, line), (50.0, 230.0, "19/01/2025"))
    found = leaf(ask("receipt", A4.page(*PARTIES, *receipt)).values, "date")
    assert found == "19/01/2025"


@pytest.mark.parametrize(
    ("terms", "day"),
    [
        (
            "Échéance : 03/10/2025 par virement. Pas d'escompte pour paiement anticipé.",
            "03/10/2025",
        ),
        ("Règlement à 30 jours, soit le 21/06/2026, par virement.", "21/06/2026"),
        ("Der Betrag ist ohne Abzug fällig bis zum 14.03.2026.", "14.03.2026"),
        (
            "Zahlbar bis 01.06.2026 mit 2 % Skonto vom Restbetrag oder bis 17.06.2026 netto.",
            "17.06.2026",
        ),
        (
            "Please pay within two weeks less 2 % discount of the balance or by 17 June 2026 net.",
            "17 June 2026",
        ),
        ("à régler d'ici le 1er novembre 2025", "1er novembre 2025"),
    ],
)
def test_the_last_day_to_pay_in_a_sentence(terms: str, day: str) -> None:
    assert read("due_date", (50, 700, terms)) == day


def test_two_days_with_a_label_each_in_one_line() -> None:
    line = "Miejsce wystawienia: Poznań Data wystawienia: 2026-04-14 Data sprzedaży: 2026-04-13"
    assert read("issue_date", (50, 210, line)) == "2026-04-14"


def test_a_label_in_the_margin_takes_no_number_of_a_row() -> None:
    margin = ((20.0, 312.0, "Facture N°"), (20.0, 326.0, "VEN/2025/0217"))
    rows = [
        ("Libellé", "Qté", "Prix", "Total"),
        ("Étude", "1", "3.850,00", "3.850,00"),
        ("Déplacement", "316", "0,43", "135,79"),
    ]
    table = [
        (left, 284.0 + 14 * n, text)
        for n, row in enumerate(rows)
        for left, text in zip((170.0, 330.0, 400.0, 480.0), row, strict=True)
    ]
    assert read("invoice_number", (170, 210, "FACTURE"), *margin, *table) == "VEN/2025/0217"


def test_a_label_in_the_margin_takes_what_stands_below_it() -> None:
    margin = ((20.0, 298.0, "P.O."), (20.0, 312.0, "WM-0093"))
    rows = ((170.0, 298.0, "Abrasive spreading"), (400.0, 298.0, "4 @ $62.00 = $248.00"))
    assert read("purchase_order", *margin, *rows) == "WM-0093"


def test_a_number_and_its_day_below_a_title() -> None:
    memo = ((50.0, 210.0, "Credit memo"), (50.0, 224.0, "CM-55019 / Feb 10, 2026"))
    applies = ((300.0, 260.0, "Invoice INV-204471"), (300.0, 274.0, "issued Jan 31, 2026"))
    assert read("invoice_number", *memo, *applies) == "CM-55019"
    assert read("issue_date", *memo, *applies) == "Feb 10, 2026"


def test_the_number_of_their_order_goes_before_the_issuers() -> None:
    issuers = ((50.0, 210.0, "Ordernr"), (150.0, 210.0, "S-70442"))
    theirs = ((50.0, 224.0, "Ert ordernr"), (150.0, 224.0, "VB24-019"))
    assert read("purchase_order", *issuers, *theirs) == "VB24-019"
    assert read("purchase_order", *issuers) == "S-70442"


def test_a_label_printed_apart_says_whose_its_day_is() -> None:
    labels = ((300.0, 190.0, "Ihr Auftrag vom"), (300.0, 204.0, "11.8.2025 (Mail)"))
    own = ((300.0, 160.0, "Datum"), (300.0, 174.0, "27. August 2025"))
    assert read("issue_date", *own, *labels) == "27. August 2025"


def test_a_sum_and_its_day_behind_one_label() -> None:
    line = (50.0, 600.0, "Balance due by 21 October 2025 £548.50")
    assert read("due_date", line) == "21 October 2025"
    assert read("totals.amount_due", line) == "£548.50"


def test_a_code_may_have_a_dot_in_its_middle() -> None:
    assert read("invoice_number", (50, 210, "factura 2025·09")) == "2025·09"


def test_an_account_is_no_title_though_it_ends_as_one() -> None:
    account = (50.0, 190.0, "Bankszámla: 11735005-20488116")
    title = ((50.0, 210.0, "SZÁMLA"), (350.0, 210.0, "Sorszám: KÖ-2026/0094"))
    assert read("invoice_number", account, *title) == "KÖ-2026/0094"


def test_a_day_beside_the_number_of_an_order_is_the_orders() -> None:
    cells = [
        ("Invoice No.", "Dated"), ("SVT/25-26/0892", "18-Aug-25"), ("Mode of Payment", ""),
        ("45 Days", ""), ("Buyer's Order No.", "Dated"), ("NG/PO/339", "07-Aug-25"),
    ]  # fmt: skip
    printed = [
        (left, 210.0 + 16 * n, text)
        for n, row in enumerate(cells)
        for left, text in zip((300.0, 450.0), row, strict=True)
        if text
    ]
    assert read("issue_date", *printed) == "18-Aug-25"


def test_a_year_and_a_number_with_a_dash_between() -> None:
    title = ((50.0, 210.0, "BON DE COMMANDE"), (50.0, 226.0, "N° 2026 – 0078"))
    assert read("po_number", *title, schema="purchase_order") == "2026 – 0078"


@pytest.mark.parametrize(
    ("first", "second", "account"),
    [
        ("by transfer to IBAN IE29", "AIBK 9311 5212 3456 78.", "IE29 AIBK 9311 5212 3456 78"),
        ("over te maken op NL91 ABNA", "0417 1643 00 t.n.v. Vink", "NL91 ABNA 0417 1643 00"),
        ("by transfer to IBAN IE29", "AIBK 9311 5212 3456 79.", None),
    ],
)
def test_an_account_number_that_a_line_breaks(first: str, second: str, account: str | None) -> None:
    assert read("payment.iban", (50, 700, first), (50, 712, second)) == account


ROWS = [
    ("Tétel", "Nettó", "ÁFA", "Bruttó"), ("Fotózás", "108 000", "29 160", "137 160"),
    ("Kiszállás", "24 500", "6 615", "31 115"), ("Összesen", "132 500", "35 775", "168 275"),
]  # fmt: skip


@pytest.mark.parametrize("total", ["Fizetendő: 168 275 Ft", "Fizetendő: 168 275"])
def test_whole_amounts_with_their_thousands_apart(total: str) -> None:
    table = [
        (left, 300.0 + 14 * n, text)
        for n, row in enumerate(ROWS)
        for left, text in zip((50.0, 250.0, 350.0, 450.0), row, strict=True)
    ]
    assert read("totals.net", *table, (350, 380, total)) == "132 500"
    assert read("totals.tax", *table, (350, 380, total)) == "35 775"


def test_the_number_at_the_end_of_a_name_beside_the_title_is_none_of_it() -> None:
    title = (250.0, 210.0, "FACTURĂ FISCALĂ")
    name = (400.0, 210.0, "ASOCIAȚIA DE PROPRIETARI NR. 114")
    own = (250.0, 240.0, "Seria și nr.: TIC 004471")
    assert read("invoice_number", title, name, own) == "TIC 004471"


def test_a_label_for_the_number_over_the_line_of_the_title() -> None:
    cells = [
        ("Tipo documento", "Numero", "Data"), ("FATTURA DIFFERITA", "1186/A", "31/05/2025"),
        ("DDT", "", "Pagamento"), ("n. 902 del 14/05/2025, n. 948 del 22/05/2025", "", ""),
    ]  # fmt: skip
    printed = [
        (left, 210.0 + 14 * n, text)
        for n, row in enumerate(cells)
        for left, text in zip((50.0, 300.0, 400.0), row, strict=True)
        if text
    ]
    assert read("invoice_number", *printed) == "1186/A"


def test_the_foot_of_a_column_is_its_total_however_its_numbers_are_set() -> None:
    rows = [("4819", "51,000.00", "9,180.00"), ("3919", "5,472.00", "984.96")]
    rows.append(("Total", "56,472.00", "10,164.96"))
    head = ((50.0, 500.0, "HSN/SAC"), (200.0, 500.0, "Taxable Value"))
    table = [
        (left, 512.0 + 12 * n, text)
        for n, row in enumerate(rows)
        for left, text in zip((50.0, 270.0, 500.0), row, strict=True)
    ]
    assert read("totals.tax", *head, (350, 500, "Total Tax Amount"), *table) == "10,164.96"


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("GST included in total", "tax"),
        ("TVA comprise dans le total", "tax"),
        ("VAT inclusive total", "gross"),
        ("Total incl. VAT", "gross"),
    ],
)
def test_a_tax_that_is_within_the_total_is_the_tax(label: str, kind: str) -> None:
    (line,) = read_layout([A4.page((50, 50, label))]).lines
    assert sense(line.tokens) == kind


@pytest.mark.parametrize(
    ("path", "label", "value"),
    [
        ("due_date", "Exigible le", "14.03.2026"),
        ("due_date", "Pagare entro", "14.03.2026"),
        ("purchase_order", "Uw inkoopnummer", "4500118274"),
        ("purchase_order", "Deres bestilling", "FH-7719"),
        ("purchase_order", "V/ requisição", "REQ 0219"),
        ("invoice_number", "Credit ref", "CN0093"),
        ("totals.amount_due", "Líquido a percibir", "3.870,06"),
        ("totals.net", "Momsgrundlag", "3.870,06"),
    ],
)
def test_more_ways_to_say_it(path: str, label: str, value: str) -> None:
    assert read(path, (50, 600, label), (250, 600, value)) == value


@pytest.mark.parametrize("other", ["Customer no. HP-20391", "Sales rep 10442", "Policy no. 88-1"])
def test_the_label_of_another_number_is_no_part_of_the_one_below_a_title(other: str) -> None:
    assert read("invoice_number", (400, 40, 18, "INVOICE"), (400, 62, other)) != other


@pytest.mark.parametrize(
    "printed",
    [
        "Facture F24-0652 du 9 juillet 2024 — Bon de livraison 24-0931 du 05/07/2024",
        "Facture F24-0652 · 9 juillet 2024 · BL 24-0931 du 05/07/2024",
    ],
)
def test_the_day_right_behind_the_number_of_a_paper_is_its_own(printed: str) -> None:
    order = (50.0, 246.0, "Votre commande du 1 juillet 2024")
    assert read("issue_date", (50, 230, printed), order) == "9 juillet 2024"
    for other in ("delivery_date", "period_start", "period_end", "tax_point_date", "due_date"):
        assert read(other, (50, 230, printed), order) is None


def test_a_sentence_may_follow_the_place_and_day_of_a_letter() -> None:
    letter = (50.0, 230.0, "Saint-Aubin, le 15 octobre 2024. Suivant votre devis du 3 octobre 2024")
    assert read("issue_date", letter) == "15 octobre 2024"


def test_a_label_between_two_days_makes_no_period_of_them() -> None:
    printed = "factuurnummer 2024-022, factuurdatum 15 april 2024, vervaldatum 15 mei 2024"
    assert read("issue_date", (50, 230, printed)) == "15 april 2024"


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Re: our order RTC-26-18, your estimate 4417 of April 28, 2026", "RTC-26-18"),
        ("Please supply the following under our order number CCIL-9, to be collected", "CCIL-9"),
        ("Order for goods 0655", "0655"),
        ("Zamówienie do dostawcy ZD 57/MAG/2025", "ZD 57/MAG/2025"),
    ],
)
def test_who_orders_says_our_order(printed: str, number: str) -> None:
    assert read("po_number", (50, 230, printed), schema="purchase_order") == number


@pytest.mark.parametrize("label", ["PRO NUMBER", "PRO #", "Pro No."])
def test_a_freight_bill_has_the_number_of_its_shipment(label: str) -> None:
    title = (50.0, 60.0, "FREIGHT BILL")
    assert read("invoice_number", title, (50, 230, label), (200, 230, "5502187")) == "5502187"


def test_the_number_of_an_account_is_not_that_of_the_invoice() -> None:
    account = (50.0, 120.0, "Číslo účtu 19-4410882207/0100")
    assert read("invoice_number", account) is None
    assert read("invoice_number", (50, 120, "Číslo 2026100772")) == "2026100772"


@pytest.mark.parametrize(
    "printed",
    [
        "Zahlung: 40 % bei Bestellung 60 % bei Lieferung",
        "Conditions : 30 % à la commande 70 % à la livraison",
        "Anzahlung bei Bestellung: 30 %",
        "gemäß Ihrer Bestellung 5 000 Etiketten frei Haus",
        "Ihre Bestellung: 12 500 Stück",
    ],
)
def test_a_share_or_a_count_is_no_number_of_an_order(printed: str) -> None:
    assert read("purchase_order", (50, 400, printed)) is None


@pytest.mark.parametrize(
    "lines",
    [
        ("Schlussrechnung", "zu Abschlagsrechnung Nr. 4301 und 4355", "Nummer 4410"),
        ("FINAL INVOICE", "following interim invoice no. 4301", "No. 4410"),
        ("FACTURE DE SOLDE", "suite à facture d'acompte n° 4301", "N° 4410"),
    ],
)
def test_the_invoice_before_is_not_this_one(lines: tuple[str, ...]) -> None:
    printed = [(50.0, 120.0 + 14 * n, text) for n, text in enumerate(lines)]
    assert read("invoice_number", *printed) == "4410"
    assert read("invoice_number", (50, 120, "Re: Invoice no. 4301")) == "4301"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Su pedido", "N/Pedido"),
        ("Vs. ordine", "Ns. ordine"),
        ("Uw ordernr.", "Ons ordernr."),
        ("Ihre Bestell-Nr.", "Unsere Bestell-Nr."),
        ("Order ref", "Order ref (ours)"),
        ("V/ encomenda", "N/ encomenda"),
    ],
)
def test_an_order_that_its_issuer_calls_its_own_is_none_of_the_addressee(
    theirs: str, ours: str
) -> None:
    assert read("purchase_order", (50, 210, f"{theirs}: 4711-B")) == "4711-B"
    page = A4.page(*PARTIES, (50, 210, f"{ours}: 4711-B"))
    assert ask("invoice", page).probabilities.get("purchase_order", 0.0) < _LIKELY


@pytest.mark.parametrize(
    "sentence",
    [
        "Diese Rechnung ersetzt unsere Rechnung Nr. RE-4401 vom 02.09.2026.",
        "This invoice replaces invoice no. 4401 dated 2 September 2026.",
        "Annule et remplace la facture n° F-4401 du 02/09/2026.",
        "Your invoice no. 4402 of 1 September remains unpaid; please settle.",
        "Invoice no. 4402 has been credited in full.",
        "Kopie der Rechnung Nr. 4402 vom 01.08.2026 liegt bei.",
        "Our invoice no. 4402 of 3 March is awaiting your payment as well",
        "With reference to our pro forma invoice no. PF-771 dated 28 Aug 2026.",
    ],
)
@pytest.mark.parametrize("label", ["Invoice number: 26-4418", "Rechnungsnummer: 26-4418"])
def test_the_invoice_a_sentence_tells_of_is_another(sentence: str, label: str) -> None:
    own = (350, 200, label), (350, 213, "Date: 14.09.2026")
    assert read("invoice_number", (50, 230, sentence), *own) == "26-4418"
    assert read("issue_date", (50, 230, sentence), *own) == "14.09.2026"


@pytest.mark.parametrize(
    "terms",
    [
        "If paid by 09/24/2026",
        "Zahlung bis 24.09.2026 abzgl. 2 % Skonto",
        "If you pay by 24 Sep 2026",
    ],
)
def test_the_day_up_to_which_less_is_paid_is_not_the_last(terms: str) -> None:
    assert read("due_date", (50, 600, terms), (-560, 600, "$1,574.20")) is None
    assert read("due_date", (50, 600, "Please pay by 24 Sep 2026")) == "24 Sep 2026"


@pytest.mark.parametrize(
    "label",
    [
        "Échéance garantie",
        "Scadenza garanzia",
        "Échéance du contrat",
        "Vencimiento póliza",
        "Vervaldatum polis",
        "Vencimento da apólice",
    ],
)
def test_the_end_of_something_else_is_no_day_to_pay(label: str) -> None:
    assert read("due_date", (350, 210, f"{label}:"), (480, 210, "20/10/2028")) is None
    own = label.split()[0]
    assert read("due_date", (350, 210, f"{own}:"), (480, 210, "20/10/2028")) == "20/10/2028"


@pytest.mark.parametrize(
    "sentence",
    [
        "Zahlungsziel 14 Tage netto. Einwendungen bitte bis 30.11.2026 schriftlich mitteilen.",
        "Payment terms: 30 days. Please return the empty pallets by 15 November 2026.",
        "Die Preisgarantie gilt bis 31.12.2027. Zahlbar sofort nach Erhalt.",
    ],
)
def test_a_day_in_the_sentence_before_or_behind_is_no_day_to_pay(sentence: str) -> None:
    assert read("due_date", (50, 600, sentence)) is None


@pytest.mark.parametrize(
    "line",
    [
        "Ersatzfilter erhalten Sie unter Bestellnummer 44-118.",
        "Nabestellen? Bestelnummer 44-118.",
        "To order again quote order number 44-118",
    ],
)
def test_a_number_to_order_by_is_none_of_an_order(line: str) -> None:
    page = A4.page(*PARTIES, (50, 600, line))
    assert ask("invoice", page).probabilities.get("purchase_order", 0.0) < _LIKELY


@pytest.mark.parametrize("label", ["Nästa leverans", "Leverdatum volgende zending"])
def test_the_next_delivery_is_not_this_one(label: str) -> None:
    printed = (350, 210, f"{label}:"), (500, 210, "2026-11-24")
    found = ask("invoice", A4.page(*PARTIES, *printed)).probabilities.get("delivery_date", 0.0)
    assert found < _LIKELY


@pytest.mark.parametrize(
    "printed",
    ["Copy of invoice no. 4410", "Invoice 4410 for replacing the boiler", "Rechnung Nr. 4410"],
)
def test_the_invoice_a_title_names_is_this_one(printed: str) -> None:
    assert read("invoice_number", (50, 200, printed)) == "4410"


@pytest.mark.parametrize("words", ["Goods supplied to", "According to", "Delivered to your"])
def test_what_was_supplied_to_an_order_has_its_number(words: str) -> None:
    assert read("purchase_order", (50, 210, f"{words} order no. 4711-B")) == "4711-B"

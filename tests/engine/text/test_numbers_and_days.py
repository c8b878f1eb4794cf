"""Numbers, days and amounts as papers print them that nobody prepared the engine for."""

from __future__ import annotations

import pytest
from support.two_parties import read
from support.word_pages import A4, Printed

from docextract.engine.text.labels.total_kinds import total_kind
from docextract.engine.text.layout import read_layout


def listed(*rows: tuple[str, str]) -> tuple[Printed, ...]:
    return tuple(
        (left, 600.0 + 14 * n, text)
        for n, row in enumerate(rows)
        for left, text in zip((250.0, 480.0), row, strict=True)
    )


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Rechnung 81'447", "81'447"),
        ("Honorarrechnung 07-2025", "07-2025"),
        ("Beitragsrechnung B26/4402", "B26/4402"),
        ("Prämienrechnung R 905 771 26", "R 905 771 26"),
        ("Rechnungsnummer: F 58 207 114 309", "F 58 207 114 309"),
        ("Statement No. 48813", "48813"),
        ("FACTURA DE ALQUILER 05/2025-17", "05/2025-17"),
    ],
)
def test_a_number_right_behind_its_title(printed: str, number: str) -> None:
    assert read("invoice_number", (50, 230, 14, printed)) == number


def test_a_number_beside_a_title() -> None:
    assert (
        read("invoice_number", (50, 230, "SCHLUSSRECHNUNG"), (400, 230, "SR 25/061")) == "SR 25/061"
    )


def test_a_number_with_a_stroke_is_read_whole() -> None:
    order = (50.0, 230.0, "Bestellnummer: 4500118422 / 0003")
    assert read("po_number", order, schema="purchase_order") == "4500118422 / 0003"


def test_captions_over_their_values_are_no_values() -> None:
    captions = ((300, 40, "PO NO."), (400, 40, "REV"), (480, 40, "PAGE"))
    values = ((300, 54, "P0087741"), (400, 54, "0"), (480, 54, "1/1"))
    assert read("po_number", *captions, *values, schema="purchase_order") == "P0087741"


@pytest.mark.parametrize(
    "other",
    [
        "FACTURE N° F2026/03-11 (devis D2025/118 accepté le 22/11/2025)",
        "Objekt: MFH Steiner | Ihre Bestellung vom 22.11.2025",
        "Expected dispatch: 22 November 2025",
    ],
)
def test_the_day_of_another_paper_is_not_the_day_of_issue(other: str) -> None:
    assert read("issue_date", (50, 230, other)) is None


def test_the_day_a_letter_begins_with_is_the_day_of_issue() -> None:
    title = (50.0, 250.0, "Rechnung Nr. 77 (Offerte 5 vom 22.11.2025)")
    assert read("issue_date", (50, 230, "Baar, 18. März 2026 / rb"), title) == "18. März 2026"


def test_the_last_day_for_a_discount_is_not_the_due_date() -> None:
    terms = "Zahlbar bis 12.05.2026 mit 2 % Skonto = 582,64 oder bis 28.05.2026 netto."
    assert read("due_date", (50, 700, terms)) != "12.05.2026"


def test_an_account_ends_where_its_country_says() -> None:
    terms = "IBAN GB14BARC20453810482276 BIC BARCGB22"
    assert read("payment.iban", (50, 700, terms)) == "GB14BARC20453810482276"


def test_a_charge_too_small_for_a_tax_is_none() -> None:
    rows = [
        ("Net amount", "1,000.00"), ("Tax", "5.00"), ("Total", "1,005.00"),
        ("VAT 20 %", "201.00"), ("Amount payable", "1,206.00"),
    ]  # fmt: skip
    assert read("totals.tax", *listed(*rows)) == "201.00"
    assert read("totals.gross", *listed(*rows)) == "1,206.00"


def test_a_total_with_tax_is_not_the_tax() -> None:
    lines = ((50, 600, "Samlet pris inkl. moms, DKK"), (400, 600, "33.450,00"))
    part = ((50, 614, "Heraf moms 25 %"), (400, 614, "6.690,00"))
    assert read("totals.tax", *lines, *part) == "6.690,00"


def test_whom_to_turn_to_is_not_the_buyer() -> None:
    printed = ((50, 230, "Attention: Traffic Dept."), (50, 260, "Invoice no. 77"))
    assert read("buyer.name", *printed) != "Traffic Dept."


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Gesamtwert netto EUR", "net"),
        ("Totale ordine (IVA esclusa) €", "net"),
        ("Gesamtnettowert ohne MwSt", "net"),
        ("TOTAL FEES AND COSTS", "gross"),
        ("Total of this statement", "gross"),
        ("Order value AUD", None),
        ("Auftragssumme brutto", "gross"),
        ("Total hours", None),
        ("Zwischensumme Rechnung", None),
        ("Total", None),
    ],
)
def test_labels_made_of_words_of_totals(label: str, kind: str | None) -> None:
    (line,) = read_layout([A4.page((50, 50, label))]).lines
    assert total_kind(line.tokens) == kind


@pytest.mark.parametrize("schema", ["invoice", "purchase_order"])
def test_totals_that_no_list_of_labels_holds(schema: str) -> None:
    net = listed(("Gesamtnettowert ohne MwSt EUR", "3.005,00"))
    gross = listed(("Total professional hours", "29.30"), ("Total of this statement", "9,362.65"))
    assert read("totals.net", *net, schema=schema) == "3.005,00"
    assert read("totals.gross", *gross, schema=schema) == "9,362.65"


def test_the_due_day_behind_a_term_without_discount() -> None:
    assert read("due_date", (50, 700, "Zahlbar ohne Abzug bis 23.03.2026.")) == "23.03.2026"


def test_a_day_that_stands_alone_among_others() -> None:
    others = ((50, 250, "Work done 03/02/2026 in Cham"), (350, 230, "April 6, 2026"))
    assert read("issue_date", *others) == "April 6, 2026"


def test_a_number_behind_a_bare_caption_beside_the_title() -> None:
    printed = ((50, 230, "TAX INVOICE"), (300, 230, "No."), (360, 230, "TH-2291-C3"))
    assert read("invoice_number", *printed) == "TH-2291-C3"


CREDIT = ("Credit note:", "CN004417"), ("Date:", "22/05/2025"), ("Against invoice:", "318804")


@pytest.mark.parametrize("label", ["Invoice date:", "Invoice dated:"])
def test_a_credit_note_has_neither_day_nor_number_of_what_it_credits(label: str) -> None:
    rows = listed(*CREDIT, (label, "14/05/2025"))
    title = (50.0, 230.0, 14, "CREDIT NOTE")
    assert read("issue_date", title, *rows) == "22/05/2025"
    assert read("invoice_number", title, *rows) == "CN004417"


def test_the_only_day_of_a_credit_note_is_its_own_whatever_its_label() -> None:
    title = (50.0, 230.0, 14, "CREDIT NOTE")
    assert read("issue_date", title, *listed(("Invoice date:", "14/05/2025"))) == "14/05/2025"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Rechnung Nr. 09/2025 über die Raumnutzung am 21.06.2025", "30.06.2025"),
        ("Rechnung Nr. 09/2025 vom 21.06.2025", "21.06.2025"),
        ("Rechnung vom 02.05.2025", "02.05.2025"),
    ],
)
def test_what_a_day_is_of_stands_before_it(line: str, day: str) -> None:
    assert read("issue_date", (400, 200, "30.06.2025"), (50, 230, line)) == day


def test_a_day_in_a_sentence_is_due_for_something_else() -> None:
    advice = "Advisory: nearside rear tyre worn to 3 mm, next test due 05/03/2026."
    assert read("due_date", (50, 700, advice)) is None
    assert read("due_date", (50, 700, "Due: 05/03/2026")) == "05/03/2026"


def test_the_tax_point_is_the_day_of_issue_where_no_other_is_printed() -> None:
    printed = listed(("Invoice", "BV/25-1396"), ("Tax point", "02 Apr 2025"))
    assert read("issue_date", *printed) == "02 Apr 2025"
    assert (
        read("issue_date", *printed, (250, 570, "Date"), (480, 570, "5 Apr 2025")) == "5 Apr 2025"
    )


def test_the_text_of_a_row_names_no_order() -> None:
    row = (
        (50.0, 400.0, "4 Cake, your order"), (250.0, 400.0, "1"), (350.0, 400.0, "186.00"),
        (480.0, 400.0, "200.88"),
    )  # fmt: skip
    assert read("purchase_order", *row) is None
    assert read("purchase_order", (50, 400, "Your order"), (250, 400, "4711")) == "4711"


@pytest.mark.parametrize("printed", ["4462,50 lei", "4462,50 RON"])
def test_a_sign_that_is_a_word_is_the_currency_behind_an_amount(printed: str) -> None:
    assert read("currency", *listed(("Total de plată:", printed))) == printed.split()[1]


@pytest.mark.parametrize(
    ("terms", "day"),
    [
        ("Early payment: deduct $25.00 if paid by October 4, 2026.", None),
        ("Zahlung: Bis 21.05.2025 erhalten Sie 2,000 % Skonto. Bis 06.06.2025 ohne Abzug.",
         "06.06.2025"),
        ("Please pay by October 24, 2026.", "October 24, 2026"),
        ("I would be glad to receive the sum by October 24, 2026 into account 1180447720.",
         "October 24, 2026"),
    ],
)  # fmt: skip
def test_the_last_day_to_pay_less_is_not_due(terms: str, day: str | None) -> None:
    assert read("due_date", (50, 700, terms)) == day


@pytest.mark.parametrize(
    "terms",
    ["Ihr neuer Abschlag beträgt 94,00 €, erstmals fällig am 01.03.2026.",
     "Your new instalment of £94.00 is first due on 1 March 2026."],
)  # fmt: skip
def test_what_is_due_for_the_first_time_is_another_payment(terms: str) -> None:
    printed = (50.0, 230.0, "Rechnung 4711 vom 22.01.2026"), (50.0, 700.0, terms)
    assert read("due_date", *printed) is None
    assert read("due_date", *printed, (50, 246, "Zahlbar bis 09.02.2026")) == "09.02.2026"


def test_a_number_ends_before_a_dash_that_stands_apart() -> None:
    assert (
        read("invoice_number", (50, 230, "Honorarrechnung 26-1087 – 3. Quartal 2026")) == "26-1087"
    )
    assert read("invoice_number", (50, 230, "Rechnungsnummer: 26 - 1087")) == "26 - 1087"


def test_the_day_of_an_order_is_not_its_number() -> None:
    printed = listed(("PEDIDO DE COMPRA", ""), ("PC-25/0741", ""), ("Fecha pedido: 07/10/2025", ""))
    printed = tuple(cell for cell in printed if cell[-1])
    assert read("po_number", *printed, schema="purchase_order") == "PC-25/0741"
    assert read("issue_date", *printed, schema="purchase_order") == "07/10/2025"


def test_a_credit_memo_names_its_own_number_below_the_title() -> None:
    memo = (400.0, 200.0, 18.0, "Credit Memo"), (400.0, 220.0, "#CM10884")
    origin = (50.0, 230.0, "Created From"), (50.0, 244.0, "Invoice #INV55120")
    assert read("invoice_number", *memo, *origin) == "CM10884"
    assert read("invoice_number", *origin) == "INV55120"


def test_a_sentence_about_a_period_does_not_date_a_letter() -> None:
    rows = (
        (50.0, 230.0, "April 2, 2025"), (250.0, 230.0, "Invoice No."), (400.0, 230.0, "31277"),
        (50.0, 260.0, "For professional services rendered through March 31, 2025"),
        (50.0, 400.0, "03/04/25"), (120.0, 400.0, "Review"), (400.0, 400.0, "693.00"),
        (50.0, 416.0, "03/11/25"), (120.0, 416.0, "Call"), (400.0, 416.0, "231.00"),
    )  # fmt: skip
    assert read("issue_date", *rows) == "April 2, 2025"


def test_labels_over_their_values_one_below_another_are_no_column() -> None:
    stack = (
        "INVOICE DATE",
        "May 1, 2025",
        "ACCOUNT",
        "8812-0047",
        "SUBSCRIPTION SINCE",
        "11/18/2022",
    )
    assert read("issue_date", *((400.0, 230.0 + 13 * n, t) for n, t in enumerate(stack))) == (
        "May 1, 2025"
    )


@pytest.mark.parametrize("label", ["Lev. dato", "Del. date", "Lief. Datum"])
def test_a_label_goes_on_before_its_abbreviation(label: str) -> None:
    rows = listed((label, "18-11-2024"), ("Date", "06-11-2024"))
    assert read("issue_date", *rows) == "06-11-2024"


def test_the_tax_in_a_title_is_no_part_of_its_number() -> None:
    assert read("invoice_number", (50, 230, 14, "Faktura VAT FS 417/06/2025")) == "FS 417/06/2025"


def test_the_code_in_a_totals_label_is_surer_than_a_sign() -> None:
    printed = listed(("Total (CAD)", "$807.95"), ("US customers may pay by wire", "US$565.57"))
    assert read("currency", *printed) == "CAD"

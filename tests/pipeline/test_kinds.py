"""A reminder, a delivery note, a statement of account are told from an invoice, which is paid."""

from __future__ import annotations

import pytest
from support.papers import INVOICE, invoice, read

from docextract.core import Outcome, RecordStatus
from docextract.pipeline.kinds.kind_check import OTHER_KIND


def called(title, *more):
    """Return the lines of an invoice under another title."""
    return [*((x, y, text.replace("INVOICE", title)) for x, y, text in invoice()), *more]


def told(record):
    return [check.message for check in record.checks if check.id == OTHER_KIND]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("PAYMENT REMINDER", "a reminder"),
        ("2. Mahnung", "a reminder"),
        ("Relance", "a reminder"),
        ("DELIVERY NOTE", "a delivery note"),
        ("Lieferschein", "a delivery note"),
        ("STATEMENT OF ACCOUNT", "an account statement"),
        ("QUOTATION", "a quote"),
        ("SECOND NOTICE", "a reminder"),
        ("Past due", "a reminder"),
        ("S U P P L I E R   S T A T E M E N T", "an account statement"),
        ("Kontoauszug offene Posten", "an account statement"),
        ("RELEVÉ DE COMPTE", "an account statement"),
        ("Avis de virement", "a remittance advice"),
        ("Despatch docket", "a delivery note"),
        ("Preventivo", "a quote"),
        ("EXPENSE CLAIM", "an expense claim"),
        ("Reisekostenabrechnung", "an expense claim"),
        ("INVOICE CANCELLATION", "a letter"),
        ("TIMESHEET", "a form"),
    ],
)
def test_what_is_no_invoice_is_never_ok_as_one(tmp_path, title, kind):
    record = read(tmp_path, called(title))
    assert record.status is RecordStatus.REVIEW
    assert told(record) == [f"it calls itself {kind}, not an invoice"]
    failed = [check.id for check in record.checks if check.outcome is Outcome.FAILED]
    assert failed == [OTHER_KIND]


def test_an_invoice_may_name_the_delivery_note_it_is_for(tmp_path):
    assert told(read(tmp_path, called("INVOICE", (380, 170, "Delivery note")))) == []


def test_a_reminder_that_names_its_invoice_is_a_reminder(tmp_path):
    record = read(tmp_path, called("INVOICE", (40, 205, "Payment reminder")))
    assert told(record) == ["it calls itself a reminder, not an invoice"]


def test_a_credit_note_is_an_invoice_of_its_own_type(tmp_path):
    record = read(tmp_path, called("CREDIT NOTE"))
    assert told(record) == []
    assert (record.values or {})["document_type"] == "credit_note"


def test_a_schema_of_ones_own_takes_any_kind(tmp_path):
    assert told(read(tmp_path, called("DELIVERY NOTE"), schema="total: money")) == []


def letter(*lines):
    """Return a short letter about an invoice."""
    head = [(40, 50, "Nordwind Werkzeuge GmbH"), (40, 64, "Hafenstr. 12"), (40, 120, "12.02.2025")]
    return [*head, *((40, 160 + 20 * n, text) for n, text in enumerate(lines))]


def test_the_number_of_an_invoice_is_no_title(tmp_path):
    page = called("REMITTANCE ADVICE", (380, 170, "Invoice no. HP-1"))
    assert told(read(tmp_path, page)) == ["it calls itself a remittance advice, not an invoice"]


def test_the_number_of_an_order_is_no_title(tmp_path):
    page = called("FATURA DE LOCAÇÃO", (380, 170, "Contrato nº: LC-1180/2025"))
    assert told(read(tmp_path, page)) == []


def test_a_heading_of_two_papers_is_an_invoice_if_one_is(tmp_path):
    assert told(read(tmp_path, called("Statement of account & VAT invoice"))) == []


def test_thanks_for_an_order_are_no_order(tmp_path):
    assert told(read(tmp_path, called("Vielen Dank für deine Bestellung!"))) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("Betreff: Mahnung zu Ihrer Rechnung 4711", "Betrag 350,00 EUR, fällig am 28.02.2025"),
        ("Letzte Mahnung wegen Rechnung 4711", "Sehr geehrte Frau Albers,", "Betrag 350,00 EUR"),
        ("Objet : rappel de la facture F-17", "Total TTC : 350,00 EUR"),
        ("Re: overdue account, invoice 4711", "Amount due: 350.00 EUR"),
    ],
)
def test_a_letter_is_what_its_subject_says(tmp_path, lines):
    assert told(read(tmp_path, letter(*lines))) == ["it calls itself a reminder, not an invoice"]


def test_a_letter_about_the_readers_invoice_is_no_invoice(tmp_path):
    lines = (
        "Ihre Rechnung 4711", "Sehr geehrte Frau Albers,", "bei der Prüfung haben wir",
        "Abweichungen festgestellt. Wir bitten um eine korrigierte Rechnung.",
        "Die Rechnung liegt anbei.", "Mit freundlichen Grüßen",
    )  # fmt: skip
    assert told(read(tmp_path, letter(*lines))) == ["it looks like a letter, not an invoice"]


def test_a_cover_sheet_does_not_hide_the_invoice_behind_it(tmp_path):
    cover = [(40, 50, "Nordwind Werkzeuge GmbH"), (40, 160, "Documents enclosed")]
    assert told(read(tmp_path, cover)) == ["it calls itself a letter, not an invoice"]
    assert told(read(tmp_path, cover, invoice())) == []


def test_a_page_of_a_foot_alone_names_no_kind(tmp_path):
    assert told(read(tmp_path, invoice(), [(40, 780, "Nordwind Werkzeuge GmbH")])) == []


def test_a_quote_that_says_it_is_no_invoice_is_one(tmp_path):
    lines = (
        "Thank you for your enquiry. We are pleased to offer", "Drill 60.00", "Valid for 30 days",
        "Total 60.00", "Amount due on order 12.00",
    )  # fmt: skip
    said = letter(*lines, "This is not an invoice.")
    assert told(read(tmp_path, said)) == ["it looks like a quote, not an invoice"]
    assert told(read(tmp_path, letter(*lines, "Invoice date 5 March 2024"))) == []


def saying(*lines):
    """Return the lines of an invoice that says something more."""
    return [*invoice(), *((40, 200 + 12 * n, text) for n, text in enumerate(lines))]


@pytest.mark.parametrize(
    "lines",
    [
        ("This invoice is now 14 days overdue. Please pay at once.",),
        ("Our system shows that the following is still open.",),
        ("We have not yet received your payment.",),
        ("Days overdue: 34",),
        ("Call us if in doubt. This invoice is still unpaid.",),
        ("According to our books your invoice of 5 March", "remains unpaid. Kindly settle it."),
        ("Leider konnten wir bisher keinen Zahlungseingang feststellen.",),
        ("Mahnstufe 2",),
        ("Unsere Rechnung ist wohl Ihrer Aufmerksamkeit entgangen.",),
        ("Sauf erreur de notre part, cette facture reste impayée à ce jour.",),
        ("Wij hebben uw betaling nog niet ontvangen.",),
        ("No hemos recibido aún el pago de la factura.",),
        ("La fattura risulta ancora insoluta.",),
        ("Vi har inte mottagit er betalning.",),
        ("Our invoice of 105.00 dated 5 March has not been paid.",),
        ("Payment was due on 4 April and is now overdue.",),
        ("Die Rechnung ist seit dem 04.04. offen und bis heute nicht bezahlt.",),
        ("Gerne wollen wir Sie an die Begleichung unserer Rechnung erinnern.",),
        ("Vi har ikke modtaget din betaling.",),
        ("A sua fatura encontra-se em atraso.",),
    ],
)
def test_an_invoice_that_says_it_was_not_paid_is_a_reminder(tmp_path, lines):
    record = read(tmp_path, saying(*lines))
    assert record.status is RecordStatus.REVIEW
    assert told(record) == ["it looks like a reminder, not an invoice"]


@pytest.mark.parametrize(
    "line",
    [
        "If this invoice is overdue we charge interest of 8 % a year.",
        "Interest is charged when your invoice remains unpaid after 30 days.",
        "Should we not have received your payment in time, a reminder costs 5.00.",
        "Your previous invoice is still unpaid.",
        "This invoice is overdue if it is not paid by 4 April 2024.",
        "Goods returned within 14 days are refunded. Prices valid until 30 June 2024.",
        "Sollte die Rechnung noch nicht bezahlt sein, berechnen wir 5,00 EUR.",
        "Interest accrues on invoices that are 30 days overdue.",
        "Total outstanding 124.95. We have received your payment of 20.00.",
        "Der Restbetrag ist noch offen. Mahnkosten: 5,00 EUR je Mahnung.",
        "Pendiente de pago: 124,95. Reste à payer 124,95. Openstaand bedrag 124,95",
        "Bei Zahlungsverzug: Mahngebühr 5,00 EUR, wenn die Rechnung überfällig ist.",
        "En cas de retard, si la facture reste impayée, une pénalité est due.",
        "Indien de factuur nog niet is betaald, brengen wij rente in rekening.",
        "We confirm your order of 1 March, received in good condition.",
        "Please find enclosed our invoice. Signature of recipient:",
        "We thank you for your order. The next invoice will follow in April.",
        "Unterschrift Empfänger: ________ Ware vollständig erhalten",
    ],
)
def test_the_terms_of_an_invoice_make_no_other_paper(tmp_path, line):
    assert told(read(tmp_path, saying(line))) == []


@pytest.mark.parametrize(
    "lines",
    [
        ("Our invoice HP-1", "Dear Sir,", "please find enclosed our invoice number HP-1.",
         "Net 100.00 plus VAT 20.00, total 120.00"),
        ("Rechnung 4711", "Sehr geehrte Frau Otto,", "anbei erhalten Sie unsere Rechnung."),
        ("Invoice number: HP-1", "Total: 120.00", "Your invoice is attached to this e-mail."),
        ("Facture F-17", "Veuillez trouver ci-joint notre facture.", "Total : 350,00 EUR"),
    ],
)  # fmt: skip
def test_a_letter_that_an_invoice_comes_with_is_none(tmp_path, lines):
    (message,) = told(read(tmp_path, letter(*lines)))
    assert message.endswith("a letter, not an invoice")
    assert told(read(tmp_path, letter(*lines), invoice())) == []


def test_terms_on_a_page_of_their_own_make_no_other_paper(tmp_path):
    terms = [(40, 60, "Terms"), (40, 90, "We remind you that the invoice is overdue.")]
    assert told(read(tmp_path, invoice(), terms)) == []


def untitled(*lines, number="No:"):
    """Return the lines of a paper with all that an invoice has, but no word of one."""
    changed = {"INVOICE": "Your new kitchen", "Invoice number:": number, "Invoice date:": "Date:"}
    page = [item for item in invoice() if item[2] not in ("Due date:", INVOICE["due"], "Bill to:")]
    page = [(x, y, changed.get(text, text)) for x, y, text in page]
    return [*page, *((40, 200 + 12 * n, text) for n, text in enumerate(lines))]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Valid until: 12 April 2024", "a quote"),
        ("gültig bis 12.04.2024", "a quote"),
        ("Valable jusqu'au 12/04/2024", "a quote"),
        ("Wir bestätigen Ihren Auftrag wie folgt. Die Rechnung folgt.", "an order confirmation"),
        ("We have booked your order as below.", "an order confirmation"),
        ("We thank you for your order and confirm it as follows.", "an order confirmation"),
        (
            "As agreed, here is a copy of our records. Your bill will follow.",
            "an order confirmation",
        ),
        ("Wir danken für Ihren Auftrag und bestätigen wie folgt:", "an order confirmation"),
        ("Die Rechnung erhalten Sie nach Lieferung.", "an order confirmation"),
        ("De factuur volgt na levering.", "an order confirmation"),
        ("La fattura verrà emessa alla consegna.", "an order confirmation"),
        ("Price held for 30 days.", "a quote"),
        ("Ihre Buchung ist bestätigt", "an order confirmation"),
        ("Ware vollständig erhalten: ______ Unterschrift Empfänger", "a delivery note"),
        ("Received in good condition: ______", "a delivery note"),
    ],
)
def test_a_paper_without_a_title_is_what_it_says(tmp_path, line, kind):
    (message,) = told(read(tmp_path, untitled(line)))
    assert message == f"it looks like {kind}, not an invoice"
    assert told(read(tmp_path, untitled())) == []


def test_a_small_reminder_is_one(tmp_path):
    record = read(tmp_path, called("Kleine Erinnerung"))
    assert told(record) == ["it calls itself a reminder, not an invoice"]

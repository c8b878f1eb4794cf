"""A reminder, a delivery note, a statement of account are told from an invoice, which is paid."""

from __future__ import annotations

import pytest
from support.papers import invoice, read

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

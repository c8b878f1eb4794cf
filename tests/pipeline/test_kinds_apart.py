"""Of several schemas each document is read with that of its kind; what is in doubt is reviewed."""

from __future__ import annotations

import pytest
from support.papers import invoice, read, receipt, statement

from docextract.core import Outcome, RecordStatus


def sorted_out(tmp_path, page, schema="auto"):
    """Return the record of a page, read with the one of several schemas."""
    return read(tmp_path, page, schema=schema)


def failed(record):
    return [check.id for check in record.checks if check.outcome is Outcome.FAILED]


def letter(title, *lines):
    """Return a letter below a title."""
    page = [(40, 50, "Nordwind Werkzeuge GmbH"), (40, 64, "Hafenstr. 12"), (40, 120, title)]
    return [*page, *((40, 160 + 15 * n, text) for n, text in enumerate(lines))]


REMINDERS = {
    "en": ("PAYMENT REMINDER", "our records show that the invoice below is overdue.",
           "Invoice number: RE-2024-07", "Amount due: 124.95 EUR", "Reminder fee: 5.00 EUR"),
    "de": ("2. Mahnung", "leider konnten wir noch keinen Zahlungseingang feststellen.",
           "Rechnungsnummer: RE-2024-07", "Offener Betrag: 124,95 EUR", "Mahngebühr: 5,00 EUR"),
    "fr": ("Relance", "sauf erreur de notre part, la facture ci-dessous est impayée.",
           "Facture n° RE-2024-07", "Restant dû : 124,95 EUR", "en retard de 30 jours"),
    "es": ("Recordatorio de pago", "la factura siguiente está pendiente de pago.",
           "Factura: RE-2024-07", "Importe: 124,95 EUR", "vencida el 4 de abril de 2024"),
    "it": ("Sollecito di pagamento", "la fattura seguente risulta insoluta.",
           "Fattura n. RE-2024-07", "Importo: 124,95 EUR", "scaduta il 4 aprile 2024"),
    "nl": ("Betalingsherinnering", "uw betaling hebben wij nog niet ontvangen.",
           "Factuurnummer: RE-2024-07", "Openstaand bedrag: 124,95 EUR", "Incassokosten: 40,00"),
}  # fmt: skip
OTHERS = {
    "delivery_note": ("DELIVERY NOTE", "Delivery date: 5 March 2024", "Packages: 2",
                      "Cordless drill   2", "Received in good condition:"),
    "quote": ("QUOTATION", "Quote number: Q-17", "Valid until: 5 April 2024",
              "Cordless drill   60.00", "Total 60.00 EUR"),
    "contract": ("AGREEMENT", "This Agreement is made between the parties hereinafter named,",
                 "whereas the undersigned shall hereby keep all confidential information secret."),
    "account_statement": ("STATEMENT OF ACCOUNT", "Outstanding invoices: 3",
                          "30 days   60 days   90 days", "RE-2024-07   124.95"),
}  # fmt: skip


@pytest.mark.parametrize("language", REMINDERS)
def test_a_reminder_is_never_ok_and_no_invoice(tmp_path, language):
    record = sorted_out(tmp_path, letter(*REMINDERS[language]))
    assert record.status is RecordStatus.REVIEW
    assert record.kind is not None
    assert record.kind.name == "reminder"
    assert record.schema_name == "auto"
    assert record.values == {}
    assert "It looks like a reminder, and was not read" in record.review_reasons[0]


@pytest.mark.parametrize(
    "title", ["PAYMENT REMINDER", "Overdue invoice", "2. Mahnung", "Relance", "Purring", "Devis"]
)
def test_what_has_all_that_an_invoice_has_is_not_ok_under_another_title(tmp_path, title):
    page = [(x, y, text.replace("INVOICE", title)) for x, y, text in invoice()]
    record = sorted_out(tmp_path, page)
    assert record.status is RecordStatus.REVIEW


def test_an_invoice_that_is_sent_as_a_reminder_is_not_ok(tmp_path):
    record = sorted_out(tmp_path, [*invoice(), (40, 205, "Payment reminder")])
    assert record.status is RecordStatus.REVIEW


@pytest.mark.parametrize("kind", OTHERS)
def test_what_no_schema_is_for_is_told_and_not_read_as_an_invoice(tmp_path, kind):
    record = sorted_out(tmp_path, letter(*OTHERS[kind]))
    assert record.status is RecordStatus.REVIEW
    assert record.kind is not None
    assert record.kind.name == kind


def test_an_invoice_is_read_as_with_its_own_schema(tmp_path):
    page = invoice()
    auto, own = (sorted_out(tmp_path, page, schema=name) for name in ("auto", "invoice"))
    assert (auto.schema_name, auto.kind and auto.kind.name) == ("invoice", "invoice")
    assert (auto.status, auto.values, auto.confidence) == (own.status, own.values, own.confidence)
    assert own.kind is None


@pytest.mark.parametrize(
    ("page", "name"), [(receipt(), "receipt"), (statement(), "bank_statement")]
)
def test_each_kind_is_read_with_its_schema(tmp_path, page, name):
    assert sorted_out(tmp_path, page).schema_name == name


def test_a_credit_note_is_an_invoice_of_its_own_kind(tmp_path):
    page = [(x, y, text.replace("INVOICE", "CREDIT NOTE")) for x, y, text in invoice()]
    record = sorted_out(tmp_path, page)
    assert (record.schema_name, record.kind and record.kind.name) == ("invoice", "credit_note")
    assert (record.values or {})["document_type"] == "credit_note"


def test_small_print_about_credit_notes_makes_none(tmp_path):
    told = (40, 700, "Goods returned within 14 days are refunded by credit note or reminder fee.")
    record = sorted_out(tmp_path, [*invoice(), told])
    assert (record.schema_name, record.kind and record.kind.name) == ("invoice", "invoice")


def test_a_till_receipt_that_is_titled_invoice_is_a_receipt(tmp_path):
    lines = ["CORNER SHOP", "Tel: 555 0199", "TAX INVOICE", "Cashier: 01  17:42:09", "Milk 1.20",
             "Bread 2.30", "TOTAL 3.50", "CASH 5.00", "CHANGE 1.50", "Thank you"]  # fmt: skip
    record = sorted_out(tmp_path, [(40, 40 + 14 * n, text) for n, text in enumerate(lines)])
    assert record.schema_name == "receipt"


def test_an_empty_page_is_doubted(tmp_path):
    record = sorted_out(tmp_path, [])
    assert record.status is not RecordStatus.OK
    assert "doubtful-kind" in failed(record)


def test_of_two_schemas_an_invoice_is_for_neither(tmp_path):
    record = sorted_out(tmp_path, invoice(), schema="bank_statement,purchase_order")
    assert record.schema_name == "bank_statement,purchase_order"
    assert failed(record) == ["other-kind"]
    assert record.kind is not None
    assert record.kind.name == "invoice"

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

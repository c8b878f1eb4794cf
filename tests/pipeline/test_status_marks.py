"""A paper that is stamped or headed as void, a draft or a sample is never ``ok``."""

from __future__ import annotations

import pytest
from support.papers import invoice, read, read_bytes
from support.pdfs import PdfWriter, escaped, show

from docextract.core import RecordStatus
from docextract.pipeline.kinds.status_marks import MARKED


def told(record):
    return [check.message for check in record.checks if check.id == MARKED]


def titled(title, *more):
    """Return the lines of an invoice under another title, and more lines."""
    return [*((x, y, text.replace("INVOICE", title)) for x, y, text in invoice()), *more]


def stamped(tmp_path, text, size=80, y=400):
    """Return the record of an invoice with large print across it."""
    writer = PdfWriter()
    lines = [show(x, 842 - top, escaped(line), size=10) for x, top, line in invoice()]
    lines.append(show(60, y, text, size=size))
    writer.page(b"".join(lines), box="0 0 595 842")
    return read_bytes(tmp_path, writer.data())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("VOID", "void"), ("DRAFT", "a draft"), ("Specimen", "a sample"), ("SAMPLE", "a sample"),
        ("Cancelled", "cancelled"), ("ENTWURF", "a draft"), ("STORNIERT", "cancelled"),
        ("MUSTER", "a sample"), ("BROUILLON", "a draft"), ("BOZZA", "a draft"),
    ],
)  # fmt: skip
def test_what_is_stamped_is_never_ok(tmp_path, text, said):
    record = stamped(tmp_path, text)
    assert record.status is RecordStatus.REVIEW
    assert f"It is marked as {said}." in record.review_reasons


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Invoice CANCELLED", "cancelled"), ("DRAFT - not a tax invoice", "a draft"),
        ("Draft invoice 4711", "a draft"), ("Rechnung (ENTWURF)", "a draft"),
        ("VOID INVOICE", "void"), ("Rechnungsentwurf", "a draft"),
        ("VOID - see 2026-1201", "void"), ("Entwurf: noch nicht gebucht", "a draft"),
        ("Invoice voided 20/10/2026", "void"), ("Superseded", "cancelled"),
    ],
)  # fmt: skip
def test_a_title_may_hold_the_mark(tmp_path, title, said):
    page = [item for item in titled("") if item[2]]
    assert told(read(tmp_path, [*page, (40, 205, title.upper())])) == [f"it is marked as {said}"]


@pytest.mark.parametrize("line", ["*** DRAFT ***", "Status: Draft", "Rechnungsstatus: Entwurf"])
def test_a_line_of_its_own_and_a_status_are_marks(tmp_path, line):
    assert told(read(tmp_path, titled("INVOICE", (40, 205, line)))) == ["it is marked as a draft"]


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("This document is a draft for your approval.", "a draft"),
        ("Dies ist nur ein Entwurf.", "a draft"),
        ("Not valid for payment", "void"),
    ],
)
def test_a_sentence_may_say_that_it_is_a_draft_or_void(tmp_path, sentence, said):
    record = read(tmp_path, titled("INVOICE", (40, 700, sentence)))
    assert told(record) == [f"it is marked as {said}"]


@pytest.mark.parametrize(
    "sentence",
    [
        "This invoice was cancelled on 20 October 2026 and replaced by 2026-1201.",
        "Diese Rechnung wurde am 20.10.2026 storniert.",
        "Deze factuur is op 20.10.2026 vervallen.",
    ],
)
def test_a_sentence_may_say_that_of_the_paper_itself(tmp_path, sentence):
    record = read(tmp_path, titled("INVOICE", (40, 700, sentence)))
    assert told(record) == ["it is marked as cancelled"]


@pytest.mark.parametrize(
    "line",
    [
        (40, 205, "Our invoice 4710, which has been cancelled, is replaced by this invoice"),
        (40, 205, "This replaces the draft we sent on 1 March; cheques over 90 days are void."),
        (40, 205, "Draft Beer Supplies Ltd"),
        (40, 280, "Sample"),
        (40, 700, "VOID"),
        (40, 205, "Cancelled bookings are refunded"),
        (40, 205, "Draft - first version of the logo"),
        (40, 205, "SAMPLE: OAK, OILED"),
    ],
)
def test_such_words_in_prose_names_and_rows_mark_nothing(tmp_path, line):
    record = read(tmp_path, titled("INVOICE", line))
    assert told(record) == []


def test_a_company_in_large_print_and_a_template_are_no_samples(tmp_path):
    assert told(stamped(tmp_path, "Muster GmbH", 24, 790)) == []
    assert told(read(tmp_path, titled("SAMPLE INVOICE"))) == []


def test_a_schema_of_ones_own_may_be_about_drafts(tmp_path):
    page = titled("INVOICE", (40, 205, "DRAFT"))
    assert told(read(tmp_path, page, schema="total: money")) == []

"""A file that looks like several documents is never ``ok`` as one, and says where it would part."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image
from support.papers import INVOICE, invoice, read
from support.word_pages import A4

from docextract.core import Outcome, Page, PageSelection, ReadOptions, RecordStatus, WordSource
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.documents.pages import collect
from docextract.pipeline.splitting.boundaries import boundaries_of
from docextract.pipeline.splitting.mixture import MISSING, SEVERAL

SECOND = {"rows": INVOICE["rows"], "vat_id": None, "iban": None, "bic": None}


def second_invoice(number="AZ-99-11", name="Alpenblick Handels AG"):
    """Return the lines of another seller's invoice."""
    changed = {"Nordwind Werkzeuge GmbH": name, "RE-2024-07": number, "Hafenstr. 12": "Gasse 4"}
    return [(x, y, changed.get(text, text)) for x, y, text in invoice(**SECOND)]


def numbered(page, text):
    return [*page, (280, 820, text)]


def told(record):
    return [check for check in record.checks if check.id == SEVERAL]


def spans(*pages):
    own = [A4.page(*lines, number=number) for number, lines in enumerate(pages, start=1)]
    return boundaries_of(own).only_sure().spans()


def test_one_invoice_is_ok_and_two_in_one_file_are_not(tmp_path):
    assert read(tmp_path, invoice()).status is RecordStatus.OK
    record = read(tmp_path, invoice(), second_invoice())
    assert record.status is RecordStatus.REVIEW
    (check,) = told(record)
    assert check.outcome is Outcome.FAILED
    assert check.message.startswith("looks like 2 documents: pages 1, 2 (page 2: ")
    assert record.review_reasons[0].startswith("Looks like 2 documents: pages 1, 2")


def test_pages_that_are_counted_on_are_one_document(tmp_path):
    more = [(40, 50, "Terms of delivery"), (40, 80, "Goods remain ours until paid.")]
    pages = numbered(invoice(), "Page 1 of 2"), numbered(more, "Page 2 of 2")
    record = read(tmp_path, *pages)
    assert told(record) == []
    assert record.status is RecordStatus.OK


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Page 1 of 2", "it says it has 2 pages, only one is there"),
        ("Seite 1 von 3", "it says it has 3 pages, only one is there"),
        ("1/2", "it says it has 2 pages, only one is there"),
        ("Page 1 of 1", None),
        ("Page 1", None),
        ("P-26/318", None),
        ("S22/25", None),
    ],
)
def test_an_invoice_that_says_it_has_more_pages_is_not_ok(tmp_path, text, said):
    """What the first page carries over would pass for the total."""
    record = read(tmp_path, numbered(invoice(), text))
    checks = [check for check in record.checks if check.id == MISSING]
    assert [check.message for check in checks] == [said][: said is not None]
    assert record.status is (RecordStatus.REVIEW if said else RecordStatus.OK)


def test_pages_nobody_asked_for_are_not_missing(tmp_path):
    terms = [(40, 50, "Terms of delivery"), (40, 80, "Goods remain ours until paid.")]
    pages = numbered(invoice(), "Page 1 of 2"), numbered(terms, "Page 2 of 2")
    record = read(tmp_path, *pages, options=ReadOptions(pages=PageSelection(((1, 1),))))
    assert (record.num_pages, record.status) == (2, RecordStatus.OK)


def test_pages_counted_from_one_again_begin_a_document():
    terms = [(40, 50, "Terms of delivery"), (40, 80, "Goods remain ours until paid.")]
    first = numbered(invoice(), "Page 1 of 2"), numbered(terms, "Page 2 of 2")
    second = numbered(second_invoice(), "Page 1 of 2"), numbered(terms, "Page 2 of 2")
    assert spans(*first, *second) == [(1, 2), (3, 4)]


@pytest.mark.parametrize("text", ["PATCH T", "Trennblatt", "Separator sheet"])
def test_a_sheet_that_parts_documents_belongs_to_none(text):
    sheet = [(200, 300, text)]
    assert spans(invoice(), sheet, invoice()) == [(1, 1), (3, 3)]
    assert spans(sheet, invoice(), sheet, sheet, invoice(), sheet) == [(2, 2), (5, 5)]


def test_an_empty_back_belongs_to_its_front():
    assert spans(invoice(), [], second_invoice(), []) == [(1, 2), (3, 4)]


def test_copies_of_one_invoice_are_one_document(tmp_path):
    copies = [numbered(invoice(), "Page 1 of 1") for _ in range(3)]
    assert spans(*copies) == [(1, 3)]
    assert told(read(tmp_path, *copies)) == []


def test_one_seller_with_two_numbers_is_two_documents():
    other = [(x, y, text.replace("RE-2024-07", "RE-2024-08")) for x, y, text in invoice()]
    assert spans(invoice(), other) == [(1, 1), (2, 2)]


@pytest.mark.parametrize("letter", ["P", "S"])
def test_a_number_that_begins_as_pages_are_counted_is_no_page(letter):
    """Invoices P-1001 and P-1002 are two, not the pages 1001 and 1002 of one."""
    numbers = f"{letter}-1001", f"{letter}-1002"
    pages = [
        [(x, y, text.replace("RE-2024-07", number)) for x, y, text in invoice()]
        for number in numbers
    ]
    assert spans(*pages) == [(1, 1), (2, 2)]


def test_prose_that_goes_on_is_one_document(tmp_path):
    prose = [(40, 60 + 15 * n, "The parties agree that goods remain ours.") for n in range(40)]
    assert told(read(tmp_path, invoice(), prose, prose)) == []


def test_a_page_behind_the_last_one_counted_is_in_doubt(tmp_path):
    prose = [(40, 60 + 15 * n, "The parties agree that goods remain ours.") for n in range(40)]
    counted = numbered(invoice(), "Page 1 of 1")
    (check,) = told(read(tmp_path, counted, prose))
    assert "page 2: a page behind the last one counted" in check.message
    assert spans(counted, []) == [(1, 2)]
    assert told(read(tmp_path, counted)) == []


def test_a_form_with_numbers_of_its_own_is_in_doubt_and_rows_that_go_on_are_not(tmp_path):
    form = [(40, 50, "Department of Justice"), (40, 80, "OMB No. 1105-0004")]
    (check,) = told(read(tmp_path, invoice(), form))
    assert "page 2: numbers of its own" in check.message
    rows = [(40, 50, "Schrauben 4711-0815"), (480, 50, "12,00"), (40, 80, "Ende der Liste")]
    assert told(read(tmp_path, invoice(), rows)) == []


def test_a_page_without_words_parts_nothing():
    empty = Page(1, 600, 800, (), WordSource.NONE)
    assert boundaries_of([empty, empty]).found == ()


def test_a_qr_code_on_a_sheet_parts_documents(tmp_path):
    cv2 = pytest.importorskip("cv2")
    code = cv2.resize(
        cv2.QRCodeEncoder.create().encode("PATCHT"), (240, 240), interpolation=cv2.INTER_NEAREST
    )
    sheet = Image.new("L", (850, 1100), 255)
    sheet.paste(Image.fromarray(code), (300, 400))
    picture = tmp_path / "sheet.png"
    sheet.save(picture)
    (found,) = Discovery([str(picture)])
    (page,) = collect(open_document(found.document, ReadOptions())).pages
    assert page.notes == ("code: PATCHT",)
    pages = [A4.page(*invoice()), replace(page, number=2), A4.page(*invoice(), number=3)]
    assert boundaries_of(pages).only_sure().spans() == [(1, 1), (3, 3)]


def test_terms_without_a_number_of_their_own_belong_to_the_count_of_the_page_before():
    terms = [(200, 40, "STANDARD TERMS AND CONDITIONS"), (40, 90, "Payment is due in 30 days.")]
    counted = numbered(invoice(), "Page 1 of 2")
    pages = [A4.page(*counted, number=1), A4.page(*terms, number=2)]
    assert not boundaries_of(pages).found


def test_a_page_that_begins_with_an_amount_goes_on_with_the_page_before():
    first = [(40, 60, "Rechnung Nr. 4711"), (40, 300, "Gesamtbetrag"), (480, 300, "193,77")]
    rest = [
        (300, 30, "Warenwert"),
        (480, 30, "193,77"),
        (300, 60, "Bruttobetrag"),
        (480, 60, "215,07"),
    ]
    other = [(40, 30, "Bäckerei Kalb"), *rest[2:]]
    for second, is_one in ((rest, True), (other, False)):
        pages = [A4.page(*first, number=1), A4.page(*second, number=2)]
        assert (not boundaries_of(pages).found) is is_one


def form(number, total="124.95", label="No", *more):
    """Return the lines of an invoice without a title, whose number has a label of many meanings."""
    changed = {"Invoice number:": label, "RE-2024-07": number, "INVOICE": "", "124.95": total}
    page = [(x, y, changed.get(text, text)) for x, y, text in invoice(**SECOND)]
    return [*(item for item in page if item[2]), *more]


@pytest.mark.parametrize("label", ["No", "#", "Doc", "Vorgang", ""])
def test_a_form_that_is_filled_in_again_is_in_doubt(tmp_path, label):
    """No title, no label of an invoice's number: the second number and total must not be lost."""
    (check,) = told(read(tmp_path, form("4401", label=label), form("4402", label=label)))
    assert check.message.startswith("looks like 2 documents: pages 1, 2 (page 2: the same head")
    assert told(read(tmp_path, form("4401", label=label), form("4401", "130.00", label))) == []


def test_pages_of_a_form_that_count_on_or_have_no_total_are_one_document(tmp_path):
    first, second = numbered(form("4401"), "Page 1 of 2"), numbered(form("4402"), "Page 2 of 2")
    assert told(read(tmp_path, first, second)) == []
    rows = [item for item in form("4401") if item[1] < 230]
    rows += [(40, 250, "Article 7788"), (500, 250, "12.00"), (40, 300, "Article 7799")]
    assert told(read(tmp_path, form("4401"), rows)) == []


def test_two_invoices_to_one_customers_account_are_two(tmp_path):
    """The number of the account or the order is the same; the invoice's own is not."""
    account = (40, 210, "Account number: 8812-7")
    other = [(x, y, text.replace("RE-2024-07", "RE-2024-08")) for x, y, text in invoice()]
    assert spans([*invoice(), account], [*other, account]) == [(1, 1), (2, 2)]


def test_invoices_in_the_rows_of_a_statement_part_nothing(tmp_path):
    head = [(40, 50, "Nordwind Werkzeuge GmbH"), (400, 50, "STATEMENT"),
            (40, 80, "Account number: 8812-7"), (40, 700, "Total 500.00")]  # fmt: skip
    first, second = ([*head, (40, 150, f"Invoice RE-{n} 120.00")] for n in (4711, 4712))
    assert spans(first, second) == [(1, 2)]


@pytest.mark.parametrize("title", ["Payment reminder", "CREDIT NOTE", "2. Mahnung"])
def test_a_paper_about_the_invoice_before_it_is_in_doubt(tmp_path, title):
    about = [(x, y, text.replace("INVOICE", title)) for x, y, text in invoice()]
    (check,) = told(read(tmp_path, invoice(), about))
    assert "page 2: its title is that of a" in check.message

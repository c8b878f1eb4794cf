"""Each repair on a real document: what is put right, what is left alone, what the record says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from support.papers import (
    INVOICE,
    invoice,
    outcomes,
    pair,
    read,
    read_bytes,
    receipt,
    replay,
    statement,
    status,
)
from support.pdfs import text_pdf

from docextract.core import ReadOptions
from docextract.documents.discovery.discover import Discovery
from docextract.documents.opening import open_document
from docextract.documents.pages.parts import collect
from docextract.engine.base import Question
from docextract.engine.replay import ReplayEngine
from docextract.engine.text import TextEngine
from docextract.normalise.text.identifiers import is_valid_iban
from docextract.schema.loading import load_schema
from docextract.verify.repair.lookalikes import lookalikes

TOTALS = {
    "line_total": "110.00", "discount": "10.00", "charges": "5.00", "net": "105.00",
    "tax": "19.95", "gross": "124.95", "paid": "24.95", "amount_due": "100.00",
}  # fmt: skip
ROWS = [{"net": "60.00"}, {"net": "50.00"}]
TAXES = [{"amount": "19.00"}, {"amount": "0.95"}]
BOOKINGS = [
    {"deposit": "50.00"},
    {"withdrawal": "30.00"},
    {"withdrawal": "20.00"},
    {"deposit": "5.00"},
]


def told(**changes):
    """Return what a model says of the invoice: right but for some totals."""
    return {
        "totals": TOTALS | changes, "lines": ROWS, "taxes": TAXES,
        "issue_date": INVOICE["date"], "due_date": INVOICE["due"],
    }  # fmt: skip


def account(**changes):
    """Return what a model says of the statement: right but for some balances."""
    balances = {
        "beginning_balance": "100.00", "ending_balance": "105.00", "total_in": "55.00",
        "total_out": "50.00",
    }  # fmt: skip
    return {"accounts": [balances | changes | {"transactions": BOOKINGS}]}


def picture(tmp_path, *rows):
    """Return the path of an image with these lines of text."""
    image = Image.new("RGB", (1200, 100 * len(rows) + 100), "white")
    for number, text in enumerate(rows):
        place = (80, 60 + 100 * number)
        ImageDraw.Draw(image).text(place, text, fill="black", font=ImageFont.load_default(38))
    path = tmp_path / "scan.png"
    image.save(path, dpi=(200, 200))
    return path


def other(path, raw):
    """Return an engine's alternative for one field, printed somewhere on the page."""
    return {path: [{"raw": raw, "probability": 0.9}]}


@pytest.mark.parametrize(
    ("path", "wrong", "right", "rule"),
    [
        ("totals.line_total", "100.00", "110.00", "BR-CO-10"),
        ("totals.charges", "0.95", "5.00", "BR-CO-13"),
        ("totals.tax", "19.00", "19.95", "BR-CO-14"),
        ("totals.net", "110.00", "105.00", "BR-CO-13"),
        ("totals.gross", "110.00", "124.95", "BR-CO-15"),
        ("totals.paid", "5.00", "24.95", "BR-CO-16"),
        ("totals.amount_due", "24.95", "100.00", "BR-CO-16"),
    ],
)
def test_a_misread_total_is_replaced_by_the_labelled_one(tmp_path, path, wrong, right, rule):
    record = replay(tmp_path, told(**{path.removeprefix("totals."): wrong}), invoice())
    assert record.values is not None
    assert record.values["totals"][path.removeprefix("totals.")] == right
    assert outcomes(record, rule) == {"passed"}
    (repair,) = record.repairs
    assert (repair.path, repair.was, repair.value) == (path, wrong, right)
    field = record.fields[path]
    assert field.note == f"repaired: was {wrong}, {repair.check}"
    assert field.readings == (right, wrong)
    assert field.evidence[0].quote == right
    assert field.status.value == "consistent", "a repaired value is never verified"
    assert record.status.value == "review"


RECEIPT = {"subtotal": "10.00", "tax_total": "1.90", "total": "11.90", "cash_given": "20.00",
           "change": "8.10", "taxes": [{"amount": "1.52"}, {"amount": "0.38"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "wrong", "right", "rule"),
    [
        ("total", "20.00", "11.90", "receipt-total"),
        ("tax_total", "1.52", "1.90", "receipt-taxes"),
        ("change", "1.90", "8.10", "receipt-cash"),
    ],
)
def test_a_misread_receipt_is_repaired(tmp_path, path, wrong, right, rule):
    record = replay(tmp_path, RECEIPT | {path: wrong}, receipt(), schema="receipt")
    assert record.values is not None
    assert record.values[path] == right
    assert outcomes(record, rule) == {"passed"}
    assert status(record, path) == "consistent"


def test_a_payment_is_repaired_where_the_engine_knows_another(tmp_path):
    schema = "total: money, change: money, payments: [method, amount: money]"
    said = {
        "total": "20.00",
        "change": None,
        "payments": [{"amount": "10.00"}, {"amount": "20.00"}],
    }
    page = [*pair(50, "Total", "30.00"), (40, 70, "Card 10.00"), (40, 90, "Cash 20.00")]
    more = {"alternatives": other("total", "30.00")}
    record = replay(tmp_path, said, page, schema=schema, **more)
    assert outcomes(record, "receipt-payments") == {"passed"}
    assert [(r.was, r.value) for r in record.repairs] == [("20.00", "30.00")]


@pytest.mark.parametrize(
    ("name", "wrong", "right", "rule"),
    [
        ("ending_balance", "100.00", "105.00", "statement-balance"),
        ("beginning_balance", "150.00", "100.00", "statement-totals"),
        ("total_in", "50.00", "55.00", "statement-in"),
        ("total_out", "30.00", "50.00", "statement-out"),
    ],
)
def test_a_misread_balance_is_repaired(tmp_path, name, wrong, right, rule):
    path = f"accounts[0].{name}"
    record = replay(
        tmp_path, account(**{name: wrong}), statement(), schema="bank_statement",
        alternatives=other(path, right),
    )  # fmt: skip
    assert outcomes(record, rule) == {"passed"}
    assert [(r.path, r.was, r.value) for r in record.repairs] == [(path, wrong, right)]


@pytest.mark.parametrize(
    ("schema", "first", "last", "rule"),
    [
        ("invoice", "issue_date", "due_date", "due-date"),
        ("invoice", "period_start", "period_end", "BR-29"),
        ("bank_statement", "statement_start", "statement_end", "statement-period"),
    ],
)
def test_dates_in_the_wrong_order_are_repaired_by_another_printed_date(
    tmp_path, schema, first, last, rule
):
    page = [(40, 50, "5 March 2024"), (40, 70, "4 April 2024"), (40, 90, "1 February 2024")]
    said = {first: "5 March 2024", last: "1 February 2024"}
    record = replay(tmp_path, said, page, schema=schema, alternatives=other(last, "4 April 2024"))
    assert record.values is not None
    assert record.values[last] == "2024-04-04"
    assert outcomes(record, rule) == {"passed"}
    assert record.fields[last].readings == ("2024-04-04", "2024-02-01")
    assert status(record, last) == "unverified", "an order proves nothing"


WRITTEN, MISREAD = "GB82 WEST 1234 5698 7654 32", "GB82 WE5T 1234 S698 7654 32"


def test_an_account_number_a_model_misread_is_respelled_as_printed(tmp_path):
    record = replay(tmp_path, {"payment": {"iban": MISREAD}}, [(40, 50, f"IBAN: {WRITTEN}")])
    assert record.values is not None
    assert record.values["payment"]["iban"] == "GB82WEST12345698765432"
    assert outcomes(record, "iban") == {"passed"}
    assert record.fields["payment.iban"].raw == WRITTEN
    assert status(record, "payment.iban") == "consistent"


def test_an_account_number_misread_by_ocr_is_respelled(tmp_path):
    """The picture shows letters for digits and the reverse, as faded print is read."""
    path = picture(tmp_path, "Please pay to", f"IBAN: {MISREAD}")
    record = read_bytes(tmp_path, path.read_bytes(), "iban: iban", "scan.png")
    assert record.values == {"iban": "GB82WEST12345698765432"}
    assert [repair.check for repair in record.repairs] == ["iban"]
    assert status(record, "iban") == "consistent"


def test_what_a_text_layer_spells_wrongly_is_the_document_s_own_mistake(tmp_path):
    record = replay(tmp_path, {"payment": {"iban": MISREAD}}, [(40, 50, f"IBAN: {MISREAD}")])
    assert record.repairs == ()
    assert outcomes(record, "iban") == {"failed"}
    assert record.status.value == "review"


@given(
    st.sampled_from(
        ["GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606"]
    ),
    st.data(),
)
def test_every_pair_of_confusions_has_the_right_spelling_among_its_lookalikes(iban, data):
    pairs = {"0": "O", "1": "I", "5": "S", "8": "B", "S": "5", "B": "8"}
    places = [i for i, char in enumerate(iban) if i > 1 and char in pairs]
    wrong = data.draw(st.sets(st.sampled_from(places), min_size=1, max_size=2))
    misread = "".join(pairs[c] if i in wrong else c for i, c in enumerate(iban))
    assert iban in {code for code in lookalikes(misread) if is_valid_iban(code)}


def test_a_missing_total_that_is_printed_and_follows_is_filled(tmp_path):
    record = replay(tmp_path, told(gross=None), invoice())
    assert record.values is not None
    assert record.values["totals"]["gross"] == "124.95"
    assert record.fields["totals.gross"].note == "filled: BR-CO-15"
    assert status(record, "totals.gross") == "consistent"
    assert record.repairs[0].was is None


def test_what_is_not_printed_is_never_filled_in(tmp_path):
    record = replay(tmp_path, told(gross=None, paid=None, amount_due=None), invoice(gross=None))
    assert status(record, "totals.gross") == "absent"
    assert record.repairs == ()


def test_a_number_without_a_fitting_label_is_no_replacement(tmp_path):
    page = invoice(gross=None, paid=None, due_amount=None)
    page += [(40, 700, "Our hotline costs 124.95 a minute")]
    said = told(gross="110.00", paid=None, amount_due=None)
    record = replay(tmp_path, said, page)
    assert record.repairs == ()
    assert status(record, "totals.gross") == "conflict"


def test_two_replacements_that_both_close_the_sum_leave_it_open(tmp_path):
    page = [*pair(50, "Net total", "100.00"), *pair(70, "VAT", "10.00"), *pair(110, "VAT", "20.00")]
    page += [*pair(90, "Total", "120.00"), *pair(130, "Total", "110.00")]
    said = {"totals": {"net": "100.00", "tax": "10.00", "gross": "120.00"}}
    record = replay(tmp_path, said, page)
    assert record.repairs == ()
    assert outcomes(record, "BR-CO-15") == {"failed"}
    assert {status(record, f"totals.{name}") for name in ("net", "tax", "gross")} == {"conflict"}


def test_what_another_sum_proves_is_not_replaced(tmp_path):
    """Lines prove the net, tax rows the tax: so the gross is wrong, though a net would fit too."""
    page = [*invoice(gross="129.95", paid=None, due_amount=None), *pair(345, "Net total", "110.00")]
    said = told(gross="129.95", paid=None, amount_due=None)
    record = replay(tmp_path, said, page)
    assert record.values is not None
    assert record.values["totals"]["net"] == "105.00"
    assert record.repairs == ()


def test_an_e_invoice_is_the_sender_s_word_and_stays(fixtures, tmp_path):
    text = (fixtures / "invoices/kastell-cii.xml").read_text("utf-8")
    broken = text.replace("<ram:GrandTotalAmount>", "<ram:GrandTotalAmount>9")
    assert broken != text
    record = read_bytes(tmp_path, broken.encode(), name="a.xml")
    assert record.repairs == ()
    assert outcomes(record, "BR-CO-15") == {"failed"}


def test_a_repaired_record_replays_to_the_same_repair(tmp_path):
    first = replay(tmp_path, told(gross="110.00"), invoice())
    stored = tmp_path / "results.jsonl"
    stored.write_text(json.dumps(first.to_json()))
    data = (tmp_path / "r.pdf").read_bytes()
    again = read_bytes(tmp_path, data, name="r.pdf", engine=ReplayEngine(stored))
    assert again.values == first.values
    assert again.repairs == first.repairs
    assert status(again, "totals.gross") == "consistent", "replaying launders nothing"


def test_the_text_engine_s_own_alternatives_repair_a_scan(tmp_path):
    """A till slip as an image: the cash is also labelled in the card line below it."""
    rows = ["Corner Coffee Ltd", "Date: 12 March 2024", "Coffee beans      16.00"]
    rows += ["Total      16.00", "Cash      16.00", "Cash      20.00", "Change      4.00"]
    path = picture(tmp_path, *rows)
    record = read_bytes(tmp_path, path.read_bytes(), "receipt", "scan.png")
    assert record.values is not None
    assert record.values["cash_given"] == "20.00"
    assert record.fields["cash_given"].evidence[0].source.value == "ocr"
    assert outcomes(record, "receipt-cash") == {"passed"}


def test_an_alternative_away_from_its_label_is_no_replacement(tmp_path):
    """The same amount stands at two places, neither of which announces a total."""
    page = invoice(gross=None, paid=None, due_amount=None)
    page += [(40, 700, "124.95"), (40, 750, "124.95")]
    said = told(gross="110.00", paid=None, amount_due=None)
    record = replay(tmp_path, said, page, alternatives=other("totals.gross", "124.95"))
    assert record.repairs == ()


def test_the_text_engine_names_what_else_an_amount_could_be(tmp_path):
    path = tmp_path / "a.pdf"
    page = [*pair(50, "Cash", "16.00"), *pair(70, "Cash", "20.00"), *pair(90, "Cash", "7.50")]
    path.write_bytes(text_pdf(page))
    (found,) = Discovery([str(path)])
    opened = collect(list(open_document(found.document, ReadOptions())))
    (answer,) = TextEngine().answer([Question("x", opened.pages, load_schema("receipt"))])
    assert answer.alternatives is not None
    named = {item.raw for item in answer.alternatives["cash_given"]}
    assert named | {answer.values["cash_given"]} == {"16.00", "20.00", "7.50"}
    assert all(item.place is not None for item in answer.alternatives["cash_given"])


def test_a_paper_that_agrees_is_left_alone(tmp_path):
    assert read(tmp_path, invoice()).repairs == ()
    assert read(tmp_path, receipt(), schema="receipt").repairs == ()
    assert read(tmp_path, statement(), schema="bank_statement").repairs == ()

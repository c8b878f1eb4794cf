"""Each status of a field, earned on a real document; and nothing invented earns a good one."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw, ImageFont
from support.papers import INVOICE, invoice, outcomes, pair, read, read_bytes, replay, status
from support.pdfs import text_pdf

GOOD = {"verified", "consistent"}


class TestVerified:
    def test_a_value_beside_its_label(self, tmp_path):
        record = read(tmp_path, invoice())
        for path in ("invoice_number", "issue_date", "totals.gross", "payment.iban", "seller.name"):
            field = record.fields[path]
            assert field.status.value == "verified", path
            assert field.evidence[0].match.value in ("exact", "normalized")
        assert record.status.value == "ok"

    def test_an_account_that_goes_on_in_the_next_line(self, tmp_path):
        page = [*invoice(iban=None, bic=None)]
        page += [(40, 660, "Please transfer it to the account IBAN GB33 BUKB 2020 1555")]
        record = read(tmp_path, [*page, (40, 672, "5555 55 by the end of the month.")])
        field = record.fields["payment.iban"]
        assert field.status.value == "verified"
        assert field.evidence[0].quote == "GB33 BUKB 2020 1555 5555 55"

    def test_a_value_on_a_scan(self, tmp_path):
        image = Image.new("RGB", (1100, 700), "white")
        font = ImageFont.load_default(36)
        lines = ("Corner Coffee Ltd", "Date: 12 March 2024", "Subtotal 10.00", "VAT 19 % 1.90")
        for number, text in enumerate((*lines, "Total 11.90")):
            ImageDraw.Draw(image).text((80, 80 + 100 * number), text, fill="black", font=font)
        path = tmp_path / "scan.png"
        image.save(path, dpi=(200, 200))
        record = read_bytes(tmp_path, path.read_bytes(), "receipt", "scan.png")
        assert record.values is not None
        assert record.values["total"] == "11.90"
        assert status(record, "total") == "verified"
        assert record.fields["total"].evidence[0].source.value == "ocr"

    def test_a_word_of_the_embedded_xml(self, fixtures, tmp_path):
        data = (fixtures / "invoices/kastell-cii.xml").read_bytes()
        record = read_bytes(tmp_path, data, name="a.xml")
        assert status(record, "totals.gross") == "verified"
        assert record.fields["totals.gross"].evidence[0].source.value == "embedded_xml"


class TestConsistent:
    def test_an_amount_no_label_announces_but_a_sum_proves(self, tmp_path):
        page = [(40, 50 + 20 * i, text) for i, text in enumerate(("105.00", "19.95", "124.95") * 2)]
        said = {"totals": {"net": "105.00", "tax": "19.95", "gross": "124.95"}}
        record = replay(tmp_path, said, page)
        assert {status(record, f"totals.{name}") for name in said["totals"]} == {"consistent"}

    def test_the_same_without_a_sum_is_not(self, tmp_path):
        page = [(40, 50 + 20 * i, "124.95") for i in range(2)]
        record = replay(tmp_path, {"totals": {"gross": "124.95"}}, page)
        assert status(record, "totals.gross") == "unverified"


class TestUnverified:
    def test_a_value_nowhere_on_the_page(self, tmp_path):
        record = replay(tmp_path, {"seller": {"name": "Eastwood Metals plc"}}, invoice())
        field = record.fields["seller.name"]
        assert (field.status.value, field.evidence) == ("unverified", ())
        assert field.confidence < 0.3

    def test_a_date_that_could_be_read_two_ways(self, tmp_path):
        page = [(40, 50, "Invoice number: A-77"), (40, 70, "Invoice date: 03/04/2024")]
        field = read(tmp_path, page).fields["issue_date"]
        assert (field.status.value, len(field.readings)) == ("unverified", 2)

    @pytest.mark.parametrize("number", ["DE89 3704 0044 0532 0130 07", "PL09 1111 6136 3255 0204"])
    def test_an_account_that_cannot_be_however_clearly_it_is_printed(self, tmp_path, number):
        record = read(tmp_path, invoice(iban=number))
        assert status(record, "payment.iban") == "unverified"
        assert any("iban" in reason for reason in record.review_reasons)


class TestConflict:
    def test_printed_amounts_that_do_not_add_up(self, tmp_path):
        page = [
            *pair(50, "Net total", "100.00"),
            *pair(70, "VAT", "8.00"),
            *pair(90, "Total", "110.00"),
        ]
        record = read(tmp_path, page)
        assert {status(record, f"totals.{n}") for n in ("net", "tax", "gross")} == {"conflict"}
        assert outcomes(record, "BR-CO-15") == {"failed"}
        assert record.status.value == "review"

    def test_a_checksum_that_fails_on_a_scan(self, tmp_path):
        image = Image.new("RGB", (1300, 300), "white")
        font = ImageFont.load_default(40)
        text = "IBAN: DE89 3704 0044 0532 0130 07"
        ImageDraw.Draw(image).text((80, 100), text, fill="black", font=font)
        path = tmp_path / "scan.png"
        image.save(path, dpi=(200, 200))
        record = read_bytes(tmp_path, path.read_bytes(), "iban: iban", "scan.png")
        assert record.values == {"iban": "DE89370400440532013007"}
        assert status(record, "iban") == "conflict"

    def test_a_key_value_of_the_xml_that_no_page_prints(self, fixtures, tmp_path):
        pdf = pdfium.PdfDocument(text_pdf([(40, 50, "See the enclosed letter.")]))
        xml = (fixtures / "invoices/kastell-cii.xml").read_bytes()
        pdf.new_attachment("factur-x.xml").set_data(xml)
        data = io.BytesIO()
        pdf.save(data)
        record = read_bytes(tmp_path, data.getvalue())
        for path in ("invoice_number", "issue_date", "totals.gross"):
            assert status(record, path) == "conflict"
            assert record.fields[path].note == "embedded data say so; no page prints it"
        assert status(record, "buyer.name") == "verified", "no key: pages may leave it out"
        assert record.status.value == "review"


class TestAbsent:
    def test_a_field_the_page_does_not_have(self, tmp_path):
        record = read(tmp_path, invoice(bic=None, due=None))
        assert {status(record, path) for path in ("payment.bic", "due_date")} == {"absent"}
        assert record.fields["payment.bic"].confidence == 0


TOLD: dict[str, Any] = {
    "invoice_number": "RE-2024-07", "issue_date": INVOICE["date"],
    "totals": {"net": "105.00", "tax": "19.95", "gross": "124.95"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("totals.paid", {"totals": {"gross": "124.95", "paid": "15.00"}}),
        ("totals.charges", {"totals": {**TOLD["totals"], "charges": "15.00"}}),
        ("lines[0].net", {"lines": [{"description": "Angle grinder", "net": "47.11"}]}),
        ("due_date", {"due_date": "2024-04-19"}),
        ("delivery_date", {"delivery_date": "7 March 2024"}),
        ("buyer.name", {"buyer": {"name": "Hansen & Söhne KG"}}),
        ("seller.address", {"seller": {"address": "Lange Reihe 7, 20099 Hamburg"}}),
        ("payment.iban", {"payment": {"iban": "GB33BUKB20201555555555"}}),
        ("payment.bic", {"payment": {"bic": "DEUTDEFFXXX"}}),
        ("seller.tax_id", {"seller": {"tax_id": "DE811569869"}}),
        ("invoice_number", {"invoice_number": "RE-2024-70"}),
        ("currency", {"currency": "USD"}),
    ],
)
def test_a_plausible_value_that_is_not_printed_is_flagged(tmp_path, path, values):
    record = replay(tmp_path, TOLD | values, invoice(paid=None))
    field = record.fields[path]
    assert field.status.value in ("unverified", "conflict")
    assert field.evidence == ()
    assert field.confidence <= 0.3


def test_invented_amounts_that_add_up_are_flagged(tmp_path):
    said = {"totals": {"net": "50.00", "tax": "10.00", "gross": "60.00"}}
    record = replay(tmp_path, said, [(40, 50, "Nothing here costs anything")])
    assert outcomes(record, "BR-CO-15") == {"passed"}
    assert {status(record, f"totals.{name}") for name in said["totals"]} == {"unverified"}


def test_one_true_total_does_not_prove_two_invented_ones(tmp_path):
    said = {"totals": {"net": "99.95", "tax": "25.00", "gross": "124.95"}}
    record = replay(tmp_path, said, invoice(paid=None))
    assert record.fields["totals.net"].status.value not in GOOD
    assert record.fields["totals.tax"].status.value not in GOOD


def test_a_number_printed_for_something_else_is_not_verified(tmp_path):
    """The quantity and the page number are printed too; neither is the total."""
    page = [*invoice(gross=None, due_amount=None), (300, 800, "Page 7 of 7")]
    record = replay(tmp_path, {"totals": {"gross": "7"}}, page)
    assert status(record, "totals.gross") not in GOOD

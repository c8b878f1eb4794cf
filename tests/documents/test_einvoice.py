"""E-invoices: every syntax gives exact values, no damaged or hostile XML gives any."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

from docextract.core import DocumentError, EmbeddedInvoice, Reason
from docextract.documents.einvoice.attached.associated_files import AttachedFile
from docextract.documents.einvoice.invoice_xml import read_einvoice, read_embedded
from docextract.documents.einvoice.xml_tree import MAX_BYTES
from docextract.normalise import LocaleEvidence, normalise_tree
from docextract.schema.loading import load_schema

UBL = """<?xml version="1.0" encoding="UTF-8"?>
<{root} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
 <cbc:ID>SN-7</cbc:ID><cbc:IssueDate>2024-03-05</cbc:IssueDate>
 <cbc:DueDate>2024-04-04</cbc:DueDate>{type_code}
 <cbc:Note>Thank
   you</cbc:Note><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
 <cbc:BuyerReference>04011000-12345-67</cbc:BuyerReference>
 <cac:OrderReference><cbc:ID>PO-9</cbc:ID></cac:OrderReference>
 <cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>SN-6</cbc:ID>
 </cac:InvoiceDocumentReference></cac:BillingReference>
 <cac:AccountingSupplierParty><cac:Party>
  <cac:PartyName><cbc:Name>Trading</cbc:Name></cac:PartyName>
  <cac:PostalAddress><cbc:StreetName>Main 1</cbc:StreetName><cbc:CityName>Berlin</cbc:CityName>
   <cbc:PostalZone>10115</cbc:PostalZone>
   <cac:Country><cbc:IdentificationCode>DE</cbc:IdentificationCode></cac:Country>
  </cac:PostalAddress>
  <cac:PartyTaxScheme><cbc:CompanyID>123/456</cbc:CompanyID>
   <cac:TaxScheme><cbc:ID>FC</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyTaxScheme><cbc:CompanyID>DE136695976</cbc:CompanyID>
   <cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
  <cac:PartyLegalEntity><cbc:RegistrationName>Seller &amp; Söhne</cbc:RegistrationName>
   <cbc:CompanyID>HRB 1</cbc:CompanyID></cac:PartyLegalEntity>
 </cac:Party></cac:AccountingSupplierParty>
 <cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>
  <cbc:PaymentID>SN-7 REF</cbc:PaymentID><cac:PayeeFinancialAccount>
  <cbc:ID>DE89 3704 0044 0532 0130 00</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>
 <cac:TaxTotal><cbc:TaxAmount currencyID="SEK">200</cbc:TaxAmount></cac:TaxTotal>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>
  <cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">100.00</cbc:TaxableAmount>
  <cbc:TaxAmount currencyID="EUR">19.00</cbc:TaxAmount>
  <cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory>
  </cac:TaxSubtotal></cac:TaxTotal>
 <cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
  <cbc:TaxExclusiveAmount currencyID="EUR">100.00</cbc:TaxExclusiveAmount>
  <cbc:TaxInclusiveAmount currencyID="EUR">119.00</cbc:TaxInclusiveAmount>
  <cbc:PayableAmount currencyID="EUR">119.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
 <cac:{line}Line><cbc:ID>1</cbc:ID><cbc:{quantity} unitCode="C62">4</cbc:{quantity}>
  <cbc:LineExtensionAmount currencyID="EUR">100.00</cbc:LineExtensionAmount>
  <cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
   <cbc:Amount currencyID="EUR">20.00</cbc:Amount></cac:AllowanceCharge>
  <cac:Item><cbc:Name>Bolt</cbc:Name><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID>
   <cbc:Percent>19</cbc:Percent></cac:ClassifiedTaxCategory></cac:Item>
  <cac:Price><cbc:PriceAmount currencyID="EUR">30.00</cbc:PriceAmount></cac:Price>
 </cac:{line}Line>
</{root}>"""

UBL_INVOICE = UBL.format(
    root="Invoice", line="Invoice", quantity="InvoicedQuantity",
    type_code="<cbc:InvoiceTypeCode>384</cbc:InvoiceTypeCode>",
).encode()  # fmt: skip
UBL_CREDIT = UBL.format(
    root="CreditNote", line="CreditNote", quantity="CreditedQuantity", type_code=""
).encode()
CII = b"""<?xml version="1.0"?><a:CrossIndustryInvoice xmlns:a="urn:a" xmlns:b="urn:b">
<a:ExchangedDocument><b:ID>CII-1</b:ID><b:TypeCode>381</b:TypeCode></a:ExchangedDocument>
</a:CrossIndustryInvoice>"""

HEADER = {
    "invoice_number": "invoice_number", "issue_date": "issue_date", "due_date": "due_date",
    "vendor_name": "seller.name", "vendor_vat_id": "seller.tax_id",
    "vendor_tax_number": "seller.tax_number", "buyer_name": "buyer.name",
    "buyer_order_number": "purchase_order", "currency": "currency",
    "subtotal": "totals.net", "line_total_sum": "totals.line_total", "tax_total": "totals.tax",
    "total": "totals.gross", "prepaid": "totals.paid", "amount_due": "totals.amount_due",
    "iban": "payment.iban",
}  # fmt: skip
LINE = {"description": "description", "quantity": "quantity", "unit": "unit",
        "unit_price": "unit_price", "line_total": "net", "tax_rate": "tax_rate"}  # fmt: skip


def at(tree: Any, path: str) -> Any:
    for name in path.split("."):
        tree = (tree or {}).get(name)
    return tree


def is_equal(wanted: str | None, found: str | None) -> bool:
    if wanted is None or found is None:
        return wanted == found
    try:
        return Decimal(wanted) == Decimal(found)
    except InvalidOperation:
        return wanted.split() == found.split()


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def files(*items: tuple[str, bytes], is_associated: bool = False) -> list[AttachedFile]:
    return [AttachedFile(name, data, is_associated) for name, data in items]


def attachments(path: Path) -> list[AttachedFile]:
    pypdfium2 = pytest.importorskip("pypdfium2")
    pdf = pypdfium2.PdfDocument(path)
    items = [pdf.get_attachment(index) for index in range(pdf.count_attachments())]
    found = files(*((item.get_name(), bytes(item.get_data())) for item in items))
    pdf.close()
    return found


def test_every_real_e_invoice_is_read_exactly(real_documents: Path) -> None:
    folder = real_documents / "dev" / "zugferd"
    wrong = []
    truths = [json.loads(line) for line in lines_of(folder / "truth.jsonl")]
    for truth in truths:
        found = read_embedded(attachments(folder / truth["file"]))
        assert found is not None
        fields = truth["fields"]
        for key, path in HEADER.items():
            if not is_equal(fields[key], at(found.values, path)):
                wrong.append((truth["id"], path, fields[key], at(found.values, path)))
        rows = found.values.get("lines", [])
        for item, row in zip(fields["line_items"] or [], rows, strict=False):
            wrong += [
                (truth["id"], path, item[key], row.get(path))
                for key, path in LINE.items()
                if not is_equal(item[key], row.get(path))
            ]
        assert fields["line_items"] is None or len(fields["line_items"]) == len(rows)
    assert truths
    assert wrong == []


def test_real_orders_are_no_invoices(real_documents: Path) -> None:
    folder = real_documents / "dev" / "orderx"
    for path in sorted(folder.glob("docs/*.pdf"))[:3]:
        assert read_embedded(attachments(path)) is None


def test_what_the_xml_says_survives_normalising(real_documents: Path) -> None:
    schema = load_schema("invoice")
    folder = real_documents / "dev" / "zugferd"
    for line in lines_of(folder / "truth.jsonl")[:12]:
        found = read_embedded(attachments(folder / json.loads(line)["file"]))
        assert found is not None
        tree, _ = normalise_tree(found.values, schema, LocaleEvidence(decimal_mark="."))
        for path in HEADER.values():
            assert is_equal(at(found.values, path), at(tree, path)), path


def check_ubl(found: EmbeddedInvoice) -> None:
    values = found.values
    assert values["invoice_number"] == "SN-7"
    assert (values["issue_date"], values["due_date"]) == ("2024-03-05", "2024-04-04")
    assert (values["purchase_order"], values["preceding_invoice"]) == ("PO-9", "SN-6")
    assert values["note"] == "Thank you"
    assert values["seller"] == {
        "name": "Seller & Söhne", "country": "DE", "registration_number": "HRB 1",
        "tax_number": "123/456", "tax_id": "DE136695976", "address": "Main 1, 10115 Berlin",
    }  # fmt: skip
    assert values["payment"]["iban"] == "DE89370400440532013000"
    assert values["payment"]["means"] == "transfer"
    assert found.quotes["payment.iban"] == "DE89 3704 0044 0532 0130 00"
    assert values["totals"]["tax"] == "19.00"
    assert values["taxes"] == [{"category": "S", "rate": "19", "base": "100.00", "amount": "19.00"}]
    assert values["lines"] == [
        {"line_no": "1", "description": "Bolt", "quantity": "4", "unit": "C62",
         "unit_price": "30.00", "net": "100.00", "discount": "20.00", "tax_rate": "19",
         "tax_category": "S"}
    ]  # fmt: skip


def test_ubl_invoice() -> None:
    found = read_einvoice(UBL_INVOICE)
    assert (found.syntax, found.profile) == ("UBL Invoice", "urn:cen.eu:en16931:2017")
    assert found.values["document_type"] == "correction"
    check_ubl(found)


def test_ubl_credit_note() -> None:
    found = read_einvoice(UBL_CREDIT)
    assert found.values["document_type"] == "credit_note"
    check_ubl(found)


def test_cii_under_any_prefix() -> None:
    found = read_einvoice(b"\n  " + CII)
    assert found.values == {"document_type": "credit_note", "invoice_number": "CII-1"}
    assert found.quotes == {"document_type": "381", "invoice_number": "CII-1"}


def test_utf_16_is_read() -> None:
    text = CII.decode().replace('version="1.0"', 'version="1.0" encoding="UTF-16"')
    assert read_einvoice(text.encode("utf-16")).values["invoice_number"] == "CII-1"


def test_the_first_cii_wins_over_other_xml() -> None:
    other = CII.replace(b"CII-1", b"CII-2")
    picked = read_embedded(files(
        ("notes.txt", b"hi"), ("ubl.xml", UBL_INVOICE), ("a/ZUGFeRD-invoice.xml", CII),
        ("factur-x.xml", other),
    ))  # fmt: skip
    assert picked is not None
    assert picked.values["invoice_number"] == "CII-1"


def test_ubl_and_unnamed_attachments_are_found() -> None:
    named = (("logo.png", b"\x89PNG"), ("rechnung.xml", UBL_INVOICE))
    picked = read_embedded(files(*named, is_associated=True))
    assert picked is not None
    assert picked.syntax == "UBL Invoice"


def test_attachments_without_an_invoice_give_none() -> None:
    assert read_embedded([]) is None
    order = b"<SCRDMCCBDACIOMessageStructure/>"
    others = [("data.xml", b"<x/>"), ("broken.xml", b"<x"), ("order-x.xml", order)]
    assert read_embedded(files(*others)) is None


def test_a_damaged_named_attachment_is_an_error_unless_another_one_is_whole() -> None:
    with pytest.raises(DocumentError) as caught:
        read_embedded(files(("factur-x.xml", CII[:-20])))
    assert caught.value.reason is Reason.INVALID_EINVOICE
    whole = read_embedded(files(("factur-x.xml", CII[:-20]), ("xrechnung.xml", CII)))
    assert whole is not None


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Invoice>&b;</Invoice>'


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"hello",
        b"\x00\x00\x00",
        UBL_INVOICE[:900],
        b'<?xml version="1.0" encoding="UTF-8"?><Invoice><ID>\xe4</ID></Invoice>',
        b'<?xml version="1.0" encoding="no-such"?><Invoice/>',
        b'<?xml version="1.0" encoding="shift_jis"?><Invoice/>',
        LAUGHS,
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Invoice/>',
        b"<a>" * 200_000,
        b"<a>" + b"<b/>" * 450_000 + b"</a>",
        b"<Invoice>" + b" " * MAX_BYTES + b"</Invoice>",
        b"<html><ID>1</ID></html>",
        b"<Invoice/>",
    ],
    ids=["empty", "text", "zeros", "cut", "latin1", "no encoding", "multibyte", "laughs",
         "external", "deep", "many", "large", "html", "hollow"],
)  # fmt: skip
def test_damaged_and_hostile_xml_is_refused(xml: bytes) -> None:
    with pytest.raises(DocumentError) as caught:
        read_einvoice(xml)
    assert caught.value.reason is Reason.INVALID_EINVOICE


@pytest.mark.parametrize("amount", ["1e400000", "NaN", "Infinity", "12,5", "0x1", "9" * 60])
def test_amounts_that_are_none_are_left_out(amount: str) -> None:
    end = b"</cbc:PayableAmount>"
    xml = UBL_INVOICE.replace(b">119.00" + end, b">" + amount.encode() + end)
    assert "amount_due" not in read_einvoice(xml).values["totals"]


def test_card_numbers_are_masked(fixtures: Path) -> None:
    xml = (fixtures / "invoices/sonnenfeld-ubl.xml").read_text("utf-8")
    changed = xml.replace("<cbc:PaymentID>SE-2025-00318", "<cbc:PaymentID>4111111111111111")
    assert changed != xml
    found = read_einvoice(changed.encode())
    assert found.values["payment"]["reference"] == "411111******1111"
    assert "4111111111111111" not in repr(found)

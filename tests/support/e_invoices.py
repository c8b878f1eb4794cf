"""Writes UBL invoices of a few terms, and PDFs that carry them as attachments."""

from __future__ import annotations

from collections.abc import Sequence

from support.pdfs import PdfWriter, show

NUMBER, SELLER, IBAN, BIC = (
    "QW-417",
    "Quarzwerk Halden GmbH",
    "DE89370400440532013000",
    "COBADEFFXXX",
)
OTHER_IBAN = "GB33BUKB20201555555555"

HEAD = f"""<cbc:ID>{NUMBER}</cbc:ID><cbc:IssueDate>2026-03-10</cbc:IssueDate>
<cbc:DueDate>2026-04-09</cbc:DueDate><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"""
PARTIES = f"""<cac:AccountingSupplierParty><cac:Party>
<cac:PartyTaxScheme><cbc:CompanyID>DE136695976</cbc:CompanyID>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>{SELLER}</cbc:RegistrationName>
</cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>"""
PAID_TO = """<cac:PaymentMeans><cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>
<cac:PayeeFinancialAccount><cbc:ID>{iban}</cbc:ID><cac:FinancialInstitutionBranch>
<cbc:ID>{bic}</cbc:ID></cac:FinancialInstitutionBranch></cac:PayeeFinancialAccount>
</cac:PaymentMeans>"""
TAX = """<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">144.40</cbc:TaxAmount>
<cac:TaxSubtotal><cbc:TaxableAmount>760.00</cbc:TaxableAmount><cbc:TaxAmount>144.40</cbc:TaxAmount>
<cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent></cac:TaxCategory>
</cac:TaxSubtotal></cac:TaxTotal>"""
TOTALS = {
    "LineExtensionAmount": "760.00", "TaxExclusiveAmount": "760.00",
    "TaxInclusiveAmount": "904.40", "PayableAmount": "904.40",
}  # fmt: skip


def line(net: str = "760.00", quantity: str = "4", price: str = "190.00", more: str = "") -> str:
    """Return an invoice line; ``more`` stands inside its price."""
    return f"""<cac:InvoiceLine><cbc:ID>1</cbc:ID>
<cbc:InvoicedQuantity unitCode="C62">{quantity}</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount>{net}</cbc:LineExtensionAmount><cac:Item><cbc:Name>Pumpe</cbc:Name>
<cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>
</cac:ClassifiedTaxCategory></cac:Item>
<cac:Price><cbc:PriceAmount>{price}</cbc:PriceAmount>{more}</cac:Price></cac:InvoiceLine>"""


def ubl(
    *, head: str = HEAD, parties: str = PARTIES, tax: str = TAX, lines: str | None = None,
    iban: str = IBAN, between: str = "", **totals: str,
) -> bytes:  # fmt: skip
    """Return a UBL invoice that holds, but for what is changed; ``totals`` by element."""
    stated = {**TOTALS, **totals}.items()
    amounts = "".join(f"<cbc:{name}>{text}</cbc:{name}>" for name, text in stated)
    return f"""<?xml version="1.0"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
{head}{parties}{PAID_TO.format(iban=iban, bic=BIC)}{between}{tax}
<cac:LegalMonetaryTotal>{amounts}</cac:LegalMonetaryTotal>
{line() if lines is None else lines}</Invoice>""".encode()


PAGE = (
    SELLER, f"Rechnungsnummer {NUMBER}", "Rechnungsdatum 10.03.2026", "Nettobetrag 760,00 EUR",
    "MwSt 19 % 144,40 EUR", "Gesamtbetrag 904,40 EUR", f"IBAN {IBAN}", f"BIC {BIC}",
)  # fmt: skip


def page(*lines: str) -> bytes:
    """Return a page's content of one line below another."""
    return b"".join(show(60, 780 - 30 * row, text, size=11) for row, text in enumerate(lines))


def pdf(
    xml: bytes | Sequence[tuple[str, bytes]], *lines: str, name: str = "factur-x.xml",
    place: str = "names",
) -> bytes:  # fmt: skip
    """Return a PDF that carries XML.

    Args:
        xml: one file, or several by name.
        lines: of its page; those of ``PAGE`` if none.
        name: of the one file.
        place: ``names`` (the tree of embedded files), ``af``, or ``annotation``.
    """
    files = [(name, xml)] if isinstance(xml, bytes) else list(xml)
    writer = PdfWriter()
    specs = []
    for each, data in files:
        file = writer.stream(data, b"/Type /EmbeddedFile /Subtype /text#2Fxml")
        text = f"<< /Type /Filespec /F ({each}) /UF ({each}) /AFRelationship /Data"
        specs.append(writer.add(f"{text} /EF << /F {file} 0 R /UF {file} 0 R >> >>".encode()))
    catalog, extra = "<< /Type /Catalog /Pages 2 0 R", ""
    if place == "names":
        names = zip(files, specs, strict=True)
        named = " ".join(f"({each}) {number} 0 R" for (each, _), number in names)
        catalog += f" /Names << /EmbeddedFiles << /Names [{named}] >> >>"
    elif place == "af":
        catalog += f" /AF [{' '.join(f'{number} 0 R' for number in specs)}]"
    else:
        pin = f"<< /Type /Annot /Subtype /FileAttachment /FS {specs[0]} 0 R /Rect [1 1 9 9] >>"
        extra = f"/Annots [{writer.add(pin.encode())} 0 R]"
    writer.page(page(*(lines or PAGE)), extra=extra)
    writer.objects[0] = f"{catalog} >>".encode()
    return writer.data()

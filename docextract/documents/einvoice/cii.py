"""Reads UN/CEFACT Cross Industry Invoices: Factur-X, ZUGFeRD 1 and 2, XRechnung.

Knows nothing of PDFs; an XML tree goes in, values in the invoice schema's paths come out.
Business terms (BT) are those of EN 16931-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from docextract.core import EmbeddedInvoice
from docextract.documents.einvoice.cii_terms import CII_TERMS
from docextract.documents.einvoice.invoice_values import (
    Row,
    Values,
    as_date,
    as_decimal,
    as_document_type,
    as_iban,
    as_payment_means,
    as_text,
    join_address,
    own_tax_totals,
    row,
)
from docextract.documents.einvoice.term_paths import read_terms
from docextract.documents.einvoice.xml_tree import Node

ROOTS = {"CrossIndustryInvoice": "CII", "CrossIndustryDocument": "ZUGFeRD 1.0"}

_ZUGFERD_1_NAMES = {
    "SpecifiedExchangedDocumentContext": "ExchangedDocumentContext",
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeDelivery": "ApplicableHeaderTradeDelivery",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedSupplyChainTradeAgreement": "SpecifiedLineTradeAgreement",
    "SpecifiedSupplyChainTradeDelivery": "SpecifiedLineTradeDelivery",
    "SpecifiedSupplyChainTradeSettlement": "SpecifiedLineTradeSettlement",
    "ApplicablePercent": "RateApplicablePercent",
}
"""What ZUGFeRD 1.0 calls the elements of CII D16B."""

_AGREEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeAgreement"
_DELIVERY = "SupplyChainTradeTransaction/ApplicableHeaderTradeDelivery"
_SETTLEMENT = "SupplyChainTradeTransaction/ApplicableHeaderTradeSettlement"
_MEANS = f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans"
_SUMMATIONS = (
    f"{_SETTLEMENT}/SpecifiedTradeSettlementHeaderMonetarySummation",
    f"{_SETTLEMENT}/SpecifiedTradeSettlementMonetarySummation",
)

_HEADER: tuple[Row, ...] = (
    row("document_type", as_document_type, "ExchangedDocument/TypeCode"),
    row("invoice_number", as_text, "ExchangedDocument/ID"),
    row("issue_date", as_date, "ExchangedDocument/IssueDateTime/DateTimeString"),
    row("due_date", as_date,
        f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString"),
    row("tax_point_date", as_date, f"{_SETTLEMENT}/ApplicableTradeTax/TaxPointDate/DateString"),
    row("delivery_date", as_date,
        f"{_DELIVERY}/ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString"),
    row("period_start", as_date,
        f"{_SETTLEMENT}/BillingSpecifiedPeriod/StartDateTime/DateTimeString"),
    row("period_end", as_date,
        f"{_SETTLEMENT}/BillingSpecifiedPeriod/EndDateTime/DateTimeString"),
    row("currency", as_text, f"{_SETTLEMENT}/InvoiceCurrencyCode"),
    row("purchase_order", as_text,
        f"{_AGREEMENT}/BuyerOrderReferencedDocument/IssuerAssignedID",
        f"{_AGREEMENT}/BuyerOrderReferencedDocument/ID"),
    row("sales_order", as_text,
        f"{_AGREEMENT}/SellerOrderReferencedDocument/IssuerAssignedID",
        f"{_AGREEMENT}/SellerOrderReferencedDocument/ID"),
    row("contract_number", as_text,
        f"{_AGREEMENT}/ContractReferencedDocument/IssuerAssignedID",
        f"{_AGREEMENT}/ContractReferencedDocument/ID"),
    row("project_reference", as_text, f"{_AGREEMENT}/SpecifiedProcuringProject/ID"),
    row("buyer_reference", as_text, f"{_AGREEMENT}/BuyerReference"),
    row("customer_id", as_text, f"{_AGREEMENT}/BuyerTradeParty/ID"),
    row("preceding_invoice", as_text,
        f"{_SETTLEMENT}/InvoiceReferencedDocument/IssuerAssignedID",
        f"{_SETTLEMENT}/InvoiceReferencedDocument/ID"),
    row("ship_to.name", as_text, f"{_DELIVERY}/ShipToTradeParty/Name"),
    row("payment.terms", as_text, f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/Description"),
    row("payment.means", as_payment_means, f"{_MEANS}/TypeCode"),
    row("payment.iban", as_iban, f"{_MEANS}/PayeePartyCreditorFinancialAccount/IBANID"),
    row("payment.account_name", as_text,
        f"{_MEANS}/PayeePartyCreditorFinancialAccount/AccountName"),
    row("payment.bic", as_text, f"{_MEANS}/PayeeSpecifiedCreditorFinancialInstitution/BICID"),
    row("payment.bank_name", as_text,
        f"{_MEANS}/PayeeSpecifiedCreditorFinancialInstitution/Name"),
    row("payment.reference", as_text, f"{_SETTLEMENT}/PaymentReference"),
    row("payment.mandate_id", as_text,
        f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DirectDebitMandateID"),
)  # fmt: skip

_PARTY: tuple[Row, ...] = (
    row("name", as_text, "Name", "SpecifiedLegalOrganization/TradingBusinessName"),
    row("country", as_text, "PostalTradeAddress/CountryID"),
    row("tax_id", as_text, "SpecifiedTaxRegistration/ID@VA"),
    row("tax_number", as_text, "SpecifiedTaxRegistration/ID@FC"),
    row("registration_number", as_text, "SpecifiedLegalOrganization/ID"),
    row("contact", as_text, "DefinedTradeContact/PersonName",
        "DefinedTradeContact/DepartmentName"),
    row("phone", as_text, "DefinedTradeContact/TelephoneUniversalCommunication/CompleteNumber"),
    row("email", as_text, "DefinedTradeContact/EmailURIUniversalCommunication/URIID",
        "DefinedTradeContact/EmailURIUniversalCommunication/CompleteNumber",
        "URIUniversalCommunication/URIID@EM"),
)  # fmt: skip

_TOTALS = {
    "line_total": "LineTotalAmount",
    "discount": "AllowanceTotalAmount",
    "charges": "ChargeTotalAmount",
    "net": "TaxBasisTotalAmount",
    "gross": "GrandTotalAmount",
    "paid": "TotalPrepaidAmount",
    "rounding": "RoundingAmount",
    "amount_due": "DuePayableAmount",
}

_TAX: tuple[Row, ...] = (
    row("category", as_text, "CategoryCode"),
    row("rate", as_decimal, "RateApplicablePercent"),
    row("base", as_decimal, "BasisAmount"),
    row("amount", as_decimal, "CalculatedAmount"),
    row("exemption_reason", as_text, "ExemptionReason"),
)

_LINE: tuple[Row, ...] = (
    row("line_no", as_text, "AssociatedDocumentLineDocument/LineID"),
    row("product_code", as_text, "SpecifiedTradeProduct/SellerAssignedID",
        "SpecifiedTradeProduct/GlobalID", "SpecifiedTradeProduct/BuyerAssignedID"),
    row("description", as_text, "SpecifiedTradeProduct/Name",
        "SpecifiedTradeProduct/Description",
        "AssociatedDocumentLineDocument/IncludedNote/Content"),
    row("quantity", as_decimal, "SpecifiedLineTradeDelivery/BilledQuantity"),
    row("unit_price", as_decimal,
        "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount",
        "SpecifiedLineTradeAgreement/GrossPriceProductTradePrice/ChargeAmount"),
    row("net", as_decimal,
        "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
        "SpecifiedLineTradeSettlement/SpecifiedTradeSettlementMonetarySummation/LineTotalAmount"),
    row("tax_rate", as_decimal,
        "SpecifiedLineTradeSettlement/ApplicableTradeTax/RateApplicablePercent"),
    row("tax_category", as_text, "SpecifiedLineTradeSettlement/ApplicableTradeTax/CategoryCode"),
)  # fmt: skip

_NOT_COUNTED = frozenset({"GROUP", "INFORMATION"})
"""Line status reasons (EXTENDED profile) whose amounts are not part of the line total."""


def read_cii(root: Node) -> EmbeddedInvoice:
    """Return what a Cross Industry Invoice says; absent terms are left out."""
    syntax = ROOTS[root.name]
    if root.name == "CrossIndustryDocument":
        _rename(root)
    values = Values()
    values.read(root, _HEADER)
    _read_notes(root, values)
    for name, path in (("seller", "SellerTradeParty"), ("buyer", "BuyerTradeParty")):
        party = root.first(f"{_AGREEMENT}/{path}")
        if party is not None:
            values.read(party, _PARTY, f"{name}.")
            _read_address(party, values, f"{name}.address")
    ship_to = root.first(f"{_DELIVERY}/ShipToTradeParty")
    if ship_to is not None:
        _read_address(ship_to, values, "ship_to.address")
    _read_totals(root, values)
    taxes = list(root.all(f"{_SETTLEMENT}/ApplicableTradeTax"))
    for index, tax in enumerate(taxes):
        values.read(tax, _TAX, f"taxes[{index}].")
    items = _read_lines(root, values)
    profile = root.text_at("ExchangedDocumentContext/GuidelineSpecifiedDocumentContextParameter/ID")
    terms = read_terms(root, CII_TERMS, items, taxes, values.tree, _uncounted(items))
    return EmbeddedInvoice(
        values.tree, values.quotes, syntax, profile or "", replace(terms, profile=profile or "")
    )


def _rename(node: Node) -> None:
    pending = [node]
    while pending:
        current = pending.pop()
        current.name = _ZUGFERD_1_NAMES.get(current.name, current.name)
        pending += current.children


def _read_notes(root: Node, values: Values) -> None:
    notes = [node.text for node in root.all("ExchangedDocument/IncludedNote/Content")]
    values.put("note", as_text(" ".join(notes)), "\n".join(notes))


def _read_address(party: Node, values: Values, path: str) -> None:
    address = party.first("PostalTradeAddress")
    if address is None:
        return
    city = " ".join(filter(None, (address.text_at("PostcodeCode"), address.text_at("CityName"))))
    joined = join_address(
        (
            address.text_at("LineOne"),
            address.text_at("LineTwo"),
            address.text_at("LineThree"),
            city,
            address.text_at("CountrySubDivisionName"),
        )
    )
    values.put(path, joined, joined or "")


def _read_totals(root: Node, values: Values) -> None:
    summation = root.first(*_SUMMATIONS)
    if summation is None:
        return
    values.read(
        summation, [row(name, as_decimal, element) for name, element in _TOTALS.items()], "totals."
    )
    tax = own_tax_totals(summation.all("TaxTotalAmount"), values.tree)
    if tax:
        values.put("totals.tax", as_decimal(tax[0].text), tax[0].text)


def _read_lines(root: Node, values: Values) -> list[Node]:
    items = root.all("SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem")
    billed = [item for item in items if not _is_mere_note(item)]
    for index, item in enumerate(billed):
        prefix = f"lines[{index}]."
        values.read(item, _LINE, prefix)
        quantity = item.first("SpecifiedLineTradeDelivery/BilledQuantity")
        if quantity is not None and (code := quantity.attributes.get("unitCode")):
            values.put(f"{prefix}unit", as_text(code), code)
        values.put_sum(f"{prefix}discount", _discounts(item))
    for index in _uncounted(billed):
        values.drop_amount(f"lines[{index}].net")
    return billed


def _uncounted(items: list[Node]) -> frozenset[int]:
    """Return the numbers of lines whose amounts are no part of the line total."""
    path = "AssociatedDocumentLineDocument/LineStatusReasonCode"
    return frozenset(row for row, item in enumerate(items) if item.text_at(path) in _NOT_COUNTED)


def _is_mere_note(item: Node) -> bool:
    """Whether a line holds a sentence only, as ZUGFeRD 1.0 allows."""
    return item.first("SpecifiedTradeProduct", "SpecifiedLineTradeDelivery") is None


def _discounts(item: Node) -> Iterator[tuple[int, Node]]:
    """Yield the line's allowances (BT-136) and, with a minus, its charges (BT-141)."""
    for charge in item.all("SpecifiedLineTradeSettlement/SpecifiedTradeAllowanceCharge"):
        amount = charge.first("ActualAmount")
        if amount is not None:
            yield (1 if charge.text_at("ChargeIndicator/Indicator") == "false" else -1), amount

"""Reads UBL 2.1 invoices and credit notes: XRechnung, Peppol BIS and their kin.

Knows nothing of PDFs; an XML tree goes in, values in the invoice schema's paths come out.
Business terms (BT) are those of EN 16931-1.
"""

from __future__ import annotations

from collections.abc import Iterator

from docextract.core import EmbeddedInvoice
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
    row,
)
from docextract.documents.einvoice.xml_tree import Node

ROOTS = {"Invoice": "UBL Invoice", "CreditNote": "UBL CreditNote"}

_HEADER: tuple[Row, ...] = (
    row("document_type", as_document_type, "InvoiceTypeCode", "CreditNoteTypeCode"),
    row("invoice_number", as_text, "ID"),
    row("issue_date", as_date, "IssueDate"),
    row("due_date", as_date, "DueDate", "PaymentMeans/PaymentDueDate"),
    row("tax_point_date", as_date, "TaxPointDate"),
    row("delivery_date", as_date, "Delivery/ActualDeliveryDate"),
    row("period_start", as_date, "InvoicePeriod/StartDate"),
    row("period_end", as_date, "InvoicePeriod/EndDate"),
    row("currency", as_text, "DocumentCurrencyCode"),
    row("purchase_order", as_text, "OrderReference/ID"),
    row("sales_order", as_text, "OrderReference/SalesOrderID"),
    row("contract_number", as_text, "ContractDocumentReference/ID"),
    row("project_reference", as_text, "ProjectReference/ID"),
    row("buyer_reference", as_text, "BuyerReference"),
    row("customer_id", as_text, "AccountingCustomerParty/Party/PartyIdentification/ID"),
    row("preceding_invoice", as_text, "BillingReference/InvoiceDocumentReference/ID"),
    row("ship_to.name", as_text, "Delivery/DeliveryParty/PartyName/Name"),
    row("payment.terms", as_text, "PaymentTerms/Note"),
    row("payment.means", as_payment_means, "PaymentMeans/PaymentMeansCode"),
    row("payment.iban", as_iban, "PaymentMeans/PayeeFinancialAccount/ID"),
    row("payment.account_name", as_text, "PaymentMeans/PayeeFinancialAccount/Name"),
    row("payment.bic", as_text,
        "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID",
        "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/FinancialInstitution/ID"),
    row("payment.reference", as_text, "PaymentMeans/PaymentID"),
    row("payment.mandate_id", as_text, "PaymentMeans/PaymentMandate/ID"),
)  # fmt: skip

_PARTY: tuple[Row, ...] = (
    row("name", as_text, "PartyLegalEntity/RegistrationName", "PartyName/Name"),
    row("country", as_text, "PostalAddress/Country/IdentificationCode"),
    row("registration_number", as_text, "PartyLegalEntity/CompanyID"),
    row("contact", as_text, "Contact/Name"),
    row("phone", as_text, "Contact/Telephone"),
    row("email", as_text, "Contact/ElectronicMail"),
)

_TOTALS: tuple[Row, ...] = (
    row("line_total", as_decimal, "LineExtensionAmount"),
    row("discount", as_decimal, "AllowanceTotalAmount"),
    row("charges", as_decimal, "ChargeTotalAmount"),
    row("net", as_decimal, "TaxExclusiveAmount"),
    row("gross", as_decimal, "TaxInclusiveAmount"),
    row("paid", as_decimal, "PrepaidAmount"),
    row("rounding", as_decimal, "PayableRoundingAmount"),
    row("amount_due", as_decimal, "PayableAmount"),
)

_TAX: tuple[Row, ...] = (
    row("category", as_text, "TaxCategory/ID"),
    row("rate", as_decimal, "TaxCategory/Percent", "Percent"),
    row("base", as_decimal, "TaxableAmount"),
    row("amount", as_decimal, "TaxAmount"),
    row("exemption_reason", as_text, "TaxCategory/TaxExemptionReason"),
)

_LINE: tuple[Row, ...] = (
    row("line_no", as_text, "ID"),
    row("product_code", as_text, "Item/SellersItemIdentification/ID",
        "Item/StandardItemIdentification/ID", "Item/BuyersItemIdentification/ID"),
    row("description", as_text, "Item/Name", "Item/Description"),
    row("quantity", as_decimal, "InvoicedQuantity", "CreditedQuantity"),
    row("unit_price", as_decimal, "Price/PriceAmount"),
    row("net", as_decimal, "LineExtensionAmount"),
    row("tax_rate", as_decimal, "Item/ClassifiedTaxCategory/Percent"),
    row("tax_category", as_text, "Item/ClassifiedTaxCategory/ID"),
)  # fmt: skip


def read_ubl(root: Node) -> EmbeddedInvoice:
    """Return what a UBL invoice or credit note says; absent terms are left out."""
    values = Values()
    values.read(root, _HEADER)
    if root.name == "CreditNote" and "document_type" not in values.tree:
        values.put("document_type", "credit_note", root.name)
    notes = [node.text for node in root.all("Note")]
    values.put("note", as_text(" ".join(notes)), "\n".join(notes))
    for name, path in (("seller", "AccountingSupplierParty"), ("buyer", "AccountingCustomerParty")):
        party = root.first(f"{path}/Party")
        if party is not None:
            values.read(party, _PARTY, f"{name}.")
            _read_tax_ids(party, values, name)
            _read_address(party.first("PostalAddress"), values, f"{name}.address")
    _read_address(root.first("Delivery/DeliveryLocation/Address"), values, "ship_to.address")
    _read_totals(root, values)
    _read_lines(root, values)
    return EmbeddedInvoice(
        values.tree, values.quotes, ROOTS[root.name], root.text_at("CustomizationID") or ""
    )


def _read_tax_ids(party: Node, values: Values, name: str) -> None:
    for scheme in party.all("PartyTaxScheme"):
        number = scheme.first("CompanyID")
        if number is None:
            continue
        field = "tax_id" if scheme.text_at("TaxScheme/ID") == "VAT" else "tax_number"
        values.put(f"{name}.{field}", as_text(number.text), number.text)


def _read_address(address: Node | None, values: Values, path: str) -> None:
    if address is None:
        return
    city = " ".join(filter(None, (address.text_at("PostalZone"), address.text_at("CityName"))))
    joined = join_address(
        (
            address.text_at("StreetName"),
            address.text_at("AdditionalStreetName"),
            address.text_at("AddressLine/Line"),
            city,
            address.text_at("CountrySubentity"),
        )
    )
    values.put(path, joined, joined or "")


def _read_totals(root: Node, values: Values) -> None:
    total = root.first("LegalMonetaryTotal")
    if total is not None:
        values.read(total, _TOTALS, "totals.")
    tax_totals = list(_in_invoice_currency(root, values.tree.get("currency")))
    if tax_totals and (amount := tax_totals[0].first("TaxAmount")) is not None:
        values.put("totals.tax", as_decimal(amount.text), amount.text)
    subtotals = [item for tax_total in tax_totals for item in tax_total.all("TaxSubtotal")]
    for index, subtotal in enumerate(subtotals):
        values.read(subtotal, _TAX, f"taxes[{index}].")


def _in_invoice_currency(root: Node, currency: str | None) -> Iterator[Node]:
    """Yield tax totals but those that repeat it in the accounting currency (BT-111)."""
    for tax_total in root.all("TaxTotal"):
        amount = tax_total.first("TaxAmount")
        printed = amount.attributes.get("currencyID") if amount else None
        if printed is None or currency is None or printed == currency:
            yield tax_total


def _read_lines(root: Node, values: Values) -> None:
    items = [item for name in ("InvoiceLine", "CreditNoteLine") for item in root.all(name)]
    for index, item in enumerate(items):
        prefix = f"lines[{index}]."
        values.read(item, _LINE, prefix)
        quantity = item.first("InvoicedQuantity", "CreditedQuantity")
        if quantity is not None and (code := quantity.attributes.get("unitCode")):
            values.put(f"{prefix}unit", as_text(code), code)
        values.put_sum(f"{prefix}discount", _discounts(item))


def _discounts(item: Node) -> Iterator[tuple[int, Node]]:
    """Yield the line's allowances (BT-136) and, with a minus, its charges (BT-141)."""
    for charge in item.all("AllowanceCharge"):
        amount = charge.first("Amount")
        if amount is not None:
            yield (1 if charge.text_at("ChargeIndicator") == "false" else -1), amount

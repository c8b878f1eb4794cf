"""Reads UBL 2.1 invoices and credit notes: XRechnung, Peppol BIS and their kin.

Knows nothing of PDFs; an XML tree goes in, values in the invoice schema's paths come out.
Business terms (BT) are those of EN 16931-1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
from docextract.documents.einvoice.term_paths import TermPaths, read_terms
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

_TERMS = TermPaths(
    totals=("LegalMonetaryTotal",),
    amounts={
        "line_total": "LineExtensionAmount", "allowance_total": "AllowanceTotalAmount",
        "charge_total": "ChargeTotalAmount", "net": "TaxExclusiveAmount",
        "gross": "TaxInclusiveAmount", "paid": "PrepaidAmount",
        "rounding": "PayableRoundingAmount", "due": "PayableAmount",
    },
    charge="AllowanceCharge",
    charge_amount="Amount",
    indicator="ChargeIndicator",
    tax_total=("TaxTotal/TaxAmount",),
    row_amounts=("TaxableAmount", ("TaxCategory/Percent", "Percent"), "TaxAmount"),
    line_charge="AllowanceCharge",
    line_amounts={
        "net": ("LineExtensionAmount",),
        "quantity": ("InvoicedQuantity", "CreditedQuantity"),
        "price": ("Price/PriceAmount",),
        "gross_price": ("Price/AllowanceCharge/BaseAmount",),
        "base_quantity": ("Price/BaseQuantity",),
    },
    category="Item/ClassifiedTaxCategory/ID",
    line_period=("InvoicePeriod/StartDate", "InvoicePeriod/EndDate"),
    period=("InvoicePeriod/StartDate", "InvoicePeriod/EndDate"),
    point_date="TaxPointDate",
    point_code="InvoicePeriod/DescriptionCode",
    payment=("DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/Note"),
    vat_ids=(
        ("seller.tax_id", "AccountingSupplierParty/Party/PartyTaxScheme?VAT"),
        ("buyer.tax_id", "AccountingCustomerParty/Party/PartyTaxScheme?VAT"),
        ("", "TaxRepresentativeParty/PartyTaxScheme?VAT"),
    ),
    seller_ids=(
        "AccountingSupplierParty/Party/PartyIdentification/ID",
        "AccountingSupplierParty/Party/PartyLegalEntity/CompanyID",
        "AccountingSupplierParty/Party/PartyTaxScheme?VAT",
    ),
    currency="DocumentCurrencyCode",
    third_party="PrepaidPayment/PaidAmount",
    is_ubl=True,
)  # fmt: skip
"""Where UBL has the terms of the rules of EN 16931."""


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
            _read_person(party, values, f"{name}.name")
            _read_tax_ids(party, values, name)
            _read_address(party.first("PostalAddress"), values, f"{name}.address")
    _read_address(root.first("Delivery/DeliveryLocation/Address"), values, "ship_to.address")
    tax_rows = _read_totals(root, values)
    items = _read_lines(root, values)
    profile = root.text_at("CustomizationID") or ""
    terms = read_terms(root, _TERMS, items, tax_rows, values.tree)
    terms = replace(terms, profile=profile, is_ubl_credit_note=root.name == "CreditNote")
    return EmbeddedInvoice(values.tree, values.quotes, ROOTS[root.name], profile, terms)


def _read_person(party: Node, values: Values, path: str) -> None:
    """Take a person's name where a party has no other."""
    person = party.first("Person")
    if person is None or path in values.quotes:
        return
    parts = (person.text_at(name) for name in ("FirstName", "MiddleName", "FamilyName"))
    name = " ".join(filter(None, parts))
    values.put(path, as_text(name), name)


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


def _read_totals(root: Node, values: Values) -> list[Node]:
    total = root.first("LegalMonetaryTotal")
    if total is not None:
        values.read(total, _TOTALS, "totals.")
    tax_totals = list(_in_invoice_currency(root, values.tree.get("currency")))
    if tax_totals and (amount := tax_totals[0].first("TaxAmount")) is not None:
        values.put("totals.tax", as_decimal(amount.text), amount.text)
    subtotals = [item for tax_total in tax_totals for item in tax_total.all("TaxSubtotal")]
    for index, subtotal in enumerate(subtotals):
        values.read(subtotal, _TAX, f"taxes[{index}].")
    return subtotals


def _in_invoice_currency(root: Node, currency: str | None) -> Iterator[Node]:
    """Yield tax totals but those that repeat it in the accounting currency (BT-111)."""
    for tax_total in root.all("TaxTotal"):
        amount = tax_total.first("TaxAmount")
        printed = amount.attributes.get("currencyID") if amount else None
        if printed is None or currency is None or printed == currency:
            yield tax_total


def _read_lines(root: Node, values: Values) -> list[Node]:
    items = [item for name in ("InvoiceLine", "CreditNoteLine") for item in root.all(name)]
    for index, item in enumerate(items):
        prefix = f"lines[{index}]."
        values.read(item, _LINE, prefix)
        quantity = item.first("InvoicedQuantity", "CreditedQuantity")
        if quantity is not None and (code := quantity.attributes.get("unitCode")):
            values.put(f"{prefix}unit", as_text(code), code)
        values.put_sum(f"{prefix}discount", _discounts(item))
    return items


def _discounts(item: Node) -> Iterator[tuple[int, Node]]:
    """Yield the line's allowances (BT-136) and, with a minus, its charges (BT-141)."""
    for charge in item.all("AllowanceCharge"):
        amount = charge.first("Amount")
        if amount is not None:
            yield (1 if charge.text_at("ChargeIndicator") == "false" else -1), amount

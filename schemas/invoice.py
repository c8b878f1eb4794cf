"""Invoices and credit notes: the fields of EN 16931 that people ask for.

Knows nothing of how a page is read; sources of the field list are in docs/schemas.md.
"""

from __future__ import annotations

from typing import Annotated, Literal

from docextract.schema.types import (
    Address,
    BankCode,
    Country,
    Currency,
    Date,
    Document,
    Email,
    Field,
    Iban,
    Identifier,
    Key,
    Money,
    Name,
    Percent,
    Phone,
    Quantity,
    TaxId,
    Text,
    Unit,
    Url,
    labels,
)  # fmt: skip


class Seller(Document):
    """Who asks for the money."""

    name: Annotated[Name | None, Key(), labels("seller")] = Field(
        None, description="Legal or trading name of the seller (BT-27)"
    )
    address: Address | None = Field(None, description="Postal address on one line (BG-5)")
    country: Country | None = Field(None, description="ISO 3166-1 code (BT-40)")
    tax_id: Annotated[TaxId | None, labels("tax_id")] = Field(
        None, description="VAT identifier or national tax number (BT-31)"
    )
    tax_number: Annotated[TaxId | None, labels("tax_number")] = Field(
        None, description="Local tax number beside the VAT identifier (BT-32)"
    )
    registration_number: Annotated[Identifier | None, labels("registration_number")] = Field(
        None, description="Entry in the company register (BT-30)"
    )
    email: Email | None = Field(None, description="E-mail (BT-43)")
    phone: Phone | None = Field(None, description="Telephone (BT-42)")
    website: Url | None = Field(None, description="Web site")
    contact: Annotated[Name | None, labels("contact")] = Field(
        None, description="Person to ask (BT-41)"
    )


class Buyer(Document):
    """Who owes the money."""

    name: Annotated[Name | None, labels("buyer")] = Field(
        None, description="Name of the buyer (BT-44)"
    )
    address: Address | None = Field(None, description="Postal address on one line (BG-8)")
    country: Country | None = Field(None, description="ISO 3166-1 code (BT-55)")
    tax_id: Annotated[TaxId | None, labels("tax_id")] = Field(
        None, description="VAT identifier (BT-48)"
    )
    email: Email | None = Field(None, description="E-mail (BT-58)")
    phone: Phone | None = Field(None, description="Telephone (BT-57)")


class ShipTo(Document):
    """Where the goods went."""

    name: Annotated[Name | None, labels("ship_to")] = Field(
        None, description="Deliver-to party (BT-70)"
    )
    address: Address | None = Field(None, description="Deliver-to address (BG-15)")


class Totals(Document):
    """Amounts of the whole document; discounts and payments are positive, as in EN 16931."""

    line_total: Annotated[Money | None, labels("line_total")] = Field(
        None, description="Sum of line nets (BT-106)"
    )
    discount: Annotated[Money | None, labels("discount")] = Field(
        None, description="Document-level discount (BT-107)"
    )
    charges: Annotated[Money | None, labels("charges")] = Field(
        None, description="Shipping and other charges (BT-108)"
    )
    net: Annotated[Money | None, labels("net")] = Field(
        None, description="Total without tax (BT-109)"
    )
    tax: Annotated[Money | None, labels("tax")] = Field(None, description="Tax (BT-110)")
    gross: Annotated[Money | None, Key(), labels("gross")] = Field(
        None, description="Total with tax (BT-112)"
    )
    paid: Annotated[Money | None, labels("paid")] = Field(None, description="Already paid (BT-113)")
    withheld: Annotated[Money | None, labels("withheld")] = Field(
        None, description="Kept back by the buyer: a tax it pays itself, a retention"
    )
    rounding: Annotated[Money | None, labels("rounding")] = Field(
        None, description="Rounding (BT-114)"
    )
    amount_due: Annotated[Money | None, labels("amount_due")] = Field(
        None, description="Still to be paid (BT-115)"
    )


class Payment(Document):
    """How the money should come."""

    terms: Annotated[Text | None, labels("payment_terms")] = Field(
        None, description="Terms of payment as printed (BT-20)"
    )
    iban: Annotated[Iban | None, labels("iban")] = Field(
        None, description="Account to pay to (BT-84)"
    )
    bic: Annotated[BankCode | None, labels("bic")] = Field(None, description="BIC (BT-86)")
    bank_name: Annotated[Name | None, labels("bank_name")] = Field(
        None, description="Name of the bank"
    )
    reference: Annotated[Identifier | None, labels("payment_reference")] = Field(
        None, description="Remittance reference (BT-83)"
    )
    mandate_id: Annotated[Identifier | None, labels("mandate_id")] = Field(
        None, description="Direct debit mandate (BT-89)"
    )


class Tax(Document):
    """One row of the tax break-down (BG-23)."""

    rate: Annotated[Percent | None, labels("tax_rate")] = Field(
        None, description="Rate in percent (BT-119)"
    )
    base: Annotated[Money | None, labels("tax_base")] = Field(
        None, description="Taxable amount (BT-116)"
    )
    amount: Annotated[Money | None, labels("tax_amount")] = Field(
        None, description="Tax on it (BT-117)"
    )


class Line(Document):
    """One invoice line (BG-25)."""

    line_no: Annotated[Identifier | None, labels("line_no")] = Field(
        None, description="Position (BT-126)"
    )
    product_code: Annotated[Identifier | None, labels("product_code")] = Field(
        None, description="Article number (BT-155)"
    )
    description: Annotated[Text | None, labels("description")] = Field(
        None, description="What was sold (BT-153)"
    )
    quantity: Annotated[Quantity | None, labels("quantity")] = Field(
        None, description="How many (BT-129)"
    )
    unit: Annotated[Unit | None, labels("unit")] = Field(
        None, description="Unit as printed (BT-130)"
    )
    unit_price: Annotated[Money | None, labels("unit_price")] = Field(
        None, description="Price of one (BT-146)"
    )
    discount: Annotated[Money | None, labels("discount")] = Field(
        None, description="Discount on the line (BT-136)"
    )
    net: Annotated[Money | None, labels("line_net")] = Field(
        None, description="Line amount without tax (BT-131)"
    )
    tax_rate: Annotated[Percent | None, labels("tax_rate")] = Field(
        None, description="Tax rate in percent (BT-152)"
    )


class Invoice(Document):
    """An invoice or credit note."""

    document_type: Literal["invoice", "credit_note", "debit_note", "proforma"] | None = Field(
        None, description="What the document calls itself (BT-3)"
    )
    invoice_number: Annotated[Identifier | None, Key(), labels("invoice_number")] = Field(
        None, description="Number given by the seller (BT-1)"
    )
    issue_date: Annotated[Date | None, Key(), labels("issue_date")] = Field(
        None, description="Date of issue (BT-2)"
    )
    due_date: Annotated[Date | None, labels("due_date")] = Field(
        None, description="Payment due date (BT-9)"
    )
    delivery_date: Annotated[Date | None, labels("delivery_date")] = Field(
        None, description="Date of delivery or service (BT-72)"
    )
    currency: Annotated[Currency | None, Key(), labels("currency")] = Field(
        None, description="ISO 4217 code (BT-5)"
    )
    tax_point_date: Annotated[Date | None, labels("tax_point_date")] = Field(
        None, description="When the tax falls due, if printed apart (BT-7)"
    )
    period_start: Annotated[Date | None, labels("period_start")] = Field(
        None, description="First day of the invoiced period (BT-73)"
    )
    period_end: Annotated[Date | None, labels("period_end")] = Field(
        None, description="Last day of the invoiced period (BT-74)"
    )
    purchase_order: Annotated[Identifier | None, labels("purchase_order")] = Field(
        None, description="The buyer's order number (BT-13)"
    )
    sales_order: Annotated[Identifier | None, labels("sales_order")] = Field(
        None, description="The seller's order number (BT-14)"
    )
    project_reference: Annotated[Identifier | None, labels("project_reference")] = Field(
        None, description="Project (BT-11)"
    )
    buyer_reference: Annotated[Identifier | None, labels("buyer_reference")] = Field(
        None, description="What the buyer asked to be quoted, e.g. a routing id (BT-10)"
    )
    preceding_invoice: Annotated[Identifier | None, labels("preceding_invoice")] = Field(
        None, description="Invoice a credit note refers to (BT-25)"
    )
    contract_number: Annotated[Identifier | None, labels("contract_number")] = Field(
        None, description="Contract the invoice belongs to (BT-12)"
    )
    customer_id: Annotated[Identifier | None, labels("customer_id")] = Field(
        None, description="The seller's number for the buyer"
    )
    seller: Seller = Field(default_factory=Seller, description="Seller (BG-4)")
    buyer: Buyer = Field(default_factory=Buyer, description="Buyer (BG-7)")
    ship_to: ShipTo = Field(default_factory=ShipTo, description="Delivery (BG-13)")
    totals: Totals = Field(default_factory=Totals, description="Document totals (BG-22)")
    payment: Payment = Field(default_factory=Payment, description="Payment (BG-16)")
    taxes: list[Tax] = Field(default_factory=list, description="Tax break-down (BG-23)")
    lines: list[Line] = Field(default_factory=list, description="Lines (BG-25)")

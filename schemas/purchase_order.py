"""Purchase orders, as buyers send them and as Order-X describes them.

Knows nothing of how a page is read.
"""

from __future__ import annotations

from typing import Annotated

from docextract.schema.types import (
    Address,
    Currency,
    Date,
    Document,
    Email,
    Field,
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
    labels,
)  # fmt: skip


class Buyer(Document):
    """Who orders."""

    name: Annotated[Name | None, Key(), labels("buyer")] = Field(
        None, description="Name of the buyer"
    )
    address: Address | None = Field(None, description="Address on one line")
    tax_id: Annotated[TaxId | None, labels("tax_id")] = Field(None, description="VAT id")
    email: Email | None = Field(None, description="E-mail")
    phone: Phone | None = Field(None, description="Telephone")


class Seller(Document):
    """Who is asked to deliver."""

    name: Annotated[Name | None, labels("seller")] = Field(None, description="Name of the supplier")
    address: Address | None = Field(None, description="Address on one line")
    tax_id: Annotated[TaxId | None, labels("tax_id")] = Field(None, description="VAT id")


class ShipTo(Document):
    """Where to deliver."""

    name: Annotated[Name | None, labels("ship_to")] = Field(None, description="Recipient")
    address: Address | None = Field(None, description="Address on one line")


class Totals(Document):
    """Amounts of the whole order."""

    net: Annotated[Money | None, labels("net")] = Field(None, description="Without tax")
    tax: Annotated[Money | None, labels("tax")] = Field(None, description="Tax")
    discount: Annotated[Money | None, labels("discount")] = Field(
        None, description="Discount on the whole order"
    )
    charges: Annotated[Money | None, labels("charges")] = Field(
        None, description="Freight and other charges"
    )
    gross: Annotated[Money | None, Key(unless="net"), labels("gross")] = Field(
        None, description="With tax"
    )


class Line(Document):
    """One position of the order."""

    line_no: Annotated[Identifier | None, labels("line_no")] = Field(None, description="Position")
    product_code: Annotated[Identifier | None, labels("product_code")] = Field(
        None, description="Article number"
    )
    description: Annotated[Text | None, labels("description")] = Field(
        None, description="What is ordered"
    )
    quantity: Annotated[Quantity | None, labels("quantity")] = Field(None, description="How many")
    unit: Annotated[Unit | None, labels("unit")] = Field(None, description="Unit as printed")
    unit_price: Annotated[Money | None, labels("unit_price")] = Field(
        None, description="Price of one"
    )
    net: Annotated[Money | None, labels("line_net")] = Field(
        None, description="Line amount without tax"
    )
    tax_rate: Annotated[Percent | None, labels("tax_rate")] = Field(
        None, description="Tax rate in percent"
    )


class PurchaseOrder(Document):
    """A purchase order."""

    po_number: Annotated[Identifier | None, Key(), labels("po_number")] = Field(
        None, description="Number given by the buyer"
    )
    issue_date: Annotated[Date | None, Key(), labels("issue_date")] = Field(
        None, description="Date of the order"
    )
    requested_delivery_date: Annotated[Date | None, labels("requested_delivery_date")] = Field(
        None, description="When the goods are wanted"
    )
    currency: Annotated[Currency | None, labels("currency")] = Field(
        None, description="ISO 4217 code"
    )
    contract_number: Annotated[Identifier | None, labels("contract_number")] = Field(
        None, description="Framework contract"
    )
    payment_terms: Annotated[Text | None, labels("payment_terms")] = Field(
        None, description="Terms of payment as printed"
    )
    buyer: Buyer = Field(default_factory=Buyer, description="Who orders")
    seller: Seller = Field(default_factory=Seller, description="Who delivers")
    ship_to: ShipTo = Field(default_factory=ShipTo, description="Where to deliver")
    totals: Totals = Field(default_factory=Totals, description="Totals of the order")
    lines: list[Line] = Field(default_factory=list, description="Positions")

"""Till receipts: shops, restaurants, fuel, taxis.

Knows nothing of how a page is read.
"""

from __future__ import annotations

from typing import Annotated

from docextract.schema.types import (
    Address,
    Currency,
    Date,
    Document,
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
    Time,
    labels,
)  # fmt: skip


class Merchant(Document):
    """The shop."""

    name: Annotated[Name | None, Key(), labels("merchant")] = Field(
        None, description="Name at the top of the receipt"
    )
    address: Address | None = Field(None, description="Address of the shop on one line")
    phone: Phone | None = Field(None, description="Telephone")
    tax_id: Annotated[TaxId | None, labels("tax_id")] = Field(
        None, description="VAT, GST or tax number of the shop"
    )


class Tax(Document):
    """One row of the tax break-down."""

    rate: Annotated[Percent | None, labels("tax_rate")] = Field(None, description="Rate in percent")
    base: Annotated[Money | None, labels("tax_base")] = Field(None, description="Net amount")
    amount: Annotated[Money | None, labels("tax_amount")] = Field(None, description="Tax")


class Line(Document):
    """One item bought."""

    description: Annotated[Text | None, labels("description")] = Field(
        None, description="The item as printed"
    )
    quantity: Annotated[Quantity | None, labels("quantity")] = Field(None, description="How many")
    unit_price: Annotated[Money | None, labels("unit_price")] = Field(
        None, description="Price of one"
    )
    total: Annotated[Money | None, labels("line_net")] = Field(
        None, description="Price of the line"
    )


class Receipt(Document):
    """A till receipt."""

    merchant: Merchant = Field(default_factory=Merchant, description="The shop")
    receipt_number: Annotated[Identifier | None, labels("receipt_number")] = Field(
        None, description="Number of the receipt"
    )
    date: Annotated[Date | None, Key(), labels("receipt_date")] = Field(
        None, description="Day of the purchase"
    )
    time: Annotated[Time | None, labels("time")] = Field(None, description="Time of day")
    currency: Annotated[Currency | None, labels("currency")] = Field(
        None, description="ISO 4217 code"
    )
    subtotal: Annotated[Money | None, labels("net")] = Field(
        None, description="Sum before tax or tip, as printed"
    )
    discount: Annotated[Money | None, labels("discount")] = Field(
        None, description="Discount on the whole receipt"
    )
    tax_total: Annotated[Money | None, labels("tax")] = Field(None, description="All tax together")
    charges: Annotated[Money | None, labels("charges")] = Field(
        None, description="Service charge or other charges added to the items"
    )
    tip: Annotated[Money | None, labels("tip")] = Field(None, description="Tip, if printed")
    total: Annotated[Money | None, Key(), labels("receipt_total")] = Field(
        None, description="The amount to be paid"
    )
    cash_given: Annotated[Money | None, labels("cash_given")] = Field(
        None, description="Cash handed over"
    )
    change: Annotated[Money | None, labels("change")] = Field(None, description="Cash handed back")
    taxes: list[Tax] = Field(default_factory=list, description="Tax break-down")
    lines: list[Line] = Field(default_factory=list, description="Items bought")

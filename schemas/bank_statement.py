"""Bank statements: accounts, balances and every transaction.

Knows nothing of how a page is read.
"""

from __future__ import annotations

from typing import Annotated

from docextract.schema.types import (
    Address,
    BankCode,
    Currency,
    Date,
    Document,
    Field,
    Iban,
    Identifier,
    Key,
    Money,
    Name,
    Text,
    labels,
)  # fmt: skip


class Bank(Document):
    """The bank."""

    name: Annotated[Name | None, Key(), labels("bank_name")] = Field(
        None, description="Name of the bank"
    )
    address: Address | None = Field(None, description="Address on one line")


class Holder(Document):
    """Whose account it is."""

    name: Annotated[Name | None, labels("account_holder")] = Field(
        None, description="Account holder"
    )
    address: Address | None = Field(None, description="Address on one line")


class Transaction(Document):
    """One booking."""

    date: Annotated[Date | None, labels("transaction_date")] = Field(
        None, description="Booking date"
    )
    value_date: Annotated[Date | None, labels("value_date")] = Field(None, description="Value date")
    description: Annotated[Text | None, labels("description")] = Field(
        None, description="Text of the booking"
    )
    deposit: Annotated[Money | None, labels("deposit")] = Field(
        None, description="Money that came in"
    )
    withdrawal: Annotated[Money | None, labels("withdrawal")] = Field(
        None, description="Money that went out"
    )
    balance: Annotated[Money | None, labels("balance")] = Field(
        None, description="Balance after the booking"
    )


class Account(Document):
    """One account on the statement."""

    account_number: Annotated[Identifier | None, labels("account_number")] = Field(
        None, description="Account number"
    )
    iban: Annotated[Iban | None, labels("iban")] = Field(None, description="IBAN")
    bic: Annotated[BankCode | None, labels("bic")] = Field(None, description="BIC")
    beginning_balance: Annotated[Money | None, Key(), labels("beginning_balance")] = Field(
        None, description="Balance at the start of the period"
    )
    ending_balance: Annotated[Money | None, Key(), labels("ending_balance")] = Field(
        None, description="Balance at the end of the period"
    )
    total_in: Annotated[Money | None, labels("total_in")] = Field(
        None, description="All deposits together"
    )
    total_out: Annotated[Money | None, labels("total_out")] = Field(
        None, description="All withdrawals together"
    )
    transactions: list[Transaction] = Field(default_factory=list, description="Bookings")


class BankStatement(Document):
    """A bank statement."""

    bank: Bank = Field(default_factory=Bank, description="The bank")
    account_holder: Holder = Field(default_factory=Holder, description="The account holder")
    statement_start: Annotated[Date | None, labels("statement_start")] = Field(
        None, description="First day of the period"
    )
    statement_end: Annotated[Date | None, labels("statement_end")] = Field(
        None, description="Last day of the period"
    )
    currency: Annotated[Currency | None, labels("currency")] = Field(
        None, description="ISO 4217 code"
    )
    accounts: list[Account] = Field(default_factory=list, description="Accounts")

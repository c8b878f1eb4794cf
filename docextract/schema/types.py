"""Reusable ``Annotated`` field types: annotate with these and every stage knows what to do.

Knows nothing of particular documents; a plain ``Decimal | None`` works as well.

Example:
    >>> from pydantic import BaseModel
    >>> from docextract.schema.types import Date, Labels, Money
    >>> from typing import Annotated
    >>> class Permit(BaseModel):
    ...     fee: Money | None = None
    ...     valid_until: Annotated[Date | None, Labels(en=["valid until", "expires"])] = None
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from docextract.schema.kinds import FieldType, Key, Kind, Labels, Role
from docextract.schema.vocabulary import labels

__all__ = [
    "Address", "BankCode", "Country", "Currency", "Date", "DateTime", "Document", "Email", "Field",
    "FieldType", "Iban", "Identifier", "Key", "Kind", "Labels", "Money", "Name", "Number",
    "Percent", "Phone", "Quantity", "Role", "TaxId", "Text", "Time", "Unit", "Url", "labels",
]  # fmt: skip

_SHORT, _LONG = 120, 400

Text = Annotated[str, FieldType(Kind.TEXT), StringConstraints(max_length=_LONG)]
Name = Annotated[str, FieldType(Kind.NAME), StringConstraints(max_length=_SHORT)]
Address = Annotated[str, FieldType(Kind.ADDRESS), StringConstraints(max_length=_LONG)]
Identifier = Annotated[str, FieldType(Kind.IDENTIFIER), StringConstraints(max_length=_SHORT)]
Money = Annotated[Decimal, FieldType(Kind.MONEY)]
Number = Annotated[Decimal, FieldType(Kind.DECIMAL)]
Percent = Annotated[Decimal, FieldType(Kind.PERCENT)]
Quantity = Annotated[Decimal, FieldType(Kind.QUANTITY)]
Unit = Annotated[str, FieldType(Kind.UNIT), StringConstraints(max_length=_SHORT)]
Date = Annotated[dt.date, FieldType(Kind.DATE)]
Time = Annotated[dt.time, FieldType(Kind.TIME)]
DateTime = Annotated[dt.datetime, FieldType(Kind.DATETIME)]
Currency = Annotated[str, FieldType(Kind.CURRENCY), StringConstraints(pattern="^[A-Z]{3}$")]
Country = Annotated[str, FieldType(Kind.COUNTRY), StringConstraints(pattern="^[A-Z]{2}$")]
Iban = Annotated[str, FieldType(Kind.IBAN), StringConstraints(max_length=34)]
BankCode = Annotated[str, FieldType(Kind.BIC), StringConstraints(max_length=11)]
TaxId = Annotated[str, FieldType(Kind.TAX_ID), StringConstraints(max_length=_SHORT)]
Email = Annotated[str, FieldType(Kind.EMAIL), StringConstraints(max_length=_SHORT)]
Phone = Annotated[str, FieldType(Kind.PHONE), StringConstraints(max_length=_SHORT)]
Url = Annotated[str, FieldType(Kind.URL), StringConstraints(max_length=_SHORT)]


class Document(BaseModel):
    """Base of the built-in schemas: no extra keys, so that no answer can smuggle one in."""

    model_config = ConfigDict(extra="forbid")

"""Your first own schema: copy this file, rename the class, list the fields you want.

Knows nothing of docextract's inside. Use it with ``--schema path/to/example.py`` or put it
in a folder ``schemas/`` beside you and say ``--schema example``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from docextract.schema.types import Identifier, Key, Labels


class Item(BaseModel):
    """A class used in a list is one row of a table on the page."""

    description: str | None = None
    quantity: Decimal | None = None
    # The column header is found by the field's name, or by the labels you give:
    net: Annotated[Decimal | None, Labels(en=["amount", "line total"])] = None


class Example(BaseModel):
    """One class per file; the file's only public class without a parent here is the schema."""

    # Plain Python types are enough; names such as "total" or "due_date" are understood.
    vendor: str | None = None
    due_date: date | None = None
    total: Decimal | None = None

    # Key(): a document where this is missing is marked for review.
    # Identifier: kept exactly as printed, leading zeros included.
    job_number: Annotated[
        Identifier | None, Key(), Labels(en=["job no", "job number"], de=["Auftrag"])
    ] = Field(None, description="Our own number, printed at the top right")

    items: list[Item] = []

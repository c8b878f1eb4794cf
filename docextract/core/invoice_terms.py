"""What an e-invoice XML states of the business terms that the rules of EN 16931 are about.

Knows nothing of syntaxes, schemas or rules. Names follow the norm's business terms (BT).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTerms:
    """One invoice line (BG-25).

    Attributes:
        row: its number among the lines of the values, from 0.
        net: BT-131; None where the profile says that it is not counted.
        quantity: BT-129.
        price: BT-146, for ``base_quantity`` units.
        gross_price: BT-148.
        base_quantity: BT-149; 1 where none is written.
        allowances: BT-136.
        charges: BT-141.
        category: BT-151.
        period: BT-134 and BT-135.
    """

    row: int
    net: Decimal | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    gross_price: Decimal | None = None
    base_quantity: Decimal = Decimal(1)
    allowances: tuple[Decimal, ...] = ()
    charges: tuple[Decimal, ...] = ()
    category: str | None = None
    period: tuple[dt.date | None, dt.date | None] = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRowTerms:
    """One row of the VAT breakdown (BG-23): BT-116, BT-119, BT-117."""

    base: Decimal | None = None
    rate: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceTerms:
    """The terms of one invoice; None and empty where the XML does not state them.

    Attributes:
        profile: BT-24.
        lines: BG-25.
        allowances: BT-92, at document level.
        charges: BT-99.
        tax_totals: the totals of VAT in the currency of the invoice (BT-110); one, if all is well.
        tax_rows: BG-23.
        line_total: BT-106.
        allowance_total: BT-107.
        charge_total: BT-108.
        net: BT-109.
        gross: BT-112.
        paid: BT-113.
        rounding: BT-114.
        due: BT-115.
        third_party: amounts collected for others (XRechnung extension, BT-DEX-002).
        vat_ids: BT-31, BT-48 and BT-63, by path.
        accounts: every IBAN, whoever's.
        seller_ids: BT-29, BT-30 and BT-31.
        is_point_dated: whether BT-7 is there.
        is_point_coded: whether BT-8 is.
        has_terms_of_payment: whether BT-9 or BT-20 is.
        is_ubl_credit_note: UBL asks credit notes for no terms of payment.
        period: BT-73 and BT-74.
        has_currency: whether BT-5 is there.
        is_ubl: UBL asks for a tax total even where it is 0; CII does not.
    """

    profile: str = ""
    lines: tuple[LineTerms, ...] = ()
    allowances: tuple[Decimal, ...] = ()
    charges: tuple[Decimal, ...] = ()
    tax_totals: tuple[Decimal, ...] = ()
    tax_rows: tuple[TaxRowTerms, ...] = ()
    line_total: Decimal | None = None
    allowance_total: Decimal | None = None
    charge_total: Decimal | None = None
    net: Decimal | None = None
    gross: Decimal | None = None
    paid: Decimal | None = None
    rounding: Decimal | None = None
    due: Decimal | None = None
    third_party: tuple[Decimal, ...] = ()
    vat_ids: tuple[tuple[str, str], ...] = ()
    accounts: frozenset[str] = frozenset()
    seller_ids: tuple[str, ...] = ()
    is_point_dated: bool = False
    is_point_coded: bool = False
    has_terms_of_payment: bool = False
    is_ubl_credit_note: bool = False
    period: tuple[dt.date | None, dt.date | None] = (None, None)
    has_currency: bool = False
    is_ubl: bool = False

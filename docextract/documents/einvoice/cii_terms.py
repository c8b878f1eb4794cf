"""Where a Cross Industry Invoice has the business terms of the rules of EN 16931.

Knows nothing of the rules, nor how the terms are read.
"""

from __future__ import annotations

from docextract.documents.einvoice.term_paths import TermPaths

_TRADE = "SupplyChainTradeTransaction"
_AGREEMENT = f"{_TRADE}/ApplicableHeaderTradeAgreement"
_SETTLEMENT = f"{_TRADE}/ApplicableHeaderTradeSettlement"
_SUMMATION = f"{_SETTLEMENT}/SpecifiedTradeSettlement"
_LINE_SUM = "SpecifiedLineTradeSettlement/SpecifiedTradeSettlement"
_NET = "SpecifiedLineTradeAgreement/NetPriceProductTradePrice"
_GROSS = "SpecifiedLineTradeAgreement/GrossPriceProductTradePrice"
_LINE_PERIOD = "SpecifiedLineTradeSettlement/BillingSpecifiedPeriod"
_PERIOD = f"{_SETTLEMENT}/BillingSpecifiedPeriod"
_VAT = "SpecifiedTaxRegistration/ID@VA"

CII_TERMS = TermPaths(
    totals=(f"{_SUMMATION}HeaderMonetarySummation", f"{_SUMMATION}MonetarySummation"),
    amounts={
        "line_total": "LineTotalAmount", "allowance_total": "AllowanceTotalAmount",
        "charge_total": "ChargeTotalAmount", "net": "TaxBasisTotalAmount",
        "gross": "GrandTotalAmount", "paid": "TotalPrepaidAmount",
        "rounding": "RoundingAmount", "due": "DuePayableAmount",
    },
    charge=f"{_SETTLEMENT}/SpecifiedTradeAllowanceCharge",
    charge_amount="ActualAmount",
    indicator="ChargeIndicator/Indicator",
    tax_total=(
        f"{_SUMMATION}HeaderMonetarySummation/TaxTotalAmount",
        f"{_SUMMATION}MonetarySummation/TaxTotalAmount",
    ),
    row_amounts=("BasisAmount", ("RateApplicablePercent",), "CalculatedAmount"),
    line_charge="SpecifiedLineTradeSettlement/SpecifiedTradeAllowanceCharge",
    line_amounts={
        "net": (
            f"{_LINE_SUM}LineMonetarySummation/LineTotalAmount",
            f"{_LINE_SUM}MonetarySummation/LineTotalAmount",
        ),
        "quantity": ("SpecifiedLineTradeDelivery/BilledQuantity",),
        "price": (f"{_NET}/ChargeAmount", f"{_GROSS}/ChargeAmount"),
        "gross_price": (f"{_GROSS}/ChargeAmount",),
        "base_quantity": (f"{_NET}/BasisQuantity", f"{_GROSS}/BasisQuantity"),
    },
    category="SpecifiedLineTradeSettlement/ApplicableTradeTax/CategoryCode",
    line_period=(
        f"{_LINE_PERIOD}/StartDateTime/DateTimeString",
        f"{_LINE_PERIOD}/EndDateTime/DateTimeString",
    ),
    period=(f"{_PERIOD}/StartDateTime/DateTimeString", f"{_PERIOD}/EndDateTime/DateTimeString"),
    point_date=f"{_SETTLEMENT}/ApplicableTradeTax/TaxPointDate/DateString",
    point_code=f"{_SETTLEMENT}/ApplicableTradeTax/DueDateTypeCode",
    payment=(
        f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",
        f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/Description",
    ),
    vat_ids=(
        ("seller.tax_id", f"{_AGREEMENT}/SellerTradeParty/{_VAT}"),
        ("buyer.tax_id", f"{_AGREEMENT}/BuyerTradeParty/{_VAT}"),
        ("", f"{_AGREEMENT}/SellerTaxRepresentativeTradeParty/{_VAT}"),
    ),
    seller_ids=(
        f"{_AGREEMENT}/SellerTradeParty/ID",
        f"{_AGREEMENT}/SellerTradeParty/GlobalID",
        f"{_AGREEMENT}/SellerTradeParty/SpecifiedLegalOrganization/ID",
        f"{_AGREEMENT}/SellerTradeParty/{_VAT}",
    ),
    currency=f"{_SETTLEMENT}/InvoiceCurrencyCode",
)  # fmt: skip
"""Of CII D16B; ZUGFeRD 1.0 is renamed to it."""

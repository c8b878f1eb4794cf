"""The rules of EN 16931-1:2017 on what an e-invoice's XML states, exact as in the norm.

Knows nothing of pages: a page may round and leave out, an XML file may not. Outcomes agree with the
official tests of the norm (ConnectingEurope/eInvoicing-EN16931); arithmetic is that of its
Schematron, which rounds to hundredths, halves upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from docextract.core import Check, InvoiceTerms, Outcome
from docextract.normalise.locale.countries import CODES as COUNTRIES
from docextract.schema import Schema
from docextract.schema.equations import INVOICE
from docextract.verify.checks.norm.line_amounts import check_line_nets, check_prices
from docextract.verify.checks.view import failed, not_applicable, passed

_CENT = Decimal("0.01")
_BELOW_ONE = Decimal("0.99")
"""The Schematron of BR-CO-17 lets the tax of a row be off by less than 1: tax may have been
rounded line by line."""

NormCheck = Callable[[str, InvoiceTerms], Iterator[Check]]


@dataclass(frozen=True, slots=True)
class NormRule:
    """A rule as data.

    Attributes:
        id: of the norm; ``line-net`` is ours.
        holds: what must hold, for people.
        asked: leaves that a schema must have for the rule to be asked.
        check: yields a check per place the rule looks at.
        is_of_profile: whether profiles below EN 16931 are spared.
    """

    id: str
    holds: str
    asked: tuple[str, ...]
    check: NormCheck
    is_of_profile: bool = False


def _rounded(amount: Decimal) -> Decimal:
    return (amount / _CENT + Decimal("0.5")).to_integral_value(ROUND_FLOOR) * _CENT


def _is_below_norm(terms: InvoiceTerms) -> bool:
    """Whether the profile asks for less than EN 16931, as MINIMUM and ZUGFeRD 1.0 do."""
    profile = terms.profile.lower()
    return any(name in profile for name in ("minimum", "basicwl", "ferd:"))


def _slack(terms: InvoiceTerms) -> Decimal:
    """Return what the EXTENDED profile allows a sum: a cent per line, allowance and charge."""
    if "extended" not in terms.profile.lower():
        return Decimal(0)
    return _CENT * (len(terms.lines) + len(terms.allowances) + len(terms.charges))


def _equal(
    rule: str, terms: InvoiceTerms, stated: Decimal | None, wanted: Decimal, *paths: str
) -> Check:
    """Return whether a stated amount is what the norm calculates; 0 where none is stated."""
    amount = stated or Decimal(0)
    if abs(amount - _rounded(wanted)) <= _slack(terms):
        return passed(rule, *paths)
    return failed(rule, *paths, message=f"{_rounded(wanted)} is not {amount}")


def _line_total(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    nets = [line for line in terms.lines if line.net is not None]
    if terms.line_total is None or not terms.lines:
        yield not_applicable(rule, INVOICE["line_total"])
        return
    total = sum((line.net for line in nets if line.net is not None), Decimal(0))
    paths = (f"lines[{line.row}].net" for line in nets)
    yield _equal(rule, terms, terms.line_total, total, INVOICE["line_total"], *paths)


def _sum_of(
    name: str, stated: Callable[[InvoiceTerms], Decimal | None],
    parts: Callable[[InvoiceTerms], Sequence[Decimal]],
) -> NormCheck:  # fmt: skip
    def check(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
        amount, found = stated(terms), parts(terms)
        if (amount is None and not found) or (not found and _is_below_norm(terms)):
            yield not_applicable(rule, INVOICE[name])
        else:
            yield _equal(rule, terms, amount, sum(found, Decimal(0)), INVOICE[name])

    return check


def _net(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    paths = [INVOICE[name] for name in ("net", "line_total", "discount", "charges")]
    if terms.net is None or terms.line_total is None:
        yield not_applicable(rule, *paths)
        return
    wanted = terms.line_total - (terms.allowance_total or 0) + (terms.charge_total or 0)
    yield _equal(rule, terms, terms.net, wanted, *paths)


def _tax(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    rows = [row.amount or Decimal(0) for row in terms.tax_rows]
    paths = [f"taxes[{index}].amount" for index in range(len(rows))]
    if not rows or not terms.tax_totals:
        yield not_applicable(rule, INVOICE["tax"], *paths)
        return
    total = sum(rows, Decimal(0))
    # Which of several totals the rows belong to, the sum tells; BR-CO-15 complains of them.
    stated = total if total in terms.tax_totals else terms.tax_totals[0]
    yield _equal(rule, terms, stated, total, INVOICE["tax"], *paths)


def _gross(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    paths = [INVOICE[name] for name in ("gross", "net", "tax")]
    lacks_tax = terms.is_ubl and not terms.tax_totals
    if terms.net is None or terms.gross is None or (lacks_tax and not terms.has_currency):
        yield not_applicable(rule, *paths)
    elif lacks_tax:
        yield failed(rule, *paths, message="no total of tax in the invoice's currency")
    elif len(terms.tax_totals) > 1:
        printed = " and ".join(str(amount) for amount in terms.tax_totals)
        yield failed(rule, *paths, message=f"totals of tax in the same currency: {printed}")
    else:
        wanted = terms.net + sum(terms.tax_totals, Decimal(0))
        yield _equal(rule, terms, terms.gross, wanted, *paths)


def _due(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    paths = [INVOICE[name] for name in ("amount_due", "gross", "paid", "rounding")]
    if terms.due is None or terms.gross is None:
        yield not_applicable(rule, *paths)
        return
    wanted = terms.gross - (terms.paid or 0) + (terms.rounding or 0)
    # The German extension adds what is collected for others (BR-DEX-09).
    wanted += sum(terms.third_party, Decimal(0))
    yield _equal(rule, terms, terms.due, wanted, *paths)


def _tax_rows(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    for index, row in enumerate(terms.tax_rows):
        paths = [f"taxes[{index}].{name}" for name in ("base", "rate", "amount")]
        if row.base is None or row.amount is None:
            yield not_applicable(rule, *paths)
            continue
        wanted = _rounded(abs(row.base) * (row.rate or 0) / 100)
        if abs(abs(row.amount) - wanted) <= _BELOW_ONE:
            yield passed(rule, *paths)
        else:
            yield failed(rule, *paths, message=f"{row.rate} % of {row.base} is not {row.amount}")


def _vat_ids(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    for path, text in terms.vat_ids:
        paths = (path,) if path else ()
        if text[:2] in COUNTRIES or text[:2] in ("EL", "XI", "1A"):
            yield passed(rule, *paths)
        else:
            yield failed(rule, *paths, message=f"{text} does not begin with a country code")
    if not terms.vat_ids:
        yield not_applicable(rule)


def _seller(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    paths = ("seller.tax_id", "seller.registration_number")
    if terms.seller_ids:
        yield passed(rule, *paths)
    else:
        yield failed(rule, *paths, message="the XML has no identifier of the seller")


def _period(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    start, end = terms.period
    paths = ("period_start", "period_end")
    if start is None or end is None:
        yield not_applicable(rule, *paths)
    elif start <= end:
        yield passed(rule, *paths)
    else:
        yield failed(rule, *paths, message=f"{end} is before {start}")


def _line_periods(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    for line in terms.lines:
        start, end = line.period
        if start and end and end < start:
            yield failed(rule, f"lines[{line.row}]", message=f"{end} is before {start}")
        elif start and end:
            yield passed(rule, f"lines[{line.row}]")


def _tax_point(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    if terms.is_point_dated and terms.is_point_coded:
        yield failed(rule, "tax_point_date", message="both date and code of the tax point")
    else:
        yield passed(rule, "tax_point_date")


def _categories(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    bare = [line.row for line in terms.lines if not line.category]
    for row in bare:
        yield failed(rule, f"lines[{row}].tax_category", message="the line has no VAT category")
    if terms.lines and not bare:
        yield passed(rule, "lines")


def _breakdown(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    if terms.tax_rows:
        yield passed(rule, "taxes")
    else:
        yield failed(rule, "taxes", message="the XML has no VAT breakdown")


def _terms_of_payment(rule: str, terms: InvoiceTerms) -> Iterator[Check]:
    paths = ("due_date", "payment.terms")
    if terms.due is None or terms.due <= 0 or terms.is_ubl_credit_note:
        yield not_applicable(rule, *paths)
    elif terms.has_terms_of_payment:
        yield passed(rule, *paths)
    else:
        yield failed(rule, *paths, message=f"{terms.due} is due, without a day or terms")


_LINE_NET, _PRICE = INVOICE["line_net"], INVOICE["unit_price"]

NORM_RULES = (
    NormRule(
        "BR-CO-10", "sum of the lines = line total", (INVOICE["line_total"], _LINE_NET), _line_total
    ),
    NormRule(
        "BR-CO-11", "sum of the document's allowances = discount", (INVOICE["discount"],),
        _sum_of("discount", lambda terms: terms.allowance_total, lambda terms: terms.allowances),
    ),
    NormRule(
        "BR-CO-12", "sum of the document's charges = charges", (INVOICE["charges"],),
        _sum_of("charges", lambda terms: terms.charge_total, lambda terms: terms.charges),
    ),
    NormRule(
        "BR-CO-13", "line total - discount + charges = net", (INVOICE["net"], _LINE_NET), _net
    ),
    NormRule(
        "BR-CO-14", "sum of the tax rows = tax", (INVOICE["tax"], INVOICE["tax_amount"]), _tax
    ),
    NormRule(
        "BR-CO-15", "net + the one tax total in the invoice's currency = gross",
        (INVOICE["net"], INVOICE["tax"], INVOICE["gross"]), _gross,
    ),
    NormRule(
        "BR-CO-16", "gross - paid + rounding (+ third parties' amounts) = amount due",
        (INVOICE["amount_due"], INVOICE["gross"]), _due,
    ),
    NormRule("BR-27", "a unit price is not negative", (_PRICE, _LINE_NET), check_prices),
    NormRule(
        "BR-28", "a unit price before discount is not negative", (_PRICE, _LINE_NET),
        lambda rule, terms: check_prices(rule, terms, is_gross=True),
    ),
    NormRule(
        "line-net", "quantity x unit price / base quantity - discount + charges = net of the line",
        (INVOICE["quantity"], _PRICE, _LINE_NET), check_line_nets,
    ),
    NormRule(
        "BR-29", "the period does not end before it starts", ("period_start", "period_end"), _period
    ),
    NormRule("BR-30", "a line's period does not end before it starts", (_LINE_NET,), _line_periods),
    NormRule(
        "BR-CO-26", "the seller can be identified: identifier, register entry or VAT id",
        ("seller.name", "seller.tax_id"), _seller, is_of_profile=True,
    ),
    NormRule(
        "BR-CO-17", "base x rate / 100 = tax of the row, within 1", ("taxes[].amount",), _tax_rows
    ),
    NormRule("BR-CO-09", "a VAT id begins with a country code", ("seller.tax_id",), _vat_ids),
    NormRule(
        "BR-CO-03", "date and code of the tax point exclude each other", ("issue_date", _LINE_NET),
        _tax_point,
    ),
    NormRule(
        "BR-CO-04", "each line has a VAT category", (_LINE_NET,), _categories, is_of_profile=True
    ),
    NormRule(
        "BR-CO-18", "there is a VAT breakdown", ("taxes[].amount",), _breakdown, is_of_profile=True
    ),
    NormRule(
        "BR-CO-25", "what is due has a day or terms of payment", ("due_date", "payment.terms"),
        _terms_of_payment, is_of_profile=True,
    ),
)  # fmt: skip
"""In the order of a record."""


def with_norm(
    checks: Sequence[Check], terms: InvoiceTerms | None, schema: Schema
) -> tuple[Check, ...]:
    """Return the checks of a document, with those of its XML in place of what a page is asked.

    Args:
        checks: of the document's values.
        terms: what the XML states; None where there is none.
        schema: only rules whose fields it has are asked.
    """
    if terms is None:
        return tuple(checks)
    paths = {field.path for field in schema.fields}
    asked = [rule for rule in NORM_RULES if paths.issuperset(rule.asked)]
    exact = [
        _known(check, schema)
        for rule in asked
        if not (rule.is_of_profile and _is_below_norm(terms))
        for check in rule.check(rule.id, terms)
    ]
    # Where the XML has no lines or no breakdown, those of the page are judged as ever.
    judged = {check.id for check in exact if check.outcome is not Outcome.NOT_APPLICABLE}
    others = [check for check in checks if check.id not in judged]
    seen = {check.id for check in others}
    return (*(check for check in exact if check.id not in seen), *others)


def _known(check: Check, schema: Schema) -> Check:
    known = tuple(path for path in check.paths if schema.field_at(path) is not None)
    return Check(check.id, check.outcome, known, check.message)

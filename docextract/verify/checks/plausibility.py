"""Amounts that cannot be: negative prices, fractions of a cent, odd tax rates, two currencies.

Knows nothing of sums; each value is judged alone or by its share of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from docextract.core import Check
from docextract.normalise.numbers.currencies import THREE_DECIMALS, possible_codes
from docextract.schema import Kind
from docextract.verify.checks.view import View, failed, not_applicable, passed, warning

MAX_RATE = Decimal(40)
"""Percent. Standard VAT ends at 27 (Hungary), India's highest GST slab is 40."""

_RATES = frozenset({"rate", "tax_rate", "vat_rate", "gst_rate"})


def not_negative(path: str) -> Callable[[str, View], Iterator[Check]]:
    """Return a check that prices are not negative (EN 16931 BR-27, BR-28).

    A credit note may print its amounts with a minus, and a row that gives something back its price.
    """

    def check(rule: str, view: View) -> Iterator[Check]:
        is_credit_note = view.text("document_type") == "credit_note"
        for item in view.expand(path):
            price = view.number(item)
            if price is None or is_credit_note:
                yield not_applicable(rule, item)
            elif price < 0:
                said = f"a price of {price}; the sign belongs elsewhere"
                net = view.number(f"{item.rpartition('.')[0]}.net")
                is_credit = net is not None and net < 0
                yield (warning if is_credit else failed)(rule, item, message=said)
            else:
                yield passed(rule, item)

    return check


def check_decimals(rule: str, view: View) -> Iterator[Check]:
    """Yield each amount that has more decimals than its currency (BR-DEC-*), or that none has.

    EN 16931 allows two; dinars and rials have three. Unit prices may have more, and zeros printed
    behind are no more exact.
    """
    allowed = 3 if view.text("currency") in THREE_DECIMALS else 2
    amounts = {
        path: len(value.partition(".")[2].rstrip("0"))
        for path, field, value in view.leaves
        if field.kind is Kind.MONEY and "price" not in field.name
    }
    finer = {path: decimals for path, decimals in amounts.items() if decimals > allowed}
    for path, decimals in finer.items():
        yield failed(
            rule, path, message=f"{view.text(path)} has {decimals} decimals, not {allowed}"
        )
    if not finer:
        yield passed(rule, *amounts) if amounts else not_applicable(rule)


def check_one_currency(rule: str, view: View) -> Iterator[Check]:
    """Yield whether the signs printed at amounts can all mean the document's currency.

    A sign of several currencies (``$``) agrees with each of them; where it disagrees with
    all, it says little of the amounts: some tills print it in any country.
    """
    currency = view.text("currency")
    signs = dict(_signs(view)) if currency else {}
    others = [path for path, codes in signs.items() if currency not in codes]
    if not signs:
        yield not_applicable(rule, "currency")
    elif others:
        printed = ", ".join(f"{view.raw(path)}" for path in others[:3])
        outcome = warning if all(len(signs[path]) > 1 for path in others) else failed
        yield outcome(rule, "currency", *others, message=f"{printed} in a document in {currency}")
    else:
        yield passed(rule, "currency", *signs)


def _signs(view: View) -> Iterator[tuple[str, frozenset[str]]]:
    for path, field, _ in view.leaves:
        raw = view.raw(path) if field.kind is Kind.MONEY else None
        if raw:
            codes = possible_codes(raw)
            if codes:
                yield path, codes


def check_rates(rule: str, view: View) -> Iterator[Check]:
    """Yield each tax rate that is not between 0 and ``MAX_RATE`` percent, or that all are."""
    rates = {
        path: rate
        for path, field, _ in view.leaves
        if field.kind is Kind.PERCENT
        and field.name in _RATES
        and (rate := view.number(path)) is not None
    }
    odd = {path: rate for path, rate in rates.items() if not 0 <= rate <= MAX_RATE}
    for path, rate in odd.items():
        yield failed(rule, path, message=f"no tax has a rate of {rate} %")
    if not odd:
        yield passed(rule, *rates) if rates else not_applicable(rule)


def tax_share(net: str, tax: str) -> Callable[[str, View], Iterator[Check]]:
    """Return a check that the tax is at most ``MAX_RATE`` percent of the net, sign for sign."""

    def check(rule: str, view: View) -> Iterator[Check]:
        base, amount = view.number(net), view.number(tax)
        if not base or amount is None:
            yield not_applicable(rule, net, tax)
            return
        share = 100 * amount / base
        if 0 <= share <= MAX_RATE:
            yield passed(rule, net, tax)
        else:
            yield failed(rule, net, tax, message=f"{amount} would be {share:.0f} % of {base}")

    return check


def any_of(given: str, *paths: str) -> Callable[[str, View], Iterator[Check]]:
    """Return a check that warns where ``given`` has a value and none of some others has."""

    def check(rule: str, view: View) -> Iterator[Check]:
        known = [path for path in paths if view.knows(path)]
        found = [path for path in known if view.text(path)]
        if found:
            yield passed(rule, *found)
        elif view.text(given) is None:
            yield not_applicable(rule, *known)
        else:
            yield warning(rule, *known, message=f"none of {', '.join(known)} was found")

    return check

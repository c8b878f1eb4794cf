"""Chooses the document's amounts together, so that they add up.

Knows nothing of layout; it sees only options with amounts and what each field stands for. What
adds up to what is data in ``schema.equations``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations, product
from math import inf

from docextract.engine.text.labels.total_kinds import is_tax_added
from docextract.engine.text.text_document import (
    Candidate,
    Index,
    Option,
    fold_words,
    given,
    level,
    pattern,
    total_of,
)
from docextract.engine.text.totals.printed_sums import LEAST_TAX, MOST_TAX
from docextract.schema.equations import NET_AND_TAX, PRINTED, SUM, PrintedSum, beside, canonical

TOLERANCE = SUM.printed
"""Hundredths by which printed sums may miss through rounding."""

_MAX_OPTIONS, _DOUBTFUL, _WITH_EXTRA = 5, 0.25, 0.75
_MANY, _MAX_DAYS = 3, 366
_A_LITTLE, _MOST_RATE = 200, 30_00
_NEAR_LINES, _TAX_BEHIND = 10, 2
_DUE = next(item for item in PRINTED if item.result == "amount_due")
_ROUNDED = next(item for item in PRINTED if item.summands == ("net", "tax", "rounding"))
_MOST_ROUNDING, _MOST_UNLABELLED, _HALF = 250, 99, 50
"""Hundredths: totals are rounded to five cents, to whole crowns or, at most, to five forints."""
_EXTRAS = beside("gross", "net", "tax")
_PAY = re.compile(pattern("deadlines", "pay"), re.IGNORECASE)
_SUBTOTALS = tuple(fold_words("totals", "subtotal_starts"))
_Chosen = dict[str, Option]
"""Options by what they stand for."""


def settle_amounts(
    options: dict[str, list[Option]], index: Index, printed: Sequence[Candidate]
) -> dict[str, Option]:
    """Return one option per amount field by path, chosen together.

    Args:
        options: by field path, best first.
        index: tells what each field stands for.
        printed: all amounts on the pages, to find unlabelled ones that follow.
    """
    paths = amount_paths(index)
    pools = {name: _pool(name, options.get(path, []), printed) for name, path in paths.items()}
    chosen = _core(pools)
    for name, pool in pools.items():
        if name not in chosen and pool:
            chosen[name] = _supported(name, pool, chosen)
    _take_due(chosen, paths)
    _close_sums(chosen, paths, printed)
    _drop_impossible(chosen)
    _drop_earlier_payment(chosen, printed)
    _drop_partial_tax(chosen, pools.get("tax", []), {abs(c.value) for c in printed})
    _add_subtotal(chosen, pools, paths)
    _drop_repeats(chosen)
    _drop_offered_discount(chosen)
    return {paths[name]: o for name, o in chosen.items() if o.score >= level("kept")}


def amount_paths(index: Index) -> dict[str, str]:
    """Return the paths of the amounts that are chosen together, by what they stand for."""
    return {
        canonical(concept): path
        for path, concept in index.concept_of.items()
        if concept and index.fields[path].kind.is_number and index.is_header(index.fields[path])
    }


def is_till(index: Index) -> bool:
    """Return whether a receipt is asked for, whose total is settled first."""
    return "receipt_total" in index.concept_of.values()


def value_of(option: Option) -> int:
    """Return an option's amount in hundredths."""
    return option.candidate.value if option.candidate else 0


def has_rate(option: Option) -> bool:
    """Return whether the label of a tax names its rate: then it may be one of several."""
    return option.hit is not None and "%" in option.hit.segment.text


def _pool(name: str, options: Sequence[Option], printed: Sequence[Candidate]) -> list[Option]:
    """Return the options to choose from.

    Bare whole numbers count less where amounts are printed with two decimals; the days of
    ``NET 30`` are no amount.
    """
    pool = [_at_price(o, printed) for o in options if o.candidate][:_MAX_OPTIONS]
    if name == "tax":
        pool = [_at_share(option, printed) for option in pool]
    if name == "gross" and any(o.candidate and is_untaxed(o.candidate) for o in pool[:1]):
        return []  # Nothing else that is called a total is the one with tax.
    if name == "gross":  # ``Total incl. 19 % VAT (57.00)  357.00``
        pool = [_at_end(o, printed) if o.text[0] == "(" else o for o in pool]
    if name == "withheld":
        pool = [_at_end(option, printed) for option in pool]
    if name == "rounding":
        pool = [o for o in pool if abs(value_of(o)) <= _MOST_ROUNDING]
    if name == "gross":
        amounts = {abs(c.value) for c in printed if c.num_decimals == 2}
        parts = _parts({abs(value_of(option)) for option in pool}, amounts)
        pool = [o.also("amount.part", abs(value_of(o)) in parts) for o in pool]
    if sum(c.num_decimals == 2 for c in printed) >= _MANY:
        pool = [o.also("amount.whole") if _is_bare_whole(o) else o for o in pool]
    has_decimals = any(c.num_decimals >= 2 for c in printed)
    return [o for o in pool if not (name == "net" and has_decimals and _is_term(o))]


def _parts(totals: set[int], printed: set[int]) -> set[int]:
    """Return the totals that another printed amount makes a third: that of fees, not of a bill.

    A bill in whole units may be rounded to them.
    """
    return {
        part
        for part, whole in combinations(sorted(totals - {0}), 2)
        for rest in printed - {part, whole}
        if abs(whole - part - rest) <= (_HALF if whole % 100 == 0 else 0)
    }


def is_untaxed(amount: Candidate) -> bool:
    """Return whether the words right behind an amount say that a tax is added: ``+ VAT``."""
    behind = amount.segment.tokens[amount.start + len(amount.tokens) :][:_TAX_BEHIND]
    return bool(behind) and is_tax_added(behind)


def _is_bare_whole(option: Option) -> bool:
    found = option.candidate
    return found is not None and not found.num_decimals and not found.currency


def _at_price(option: Option, printed: Sequence[Candidate]) -> Option:
    """Return an option at the price that ends its line, if the number there is a quantity."""
    own = option.candidate
    if own is None or own.currency:
        return option
    line = [c for c in printed if c.segment.line == own.segment.line and c.left > own.right]
    price = next((c for c in reversed(line) if c.currency and c.num_decimals), None)
    if price is None or len({c.key for c in line}) > 1:
        return option
    return replace(option, tokens=price.tokens, text=price.text, candidate=price)


def _at_share(option: Option, printed: Sequence[Candidate]) -> Option:
    """Return a tax at the amount that ends its line, where the number there is the rate of it."""
    own = option.candidate
    if own is None or not 0 < own.value <= _MOST_RATE:
        return option
    line = [c for c in printed if c.segment.line == own.segment.line and c.left > own.right]
    made = {abs(c.value) * own.value // 100_00 for c in printed}
    if len(line) != 1 or abs(line[0].value) not in made:
        return option
    return replace(option, tokens=line[0].tokens, text=line[0].text, candidate=line[0])


def _at_end(option: Option, printed: Sequence[Candidate]) -> Option:
    """Return an option at the amount that ends its line: ``IRPF 15 % s/ 965,00  -144,75``."""
    own = option.candidate
    line = [c for c in printed if own and c.segment.line == own.segment.line and c.num_decimals]
    last = max(line, key=lambda c: c.left, default=None)
    return (
        option
        if last is None
        else replace(option, tokens=last.tokens, text=last.text, candidate=last)
    )


def _is_term(option: Option) -> bool:
    """Return whether a number beside its label is small and whole."""
    found, hit = option.candidate, option.hit
    if found is None or hit is None or found.segment is not hit.segment:
        return False
    return _is_bare_whole(option) and found.value <= _MAX_DAYS * 100


def _core(pools: dict[str, list[Option]]) -> _Chosen:
    """Choose net, tax and gross: the triple that adds up and whose labels are best."""
    names = [name for name in NET_AND_TAX.names if pools.get(name)]
    parts = {option.key: abs(value_of(option)) for option in pools.get("tax", ())}
    taxes = sum(parts.values()) if len(parts) > 1 else 0
    extras = {abs(value_of(o)) for name in _EXTRAS for o in pools.get(name, ())[:1]}
    trials = (
        {name: option for name, option in zip(names, found, strict=True) if option is not None}
        for found in product(*([*pools[name], None] for name in names))
    )

    def weight(picked: _Chosen) -> float:
        factors = _agreement(picked, taxes, extras)
        return sum(option.score for option in picked.values()) + total_of(factors.items())

    chosen = max(trials, key=weight)
    agreement = _agreement(chosen, taxes, extras)
    if "agreement.sum" in agreement and not agreement.get("agreement.shared"):
        chosen = {name: option.also("amount.adds_up") for name, option in chosen.items()}
    return chosen


def _agreement(picked: _Chosen, taxes: int, extras: Iterable[int]) -> dict[str, float]:
    """Return the factors that tell how well net, tax and gross, or some of them, agree.

    Args:
        picked: the options, by concept.
        taxes: the sum of the taxes of several rates.
        extras: charges and deductions, of which one may stand between net and gross.
    """
    amounts = {name: abs(value_of(option)) for name, option in picked.items()}
    shared = {"agreement.shared": float(len(picked) - len({o.key for o in picked.values()}))}
    if len(picked) == 3:
        missing = abs(NET_AND_TAX.excess(amounts))
        is_sum = any(abs(missing - extra) <= TOLERANCE for extra in (0, *extras))
        is_bare = abs(missing) <= TOLERANCE
        is_real = amounts["tax"] < amounts["gross"] or not amounts["gross"]
        # Freight and the like are added to goods as taxes are, but no tax is that low.
        is_low = 0 < amounts["tax"] < LEAST_TAX * amounts["gross"]
        if not (is_sum and is_real):
            return {"agreement.no_sum": 1} | shared
        return {"agreement.sum": _DOUBTFUL if is_low else 1 if is_bare else _WITH_EXTRA} | shared
    if {"net", "gross"} <= picked.keys():
        missing = NET_AND_TAX.missing("tax", amounts)
        if taxes and missing > 0 and abs(missing - taxes) <= TOLERANCE:
            return {"agreement.sum": 1}
        return {"agreement.too_much_net": missing < -_A_LITTLE} | shared
    if "tax" in picked and len(picked) == 2:
        other = amounts.get("gross", amounts.get("net", 0))
        return {"agreement.too_much_tax": amounts["tax"] >= other > 0} | shared
    return shared


def _supported(name: str, pool: list[Option], chosen: _Chosen) -> Option:
    """Return the option of one more field that fits a rule with those chosen, else the best."""
    for option in pool:
        trial = chosen | {name: option}
        if any(name in item.names and _holds(trial, item) for item in PRINTED):
            return option.also("amount.fits")
    return pool[0]


def _holds(trial: _Chosen, item: PrintedSum) -> bool:
    if not trial.keys() >= set(item.names):
        return False
    return abs(item.excess({name: abs(value_of(trial[name])) for name in item.names})) <= TOLERANCE


def _take_due(chosen: _Chosen, paths: dict[str, str]) -> None:
    """Take the amount due as the gross total where nothing was paid and none is labelled."""
    due, net = chosen.get("amount_due"), chosen.get("net")
    held = {name for name, option in chosen.items() if option.score >= level("kept")}
    if due is None or net is None or {"gross", "paid"} & held or "gross" not in paths:
        return
    if value_of(due) >= value_of(net) > 0:
        chosen["gross"] = due.at(paths["gross"]).also("amount.due_as_gross")


def _close_sums(chosen: _Chosen, paths: dict[str, str], printed: Sequence[Candidate]) -> None:
    """Take what sums leave for the missing one of net, tax and gross, and for what was paid.

    What is printed nearest to the others counts, and near them. A tax too large for one counts
    as missing, as where it is printed in two currencies at once; it may be anywhere.
    """
    last = max(map(line_of, chosen.values()), default=0)
    wanted_by = ((NET_AND_TAX, NET_AND_TAX.names), (_DUE, ("paid",)), (_ROUNDED, ("rounding",)))
    for item, names in wanted_by:
        known = {name: abs(value_of(chosen[name])) for name in item.names if name in chosen}
        if known.get("tax", 0) > MOST_TAX * known.get("gross", inf):
            del known["tax"]
        missing = [name for name in item.names if name not in known]
        name = missing[0] if len(missing) == 1 else ""
        if name not in names or name not in paths or (name == "paid" and "rounding" in chosen):
            continue
        wanted = item.missing(name, known)
        if name == "rounding":
            wanted = abs(wanted)
        most = {"tax": MOST_TAX * known.get("gross", 0), "rounding": _MOST_UNLABELLED}
        taken = {option.key for option in chosen.values()}
        reach = inf if name in chosen else _NEAR_LINES
        fitting = [
            c
            for c in printed
            if abs(c.value) == wanted <= most.get(name, wanted) and c.num_decimals == 2
        ]
        near = (c for c in fitting if abs(c.segment.line - last) <= reach and c.key not in taken)
        found = min(near, key=lambda c: abs(c.segment.line - last), default=None)
        if found is not None and wanted > TOLERANCE:
            chosen[name] = Option.of(paths[name], found, "amount.unlabelled")


def _drop_impossible(chosen: _Chosen) -> None:
    """Leave out a payment that is more than the total, but where it says what is paid back.

    Where nothing says what is left to pay, one above the total is an item: ``Deposit 30 %``.
    """
    paid, gross = chosen.get("paid"), chosen.get("gross")
    if paid is None or gross is None or "amount_due" in chosen:
        return
    is_too_much = abs(value_of(paid)) > abs(value_of(gross)) > 0
    if is_too_much or line_of(paid) < line_of(gross):
        del chosen["paid"]


def _drop_earlier_payment(chosen: _Chosen, printed: Sequence[Candidate]) -> None:
    """Leave out a payment of the balance before: printed beside that, and all is still due."""
    if not {"gross", "amount_due", "paid"} <= chosen.keys():
        return
    gross, due, paid = (abs(value_of(chosen[n])) for n in ("gross", "amount_due", "paid"))
    lines = {c.segment.line for c in printed if abs(c.value) == paid and c.num_decimals == 2}
    if gross == due and paid and len(lines) > 1:
        del chosen["paid"]


def _drop_offered_discount(chosen: _Chosen) -> None:
    """Leave out a discount for early payment, or what is left to pay with it.

    A sentence about paying offers it; it does not come off the document, as no sum shows.
    """
    held = chosen.get("discount")
    if held is None or any(name == "amount.fits" and holds for name, holds in held.factors):
        return
    total = max((abs(value_of(chosen[n])) for n in ("gross", "net") if n in chosen), default=0)
    is_most = 2 * abs(value_of(held)) > total > 0
    if is_most or (held.hit is not None and _PAY.search(held.hit.segment.text)):
        del chosen["discount"]


def _drop_partial_tax(chosen: _Chosen, pool: list[Option], amounts: set[int]) -> None:
    """Leave the tax out where only the taxes of several rates are printed, not their sum."""
    known = {n: abs(value_of(chosen[n])) for n in NET_AND_TAX.names if n in chosen}
    if len(known) < len(NET_AND_TAX.names):
        return
    missing = NET_AND_TAX.missing("tax", known)
    other = missing - known["tax"]
    if "charges" in chosen and abs(other - abs(value_of(chosen["charges"]))) <= TOLERANCE:
        return
    all_parts = sum({option.key: abs(value_of(option)) for option in pool}.values())
    is_one_rate = has_rate(chosen["tax"]) and not _EXTRAS & chosen.keys()
    is_part = is_one_rate and other > TOLERANCE and other in amounts
    if is_part or (abs(other) > TOLERANCE and abs(all_parts - missing) <= TOLERANCE):
        del chosen["tax"]


def _add_subtotal(chosen: _Chosen, pools: dict[str, list[Option]], paths: dict[str, str]) -> None:
    """Take a subtotal that is not the net total as the sum of the lines."""
    net = chosen.get("net")
    if "line_total" not in paths or "line_total" in chosen or net is None:
        return
    for option in pools.get("net", ()):
        is_other = option.hit is not None and option.hit.entry.phrase.startswith(_SUBTOTALS)
        if is_other and option.key != net.key and line_of(option) < line_of(net):
            held = option.at(paths["line_total"])
            chosen["line_total"] = replace(held, factors=given("amount.subtotal"))
            return


def line_of(option: Option) -> int:
    """Return the index of the line an option's amount stands on, -1 where it has none."""
    return option.candidate.segment.line if option.candidate else -1


def _drop_repeats(chosen: _Chosen) -> None:
    """Leave a printed amount to one field, unless one phrase announces both."""
    owner: dict[tuple[int, int, float], str] = {}
    for name in sorted(chosen, key=lambda n: (n == "line_total", -chosen[n].score)):
        other = owner.setdefault(chosen[name].key, name)
        if other != name and not _may_share(chosen[name], chosen[other]):
            del chosen[name]


def _may_share(option: Option, other: Option) -> bool:
    """Return whether two fields may hold one printed amount: a total that is also due."""
    names = {option.path.rpartition(".")[2], other.path.rpartition(".")[2]}
    if option.hit is None or other.hit is None or "line_total" in names:
        return False
    return option.hit is other.hit or option.score > level("shared_amount")

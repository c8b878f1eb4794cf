"""Chooses the document's amounts together, so that they add up.

Knows nothing of layout; it sees only options with amounts and what each field stands for. What
adds up to what is data in ``schema.equations``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from docextract.engine.text.fields.labelled import is_header
from docextract.engine.text.text_document import Candidate, Index, Option, fold_words, given
from docextract.schema.equations import (
    NET_AND_TAX,
    PRINTED,
    SUM,
    PrintedSum,
    beside,
    canonical,
)

TOLERANCE = SUM.printed
"""Hundredths by which printed sums may miss through rounding."""

_MAX_OPTIONS = 5
_MANY, _MAX_DAYS = 3, 366
_MAX_TAX = 0.35
_EXTRAS = beside("gross", "net", "tax")
_SUBTOTALS = tuple(fold_words("totals", "subtotal_starts"))


def settle_amounts(
    options: dict[str, list[Option]], index: Index, printed: Iterable[Candidate]
) -> dict[str, Option]:
    """Return one option per amount field, chosen together.

    Args:
        options: by field path, best first.
        index: tells what each field stands for.
        printed: all amounts on the pages, to find unlabelled ones that follow.
    """
    paths = amount_paths(index)
    pools = {
        name: [o for o in options.get(path, []) if o.candidate][:_MAX_OPTIONS]
        for name, path in paths.items()
    }
    printed = list(printed)
    pools = _doubt_whole_numbers(pools, printed)
    pools["net"] = [o for o in pools.get("net", ()) if not _is_term(o, printed)]
    chosen = _core(pools)
    for name, pool in pools.items():
        if name not in chosen and pool:
            chosen[name] = _supported(name, pool, chosen)
    _take_due(chosen, paths)
    _take_summary(chosen, paths, printed)
    _complete(chosen, paths, printed)
    _close_tax(chosen, printed)
    _close_paid(chosen, paths, printed)
    _drop_partial_tax(chosen, pools.get("tax", []), {abs(c.value) for c in printed})
    _add_subtotal(chosen, pools, paths)
    _drop_repeats(chosen)
    for name, option in list(chosen.items()):
        if option.score < 0.2:
            del chosen[name]
    return {paths[name]: option for name, option in chosen.items() if name in paths}


def amount_paths(index: Index) -> dict[str, str]:
    """Return the paths of the amounts that are chosen together, by what they stand for."""
    return {
        canonical(concept): path
        for path, concept in index.concept_of.items()
        if concept and index.fields[path].kind.is_number and is_header(index.fields[path], index)
    }


def _doubt_whole_numbers(
    pools: dict[str, list[Option]], printed: Sequence[Candidate]
) -> dict[str, list[Option]]:
    """Weigh bare whole numbers less where amounts are printed with two decimals."""
    if sum(c.num_decimals == 2 for c in printed) < _MANY:
        return pools
    return {
        name: [o.also("amount.whole") if _is_bare_whole(o.candidate) else o for o in pool]
        for name, pool in pools.items()
    }


def _is_bare_whole(found: Candidate | None) -> bool:
    return found is not None and not found.num_decimals and not found.currency


def _is_term(option: Option, printed: Sequence[Candidate]) -> bool:
    """Return whether a number is the days of ``NET 30``: small and whole among decimals."""
    found, hit = option.candidate, option.hit
    if found is None or hit is None or found.segment is not hit.segment or found.currency:
        return False
    is_small = not found.num_decimals and found.value <= _MAX_DAYS * 100
    return is_small and any(candidate.num_decimals >= 2 for candidate in printed)


def _take_due(chosen: dict[str, Option], paths: dict[str, str]) -> None:
    """Take the amount due as the gross total where nothing was paid and none is labelled."""
    due, net = chosen.get("amount_due"), chosen.get("net")
    if due is None or net is None or {"gross", "paid"} & chosen.keys() or "gross" not in paths:
        return
    if _value(due) >= _value(net) > 0:
        chosen["gross"] = due.at(paths["gross"]).also("amount.due_as_gross")


def _take_summary(
    chosen: dict[str, Option], paths: dict[str, str], printed: Sequence[Candidate]
) -> None:
    """Read net and tax off a line that prints net, tax and the total one after another."""
    gross = chosen.get("gross")
    if gross is None or not {"net", "tax"} <= paths.keys() or _bonus(_triple(chosen)) > 1:
        return
    values = [candidate.value for candidate in printed]
    by_line: dict[int, list[Candidate]] = {}
    for candidate in printed:
        if candidate.num_decimals == 2:
            by_line.setdefault(candidate.segment.line, []).append(candidate)
    for row in by_line.values():
        for net, tax, total in zip(row, row[1:], row[2:], strict=False):
            adds_up = NET_AND_TAX.of(net.value, tax.value) == total.value
            is_sum = adds_up and 0 < tax.value < _MAX_TAX * total.value
            is_same = _value(gross) == total.value
            # A label before the three names them all; the total is then the last of them.
            is_first = gross.key == net.key and values.count(total.value) > 1
            if is_sum and (is_same or is_first):
                why = given("amount.summary")
                for name, found in (("net", net), ("tax", tax), ("gross", total))[: 3 - is_same]:
                    chosen[name] = Option(paths[name], found.tokens, found.text, why, found)
                return


def _triple(chosen: dict[str, Option]) -> dict[str, Option]:
    return {name: chosen[name] for name in NET_AND_TAX.names if name in chosen}


def _core(pools: dict[str, list[Option]]) -> dict[str, Option]:
    """Choose net, tax and gross: the triple that adds up and whose labels are best."""
    names = [name for name in NET_AND_TAX.names if pools.get(name)]
    best: tuple[float, dict[str, Option]] = (-1.0, {})
    parts = {option.key: abs(_value(option)) for option in pools.get("tax", ())}
    taxes = sum(parts.values()) if len(parts) > 1 else 0
    extras = {abs(_value(o)) for name in _EXTRAS for o in pools.get(name, ())[:1]}
    for combination in product(*([*pools[name], None] for name in names)):
        picked = {n: o for n, o in zip(names, combination, strict=True) if o is not None}
        score = sum(option.score for option in picked.values()) + _bonus(picked, taxes, extras)
        if score > best[0]:
            best = (score, picked)
    chosen = best[1]
    if _bonus(chosen, taxes, extras) > 0.5:
        chosen = {name: option.also("amount.adds_up") for name, option in chosen.items()}
    return chosen


def _bonus(picked: dict[str, Option], taxes: int = 0, extras: Iterable[int] = frozenset()) -> float:
    """Return what agreement adds.

    Args:
        picked: net, tax and gross, or some of them.
        taxes: the sum of the taxes of several rates.
        extras: charges and deductions, of which one may stand between net and gross.
    """
    amounts = {name: abs(_value(option)) for name, option in picked.items()}
    if len(picked) == 2 and {"net", "gross"} <= picked.keys() and taxes:
        missing = NET_AND_TAX.missing("tax", amounts)
        if missing > 0 and abs(missing - taxes) <= TOLERANCE:
            return 1.2
    keys = {option.key for option in picked.values()}
    penalty = 0.9 * (len(picked) - len(keys))
    if len(picked) == 3:
        missing = abs(NET_AND_TAX.excess(amounts))
        is_sum = any(abs(missing - extra) <= TOLERANCE for extra in (0, *extras))
        is_real = amounts["tax"] < amounts["gross"] or not amounts["gross"]
        return (1.2 if is_sum and is_real else -0.35) - penalty
    if {"net", "gross"} <= picked.keys():
        return (-0.5 if amounts["net"] > amounts["gross"] + 200 else 0.0) - penalty
    if "tax" in picked and len(picked) == 2:
        other = amounts.get("gross", amounts.get("net", 0))
        return (-0.8 if amounts["tax"] >= other > 0 else 0.0) - penalty
    return -penalty


def _value(option: Option) -> int:
    return option.candidate.value if option.candidate else 0


def _supported(name: str, pool: list[Option], chosen: dict[str, Option]) -> Option:
    """Return the option of one more field that fits a rule with those chosen, else the best."""
    for option in pool:
        trial = chosen | {name: option}
        for item in PRINTED:
            if name in item.names and trial.keys() >= set(item.names) and _holds(trial, item):
                return option.also("amount.fits")
    return pool[0]


def _holds(trial: dict[str, Option], item: PrintedSum) -> bool:
    return abs(item.excess({name: abs(_value(trial[name])) for name in item.names})) <= TOLERANCE


def _complete(
    chosen: dict[str, Option], paths: dict[str, str], printed: Iterable[Candidate]
) -> None:
    """Add the missing one of net, tax and gross where its amount is printed unlabelled."""
    missing = [name for name in NET_AND_TAX.names if name not in chosen]
    if len(missing) != 1 or missing[0] not in paths:
        return
    name = missing[0]
    known = {n: abs(_value(option)) for n, option in _triple(chosen).items()}
    wanted = NET_AND_TAX.missing(name, known)
    if wanted <= 0 or (name == "tax" and wanted > _MAX_TAX * known["gross"]):
        return
    anchor = max(option.candidate.segment.line for option in chosen.values() if option.candidate)
    for candidate in _near(printed, anchor):
        if abs(candidate.value) == wanted and candidate.num_decimals == 2:
            why = given("amount.unlabelled")
            found = Option(paths[name], candidate.tokens, candidate.text, why, candidate)
            if found.key not in {option.key for option in chosen.values()}:
                chosen[name] = found
                return


def _close_tax(chosen: dict[str, Option], printed: Sequence[Candidate]) -> None:
    """Replace an amount too large for a tax by the printed one that gross less net leaves.

    So where the tax is printed in two currencies at once and reads as neither.
    """
    known = {n: abs(_value(option)) for n, option in _triple(chosen).items()}
    if len(known) < len(NET_AND_TAX.names):
        return
    wanted, most = NET_AND_TAX.missing("tax", known), _MAX_TAX * known["gross"]
    found = next((c for c in printed if abs(c.value) == wanted and c.num_decimals == 2), None)
    if found is not None and 0 < wanted < most < known["tax"]:
        path = chosen["tax"].path
        chosen["tax"] = Option(path, found.tokens, found.text, given("amount.unlabelled"), found)


def _close_paid(
    chosen: dict[str, Option], paths: dict[str, str], printed: Sequence[Candidate]
) -> None:
    """Add what was paid: the printed amount by which less is due than the total."""
    total, due = chosen.get("gross"), chosen.get("amount_due")
    if total is None or due is None or {"paid", "rounding"} & chosen.keys() or "paid" not in paths:
        return
    wanted = abs(_value(total)) - abs(_value(due))
    taken = {option.key for option in chosen.values()}
    found = [c for c in printed if abs(c.value) == wanted and c.num_decimals == 2]
    if wanted > TOLERANCE and found and not any(c.key in taken for c in found):
        amount = found[0]
        why = given("amount.unlabelled")
        chosen["paid"] = Option(paths["paid"], amount.tokens, amount.text, why, amount)


def _near(printed: Iterable[Candidate], anchor: int) -> Iterator[Candidate]:
    near = [c for c in printed if abs(c.segment.line - anchor) <= 10]
    return iter(sorted(near, key=lambda c: abs(c.segment.line - anchor)))


def _drop_repeats(chosen: dict[str, Option]) -> None:
    """Leave a printed amount to one field, unless one phrase announces both."""
    owner: dict[tuple[int, int, float], str] = {}
    for name in sorted(chosen, key=lambda n: (n == "line_total", -chosen[n].score)):
        option = chosen[name]
        other = owner.get(option.key)
        if other is None:
            owner[option.key] = name
        elif (
            option.hit is None or chosen[other].hit is None or not _may_share(option, chosen[other])
        ):
            del chosen[name]


def _add_subtotal(
    chosen: dict[str, Option], pools: dict[str, list[Option]], paths: dict[str, str]
) -> None:
    """Take a subtotal that is not the net total as the sum of the lines."""
    net = chosen.get("net")
    if "line_total" not in paths or "line_total" in chosen or net is None:
        return
    for option in pools.get("net", ()):
        phrase = option.hit.entry.phrase if option.hit else ""
        is_other = phrase.startswith(_SUBTOTALS) and option.key != net.key
        if (
            is_other
            and option.candidate
            and net.candidate
            and (option.candidate.segment.line < net.candidate.segment.line)
        ):
            path, why = paths["line_total"], given("amount.subtotal")
            chosen["line_total"] = Option(
                path, option.tokens, option.text, why, option.candidate, option.hit
            )
            return


def _drop_partial_tax(chosen: dict[str, Option], pool: list[Option], amounts: set[int]) -> None:
    """Leave the tax out where only the taxes of several rates are printed, not their sum."""
    known = {n: abs(_value(option)) for n, option in _triple(chosen).items()}
    if len(known) < len(NET_AND_TAX.names):
        return
    missing = NET_AND_TAX.missing("tax", known)
    other = missing - known["tax"]
    is_part = other > TOLERANCE and other in amounts and has_rate(chosen["tax"])
    if is_part and not _EXTRAS & chosen.keys():
        del chosen["tax"]
        return
    parts = {option.key: abs(_value(option)) for option in pool}
    if abs(other) > TOLERANCE and abs(sum(parts.values()) - missing) <= TOLERANCE:
        del chosen["tax"]


def has_rate(option: Option) -> bool:
    """Return whether the label of a tax names its rate: then it may be one of several."""
    hit = option.hit
    return hit is not None and "%" in hit.segment.text


def _may_share(option: Option, other: Option) -> bool:
    """Return whether two fields may hold one printed amount: a total that is also due."""
    if {option.path.rpartition(".")[2], other.path.rpartition(".")[2]} & {"line_total"}:
        return False
    return option.hit is other.hit or (option.path != other.path and option.score > 0.85)

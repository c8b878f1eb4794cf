"""Finds the charge or discount between a document's items and its total, by what they leave.

Knows nothing of labels: whatever it is called, an amount printed there that makes up the rest.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TypeVar

from docextract.engine.text.text_document import Option, Reader
from docextract.engine.text.totals.joint_choice import (
    TOLERANCE,
    amount_paths,
    is_till,
    line_of,
    value_of,
)
from docextract.schema.equations import NET_AND_TAX

_Item = TypeVar("_Item")
_ROW = re.compile(r"([^\[]+)\[(\d+)\]")
_WHOLES = ("net", "line_total", "gross", "receipt_total")
_Row = tuple[str, int]
_BARE, _FEW, _MOST = 2, 3, 20
"""A row of a text and an amount has two values; so many such stand around bare items, and around
others, at most."""
_SIGNS = {"charges": 1, "discount": -1}
"""What is added to items, and what is taken off them, before tax."""
_ON_RECEIPTS = ("tax", "tip", "rounding")
"""What a receipt's total may hold beside its items."""


def close_items(
    reader: Reader, chosen: dict[str, Option], rows: Sequence[Option]
) -> dict[str, Option]:
    """Return the chosen headers with the charge or discount that items leave of net or total.

    What a label called one goes where the items come to the net total without it, and that with
    its tax to the gross: a discount for early payment, one that the items have in them.

    Args:
        reader: the document.
        chosen: one option per header.
        rows: the options of all rows.
    """
    paths = amount_paths(reader.index)
    is_receipt = is_till(reader.index)
    end = chosen.get(paths.get("gross" if is_receipt else "net", ""))
    items = [option for option in rows if _is_amount(reader, option)]
    if end is None or not items:
        return chosen
    amounts = {name: abs(value_of(chosen[path])) for name, path in paths.items() if path in chosen}
    added = [amounts[name] for name in _ON_RECEIPTS if is_receipt and name in amounts]
    rest = value_of(end) - sum(map(value_of, items))
    rests = {rest - sum(part) for part in _subsets(added)}
    known = [name for name in _SIGNS if name in amounts]
    made = {kept: sum(_SIGNS[n] * amounts[n] for n in kept) for kept in _subsets(known)}
    is_open = is_receipt or not _adds_up(amounts)  # Then some stand between net and gross.
    for kept, sum_of in made.items():
        if any(abs(left - sum_of) <= TOLERANCE for left in rests):
            return chosen if is_open else _without(chosen, paths, set(known) - set(kept))
    for kept, sum_of in made.items() if not (known and is_open) else ():
        lacking = _lacking(reader, chosen, items, end, {left - sum_of for left in rests})
        if lacking is not None and lacking.path not in {paths[name] for name in kept}:
            held = _without(chosen, paths, set(known) - set(kept))
            return held | {lacking.path: lacking}
    return chosen


def items_alone(reader: Reader, chosen: dict[str, Option], rows: Sequence[Option]) -> list[Option]:
    """Return the rows without bare ones around a run of them that makes a total, if all do not.

    What has neither a count nor a price there is no item: a shop's name with the total behind
    it, what taxes are on.
    """
    known = {
        name: abs(value_of(chosen[path]))
        for name, path in amount_paths(reader.index).items()
        if path in chosen
    }
    totals = {known[name] for name in _WHOLES if name in known}
    if {"net", "discount"} <= known.keys():
        totals.add(known["net"] + known["discount"])
    amounts = {_row_of(o): abs(value_of(o)) for o in rows if _is_amount(reader, o)}
    sizes = Counter(map(_row_of, rows))
    order = sorted(amounts)
    bare = {r for r in order if sizes[r] <= _BARE and amounts[r] != known.get("charges")}
    if _is_one_of(totals, sum(amounts.values())) or not bare:
        return list(rows)
    parts = _without_subtotals(order, bare, amounts)
    for inside in itertools.chain([parts] if len(parts) < len(order) else [], _runs(order, bare)):
        made = [amounts[row] for row in inside]
        start = order.index(inside[0])
        before = sum(amounts[row] for row in order[:start]) if start > 1 else None
        is_of_items = not {*totals, known.get("tax"), before} & {*made}
        if is_of_items and _is_one_of(totals, sum(made)):
            kept = sorted(set(sizes) - (set(order) - set(inside)))
            numbers = {row: number for number, row in enumerate(kept)}
            return [_renumbered(o, numbers) for o in rows if _row_of(o) in numbers]
    return list(rows)


def _without_subtotals(
    order: Sequence[_Row], bare: set[_Row], amounts: dict[_Row, int]
) -> list[_Row]:
    """Return rows without the bare ones that are what all before them come to."""
    kept: list[_Row] = []
    total = 0
    for row in order:
        if row not in bare or len(kept) < _BARE or amounts[row] != total:
            kept.append(row)
            total += amounts[row]
    return kept


def _runs(order: Sequence[_Row], bare: set[_Row]) -> Iterator[Sequence[_Row]]:
    """Yield runs of two rows and more that leave out bare ones around them, few first.

    Among many bare ones some make a total by chance.
    """
    full = [number for number, row in enumerate(order) if row not in bare]
    first, last = (full[0], full[-1]) if full else (len(order), -1)
    for num_out in range(1, (_MOST if full else _FEW) + 1):
        for start in range(num_out + 1):
            end = len(order) - (num_out - start)
            if start <= first and end > last and end - start > 1:
                yield order[start:end]


def _is_one_of(totals: set[int], value: int) -> bool:
    return any(abs(total - value) <= TOLERANCE for total in totals)


def _row_of(option: Option) -> _Row:
    """Return the list and the number of a row that an option is a value of."""
    found = _ROW.match(option.path)
    return (found[1], int(found[2])) if found else ("", 0)


def _renumbered(option: Option, kept: dict[_Row, int]) -> Option:
    row = _row_of(option)
    first = min(number for other, number in kept.items() if other[0] == row[0])
    return option.at(_ROW.sub(rf"\g<1>[{kept[row] - first}]", option.path))


def _without(
    chosen: dict[str, Option], paths: dict[str, str], names: set[str]
) -> dict[str, Option]:
    return {p: option for p, option in chosen.items() if p not in {paths[n] for n in names}}


def _lacking(
    reader: Reader, chosen: dict[str, Option], items: Sequence[Option], end: Option, rests: set[int]
) -> Option | None:
    """Return an amount printed below the items that is what they lack or have too much.

    On a receipt only the latter counts: what is added there is a tax, most often.
    """
    paths = amount_paths(reader.index)
    taken = {option.key for option in (*chosen.values(), *items)}
    is_receipt = is_till(reader.index)
    start = max(map(line_of, items))
    for amount in reader.all_money():
        is_between = start < amount.segment.line <= line_of(end)
        if not is_between or amount.key in taken or amount.num_decimals != _decimals(end):
            continue
        for rest in rests:
            if rest and abs(abs(amount.value) - abs(rest)) <= TOLERANCE:
                path = paths.get("charges" if rest > 0 else "discount", "")
                if path and not (is_receipt and rest > 0):
                    return Option.of(path, amount, "amount.unlabelled")
    return None


def _subsets(items: Sequence[_Item]) -> Iterator[tuple[_Item, ...]]:
    """Yield what of some things may count, most first."""
    for size in range(len(items), -1, -1):
        yield from combinations(items, size)


def _adds_up(amounts: dict[str, int]) -> bool:
    """Return whether net, tax and gross agree as they are, or one of them is not known.

    Without a tax, what is added to net or taken off it may make the gross.
    """
    known = {name: amounts[name] for name in NET_AND_TAX.names if name in amounts}
    if known.keys() == {"net", "gross"} and known["net"] != known["gross"]:
        added = sum(sign * amounts.get(name, 0) for name, sign in _SIGNS.items())
        return abs(known["net"] + added - known["gross"]) > TOLERANCE
    return len(known) < len(NET_AND_TAX.names) or abs(NET_AND_TAX.excess(known)) <= TOLERANCE


def _is_amount(reader: Reader, option: Option) -> bool:
    path = re.sub(r"\[\d+\]", "[]", option.path)
    return option.candidate is not None and reader.index.concept_of.get(path) == "line_net"


def _decimals(option: Option) -> int:
    return option.candidate.num_decimals if option.candidate else 0

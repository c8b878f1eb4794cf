"""Finds the charge or discount between a document's items and its net total, by what they leave.

Knows nothing of labels: whatever it is called, an amount printed there that makes up the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from docextract.engine.text.text_document import Option, Reader
from docextract.engine.text.totals.joint_choice import TOLERANCE, amount_paths, value_of
from docextract.schema.equations import NET_AND_TAX

_SIGNS = {"charges": 1, "discount": -1}
"""What is added to items, and what is taken off them, before tax."""


def close_items(
    reader: Reader, chosen: dict[str, Option], rows: Sequence[Option]
) -> dict[str, Option]:
    """Return the chosen headers with the charge or discount that the items and the net leave.

    What a label called one goes where the items come to the net total without it, and that with
    its tax to the gross: a discount for early payment, one that the items have in them.

    Args:
        reader: the document.
        chosen: one option per header.
        rows: the options of all rows.
    """
    paths = amount_paths(reader.index)
    net = chosen.get(paths.get("net", ""))
    items = [o for o in rows if _concept(reader, o) == "line_net" and o.candidate is not None]
    if net is None or net.candidate is None or not items or "receipt_total" in _concepts(reader):
        return chosen
    known = {n: chosen[paths[n]] for n in _SIGNS if n in paths and paths[n] in chosen}
    missing = value_of(net) - sum(value_of(o) for o in items)
    if known and not _adds_up(chosen, paths):
        return chosen  # They stand between net and gross.
    for kept in _subsets(known):
        if abs(missing - _sum(known, kept)) <= TOLERANCE:
            return _without(chosen, [paths[n] for n in known if n not in kept])
    start = max(_line(o) for o in items)
    between = [c for c in reader.all_money() if start < c.segment.line <= net.candidate.segment.line]
    taken = {option.key for option in (*chosen.values(), *rows)}
    free = [c for c in between if c.key not in taken and c.num_decimals == _decimals(net)]
    for kept in _subsets(known):
        rest = missing - _sum(known, kept)
        name = "charges" if rest > 0 else "discount"
        found = next((c for c in free if abs(abs(c.value) - abs(rest)) <= TOLERANCE), None)
        if found is not None and name in paths and name not in kept:
            made = Option.of(paths[name], found, "amount.unlabelled")
            return _without(chosen, [paths[n] for n in known if n not in kept]) | {made.path: made}
    return chosen


def _adds_up(chosen: dict[str, Option], paths: dict[str, str]) -> bool:
    """Return whether net, tax and gross agree as they are, or one of them is not known."""
    amounts = {n: value_of(chosen[p]) for n in NET_AND_TAX.names if (p := paths.get(n)) in chosen}
    return len(amounts) < len(NET_AND_TAX.names) or abs(NET_AND_TAX.excess(amounts)) <= TOLERANCE


def _subsets(known: dict[str, Option]) -> Iterator[tuple[str, ...]]:
    """Yield what of it may count, most first."""
    for size in range(len(known), -1, -1):
        yield from combinations(known, size)


def _sum(known: dict[str, Option], kept: tuple[str, ...]) -> int:
    return sum(_SIGNS[name] * abs(value_of(known[name])) for name in kept)


def _without(chosen: dict[str, Option], dropped: Sequence[str]) -> dict[str, Option]:
    return {path: option for path, option in chosen.items() if path not in dropped}


def _concept(reader: Reader, option: Option) -> str | None:
    return reader.index.concept_of.get(re.sub(r"\[\d+\]", "[]", option.path))


def _concepts(reader: Reader) -> set[str]:
    return set(reader.index.concept_of.values())


def _line(option: Option) -> int:
    return option.candidate.segment.line if option.candidate else -1


def _decimals(option: Option) -> int:
    return option.candidate.num_decimals if option.candidate else 0


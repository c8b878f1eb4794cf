"""Settles the amounts of a document; on a receipt the total first, then what it is made of.

Knows nothing of how each is weighed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from docextract.engine.text.labels.total_kinds import is_carried
from docextract.engine.text.text_document import Candidate, Option, Reader, pattern
from docextract.engine.text.totals.items_sum import whole_of_items
from docextract.engine.text.totals.joint_choice import (
    TOLERANCE,
    amount_paths,
    has_rate,
    is_till,
    is_untaxed,
    line_of,
    settle_amounts,
    value_of,
)
from docextract.engine.text.totals.labelled_amounts import (
    GROSS,
    PAID,
    PAYMENT,
    labelled,
    line_amounts,
)
from docextract.engine.text.totals.printed_sums import (
    MOST_TAX,
    largest_sum,
    may_be_tax,
    parts_of,
    rated_taxes,
    sums_in,
)
from docextract.engine.text.totals.receipt_total import till_total
from docextract.schema import Kind
from docextract.schema.equations import NET_AND_TAX

_RATE = re.compile(r"\d+(?:[.,]\d+)? ?%")
_WITHHELD = re.compile(rf"\b(?:{pattern('totals', 'withheld')})", re.IGNORECASE)
_DUE_YET = re.compile(rf"\b(?:{pattern('totals', 'due_yet')})", re.IGNORECASE)
_MOST_COLUMNS = 6
_FIRST = 2
"""Only so many labelled options go before what a printed sum gives; few are chosen from."""


def settle_totals(
    reader: Reader,
    options: dict[str, list[Option]],
    printed: Sequence[Candidate],
    in_tables: set[int],
) -> dict[str, Option]:
    """Return one option per amount field.

    Args:
        reader: the document.
        options: by field path, best first; those of printed sums are added, and a receipt's
            total is left a single one.
        printed: all amounts on the pages.
        in_tables: ids of segments in tables.
    """
    paths = amount_paths(reader.index)
    gross = paths.get("gross", "")
    total = till_total(reader, gross, options.get(gross, ())) if is_till(reader.index) else None
    if total is not None:
        options[gross] = [total]
    for path in paths.values():
        # What is carried over to another page is a sum of no document.
        options[path] = [o for o in options.get(path, ()) if not _is_carried(reader, o)]
    if "tax" in paths:
        options[paths["tax"]] = _without_parts(options[paths["tax"]])
    if "tip" in paths:
        options[paths["tip"]] = [o for o in options[paths["tip"]] if not _is_offered(reader, o)]
    made = _sums(reader, paths, options, total, in_tables)
    for path, option in made.items():
        options.setdefault(path, [])[_FIRST:_FIRST] = [option]
    charges = {c.key for c in labelled(reader, frozenset({"charges"}))}
    chosen = settle_amounts(options, reader.index, [c for c in printed if c.key not in charges])
    _rename_rests(reader, paths, chosen)
    if total is not None:
        # Whichever other field had taken its amount.
        chosen = {p: option for p, option in chosen.items() if option.key != total.key}
        chosen[gross] = total
        _drop_shares(reader, chosen, made, paths, value_of(total))
    elif not is_till(reader.index):
        _take_whole(reader, paths, chosen)
        _drop_columns(reader, paths, chosen)
    elif gross not in chosen:
        for part in {paths.get("net", ""), paths.get("tax", "")} & chosen.keys():
            chosen[part] = chosen[part].also("doubt.part_without_total")
    return chosen


def _rename_rests(reader: Reader, paths: dict[str, str], chosen: dict[str, Option]) -> None:
    """Give what a sum alone calls a tax or a payment to the field that its line tells of.

    ``Agency fee 15%`` is a charge, ``Retention 5%`` is withheld, ``Deposit due now`` was not paid.
    """
    for name, other in (("tax", "charges"), ("paid", "withheld")):
        option = chosen.get(paths.get(name, ""))
        if option is None or ("amount.unlabelled", 1.0) not in option.factors:
            continue
        line = reader.layout.lines[line_of(option)]
        is_other = name == "paid" and _WITHHELD.search(line.text) is not None
        is_other |= name == "tax" and "%" in line.text and not may_be_tax(line)
        is_neither = not may_be_tax(line) if name == "tax" else _DUE_YET.search(line.text)
        if is_other or is_neither:
            del chosen[option.path]
        if is_other and other in paths and paths[other] not in chosen:
            chosen[paths[other]] = option.at(paths[other])


def _drop_columns(reader: Reader, paths: dict[str, str], chosen: dict[str, Option]) -> None:
    """Leave out totals beside which others add up as well: ``Contract sum | This invoice``.

    What is printed in two currencies is one sum.
    """
    names = [paths[name] for name in NET_AND_TAX.names if paths.get(name, "") in chosen]
    lines = [line_of(chosen[path]) for path in names]
    if len({*lines} - {-1}) < len(NET_AND_TAX.names):
        return
    beside = [line_amounts(reader, reader.layout.lines[at])[:_MOST_COLUMNS] for at in lines]
    held = chosen[paths["gross"]].candidate
    others = (
        total
        for net, tax, total in itertools.product(*beside)
        if tax.value and NET_AND_TAX.of(net.value, tax.value) == total.value
    )
    if held and any(o.value != held.value and o.currency == held.currency for o in others):
        for path in names:
            del chosen[path]


def _take_whole(reader: Reader, paths: dict[str, str], chosen: dict[str, Option]) -> None:
    """Take as gross total what no known label announces but all items come to.

    It is due as well where nothing was paid. What stands beside ``incl. VAT`` is no tax then.
    """
    gross, due, tax, paid = (paths.get(n, "") for n in ("gross", "amount_due", "tax", "paid"))
    asked, already = (abs(value_of(chosen[p])) if p in chosen else 0 for p in (due, paid))
    known = frozenset({asked, asked + already}) if asked else frozenset()
    found = whole_of_items(reader, known) if gross and gross not in chosen else None
    # ``£1,500.00 + VAT`` is a sum of items without tax, and nothing else is their total.
    if found is None or any(map(is_untaxed, reader.all_money())):
        return
    holders = {path for path, option in chosen.items() if option.key == found.key} - {due}
    if holders - {tax}:
        return
    for path in holders:
        del chosen[path]
    chosen[gross] = Option.of(gross, found, "amount.items_sum")


def end_of_items(reader: Reader, chosen: dict[str, Option]) -> int:
    """Return the index of the line at which a receipt's items are over.

    That is the first line that prints the total and names it or a payment, whatever the
    words; the number of lines where there is none, and on other documents.
    """
    lines = reader.layout.lines
    total = (
        chosen.get(amount_paths(reader.index).get("gross", "")) if is_till(reader.index) else None
    )
    value = value_of(total) if total is not None else 0
    for line in lines if value else ():
        if any(c.value == value for c in line_amounts(reader, line)) and (
            reader.concepts_on(line) & (GROSS | PAID) or PAYMENT.search(line.text)
        ):
            return line.index
    return len(lines)


def _without_parts(found: list[Option]) -> list[Option]:
    """Return the labelled taxes that are at least what those of several rates come to.

    Where nothing on their page announces the sum of all of them, none is the tax.
    """
    values = {abs(value_of(option)) for option in found}
    whole = next((v for v in values if len(values) > 2 and 2 * v == sum(values)), None)
    if whole is not None:
        return [option for option in found if abs(value_of(option)) == whole]
    found = [option for option in found if not _is_one_of_rates(option, found)]
    parts: dict[int, set[int]] = {}
    # Options come best first: what else stands behind a label is what its tax is on.
    best = {id(option.hit): option for option in reversed(found) if _is_rated(option)}
    for option in best.values():
        parts.setdefault(option.tokens[0].page, set()).add(abs(value_of(option)))
    least = {page: sum(those) for page, those in parts.items() if len(those) > 1}
    return [o for o in found if abs(value_of(o)) >= least.get(o.tokens[0].page, 0)]


def _is_rated(option: Option) -> bool:
    """Return whether the rate of a tax stands beside its label: ``GST 5%``, ``incl. 7 % VAT``."""
    return option.hit is not None and any("%" in t.text for t in option.hit.segment.tokens)


def _is_one_of_rates(option: Option, found: Sequence[Option]) -> bool:
    """Return whether a text tells taxes at several rates: ``VAT: 140.00 (20%), 10.00 (5%)``."""
    segment = option.hit.segment if option.hit else None
    beside = {o.key for o in found if o.hit and o.hit.segment is segment}
    return segment is not None and len(beside) > 1 < len(set(_RATE.findall(segment.text)))


def _is_carried(reader: Reader, option: Option) -> bool:
    line = option.candidate.segment.line if option.candidate else None
    return line is not None and is_carried(reader.layout.lines[line].text)


def _is_offered(reader: Reader, option: Option) -> bool:
    """Return whether a tip is one of several that a receipt suggests: ``18% 12.49 20% 13.88``."""
    line = reader.layout.lines[option.candidate.segment.line] if option.candidate else None
    found = reader.candidates_at(line.tokens) if line else []
    return sum(c.kind is Kind.PERCENT for c in found) > 1


def _sums(
    reader: Reader,
    paths: dict[str, str],
    options: dict[str, list[Option]],
    total: Option | None,
    in_tables: set[int],
) -> dict[str, Option]:
    """Return what printed sums make net, tax and gross; a receipt's gross is settled."""
    if not set(NET_AND_TAX.names) <= paths.keys() or (is_till(reader.index) and total is None):
        return {}
    if total is not None and total.candidate is not None:
        found, factor = parts_of(reader, total.candidate), "amount.receipt_split"
    else:
        best = largest_sum(reader, in_tables, options.get(paths["gross"], ()))
        made = best._asdict() if best else {}
        found, factor = {name: c for name, c in made.items() if c}, "amount.printed_sum"
    return {
        paths[name]: Option.of(paths[name], c, factor) for name, c in found.items() if name in paths
    }


def _drop_shares(
    reader: Reader,
    chosen: dict[str, Option],
    made: dict[str, Option],
    paths: dict[str, str],
    total: int,
) -> None:
    """Leave out a receipt's net and tax that are one rate's share of several, or an item's."""
    net_path, tax_path = paths.get("net", ""), paths.get("tax", "")
    net, tax = (abs(value_of(chosen[p])) if p in chosen else 0 for p in (net_path, tax_path))
    if tax >= MOST_TAX * total > 0:
        # What a tax is due on, printed where the tax was expected.
        del chosen[tax_path]
        tax = 0
    if tax and net and abs(NET_AND_TAX.of(net, tax) - total) <= TOLERANCE:
        return
    others = _taxes(reader, total) - {tax}
    alike = {abs(c.value) for c in reader.all_money() if c.num_decimals == 2}
    is_small = 0 < net < total / 2 - tax
    is_one_rate = 0 < net < total - tax and has_rate(chosen[net_path])
    # A subtotal above the total goes with a deduction that is printed.
    is_above = net > total + TOLERANCE and net - total not in alike
    if is_small or is_one_rate or is_above:
        del chosen[net_path]
    # Of several rates a total may hold one by chance.
    is_one = len({candidate.value for candidate in rated_taxes(reader)}) < 2
    is_held = is_one and tax_path in made and value_of(made[tax_path]) == tax
    if tax and tax != sum(others) and (is_small or others) and not is_held:
        del chosen[tax_path]


def _taxes(reader: Reader, total: int) -> set[int]:
    """Return the amounts that are printed as a tax: by a label, or in a row of a part's sum."""
    named = [c.value for c in (*labelled(reader, frozenset({"tax"})), *rated_taxes(reader))]
    rows = (line_amounts(reader, line) for line in reader.layout.lines)
    sums = (found for row in rows for found in sums_in(row))
    named += [tax.value for _, tax, gross in sums if gross.value < total]
    return {value for value in named if 0 < value < MOST_TAX * total}

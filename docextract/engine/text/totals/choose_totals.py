"""Settles the amounts of a document; on a receipt the total first, then what it is made of.

Knows nothing of how each is weighed.
"""

from __future__ import annotations

from collections.abc import Sequence

from docextract.engine.text.text_document import Candidate, Option, Reader
from docextract.engine.text.totals.joint_choice import amount_paths, settle_amounts
from docextract.engine.text.totals.printed_sums import sum_options
from docextract.engine.text.totals.receipt_lines import CHARGES, closing_lines, labelled
from docextract.engine.text.totals.receipt_tax import settle_split
from docextract.engine.text.totals.receipt_total import till_total


def settle_totals(
    reader: Reader,
    options: dict[str, list[Option]],
    printed: Sequence[Candidate],
    in_tables: set[int],
) -> dict[str, Option]:
    """Return one option per amount field.

    Args:
        reader: the document.
        options: by field path, best first; a receipt's total is left a single option.
        printed: all amounts on the pages.
        in_tables: ids of segments in tables.
    """
    total = _receipt_total(reader, options)
    if "receipt_total" not in reader.index.concept_of.values():
        summed = sum_options(reader, amount_paths(reader.index), in_tables)
        for path, found in summed.items():
            # Among the first, since only those are chosen from.
            options.setdefault(path, [])[2:2] = found
    charges = {c.key for c in labelled(reader, CHARGES)}
    chosen = settle_amounts(options, reader.index, [c for c in printed if c.key not in charges])
    if total is None:
        _doubt_parts(reader, chosen)
        return chosen
    _keep(chosen, total)
    paths = amount_paths(reader.index)
    if total.candidate is not None and {"net", "tax"} <= paths.keys():
        settle_split(reader, chosen, paths["net"], paths["tax"], total.candidate)
    return chosen


def end_of_items(reader: Reader, chosen: dict[str, Option]) -> int:
    """Return the index of the line at which a receipt's items are over.

    That is the first line that prints the total and names it or a payment, whatever the
    words; the number of lines where there is none, and on other documents.
    """
    end = len(reader.layout.lines)
    if "receipt_total" not in reader.index.concept_of.values():
        return end
    total = chosen.get(amount_paths(reader.index).get("gross", ""))
    value = total.candidate.value if total is not None and total.candidate else 0
    return min(closing_lines(reader, value), default=end) if value else end


def _receipt_total(reader: Reader, options: dict[str, list[Option]]) -> Option | None:
    for path, concept in reader.index.concept_of.items():
        if concept == "receipt_total":
            total = till_total(reader, path, options.get(path, ()))
            if total is not None:
                options[path] = [total]
            return total
    return None


def _doubt_parts(reader: Reader, chosen: dict[str, Option]) -> None:
    """Trust no subtotal or tax of a receipt whose total nobody found."""
    paths = amount_paths(reader.index)
    if "receipt_total" in reader.index.concept_of.values() and paths.get("gross") not in chosen:
        for path in (paths[n] for n in ("net", "tax") if paths.get(n) in chosen):
            chosen[path] = chosen[path].also("doubt.part_without_total")


def _keep(chosen: dict[str, Option], total: Option) -> None:
    """Give a receipt's total its amount, whichever other field had taken it."""
    for path in [p for p, option in chosen.items() if option.key == total.key]:
        del chosen[path]
    chosen[total.path] = total

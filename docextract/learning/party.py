"""Whose document it is: whether the party that a layout was learned from stands on its pages.

Knows nothing of values. Programs print the invoices of many parties on one template, whose words
are the same; what is remembered of one of them is no proof for another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from docextract.learning.clues.clue import Clue
from docextract.learning.memory import LayoutMemory
from docextract.schema import Field, Kind, Schema

_ANYBODYS = frozenset((Kind.CURRENCY, Kind.COUNTRY))


def is_of_party(
    layout: LayoutMemory, schema: Schema, prints: Callable[[Clue, Field], bool]
) -> bool:
    """Return whether a layout's party stands on a document's pages: its name, and half of all.

    All is its name, address, numbers and accounts; a scan may lose some. A business that goes on
    under a new name at the old address is another one until it was confirmed. Where nothing of
    the kind was confirmed, or somebody wrote the layout down by hand, its words have to do.

    Args:
        layout: whose words the document has.
        schema: of the values.
        prints: whether a document's pages print a constant of a field.
    """
    own = [
        (field.kind is Kind.NAME, any(prints(clue, field) for clue in clues))
        for path, found in layout.clues.items()
        if (field := schema.field_at(path)) is not None and field.kind not in _ANYBODYS
        if (clues := [it for it in found if it.constant and not it.is_unprinted])
        and not clues[0].is_by_hand
    ]
    names = [is_there for is_name, is_there in own if is_name]
    is_named = any(names) or not names
    return is_named and 2 * sum(is_there for _, is_there in own) >= len(own)


def template_of(layout: LayoutMemory, schema: Schema) -> LayoutMemory:
    """Return what holds of a layout for another party: where values stand, not what they are.

    Where an account stands is left out: what is paid to rests on no stranger's document.

    Args:
        layout: whose words the document has.
        schema: of the values.
    """
    clues = {
        path: tuple(it for it in found if not it.constant)
        for path, found in layout.clues.items()
        if (field := schema.field_at(path)) is None or field.kind is not Kind.IBAN
    }
    return replace(layout, clues=clues, absent={})

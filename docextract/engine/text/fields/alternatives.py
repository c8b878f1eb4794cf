"""Keeps what else a field could hold: the options that were not chosen, best first.

Knows nothing of why another was chosen, nor of what alternatives are good for.
"""

from __future__ import annotations

from collections.abc import Mapping

from docextract.engine.text.text_document import Option
from docextract.schema import Field, Kind

MAX_ALTERNATIVES = 4
_KINDS = (Kind.MONEY, Kind.DATE, Kind.IBAN)


def remaining_options(
    fields: Mapping[str, Field],
    options: Mapping[str, list[Option]],
    chosen: Mapping[str, Option],
) -> dict[str, list[Option]]:
    """Return by field path up to ``MAX_ALTERNATIVES`` other printed values, best first.

    Args:
        fields: by path; only amounts, dates and account numbers have alternatives.
        options: everything that was weighed.
        chosen: what was taken; a field may have alternatives though nothing was taken.
    """
    return {
        path: others
        for path, found in options.items()
        if path in fields and fields[path].kind in _KINDS
        if (others := _others(found, chosen.get(path)))
    }


def _others(found: list[Option], taken: Option | None) -> list[Option]:
    best: dict[str, Option] = {}
    for option in sorted(found, key=lambda o: -o.score):
        if taken is None or option.text != taken.text:
            best.setdefault(option.text, option)
    return list(best.values())[:MAX_ALTERNATIVES]

"""Lets a second reading give the number or day that is missing, or that it holds for a mistake.

Knows nothing of how either reading works, nor of parties and amounts.
"""

from __future__ import annotations

from collections.abc import Collection

from docextract.engine.text.fields.bare_dates import is_other_date, weighed_date
from docextract.engine.text.fields.other_papers import (
    is_behind_credited,
    is_line_of,
    weighed_numbers,
)
from docextract.engine.text.second_reading.pieces import CODE, DATE, Piece
from docextract.engine.text.second_reading.second_opinion import SecondReading
from docextract.engine.text.text_document import Option, Reader, given, join, level

_MAX_COUNT = 2
_EDGE = ".,;:()"


def reconsidered(
    reader: Reader,
    second: SecondReading,
    options: dict[str, list[Option]],
    chosen: dict[str, Option],
) -> dict[str, Option]:
    """Return what was chosen, with the numbers and days that a second reading puts in.

    Args:
        reader: the document.
        second: how likely its print is each of them.
        options: what labels and places announced; what is weak among it, rules speak against.
        chosen: one option for each field that has one.
    """
    found = dict(chosen)
    kept = reader.index.paths_of("purchase_order")
    for path in reader.index.headers:
        held = found.get(path)
        if held is not None and (path in kept or not second.overrules(path, held.tokens)):
            continue
        taken = {id(t) for other, o in found.items() if other != path for t in o.tokens}
        refused = {o.key for o in options.get(path, ()) if o.score < level("fair")}
        piece = second.likeliest(path, taken)
        option = _option(reader, path, piece, refused) if piece is not None else None
        if option is not None:
            found[path] = option
    return found


def _option(
    reader: Reader, path: str, piece: Piece, refused: Collection[tuple[int, int, float]]
) -> Option | None:
    """Return the option for a number or a day, unless rules speak against it."""
    text, least = piece.text.strip(_EDGE), level("second_least")
    if piece.form == CODE:
        before, after = (join(part) for part in piece.around)
        is_other = is_line_of(text, after) or is_behind_credited(reader, before)
        # ``week 38``
        is_other |= len(text) <= _MAX_COUNT and text.isdigit() and before.split(" ")[-1].islower()
        option = Option(path, piece.tokens, text, given("second.number"))
        weighed = [] if is_other else weighed_numbers(reader, [option])
    elif piece.form == DATE:
        date = next(d for d in reader.dates_of(piece.segment) if d.tokens is piece.tokens)
        option = Option(path, date.tokens, date.text, given("second.day"), date)
        weighed = [] if is_other_date(reader, date) else [weighed_date(reader, option)]
    else:
        weighed = []
    return next((o for o in weighed if o.score >= least and o.key not in refused), None)

"""Numbers of documents at labels that do not say of what: ``Number``, ``Reference``.

Knows nothing of labels that announce a field, which are tried first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from docextract.engine.text.fields.other_papers import HEAD, STEMS
from docextract.engine.text.fields.titled_numbers import code_at_end, is_over, titles_of
from docextract.engine.text.text_document import (
    NUMBER_WORDS,
    Option,
    Reader,
    Segment,
    fold_words,
    given,
    join,
)
from docextract.engine.text.values.pick import pick
from docextract.schema import Field

_REFERENCES = fold_words("codes", "reference")
_TOP = 0.4
_SERIES = 3
"""So many letters before a number are its series."""


def numbered_option(reader: Reader, item: Field) -> Option | None:
    """Return the number that a bare label gives: ``Number:`` shortly below the title.

    The only such label of the page's head will do as well. Where there is none, ``Reference:``
    in the upper part of the first page will; right under the title, or with a sign of its own, it
    is about as sure.
    """
    concept = reader.index.concept_of[item.path]
    if concept not in STEMS:
        return None
    titles = list(titles_of(reader, concept))
    near = (_number_behind(reader, item, label, 1) for label in _bare_labels(reader, titles))
    number = next(filter(None, near), None)
    return number or next(_references(reader, item, titles), None)


def _bare_labels(reader: Reader, titles: list[Segment]) -> list[Segment]:
    """Return the bare labels near a title, or the only one in the page's head."""
    bare = [s for s in reader.layout.segments if _is_bare_label(s)]
    bare = [s for s in bare if not reader.is_row_of_prices(s.line)]  # Numbers of pieces.
    near = [s for s in bare if any(is_over(t, s) or t.line == s.line for t in titles)]
    # ``Number`` over a line of values that begins with ``Invoice``.
    alone = (s for s in bare if len(s.tokens) == 1)
    near += [s for s in alone if any(t.line == s.line + 1 for t in titles)]
    heads = [s for s in bare if reader.layout.is_on_top(s, _TOP)]
    return [*near, *(heads if len(heads) == 1 else ())]


def _is_bare_label(segment: Segment) -> bool:
    """Return whether a segment begins with a word for number, and with no list of them.

    ``Číslo účtu 19-441`` says of what.
    """
    tokens = segment.tokens
    num_words = sum(token.fold in NUMBER_WORDS for token in tokens)
    is_of_something = any(t.fold.isalpha() and len(t.fold) > _SERIES for t in tokens[1:2])
    return num_words == 1 and tokens[0].fold in NUMBER_WORDS and not is_of_something


def _references(reader: Reader, item: Field, titles: list[Segment]) -> Iterator[Option]:
    """Yield the numbers behind ``Reference:`` and the like in the upper part of the first page."""
    for segment in reader.layout.segments:
        end = next((n for n, t in enumerate(segment.tokens[:3], 1) if t.text[-1] == ":"), 0)
        is_reference = "".join(t.fold for t in segment.tokens[:end]) in _REFERENCES
        is_told = is_reference and reader.layout.is_on_top(segment, HEAD)
        found = _number_behind(reader, item, segment, end) if is_told else None
        if found is not None:
            is_under = any(t.line + 1 == segment.line and is_over(t, segment) for t in titles)
            is_own = is_under or found.tokens[0].text.startswith("#")
            yield replace(found, factors=given("number.titled_reference")) if is_own else found


def _number_behind(reader: Reader, item: Field, label: Segment, start: int) -> Option | None:
    """Return the code behind a label's first tokens, beside it, or alone below it."""
    for spot, begin in ((label, start), *((s, 0) for s in reader.layout.beside(label)[:1])):
        for found in pick(item, spot, begin, None, reader.candidates_of(spot))[:1]:
            return Option(item.path, found.tokens, found.text, given("number.bare_label"))
    codes = [code_at_end(s, 0) for s in itertools.islice(reader.layout.below(label), 2)]
    # Codes one below another are those of rows.
    if len(label.tokens) == 1 and codes and codes[0] and not any(codes[1:]):
        return Option(item.path, codes[0], join(codes[0]), given("number.bare_label"))
    return None

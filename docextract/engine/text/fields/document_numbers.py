"""Numbers of documents and accounts whose label is bare, repeated or missing.

Knows nothing of labelled values, which are weighed first.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace

from docextract.engine.text.text_document import (
    NUMBER_WORDS,
    Option,
    Reader,
    Segment,
    fold,
    fold_words,
    given,
    join,
    level,
    pattern,
)
from docextract.engine.text.values.names import is_title
from docextract.engine.text.values.patterns import IBAN_LENGTHS
from docextract.engine.text.values.pick import pick
from docextract.schema import Field, Kind

_LINE_OF = re.compile(
    rf"(?:{pattern('codes', 'line_of')})[. ]*(?:nr|no|n[°o]|#)?[.: ]*\d{{1,5}}\W*$", re.IGNORECASE
)
_NUMBERED = frozenset({"invoice_number", "po_number"})
_REFERENCES = fold_words("codes", "reference")
_HEAD = 0.5
_BELOW_TITLE = 5.0


def weigh_repeated(reader: Reader, options: dict[str, list[Option]]) -> None:
    """Lower identifiers that one label gives in several values: they are the rows' own.

    A document has one order number; where ``Order no.`` stands below several positions,
    each with another number, none of them is the document's. The head of the first page
    is exempt. A number that names a line of an order (``Order no. 4711 line 3``) is never
    the document's and dropped.
    """
    first = reader.layout.lines[0].page
    head = _HEAD * reader.layout.sizes[first][1]
    for path, found in options.items():
        if reader.index.fields[path].kind is not Kind.IDENTIFIER:
            continue
        found = [option for option in found if not _is_line_of(option)]
        values: dict[str, set[str]] = {}
        for option in found:
            if option.hit is not None and option.score > level("fair"):
                values.setdefault(option.hit.entry.phrase, set()).add(fold(option.text))
        repeated = {phrase for phrase, own in values.items() if len(own) > 1}
        weighed = [
            o.also("number.repeated", o.hit is not None and o.hit.entry.phrase in repeated)
            if o.tokens[0].page != first or o.tokens[0].top >= head
            else o
            for o in found
        ]
        options[path] = sorted(weighed, key=lambda option: -option.score)


def _is_line_of(option: Option) -> bool:
    if option.hit is None:
        return False
    code, rest = join(option.tokens), join(option.hit.segment.tokens[option.hit.end :])
    after = rest[rest.find(code) + len(code) :] if code in rest else ""
    glued = _LINE_OF.search(code)
    return (
        bool(glued and glued.start() > 2) or _LINE_OF.fullmatch(after.strip(" ,;/-(")) is not None
    )


def numbered_option(reader: Reader, item: Field) -> Option | None:
    """Return the number that a bare label gives: ``Number:`` shortly below the title.

    Where there is none, ``Reference:`` in the upper part of the first page will do.
    """
    concept = reader.index.concept_of[item.path]
    if concept not in _NUMBERED:
        return None
    titles = [
        hit.segment for hit in reader.hits
        if hit.start == 0 and concept in hit.entry.concepts and is_title(hit.segment.text)
    ]  # fmt: skip
    under = {id(segment) for title in titles for segment in _just_under(reader, title)}
    for segment in reader.layout.segments:
        is_bare = segment.tokens[0].fold in NUMBER_WORDS
        if is_bare and any(_is_over(title, segment) for title in titles):
            found = _number_behind(reader, item, segment, 1)
            if found is not None:
                return found
    return _referred(reader, item, under)


def _just_under(reader: Reader, title: Segment) -> Iterator[Segment]:
    """Yield the next segment below a title, in its column."""
    lines = reader.layout.lines[title.line + 1 : title.line + 2]
    yield from (s for line in lines for s in line.segments if _is_over(title, s))


def _referred(reader: Reader, item: Field, under: Container[int]) -> Option | None:
    first = reader.layout.lines[0].page
    depth = _HEAD * reader.layout.sizes[first][1]
    for segment in reader.layout.segments:
        if segment.page != first or segment.top > depth:
            break
        label = next((n for n, t in enumerate(segment.tokens[:3], 1) if t.text[-1] == ":"), 0)
        if label and "".join(t.fold for t in segment.tokens[:label]) in _REFERENCES:
            found = _number_behind(reader, item, segment, label)
            if found is not None:
                is_own = id(segment) in under or found.tokens[0].text.startswith("#")
                return replace(found, factors=given("number.titled_reference")) if is_own else found
    return None


def _number_behind(reader: Reader, item: Field, label: Segment, start: int) -> Option | None:
    """Return the code behind a label's first tokens, or beside the label."""
    following = reader.layout.lines[label.line].segments[label.column + 1 :][:1]
    for spot, begin in ((label, start), *((right, 0) for right in following)):
        found = pick(item, spot, begin, len(spot.tokens), reader.candidates_of(spot))
        if found:
            return Option(item.path, found[0].tokens, found[0].text, given("number.bare_label"))
    return None


def _is_over(title: Segment, segment: Segment) -> bool:
    """Return whether a title stands shortly above a segment, in its column."""
    gap = segment.top - title.bottom
    is_near = title.page == segment.page and 0 <= gap < _BELOW_TITLE * segment.height
    return is_near and title.left < segment.right and title.right > segment.left


def iban_option(reader: Reader, path: str) -> Option | None:
    """Return the account number no label announces: its shape tells it from all else.

    Only whole ones count, by the length ISO 13616 gives each country; of several the
    first is taken, with a score that leaves it unverified.
    """
    found = [
        c for s in reader.layout.segments for c in reader.candidates_of(s)
        if c.kind is Kind.IBAN and IBAN_LENGTHS.get(c.text[:2]) == sum(map(str.isalnum, c.text))
    ]  # fmt: skip
    if not found:
        return None
    is_sole = len({fold(c.text) for c in found}) == 1
    why = (*given("number.sole_iban"), ("doubt.several_ibans", not is_sole))
    return Option(path, found[0].tokens, found[0].text, why, found[0])

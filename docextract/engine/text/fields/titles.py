"""Reads the number and the date that a document's title or a letter's dateline gives.

Knows nothing of labelled values, with which what it finds competes.
"""

from __future__ import annotations

import re

from docextract.engine.text.text_document import (
    NUMBER_WORDS,
    Option,
    Reader,
    Segment,
    Token,
    fold,
    fold_words,
    given,
    join,
    pattern,
)
from docextract.schema import Kind

_EDGE = ":;,.()[]#"
_TOP_SHARE = 0.45
_DATELINE = re.compile(
    r"[^\W\d_a-z][^\W\d_]{2,20}(?:[ ./-][^\W\d_]{2,20}){0,3},"
    rf"(?: (?i:{pattern('titles', 'before_date')}))?"
)
"""The place before a letter's date, as in ``Bremen, den``."""
_TITLE_STEMS = {
    "invoice_number": tuple(fold_words("titles", "invoice_stems")),
    "po_number": tuple(fold_words("titles", "order_stems")),
}
_OTHERS = fold_words("titles", "other_stems")
_REFERRING = fold_words("titles", "referring")
"""What leads from a title over to another document, whose number and date follow."""
_JOINTS = fold_words("titles", "and") | {""}
"""What stands between the titles of a document that is two: ``Rechnung / Lieferschein``."""
_TITLE_TOKENS = 4
_MARKED = re.compile(r"#[\w./-]*\d[\w./-]*")
"""A number that its own sign makes one, whatever it looks like: ``Invoice #2024-11-04``."""
_TYPE_CODE = re.compile(r"\(\d{1,3}\)$")
"""A code of UNTDID 1001, as printed behind a title by viewers of e-invoices."""


def titled_options(reader: Reader) -> list[Option]:
    """Return number and date of a title such as ``Rechnung (380) Nr. 4711 vom 1.2.2025``."""
    index = reader.index
    wanted = {
        concept: path for path, concept in index.concept_of.items()
        if concept in (*_TITLE_STEMS, "issue_date") and index.fields[path].list_path is None
    }  # fmt: skip
    options = _datelines(reader, wanted["issue_date"]) if "issue_date" in wanted else []
    for concept, stems in _TITLE_STEMS.items():
        if concept not in wanted:
            continue
        for segment in reader.layout.segments:
            found = _titled_code(segment, stems)
            if found is None:
                continue
            code = join(found).strip(_EDGE)
            options.append(Option(wanted[concept], found, code, given("number.in_title")))
            dates = [c for c in reader.candidates_of(segment) if c.kind is Kind.DATE]
            if dates and "issue_date" in wanted and dates[0].left > found[-1].left:
                path, date = wanted["issue_date"], dates[0]
                options.append(Option(path, date.tokens, date.text, given("date.in_title"), date))
            break
    return options


def _titled_code(segment: Segment, stems: tuple[str, ...]) -> list[Token] | None:
    """Return the code after the number word of a segment that begins with a title.

    Its series may stand apart: ``Faktura VAT nr FV 1/05/2021``.
    """
    tokens = segment.tokens
    titles = [fold(_TYPE_CODE.sub("", t.text)) for t in tokens[:_TITLE_TOKENS]]
    title = next((i for i, word in enumerate(titles) if word.endswith(stems)), None)
    if title is None or any(any(c.isdigit() for c in t.text) for t in tokens[:title]):
        return None
    if len(tokens) == title + 2 and _MARKED.fullmatch(tokens[-1].text):
        return [tokens[-1]]
    others = {s for c, own in _TITLE_STEMS.items() if own is not stems for s in own}
    others.update(_OTHERS)
    for position in range(title + 1, min(title + 7, len(tokens) - 1)):
        if tokens[position].fold in _REFERRING:
            others.update(stems)
        is_joined = tokens[position - 1].fold in _JOINTS
        if not is_joined and tokens[position].fold.endswith(tuple(others)):
            return None
        if tokens[position].fold in NUMBER_WORDS:
            rest = tokens[position + 1 :]
            is_series = len(rest) == 2 and rest[0].text.isalpha() and rest[0].text.isupper()
            code = rest if is_series else rest[:1]
            return code if any(c.isdigit() for c in code[-1].text) else None
    return None


def _datelines(reader: Reader, path: str) -> list[Option]:
    """Return the dates behind a place in the upper part of the first page."""
    lines = reader.layout.lines
    options: list[Option] = []
    for segment in reader.layout.segments:
        is_upper = segment.top < _TOP_SHARE * reader.layout.sizes[segment.page][1]
        if segment.page != lines[0].page or not is_upper:
            continue
        beside = join(
            t for s in lines[segment.line].segments[: segment.column][-1:] for t in s.tokens
        )
        for date in reader.candidates_of(segment):
            at = next(i for i, t in enumerate(segment.tokens) if t is date.tokens[0])
            place = join(segment.tokens[:at]) or beside
            is_last = date.tokens[-1] is segment.tokens[-1]
            if date.kind is Kind.DATE and is_last and _DATELINE.fullmatch(place):
                options.append(Option(path, date.tokens, date.text, given("date.dateline"), date))
    return options

"""Dates, times and banks that no label announces but whose place does.

Knows nothing of labelled values; it is asked only where none was found.
"""

from __future__ import annotations

import re

from docextract.engine.text.candidates import Candidate
from docextract.engine.text.evidence import Option, Reader, segments_below
from docextract.engine.text.layout import Segment
from docextract.engine.text.reading import NUMBER_WORDS
from docextract.engine.text.tokens import Token, fold, join
from docextract.schema.fields import Field
from docextract.schema.kinds import Kind

_TOP_SHARE = 0.45
_EDGE = ":;,.()[]#"
_DOUBTFUL = 0.28
_OTHER_DATES = re.compile(
    r"\b(?:exp|expir\w*|valid|until|g[üu]ltig|bis|refund|return\w*|exchange\w*|offer|member since"
    r"|born|birth\w*|geboren|garant\w*|warranty|next|arriv\w*|depart\w*|check-?(?:in|out)"
    r"|valable|jusqu|v[áa]lid[oa]|hasta|scad\w*|geldig|tot|best before|use by)\b",
    re.IGNORECASE,
)
_TITLE_STEMS = {
    "invoice_number": (
        "rechnung", "gutschrift", "invoice", "facture", "factura", "fattura", "factuur",
        "creditnote", "avoir", "korrektur",
    ),
    "po_number": ("bestellung", "order", "commande", "pedido", "ordine", "bestelling"),
}  # fmt: skip
_OTHERS = (
    "lieferschein", "lieferung", "auftrag", "vertrag", "contract", "delivery", "livraison",
    "contrat", "albaran", "levering", "angebot", "quote", "devis",
)  # fmt: skip
_REFERRING = frozenset(
    {
        "gemass", "laut", "lt", "zu", "zum", "zur", "fur", "for", "per", "to", "against", "ref",
        "reference", "referenz", "selon", "suivant", "pour", "sur", "segun", "sobre", "secondo",
        "volgens", "voor", "bezug", "original", "previous", "preceding", "associee", "origine",
    }
)  # fmt: skip
"""What leads from a title over to another document, whose number and date follow."""
_TITLE_TOKENS = 4
_TYPE_CODE = re.compile(r"\(\d{1,3}\)$")
"""A code of UNTDID 1001, as printed behind a title by viewers of e-invoices."""
_BANK = re.compile(
    r"\b(?:\w*bank\w*|banque|banca|banco|caja|caixa|cr[ée]dit|sparkasse|volksbank|trust"
    r"|building society)\b",
    re.IGNORECASE,
)


def _all(reader: Reader, kind: Kind) -> list[Candidate]:
    return [c for found in reader.candidates.values() for c in found if c.kind is kind]


def bare_date(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the day of issue where it stands alone, or None for any other date.

    On a till receipt it is the date beside the time of day, else the first one; on other
    documents the only unlabelled date in the upper part of the first page.
    """
    concept = reader.index.concept_of[item.path]
    if concept not in ("receipt_date", "issue_date"):
        return None
    taken = {option.key for option in chosen.values()}
    dates = [c for c in _all(reader, Kind.DATE) if c.key not in taken]
    if not dates:
        return None
    if concept == "receipt_date":
        return _sale_date(reader, item, dates)
    page = reader.layout.lines[0].page
    limit = _TOP_SHARE * reader.layout.sizes[page][1]
    upper = [c for c in dates if c.segment.page == page and c.segment.top < limit]
    if len({c.value for c in upper}) != 1:
        return None
    return Option(item.path, upper[0].tokens, upper[0].text, 0.5, upper[0])


def _sale_date(reader: Reader, item: Field, dates: list[Candidate]) -> Option | None:
    """Return the day of a sale: beside the time of day, else the first that is no other's.

    What expires, is returned or spans two days has dates of its own.
    """
    times = {c.segment.line for c in _all(reader, Kind.TIME)}
    own = [c for c in dates if not _is_other_date(reader, c)]
    beside = [c for c in own if c.segment.line in times]
    if not own:
        return None
    found, score = (beside[0], 0.8) if beside else (own[0], 0.65)
    if not beside and len({c.value for c in own}) > 1:
        score = _DOUBTFUL
    return Option(item.path, found.tokens, found.text, score, found)


def _is_other_date(reader: Reader, candidate: Candidate) -> bool:
    line = reader.layout.lines[candidate.segment.line]
    in_segment = [c for c in reader.candidates_of(candidate.segment) if c.kind is Kind.DATE]
    return len(in_segment) > 1 or bool(_OTHER_DATES.search(line.text))


def bare_time(reader: Reader, item: Field, chosen: dict[str, Option]) -> Option | None:
    """Return the time of day that stands on the line of the chosen date."""
    lines = {
        option.candidate.segment.line
        for option in chosen.values()
        if option.candidate is not None and option.candidate.kind is Kind.DATE
    }
    for candidate in _all(reader, Kind.TIME):
        if min((abs(candidate.segment.line - line) for line in lines), default=9) <= 1:
            return Option(item.path, candidate.tokens, candidate.text, 0.8, candidate)
    return None


def bank_above_iban(reader: Reader, path: str) -> Option | None:
    """Return the line right above an IBAN where it reads like a bank's name."""
    for candidate in _all(reader, Kind.IBAN):
        segment = candidate.segment
        for line in reversed(reader.layout.lines[max(0, segment.line - 4) : segment.line]):
            for above in line.segments:
                is_aligned = abs(above.left - segment.left) < 1.5 * segment.height
                is_near = segment.top - above.bottom < 3.2 * segment.height
                if (
                    line.page == segment.page
                    and is_aligned
                    and is_near
                    and (
                        _BANK.search(above.text) and ":" not in above.text and len(above.tokens) > 1
                    )
                ):
                    return Option(path, above.tokens, above.text, 0.75)
    for segment in reader.layout.segments:
        is_name = 1 <= len(segment.tokens) <= 5 and not any(c.isdigit() for c in segment.text)
        ibans = any(c.kind is Kind.IBAN for c in _near_below(reader, segment.line))
        if is_name and ibans and _BANK.fullmatch(segment.tokens[-1].text):
            return Option(path, segment.tokens, segment.text, 0.5)
    return None


def _near_below(reader: Reader, line: int) -> list[Candidate]:
    return [
        c
        for following in reader.layout.lines[line + 1 : line + 3]
        for segment in following.segments
        for c in reader.candidates_of(segment)
    ]


def titled_options(reader: Reader) -> list[Option]:
    """Return number and date of a title such as ``Rechnung (380) Nr. 4711 vom 1.2.2025``."""
    index = reader.index
    wanted = {
        concept: path for path, concept in index.concept_of.items()
        if concept in (*_TITLE_STEMS, "issue_date") and index.fields[path].list_path is None
    }  # fmt: skip
    options: list[Option] = []
    for concept, stems in _TITLE_STEMS.items():
        if concept not in wanted:
            continue
        for segment in reader.layout.segments:
            found = _titled_code(segment, stems)
            if found is None:
                continue
            options.append(Option(wanted[concept], found, join(found).strip(_EDGE), 0.85))
            dates = [c for c in reader.candidates_of(segment) if c.kind is Kind.DATE]
            if dates and "issue_date" in wanted and dates[0].left > found[-1].left:
                options.append(
                    Option(wanted["issue_date"], dates[0].tokens, dates[0].text, 0.85, dates[0])
                )
            break
    return options


def _titled_code(segment: Segment, stems: tuple[str, ...]) -> list[Token] | None:
    """Return the code after the number word of a segment that begins with a title."""
    tokens = segment.tokens
    titles = [fold(_TYPE_CODE.sub("", t.text)) for t in tokens[:_TITLE_TOKENS]]
    title = next((i for i, word in enumerate(titles) if word.endswith(stems)), None)
    if title is None or any(any(c.isdigit() for c in t.text) for t in tokens[:title]):
        return None
    others = {s for c, own in _TITLE_STEMS.items() if own is not stems for s in own}
    for position in range(title + 1, min(title + 7, len(tokens) - 1)):
        word = tokens[position].fold
        if word in _REFERRING or word.endswith((*others, *_OTHERS)):
            return None
        if tokens[position].fold in NUMBER_WORDS:
            code = tokens[position + 1]
            return [code] if any(c.isdigit() for c in code.text) else None
    return None


def range_options(reader: Reader) -> list[Option]:
    """Return the last day of periods printed as ``1 Mar 2025 to 31 Mar 2025``."""
    index = reader.index
    ends = [p for p, concept in index.concept_of.items() if concept == "statement_end"]
    starts = {p for p, concept in index.concept_of.items() if concept == "statement_start"}
    options: list[Option] = []
    for hit in reader.hits if ends else ():
        if not starts & hit.entry.ranks.keys() and ends[0] not in hit.entry.ranks:
            continue
        line = reader.layout.lines[hit.segment.line]
        below = segments_below(reader.layout, hit.segment, hit.left, hit.right, num_lines=2)
        for segment in (*line.segments[hit.segment.column :], *below):
            dates = [c for c in reader.candidates_of(segment) if c.kind is Kind.DATE]
            if len(dates) == 2 and dates[0].left >= hit.left:
                score = 0.88 if hit.is_closed or hit.is_whole else 0.6
                last = dates[1]
                options.append(Option(ends[0], last.tokens, last.text, score, last, hit))
    return options

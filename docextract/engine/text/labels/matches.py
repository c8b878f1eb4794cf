"""Finds on a page the phrases that announce fields: the longest, most specific phrase wins.

Knows nothing of values; a hit says only that here some fields are announced.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docextract.engine.text.labels.index import Entry, Index, nearest
from docextract.engine.text.labels.total_kinds import is_before_tax, is_sense_word, sense
from docextract.engine.text.layout import Layout, Segment, Token, fold, fold_words

_MAX_TOKENS = 8
_TOTALS = frozenset(
    {
        "net",
        "tax",
        "gross",
        "receipt_total",
        "line_total",
        "tax_base",
        "tax_amount",
    }
)
_SAME = {"receipt_total": "gross"}
_NUMBER_WORDS = fold_words("codes", "number") | {"id"}
_MIN_PROSE = 8
_MIN_SUFFIX = 3
_MARKS = ":#=："
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,2}[a-z]?|[a-h])[.)\]]?")


@dataclass(eq=False, slots=True)
class Hit:
    """A phrase found on a page.

    Attributes:
        entry: the phrase.
        segment: where it stands.
        start: index of its first token in the segment.
        end: index after its last token.
        is_closed: whether a colon or the like follows it.
        is_leading: whether it begins its segment or follows a separator.
        quality: 1 for an exact match, less for one that OCR damaged.
    """

    entry: Entry
    segment: Segment
    start: int
    end: int
    is_closed: bool
    is_leading: bool
    quality: float = 1.0
    is_tiled: bool = False

    @property
    def left(self) -> float:
        """Left edge in the page's unit."""
        return self.segment.tokens[self.start].left

    @property
    def right(self) -> float:
        """Right edge in the page's unit."""
        return self.segment.tokens[self.end - 1].right

    @property
    def has_mark(self) -> bool:
        """Whether a colon or the like stands behind the phrase, whatever follows."""
        return self.segment.tokens[self.end - 1].text[-1] in _MARKS

    @property
    def follows_untaxed(self) -> bool:
        """Whether the words before it name an amount without tax: ``Montant hors TVA``."""
        return is_before_tax(self.segment.tokens[: self.start])

    @property
    def is_whole(self) -> bool:
        """Whether nothing but the phrase stands in its segment."""
        return self.is_tiled or (self.start == 0 and self.end == len(self.segment.tokens))


def find_hits(layout: Layout, index: Index) -> list[Hit]:
    """Return the hits of all segments in reading order; hits do not overlap."""
    hits: list[Hit] = []
    for segment in layout.segments:
        if _ends_sentence(layout, segment):
            continue
        found = _segment_hits(segment, index)
        if not found and layout.is_ocr:
            found = _fuzzy_hits(segment, index)
        hits += _with_sense(found, segment, index)
    return hits


def _with_sense(hits: list[Hit], segment: Segment, index: Index) -> list[Hit]:
    """Join the hits of a totals label that no phrase covers into the one its words mean."""
    if not hits or not any(hit.entry.concepts & _TOTALS for hit in hits):
        return hits
    start = min(hit.start for hit in hits)
    tokens = segment.tokens
    start -= start == 1 and is_sense_word(tokens[0])
    end = next((n for n in range(start + 1, len(tokens)) if _is_amount(tokens[n])), len(tokens))
    while end > start + 1 and not tokens[end - 1].fold:
        end -= 1
    zone = tokens[start:end]
    if len(zone) <= hits[0].end - hits[0].start or len(zone) > _MAX_TOKENS or start > 1:
        return hits
    meant = sense(zone)
    if meant is None:
        return hits
    ranks = {path: 0 for path, name in index.concept_of.items() if _SAME.get(name, name) == meant}
    cells = {p: r for p, r in hits[0].entry.ranks.items() if "[]" in p}
    joined = "".join(token.fold for token in zone)
    entry = Entry(joined, {**cells, **{p: 0 for p in ranks if "[]" not in p}}, frozenset({meant}))
    rest = [hit for hit in hits if hit.start >= end]
    return [Hit(entry, segment, start, end, True, True, hits[0].quality), *rest]


def _ends_sentence(layout: Layout, segment: Segment) -> bool:
    """Return whether a segment is the last words of a paragraph: lower case, under prose."""
    first, last = segment.tokens[0].text, segment.tokens[-1].text
    if not first[0].islower() or last[-1] in _MARKS or not segment.line or segment.column:
        return False
    above = layout.lines[segment.line - 1].segments[0]
    is_aligned = abs(above.left - segment.left) < 2 * segment.height
    return above.page == segment.page and is_aligned and is_prose(above.tokens)


def is_box_title(segment: Segment) -> bool:
    """Return whether a segment is a form's numbered title: ``2. Registration No.``."""
    tokens = segment.tokens
    words = [t for t in tokens[1:] if t.fold]
    is_numbered = len(words) > 1 and _ENUMERATOR.fullmatch(tokens[0].text) is not None
    is_worded = all(t.text.strip("(").replace("'", "")[:1].isalpha() for t in words)
    return is_numbered and is_worded and words[0].text[0].isupper()


def is_prose(tokens: Sequence[Token]) -> bool:
    """Return whether a run of words reads as a sentence: many of them, most in lower case."""
    words = [t.text for t in tokens if t.text[:1].isalpha()]
    return len(words) >= _MIN_PROSE and 2 * sum(w[0].islower() for w in words) >= len(words)


def _is_amount(token: Token) -> bool:
    return "%" not in token.text and any(c.isdigit() for c in token.text)


def _segment_hits(segment: Segment, index: Index) -> list[Hit]:
    hits: list[Hit] = []
    tokens = segment.tokens
    position = 0
    while position < len(tokens):
        end, entry = _longest(tokens, position, index)
        if entry is None:
            end, entry = _suffix(tokens, position, index)
        if entry is None:
            position += 1
            continue
        hits.append(_hit(entry, segment, position, end))
        position = max(end, hits[-1].end)
    is_tiled = len(hits) > 1 and sum(h.end - h.start for h in hits) == len(tokens)
    if is_tiled and "/" in segment.text:
        for hit in hits:
            hit.is_tiled = hit.is_closed = True
    return hits


def _longest(tokens: list[Token], start: int, index: Index) -> tuple[int, Entry | None]:
    text, best, found = "", start, None
    if not tokens[start].fold:
        return start, None
    for end in range(start, min(start + _MAX_TOKENS, len(tokens))):
        text += tokens[end].fold
        if text not in index.prefixes:
            break
        entry = index.entries.get(text)
        if entry is not None:
            best, found = end + 1, entry
    return best, found


def _suffix(tokens: list[Token], at: int, index: Index) -> tuple[int, Entry | None]:
    """Return the phrase behind a word's last hyphen: ``Verkäufer-IBAN`` announces an IBAN.

    What ``Art-Nr-Kunde`` announces is a number, whatever its last part.
    """
    before, hyphen, last = tokens[at].text.rpartition("-")
    is_compound = hyphen and len(last) >= _MIN_SUFFIX and len(before) >= _MIN_SUFFIX
    is_compound = is_compound and _NUMBER_WORDS.isdisjoint(map(fold, before.split("-")))
    return at + 1, index.entries.get(fold(last)) if is_compound else None


def _hit(entry: Entry, segment: Segment, start: int, end: int, quality: float = 1.0) -> Hit:
    tokens = segment.tokens
    if end < len(tokens) and tokens[end].fold in _NUMBER_WORDS:
        end += 1
    while end < len(tokens) and not tokens[end].fold and tokens[end].text[-1] in ":#.=-":
        end += 1
    is_number = tokens[end - 1].fold in _NUMBER_WORDS and _has_digit(tokens[end:])
    return Hit(
        entry,
        segment,
        start,
        end,
        is_closed=tokens[end - 1].text[-1] in _MARKS or end == len(tokens) or is_number,
        is_leading=_is_leading(tokens, start),
        quality=quality,
    )


def _has_digit(tokens: list[Token]) -> bool:
    return bool(tokens) and any(c.isdigit() for c in tokens[0].text)


def _is_leading(tokens: list[Token], start: int) -> bool:
    """Return whether a phrase begins its segment, follows a separator or a form's box number."""
    if start == 0:
        return True
    before = tokens[start - 1]
    is_enumerator = start == 1 and _ENUMERATOR.fullmatch(before.text) is not None
    return is_enumerator or before.text[-1] in "-–|•/:;,.)" or not before.fold


def _fuzzy_hits(segment: Segment, index: Index) -> list[Hit]:
    """Return a hit for a segment that begins with a phrase OCR damaged slightly."""
    tokens, text = segment.tokens, ""
    for end in range(min(5, len(tokens))):
        if any(c.isdigit() for c in tokens[end].text) and end:
            break
        text += tokens[end].fold
        is_last = end + 1 == len(tokens) or tokens[end].text[-1] in ":："
        is_last = is_last or any(c.isdigit() for c in tokens[end + 1].text)
        found = nearest(text, index) if is_last else None
        if found is not None:
            entry, quality = found
            return [_hit(entry, segment, 0, end + 1, quality)]
    return []

"""Finds on a page the phrases that announce fields: the longest, most specific phrase wins.

Knows nothing of values; a hit says only that here some fields are announced.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from docextract.engine.text.labels.index import Entry, Index, nearest
from docextract.engine.text.labels.total_kinds import (
    SENSE_WORDS,
    is_added,
    is_code,
    sense,
    total_kind,
)
from docextract.engine.text.layout import Layout, Segment, Token, fold, fold_keys, fold_words

_MAX_TOKENS, _MAX_DAMAGED = 8, 5
_TOTALS = frozenset(
    ["net", "tax", "gross", "receipt_total", "line_total", "tax_base", "tax_amount"]
)
_SAME = {"receipt_total": "gross"}
_NUMBER_WORDS = fold_words("codes", "number") | {"id"}
_CURRENCIES = frozenset(fold_keys("currency_names"))
_MIN_PROSE = 8
_MAX_CUT = 5
_MIN_SUFFIX = 3
_MARKS = ":#=："
_JOINTS = ("/", "-", "–", "—", "|", "·", "•")
_PARTIES = frozenset({"seller", "buyer", "ship_to"})
_NOTE = re.compile(r"\([^()]+\)[:：]?")
_PRICE = re.compile(r"\d[.,]\d\d(?![\d.,/])")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,2}[a-z]?|[a-h])[.)\]]?")


@dataclass(eq=False, slots=True)
class Hit:
    """A phrase found on a page.

    Attributes:
        entry: the phrase.
        segment: where it stands.
        start: index of its first token in the segment.
        end: index after its last token.
        is_closed: whether a colon or the like follows it, or nothing does.
        is_leading: whether it begins its segment or follows a separator.
        quality: 1 for an exact match, less for one that OCR damaged.
        is_tiled: whether its segment is nothing but labels side by side.
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
        return self.last.right

    @property
    def last(self) -> Token:
        """The phrase's last token."""
        return self.segment.tokens[self.end - 1]

    @property
    def rest(self) -> list[Token]:
        """What follows the phrase in its segment."""
        return self.segment.tokens[self.end :]

    @property
    def has_mark(self) -> bool:
        """Whether a colon or the like stands behind the phrase, whatever follows."""
        return self.last.text[-1] in _MARKS

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
            found = _damaged_hits(segment, index)
        hits += _of_total(found, segment, index) or _with_sense(layout, found, segment, index)
    return hits


def is_box_title(segment: Segment) -> bool:
    """Return whether a segment is a form's numbered title: ``2. Registration No.``."""
    first, *rest = segment.tokens
    words = [t for t in rest if t.fold]
    if len(words) < 2 or _ENUMERATOR.fullmatch(first.text) is None:
        return False
    is_worded = all(t.text.strip("(").replace("'", "")[:1].isalpha() for t in words)
    return is_worded and words[0].text[0].isupper()


def is_prose(tokens: Sequence[Token]) -> bool:
    """Return whether a run of words reads as a sentence: many of them, most in lower case."""
    if len(tokens) < _MIN_PROSE:
        return False
    words = [t.text for t in tokens if t.text[:1].isalpha()]
    return len(words) >= _MIN_PROSE and 2 * sum(w[0].islower() for w in words) >= len(words)


def _ends_sentence(layout: Layout, segment: Segment) -> bool:
    """Return whether a segment is the last words of a paragraph: lower case, under prose."""
    first, last = segment.tokens[0].text, segment.tokens[-1].text
    if not first[0].islower() or last[-1] in _MARKS or segment.column:
        return False
    return any(
        abs(above.left - segment.left) < 2 * segment.height and is_prose(above.tokens)
        for above in layout.above(segment)[:1]
    )


def _of_total(hits: list[Hit], segment: Segment, index: Index) -> list[Hit]:
    """Return the hit of a label of words of totals that no phrase covers, and what follows."""
    tokens = segment.tokens
    end = _end_of_words(tokens, 0)
    is_covered = any(hit.start == 0 and hit.end >= end for hit in hits)
    kind = None if is_covered or end > _MAX_TOKENS else total_kind(tokens[:end])
    meant = _meaning(kind, index) if kind else {}
    if kind is None or not meant:
        return []
    cells = {p: rank for hit in hits for p, rank in hit.entry.ranks.items() if "[]" in p}
    entry = Entry("".join(t.fold for t in tokens[:end]), cells | meant, frozenset({kind}))
    return [Hit(entry, segment, 0, end, True, True), *(hit for hit in hits if hit.start >= end)]


def _end_of_words(tokens: list[Token], start: int) -> int:
    """Return where words from a token on end: at the first number that is no rate, or its sign."""
    amounts = (n for n, t in enumerate(tokens) if t.has_digit and "%" not in t.text and n >= start)
    end = next(amounts, len(tokens))
    while end > start and not tokens[end - 1].fold:
        end -= 1
    return end


def _meaning(kind: str, index: Index) -> dict[str, int]:
    """Return the header fields that stand for a kind of total, each with the best rank."""
    return {
        path: 0
        for path, name in index.concept_of.items()
        if _SAME.get(name, name) == kind and "[]" not in path
    }


def _with_sense(layout: Layout, hits: list[Hit], segment: Segment, index: Index) -> list[Hit]:
    """Join the hits of a totals label that no phrase covers into the one its words mean."""
    if not any(hit.entry.concepts & _TOTALS for hit in hits):
        return hits
    first, tokens = hits[0], segment.tokens
    start = first.start - (first.start == 1 and tokens[0].fold in SENSE_WORDS)
    end = _end_of_words(tokens, start + 1)
    zone = tokens[start:end]
    is_covered = len(zone) <= first.end - first.start and not is_added(zone)
    is_covered = is_covered or _heads_prices(layout, segment, index)
    meant = None if is_covered or len(zone) > _MAX_TOKENS or start > 1 else sense(zone)
    if meant is None:
        return hits
    ranks = {path: rank for path, rank in first.entry.ranks.items() if "[]" in path}
    ranks |= _meaning(meant, index)
    entry = Entry("".join(token.fold for token in zone), ranks, frozenset({meant}))
    rest = [hit for hit in hits if hit.start >= end]
    return [Hit(entry, segment, start, end, True, True, first.quality), *rest]


def _heads_prices(layout: Layout, segment: Segment, index: Index) -> bool:
    """Return whether a label is the head of a column of prices: ``Rate inc GST``."""
    word = index.entries.get(segment.tokens[0].fold)
    is_price = word is not None and "unit_price" in word.concepts
    return is_price and not _PRICE.search(layout.lines[segment.line].text)


def _segment_hits(segment: Segment, index: Index) -> list[Hit]:
    hits: list[Hit] = []
    tokens, position = segment.tokens, 0
    while position < len(tokens):
        end, entry = _longest(tokens, position, index)
        if entry is None:
            position += 1
            continue
        hits.append(_hit(entry, segment, position, end))
        position = hits[-1].end
    covered = {at for hit in hits for at in range(hit.start, hit.end)}
    between = [t for at, t in enumerate(tokens) if at not in covered]
    is_joined = "/" in segment.text or any(map(_is_joint, tokens))
    if len(hits) > 1 and is_joined and all(map(_is_joint, between)):
        for hit in hits:
            hit.is_tiled = hit.is_closed = True
    return hits


def _is_joint(token: Token) -> bool:
    """Return whether a sign stands between the labels of two languages: ``Vendor – Vendeur``."""
    return token.text in _JOINTS


def _longest(tokens: list[Token], start: int, index: Index) -> tuple[int, Entry | None]:
    """Return the longest phrase that begins at a token, and where it ends."""
    text, best, found = "", start, None
    for end in range(start, min(start + _MAX_TOKENS, len(tokens)) if tokens[start].fold else start):
        text += tokens[end].fold
        if text not in index.prefixes:
            break
        entry = index.entries.get(text)
        if entry is not None:
            best, found = end + 1, entry
    return (best, found) if found else (start + 1, _suffix(tokens[start].text, index))


def _suffix(word: str, index: Index) -> Entry | None:
    """Return the phrase behind a word's last hyphen: ``Verkäufer-IBAN`` announces an IBAN.

    What ``Art-Nr-Kunde`` announces is a number, whatever its last part.
    """
    before, _, last = word.rpartition("-")
    if min(len(before), len(last)) < _MIN_SUFFIX:
        return None
    is_number = not _NUMBER_WORDS.isdisjoint(map(fold, before.split("-")))
    return None if is_number else index.entries.get(fold(last))


def _hit(entry: Entry, segment: Segment, start: int, end: int, quality: float = 1.0) -> Hit:
    tokens = segment.tokens
    if end < len(tokens) and tokens[end].fold in _NUMBER_WORDS:
        end += 1
    while end < len(tokens) and not tokens[end].fold and tokens[end].text[-1] in ":#.=-":
        end += 1
    if not entry.concepts & _TOTALS:
        end = _end_of_bracket(tokens, end)
        if entry.concepts & _PARTIES and _NOTE.fullmatch(" ".join(t.text for t in tokens[end:])):
            end = len(tokens)  # ``Supplier (S-00418)`` above its name
    elif all(map(_is_currency, tokens[end:])):
        end = len(tokens)  # ``Total GBP`` above its amount
    is_last = end == len(tokens)
    last = tokens[end - 1]
    is_number = not is_last and last.fold in _NUMBER_WORDS and tokens[end].has_digit
    is_closed = last.text[-1] in _MARKS or is_last or is_number
    return Hit(entry, segment, start, end, is_closed, _is_leading(tokens, start), quality)


def _end_of_bracket(tokens: list[Token], start: int) -> int:
    """Return where words in brackets end that stand behind a label: ``Bill date (tax point):``."""
    if start == len(tokens) or tokens[start].text[0] != "(":
        return start
    for end, token in enumerate(tokens[start : start + _MAX_DAMAGED], start=start + 1):
        if token.has_digit:
            break
        if token.text.rstrip(_MARKS)[-1:] == ")":
            return end
    return start


def _is_currency(token: Token) -> bool:
    return is_code(token.text) or token.fold in _CURRENCIES


def _is_leading(tokens: list[Token], start: int) -> bool:
    """Return whether a phrase begins its segment, follows a separator or a form's box number."""
    if start == 0:
        return True
    before = tokens[start - 1]
    is_enumerator = start == 1 and _ENUMERATOR.fullmatch(before.text) is not None
    is_mark = before.text[-1] in "-–|•/:;,.)" or not before.fold
    return is_enumerator or (is_mark and not (start == 1 and _is_cut(before)))


def _is_cut(token: Token) -> bool:
    """Return whether a word is cut short, and so a part of the label: ``Del. date``."""
    word = token.text[:-1]
    is_number = token.fold in _NUMBER_WORDS
    return token.text[-1] == "." and word.isalpha() and len(word) <= _MAX_CUT and not is_number


def _damaged_hits(segment: Segment, index: Index) -> list[Hit]:
    """Return a hit for a segment that begins with a phrase OCR damaged slightly."""
    tokens, text = segment.tokens, ""
    for end, token in enumerate(tokens[:_MAX_DAMAGED], start=1):
        if end > 1 and token.has_digit:
            break
        text += token.fold
        is_last = end == len(tokens) or token.text[-1] in ":：" or tokens[end].has_digit
        found = nearest(text, index) if is_last else None
        if found is not None:
            return [_hit(found[0], segment, 0, end, found[1])]
    return []

"""Finds the phrases that announce fields: the longest, most specific phrase wins.

Knows nothing of values; a hit says only that here some fields are announced.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from docextract.engine.text.layout import Layout, Segment
from docextract.engine.text.senses import is_sense_word, sense
from docextract.engine.text.tokens import Token, fold
from docextract.schema.fields import Field, Schema
from docextract.schema.vocabulary import CONCEPTS

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
_MIN_FUZZY = 6
_NUMBER_WORDS = frozenset({"id", "no", "nr", "num", "number", "numero", "nummer"})
_FUZZY_CUTOFF = 86.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A folded phrase: the fields it announces (with its rank there) and its concepts."""

    phrase: str
    ranks: dict[str, int]
    concepts: frozenset[str]


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
    def is_whole(self) -> bool:
        """Whether nothing but the phrase stands in its segment."""
        return self.is_tiled or (self.start == 0 and self.end == len(self.segment.tokens))


@dataclass(slots=True)
class Index:
    """All phrases of a schema, and of the vocabulary to tell them apart."""

    entries: dict[str, Entry] = field(default_factory=dict)
    prefixes: set[str] = field(default_factory=set)
    concept_of: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    long_phrases: list[str] = field(default_factory=list)


def build_index(schema: Schema) -> Index:
    """Return the index of a schema's labels; build it once per schema."""
    ranks: dict[str, dict[str, int]] = {}
    concepts: dict[str, set[str]] = {}
    for name, concept in CONCEPTS.items():
        for phrase in concept.labels.phrases:
            concepts.setdefault(fold(phrase), set()).add(name)
    for item in schema.fields:
        for rank, phrase in enumerate(item.labels):
            ranks.setdefault(fold(phrase), {}).setdefault(item.path, rank)
    _share_totals(schema, ranks, concepts)
    index = Index(fields={item.path: item for item in schema.fields})
    for phrase in {*ranks, *concepts} - {""}:
        known = frozenset(concepts.get(phrase, ()))
        index.entries[phrase] = Entry(phrase, ranks.get(phrase, {}), known)
        index.prefixes.update(phrase[:n] for n in range(1, len(phrase) + 1))
    index.concept_of = {item.path: _concept(item) for item in schema.fields}
    index.long_phrases = [p for p in index.entries if len(p) >= _MIN_FUZZY]
    return index


def _share_totals(
    schema: Schema, ranks: dict[str, dict[str, int]], concepts: dict[str, set[str]]
) -> None:
    """Let the labels of an invoice's and a receipt's total announce either."""
    totals = [
        item.path
        for item in schema.fields
        if item.list_path is None and _concept(item) in ("gross", "receipt_total")
    ]
    for phrase, names in concepts.items():
        if names & {"gross", "receipt_total"} and "net" not in names and phrase not in ranks:
            ranks[phrase] = dict.fromkeys(totals, 8)


def _concept(item: Field) -> str:
    """Return the vocabulary's concept that shares most labels with a field, or ``""``."""
    own = set(item.labels)
    best, best_share = "", 0.0
    for name, concept in CONCEPTS.items():
        theirs = set(concept.labels.phrases)
        share = len(own & theirs) / len(own | theirs) if own else 0.0
        if share > best_share:
            best, best_share = name, share
    return best if best_share > 0.3 else ""


def find_hits(layout: Layout, index: Index) -> list[Hit]:
    """Return the hits of all segments in reading order; hits do not overlap."""
    hits: list[Hit] = []
    for segment in layout.segments:
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


def _is_amount(token: Token) -> bool:
    return "%" not in token.text and any(c.isdigit() for c in token.text)


def _segment_hits(segment: Segment, index: Index) -> list[Hit]:
    hits: list[Hit] = []
    tokens = segment.tokens
    position = 0
    while position < len(tokens):
        end, entry = _longest(tokens, position, index)
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


def _hit(entry: Entry, segment: Segment, start: int, end: int, quality: float = 1.0) -> Hit:
    tokens = segment.tokens
    if end < len(tokens) and tokens[end].fold in _NUMBER_WORDS:
        end += 1
    while end < len(tokens) and not tokens[end].fold and tokens[end].text[-1] in ":#.=-":
        end += 1
    before = tokens[start - 1].text if start else ""
    return Hit(
        entry,
        segment,
        start,
        end,
        is_closed=tokens[end - 1].text[-1] in ":#=：" or end == len(tokens),
        is_leading=not before or before[-1] in "-–|•/:;,.)" or tokens[start - 1].fold == "",
        quality=quality,
    )


def _fuzzy_hits(segment: Segment, index: Index) -> list[Hit]:
    """Return a hit for a segment that begins with a phrase OCR damaged slightly."""
    from rapidfuzz import fuzz, process

    tokens, text = segment.tokens, ""
    for end in range(min(5, len(tokens))):
        if any(c.isdigit() for c in tokens[end].text) and end:
            break
        text += tokens[end].fold
        is_last = end + 1 == len(tokens) or tokens[end].text[-1] in ":："
        is_last = is_last or any(c.isdigit() for c in tokens[end + 1].text)
        if not is_last or not _MIN_FUZZY <= len(text) <= 30:
            continue
        found = process.extractOne(
            text, index.long_phrases, scorer=fuzz.ratio, score_cutoff=_FUZZY_CUTOFF
        )
        if found is not None:
            entry = index.entries[found[0]]
            return [_hit(entry, segment, 0, end + 1, quality=found[1] / 100 * 0.9)]
    return []

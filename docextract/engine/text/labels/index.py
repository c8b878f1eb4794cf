"""Lists every way the fields of a schema may be announced, and who else may be meant.

Knows nothing of pages; phrases are folded as the words of a page are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from docextract.engine.text.layout import fold, fold_words
from docextract.schema import Field, Schema, concepts

_MIN_SHAPE, _MIN_FUZZY, _MAX_FUZZY = 4, 6, 40
_LETTERS_PER_SLIP = 7
_LOOK_ALIKE = str.maketrans("01i58q", "ollsbg")
_LANGUAGES = 14
"""So many phrases share a rank, about the best of each language that says it otherwise."""
_GROSS = frozenset({"gross", "receipt_total"})
_RANK_OF_OTHER = 8
_MOST = 0.4
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_NUMBER_TAILS = fold_words("codes", "number") | {"#"}
_NUMBER_HEADS = fold_words("codes", "number_before")


@dataclass(frozen=True, slots=True)
class Entry:
    """A folded phrase: the fields it announces (with its rank there) and its concepts."""

    phrase: str
    ranks: dict[str, int]
    concepts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Index:
    """All phrases of a schema, and of the vocabulary to tell them apart."""

    entries: dict[str, Entry]
    prefixes: set[str]
    concept_of: dict[str, str]
    fields: dict[str, Field]
    by_shape: dict[str, str]
    shapes: list[str]
    headers: list[str]

    def is_header(self, field: Field) -> bool:
        """Return whether a field is filled by labels rather than as a table's cell.

        The scalars of an outer list whose rows hold a list themselves (``accounts[].iban``
        beside ``accounts[].transactions[]``) are headers of the one account on the page.
        """
        return field.path in self.headers

    def paths_of(self, *concepts: str) -> list[str]:
        """Return the paths of the header fields that stand for some concepts."""
        return [path for path in self.headers if self.concept_of[path] in concepts]


def build_index(schema: Schema) -> Index:
    """Return the index of a schema's labels; build it once per schema."""
    names = {item.path: _concept(item) for item in schema.fields}
    ranks: dict[str, dict[str, int]] = {}
    meanings: dict[str, set[str]] = {}
    for name, concept in concepts().items():
        for phrase in concept.labels.phrases:
            for folded in _variants(phrase):
                meanings.setdefault(folded, set()).add(name)
    for item in schema.fields:
        for phrase, rank in _ranks(item, names[item.path]).items():
            for folded in _variants(phrase):
                ranks.setdefault(folded, {}).setdefault(item.path, rank)
    _share_totals(names, ranks, meanings)
    entries = {
        phrase: Entry(phrase, ranks.get(phrase, {}), frozenset(meanings.get(phrase, ())))
        for phrase in dict.fromkeys((*ranks, *meanings))
        if phrase
    }
    by_shape = {_shape(phrase): phrase for phrase in entries if len(phrase) >= _MIN_SHAPE}
    return Index(
        entries,
        prefixes={phrase[:n] for phrase in entries for n in range(1, len(phrase) + 1)},
        concept_of=names,
        fields={item.path: item for item in schema.fields},
        by_shape=by_shape,
        shapes=[shape for shape in by_shape if len(shape) >= _MIN_FUZZY],
        headers=_headers(schema),
    )


def _ranks(item: Field, concept: str) -> dict[str, int]:
    """Return how far down each label of a field stands, from 0.

    What the vocabulary has ranks within its language, so that more languages weaken no label;
    a field's own labels rank by their place.
    """
    known = concepts()[concept].labels.ranks if concept else {}
    places = enumerate(item.labels)
    return {phrase: known.get(phrase, place // _LANGUAGES) for place, phrase in places}


def _headers(schema: Schema) -> list[str]:
    """Return the paths of the leaves that labels fill; see ``Index.is_header``."""
    lists = {item.list_path for item in schema.fields if item.list_path}
    outer = {path for path in lists if any(other.startswith(f"{path}[].") for other in lists)}
    return [item.path for item in schema.fields if item.list_path in {None, *outer}]


def nearest(text: str, index: Index) -> tuple[Entry, float] | None:
    """Return the phrase a damaged one stands for, with how sure that is, or None.

    Letters that OCR confuses count as the same; of others one in seven may be wrong,
    missing or too many, and none in words of less than six.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    shape = _shape(text)
    if not _MIN_SHAPE <= len(shape) <= _MAX_FUZZY:
        return None
    if shape in index.by_shape:
        return index.entries[index.by_shape[shape]], 0.9
    if len(shape) < _MIN_FUZZY:
        return None
    allowed = max(1, len(shape) // _LETTERS_PER_SLIP)
    found = process.extractOne(
        shape, index.shapes, scorer=Levenshtein.distance, score_cutoff=allowed
    )
    if found is None:
        return None
    return index.entries[index.by_shape[found[0]]], 0.9 * (1.0 - found[1] / len(shape))


def _shape(text: str) -> str:
    return text.translate(_LOOK_ALIKE).replace("rn", "m").replace("vv", "w")


@cache
def _variants(phrase: str) -> tuple[str, ...]:
    """Return the ways a phrase is printed, folded: most fields share theirs with a concept."""
    return tuple(_spellings(phrase))


def _spellings(phrase: str) -> Iterator[str]:
    """Yield a phrase folded, and with each other word for number at its end or its front.

    ``Order Number`` is printed as ``Order No.``, ``Order #`` or ``Order Nr`` as well, and
    ``fällig`` as ``faellig``.
    """
    folded = fold(phrase)
    yield folded
    if (spelled := fold(phrase.translate(_SPELLED_OUT))) != folded:
        yield spelled
    tail = next((t for t in _NUMBER_TAILS if folded.endswith(t) and len(folded) > len(t) + 1), "")
    if tail and (len(tail) > 2 or tail == "#" or fold(phrase.split()[-1]) == tail):
        yield from (folded.removesuffix(tail) + other for other in _NUMBER_TAILS if other != tail)
    first = fold(phrase.split()[0]) if phrase.split() else ""
    if first in _NUMBER_HEADS and len(folded) > len(first) + 1:
        rest = folded.removeprefix(first)
        yield from (other + rest for other in _NUMBER_HEADS if other != first)


def _share_totals(
    names: dict[str, str], ranks: dict[str, dict[str, int]], meanings: dict[str, set[str]]
) -> None:
    """Let the labels of an invoice's and a receipt's total announce either."""
    totals = [path for path, name in names.items() if name in _GROSS and "[]" not in path]
    for phrase, known in meanings.items():
        if known & _GROSS and "net" not in known and phrase not in ranks:
            ranks[phrase] = dict.fromkeys(totals, _RANK_OF_OTHER)


def _concept(item: Field) -> str:
    """Return the vocabulary's concept whose labels a field has, or ``""`` where most are not.

    What counts is the share of the concept's labels: a field may have many more of its own.
    """
    shares = [
        (len(theirs.intersection(item.labels)) / len(theirs), len(theirs), name)
        for name, theirs in _labels_of_concepts().items()
    ]
    share, _, name = max(shares, key=lambda found: found[:2])
    return name if share > _MOST else ""


@cache
def _labels_of_concepts() -> dict[str, frozenset[str]]:
    return {name: frozenset(concept.labels.phrases) for name, concept in concepts().items()}

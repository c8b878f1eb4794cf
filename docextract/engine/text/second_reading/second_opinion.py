"""Reads names, numbers and days of the first page a second time, to weigh and to check choices.

Knows nothing of how options are found or weighed, so that it errs apart from them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from docextract.engine.text.second_reading.pieces import CODE, DATE, NAME, Piece, pieces_of
from docextract.engine.text.second_reading.print_features import PrintFeatures
from docextract.engine.text.text_document import (
    Index,
    Option,
    Reader,
    Segment,
    Token,
    fold,
    level,
)
from docextract.normalise.locale.languages import may_be_known

if TYPE_CHECKING:
    from docextract.engine.text.second_reading.fit_weights import FitWeights

_CONCEPTS = {
    "seller": "seller", "merchant": "seller", "buyer": "buyer", "invoice_number": "number",
    "po_number": "number", "purchase_order": "order", "issue_date": "issued",
    "receipt_date": "issued", "due_date": "due",
}  # fmt: skip
"""What a field stands for, as pieces are told apart."""
FORMS = {"seller": NAME, "buyer": NAME, "number": CODE, "order": CODE, "issued": DATE, "due": DATE}
"""What a piece has to look like."""
THINGS = ("none", *FORMS)
"""What a piece can be: the classes of the weights."""
_UNKNOWN = 0.05
"""Probability of what the reading knows nothing of: where all print is unlikely, it has no say."""
_ALONE = -1.0
"""Odds of what this reading alone holds: the first one speaks against it."""
_MIN_PART = 4


class Weighed(NamedTuple):
    """A piece, and the log of the probability of each thing it may be, as ``THINGS`` lists them."""

    piece: Piece
    logs: list[float]

    @property
    def text(self) -> str:
        """It folded."""
        return fold(self.piece.text)

    def likely(self, thing: str) -> float:
        """Return the probability that it is a thing."""
        return math.exp(self.logs[THINGS.index(thing)])


class _Likely(NamedTuple):
    """The probability that a print is a field's value, and the most of any other print."""

    own: float
    best: float


class SecondReading:
    """What a document's first page shows to a reader that knows of no rules.

    Args:
        reader: the document.
        in_tables: ids of segments that belong to tables.
    """

    def __init__(self, reader: Reader, in_tables: Collection[int]) -> None:
        self._reader, self._in_tables = reader, in_tables
        self._paths = {path: thing_of(reader.index, path) for path in reader.index.headers}
        self._known: dict[tuple[str, int, int], _Likely | None] = {}
        self._ranked: dict[str, list[Weighed]] = {}

    @cached_property
    def _weigher(self) -> Weigher:
        # The process that hands out documents reads none, and starts without numpy.
        from docextract.engine.text.second_reading.fit_weights import shipped_fit_weights

        return Weigher(self._reader, shipped_fit_weights())

    @cached_property
    def _all(self) -> dict[tuple[str, int, int], Weighed]:
        forms = {FORMS[thing] for thing in self._paths.values() if thing}
        pieces = pieces_of(self._reader, self._in_tables)
        weighed = self._weigher.weigh(piece for piece in pieces if piece.form in forms)
        return {item.piece.key: item for item in weighed}

    def odds(self, path: str, tokens: list[Token]) -> float | None:
        """Return how much likelier a print is a field's value than any other print.

        That is the logarithm of the odds, where what the reading does not know counts as much for
        either; None where the field is neither a party's name nor the document's number or day,
        and beyond the first page with words.
        """
        found = self._own_and_best(path, tokens)
        return found and round(math.log((found.own + _UNKNOWN) / (found.best + _UNKNOWN)), 2)

    def odds_of(self, option: Option) -> float | None:
        """Return the odds of what was chosen; its own finds the first reading speaks against."""
        if option.is_second:
            return _ALONE
        return self.odds(option.path, option.tokens)

    def overrules(self, path: str, tokens: list[Token]) -> bool:
        """Return whether another print is so much likelier a field's value that it is that."""
        found = self._own_and_best(path, tokens)
        return found is not None and found.own < level("second_overruled") * found.best

    def likeliest(self, path: str, taken: Collection[int]) -> Piece | None:
        """Return the print that is likeliest a field's value, if it is likely enough.

        In a language whose words are not known, none is.

        Args:
            path: of the field.
            taken: ids of tokens that are values of other fields.
        """
        thing = self._paths.get(path)
        ranked = self._by_rank(thing) if thing else []
        free = (it for it in ranked if not any(id(token) in taken for token in it.piece.tokens))
        best = next(free, None)
        if not thing or best is None or best.likely(thing) < level("second_likely"):
            return None
        return best.piece if self._is_known else None

    def _own_and_best(self, path: str, tokens: list[Token]) -> _Likely | None:
        thing, key = self._paths.get(path), (path, id(tokens[0]), len(tokens))
        if key not in self._known:
            segment = _segment_of(self._reader, tokens) if thing else None
            piece = Piece(FORMS[thing], segment, tokens) if thing and segment else None
            self._known[key] = self._compared(thing, piece) if thing and piece else None
        return self._known[key]

    def _compared(self, thing: str, piece: Piece) -> _Likely:
        own = self._all.get(piece.key) or self._weigher.weigh([piece])[0]
        best = next((it for it in self._by_rank(thing) if _is_rival(own, it)), None)
        return _Likely(own.likely(thing), best.likely(thing) if best else 0.0)

    def _by_rank(self, thing: str) -> list[Weighed]:
        """Return the pieces that look like a thing, the likeliest first."""
        if thing not in self._ranked:
            alike = (item for item in self._all.values() if item.piece.form == FORMS[thing])
            at = THINGS.index(thing)
            self._ranked[thing] = sorted(alike, key=lambda item: -item.logs[at])
        return self._ranked[thing]

    @cached_property
    def _is_known(self) -> bool:
        segments = self._reader.layout.segments
        return may_be_known(" ".join(token.text for s in segments for token in s.tokens))


class Weigher:
    """Weighs pieces of a document; what stands around a segment is looked at once."""

    def __init__(self, reader: Reader, weights: FitWeights) -> None:
        self._features, self._weights = PrintFeatures(reader, kind_of(reader.index)), weights
        self._around: dict[int, list[int]] = {}

    def weigh(self, pieces: Iterable[Piece]) -> list[Weighed]:
        """Return pieces, weighed."""
        own = list(pieces)
        if not own:
            return []
        likely = self._weights.log_probabilities([self._rows(piece) for piece in own]).tolist()
        return [Weighed(piece, logs) for piece, logs in zip(own, likely, strict=True)]

    def _rows(self, piece: Piece) -> list[int]:
        key = id(piece.segment)
        if key not in self._around:
            self._around[key] = self._weights.rows_of(self._features.around(piece.segment))
        return self._weights.rows_of(self._features.of(*piece)) + self._around[key]


def kind_of(index: Index) -> str:
    """Return what kind of document a schema asks for."""
    if index.paths_of("merchant", "receipt_date", "receipt_total"):
        return "receipt"
    is_order = index.paths_of("po_number") and not index.paths_of("invoice_number")
    return "order" if is_order else "invoice"


def thing_of(index: Index, path: str) -> str:
    """Return what a field stands for, as pieces are told apart; empty where they are not."""
    return "" if "[" in path else _CONCEPTS.get(index.concept_of.get(path, ""), "")


def _segment_of(reader: Reader, tokens: list[Token]) -> Segment | None:
    """Return what tokens stand in; None beyond the first page with words."""
    first = tokens[0]
    if first.page != reader.layout.lines[0].page:
        return None
    line = reader.layout.lines[reader.line_of[id(first)]]
    return next((s for s in line.segments if any(t is first for t in s.tokens)), None)


def _is_rival(own: Weighed, other: Weighed) -> bool:
    """Return whether a piece is other print than one and says something else."""
    taken = set(map(id, own.piece.tokens))
    return taken.isdisjoint(map(id, other.piece.tokens)) and not _says(own.text, other.text)


def _says(one: str, other: str) -> bool:
    """Return whether one text holds the other, which may be its beginning on another line."""
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) > _MIN_PART and short in long)

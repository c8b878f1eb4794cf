"""One value on its way into a record: all that is known of it, from its print to its status.

Knows nothing of how any of it is found out. A stage of judging takes a document's values and
returns them with what it found filled in; what another stage found stays as it is.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from docextract.core import (
    Alternative,
    Check,
    Evidence,
    FieldRecord,
    FieldStatus,
    Match,
    Outcome,
    Place,
    Repair,
    Tree,
    WordSource,
)
from docextract.normalise.reading import NOTHING, Reading
from docextract.schema import Field, Kind, Schema, rows_of

MIN_LEGIBLE = 0.4
"""Words less sure than this were seen, and could not be read, on the drawn page."""

MIN_FIT = 0.6
"""How well a place must suit a field before a value counts as found in place: beside a label,
or at the only place of its kind.
"""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources say different things of one field."""

    path: str
    chosen: str
    other: str


class Opinion(NamedTuple):
    """What two readers say of a value.

    Attributes:
        readers: names of those that give it.
        other: what one of them gives instead.
    """

    readers: tuple[str, ...]
    other: str | None = None


class Grounded(NamedTuple):
    """Evidence for a value.

    Attributes:
        evidence: where it stands.
        fit: how well that place suits the field, 0 to 1.
        legibility: lowest confidence of the words there, 0 to 1; 1 for exact text.
        is_labelled: a label of the field stands there; only looked for outside lists.
    """

    evidence: Evidence
    fit: float
    legibility: float = 1.0
    is_labelled: bool = False


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What is known of one leaf of a document.

    Attributes:
        path: concrete, such as ``lines[0].net``.
        field: the leaf of the schema.
        value: typed text; None where the document has none.
        reading: how its print on the page was read, with the text as printed.
        place: where the engine says it stands.
        probability: 0 to 1, how sure the engine is; None where it has no opinion.
        second_odds: how much likelier a second reading finds it than any other print, as the
            logarithm of the odds; None where it has no opinion.
        alternatives: what else the engine weighed for it; None where it weighs nothing.
        quote: its text in embedded data, where those gave it.
        disagreement: what another page or source says.
        readers: names of the engines that gave it, where two were at work.
        repair: what it stands in place of, where the checks asked for another value.
        grounded: evidence on the pages, best first.
        is_unprinted: embedded data give it, and the page, which would print it, does not.
        is_unseen: embedded data give it, people pay by it, and no page was found to show it.
        checks: all that concern it, with their outcomes; none where it is absent.
        is_proved: arithmetic or a checksum agrees with it.
        status: what it has earned.
        confidence: the probability that it is right, 0 to 1.
        signals: what the confidence was weighed from, by name.
        revision: what a closer look changed, for people.
        memory: what confirmed documents of its layout say of it, for people.
    """

    path: str
    field: Field
    value: str | None
    reading: Reading = NOTHING
    place: Place | None = None
    probability: float | None = None
    alternatives: tuple[Alternative, ...] | None = None
    second_odds: float | None = None
    quote: str | None = None
    disagreement: Disagreement | None = None
    readers: tuple[str, ...] = ()
    repair: Repair | None = None
    grounded: tuple[Grounded, ...] = ()
    is_unprinted: bool = False
    is_unseen: bool = False
    checks: tuple[Check, ...] = ()
    is_proved: bool = False
    status: FieldStatus = FieldStatus.ABSENT
    confidence: float = 0.0
    signals: Mapping[str, float] = dataclasses.field(default_factory=dict)
    revision: str | None = None
    memory: str | None = None

    @property
    def raw(self) -> str | None:
        """The text as it is embedded, else as printed; None without a value."""
        return None if self.value is None else self.quote or self.reading.raw

    @property
    def best(self) -> Grounded | None:
        """The best evidence on the pages."""
        return self.grounded[0] if self.grounded else None

    @property
    def is_supported(self) -> bool:
        """Whether the page or embedded data show the value somewhere."""
        return bool(self.grounded) or self.quote is not None

    @property
    def is_account(self) -> bool:
        """Whether people pay by it."""
        return self.field.kind is Kind.IBAN

    @property
    def is_found(self) -> bool:
        """Whether a page shows it, letter for letter and legible."""
        best = self.best
        if best is None or best.evidence.match is Match.FUZZY:
            return False
        return best.legibility >= MIN_LEGIBLE

    @property
    def is_found_in_place(self) -> bool:
        """Whether a page shows it, letter for letter, where such a value belongs."""
        return self.is_found and self.best is not None and self.best.fit >= MIN_FIT

    @property
    def has_disagreement(self) -> bool:
        """Whether pages or sources gave another value, or the page lacks the embedded one."""
        return self.disagreement is not None or self.is_unprinted

    @property
    def is_agreed(self) -> bool:
        """Whether two readers gave it, each for itself."""
        return len(self.readers) > 1

    @property
    def is_contradicted(self) -> bool:
        """Whether other values contradict this one and no proof speaks for it."""
        return not self.is_proved and self._fails(is_alone=False)

    @property
    def is_disputed(self) -> bool:
        """Whether one sum proves the value and another contradicts it."""
        return self.is_proved and self._fails(is_alone=False)

    @property
    def is_implausible(self) -> bool:
        """Whether the value alone fails a rule, such as a checksum or a plausible date."""
        return self._fails(is_alone=True)

    def _fails(self, *, is_alone: bool) -> bool:
        failed = (check for check in self.checks if check.outcome is Outcome.FAILED)
        return any((len(check.paths) == 1) is is_alone for check in failed)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Where it stands, embedded data first."""
        printed = tuple(item.evidence for item in self.grounded[:1])
        if self.quote is None:
            return printed
        return (Evidence(None, None, self.quote, Match.EXACT, WordSource.EMBEDDED_XML), *printed)

    @property
    def readings(self) -> tuple[str, ...]:
        """Every value it could be, the chosen one first, where there is more than one."""
        if self.value is None:
            return ()
        if self.repair is not None and self.repair.was is not None:
            return (self.repair.value, self.repair.was)
        if self.disagreement is not None:
            return (self.disagreement.chosen, self.disagreement.other)
        return self.reading.readings if self.reading.is_ambiguous else ()

    @property
    def note(self) -> str | None:
        """What people should know of how it came to be."""
        return "; ".join(filter(None, (self._origin(), self.memory, self.revision))) or None

    def _origin(self) -> str | None:
        if self.is_unprinted or self.is_unseen:
            return "embedded data say so; no page prints it"
        if self.repair is None:
            return self.reading.note
        was, check = self.repair.was, self.repair.check
        return f"repaired: was {was}, {check}" if was is not None else f"filled: {check}"

    def to_record(self) -> FieldRecord:
        """Return what is stored of it."""
        if self.value is None:
            return FieldRecord(None, FieldStatus.ABSENT, 0.0)
        return FieldRecord(
            raw=self.raw,
            status=self.status,
            confidence=self.confidence,
            evidence=self.evidence,
            readings=self.readings,
            note=self.note,
            signals=self.signals,
            readers=self.readers,
        )


class FieldValues(Mapping[str, FieldValue]):
    """A document's values by concrete path, in the order in which a record has them.

    Args:
        schema: whose leaves they are.
        values: every leaf outside lists, and every leaf of each row there is.
        last: names at the top that stand after all others.
    """

    def __init__(
        self, schema: Schema, values: Iterable[FieldValue], last: frozenset[str] = frozenset()
    ) -> None:
        self.schema = schema
        self._by_path = {item.path: item for item in values}
        self._last = last

    def __getitem__(self, path: str) -> FieldValue:
        return self._by_path[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_path)

    def __len__(self) -> int:
        return len(self._by_path)

    def text(self, path: str) -> str | None:
        """Return the typed text at a concrete path; None where there is no such leaf."""
        found = self._by_path.get(path)
        return None if found is None else found.value

    def num_rows(self, path: str) -> int:
        """Return how many rows the list at a concrete path has."""
        return self._num_rows.get(path, 0)

    @cached_property
    def _num_rows(self) -> dict[str, int]:
        return rows_of(self._by_path)

    def put(self, value: FieldValue) -> FieldValues:
        """Return the values with another one at its path."""
        return self._copy(self._by_path | {value.path: value})

    def map(self, change: Callable[[FieldValue], FieldValue]) -> FieldValues:
        """Return the values, each as ``change`` gives it back."""
        return self._copy({path: change(item) for path, item in self._by_path.items()})

    def _copy(self, by_path: dict[str, FieldValue]) -> FieldValues:
        # Paths are the same, so the number of rows that was counted holds on.
        new = copy.copy(self)
        new._by_path = by_path
        return new

    def tree(self) -> Tree:
        """Return typed text in the schema's full shape, None where absent."""
        shape = self.schema.shape
        names = sorted(shape, key=lambda name: name in self._last)
        return {name: self._grown(shape[name], name) for name in names}

    def _grown(self, shape: Any, path: str) -> Any:
        if isinstance(shape, Field):
            return self.text(path)
        if isinstance(shape, dict):
            return {name: self._grown(inner, f"{path}.{name}") for name, inner in shape.items()}
        return [self._grown(shape[0], f"{path}[{row}]") for row in range(self.num_rows(path))]

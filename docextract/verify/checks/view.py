"""What a rule sees of a document's values, and what a rule is.

Knows nothing of any rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property

from docextract.core import Check, Outcome
from docextract.schema import Field, Kind, Schema
from docextract.verify.value import FieldValue, FieldValues


@dataclass(frozen=True)
class View:
    """The values a rule looks at.

    Attributes:
        values: of one document.
        today: the day of the run.
        shows_print: whether a rule may see how and where values are printed.
    """

    values: FieldValues
    today: dt.date
    shows_print: bool = True

    def knows(self, path: str) -> bool:
        """Whether the schema has a leaf at a path such as ``lines[].net``."""
        return self.values.schema.field_at(path) is not None

    def text(self, path: str) -> str | None:
        """Return the leaf at a concrete path, or None."""
        return self.values.text(path)

    def raw(self, path: str) -> str | None:
        """Return what the page prints at a concrete path, or None."""
        found = self._printed(path)
        return None if found is None else found.reading.raw

    def page(self, path: str) -> int | None:
        """Return the number of the page a leaf stands on, if the engine said where."""
        found = self._printed(path)
        return None if found is None or found.place is None else found.place.page

    def _printed(self, path: str) -> FieldValue | None:
        return self.values.get(path) if self.shows_print else None

    def number(self, path: str) -> Decimal | None:
        """Return the amount at a concrete path, or None."""
        text = self.text(path)
        try:
            value = None if text is None else Decimal(text)
        except InvalidOperation:
            return None
        return value if value is not None and value.is_finite() else None

    def date(self, path: str) -> dt.date | None:
        """Return the date at a concrete path, or None."""
        text = self.text(path)
        try:
            return None if text is None else dt.date.fromisoformat(text[:10])
        except ValueError:
            return None

    def expand(self, path: str) -> list[str]:
        """Return the concrete paths of ``lines[].net``, one for each row there is."""
        head, bracket, rest = path.partition("[]")
        if not bracket:
            return [path]
        return [
            concrete
            for index in range(self.values.num_rows(head))
            for concrete in self.expand(f"{head}[{index}]{rest}")
        ]

    @cached_property
    def leaves(self) -> list[tuple[str, Field, str]]:
        """Concrete path, field and value of every leaf that has one."""
        found = (
            (path, field, self.text(path))
            for field in self.values.schema.fields
            for path in self.expand(field.path)
        )
        return [(path, field, value) for path, field, value in found if value is not None]


def row_of(path: str) -> str:
    """Return the path of the row or group that a leaf stands in."""
    return path.rpartition(".")[0]


CheckFunction = Callable[[str, View], Iterator[Check]]
"""Takes a rule's id and the values, and yields a check per place it looks at."""


class Remedy(StrEnum):
    """What may be put in a value's place where a rule fails."""

    NONE = ""
    AMOUNT = "another printed amount"
    LARGER_AMOUNT = "a larger printed amount"
    DATE = "another printed date"
    LOOKALIKE = "O/0, I/1, S/5, B/8"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as data.

    Attributes:
        id: the EN 16931 rule or our own name, as it appears in records.
        holds: what must hold, for people.
        paths: leaves the schema must have for the rule to be asked.
        check: yields a check per place the rule looks at.
        kinds: for rules on leaves wherever they stand: the kinds they look at.
        tolerance: how far it may be missed, for people; empty where it holds or does not.
        is_proof: whether passing is evidence for the values it touches.
        repair: what may replace a value that breaks it.
    """

    id: str
    holds: str
    paths: tuple[str, ...]
    check: CheckFunction
    kinds: tuple[Kind, ...] = ()
    tolerance: str = ""
    is_proof: bool = False
    repair: Remedy = Remedy.NONE

    def applies_to(self, schema: Schema) -> bool:
        """Whether the schema has the fields the rule is about."""
        has_kind = not self.kinds or not schema.kinds.isdisjoint(self.kinds)
        return has_kind and schema.paths.issuperset(self.paths)


def passed(rule: str, *paths: str, message: str = "") -> Check:
    """Return a check that holds."""
    return Check(rule, Outcome.PASSED, paths, message)


def failed(rule: str, *paths: str, message: str) -> Check:
    """Return a check that does not hold, with the figures."""
    return Check(rule, Outcome.FAILED, paths, message)


def warning(rule: str, *paths: str, message: str) -> Check:
    """Return a check of what a norm asks for and real papers may lack."""
    return Check(rule, Outcome.WARNING, paths, message)


def not_applicable(rule: str, *paths: str, message: str = "") -> Check:
    """Return a check that had nothing to look at."""
    return Check(rule, Outcome.NOT_APPLICABLE, paths, message)

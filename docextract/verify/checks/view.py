"""Typed access to a tree of typed text by concrete path, and what a rule is.

Knows nothing of any rule.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from docextract.records import Check, Outcome, Tree
from docextract.schema import Field, Kind, Schema

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class Print(NamedTuple):
    """How a value is printed: its raw text, and the page it stands on if that is known."""

    raw: str | None
    page: int | None = None


@dataclass(frozen=True)
class View:
    """The values a rule looks at.

    Attributes:
        values: typed text in the schema's shape.
        schema: says which paths exist.
        today: the day of the run.
        prints: by concrete path, how the value is printed.
    """

    values: Tree
    schema: Schema
    today: dt.date
    prints: Mapping[str, Print]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(item.path for item in self.schema.fields)

    def knows(self, path: str) -> bool:
        """Whether the schema has a leaf at a path such as ``lines[].net``."""
        return re.sub(r"\[\d+\]", "[]", path) in self._known

    def text(self, path: str) -> str | None:
        """Return the leaf at a concrete path, or None."""
        found = self._at(path)
        return None if found is None or isinstance(found, (dict, list)) else str(found)

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
        rows = self._list(head)
        return [
            concrete
            for index in range(len(rows))
            for concrete in self.expand(f"{head}[{index}]{rest}")
        ]

    def leaves(self) -> Iterator[tuple[str, Field, str]]:
        """Yield concrete path, field and value of every leaf that has one."""
        for field in self.schema.fields:
            for path in self.expand(field.path):
                value = self.text(path)
                if value is not None:
                    yield path, field, value

    def _list(self, path: str) -> list[Any]:
        found = self._at(path)
        return found if isinstance(found, list) else []

    def _at(self, path: str) -> Any:
        found: Any = self.values
        for step in _steps(path):
            if isinstance(step, int):
                found = found[step] if _has_index(found, step) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        return found


CheckFunction = Callable[[str, View], Iterator[Check]]
"""Takes a rule's id and the values, and yields a check per place it looks at."""


# Rules ask for the same paths of every document.
@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(int(index) if index else name for name, index in _STEP.findall(path))


def _has_index(found: Any, index: int) -> bool:
    return isinstance(found, list) and index < len(found)


class Repair(StrEnum):
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
    repair: Repair = Repair.NONE

    def applies_to(self, schema: Schema) -> bool:
        """Whether the schema has the fields the rule is about."""
        paths = {item.path for item in schema.fields}
        kinds = {item.kind for item in schema.fields}
        return paths.issuperset(self.paths) and (not self.kinds or not kinds.isdisjoint(self.kinds))


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

"""What a person said of a value, and which of all that was said stands.

Knows nothing of files, records or schemas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from docextract.core import Box

DOCUMENT = ""
"""Path of what is said of a document as a whole."""


class Action(StrEnum):
    """What a person did."""

    ACCEPT = "accept"
    CORRECT = "correct"
    ABSENT = "absent"
    SKIP = "skip"
    UNDO = "undo"


class Spot(NamedTuple):
    """Where a value was pointed at: the page, its box, and what is printed there."""

    page: int | None = None
    box: Box | None = None
    quote: str | None = None


NOWHERE = Spot()


@dataclass(frozen=True, slots=True)
class Label:
    """One row of what people said; rows are only ever added.

    Attributes:
        sha256: hash of the document's bytes.
        schema: name of the schema.
        path: of a leaf outside lists, of an outermost list such as ``lines``, or ``DOCUMENT``.
        action: what was done.
        value: the typed value; of a list all its rows, in the schema's shape; None where there
            is none.
        shown: what stood there before.
        fingerprint: of the record that was looked at.
        spot: where the value stands, if that is known.
        cells: of a list, which cells a person gave or confirmed, such as ``[2].net``, and where
            they stand; all of them where the list was accepted.
        reviewer: who.
        at: when, ISO 8601 in UTC.
        undoes: id of the row that no longer stands.
        id: counts up; 0 before it is stored.
    """

    sha256: str
    schema: str
    path: str
    action: Action
    value: Any = None
    shown: Any = None
    fingerprint: str = ""
    spot: Spot = NOWHERE
    cells: Mapping[str, Spot] = field(default_factory=dict)
    reviewer: str = ""
    at: str = ""
    undoes: int | None = None
    id: int = 0

    @property
    def is_verdict(self) -> bool:
        """Whether it says what the value is."""
        return self.action in (Action.ACCEPT, Action.CORRECT, Action.ABSENT)


def alive(labels: Iterable[Label]) -> list[Label]:
    """Return the labels that were not undone, oldest first; an undo can be undone too."""
    dead: set[int | None] = set()
    kept = []
    for label in sorted(labels, key=lambda label: -label.id):
        if label.id in dead:
            continue
        if label.action is Action.UNDO:
            dead.add(label.undoes)
        else:
            kept.append(label)
    return kept[::-1]


def standing(labels: Iterable[Label]) -> dict[str, Label]:
    """Return by path what was said last and not undone, of one document and schema."""
    return {label.path: label for label in alive(labels)}

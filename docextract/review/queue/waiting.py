"""The documents that wait for a person, those first in which a minute mends most.

Knows nothing of how values are put right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from docextract.core import FieldStatus, Tree
from docextract.review.queue.doubts import Doubt, doubted_paths, doubts_of
from docextract.schema import Schema, unit_of

OPEN_S, FIELD_S, LIST_S = 6.0, 8.0, 30.0
"""Guesses, not measured: to find one's way in a document, to look at a field, at a list."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document in doubt.

    Attributes:
        path: as shown.
        sha256: hash of its bytes.
        status: of its record.
        doubts: why, the greatest risk first.
        left: what is to be looked at, without what was skipped.
        skipped: what somebody has passed over.
    """

    path: str
    sha256: str
    status: str
    doubts: tuple[Doubt, ...]
    left: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    num_lists: int = 0

    @property
    def seconds(self) -> float:
        """About how long a person needs for what is left."""
        if not self.left:
            return 0.0
        num_fields = len(self.left) - self.num_lists
        return OPEN_S + FIELD_S * num_fields + LIST_S * self.num_lists

    @property
    def worth(self) -> float:
        """Wrong values that are expected to be mended in a minute."""
        risk = sum(doubt.risk for doubt in self.doubts)
        return 60 * risk / (self.seconds or OPEN_S)

    def to_json(self) -> Tree:
        """Return it for programs."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "status": self.status,
            "reasons": [{"paths": list(it.paths), "text": it.text} for it in self.doubts],
            "left": list(self.left),
            "skipped": list(self.skipped),
            "minutes": round(self.seconds / 60, 1),
        }


def waiting_of(tree: Tree, schema: Schema) -> Waiting | None:
    """Return what is in doubt about a document as it stands; None where nothing is."""
    schema = schema.of(tree)
    doubts = doubts_of(tree, schema)
    if not doubts:
        return None
    skipped = tuple(tree.get("review", {}).get("skipped", ()))
    paths = doubted_paths(doubts, tree, schema)
    left = tuple(path for path in paths if path not in skipped)
    return _as_waiting(tree, doubts, left, skipped, schema)


def sampled(tree: Tree, schema: Schema) -> Waiting:
    """Return a document of a random sample: all of it is to be looked at, doubted or not.

    What has a value, and what must have one, is left until a person has spoken of it.
    """
    schema = schema.of(tree)
    doubts = doubts_of(tree, schema)
    skipped = tuple(tree.get("review", {}).get("skipped", ()))
    keys = {field.path for field in schema.fields if field.is_key}
    units = dict.fromkeys(unit_of(field.path) for field in schema.fields)
    left = tuple(
        path for path in units
        if path not in skipped and _is_unspoken(tree, path, is_key=path in keys)
    )  # fmt: skip
    return _as_waiting(tree, doubts, left, skipped, schema)


def _is_unspoken(tree: Tree, path: str, *, is_key: bool) -> bool:
    known = {
        place: it for place, it in tree["fields"].items()
        if place == path or place.startswith(f"{path}[")
    }  # fmt: skip
    open_ones = [it for it in known.values() if it["status"] != FieldStatus.CONFIRMED]
    has_value = any(it["status"] != FieldStatus.ABSENT for it in open_ones)
    return has_value or (is_key and bool(open_ones or not known))


def _as_waiting(
    tree: Tree, doubts: list[Doubt], left: tuple[str, ...], skipped: tuple[str, ...], schema: Schema
) -> Waiting:
    path, sha256 = tree["document"]["path"], tree["document"]["sha256"]
    num_lists = sum(place in schema.list_paths for place in left)
    return Waiting(path, sha256, tree["status"], tuple(doubts), left, skipped, num_lists)


def in_order(found: Iterable[Waiting]) -> list[Waiting]:
    """Return the documents in the order in which they are best looked at.

    Those with something left come first, by what a minute mends in them.
    """
    return sorted(found, key=lambda item: (not item.left, -item.worth, item.path))

"""Divides documents into those that are taught and those held out, group by group.

Knows nothing of questions. A group is a vendor, a folder or a file: no vendor stands on both
sides, or a figure on the held-out side would say how well layouts were learned by heart.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from docextract.core import OptionError
from docextract.schema import Kind, Role, Schema
from docextract.training.collect.question_kinds import Subject
from docextract.training.dataset import Split
from docextract.verify.grounding.page_text import fold

MIN_DOCUMENTS = 20
"""With fewer, the held-out figure has an interval of over 40 points."""


@dataclass(frozen=True, slots=True)
class SplitRule:
    """What makes a group.

    Attributes:
        text: ``file``, ``folder``, ``field:PATH`` or ``auto``: the seller's name where the
            schema has one and the document tells it, else the folder.
    """

    text: str = "auto"

    def __post_init__(self) -> None:
        if self.text not in ("auto", "file", "folder") and not self.text.startswith("field:"):
            raise OptionError(f"--split: {self.text!r}", "Use file, folder or field:PATH.")

    def group(self, subject: Subject) -> str:
        """Return the group of a document."""
        if self.text == "file":
            return f"file:{subject.sha256}"
        path = self._field(subject.schema) if subject.schema else None
        known = subject.known.leaves.get(path) if path else None
        if known is not None and known.text:
            return f"{path}:{fold(known.text)}"
        return f"folder:{PurePath(subject.path).parent.as_posix()}"

    def _field(self, schema: Schema) -> str | None:
        if self.text == "folder":
            return None
        if self.text.startswith("field:"):
            path = self.text.removeprefix("field:")
            if schema.field_at(path) is None:
                raise OptionError(f"--split: {schema.name} has no field {path}")
            return path
        return seller_field(schema)


def seller_field(schema: Schema) -> str | None:
    """Return the path that names who issued a document, or None."""
    named = [item for item in schema.fields if item.kind is Kind.NAME and not item.list_path]
    sellers = [item for item in named if item.role is Role.SELLER]
    keys = [item for item in named if item.is_key and item.role in (None, Role.SELLER)]
    found = next(iter([*sellers, *keys]), None)
    return found.path if found else None


def divide(groups: Mapping[str, str], held_out: float, seed: int) -> dict[str, Split]:
    """Return the side of each document.

    Args:
        groups: the group of each document, by its key.
        held_out: share of documents that is held out, at least.
        seed: decides which groups are.
    """
    members = defaultdict(list)
    for key, group in groups.items():
        members[group].append(key)
    order = sorted(members, key=lambda group: hashlib.sha256(f"{seed}:{group}".encode()).digest())
    sides = dict.fromkeys(groups, Split.TRAIN)
    num_out = 0
    # The last group is taught whatever its size: with nothing to teach there is no training.
    for group in order[:-1]:
        if num_out >= held_out * len(groups):
            break
        num_out += len(members[group])
        sides |= dict.fromkeys(members[group], Split.HELD_OUT)
    return sides


def without_twins(
    sides: Mapping[str, Split], pairs: Iterable[tuple[str, str]]
) -> tuple[dict[str, Split], list[str]]:
    """Return the sides with near-equal documents all on one side, and which were moved."""
    fixed, moved = dict(sides), []
    pairs = list(pairs)
    is_settled = False
    while not is_settled:
        is_settled = True
        for first, second in pairs:
            if fixed[first] is not fixed[second]:
                out = first if fixed[first] is Split.HELD_OUT else second
                fixed[out] = Split.TRAIN
                moved.append(out)
                is_settled = False
    return fixed, sorted(set(moved))

"""What a dataset does not teach, and why: nothing is dropped in silence.

Knows nothing of files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from docextract.core import Tree


class Why(StrEnum):
    """Why a document, a field or a row is not taught."""

    NOT_FOUND_PRINTED = "printed form not found"
    TWO_PLACES = "printed in two ways and no label tells which"
    NOT_PRINTED = "told by embedded data alone"
    ROW_NOT_FOUND = "a member of a row is not found, so the whole list is left out"
    FILE_MISSING = "file missing"
    PART = "one of several documents in its file, which is taught as a whole alone"
    HASH_DIFFERS = "the file has changed since it was labelled"
    UNREADABLE = "the document cannot be read"
    NOT_IN_GRAMMAR = "no answer the schema allows"
    NO_WORDS = "no words are known of the page"
    TOO_LONG = "question and answer do not fit the context"
    UNCLEAR = "the label is no value of its field"
    NO_FIELD = "no field is left to ask"


class LeftOut(NamedTuple):
    """One thing that is not taught.

    Attributes:
        document: its path.
        field: path of the field; empty for the whole document.
        why: the reason.
        detail: more of it, for people.
    """

    document: str
    field: str
    why: Why
    detail: str = ""

    def to_json(self) -> Tree:
        """Return a line of left_out.jsonl."""
        return {
            "document": self.document,
            "field": self.field,
            "why": self.why.value,
            "detail": self.detail,
        }


def reasons(rows: Iterable[LeftOut]) -> list[tuple[str, int]]:
    """Return how often each reason was given, most frequent first."""
    return Counter(row.why.value for row in rows).most_common()

"""One question with its printed answer, as a line of a dataset holds it.

Knows nothing of files, models or how the answer was found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from docextract.core import Box, Page, Tree, to_json
from docextract.engine.base import Question
from docextract.schema import Schema
from docextract.schema.sources.free_question import free_answer
from docextract.training.dataset.asked_schema import with_fields


class Split(StrEnum):
    """Which side of a dataset an item stands on."""

    TRAIN = "train"
    HELD_OUT = "held_out"


class ItemKind(StrEnum):
    """What is asked: fields of a schema, all text, or a question in a person's words."""

    FIELDS = "fields"
    TEXT = "text"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its printed answer.

    Attributes:
        kind: what is asked.
        path: of the document, relative to the dataset's folder.
        sha256: hash of its bytes.
        pages: numbers of the pages shown together.
        answer: tree of printed text, in the shape an engine answers.
        schema: name of the schema; empty unless fields are asked.
        fields: paths of the leaves asked, in declared order.
        instructions: a person's words.
        origin: by field path, where the value comes from.
        weight: its share of its document's questions.
        is_closer: whether it is asked as a second, closer look.
        focus: where that look goes.
        is_whole: whether all that is known of these pages is asked.
        group: documents of one group stand on one side of the split.
        split: which side.
    """

    kind: ItemKind
    path: str
    sha256: str
    pages: tuple[int, ...]
    answer: Tree
    schema: str = ""
    fields: tuple[str, ...] = ()
    instructions: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)
    weight: float = 1.0
    is_closer: bool = False
    focus: Box | None = None
    is_whole: bool = False
    group: str = ""
    split: Split = Split.TRAIN

    @property
    def id(self) -> str:
        """16 hex digits of what is asked and answered; neither split nor group count."""
        asked = {key: value for key, value in self.to_json().items() if key not in _NOT_ASKED}
        return hashlib.sha256(to_json(asked).encode()).hexdigest()[:16]

    @property
    def document_key(self) -> str:
        """What questions about the same pages share."""
        return f"{self.sha256}:{','.join(map(str, self.pages))}"

    def moved(self, split: Split, group: str) -> Item:
        """Return the item on a side of the split."""
        return replace(self, split=split, group=group)

    def question(self, pages: tuple[Page, ...], schemas: Mapping[str, Schema]) -> Question:
        """Return what an engine is asked.

        Args:
            pages: those of the item, with their pixels.
            schemas: of the dataset, by name.
        """
        is_fields = self.kind is ItemKind.FIELDS
        schema = with_fields(schemas[self.schema], self.fields) if is_fields else free_answer()
        return Question(self.sha256, pages, schema, self.instructions, self.is_closer, self.focus)

    def to_json(self) -> Tree:
        """Return the item without its id."""
        return {
            "split": self.split.value,
            "group": self.group,
            "kind": self.kind.value,
            "document": {"path": self.path, "sha256": self.sha256},
            "pages": list(self.pages),
            "schema": self.schema,
            "fields": list(self.fields),
            "instructions": self.instructions,
            "answer": self.answer,
            "origin": dict(self.origin),
            "weight": self.weight,
            "is_closer": self.is_closer,
            "focus": None if self.focus is None else list(self.focus),
            "is_whole": self.is_whole,
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """Return the item in a line of a dataset.

        Raises:
            KeyError, TypeError, ValueError: the line holds something else.
        """
        return cls(
            kind=ItemKind(row["kind"]),
            path=str(row["document"]["path"]),
            sha256=str(row["document"]["sha256"]),
            pages=tuple(map(int, row["pages"])),
            answer=dict(row["answer"]),
            schema=row["schema"],
            fields=tuple(row["fields"]),
            instructions=row["instructions"],
            origin=dict(row["origin"]),
            weight=float(row["weight"]),
            is_closer=bool(row["is_closer"]),
            focus=None if row["focus"] is None else Box(*row["focus"]),
            is_whole=bool(row["is_whole"]),
            group=row["group"],
            split=Split(row["split"]),
        )


_NOT_ASKED = ("split", "group", "weight", "origin", "is_whole")

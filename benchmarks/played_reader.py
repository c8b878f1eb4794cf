"""A reader that knows the truth of labelled documents and errs at a stated rate.

Knows nothing of what is measured with it. It copies the right value as the page prints it, or errs,
always equally sure of itself: another value of that kind printed on the page, digits that stand
nowhere, or nothing; a field that the page does not have gets such an invention at the same rate.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from docextract.core import EngineInfo, Page
from docextract.documents.pages.parts import Part
from docextract.engine.base import Answer, Question
from docextract.evaluation.labels.expected import Expected
from docextract.schema import Field, Kind, Schema, get, leaves, put_unit

SURE = 0.95
"""What the played model believes of all it says, right or wrong."""
INVENTED = {Kind.DATE: "17.03.2019", Kind.CURRENCY: "CHF", Kind.TIME: "04:44"}


class Paper(NamedTuple):
    """One labelled document: its parts, what it says, and where that stands.

    Attributes:
        source: who published it.
        printed: by path, the number of a page and what it prints there.
    """

    source: str
    parts: Sequence[Part]
    schema: Schema
    expected: Expected
    printed: Mapping[str, tuple[int, str]]

    @property
    def labelled(self) -> set[str]:
        """The paths somebody said something of."""
        return {path for path, _ in leaves(self.expected.values)}


@dataclass
class Played:
    """A reader that knows the truth, and errs at a rate.

    Attributes:
        paper: that it is shown.
        rate: 0 to 1, of errors and of inventions.
        unlabelled: what it says of fields that nobody labelled, so that their gaps do not count
            against a reader that stands alone; beside another one it says nothing of them.
        num_fields: that it was asked for so far.
    """

    paper: Paper
    rate: float
    unlabelled: Answer
    num_fields: int = 0

    info = EngineInfo("played")
    needs_images = False
    max_pages: int | None = 1
    can_look_closer = False

    def answer(self, questions: Sequence[Question]) -> list[Answer]:
        """Return an answer to each question."""
        return [self._answer(question) for question in questions]

    def close(self) -> None:
        """Nothing to free."""

    def _answer(self, question: Question) -> Answer:
        header = [item for item in question.schema.fields if "[]" not in item.path]
        self.num_fields += len(header)
        values: dict[str, Any] = {}
        for item in header:
            put_unit(values, item.path, self._say(item, question.pages[0], item.path))
        for path in question.schema.list_paths:
            put_unit(values, path, self._rows(path, question.schema, question.pages[0]))
        given = {path: SURE for path, value in leaves(values) if value is not None}
        return Answer(values, given)

    def _rows(self, path: str, schema: Schema, page: Page) -> list[dict[str, Any]]:
        """Return the rows that the page prints, of those somebody labelled."""
        said = list[dict[str, Any]]()
        for start in dict.fromkeys(
            found.partition("]")[0] for found in self.paper.printed if found.startswith(f"{path}[")
        ):
            row: dict[str, Any] = {}
            for item in schema.members(path):
                name = item.path.rpartition("].")[2]
                at = f"{start}].{name}"
                is_here = self.paper.printed.get(at, (0, ""))[0] == page.number
                put_unit(row, name, self._say(item, page, at) if is_here else None)
            if any(value is not None for _, value in leaves(row)):
                said.append(row)
        return said

    def _say(self, item: Field, page: Page, path: str) -> str | None:
        if "[" not in path and path not in self.paper.labelled:
            place = self.unlabelled.places.get(path)
            is_here = place is not None and place.page == page.number
            return get(self.unlabelled.values, path) if is_here else None
        # The same question gets the same answer, however it is asked.
        chance = random.Random(f"{question_key(self.paper)} {path} {page.number}")
        where, printed = self.paper.printed.get(path, (None, None))
        right = printed if where == page.number else None
        if chance.random() >= self.rate:
            return right
        if right is not None and chance.random() < 1 / 3:
            return None
        neighbours = [
            text
            for at, (number, text) in self.paper.printed.items()
            if number == page.number and text != right and self._kind(at) is item.kind
        ]
        if neighbours and chance.random() < 1 / 2:
            return chance.choice(neighbours)
        return _invented(item, right, chance)

    def _kind(self, path: str) -> Kind | None:
        found = self.paper.schema.field_at(path)
        return found.kind if found else None


def question_key(paper: Paper) -> str:
    """Return what names a document."""
    return paper.expected.labels.file


def _invented(item: Field, right: str | None, chance: random.Random) -> str:
    if right is not None and any(char.isdigit() for char in right):
        place = chance.choice([at for at, char in enumerate(right) if char.isdigit()])
        return (
            f"{right[:place]}{(int(right[place]) + chance.randint(1, 9)) % 10}{right[place + 1 :]}"
        )
    if item.kind.is_number:
        return f"{chance.randint(1, 9999)}.{chance.randint(0, 99):02}"
    return INVENTED.get(item.kind, f"Nobody {chance.randint(100, 999)} Ltd")

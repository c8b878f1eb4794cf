"""The questions about one document: what production will ask, in the words it will use.

Knows nothing of splits or files. How often each kind is asked is told by weights, so that a
document with many fields is not asked more than one with few.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docextract.core import Box, OptionError, Page, Tree
from docextract.engine.prompt import text_lines
from docextract.schema import Schema
from docextract.schema.sources.free_question import ANSWER, MAX_ANSWER_CHARS
from docextract.training.collect.printed_answer import Printed, PrintedDocument, nested
from docextract.training.dataset import Item, ItemKind

KINDS = ("whole", "subset", "single", "closer", "ask", "text")
_NUM_SUBSETS, _NUM_SINGLE, _NUM_ASKED, _NUM_CLOSER = 3, 3, 3, 2
MAX_TOGETHER = 2
"""Pages of one document shown in one question; longer ones are asked page by page."""
COPY_ALL = "What is printed?"
_ASKED = {
    "en": ("What is the {name}?", "{name}?", "Please copy the {name}."),
    "de": ("Wie lautet: {name}?", "{name}?"),
    "fr": ("Quel est : {name} ?", "{name} ?"),
    "es": ("¿Cuál es: {name}?", "¿{name}?"),
    "it": ("Qual è: {name}?", "{name}?"),
    "nl": ("Wat is: {name}?", "{name}?"),
}


@dataclass(frozen=True, slots=True)
class Mixture:
    """How often each kind of question is asked.

    Attributes:
        shares: by kind, of 1.
    """

    shares: Mapping[str, float]

    @classmethod
    def parse(cls, text: str) -> Mixture:
        """Return the mixture in ``whole=.5,subset=.3``, or in kinds alone, all alike.

        Raises:
            OptionError: a kind is unknown, or a share is no positive number.
        """
        shares: dict[str, float] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, share = part.partition("=")
            try:
                shares[name] = float(share or 1)
            except ValueError as error:
                raise OptionError(f"--questions: {share!r} is no share") from error
            if name not in KINDS or shares[name] <= 0:
                raise OptionError(
                    f"--questions: {part!r}", f"Kinds are {', '.join(KINDS)}; shares over 0."
                )
        total = sum(shares.values())
        if not total:
            raise OptionError("--questions names no kind", f"Kinds are {', '.join(KINDS)}.")
        return cls({name: share / total for name, share in shares.items()})


DEFAULT_MIXTURE = Mixture.parse("whole=.45,subset=.25,single=.08,closer=.07,ask=.05,text=.1")


@dataclass(frozen=True)
class Subject:
    """One document as questions see it.

    Attributes:
        path: relative to the dataset.
        sha256: hash of its bytes.
        pages: with their words.
        schema: whose fields are known; None where only its text is.
        known: what is printed where.
        origin: who said so.
    """

    path: str
    sha256: str
    pages: tuple[Page, ...]
    schema: Schema | None
    known: PrintedDocument
    origin: str = "label"


def questions(subject: Subject, mixture: Mixture, seed: int) -> list[Item]:
    """Return the items of a document, their weights summing to one for each group of pages.

    Args:
        subject: the document.
        mixture: of kinds; those that the document has nothing for leave their share to others.
        seed: of the choice of fields; the same for the same document, whatever others there are.
    """
    items: list[Item] = []
    for pages in _groups(subject.pages):
        numbers = "".join(map(str, (page.number for page in pages)))
        chance = random.Random(f"{seed}:{subject.sha256}:{numbers}")
        kinds = dict(_by_kind(_Asker(subject, pages, chance), mixture))
        total = sum(mixture.shares[kind] for kind, found in kinds.items() if found)
        for kind, found in kinds.items():
            share = round(mixture.shares[kind] / total / len(found), 6) if found else 0.0
            items += [replace(item, weight=share) for item in found]
    return items


def _groups(pages: Sequence[Page]) -> list[tuple[Page, ...]]:
    if len(pages) <= MAX_TOGETHER:
        return [tuple(pages)]
    return [(page,) for page in pages]


def _by_kind(asker: _Asker, mixture: Mixture) -> Iterator[tuple[str, list[Item]]]:
    makers = {
        "whole": asker.whole,
        "subset": asker.subsets,
        "single": asker.single,
        "closer": asker.closer,
        "ask": asker.asked,
        "text": asker.copied,
    }
    for kind in KINDS:
        if kind in mixture.shares:
            # What is asked twice is asked once: subsets of few fields are often alike.
            yield kind, list({item.id: item for item in makers[kind]()}.values())


class _Asker:
    """Makes the questions about some pages of a document."""

    def __init__(self, subject: Subject, pages: tuple[Page, ...], chance: random.Random) -> None:
        self._subject = subject
        self._pages = pages
        self._chance = chance
        numbers = {page.number for page in pages}
        is_all = len(pages) == len(subject.pages)
        self._units: dict[str, Any] = {
            path: item
            for path, item in subject.known.leaves.items()
            if item.page in numbers or (item.text is None) or (item.page is None and is_all)
        }
        self._units |= {
            path: rows
            for path, rows in subject.known.lists.items()
            if is_all or (rows and _pages_of(rows) <= numbers)
        }

    def whole(self) -> Iterator[Item]:
        """Ask for all that is known."""
        if any(map(_has_value, self._units.values())):
            yield replace(self._fields(list(self._units)), is_whole=True)

    def subsets(self) -> Iterator[Item]:
        """Ask for some of it."""
        units = list(self._units)
        for _ in range(_NUM_SUBSETS if len(units) > 2 else 0):
            yield self._fields(self._chance.sample(units, self._chance.randint(2, len(units) - 1)))

    def single(self) -> Iterator[Item]:
        """Ask for one field; one that is not there among them."""
        if len(self._units) > 1:
            for unit in self._some(_NUM_SINGLE - 1, is_there=True):
                yield self._fields([unit])
            for unit in self._some(1, is_there=False):
                yield self._fields([unit])

    def closer(self) -> Iterator[Item]:
        """Ask for one field as a second look does, where it stands."""
        for unit in self._some(_NUM_CLOSER, is_there=True):
            item = self._units[unit]
            if isinstance(item, Printed) and len(self._pages) == 1:
                yield replace(self._fields([unit]), is_closer=True, focus=_rounded(item.box))

    def asked(self) -> Iterator[Item]:
        """Ask for one field in a person's words."""
        language = self._subject.known.habits.language or "en"
        for is_there, most in ((True, _NUM_ASKED - 1), (False, 1)):
            for unit in self._some(most, is_there=is_there):
                if isinstance(self._units[unit], Printed):
                    yield self._asked(unit, language)

    def copied(self) -> Iterator[Item]:
        """Ask for all text of a page; no label is needed for it."""
        for page in self._pages:
            text = "\n".join(text_lines(page.words))
            if text and len(text) <= MAX_ANSWER_CHARS:
                origin = {ANSWER: page.word_source.value}
                yield replace(
                    self._item(ItemKind.TEXT, {ANSWER: text}, origin),
                    pages=(page.number,),
                    instructions=COPY_ALL,
                )

    def _some(self, most: int, *, is_there: bool) -> list[str]:
        units = [unit for unit, item in self._units.items() if _has_value(item) is is_there]
        return sorted(self._chance.sample(units, min(most, len(units))))

    def _fields(self, units: Sequence[str]) -> Item:
        schema = self._subject.schema
        assert schema is not None
        paths = [path for unit in units for path in self._paths(unit)]
        ordered = [item.path for item in schema.fields if item.path in set(paths)]
        answer = nested({unit: self._answer(unit) for unit in _in_order(units, ordered)})
        origin = dict.fromkeys(sorted(units), self._subject.origin)
        item = self._item(ItemKind.FIELDS, answer, origin)
        return replace(item, schema=schema.name, fields=tuple(ordered))

    def _paths(self, unit: str) -> list[str]:
        item = self._units[unit]
        if isinstance(item, Printed):
            return [unit]
        schema = self._subject.schema
        assert schema is not None
        names = list(item[0]) if item else _members(schema, unit)
        return [f"{unit}[].{name}" if name else f"{unit}[]" for name in names]

    def _answer(self, unit: str) -> Any:
        item = self._units[unit]
        if isinstance(item, Printed):
            return item.text
        return [_row_tree(row) for row in item]

    def _asked(self, unit: str, language: str) -> Item:
        schema = self._subject.schema
        leaf = None if schema is None else schema.field_at(unit)
        names = [unit.rpartition(".")[2].replace("_", " "), *(leaf.labels[:4] if leaf else ())]
        words = self._chance.choice(_ASKED.get(language, _ASKED["en"]))
        item = self._item(
            ItemKind.ASK, {ANSWER: self._units[unit].text}, {ANSWER: self._subject.origin}
        )
        return replace(item, instructions=words.format(name=self._chance.choice(names)))

    def _item(self, kind: ItemKind, answer: Tree, origin: Mapping[str, str]) -> Item:
        subject = self._subject
        numbers = tuple(page.number for page in self._pages)
        return Item(kind, subject.path, subject.sha256, numbers, answer, origin=origin)


def _rounded(box: Box | None) -> Box | None:
    return None if box is None else Box(*(round(edge, 5) for edge in box))


def _members(schema: Schema, unit: str) -> list[str]:
    return [item.path.partition("[]")[2].removeprefix(".") for item in schema.members(unit)]


def _in_order(units: Sequence[str], paths: Sequence[str]) -> list[str]:
    """Return units in the order that their leaves are declared in."""
    order = list(dict.fromkeys(path.partition("[]")[0] for path in paths))
    return sorted(units, key=order.index)


def _has_value(item: Any) -> bool:
    return item.text is not None if isinstance(item, Printed) else bool(item)


def _row_tree(row: Mapping[str, Printed]) -> Any:
    if list(row) == [""]:
        return row[""].text
    return nested({name: item.text for name, item in row.items()})


def _pages_of(rows: Sequence[Mapping[str, Printed]]) -> set[int]:
    return {item.page for row in rows for item in row.values() if item.page is not None}

"""From typed values to the text printed on the page: only what is found there is taught.

Knows nothing of questions or files. A value whose print is not found is left out of the question,
never taught as null; null is taught only where the truth says that nothing is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from docextract.core import Box, Match, Page, Tree
from docextract.engine.answers.answer_json import MAX_ROWS, answer_schema, fitted
from docextract.normalise import NO_EVIDENCE, LocaleEvidence, gather_evidence
from docextract.schema import Field, Schema
from docextract.training.collect.labelled_documents import Labelled
from docextract.training.dataset import Why, with_fields
from docextract.verify.grounding.grounder import Grounder
from docextract.verify.value import Grounded

_IS_PRINTED = (Match.EXACT, Match.NORMALIZED)
"""A fuzzy match is text that OCR read otherwise: it would teach the slip."""


class Printed(NamedTuple):
    """How and where a value is printed; ``text`` is None where the truth says nothing is there."""

    text: str | None
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True)
class PrintedDocument:
    """What can be taught of a document.

    Attributes:
        leaves: outside lists, by path.
        lists: rows of leaves by path in the row, by path of the list.
        lost: fields that cannot be taught, with the reason.
        habits: of the document, such as its language.
    """

    leaves: Mapping[str, Printed] = field(default_factory=dict)
    lists: Mapping[str, list[dict[str, Printed]]] = field(default_factory=dict)
    lost: tuple[tuple[str, Why], ...] = ()
    habits: LocaleEvidence = NO_EVIDENCE


def printed(document: Labelled, pages: Sequence[Page]) -> PrintedDocument:
    """Return how what is known of a document is printed on its pages.

    Args:
        document: with typed values.
        pages: with their words.
    """
    if document.schema is None:
        return PrintedDocument(habits=_habits(pages))
    finder = _Finder(document, document.schema, pages)
    return finder.find()


def _habits(pages: Sequence[Page]) -> LocaleEvidence:
    return gather_evidence(" ".join(word.text for word in page.words) for page in pages)


class _Lost(Exception):
    """A value cannot be taught."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class _Finder:
    """Looks for the values of one document."""

    def __init__(self, document: Labelled, schema: Schema, pages: Sequence[Page]) -> None:
        self._document = document
        self._schema = schema
        self._habits = _habits(pages)
        self._grounder = Grounder(pages, self._habits)
        self._lost: list[tuple[str, Why]] = []

    def find(self) -> PrintedDocument:
        leaves = dict(self._leaves())
        lists = dict(self._lists())
        return PrintedDocument(leaves, lists, tuple(self._lost), self._habits)

    def _leaves(self) -> Iterator[tuple[str, Printed]]:
        for leaf in self._schema.fields:
            if leaf.list_path is None:
                value = _at(self._document.values, leaf.path)
                if value is not _UNKNOWN:
                    yield from self._tried(leaf, value)

    def _tried(self, leaf: Field, value: Any) -> Iterator[tuple[str, Printed]]:
        try:
            yield leaf.path, self._printed(leaf, value, leaf.path)
        except _Lost as lost:
            self._lost.append((leaf.path, lost.why))

    def _lists(self) -> Iterator[tuple[str, list[dict[str, Printed]]]]:
        for path in self._schema.list_paths:
            rows = _at(self._document.values, path)
            # Lists in lists are not taught: no document of ours has shown one.
            if not isinstance(rows, list) or "[]" in path:
                continue
            try:
                yield path, self._rows(path, rows)
            except _Lost as lost:
                self._lost.append((path, lost.why))

    def _rows(self, path: str, rows: list[Any]) -> list[dict[str, Printed]]:
        if len(rows) > MAX_ROWS:
            raise _Lost(Why.NOT_IN_GRAMMAR)
        members = {item.path.partition("[].")[2]: item for item in self._schema.members(path)}
        known = [
            name for name in members if rows and all(_at(r, name) is not _UNKNOWN for r in rows)
        ]
        columns = {name: self._column(path, rows, name, members[name]) for name in known}
        shown = {name: cells for name, cells in columns.items() if any(cells)}
        if rows and (not shown or not all(map(all, shown.values()))):
            raise _Lost(Why.ROW_NOT_FOUND)
        self._lost += [
            (f"{path}[].{name}", Why.NOT_FOUND_PRINTED) for name in columns.keys() - shown.keys()
        ]
        return [
            {name: cell for name, cells in shown.items() if (cell := cells[index])}
            for index in range(len(rows))
        ]

    def _column(self, path: str, rows: list[Any], name: str, leaf: Field) -> list[Printed | None]:
        """Return one member of all rows; None where it cannot be taught.

        A member that is printed in no row, such as a unit's code, is not asked; one that is
        found in some rows alone spoils the list.
        """
        cells: list[Printed | None] = []
        for index, row in enumerate(rows):
            try:
                cells.append(self._printed(leaf, _at(row, name), f"{path}[{index}].{name}"))
            except _Lost:
                cells.append(None)
        return cells

    def _printed(self, leaf: Field, value: Any, path: str) -> Printed:
        if value is None:
            return Printed(None)
        unprinted = self._document.not_printed
        if not unprinted.isdisjoint((path, leaf.path, leaf.list_path or leaf.path)):
            raise _Lost(Why.NOT_PRINTED)
        if leaf.choices:
            return self._choice(leaf, str(value))
        best = self._best(leaf, str(value))
        text = best.evidence.quote
        alone = with_fields(self._schema, (leaf.path,))
        if "[]" not in leaf.path and not _is_allowed(nested({leaf.path: text}), alone):
            raise _Lost(Why.NOT_IN_GRAMMAR)
        return Printed(text, best.evidence.page, best.evidence.box)

    def _choice(self, leaf: Field, value: str) -> Printed:
        if value not in leaf.choices:
            raise _Lost(Why.NOT_IN_GRAMMAR)
        return Printed(value)

    def _best(self, leaf: Field, value: str) -> Grounded:
        places = self._grounder.ground(leaf, value, value)
        found = [place for place in places if place.evidence.match in _IS_PRINTED]
        if not found:
            raise _Lost(Why.NOT_FOUND_PRINTED)
        rivals = {_core(place.evidence.quote) for place in found if place.fit >= found[0].fit}
        if len(rivals) > 1:
            raise _Lost(Why.TWO_PLACES)
        return found[0]


def _core(text: str) -> str:
    """Return a print without signs of currency and punctuation around it: one amount, two looks."""
    return re.sub(r"^[^\w+-]+|[^\w]+$", "", text.casefold())


def _is_allowed(answer: Tree, schema: Schema) -> bool:
    """Whether an answer is one that its grammar accepts."""
    return fitted(answer, answer_schema(schema)) == answer


def nested(leaves: Mapping[str, Any]) -> Tree:
    """Return a tree of leaves or rows given by path, such as ``totals.gross``."""
    tree: Tree = {}
    for path, value in leaves.items():
        *parents, last = path.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return tree


_UNKNOWN = object()


def _at(tree: Any, path: str) -> Any:
    for name in re.split(r"\.", path):
        if not isinstance(tree, dict) or name not in tree:
            return _UNKNOWN
        tree = tree[name]
    return tree

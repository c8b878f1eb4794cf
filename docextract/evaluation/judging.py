"""Judges one document: each value against the truth, rows of a list paired at best.

Knows nothing of files or of other documents.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from docextract.evaluation.assignment import assign
from docextract.evaluation.comparing import is_right
from docextract.evaluation.expected import Expected
from docextract.evaluation.given import Claim, Given
from docextract.schema.fields import Field, Schema

_UNKNOWN: Final = object()


class Verdict(StrEnum):
    """What became of one value; ``absent``: rightly not given."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSED = "missed"
    FABRICATED = "fabricated"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One value and what became of it.

    Attributes:
        path: where the record has the value; of a missed row, where the truth has it.
        verdict: what became of it.
        truth: what it should be; None where nothing is there.
        value: what the record says, or None.
        claim: how sure the record is; None where it says nothing of that path.
    """

    path: str
    verdict: Verdict
    truth: str | None
    value: str | None
    claim: Claim | None

    @property
    def field_path(self) -> str:
        """The path in the schema, such as ``lines[].net``."""
        return re.sub(r"\[\d+\]", "[]", self.path)

    @property
    def is_given(self) -> bool:
        """Whether the record gives a value, right or not."""
        return self.value is not None


@dataclass(frozen=True, slots=True)
class RowJudgement:
    """One row of a list: of the truth, of the record, or of both where they were paired.

    Attributes:
        list_path: such as ``lines``.
        has_truth: whether the truth has it.
        has_given: whether the record has it.
        known: members the truth has a value for.
        right: those of them that the record has right.
    """

    list_path: str
    has_truth: bool
    has_given: bool
    known: frozenset[str] = frozenset()
    right: frozenset[str] = frozenset()

    @property
    def is_found(self) -> bool:
        """Whether more than half of what is known of the row is right."""
        return 2 * len(self.right) > len(self.known)

    @property
    def is_whole(self) -> bool:
        """Whether all that is known of the row is right."""
        return bool(self.known) and self.right == self.known


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """What became of one labelled document.

    Attributes:
        path: as the run shows it, or as the labels name it where no run has read it.
        given: its record, or None.
        values: a judgement for every value that can be judged.
        rows: a judgement for every row.
    """

    path: str
    given: Given | None
    values: tuple[Judgement, ...] = ()
    rows: tuple[RowJudgement, ...] = ()

    def with_verdict(self, verdict: Verdict) -> list[Judgement]:
        """Return the values of one verdict."""
        return [item for item in self.values if item.verdict is verdict]


def judge(expected: Expected, given: Given | None, schema: Schema) -> DocumentScore:
    """Return what became of every value whose truth is known.

    What is not printed counts only for a record that read the embedded data. A document
    without a record has missed everything.
    """
    judge = _Judge(schema, given, expected.not_printed)
    judge.visit("", expected.values, given.values if given else {}, "", "")
    path = given.path if given else expected.labels.file
    return DocumentScore(path, given, tuple(judge.values), tuple(judge.rows))


@dataclass
class _Judge:
    schema: Schema
    given: Given | None
    not_printed: frozenset[str]
    values: list[Judgement] = field(default_factory=list)
    rows: list[RowJudgement] = field(default_factory=list)

    def visit(self, inside: str, truth: Any, value: Any, truth_at: str, value_at: str) -> None:
        """Judge the leaves of the whole tree or of one row, then the lists in it.

        Args:
            inside: path of the list the row belongs to, such as ``lines``; empty at the top.
            truth: the row in the truth.
            value: the row in the record, or None where there is no such row.
            truth_at: the row's concrete path in the truth, such as ``lines[2]``.
            value_at: the same in the record.
        """
        for leaf in self.schema.fields:
            if (leaf.list_path or "") == inside:
                tail = _tail(leaf.path, inside)
                wanted, found = _at(truth, tail), _at(value, tail)
                if wanted is not _UNKNOWN and not self._is_unfair(_join(truth_at, tail)):
                    at = _join(truth_at if value is None else value_at, tail)
                    self._leaf(leaf, wanted, None if found is _UNKNOWN else found, at)
        for list_path in self.schema.list_paths:
            if list_path.rpartition("[]")[0] == inside:
                tail = _tail(list_path, inside)
                wanted, found = _at(truth, tail), _at(value, tail)
                if isinstance(wanted, list) and not self._is_unfair(_join(truth_at, tail)):
                    rows = found if isinstance(found, list) else []
                    places = _join(truth_at, tail), _join(value_at, tail)
                    self._list(list_path, wanted, rows, *places)

    def _is_unfair(self, path: str) -> bool:
        """Whether nobody who reads the page alone could know a value."""
        if self.given is not None and self.given.has_embedded:
            return False
        return not self.not_printed.isdisjoint((path, re.sub(r"\[\d+\]", "[]", path)))

    def _leaf(self, leaf: Field, truth: Any, value: Any, path: str) -> None:
        found = None if value is None else str(value)
        claim = self.given.claims.get(path) if self.given and found is not None else None
        self.values.append(Judgement(path, _verdict(leaf, truth, found), truth, found, claim))

    def _list(
        self, list_path: str, truth: list[Any], given: list[Any], truth_at: str, given_at: str
    ) -> None:
        members = _members(self.schema, list_path)
        right = _agreement(truth, given, members)
        gains = [[_gain(names, members) for names in row] for row in right]
        pairs = {t: g for t, g in assign(gains) if right[t][g]}
        for index, row in enumerate(truth):
            other = pairs.get(index)
            at = f"{truth_at}[{index}]", f"{given_at}[{other}]"
            self.visit(list_path, row, None if other is None else given[other], *at)
            known = frozenset(name for name in members if _at(row, name) not in (_UNKNOWN, None))
            agreed = frozenset(() if other is None else right[index][other])
            self.rows.append(RowJudgement(list_path, True, other is not None, known, agreed))
        labelled = {name for row in truth for name in members if _at(row, name) is not _UNKNOWN}
        for index in sorted(set(range(len(given))) - set(pairs.values())):
            self.rows.append(RowJudgement(list_path, False, True))
            self._extra(given[index], members, labelled or set(members), f"{given_at}[{index}]")

    def _extra(self, row: Any, members: dict[str, Field], labelled: set[str], at: str) -> None:
        """Judge a row that the truth does not have: what it gives is fabricated."""
        for name, leaf in members.items():
            value = _at(row, name)
            if name in labelled and value not in (_UNKNOWN, None):
                self._leaf(leaf, None, value, _join(at, name))


def _verdict(leaf: Field, truth: str | None, value: str | None) -> Verdict:
    if value is None:
        return Verdict.ABSENT if truth is None else Verdict.MISSED
    if truth is None:
        return Verdict.FABRICATED
    return Verdict.RIGHT if is_right(value, truth, leaf) else Verdict.WRONG


def _members(schema: Schema, list_path: str) -> dict[str, Field]:
    return {_tail(leaf.path, list_path): leaf for leaf in schema.members(list_path)}


def _agreement(
    truth: list[Any], given: list[Any], members: dict[str, Field]
) -> list[list[set[str]]]:
    """Return, for each row of the truth and each of the record, the members that agree.

    Every two texts are compared once, however many rows hold them.
    """
    agreed: list[list[set[str]]] = [[set() for _ in given] for _ in truth]
    for name, leaf in members.items():
        found = _rows_by_text(given, name)
        for wanted, indexes in _rows_by_text(truth, name).items():
            for text, others in found.items():
                if is_right(text, wanted, leaf):
                    for index, other in itertools.product(indexes, others):
                        agreed[index][other].add(name)
    return agreed


def _rows_by_text(rows: list[Any], name: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        value = _at(row, name)
        if value not in (_UNKNOWN, None):
            found.setdefault(str(value), []).append(index)
    return found


def _gain(right: set[str], members: Iterable[str]) -> float:
    """Return how well two rows fit: members that agree, ties broken by which they are.

    Without the tie-break the counts per member could depend on the order of the rows.
    """
    return sum(1 + index / 1000 for index, name in enumerate(members) if name in right)


def _tail(path: str, inside: str) -> str:
    """Return a path from a row of the list ``inside``; empty where the row is the leaf."""
    return path[len(inside) + 2 :].removeprefix(".") if inside else path


def _at(tree: Any, tail: str) -> Any:
    for name in tail.split(".") if tail else ():
        tree = tree.get(name, _UNKNOWN) if isinstance(tree, dict) else _UNKNOWN
    return tree


def _join(at: str, tail: str) -> str:
    return f"{at}.{tail}" if at and tail else at or tail

"""Judges one document: each value against the truth, list rows after they were paired.

Knows nothing of files or of other documents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from docextract.evaluation.judging.given import Given
from docextract.evaluation.judging.value_match import is_right
from docextract.evaluation.judging.verdicts import DocumentScore, Judgement, RowJudgement, Verdict
from docextract.evaluation.labels.expected import Expected
from docextract.evaluation.matching.rows import UNKNOWN, Members, known_members, pair_rows, value_at
from docextract.schema import Field, Schema


def judge(expected: Expected, given: Given | None, schema: Schema) -> DocumentScore:
    """Return what became of every value whose truth is known.

    What is not printed counts only for a record that read the embedded data. A document
    without a record has missed everything.
    """
    court = _Court(schema, given, expected.not_printed)
    values = given.values if given else {}
    court.visit("", _Side(expected.values, ""), _Side(values, ""))
    path = given.path if given else expected.labels.file
    return DocumentScore(path, given, tuple(court.values), tuple(court.rows))


class _Side(NamedTuple):
    """A whole tree or one row of it, and where it stands; ``tree`` is None for no row."""

    tree: Any
    at: str

    def path_of(self, tail: str) -> str:
        return f"{self.at}.{tail}" if self.at and tail else self.at or tail


@dataclass
class _Court:
    """Collects judgements while the truth and a record are walked side by side."""

    schema: Schema
    given: Given | None
    not_printed: frozenset[str]
    values: list[Judgement] = field(default_factory=list)
    rows: list[RowJudgement] = field(default_factory=list)

    def visit(self, inside: str, truth: _Side, given: _Side) -> None:
        """Judge the leaves of the tree, or of one row of the list ``inside``, then its lists."""
        for leaf in self.schema.fields:
            if (leaf.list_path or "") == inside:
                self._compare(leaf, _tail(leaf.path, inside), truth, given)
        for list_path in self.schema.list_paths:
            if list_path.rpartition("[]")[0] == inside:
                self._compare_rows(list_path, _tail(list_path, inside), truth, given)

    def _compare(self, leaf: Field, tail: str, truth: _Side, given: _Side) -> None:
        wanted, found = value_at(truth.tree, tail), value_at(given.tree, tail)
        if wanted is not UNKNOWN and not self._is_unfair(truth.path_of(tail)):
            side = truth if given.tree is None else given
            self._judge(leaf, wanted, None if found is UNKNOWN else found, side.path_of(tail))

    def _judge(self, leaf: Field, truth: Any, value: Any, path: str) -> None:
        found = None if value is None else str(value)
        claim = self.given.claims.get(path) if self.given and found is not None else None
        self.values.append(Judgement(path, _verdict(leaf, truth, found), truth, found, claim))

    def _is_unfair(self, path: str) -> bool:
        """Whether nobody who reads the page alone could know a value of the truth."""
        if self.given is not None and self.given.has_embedded:
            return False
        return not self.not_printed.isdisjoint((path, re.sub(r"\[\d+\]", "[]", path)))

    def _compare_rows(self, list_path: str, tail: str, truth: _Side, given: _Side) -> None:
        wanted, found = value_at(truth.tree, tail), value_at(given.tree, tail)
        if not isinstance(wanted, list) or self._is_unfair(truth.path_of(tail)):
            return
        found = found if isinstance(found, list) else []
        members = {_tail(leaf.path, list_path): leaf for leaf in self.schema.members(list_path)}
        pairs = pair_rows(wanted, found, members)
        for index, row in enumerate(wanted):
            other, agreed = pairs.get(index, (None, frozenset()))
            own = _Side(row, f"{truth.path_of(tail)}[{index}]")
            partner = None if other is None else found[other]
            self.visit(list_path, own, _Side(partner, f"{given.path_of(tail)}[{other}]"))
            self._judge_row(list_path, own, members, other is not None, agreed)
        extra = set(range(len(found))) - {other for other, _ in pairs.values()}
        labelled = [
            name for name in members if any(value_at(w, name) is not UNKNOWN for w in wanted)
        ]
        for index in sorted(extra):
            side = _Side(found[index], f"{given.path_of(tail)}[{index}]")
            self._judge_extra(list_path, side, members, labelled or list(members))

    def _judge_row(
        self, list_path: str, row: _Side, members: Members, has_given: bool, agreed: frozenset[str]
    ) -> None:
        known = known_members(row.tree, members)
        fair = frozenset(name for name in known if not self._is_unfair(row.path_of(name)))
        if fair:
            self.rows.append(RowJudgement(list_path, True, has_given, fair, agreed & fair))

    def _judge_extra(
        self, list_path: str, row: _Side, members: Members, labelled: list[str]
    ) -> None:
        """Judge a row that the truth does not have: what it gives is fabricated."""
        self.rows.append(RowJudgement(list_path, False, True))
        for name in labelled:
            value = value_at(row.tree, name)
            if value not in (UNKNOWN, None):
                self._judge(members[name], None, value, row.path_of(name))


def _verdict(leaf: Field, truth: str | None, value: str | None) -> Verdict:
    if value is None:
        return Verdict.ABSENT if truth is None else Verdict.MISSED
    if truth is None:
        return Verdict.FABRICATED
    return Verdict.RIGHT if is_right(value, truth, leaf) else Verdict.WRONG


def _tail(path: str, inside: str) -> str:
    """Return a path from a row of the list ``inside``; empty where the row is the leaf."""
    return path[len(inside) + 2 :].removeprefix(".") if inside else path

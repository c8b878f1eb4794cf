"""Merges several readings of one document into one tree, by stated rules.

Knows nothing of pages or stores. The rules: embedded e-invoice data wins over a reading of
the page; between page answers the first value wins and a differing later one is kept as a
second reading; list rows are concatenated in page order. No disagreement is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, utils

from docextract.engine.base import Alternative, Answer, Place, StopReason
from docextract.normalise.values import same_value
from docextract.records import Tree
from docextract.schema import Comparison, Field, Kind, Schema

_SAME_WORDS = 75.0
"""rapidfuzz token set ratio from which two addresses or texts say the same."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources say different things of one field."""

    path: str
    chosen: str
    other: str


@dataclass(frozen=True, slots=True)
class Merged:
    """One tree of values and the disagreements met on the way.

    ``quotes`` holds, by path, the text of each value that embedded data gave.
    """

    values: Tree
    disagreements: tuple[Disagreement, ...] = ()
    quotes: Mapping[str, str] = field(default_factory=dict)


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of a value tree with its concrete path, such as ``lines[0].net``."""
    if isinstance(tree, Mapping):
        for key, child in tree.items():
            yield from leaves(child, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, list):
        for index, child in enumerate(tree):
            yield from leaves(child, f"{path}[{index}]")
    else:
        yield path, tree


def merge_answers(answers: Sequence[Answer]) -> tuple[Answer, tuple[Disagreement, ...]]:
    """Return one answer for a document asked page by page, and what pages disagree on.

    Scalars: the first page that has one wins; alternatives of all pages are kept. Lists: rows
    in page order.
    """
    if len(answers) == 1:
        return answers[0], ()
    absorbed = _Absorbed()
    for answer in answers:
        for old, new in absorbed.add(absorbed.values, answer.values):
            if old in answer.probabilities:
                absorbed.probabilities[new] = answer.probabilities[old]
            if old in answer.places:
                absorbed.places[new] = answer.places[old]
        for path, found in (answer.alternatives or {}).items():
            absorbed.alternatives[path] = (*absorbed.alternatives.get(path, ()), *found)
    merged = Answer(
        absorbed.values,
        absorbed.probabilities,
        absorbed.places,
        _worst_stop(answers),
        merge_usage(answers),
        absorbed.alternatives if any(a.alternatives is not None for a in answers) else None,
    )
    return merged, tuple(absorbed.disagreements)


class _Absorbed:
    """A tree that takes in one answer after another."""

    def __init__(self) -> None:
        self.values: Tree = {}
        self.probabilities: dict[str, float] = {}
        self.places: dict[str, Place] = {}
        self.alternatives: dict[str, tuple[Alternative, ...]] = {}
        self.disagreements: list[Disagreement] = []

    def add(
        self, target: Tree, source: Tree, old: str = "", new: str = ""
    ) -> Iterator[tuple[str, str]]:
        """Copy what ``target`` lacks; yield which leaf path went where."""
        for key, child in source.items():
            at_old, at_new = f"{old}{key}", f"{new}{key}"
            if isinstance(child, dict):
                group = target.setdefault(key, {})
                yield from self.add(group, child, f"{at_old}.", f"{at_new}.")
            elif isinstance(child, list):
                rows = target.setdefault(key, [])
                offset = len(rows)
                rows.extend(child)
                for path, _ in leaves(child):
                    index, rest = path[1:].split("]", 1)
                    yield f"{at_old}{path}", f"{at_new}[{int(index) + offset}]{rest}"
            elif target.get(key) is None:
                target[key] = child
                yield at_old, at_new
            elif child is not None and child != target[key]:
                self.disagreements.append(Disagreement(at_new, target[key], child))


def _worst_stop(answers: Sequence[Answer]) -> StopReason:
    stops = {answer.stop_reason for answer in answers}
    ranked = (StopReason.REPETITION, StopReason.LENGTH)
    return next((stop for stop in ranked if stop in stops), StopReason.END)


def merge_usage(answers: Sequence[Answer]) -> dict[str, float]:
    """Return the sums of what answers counted, by name."""
    total: dict[str, float] = {}
    for answer in answers:
        for name, amount in answer.usage.items():
            total[name] = total.get(name, 0) + amount
    return total


def merge_embedded(embedded: Tree, read: Tree, schema: Schema, quotes: Mapping[str, str]) -> Merged:
    """Return embedded e-invoice values completed by what was read from the page.

    Args:
        embedded: typed values from the XML, in the schema's paths.
        read: typed values read from the page.
        schema: whose leaves are compared by their own comparison.
        quotes: by path, the text of each embedded value.
    """
    values = _overlay(embedded, _without_amounts_beside(embedded, read, schema))
    embedded_leaves = {path: value for path, value in leaves(embedded) if value is not None}
    read_leaves = dict(leaves(read))
    disagreements = tuple(
        Disagreement(path, value, other)
        for path, value in embedded_leaves.items()
        if "[" not in path
        and (other := read_leaves.get(path)) is not None
        and (item := schema.field_at(path)) is not None
        and not _agrees(value, other, item)
    )
    return Merged(values, disagreements, quotes)


def _agrees(value: str, other: str, field: Field) -> bool:
    """Whether a page says the same as the XML, in whatever words.

    A page may leave out a contact's name or a country that the XML has, so running text
    counts as different only where its words are; titles are too weak a reading to count.
    """
    if field.kind is Kind.ENUM or same_value(value, other, field):
        return True
    is_text = field.comparison is Comparison.SIMILAR and field.kind is not Kind.NAME
    ratio = fuzz.token_set_ratio(value, other, processor=utils.default_process)
    return is_text and ratio >= _SAME_WORDS


def _without_amounts_beside(embedded: Tree, read: Tree, schema: Schema) -> Tree:
    """Return what was read without groups in which the XML states amounts.

    Its totals are complete and add up; one more amount from the page would break them.
    """
    kept = dict(read)
    for name, group in embedded.items():
        if isinstance(group, dict) and any(
            value is not None
            and (field := schema.field_at(f"{name}.{path}")) is not None
            and field.kind is Kind.MONEY
            for path, value in leaves(group)
        ):
            kept.pop(name, None)
    return kept


def _overlay(top: Tree, bottom: Tree) -> Tree:
    """Return ``top`` with gaps filled from ``bottom``; lists are never mixed."""
    merged = dict(bottom)
    for key, value in top.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _overlay(value, below)
        elif value not in (None, []):
            merged[key] = value
        else:
            merged.setdefault(key, value)
    return merged

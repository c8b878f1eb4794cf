"""Merges several readings of one document into one tree, by stated rules.

Knows nothing of pages or stores. The rules: embedded e-invoice data wins over a reading of
the page; between page answers the first value wins and a differing later one is kept as a
second reading; list rows are concatenated in page order. No disagreement is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, utils

from docextract.core import Alternative, Place, Tree
from docextract.engine.base import Answer, StopReason
from docextract.normalise import Reading, same_value
from docextract.schema import Comparison, Field, Kind, Schema, leaves, unit_of
from docextract.verify.value import Disagreement, FieldValue, FieldValues, Opinion

_SAME_WORDS = 75.0
"""rapidfuzz token set ratio from which two addresses or texts say the same."""


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
            if old in answer.second_odds:
                absorbed.second_odds[new] = answer.second_odds[old]
        for path, found in (answer.alternatives or {}).items():
            absorbed.alternatives[path] = (*absorbed.alternatives.get(path, ()), *found)
    merged = Answer(
        absorbed.values,
        absorbed.probabilities,
        absorbed.places,
        _worst_stop(answers),
        merge_usage(answers),
        absorbed.alternatives if any(a.alternatives is not None for a in answers) else None,
        second_odds=absorbed.second_odds,
    )
    return merged, tuple(absorbed.disagreements)


class _Absorbed:
    """A tree that takes in one answer after another."""

    def __init__(self) -> None:
        self.values: Tree = {}
        self.probabilities: dict[str, float] = {}
        self.places: dict[str, Place] = {}
        self.second_odds: dict[str, float] = {}
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


def merge_embedded(embedded: FieldValues, read: FieldValues) -> FieldValues:
    """Return embedded e-invoice values completed by what was read from the page.

    A value of the embedded data keeps its print: what the page shows at its path.

    Args:
        embedded: values with quotes from the XML.
        read: values of the page, in the same schema.
    """
    whole = _groups_with_amounts(embedded)
    stated, printed = _by_unit(embedded), _by_unit(read)
    units = dict.fromkeys(unit_of(item.path) for item in read.schema.fields)
    merged = list[FieldValue]()
    for unit in sorted(units, key=lambda unit: _head(unit) in whole):
        rows = stated.get(unit, [])
        # Rows that hold nothing are no rows, so a list that has some is said.
        if _head(unit) in whole or any(item.value is not None for item in rows):
            merged += [_stated(item, read.get(item.path)) for item in rows]
        else:
            merged += printed.get(unit, [])
    return FieldValues(read.schema, merged, last=whole)


def _by_unit(values: FieldValues) -> dict[str, list[FieldValue]]:
    units: dict[str, list[FieldValue]] = {}
    for path, value in values.items():
        units.setdefault(unit_of(path), []).append(value)
    return units


def _head(unit: str) -> str:
    return unit.partition(".")[0]


def _groups_with_amounts(embedded: FieldValues) -> frozenset[str]:
    """Return the groups in which the XML states amounts; nothing of the page is added to them.

    Its totals are complete and add up; one more amount from the page would break them.
    """
    return frozenset(
        _head(path)
        for path, item in embedded.items()
        if item.value is not None and item.field.kind is Kind.MONEY and "." in unit_of(path)
    )


def _stated(value: FieldValue, beside: FieldValue | None) -> FieldValue:
    """Return an embedded value beside what was read at its path."""
    if beside is None:
        return value
    return replace(
        beside,
        value=value.value,
        quote=value.quote,
        disagreement=_difference(value, beside) or beside.disagreement,
    )


def _difference(value: FieldValue, beside: FieldValue) -> Disagreement | None:
    said, read = value.value, beside.value
    if said is None or read is None or "[" in value.path or _agrees(said, read, value.field):
        return None
    return Disagreement(value.path, said, read)


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


def named(values: FieldValues, reader: str) -> FieldValues:
    """Return values that say who read them; what embedded data give, no reader gave."""

    def said(value: FieldValue) -> FieldValue:
        is_read = value.value is not None and value.quote is None
        return replace(value, readers=(reader,)) if is_read else value

    return values.map(said)


def compare(first: FieldValues, second: FieldValues, chosen: FieldValues) -> dict[str, Opinion]:
    """Return what each of two readers says of the chosen values, by path.

    A reader of a list with another number of rows than the chosen one has says nothing of its
    cells. What embedded data give, no reader gave.

    Args:
        first: what the one reader makes of the document; ``readers`` of its values name it.
        second: likewise; of fields it was not asked for it has no value.
        chosen: the values that stand.
    """
    return {
        path: _opinion(value, [_said(reading, value, chosen) for reading in (first, second)])
        for path, value in chosen.items()
        if value.value is not None and value.quote is None
    }


def _said(reading: FieldValues, value: FieldValue, chosen: FieldValues) -> FieldValue | None:
    rows = value.path.partition("[")[0]
    said = reading.get(value.path)
    is_same_list = "[" not in value.path or reading.num_rows(rows) == chosen.num_rows(rows)
    return said if said is not None and said.value is not None and is_same_list else None


def _opinion(value: FieldValue, said: Iterable[FieldValue | None]) -> Opinion:
    readers, other = list[str](), None
    for item in said:
        if item is None or item.value is None or value.value is None:
            continue
        if same_value(item.value, value.value, value.field):
            readers += item.readers
        elif not _agrees(item.value, value.value, value.field):
            other = other or item.value
    return Opinion(tuple(dict.fromkeys(readers)), other)


def with_opinions(values: FieldValues, opinions: Mapping[str, Opinion]) -> FieldValues:
    """Return values with who gave them, and with what another reader gave instead."""

    def judged(value: FieldValue) -> FieldValue:
        opinion = opinions.get(value.path)
        if opinion is None or value.value is None:
            return value
        other = opinion.other
        told = Disagreement(value.path, value.value, other) if other is not None else None
        return replace(value, readers=opinion.readers, disagreement=value.disagreement or told)

    return values.map(judged) if opinions else values


def values_of(
    schema: Schema,
    readings: Mapping[str, Reading],
    answer: Answer | None = None,
    disagreements: Iterable[Disagreement] = (),
) -> FieldValues:
    """Return a document's values as they were read.

    Args:
        schema: of the answer.
        readings: of each leaf by concrete path, in order, as ``normalise_tree`` gives them.
        answer: what the engine said.
        disagreements: what its pages disagree on.
    """
    answer = answer or Answer({})
    others = {item.path: item for item in disagreements}
    return FieldValues(
        schema,
        (
            _value_of(field, path, reading, answer, others.get(path))
            for path, reading in readings.items()
            if (field := schema.field_at(path)) is not None
        ),
    )


def _value_of(
    field: Field, path: str, reading: Reading, answer: Answer, disagreement: Disagreement | None
) -> FieldValue:
    # Rows that hold nothing are dropped, so a leaf may stand elsewhere in the answer.
    source = reading.source_path or path
    weighed = answer.alternatives
    return FieldValue(
        path,
        field,
        reading.value,
        reading,
        answer.places.get(source),
        answer.probabilities.get(source),
        None if weighed is None else weighed.get(path, ()),
        second_odds=answer.second_odds.get(source),
        disagreement=disagreement,
    )

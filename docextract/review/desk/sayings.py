"""Makes a label of what a person did to one value, seen against how the record stands now.

Knows nothing of files: record and earlier labels in, the next label out.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from docextract.core import Box, FieldStatus, OptionError, OvertakenError, Tree
from docextract.review.labels.label import (
    DOCUMENT,
    NOWHERE,
    Action,
    Label,
    Spot,
    alive,
    standing,
)
from docextract.review.overlay.reviewed_rows import leaves
from docextract.schema import Schema, at, put, unit_of

Show = Callable[[Tree, Mapping[str, Label], Schema | None], Tree]
"""Takes a record as stored, what was said of it by path and the schema; see ``lay_over``."""
_ROW = re.compile(r"(?P<list>.+)\[(?P<index>\d+)\]")


@dataclass(frozen=True, slots=True)
class Saying:
    """What a person did.

    Attributes:
        path: of a leaf, of a cell such as ``lines[0].net``, of a row such as ``lines[0]``, of an
            outermost list, or ``DOCUMENT``.
        action: accept, correct, absent or skip.
        value: what a correction puts there, typed.
        spot: where that stands, if it was pointed at.
        seen: id of the newest label the person knew of; None where they looked at no screen.
    """

    path: str
    action: Action
    value: str | None = None
    spot: Spot = NOWHERE
    seen: int | None = None


class Standing:
    """A record with all that was said of it so far.

    Args:
        tree: the record as stored.
        labels: all rows of its document and schema.
        schema: as it is now.
        show: returns the record with what was said, by path.
    """

    def __init__(self, tree: Tree, labels: Iterable[Label], schema: Schema, show: Show) -> None:
        self._tree = tree
        self._show = show
        self._labels = list(labels)
        self._schema = schema
        self.said = standing(self._labels)
        self.now = self._as_of(None)

    def label_for(self, saying: Saying, reviewer: str) -> Label:
        """Return the label of what a person did.

        Raises:
            OptionError: there is no such field or row.
            OvertakenError: what they looked at is no longer what stands.
        """
        self._check_path(saying.path)
        if saying.seen is not None:
            self._check_unchanged(saying.path, saying.seen)
        unit = unit_of(saying.path)
        label = Label(
            self._tree["document"]["sha256"],
            self._schema.name,
            unit,
            saying.action,
            shown=at(self.now["values"], unit) if unit else self.now["status"],
            fingerprint=self._tree["fingerprint"],
            reviewer=reviewer,
        )
        if saying.action is Action.SKIP or unit == DOCUMENT:
            return label
        if unit in self._schema.list_paths:
            return self._of_list(label, saying)
        return self._of_leaf(label, saying)

    def undo(self, reviewer: str) -> Label:
        """Return the row that takes back what this person did last.

        Raises:
            OptionError: there is nothing of theirs to take back.
            OvertakenError: somebody else has built upon it.
        """
        kept = alive(self._labels)
        own = [label for label in kept if label.reviewer == reviewer]
        if not own:
            raise OptionError("there is nothing to undo", "Only what you did yourself is undone.")
        last = own[-1]
        if self.said[last.path] is not last:
            raise _overtaken(last.path, self.said[last.path])
        return replace(
            last, action=Action.UNDO, value=None, shown=last.value, cells={}, undoes=last.id, at=""
        )

    def earlier(self) -> Iterator[Tree]:
        """Yield the record as it stood before each thing that was said, the newest first."""
        for label in reversed(self._labels):
            yield self._as_of(label.id - 1)

    def _as_of(self, newest: int | None) -> Tree:
        labels = [row for row in self._labels if newest is None or row.id <= newest]
        said = standing(labels)
        return self._show(self._tree, said, self._schema) if said else self._tree

    def _check_path(self, path: str) -> None:
        row = _ROW.fullmatch(path)
        place = row["list"] if row else path
        generic = re.sub(r"\[\d+\]", "[]", place)
        is_list = generic in self._schema.list_paths
        if path != DOCUMENT and not is_list and self._schema.field_at(path) is None:
            raise _unknown(path, self._schema)
        if "[" in path:
            self._check_row(path)

    def _check_row(self, path: str) -> None:
        """Check that a row is there, or is the next one."""
        for found in re.finditer(r"\[(\d+)\]", path):
            rows = at(self.now["values"], path[: found.start()]) or []
            if int(found[1]) > len(rows):
                raise OptionError(
                    f"{path}: there are {len(rows)} rows", "Rows are counted from 0; add the next."
                )

    def _check_unchanged(self, path: str, seen: int) -> None:
        then = self._as_of(seen)
        for place in dict.fromkeys((path, *(path[: m.start()] for m in re.finditer(r"\[", path)))):
            before, after = at(then["values"], place), at(self.now["values"], place)
            is_same = len(before or ()) == len(after or ()) if place != path else before == after
            if not is_same and place:
                raise _overtaken(place, self._who_changed(path, place, seen))

    def _who_changed(self, path: str, place: str, seen: int) -> Label:
        newer = [row for row in alive(self._labels) if row.id > seen and row.path == unit_of(path)]
        for label in reversed(newer):
            before = self._as_of(label.id - 1)
            if at(before["values"], place) != at(self._as_of(label.id)["values"], place):
                return label
        return max(self._labels, key=lambda row: row.id)

    def _of_leaf(self, label: Label, saying: Saying) -> Label:
        if saying.action is Action.CORRECT:
            return replace(label, value=saying.value, spot=saying.spot)
        value = at(self.now["values"], label.path)
        if saying.action is Action.ABSENT or value is None:
            return replace(label, action=Action.ABSENT)
        return replace(label, value=value, spot=self._spot(label.path))

    def _of_list(self, label: Label, saying: Saying) -> Label:
        rows = copy.deepcopy(at(self.now["values"], label.path) or [])
        if saying.path == label.path:
            rows = [] if saying.action is Action.ABSENT else rows
            return replace(label, value=rows, cells=self._cells(label.path, rows))
        cells = self._cells(label.path, rows)
        row = _ROW.fullmatch(saying.path)
        if row and saying.action is Action.ABSENT and row["list"] == label.path:
            index = int(row["index"])
            return _correction(label, rows[:index] + rows[index + 1 :], _without(cells, index))
        inner = saying.path.removeprefix(label.path)
        self._put(rows, label.path, saying)
        spots = {
            cell: saying.spot if saying.action is Action.CORRECT else self._spot(label.path + cell)
            for cell in self._named(rows, inner)
        }
        return _correction(label, rows, cells | spots)

    def _named(self, rows: list[Any], inner: str) -> list[str]:
        """Return the cells of a list that a path means: one, or all of a row."""
        whole = at(rows, inner)
        return [f"{inner}{rest}" for rest, _ in leaves(whole)]

    def _put(self, rows: list[Any], unit: str, saying: Saying) -> None:
        """Put a cell in its row, which is made if it is the next one."""
        tree = {"": rows}
        for found in re.finditer(r"\[(\d+)\]", saying.path):
            generic = re.sub(r"\[\d+\]", "[]", saying.path[: found.start()])
            inside = at(rows, saying.path[len(unit) : found.start()])
            if isinstance(inside, list) and int(found[1]) == len(inside):
                inside.append(self._empty_row(generic))
        if saying.action is not Action.ACCEPT:
            put(tree, saying.path[len(unit) :], saying.value)

    def _empty_row(self, list_path: str) -> Any:
        row: Tree = {}
        inside = f"{list_path}[]"
        for field in self._schema.fields:
            if field.path == inside:
                return None
            if field.path.startswith(f"{inside}."):
                _grow(row, field.path.removeprefix(f"{inside}."))
        return row

    def _cells(self, unit: str, rows: list[Any]) -> dict[str, Spot]:
        """Return the cells that people gave or confirmed so far."""
        before = self.said.get(unit)
        if before is None or not before.is_verdict:
            return {}
        if before.action is not Action.ACCEPT:
            return dict(before.cells)
        all_cells = [f"[{i}]{inner}" for i, row in enumerate(rows) for inner, _ in leaves(row)]
        return {cell: self._spot(unit + cell) for cell in all_cells}

    def _spot(self, path: str) -> Spot:
        """Return where the record says that a value stands."""
        field = self.now["fields"].get(path)
        if field is None or field["status"] == FieldStatus.ABSENT:
            return NOWHERE
        printed = [item for item in field["evidence"] if item["box"] is not None]
        if not printed:
            return Spot(quote=field["raw"])
        return Spot(printed[0]["page"], Box(*printed[0]["box"]), printed[0]["quote"])


def _correction(label: Label, rows: list[Any], cells: Mapping[str, Spot]) -> Label:
    return replace(label, action=Action.CORRECT, value=rows, cells=cells)


def _without(cells: Mapping[str, Spot], index: int) -> dict[str, Spot]:
    """Return the cells of a list after one of its rows went away."""
    kept = {}
    for cell, spot in cells.items():
        number, _, rest = cell[1:].partition("]")
        if int(number) != index:
            kept[f"[{int(number) - (int(number) > index)}]{rest}"] = spot
    return kept


def _grow(row: Tree, path: str) -> None:
    name, point, rest = path.partition(".")
    if name.endswith("[]") or "[]" in name:
        row[name.partition("[]")[0]] = []
    elif point:
        _grow(row.setdefault(name, {}), rest)
    else:
        row[name] = None


def _overtaken(path: str, label: Label) -> OvertakenError:
    return OvertakenError(f"{path}: {label.reviewer} changed it at {label.at}")


def _unknown(path: str, schema: Schema) -> OptionError:
    from difflib import get_close_matches

    known = [field.path for field in schema.fields]
    if not known:
        hint = "Its file can be read with the schema you mean; `.` says that you looked at it."
        names = ", ".join(one.name for one in schema.among)
        return OptionError(f"it is none of {names}, so it has no field {path}", hint)
    near = get_close_matches(re.sub(r"\[\d+\]", "[]", path), known, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Fields: {', '.join(known)}."
    return OptionError(f"{schema.name} has no field {path}", hint)

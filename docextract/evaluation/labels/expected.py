"""Labels told in a schema's paths: what a record of the document should say.

Knows nothing of records.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docextract.core import Tree
from docextract.evaluation.judging.value_match import canonical
from docextract.evaluation.labels.mapping import NameMapping
from docextract.evaluation.labels.truth import Labels
from docextract.schema import Schema


@dataclass(frozen=True, slots=True)
class Expected:
    """The truth of one document.

    Attributes:
        values: in the schema's shape; a leaf or list that is missing is not known.
        not_printed: paths, such as ``totals.tax`` or ``lines[0].unit``, that only embedded
            data can give; the path of a list stands for all its rows.
    """

    labels: Labels
    values: Tree
    not_printed: frozenset[str]


@dataclass
class Translator:
    """Tells labels in a schema's paths, and notes what it could not tell.

    Attributes:
        unknown: how many documents use a name that means nothing in the schema.
        unclear: labels that are no value of their field, as sentences.
    """

    schema: Schema
    mapping: NameMapping
    unknown: Counter[str] = field(default_factory=Counter)
    unclear: list[str] = field(default_factory=list)

    def translate(self, labels: Labels) -> Expected:
        """Return the truth of one document; names left out are noted."""
        values: Tree = {}
        unknown = set()
        for name, label in _leaves(labels.values, ""):
            path = self._path(name, labels.schema_name, is_list=isinstance(label, list))
            if path is None:
                # A list that is null is not known, which is nothing to complain of.
                if label is not None or not self._anywhere(name, labels.schema_name):
                    unknown.add(_without_indexes(name))
            elif path and not self._is_ignored(name, labels):
                self._put(values, path, label, labels.where)
        self.unknown.update(unknown)
        paths = (self._anywhere(name, labels.schema_name) for name in labels.not_printed)
        return Expected(labels, values, frozenset(path for path in paths if path))

    def _path(self, name: str, made_for: str, *, is_list: bool) -> str | None:
        """Return the concrete path a concrete name means."""
        plain = _without_indexes(name)
        find = self.mapping.list_path if is_list else self.mapping.field_path
        path = find(plain, made_for, self.schema)
        indexes = iter(re.findall(r"\[\d+\]", name))
        return path and re.sub(r"\[\]", lambda _: next(indexes), path)

    def _anywhere(self, name: str, made_for: str) -> str | None:
        as_list = self._path(name, made_for, is_list=True)
        return as_list or self._path(name, made_for, is_list=False)

    def _is_ignored(self, name: str, labels: Labels) -> bool:
        plain = _without_indexes(name)
        return bool({name, plain, plain.partition("[")[0]} & labels.ignored)

    def _put(self, values: Tree, path: str, label: Any, where: str) -> None:
        leaf = self.schema.field_at(path)
        try:
            value: Any = [] if leaf is None else canonical(label, leaf)
        except ValueError as error:
            self.unclear.append(f"{where}: {path} {str(label)!r} {error}")
        else:
            _set(values, path, value)


def _leaves(tree: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield leaves by concrete name; an empty list is one, as it says that there are no rows."""
    if isinstance(tree, dict):
        for key, child in tree.items():
            yield from _leaves(child, f"{name}.{key}" if name else str(key))
    elif isinstance(tree, list) and tree:
        for index, child in enumerate(tree):
            yield from _leaves(child, f"{name}[{index}]")
    else:
        yield name, tree


def _without_indexes(name: str) -> str:
    return re.sub(r"\[\d+\]", "[]", name)


def _set(tree: Tree, path: str, value: Any) -> None:
    """Put a value at a concrete path, making groups and rows on the way."""
    steps = re.findall(r"[^.\[\]]+|\[\d+\]", path)
    last = steps[-1]
    place: Any = tree
    for step, following in itertools.pairwise(steps):
        place = _child(place, step, [] if following.startswith("[") else {})
    if last.startswith("["):
        _child(place, last, None)
        place[int(last[1:-1])] = value
    elif place.get(last) is None:
        # Two names may mean one field: the one that knows a value wins.
        place[last] = value


def _child(place: Any, step: str, empty: Any) -> Any:
    if not step.startswith("["):
        return place.setdefault(step, empty)
    index = int(step[1:-1])
    place.extend({} for _ in range(index + 1 - len(place)))
    return place[index]

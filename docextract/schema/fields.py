"""A schema as the stages see it: its leaves, their kinds, labels and comparison.

Knows nothing of files, pages or engines; it only reads Pydantic classes.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import json
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from docextract.core import SchemaInvalidError
from docextract.schema.kinds import Comparison, FieldType, Key, Kind, Labels, Role
from docextract.schema.paths import shape_of
from docextract.schema.vocabulary import guess_kind, guess_labels, guess_role, means_currency

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Field:
    """A leaf of a schema.

    Attributes:
        path: such as ``totals.gross`` or, inside a list, ``lines[].net``.
        kind: what its values look like and how they are normalised.
        comparison: how two values of it are compared.
        labels: phrases that announce it on a page, best first, lower case.
        description: the schema author's own words.
        role: whose property it is (seller, buyer, ...), or None.
        is_key: whether a record without it needs review.
        stand_in: path of the field that will do in a key field's place; empty for none.
        choices: allowed values of an enumeration, else empty.
    """

    path: str
    kind: Kind
    comparison: Comparison
    labels: tuple[str, ...] = ()
    description: str = ""
    role: Role | None = None
    is_key: bool = False
    stand_in: str = ""
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path, without brackets."""
        return self.path.rpartition(".")[2].removesuffix("[]")

    @cached_property
    def list_path(self) -> str | None:
        """The innermost list this leaf is repeated in, such as ``lines``, or None."""
        head, bracket, _ = self.path.rpartition("[]")
        return head if bracket else None


@dataclass(frozen=True)
class Schema:
    """A Pydantic class with its leaves laid out in declared order.

    Attributes:
        name: what it is called.
        model: the class.
        fields: its leaves; none where there are several schemas to choose from.
        among: those a document is read with one of, by its kind; empty for a schema of its own.
    """

    name: str
    model: type[BaseModel]
    fields: tuple[Field, ...] = field(repr=False)
    among: tuple[Schema, ...] = field(default=(), repr=False)

    @classmethod
    def from_model(cls, model: type[BaseModel], name: str | None = None) -> Schema:
        """Return the schema of any Pydantic class; it needs no annotations of ours.

        Raises:
            SchemaInvalidError: the class has no leaf that could be filled.
        """
        if not _is_model(model):
            raise SchemaInvalidError(f"{model!r} is no Pydantic class")
        _refuse_root(model, "")
        if not model.model_rebuild(raise_errors=False) and not model.__pydantic_complete__:
            raise SchemaInvalidError(
                f"{model.__name__} is annotated with names that cannot be found",
                "Import them at the top of its file, and define classes it uses above it.",
            )
        faults: list[SchemaInvalidError] = []
        fields = tuple(_leaves(model, "", None, (), faults))
        _refuse(model, faults)
        if not fields:
            raise SchemaInvalidError(f"{model.__name__} has no field to fill")
        return cls(name or _snake_case(model.__name__), model, fields)

    @cached_property
    def id(self) -> str:
        """Hash of everything in the schema that can change an answer."""
        if self.among:
            ids = sorted(item.id for item in self.among)
            return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]
        shape = [self.model.model_json_schema(), [repr(item) for item in self.fields]]
        return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]

    def named(self, name: str) -> Schema:
        """Return the schema of a name among those there are to choose from, or this one."""
        return next((item for item in self.among if item.name == name), self)

    def of(self, tree: Mapping[str, Any]) -> Schema:
        """Return the schema that a record, as JSON, was made with: one of several, or this one."""
        return self.named(str((tree.get("schema") or {}).get("name", "")))

    @cached_property
    def _by_path(self) -> dict[str, Field]:
        return {item.path: item for item in self.fields}

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all leaves, such as ``lines[].net``."""
        return frozenset(self._by_path)

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of all leaves."""
        return frozenset(item.kind for item in self.fields)

    def field_at(self, path: str) -> Field | None:
        """Return the leaf of a concrete path such as ``lines[3].net``, or None."""
        return self._by_path.get(re.sub(r"\[\d+\]", "[]", path))

    @cached_property
    def shape(self) -> dict[str, Any]:
        """The leaves as a tree: groups are dicts, a list holds what one of its rows looks like."""
        return shape_of(self._by_path)

    @cached_property
    def list_paths(self) -> tuple[str, ...]:
        """Paths of all lists, outer before inner, such as ``lines``."""
        found = dict.fromkeys(
            item.path[: match.start()]
            for item in self.fields
            for match in re.finditer(r"\[\]", item.path)
        )
        return tuple(found)

    def only(self, units: Iterable[str]) -> Schema:
        """Return the schema with some of its leaves, in declared order.

        Args:
            units: paths of leaves outside lists, or of outermost lists such as ``lines``.
        """
        wanted = frozenset(units)
        kept = tuple(item for item in self.fields if item.path.partition("[]")[0] in wanted)
        return Schema(self.name, self.model, kept)

    def members(self, list_path: str) -> tuple[Field, ...]:
        """Return the leaves repeated directly in one list, in declared order."""
        return tuple(item for item in self.fields if item.list_path == list_path)


T = typing.TypeVar("T")

_SCALARS: dict[type, Kind] = {
    bool: Kind.BOOLEAN,
    Decimal: Kind.DECIMAL,
    float: Kind.DECIMAL,
    int: Kind.DECIMAL,
    dt.datetime: Kind.DATETIME,
    dt.date: Kind.DATE,
    dt.time: Kind.TIME,
    str: Kind.TEXT,
}


def _leaves(
    model: type[BaseModel],
    prefix: str,
    role: Role | None,
    above: tuple[type, ...],
    faults: list[SchemaInvalidError],
) -> Iterator[Field]:
    """Yield the leaves that can be filled; why others cannot is added to the faults."""
    if model in above:
        raise SchemaInvalidError(f"{model.__name__} contains itself at {prefix or 'its root'}")
    for name, info in model.model_fields.items():
        annotation, metadata = _unwrap(info.annotation)
        own = [*info.metadata, *metadata]
        inner_role = _first(own, Role) or guess_role(name) or role
        path = f"{prefix}{name}"
        try:
            yield from _visit(annotation, own, path, info, inner_role, (*above, model), faults)
        except SchemaInvalidError as fault:
            faults.append(fault)


def _refuse(model: type[BaseModel], faults: list[SchemaInvalidError]) -> None:
    """Raise all that is wrong with a class at once, if anything is."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        told = "\n".join(str(fault) for fault in faults)
        raise SchemaInvalidError(
            f"{model.__name__} has {len(faults)} fields that cannot be filled\n{told}",
            faults[0].hint,
        )


def _visit(
    annotation: Any,
    metadata: list[Any],
    path: str,
    info: FieldInfo,
    role: Role | None,
    above: tuple[type, ...],
    faults: list[SchemaInvalidError],
) -> Iterator[Field]:
    if _is_model(annotation):
        _refuse_root(annotation, path)
        yield from _leaves(annotation, f"{path}.", role, above, faults)
    elif typing.get_origin(annotation) in (list, tuple, set, frozenset):
        item, more = _unwrap(typing.get_args(annotation)[0])
        yield from _visit(item, [*metadata, *more], f"{path}[]", info, role, above, faults)
    else:
        yield _leaf(annotation, metadata, path, info, role)


def _leaf(
    annotation: Any, metadata: list[Any], path: str, info: FieldInfo, role: Role | None
) -> Field:
    name = path.rpartition(".")[2].removesuffix("[]")
    choices = _choices(annotation)
    alias = _alias(info)
    declared = _first(metadata, FieldType)
    kind = declared.kind if declared else _guess(annotation, choices, (name, alias), path)
    labels, key = _first(metadata, Labels), _first(metadata, Key)
    guessed = guess_labels(path, info.title, kind, info.description, alias)
    return Field(
        path=path,
        kind=kind,
        comparison=declared.comparison if declared else FieldType(kind).comparison,
        labels=labels.phrases if labels else guessed,
        description=info.description or "",
        role=role,
        is_key=info.is_required() or key is not None,
        stand_in=f"{path.removesuffix(name)}{key.unless}" if key and key.unless else "",
        choices=choices,
    )


def _alias(info: FieldInfo) -> str | None:
    alias = info.validation_alias or info.alias
    return alias if isinstance(alias, str) else None


def _guess(
    annotation: Any, choices: tuple[str, ...], names: tuple[str, str | None], path: str
) -> Kind:
    if choices:
        has_codes = all(re.fullmatch("[A-Z]{3}", choice) for choice in choices)
        return Kind.CURRENCY if means_currency(*names) and has_codes else Kind.ENUM
    base = _SCALARS.get(annotation)
    if base is None:
        known = ", ".join(sorted(item.__name__ for item in _SCALARS))
        raise SchemaInvalidError(
            f"field {path}: cannot fill {annotation!r}",
            f"Use one of {known}, an Enum, a Literal, another model, or a list of these.",
        )
    if base is Kind.TEXT and means_currency(*names):
        return Kind.CURRENCY
    guesses = (guess_kind(name, base) for name in names if name)
    return next((kind for kind in guesses if kind is not base), base)


def _unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """Strip ``| None`` and ``Annotated`` and return what they carried."""
    metadata: list[Any] = []
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation, *more = typing.get_args(annotation)
            metadata += more
        elif origin in (typing.Union, types.UnionType):
            options = [arg for arg in typing.get_args(annotation) if arg is not types.NoneType]
            if len(options) != 1:
                return annotation, metadata
            annotation = options[0]
        else:
            return annotation, metadata


def _choices(annotation: Any) -> tuple[str, ...]:
    if typing.get_origin(annotation) is typing.Literal:
        return tuple(str(choice) for choice in typing.get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return tuple(str(member.value) for member in annotation)
    return ()


def _refuse_root(model: type[BaseModel], path: str) -> None:
    from pydantic import RootModel

    if issubclass(model, RootModel):
        where = f"field {path}" if path else model.__name__
        raise SchemaInvalidError(
            f"{where}: what a RootModel holds has no name on a page",
            "Use a class with a field instead, such as `rows: list[Row]`.",
        )


def _is_model(annotation: Any) -> bool:
    from pydantic import BaseModel

    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _first(items: list[Any], kind: type[T]) -> T | None:
    return next((item for item in items if isinstance(item, kind)), None)


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()

"""Builds a Pydantic class from a JSON Schema file (draft 2020-12, the part that fits forms).

Knows nothing of where the file came from. Supported: objects, arrays, strings, numbers,
integers, booleans, null unions, ``enum``, ``format: date``/``time``/``email``/``uri``, local
``$ref``, ``title``, ``description``, ``required``, and ``x-docextract: {kind, labels, key}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from docextract.core import SchemaInvalidError
from docextract.schema.kinds import FieldType, Key, Kind, Labels
from docextract.schema.sources.dsl import type_of
from docextract.schema.vocabulary import guess_kind

if TYPE_CHECKING:
    from pydantic import BaseModel

_FORMATS = {
    "date": Kind.DATE, "date-time": Kind.DATETIME, "time": Kind.TIME, "email": Kind.EMAIL,
    "uri": Kind.URL,
}  # fmt: skip

_NUMBERS = {"number": float, "integer": int}
"""A JSON Schema that says number means a number in JSON, so its values are none in quotes."""


def model_from_json_schema(tree: Any, name: str) -> type[BaseModel]:
    """Return the Pydantic class of a JSON Schema whose root is an object.

    Raises:
        SchemaInvalidError: names the part that is not supported.
    """
    if not isinstance(tree, dict):
        raise SchemaInvalidError("a JSON Schema is an object at its root")
    root = _resolve(tree, tree, "root", 0)
    if root.get("type") != "object" and "properties" not in root:
        raise SchemaInvalidError('a JSON Schema for documents has "type": "object" at its root')
    return _object(root, tree, re.sub(r"\W+", "_", root.get("title") or name), "root", 0)


def _object(
    node: dict[str, Any], root: dict[str, Any], name: str, where: str, depth: int
) -> type[BaseModel]:
    from pydantic import ConfigDict, create_model

    properties = node.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise SchemaInvalidError(f"{where}: an object needs properties")
    required = node.get("required", [])
    if not isinstance(required, list):
        raise SchemaInvalidError(f"{where}: required is a list of names")
    members: dict[str, Any] = {
        key: _member(key, child, root, f"{where}.{key}", depth, is_required=key in required)
        for key, child in properties.items()
    }
    return create_model(name, __config__=ConfigDict(extra="forbid"), **members)


def _member(
    key: str, child: Any, root: dict[str, Any], where: str, depth: int, *, is_required: bool
) -> Any:
    from pydantic import Field

    if not key.isidentifier() or key.startswith("_"):
        raise SchemaInvalidError(f"{where}: {key!r} is no usable field name")
    node = _resolve(child, root, where, depth)
    told: dict[str, Any] = {
        "title": node.get("title"),
        "description": node.get("description"),
    }
    if node.get("type") == "object" or "properties" in node:
        model = _object(node, root, key.title(), where, depth + 1)
        return model, Field(default_factory=model, **told)
    if node.get("type") == "array":
        item = _resolve(node.get("items", {"type": "string"}), root, f"{where}[]", depth + 1)
        if item.get("type") == "object" or "properties" in item:
            row: Any = _object(item, root, key.title(), f"{where}[]", depth + 1)
        else:
            row = _leaf(key, item, f"{where}[]")
        return list[row], Field(default_factory=list, **told)
    if is_required and not _may_be_null(child, root):
        return _leaf(key, node, where), Field(**told)
    return _leaf(key, node, where) | None, Field(None, **told)


def _may_be_null(child: Any, root: dict[str, Any]) -> bool:
    """Whether a property that must be there may be null."""
    if not isinstance(child, dict):
        return False
    if "$ref" in child:
        return _may_be_null(_lookup(child["$ref"], root, ""), root)
    types = child.get("type")
    options = [*child.get("anyOf", []), *child.get("oneOf", [])]
    is_named = "null" in types if isinstance(types, list) else False
    return is_named or {"type": "null"} in options or None in child.get("enum", [0])


def _leaf(key: str, node: dict[str, Any], where: str) -> Any:
    extra = node.get("x-docextract", {})
    if "enum" in node:
        return Literal[_choices(node["enum"], where)]
    kind = _kind(key, node, extra, where)
    python = _NUMBERS.get(node.get("type", "")) if kind.is_number else None
    annotated: Any = Annotated[python, FieldType(kind)] if python else type_of(kind)
    if labels := extra.get("labels"):
        annotated = Annotated[annotated, _labels(labels, where)]
    return Annotated[annotated, Key()] if extra.get("key") else annotated


def _choices(enum: Any, where: str) -> tuple[str | float, ...]:
    """Return the choices of an enumeration; that there may be none is no choice."""
    choices = [choice for choice in enum if choice is not None] if isinstance(enum, list) else []
    if not choices or not all(isinstance(choice, str | int | float) for choice in choices):
        raise SchemaInvalidError(f"{where}: an enum is a list of texts, numbers, true or false")
    return tuple(choices)


def _labels(labels: Any, where: str) -> Labels:
    if isinstance(labels, list) and all(isinstance(phrase, str) for phrase in labels):
        return Labels(en=labels)
    if isinstance(labels, dict) and all(isinstance(phrases, list) for phrases in labels.values()):
        return Labels(**labels)
    raise SchemaInvalidError(f"{where}: labels are a list of phrases, or lists by language")


def _kind(key: str, node: dict[str, Any], extra: dict[str, Any], where: str) -> Kind:
    if declared := extra.get("kind"):
        try:
            return Kind(declared)
        except ValueError as error:
            kinds = ", ".join(Kind)
            raise SchemaInvalidError(f"{where}: {declared!r} is none of {kinds}") from error
    kind = node.get("type", "string")
    if kind == "boolean":
        return Kind.BOOLEAN
    if kind in ("number", "integer"):
        return guess_kind(key, Kind.DECIMAL)
    if kind == "string":
        return _FORMATS.get(node.get("format", "")) or guess_kind(key, Kind.TEXT)
    raise SchemaInvalidError(f"{where}: type {kind!r} is not supported")


def _resolve(node: Any, root: dict[str, Any], where: str, depth: int) -> dict[str, Any]:
    """Follow ``$ref`` and strip null unions."""
    if depth > 8:
        raise SchemaInvalidError(f"{where}: nested deeper than 8, or refers to itself")
    if not isinstance(node, dict):
        raise SchemaInvalidError(f"{where}: not a schema object")
    if "$ref" in node:
        target = _lookup(node["$ref"], root, where)
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _resolve(target | rest, root, where, depth + 1)
    for union in ("anyOf", "oneOf"):
        options = [o for o in node.get(union, []) if o != {"type": "null"}]
        # A decimal may be written as number or text; Pydantic itself says so.
        numbers = [o for o in options if isinstance(o, dict) and o.get("type") == "number"]
        options = numbers or options
        if len(options) > 1:
            raise SchemaInvalidError(f"{where}: {union} of several types is not supported")
        if options:
            rest = {key: value for key, value in node.items() if key != union}
            return _resolve(options[0] | rest, root, where, depth + 1)
    return node | {"type": _single_type(node, where)} if "type" in node else node


def _single_type(node: dict[str, Any], where: str) -> str:
    types = node["type"] if isinstance(node["type"], list) else [node["type"]]
    named = [item for item in types if item != "null"]
    if len(named) != 1 or not isinstance(named[0], str):
        raise SchemaInvalidError(f"{where}: one type (and null) per field, not {types}")
    return named[0]


def _lookup(reference: Any, root: dict[str, Any], where: str) -> dict[str, Any]:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise SchemaInvalidError(f"{where}: only local $ref such as #/$defs/Line works")
    node: Any = root
    for part in reference[2:].split("/"):
        node = node.get(part) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        raise SchemaInvalidError(f"{where}: {reference} is not in the file")
    return node

"""The JSON an answer must have: its grammar, and a reader that keeps what a cut one holds.

Knows nothing of models or tokens. Every leaf is a bounded string or null, because values are
copied as printed; keys stand in fixed order and all are required, which lets most tokens be
forced.
"""

from __future__ import annotations

import json
from typing import Any

from docextract.records import Tree
from docextract.schema.fields import Field, Schema
from docextract.schema.free import MAX_ANSWER_CHARS, is_free_answer
from docextract.schema.kinds import Kind

MAX_ROWS = 60
_MAX_LENGTH = {Kind.TEXT: 200, Kind.ADDRESS: 200, Kind.NAME: 120}
_SHORT = 60
_DECODER = json.JSONDecoder(strict=False)


def answer_schema(schema: Schema) -> Tree:
    """Return the JSON Schema of a raw answer."""
    if is_free_answer(schema):
        return _object({item.path: _text_or_null(MAX_ANSWER_CHARS) for item in schema.fields})
    root: Tree = {}
    for item in schema.fields:
        node = root
        parts = item.path.split(".")
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        node[parts[-1]] = _leaf(item)
    return _object(root)


def _leaf(item: Field) -> Tree:
    if item.choices:
        return {"enum": [*item.choices, None]}
    return _text_or_null(_MAX_LENGTH.get(item.kind, _SHORT))


def _text_or_null(length: int) -> Tree:
    return {"anyOf": [{"type": "string", "maxLength": length}, {"type": "null"}]}


def _object(members: Tree) -> Tree:
    properties = {}
    for name, child in members.items():
        is_leaf = "anyOf" in child or "enum" in child
        shape = child if is_leaf else _object(child)
        if name.endswith("[]"):
            shape = {"type": "array", "items": shape, "maxItems": MAX_ROWS}
        properties[name.removesuffix("[]")] = shape
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def complete(tree: Tree, shape: Tree) -> Tree:
    """Return a cut answer with null for every leaf it did not come to, and no row for a list.

    Args:
        tree: values in the shape's order, perhaps cut short.
        shape: what ``answer_schema`` returned, or an object in it.
    """
    return {name: _completed(tree.get(name), inner) for name, inner in shape["properties"].items()}


def _completed(value: Any, shape: Tree) -> Any:
    kind = shape.get("type")
    if kind == "object":
        return complete(value or {}, shape)
    return [] if kind == "array" and value is None else value


class AnswerReader:
    """Reads compact JSON and remembers where each leaf stands; a cut end loses nothing before it.

    Attributes:
        tree: the values.
        spans: by field path, the leaf's first and last character (end exclusive).
        is_complete: whether the text ended where the JSON did.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans: dict[str, tuple[int, int]] = {}
        self.is_complete = False
        self.tree: Tree = {}
        try:
            self._object(0, self.tree, "")
            self.is_complete = True
        except (IndexError, ValueError):
            _drop_unfinished_row(self.tree)

    def _object(self, at: int, target: Tree, path: str) -> int:
        at += 1
        while self.text[at] != "}":
            at += self.text[at] == ","
            key, at = _DECODER.raw_decode(self.text, at)
            inner = f"{path}.{key}" if path else key
            at = self._value(at + 1, target, key, inner)
        return at + 1

    def _array(self, at: int, rows: list[Any], path: str) -> int:
        at += 1
        while self.text[at] != "]":
            at += self.text[at] == ","
            rows.append(None)
            at = self._value(at, rows, len(rows) - 1, f"{path}[{len(rows) - 1}]")
        return at + 1

    def _value(self, at: int, target: Any, key: Any, path: str) -> int:
        if self.text[at] == "{":
            target[key] = {}
            return self._object(at, target[key], path)
        if self.text[at] == "[":
            target[key] = []
            return self._array(at, target[key], path)
        value, end = _DECODER.raw_decode(self.text, at)
        target[key] = value
        self.spans[path] = (at, end)
        return end


def _drop_unfinished_row(tree: Tree) -> None:
    """Remove the row being written when the text was cut, so only complete rows stay."""
    last = next(reversed(tree.values()), None) if tree else None
    if isinstance(last, list) and last:
        last.pop()
    elif isinstance(last, dict):
        _drop_unfinished_row(last)

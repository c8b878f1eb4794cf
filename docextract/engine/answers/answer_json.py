"""The JSON an answer must have: its schema, and a reader that keeps what a cut one holds.

Knows nothing of models or tokenizers. Every leaf is a bounded string or null, because values are
copied as printed; keys stand in fixed order and all are required, which lets most tokens be
forced.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from docextract.core import Tree
from docextract.schema import Field, Kind, Schema
from docextract.schema.sources.free_question import MAX_ANSWER_CHARS, is_free_answer

MAX_ROWS = 60
_MAX_LENGTH = {Kind.TEXT: 200, Kind.ADDRESS: 200, Kind.NAME: 120}
_SHORT = 60
# Numbers stay as they are written: 12.50 is no 12.5, and one of 10,000 digits costs nothing.
DECODER = json.JSONDecoder(
    strict=False, parse_int=str, parse_float=str, parse_constant=lambda name: None
)
_NO_SPACE = re.compile(r"[^ \t\r\n]")


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


def plain_schema(shape: Tree) -> Tree:
    """Return a shape in the words that every server knows: without lengths and ``anyOf``."""
    if "anyOf" in shape:
        return {"type": ["string", "null"]}
    plain = {key: value for key, value in shape.items() if key != "maxItems"}
    if "items" in shape:
        plain["items"] = plain_schema(shape["items"])
    if "properties" in shape:
        members = shape["properties"].items()
        plain["properties"] = {name: plain_schema(inner) for name, inner in members}
    return plain


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


def fitted(tree: Any, shape: Tree) -> Tree:
    """Return the part of an answer that fits its shape, null or empty for the rest.

    For answers that no grammar bounded: numbers become text, what is of another shape goes.

    Args:
        tree: values as a model wrote them, in any order.
        shape: what ``answer_schema`` returned, or an object in it.
    """
    members = tree if isinstance(tree, dict) else {}
    return {name: _fit(members.get(name), inner) for name, inner in shape["properties"].items()}


def _fit(value: Any, shape: Tree) -> Any:
    kind = shape.get("type")
    if kind == "object":
        return fitted(value, shape)
    if kind == "array":
        rows = value if isinstance(value, list) else []
        return [_fit(row, shape["items"]) for row in rows[: shape["maxItems"]]]
    return fitted_leaf(value, shape)


def fitted_leaf(value: Any, shape: Tree) -> str | None:
    """Return a value as the text that a leaf holds; None where it is none or not one of it."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = json.dumps(value)
    if not isinstance(value, str) or not value.strip():
        return None
    if "enum" in shape:
        return value if value in shape["enum"] else None
    return value[: shape["anyOf"][0]["maxLength"]]


class AnswerReader:
    """Reads JSON and remembers where each leaf stands; a cut end loses nothing before it.

    Of a key that stands twice the last value counts, but null and ``[]`` take nothing away.

    Attributes:
        tree: the values; those of a list stand in ``root`` alone.
        root: the object or list that was read.
        spans: by field path, the leaf's first and last character (end exclusive).
        is_complete: whether the end of the JSON is there.
        end: the character behind it; of what is cut, the end of the text.
    """

    def __init__(self, text: str, begin: int = 0) -> None:
        """Read the object or list that begins at a character."""
        self.text = text
        self.spans: dict[str, tuple[int, int]] = {}
        self.is_complete = False
        self.end = len(text)
        self.tree: Tree = {}
        self.root: Tree | list[Any] = self.tree
        try:
            if text[begin : begin + 1] == "[":
                self.root = []
                self.end = self._array(begin, self.root, "")
            else:
                self.end = self._object(begin, self.tree, "")
            self.is_complete = True
        except (IndexError, ValueError, RecursionError):
            _drop_unfinished_row(self.root)

    def _object(self, at: int, target: Tree, path: str) -> int:
        at = self._skip(at + 1)
        while self.text[at] != "}":
            key, at = DECODER.raw_decode(self.text, at)
            at = self._skip(at)
            if self.text[at] != ":" or not isinstance(key, str):
                raise ValueError("no key and value")
            inner = f"{path}.{key}" if path else key
            at = self._next(self._value(self._skip(at + 1), target, key, inner))
        return at + 1

    def _array(self, at: int, rows: list[Any], path: str) -> int:
        at = self._skip(at + 1)
        while self.text[at] != "]":
            rows.append(None)
            at = self._next(self._value(at, rows, len(rows) - 1, f"{path}[{len(rows) - 1}]"))
        return at + 1

    def _next(self, at: int) -> int:
        """Return where a member or the end of them stands; models forget and add commas."""
        at = self._skip(at)
        return self._skip(at + 1) if self.text[at] == "," else at

    def _skip(self, at: int) -> int:
        """Return where the next character stands that is no white space."""
        found = _NO_SPACE.search(self.text, at)
        if found is None:
            raise ValueError("cut")
        return found.start()

    def _container(self, at: int, target: Any, key: Any, path: str) -> int:
        before = target.get(key) if isinstance(target, dict) else None
        if self.text[at] == "{":
            target[key] = before if isinstance(before, dict) else {}
            return self._object(at, target[key], path)
        target[key] = []
        end = self._array(at, target[key], path)
        if before and not target[key]:
            target[key] = before
        return end

    def _value(self, at: int, target: Any, key: Any, path: str) -> int:
        if self.text[at] in "{[":
            return self._container(at, target, key, path)
        value, end = DECODER.raw_decode(self.text, at)
        if value is None and isinstance(target, dict) and target.get(key):
            return end
        target[key] = value
        self.spans[path] = (at, end)
        return end


class TokenOdds:
    """The tokens of a text, and how probable each was."""

    def __init__(self, pieces: Sequence[bytes], log_probs: Sequence[float]) -> None:
        """Take the bytes of each token, and its log-probability.

        Raises:
            ValueError: there are more of one than of the other.
        """
        if len(pieces) != len(log_probs):
            raise ValueError(f"{len(pieces)} tokens with {len(log_probs)} probabilities")
        self._log_probs = log_probs
        self._ends = list(accumulate(_num_chars(piece) for piece in pieces))
        self._begins = [0, *self._ends[:-1]]

    def joint(self, start: int, end: int) -> float:
        """Return the joint probability of the tokens that overlap characters start to end."""
        first = bisect_right(self._ends, start)
        last = bisect_left(self._begins, end)
        return math.exp(sum(self._log_probs[first:last]))


def read_pieces(
    pieces: Sequence[bytes], log_probs: Sequence[float], begin: int = 0
) -> tuple[Tree, dict[str, float]]:
    """Return the values of an answer in tokens, and the probability of each leaf it wrote.

    A leaf's probability is the joint one of the tokens that overlap it, its closing quote
    included.

    Args:
        pieces: the bytes of each token.
        log_probs: of each token, or none at all.
        begin: the character at which the JSON begins.
    """
    reader = AnswerReader(text_of(pieces), begin)
    if not log_probs:
        return reader.tree, {}
    odds = TokenOdds(pieces, log_probs)
    return reader.tree, {path: odds.joint(*span) for path, span in reader.spans.items()}


def text_of(pieces: Sequence[bytes]) -> str:
    """Return the text of some tokens."""
    return b"".join(pieces).decode("utf-8", errors="replace")


def _num_chars(piece: bytes) -> int:
    """Count characters that begin in a piece: every byte but UTF-8 continuation bytes."""
    return sum(byte & 0xC0 != 0x80 for byte in piece)


def _drop_unfinished_row(tree: Tree | list[Any]) -> None:
    """Remove the row being written when the text was cut, so only complete rows stay."""
    if isinstance(tree, list):
        del tree[-1:]
        return
    last = next(reversed(tree.values()), None) if tree else None
    if isinstance(last, list | dict):
        _drop_unfinished_row(last)

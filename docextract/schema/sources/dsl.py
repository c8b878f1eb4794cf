"""The one-line schema: ``vendor, total: money, lines: [description, net: money]``.

Knows nothing of files; text in, a Pydantic class out. Grammar: fields are separated by
commas; ``name: kind``; ``name: [fields]`` is a list of rows, ``name: {fields}`` a group,
``name: [kind]`` a plain list; a ``!`` after it marks a key field. Kinds are those of ``Kind``. A
comma after the last field makes one name alone a schema (``total,``).
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from docextract.core import SchemaInvalidError
from docextract.schema.kinds import Key, Kind
from docextract.schema.vocabulary import guess_kind

if TYPE_CHECKING:
    from pydantic import BaseModel

_TOKEN = re.compile(r"\s*(?:([^\W\d]\w*!?)|([,:\[\]{}]))", re.UNICODE)
_SYNONYMS = {
    "str": "text", "string": "text", "number": "decimal", "float": "decimal", "int": "decimal",
    "integer": "decimal", "id": "identifier", "bool": "boolean", "amount": "money",
    "qty": "quantity", "vat": "tax_id",
}  # fmt: skip


def parse_dsl(text: str) -> type[BaseModel]:
    """Return the Pydantic class a one-line schema describes.

    Raises:
        SchemaInvalidError: says what was expected, and where.
    """
    parser = _Parser(text, list(_tokens(text)))
    return parser.fields("Fields", end=None)


def _tokens(text: str) -> list[tuple[str, int]]:
    tokens, position = [], 0
    while text[position:].strip():
        found = _TOKEN.match(text, position)
        if found is None:
            raise SchemaInvalidError(f"--schema: cannot read {text[position:].strip()[:20]!r}")
        tokens.append((found[1] or found[2], found.start(1 if found[1] else 2) + 1))
        position = found.end()
    return tokens


def type_of(kind: Kind) -> Any:
    """Return the Python type a kind is held in, annotated with it."""
    from docextract.schema import types

    by_kind = {
        Kind.TEXT: types.Text, Kind.NAME: types.Name, Kind.ADDRESS: types.Address,
        Kind.IDENTIFIER: types.Identifier, Kind.MONEY: types.Money, Kind.PERCENT: types.Percent,
        Kind.QUANTITY: types.Quantity, Kind.UNIT: types.Unit, Kind.DATE: types.Date,
        Kind.TIME: types.Time, Kind.CURRENCY: types.Currency, Kind.COUNTRY: types.Country,
        Kind.IBAN: types.Iban, Kind.BIC: types.BankCode, Kind.TAX_ID: types.TaxId,
        Kind.EMAIL: types.Email, Kind.PHONE: types.Phone, Kind.URL: types.Url,
        Kind.BOOLEAN: bool, Kind.DECIMAL: types.Number,
    }  # fmt: skip
    return by_kind[kind]


class _Parser:
    def __init__(self, text: str, tokens: list[tuple[str, int]]) -> None:
        self.text = text
        self.tokens = tokens
        self.index = 0

    def peek(self) -> str | None:
        return self.tokens[self.index][0] if self.index < len(self.tokens) else None

    def take(self) -> str | None:
        token = self.peek()
        self.index += 1
        return token

    def fail(self, expected: str) -> SchemaInvalidError:
        at = self.tokens[self.index] if self.index < len(self.tokens) else ("the end", 0)
        place = f" at column {at[1]}" if at[1] else ""
        return SchemaInvalidError(f"--schema: expected {expected}, found {at[0]!r}{place}")

    def fields(self, name: str, end: str | None) -> type[BaseModel]:
        from pydantic import ConfigDict, create_model

        members: dict[str, Any] = {}
        while True:
            field_name, annotation, default = self.field()
            if field_name in members:
                raise SchemaInvalidError(f"--schema: field {field_name} stands twice")
            members[field_name] = (annotation, default)
            if self.peek() == end:
                self.take()
                break
            if self.take() != ",":
                self.index -= 1
                raise self.fail(f"a comma or {end or 'the end'}")
            if end is None and self.peek() is None:
                break
        return create_model(name, __config__=ConfigDict(extra="forbid"), **members)

    def field(self) -> tuple[str, Any, Any]:
        word = self.take()
        if word is None or not re.match(r"[^\W\d]", word) or word.startswith("_"):
            self.index -= 1
            raise self.fail("a field name")
        name = word.removesuffix("!")
        if self.peek() != ":":
            return name, self.leaf(guess_kind(name, Kind.TEXT), word.endswith("!")), None
        self.take()
        if self.peek() in ("[", "{"):
            return name, *self.nested(name)
        is_key = word.endswith("!") or (self.peek() or "").endswith("!")
        return name, self.leaf(self.kind(), is_key), None

    def leaf(self, kind: Kind, is_key: bool) -> Any:
        annotated: Any = type_of(kind)
        return (Annotated[annotated, Key()] if is_key else annotated) | None

    def nested(self, name: str) -> tuple[Any, Any]:
        from pydantic import Field

        opening = self.take()
        if opening == "{":
            group = self.fields(name.title(), "}")
            return group, Field(default_factory=group)
        if len(self.tokens) > self.index + 1 and self.tokens[self.index + 1][0] == "]":
            word = self.peek() or ""
            if _SYNONYMS.get(word, word) in {kind.value for kind in Kind}:
                item = type_of(self.kind())
                self.take()
                return list[item], Field(default_factory=list)  # type: ignore[valid-type]
        row = self.fields(name.title(), "]")
        return list[row], Field(default_factory=list)  # type: ignore[valid-type]

    def kind(self) -> Kind:
        word = (self.take() or "").removesuffix("!")
        known = [kind.value for kind in Kind if kind is not Kind.ENUM]
        name = _SYNONYMS.get(word, word)
        if name not in known:
            near = get_close_matches(name, known, n=1)
            guess = f" Did you mean {near[0]}?" if near else ""
            raise SchemaInvalidError(
                f"--schema: {word!r} is no kind of field",
                f"Kinds: {', '.join(known)}.{guess}",
            )
        return Kind(name)

"""The one-line schema: ``vendor, total: money, lines: [description, net: money]``.

Knows nothing of files; text in, a Pydantic class out. Grammar: fields are separated by commas;
``name: kind``; ``name: one|other`` is a choice; ``name: [fields]`` a list of rows,
``name: {fields}`` a group, ``name: [kind]`` or ``name: kind[]`` a plain list; ``= words`` at a
field's end describe it; a ``!`` after a name or a kind marks a key field. A name with blanks stands
in quotes, as do words with a comma or a bracket in them. Kinds are those of ``Kind``. A comma after
the last field makes one name alone a schema (``total,``).
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal

from docextract.core import SchemaInvalidError
from docextract.schema.kinds import Key, Kind
from docextract.schema.vocabulary import guess_kind

if TYPE_CHECKING:
    from pydantic import BaseModel

_BLANK = re.compile(r"\s*")
_NAME = re.compile(r"[^\W\d_]\w*")
_QUOTED = re.compile(r"""\"([^"]*)\"|'([^']*)'""")
_WORDS = re.compile(r"""(?:"[^"]*"|'[^']*'|[^,\[\]{}=;"'])*""")
"""What may stand where a kind or choices are expected."""
_QUOTES = "\"'"
_TELLING = re.compile(r"[^,\[\]{}]*")
_SYNONYMS = {
    "date-time": "datetime", "timestamp": "datetime",
    "str": "text", "string": "text", "number": "decimal", "float": "decimal", "int": "decimal",
    "integer": "decimal", "id": "identifier", "bool": "boolean", "amount": "money",
    "qty": "quantity", "vat": "tax_id",
}  # fmt: skip
_KINDS = [kind.value for kind in Kind if kind is not Kind.ENUM]
_NOT_KINDS = {
    "enum": "Name the choices instead, such as status: paid|open.",
    "list": "A list of rows is lines: [description, net: money], a plain one codes: [text].",
}


def parse_dsl(text: str) -> type[BaseModel]:
    """Return the Pydantic class a one-line schema describes.

    Raises:
        SchemaInvalidError: says what was expected, and where; all kinds that there are not.
    """
    parser = _Parser(text)
    found = parser.fields("Fields", end="")
    if parser.faults:
        told = "\n".join(str(fault) for fault in parser.faults)
        raise SchemaInvalidError(told, parser.faults[0].hint)
    return found


def type_of(kind: Kind) -> Any:
    """Return the Python type a kind is held in, annotated with it."""
    from docextract.schema import types

    by_kind = {
        Kind.TEXT: types.Text, Kind.NAME: types.Name, Kind.ADDRESS: types.Address,
        Kind.IDENTIFIER: types.Identifier, Kind.MONEY: types.Money, Kind.PERCENT: types.Percent,
        Kind.QUANTITY: types.Quantity, Kind.UNIT: types.Unit, Kind.DATE: types.Date,
        Kind.TIME: types.Time, Kind.DATETIME: types.DateTime, Kind.CURRENCY: types.Currency,
        Kind.COUNTRY: types.Country, Kind.IBAN: types.Iban, Kind.BIC: types.BankCode,
        Kind.TAX_ID: types.TaxId, Kind.EMAIL: types.Email, Kind.PHONE: types.Phone,
        Kind.URL: types.Url, Kind.BOOLEAN: bool, Kind.DECIMAL: types.Number,
    }  # fmt: skip
    return by_kind[kind]


class _Parser:
    """Reads a text from left to right.

    Attributes:
        text: what is read.
        at: where it stands.
        faults: kinds that there are not; reading goes on behind them.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.faults: list[SchemaInvalidError] = []

    def peek(self) -> str:
        """Return the next character that is no blank; nothing at the end."""
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def takes(self, mark: str) -> bool:
        """Step over a mark if it is the next."""
        is_next = self.peek() == mark
        self.at += is_next
        return is_next

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Step over what a pattern finds next."""
        self.peek()
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def fail(self, expected: str) -> SchemaInvalidError:
        mark = self.peek()
        found = _NAME.match(self.text, self.at)
        told = f"{(found[0] if found else mark)!r} at column {self.at + 1}" if mark else "the end"
        hint = _hint_before(mark, is_word=found is not None)
        return SchemaInvalidError(f"--schema: expected {expected}, found {told}", hint)

    def fields(self, name: str, end: str) -> type[BaseModel]:
        from pydantic import ConfigDict, create_model

        members: dict[str, Any] = {}
        while True:
            field_name, annotation, default = self.field()
            if field_name in members:
                raise SchemaInvalidError(f"--schema: field {field_name} stands twice")
            members[field_name] = (annotation, default)
            if self.peek() == end:
                self.at += len(end)
                break
            if not self.takes(","):
                raise self.fail(f"a comma or {end or 'the end'}")
            if not end and not self.peek():
                break
        return create_model(name, __config__=ConfigDict(extra="forbid"), **members)

    def field(self) -> tuple[str, Any, Any]:
        """Return a field's name, its annotation and its default with all that is said of it."""
        from pydantic import Field

        name, title = self.name()
        is_key = self.takes("!")
        annotation, is_list = self.kind_of(name, is_key) if self.takes(":") else (None, False)
        if annotation is None:
            annotation = _leaf(type_of(guess_kind(name, Kind.TEXT)), is_key)
        told = {"title": title, "description": self.description() if self.takes("=") else None}
        said: dict[str, Any] = {key: text for key, text in told.items() if text}
        if is_list:
            return name, annotation, Field(default_factory=list, **said)
        if isinstance(annotation, type):
            return name, annotation, Field(default_factory=annotation, **said)
        return name, annotation, Field(default=None, **said) if said else None

    def name(self) -> tuple[str, str | None]:
        """Return a name that Python takes, and its title if it is another."""
        quoted = self.take(_QUOTED)
        if quoted is not None:
            title = (quoted[1] or quoted[2] or "").strip()
            name = re.sub(r"\W+", "_", title).strip("_").lower()
            if not _NAME.fullmatch(name):
                self.at = quoted.start()
                raise self.fail("a field name that begins with a letter")
            return name, title
        found = self.take(_NAME)
        if found is None:
            raise self.fail("a field name")
        return found[0], None

    def kind_of(self, name: str, is_key: bool) -> tuple[Any, bool]:
        """Return the annotation of what stands behind the colon, and whether it is a list."""
        if self.takes("{"):
            return self.fields(name.title(), "}"), False
        if self.takes("["):
            return self.listed(name), True
        words = self.take(_WORDS)
        told = (words[0] if words else "").strip()
        if not told:
            raise self.fail("a kind, such as money, or choices, such as paid|open")
        if _is_choice(told):
            return _leaf(_choices(told), is_key), False
        if self.text.startswith("[]", self.at):
            self.at += 2
            return list[self.kind(told)], True  # type: ignore[misc]
        is_key = is_key or told.endswith("!")
        return _leaf(self.kind(told.removesuffix("!")), is_key), False

    def listed(self, name: str) -> Any:
        """Return a list of a kind or of choices where one word stands in brackets, else of rows."""
        start = self.at
        told = (self.take(_WORDS) or [""])[0].strip()
        is_one = self.peek() == "]" and told
        if is_one and _is_choice(told):
            self.at += 1
            return list[_choices(told)]  # type: ignore[misc]
        if is_one and _SYNONYMS.get(told, told) in _KINDS:
            self.at += 1
            return list[self.kind(told)]  # type: ignore[misc]
        self.at = start
        row = self.fields(name.title(), "]")
        return list[row]  # type: ignore[valid-type]

    def kind(self, word: str) -> Any:
        """Return the type of a kind; one that there is not is a fault, and text."""
        name = _SYNONYMS.get(word, word)
        if name in _KINDS:
            return type_of(Kind(name))
        if "\n" in word:
            raise SchemaInvalidError(
                f"--schema: {word.partition(chr(10))[0]!r} is followed by another line",
                "Fields are separated by commas, not lines: vendor, total: money.",
            )
        first, _, rest = word.partition(" ")
        if rest and _SYNONYMS.get(first, first) in _KINDS:
            self.at -= len(rest)
            raise self.fail("a comma or the end")
        near = get_close_matches(name, _KINDS, n=1)
        guess = f" Did you mean {near[0]}?" if near else ""
        hint = _NOT_KINDS.get(name, f"Kinds: {', '.join(_KINDS)}.{guess}")
        self.faults.append(SchemaInvalidError(f"--schema: {word!r} is no kind of field", hint))
        return type_of(Kind.TEXT)

    def description(self) -> str:
        quoted = self.take(_QUOTED)
        told = (quoted[1] or quoted[2]) if quoted else (self.take(_TELLING) or [""])[0]
        if not (told or "").strip():
            raise self.fail("words that describe the field")
        if quoted is None and str(told).lstrip()[0] in _QUOTES:
            raise SchemaInvalidError(
                f"--schema: {str(told).strip()} has no closing quote",
                'Words with a comma stand in quotes: total: money = "net, without tax".',
            )
        return str(told).strip()


def _leaf(annotated: Any, is_key: bool) -> Any:
    return (Annotated[annotated, Key()] if is_key else annotated) | None


def _is_choice(told: str) -> bool:
    return "|" in _QUOTED.sub("", told) or _QUOTED.fullmatch(told) is not None


def _choices(told: str) -> Any:
    """Return the type of choices such as ``paid|open|"part paid"``."""
    parts = re.findall(r"""(?:"[^"]*"|'[^']*'|[^|"'])+""", told)
    choices = tuple(part.strip().strip("\"'").strip() for part in parts)
    if len(parts) != _QUOTED.sub("", told).count("|") + 1 or not all(choices):
        raise SchemaInvalidError(
            f"--schema: {told!r} lacks a choice", "Write all of them, such as paid|open."
        )
    return Literal[choices]


def _hint_before(mark: str, *, is_word: bool) -> str:
    """Return what to do about something that should not be there."""
    if mark == ";":
        return "Fields are separated by commas: vendor, total: money."
    if mark == ".":
        return "A field of a group stands in braces: totals: {net: money, tax: money}."
    if mark in ("-", "/", "#") or is_word:
        return (
            'A name with blanks or signs stands in quotes ("invoice no."), or takes underscores '
            "(invoice_no); fields are separated by commas."
        )
    return "A line looks so: vendor, total: money, lines: [description, net: money]."

"""Reads what ``--schema`` says where it names several schemas, of which each document takes one.

Knows nothing of files. A list of names of schemas is one of several; any other list with commas is
a line of fields. What could be both is refused, for it would be read as nobody meant.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from docextract.core import SchemaInvalidError
from docextract.schema.languages import keys

AUTO = "auto"
"""All schemas that come with the package and are made for a kind of document."""

BY_KIND = ("bank_statement", "invoice", "purchase_order", "receipt")
"""Their names."""


def several(spec: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the schemas that a spec names, in alphabetical order; none where it names only one.

    Args:
        spec: what ``--schema`` says.
        known: names of all schemas.

    Raises:
        SchemaInvalidError: some of its names are those of schemas and others are not, or ``auto``
            stands among others.
    """
    words = filter(None, (item.strip() for item in spec.split(",")))
    items = list(dict.fromkeys(_as_known(word, known) for word in words))
    if AUTO in items and AUTO not in known:
        if len(items) > 1:
            hint = f'Say --schema {AUTO}, or name those you want; a field is "{AUTO}: text".'
            raise SchemaInvalidError(f"{AUTO} stands for all built-in schemas, and alone", hint)
        return BY_KIND
    named = [item for item in items if item in known or item.endswith(".py")]
    if len(items) < 2 or not named:
        return ()
    if len(named) < len(items):
        _refuse(items, named, known)
        return ()
    return tuple(sorted(named))


def _as_known(word: str, known: Collection[str]) -> str:
    """Return a name as its schema has it, where only its capitals are other."""
    return word.lower() if word not in known and word.lower() in known else word


def check_kinds(names: Collection[str]) -> None:
    """Raise where a schema is named after no kind of document, which is how each finds its own.

    Raises:
        SchemaInvalidError: one is.
    """
    kinds = {*keys("document_kinds"), *keys("document_titles")}
    strange = next((name for name in names if name not in kinds), None)
    if strange is not None:
        raise SchemaInvalidError(
            f"{strange} is no kind of document that is told from others",
            f"Several schemas at once are named after kinds: {', '.join(sorted(kinds))}.",
        )


def set_name(names: Collection[str]) -> str:
    """Return what several schemas together are called."""
    return AUTO if set(names) == set(BY_KIND) else ",".join(sorted(names))


def _refuse(items: list[str], named: list[str], known: Collection[str]) -> None:
    """Raise where names of schemas stand among plain names; a field with a type is a field."""
    others = [item for item in items if item not in named]
    if not all(item.isidentifier() for item in others):
        return
    other = others[0]
    near = get_close_matches(other, known, n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    raise SchemaInvalidError(
        f"{named[0]!r} is a schema and {other!r} is none: are these schemas or fields?",
        f"{guess}Fields that are called like schemas need a type: "
        f'"{", ".join(f"{item}: text" for item in items)}".',
    )

"""Puts values right as they are written on a command line or in an edited table.

Knows nothing of how they were come by.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docextract.core import OptionError, Tree
from docextract.review.desk.desk import Desk
from docextract.review.desk.edited_table import edits_of, name_of, read_table
from docextract.review.desk.sayings import Saying
from docextract.review.desk.typed_input import read_typed
from docextract.review.labels.label import DOCUMENT, Action, Label
from docextract.review.queue.waiting import waiting_of
from docextract.schema import Schema, at


@dataclass(slots=True)
class Done:
    """What became of it.

    Attributes:
        changed: what was kept, as lines.
        refused: what was not taken and why, as sentences.
    """

    changed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def correct_document(desk: Desk, name: str, values: Sequence[str]) -> Done:
    """Keep what a command line says of one document, all or nothing.

    Args:
        desk: where.
        name: of the document; see ``Desk.find``.
        values: ``path=value`` for what is right, ``path=`` where there is none, ``path`` where
            what stands is right, ``.`` where nothing is left to look at.

    Raises:
        OptionError: there is no such document, field or row.
        UnclearValueError: a value is none, or could be several.
    """
    tree = desk.find(name).tree
    sayings = [_saying(text, desk.schema.of(tree)) for text in values]
    kept = desk.say(tree["document"]["sha256"], *sayings)
    lines = [_line(tree, saying, label, desk) for saying, label in zip(sayings, kept, strict=True)]
    return Done([*lines, _outcome(desk, tree)])


def correct_from(desk: Desk, table: Path) -> Done:
    """Keep what was changed in an edited table; what cannot be taken is named.

    Raises:
        UsageError: it is no table of documents.
    """
    rows, habits = read_table(table, desk.schema)
    done = Done()
    for row in rows:
        try:
            tree = desk.find(name_of(row)).tree
            sha256 = tree["document"]["sha256"]
            edits = edits_of(row, tree, desk.standing(sha256).earlier, desk.schema, habits)
        except OptionError as error:
            done.refused.append(f"line {row.line}: {error}")
            continue
        done.refused += edits.refused
        sayings = [_put(path, value) for path, value in edits.values.items()]
        if sayings:
            kept = desk.say(sha256, *sayings)
            done.changed += [_line(tree, *pair, desk) for pair in zip(sayings, kept, strict=True)]
    return done


def undo(desk: Desk, name: str) -> Done:
    """Take back what the reviewer did last to a document.

    Raises:
        OptionError: there is no such document, or nothing to take back.
    """
    tree = desk.find(name).tree
    label = desk.undo(tree["document"]["sha256"])
    path = label.path or "the document"
    return Done([f"{tree['document']['path']}: {path} as before", _outcome(desk, tree)])


def _saying(text: str, schema: Schema) -> Saying:
    path, is_value, value = text.partition("=")
    path = path.strip()
    if not is_value:
        return Saying(DOCUMENT if path == "." else path, Action.ACCEPT)
    field_at = schema.field_at(path)
    if field_at is None and value.strip():
        if cell := _cell_like(path, schema):
            hint = f"Name one by its row, counted from 0: {cell}=VALUE."
            raise OptionError(f"{path} names no cell of a list", hint)
        # Unknown: the desk says so.
        return Saying(path, Action.CORRECT, value)
    return _put(path, read_typed(value, field_at) if field_at and value.strip() else None)


def _cell_like(path: str, schema: Schema) -> str:
    """Return a cell of the list that a path is, or is a row of, or numbers wrongly."""
    shape = re.sub(r"\[[^\]]*\]", "[]", path).removesuffix("[]")
    cells = (leaf.path for leaf in schema.fields if "[]" in leaf.path)
    found = (cell for cell in cells if cell == shape or cell.startswith(f"{shape}[]"))
    return next(found, "").replace("[]", "[0]")


def _put(path: str, value: str | None) -> Saying:
    return Saying(path, Action.ABSENT if value is None else Action.CORRECT, value)


def _line(tree: Tree, saying: Saying, label: Label, desk: Desk) -> str:
    name, path = tree["document"]["path"], saying.path or "the document"
    if saying.action is Action.ACCEPT:
        return f"{name}: {path} is confirmed"
    before = at(tree["values"], saying.path)
    shown = before if isinstance(before, str) else "nothing" if before is None else "what was there"
    return f"{name}: {path} {shown} -> {'nothing' if saying.value is None else saying.value}"


def _outcome(desk: Desk, tree: Tree) -> str:
    now = desk.record(tree["document"]["sha256"]).tree
    waiting = waiting_of(now, desk.schema)
    names = [path or "the document" for path in waiting.left] if waiting else []
    left = f"; still in doubt: {', '.join(names)}" if names else ""
    return f"{now['document']['path']}: {now['status']}{left}"

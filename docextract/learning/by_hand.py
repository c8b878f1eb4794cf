"""Hints that people write by hand for a supplier: fixed values, label words, places on the page.

Knows nothing of documents. A hint is evidence like a memory, and stands for no value of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docextract.core import MISFITS, UsageError, describe_misfit
from docextract.learning.clues.clue import Clue
from docextract.learning.layout import fold, marks_of_text
from docextract.learning.memory import LayoutMemory

_KEYS = {"name", "schema", "keywords", "fixed", "labels", "at"}
_HINT = "docs/learning.md shows such a file."


def load_hints(path: Path) -> tuple[LayoutMemory, ...]:
    """Return what a TOML file of suppliers says.

    Each ``[[supplier]]`` has a ``name``, the ``schema`` its values are of and ``keywords``, all of
    which its documents print; then by field ``fixed`` values, ``labels`` it stands right of or
    below, or ``at`` where it stands: left, top, right and bottom as fractions of the first page.

    Raises:
        UsageError: it cannot be read or says something else.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        return tuple(_layout(supplier) for supplier in tree["supplier"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"the hints {path} cannot be read: {error}", _HINT) from error
    except MISFITS as error:
        told = describe_misfit(error)
        raise UsageError(f"the hints {path} are not understood: {told}", _HINT) from error


def _layout(supplier: dict[str, Any]) -> LayoutMemory:
    name = str(supplier["name"])
    if unknown := supplier.keys() - _KEYS:
        raise ValueError(f"{name}: there is no {', '.join(sorted(unknown))}")
    marks = marks_of_text(map(str, supplier["keywords"]))
    if not any(mark.isalnum() for mark in marks):
        raise ValueError(f"{name}: keywords need a word of three letters or more")
    clues: dict[str, tuple[Clue, ...]] = {}
    for kind, clue_of in (("fixed", _fixed), ("labels", _labelled), ("at", _placed)):
        for path, told in _leaves(supplier.get(kind, {})):
            several = told if isinstance(told, list) and kind == "labels" else [told]
            clues[path] = (*clues.get(path, ()), *map(clue_of, several))
    return LayoutMemory(str(supplier["schema"]), name, marks, clues=clues)


def _leaves(tree: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what a table says by field path; ``a.b = 1`` nests in TOML, ``"a.b" = 1`` does not."""
    for name, told in tree.items():
        if isinstance(told, dict):
            yield from _leaves(told, f"{before}{name}.")
        else:
            yield before + name, told


def _fixed(told: object) -> Clue:
    return Clue(constant=str(told), is_by_hand=True)


def _labelled(told: object) -> Clue:
    label = fold(str(told))
    if not label:
        raise ValueError(f"{told!r} is no label")
    return Clue(label=label, is_by_hand=True)


def _placed(told: Any) -> Clue:
    left, top, right, bottom = map(float, told)
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError(f"{told} is no place: left, top, right, bottom from 0 to 1")
    return Clue(
        left=left, right=right, down=(top + bottom) / 2, height=bottom - top, is_by_hand=True
    )

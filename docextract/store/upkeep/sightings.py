"""Which path stands for which bytes where files are renamed, moved, copied or replaced.

Knows nothing of what records say. The newest sighting of some bytes counts: a path that is gone is
retired, one that is still there is a duplicate of the new one. The bytes that a path had before
stay a document of their own, under a name that tells them apart.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docextract.core import Document, RecordStatus, file_hash, to_text
from docextract.store.connection import Database

_SHOWN_HASH = 12
_HASH = 64
_SET_ASIDE = re.compile(rb"#[0-9a-f]{12}(#p[0-9]+(-[0-9]+)?)?$")
Place = Sequence[Any]
"""Schema and path of a row, as the store has them."""
_OWN = "duplicate_of IS NULL AND skipped IS NULL"
_GOOD = (RecordStatus.OK.value, RecordStatus.REVIEW.value)


@dataclass(slots=True)
class Changes:
    """What sightings have changed since a store was opened.

    Attributes:
        num_moved: documents seen under another path, whose old one was retired.
        num_replaced: paths that hold other bytes than before.
        example: shown name of a document whose path another has now.
    """

    num_moved: int = 0
    num_replaced: int = 0
    example: str = ""


def see(
    database: Database,
    place: Place,
    document: Document,
    changes: Changes,
    *,
    is_copy: bool,
) -> None:
    """Make room for the row of a path that holds other bytes than before, or is new.

    Args:
        database: of the store; nothing is committed.
        place: schema and path of the row.
        document: what was seen.
        changes: counted here.
        is_copy: whether another path of this run has the same bytes, and stands for them.
    """
    _set_aside(database, place[0], document, changes)
    if document.sha256:
        _retire(database, place, document, changes, is_copy=is_copy)


def _set_aside(
    database: Database, schema: str | None, document: Document, changes: Changes
) -> None:
    """Keep what a file held before, if it was read, under names of its own."""
    sql = (
        "SELECT d.path, d.display, d.relative, d.sha256 FROM documents d JOIN records r"
        " ON r.key = d.key AND r.fingerprint = d.fingerprint WHERE d.schema_name = ?"
        " AND (d.path = ? OR d.path > ? AND d.path < ?) AND substr(d.sha256, 1, ?) NOT IN ('', ?)"
        f" AND {_OWN} AND r.status IN (?, ?)"
    )
    raw, own = document.raw_path, file_hash(document.sha256)
    # Several documents in one file have rows of their own, each with its pages behind a zero.
    between = (schema, raw, raw + b"\0", raw + b"\1", _HASH, own)
    for path, display, relative, sha256 in list(database.rows(sql, (*between, *_GOOD))):
        mark = f"#{sha256[:_SHOWN_HASH]}"
        name = raw + mark.encode() + sha256[_HASH:].encode()
        database.write(
            "UPDATE OR REPLACE documents SET path = ?, display = ?, relative = ?"
            " WHERE schema_name = ? AND path = ?",
            (name, display + mark, relative + mark, schema, path),
        )
        changes.num_replaced += 1
        changes.example = changes.example or display + mark


def _retire(
    database: Database, place: Place, document: Document, changes: Changes, *, is_copy: bool
) -> None:
    for path, is_own in _elsewhere(database, place, document):
        if is_gone(path) and not (is_copy and is_own):
            sql = "DELETE FROM documents WHERE schema_name = ? AND path = ?"
            database.write(sql, (place[0], path))
            changes.num_moved += is_own
        elif not is_copy:
            sql = "UPDATE documents SET duplicate_of = ? WHERE schema_name = ? AND path = ?"
            database.write(sql, (to_text(document.path), place[0], path))


def _elsewhere(database: Database, place: Place, document: Document) -> list[tuple[Any, ...]]:
    """Return the other paths of some bytes, and whether each stands for them."""
    sql = (
        "SELECT path, duplicate_of IS NULL FROM documents"
        " WHERE schema_name = ? AND key = ? AND path != ? AND skipped IS NULL"
    )
    return list(database.rows(sql, (place[0], document.sha256, place[1])))


def is_gone(path: bytes) -> bool:
    """Whether a file is surely not there any more.

    A document in a mail or an archive, such as ``mail.eml!a.pdf``, is there as long as that is;
    of what lies in no file system nobody can tell.
    """
    if not path.startswith(b"/"):
        return False
    path = path.partition(b"\0")[0]
    if _SET_ASIDE.search(path):
        return not os.path.lexists(path)
    holders = (path[:place] for place, sign in enumerate(path) if sign == ord("!"))
    return not any(map(os.path.lexists, (path, *holders)))

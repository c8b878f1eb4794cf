"""Which path stands for which bytes where files are renamed, moved, copied or replaced.

Knows nothing of what records say. The newest sighting of some bytes counts: a path that is gone is
retired, one that is still there is a duplicate of the new one. The bytes that a path had before
stay a document of their own, under a name that tells them apart.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

from docextract.core import Document, RecordStatus, to_text
from docextract.store.connection import Database

_SHOWN_HASH = 12
_SET_ASIDE = re.compile(rb"#[0-9a-f]{12}")
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
    database: Database, schema: str | None, document: Document, changes: Changes, *, is_copy: bool
) -> None:
    """Make room for the row of a path that holds other bytes than before, or is new.

    Args:
        database: of the store; nothing is committed.
        schema: name of the schema whose rows are meant.
        document: what was seen.
        changes: counted here.
        is_copy: whether another path of this run has the same bytes, and stands for them.
    """
    _set_aside(database, schema, document, changes)
    if document.sha256:
        _retire(database, schema, document, changes, is_copy=is_copy)


def _set_aside(
    database: Database, schema: str | None, document: Document, changes: Changes
) -> None:
    """Keep the document that a path held before, if it was read, under a name of its own."""
    sql = (
        "SELECT d.display, d.relative, d.sha256 FROM documents d JOIN records r"
        " ON r.key = d.key AND r.fingerprint = d.fingerprint WHERE d.schema_name = ?"
        f" AND d.path = ? AND d.sha256 NOT IN ('', ?) AND {_OWN} AND r.status IN (?, ?)"
    )
    place = (schema, document.raw_path)
    before = database.first(sql, (*place, document.sha256, *_GOOD))
    if before is None:
        return
    display, relative, sha256 = before
    mark = f"#{sha256[:_SHOWN_HASH]}"
    row = (document.raw_path + mark.encode(), display + mark, relative + mark)
    database.write(
        "UPDATE OR REPLACE documents SET path = ?, display = ?, relative = ?"
        " WHERE schema_name = ? AND path = ?",
        (*row, *place),
    )
    changes.num_replaced += 1
    changes.example = changes.example or row[1]


def _retire(
    database: Database, schema: str | None, document: Document, changes: Changes, *, is_copy: bool
) -> None:
    for path, is_own in _elsewhere(database, schema, document):
        if is_gone(path) and not (is_copy and is_own):
            sql = "DELETE FROM documents WHERE schema_name = ? AND path = ?"
            database.write(sql, (schema, path))
            changes.num_moved += is_own
        elif not is_copy:
            sql = "UPDATE documents SET duplicate_of = ? WHERE schema_name = ? AND path = ?"
            database.write(sql, (to_text(document.path), schema, path))


def _elsewhere(database: Database, schema: str | None, document: Document) -> list[tuple[Any, ...]]:
    """Return the other paths of some bytes, and whether each stands for them."""
    sql = (
        "SELECT path, duplicate_of IS NULL FROM documents"
        " WHERE schema_name = ? AND key = ? AND path != ? AND skipped IS NULL"
    )
    return list(database.rows(sql, (schema, document.sha256, document.raw_path)))


def is_gone(path: bytes) -> bool:
    """Whether a file is surely not there any more.

    A document in a mail or an archive, such as ``mail.eml!a.pdf``, is there as long as that is;
    of what lies in no file system nobody can tell.
    """
    if not path.startswith(b"/"):
        return False
    if _SET_ASIDE.fullmatch(path[-_SHOWN_HASH - 1 :]):
        return not os.path.lexists(path)
    holders = (path[:place] for place, sign in enumerate(path) if sign == ord("!"))
    return not any(map(os.path.lexists, (path, *holders)))

"""Under which settings the documents of a store were read.

Knows nothing of what changes an answer; a fingerprint stands for all of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from docextract.core import Tree


class Version(NamedTuple):
    """Documents that were read under the same settings.

    Attributes:
        fingerprint: of the settings.
        num_documents: paths, copies left out.
        about: what ``begin_run`` was told by the newest run of it; empty where there is none.
        run_id: of that run; 0 where there is none.
    """

    fingerprint: str
    num_documents: int
    about: Tree
    run_id: int


VERSIONS = (
    "SELECT d.fingerprint, d.num, r.options, ifnull(r.id, 0) FROM"
    " (SELECT fingerprint, count(*) AS num FROM documents WHERE schema_name = ?"
    " AND duplicate_of IS NULL AND skipped IS NULL AND sha256 != '' GROUP BY fingerprint) d"
    " LEFT JOIN runs r ON r.id = (SELECT max(id) FROM runs WHERE schema_name = ?"
    " AND json_extract(options, '$.fingerprint') = d.fingerprint) ORDER BY 4 DESC, 1"
)
"""Selects the versions of a schema, whose name is given twice, those of the newest run first."""


def versions(rows: Iterable[tuple[Any, ...]]) -> list[Version]:
    """Return the versions that ``VERSIONS`` has selected."""
    return [Version(mark, num, json.loads(text or "{}"), run) for mark, num, text, run in rows]


def of_other_schemas(found: Sequence[Version]) -> list[Version]:
    """Return those whose values may be of another form than those of the newest run.

    They were read with a schema of the same name that has changed since.
    """
    newest = found[0].about.get("schema_id") if found else None
    return [it for it in found if it.about.get("schema_id") != newest]


def num_of_other_schemas(found: Sequence[Version]) -> int:
    """Return how many documents those are."""
    return sum(it.num_documents for it in of_other_schemas(found))

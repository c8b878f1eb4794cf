"""The tables of the store, as steps from one format to the next.

Knows nothing of records; ``PRAGMA user_version`` counts the steps done.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from docextract.core import StoreError

M001 = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    ended TEXT,
    schema_name TEXT NOT NULL,
    fields TEXT NOT NULL,
    options TEXT NOT NULL,
    summary TEXT
);
-- One row per outcome; equal bytes under equal options share it, whatever their paths.
CREATE TABLE records (
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL,
    json TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    UNIQUE (key, fingerprint)
);
-- One row per path, pointing at its newest outcome. Paths are bytes: not all are text.
CREATE TABLE documents (
    path BLOB PRIMARY KEY,
    display TEXT NOT NULL,
    relative TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    duplicate_of TEXT,
    skipped TEXT
) WITHOUT ROWID;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    path BLOB NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    ended TEXT NOT NULL
);
CREATE INDEX attempts_by_key ON attempts (key, fingerprint);
"""

M002 = """
-- A path has an outcome per schema, so that one folder serves several.
CREATE TABLE documents_by_schema (
    schema_name TEXT NOT NULL,
    path BLOB NOT NULL,
    display TEXT NOT NULL,
    relative TEXT NOT NULL,
    media_type TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    duplicate_of TEXT,
    skipped TEXT,
    PRIMARY KEY (schema_name, path)
) WITHOUT ROWID;
INSERT INTO documents_by_schema
    SELECT runs.schema_name, path, display, relative, media_type, sha256, key, fingerprint,
        run_id, duplicate_of, skipped
    FROM documents JOIN runs ON runs.id = documents.run_id;
DROP TABLE documents;
ALTER TABLE documents_by_schema RENAME TO documents;
-- Pages whose words cost OCR, as last read; "reading" changes when words could.
CREATE TABLE pages (
    sha256 TEXT NOT NULL,
    number INTEGER NOT NULL,
    reading TEXT NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (sha256, number)
);
"""

M003 = """
-- At most one row: what the exports of the newest records look like, while they are the newest.
CREATE TABLE exported (mark TEXT NOT NULL);
"""

M004 = """
-- The mail a path came in, as JSON: the same bytes may hang on several.
ALTER TABLE documents ADD COLUMN mail TEXT;
-- What mails and zips hold, as last told; "reading" changes when it could be told otherwise.
CREATE TABLE containers (
    sha256 TEXT PRIMARY KEY,
    reading TEXT NOT NULL,
    listing BLOB NOT NULL
) WITHOUT ROWID;
"""

M005 = """
CREATE INDEX documents_by_key ON documents (schema_name, key);
-- Paths with equal bytes, seen by several runs: the newest stands for all.
UPDATE documents AS d SET duplicate_of = (
    SELECT display FROM documents AS n WHERE n.schema_name = d.schema_name AND n.key = d.key
    AND n.duplicate_of IS NULL AND n.skipped IS NULL ORDER BY n.run_id DESC, n.path LIMIT 1
)
WHERE duplicate_of IS NULL AND skipped IS NULL AND sha256 != '' AND path != (
    SELECT path FROM documents AS n WHERE n.schema_name = d.schema_name AND n.key = d.key
    AND n.duplicate_of IS NULL AND n.skipped IS NULL ORDER BY n.run_id DESC, n.path LIMIT 1
);
"""

MIGRATIONS = (M001, M002, M003, M004, M005)


@dataclass(frozen=True, slots=True)
class Format:
    """What a kind of file holds.

    Attributes:
        name: for messages.
        steps: from an empty file to the newest tables, one after another.
        when_damaged: what to do where such a file was moved aside.
    """

    name: str
    steps: tuple[str, ...]
    when_damaged: str


STORE = Format(
    "store",
    MIGRATIONS,
    "Run again to begin a new store and read everything anew, or put back a copy.",
)


def migrate(connection: sqlite3.Connection, kind: Format = STORE) -> None:
    """Bring a file to the newest format, one step per transaction.

    Raises:
        StoreError: a newer docextract wrote it.
    """
    for number in range(check_version(connection, kind), len(kind.steps)):
        version = f"PRAGMA user_version = {number + 1};"
        connection.executescript(f"BEGIN IMMEDIATE; {kind.steps[number]} {version} COMMIT;")


def check_version(connection: sqlite3.Connection, kind: Format = STORE) -> int:
    """Return the format of a file.

    Raises:
        StoreError: it is newer than this docextract knows.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(kind.steps):
        raise StoreError(
            f"the {kind.name} has format {version}, newer than the known {len(kind.steps)}",
            "Upgrade docextract, or choose another --out.",
        )
    return version

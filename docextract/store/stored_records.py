"""What a store holds, read without changing it.

Knows nothing of how it got there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from docextract.core import PART, Document, Mail, RecordStatus, Tree, file_hash
from docextract.store.connection import Database, as_written
from docextract.store.lock import holder
from docextract.store.trees import duplicate_tree, tree_at
from docextract.store.upkeep.versions import VERSIONS, Version, versions

_NUM_TIMED = 2_000
Fields = list[tuple[str, str]] | dict[str, list[tuple[str, str]]]


def flat_fields(fields: Fields) -> list[tuple[str, str]]:
    """Return the fields of a schema, or those that any of several has, each path once."""
    if isinstance(fields, dict):
        return list({path: kind for own in fields.values() for path, kind in own}.items())
    return fields


def named_fields(fields: Fields) -> dict[str, list[tuple[str, str]]]:
    """Return the fields of several schemas by their names; of one schema nothing."""
    return fields if isinstance(fields, dict) else {}


class Lens(Protocol):
    """What people have said of records since, laid over them where they are shown."""

    @property
    def mark(self) -> str:
        """Another one whenever something else would be shown."""

    @property
    def documents(self) -> Collection[str]:
        """Hashes of the documents it changes."""

    def __call__(self, tree: Tree) -> Tree:
        """Return what is shown of a record; the record given stays as it is."""


class Outcome(NamedTuple):
    """How a document ended.

    Attributes:
        status: of its record.
        errors: stage and reason of each, most important first; of one that is ok none is told.
        stopped_by: what ended the run it is of, if anything did; see ``RunSummary``.
    """

    status: RecordStatus
    errors: tuple[tuple[str, str], ...] = ()
    stopped_by: str = ""


class StoredDocument(NamedTuple):
    """A path and the record that stands for it."""

    raw_path: bytes
    relative: str
    tree: Tree


class StoredName(NamedTuple):
    """What a document is called: its shown path and the hash of its bytes.

    Attributes:
        is_copy: whether another path stands for the same bytes.
    """

    path: str
    sha256: str
    is_copy: bool = False


def record_key(document: Document) -> str:
    """Return what a document's outcome is stored under.

    That is the hash of its bytes, or its path where the bytes could not be read.
    """
    return document.sha256 or f"path:{document.raw_path.hex()}"


def keys_of_parts(sha256: str) -> tuple[str, str]:
    """Return between which two texts the keys of a file's parts lie."""
    return f"{sha256}{PART}", f"{sha256}{PART}:"


def row_path(document: Document) -> bytes:
    """Return under which path a document has its row: a part's holds a byte that no path does."""
    pages = document.pages
    return document.raw_path + (b"" if pages is None else b"\0%07d" % pages[0])


class StoredRecords:
    """The records, documents and runs of one output folder.

    Every method raises StoreError where the disk or SQLite does not deliver.

    Attributes:
        lens: through which records are shown; None shows them as they are stored.
    """

    lens: Lens | None = None

    def __init__(self, database: Database, schema: str | None = None) -> None:
        self.path = database.path
        self._database = database
        self._schema = schema

    def schema_name(self) -> str | None:
        """Return the schema whose documents are shown, or None where there are none yet.

        That is the one asked for, or else that of the newest run that has documents.
        """
        if self._schema is not None:
            return self._schema
        sql = (
            "SELECT schema_name FROM runs r WHERE EXISTS"
            " (SELECT 1 FROM documents d WHERE d.schema_name = r.schema_name)"
            " ORDER BY id DESC LIMIT 1"
        )
        row = self._database.first(sql)
        return None if row is None else str(row[0])

    def schema_names(self) -> list[str]:
        """Return the names of all schemas that have documents here."""
        sql = "SELECT DISTINCT schema_name FROM documents ORDER BY schema_name"
        return [str(row[0]) for row in self._database.rows(sql)]

    def schema_names_ever(self) -> list[str]:
        """Return the names of all schemas that runs were given here, whatever is left of them."""
        sql = "SELECT DISTINCT schema_name FROM runs ORDER BY schema_name"
        return [str(row[0]) for row in self._database.rows(sql)]

    def fields(self, schema: str | None = None) -> Fields:
        """Return path and kind of a schema's leaves as of its newest run.

        Where each document was read with one of several schemas, those of each by its name.

        Args:
            schema: its name; None for the one that is shown.
        """
        # Each value is given once: Python 3.12.0 to 3.12.3 warn about numbered places.
        sql = "SELECT fields FROM runs WHERE schema_name = ifnull(?, schema_name)"
        row = self._database.first(
            f"{sql} ORDER BY id DESC LIMIT 1", (schema or self.schema_name(),)
        )
        with as_written(self.path):
            found = [] if row is None else json.loads(row[0])
            if isinstance(found, dict):
                return {name: [(path, kind) for path, kind in own] for name, own in found.items()}
            return [(path, kind) for path, kind in found]

    def versions(self) -> list[Version]:
        """Return under which settings the schema's documents were read, the newest run's first."""
        name = self.schema_name()
        rows = list(self._database.rows(VERSIONS, (name, name)))
        with as_written(self.path):
            return versions(rows)

    def read_as(self, key: str) -> str | None:
        """Return under which fingerprint a document of the schema was read last, if it was.

        Args:
            key: see ``record_key``.
        """
        sql = "SELECT fingerprint FROM documents WHERE schema_name = ? AND key = ? LIMIT 1"
        row = self._database.first(sql, (self.schema_name(), key))
        return None if row is None else str(row[0])

    def exported(self) -> str | None:
        """Return what ``Store.mark_exported`` was told, if nothing was stored since."""
        row = self._database.first("SELECT mark FROM exported")
        return None if row is None else str(row[0])

    def kept_pages(self, sha256: str, reading: str) -> dict[int, bytes]:
        """Return the packed pages of a document by number.

        Args:
            sha256: hash of its bytes, or of the part of a file, which has those of the whole.
            reading: under which they were read; those of another are left out.
        """
        sql = "SELECT number, packed FROM pages WHERE sha256 = ? AND reading = ?"
        return dict(self._database.rows(sql, (file_hash(sha256), reading)))

    def kept_listing(self, sha256: str, reading: str) -> bytes | None:
        """Return what a container holds, packed, if it was read in the same way before."""
        sql = "SELECT listing FROM containers WHERE sha256 = ? AND reading = ?"
        row = self._database.first(sql, (sha256, reading))
        return None if row is None else bytes(row[0])

    def status_of(self, sha256: str, fingerprint: str) -> RecordStatus | None:
        """Return how these bytes ended under this fingerprint, or None if never done.

        Args:
            sha256: hash of the bytes, or ``record_key`` where they could not be read.
            fingerprint: see ``config.fingerprint``.
        """
        sql = "SELECT status FROM records WHERE key = ? AND fingerprint = ?"
        row = self._database.first(sql, (sha256, fingerprint))
        return None if row is None else RecordStatus(row[0])

    def outcome_of(self, key: str, fingerprint: str) -> Outcome | None:
        """Return how a document ended, or None if never done.

        Args:
            key: see ``record_key``.
            fingerprint: see ``config.fingerprint``.
        """
        # Most are ok: their JSON, which may be long, is not looked into.
        sql = (
            "SELECT status,"
            " CASE status WHEN 'ok' THEN '[]' ELSE json_extract(json, '$.errors') END,"
            " CASE status WHEN 'failed' THEN json_extract(summary, '$.stopped_by') END"
            " FROM records JOIN runs ON runs.id = run_id WHERE key = ? AND fingerprint = ?"
        )
        row = self._database.first(sql, (key, fingerprint))
        if row is None:
            return None
        with as_written(self.path):
            errors = tuple((item["stage"], item["reason"]) for item in json.loads(row[1]))
            return Outcome(RecordStatus(row[0]), errors, row[2] or "")

    def part_outcomes(self, sha256: str, fingerprint: str) -> dict[str, Outcome]:
        """Return how the documents of a file ended that was cut, by their keys.

        Args:
            sha256: hash of the file's bytes.
            fingerprint: see ``config.fingerprint``.
        """
        sql = "SELECT key FROM records WHERE key > ? AND key < ? AND fingerprint = ? ORDER BY rowid"
        keys = self._database.rows(sql, (*keys_of_parts(sha256), fingerprint))
        found = ((key, self.outcome_of(key, fingerprint)) for (key,) in list(keys))
        return {key: outcome for key, outcome in found if outcome is not None}

    def num_attempts(self, sha256: str, fingerprint: str) -> int:
        """Return how often these bytes were tried under this fingerprint."""
        sql = "SELECT count(*) FROM attempts WHERE key = ? AND fingerprint = ?"
        row = self._database.first(sql, (sha256, fingerprint))
        return 0 if row is None else int(row[0])

    def speeds(self, engine: str) -> list[tuple[str, int, float]]:
        """Return what reading took, as (media type, pages, seconds in a worker).

        Of the newest records of an engine alone; one without pages counts as one page.
        """
        sql = (
            "SELECT media_type, sum(num_pages), sum(ms) / 1000 FROM (SELECT"
            " json_extract(json, '$.document.media_type') AS media_type,"
            " max(1, json_array_length(json, '$.pages')) AS num_pages,"
            " (SELECT total(value) FROM json_each(r.json, '$.timings_ms')) AS ms"
            " FROM (SELECT json FROM records WHERE status IN ('ok', 'review')"
            " ORDER BY rowid DESC LIMIT ?) AS r WHERE json_extract(json, '$.engine.name') = ?)"
            " GROUP BY media_type HAVING sum(ms) > 0"
        )
        # In its subquery, json_each has a hidden column called json too: hence the r.
        rows = self._database.rows(sql, (_NUM_TIMED, engine))
        return [(str(kind), int(num_pages), float(seconds)) for kind, num_pages, seconds in rows]

    def shown(self, tree: Tree) -> Tree:
        """Return what is shown of a record."""
        return tree if self.lens is None else self.lens(tree)

    def documents(self, only: Collection[str] | None = None) -> Iterator[StoredDocument]:
        """Yield every path of the schema with its newest record, by the paths' bytes.

        Args:
            only: hashes of the documents that are wanted; None for all.
        """
        for stored in self.as_stored(only):
            yield stored._replace(tree=self.shown(stored.tree))

    def as_stored(self, only: Collection[str] | None = None) -> Iterator[StoredDocument]:
        """Yield the same as runs left it, whatever people have said since."""
        sql = (
            "SELECT d.path, d.display, d.relative, d.media_type, d.sha256, d.fingerprint,"
            " d.mail, d.duplicate_of, coalesce(d.skipped, r.json) FROM documents d"
            " LEFT JOIN records r ON r.key = d.key AND r.fingerprint = d.fingerprint"
            " WHERE d.schema_name = ?"
            " AND coalesce(d.skipped, r.json, d.duplicate_of) IS NOT NULL"
        )
        values = [self.schema_name()]
        if only is not None:
            sql += " AND d.sha256 IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(sorted(only)))
        with closing(self._database.rows(f"{sql} ORDER BY d.path", values)) as rows:
            for row_of, path, relative, media_type, sha256, *rest in rows:
                raw = row_of.partition(b"\0")[0]
                document = Document(path, raw, sha256, media_type, 0, relative)
                with as_written(self.path):
                    tree = self._tree(document, *rest)
                yield StoredDocument(raw, relative, tree)

    def _tree(
        self, document: Document, fingerprint: str, mail: str | None, twin: str | None, text: Any
    ) -> Tree:
        """Return the record of a path out of its row; ``text`` is its JSON, if it has any."""
        came_in = None if mail is None else Mail.from_json(json.loads(mail))
        document = replace(document, mail=came_in)
        if twin is None:
            return tree_at(document, text)
        parts = [] if text is not None else self._parts(document.sha256 or "", fingerprint)
        return duplicate_tree(document, fingerprint, text, twin, parts)

    def _parts(self, sha256: str, fingerprint: str) -> list[Tree]:
        """Return the records of the documents in a file that was cut."""
        sql = "SELECT json FROM records WHERE key > ? AND key < ? AND fingerprint = ?"
        rows = self._database.rows(sql, (*keys_of_parts(sha256), fingerprint))
        return [json.loads(text) for (text,) in rows]

    def names(self) -> Iterator[StoredName]:
        """Yield path and hash of every document of the schema, without looking into records."""
        sql = (
            "SELECT display, sha256, duplicate_of IS NOT NULL FROM documents"
            " WHERE schema_name = ? ORDER BY path"
        )
        for path, sha256, is_copy in self._database.rows(sql, (self.schema_name(),)):
            yield StoredName(path, sha256, bool(is_copy))

    def records(self) -> Iterator[Tree]:
        """Yield the record of every path as results.jsonl has it, ordered by path."""
        return (stored.tree for stored in self.documents())

    def failures(self) -> Iterator[Tree]:
        """Yield every failed path: document, stage, reason, message, hint, attempts."""
        for stored in self.documents():
            if stored.tree["status"] == RecordStatus.FAILED:
                yield self.failure(stored)

    def failure(self, stored: StoredDocument) -> Tree:
        """Return why a document failed, by its first error, and how often it was tried."""
        document, errors = stored.tree["document"], stored.tree["errors"]
        first = errors[0] if errors else {}
        names = ("stage", "page", "reason", "message", "hint")
        key = record_key(Document(document["path"], stored.raw_path, document["sha256"]))
        return {
            "document": document,
            **{name: first.get(name) for name in names},
            "attempts": self.num_attempts(key, stored.tree["fingerprint"]),
        }

    def counts(self) -> dict[RecordStatus, int]:
        """Return the number of the schema's paths by the status of their newest record."""
        sql = (
            "SELECT CASE WHEN d.skipped IS NOT NULL OR d.duplicate_of IS NOT NULL"
            " THEN 'skipped' ELSE r.status END AS status, count(*) FROM documents d"
            " LEFT JOIN records r ON r.key = d.key AND r.fingerprint = d.fingerprint"
            " WHERE d.schema_name = ? GROUP BY 1"
        )
        rows = self._database.rows(sql, (self.schema_name(),))
        found = Counter({status: num for status, num in rows if status is not None})
        found += self._news_of_people()
        return {status: found[status] for status in RecordStatus if found[status]}

    def kinds(self) -> list[tuple[str, int]]:
        """Return how many documents of each kind there are, the most first.

        Empty where documents are read with one schema: nothing says of what kind they are then.
        """
        sql = (
            "SELECT json_extract(r.json, '$.kind.name') AS kind, count(*) FROM documents d"
            " JOIN records r ON r.key = d.key AND r.fingerprint = d.fingerprint"
            " WHERE d.schema_name = ? AND d.skipped IS NULL AND d.duplicate_of IS NULL"
            " GROUP BY kind HAVING kind IS NOT NULL ORDER BY 2 DESC, 1"
        )
        rows = self._database.rows(sql, (self.schema_name(),))
        return [(str(kind), int(number)) for kind, number in rows]

    def _news_of_people(self) -> Counter[str]:
        """Return by how much a lens changes the number of records of each status."""
        news: Counter[str] = Counter()
        for stored in self.as_stored(self.lens.documents) if self.lens is not None else ():
            news[stored.tree["status"]] -= 1
            news[self.shown(stored.tree)["status"]] += 1
        return news

    def schema_spec(self, schema: str | None = None) -> str | None:
        """Return what the newest run of a schema was told with ``--schema``, or None.

        Args:
            schema: its name; None for the one that is shown.
        """
        sql = "SELECT json_extract(options, '$.options.schema') FROM runs WHERE schema_name = ?"
        row = self._database.first(
            f"{sql} ORDER BY id DESC LIMIT 1", (schema or self.schema_name(),)
        )
        return None if row is None else row[0]

    def last_run(self) -> Tree | None:
        """Return the newest run: id, started, ended, schema_name, options, summary."""
        columns = "id, started, ended, schema_name, options, summary"
        sql = f"SELECT {columns} FROM runs ORDER BY id DESC LIMIT 1"
        row = self._database.first(sql)
        if row is None:
            return None
        names = ("id", "started", "ended", "schema_name")
        run: Tree = dict(zip(names, row, strict=False))
        with as_written(self.path):
            summary = json.loads(row[5]) if row[5] else None
            return run | {"options": json.loads(row[4]), "summary": summary}

    def holder(self) -> Tree | None:
        """Return pid, host and start of the run that is going on here, or None."""
        return holder(self.path.parent)

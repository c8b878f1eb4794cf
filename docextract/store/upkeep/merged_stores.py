"""Puts the stores of several runs together: shards of one archive, or archives of several machines.

Knows nothing of exports. Merging is idempotent: rows are compared by what they say, so the same
stores may be merged again, in any order, also while a run is adding to one of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from docextract.core import PART, OptionError, RecordStatus, Tree, is_uri
from docextract.store.connection import Database, as_written
from docextract.store.database import FILE_NAME, FOLDER, Store
from docextract.store.stored_records import keys_of_parts

_GATHERED = 1000
"""Rows put on the disk together."""

_MAX_EXAMPLES = 3
_NAMES = (
    "schema_name, path, display, relative, media_type, sha256, key, fingerprint, duplicate_of,"
    " skipped, mail, run_id"
)


@dataclass(slots=True)
class Merged:
    """What came together.

    Attributes:
        num_documents: paths in the merged store, of all schemas.
        num_overlapping: paths that more than one source holds.
        overlapping: some of them, as shown to people.
        missing: shards of the same count that are none of the sources, such as ``2/3``.
        unfinished: sources whose newest run has not come to its end.
        fingerprints: by schema, under how many different ways of reading its documents stand.
    """

    num_documents: int = 0
    num_overlapping: int = 0
    overlapping: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    fingerprints: dict[str, int] = field(default_factory=dict)


class MergedStore(Store):
    """The store that others are merged into; open it as any store."""

    _num_waiting = 0

    @classmethod
    def of(cls, out: Path, sources: Sequence[Path]) -> Self:
        """Open the store of a folder that others are merged into; it is made where there is none.

        Raises:
            OptionError: a source holds no store, or is this one; then nothing is made.
            StoreError: this one cannot be opened.
        """
        _check(out, sources)
        return cls.open(out)

    def take_all(self, sources: Sequence[Path]) -> Merged:
        """Merge the stores of some output folders into this one.

        Of a path or a record that several hold, one that did not fail wins, else the newest
        run's. Paths with equal bytes are one document and its duplicates, as in one run over all.

        Raises:
            StoreError: one cannot be read, or this one not written.
        """
        merged = Merged()
        self._database.write("CREATE TEMP TABLE came (schema_name TEXT, path BLOB, source INTEGER)")
        self._database.write("CREATE UNIQUE INDEX came_once ON came (schema_name, path, source)")
        shards = []
        for number, source in enumerate(sources):
            database = Database.for_reading(source / FOLDER / FILE_NAME)
            try:
                shards.append(self._take(database, number))
                if not _is_finished(database):
                    merged.unfinished.append(str(source))
            finally:
                database.close()
        self._mark_duplicates()
        self._unite_cut()
        self._tell(merged)
        merged.missing = _missing(shards)
        self._database.write("DROP TABLE came")
        self._database.write("DELETE FROM exported")
        self.flush()
        return merged

    def _take(self, source: Database, number: int) -> list[Tree]:
        runs = list(source.rows("SELECT * FROM runs ORDER BY id"))
        ids = self._take_runs(runs)
        self._take_records(source, ids)
        self._take_documents(source, ids, number)
        self._take_attempts(source, ids)
        for row in source.rows("SELECT sha256, number, reading, packed FROM pages"):
            self._add("INSERT OR IGNORE INTO pages VALUES (?, ?, ?, ?)", row)
        for row in source.rows("SELECT sha256, reading, listing FROM containers"):
            self._add("INSERT OR IGNORE INTO containers VALUES (?, ?, ?)", row)
        self.flush()
        with as_written(source.path):
            return [json.loads(run[5]).get("options", {}).get("shard") for run in runs]

    def _take_runs(self, runs: Sequence[tuple[Any, ...]]) -> dict[int, int]:
        """Return by the id of a run there its id here."""
        ids: dict[int, int] = {}
        for number, run in enumerate(runs):
            own, started, ended, schema, fields, options, summary = run
            same = (started, schema, options)
            num_before = sum((it[1], it[3], it[5]) == same for it in runs[:number])
            found = self._database.first(
                "SELECT id FROM runs WHERE started = ? AND schema_name = ? AND options = ?"
                " ORDER BY id LIMIT 1 OFFSET ?",
                (*same, num_before),
            )
            if found is None:
                cursor = self._database.write(
                    "INSERT INTO runs (started, ended, schema_name, fields, options, summary)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (started, ended, schema, fields, options, summary),
                )
                ids[own] = int(cursor.lastrowid or 0)
            else:
                ids[own] = int(found[0])
                sql = "UPDATE runs SET ended = ?, summary = ? WHERE id = ?"
                self._database.write(sql, (ended, summary, ids[own]))
        return ids

    def _take_records(self, source: Database, ids: dict[int, int]) -> None:
        own = "SELECT status, started FROM records JOIN runs ON runs.id = run_id"
        rows = source.rows(
            "SELECT key, fingerprint, status, json, run_id, started FROM records"
            " JOIN runs ON runs.id = run_id"
        )
        for key, fingerprint, status, text, run_id, started in rows:
            there = self._database.first(
                f"{own} WHERE key = ? AND fingerprint = ?", (key, fingerprint)
            )
            if there is None or _rank(status, started) > _rank(*there):
                row = (key, fingerprint, status, text, ids[run_id])
                self._add("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)", row)

    def _take_documents(self, source: Database, ids: dict[int, int], number: int) -> None:
        joined = (
            " coalesce(r.status, 'skipped'), started FROM documents d"
            " JOIN runs ON runs.id = d.run_id"
            " LEFT JOIN records r ON r.key = d.key AND r.fingerprint = d.fingerprint"
        )
        names = ", ".join(f"d.{name.strip()}" for name in _NAMES.split(","))
        for *row, run_id, status, started in source.rows(f"SELECT {names}, {joined}"):
            self._add("INSERT INTO came VALUES (?, ?, ?)", (*row[:2], number))
            there = self._database.first(
                f"SELECT {joined} WHERE d.schema_name = ? AND d.path = ?", row[:2]
            )
            if there is None or _rank(status, started) >= _rank(*there):
                sql = f"INSERT OR REPLACE INTO documents ({_NAMES}) VALUES ({'?, ' * 11}?)"
                self._add(sql, (*row, ids[run_id]))

    def _take_attempts(self, source: Database, ids: dict[int, int]) -> None:
        for own in ids.values():
            self._add("DELETE FROM attempts WHERE run_id = ?", (own,))
        names = "run_id, path, key, fingerprint, status, reason, ended"
        for run_id, *row in source.rows(f"SELECT {names} FROM attempts ORDER BY id"):
            sql = f"INSERT INTO attempts ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)"
            self._add(sql, (ids[run_id], *row))

    def _add(self, sql: str, row: Sequence[Any]) -> None:
        self._database.write(sql, row)
        self._num_waiting += 1
        if self._num_waiting >= _GATHERED:
            self.flush()
            self._num_waiting = 0

    def _mark_duplicates(self) -> None:
        """Let the first of several paths with equal bytes stand for all, as one run would.

        What each shard has tried of the others is not counted, as one run would not try it.
        """
        for schema, key, paths in self._same_bytes():
            first = paths[0][1]
            for number, (path, _) in enumerate(paths):
                twin = first if number else None
                sql = "UPDATE documents SET duplicate_of = ? WHERE schema_name = ? AND path = ?"
                self._add(sql, (twin, schema, path))
                if twin is not None:
                    sql = "DELETE FROM attempts WHERE path = ? AND key = ?"
                    self._add(sql, (path, key))

    def _same_bytes(self) -> Iterator[tuple[str, str, list[tuple[bytes, str]]]]:
        """Yield schema, key and the paths of each group, in the order a run finds them."""
        inputs = self._inputs()
        rows = self._database.rows(
            "SELECT schema_name, key, path, display FROM documents JOIN ("
            " SELECT schema_name, key FROM documents WHERE sha256 != '' AND skipped IS NULL"
            " GROUP BY schema_name, key HAVING count(*) > 1"
            ") USING (schema_name, key) WHERE skipped IS NULL ORDER BY schema_name, key"
        )
        for (schema, key), group in groupby(list(rows), lambda row: row[:2]):
            paths = [(path, display) for _, _, path, display in group]
            yield schema, key, sorted(paths, key=lambda it: _place_in_run(it[0], it[1], inputs))

    def _unite_cut(self) -> None:
        """Let one file that was cut stand for all with its bytes, as one run would.

        The others are whole again, and its duplicates.
        """
        rows = self._database.rows(
            "SELECT schema_name, substr(sha256, 1, 64) AS file FROM documents"
            " WHERE skipped IS NULL AND sha256 != '' GROUP BY schema_name, file"
            " HAVING max(instr(sha256, ?)) > 0"
            " AND count(DISTINCT substr(path, 1, instr(path || x'00', x'00') - 1)) > 1",
            (PART,),
        )
        inputs = self._inputs()
        for schema, sha256 in list(rows):
            files = self._files_of(schema, sha256)
            cut = [path for path, names in files.items() if any(PART in it[2] for it in names)]
            first = min(cut, key=lambda path: _place_in_run(path, files[path][0][1], inputs))
            twin = _without_part(*files[first][0][1:])
            for path, names in files.items():
                if path != first:
                    self._make_whole(schema, sha256, names, twin)

    def _files_of(self, schema: str, sha256: str) -> dict[bytes, list[tuple[bytes, str, str]]]:
        """Return by path the rows of each file that has these bytes, cut or a duplicate."""
        rows = self._database.rows(
            "SELECT path, display, d.sha256 FROM documents d LEFT JOIN records r"
            " ON r.key = d.key AND r.fingerprint = d.fingerprint"
            " WHERE schema_name = ? AND skipped IS NULL AND"
            " (d.sha256 > ? AND d.sha256 < ? OR d.sha256 = ? AND r.key IS NULL) ORDER BY path",
            (schema, *keys_of_parts(sha256), sha256),
        )
        files: dict[bytes, list[tuple[bytes, str, str]]] = {}
        for path, display, own in rows:
            files.setdefault(path.partition(b"\0")[0], []).append((path, display, own))
        return files

    def _make_whole(
        self, schema: str, sha256: str, names: Sequence[tuple[bytes, str, str]], twin: str
    ) -> None:
        """Make one row, a duplicate, of those of a file's parts."""
        kept, display, own = names[0]
        path = kept.partition(b"\0")[0]
        for part, _, key in names[1:]:
            sql = "DELETE FROM documents WHERE schema_name = ? AND path = ?"
            self._add(sql, (schema, part))
            self._add("DELETE FROM attempts WHERE path = ? AND key = ?", (path, key))
        self._add("DELETE FROM attempts WHERE path = ? AND key = ?", (path, own))
        tail = len(display) - len(_without_part(display, own))
        self._add(
            "UPDATE documents SET path = ?, display = ?, duplicate_of = ?, sha256 = ?, key = ?,"
            " relative = substr(relative, 1, length(relative) - ?)"
            " WHERE schema_name = ? AND path = ?",
            (path, _without_part(display, own), twin, sha256, sha256, tail, schema, kept),
        )

    def _inputs(self) -> list[str]:
        """Return what runs were given, each once, in order."""
        rows = self._database.rows("SELECT options FROM runs ORDER BY id")
        with as_written(self._database.path):
            given = (json.loads(row[0]).get("options", {}).get("inputs", []) for row in rows)
            return list(dict.fromkeys(name for names in given for name in names))

    def _tell(self, merged: Merged) -> None:
        sql = "SELECT schema_name, path FROM came GROUP BY 1, 2 HAVING count(*) > 1"
        row = self._database.first(f"SELECT count(*) FROM ({sql})")
        merged.num_overlapping = 0 if row is None else row[0]
        shown = f"SELECT display FROM documents JOIN ({sql}) USING (schema_name, path) LIMIT ?"
        merged.overlapping = [it[0] for it in self._database.rows(shown, (_MAX_EXAMPLES,))]
        row = self._database.first("SELECT count(*) FROM documents")
        merged.num_documents = 0 if row is None else row[0]
        sql = (
            "SELECT schema_name, count(DISTINCT fingerprint) FROM documents GROUP BY 1"
            " HAVING count(DISTINCT fingerprint) > 1"
        )
        merged.fingerprints = dict(self._database.rows(sql))


def _check(out: Path, sources: Sequence[Path]) -> None:
    empty = [str(source) for source in sources if not (source / FOLDER / FILE_NAME).is_file()]
    if empty:
        verb = "holds" if len(empty) == 1 else "hold"
        raise OptionError(f"{', '.join(empty)} {verb} no records", "Give the --out of a run.")
    if any(source.resolve() == out.resolve() for source in sources):
        raise OptionError(f"{out} cannot be merged into itself")


def _rank(status: str, started: str) -> tuple[bool, str]:
    return status != RecordStatus.FAILED, started


def _is_finished(database: Database) -> bool:
    """Whether the newest run came to its end, and nothing cut it short."""
    row = database.first("SELECT ended, summary FROM runs ORDER BY id DESC LIMIT 1")
    if row is None or row[0] is None:
        return False
    with as_written(database.path):
        return not json.loads(row[1] or "{}").get("stopped_by")


def _without_part(display: str, sha256: str) -> str:
    """Return the shown path of a file by that of its part; both end as the part's hash does."""
    return display.removesuffix(sha256[sha256.find(PART) :]) if PART in sha256 else display


def _missing(shards: Sequence[Sequence[Tree | None]]) -> list[str]:
    """Return the shards that are not there, of each number of shards that some are of."""
    there = {(it["index"], it["count"]) for found in shards for it in found if it}
    counts = sorted({count for _, count in there})
    return [
        f"{index}/{count}"
        for count in counts
        for index in range(count)
        if (index, count) not in there
    ]


def _place_in_run(path: bytes, display: str, inputs: Sequence[str]) -> tuple[Any, ...]:
    """Return where a run over all inputs would find a path: files first, folder by folder."""
    is_remote = is_uri(display)
    under = (
        number
        for number, name in enumerate(inputs)
        if display == name or display.startswith(f"{name.rstrip('/')}/")
    )
    parts = (path,) if is_remote else tuple(path.split(b"/"))
    return is_remote, next(under, len(inputs)), parts
